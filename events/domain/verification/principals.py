"""Whether whoever a fact says that they told it may have: its principal, by what was told before.

What people do is told by an account that was told to be that member's, and that no operator had
disabled by then; so what a member writes, and for a unit what the hand that it names does. Workers
tell what they are there for, the operator what of accounts and documents is theirs, and other
systems what intake takes from a token. A criticism is told by its author's pseudonym alone.

Whoever has the database may name the right principal too: this finds who named any.
It is over 300 lines: of each type of ours one line says by which rule it is told.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import UNSET

from events.definitions.access import ACCESS
from events.definitions.cycle import (
    CycleClosed,
    CycleOpened,
    CycleTakenOver,
    CycleVoided,
    DocumentPublished,
    IssuerFreed,
)
from events.definitions.deadline import (
    CalendarSupplemented,
    DeadlineMissed,
    DeadlineMoved,
    TimerResumed,
    TimerSettled,
)
from events.definitions.entry import Entry, Recorded, Sequenced
from events.definitions.erasure import ERASURE
from events.definitions.escalation import (
    EscalationAcknowledged,
    EscalationMoved,
    EscalationPassedOn,
    EscalationRaised,
    EscalationResolved,
)
from events.definitions.event import Event
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
from events.definitions.records import Hand
from events.definitions.reopening import (
    ReviewEnded,
    ReviewMoved,
    ReviewReopened,
    ReviewResumed,
    ReviewVoided,
    StatementMade,
)
from events.definitions.review import (
    PSEUDONYM,
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
    DelegationEnded,
    FactCorrected,
    FactTookEffect,
    IssuerNamed,
    IssuerNameEnded,
    PostDelegated,
    UnitAuthorised,
    UnitAuthorityEnded,
)
from events.domain.verification.rating_checks import Check
from events.domain.verification.tellers import ACCOUNT, Tellers
from events.identifiers import MemberId

WORKER = "worker:"  # begins principals, as what `tellers` names does
OPERATOR, IMPORT = "operator", "import"  # whoever runs the service, and their import of files
ERASERS = (OPERATOR, f"{WORKER}housekeeping")  # who also take back what waits of the erased
TAKEOVERS, TRANSFERS = f"{WORKER}takeovers", f"{WORKER}transfers"
TIMEKEEPER = f"{WORKER}timekeeper"
WRONG_MAX = 5  # told of one check

Rule = Callable[[Tellers, Entry, Any], str]  # returns what is wrong; empty where nothing is


def why_not(tellers: Tellers, each: Recorded | Sequenced) -> str:
    """Return why its principal did not tell a fact; empty where they may have."""
    rule = RULES.get(type(each.event), _by_sender)
    wrong = rule(tellers, each.entry, each.event) or _not_their_source(each.entry)
    return wrong and f"{each.entry.type} was told by {each.entry.principal[:100]!r}: {wrong}"


def check_principals(history: Iterable[Recorded | Sequenced]) -> Check:
    """Return whether all that a rating rests on was told by who may, in the log's order."""
    tellers, told, wrong = Tellers(), 0, list[str]()
    for each in history:
        if found := why_not(tellers, each):
            wrong.append(f"{each.entry.stream} at {each.entry.streamversion}: {found}")
        tellers.tell(each)
        told += 1
    found = "; ".join(wrong[:WRONG_MAX]) or f"{told} facts, each by a principal that may tell it"
    return Check("principals", not wrong, found)


def actor(event: Event) -> MemberId | None:
    """Return which member acts by a fact, for themselves or by a post; None where nobody says."""
    by = getattr(event, "by", UNSET)
    if by:
        return by.member_id if isinstance(by, Hand) else MemberId(by)
    return getattr(event, "member_id", None) if isinstance(event, OWN_STEPS) else None


# Rules


def _not_their_source(entry: Entry) -> str:
    """Return that an entry has none of its principal's sources; empty where it has.

    Which a token may name its rule judges; files that are imported name any.
    """
    kind, _, name = entry.principal.partition(":")
    sources = SOURCES.get(entry.principal) or SOURCES.get(kind, ())
    told = sources and entry.source not in {each.format(name) for each in sources}
    return f"{entry.source[:100]!r} is no source of theirs" if told else ""


def _only(*principals: str) -> Rule:
    """Return the rule that some principals alone tell it."""
    told = f"only {' or '.join(principals)} tells it"
    return lambda _, entry, __: "" if entry.principal in principals else told


def _acts(*principals: str) -> Rule:
    """Return the rule that whoever acts tells it, or one of some principals for them."""

    def rule(tellers: Tellers, entry: Entry, event: Event) -> str:
        if entry.principal in principals:
            return ""
        return tellers.not_account(entry, actor(event) or UNSET)

    return rule


def _by_move(tellers: Tellers, entry: Entry, event: ReviewMoved | PlanMoved) -> str:
    """Return what is wrong with who moved it: after its member, or with a year taken over."""
    rule = _acts(TAKEOVERS) if event.by else _only(TRANSFERS)
    return rule(tellers, entry, event)


def _by_hand_or(principal: str) -> Rule:
    """Return the rule that whoever acts by an office tells it; what nobody did, a worker."""

    def rule(tellers: Tellers, entry: Entry, event: Any) -> str:
        told_by = _acts() if event.by else _only(principal)
        return told_by(tellers, entry, event)

    return rule


def _by_pseudonym(_: Tellers, entry: Entry, event: CriticismGiven) -> str:
    """Return what is wrong with who criticised: the pseudonym of the fact alone names them."""
    return "" if entry.principal == f"{PSEUDONYM}{event.author}" else "that is not its pseudonym"


def _by_plan_opening(tellers: Tellers, entry: Entry, event: PlanOpened) -> str:
    """Return what is wrong with who opened a plan: who announced what demands it, or wants one.

    Of a unit that wants one any account may: who acts stands on the proposal told with it.
    """
    if event.due_at:
        return tellers.not_account(entry, tellers.announcers.get((event.period, event.member_id)))
    return tellers.not_account(entry, None if event.collective else event.member_id)


def _by_publication(tellers: Tellers, entry: Entry, event: DocumentPublished) -> str:
    """Return what is wrong with who published: what we ship, whoever is first to open by it."""
    by_nobody = not event.by and entry.principal == OPERATOR
    return "" if by_nobody else tellers.not_account(entry, event.by.member_id if event.by else None)


def _by_reader(tellers: Tellers, entry: Entry, event: TextOpened) -> str:
    """Return what is wrong with who opened words: the account that it says, and its member."""
    if event.reader == OPERATOR == entry.principal:
        return ""
    if entry.principal != f"{ACCOUNT}{event.reader}":
        return "that is not who reads"
    return tellers.not_account(entry, event.reader_id)


def _by_sender_or(*names: str) -> Rule:
    """Return the rule that a sender tells it, or one of the members whom some fields name."""

    def rule(tellers: Tellers, entry: Entry, event: Event) -> str:
        if not entry.principal.startswith(ACCOUNT):
            return _by_sender(tellers, entry, event)
        wrong = [tellers.not_account(entry, getattr(event, name)) for name in names]
        return "" if "" in wrong else wrong[0]

    return rule


def _by_sender(tellers: Tellers, entry: Entry, event: Event) -> str:
    """Return what is wrong with who sent a fact; some of it the operator tells too."""
    told_by = (IMPORT, *ERASERS) if isinstance(event, OPERATORS) else (IMPORT,)
    return "" if entry.principal in told_by else tellers.not_token(entry)


OWN_STEPS = (
    CommitmentMade,
    SelfCritiqueSubmitted,
    CriticismAnswered,
    PointAnswered,
    NoticeAnswered,
    StatementMade,
    PlanProposed,
    EvidenceHandedIn,
)
BY_HAND: tuple[type[Event], ...] = (
    PointSuggested,
    MeetingHeld,
    RatingProposed,
    RatingAppraised,
    RatingReturned,
    RatingDecided,
    RatingAnnounced,
    ReviewReopened,
    DeadlineMoved,
    CycleOpened,
    CycleClosed,
    CycleTakenOver,
    CycleVoided,
    FollowerNamed,
    PlanAgreed,
    PlanReturned,
    MilestoneApproved,
    MoreAsked,
    MilestoneReturned,
    MilestoneExtended,
    DecisionWithdrawn,
    EscalationAcknowledged,
)
# Sent by other systems; told by the operator too, who also takes back what waits of the erased.
OPERATORS = (UnitAuthorised, UnitAuthorityEnded, IssuerNamed, IssuerNameEnded, FactCorrected)

# Which sources principals have, by these or how they begin; `{}` is the rest of the name.
SOURCES: Mapping[str, tuple[str, ...]] = {
    "account": ("/people", "/rulebooks"),
    "pseudonym": ("/people",),
    f"{WORKER}openings": ("/people",),
    f"{WORKER}housekeeping": ("/erasures",),
    "worker": ("/workers/{}",),
    OPERATOR: ("/operator", "/rights", "/rulebooks", "/erasures", "/keys", "/people"),
}

# By which rule each type of ours is told, and what people tell too; all others are sent.
RULES: Mapping[type[Event], Rule] = {
    **dict.fromkeys((*OWN_STEPS, *BY_HAND), _acts()),
    **dict.fromkeys((ReviewVoided, PlanVoided), _acts(TAKEOVERS)),
    **dict.fromkeys((ReviewMoved, PlanMoved), _by_move),
    StepWaived: _by_hand_or(TIMEKEEPER),
    **dict.fromkeys((ReviewEnded, ReviewResumed), _by_hand_or(TRANSFERS)),
    PlanUnfollowed: _only(TRANSFERS),
    ReviewOpened: _only(f"{WORKER}openings"),
    CriticismGiven: _by_pseudonym,
    PlanOpened: _by_plan_opening,
    DocumentPublished: _by_publication,
    TextOpened: _by_reader,
    PostDelegated: _by_sender_or("for_id"),
    DelegationEnded: _by_sender_or("for_id", "member_id"),
    **dict.fromkeys((DeadlineMissed, TimerSettled, FactTookEffect), _only(TIMEKEEPER)),
    TimerResumed: _only(f"{WORKER}returns"),
    CalendarSupplemented: _only(f"{WORKER}calendars"),
    **dict.fromkeys(
        (EscalationRaised, EscalationPassedOn, EscalationMoved, EscalationResolved),
        _only(f"{WORKER}escalation"),
    ),
    **dict.fromkeys(ERASURE, _only(*ERASERS)),
    **dict.fromkeys((*ACCESS, IssuerFreed), _only(OPERATOR)),
}
