"""What is held about the reader themselves, as one file that they take along."""

from flask import Response

from events.identifiers import MemberId
from services.access.tokens import Forbidden
from services.queries import holdings
from services.web.asking import person
from services.web.context import system
from services.web.pages.parts.frame import pages, show


@pages.get("/my/data")
def show_my_data() -> Response:
    """Return the page that says what is held about the reader, and gives the file."""
    _reader()
    return show("my_data.html")


@pages.post("/my/data")
def send_my_data() -> Response:
    """Return the file with everything held about the reader, words opened."""
    held = holdings.holdings_of(system(), _reader())
    response = Response(holdings.encode(held), mimetype="application/json")
    response.headers["Content-Disposition"] = "attachment; filename=my-data.json"
    response.headers["Cache-Control"] = "no-store"
    return response


def _reader() -> MemberId:
    """Return the member who reads. Raises Forbidden for an account of no member."""
    member_id = person.person().member_id
    if member_id is None:
        raise Forbidden("this account belongs to no member: nothing is held about a person")
    return member_id
