"""One fact of each type of the year, made up; the golden entries hold them."""

from datetime import UTC, datetime

from events.definitions.cycle import (
    CycleClosed,
    CycleOpened,
    CycleTakenOver,
    CycleVoided,
    DocumentKind,
    DocumentPublished,
    IssuerFreed,
)
from events.definitions.deadline import (
    CalendarSupplemented,
    DeadlineMissed,
    DeadlineMoved,
    Excuse,
    TimerResumed,
    TimerSettled,
)
from events.definitions.erasure import ErasureDone, ErasureGround, ErasureOrdered
from events.definitions.escalation import (
    EscalationAcknowledged,
    EscalationMoved,
    EscalationPassedOn,
    EscalationRaised,
    EscalationResolved,
    Resolution,
)
from events.definitions.event import Code, Event, Sealed, Subject
from events.definitions.notice import NoticeAnswered
from events.definitions.plan import (
    DecisionWithdrawn,
    EvidenceHandedIn,
    FollowerNamed,
    MilestoneApproved,
    MilestoneExtended,
    MilestoneReturned,
    MoreAsked,
    PlanAgreed,
    PlanMoved,
    PlanOpened,
    PlanProposed,
    PlanReturned,
    PlanUnfollowed,
    PlanVoided,
)
from events.definitions.reading import TextOpened
from events.definitions.records import (
    Digest,
    Due,
    Facts,
    FileCommitment,
    Hand,
    Label,
    Milestone,
    Outcome,
    Period,
    Reason,
)
from events.definitions.reopening import (
    ReviewEnded,
    ReviewMoved,
    ReviewReopened,
    ReviewResumed,
    ReviewVoided,
    StatementMade,
)
from events.definitions.review import (
    CommitmentMade,
    CriticismAnswered,
    CriticismGiven,
    MeetingHeld,
    PointAnswered,
    PointSuggested,
    RatingAnnounced,
    RatingAppraised,
    RatingDecided,
    RatingProposed,
    RatingReturned,
    ReviewOpened,
    SelfCritiqueSubmitted,
    StepWaived,
)
from events.definitions.roster import Standing
from events.identifiers import MemberId, UnitId
from tests.support.sealed import sealed


def words(letter: str) -> Sealed[str]:
    """Return what might be the commitment of words."""
    return Sealed(letter * 42 + "A")


MEMBER = MemberId("memberaaaaaaaaaaaaaaaaaaaa")
SECRETARY = MemberId("secretaryaaaaaaaaaaaaaaaaa")
FOLLOWER = MemberId("followeraaaaaaaaaaaaaaaaaa")
CELL = UnitId("unitaaaaaaaaaaaaaaaaaaaaaa")
TOP = UnitId("committeeaaaaaaaaaaaaaaaaa")
PERIOD = Period("2026")
RULEBOOK, CALENDAR = Digest("5d" * 32), Digest("ca" * 32)
HAND = Hand(member_id=SECRETARY, unit_id=CELL, post=Code("secretary"))
STEPS = tuple(map(Code, ("commitment", "self_critique", "proposal", "decision", "announcement")))
DECIDING_HAND = Hand(member_id=FOLLOWER, unit_id=TOP, post=Code("deputy_secretary"))
DUE_AT = datetime(2026, 12, 7, 16, 59, 59, tzinfo=UTC)
OTHER_CELL = UnitId("otherunitaaaaaaaaaaaaaaaaa")
POINT = Label("pointaaaaaaaaaaaaaaaaaaaaa")
CRITICISM = Label("criticismaaaaaaaaaaaaaaaaa")
CAUSE = Label("0b5ff8b1-6a52-5b7e-8f8a-3f7a2d1c9e00")
REVIEW = Subject(f"review-{PERIOD}-{MEMBER}")
FIRST = Label("1")

YEAR: tuple[Event, ...] = (
    DocumentPublished(
        issuer=Label("tusoi"),
        kind=DocumentKind.RULEBOOK,
        name=Label("neutral"),
        edition=Label("1"),
        digest=RULEBOOK,
        by=DECIDING_HAND,
    ),
    IssuerFreed(issuer=Label("suoi_guong")),
    CycleOpened(period=PERIOD, unit_id=TOP, rulebook=RULEBOOK, calendar=CALENDAR, by=DECIDING_HAND),
    CycleClosed(period=PERIOD, unit_id=TOP, by=DECIDING_HAND),
    CycleTakenOver(period=PERIOD, unit_id=CELL, by=DECIDING_HAND, text=words("u")),
    CycleVoided(period=PERIOD, unit_id=CELL, by=DECIDING_HAND, text=words("v")),
    ReviewOpened(
        period=PERIOD,
        member_id=MEMBER,
        path=(CELL, TOP),
        rated_by=(CELL, TOP),
        standing=Standing.OFFICIAL,
        rulebook=RULEBOOK,
        calendar=CALENDAR,
        dues=(Due(step=Code("self_critique"), due_at=DUE_AT),),
        steps=STEPS,
        places=(CELL,),
        group=Code("leader"),
    ),
    CommitmentMade(period=PERIOD, member_id=MEMBER, text=words("c"), form=Digest("f" * 64)),
    SelfCritiqueSubmitted(
        period=PERIOD,
        member_id=MEMBER,
        text=words("s"),
        proposal_due_at=DUE_AT,
        marks=words("m"),
        meeting_due_at=DUE_AT,
        form=Digest("f" * 64),
        catalogue=Digest("a" * 64),
    ),
    CriticismGiven(
        period=PERIOD,
        member_id=MEMBER,
        criticism_id=CRITICISM,
        author=Label("pseudonymaaaaaaaaaaaaaaaaa"),
        text=words("k"),
        answer_due_at=DUE_AT,
    ),
    CriticismAnswered(
        period=PERIOD, member_id=MEMBER, criticism_id=CRITICISM, text=words("a"), by=HAND
    ),
    RatingProposed(
        period=PERIOD,
        member_id=MEMBER,
        facts=Facts(
            points={"conduct": 27, "results": 59},
            figures={"tasks_total": 18, "tasks_on_time": 18, "tasks_beyond": 4},
            disciplined=False,
            earlier_faults_open=1,
            group=Code("leader"),
            counted={"days_sick": 95},
        ),
        outcome=Outcome(
            level=Code("good"),
            total=86,
            reasons=(
                Reason(rule=Label("excellent_points"), held=False),
                Reason(rule=Label("good_points"), held=True),
            ),
            calculus=Label("1"),
        ),
        by=HAND,
        decision_due_at=DUE_AT,
        text=words("p"),
        appraisal_due_at=DUE_AT,
    ),
    RatingDecided(
        period=PERIOD,
        member_id=MEMBER,
        level=Code("fair"),
        proposal_version=6,
        by=DECIDING_HAND,
        announcement_due_at=DUE_AT,
        text=words("d"),
    ),
    RatingAnnounced(period=PERIOD, member_id=MEMBER, by=HAND),
    NoticeAnswered(period=PERIOD, member_id=MEMBER, text=words("n"), by=HAND),
    PointSuggested(
        period=PERIOD,
        member_id=MEMBER,
        point_id=POINT,
        by=DECIDING_HAND,
        text=words("g"),
        answer_due_at=DUE_AT,
    ),
    PointAnswered(period=PERIOD, member_id=MEMBER, point_id=POINT, text=words("h"), by=HAND),
    MeetingHeld(
        period=PERIOD,
        member_id=MEMBER,
        place=CELL,
        by=HAND,
        proposal_due_at=DUE_AT,
        text=words("i"),
    ),
    StepWaived(
        period=PERIOD,
        member_id=MEMBER,
        step=Code("meeting"),
        item=Label(""),
        dues=(Due(step=Code("proposal"), due_at=DUE_AT),),
        by=DECIDING_HAND,
        text=words("k"),
    ),
    RatingAppraised(
        period=PERIOD,
        member_id=MEMBER,
        level=Code("fair"),
        proposal_version=6,
        item=Label(""),
        by=DECIDING_HAND,
        text=words("j"),
    ),
    RatingReturned(
        period=PERIOD,
        member_id=MEMBER,
        proposal_version=6,
        by=DECIDING_HAND,
        proposal_due_at=DUE_AT,
        text=words("k"),
    ),
    ReviewReopened(
        period=PERIOD,
        member_id=MEMBER,
        ground=Code("late_discipline"),
        by=DECIDING_HAND,
        statement_due_at=DUE_AT,
        decision=sealed("12-QĐ"),
        text=words("l"),
    ),
    StatementMade(
        period=PERIOD, member_id=MEMBER, text=words("s"), proposal_due_at=DUE_AT, by=HAND
    ),
    ReviewMoved(
        period=PERIOD,
        member_id=MEMBER,
        path=(OTHER_CELL, TOP),
        rated_by=(OTHER_CELL, TOP),
        places=(OTHER_CELL,),
        by=DECIDING_HAND,
    ),
    ReviewEnded(
        period=PERIOD,
        member_id=MEMBER,
        reason=Code("unrated"),
        by=DECIDING_HAND,
        text=words("l"),
    ),
    ReviewResumed(
        period=PERIOD,
        member_id=MEMBER,
        dues=(Due(step=Code("self_critique"), due_at=DUE_AT),),
        by=DECIDING_HAND,
        text=words("m"),
    ),
    ReviewVoided(period=PERIOD, member_id=MEMBER, by=DECIDING_HAND),
    PlanOpened(
        period=PERIOD,
        member_id=MEMBER,
        path=(CELL, TOP),
        rulebook=RULEBOOK,
        calendar=CALENDAR,
        due_at=DUE_AT,
        collective=True,
        leaders=(HAND,),
    ),
    PlanProposed(
        period=PERIOD,
        member_id=MEMBER,
        text=words("f"),
        milestones=(Milestone(id=FIRST, due_at=DUE_AT, words=words("w")),),
        agreement_due_at=DUE_AT,
        by=HAND,
    ),
    PlanAgreed(period=PERIOD, member_id=MEMBER, proposal_version=2, follower_id=FOLLOWER, by=HAND),
    FollowerNamed(period=PERIOD, member_id=MEMBER, follower_id=SECRETARY, by=HAND),
    PlanUnfollowed(period=PERIOD, member_id=MEMBER, follower_id=FOLLOWER, reason=Code("below")),
    PlanReturned(
        period=PERIOD,
        member_id=MEMBER,
        proposal_version=2,
        by=HAND,
        text=words("r"),
        due_at=DUE_AT,
    ),
    EvidenceHandedIn(
        period=PERIOD,
        member_id=MEMBER,
        milestone_id=FIRST,
        files=(
            FileCommitment(
                file="e" * 42 + "A", name=words("n"), size=640_000, media_type="image/jpeg"
            ),
        ),
        review_due_at=DUE_AT,
        text=words("e"),
        by=HAND,
    ),
    MilestoneApproved(
        period=PERIOD, member_id=MEMBER, milestone_id=FIRST, evidence_version=4, by=FOLLOWER
    ),
    MoreAsked(
        period=PERIOD,
        member_id=MEMBER,
        milestone_id=FIRST,
        evidence_version=4,
        by=FOLLOWER,
        text=words("q"),
    ),
    MilestoneReturned(
        period=PERIOD,
        member_id=MEMBER,
        milestone_id=FIRST,
        evidence_version=4,
        by=FOLLOWER,
        text=words("b"),
    ),
    MilestoneExtended(
        period=PERIOD,
        member_id=MEMBER,
        milestone_id=FIRST,
        due_at=DUE_AT,
        by=FOLLOWER,
        text=words("x"),
    ),
    DecisionWithdrawn(
        period=PERIOD, member_id=MEMBER, milestone_id=FIRST, decision_version=5, by=FOLLOWER
    ),
    PlanMoved(period=PERIOD, member_id=MEMBER, path=(CELL, TOP, OTHER_CELL), by=DECIDING_HAND),
    PlanVoided(period=PERIOD, member_id=MEMBER, by=DECIDING_HAND),
    DeadlineMissed(subject=REVIEW, step=Code("self_critique"), item=Label(""), due_at=DUE_AT),
    TimerSettled(
        subject=REVIEW,
        step=Code("self_critique"),
        item=Label(""),
        due_at=DUE_AT,
        reason=Excuse.ABSENT,
    ),
    DeadlineMoved(
        subject=REVIEW,
        step=Code("self_critique"),
        item=Label(""),
        due_at=DUE_AT,
        by=HAND,
        text=words("g"),
    ),
    TimerResumed(subject=REVIEW, step=Code("self_critique"), item=Label(""), due_at=DUE_AT),
    CalendarSupplemented(
        subject=REVIEW,
        calendar=CALENDAR,
        dues=(Due(step=Code("self_critique"), due_at=DUE_AT),),
    ),
    EscalationRaised(
        cause=CAUSE,
        subject=REVIEW,
        step=Code("self_critique"),
        item=Label(""),
        due_at=DUE_AT,
        path=(CELL, TOP),
        rulebook=RULEBOOK,
        calendar=CALENDAR,
        rung=1,
        unit_id=CELL,
        post=Code("secretary"),
        acknowledge_due_at=DUE_AT,
    ),
    EscalationPassedOn(
        cause=CAUSE, rung=2, unit_id=TOP, post=Code("secretary"), acknowledge_due_at=DUE_AT
    ),
    EscalationMoved(
        cause=CAUSE,
        path=(OTHER_CELL, TOP),
        rung=1,
        unit_id=OTHER_CELL,
        post=Code("secretary"),
        acknowledge_due_at=DUE_AT,
    ),
    EscalationAcknowledged(cause=CAUSE, by=DECIDING_HAND, text=words("t")),
    EscalationResolved(cause=CAUSE, resolution=Resolution.DONE),
    ErasureOrdered(
        owner=Label(f"member-{MEMBER}"), scope=Label(PERIOD), ground=ErasureGround.REQUEST
    ),
    ErasureDone(owner=Label(f"member-{MEMBER}"), order_version=1, keys=2),
    TextOpened(
        period=PERIOD,
        member_id=MEMBER,
        texts=("s" * 42 + "A",),
        right=Code("secretary"),
        reader=Label("accountaaaaaaaaaaaaaaaaaaa"),
        reader_id=SECRETARY,
        authors=True,
    ),
)
