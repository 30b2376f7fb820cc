"""How commands are asked for and answered over HTTP."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response

from services.commands.work import Asking, Done
from services.context import Context
from services.web.api.schemas import commands
from services.web.api.schemas.commands import JSON, Body
from services.web.api.schemas.year import Received
from services.web.asking import person
from services.web.asking.visibility import require_person
from services.web.context import answer, answer_kept, system
from services.web.http.openapi import ApiBlueprint, ref

B = TypeVar("B", bound=Body)
View = TypeVar("View", bound=Callable[..., Any])

REFUSALS = (400, 401, 403, 404, 409, 412, 413, 415, 422, 503)


def command(
    blueprint: ApiBlueprint, rule: str, form: type[Body], *, answers: str = "Done"
) -> Callable[[View], View]:
    """Route and describe a command whose body has a form."""

    def describe(view: View) -> View:
        for wrap in (
            blueprint.problems(*REFUSALS),
            blueprint.answers(200, ref(answers)),
            blueprint.answers(201, ref(answers)),
            blueprint.body({JSON: {"schema": ref(form.__name__)}}),
            blueprint.route(rule, methods=["POST"]),
        ):
            view = wrap(view)
        return view

    return describe


def carry_out(
    form: type[B],
    do: Callable[[Context, Asking, B], Done],
    *,
    told: Callable[[Done], Response] | None = None,
) -> Response:
    """Return the answer to a command, which the signed-in person asks for with a body.

    Raises:
        Forbidden: a system asks.
    """
    require_person()
    body = commands.read_body(form)
    came_to = do(system(), person.asking(body), body)
    return told(came_to) if told else answer_command(came_to)


def answer_command(came_to: Done) -> Response:
    """Return the answer that tells what a command came to."""
    response = answer(came_to, status=200 if came_to.known else 201)
    response.set_etag(str(came_to.version))
    return response


def answer_received(came_to: Done) -> Response:
    """Return the answer to a command of somebody who may not see where the stream is now."""
    received = Received(stream=came_to.stream, known=came_to.known)
    return answer(received, status=200 if came_to.known else 201)


def answer_state(state: Any, *, version: int, position: int | None = None) -> Response:
    """Return the answer that shows a state, now or at a position."""
    return answer_kept(state, str(version) if position is None else f"{version}@{position}")
