"""Everything held about a member, with the words opened: for the person themselves.

It holds the facts of their own streams and of their years, the files that they handed in, and
their account. What they wrote about others and what they have not sent stand only in what they
take themselves: an operator would learn from it whom they criticised, and in which words. It is
read from the log and not from what workers reached. Words of others are opened as the person may
see them; their authors stay unknown. Who may ask, and that it is told, is the caller's to see to.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from events.definitions.deadline import DeadlineMissed
from events.definitions.entry import Recorded
from events.definitions.plan import EvidenceHandedIn
from events.definitions.reading import TextOpened
from events.definitions.records import FileCommitment
from events.definitions.review import CriticismGiven, ReviewOpened
from events.domain.documents.periods import is_period, quarters_of
from events.domain.documents.working_days import local_day
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
from events.replay.words import commitments_of
from services.access import accounts
from services.access.account_rows import Account
from services.access.words import open_all, pseudonym_under
from services.context import Context
from services.read_models import cycle_lists
from services.safekeeping import drafts, evidence

FILES_BYTES_MAX = 512 * 1024 * 1024  # of all files in one export; the plan's page gives the others

LEFT_OUT = {
    "criticisms": (
        "What the member wrote about others: the operator would learn whom they criticised, and "
        "in which words. The member takes it along on the page /my/data."
    ),
    "drafts": "What the member typed and did not send: nobody else reads it. It is on /my/data.",
}


class HeldFact(msgspec.Struct, frozen=True, kw_only=True):
    """One fact, as it is stored, but with its words opened."""

    stream: str
    version: int
    time: str  # of who read what the day alone, as wherever else the person is told of it
    type: str
    by: str  # who appended it, by our ids
    data: dict[str, Any]  # words in the place of their commitments; null where they were erased


class HeldFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was handed in for a milestone."""

    file: str  # the commitment, by which facts name it
    path: str | None  # where it lies beside the facts; null where it was erased, or is too much
    size: int  # bytes


class Criticism(msgspec.Struct, frozen=True, kw_only=True):
    """What the member wrote about somebody else, who does not learn that it was them."""

    period: str
    about: str  # our id of whom
    text: str


class Holdings(msgspec.Struct, frozen=True, kw_only=True):
    """What is held about a member."""

    member_id: MemberId
    made_at: datetime  # all that the log held by then is here
    left_out: dict[str, str]  # what is not here although it is held, and why
    account: Account | None
    drafts: dict[str, dict[str, str]]  # what they typed and did not send, by our names of forms
    criticisms: tuple[Criticism, ...]  # by them
    files: tuple[HeldFile, ...]
    facts: tuple[HeldFact, ...]  # about them, stream by stream, in their order


def holdings_of(context: Context, member_id: MemberId, *, own: bool) -> Holdings:
    """Return everything held about a member; `own` says that they themselves take it along."""
    made_at = context.clock.now()
    told = [
        each for stream in streams_of(context, member_id) for each in context.store.events(stream)
    ]
    data = [msgspec.json.decode(each.entry.data) for each in told]
    opened = open_all(context, [c for each in data for c in commitments_of(each)]).words
    words = {commitment: word.text for commitment, word in opened.items()}
    account = accounts.find_member(context, member_id)
    typed = drafts.of_author(context, account.id) if account and own else {}
    return Holdings(
        member_id=member_id,
        made_at=made_at,
        left_out={} if own else LEFT_OUT,
        account=account,
        drafts={form: draft.fields for form, draft in typed.items()},
        criticisms=tuple(_criticisms_by(context, member_id)) if own else (),
        files=tuple(_files(told, words)),
        facts=tuple(
            _fact(each, _with_words(held, words)) for each, held in zip(told, data, strict=True)
        ),
    )


def commitments_by_period(context: Context, member_id: MemberId) -> dict[str, tuple[str, ...]]:
    """Return to which words facts about a member commit, by period; those of none by this year."""
    this_year = str(local_day(context.clock.now()).year)
    found: dict[str, dict[str, None]] = {}
    periods = periods_of(context, member_stream(member_id))
    of_years = {s: p for p in periods for s in _streams_of(p, member_id)}
    for stream in streams_of(context, member_id):
        texts = found.setdefault(of_years.get(stream, this_year), {})
        for each in context.store.events(stream):
            texts.update(dict.fromkeys(commitments_of(each.event)))
            texts.update(dict.fromkeys(file.file for file in _handed_in(each)))
    return {period: tuple(texts) for period, texts in found.items() if texts}


def owner_of(opened: ReviewOpened) -> Stream:
    """Return the stream of whose key seals the words of a review."""
    about = opened.member_id
    return unit_stream(UnitId(about)) if opened.collective else member_stream(about)


def streams_of(context: Context, member_id: MemberId) -> Iterator[Stream]:
    """Iterate over the streams that are about a member, as the log has them now."""
    yield member_stream(member_id)
    for period in periods_of(context, member_stream(member_id)):
        streams = _streams_of(period, member_id)
        yield from streams
        causes = (e.entry.id for s in streams for e in context.store.events(s) if _is_miss(e))
        yield from _existing(context, map(escalation_stream, causes))
    yield erasure_stream(member_stream(member_id))


def periods_of(context: Context, owner: Stream) -> list[str]:
    """Return the periods in which the log has something of a member or unit, or keys seal it.

    Years before they were known are asked of the projection.
    """
    about = MemberId(owner.partition("-")[2])
    known = context.store.events(owner)
    now = local_day(context.clock.now()).year
    first = min((local_day(each.entry.time).year for each in known), default=now)
    years = map(str, range(first - 1, now + 2))
    periods = [each for year in years for each in (year, *quarters_of(year))]
    streams = {s: p for p in periods for s in _streams_of(p, about)}
    told = {streams[each] for each in _existing(context, streams)}
    sealed = filter(is_period, context.keys.scopes(owner))
    return sorted({*told, *sealed, *cycle_lists.periods(context.store.database, about)})


def _criticisms_by(context: Context, member_id: MemberId) -> Iterator[Criticism]:
    """Iterate over what a member wrote about others, by whatever right, here or elsewhere."""
    for page in context.store.facts_of(CriticismGiven.definition.type):
        given = [each.event for each in page if isinstance(each.event, CriticismGiven)]
        keys = context.keys.keys([pair for each in given for pair in _pairs(each)])
        under = [(each, keys[pair]) for each in given for pair in _pairs(each) if pair in keys]
        mine = [
            each
            for each, key in under
            if each.author == pseudonym_under(key, member_id, each.criticism_id)
        ]
        words = open_all(context, [each.text.sealed for each in mine]).words if mine else {}
        for each in mine:
            if word := words.get(each.text.sealed):
                yield Criticism(period=each.period, about=each.member_id, text=word.text)


def _pairs(given: CriticismGiven) -> tuple[tuple[str, str], ...]:
    """Return under which keys an author may stand: of a member, or of a unit as a collective."""
    about, period = given.member_id, given.period
    return (member_stream(about), period), (unit_stream(UnitId(about)), period)


def _files(told: Iterable[Recorded], words: dict[str, str]) -> Iterator[HeldFile]:
    """Iterate over the files that facts name, up to a bound with where they lie."""
    size = 0
    for each in told:
        for file in _handed_in(each):
            name = words.get(file.name.sealed)
            fits = size + file.size <= FILES_BYTES_MAX
            size += file.size if name and fits else 0
            path = f"files/{file.file}/{evidence.clean_name(name)}" if name and fits else None
            yield HeldFile(file=file.file, path=path, size=file.size)


def _fact(recorded: Recorded, data: dict[str, Any]) -> HeldFact:
    entry, read = recorded.entry, isinstance(recorded.event, TextOpened)
    return HeldFact(
        stream=entry.stream,
        version=entry.streamversion,
        time=str(local_day(entry.time) if read else entry.time.isoformat()),
        type=entry.type,
        by=entry.principal,
        data=data,
    )


def _existing(context: Context, streams: Iterable[Stream]) -> list[Stream]:
    """Return those of some streams that hold a fact, in their order."""
    versions = context.store.versions(streams)
    return [stream for stream, version in versions.items() if version]


def _streams_of(period: str, member_id: MemberId) -> tuple[Stream, ...]:
    return (
        review_stream(period, member_id),
        plan_stream(period, member_id),
        reading_stream(period, member_id),
    )


def _handed_in(recorded: Recorded) -> tuple[FileCommitment, ...]:
    return recorded.event.files if isinstance(recorded.event, EvidenceHandedIn) else ()


def _is_miss(recorded: Recorded) -> bool:
    return isinstance(recorded.event, DeadlineMissed)


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
    """Return the facts as JSON that people can read too, for it has a line for each thing."""
    return msgspec.json.format(msgspec.json.encode(holdings), indent=2)
