"""A unit's review, fact by fact: opened, committed and written in its name."""

from typing import Any

from msgspec import UNSET

from events.definitions.event import Code, Event
from events.definitions.records import Facts, Hand
from events.definitions.review import CommitmentMade, ReviewOpened, SelfCritiqueSubmitted
from events.domain.organisation import unit
from events.domain.organisation.timelines import State as Roster
from events.domain.review import (
    collective,
    meeting_steps,
    rating_steps,
    review,
    writing_steps,
)
from events.domain.review.review import State
from events.domain.year.rules import Rules
from events.identifiers import MemberId, UnitId
from tests.support.law import (
    CELL,
    LEADERS_HAND,
    PEER,
    SECRETARYS_HAND,
    TOP,
    at,
    records,
)
from tests.support.party_rules import PARTY, SOON, WORDS, YEAR

OPENING = at(6, 1, year=2025)
NOW = at(8, year=2025)
AS_UNIT = MemberId(CELL)  # how a collective stands in the facts of its review
DEPUTY_OF_CELL = Hand(member_id=PEER, unit_id=CELL, post=Code("deputy_secretary"))
OTHER = UnitId("otheraaaaaaaaaaaaaaaaaaaaa")


def opens(**changed: Any) -> collective.OpenCollective:
    told_: dict[str, Any] = {
        "period": YEAR,
        "unit_id": CELL,
        "path": (CELL, TOP),
        "kinds": ("cell", "committee"),
        "leaders": (DEPUTY_OF_CELL, SECRETARYS_HAND),
    }
    return collective.OpenCollective(**(told_ | changed))


def opening_under(rules: Rules = PARTY, **changed: Any) -> ReviewOpened:
    return collective.open_collective(review.EMPTY, opens(**changed), rules, now=OPENING)


OPENED = opening_under()
COMMITTED = CommitmentMade(period=YEAR, member_id=AS_UNIT, text=WORDS, by=SECRETARYS_HAND)
WRITTEN = SelfCritiqueSubmitted(
    period=YEAR,
    member_id=AS_UNIT,
    text=WORDS,
    proposal_due_at=SOON,
    meeting_due_at=SOON,
    by=DEPUTY_OF_CELL,
)


def review_with(*events: Event) -> State:
    return review.fold(records(OPENED, *events))


def facts(**counted: int) -> Facts:
    """Return what a collective that did very well is rated by."""
    figures = {"tasks_total": 10, "tasks_done": 10, "tasks_on_time": 10, "tasks_beyond": 4}
    return Facts(
        points={"conduct": 29, "results": 66},
        figures=figures | {"degradation_concluded": 0},
        disciplined="disciplines" in counted,
        earlier_faults_open=0,
        group=Code("collective"),
        counted=counted or UNSET,
    )


def write(state: State, hand: Hand | Any = SECRETARYS_HAND) -> SelfCritiqueSubmitted:
    command = writing_steps.SubmitSelfCritique(by=AS_UNIT, text=WORDS, hand=hand)
    return writing_steps.submit_self_critique(state, command, PARTY, now=NOW)


def hold(state: State, by: Hand, **waiting: Any) -> object:
    command = meeting_steps.HoldMeeting(by=by, place=CELL, **waiting)
    return meeting_steps.hold_meeting(state, command, PARTY, now=NOW)


def propose(state: State, by: Hand = LEADERS_HAND, **waiting: Any) -> object:
    command = rating_steps.ProposeRating(by=by, facts=facts(), **waiting)
    return rating_steps.propose_rating(state, command, PARTY, now=NOW)


def history_of(*events: Event) -> Roster:
    return unit.fold(records(*((OPENING, each) for each in events)))
