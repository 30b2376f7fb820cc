"""Everything by which intake refuses: one class for each thing that a sender can mend."""

from events.domain.aggregate.rejections import CommandRejected
from events.errors import TusoiError


class Refusal(TusoiError):
    """What was sent cannot be taken as it is; nothing of it was appended."""

    code = "refused"
    status = 400  # of HTTP

    def __init__(
        self,
        message: str,
        *,
        index: int | None = None,
        pointer: str | None = None,
        byte: int | None = None,
    ) -> None:
        super().__init__(message)
        self.index = index  # of the event in its batch, from 0
        self.pointer = pointer  # a JSON pointer into the event
        self.byte = byte  # an offset into the body


class MalformedJson(Refusal):
    code = "malformed_json"


class UnsupportedMediaType(Refusal):
    code = "unsupported_media_type"
    status = 415


class MissingAttribute(Refusal):
    code = "missing_attribute"


class InvalidAttribute(Refusal):
    code = "invalid_attribute"


class NotAnObject(Refusal):
    code = "not_an_object"


class EmptyBatch(Refusal):
    code = "empty_batch"


class TooLarge(Refusal):
    code = "too_large"
    status = 413


class TooManyEvents(Refusal):
    code = "too_many_events"
    status = 413


class NotGranted(Refusal):
    code = "not_granted"
    status = 403


class OutsideUnits(Refusal):
    """A token limited to units would write about more; it is not told by which fact, about whom.

    Which of many guesses is refused would say which is right (decision 0085).
    """

    code = "outside_units"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            "this token writes only about its units and what hangs below them, of the time since "
            "somebody is there, and under ids and numbers that are not known elsewhere: something "
            "in this batch reaches further, or further back, or was told of too often to see "
            "whether it does: send fewer events at once; where one alone is refused, a token that "
            "is not so limited must send it"
        )


class TooMuchHistory(Refusal):
    """A token limited to units would write about what changed too often to be looked at."""

    code = "too_much_history"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            "what this reaches was told of too often to see, for a token limited to units, whether "
            "it lies within all the while: send fewer events at once; where one alone is too much, "
            "a token that is not so limited must send it"
        )


class UnknownEventType(Refusal):
    code = "unknown_type"
    status = 422


class FutureSchema(Refusal):
    code = "future_version"
    status = 422


class UnitBelowItself(Refusal):
    """A unit would hang below itself, or come to itself: nobody there would be in a year."""

    code = "unit_below_itself"
    status = 422

    def __init__(self, *, index: int, pointer: str) -> None:
        super().__init__(
            "by this the unit would hang below itself, or come to itself once it is dissolved, "
            "directly or by others in between: name another unit, or move the one between first",
            index=index,
            pointer=pointer,
        )


class FromTheFuture(Refusal):
    code = "time_in_future"
    status = 422


class WrongCorrection(Refusal):
    code = "wrong_correction"
    status = 422


class NumberReused(Refusal):
    """A number is told of two people, so a fact under it would come to the wrong one."""

    code = "number_reused"
    status = 422

    def __init__(self, message: str, *, index: int) -> None:
        super().__init__(message, index=index, pointer="/data/number")


class ShortenedNumber(Refusal):
    """A table wrote a long number as 7.9123E+11, and others like it likewise."""

    code = "shortened_number"
    status = 422

    def __init__(self, *, index: int, pointer: str) -> None:
        super().__init__(
            "Excel has shortened this number, and makes others the same: format the column as "
            "text, fill in the whole numbers, and send this again",
            index=index,
            pointer=pointer,
        )


class NoNumber(Refusal):
    """Something stands where a number is to be that a table or program writes for want of one."""

    code = "no_number"
    status = 422

    def __init__(self, *, index: int, pointer: str) -> None:
        super().__init__(
            "tables and programs write this where a number is missing or does not fit, and others "
            "have it too: fill in the number, or leave out what has none, and send this again",
            index=index,
            pointer=pointer,
        )


class MixedNumbers(Refusal):
    """Numbers change hands, and what was told before that came together with what is after it."""

    code = "mixed_numbers"
    status = 422


class AmbiguousDecision(Refusal):
    """Somebody was disciplined by two decisions of one number, and a lifting may mean either."""

    code = "ambiguous_decision"
    status = 422

    def __init__(self, fields: str, *, index: int, pointer: str) -> None:
        super().__init__(
            f"two disciplines have this number: say which by {fields}, as they were told; one that "
            "was told without is corrected first",
            index=index,
            pointer=pointer,
        )


class NotDelegable(Refusal):
    """Somebody would stand in for who does not hold that post, or may not stand in."""

    status = 422

    def __init__(self, rejected: CommandRejected, *, index: int) -> None:
        super().__init__(f"{rejected.needed} ({rejected.rule})", index=index, pointer="/data")
        self.code = rejected.code


class ConflictingRepeat(Refusal):
    """The same source and id came with other content, earlier or at another place beside it."""

    code = "conflicting_repeat"
    status = 409

    def __init__(self, event_id: str, *, index: int, other: int | None = None) -> None:
        came = f"at index {other} beside it" if other is not None else "before"
        super().__init__(
            f"{event_id} came {came} with other content: give every event its own id, "
            "and tell corrections as roster.fact_corrected",
            index=index,
            pointer="/id",
        )
        self.event_id = event_id
        self.other = other  # the index of the other one in the same batch or file


class UnknownReference(Refusal):
    """A fact names someone who is not known yet; it can be sent again once they are."""

    status = 422
    retryable = True

    def __init__(self, message: str, *, code: str, index: int, pointer: str) -> None:
        super().__init__(message, index=index, pointer=pointer)
        self.code = code  # unknown_unit, unknown_member, unknown_fact, unknown_decision
        self.every: tuple[UnknownReference, ...] = (self,)  # of its batch


class InvalidEventData(Refusal):
    """The data do not have the form of their type; every problem is told."""

    code = "invalid_data"
    status = 422

    def __init__(self, message: str, *, index: int, problems: tuple[tuple[str, str], ...]) -> None:
        super().__init__(message, index=index, pointer=problems[0][0])
        self.problems = problems  # JSON pointers into the event, and what to do there
