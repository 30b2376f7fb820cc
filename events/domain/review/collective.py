"""The review of a unit as a collective: which units have one, and who answers for it.

From its opening on, a collective goes the way of every review: those who lead the unit write in
its name, and the units above it propose and decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from msgspec import UNSET

from events.definitions.event import Code
from events.definitions.records import Hand, Period
from events.definitions.review import ReviewOpened
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.documents.working_days import local_day, months_after
from events.domain.review.opening import appraisals_of, dues_of, review_day, steps_of
from events.domain.review.state import State
from events.domain.rulebook.terms import Collectives, Why
from events.domain.year.competence import rated_by
from events.domain.year.rules import Rules
from events.identifiers import MemberId, UnitId

PATH_LEAST = 2  # the unit itself, and one above it to decide


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCollective:
    """Begin a unit's year."""

    period: Period
    unit_id: UnitId
    path: tuple[UnitId, ...]  # from the unit itself up to the one that decides
    kinds: tuple[str, ...]  # of the units of the path
    leaders: tuple[Hand, ...] = ()
    below: tuple[UnitId, ...] = ()  # directly
    formed_at: datetime | None = None


def open_collective(
    state: State, command: OpenCollective, rules: Rules, *, now: datetime
) -> ReviewOpened:
    """Return the opening of a unit's review, with those who lead it on that day.

    A unit without anybody who leads it has a review all the same: it is late until it has, and
    that climbs the ladder.
    """
    if state.opened:
        raise CommandRejected(Rejection.REVIEW_OPEN)
    terms = _terms(command, rules)
    new = _is_new(command, terms, review_day(command.period, rules, now))
    steps = steps_of(rules, rated=not new)
    return ReviewOpened(
        period=command.period,
        member_id=MemberId(command.unit_id),
        path=command.path,
        rated_by=rated_by(
            command.path,
            command.kinds,
            rules.rulebook.competence_for(terms.group),
            collective=True,
        ),
        rulebook=rules.source.rulebook,
        calendar=rules.source.calendar,
        dues=dues_of(steps, command.period, rules, now),
        steps=steps,
        appraisals=appraisals_of(rules, steps),
        places=(command.unit_id,) if rules.rulebook.meetings else (),
        group=Code(terms.group),
        unrated=Code(Why.NEW) if new else UNSET,
        collective=True,
        leaders=by_office(command.leaders, rules.rulebook.offices),
        below=command.below,
    )


def by_office(leaders: Sequence[Hand], offices: Sequence[str]) -> tuple[Hand, ...]:
    """Return who holds an office, the first office first; other posts are left out."""
    held = (each for each in leaders if each.post in offices)
    return tuple(sorted(held, key=lambda each: (offices.index(each.post), each.member_id)))


def _terms(command: OpenCollective, rules: Rules) -> Collectives:
    """Return by which terms a unit is reviewed. Raises CommandRejected where it is not."""
    terms = rules.rulebook.collectives
    kinds = terms.unit_kinds if terms else ()
    if terms is None or (kinds and command.kinds[0] not in kinds):
        raise CommandRejected(Rejection.UNITS_NOT_REVIEWED)
    if len(command.path) < PATH_LEAST:
        raise CommandRejected(Rejection.OPENED_ABOVE)
    return terms


def _is_new(command: OpenCollective, terms: Collectives, day: date) -> bool:
    if terms.new_months is None or command.formed_at is None:
        return False
    return day < months_after(local_day(command.formed_at), terms.new_months)
