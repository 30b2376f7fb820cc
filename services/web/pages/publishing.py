"""A committee publishes its own edition on a page: typed or uploaded, tried, then told."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import yaml
from flask import Response, request

from events.definitions.shapes import TEXT_BYTES_MAX
from events.errors import TusoiError
from events.identifiers import ID_PATTERN, UnitId
from events.store import reference
from services.access.roles import Unseen
from services.access.tokens import Forbidden, NotAuthenticated
from services.commands import editions
from services.commands.editions import EditionRefused, LocatedProblem, Tried
from services.intake.strict_json import compose
from services.queries import speaking
from services.web.asking import person
from services.web.context import system
from services.web.files.uploads import takes_files, uploaded_files
from services.web.pages.parts import forms, wording
from services.web.pages.parts.editions import edition, shipped_rulebooks
from services.web.pages.parts.forms import FormInvalid, Refusal
from services.web.pages.parts.frame import pages, redirect, show
from services.web.saying import names
from services.web.saying.languages import say

TEXTS = {"document": "rulebooks", "cases": "cases"}  # by where we keep those that we ship
LINE_CHARACTERS = 100  # of an edition written out as YAML
PROBLEMS_MAX = 100  # shown at once; what is mended may mend others
NO_PATHS = ("document", "line ")  # how what stands nowhere in a document is placed
LINES_AROUND = 1  # shown before and after a line in which something is wrong


class Line(NamedTuple):
    """A line of what was typed."""

    number: int
    text: str
    is_wrong: bool


class ProblemInText(NamedTuple):
    """Something that is wrong, with the lines around it."""

    told: LocatedProblem
    path: str  # empty where the line says it all
    lines: Sequence[Line]


@pages.get("/rulebooks/new")
def show_edition_form() -> Response:
    """Return the form for an edition of one's own, begun from another one where one is named."""
    like = request.args.get("like")
    return _form(_model_texts(like) if like else {})


@pages.post("/rulebooks/new")
@takes_files
def send_edition() -> Response:
    """Try an edition, or publish it; what was typed or uploaded stays in the form."""
    typed = dict(request.form)
    try:
        for name in TEXTS:
            typed[name] = _text(name)
        unit_id = _unit()
        document, cases = typed["document"], typed["cases"] or None
        if "try" in request.form:
            asking = person.person()
            tried = editions.try_edition(system(), asking, unit_id, document, cases, dry_run=True)
            return _form(typed, tried=tried)
        sent = {name: typed[name] for name in (*TEXTS, "unit")}
        _, digest, _ = editions.publish_edition(
            system(), forms.asking(sent), unit_id, document, cases
        )
    except (NotAuthenticated, Forbidden, Unseen):
        raise
    except TusoiError as error:
        return _form(typed, error=error)
    return redirect(f"/rulebooks/{digest}", done="edition_published")


def _form(
    typed: Mapping[str, Any], *, tried: Tried | None = None, error: TusoiError | None = None
) -> Response:
    tops = names.of_units(speaking.units_spoken_for(system(), person.person()))
    refusal: Refusal | None = forms.refusal(error) if error else None
    found = error.told if isinstance(error, EditionRefused) else ()
    return show(
        "rulebook_new.html",
        status=refusal.status if refusal else 200,
        tops=sorted(tops.items(), key=lambda each: each[1]),
        typed=typed,
        tried=tried,
        changed=wording.changes(tried.differences, tried.before, tried.document) if tried else (),
        refusal=refusal,
        wrong=[_locate(each, typed) for each in found[:PROBLEMS_MAX]],
        more=len(found[PROBLEMS_MAX:]),
    )


def _locate(told: LocatedProblem, typed: Mapping[str, Any]) -> ProblemInText:
    """Return something that is wrong with the lines around it, as far as it has a line."""
    path = "" if told.problem.path.startswith(NO_PATHS) else told.problem.path
    if told.line is None:
        return ProblemInText(told, path, ())
    lines = str(typed[told.of]).split("\n")
    first = max(told.line - LINES_AROUND, 1)
    around = enumerate(lines[first - 1 : told.line + LINES_AROUND], first)
    return ProblemInText(
        told, path, [Line(number, text, number == told.line) for number, text in around]
    )


def _text(name: str) -> str:
    """Return an uploaded file's text, or else what was typed; its lines are counted as shown.

    Raises:
        FormInvalid: it is too long, or no text.
    """
    files = uploaded_files(f"{name}_file", 1)
    content = files[0].stream.read(TEXT_BYTES_MAX + 1) if files else None
    try:
        text = content.decode() if content is not None else request.form.get(name, "")
    except UnicodeDecodeError:
        raise FormInvalid({name: say("rulebooks.no_text")}) from None
    text = compose(text.removeprefix("\ufeff").replace("\r\n", "\n"), (name,)).rstrip()
    if len(text.encode()) > TEXT_BYTES_MAX or len(content or b"") > TEXT_BYTES_MAX:
        raise FormInvalid({name: say("forms.too_long", limit=TEXT_BYTES_MAX // 1024)})
    if name == "document" and not text:
        raise FormInvalid({name: say("forms.needed")})
    return f"{text}\n" if text else ""


def _unit() -> UnitId:
    unit_id = request.form.get("unit", "")
    if not ID_PATTERN.fullmatch(unit_id):
        raise FormInvalid({"unit": say("forms.choice")})
    return UnitId(unit_id)


def _model_texts(named: str) -> Mapping[str, str]:
    """Return the texts of an edition to begin from: as we wrote them, or as it was published."""
    document = edition(named).document
    for name, ours in shipped_rulebooks().items():
        if ours == document:
            files = {
                text: reference.SHIPPED / where / f"{name}.yaml" for text, where in TEXTS.items()
            }
            return {text: file.read_text("utf-8") for text, file in files.items()}
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=LINE_CHARACTERS)
    return {"document": text}
