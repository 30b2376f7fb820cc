"""The form of a step that somebody takes in another's review."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, request

from events.domain.review import review
from services.access.roles import Action, Role
from services.access.tokens import Forbidden
from services.commands.work import Done
from services.subject import Subject
from services.web.asking import person, session
from services.web.asking.visibility import see_review
from services.web.pages.parts import forms, step_pages
from services.web.pages.parts.forms import Refusal
from services.web.pages.parts.frame import show
from services.web.pages.parts.people import name_of

Fields = Mapping[str, str]


def others_review(subject: Subject, action: Action) -> tuple[review.State, frozenset[Role]]:
    """Return somebody else's review, for a step that nobody takes on themselves."""
    if person.person().member_id == subject.member_id:
        raise Forbidden("nobody takes this step in their own year")
    return see_review(subject, action)


def show_form(
    template: str,
    subject: Subject,
    state: review.State,
    typed: Fields,
    refusal: Refusal | None,
    **values: Any,
) -> Response:
    """Return a form about somebody's review, again with all that was typed where it was refused."""
    return show(
        template,
        status=refusal.status if refusal else 200,
        subject=subject,
        name=name_of(subject.member_id),
        state=state,
        typed=typed,
        refusal=refusal,
        version=forms.form_version(state.version, refusal),
        address=step_pages.of_review(subject),
        **values,
    )


def send(
    subject: Subject,
    do: Callable[[], Done],
    form: Callable[[Subject, Fields, Refusal], Response],
    says: str,
) -> Response:
    """Do what a form asks, or show it again with all that was typed."""
    return forms.send(
        do,
        then=onward(subject),
        says=says,
        again=lambda refusal: form(subject, request.form, refusal),
    )


def onward(subject: Subject) -> str:
    given = request.form.get("then")
    return session.local_path(given) if given else step_pages.of_review(subject)
