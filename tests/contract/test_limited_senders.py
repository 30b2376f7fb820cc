"""A token limited to a unit writes about that unit and below: every roster fact, tried across.

The organisation: a commune with two cells, and a group below the first. HR, whose token has no
limit, told of it. The limited token belongs to the first cell.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from events.definitions.event import Origin
from events.definitions.roster import ROSTER
from events.domain.organisation import timelines
from events.domain.organisation.timelines import State
from events.identifiers import Stream
from events.store.store import Store
from services.access.tokens import Grants, Principal
from services.context import Context
from services.intake import budget, renumbering, reused
from services.intake.numbers import Numbers
from services.intake.refusals import (
    FromTheFuture,
    OutsideUnits,
    Refusal,
    TooMuchHistory,
    UnitBelowItself,
    UnknownReference,
    WrongCorrection,
)
from tests.support import hr
from tests.support.cases import every_case
from tests.support.fakes import FixedClock
from tests.support.hr import enrolled, event, formed, moved
from tests.support.senders import Send, Sent, send_as

FIRST = "2026-01-05T08:00:00+07:00"
LATER = "2026-03-02T08:00:00+07:00"
NOW = "2026-06-01T08:00:00+07:00"
NEXT_YEAR = "2027-01-01T00:00:00+07:00"


@pytest.fixture
def everybody(context: Context) -> Send:
    """Send as HR, which has no limit; the organisation is told already."""
    assert isinstance(context.clock, FixedClock)
    context.clock.set(datetime.fromisoformat(NOW).astimezone(UTC))
    send = sender(context, "token:hr")
    send(formed("TOP"), formed("A", "TOP"), formed("A1", "A"))
    send(formed("B", "TOP"), formed("B1", "B"))
    send(enrolled("AN", "A"), enrolled("HA", "A1"), enrolled("BINH", "B"), enrolled("TOAN", "TOP"))
    return send


@pytest.fixture
def limited(context: Context, everybody: Send) -> Send:
    """Send as the token of the first cell."""
    unit_id = everybody(event("roster.unit_renamed", {"unit_id": "A", "name": "Chi bộ A"}))
    return sender(context, "token:a", unit_id[0].receipt.stream.removeprefix("unit-"))


def sender(context: Context, token: str, *units: str) -> Send:
    grants = Grants(sends=("roster.*",), sources=(hr.SOURCE,), units=units)
    return send_as(context, Principal(token, token, grants))


def refusal(send: Send, *events: Sent) -> Refusal | None:
    try:
        send(*events)
    except Refusal as refused:
        return refused
    return None


def size(store: Store) -> int:
    return int(store.database.rows("SELECT count(*) FROM events")[0][0])


def about(kind: str, type_: str, subject: str, **data: Any) -> Sent:
    return event(f"roster.{type_}", {f"{kind}_id": subject} | data, time=NOW)


def corrected(wrong: Sent, right: Sent | None = None) -> Sent:
    fact = {} if right is None else {"fact": {k: right[k] for k in ("type", "time", "data")}}
    return event("roster.fact_corrected", {"corrects": wrong["id"]} | fact, time=NOW)


FOR_AN = {"post": "secretary", "for_id": "AN"}


def facts_about(member: str, unit: str, other: str) -> list[Sent]:
    """Return a fact of every type about a member of a unit, and about the unit."""
    return [
        about("member", "post_given", member, unit_id=unit, post="secretary"),
        about("member", "post_relieved", member, unit_id=unit, post="secretary"),
        about("member", "post_delegated", member, **FOR_AN, unit_id=unit, until="2026-12-31"),
        about("member", "delegation_ended", member, **FOR_AN, unit_id=unit),
        about("member", "member_standing_changed", member, standing="official"),
        about("member", "member_exempted", member),
        about("member", "member_exemption_ended", member),
        about("member", "member_absent", member, reason="sick"),
        about("member", "member_back", member),
        about("member", "member_disciplined", member, decision="1", grade="warning"),
        about("member", "member_discipline_lifted", member, decision="1"),
        about("member", "member_state_rated", member, period="2025", level="good"),
        about("member", "member_moved", member, unit_id=other),
        about("member", "member_left", member, reason="resigned"),
        about("unit", "unit_renamed", unit, name="Tên khác"),
        about("unit", "unit_disciplined", unit, decision="2", grade="warning"),
        about("unit", "unit_discipline_lifted", unit, decision="2"),
        about("unit", "unit_authorised", unit),
        about("unit", "unit_authority_ended", unit),
        about("unit", "unit_moved", unit, parent_id=other),
        about("unit", "unit_dissolved", unit, successor_id=other),
        enrolled(member, unit, time=NOW),
        formed(unit, other, time=NOW),
    ]


def disciplined_before(lifting: Sent) -> Sent:
    """Return the discipline that a lifting speaks of."""
    told = lifting["type"].removeprefix("roster.").replace("discipline_lifted", "disciplined")
    return event(f"roster.{told}", lifting["data"] | {"grade": "warning"}, time=NOW)


def names_of(unit: str) -> list[Sent]:
    """Return the facts about a unit that hold everywhere: nobody else has its issuer's name."""
    return [
        about("unit", "issuer_named", unit, issuer="name"),
        about("unit", "issuer_name_ended", unit, issuer="name"),
    ]


def test_every_type_of_fact_is_tried() -> None:
    facts = (*facts_about("M", "U", "V"), *names_of("U"))
    tried = {each["type"] for each in facts} | {"roster.fact_corrected"}

    assert tried == {
        each.definition.type for each in ROSTER if each.definition.origin is Origin.OUTSIDE
    }


def test_it_writes_every_fact_about_its_unit_and_below(limited: Send, everybody: Send) -> None:
    everybody(about("unit", "unit_authorised", "A"))  # so what decides in its group is A's to say
    with every_case() as case:
        for fact in facts_about("HA", "A1", "A"):
            with case(fact["type"]):
                if fact["type"].endswith("_lifted"):
                    assert limited(disciplined_before(fact))
                assert limited(fact)
                assert limited(corrected(fact))


def test_nobody_outside_is_known_to_it(limited: Send, everybody: Send, store: Store) -> None:
    """Whether somebody is there, elsewhere, or nowhere: it is told the same."""
    told = facts_about("BINH", "B1", "B")
    everybody(*told)
    before = size(store)

    with every_case() as case:
        for fact, unknown in zip(told, facts_about("NOBODY", "NOTHING", "NOWHERE"), strict=True):
            if fact["type"] in {"roster.member_enrolled", "roster.unit_formed"}:
                continue  # they found somebody: below
            with case(fact["type"]):
                assert str(refusal(limited, fact | {"id": "new"})) == str(refusal(limited, unknown))
                assert isinstance(refusal(limited, fact | {"id": "new"}), UnknownReference)
            with case(fact["type"], "corrected"):
                there = refusal(limited, corrected(fact))
                assert isinstance(there, UnknownReference)
                nowhere = str(refusal(limited, corrected(unknown)))
                assert str(there).replace(fact["id"], unknown["id"]) == nowhere
    assert size(store) == before


def test_both_the_old_and_the_new_place_count(limited: Send, everybody: Send, store: Store) -> None:
    came = moved("TOAN", "A", time=LATER)
    unit_came = event("roster.unit_moved", {"unit_id": "B1", "parent_id": "A"}, time=LATER)
    post = about("member", "post_given", "AN", unit_id="TOP", post="secretary")
    held_here = about("member", "post_given", "AN", unit_id="A", post="secretary")
    everybody(came, unit_came, post, held_here)
    before = size(store)

    with every_case() as case:
        for name, facts in {
            "out of it": [moved("AN", "B", time=NOW)],
            "into it": [moved("BINH", "A", time=NOW)],
            "enrolled outside": [enrolled("NEW", "B", time=NOW)],
            "enrolled by a number known outside": [enrolled("BINH", "A", time=NOW)],
            "the post above": [
                about("member", "post_given", "HA", unit_id="TOP", post="secretary")
            ],
            "the post of somebody above": [
                about("member", "post_given", "TOAN", unit_id="B", post="secretary")
            ],
            "a post above ends": [
                about("member", "post_relieved", "AN", unit_id="TOP", post="secretary")
            ],
            "a post above is taken back": [corrected(post)],
            "a post here becomes one above": [corrected(held_here, post)],
            "a post above ends by leaving": [
                about("member", "member_left", "AN", reason="resigned")
            ],
            "who came goes back": [corrected(came)],
            "who came was never here": [corrected(came, moved("TOAN", "B", time=LATER))],
            "who came, came to the group": [corrected(came, moved("TOAN", "A1", time=FIRST))],
            "before somebody came": [
                about("member", "member_disciplined", "TOAN", decision="3", grade="warning")
                | {"time": "2026-02-02T08:00:00+07:00"}
            ],
            "since before somebody came": [moved("TOAN", "A1", time="2026-02-02T08:00:00+07:00")],
            "itself out": [about("unit", "unit_moved", "A", parent_id="B")],
            "itself, below its own": [about("unit", "unit_moved", "A", parent_id="A1")],
            "itself made the top": [formed("A", time=NOW)],
            "itself made to decide": [about("unit", "unit_authorised", "A")],
            "itself made to decide no more": [about("unit", "unit_authority_ended", "A")],
            "its group made to decide": [about("unit", "unit_authorised", "A1")],
            "its group made to decide no more": [about("unit", "unit_authority_ended", "A1")],
            "a new group made to decide": [
                formed("A2", "A", time=NOW),
                about("unit", "unit_authorised", "A2"),
            ],
            "a name for itself": names_of("A")[:1],
            "no name for its group": names_of("A1")[1:],
            "a name for a unit outside": names_of("B")[:1],
            "itself dissolved": [about("unit", "unit_dissolved", "A", successor_id="A1")],
            "its group out": [about("unit", "unit_moved", "A1", parent_id="TOP")],
            "another group in": [about("unit", "unit_moved", "B", parent_id="A")],
            "a group that came goes back": [corrected(unit_came)],
            "a group that came, renamed before": [
                about("unit", "unit_renamed", "B1", name="x") | {"time": FIRST}
            ],
            "succeeded outside": [about("unit", "unit_dissolved", "A1", successor_id="B")],
            "a unit that hangs nowhere": [formed("NEW", time=NOW)],
            "a unit outside": [formed("NEW", "B", time=NOW)],
            "a unit by a number known outside": [formed("B", "A", time=NOW)],
            "units that hang on each other": [formed("N1", "N2"), formed("N2", "N1")],
            "its groups hung on each other": [
                formed("N1", "A"),
                about("unit", "unit_moved", "A1", parent_id="N1"),
                about("unit", "unit_moved", "N1", parent_id="A1"),
            ],
            "one of many": [moved("HA", "A", time=NOW), moved("AN", "B", time=NOW)],
        }.items():
            with case(name):
                refused = refusal(limited, *facts)
                assert isinstance(refused, OutsideUnits | UnknownReference | UnitBelowItself)
    assert size(store) == before


def test_who_decides_below_is_said_by_whoever_has_a_unit_above_that_decides(
    limited: Send, everybody: Send
) -> None:
    """It takes from that unit's years, or gives back to them: not from those of units outside."""
    told = about("unit", "unit_authorised", "A1")
    everybody(about("unit", "unit_authorised", "TOP"), told)
    others = [corrected(told), about("unit", "unit_authority_ended", "A1")]
    for each in others:
        assert isinstance(refusal(limited, each), OutsideUnits)

    everybody(about("unit", "unit_authorised", "A"))

    assert limited(formed("A2", "A1", time=NOW), about("unit", "unit_authorised", "A2"))
    for each in others:
        assert limited(each)
    everybody(about("unit", "unit_authority_ended", "A"))
    assert isinstance(refusal(limited, about("unit", "unit_authorised", "A1")), OutsideUnits)


def test_no_correction_takes_a_post_above_from_whoever_holds_it(
    limited: Send, everybody: Send, store: Store
) -> None:
    """By whatever makes them a member no more, again, or since another day."""
    came = enrolled("LAN", "A", time=FIRST)
    post = about("member", "post_given", "LAN", unit_id="TOP", post="secretary")
    everybody(came, post)
    before = size(store)
    with every_case() as case:
        for name, fact in {
            "never enrolled": corrected(came),
            "enrolled later": corrected(came, enrolled("LAN", "A", time=LATER)),
            "enrolled elsewhere below, later": corrected(came, enrolled("LAN", "A1", time=NOW)),
            "left": about("member", "member_left", "LAN", reason="died"),
        }.items():
            with case(name):
                assert isinstance(refusal(limited, fact), OutsideUnits)
    assert size(store) == before
    assert limited(enrolled("LAN", "A1", time=NOW))  # told anew, it takes nothing
    assert limited(corrected(came, enrolled("LAN", "A1", time=FIRST)))  # the same day: nor this


def test_what_somebody_stands_in_for_above_takes_nothing_from_who_tells_of_them(
    limited: Send, everybody: Send
) -> None:
    """In force, or over: it ends by that, and says nothing of whose post it is."""
    post = about("member", "post_given", "TOAN", unit_id="TOP", post="secretary")
    stands_in = {"unit_id": "TOP", "post": "secretary", "for_id": "TOAN"}
    everybody(post)
    for number, until in (("LAN", "2026-12-31"), ("MAI", "2026-03-03")):
        everybody(enrolled(number, "A", time=FIRST))
        told = about("member", "post_delegated", number, **stands_in, until=until)
        everybody(told | {"time": LATER})
        assert limited(about("member", "member_absent", number, reason="training"))
        assert limited(about("member", "member_left", number, reason="died"))


def test_a_delegation_is_of_its_days_alone(limited: Send, everybody: Send) -> None:
    """That its unit is to be elsewhere after its last day is no matter."""
    given = about("member", "post_given", "HA", unit_id="A1", post="secretary")
    in_july = {"time": "2026-07-01T08:00:00+07:00"}
    everybody(given, about("unit", "unit_moved", "A1", parent_id="B") | in_july)
    of_ha = {"unit_id": "A1", "post": "secretary", "for_id": "HA"}

    def told(until: str) -> Sent:
        return about("member", "post_delegated", "AN", **of_ha, until=until)

    assert isinstance(refusal(limited, told("2026-07-31")), OutsideUnits)
    assert limited(told("2026-06-30"))


def test_no_correction_gives_a_post_above_back(limited: Send, everybody: Send) -> None:
    here = enrolled("LAN", "A", time=FIRST)
    post = about("member", "post_given", "LAN", unit_id="TOP", post="secretary")
    left = about("member", "member_left", "LAN", reason="other")
    everybody(here, post, left)

    for fact in (
        corrected(left),
        corrected(left, left | {"time": "2026-02-02T08:00:00+07:00"}),
        corrected(here, enrolled("LAN", "A", time=LATER)),
    ):
        assert isinstance(refusal(limited, fact), OutsideUnits)


def test_whoever_acts_for_a_dissolved_unit_outside_keeps_it(
    limited: Send, everybody: Send, store: Store
) -> None:
    """Neither formed anew, nor dissolved once more, nor written about, nor is who was in it."""
    ended = about("unit", "unit_dissolved", "A1", successor_id="B") | {"time": LATER}
    named = about("unit", "unit_renamed", "A1", name="x") | {"time": FIRST}
    limited(named)
    everybody(ended)
    before = size(store)
    with every_case() as case:
        for name, fact in {
            "formed anew": formed("A1", "A", time=NOW),
            "dissolved once more": about("unit", "unit_dissolved", "A1", successor_id="A"),
            "moved": about("unit", "unit_moved", "A1", parent_id="A"),
            "not dissolved": corrected(ended),
            "renamed otherwise": corrected(named, named),
            "a post there": about("member", "post_given", "AN", unit_id="A1", post="secretary"),
            "who was there": about("member", "member_moved", "HA", unit_id="A"),
            "enrolled there": enrolled("NEW", "A1", time=NOW),
            "below it": formed("A2", "A1", time=NOW),
            "succeeded by it": [
                formed("A3", "A", time=NOW),
                about("unit", "unit_dissolved", "A3", successor_id="A1"),
            ],
        }.items():
            with case(name):
                facts = fact if isinstance(fact, list) else [fact]
                assert isinstance(refusal(limited, *facts), OutsideUnits | UnknownReference)
    assert size(store) == before
    assert limited(about("member", "member_back", "AN"))


def test_a_dissolved_unit_is_formed_anew_where_whoever_acts_for_it_is_within(
    limited: Send, everybody: Send
) -> None:
    everybody(about("unit", "unit_dissolved", "A1", successor_id="A") | {"time": LATER})

    assert limited(formed("A1", "A", time=NOW))


def test_a_dissolved_unit_writes_no_more(limited: Send, everybody: Send) -> None:
    """Whatever it had to do, its successor does."""
    everybody(about("unit", "unit_dissolved", "A", successor_id="B") | {"time": LATER})

    assert isinstance(refusal(limited, about("member", "member_back", "AN")), UnknownReference)


def test_what_counts_in_a_year_is_told_by_whom_somebody_belonged_to_then(
    limited: Send, everybody: Send, store: Store
) -> None:
    """By the end of the year, whenever it is told: a year before they came is another's."""
    first = "2024-02-01T08:00:00+07:00"
    told = about("member", "member_disciplined", "TOAN", decision="1", grade="warning")
    everybody(
        formed("TOP", time=first),
        enrolled("TOAN", "TOP", time=first),
        formed("A1", "B", time=first),
        enrolled("HA", "A1", time=first),
        told | {"time": "2025-02-01T08:00:00+07:00"},
    )
    came, unit_came = (
        moved("TOAN", "A", time=LATER),
        event("roster.unit_moved", {"unit_id": "A1", "parent_id": "A"}, time=LATER),
    )
    everybody(came, unit_came)
    before = size(store)
    fault = {"decision": "3", "grade": "warning"}
    with every_case() as case:
        for name, fact in {
            "rated": about("member", "member_state_rated", "TOAN", period="2025", level="poor"),
            "fault": about("member", "member_disciplined", "TOAN", **fault, fault_period="2025"),
            "quarter": about(
                "member", "member_disciplined", "TOAN", **fault, fault_period="2025-q3"
            ),
            "of whose unit came": about(
                "member", "member_disciplined", "HA", **fault, fault_period="2025"
            ),
            "of the unit that came": about(
                "unit", "unit_disciplined", "A1", **fault, fault_period="2025"
            ),
            "told of this year": told
            | {"id": "again", "time": NOW, "data": told["data"] | {"decided_on": "2025-01-31"}},
        }.items():
            with case(name):
                assert isinstance(refusal(limited, fact), OutsideUnits)
    assert size(store) == before
    now = about("member", "member_disciplined", "TOAN", **fault, fault_period="2026")
    assert limited(now)
    earlier = now | {"data": now["data"] | {"fault_period": "2025"}}
    assert isinstance(refusal(limited, corrected(now, earlier)), OutsideUnits)
    assert limited(corrected(now))


def test_whoever_tries_out_numbers_of_decisions_learns_none_that_is_not_theirs(
    limited: Send, everybody: Send, store: Store
) -> None:
    """Told of the time before they came, or of a day to come, it is as if it had not been told."""
    told = about("member", "member_disciplined", "TOAN", decision="1", grade="warning")
    ahead = about("member", "member_disciplined", "AN", decision="1", grade="warning")
    decided = {"decided_on": "2026-05-30"}
    everybody(
        formed("TOP", time="2024-02-01T08:00:00+07:00"),
        enrolled("TOAN", "TOP", time="2024-02-01T08:00:00+07:00"),
        told | {"time": "2025-02-01T08:00:00+07:00"},
        ahead | {"time": NEXT_YEAR, "data": ahead["data"] | decided},
        moved("TOAN", "A", time=LATER),
    )
    before = size(store)

    def lifting(who: str, number: str, **more: str) -> Sent:
        return about("member", "member_discipline_lifted", who, decision=number, **more)

    with every_case() as case:
        for who, said in product(("TOAN", "AN"), ({}, {"decided_on": "2025-02-01"}, decided)):
            with case(who, said):
                known, unknown = (refusal(limited, lifting(who, e, **said)) for e in ("1", "2"))
                assert isinstance(known, UnknownReference)
                assert (known.code, str(known)) == ("unknown_decision", str(unknown))
    assert size(store) == before


def test_what_lies_outside_is_refused_last_and_as_one(
    limited: Send, everybody: Send, store: Store
) -> None:
    """By which fact it is not told: of many guesses it would say which is right."""
    told = about("member", "member_disciplined", "TOAN", decision="7", grade="warning")
    ahead = about("member", "post_given", "AN", unit_id="TOP", post="secretary")
    known = enrolled("LAN", "B")
    everybody(
        *(told | {"time": LATER}, moved("TOAN", "A", time=LATER), known),
        *(ahead | {"time": NEXT_YEAR}, moved("HA", "B", time=NEXT_YEAR)),
    )
    guesses = {
        "decisions": [
            about("member", "member_disciplined", "TOAN", decision=f"{nth}", grade="warning")
            for nth in range(9)
        ],
        "numbers": [enrolled(number, "A", time=NOW) for number in ("FREE", "BINH")],
        "ids": [known | {"id": each, "data": told["data"]} for each in ("free", known["id"])],
        "what is to come": [
            about("member", "member_left", "AN", reason="resigned"),
            about("member", "member_absent", "HA", reason="sick"),
        ],
    }
    guesses["ids"] = [each | {"type": told["type"]} for each in guesses["ids"]]
    outside = about("unit", "unit_authorised", "A")
    wrong = about("member", "member_discipline_lifted", "AN", decision="unheard-of")
    before = size(store)

    with every_case() as case:
        for name, batch in guesses.items():
            with case(name, "beside what lies outside"):
                refused = refusal(limited, *batch, outside)
                assert isinstance(refused, OutsideUnits)
                assert refused.index is None
            with case(name, "beside what is wrong in itself"):
                refused = refusal(limited, *batch, wrong)
                assert isinstance(refused, UnknownReference)
                assert refused.index == len(batch)
    assert size(store) == before


def test_who_belonged_here_in_a_year_is_told_of_it_later_too(limited: Send) -> None:
    rated = about("member", "member_state_rated", "AN", period="2025", level="poor")
    fault = about("member", "member_disciplined", "AN", decision="1", grade="warning")

    assert limited(rated, fault | {"data": fault["data"] | {"fault_period": "2025"}})


def test_a_unit_hangs_within_when_all_is_told(limited: Send, everybody: Send) -> None:
    """A correction of the only fact that says where a unit hangs would cut it off from those above.

    So it does in the batch that told that fact.
    """
    group, renamed = formed("A2", "A", time=NOW), about("unit", "unit_renamed", "A2", name="x")
    placed = [formed("A3", "A", time=NOW), enrolled("NEW", "A3", time=NOW)]
    for batch in (
        [group, corrected(group)],
        [*placed, corrected(placed[0])],
        [group, corrected(group, formed("A2", time=NOW))],
        [*placed, moved("NEW", "A", time=NOW), corrected(placed[1], enrolled("NEW", "B"))],
    ):
        assert isinstance(refusal(limited, *batch), OutsideUnits | UnknownReference)
    limited(group, renamed)
    assert isinstance(refusal(limited, corrected(group)), OutsideUnits)
    assert everybody(corrected(group))


def test_a_correction_of_its_own_facts_is_taken(limited: Send) -> None:
    came = enrolled("NEW", "A", time=LATER)
    group = formed("A2", "A", time=LATER)
    left = about("member", "member_left", "NEW", reason="resigned")
    limited(came, group, left)

    assert limited(corrected(came, enrolled("NEW", "A1", time=FIRST)))
    assert limited(corrected(group, formed("A2", "A1", time=FIRST)))
    assert limited(corrected(left))


def test_a_batch_founds_and_fills_its_units_in_any_order(limited: Send) -> None:
    outcomes = limited(
        moved("AN", "A3"), enrolled("NEW", "A3"), formed("A3", "A2"), formed("A2", "A")
    )

    assert not any(each.known for each in outcomes)


def test_who_tries_out_numbers_learns_nothing_from_what_is_refused(
    limited: Send, everybody: Send
) -> None:
    """A number known outside is refused last: a batch with another fault is told of that fault."""
    wrong = about("member", "member_back", "NOBODY")
    outside = moved("AN", "B", time=NOW)
    here = moved("AN", "A1", time=LATER)
    everybody(here)
    nonsense = corrected(here, enrolled("X", "A"))
    circle = about("unit", "unit_dissolved", "A1", successor_id="A1")

    for fault in (wrong, outside, nonsense, circle):
        there = refusal(limited, enrolled("BINH", "A"), fault)
        nowhere = refusal(limited, enrolled("FREE", "A"), fault)
        assert there
        assert nowhere
        assert (type(there), str(there), there.index) == (type(nowhere), str(nowhere), 1)
    assert isinstance(refusal(limited, nonsense), WrongCorrection)


def test_a_number_is_not_corrected_to_one_known_outside(limited: Send, everybody: Send) -> None:
    came = enrolled("NEW", "A")
    limited(came)

    refused = refusal(limited, corrected(came, enrolled("BINH", "A")))

    assert isinstance(refused, OutsideUnits)
    assert everybody(moved("BINH", "B1"))  # still one and the same


def test_what_others_told_of_somebody_outside_is_not_confirmed(
    limited: Send, everybody: Send
) -> None:
    """The very event again, other content, or an id that never came: it is told the same."""
    died = about("member", "member_left", "BINH", reason="died")
    everybody(died)
    guess = died | {"data": died["data"] | {"reason": "resigned"}}

    told = {str(refusal(limited, each)) for each in (died, guess, died | {"id": "never"})}

    assert len(told) == 1
    taken = moved("AN", "A1", time=NOW, id=died["id"])
    assert isinstance(refusal(limited, taken), OutsideUnits)


def test_what_it_sent_itself_gets_its_receipt_also_once_they_are_gone(
    limited: Send, everybody: Send
) -> None:
    came = enrolled("NEW", "A", time=FIRST)
    (first,) = limited(came)
    everybody(moved("NEW", "B", time=LATER))

    (again,) = limited(came)

    assert (again.known, again.receipt) == (True, first.receipt)
    assert isinstance(refusal(limited, corrected(came)), UnknownReference)


def test_who_was_moved_away_a_moment_ago_is_out_of_reach(
    limited: Send, everybody: Send, store: Store
) -> None:
    """No list lags behind here: nothing was numbered or projected."""
    (gone,) = everybody(moved("AN", "B", time=LATER))
    everybody(event("roster.unit_moved", {"unit_id": "A1", "parent_id": "B"}, time=LATER))

    for fact in (
        about("member", "member_back", "AN"),
        about("member", "member_back", "HA"),
        about("member", "member_back", f"id:{gone.receipt.stream.removeprefix('member-')}"),
        about("unit", "unit_renamed", "A1", name="x"),
    ):
        assert isinstance(refusal(limited, fact), UnknownReference)
    stream = Stream(gone.receipt.stream)
    assert store.versions([stream])[stream] == gone.receipt.version


class MovedMeanwhile(Store):
    """A store in which somebody is moved away between the decision and the append."""

    meanwhile: Callable[[], object] | None = None

    def append(self, *arguments: Any, **options: Any) -> Any:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        return super().append(*arguments, **options)


def test_who_is_moved_away_meanwhile_is_not_written_about(
    context: Context, everybody: Send, limited: Send
) -> None:
    unit_id = limited(about("unit", "unit_renamed", "A", name="x"))[0].receipt.stream[5:]
    store = MovedMeanwhile(context.store.database, clock=context.clock, chance=context.chance)
    racing = Context(clock=context.clock, chance=context.chance, store=store, keys=context.keys)
    send = sender(racing, "token:a", unit_id)

    store.meanwhile = lambda: everybody(
        event("roster.unit_moved", {"unit_id": "A1", "parent_id": "B"}, time=LATER)
    )

    assert isinstance(refusal(send, about("member", "member_back", "HA")), UnknownReference)


def test_nothing_is_told_ahead_for_until_its_day_somebody_may_be_elsewhere(
    limited: Send, store: Store
) -> None:
    """Else it would bring back on that day whom HR moved away, relieved or expelled meanwhile."""
    came = enrolled("NEW", "A", time=LATER)
    post = about("member", "post_given", "NEW", unit_id="A", post="secretary")
    limited(came, post)
    before = size(store)

    with every_case() as case:
        for name, fact in {
            "moved": moved("HA", "A", time=NEXT_YEAR),
            "a new group": formed("A9", "A", time=NEXT_YEAR),
            "enrolled then": corrected(came, came | {"time": NEXT_YEAR}),
            "an office then": corrected(post, post | {"time": NEXT_YEAR}),
        }.items():
            with case(name):
                assert isinstance(refusal(limited, fact), FromTheFuture)
    assert size(store) == before


def test_what_goes_along_with_whoever_is_to_move_is_told_by_whoever_has_both_units(
    limited: Send, everybody: Send, store: Store
) -> None:
    """HR told of a move ahead: what the cell says until then would count in the other's years."""
    came = enrolled("NEW", "A", time=LATER)
    limited(came)
    moves = moved("AN", "B", time=NEXT_YEAR)
    everybody(moves, moved("NEW", "B", time=NEXT_YEAR))
    everybody(event("roster.unit_moved", {"unit_id": "A1", "parent_id": "B"}, time=NEXT_YEAR))
    before = size(store)
    fault = {"decision": "9", "grade": "warning", "fault_period": "2026"}
    rated = {"period": "2025", "level": "poor"}

    with every_case() as case:
        for name, fact in {
            "a discipline": about("member", "member_disciplined", "AN", **fault),
            "a state rating": about("member", "member_state_rated", "AN", **rated),
            "absence without end": about("member", "member_absent", "AN", reason="sick"),
            "its own enrolment taken back": corrected(came),
            "of a unit that is to move": about("member", "member_state_rated", "HA", **rated),
            "that unit's name": about("unit", "unit_renamed", "A1", name="x"),
        }.items():
            with case(name):
                assert isinstance(refusal(limited, fact), OutsideUnits)
        for name, fact in {
            "the move taken back": corrected(moves),
            "the move put off": corrected(moves, moved("AN", "A", time=LATER)),
        }.items():
            with case(name):  # of what waits it does not know
                assert isinstance(refusal(limited, fact), UnknownReference)
    assert size(store) == before
    assert everybody(about("member", "member_disciplined", "AN", **fault))


def test_whoever_is_to_come_is_as_unknown_as_anybody_outside(
    limited: Send, everybody: Send
) -> None:
    everybody(enrolled("CHI", "B1"), moved("BINH", "A", time=NEXT_YEAR))
    everybody(event("roster.unit_moved", {"unit_id": "B1", "parent_id": "A"}, time=NEXT_YEAR))

    with every_case() as case:
        for number in ("BINH", "CHI", "TOAN", "nobody"):
            with case(number):
                back = about("member", "member_back", number)
                assert isinstance(refusal(limited, back), UnknownReference)


def test_whoever_came_or_went_today_has_though_no_timekeeper_told_so(
    limited: Send, everybody: Send, context: Context
) -> None:
    unit_moves = {"A1": "B", "B1": "A"}
    everybody(enrolled("CHI", "B1"), moved("BINH", "A", time=NEXT_YEAR))
    everybody(moved("AN", "B", time=NEXT_YEAR))
    for unit, parent in unit_moves.items():
        everybody(
            event("roster.unit_moved", {"unit_id": unit, "parent_id": parent}, time=NEXT_YEAR)
        )
    assert isinstance(context.clock, FixedClock)
    context.clock.time = datetime.fromisoformat(NEXT_YEAR).astimezone(UTC)

    with every_case() as case:
        for number in ("BINH", "CHI"):
            with case(number, "came"):
                assert limited(about("member", "member_back", number) | {"time": NEXT_YEAR})
        for number in ("AN", "HA"):
            with case(number, "went"):
                back = about("member", "member_back", number)
                assert isinstance(refusal(limited, back), UnknownReference)


def test_what_was_told_too_often_to_be_looked_at_is_refused_and_nothing_of_it_is_written(
    limited: Send, everybody: Send, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(formed("A2", "A"))
    limited(*(moved_unit("A1", ("A2", "A")[minute % 2], minute) for minute in range(20)))
    before = size(store)
    monkeypatch.setattr(budget, "LOOKS_MAX", 100)
    late = enrolled("LAN", "A1", time=FIRST)

    assert isinstance(refusal(limited, late), TooMuchHistory)
    assert size(store) == before
    assert refusal(everybody, late) is None


MANY, LOOKS = 80, 300


def varied(fact: Sent, nth: int) -> Sent:
    """Return a fact of another minute, which tells something else where it can."""
    each = {"decision": f"{nth}", "post": f"post_{nth}", "name": f"Chi bộ {nth}"}
    data = fact["data"] | {name: each[name] for name in each.keys() & fact["data"].keys()}
    time = f"2026-03-02T{8 + nth // 60:02}:{nth % 60:02}:00+07:00"
    return event(fact["type"], data, time=time)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)  # the rule asks no database
def test_no_batch_is_worked_on_beyond_its_budget(
    limited: Send, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it tells of one member or unit, a thousand times: each fact looks at all before."""
    work, tell = list[int](), timelines.after

    def after(state: State, *told: Any) -> State:
        work.append(1 + sum(map(len, state.timelines.values())))
        return tell(state, *told)

    monkeypatch.setattr(timelines, "after", after)
    monkeypatch.setattr(budget, "LOOKS_MAX", LOOKS)
    before, refused = size(store), set[str]()

    with every_case() as case:
        for fact in facts_about("AN", "A", "A1"):
            with case(fact["type"]):
                work.clear()
                batch = [varied(fact, nth) for nth in range(MANY)]
                if isinstance(refusal(limited, *batch), TooMuchHistory):
                    refused.add(fact["type"])
                assert sum(work) <= 2 * LOOKS

    assert {"roster.post_given", "roster.member_disciplined", "roster.unit_renamed"} <= refused
    assert size(store) == before


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_chain_of_units_below_nobody_is_looked_at_rung_by_rung(
    limited: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However it was shuffled: the work grows with the chain, and not with its square."""
    asked, find = list[str](), Numbers.find

    def counted(self: Numbers, kind: str, reference: str) -> str | None:
        asked.append(reference)
        return find(self, kind, reference)

    monkeypatch.setattr(Numbers, "find", counted)
    chain = [formed(f"U{nth}", f"U{nth - 1}" if nth else "NOBODY") for nth in range(MANY)]

    for batch in (chain, chain[::-1], [*chain[::2], *chain[1::2]]):
        asked.clear()
        refused = refusal(limited, *batch)
        assert isinstance(refused, UnknownReference)
        assert [batch[each.index or 0] for each in refused.every] == chain
        assert len(asked) <= 4 * MANY


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_who_came_and_went_is_compared_with_whoever_was_there_last(
    everybody: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often they did: the work grows with the batch, and not with its square."""
    compared = list[str | None]()

    def differ(one: str | None, other: str | None) -> bool:
        compared.append(one)
        return renumbering.names_differ(one, other)

    monkeypatch.setattr(reused, "names_differ", differ)
    left = event("roster.member_left", {"member_id": "AN", "reason": "resigned"})
    to_and_fro = (left, enrolled("AN", "A"))

    everybody(
        *(varied(to_and_fro[n % 2], n) | {"data": to_and_fro[n % 2]["data"]} for n in range(MANY))
    )

    assert 0 < len(compared) <= MANY


def moved_unit(unit: str, to: str, minute: int) -> Sent:
    time = f"2026-03-02T08:{minute:02}:00+07:00"
    return event("roster.unit_moved", {"unit_id": unit, "parent_id": to}, time=time)
