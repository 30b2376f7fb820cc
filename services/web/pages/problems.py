"""What the codes of refusals mean: where the `type` of a problem over HTTP leads."""

from collections.abc import Iterator
from typing import NamedTuple

from flask import Response
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from events.domain.aggregate.rejections import Rejection
from services.web.pages.parts.frame import pages, show
from services.web.saying.languages import phrases, say

SAID_UNDER = ("errors.", "programs.")  # where all that is said of codes stands


class Meaning(NamedTuple):
    """What a code says, and where the law refuses with it, on which rules."""

    code: str
    says: Markup
    rules: tuple[tuple[str, str], ...]  # rule and remedy, English as over HTTP


@pages.get("/problems")
def show_problems() -> Response:
    """Return every code with what it means, to anybody."""
    return show("problems.html", found=list(_meanings()), chosen="")


@pages.get("/problems/<code>")
def show_problem(code: str) -> Response:
    """Return what one code means."""
    found = [each for each in _meanings() if each.code == code]
    if not found:
        raise NotFound
    return show("problems.html", found=found, chosen=code)


def _meanings() -> Iterator[Meaning]:
    """Iterate over what each code means, in the order of codes."""
    rules: dict[str, list[tuple[str, str]]] = {}
    for rejection in Rejection:
        rules.setdefault(rejection.code, []).append((rejection.rule, rejection.needed))
    keys = {key.partition(".")[2]: key for key in phrases() if key.startswith(SAID_UNDER)}
    for code in sorted(keys):
        yield Meaning(code, say(keys[code]), tuple(rules.get(code, ())))
