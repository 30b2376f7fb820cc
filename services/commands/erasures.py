"""Erase what is held about somebody: destroy the keys, delete what stands beside them, say so.

The order is told before anything is destroyed, so what breaks off in the middle is carried on by
the reaction of the same name. Carried out twice is the same as once.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from types import ModuleType
from typing import NamedTuple

from events.definitions.deadline import Excuse
from events.definitions.entry import Entry, Recorded
from events.definitions.erasure import ErasureDone, ErasureGround, ErasureOrdered
from events.definitions.event import FactVersion, Subject
from events.definitions.records import Label, Period
from events.definitions.roster import FactCorrected
from events.domain.aggregate.rejections import CommandRejected
from events.domain.documents.periods import is_period, quarters_of, year_of
from events.domain.documents.working_days import local_day
from events.domain.organisation import member, presence, unit
from events.domain.organisation.disciplines import Discipline
from events.domain.organisation.timelines import EMPTY
from events.domain.review import erasing, review
from events.identifiers import (
    MemberId,
    Stream,
    derived_event_id,
    erasure_stream,
    review_stream,
)
from events.store import reference
from events.store.batch import Appended
from events.vault.sealing import IDENTITY
from services.access import accounts
from services.commands.executor import attempt, new_event
from services.context import Context
from services.queries import holdings, year_counts
from services.read_models import cycle_lists
from services.safekeeping import drafts

SOURCE = "/erasures"
NAME = "erasures"  # of the reaction that carries on
EVERYTHING = Label("everything")


def erase(
    context: Context, owner: Stream, scope: str, ground: ErasureGround, *, principal: str
) -> int:
    """Order an erasure, carry it out, and return how many keys were destroyed.

    The owner is the stream of whom it is about; the scope a period, "identity" or "everything".

    Raises:
        CommandRejected: a rating is being given, or a discipline is not counted yet.
    """
    return carry_out(context, order(context, owner, scope, ground, principal=principal))


class Order(NamedTuple):
    """An order to erase, as it was told."""

    entry: Entry
    told: ErasureOrdered


def order(
    context: Context, owner: Stream, scope: str, ground: ErasureGround, *, principal: str
) -> Order:
    """Return the order to erase, which is told now, or was told before and is not carried out.

    Raises:
        CommandRejected: a rating is being given, or a discipline is not counted yet.
    """
    stream = erasure_stream(owner)
    told = ErasureOrdered(owner=Label(owner), scope=Label(scope), ground=ground)

    def once() -> None:
        history = context.store.read_stream(stream)
        if any(each.told.scope == scope for each in orders_left(history.events)):
            return
        guards = _require_closed(context, owner, scope, ground)
        new = new_event(context, told, source=SOURCE, principal=principal)
        context.store.append(
            {stream: Appended(history.version, (new,))}
            | {each: Appended(version) for each, version in guards.items()}
        )

    attempt(once)
    orders = _orders(context.store.read_stream(stream).events)
    return [each for each in orders if each.told.scope == scope][-1]


def carry_out(context: Context, order: Order) -> int:
    """Destroy the keys that an order names, delete what stands beside them, and say so.

    Returns how many keys were destroyed.
    """
    owner, scopes = Stream(order.told.owner), scopes_of(order.told.scope)
    destroyed = sum(context.keys.destroy(owner, scope) for scope in scopes)
    _delete(context, owner, scopes)

    def once() -> None:
        stream = erasure_stream(owner)
        history = context.store.read_stream(stream)
        if order not in orders_left(history.events):
            return
        version = order.entry.streamversion
        done = ErasureDone(owner=order.told.owner, order_version=version, keys=destroyed)
        done_id = derived_event_id(NAME, order.entry.id, "done")
        by = order.entry.principal
        new = new_event(context, done, source=SOURCE, principal=by, event_id=done_id)
        appended = {stream: Appended(history.version, (new,))}
        context.store.append(appended | _taken_back(context, order, scopes))

    attempt(once)
    return destroyed


def _taken_back(
    context: Context, order: Order, scopes: Sequence[str | None]
) -> dict[Stream, Appended]:
    """Return what takes back what may not wait any more of a member whom nobody can name."""
    owner = Stream(order.told.owner)
    if {None, IDENTITY}.isdisjoint(scopes) or not owner.startswith("member-"):
        return {}
    history = context.store.read_stream(owner)
    versions = erasing.taken_back(member.fold(history.events), everything=None in scopes)
    new = tuple(
        new_event(
            context,
            FactCorrected(subject=Subject(owner), corrects=FactVersion(version)),
            source=SOURCE,
            principal=order.entry.principal,
            event_id=derived_event_id(NAME, order.entry.id, f"takes back {version}"),
        )
        for version in versions
    )
    return {owner: Appended(history.version, new)} if new else {}


def erase_again(context: Context) -> int:
    """Carry out every order once more, for keys that an old key store brought back.

    Returns how many keys were destroyed.
    """
    pages = context.store.facts_of(ErasureOrdered.definition.type)
    return sum(carry_out(context, each) for page in pages for each in _orders(page))


def erase_expired(context: Context, *, principal: str, limit: int) -> int:
    """Erase the words of years that their editions keep no longer; return how many years.

    A year that is looked at again waits until that is over.
    """
    done, today = 0, local_day(context.clock.now())
    for period in cycle_lists.every_period(context.store.database):
        if year_of(period) + 1 >= today.year:  # an edition keeps words for a year at least
            continue
        for owner in _owners_to_erase(context, Period(period), today.year):
            if done == limit:
                return done
            with suppress(CommandRejected):
                erase(context, owner, period, ErasureGround.RETENTION, principal=principal)
                done += 1
    return done


def _owners_to_erase(context: Context, period: Period, this_year: int) -> Iterator[Stream]:
    """Iterate over whose words of a period are still there, though their edition keeps none."""
    database = context.store.database
    for opened in cycle_lists.openings(database, period):
        kept = reference.rulebook_of(database, opened.rulebook).retention
        owner = holdings.owner_of(opened)
        if (
            kept
            and year_of(period) + kept.years < this_year
            and context.keys.keys([(owner, period)])
        ):
            yield owner


def orders_left(history: Sequence[Recorded]) -> tuple[Order, ...]:
    """Return the orders of a stream that were not carried out."""
    done = {e.event.order_version for e in history if isinstance(e.event, ErasureDone)}
    return tuple(each for each in _orders(history) if each.entry.streamversion not in done)


def _orders(history: Sequence[Recorded]) -> list[Order]:
    return [Order(e.entry, e.event) for e in history if isinstance(e.event, ErasureOrdered)]


def scopes_of(scope: str) -> tuple[str | None, ...]:
    """Return under which keys lies what an order names; None stands for all of them.

    >>> scopes_of("2026")
    ('2026', '2026-q1', '2026-q2', '2026-q3')
    """
    if scope == EVERYTHING:
        return (None,)
    return (scope, *quarters_of(scope)) if is_period(scope) else (scope,)


def _require_closed(
    context: Context, owner: Stream, scope: str, ground: ErasureGround
) -> dict[Stream, int]:
    """Return the streams that must not move until the order is told, with their versions."""
    history = context.store.read_stream(owner)
    guards = {owner: history.version} if history.version else {}
    kind, _, owner_id = owner.partition("-")
    law, this_year = member if kind == "member" else unit, local_day(context.clock.now()).year
    holds = law.fold(history.events).with_due(context.clock.now())
    by_now = law.view(holds)
    told = [
        each
        for each, told_at in _disciplines(history.events, law)
        if local_day(told_at).year + 1 >= this_year
    ]
    gone = presence.of_member(by_now, (), {}) if kind == "member" else presence.of_unit(holds)
    may_go = gone in {Excuse.LEFT, Excuse.EXEMPT} or ground is ErasureGround.RETENTION
    waits = not may_go and scope != IDENTITY  # without which a year still goes on
    for period in _periods(context, owner, scope, (each.period[:4] for each in told)):
        stream = review_stream(period, owner_id)
        of_year = [each for each in told if each.period[:4] == period]
        version = _require_closed_year(context, stream, of_year, by_now.disciplines, waits=waits)
        if version:
            guards[stream] = version
    return guards


def _require_closed_year(
    context: Context,
    stream: Stream,
    told: Sequence[Discipline],
    holding: Sequence[Discipline],
    *,
    waits: bool,
) -> int:
    """Return the version of a review by which its year is closed."""
    store = context.store
    history = store.read_stream(stream)
    state = review.fold(history.events)
    left = {each.decision for each in told if each in holding}
    if state.opened and state.decision and state.proposal:
        since = year_counts.disciplines_since(
            store,
            lambda each: store.read_stream(each).events,
            state.opened.fact,
            state.proposal.version,
        )
        left = {each.decision for each in told}.intersection((*since.late, *since.lifted))
    erasing.require_closed(state, left, waits=waits)
    return history.version


def _disciplines(
    history: Sequence[Recorded], law: ModuleType
) -> Iterator[tuple[Discipline, datetime]]:
    """Iterate over all disciplines, lifted ones too, each with when it was last told of.

    That may be years after they took effect, and only then can anybody count them.
    """
    state, holding = EMPTY, dict[str, Discipline]()
    told = dict[str, tuple[Discipline, datetime]]()
    for recorded in history:
        before, state = holding, law.evolve(state, recorded)
        holding = {each.decision: each for each in law.view(state).disciplines}
        for decision, each in (before | holding).items():
            if before.get(decision) != holding.get(decision):
                told[decision] = each, recorded.entry.recordedat
    yield from told.values()


def _periods(context: Context, owner: Stream, scope: str, years: Iterable[str]) -> Iterator[Period]:
    """Iterate over the periods that an erasure touches."""
    if is_period(scope):
        yield from map(Period, (scope, *quarters_of(scope)))
        return
    yield from map(Period, sorted({*holdings.periods_of(context, owner), *years}))


def _delete(context: Context, owner: Stream, scopes: Sequence[str | None]) -> None:
    """Delete what stands in the database beside sealed words: drafts, numbers and accounts."""
    kind, _, owner_id = owner.partition("-")
    database = context.store.database
    drafts.erase(context, owner, scopes)
    if kind == "member" and not {None, IDENTITY}.isdisjoint(scopes):  # a unit's number is no secret
        context.store.forget_numbers(owner_id)
        if account_id := accounts.erase_member(context, MemberId(owner_id)):
            drafts.erase_of_author(context, account_id)
    database.scrub()
