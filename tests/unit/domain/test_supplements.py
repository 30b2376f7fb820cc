"""A newer edition of the calendar moves deadlines that run: to a later day, or not at all."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import msgspec

from events.definitions.cycle import DocumentKind, DocumentPublished
from events.definitions.deadline import CalendarSupplemented, DeadlineMissed, DeadlineMoved
from events.definitions.event import Code, Sealed, Subject
from events.definitions.records import Digest, Due, Label, Source
from events.definitions.reopening import ReviewVoided
from events.domain.documents.document import Bilingual
from events.domain.documents.working_days import Holiday, local_day
from events.domain.escalation import escalation
from events.domain.plan import plan
from events.domain.review import review
from events.domain.steps import Step
from events.domain.verification.law import wrong_by_law
from events.domain.verification.told import Told
from events.domain.year.rules import Rules
from events.domain.year.supplements import Waits, supplement
from events.identifiers import plan_stream, review_stream
from tests.support import plan_facts, rating_facts, review_facts
from tests.support.law import LEADERS_HAND, MEMBER, PERIOD, RULES, at, records

SUBJECT = Subject(review_stream(PERIOD, MEMBER))
TODAY = at(25, 1, year=2027)
NEWER = Digest("cb" * 32)


def newer(*off: date, worked: tuple[date, ...] = ()) -> Rules:
    """Return the rules under a calendar that has more days off, and Saturdays that are worked."""
    known = RULES.calendar
    name = Bilingual(vi="Nghỉ hoán đổi", en="Day off in exchange")
    more = tuple(Holiday(date=day, name=name) for day in off)
    calendar = msgspec.structs.replace(
        known, edition="3", holidays=(*known.holidays, *more), working_weekends=worked
    )
    source = Source(rulebook=RULES.source.rulebook, calendar=NEWER)
    return Rules(RULES.rulebook, calendar, source)


SWAPPED = newer(date(2027, 2, 3), date(2027, 2, 11), worked=(date(2027, 2, 20),))


def due(step: Step, day: date, item: str = "") -> Due:
    return Due(step=Code(step), item=Label(item), due_at=RULES.calendar.due_at(day))


def moved(*dues: Due, rules: Rules = SWAPPED, now: datetime = TODAY, **waits: Any) -> list[str]:
    told = supplement(Waits(dues, **waits), SUBJECT, RULES, rules, now=now)
    assert told.calendar == NEWER
    return [str(local_day(each.due_at)) for each in told.dues]


def test_whoever_has_working_days_keeps_those_that_are_left() -> None:
    before, after = date(2027, 1, 29), date(2027, 2, 12)

    assert moved(due(Step.ANNOUNCEMENT, before)) == []
    assert moved(due(Step.ANNOUNCEMENT, after)) == ["2027-02-16"]


def test_a_day_of_the_edition_or_one_that_somebody_chose_stays_unless_it_is_off_by_now() -> None:
    first = RULES.calendar.due_at(date(2027, 1, 31))  # a Sunday: Monday, and a day off lies between
    of_edition = Due(step=Code(Step.COMMITMENT), due_at=first)
    chosen = due(Step.MILESTONE, date(2027, 2, 12), "1")
    off = due(Step.MILESTONE, date(2027, 2, 11), "2")
    swapped = newer(date(2027, 1, 28), date(2027, 2, 11))

    assert moved(of_edition, rules=swapped, period="2027") == []
    assert moved(of_edition, rules=newer(date(2027, 2, 1)), period="2027") == ["2027-02-02"]
    assert moved(chosen, off, chosen=(chosen, off), rules=swapped) == ["2027-02-12"]


def test_no_deadline_comes_earlier_than_people_were_told() -> None:
    worked = newer(worked=(date(2027, 1, 30), date(2027, 2, 20)))

    assert moved(due(Step.ANNOUNCEMENT, date(2027, 2, 22)), rules=worked) == []


def test_a_deadline_that_passed_on_a_day_off_and_was_not_told_moves_to_a_working_day() -> None:
    yesterday = due(Step.ANNOUNCEMENT, date(2027, 1, 22))  # a Friday

    assert moved(yesterday, rules=newer(date(2027, 1, 22))) == ["2027-01-25"]


OPENED = replace(review_facts.OPENED, dues=(due(Step.COMMITMENT, date(2027, 2, 11)),))
SUPPLEMENT = CalendarSupplemented(
    subject=SUBJECT,
    calendar=NEWER,
    dues=(Due(step=Code(Step.COMMITMENT), due_at=RULES.calendar.due_at(date(2027, 2, 15))),),
)


def rules_of(source: Source) -> Rules:
    return SWAPPED if source.calendar == NEWER else RULES


def told_of(year: Any, kind: Any, subject: str = SUBJECT) -> CalendarSupplemented | None:
    waits = kind.waits(year)
    return waits and supplement(waits, subject, RULES, SWAPPED, now=TODAY)


def test_a_review_goes_by_a_newer_calendar_from_then_on_and_anew_when_it_was_voided() -> None:
    facts = records(OPENED, (TODAY, SUPPLEMENT))
    state = review.fold(facts)

    assert told_of(review.fold(facts[:1]), review) == SUPPLEMENT
    assert state.deadlines.running == SUPPLEMENT.dues
    assert state.deadlines.source(OPENED) == SWAPPED.source
    voided = ReviewVoided(period=PERIOD, member_id=MEMBER, by=LEADERS_HAND)
    anew = review.fold(records(OPENED, SUPPLEMENT, voided, OPENED))
    assert anew.deadlines.source(OPENED) == RULES.source


def test_what_was_told_missed_stays_so_and_a_day_that_was_given_stays_chosen() -> None:
    (first,) = OPENED.dues
    missed = DeadlineMissed(subject=SUBJECT, step=first.step, item=first.item, due_at=first.due_at)
    given = DeadlineMoved(
        subject=SUBJECT,
        step=first.step,
        item=first.item,
        due_at=RULES.calendar.due_at(date(2027, 2, 12)),
        by=LEADERS_HAND,
        text=Sealed("g" * 43),
    )

    over, later = (told_of(review.fold(records(OPENED, each)), review) for each in (missed, given))

    assert over == replace(SUPPLEMENT, dues=())
    assert later == replace(SUPPLEMENT, dues=())


def test_where_nothing_waits_no_calendar_is_told() -> None:
    assert told_of(review.fold(records(*rating_facts.STEPS)), review) is None
    assert told_of(plan.EMPTY, plan) is None
    assert told_of(escalation.EMPTY, escalation) is None


def test_milestones_that_were_only_planned_move_too_and_run_once_they_are_agreed_to() -> None:
    stream = plan_stream(PERIOD, MEMBER)
    day_off = local_day(plan_facts.MILESTONES[1].due_at)
    swapped = newer(day_off)
    proposed = plan.fold(records(plan_facts.OPENED, plan_facts.PROPOSED))
    waits = plan.waits(proposed)
    assert waits is not None

    told = supplement(waits, stream, RULES, swapped, now=plan_facts.NOW)

    later = [plan_facts.MILESTONES[0].due_at, swapped.calendar.due_at(day_off)]
    facts = (plan_facts.OPENED, plan_facts.PROPOSED, told)
    before, after = plan.fold(records(*facts)), plan.fold(records(*facts, plan_facts.AGREED))
    assert [each.due_at for each in before.milestones] == later
    assert before.deadlines.due_at(Step.MILESTONE, "2") is None
    assert after.deadlines.due_at(Step.MILESTONE, "2") == later[1]


def test_of_a_plan_that_nobody_proposed_yet_its_own_day_alone_moves() -> None:
    waits = plan.waits(plan.fold(records(plan_facts.OPENED)))

    assert waits is not None
    assert {due.step for due in waits.dues} <= {Step.PLAN.value}
    assert waits.chosen == ()


def test_an_auditor_decides_anew_what_a_newer_calendar_moved() -> None:
    def is_right(told: CalendarSupplemented, *before: Any) -> bool:
        publish = DocumentPublished(
            issuer=Label("tusoi"),
            kind=DocumentKind.CALENDAR,
            name=Label("any"),
            edition=Label("2"),
            digest=told.calendar,
        )
        goes_by = Told(rules_of)
        for each in (*records(publish), *records(*before)):
            goes_by.tell(each)
        return not [*wrong_by_law(goes_by, records(*before, (TODAY, told))[-1])]

    earlier = Due(step=Code(Step.COMMITMENT), due_at=RULES.calendar.due_at(date(2027, 2, 1)))
    planned = replace(SUPPLEMENT, subject=Subject(plan_stream(PERIOD, MEMBER)))

    assert is_right(SUPPLEMENT, OPENED)
    assert not is_right(replace(SUPPLEMENT, dues=()), OPENED)
    assert not is_right(replace(SUPPLEMENT, dues=(earlier,)), OPENED)
    assert not is_right(replace(SUPPLEMENT, calendar=RULES.source.calendar), OPENED)
    assert not is_right(SUPPLEMENT)
    assert not is_right(planned)


def test_a_calendar_that_nobody_published_moves_no_deadline() -> None:
    told = Told(rules_of)
    told.tell(records(OPENED)[0])

    assert [*wrong_by_law(told, records(OPENED, (TODAY, SUPPLEMENT))[-1])]
