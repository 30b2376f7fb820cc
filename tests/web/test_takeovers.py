"""A year belongs to the tree: who may open one, who sees it, and what a unit above may do."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from events.definitions.cycle import CycleOpened, CycleTakenOver, CycleVoided
from events.definitions.event import Code
from events.definitions.reading import TextOpened
from events.definitions.records import Hand, Period
from events.definitions.reopening import ReviewMoved
from events.definitions.roster import PostRelieved, UnitAuthorityEnded, UnitDissolved, UnitMoved
from events.domain.review import review
from events.errors import StoreUnavailable
from events.identifiers import (
    MemberId,
    UnitId,
    cycle_stream,
    plan_stream,
    reading_stream,
    review_stream,
)
from services.commands import units
from services.queries.rating_check import check_ratings
from tests.support.sealed import sealed
from tests.support.unit_world import BOTH, FORMER, WARD, UnitWorld
from tests.support.world import CELL, COMMUNE, DISTRICT, Answer, authorised, enrolled, formed, moved
from tests.support.year_world import (
    AFTER_THE_COMMITMENT_WAS_DUE,
    AUTHORITY,
    FIGURES,
    MEMBER,
    OPENED_AT,
    PERIOD,
    PLAN,
    POOR,
    REVIEW,
    STRANGER,
    SUPERIOR,
    WORDS,
    YearWorld,
    post_given,
)
from workers.reacting import Reactor
from workers.reactions.takeovers import Takeovers

HTML = {"Accept": "text/html"}
WARDS = f"/api/v1/cycles/{PERIOD}/{WARD}"
COMMUNES = f"/api/v1/cycles/{PERIOD}/{COMMUNE}"
DISTRICTS = f"/api/v1/cycles/{PERIOD}/{DISTRICT}"
REGION = UnitId("regionaaaaaaaaaaaaaaaaaaaa")
NEXT = UnitId("nextaaaaaaaaaaaaaaaaaaaaaa")  # to the commune
GROUND = {"text": "Chi bộ không được giao quyền quyết định."}
NEWCOMER = MemberId("newcomeraaaaaaaaaaaaaaaaaa")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[UnitWorld]:
    """A cell below a ward below a commune below a district; of these the commune decides."""
    made = UnitWorld(tmp_path / "data")
    made.clock.set(OPENED_AT)
    yield made
    made.system.close()


@pytest.fixture
def wards(world: UnitWorld) -> UnitWorld:
    """The same, with a ward that decides as well, and has opened the year."""
    world.tell(authorised(WARD), moved(AUTHORITY, DISTRICT))  # who takes over is not reviewed there
    assert opens(world, "above", WARD).status_code == 201
    return world


def opens(world: YearWorld, role: str, unit_id: UnitId, rulebook: str = "neutral") -> Answer:
    body = {"period": PERIOD, "unit_id": unit_id, "rulebook": rulebook}
    return world.send(role, "/api/v1/cycles", body)


def state_of(world: YearWorld, member_id: MemberId = MEMBER) -> review.State:
    return review.fold(world.system.store.read_stream(review_stream(PERIOD, member_id)).events)


def write(world: YearWorld) -> None:
    world.do("member", f"{REVIEW}/self-critique", {"text": WORDS})


def rate(world: YearWorld, proposes: str, decides: str) -> Answer:
    """Return the answer to a decision by somebody on what somebody else proposed."""
    world.do(proposes, f"{REVIEW}/proposal", {"points": POOR, "figures": FIGURES})
    return decide(world, decides)


def decide(world: YearWorld, role: str) -> Answer:
    proposal = world.read("member", REVIEW).json["proposal"]
    body = {"level": proposal["outcome"]["level"], "proposal_version": proposal["version"]}
    return world.send(role, f"{REVIEW}/decision", body)


# Who opens a year


@pytest.mark.parametrize(("role", "unit_id"), [("secretary", CELL), ("above", WARD)])
def test_no_unit_opens_a_year_unless_somebody_says_that_it_decides(
    world: UnitWorld, role: str, unit_id: UnitId
) -> None:
    before = world.size()

    no = opens(world, role, unit_id)

    assert (no.status_code, no.json["code"], no.json["rule"]) == (409, "no_authority", "the tree")
    assert no.json["needed"] == "HR or the operator says first that this unit decides"
    stream = cycle_stream(PERIOD, unit_id)
    assert world.version(stream) == 0
    assert world.size() - before <= 2  # the documents that were named, and nothing of a year


def later(world: UnitWorld) -> None:
    """Let a second go by: what ends and begins at one moment is told in no order."""
    world.clock.set(world.clock.now() + timedelta(seconds=1))


def test_hr_says_that_a_unit_decides_and_takes_it_back(world: UnitWorld) -> None:
    world.tell(authorised(WARD))
    later(world)
    world.tell(UnitAuthorityEnded(unit_id=WARD))
    assert opens(world, "above", WARD).status_code == 409

    later(world)
    world.tell(authorised(WARD))

    assert opens(world, "above", WARD).status_code == 201


def test_the_operator_says_that_a_unit_decides_and_takes_it_back(world: UnitWorld) -> None:
    assert units.authorise(world.system, WARD)
    assert not units.authorise(world.system, WARD)
    later(world)
    assert units.authorise(world.system, WARD, decides=False)
    assert opens(world, "above", WARD).status_code == 409

    later(world)
    units.authorise(world.system, WARD)
    world.advance()

    assert opens(world, "above", WARD).status_code == 201


def test_the_form_names_units_that_decide_and_no_others(world: UnitWorld) -> None:
    assert COMMUNE in world.read("authority", "/cycles/new", **HTML).text
    page = world.read("above", "/cycles/new", **HTML).text
    assert "được giao quyền quyết định" in page
    assert WARD not in page


# Two cycles of one period


def test_a_unit_opens_no_year_that_a_unit_above_holds(world: UnitWorld) -> None:
    world.tell(authorised(WARD))
    assert opens(world, "authority", COMMUNE).status_code == 201

    no = opens(world, "above", WARD)

    assert (no.status_code, no.json["code"]) == (409, "held_above")
    assert world.version(cycle_stream(PERIOD, WARD)) == 0


def test_whoever_a_unit_below_holds_is_in_no_cycle_above_now_or_later(wards: UnitWorld) -> None:
    assert opens(wards, "authority", COMMUNE).json["reviews"] == 0
    wards.tell(enrolled(NEWCOMER, CELL))

    above = wards.send("authority", f"{COMMUNES}/reviews").json["reviews"]
    below = wards.do("above", f"{WARDS}/reviews").json["reviews"]

    assert (above, below) == (0, 1)
    assert state_of(wards, NEWCOMER).path == (CELL, WARD)


def test_a_unit_that_holds_a_year_is_reviewed_in_that_of_the_unit_above(world: UnitWorld) -> None:
    world.tell(authorised(WARD))
    assert opens(world, "above", WARD, "neutral_3").status_code == 201
    assert opens(world, "authority", COMMUNE, "neutral_3").status_code == 201

    paths = [state_of(world, MemberId(each)).path for each in (CELL, WARD)]

    assert paths == [(CELL, WARD), (WARD, COMMUNE)]


# What units above see


@pytest.mark.parametrize("role", ["authority", "superior"])
def test_every_unit_above_sees_the_cycle_and_everything_in_it(wards: UnitWorld, role: str) -> None:
    write(wards)

    listed = wards.read(role, f"/api/v1/cycles/{PERIOD}").json["cycles"]

    assert [each["unit_id"] for each in listed] == [WARD]
    assert {each["unit_id"] for each in wards.read(role, WARDS).json["units"]} >= {WARD, CELL}
    assert wards.read(role, REVIEW).status_code == 200
    words = wards.send(role, f"{REVIEW}/words").json["words"]
    assert WORDS in {each["text"] for each in words}
    assert wards.read(role, f"/cycles/{PERIOD}/{WARD}", **HTML).status_code == 200
    readers = wards.read("member", f"{REVIEW}/readings").json["readings"]
    assert {each["right"] for each in readers} == {"superior"}


def test_who_acts_nowhere_above_sees_nothing_of_it(wards: UnitWorld) -> None:
    for role in ("stranger", "nobody"):
        assert wards.read(role, WARDS).status_code in (401, 404)
        assert wards.read(role, REVIEW).status_code in (401, 404)


# Taken over


def test_a_unit_above_takes_a_cycle_over_with_all_that_was_done(wards: UnitWorld) -> None:
    write(wards)
    critique = state_of(wards).self_critique

    taken = wards.do("authority", f"{WARDS}/takeover", GROUND)

    assert taken.json["reviews"] > 1
    assert state_of(wards).path == (CELL, WARD, COMMUNE)
    assert state_of(wards).self_critique == critique
    assert rate(wards, "secretary", "above").status_code == 403
    assert decide(wards, "authority").status_code == 201
    assert {each["unit_id"] for each in wards.read("authority", COMMUNES).json["units"]} >= {CELL}
    checked = check_ratings(wards.system.store, [(f"{PERIOD}-{MEMBER}", state_of(wards))])
    assert (checked.judged, checked.findings) == (1, ())


def test_the_plan_goes_with_its_review_to_the_unit_that_took_over(wards: UnitWorld) -> None:
    write(wards)
    assert rate(wards, "secretary", "above").status_code == 201
    wards.do("secretary", f"{REVIEW}/announcement")
    planned = {"text": WORDS, "milestones": [{"words": WORDS, "due_on": "2027-06-30"}]}
    wards.do("member", PLAN, planned)
    wards.tell(enrolled(NEWCOMER, CELL))

    wards.do("authority", f"{WARDS}/takeover", GROUND)

    seen = wards.read("authority", PLAN).json
    assert seen["path"] == [CELL, WARD, COMMUNE]
    body = {"proposal_version": seen["proposal_version"], "follower_id": NEWCOMER}
    assert wards.send("above", f"{PLAN}/agreement", body).status_code == 403
    assert wards.do("authority", f"{PLAN}/agreement", body).status_code == 201


def test_what_the_unit_below_proposed_and_decided_stands_after_it_was_taken_over(
    wards: UnitWorld,
) -> None:
    write(wards)
    assert rate(wards, "secretary", "above").status_code == 201

    wards.do("authority", f"{WARDS}/takeover", GROUND)

    checked = check_ratings(wards.system.store, [(f"{PERIOD}-{MEMBER}", state_of(wards))])
    assert (checked.judged, checked.findings) == (1, ())


def test_a_cycle_that_was_taken_over_is_nobodys_below_any_more(wards: UnitWorld) -> None:
    wards.do("authority", f"{WARDS}/takeover", GROUND)
    wards.tell(enrolled(NEWCOMER, CELL))

    for deed in ("reviews", "closing"):
        assert wards.send("above", f"{WARDS}/{deed}").status_code == 409
    assert opens(wards, "above", WARD).json["code"] == "already_open"
    assert wards.do("authority", f"{COMMUNES}/reviews").json["reviews"] >= 1
    assert state_of(wards, NEWCOMER).path == (CELL, WARD, COMMUNE)


@pytest.fixture
def taken(world: UnitWorld) -> UnitWorld:
    """A district that does not decide has taken over a commune's year; another one decides too."""
    world.tell(formed(NEXT, DISTRICT), authorised(NEXT), enrolled(NEWCOMER, NEXT))
    world.tell(post_given(STRANGER, NEXT, "secretary"))
    assert opens(world, "authority", COMMUNE).status_code == 201
    assert opens(world, "superior", DISTRICT).json["code"] == "no_authority"
    world.do("superior", f"{COMMUNES}/takeover", GROUND)
    return world


def test_who_took_a_year_over_holds_no_more_than_it_held(taken: UnitWorld) -> None:
    later = MemberId("lateraaaaaaaaaaaaaaaaaaaaa")
    taken.tell(enrolled(later, CELL))

    joined = taken.do("superior", f"{DISTRICTS}/reviews").json["reviews"]

    assert joined == 1
    assert state_of(taken, later).path == (CELL, WARD, COMMUNE, DISTRICT)
    assert opens(taken, "stranger", NEXT).json["reviews"] == 1
    assert state_of(taken, NEWCOMER).path == (NEXT,)
    taken.tell(authorised(WARD))
    assert opens(taken, "above", WARD).json["code"] == "held_above"


def test_who_took_years_over_holds_what_each_of_them_held(taken: UnitWorld) -> None:
    later = MemberId("lateraaaaaaaaaaaaaaaaaaaaa")
    assert opens(taken, "stranger", NEXT).status_code == 201
    taken.do("superior", f"/api/v1/cycles/{PERIOD}/{NEXT}/takeover", GROUND)
    taken.tell(enrolled(later, NEXT))

    assert taken.do("superior", f"{DISTRICTS}/reviews").json["reviews"] == 1
    assert state_of(taken, later).path == (NEXT, DISTRICT)


def test_a_unit_that_decides_takes_everybody_in_below_it_also_after_a_takeover(
    taken: UnitWorld,
) -> None:
    taken.tell(authorised(DISTRICT))

    taken.do("superior", f"{DISTRICTS}/reviews")

    assert state_of(taken, NEWCOMER).path == (NEXT, DISTRICT)
    assert state_of(taken, SUPERIOR).path == (DISTRICT,)
    assert opens(taken, "stranger", NEXT).json["code"] == "held_above"


def test_a_cycle_is_taken_over_once_and_from_higher_again(wards: UnitWorld) -> None:
    wards.do("authority", f"{WARDS}/takeover", GROUND)

    again = wards.send("authority", f"{WARDS}/takeover", GROUND)
    higher = wards.send("superior", f"{WARDS}/takeover", GROUND)
    up = wards.do("superior", f"{COMMUNES}/takeover", GROUND)

    assert (again.json["known"], again.json["reviews"]) == (True, 0)
    assert (higher.status_code, higher.json["code"]) == (409, "already_done")
    assert up.json["reviews"] > 1
    assert len(state_of(wards).path) == 4


def test_the_ground_is_sealed_and_opens_by_a_deed_that_is_recorded(wards: UnitWorld) -> None:
    wards.do("authority", f"{WARDS}/takeover", GROUND)
    wards.do("superior", f"{COMMUNES}/takeover", GROUND)
    before, page = wards.size(), f"/cycles/{PERIOD}/{WARD}"

    looked = {role: wards.read(role, page, **HTML) for role in ("above", "superior", "auditor")}
    assert wards.size() == before
    opened = {role: wards.open_words(role, f"{page}/words") for role in looked}

    assert all(each.status_code == 200 for each in looked.values())
    assert all("lý do được niêm phong" in each.text for each in looked.values())
    assert all(GROUND["text"] not in each.text for each in looked.values())
    assert [GROUND["text"] in each.text for each in opened.values()] == [True, True, False]
    assert opened["auditor"].status_code == 403
    told = wards.system.store.read_stream(reading_stream(PERIOD, MemberId(WARD))).events
    assert [each.event.reader for each in told if isinstance(each.event, TextOpened)] == [
        "above",
        "superior",
    ]


def test_the_fact_of_a_take_over_holds_no_ground(wards: UnitWorld) -> None:
    wards.do("authority", f"{WARDS}/takeover", GROUND)

    told = wards.system.store.read_stream(cycle_stream(PERIOD, WARD)).events
    assert [each.entry.type for each in told] == ["cycle.opened", "cycle.taken_over"]
    assert all(GROUND["text"] not in str(each.entry.data) for each in told)
    assert wards.read("above", WARDS).json["taken_over_by"]["unit_id"] == COMMUNE


def test_no_ground_opens_where_there_is_none_or_to_whoever_sees_no_cycle(wards: UnitWorld) -> None:
    page = f"/cycles/{PERIOD}/{WARD}/words"
    assert wards.open_words("above", page).status_code == 404

    wards.do("authority", f"{WARDS}/takeover", GROUND)

    assert wards.open_words("member", page).status_code == 404


@pytest.mark.parametrize("deed", ["takeover", "voiding"])
@pytest.mark.parametrize("role", ["above", "secretary", "other", "member", "auditor"])
def test_nobody_takes_over_or_voids_who_acts_in_no_unit_above(
    wards: UnitWorld, role: str, deed: str
) -> None:
    before = wards.size()

    assert wards.send(role, f"{WARDS}/{deed}", GROUND).status_code in (403, 404)

    assert wards.size() == before


@pytest.mark.parametrize("deed", ["takeover", "voiding"])
@pytest.mark.parametrize(
    "role",
    ["deputy", "both", "former"],  # reviewed in it; led a unit there; did at its opening
)
def test_nobody_takes_over_or_voids_what_holds_their_own_review(
    wards: UnitWorld, role: str, deed: str
) -> None:
    before = wards.size()

    no = wards.send(role, f"{WARDS}/{deed}", GROUND)

    assert (no.status_code, no.json["code"], no.json["rule"]) == (409, "own_year", "four eyes")
    assert wards.size() == before
    wards.do("authority", f"{WARDS}/{deed}", GROUND)


def test_the_page_offers_a_takeover_to_none_whose_own_review_the_cycle_holds(
    wards: UnitWorld,
) -> None:
    form = f'action="/cycles/{PERIOD}/{WARD}/takeover"'
    pages = {
        role: wards.read(role, f"/cycles/{PERIOD}/{WARD}", **HTML).text
        for role in ("both", "authority")
    }

    assert {role: form in page for role, page in pages.items()} == {
        "both": False,
        "authority": True,
    }


@pytest.mark.parametrize("deed", ["takeover", "voiding"])
def test_who_leads_a_unit_or_led_it_leaves_its_year_to_others(world: UnitWorld, deed: str) -> None:
    world.tell(authorised(WARD), moved(BOTH, DISTRICT))
    assert opens(world, "above", WARD, "neutral_3").status_code == 201
    elsewhere = (DISTRICT,)  # their own reviews, not that of the unit they led
    world.tell(
        ReviewMoved(
            period=Period(PERIOD), member_id=FORMER, path=elsewhere, rated_by=elsewhere, places=()
        )
    )
    world.tell(PostRelieved(member_id=FORMER, unit_id=CELL, post=Code("deputy_secretary")))

    told = [world.send(each, f"{WARDS}/{deed}", GROUND).json for each in ("both", "former")]

    assert [each["code"] for each in told] == ["own_year", "own_year"]


@pytest.mark.parametrize("deed", ["takeover", "voiding"])
def test_who_acts_for_a_dissolved_unit_leaves_its_year_to_others(
    world: UnitWorld, deed: str
) -> None:
    world.tell(authorised(WARD), moved(AUTHORITY, DISTRICT))
    assert opens(world, "above", WARD, "neutral_3").status_code == 201
    world.tell(UnitDissolved(unit_id=CELL, successor_id=COMMUNE))
    page = world.read("authority", f"/cycles/{PERIOD}/{WARD}", **HTML).text

    no = world.send("authority", f"{WARDS}/{deed}", GROUND)

    assert (no.status_code, no.json["code"]) == (409, "own_year")
    assert f'action="/cycles/{PERIOD}/{WARD}/takeover"' not in page
    world.do("superior", f"{WARDS}/{deed}", GROUND)


@pytest.mark.parametrize("deed", ["takeover", "voiding"])
def test_a_cycle_that_nobody_opened_is_not_there(world: UnitWorld, deed: str) -> None:
    no = world.send("authority", f"{WARDS}/{deed}", GROUND)

    assert (no.status_code, no.json["code"]) == (404, "unknown_cycle")


# A tree that moved a moment ago, which lists do not know yet


@pytest.mark.parametrize("deed", ["takeover", "voiding"])
def test_who_was_above_a_moment_ago_does_nothing_from_above(wards: UnitWorld, deed: str) -> None:
    wards.append(UnitMoved(unit_id=WARD, parent_id=DISTRICT))

    no = wards.ask("POST", f"{WARDS}/{deed}", json=GROUND, headers=wards.headers("authority"))

    assert (no.status_code, no.json["code"]) == (404, "unknown_cycle")
    assert wards.version(cycle_stream(PERIOD, WARD)) == 1


def test_a_unit_opens_no_year_that_whoever_it_came_below_a_moment_ago_holds(
    world: UnitWorld,
) -> None:
    world.tell(formed(NEXT), authorised(NEXT), post_given(STRANGER, NEXT, "secretary"))
    assert opens(world, "authority", COMMUNE).status_code == 201
    world.append(UnitMoved(unit_id=NEXT, parent_id=COMMUNE))

    assert opens(world, "stranger", NEXT).json["code"] == "held_above"


# What broke off


def broken_off(world: UnitWorld, fact: type[CycleTakenOver | CycleVoided]) -> Reactor:
    """Tell of the ward's cycle what the commune does, and nothing of its reviews; return who does.

    So it is where whoever asked was cut off, or where a review was opened a moment before.
    """
    reactor = Reactor(world.system.store, Takeovers(world.system), clock=world.clock)
    assert reactor.advance() == 0  # it begins at the log's end
    by = Hand(member_id=AUTHORITY, unit_id=COMMUNE, post=Code("secretary"))
    world.tell(fact(period=Period(PERIOD), unit_id=WARD, by=by, text=sealed("x")))
    return reactor


def test_a_takeover_that_broke_off_is_carried_on_by_itself_once(wards: UnitWorld) -> None:
    write(wards)
    reactor = broken_off(wards, CycleTakenOver)
    assert state_of(wards).path == (CELL, WARD)

    while reactor.advance():
        wards.advance()

    moved = state_of(wards)
    assert moved.path == (CELL, WARD, COMMUNE)
    (fact,) = (e for e in wards.system.store.read_log(0, 500) if e.event == moved.moves[-1].fact)
    assert (fact.entry.principal, fact.entry.source) == ("worker:takeovers", "/workers/takeovers")
    before = wards.size()
    again = wards.send("authority", f"{WARDS}/takeover", GROUND).json
    assert (again["known"], again["reviews"], wards.size()) == (True, 0, before)


def test_a_takeover_reaches_the_unit_that_told_it_also_where_the_tree_moved_meanwhile(
    wards: UnitWorld,
) -> None:
    reactor = broken_off(wards, CycleTakenOver)
    wards.tell(UnitMoved(unit_id=WARD, parent_id=DISTRICT))

    while reactor.advance():
        wards.advance()

    assert state_of(wards).path == (CELL, WARD, COMMUNE)


def test_what_the_unit_below_decided_before_stands_and_nothing_after_though_it_broke_off(
    wards: UnitWorld,
) -> None:
    write(wards)
    assert rate(wards, "secretary", "above").status_code == 201
    reactor = broken_off(wards, CycleTakenOver)
    between = wards.send("secretary", f"{REVIEW}/announcement")

    while reactor.advance():
        wards.advance()

    assert (between.status_code, between.json["code"]) == (409, "already_done")
    assert state_of(wards).path[-1] == COMMUNE
    checked = check_ratings(wards.system.store, [(f"{PERIOD}-{MEMBER}", state_of(wards))])
    assert (checked.judged, checked.findings) == (1, ())
    again = {"ground": "fault_found", "text": WORDS}
    wards.do("secretary", f"{REVIEW}/announcement")
    assert wards.send("above", f"{REVIEW}/reopening", again).status_code == 403
    assert wards.do("authority", f"{REVIEW}/reopening", again).status_code == 201


def test_a_voiding_that_broke_off_is_carried_on_and_what_was_opened_since_stays(
    wards: UnitWorld,
) -> None:
    reactor = broken_off(wards, CycleVoided)
    wards.tell(enrolled(NEWCOMER, CELL))
    opens(wards, "above", WARD)  # again: of whose review was not voided yet, nothing is opened
    assert state_of(wards, NEWCOMER).opened

    while reactor.advance():
        wards.advance()

    assert state_of(wards).opened is None
    assert state_of(wards, NEWCOMER).opened
    wards.do("above", f"{WARDS}/reviews")
    assert state_of(wards).path == (CELL, WARD)


def test_what_broke_off_is_not_carried_on_before_lists_know_all_that_was_opened(
    wards: UnitWorld,
) -> None:
    reactor = broken_off(wards, CycleTakenOver)
    projection = ("review_states",)
    sql = "UPDATE subscriptions SET position = {} WHERE name = ?"
    wards.system.store.database.transact(lambda t: t.run(sql.format("position - 1"), projection))

    with pytest.raises(StoreUnavailable, match="review_states lags behind"):
        reactor.advance()

    wards.advance()
    assert reactor.advance()
    assert state_of(wards).path == (CELL, WARD, COMMUNE)


# Voided


def test_a_unit_above_voids_a_cycle_and_the_log_keeps_it(wards: UnitWorld) -> None:
    write(wards)
    before = wards.version(review_stream(PERIOD, MEMBER))

    voided = wards.do("authority", f"{WARDS}/voiding", GROUND)

    assert voided.json["reviews"] > 1
    assert wards.read("member", REVIEW).status_code == 404
    assert wards.read("above", WARDS).status_code == 404
    assert wards.version(review_stream(PERIOD, MEMBER)) == before + 1
    assert wards.send("member", f"{REVIEW}/commitment", {"text": WORDS}).status_code == 404
    again = wards.send("authority", f"{WARDS}/voiding", GROUND).json
    assert (again["known"], again["reviews"]) == (True, 0)


@pytest.mark.parametrize(("role", "unit_id"), [("above", WARD), ("authority", COMMUNE)])
def test_a_voided_year_opens_again_and_is_lived_from_the_beginning(
    wards: UnitWorld, role: str, unit_id: UnitId
) -> None:
    write(wards)
    assert rate(wards, "secretary", "above").status_code == 201
    wards.do("authority", f"{WARDS}/voiding", GROUND)

    opened = opens(wards, role, unit_id)

    assert opened.json["reviews"] > 1
    state = state_of(wards)
    assert (state.self_critique, state.decision, state.path[-1]) == (None, None, unit_id)
    write(wards)
    assert rate(wards, "secretary", role).status_code == 201
    checked = check_ratings(wards.system.store, [(f"{PERIOD}-{MEMBER}", state_of(wards))])
    assert (checked.judged, checked.findings) == (1, ())


def test_what_was_taken_over_into_a_voided_year_opens_again(taken: UnitWorld) -> None:
    taken.tell(formed(REGION), UnitMoved(unit_id=DISTRICT, parent_id=REGION))
    taken.tell(post_given(SUPERIOR, REGION, "secretary"))

    assert taken.do("superior", f"{DISTRICTS}/voiding", GROUND).json["reviews"] > 1

    assert opens(taken, "authority", COMMUNE).json["reviews"] > 1
    assert state_of(taken).path == (CELL, WARD, COMMUNE)
    assert taken.read("authority", COMMUNES).json.get("taken_over_by") is None


def test_what_was_missed_and_planned_in_a_voided_year_bothers_nobody(wards: UnitWorld) -> None:
    wards.reach(AFTER_THE_COMMITMENT_WAS_DUE)
    write(wards)
    assert rate(wards, "secretary", "above").status_code == 201
    wards.do("secretary", f"{REVIEW}/announcement")
    planned = {"text": WORDS, "milestones": [{"words": WORDS, "due_on": "2027-06-30"}]}
    wards.do("member", PLAN, planned)
    assert wards.read("authority", "/api/v1/escalations").json["escalations"]

    wards.do("authority", f"{WARDS}/voiding", GROUND)

    assert wards.read("authority", "/api/v1/escalations").json["escalations"] == []
    assert wards.read("member", PLAN).status_code == 404
    assert wards.read("secretary", "/api/v1/inbox").json["waiting"] == []
    told = wards.system.store.read_stream(plan_stream(PERIOD, MEMBER)).events
    assert told[-1].entry.type == "plan.voided"


def test_a_superior_takes_over_and_voids_on_the_page(wards: UnitWorld) -> None:
    at = f"/cycles/{PERIOD}/{WARD}"
    assert f'action="{at}/takeover"' in wards.read("authority", at, **HTML).text
    assert f'action="{at}/takeover"' not in wards.read("above", at, **HTML).text

    empty = wards.ask("POST", f"{at}/takeover", data={}, headers=wards.headers("authority") | HTML)
    done = wards.ask(
        "POST", f"{at}/voiding", data=GROUND, headers=wards.headers("authority") | HTML
    )

    assert empty.status_code == 422
    assert done.status_code == 303
    assert wards.read("above", WARDS).status_code == 404


def test_the_year_opens_above_by_the_documents_of_what_was_taken_over(wards: UnitWorld) -> None:
    wards.do("authority", f"{WARDS}/takeover", GROUND)

    facts = [
        each.event
        for unit_id in (WARD, COMMUNE)
        for each in wards.system.store.read_stream(cycle_stream(PERIOD, unit_id)).events
        if isinstance(each.event, CycleOpened)
    ]

    below, above = facts
    assert (above.rulebook, above.calendar) == (below.rulebook, below.calendar)
