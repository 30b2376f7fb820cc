"""Many things at once that wait for the reader: summed up first, then done, each by itself."""

from typing import NamedTuple

from flask import Response, request

from events.errors import TusoiError
from services.access.tokens import NotAuthenticated
from services.read_models.inbox import Waiting
from services.read_models.states import YEAR
from services.web.asking import person
from services.web.pages.parts import forms
from services.web.pages.parts.at_once import AT_ONCE, evidence_version, left_unopened
from services.web.pages.parts.forms import Refusal
from services.web.pages.parts.frame import pages, redirect, show, true_at
from services.web.pages.parts.waiting import Row, address, all_waiting, rows_of


class Outcome(NamedTuple):
    """What became of one row of many."""

    row: Row
    refusal: Refusal | None  # None: it is done


@pages.post("/inbox/many")
def act_on_many() -> Response:
    """Show what would be done to the rows that were picked; when it is confirmed, do it.

    Each row is a command of its own: one that is refused stops no other.
    """
    picked = set(request.form.getlist("row"))
    found = [
        each
        for each in all_waiting()
        if each.step in AT_ONCE and not each.unfollowed and address(each) in picked
    ]
    rows = rows_of(found)
    if not rows:
        return redirect("/inbox")
    outcomes = None
    if "confirmed" in request.form:
        outcomes = [Outcome(row, _try_row(row.waiting)) for row in rows]
    return show(
        "inbox_many.html",
        rows=rows,
        outcomes=outcomes,
        seen={row.address: evidence_version(row.waiting) for row in rows},
        unopened={row.address: left_unopened(row.waiting) for row in rows},
        position=true_at(*YEAR),
    )


def _try_row(waiting: Waiting) -> Refusal | None:
    """Do to one row what is legal for it; return what stands against it, if anything does."""
    asking = person.asking_for({"many": address(waiting)}, seen=None, key=_key_of(waiting))
    try:
        forms.settle(AT_ONCE[waiting.step](asking, waiting))
    except NotAuthenticated:
        raise
    except TusoiError as error:
        return forms.refusal(error)
    return None


def _key_of(waiting: Waiting) -> str | None:
    """Return the key of one row: the form's own, so that it is done once however often sent."""
    key = request.form.get("key")
    return f"{key}-{address(waiting)}"[:200] if key else None
