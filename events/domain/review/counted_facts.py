"""What the log tells of a member's year besides points and figures: what a rating counts.

Every fact is counted once, in the year that it belongs to: a discipline in the year of the fault,
whenever it was decided and wherever the member is by then.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from events.definitions.roster import AbsenceReason
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.documents.periods import days_of, year_of
from events.domain.documents.working_days import local_day
from events.domain.organisation import member, unit
from events.domain.organisation.disciplines import Discipline
from events.domain.organisation.member import Reasons
from events.domain.organisation.timelines import Mark, State
from events.domain.rulebook import conditions
from events.domain.rulebook.rulebook import Figure, Rulebook
from events.domain.rulebook.variables import COUNTED
from events.identifiers import UnitId

SICK = AbsenceReason.SICK
LIGHTEST = "reprimand"  # of all grades of discipline (khiển trách); the next is the warning
TOLD = frozenset(("heads_unit",))  # figures that the log tells by itself
BY_REASON = frozenset(("days_sick",))  # what is counted by the reason of an absence
QUARTERLY = frozenset(("quarters_failed", "quarters_failed_running"))


def counts_needed(rulebook: Rulebook, group: str) -> frozenset[str]:
    """Return what an edition looks at, of all that can be counted, for a group of subjects."""
    clauses = (*rulebook.rules_for(group), *rulebook.limits_for(group))
    seen = {name for each in clauses for name in conditions.variables(each.when)}
    return frozenset(seen & COUNTED.keys())


def figures_to_type(rulebook: Rulebook, group: str) -> tuple[Figure, ...]:
    """Return the figures that somebody has to type: all of an edition that the log tells not."""
    return tuple(each for each in rulebook.figures_for(group) if each.id not in TOLD)


def figures(
    rulebook: Rulebook, group: str, typed: Mapping[str, int], *, heads: bool
) -> dict[str, int]:
    """Return the figures of a member: those typed, and those that the log tells.

    Raises:
        CommandRejected: one is typed otherwise than the log tells it.
    """
    told = {each.id: int(heads) for each in rulebook.figures_for(group) if each.id in TOLD}
    for name, number in told.items():
        if typed.get(name, number) != number:
            raise CommandRejected(Rejection.LOG_TELLS, figure=name, number=number)
    return {**typed, **told}


def units_headed(
    roster: State, posts: Iterable[str], period: str, today: date
) -> tuple[UnitId, ...]:
    """Return the units in which somebody held some posts for half of a period so far, or longer.

    So nobody escapes by leaving the post before the rating, and nobody answers for what others did.
    """
    first, last = days_of(period)
    last = min(last, today)
    held: dict[str, set[int]] = {}  # by unit, of which days
    for unit_id, since, until in member.spells(roster, posts):
        begin, end = max(local_day(since), first), last + timedelta(days=1)
        end = min(local_day(until), end) if until else end  # that day is another's
        held.setdefault(unit_id, set()).update(range(begin.toordinal(), end.toordinal()))
    half = ((last - first).days + 1) / 2
    return tuple(UnitId(each) for each in sorted(held) if 0 < half <= len(held[each]))


def disciplines(roster: State, period: str) -> tuple[Discipline, ...]:
    """Return the disciplines of a member that are counted in a year, by decision."""
    return _of_year(member.view(roster).disciplines, period)


def counts_of_member(
    rulebook: Rulebook,
    group: str,
    roster: State,
    period: str,
    *,
    today: date,
    reasons: Reasons,
    quarters_failed: Sequence[bool] = (),
    unit_level: int = 0,
) -> dict[str, int]:
    """Return how often each thing happened that an edition looks at; what did not is left out.

    Args:
        rulebook: whose conditions say what is looked at.
        group: of subjects.
        roster: all that was ever told of the member.
        period: the year under review.
        today: an absence that still goes on is counted up to it.
        reasons: of the absences, opened.
        quarters_failed: of each quarter, in their order; one that was not rated did not fail.
        unit_level: of the unit that the member headed, counted from 1 for the best; 0 for none.
    """
    found, away = disciplines(roster, period), _absence_days(roster, period, today)
    told = {
        "disciplines": len(found),
        "disciplines_self_detected": sum(each.self_detected for each in found),
        "days_absent": sum(days for _, days in away),
        "days_sick": sum(days for reason, days in away if reasons.get(reason) == SICK),
        "state_level": _state_level(rulebook, roster, str(year_of(period))),
        "quarters_failed": sum(quarters_failed),
        "quarters_failed_running": longest_run(quarters_failed),
        "unit_level": unit_level,
    }
    wanted = counts_needed(rulebook, group)
    return {name: count for name, count in told.items() if count and name in wanted}


def counts_erased(
    rulebook: Rulebook,
    group: str,
    roster: State,
    period: str,
    *,
    today: date,
    erased: Collection[str],
) -> frozenset[str]:
    """Return which counts of a member's year rest on words of which some were erased."""
    away = _absence_days(roster, period, today)
    wanted = counts_needed(rulebook, group) & BY_REASON
    return wanted if any(reason in erased for reason, _ in away) else frozenset()


def counts_of_collective(
    rulebook: Rulebook,
    group: str,
    own: State,
    period: str,
    *,
    leaders: Sequence[State],
    below: Sequence[State],
) -> dict[str, int]:
    """Return what `counts_of_member` does, for a unit; its discipline counts in the year it is of.

    Args:
        rulebook: whose conditions say what is looked at.
        group: of subjects, that of units.
        period: the year under review.
        own: all that was ever told of the unit.
        leaders: likewise of each who leads it.
        below: likewise of each unit directly below it.
    """
    found = unit_disciplines(own, period)
    of_leaders = [disciplines(each, period) for each in leaders]
    told = {
        "disciplines": len(found),
        "disciplines_self_detected": sum(each.self_detected for each in found),
        "leaders_disciplined": sum(map(bool, of_leaders)),
        "leaders_warned": sum(any(e.grade != LIGHTEST for e in each) for each in of_leaders),
        "units_below": len(below),
        "units_below_disciplined": sum(bool(unit_disciplines(each, period)) for each in below),
    }
    wanted = counts_needed(rulebook, group)
    return {name: count for name, count in told.items() if count and name in wanted}


def unit_disciplines(roster: State, period: str) -> tuple[Discipline, ...]:
    """Return the disciplines of a unit that are counted in a year, by decision."""
    return _of_year(unit.view(roster).disciplines, period)


def _of_year(found: Sequence[Discipline], period: str) -> tuple[Discipline, ...]:
    year = str(year_of(period))
    return tuple(each for each in found if each.period[:4] == year)


def _absence_days(roster: State, period: str, today: date) -> tuple[tuple[str, int], ...]:
    """Return the absences that touch a year: the sealed reason, and how many of its days."""
    return tuple(_days_in(member.absences(roster), year_of(period), today))


def _days_in(marks: Sequence[Mark], year: int, today: date) -> Iterator[tuple[str, int]]:
    first, last = date(year, 1, 1), date(year, 12, 31)
    for number, mark in enumerate(marks):
        if mark.value is None:
            continue
        end = local_day(marks[number + 1].since) if number + 1 < len(marks) else None
        until = end - timedelta(days=1) if end else today
        days = (min(until, last) - max(local_day(mark.since), first)).days + 1
        if days > 0:
            yield mark.value, days


def _state_level(rulebook: Rulebook, roster: State, year: str) -> int:
    """Return which level the state side gave, counted from 1 for the best; 0 for none known."""
    given = member.view(roster).state_ratings.get(year, "")
    known = [each.id for each in rulebook.levels]
    return known.index(given) + 1 if given in known else 0


def longest_run(flags: Sequence[bool]) -> int:
    """Return how many stand in a row at most, of those that are true."""
    longest = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return longest
