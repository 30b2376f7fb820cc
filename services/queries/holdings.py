"""Everything held about a member, with the words opened: one file for the person themselves.

It holds the facts of their own streams and of their years, their account, their drafts, and what
they wrote about their peers. Words of others are opened as the person may see them; their authors
stay unknown. Who may ask, and whether it is told, is the caller's to see to.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from events.definitions.entry import Recorded
from events.definitions.review import ReviewOpened
from events.domain.documents.periods import is_period
from events.domain.organisation import member
from events.identifiers import (
    MemberId,
    Stream,
    UnitId,
    erasure_stream,
    escalation_stream,
    member_stream,
    plan_stream,
    reading_stream,
    review_stream,
    unit_stream,
)
from services.access import accounts
from services.access.words import open_all, pseudonym_under
from services.context import Context
from services.read_models import cycle_lists
from services.safekeeping import drafts


class HeldFact(msgspec.Struct, frozen=True, kw_only=True):
    """One fact, as it is stored, but with its words opened."""

    stream: str
    version: int
    time: str
    type: str
    by: str  # who appended it, by our ids
    data: dict[str, Any]  # words in the place of their commitments; null where they were erased


class Criticism(msgspec.Struct, frozen=True, kw_only=True):
    """What the member wrote about somebody else, who does not learn that it was them."""

    period: str
    about: str  # our id of whom
    text: str


class Holdings(msgspec.Struct, frozen=True, kw_only=True):
    """What is held about a member."""

    member_id: MemberId
    account: accounts.Account | None
    drafts: dict[str, dict[str, str]]  # what they typed and did not send, by our names of forms
    criticisms: tuple[Criticism, ...]  # by them
    facts: tuple[HeldFact, ...]  # about them, stream by stream, in their order


def holdings_of(context: Context, member_id: MemberId) -> Holdings:
    """Return everything held about a member."""
    told = [
        each
        for stream in _streams(context, member_id)
        for each in context.store.read_stream(stream).events
    ]
    data = [msgspec.json.decode(each.entry.data) for each in told]
    opened = open_all(context, [c for each in data for c in _commitments_in(each)]).words
    words = {commitment: word.text for commitment, word in opened.items()}
    account = accounts.find_member(context.store.database, member_id)
    typed = drafts.of_author(context, account.id) if account else {}
    return Holdings(
        member_id=member_id,
        account=account,
        drafts={form: draft.fields for form, draft in typed.items()},
        criticisms=tuple(_criticisms_by(context, member_id)),
        facts=tuple(
            _fact(each, _with_words(held, words)) for each, held in zip(told, data, strict=True)
        ),
    )


def commitments_by_period(context: Context, member_id: MemberId) -> dict[str, tuple[str, ...]]:
    """Return to which words facts of a member's years commit, by period."""
    return {
        period: tuple(
            dict.fromkeys(
                commitment
                for stream in _streams_of_year(period, member_id)
                for each in context.store.read_stream(stream).events
                for commitment in _commitments_in(msgspec.json.decode(each.entry.data))
            )
        )
        for period in _periods(context, member_id)
    }


def owner_of(opened: ReviewOpened) -> Stream:
    """Return the stream of whose key seals the words of a review."""
    about = opened.member_id
    return unit_stream(UnitId(about)) if opened.collective else member_stream(about)


def _criticisms_by(context: Context, member_id: MemberId) -> Iterator[Criticism]:
    """Iterate over what a member wrote about others in the units that they ever belonged to."""
    told = member.fold(context.store.read_stream(member_stream(member_id)).events)
    units = [UnitId(mark.value) for mark in told.timelines.get("unit", ()) if mark.value]
    for state in cycle_lists.reviews_in(context.store.database, units):
        if state.opened is None:
            continue
        about = state.opened.fact
        pair = (owner_of(about), about.period)
        key = context.keys.keys([pair]).get(pair)
        mine = pseudonym_under(key, member_id) if key else None
        texts = [e.fact.text.sealed for e in state.criticisms if e.fact.author == mine]
        for word in open_all(context, texts).words.values() if texts else ():
            yield Criticism(period=about.period, about=about.member_id, text=word.text)


def _fact(recorded: Recorded, data: dict[str, Any]) -> HeldFact:
    entry = recorded.entry
    return HeldFact(
        stream=entry.stream,
        version=entry.streamversion,
        time=entry.time.isoformat(),
        type=entry.type,
        by=entry.principal,
        data=data,
    )


def _streams(context: Context, member_id: MemberId) -> Iterator[Stream]:
    """Iterate over the streams that are about a member."""
    yield member_stream(member_id)
    for period in _periods(context, member_id):
        yield from _streams_of_year(period, member_id)
    for cause in cycle_lists.escalations_about(context.store.database, member_id):
        yield escalation_stream(cause)
    yield erasure_stream(member_stream(member_id))


def _streams_of_year(period: str, member_id: MemberId) -> tuple[Stream, ...]:
    return (
        review_stream(period, member_id),
        plan_stream(period, member_id),
        reading_stream(period, member_id),
    )


def _periods(context: Context, member_id: MemberId) -> list[str]:
    sealed = filter(is_period, context.keys.scopes(member_stream(member_id)))
    return sorted({*cycle_lists.periods(context.store.database, member_id), *sealed})


def _commitments_in(value: Any) -> Iterator[str]:
    """Iterate over the commitments in stored data, however deep they stand."""
    match value:
        case {"sealed": str(commitment)} if len(value) == 1:
            yield commitment
        case dict():
            for each in value.values():
                yield from _commitments_in(each)
        case list():
            for each in value:
                yield from _commitments_in(each)


def _with_words(value: Any, words: dict[str, str]) -> Any:
    """Return stored data with words in the place of their commitments."""
    match value:
        case {"sealed": str(commitment)} if len(value) == 1:
            return words.get(commitment)
        case dict():
            return {name: _with_words(each, words) for name, each in value.items()}
        case list():
            return [_with_words(each, words) for each in value]
        case _:
            return value


def encode(holdings: Holdings) -> bytes:
    """Return the file: JSON that people can read too, for it has a line for each thing."""
    return msgspec.json.format(msgspec.json.encode(holdings), indent=2)
