"""What people do before a rating is proposed: suggest points, answer them, hold the review."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from events.definitions.records import Label
from events.domain import meeting, member, review
from events.domain.rulebook import OFFICES
from events.identifiers import MemberId, Stream, UnitId, member_stream, new_id, review_stream
from services.access.roles import Action
from services.commands import reviews, year_counts
from services.commands.context import Context
from services.commands.reviews import Subject
from services.commands.work import Asking, Done, Work, perform

HeadsOf = Callable[[UnitId], Iterable[MemberId]]  # of a unit, as projected


def suggest_point(context: Context, asking: Asking, subject: Subject, text: str) -> Done:
    """Lay a point in writing before somebody, to be answered in their review."""

    def decide(work: Work) -> Stream:
        state, opened = reviews.load(work, subject, Action.SUGGEST_POINT)
        command = meeting.SuggestPoint(
            by=work.hand_in(state.path[1:] or state.path),
            point_id=Label(new_id(context.chance)),
            text=reviews.seal(work, subject, text),
        )
        rules = reviews.rules_of(work, opened)
        suggested = meeting.suggest_point(state, command, rules, now=context.clock.now())
        work.tell(subject.stream, suggested)
        return subject.stream

    return perform(context, asking, decide)


def answer_point(
    context: Context, asking: Asking, subject: Subject, point_id: str, text: str
) -> Done:
    """Hand in the reviewed person's answer to a suggested point."""

    def decide(work: Work) -> Stream:
        state, _ = reviews.load(work, subject, Action.ANSWER)
        command = meeting.AnswerPoint(
            by=reviews.own(work, subject),
            point_id=Label(point_id),
            text=reviews.seal(work, subject, text),
        )
        work.tell(subject.stream, meeting.answer_point(state, command))
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
        rules = reviews.rules_of(work, opened)
        command = meeting.HoldMeeting(
            by=work.hand_in((place, *state.path[-1:])),
            place=place,
            text=reviews.seal_optional(work, subject, text),
        )
        if not state.collective:  # a unit waits for nobody in its own meeting
            command = _with_turns(work, subject, command, heads_of)
        work.tell(
            subject.stream, meeting.hold_meeting(state, command, rules, now=context.clock.now())
        )
        return subject.stream

    return perform(context, asking, decide)


def _with_turns(
    work: Work, subject: Subject, command: meeting.HoldMeeting, heads_of: HeadsOf
) -> meeting.HoldMeeting:
    """Return a command with who is to be reviewed in its unit first, where the edition wants that.

    Who led the unit when its own review was opened is looked at too, for heads may belong to
    another unit; a head is whoever still holds the first office.
    """
    place = command.place
    unit = review.fold(work.events(review_stream(subject.period, place)))
    heads = {*heads_of(place), *unit.leaders}
    return replace(
        command,
        heads_waiting=tuple(_waiting(work, subject, place, heads)),
        unit_waiting=bool(unit.places_left()) and year_counts.stands(work.events, place),
    )


def _waiting(
    work: Work, subject: Subject, place: UnitId, heads: Iterable[MemberId]
) -> Iterator[MemberId]:
    """Iterate over the heads of a unit who are to be reviewed in it, and were not yet."""
    store = work.context.store
    for head in sorted(heads):
        roster = member.fold(store.read_stream(member_stream(head)).events)
        if head != subject.member_id and place in year_counts.led(roster, OFFICES[:1]):
            history = store.read_stream(review_stream(subject.period, head))
            if place in review.fold(history.events).places_left():
                yield head
