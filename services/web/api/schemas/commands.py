"""The bodies of commands: strict JSON within limits. The API's documentation is derived from them.

Limits on what people may send stand here: history is not judged again when one changes.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, TypeVar

import msgspec
from flask import request
from msgspec import UNSET, Meta, UnsetType
from werkzeug.exceptions import RequestEntityTooLarge

from events.definitions.records import PERIOD_PATTERN
from events.definitions.shapes import CODE_CHARACTERS_MAX, TEXT_BYTES_MAX
from events.domain.documents.catalogue import ITEMS_MAX
from events.domain.documents.form import SECTIONS_MAX
from services.intake.refusals import TooLarge, UnsupportedMediaType
from services.intake.strict_json import Path, parse, pointer
from services.web.http.problems import InvalidBody

BODY_BYTES_MAX = 1024 * 1024
MILESTONES_MAX = 100  # a rulebook allows fewer
DECISION_CHARACTERS_MAX = 200
COUNTS_MAX = 100  # criteria or figures
LIMITS_MAX = 100
JSON = "application/json"

Words = Annotated[str, Meta(min_length=1, max_length=TEXT_BYTES_MAX, pattern=r"\S")]
Name = Annotated[str, Meta(pattern=f"^[a-z][a-z0-9_]{{0,{CODE_CHARACTERS_MAX - 1}}}$")]
Id = Annotated[str, Meta(pattern="^[a-z2-7]{26}$")]
Item = Annotated[  # an id that we made, or one of an edition
    str, Meta(pattern=f"^([a-z2-7]{{26}}|[a-z][a-z0-9_]{{0,{CODE_CHARACTERS_MAX - 1}}})$")
]
Period = Annotated[str, Meta(pattern=f"^{PERIOD_PATTERN}$")]
Document = Annotated[str, Meta(pattern="^([a-z][a-z0-9_]{0,39}|[0-9a-f]{64})$")]
Whole = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Version = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Counts = Annotated[dict[str, Whole], Meta(max_length=COUNTS_MAX)]
Sections = Annotated[
    dict[str, Annotated[str, Meta(max_length=TEXT_BYTES_MAX)]], Meta(max_length=SECTIONS_MAX)
]
Choices = Annotated[dict[str, Name], Meta(max_length=ITEMS_MAX)]

_PLACE = re.compile(r"^(.*?)(?: - at `(?:key in )?\$(.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([A-Za-z0-9_]+)|\[([0-9]+)\]")
_SAYS = {  # of patterns, in words
    r"matching regex '\\S'": "that is not blank",
    f"matching regex '^{PERIOD_PATTERN}$'": "of a year such as 2026 or a quarter such as 2026-q1",
}

B = TypeVar("B", bound="Body")


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is sent with a command."""


class Nothing(Body, frozen=True):
    """Nothing is told with this command: send `{}`."""


class Text(Body, frozen=True):
    text: Words


class Comment(Body, frozen=True):
    text: Words | UnsetType = UNSET


class Marks(Body, frozen=True):
    """The member's own points by criterion, and own level."""

    points: Counts
    level: Name | UnsetType = UNSET


class Commitment(Body, frozen=True):
    """Words, or the sections of the form on which this step is written."""

    text: Words | UnsetType = UNSET
    sections: Sections | UnsetType = UNSET


class SelfCritique(Body, frozen=True):
    """Words, or the sections of the form with the degrees chosen on it."""

    text: Words | UnsetType = UNSET
    sections: Sections | UnsetType = UNSET
    degrees: Choices | UnsetType = UNSET  # by section; goes with sections
    sheet: Choices | UnsetType = UNSET  # by item; goes with sections
    marks: Marks | UnsetType = UNSET


class Proposal(Body, frozen=True):
    """What the unit lays down; the rulebook makes the level of it."""

    points: Counts  # by criterion
    figures: Counts
    text: Words | UnsetType = UNSET


class OnProposal(Body, frozen=True):
    level: Name
    proposal_version: Version  # that was looked at
    text: Words | UnsetType = UNSET  # needed where the level leaves the proposal


class Appraisal(OnProposal, frozen=True):
    item: Name | UnsetType = UNSET  # which of several; else the one whose turn it is


class WeighedLimit(Body, frozen=True):
    """A limit that the edition lets whoever decides leave behind, on one of its grounds."""

    limit: Name
    ground: Name


class Decision(OnProposal, frozen=True):
    weighed: Annotated[tuple[WeighedLimit, ...], Meta(max_length=LIMITS_MAX)] | UnsetType = UNSET


class Return(Body, frozen=True):
    proposal_version: Version  # that was looked at
    text: Words  # why


class Meeting(Body, frozen=True):
    place: Id  # the unit that held it
    text: Words | UnsetType = UNSET  # its comment


class Reopening(Body, frozen=True):
    ground: Name  # of the review's edition
    decision: Annotated[str, Meta(max_length=DECISION_CHARACTERS_MAX)] | UnsetType = UNSET
    text: Words | UnsetType = UNSET  # needed unless a discipline says it


class NewDeadline(Body, frozen=True):
    step: Name
    day: date
    text: Words  # the ground
    item: Item | UnsetType = UNSET  # which suggested point or appraisal


class Waiver(Body, frozen=True):
    step: Name
    text: Words  # the reason
    item: Item | UnsetType = UNSET  # which suggested point or appraisal


class PlannedMilestone(Body, frozen=True):
    words: Words
    due_on: date


class Plan(Body, frozen=True):
    text: Words  # faults and their causes
    milestones: Annotated[tuple[PlannedMilestone, ...], Meta(max_length=MILESTONES_MAX)]


class Agreement(Body, frozen=True):
    proposal_version: Version
    follower_id: Id


class Follower(Body, frozen=True):
    follower_id: Id


class PlanReturn(Body, frozen=True):
    proposal_version: Version
    text: Words


class Approval(Body, frozen=True):
    evidence_version: Version  # of the last evidence that was looked at
    text: Words | UnsetType = UNSET


class EvidenceReturn(Body, frozen=True):
    evidence_version: Version
    text: Words


class Extension(Body, frozen=True):
    day: date
    text: Words


class NewCycle(Body, frozen=True):
    """Documents are named as we ship them, or by the digest under which they were published.

    A dry run tells what is doubtful of the unit, of those below it and of the calendar, and opens
    nothing.
    """

    period: Period
    unit_id: Id
    rulebook: Document
    calendar: Document = "viet_nam"
    dry_run: bool = False


class NewEdition(Body, frozen=True):
    """A committee's own edition, as YAML or JSON, with the cases that it must come out at."""

    unit_id: Id
    document: Words
    cases: Words | UnsetType = UNSET
    dry_run: bool = False  # only say what is wrong


STRUCTS: tuple[type[Body], ...] = (
    Meeting,
    Return,
    Reopening,
    NewEdition,
    Nothing,
    Text,
    Comment,
    Commitment,
    SelfCritique,
    Proposal,
    Appraisal,
    Decision,
    NewDeadline,
    Plan,
    Agreement,
    PlanReturn,
    Approval,
    EvidenceReturn,
    Extension,
    NewCycle,
)


def read_body(form: type[B]) -> B:
    """Return the body of this request in a form.

    Raises:
        UnsupportedMediaType, TooLarge, MalformedJson, InvalidBody: the message says what to mend.
    """
    return convert_body(parse(_bytes()), form)


def convert_body(value: Any, form: type[B]) -> B:
    """Return plain values in a form. Raises InvalidBody with the place of what is wrong."""
    _require_short(value)
    try:
        return msgspec.convert(value, form)
    except msgspec.ValidationError as error:
        found = _PLACE.match(str(error))
        message, place = found.groups() if found else (str(error), "")
        path = tuple(name or int(number) for name, number in _STEP.findall(place or ""))
        told = str(message)
        for pattern, words in _SAYS.items():
            told = told.replace(pattern, words)
        raise InvalidBody(pointer(path), told) from None


def _bytes() -> bytes:
    if request.mimetype != JSON or "Content-Encoding" in request.headers:
        raise UnsupportedMediaType(f"send the body as {JSON}, without Content-Encoding")
    request.max_content_length = BODY_BYTES_MAX + 1
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        body = bytes(BODY_BYTES_MAX + 1)
    if len(body) > BODY_BYTES_MAX:
        raise TooLarge(f"the body is too long, the limit is {BODY_BYTES_MAX} bytes: shorten it")
    return body


def _require_short(value: Any) -> None:
    """Raise InvalidBody for a text that takes more bytes than are sealed."""
    for path, text in _texts(value, ()):
        size = len(text.encode())
        if size > TEXT_BYTES_MAX:
            message = f"takes {size} bytes, the limit is {TEXT_BYTES_MAX}: shorten it"
            raise InvalidBody(pointer(path), message)


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    match value:
        case str():
            yield path, value
        case dict():
            for key, inner in value.items():
                yield from _texts(inner, (*path, key))
        case list():
            for number, inner in enumerate(value):
                yield from _texts(inner, (*path, number))
