"""A token limited to a unit: every type of fact, in every way of telling it, in every situation.

The right answer is a rule (decision 0074) and no list: whoever is not here now is unknown, by name
or by reference; of whoever is here all is taken that touches nothing outside, before and after.
"""

import enum
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from events.definitions.event import Origin
from events.definitions.roster import ROSTER
from events.identifiers import Stream
from services.access.tokens import Grants, Principal
from services.context import Context
from services.intake.parser import parse_event
from services.intake.receive import Outcome, receive
from services.intake.refusals import OutsideUnits, Refusal, UnitBelowItself, UnknownReference
from tests.support import hr
from tests.support.cases import every_case
from tests.support.fakes import FixedClock
from tests.support.hr import enrolled, event, formed, moved

Sent = dict[str, Any]
Send = Callable[..., tuple[Outcome, ...]]

LIMIT = "A"
HERE = {LIMIT, "A1", "A2", "AN", "HA", "KIM", "TOAN"}  # now: below the limit
BEGINNING, CAME, LATER, NOW = (
    f"2026-{day}T08:00:00+07:00" for day in ("01-05", "03-02", "05-02", "06-01")
)
LAST_YEAR = "2025"
FOUNDING = {"roster.member_enrolled", "roster.unit_formed"}
MOVING = {*FOUNDING, "roster.member_moved", "roster.unit_moved", "roster.unit_dissolved"}
NAMING = {"roster.issuer_named", "roster.issuer_name_ended"}  # a name is one unit's everywhere
OF_PLACE = {  # what says where a unit hangs, or who decides on it: of the limit, who is above
    *("roster.unit_formed", "roster.unit_moved", "roster.unit_dissolved"),
    *("roster.unit_authorised", "roster.unit_authority_ended"),
}


class Way(enum.StrEnum):
    DIRECT = "told"
    MIXED = "told beside something of one's own"
    CORRECTED = "corrected"
    TAKEN_BACK = "taken back"


class Right(enum.Enum):
    TAKEN = None
    UNKNOWN = UnknownReference
    CIRCLE = UnitBelowItself
    OUTSIDE = OutsideUnits


class Where(NamedTuple):
    """Whom facts are about, and which other units they name."""

    member: str
    unit: str
    home: str  # where they are enrolled, and hold posts
    other: str  # where they move to, under which a unit hangs, and what succeeds it
    time: str = LATER
    came: str = BEGINNING  # below the limit


SITUATIONS = {
    "below the limit": Where("HA", "A1", "A1", "A"),
    "the limit itself": Where("AN", "A", "A", "A1"),
    "outside": Where("BINH", "B1", "B1", "B"),
    "known to nobody": Where("NOBODY", "NOTHING", "A", "A"),
    "a number known outside, as if it were here": Where("BINH", "B1", "A", "A"),
    "moving out": Where("HA", "A1", "B", "B"),
    "moving in": Where("BINH", "B1", "A1", "A"),
    "moved out before": Where("GIANG", "G", "A", "A"),
    "moved in before": Where("TOAN", "A2", "A", "A", came=CAME),
    "before they moved in": Where(
        "TOAN", "A2", "A", "A", time="2026-02-02T08:00:00+07:00", came=CAME
    ),
}


def facts_of(where: Where) -> Iterator[Sent]:
    """Iterate over a fact of every type that a machine sends."""

    def of_member(kind: str, **data: Any) -> Sent:
        return event(f"roster.{kind}", {"member_id": where.member} | data, time=where.time)

    def of_unit(kind: str, **data: Any) -> Sent:
        return event(f"roster.{kind}", {"unit_id": where.unit} | data, time=where.time)

    yield of_member("post_given", unit_id=where.home, post="secretary")
    yield of_member("post_relieved", unit_id=where.home, post="secretary")
    for_kim = {"unit_id": where.home, "post": "secretary", "for_id": "KIM"}
    yield of_member("post_delegated", **for_kim, until="2026-12-31")
    yield of_member("delegation_ended", **for_kim)
    yield of_member("member_standing_changed", standing="probationary")
    yield of_member("member_exempted")
    yield of_member("member_exemption_ended")
    yield of_member("member_absent", reason="sick")
    yield of_member("member_back")
    yield of_member("member_disciplined", decision="1", grade="warning")
    yield of_member("member_discipline_lifted", decision="9")
    yield of_member("member_state_rated", period=LAST_YEAR, level="good")
    yield of_member("member_moved", unit_id=where.other)
    yield of_member("member_left", reason="resigned")
    yield enrolled(where.member, where.home, time=where.time)
    yield of_unit("unit_renamed", name="Tên khác")
    yield of_unit("unit_disciplined", decision="2", grade="warning")
    yield of_unit("unit_discipline_lifted", decision="9")
    yield of_unit("unit_authorised")
    yield of_unit("unit_authority_ended")
    yield of_unit("issuer_named", issuer="name")
    yield of_unit("issuer_name_ended", issuer="name")
    yield of_unit("unit_moved", parent_id=where.other)
    yield of_unit("unit_dissolved", successor_id=where.other)
    yield formed(where.unit, where.other, time=where.time)


def right(fact: Sent, way: Way, where: Where) -> Right:
    """Return what is right by the rule."""
    corrects, founds = way in {Way.CORRECTED, Way.TAKEN_BACK}, fact["type"] in FOUNDING
    moves = fact["type"] in MOVING
    reaches_out = not named_by(fact) <= HERE
    if reaches_out:
        return Right.UNKNOWN
    if subject_of(fact) not in HERE:
        if corrects and moves:
            return Right.OUTSIDE  # it brought them here, and touches where they were
        if corrects or not founds:
            return Right.UNKNOWN
        return Right.TAKEN if subject_of(fact).startswith("NO") else Right.OUTSIDE
    is_before = where.time < where.came
    if is_before and (fact["type"].endswith("_lifted") or (corrects and not moves)):
        return Right.UNKNOWN  # as if nobody had ever told of them what was before
    of_its_place = fact["type"] in OF_PLACE and subject_of(fact) == LIMIT
    if of_its_place and not corrects and named_by(fact) and "dissolved" not in fact["type"]:
        return Right.CIRCLE  # below its own
    counts_before = fact["type"] == "roster.member_state_rated" and where.came > LAST_YEAR
    before = is_before or (counts_before and where.came != BEGINNING)
    touches = fact["type"] in NAMING or of_its_place or before
    return Right.OUTSIDE if touches else Right.TAKEN


def subject_of(fact: Sent) -> str:
    data = fact["data"]
    return str(
        data["number"] if fact["type"] in FOUNDING else data.get("member_id") or data["unit_id"]
    )


def named_by(fact: Sent) -> set[str]:
    """Return the units that a fact names beside whom it is about."""
    names = ("unit_id", "parent_id", "successor_id")
    return {fact["data"][name] for name in names if name in fact["data"]} - {subject_of(fact)}


class Office:
    """HR, whose token has no limit, and the one that is limited."""

    def __init__(self, context: Context) -> None:
        assert isinstance(context.clock, FixedClock)
        context.clock.set(datetime.fromisoformat(NOW).astimezone(UTC))
        self._context = context
        self._found()
        (renamed,) = self.tell(event("roster.unit_renamed", {"unit_id": LIMIT, "name": "Chi bộ"}))
        self._limit = renamed.receipt.stream.removeprefix("unit-")

    def _found(self) -> None:
        self.tell(formed("TOP"), formed(LIMIT, "TOP"), formed("A1", LIMIT), formed("G", LIMIT))
        self.tell(formed("B", "TOP"), formed("B1", "B"), formed("A2", "B"))
        self.tell(enrolled("AN", LIMIT), enrolled("HA", "A1"), enrolled("GIANG", LIMIT))
        self.tell(enrolled("BINH", "B1"), enrolled("TOAN", "TOP"), enrolled("KIM", LIMIT))
        self.tell(moved("TOAN", LIMIT, time=CAME), moved("GIANG", "B", time=CAME))
        for unit, parent in (("A2", LIMIT), ("G", "B")):
            data = {"unit_id": unit, "parent_id": parent}
            self.tell(event("roster.unit_moved", data, time=CAME))
        self.tell(event("roster.unit_authorised", {"unit_id": LIMIT}))
        of_decision = {"decision": "9", "grade": "warning"}
        for whom in sorted(HERE):  # what is lifted of them
            kind = "unit" if whom.startswith("A") and whom != "AN" else "member"
            told = {f"{kind}_id": whom} | of_decision
            self.tell(event(f"roster.{kind}_disciplined", told, time=LATER))

    def tell(self, *facts: Sent) -> tuple[Outcome, ...]:
        return self._send("token:hr", (), facts)

    def tell_limited(self, *facts: Sent) -> tuple[Outcome, ...]:
        return self._send("token:a", (self._limit,), facts)

    def answer(self, *facts: Sent) -> tuple[Right, Refusal | None]:
        """Return what the limited token is answered."""
        try:
            self.tell_limited(*facts)
        except Refusal as refused:
            return Right(type(refused)), refused
        return Right.TAKEN, None

    def versions(self) -> dict[Stream, int]:
        sql = "SELECT stream, max(version) FROM events GROUP BY stream"
        return {
            Stream(stream): version for stream, version in self._context.store.database.rows(sql)
        }

    def _send(
        self, token: str, units: tuple[str, ...], facts: tuple[Sent, ...]
    ) -> tuple[Outcome, ...]:
        grants = Grants(sends=("roster.*",), sources=(hr.SOURCE,), units=units)
        sent = [parse_event(each, index) for index, each in enumerate(facts)]
        return receive(self._context, Principal(token, token, grants), sent, correlation_id="c")


@pytest.fixture
def office(context: Context) -> Office:
    return Office(context)


def corrected(fact: Sent, instead: Sent | None = None) -> Sent:
    inside = {"fact": {name: instead[name] for name in ("type", "time", "data")}} if instead else {}
    return event("roster.fact_corrected", {"corrects": fact["id"]} | inside, time=NOW)


def sent_in(way: Way, fact: Sent) -> tuple[Sent, ...]:
    """Return what the limited token sends; what is corrected is told as of another minute."""
    match way:
        case Way.DIRECT:
            return (fact,)
        case Way.MIXED:
            own = event("roster.unit_renamed", {"unit_id": "A1", "name": fact["id"]}, time=NOW)
            return own, fact
        case Way.CORRECTED:
            return (corrected(fact, fact | {"time": fact["time"].replace(":00:", ":01:")}),)
        case Way.TAKEN_BACK:
            return (corrected(fact),)


def test_every_type_of_fact_is_tried() -> None:
    tried = {each["type"] for each in facts_of(SITUATIONS["outside"])} | {"roster.fact_corrected"}

    assert tried == {
        each.definition.type for each in ROSTER if each.definition.origin is Origin.OUTSIDE
    }


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)  # the rule asks no database
@pytest.mark.parametrize("name", SITUATIONS)
def test_whatever_is_told_is_answered_by_the_rule(office: Office, name: str) -> None:
    """HR tells what the token corrects, and takes back what was taken: each case begins alike."""
    where = SITUATIONS[name]
    with every_case() as case:
        for way in Way:
            for fact in facts_of(where):
                with case(fact["type"], way):
                    _is_answered_by_the_rule(office, fact, way, where)


def _is_answered_by_the_rule(office: Office, fact: Sent, way: Way, where: Where) -> None:
    corrects, expected = way in {Way.CORRECTED, Way.TAKEN_BACK}, right(fact, way, where)
    told = _told_by_hr(office, fact) if corrects else None
    if corrects and told is None:
        expected = Right.UNKNOWN
    elif told and told.known and way is Way.TAKEN_BACK and expected is Right.OUTSIDE:
        expected = Right.TAKEN  # it told nothing new, so nothing goes with it
    before = office.versions()

    answered, refused = office.answer(*sent_in(way, fact))
    after = office.versions()
    if told is not None if refused else way is not Way.TAKEN_BACK:
        office.tell(corrected(fact))

    assert answered is expected
    if refused:
        nth = 1 if way is Way.MIXED else 0
        assert refused.index == (None if answered is Right.OUTSIDE else nth)
        assert after == before


def _told_by_hr(office: Office, fact: Sent) -> Outcome | None:
    """Return what came of a fact that HR told; None where it tells nothing of whom nobody knows."""
    if subject_of(fact).startswith("NO"):
        return None
    try:
        (told,) = office.tell(fact)
    except Refusal:
        return None
    return told
