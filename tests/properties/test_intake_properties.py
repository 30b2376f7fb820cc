"""What HR tells comes to the same in any order, in one batch or several, once or every night."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.domain.organisation import member
from services.commands import readings
from services.context import Context
from services.intake.refusals import MixedNumbers
from tests.support import hr
from tests.support.effort import fewer
from tests.support.senders import Sent
from tests.support.telling import BEGAN, Teller, open_log

PEOPLE = 4
few = fewer(6)  # an example here tells whole batches to a database, twice


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """One log for all examples: each time somebody tells, it is under a numbering of its own."""
    with open_log(tmp_path_factory.mktemp("intake")) as context:
        yield context


def comes_to(context: Context, told: Teller) -> list[Any]:
    """Return what holds of everybody, in HR's own words."""
    units = {told.id_of("unit", number): number for number in ("U1", "U2")}
    found: list[Any] = []
    for number in map(str, range(PEOPLE)):
        state = told.member(number)
        view = member.view(state)
        sealed = [each.decision for each in view.disciplines]
        words = readings.unseal(context, [*sealed, state.value("name") or ""])
        found.append(
            (
                number,
                words[state.value("name") or ""],
                units[str(view.unit_id)],
                sorted((units[each.unit_id], each.since) for each in view.posts),
                sorted((words[e.decision], e.period, e.grade) for e in view.disciplines),
            )
        )
    return found


def at(minute: int, event: Sent) -> Sent:
    return event | {"time": (BEGAN + timedelta(days=minute)).isoformat()}


@st.composite
def years(draw: st.DrawFn) -> tuple[list[Sent], list[Sent], list[Sent], list[Sent]]:
    """Units; members with numbers told wrongly; corrections; and what is told by right numbers."""
    right = draw(st.permutations(range(PEOPLE)))
    units = [at(0, hr.formed("U1")), at(0, hr.formed("U2"))]
    members = [at(1, hr.enrolled(str(each), "U1")) for each in range(PEOPLE)]
    corrections = []
    for wrong, number in zip(members, right, strict=True):
        if wrong["data"]["number"] != str(number):
            corrections.append(renumbered(wrong, str(number)))
    times = draw(st.lists(st.integers(3, 900), unique=True, max_size=8))
    return units, members, corrections, [at(each, draw(_facts())) for each in times]


@st.composite
def _facts(draw: st.DrawFn) -> Sent:
    number = str(draw(st.integers(0, PEOPLE - 1)))
    unit = draw(st.sampled_from(("U1", "U2")))
    decision: Sent = {"member_id": number, "decision": draw(st.sampled_from(("05", "06")))}
    if draw(st.booleans()):
        decision["issuer"] = draw(st.sampled_from(("Đảng ủy A", "Ðảng ủy A", "B")))
    if draw(st.booleans()):
        decision["decided_on"] = draw(st.sampled_from(("2024-12-30", "2025-02-01", "2026-02-01")))
    return draw(
        st.sampled_from(
            (
                hr.moved(number, unit),
                hr.event(
                    "roster.post_given", {"member_id": number, "unit_id": unit, "post": "secretary"}
                ),
                hr.event("roster.member_disciplined", decision | {"grade": "warning"}),
            )
        )
    )


def told_in(context: Context, batches: Sequence[Sequence[Sent]]) -> list[Any]:
    told = Teller(context)
    for each in batches:
        told.tell(*each)
    return comes_to(context, told)


@few
@given(year=years(), data=st.data())
def test_any_order_within_a_batch_and_any_cut_between_batches_come_to_the_same(
    context: Context, year: tuple[list[Sent], ...], data: st.DataObject
) -> None:
    whole = [each for part in year for each in part]
    *founded, rest = year
    cut = data.draw(st.integers(0, len(rest)))
    late = data.draw(st.permutations(rest))

    in_order = told_in(context, [whole])

    assert told_in(context, [data.draw(st.permutations(whole))]) == in_order
    assert told_in(context, [*founded, late[:cut], late[cut:]]) == in_order
    names = {name for _, name, *_ in in_order}
    assert len(names) == PEOPLE


@few
@given(year=years())
def test_told_again_under_new_ids_nothing_changes(
    context: Context, year: tuple[list[Sent], ...]
) -> None:
    units, members, corrections, rest = year
    told = Teller(context)
    told.tell(*units, *members, *corrections, *rest)
    before = comes_to(context, told)
    wrong = {each["data"]["corrects"]: each["data"]["fact"]["data"] for each in corrections}
    right = [each | {"data": wrong.get(each["id"], each["data"])} for each in members]

    told.tell(*(each | {"id": f"again-{each['id']}"} for each in (*units, *right, *rest)))

    assert comes_to(context, told) == before


def test_what_is_told_again_of_the_moment_of_a_fact_stays_none_whatever_comes_late(
    context: Context,
) -> None:
    """Of that moment the first stands; an order that the property below found."""
    told, numbers = Teller(context), ("0", "1")
    members = [at(1, hr.enrolled(each, "U1")) for each in map(str, range(PEOPLE))]
    told.tell(at(0, hr.formed("U1")), at(0, hr.formed("U2")))
    told.tell(*members)
    told.tell(*(renumbered(members[n], numbers[1 - n]) for n in range(2)))
    here, enrolled = hr.moved("0", "U1"), hr.enrolled("0", "U1")
    post = hr.event("roster.post_given", {"member_id": "0", "unit_id": "U1", "post": "secretary"})
    early = [(210, here), (904, enrolled), (166, here), (164, here), (4, post)]
    for day, fact in [*early, (902, enrolled), (50, here), (902, enrolled)]:
        told.tell(at(day, renewed(fact)))
    before = count_of(context)

    told.tell(at(230, hr.moved("0", "U2")))

    assert count_of(context) == before + 1


@few
@given(year=years(), data=st.data())
def test_told_again_in_any_order_all_comes_to_the_same_and_adds_what_matters_alone(
    context: Context, year: tuple[list[Sent], ...], data: st.DataObject
) -> None:
    *founded, rest = year
    minutes = data.draw(st.lists(st.integers(901, 999), unique=True, max_size=6))
    facts = [hr.enrolled("0", "U1"), *rest]  # what no longer holds by then is told anew
    again = [at(each, renewed(data.draw(st.sampled_from(facts)))) for each in minutes]
    nights = [renewed(data.draw(st.sampled_from(again))) for _ in again]  # of the same moments

    in_order = told_in(context, [*founded, *([each] for each in (*rest, *again))])
    before = count_of(context)
    late = data.draw(st.permutations([*rest, *again, *nights]))

    assert told_in(context, [*founded, *([each] for each in late)]) == in_order
    assert count_of(context) - before <= sum(map(len, founded)) + len(rest) + len(again)


@few
@given(year=years(), data=st.data())
def test_corrections_of_the_same_facts_come_to_the_same_in_any_order_and_told_again(
    context: Context, year: tuple[list[Sent], ...], data: st.DataObject
) -> None:
    units, members, _, rest = year
    facts = data.draw(st.lists(st.sampled_from(rest), min_size=2, max_size=2)) if rest else []
    wrong = st.sampled_from([members[0], *facts])
    minutes = data.draw(st.lists(st.integers(901, 990), unique=True, max_size=5))
    corrections = [correcting(data.draw(wrong), each, data) for each in minutes]
    nights = [renewed(each) | {"time": at(999, each)["time"]} for each in corrections[-1:]]
    made = [*corrections, *nights]

    in_order = told_in(context, [units, [*members, *rest], *([each] for each in made)])

    late = data.draw(st.permutations(made))
    assert told_in(context, [units, [*members, *rest], *([each] for each in late)]) == in_order
    assert told_in(context, [units, [*members, *rest, *late]]) == in_order


POST: Sent = {"unit_id": "U1", "post": "secretary"}
COURSES: tuple[list[tuple[str, Sent]], ...] = (  # what begins and ends, and begins and ends again
    [("member_moved", {"unit_id": "U2"}), ("member_moved", {"unit_id": "U1"})],
    [("post_given", POST), ("post_relieved", POST)],
    [("member_absent", {"reason": "sick"}), ("member_back", {})],
    [("member_exempted", {}), ("member_exemption_ended", {})],
    [
        ("member_standing_changed", {"standing": "probationary"}),
        ("member_standing_changed", {"standing": "official"}),
    ],
    [
        ("member_enrolled", hr.enrolled("0", "U1")["data"]),
        ("member_left", {"reason": "other"}),
    ],
)


@st.composite
def courses(draw: st.DrawFn) -> tuple[list[Sent], list[Sent]]:
    """Return when something of somebody began, or was told again to go on, and when it ended."""
    days = draw(st.lists(st.integers(2, 900), unique=True, min_size=3, max_size=7))
    beginnings = draw(st.integers(1, len(days) - 1))
    told = draw(st.sampled_from(COURSES))
    begins, ends = (hr.event(f"roster.{type_}", {"member_id": "0"} | data) for type_, data in told)
    if "number" in begins["data"]:
        begins["data"].pop("member_id")
    begun = [on(day, begins) for day in sorted(days[:beginnings])]
    return begun, [on(day, ends) for day in days[beginnings:]]


def on(day: int, fact: Sent) -> Sent:
    return renewed(fact | {"time": (BEGAN + timedelta(days=day)).isoformat()})


@few
@given(course=courses(), data=st.data())
def test_ends_that_are_told_late_come_to_the_same_in_any_batches(
    context: Context, course: tuple[list[Sent], list[Sent]], data: st.DataObject
) -> None:
    """What was told again in between is no fact until one of them makes it matter."""
    begun, ended = course
    is_first = data.draw(st.booleans())  # what began; else what ended, and all else is late
    early, late = (begun, ended) if is_first else (ended, begun)
    cuts = data.draw(st.sets(st.integers(1, len(late) - 1))) if len(late) > 1 else set()
    batches = [late[start:end] for start, end in itertools.pairwise([0, *sorted(cuts), len(late)])]
    in_order = sorted([*begun, *ended], key=lambda each: str(each["time"]))

    assert as_it_went(context, [*([each] for each in early), *batches]) == as_it_went(
        context, [[each] for each in in_order]
    )


def as_it_went(context: Context, batches: Sequence[Sequence[Sent]]) -> list[Any]:
    """Return what holds of a member, in HR's own words, and from when until when what went on."""
    told = Teller(context)
    told.tell(at(0, hr.formed("U1")), at(0, hr.formed("U2")))
    told.tell(at(1, hr.enrolled("0", "U1")))
    for each in batches:
        told.tell(*each)
    state = told.member("0")
    units = {told.id_of("unit", number): number for number in ("U1", "U2")}
    view, timelines = member.view(state), ("membership", member.ABSENCE, member.EXEMPTION)
    return [
        units.get(str(view.unit_id)),
        view.unit_since,
        view.standing,
        [(units[each.unit_id], each.since) for each in view.posts],
        *([*state.spells(each)] for each in timelines),
    ]


NAMES = [f"Nguyễn Văn {name}" for name in ("An", "Bình", "Cường", "Dung")]


@st.composite
def nights_of_swaps(draw: st.DrawFn) -> tuple[list[list[Sent]], list[Any]]:
    """Return nights that tell everybody by changing numbers, and who is what in the end."""
    nights = [[at(0, hr.formed("U1")), at(0, hr.formed("U2"))]]
    numbers, posts = list(range(PEOPLE)), [dict[str, datetime]() for _ in range(PEOPLE)]
    units = ["U1"] * PEOPLE
    for night in range(1, draw(st.integers(2, 6))):
        is_quiet = night > 1 and draw(st.booleans())
        numbers = numbers if is_quiet else draw(st.permutations(numbers))
        person, unit = draw(st.integers(0, PEOPLE - 1)), draw(st.sampled_from(("U1", "U2")))
        posts[person].setdefault(unit, BEGAN + timedelta(days=night))
        given = {"member_id": f"{numbers[person]}", "unit_id": unit, "post": "secretary"}
        told = [
            {"number": f"{number}", "name": name, "unit_id": units[nth]}
            for nth, (number, name) in enumerate(zip(numbers, NAMES, strict=True))
        ]
        facts = [] if is_quiet else [hr.event("roster.member_enrolled", each) for each in told]
        facts.append(hr.event("roster.post_given", given))
        nights.append(draw(st.permutations([at(night, each) for each in facts])))
    found: list[Any] = [
        (f"{numbers[nth]}", NAMES[nth], units[nth], sorted(posts[nth].items()), [])
        for nth in range(PEOPLE)
    ]
    return nights, sorted(found)


@few
@given(told=nights_of_swaps(), data=st.data())
def test_nights_of_swaps_are_refused_together_or_come_to_what_they_come_to_one_by_one(
    context: Context, told: tuple[list[list[Sent]], list[Any]], data: st.DataObject
) -> None:
    nights, right = told
    cuts = data.draw(st.sets(st.integers(1, len(nights) - 1)))
    system = Teller(context)

    for start, end in itertools.pairwise([0, *sorted(cuts), len(nights)]):
        try:
            system.tell(*itertools.chain(*nights[start:end]))
        except MixedNumbers:
            for each in nights[start:end]:
                system.tell(*each)

    assert comes_to(context, system) == right


def correcting(wrong: Sent, minute: int, data: st.DataObject) -> Sent:
    """Return that a fact never was (unless it founds somebody), was in U2, or was earlier."""
    told: Sent = {"corrects": wrong["id"]}
    founds = wrong["type"] == "roster.member_enrolled"
    if founds or data.draw(st.booleans()):
        told["fact"] = {name: wrong[name] for name in ("type", "time", "data")}
        if "unit_id" in wrong["data"]:
            unit = data.draw(st.sampled_from(("U1", "U2")))
            told["fact"] = told["fact"] | {"data": wrong["data"] | {"unit_id": unit}}
        elif data.draw(st.booleans()):
            told["fact"] = told["fact"] | {"time": at(2, wrong)["time"]}
    return at(minute, hr.event("roster.fact_corrected", told))


def renumbered(wrong: Sent, number: str) -> Sent:
    fact = {name: wrong[name] for name in ("type", "time")}
    told = {"corrects": wrong["id"], "fact": fact | {"data": wrong["data"] | {"number": number}}}
    return at(2, hr.event("roster.fact_corrected", told))


def renewed(fact: Sent) -> Sent:
    """Return what a fact tells, of the same moment, under an id of its own."""
    return hr.event(fact["type"], fact["data"], time=fact["time"])


def count_of(context: Context) -> int:
    return int(context.store.database.rows("SELECT count(*) FROM events")[0][0])
