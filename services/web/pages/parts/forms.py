"""Forms: what was typed, who asks with which conditions, and what came of it."""

import re
import time
from collections.abc import Callable, Mapping
from datetime import date
from http import HTTPStatus
from typing import Any, NamedTuple

from flask import Response, request
from markupsafe import Markup

from events.definitions.shapes import TEXT_BYTES_MAX
from events.domain.aggregate.rejections import CommandRejected
from events.domain.rulebook.rating import FactsOutOfRange
from events.domain.rulebook.rulebook import FIGURE_MAX
from events.errors import TusoiError
from events.identifiers import Stream
from services.access.roles import Unseen
from services.access.tokens import Forbidden, NotAuthenticated
from services.commands.work import Asking, Done, Stale
from services.intake.strict_json import compose
from services.read_models import states
from services.read_models.states import MEMBERS, YEAR
from services.web.asking import person
from services.web.context import system
from services.web.http import problems
from services.web.pages.parts.frame import error_text, redirect
from services.web.saying import languages
from services.web.saying.languages import say

SETTLE_SECONDS = 2.0  # for which the next page waits until the lists know what was just done
LOOK_SECONDS = 0.02
DIGITS = re.compile(r"[0-9]{1,10}")
CHANGES_MAX = 20  # facts shown that came between


class FormInvalid(TusoiError):
    """Fields that are not filled in as they should be."""

    code = "form_invalid"

    def __init__(self, fields: Mapping[str, Markup]) -> None:
        super().__init__("; ".join(f"{name}: {told}" for name, told in fields.items()))
        self.fields = fields


class Change(NamedTuple):
    """A fact that came between looking and acting."""

    type: str
    at: Any
    version: int


class Refusal(NamedTuple):
    """Why a form was not taken: shown above it, with all that was typed still in it."""

    says: Markup
    fields: Mapping[str, Markup]  # by field, what is wrong there
    changes: tuple[Change, ...]  # that came between
    status: int


def asking(body: Any = None, *, holds_anyway: bool = False) -> Asking:
    """Return who asks by a form, and under which conditions; its hidden fields say them.

    What is asked `holds_anyway` whatever came between, as far as the law takes it: one's own words.
    """
    return person.asking_for(
        body if body is not None else dict(request.form),
        seen=None if holds_anyway else _seen_version(),
        key=request.form.get("key") or None,
    )


def form_version(version: int, refusal: Refusal | None = None) -> int:
    """Return the version that a form carries, of which `version` is what is there now.

    One that is shown again keeps its own, until it has told what came between.
    """
    told = refusal is not None and refusal.changes
    seen = None if told else _seen_version()
    return version if seen is None else seen


def _seen_version() -> int | None:
    version = request.form.get("version", "")
    return int(version) if DIGITS.fullmatch(version) else None


def read_text(name: str, *, needed: bool = True) -> str:
    """Return what was typed into a field.

    Raises:
        FormInvalid: it is empty and must not be, or too long.
    """
    text = compose(request.form.get(name, "").replace("\r\n", "\n"), (name,)).strip()
    if needed and not text:
        raise FormInvalid({name: say("forms.needed")})
    if len(text.encode()) > TEXT_BYTES_MAX:
        raise FormInvalid({name: say("forms.too_long", limit=TEXT_BYTES_MAX // 1024)})
    return text


def read_number(name: str, *, most: int = FIGURE_MAX) -> int:
    """Return the whole number typed into a field. Raises FormInvalid.

    A bound that nobody chose is told only to whoever went beyond it.
    """
    text = request.form.get(name, "").strip()
    if not DIGITS.fullmatch(text):
        told = "forms.any_number" if most == FIGURE_MAX else "forms.number"
        raise FormInvalid({name: say(told, most=most)})
    if int(text) > most:
        raise FormInvalid({name: say("forms.number", most=most)})
    return int(text)


def day(name: str) -> date:
    """Return the day chosen in a field. Raises FormInvalid."""
    try:
        return date.fromisoformat(request.form.get(name, "").strip())
    except ValueError:
        raise FormInvalid({name: say("forms.date")}) from None


def send(
    do: Callable[[], Done],
    *,
    then: str,
    says: str,
    again: Callable[[Refusal], Response],
    about: Stream | None = None,
) -> Response:
    """Do what a form asks and go on to a page, or show the form again with what is wrong.

    `says` is the key of `done.yaml` under which the next page says what was done; `about` is the
    stream of which the form carries a version without insisting on it.
    """
    assert f"done.{says}" in languages.phrases(), f"nothing is said when {says} is done"
    try:
        done = do()
    except (NotAuthenticated, Forbidden, Unseen):
        raise
    except TusoiError as error:
        return again(refusal(error, about))
    settle(done)
    return redirect(then, done=says)


def refusal(error: TusoiError, about: Stream | None = None) -> Refusal:
    """Return how it is shown that something was not done."""
    fields, seen = _fields(error), _seen_version()
    changes: tuple[Change, ...] = ()
    if isinstance(error, Stale):
        changes = _changes_between(Stream(error.stream), error.seen)
    elif isinstance(error, CommandRejected) and about and seen is not None:
        changes = _changes_between(about, seen)
    of_form = isinstance(error, FormInvalid)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if of_form else problems.status_of(error)
    return Refusal(error_text(error), fields, changes, int(status))


def _fields(error: TusoiError) -> Mapping[str, Markup]:
    """Return by field what is wrong there."""
    match error:
        case FormInvalid(fields=fields):
            return fields
        case FactsOutOfRange(field=field):
            return {field.replace(".", "-"): say("forms.out_of_range")}
        case _:
            return {}


def settle(done: Done) -> None:
    """Wait, for a while, until lists show what was done."""
    kind = next(
        (each for each in (*YEAR, MEMBERS) if done.stream.startswith(f"{each.name}-")), None
    )
    if kind is None:
        return
    database, name = system().store.database, done.stream.removeprefix(f"{kind.name}-")
    until = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < until:
        if states.serving_build(database, kind.projection):
            sql = f"SELECT version FROM {kind.projection} WHERE {kind.key} = ?"
            rows = database.rows(sql, (name,))
            if rows and rows[0][0] >= done.version:
                return
        time.sleep(LOOK_SECONDS)


def _changes_between(stream: Stream, seen: int) -> tuple[Change, ...]:
    """Return what happened in a stream since somebody looked at it."""
    events = system().store.read_stream(stream).events
    later = [each for each in events if each.entry.streamversion > seen]
    return tuple(
        Change(each.entry.type, each.entry.time, each.entry.streamversion)
        for each in later[:CHANGES_MAX]
    )
