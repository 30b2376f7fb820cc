"""Whatever a token limited to a unit is answered, it learns nothing of what it does not see.

Of any batch and any fact that is hidden from it: what is refused without that fact is refused with
it in the very same words, and what is taken without it is taken with the same receipts, or lies
outside. So whoever tries something out leaves a fact behind for each guess that was wrong
(decision 0085).
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.definitions.event import Subject
from events.definitions.roster import FactTookEffect
from events.identifiers import Stream
from events.store.address import open_database
from events.store.batch import Appended, NewEvent, Receipt
from events.store.keys import KeyStore
from events.store.store import Store
from services.access.tokens import Grants, Principal
from services.commands import taking_effect
from services.context import Context
from services.intake import budget
from services.intake.refusals import Refusal
from tests.support import hr
from tests.support.databases import hasty_address, lay_tables
from tests.support.effort import fewer
from tests.support.fakes import FixedClock, SeededChance
from tests.support.hr import enrolled, event, formed, moved
from tests.support.senders import Sent, send_as

few = fewer(2)  # an example here asks as many logs as there are hidden facts
FIRST, BEFORE, CAME, LATER = (
    f"2026-{day}T08:00:00+07:00" for day in ("01-05", "02-02", "03-02", "05-02")
)
NOW, NEXT_YEAR, NEXT_SPRING = (
    f"{day}T08:00:00+07:00" for day in ("2026-06-01", "2027-01-05", "2027-03-05")
)
TAKEN, OUTSIDE = "taken", "outside_units"


def named(fact: Sent, event_id: str) -> Sent:
    return fact | {"id": event_id}


def of(subject: str, kind: str, time: str, **data: Any) -> Sent:
    about = "unit" if kind.startswith("unit") else "member"
    return event(f"roster.{kind}", {f"{about}_id": subject} | data, time=time)


ORGANISATION = [
    *(formed("TOP"), formed("A", "TOP"), formed("A1", "A"), formed("A2", "A"), formed("B", "TOP")),
    *(formed("B2", "B"), of("B2", "unit_moved", CAME, parent_id="A")),
    *(enrolled("AN", "A"), enrolled("HA", "A1"), enrolled("BINH", "B"), enrolled("TOAN", "TOP")),
    named(moved("TOAN", "A", time=CAME), "came"),
    named(of("AN", "member_disciplined", CAME, decision="1", grade="warning"), "seen"),
]
HIDDEN = {
    "a decision of before": of("TOAN", "member_disciplined", BEFORE, decision="7", grade="warning"),
    "a decision on a unit": of("B2", "unit_disciplined", BEFORE, decision="7", grade="warning"),
    "a rating of before": of("TOAN", "member_state_rated", BEFORE, period="2025", level="poor"),
    "an absence of before": of("TOAN", "member_absent", BEFORE, reason="sick"),
    "a post outside": of("AN", "post_given", LATER, unit_id="TOP", post="secretary"),
    "a member outside": enrolled("X", "B", time=LATER),
    "a unit outside": formed("U", "B", time=LATER),
    "an event about somebody outside": of("BINH", "member_absent", LATER, reason="sick"),
    "a move to come": of("AN", "member_moved", NEXT_YEAR, unit_id="B"),
    "a leaving to come": of("HA", "member_left", NEXT_YEAR, reason="resigned"),
    "a post to come": of("AN", "post_given", NEXT_YEAR, unit_id="TOP", post="secretary"),
    "a decision to come": of("AN", "member_disciplined", NEXT_YEAR, decision="7", grade="warning"),
    "a unit that is to go": of("A1", "unit_moved", NEXT_YEAR, parent_id="B"),
    "half of a circle to come": of("A2", "unit_moved", NEXT_YEAR, parent_id="A1"),
}


def corrected(told: Sent, **otherwise: Any) -> tuple[Sent, Sent]:
    """Return a fact and its correction now; of nothing otherwise, the fact never happened."""
    fact = {"type": told["type"], "time": otherwise.pop("time", told["time"])}
    inside = {"fact": fact | {"data": told["data"] | otherwise}}
    data = {"corrects": "hidden"} | (inside if otherwise or fact["time"] != told["time"] else {})
    return told, named(event("roster.fact_corrected", data, time=NOW), "correction")


HIDDEN_CORRECTIONS = {
    "a post outside that was another": corrected(HIDDEN["a post outside"], unit_id="B"),
    "a post outside that never was": corrected(HIDDEN["a post outside"]),
    "an absence of before that was later": corrected(HIDDEN["an absence of before"], time=LATER),
    "a decision of before that never was": corrected(HIDDEN["a decision of before"]),
    "a move to come that is to be later": corrected(HIDDEN["a move to come"], time=NEXT_SPRING),
    "a leaving to come for another reason": corrected(HIDDEN["a leaving to come"], reason="died"),
    "a leaving to come that will not be": corrected(HIDDEN["a leaving to come"]),
    "a post to come that is another": corrected(HIDDEN["a post to come"], unit_id="B"),
    "a decision to come of another day": corrected(HIDDEN["a decision to come"], time=NEXT_SPRING),
}
TOOK_EFFECT = (HIDDEN["a post outside"],)
WORLDS: Mapping[str, tuple[Sent, ...]] = {
    "": (),
    **{name: (fact,) for name, fact in HIDDEN.items()},
    **HIDDEN_CORRECTIONS,
    "a post outside whose day came": TOOK_EFFECT,
}


def in_force(effect: FactTookEffect, now: Receipt) -> NewEvent:
    """Return what a worker tells on the day for which something was told ahead."""
    return NewEvent(
        event=effect,
        id="effect",
        source=taking_effect.SOURCE,
        time=now.recorded_at,
        principal=taking_effect.PRINCIPAL,
        recorded_at=now.recorded_at,
    )


class Untouched(Store):
    """A log that stays as it is, and gives the receipts that it would give."""

    def append(
        self, streams: Mapping[Stream, Appended], *_arguments: Any, **_options: Any
    ) -> tuple[Receipt, ...]:
        return tuple(
            Receipt(each.source, each.id, stream, version, self._clock.now())
            for stream, appended in streams.items()
            for version, each in enumerate(appended.events, appended.expected_version + 1)
        )


class World:
    """A log in which HR told of the organisation, and perhaps of something more."""

    def __init__(self, context: Context, hidden: Iterable[Sent]) -> None:
        send = send_as(context)
        (*_, last) = send(*ORGANISATION, of("A", "unit_renamed", FIRST, name="Chi bộ A"))
        told = last
        for each in hidden:
            (told,) = send(each if each["id"] == "correction" else named(each, "hidden"))
        if hidden is TOOK_EFFECT:
            stream, version = Stream(told.receipt.stream), told.receipt.version
            effect = FactTookEffect(subject=Subject(stream), versions=(version,))
            context.store.append({stream: Appended(version, (in_force(effect, last.receipt),))})
        store = Untouched(context.store.database, clock=context.clock, chance=context.chance)
        still = Context(clock=context.clock, chance=context.chance, store=store, keys=context.keys)
        limit = last.receipt.stream.removeprefix("unit-")
        grants = Grants(sends=("roster.*",), sources=(hr.SOURCE,), units=(limit,))
        self._send = send_as(still, Principal("token:a", "a", grants))

    def answer(self, batch: list[Sent]) -> tuple[object, ...]:
        """Return all that the limited token is told."""
        try:
            outcomes = self._send(*batch)
        except Refusal as no:
            every = [(str(e), e.index, e.pointer) for e in getattr(no, "every", ())]
            return no.code, str(no), no.index, no.pointer, no.status, every
        told = [(e.receipt.source, e.receipt.id, e.known, e.version) for e in outcomes]
        return TAKEN, told


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, World]]:
    """Return a world without any hidden fact, under no name, and one with each."""
    folder = tmp_path_factory.mktemp("hidden")
    made = dict[str, World]()
    opened = [world_in(folder / f"{nth}", made, *each) for nth, each in enumerate(WORLDS.items())]
    for each in opened:
        next(each)
    yield made
    for each in opened:
        next(each, None)


def world_in(
    folder: Path, made: dict[str, World], name: str, hidden: Iterable[Sent]
) -> Iterator[None]:
    folder.mkdir()
    lay_tables(folder / "log.db")
    clock, keys_at = FixedClock(), hasty_address(folder / "keys.db")
    clock.set(datetime.fromisoformat(NOW).astimezone(UTC))
    with (
        closing(open_database(hasty_address(folder / "log.db"))) as database,
        closing(KeyStore(keys_at, master=bytes(32), chance=SeededChance(2))) as keys,
    ):
        store = Store(database, clock=clock, chance=SeededChance(1))
        context = Context(clock=clock, chance=SeededChance(3), store=store, keys=keys)
        made[name] = World(context, hidden)
        yield


MEMBERS = st.sampled_from(("AN", "HA", "TOAN", "BINH", "X", "NEW"))
UNITS = st.sampled_from(("A", "A1", "A2", "B2", "B", "U", "N"))
TIMES = st.sampled_from((BEFORE, CAME, LATER, NOW))
DECISIONS = st.sampled_from(("1", "7", "9"))
IDS = st.sampled_from((*[None] * 20, "hidden", "correction", "seen", "came", "own"))


@st.composite
def facts(draw: st.DrawFn) -> Sent:
    """Return a fact that may be right, wrong, outside, or a guess at what is hidden."""
    who, unit, other, time = draw(MEMBERS), draw(UNITS), draw(UNITS), draw(TIMES)
    number, year = draw(DECISIONS), draw(st.sampled_from(("2025", "2026")))
    told = draw(
        st.sampled_from(
            (
                of(who, "member_disciplined", time, decision=number, grade="warning"),
                of(who, "member_discipline_lifted", time, decision=number),
                of(unit, "unit_disciplined", time, decision=number, grade="warning"),
                of(unit, "unit_discipline_lifted", time, decision=number),
                of(who, "member_state_rated", time, period=year, level="good"),
                of(who, "member_absent", time, reason="sick"),
                of(who, "member_left", time, reason="resigned"),
                of(who, "post_given", time, unit_id=unit, post="secretary"),
                of(who, "post_relieved", time, unit_id=unit, post="secretary"),
                of(who, "member_moved", time, unit_id=unit),
                of(unit, "unit_moved", time, parent_id=other),
                of(unit, "unit_dissolved", time, successor_id=other),
                of(unit, "unit_renamed", time, name="Tên khác"),
                of(unit, "unit_authorised", time),
                enrolled(who, unit, time=time),
                enrolled(who, unit, time=time) | {"data": called_otherwise(who, unit)},
                formed(unit, other, time=time),
            )
        )
    )
    event_id, corrects = draw(IDS), draw(IDS)
    if corrects:
        inside = {"fact": {name: told[name] for name in ("type", "time", "data")}}
        data = {"corrects": corrects} | (inside if draw(st.booleans()) else {})
        told = event("roster.fact_corrected", data, time=NOW)
    return named(told, event_id) if event_id else told


def called_otherwise(number: str, unit: str) -> Sent:
    return {"number": number, "name": "Trần Thị Khác", "unit_id": unit}


@few
@given(
    batch=st.lists(facts(), min_size=1, max_size=5),
    looks=st.one_of(st.just(budget.LOOKS_MAX), st.integers(0, 1_000)),
)
def test_what_is_hidden_changes_no_refusal(
    worlds: dict[str, World], batch: list[Sent], looks: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(budget, "LOOKS_MAX", looks)

        require_alike(worlds, batch)


@pytest.mark.parametrize("event_id", ["hidden", "correction"])
def test_the_id_of_what_is_hidden_is_as_one_that_never_came(
    worlds: dict[str, World], event_id: str
) -> None:
    guess = named(of("AN", "member_absent", NOW, reason="sick"), event_id)
    names_it = event("roster.fact_corrected", {"corrects": event_id}, time=NOW)

    require_alike(worlds, [guess])
    require_alike(worlds, [names_it])


def require_alike(worlds: dict[str, World], batch: list[Sent]) -> None:
    """Assert that a batch is answered alike wherever something is hidden, or lies outside there."""
    without = worlds[""].answer(batch)
    for name in WORLDS:
        answered = worlds[name].answer(batch)
        assert answered == without or (without[0] == TAKEN and answered[0] == OUTSIDE), name
