"""Whose review is opened, in which group and before which units; and how it follows a transfer.

Each decision returns the fact to append, or raises `CommandRejected`.
"""

from dataclasses import dataclass
from datetime import date, datetime

from msgspec import UNSET

from events.definitions.event import Code
from events.definitions.records import Appraisal, Due, Hand, Label, Period
from events.definitions.reopening import ReviewMoved, ReviewVoided
from events.definitions.review import ReviewOpened
from events.definitions.roster import Standing
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.documents.working_days import local_day, months_after
from events.domain.review.state import STEPS, State
from events.domain.review.writing_steps import opened_review, under_way
from events.domain.rulebook.terms import AtTheEnd, Exemption, Group, Why
from events.domain.steps import At, Step, begins, steps_named
from events.domain.year.competence import rated_by
from events.domain.year.rules import Rules
from events.identifiers import MemberId, UnitId

EXEMPT = Why.EXEMPT
ABSENT = Code("absent")  # all that a fact or a refusal tells of an absence
LEFT_OUT = (  # when a year is opened
    Rejection.EXEMPT,
    Rejection.GROUP_NOT_REVIEWED,
    Rejection.UNITS_NOT_REVIEWED,
    Rejection.OPENED_ABOVE,
    Rejection.RATED_ABOVE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReview:
    """Begin a member's year."""

    period: Period
    member_id: MemberId
    path: tuple[UnitId, ...]
    standing: Standing
    posts: tuple[tuple[UnitId, str], ...] = ()  # held by the member, anywhere
    kinds: tuple[str, ...] = ()  # of the units of the path
    above: tuple[UnitId, ...] = ()  # the units above the last of the path
    under: tuple[UnitId, ...] = ()  # of the path, where they hold an office in it or above, by now
    member_since: datetime | None = None
    away: str = ""  # "exempt", or the reason of an absence, which no fact tells


def open_review(state: State, command: OpenReview, rules: Rules, *, now: datetime) -> ReviewOpened:
    """Return the opening, with everything that the edition says of somebody like this."""
    if state.opened and not state.is_left_to(command.path[-1]):
        raise CommandRejected(Rejection.REVIEW_OPEN)
    exemption = exemption_of(command, rules, now=now)
    if command.away == EXEMPT or (exemption and not exemption.rated_only):
        rule = exemption.citation if exemption else "exemptions"
        why = told_why(exemption) if exemption else EXEMPT
        raise CommandRejected(
            Rejection.EXEMPT, rule="exemptions" if why == ABSENT else rule, why=why
        )
    group = group_of(command, rules)
    if group and not group.reviewed:
        raise CommandRejected(Rejection.GROUP_NOT_REVIEWED, group=group.id)
    steps = steps_of(rules, rated=not exemption)
    return ReviewOpened(
        period=command.period,
        member_id=command.member_id,
        path=command.path,
        rated_by=_require_raters(command, group.id if group else "", rules),
        standing=command.standing,
        rulebook=rules.source.rulebook,
        calendar=rules.source.calendar,
        dues=dues_of(steps, command.period, rules, now),
        steps=steps,
        appraisals=appraisals_of(rules, steps),
        places=venues(command, rules),
        group=Code(group.id) if group else UNSET,
        unrated=told_why(exemption) if exemption else UNSET,
    )


def steps_of(rules: Rules, *, rated: bool) -> tuple[Code, ...]:
    """Return the steps of a review by an edition; without those of a rating where there is none."""
    steps = (step for step in STEPS if rules.rulebook.has(step))
    return tuple(Code(step.value) for step in steps if rated or not step.row.rates)


def appraisals_of(rules: Rules, steps: tuple[Code, ...]) -> tuple[Appraisal, ...]:
    """Return which appraisals a review has by an edition, in their order, if it has that step."""
    items = rules.rulebook.items_of(Step.APPRAISAL) if Step.APPRAISAL.value in steps else ()
    return tuple(Appraisal(item=Label(item), at=_place(rules, item)) for item in items)


def _place(rules: Rules, item: str) -> Code:
    terms = rules.rulebook.terms_of(Step.APPRAISAL, item)
    return Code((terms and terms.place) or At.AUTHORITY)


def dues_of(
    steps: tuple[Code, ...], period: Period, rules: Rules, now: datetime
) -> tuple[Due, ...]:
    """Return until when the steps are due whose turn is from the opening on."""
    named = steps_named(steps)
    return tuple(
        Due(step=Code(step.value), due_at=rules.due_at(step, period=period, cause=now))
        for step in named
        if begins(step, named)
    )


def exemption_of(command: OpenReview, rules: Rules, *, now: datetime) -> Exemption | None:
    """Return by which exemption somebody is not reviewed or not rated; the strictest first."""
    day = review_day(command.period, rules, now)
    found = [each for each in rules.rulebook.exemptions if _applies(each, command, day)]
    return min(found, key=lambda each: each.rated_only, default=None)


def told_why(exemption: Exemption) -> Code:
    """Return what is told of an exemption: for which reason somebody is absent is sealed."""
    return Code(exemption.why) if exemption.why in (EXEMPT, Why.NEW) else ABSENT


def review_day(period: Period, rules: Rules, now: datetime) -> date:
    """Return the day on which the self-critique is due, or without one the proposal.

    Who is new by then is too new.

    Opened in January, a year would else pass over everybody who came in the half year before.
    """
    written = rules.rulebook.has(Step.SELF_CRITIQUE)
    step = Step.SELF_CRITIQUE if written else Step.PROPOSAL
    return local_day(rules.due_at(step, period=period, cause=now))


def _applies(exemption: Exemption, command: OpenReview, day: date) -> bool:
    if exemption.months is None:
        return command.away == exemption.why
    since = command.member_since
    return since is not None and day < months_after(local_day(since), exemption.months)


def group_of(command: OpenReview, rules: Rules) -> Group | None:
    """Return the group of subjects by whose rules somebody is rated."""
    own_kind = next(iter(command.kinds), "")
    return rules.rulebook.group_of({post for _, post in command.posts}, own_kind)


def _require_raters(command: OpenReview, group: str, rules: Rules) -> tuple[UnitId, ...]:
    """Return the units that rate somebody. Raises CommandRejected where none of this year may."""
    terms = rules.rulebook.competence_for(group)
    if found := _raters(command, group, rules):
        return found
    if command.above or (terms and terms.at_the_end is AtTheEnd.LEFT_OUT):
        raise CommandRejected(Rejection.RATED_ABOVE)
    return _colleagues(command)


def _colleagues(command: OpenReview) -> tuple[UnitId, ...]:
    """Return the unit whose year it is: the others who hold an office there rate one of them."""
    return command.path[-1:]


def _raters(command: OpenReview, group: str, rules: Rules) -> tuple[UnitId, ...]:
    """Return the units that rate somebody, by the offices that they hold; none if none may."""
    terms, offices = rules.rulebook.competence_for(group), rules.rulebook.offices
    held = {unit_id for unit_id, post in command.posts if post in offices}.union(command.under)
    if terms and not held.isdisjoint(command.above):
        return ()
    return rated_by(command.path, command.kinds, terms, offices_in=held)


def venues(command: OpenReview, rules: Rules) -> tuple[UnitId, ...]:
    """Return the units before which somebody is reviewed: their own, and where posts take them."""
    meetings = rules.rulebook.meetings
    if meetings is None:
        return ()
    elsewhere = (unit_id for unit_id, post in command.posts if post in meetings.posts)
    return tuple(dict.fromkeys((command.path[0], *elsewhere)))


def move_review(state: State, command: OpenReview, rules: Rules) -> ReviewMoved:
    """Return that a review follows somebody: to another unit, or to the posts they hold now."""
    opened = under_way(state)
    settled = bool(state.proposal or state.reopening)
    places = state.venues if settled else venues(command, rules)
    by = _raters_from_now(state, command, opened.group or "", rules)
    if (state.pinned_path, state.venues, state.pinned_units_above) == (command.path, places, by):
        raise CommandRejected(Rejection.REVIEW_THERE)
    if settled and (state.decision or command.path != state.pinned_path):
        raise CommandRejected(Rejection.REVIEW_STAYS)
    return ReviewMoved(
        period=opened.period,
        member_id=opened.member_id,
        path=command.path,
        rated_by=by,
        places=places,
    )


def _raters_from_now(
    state: State, command: OpenReview, group: str, rules: Rules
) -> tuple[UnitId, ...]:
    """Return the units that rate from now on.

    Once it is proposed, rated again or taken over they stay, unless who is rated heads one of them.
    """
    rated, path = state.pinned_units_above, command.path
    taken_over = any(each.fact.by for each in state.moves)
    stays = state.proposal or state.reopening or (taken_over and path == state.pinned_path)
    if stays and set(rated).isdisjoint(command.under):
        return rated
    by = _raters(command, group, rules) or _colleagues(command)
    return path[path.index(by[0]) :] if taken_over else by


def take_over_review(state: State, path: tuple[UnitId, ...], by: Hand) -> ReviewMoved:
    """Return that a review goes on before a unit above, whatever was done in it; it decides."""
    rated = state.pinned_units_above
    opened = opened_review(state)
    if state.pinned_path == path:
        raise CommandRejected(Rejection.REVIEW_THERE)
    return ReviewMoved(
        period=opened.period,
        member_id=opened.member_id,
        path=path,
        rated_by=path[path.index(rated[0]) :],
        places=state.venues,
        by=by,
    )


def void_review(state: State, by: Hand) -> ReviewVoided:
    """Return that nothing told of a review counts any more."""
    opened = opened_review(state)
    return ReviewVoided(period=opened.period, member_id=opened.member_id, by=by)
