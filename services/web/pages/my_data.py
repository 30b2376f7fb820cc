"""What is held about the reader themselves, as one file that they take along."""

from flask import Response

from events.definitions.reading import TextOpened
from events.identifiers import MemberId, member_stream, reading_stream
from services.access.tokens import Forbidden
from services.commands.executor import OPERATOR
from services.queries import holdings, taking_along
from services.web import exports
from services.web.asking import person, session
from services.web.context import system, web
from services.web.pages.parts.frame import pages, show
from services.web.saying.moments import day


@pages.get("/my/data")
def show_my_data() -> Response:
    """Return the page that says what is held about the reader, who took it along, and gives it."""
    return show("my_data.html", exports=_days_exported(_reader()))


@pages.post("/my/data")
def send_my_data() -> Response:
    """Return the file with everything held about the reader, words opened.

    Raises:
        ExportUnderWay, ExportsBusy: too many are being sent already.
    """
    member_id, secret = _reader(), session.own_secret() or ""
    seat = web().exports.begin(person.person().account_id)
    try:
        held = holdings.holdings_of(system(), member_id, own=True)
    except BaseException:
        seat.leave()
        raise
    pieces = exports.send(seat, taking_along.pieces(system(), held), system(), secret)
    response = Response(pieces, mimetype="application/zip")
    response.call_on_close(seat.leave)  # nobody may have begun to take it
    response.headers["Content-Disposition"] = "attachment; filename=my-data.zip"
    response.headers["Cache-Control"] = "no-store"
    return response


def _days_exported(member_id: MemberId) -> list[str]:
    """Return on which days an operator opened what is held about somebody, the newest first."""
    store = system().store
    told = [
        each
        for period in holdings.periods_of(system(), member_stream(member_id))
        for each in store.read_stream(reading_stream(period, member_id)).events
        if isinstance(each.event, TextOpened) and each.event.right == OPERATOR
    ]
    times = sorted((each.entry.time for each in told), reverse=True)
    return list(dict.fromkeys(map(day, times)))  # one export tells each year by itself


def _reader() -> MemberId:
    """Return the member who reads. Raises Forbidden for an account of no member."""
    member_id = person.person().member_id
    if member_id is None:
        raise Forbidden("this account belongs to no member: nothing is held about a person")
    return member_id
