"""What years are made of in the party edition of 2025, which knows every step, fact by fact.

Four units one below the other: the highest committee, the one above, the committee that opens the
year, and its cell. Dues, paths and outcomes in here are blanks: `by_law` fills them in.

It is over 300 lines, one short fact after another: whoever writes a year reads them in one place.
"""

from datetime import UTC, date, datetime

import msgspec
from msgspec import UNSET

from events.definitions.cycle import (
    CycleClosed,
    CycleOpened,
    DocumentKind,
    DocumentPublished,
)
from events.definitions.deadline import (
    DeadlineMoved,
)
from events.definitions.event import Code, Event, Number, Subject
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
    PlanOpened,
    PlanProposed,
)
from events.definitions.records import Digest, Facts, Hand, Label, Milestone, Outcome, Source
from events.definitions.reopening import ReviewReopened
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
from events.definitions.roster import (
    IssuerNamed,
    MemberDisciplined,
    MemberEnrolled,
    PostGiven,
    UnitAuthorised,
    UnitFormed,
)
from events.domain.documents.document import Bilingual
from events.domain.documents.working_days import Holiday
from events.domain.rulebook.grounds import Needs, Reopener, ReopeningGround
from events.domain.rulebook.step_terms import StepTerms, Without
from events.domain.steps import At, Step
from events.domain.year.rules import Rules
from events.identifiers import MemberId, UnitId, plan_stream, review_stream
from events.store.documents import UnknownDocument
from tests.support.collective_facts import AS_UNIT, DEPUTY_OF_CELL
from tests.support.law import (
    CELL,
    LEADER,
    LEADERS_HAND,
    MEMBER,
    PEER,
    SECRETARY,
    SECRETARYS_HAND,
    TOP,
)
from tests.support.lawful import Asked, on
from tests.support.party_rules import DEPUTY, DEPUTYS_HAND, PARTY, POINT, WORDS, YEAR, facts
from tests.support.plan_facts import FILE
from tests.support.sealed import sealed

ROOT, ABOVE = UnitId("rootaaaaaaaaaaaaaaaaaaaaaa"), UnitId("aboveaaaaaaaaaaaaaaaaaaaaa")
OTHER, GROUP = UnitId("otheraaaaaaaaaaaaaaaaaaaaa"), UnitId("groupaaaaaaaaaaaaaaaaaaaaa")
GONE_TOP, FAR_CELL = UnitId("gonetopaaaaaaaaaaaaaaaaaaa"), UnitId("farcellaaaaaaaaaaaaaaaaaaa")
OF_FAR_CELL, LEFT_BEHIND = (MemberId(f"{name:a<26}") for name in ("offarcell", "leftbehind"))
HIGHEST, SUPERIOR = (MemberId(f"{name:a<26}") for name in ("highest", "superior"))
ADVISER, NEXT = (MemberId(f"{name:a<26}") for name in ("adviser", "next"))
HIGHESTS_HAND = Hand(member_id=HIGHEST, unit_id=ROOT, post=Code("secretary"))
SUPERIORS_HAND = Hand(member_id=SUPERIOR, unit_id=ABOVE, post=Code("secretary"))
ADVISERS_HAND = Hand(member_id=ADVISER, unit_id=TOP, post=Code("deputy_secretary"))
NEXTS_HAND = Hand(member_id=NEXT, unit_id=OTHER, post=Code("secretary"))
CRITICISM, FIRST, SECOND = Label("criticismaaaaaaaaaaaaaaaaa"), Label("1"), Label("2")
REVIEW, PLAN = Subject(review_stream(YEAR, MEMBER)), Subject(plan_stream(YEAR, MEMBER))
DECISION = sealed("12-QĐ")
BLANK = datetime(2000, 1, 1, tzinfo=UTC)  # a day that the law says
NOTHING = Outcome(level=Code("poor"), total=0, reasons=(), calculus=Label(""))

NEWER = Digest("cb" * 32)
_DAY_OFF = Holiday(date=date(2025, 12, 11), name=Bilingual(vi="Nghỉ", en="Day off"))
_MORE = (*PARTY.calendar.holidays, _DAY_OFF)
SUPPLEMENTED = Rules(
    PARTY.rulebook,
    msgspec.structs.replace(PARTY.calendar, edition="9", holidays=_MORE),
    Source(rulebook=PARTY.source.rulebook, calendar=NEWER),
)


ELSEWHERE = Digest("cc" * 32)  # a calendar of another name
OF_ANOTHER_NAME = Rules(
    PARTY.rulebook,
    msgspec.structs.replace(PARTY.calendar, id="elsewhere"),
    Source(rulebook=PARTY.source.rulebook, calendar=ELSEWHERE),
)


LENIENT = Digest("cd" * 32)  # an edition that goes on without what is not done in time
_WITHOUT = {
    Step.SELF_CRITIQUE: Without.AUTHORITY,
    Step.SUGGESTION_ANSWER: Without.WAIVED,
    Step.MEETING: Without.WAIVED,
    Step.APPRAISAL: Without.AUTHORITY,
}
GOING_ON = Rules(
    msgspec.structs.replace(
        PARTY.rulebook,
        steps={
            name: msgspec.structs.replace(each, without=_WITHOUT.get(Step(name), each.without))
            for name, each in PARTY.rulebook.steps.items()
        },
    ),
    PARTY.calendar,
    Source(rulebook=LENIENT, calendar=PARTY.source.calendar),
)


ROW = Digest("ce" * 32)  # an edition with two appraisals, one after the other


def _appraisal(place: At, after: str | None = None) -> StepTerms:
    label = Bilingual(vi=place, en=place)
    plain = PARTY.rulebook.steps[Step.APPRAISAL]
    return msgspec.structs.replace(
        plain, kind=Step.APPRAISAL, label=label, place=place, after=after
    )


IN_A_ROW = Rules(
    msgspec.structs.replace(
        PARTY.rulebook,
        steps={
            **{name: e for name, e in PARTY.rulebook.steps.items() if name != Step.APPRAISAL},
            "reviewing": _appraisal(At.OWN),
            "signing": _appraisal(At.AUTHORITY, after="reviewing"),
        },
    ),
    PARTY.calendar,
    Source(rulebook=ROW, calendar=PARTY.source.calendar),
)


NAMING = Digest("cf" * 32)  # an edition that names grounds on which a rating is given again
BY_GROUNDS = Rules(
    msgspec.structs.replace(
        PARTY.rulebook,
        stated_reopening=(
            ReopeningGround(
                id="petition_upheld",
                label=Bilingual(vi="kiến nghị được chấp nhận", en="a petition was upheld"),
                needs=Needs.WORDS,
                who=(Reopener.SUPERIOR,),
                within_days=90,
                citation="1",
            ),
            ReopeningGround(
                id="fault_found",
                label=Bilingual(vi="phát hiện khuyết điểm", en="a fault was found"),
                needs=Needs.WORDS,
                hears=3,
                citation="1",
            ),
            ReopeningGround(
                id="late_discipline",
                label=Bilingual(vi="bị kỷ luật sau", en="disciplined later"),
                needs=Needs.LATE_DISCIPLINE,
                citation="2",
            ),
        ),
    ),
    PARTY.calendar,
    Source(rulebook=NAMING, calendar=PARTY.source.calendar),
)


def rules_of(source: Source) -> Rules:
    """Return the rules of 2025, by the calendar or edition published first or by another one."""
    for each in (PARTY, SUPPLEMENTED, OF_ANOTHER_NAME, GOING_ON, IN_A_ROW, BY_GROUNDS):
        if each.source == source:
            return each
    raise UnknownDocument(source.calendar)


def published(digest: str, kind: DocumentKind, edition: str = "1", **told: object) -> Event:
    issuer, name = Label("tusoi"), Label(kind)
    facts = {"issuer": issuer, "name": name, "edition": Label(edition)} | told
    return DocumentPublished(kind=kind, digest=Digest(digest), **facts)  # type: ignore[arg-type]


def formed(unit_id: UnitId, kind: str, parent: UnitId | None = None) -> UnitFormed:
    number, above = Number(unit_id[:5]), parent or UNSET
    return UnitFormed(
        unit_id=unit_id, number=number, name=unit_id, kind=Code(kind), parent_id=above
    )


def enrolled(member_id: MemberId, unit_id: UnitId) -> MemberEnrolled:
    told = sealed(member_id)
    return MemberEnrolled(member_id=member_id, unit_id=unit_id, number=told, name=told)


def given(hand: Hand) -> PostGiven:
    return PostGiven(member_id=hand.member_id, unit_id=hand.unit_id, post=hand.post)


ROSTER: tuple[Asked, ...] = (
    *on("2020-01-06", formed(ROOT, "committee"), formed(ABOVE, "committee", ROOT)),
    *on("2020-01-06", formed(TOP, "committee", ABOVE), formed(CELL, "cell", TOP)),
    *on("2020-01-06", formed(OTHER, "cell", TOP), UnitAuthorised(unit_id=TOP)),
    *on("2020-01-06", IssuerNamed(unit_id=TOP, issuer=Code("suoi_guong"))),
    *on("2020-01-07", *(enrolled(each, CELL) for each in (MEMBER, PEER, SECRETARY))),
    *on("2020-01-07", *(enrolled(each, TOP) for each in (LEADER, DEPUTY, ADVISER))),
    *on("2020-01-07", enrolled(SUPERIOR, ABOVE), enrolled(HIGHEST, ROOT), enrolled(NEXT, OTHER)),
    *on("2020-01-08", *map(given, (SECRETARYS_HAND, DEPUTY_OF_CELL, LEADERS_HAND))),
    *on("2020-01-08", *map(given, (DEPUTYS_HAND, ADVISERS_HAND, SUPERIORS_HAND, HIGHESTS_HAND))),
    *on("2020-01-08", given(NEXTS_HAND)),
)
RULEBOOK, CALENDAR = PARTY.source.rulebook, PARTY.source.calendar
PUBLISHED = tuple(
    on(
        "2025-10-31",
        published(RULEBOOK, DocumentKind.RULEBOOK),
        published(CALENDAR, DocumentKind.CALENDAR),
        published(
            "f0" * 32,
            DocumentKind.RULEBOOK,
            issuer=Label("suoi_guong"),
            name=Label("own"),
            by=LEADERS_HAND,
        ),
    )
)
YEAR_OPENED = CycleOpened(
    period=YEAR, unit_id=TOP, rulebook=RULEBOOK, calendar=CALENDAR, by=LEADERS_HAND
)
BEGUN = (*ROSTER, *PUBLISHED, *on("2025-11-01", YEAR_OPENED))


def opened(subject: str = MEMBER, path: tuple[UnitId, ...] = (CELL, TOP)) -> ReviewOpened:
    """Return the opening of a review, of a member or of the first unit of its path."""
    return ReviewOpened(
        period=YEAR,
        member_id=MemberId(subject),
        path=path,
        rated_by=path[subject == path[0] :],
        rulebook=RULEBOOK,
        calendar=CALENDAR,
        dues=(),
        steps=(),
        places=(),
        collective=subject == path[0],
    )


def written(of: MemberId = MEMBER, by: Hand | None = None) -> SelfCritiqueSubmitted:
    return SelfCritiqueSubmitted(
        period=YEAR, member_id=of, text=WORDS, proposal_due_at=BLANK, by=by or UNSET
    )


def waived(step: Step, item: str = "", by: Hand | None = None) -> StepWaived:
    return StepWaived(
        period=YEAR,
        member_id=MEMBER,
        step=Code(step.value),
        item=Label(item),
        dues=(),
        by=by or UNSET,
        text=WORDS if by else UNSET,
    )


def met(of: MemberId = MEMBER, by: Hand = SECRETARYS_HAND, place: UnitId = CELL) -> MeetingHeld:
    return MeetingHeld(period=YEAR, member_id=of, place=place, by=by, proposal_due_at=BLANK)


def proposed(
    of: MemberId = MEMBER, by: Hand = SECRETARYS_HAND, counted: Facts | None = None
) -> RatingProposed:
    return RatingProposed(
        period=YEAR,
        member_id=of,
        facts=counted or facts(),
        outcome=NOTHING,
        by=by,
        decision_due_at=BLANK,
        text=WORDS,
    )


def appraised(version: int, of: MemberId = MEMBER, level: str = "excellent") -> RatingAppraised:
    return RatingAppraised(
        period=YEAR,
        member_id=of,
        level=Code(level),
        proposal_version=version,
        item=Label(""),
        by=DEPUTYS_HAND,
        text=WORDS,
    )


def given_back(version: int, of: MemberId = MEMBER) -> RatingReturned:
    return RatingReturned(
        period=YEAR,
        member_id=of,
        proposal_version=version,
        by=LEADERS_HAND,
        proposal_due_at=BLANK,
        text=WORDS,
    )


def decided(
    version: int, of: MemberId = MEMBER, level: str = "fair", by: Hand = LEADERS_HAND
) -> RatingDecided:
    return RatingDecided(
        period=YEAR,
        member_id=of,
        level=Code(level),
        proposal_version=version,
        by=by,
        announcement_due_at=BLANK,
        text=WORDS,
    )


def announced(of: MemberId = MEMBER, by: Hand = SECRETARYS_HAND) -> RatingAnnounced:
    return RatingAnnounced(period=YEAR, member_id=of, by=by)


def plan_opened(of: MemberId = MEMBER) -> PlanOpened:
    return PlanOpened(
        period=YEAR,
        member_id=of,
        path=(),
        rulebook=RULEBOOK,
        calendar=CALENDAR,
        due_at=BLANK,
        collective=of == AS_UNIT,
        leaders=(),
    )


def planned(of: MemberId = MEMBER, by: Hand | None = None) -> PlanProposed:
    days = (datetime(2026, month, 30, 2, tzinfo=UTC) for month in (3, 6))
    names = zip((FIRST, SECOND), days, strict=True)
    return PlanProposed(
        period=YEAR,
        member_id=of,
        text=WORDS,
        milestones=tuple(Milestone(id=name, due_at=day, words=WORDS) for name, day in names),
        agreement_due_at=BLANK,
        by=by or UNSET,
    )


def follower_named(of: MemberId = MEMBER, follower: MemberId = SECRETARY) -> FollowerNamed:
    return FollowerNamed(period=YEAR, member_id=of, follower_id=follower, by=SECRETARYS_HAND)


def agreed(
    version: int, of: MemberId = MEMBER, by: Hand = SECRETARYS_HAND, follower: MemberId = PEER
) -> PlanAgreed:
    return PlanAgreed(
        period=YEAR, member_id=of, proposal_version=version, follower_id=follower, by=by
    )


def shown(of: MemberId = MEMBER, which: Label = FIRST, by: Hand | None = None) -> EvidenceHandedIn:
    return EvidenceHandedIn(
        period=YEAR,
        member_id=of,
        milestone_id=which,
        files=(FILE,),
        review_due_at=BLANK,
        by=by or UNSET,
    )


def _verdict(version: int, of: MemberId = MEMBER, by: MemberId = PEER) -> dict[str, object]:
    told = {"period": YEAR, "member_id": of, "milestone_id": FIRST, "by": by}
    return told | {"evidence_version": version, "text": WORDS}


def approved(version: int, of: MemberId = MEMBER, by: MemberId = PEER) -> MilestoneApproved:
    return MilestoneApproved(**_verdict(version, of, by))  # type: ignore[arg-type]


def more_asked(version: int) -> MoreAsked:
    return MoreAsked(**_verdict(version))  # type: ignore[arg-type]


def sent_back(version: int) -> MilestoneReturned:
    return MilestoneReturned(**_verdict(version))  # type: ignore[arg-type]


WITHDRAWN = DecisionWithdrawn(
    period=YEAR, member_id=MEMBER, milestone_id=FIRST, decision_version=0, by=PEER
)
EXTENDED = MilestoneExtended(
    period=YEAR,
    member_id=MEMBER,
    milestone_id=SECOND,
    due_at=datetime(2026, 9, 30, 2, tzinfo=UTC),
    by=PEER,
    text=WORDS,
)
COMMITTED = CommitmentMade(period=YEAR, member_id=MEMBER, text=WORDS)
SUGGESTED = PointSuggested(
    period=YEAR,
    member_id=MEMBER,
    point_id=POINT,
    by=LEADERS_HAND,
    text=WORDS,
    answer_due_at=BLANK,
)
POINT_ANSWERED = PointAnswered(period=YEAR, member_id=MEMBER, point_id=POINT, text=WORDS)
CRITICISED = CriticismGiven(
    period=YEAR,
    member_id=MEMBER,
    criticism_id=CRITICISM,
    author=Label("pseudonym"),
    text=WORDS,
    answer_due_at=BLANK,
)
ANSWERED = CriticismAnswered(period=YEAR, member_id=MEMBER, criticism_id=CRITICISM, text=WORDS)
NOTICE_ANSWERED = NoticeAnswered(period=YEAR, member_id=MEMBER, text=WORDS)
MORE_TIME = DeadlineMoved(
    subject=REVIEW,
    step=Code("meeting"),
    item=Label(""),
    due_at=datetime(2025, 12, 12, 2, tzinfo=UTC),
    by=LEADERS_HAND,
    text=WORDS,
)
DISCIPLINED = MemberDisciplined(
    member_id=MEMBER, decision=DECISION, grade=Code("warning"), fault_period=YEAR
)
REOPENED = ReviewReopened(
    period=YEAR,
    member_id=MEMBER,
    ground=Code("late_discipline"),
    by=LEADERS_HAND,
    proposal_due_at=BLANK,
    decision=DECISION,
    text=WORDS,
)
YEAR_CLOSED = CycleClosed(period=YEAR, unit_id=TOP, by=LEADERS_HAND)
