"""Decisions told of somebody are found by their numbers, each looked at once."""

from datetime import date

import pytest

from events.definitions.characters import alike_number
from services.access import decisions
from services.access.decisions import DecisionsTold, ToldDecision

MANY = 300
DAY = date(2026, 3, 1)


def told(nth: int, **more: object) -> ToldDecision:
    decision = ToldDecision(f"sealed-{nth}", f"{nth:03}-QĐ", "ubkt", None, DAY, "warning")
    return decision._replace(**more)  # type: ignore[arg-type]


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return which numbers were made ready to be compared; that takes longest by far."""
    found = list[str]()

    def compare(number: str) -> str:
        found.append(number)
        return alike_number(number)

    monkeypatch.setattr(decisions, "alike_number", compare)
    return found


def test_each_number_is_made_ready_once_and_again_when_it_is_asked_for(
    compared: list[str],
) -> None:
    known = DecisionsTold(told(nth) for nth in range(MANY))

    meant = [known.meant(f"{nth}-qđ") for nth in range(MANY)]
    again = [known.told_again_by(told(nth, sealed="")) for nth in range(MANY)]

    assert [each.sealed for (each,) in meant] == [each.sealed for each in again if each]
    assert len(compared) == MANY + 2 * MANY


def test_decisions_of_one_number_are_shown_together_and_each_once(compared: list[str]) -> None:
    known = DecisionsTold([told(1), told(2), told(1, day=DAY), told(3, number="1-qđ")])

    assert [{each.sealed for each in same} for same in known] == [
        {"sealed-1", "sealed-3"},
        {"sealed-2"},
    ]
    assert {each.day for same in known for each in same if each.sealed == "sealed-1"} == {DAY}
    assert len(compared) == 4


def test_of_an_erased_decision_it_is_known_that_there_is_one() -> None:
    known = DecisionsTold([told(1, number=None)])

    assert (known.some_erased, list(known), known.meant("1-QĐ")) == (True, [], [])
