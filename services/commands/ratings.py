"""How a rating comes about, as people bring it about: proposed, decided, announced."""

from collections.abc import Callable, Iterable

import msgspec

from events.definitions.entry import Recorded
from events.definitions.event import Code
from events.definitions.records import Facts, Outcome
from events.domain import deciding, member, plan, rating, review
from events.domain.rules import Rules
from events.domain.working_days import local_day
from events.identifiers import Stream, member_stream, plan_stream
from services.access.roles import Action
from services.commands import reviews
from services.commands.context import Context
from services.commands.reviews import Subject
from services.commands.work import Asking, Done, Work, perform


class Counted(msgspec.Struct, frozen=True):
    """What a unit lays down of a member's year; the rest of the facts comes from the log."""

    points: dict[str, int]
    figures: dict[str, int]


def propose_rating(
    context: Context, asking: Asking, subject: Subject, counted: Counted, text: str | None
) -> Done:
    """Lay down a member's points and figures; the rulebook makes the proposal of them.

    What else it is computed from is read in the same transaction and told in the fact: discipline
    in the year, and what of the year before's plan is still open.
    """

    def decide(work: Work) -> Stream:
        state, opened = reviews.load(work, subject, Action.PROPOSE_RATING)
        command = deciding.ProposeRating(
            by=reviews.hand(work, opened),
            facts=_facts(lambda stream: work.load(stream).events, subject, counted),
            text=reviews.seal_optional(work, subject, text),
        )
        rules = reviews.rules_of(work, opened)
        proposed = deciding.propose_rating(state, command, rules, now=context.clock.now())
        work.tell(subject.stream, proposed)
        return subject.stream

    return perform(context, asking, decide)


def decide_rating(
    context: Context,
    asking: Asking,
    subject: Subject,
    level: str,
    proposal_version: int,
    text: str | None,
) -> Done:
    """Decide a member's rating, on the proposal at `proposal_version`."""

    def decide(work: Work) -> Stream:
        state, opened = reviews.load(work, subject, Action.DECIDE_RATING)
        command = deciding.DecideRating(
            by=reviews.hand(work, opened, of=opened.path[-1:]),
            level=Code(level),
            proposal_version=proposal_version,
            text=reviews.seal_optional(work, subject, text),
        )
        rules = reviews.rules_of(work, opened)
        decided = deciding.decide_rating(state, command, rules, now=context.clock.now())
        work.tell(subject.stream, decided)
        return subject.stream

    return perform(context, asking, decide)


def announce_rating(context: Context, asking: Asking, subject: Subject) -> Done:
    """Give notice of a rating, and open a remediation plan where the rulebook wants one."""

    def decide(work: Work) -> Stream:
        state, opened = reviews.load(work, subject, Action.ANNOUNCE_RATING)
        rules = reviews.rules_of(work, opened)
        command = deciding.AnnounceRating(by=reviews.hand(work, opened))
        work.tell(subject.stream, deciding.announce_rating(state, command, rules))
        if review.level(state) in rules.rulebook.plan.required_at:
            reviews.open_plan(work, subject, opened, rules, required=True)
        return subject.stream

    return perform(context, asking, decide)


def foreseen(
    context: Context, subject: Subject, rules: Rules, counted: Counted
) -> tuple[Facts, Outcome]:
    """Return what the rulebook would make of points and figures now; nothing is appended.

    Raises:
        FactsOutOfRange: they are not what this rulebook asks for.
    """
    facts = _facts(lambda stream: context.store.read_stream(stream).events, subject, counted)
    return facts, rating.outcome(rules.rulebook, facts)


def _facts(
    read: Callable[[Stream], Iterable[Recorded]], subject: Subject, counted: Counted
) -> Facts:
    roster = member.view(member.fold(read(member_stream(subject.member_id))))
    before = plan_stream(str(int(subject.period) - 1), subject.member_id)
    return Facts(
        points=counted.points,
        figures=counted.figures,
        disciplined=any(
            str(local_day(each.since).year) == subject.period for each in roster.disciplines
        ),
        earlier_faults_open=plan.faults_open(plan.fold(read(before))),
    )
