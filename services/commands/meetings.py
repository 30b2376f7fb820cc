"""What people do before a rating is proposed: suggest points, answer them, hold the review."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace

from events.definitions.records import Label
from events.domain.organisation import member
from events.domain.review import meeting_steps, review
from events.domain.steps import Step
from events.identifiers import MemberId, Stream, UnitId, member_stream, new_id, review_stream
from services.access.roles import Action
from services.commands import reviews
from services.commands.work import Asking, Done, Work, perform
from services.context import Context
from services.queries import year_counts
from services.subject import Subject

# Who holds some posts in a unit, sought below another one.
HeadsOf = Callable[[UnitId, UnitId, Collection[str]], Iterable[MemberId]]


def suggest_point(context: Context, asking: Asking, subject: Subject, text: str) -> Done:
    """Lay a point in writing before somebody, to be answered in their review."""

    def decide(work: Work) -> Stream:
        state, _ = reviews.load(work, subject, Action.SUGGEST_POINT)
        command = meeting_steps.SuggestPoint(
            by=work.hand_for(state.path[1:] or state.path),
            point_id=Label(new_id(context.chance)),
            text=reviews.seal(work, subject, text),
        )
        rules = reviews.rules_of(work, state)
        suggested = meeting_steps.suggest_point(state, command, rules, now=work.now)
        work.tell(subject.stream, suggested)
        return subject.stream

    return perform(context, asking, decide)


def answer_point(
    context: Context, asking: Asking, subject: Subject, point_id: str, text: str
) -> Done:
    """Hand in the reviewed person's answer to a suggested point."""

    def decide(work: Work) -> Stream:
        state, _ = reviews.load(work, subject, Action.ANSWER)
        command = meeting_steps.AnswerPoint(
            by=reviews.acting_member(work, subject),
            point_id=Label(point_id),
            text=reviews.seal(work, subject, text),
            hand=reviews.leading_hand(work, subject),
        )
        work.tell(subject.stream, meeting_steps.answer_point(state, command))
        return subject.stream

    return perform(context, asking, decide)


def hold_meeting(
    context: Context,
    asking: Asking,
    subject: Subject,
    place: UnitId,
    heads_of: HeadsOf,
    text: str | None,
) -> Done:
    """Tell that a unit reviewed somebody, or itself, in its meeting, with its comment."""

    def decide(work: Work) -> Stream:
        state, opened = reviews.load(work, subject, Action.HOLD_MEETING)
        rules = reviews.rules_of(work, state)
        command = meeting_steps.HoldMeeting(
            by=work.hand_for((place, *state.path[-1:]), Step.MEETING),
            place=place,
            text=reviews.seal_optional(work, subject, text),
            away=reviews.excuse_of(work, opened),
        )
        if not state.collective:  # a unit waits for nobody in its own meeting
            stands = year_counts.stands(work.events, place)
            posts = rules.rulebook.roles.head
            heads = heads_of(place, state.path[-1], posts) if stands else ()
            command = _with_turns(work, subject, command, heads, posts)
        work.tell(
            subject.stream,
            meeting_steps.hold_meeting(state, command, rules, now=work.now),
        )
        return subject.stream

    return perform(context, asking, decide)


def _with_turns(
    work: Work,
    subject: Subject,
    command: meeting_steps.HoldMeeting,
    heads: Iterable[MemberId],
    posts: Collection[str],
) -> meeting_steps.HoldMeeting:
    """Return a command with who is to be reviewed before, where the edition wants that."""
    place = command.place
    unit = review.fold(work.events(review_stream(subject.period, place)))
    return replace(
        command,
        heads_waiting=tuple(_heads_waiting(work, subject, place, heads, posts)),
        unit_waiting=bool(unit.venues_awaited()) and year_counts.stands(work.events, place),
    )


def _heads_waiting(
    work: Work,
    subject: Subject,
    place: UnitId,
    heads: Iterable[MemberId],
    posts: Collection[str],
) -> Iterator[MemberId]:
    """Iterate over who heads a unit now and was not reviewed yet: there, or where they are to be.

    Who is away, as an edition accepts it, is waited for by nobody: they are reviewed once they are
    back. Whoever was appointed since may be reviewed elsewhere only. Another head waits for them
    just where both are reviewed, and no head of this unit does, so that no two wait for each other.
    """
    own = _units_headed(work, subject.member_id, posts)
    if place in own:
        return
    for head in sorted(heads):
        if place in _units_headed(work, head, posts):
            history = work.context.store.read_stream(review_stream(subject.period, head))
            reviewed = review.fold(history.events)
            if reviewed.opened and reviews.excuse_of(work, reviewed.opened.fact):
                continue
            where = {place} if own or place in reviewed.venues else {*reviewed.venues}
            if not where.isdisjoint(reviewed.venues_awaited()):
                yield head


def _units_headed(work: Work, member_id: MemberId, posts: Collection[str]) -> tuple[UnitId, ...]:
    """Return the units in which a member holds one of the posts that head one."""
    history = work.context.store.read_stream(member_stream(member_id))
    return year_counts.units_led(member.fold(history.events), posts)
