"""What people and reactions do in a commune of any size, to be timed and counted.

Each is prepared once and then done up to DEEDS_MAX times, about somebody else each time. It is a
whole request, command or step: session, rights, queries, decision, sealing and append.
"""

from collections.abc import Callable, Mapping, Sequence

from events.definitions.entry import Sequenced
from events.identifiers import UnitId, member_stream
from services.access.tokens import Grants
from services.commands import ratings, reviews
from services.queries.year_counts import Counted
from services.read_models import roster
from services.subject import Subject
from services.web.asking.sight import Sight
from tests.support.large_commune import CELL_SIZE, PERIOD, PROPOSED_AT, Commune
from workers.steps import REACTIONS

Deed = Callable[[int], object]  # done for the so-manieth time, from 0
Prepare = Callable[[Commune], Deed]

CRITICISED = 10  # a cell; whoever is criticised may answer before their rating is proposed
DEEDS_MAX = CELL_SIZE - 2
COUNTED = Counted(
    {"conduct": 28, "results": 62}, {"tasks_total": 10, "tasks_on_time": 10, "tasks_beyond": 2}
)
WORDS = "Còn nể nang khi góp ý cho đồng chí; sẽ nói thẳng hơn trong sinh hoạt chi bộ. " * 3
FIRST, SECOND = "U-1", "U-2"  # cells; ratings are proposed in the first
SECRETARY, MEMBER = f"M-{CELL_SIZE}", f"M-{CELL_SIZE + 5}"  # of the second
AUTHORITY = "M-1"


def _page(login: str, address_in: Callable[[Commune], str]) -> Prepare:
    def prepare(commune: Commune) -> Deed:
        client, address = commune.browser(login), address_in(commune)

        def show(_number: int) -> None:
            answer = client.get(address)
            assert answer.status_code == 200, f"{address} answered {answer.status}"

        return show

    return prepare


def _criticism(commune: Commune) -> Deed:
    """A colleague of their cell criticises somebody."""
    subjects, critic = _subjects(commune, CRITICISED), f"M-{(CRITICISED - 1) * CELL_SIZE + 1}"
    return lambda number: reviews.criticise(
        commune.system, commune.asking(critic), subjects[number], WORDS
    )


def _proposal(commune: Commune) -> Deed:
    """A secretary proposes the rating of somebody of their cell."""
    subjects = _subjects(commune, 2)
    return lambda number: ratings.propose_rating(
        commune.system, commune.asking(SECRETARY), subjects[number], COUNTED, WORDS
    )


def _decision(commune: Commune) -> Deed:
    """The authority decides on somebody's rating, otherwise than was proposed."""
    subjects = _subjects(commune, 1)
    return lambda number: ratings.decide_rating(
        commune.system, commune.asking(AUTHORITY), subjects[number], "poor", PROPOSED_AT, WORDS
    )


def _heads(commune: Commune) -> Deed:
    """Who heads a unit, as every meeting asks, and every deadline that somebody missed."""
    cell, top = (UnitId(commune.id_of("unit", number)) for number in (FIRST, "U-0"))

    def find(_number: int) -> None:
        assert roster.holders(commune.system.store.database, cell, ("secretary",), top)

    return find


def _sight(commune: Commune) -> Deed:
    """Which of a cell's members a token limited to the committee sees."""
    grants = Grants(states=True, units=(commune.id_of("unit", "U-0"),))
    streams = [member_stream(each) for each in commune.members(2)]

    def see(_number: int) -> None:
        found = Sight(commune.system.store.database, grants).visible_streams(streams)
        assert found == frozenset(streams)

    return see


def _subjects(commune: Commune, cell: int) -> list[Subject]:
    return [Subject(PERIOD, each) for each in commune.members(cell)]


def _reaction(name: str, told_in: Callable[[Commune], Sequence[Sequenced]]) -> Prepare:
    """Return what handles one fact after the other, as a reaction does."""

    def prepare(commune: Commune) -> Deed:
        told, reacts = told_in(commune), REACTIONS[name](commune.system)
        return lambda number: reacts.handle(told[number])

    return prepare


PAGES: Mapping[str, Prepare] = {
    "page: my year": _page(MEMBER, lambda c: f"/reviews/{PERIOD}/{c.id_of('member', MEMBER)}"),
    "page: inbox of a secretary": _page(SECRETARY, lambda _: "/inbox"),
    "page: inbox of the authority": _page(AUTHORITY, lambda _: "/inbox"),
    "page: delegations": _page(SECRETARY, lambda _: "/delegations"),
    "page: unit": _page(SECRETARY, lambda c: f"/units/{c.id_of('unit', SECOND)}/{PERIOD}"),
}
COMMANDS: Mapping[str, Prepare] = {
    "command: criticism": _criticism,
    "command: proposal": _proposal,
    "command: decision": _decision,
    "who heads a unit": _heads,
    "what a token sees": _sight,
    "a move, projected": lambda commune: commune.move,
}
STEPS: Mapping[str, Prepare] = {  # after the commands, for they change what those are about
    "reaction: accounts": _reaction("accounts", lambda c: c.moved),
    "reaction: transfers": _reaction("transfers", lambda c: c.moved),
    "reaction: escalation": _reaction("escalation", lambda c: c.missed),
}
EVERY = {**PAGES, **COMMANDS, **STEPS}
