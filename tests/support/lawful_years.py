"""Years as the law lets them go by: each step taken, each way in which one is gone on with."""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from msgspec import UNSET

from events.definitions.cycle import CycleTakenOver, CycleVoided, DocumentKind, IssuerFreed
from events.definitions.deadline import (
    CalendarSupplemented,
    DeadlineMissed,
    Excuse,
    TimerResumed,
    TimerSettled,
)
from events.definitions.entry import Recorded
from events.definitions.escalation import EscalationRaised
from events.definitions.event import Code, Event, Subject
from events.definitions.plan import PlanMoved, PlanReturned, PlanUnfollowed, PlanVoided
from events.definitions.records import Hand, Label
from events.definitions.reopening import (
    ReviewEnded,
    ReviewMoved,
    ReviewResumed,
    ReviewVoided,
    StatementMade,
)
from events.definitions.roster import (
    AbsenceReason,
    FactTookEffect,
    MemberAbsent,
    MemberBack,
    MemberLeft,
    MemberMoved,
    PostDelegated,
    PostRelieved,
    UnitAuthorised,
    UnitDissolved,
)
from events.domain.plan.following import BELOW
from events.domain.steps import Step
from tests.support import collective_facts
from tests.support.collective_facts import AS_UNIT, DEPUTY_OF_CELL
from tests.support.law import CELL, LEADER, LEADERS_HAND, MEMBER, PEER, SECRETARYS_HAND, TOP
from tests.support.lawful import Asked, by_law, on
from tests.support.lawful_facts import (
    ABOVE,
    ADVISER,
    ADVISERS_HAND,
    ANSWERED,
    BEGUN,
    BLANK,
    CALENDAR,
    COMMITTED,
    CRITICISED,
    DISCIPLINED,
    EXTENDED,
    FAR_CELL,
    GONE_TOP,
    GROUP,
    HIGHESTS_HAND,
    LEFT_BEHIND,
    LENIENT,
    MORE_TIME,
    NAMING,
    NEWER,
    NEXTS_HAND,
    NOTICE_ANSWERED,
    OF_FAR_CELL,
    OTHER,
    PLAN,
    POINT_ANSWERED,
    PUBLISHED,
    REOPENED,
    REVIEW,
    ROOT,
    ROSTER,
    ROW,
    RULEBOOK,
    SUGGESTED,
    SUPERIORS_HAND,
    WITHDRAWN,
    YEAR_CLOSED,
    YEAR_OPENED,
    agreed,
    announced,
    appraised,
    approved,
    decided,
    enrolled,
    follower_named,
    formed,
    given,
    given_back,
    met,
    more_asked,
    opened,
    plan_opened,
    planned,
    proposed,
    published,
    rules_of,
    sent_back,
    shown,
    waived,
    written,
)
from tests.support.party_rules import DEPUTY, DEPUTYS_HAND, WORDS, YEAR, facts
from tests.support.sealed import sealed

_RATED = (  # versions 1 to 12 of the review
    *on("2025-11-03", opened()),
    *on("2025-11-05", COMMITTED, SUGGESTED, CRITICISED),
    *on("2025-11-10", written(), ANSWERED, POINT_ANSWERED),
    *on("2025-11-12", MORE_TIME),
    *on("2025-11-20", met()),
    *on("2025-12-01", proposed()),
    *on("2025-12-03", appraised(10)),
    *on("2025-12-08", decided(10)),
)
_ANNOUNCED = (*on("2025-12-10", announced(), plan_opened()),)
_SENT_BACK = PlanReturned(
    period=YEAR,
    member_id=MEMBER,
    proposal_version=2,
    by=SECRETARYS_HAND,
    text=WORDS,
    due_at=BLANK,
)
_PLANNED = (
    *on("2025-12-12", planned()),
    *on("2025-12-15", _SENT_BACK),
    *on("2025-12-16", planned()),
    *on("2025-12-18", agreed(4)),
    *on("2026-01-12", shown()),
    *on("2026-01-13", more_asked(6)),
    *on("2026-02-10", shown()),
    *on("2026-02-11", sent_back(8)),
    *on("2026-03-10", shown()),
    *on("2026-03-11", approved(10)),
    *on("2026-03-11T02:05:00Z", WITHDRAWN),
    *on("2026-03-12", approved(10), EXTENDED),
    *on("2026-03-13", follower_named()),
)
_RATED_AGAIN = (
    *on("2026-04-01", DISCIPLINED),
    *on("2026-04-02", REOPENED),
    *on("2026-04-03", proposed(counted=facts(disciplines=1))),
    *on("2026-04-06", appraised(16, level="poor")),
    *on("2026-04-07", decided(16, level="poor")),
    *on("2026-04-08", announced()),
    *on("2026-04-09", YEAR_CLOSED),
)
A_MEMBERS = (
    *BEGUN,
    *_RATED,
    *_ANNOUNCED,
    *on("2025-12-11", NOTICE_ANSWERED),
    *_PLANNED,
    *_RATED_AGAIN,
)


def of_unit(fact: Event, by: Hand) -> Event:
    """Return what somebody who leads the cell told in its name."""
    return replace(fact, member_id=AS_UNIT, by=by)  # type: ignore[type-var]


A_UNITS = (
    *BEGUN,
    *on("2025-11-02", formed(GROUP, "group", CELL)),  # new, so it is not rated
    *on("2025-11-03", opened(GROUP, (GROUP, CELL, TOP)), opened(CELL)),
    *on("2025-11-05", of_unit(COMMITTED, SECRETARYS_HAND)),
    *on("2025-11-05", replace(SUGGESTED, member_id=AS_UNIT)),
    *on("2025-11-05", replace(CRITICISED, member_id=AS_UNIT)),
    *on("2025-11-10", written(AS_UNIT, DEPUTY_OF_CELL), of_unit(ANSWERED, SECRETARYS_HAND)),
    *on("2025-11-10", of_unit(POINT_ANSWERED, SECRETARYS_HAND)),
    *on("2025-11-20", met(AS_UNIT)),
    *on("2025-12-01", proposed(AS_UNIT, ADVISERS_HAND, collective_facts.facts())),
    *on("2025-12-03", appraised(9, AS_UNIT)),
    *on("2025-12-08", decided(9, AS_UNIT)),
    *on("2025-12-10", announced(AS_UNIT, ADVISERS_HAND), plan_opened(AS_UNIT)),
    *on("2025-12-11", of_unit(NOTICE_ANSWERED, DEPUTY_OF_CELL)),
    *on("2025-12-12", planned(AS_UNIT, SECRETARYS_HAND)),
    *on("2025-12-16", agreed(2, AS_UNIT, DEPUTYS_HAND, MEMBER)),
    *on("2026-01-12", shown(AS_UNIT, by=DEPUTY_OF_CELL)),
    *on("2026-01-13", approved(4, AS_UNIT, MEMBER)),
)

_TAKEN_OVER = CycleTakenOver(period=YEAR, unit_id=TOP, by=SUPERIORS_HAND, text=WORDS)
_OPENED_ABOVE = replace(YEAR_OPENED, unit_id=ABOVE, by=SUPERIORS_HAND, taken_from=TOP)
_VOIDED_ABOVE = CycleVoided(period=YEAR, unit_id=ABOVE, by=HIGHESTS_HAND, text=WORDS)
_REVIEW_VOIDED = ReviewVoided(period=YEAR, member_id=MEMBER, by=HIGHESTS_HAND)
_PLAN_VOIDED = PlanVoided(period=YEAR, member_id=MEMBER, by=HIGHESTS_HAND)
_WHOLE = (CELL, TOP, ABOVE)
TAKEN_OVER = (
    *BEGUN,
    *_RATED,
    *_ANNOUNCED,
    *on("2025-12-12", _TAKEN_OVER, _OPENED_ABOVE),
    *on(
        "2025-12-12",
        ReviewMoved(
            period=YEAR,
            member_id=MEMBER,
            path=_WHOLE,
            rated_by=_WHOLE,
            places=(),
            by=SUPERIORS_HAND,
        ),
        PlanMoved(period=YEAR, member_id=MEMBER, path=_WHOLE, by=SUPERIORS_HAND),
    ),
    *on("2025-12-15", planned()),
    *on("2025-12-16", agreed(3, by=SUPERIORS_HAND)),
    *on("2025-12-17", DISCIPLINED, replace(REOPENED, by=SUPERIORS_HAND)),
    *on("2025-12-18", _VOIDED_ABOVE, replace(_VOIDED_ABOVE, unit_id=TOP)),
    *on("2025-12-18", _REVIEW_VOIDED, _PLAN_VOIDED),
)

_VOIDED = CycleVoided(period=YEAR, unit_id=TOP, by=SUPERIORS_HAND, text=WORDS)
VOIDED_ANEW = (
    *BEGUN,
    *_RATED,
    *_ANNOUNCED,
    *on("2025-12-11", _VOIDED, replace(_REVIEW_VOIDED, by=SUPERIORS_HAND)),
    *on("2025-12-11", replace(_PLAN_VOIDED, by=SUPERIORS_HAND)),
    *on("2025-12-12", YEAR_OPENED, opened()),
    *on("2025-12-15", written()),
    *on("2025-12-16", met(), proposed()),
    *on("2025-12-17", appraised(18)),
    *on("2025-12-18", decided(18, level="excellent")),
    *on("2025-12-19", announced()),
)

AWAY = MemberAbsent(member_id=MEMBER, reason=sealed(AbsenceReason.TRAINING))
RAISED = EscalationRaised(
    cause=Label("cause"),
    subject=REVIEW,
    step=Code("commitment"),
    item=Label(""),
    due_at=datetime.fromisoformat("2025-11-10T16:59:59Z"),
    path=(CELL, TOP),
    rulebook=RULEBOOK,
    calendar=CALENDAR,
    rung=1,
    unit_id=CELL,
    post=Code("secretary"),
    acknowledge_due_at=datetime.fromisoformat("2025-12-15T16:59:59Z"),
)
ESCALATION = Subject("escalation-cause")


def missed(subject: Subject, step: str, item: str = "") -> DeadlineMissed:
    return DeadlineMissed(subject=subject, step=Code(step), item=Label(item), due_at=BLANK)


def settled(step: str) -> TimerSettled:
    what = {"subject": REVIEW, "step": Code(step), "item": Label(""), "due_at": BLANK}
    return TimerSettled(**what, reason=Excuse.ABSENT)  # type: ignore[arg-type]


def supplemented(subject: Subject) -> CalendarSupplemented:
    return CalendarSupplemented(subject=subject, calendar=NEWER, dues=())


LATER_HAND = Hand(member_id=PEER, unit_id=TOP, post=Code("deputy_secretary"))
LATE = (
    *BEGUN,
    *on("2025-11-03", opened()),
    *on("2025-11-04", AWAY),
    *on("2025-12-01T00:00:00Z", given(LATER_HAND), told_on="2025-11-05"),
    *on(
        "2025-12-01T00:00:00Z",
        FactTookEffect(subject=Subject(f"member-{PEER}"), versions=(3,)),
        told_on="2025-12-01T00:00:30Z",
    ),
    *on("2025-11-10T16:59:59Z", settled("commitment"), told_on="2025-12-01T01:00:00Z"),
    *on("2025-12-05T16:59:59Z", settled("self_critique"), told_on="2025-12-08"),
    *on("2025-12-09", MemberBack(member_id=MEMBER)),
    *on(
        "2025-12-09",
        TimerResumed(subject=REVIEW, step=Code("commitment"), item=Label(""), due_at=BLANK),
        TimerResumed(subject=REVIEW, step=Code("self_critique"), item=Label(""), due_at=BLANK),
        RAISED,
        published(NEWER, DocumentKind.CALENDAR, "9"),
        supplemented(REVIEW),
        supplemented(ESCALATION),
    ),
    *on("2025-12-10", written()),
    *on("2025-12-12", met()),
    *on("2025-12-16T16:59:59Z", missed(ESCALATION, "acknowledgement", "1"), told_on="2025-12-17"),
    *on("2025-12-17T16:59:59Z", missed(REVIEW, "commitment"), told_on="2025-12-18"),
    *on("2025-12-18", proposed()),
    *on("2025-12-19", appraised(10)),
    *on("2025-12-22", decided(10, by=LATER_HAND)),
    *on("2025-12-23", announced(), plan_opened()),
    *on("2025-12-24", planned()),
    *on("2025-12-31T16:59:59Z", missed(PLAN, "plan_agreement"), told_on="2026-01-02"),
)

_BY_LENIENT = (
    *ROSTER,
    *PUBLISHED,
    *on("2025-10-31", published(LENIENT, DocumentKind.RULEBOOK, "2")),
    *on("2025-11-01", replace(YEAR_OPENED, rulebook=LENIENT)),
    *on("2025-11-03", replace(opened(), rulebook=LENIENT)),
)
SILENT = (  # somebody writes nothing, nobody meets or advises, and the year goes on
    *_BY_LENIENT,
    *on("2025-11-05", SUGGESTED),
    *on(
        "2025-11-12T16:59:59Z",
        missed(REVIEW, "suggestion_answer", SUGGESTED.point_id),
        told_on="2025-11-13",
    ),
    *on("2025-11-13", waived(Step.SUGGESTION_ANSWER, SUGGESTED.point_id)),
    *on("2025-12-05T16:59:59Z", missed(REVIEW, "self_critique"), told_on="2025-12-08"),
    *on("2025-12-08", waived(Step.SELF_CRITIQUE, by=LEADERS_HAND)),
    *on("2025-12-15T16:59:59Z", missed(REVIEW, "meeting"), told_on="2025-12-16"),
    *on("2025-12-16", waived(Step.MEETING)),
    *on("2025-12-17", proposed()),
    *on("2025-12-24T16:59:59Z", missed(REVIEW, "appraisal"), told_on="2025-12-25"),
    *on("2025-12-25", waived(Step.APPRAISAL, by=ADVISERS_HAND)),
    *on("2025-12-26", decided(9)),
    *on("2025-12-29", announced()),
)

RATED_IN_A_ROW = (  # by two appraisals, each by others, one of which came late
    *ROSTER,
    *PUBLISHED,
    *on("2025-10-31", published(ROW, DocumentKind.RULEBOOK, "3")),
    *on("2025-11-01", replace(YEAR_OPENED, rulebook=ROW)),
    *on("2025-11-03", replace(opened(), rulebook=ROW)),
    *on("2025-11-10", written()),
    *on("2025-11-20", met()),
    *on("2025-12-01", proposed()),
    *on("2025-12-05", replace(appraised(4), item=Label("reviewing"), by=DEPUTY_OF_CELL)),
    *on("2025-12-12T16:59:59Z", missed(REVIEW, "appraisal", "signing"), told_on="2025-12-15"),
    *on("2025-12-16", replace(appraised(4), item=Label("signing"))),
    *on("2025-12-17", decided(4)),
    *on("2025-12-18", announced()),
)

_UPHELD = replace(REOPENED, ground=Code("petition_upheld"), by=SUPERIORS_HAND, decision=UNSET)
UPHELD = (  # a unit above has somebody rated again, whose petition it upheld
    *ROSTER,
    *PUBLISHED,
    *on("2025-10-31", published(NAMING, DocumentKind.RULEBOOK, "4")),
    *on("2025-11-01", replace(YEAR_OPENED, rulebook=NAMING)),
    *on("2025-11-03", replace(opened(), rulebook=NAMING)),
    *on("2025-11-10", written()),
    *on("2025-11-20", met()),
    *on("2025-12-01", proposed()),
    *on("2025-12-03", appraised(4)),
    *on("2025-12-08", decided(4)),
    *on("2025-12-10", announced()),
    *on("2026-01-05", _UPHELD),
    *on("2026-01-06", proposed()),
    *on("2026-01-07", appraised(9)),
    *on("2026-01-08", decided(9, level="excellent")),
    *on("2026-01-09", announced()),
)

_FAULTY = replace(REOPENED, ground=Code("fault_found"), decision=UNSET)
STATED = StatementMade(period=YEAR, member_id=MEMBER, text=WORDS, proposal_due_at=BLANK)
HEARD = (  # somebody says something to a fault that was found; to the next one, nothing in time
    *UPHELD,
    *on("2026-01-12", _FAULTY),
    *on("2026-01-14", STATED),
    *on("2026-01-15", proposed()),
    *on("2026-01-16", appraised(15)),
    *on("2026-01-19", decided(15, level="good")),
    *on("2026-01-20", announced()),
    *on("2026-01-21", _FAULTY),
    *on("2026-01-26T16:59:59Z", missed(REVIEW, "statement"), told_on="2026-01-27"),
    *on("2026-01-27", waived(Step.STATEMENT)),
    *on("2026-01-28", proposed()),
    *on("2026-01-29", STATED),
    *on("2026-01-29", appraised(22)),
    *on("2026-01-30", decided(22)),
    *on("2026-02-02", announced()),
)

_ENDED = ReviewEnded(period=YEAR, member_id=MEMBER, reason=Code("left"))
_RESUMED = ReviewResumed(period=YEAR, member_id=MEMBER, dues=())
GONE_AND_BACK = (  # and then late, so that it is ended, which is undone
    *BEGUN,
    *on("2025-11-03", opened()),
    *on("2025-11-10", MemberLeft(member_id=MEMBER, reason=sealed("moved away")), _ENDED),
    *on("2025-11-20", enrolled(MEMBER, CELL), _RESUMED),
    *on("2025-12-05T16:59:59Z", missed(REVIEW, "self_critique"), told_on="2025-12-08"),
    *on("2025-12-09", replace(_ENDED, reason=Code("unrated"), by=LEADERS_HAND, text=WORDS)),
    *on("2025-12-10", replace(_RESUMED, by=LEADERS_HAND, text=WORDS)),
    *on("2025-12-11", written()),
    *on("2025-12-12", met()),
    *on("2025-12-15", proposed()),
    *on("2025-12-16", appraised(9)),
    *on("2025-12-17", decided(9)),
    *on("2025-12-18", announced()),
)

GONE = UnitDissolved(unit_id=CELL, successor_id=OTHER)
DISSOLVED = (
    *BEGUN,
    *on("2025-11-03", opened(CELL), opened(), opened(PEER)),
    *on("2025-11-10", written(), replace(written(), member_id=PEER)),
    *on("2025-11-11", GONE, MemberMoved(member_id=PEER, unit_id=OTHER)),
    *on(
        "2025-11-11",
        ReviewEnded(period=YEAR, member_id=AS_UNIT, reason=Code("dissolved")),
        ReviewMoved(
            period=YEAR, member_id=PEER, path=(OTHER, TOP), rated_by=(OTHER, TOP), places=()
        ),
    ),
    *on("2025-11-20", met(by=NEXTS_HAND), met(PEER, NEXTS_HAND, OTHER)),
    *on("2025-12-01", proposed(by=NEXTS_HAND)),
    *on("2025-12-03", appraised(4)),
    *on("2025-12-08", decided(4, level="excellent")),
    *on("2025-12-10", announced(by=NEXTS_HAND)),
    *on("2025-12-11", UnitDissolved(unit_id=TOP, successor_id=ABOVE)),
    *on("2025-12-12", replace(YEAR_CLOSED, by=SUPERIORS_HAND)),
)

_OTHERS = {"kind": DocumentKind.RULEBOOK, "issuer": Label("others")}
_FREED = (  # a name under which nobody opened a year
    published("e1" * 32, **_OTHERS),  # type: ignore[arg-type]
    IssuerFreed(issuer=Label("others")),
    published("e2" * 32, **_OTHERS),  # type: ignore[arg-type]
)
MERGED = (  # a committee came to another one, and those below it were not told again
    *on("2020-01-06", formed(GONE_TOP, "committee", ABOVE), formed(FAR_CELL, "cell", GONE_TOP)),
    *on("2020-01-07", enrolled(OF_FAR_CELL, FAR_CELL), enrolled(LEFT_BEHIND, GONE_TOP)),
    *BEGUN,
    *on("2025-11-02", *_FREED, UnitDissolved(unit_id=GONE_TOP, successor_id=TOP)),
    *on("2025-11-03", opened(FAR_CELL, (FAR_CELL, TOP)), opened(CELL)),
    *on("2025-11-03", replace(opened(), member_id=OF_FAR_CELL, path=(FAR_CELL, TOP))),
    *on("2025-11-03", replace(opened(), member_id=LEFT_BEHIND, path=(TOP,))),
)

FORMED_AGAIN = (  # a cell was dissolved, and then was not
    *BEGUN,
    *on("2025-11-03", opened(CELL)),
    *on(
        "2025-11-11",
        GONE,
        ReviewEnded(period=YEAR, member_id=AS_UNIT, reason=Code("dissolved")),
    ),
    *on(
        "2025-11-12",
        formed(CELL, "cell", TOP),
        ReviewResumed(period=YEAR, member_id=AS_UNIT, dues=()),
    ),
)

ABOVE_HAND = Hand(member_id=MEMBER, unit_id=ABOVE, post=Code("deputy_secretary"))
LEFT = ReviewEnded(period=YEAR, member_id=MEMBER, reason=Code("rated_above"))
LEFT_ABOVE = (  # a member came to an office above the unit whose year it is, and gave it up
    *BEGUN,
    *on("2025-11-03", opened()),
    *on("2025-11-05", given(ABOVE_HAND), LEFT),
    *on("2025-11-06", PostRelieved(member_id=MEMBER, unit_id=ABOVE, post=ABOVE_HAND.post)),
    *on("2025-11-06", ReviewResumed(period=YEAR, member_id=MEMBER, dues=())),
    *on("2025-11-10", written()),
    *on("2025-11-20", met()),
    *on("2025-12-01", proposed()),
    *on("2025-12-03", appraised(6)),
    *on("2025-12-08", decided(6)),
    *on("2025-12-09", announced()),
)

_OF_ROOT = tuple(
    Hand(member_id=each, unit_id=ROOT, post=Code("deputy_secretary")) for each in (DEPUTY, ADVISER)
)
TAKEN_IN = (  # likewise, and the year of a unit above reviews them from the beginning
    *BEGUN,
    *on("2025-11-02", UnitAuthorised(unit_id=ROOT), *map(given, _OF_ROOT)),
    *on("2025-11-03", opened()),
    *on("2025-11-05", given(ABOVE_HAND), LEFT),
    *on("2025-11-06", replace(YEAR_OPENED, unit_id=ROOT, by=HIGHESTS_HAND)),
    *on("2025-11-06", opened(path=(CELL, TOP, ABOVE, ROOT))),
    *on("2025-11-10", written()),
    *on("2025-11-20", met(), met(by=SUPERIORS_HAND, place=ABOVE)),
    *on("2025-12-01", proposed(by=HIGHESTS_HAND)),
    *on("2025-12-03", replace(appraised(7), by=_OF_ROOT[0])),
    *on("2025-12-08", decided(7, by=_OF_ROOT[1])),
    *on("2025-12-09", announced(by=HIGHESTS_HAND)),
)

HEADS = Hand(member_id=MEMBER, unit_id=CELL, post=Code("deputy_secretary"))
MOVED_BY_POST = ReviewMoved(
    period=YEAR, member_id=MEMBER, path=(CELL, TOP), rated_by=(TOP,), places=()
)
LIFTED = (  # a member came to an office where they are proposed, after they were
    *BEGUN,
    *on("2025-11-03", opened()),
    *on("2025-11-10", written()),
    *on("2025-11-20", met()),
    *on("2025-12-01", proposed()),
    *on("2025-12-02", given(HEADS), MOVED_BY_POST),
    *on("2025-12-04", given_back(4)),
    *on("2025-12-05", proposed(by=ADVISERS_HAND)),
    *on("2025-12-05", appraised(7)),
    *on("2025-12-08", decided(7)),
    *on("2025-12-09", announced(by=ADVISERS_HAND)),
)

FOLLOWED_FROM_BELOW = (  # a member came to head whoever followed their plan
    *BEGUN,
    *_RATED,
    *_ANNOUNCED,
    *on("2025-12-12", planned()),
    *on("2025-12-15", agreed(2)),
    *on("2026-01-12", shown()),
    *on("2026-01-13", given(HEADS)),
    *on("2026-01-13", PlanMoved(period=YEAR, member_id=MEMBER, path=(TOP,))),
    *on(
        "2026-01-13",
        PlanUnfollowed(period=YEAR, member_id=MEMBER, follower_id=PEER, reason=BELOW),
    ),
    *on("2026-01-14", replace(follower_named(follower=LEADER), by=LEADERS_HAND)),
    *on("2026-01-15", replace(approved(4), by=LEADER)),
)

GIVEN_BACK = (  # a discipline came to light after the proposal
    *BEGUN,
    *on("2025-11-03", opened()),
    *on("2025-11-10", written()),
    *on("2025-11-20", met()),
    *on("2025-12-01", proposed()),
    *on("2025-12-02", DISCIPLINED),
    *on("2025-12-03", given_back(4)),
    *on("2025-12-04", proposed(counted=facts(disciplines=1))),
    *on("2025-12-05", appraised(6, level="poor")),
    *on("2025-12-08", decided(6, level="poor")),
    *on("2025-12-09", announced()),
)
STANDS_IN = Hand(
    member_id=PEER, unit_id=CELL, post=Code("secretary"), for_id=SECRETARYS_HAND.member_id
)
DELEGATED = PostDelegated(
    member_id=PEER,
    unit_id=CELL,
    post=STANDS_IN.post,
    for_id=SECRETARYS_HAND.member_id,
    until=date(2025, 12, 5),
)
STOOD_IN = (  # the secretary of the cell is on leave, and a member of it stands in for a while
    *BEGUN,
    *on("2025-11-03", opened()),
    *on("2025-11-10", written(), DELEGATED),
    *on("2025-11-20", met(by=STANDS_IN)),
    *on("2025-12-01", proposed(by=STANDS_IN)),
    *on("2025-12-03", appraised(4)),
    *on("2025-12-08", decided(4)),
    *on("2025-12-09", announced(), plan_opened()),
    *on("2025-12-10", planned(), replace(DELEGATED, until=date(2025, 12, 31))),
    *on("2025-12-11", replace(_SENT_BACK, by=STANDS_IN)),
)
YEARS: dict[str, tuple[Sequence[Asked], str]] = {
    "in which somebody stands in": (STOOD_IN, MEMBER),
    "of a member": (A_MEMBERS, MEMBER),
    "of a collective": (A_UNITS, AS_UNIT),
    "of a proposal that was given back": (GIVEN_BACK, MEMBER),
    "taken over by a unit above": (TAKEN_OVER, MEMBER),
    "voided and opened anew": (VOIDED_ANEW, MEMBER),
    "of somebody away, and by a newer calendar": (LATE, MEMBER),
    "of somebody who writes nothing": (SILENT, MEMBER),
    "rated by two appraisals in a row": (RATED_IN_A_ROW, MEMBER),
    "of somebody rated again by a unit above": (UPHELD, MEMBER),
    "of somebody heard before they are rated again": (HEARD, MEMBER),
    "of somebody who left and came back": (GONE_AND_BACK, MEMBER),
    "of a dissolved cell": (DISSOLVED, MEMBER),
    "of a cell that was formed again": (FORMED_AGAIN, AS_UNIT),
    "left to a unit above for a while": (LEFT_ABOVE, MEMBER),
    "left to a unit above, which took them in": (TAKEN_IN, MEMBER),
    "of who came to an office where they are proposed": (LIFTED, MEMBER),
    "of a plan that was followed from below": (FOLLOWED_FROM_BELOW, MEMBER),
    "below a committee that was merged": (MERGED, OF_FAR_CELL),
}


def history_of(wanted: Iterable[Asked]) -> list[Recorded]:
    """Return a year as the law tells it; one of those here is decided once."""
    known = next((name for name, (each, _) in YEARS.items() if each is wanted), None)
    return [*_history(known)] if known else by_law(wanted, rules_of)


@functools.cache
def _history(name: str) -> tuple[Recorded, ...]:
    return tuple(by_law(YEARS[name][0], rules_of))
