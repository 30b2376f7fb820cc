"""Parameters of queries: strict, with limits, and described for the API's documentation."""

import re
from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from events.definitions.years import SPAN, YEAR_PATTERN
from services.commands import rulebooks

PAGE_MAX = 200  # rows of a list or history
FEED_MAX = 1_000  # events in one answer of the feed
POSITION_MAX = 2**53 - 1
WAIT_SECONDS_MAX = 30
TYPES_MAX = 50
SUBJECTS_MAX = 50

TYPE_PATTERN = r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*(\.\*)?"
SUBJECT_PATTERN = r"(unit|member)-[^,\x00-\x1f]{1,100}"
TIME_PATTERN = (
    rf"{YEAR_PATTERN}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{{1,6}})?"
    r"(Z|[+-]([01]\d|2[0-3]):[0-5]\d)"
)


class Whole(fields.Integer):
    """A whole number in decimal digits. Python's own `int` would take much more."""

    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(least, most), **kwargs)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,16}", value):
            raise ValidationError("write a whole number in digits")
        return int(value)


class WordList(fields.List[Any]):
    """Words that match a pattern: the parameter may be repeated, or hold several with commas."""

    def __init__(self, pattern: str, most: int, **kwargs: Any) -> None:
        word = rf"{pattern}(,{pattern})*"
        super().__init__(
            fields.String(metadata={"pattern": f"^{word}$"}), load_default=list, **kwargs
        )
        self._word = re.compile(pattern)
        self._most = most

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> list[Any]:
        given = super()._deserialize(value, *args, **kwargs)
        words = [word for each in given for word in str(each).split(",")]
        if len(words) > self._most or not all(map(self._word.fullmatch, words)):
            raise ValidationError(
                f"write up to {self._most} words of the form {self._word.pattern}"
            )
        return words


class AsOf(fields.Field[int | datetime]):
    """A position, or a recorded time with its offset."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int | datetime:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}", value):
            return int(value)
        try:
            if isinstance(value, str) and re.fullmatch(TIME_PATTERN, value, re.ASCII):
                return datetime.fromisoformat(value)
        except ValueError:  # the 30th of February
            pass
        raise ValidationError(
            "write a position, or a time like 2026-01-31T17:00:00+07:00 (in a query, + is %2B), "
            f"{SPAN}"
        )


class FeedQuery(Schema):
    after = Whole(
        0, POSITION_MAX, load_default=0, metadata={"description": "The last position you have."}
    )
    limit = Whole(1, FEED_MAX, load_default=100)
    wait = Whole(
        0,
        WAIT_SECONDS_MAX,
        load_default=0,
        metadata={"description": "Seconds to wait for the next event, if there is none yet."},
    )
    type = WordList(
        TYPE_PATTERN,
        TYPES_MAX,
        metadata={"description": "Only these types; `roster.*` stands for all that begin so."},
    )
    subject = WordList(
        SUBJECT_PATTERN,
        SUBJECTS_MAX,
        metadata={
            "description": "Only these: `unit-` or `member-`, and then our id or the system's own "
            "number, under the numbering of its token."
        },
    )


class NowQuery(Schema):
    """Of what is told as it is now and takes no parameters: to leave one out would be a lie."""


class StateQuery(Schema):
    as_of = AsOf(
        metadata={
            "description": "A position, or a recorded time: what was known then. For people, "
            "and of a review, a time is the end of its day. Default: now.",
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": 10**15 - 1},
                {"type": "string", "format": "date-time", "pattern": f"^{TIME_PATTERN}$"},
            ],
        },
    )


class HistoryQuery(Schema):
    after = Whole(
        0, POSITION_MAX, load_default=0, metadata={"description": "The last version you have."}
    )
    limit = Whole(1, PAGE_MAX, load_default=50)


class RatingQuery(StateQuery):
    language = fields.String(
        load_default="vi",
        validate=validate.OneOf(("vi", "en")),
        metadata={"description": "Of the rulebook's words."},
    )


class BundleQuery(Schema):
    words = fields.Boolean(
        truthy={"true"},
        falsy={"false"},
        load_default=False,
        metadata={"description": "With what was written, for who may read it; that is told."},
    )


class FromQuery(Schema):
    from_ = fields.String(
        data_key="from",
        required=True,
        validate=validate.Regexp(rulebooks.DIGEST_PATTERN),
        metadata={"description": "The digest of the earlier edition."},
    )
