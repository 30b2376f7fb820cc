"""Whom somebody may criticise: the members of their own unit, and the unit itself."""

from collections.abc import Mapping
from typing import NamedTuple

from flask import Response

from events.domain.documents.periods import is_period
from events.domain.review import review
from events.identifiers import MemberId, review_stream
from services.access.roles import Action, Person, Unseen, may, roles_in_review
from services.read_models import cycle_lists, roster
from services.read_models.states import MEMBERS, REVIEWS
from services.web.asking import person
from services.web.asking.visibility import reader_of
from services.web.context import system
from services.web.pages.parts.frame import pages, show, true_at
from services.web.saying import names
from services.web.saying.languages import say
from services.web.saying.names import by_given_name


class Row(NamedTuple):
    """One member of the reader's unit."""

    name: str
    address: str  # of the form


@pages.get("/peers/<period>")
def show_peers(period: str) -> Response:
    """Return the members of the reader's own unit, each with the form, wherever their year stands.

    A form that were not offered any more would tell a peer that a rating was proposed; so would
    somebody who moved away and whose review stayed.
    """
    if not is_period(period):
        raise Unseen("cycle")
    who = person.person()
    database = system().store.database
    units = who.peer_units
    found = [e for each in units for e in cycle_lists.review_progress(database, period, each)]
    here = {*roster.members_of(database, units)} - {who.member_id}
    others = [each for each in found if each.member_id in here]
    called = names.of_members(each.member_id for each in others)
    rows = [_row(period, each.member_id, called) for each in others]
    return show(
        "peers.html",
        period=period,
        rows=sorted(rows, key=lambda row: by_given_name(row.name)),
        unit=_own_unit(period, who),
        position=true_at(REVIEWS, MEMBERS),
    )


def _row(period: str, who: str, called: Mapping[str, str]) -> Row:
    form = f"/reviews/{period}/{who}/write/criticism"
    return Row(called.get(MemberId(who), str(say("year.somebody"))), form)


def _own_unit(period: str, who: Person) -> tuple[str, str] | None:
    """Return the reader's own unit with its name, where they may criticise it as a collective."""
    if who.unit_id is None:
        return None
    stream = review_stream(period, who.unit_id)
    state = review.fold(system().store.read_stream(stream).events)
    subject = MemberId(who.unit_id)
    roles = roles_in_review(reader_of(state), state, subject, leaders=state.leaders)
    if not state.collective or not may(Action.CRITICISE, roles):
        return None
    return who.unit_id, names.of_units([who.unit_id]).get(who.unit_id, who.unit_id)
