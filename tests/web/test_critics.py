"""Who sees the author of a criticism is what the edition says, and pages say the truth of it."""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from events.definitions.event import Code, Event
from events.definitions.records import Period
from events.definitions.reopening import ReviewMoved
from events.definitions.roster import LeavingReason, MemberLeft, MemberMoved, PostGiven
from events.domain.review.writing_steps import CRITICISMS_EACH_MAX
from events.store import reference
from services.access.roles import MEANT
from services.commands import rulebooks
from services.web.asking import critics
from tests.support.editions import EDITIONS
from tests.support.sealed import sealed
from tests.support.world import COMMUNE, OTHER_CELL
from tests.support.year_world import (
    CYCLE,
    FOLLOWER,
    MEMBER,
    OPENED_AT,
    PEER,
    PERIOD,
    REVIEW,
    SECRETARY,
    WORDS,
    YearWorld,
)

HTML = {"Accept": "text/html"}
PAGE = f"/reviews/{PERIOD}/{MEMBER}"
READS = ("member", "secretary", "authority", "superior")


def world_under(folder: Path, seen_by: list[str]) -> YearWorld:
    """Return a world whose edition lets some see authors, and in which the peer criticised An."""
    world = YearWorld(folder / "data")
    world.clock.set(OPENED_AT)
    edition = reference.shipped_document("rulebook", "neutral")
    changed = {"issuer": "operators", "criticism": {"author_seen_by": seen_by}}
    digest = rulebooks.publish(world.system, edition | changed, principal="operator")
    world.do("authority", "/api/v1/cycles", {**OPENING, "rulebook": digest})
    world.do("peer", f"{REVIEW}/criticisms", {"text": WORDS})
    return world


OPENING = {"period": PERIOD, "unit_id": COMMUNE}


def authors(world: YearWorld, role: str) -> set[str]:
    """Return whom somebody sees as authors when they open the words."""
    words = world.send(role, f"{REVIEW}/words").json["words"]
    assert any(each["of"] == "criticism" for each in words)
    return {each["author_id"] for each in words if "author_id" in each}


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world under an edition that lets the authority see who criticises, as those shipped do."""
    made = world_under(tmp_path, ["authority"])
    yield made
    made.system.close()


@pytest.mark.parametrize(
    ("seen_by", "see"),
    [
        ([], set()),
        (["authority"], {"authority"}),
        (["secretary"], {"secretary"}),
        (["secretary", "authority"], {"secretary", "authority"}),
        (["member"], {"member"}),
        (["follower"], set()),
    ],
)
def test_whom_the_edition_names_sees_who_criticised_and_nobody_else(
    tmp_path: Path, seen_by: list[str], see: set[str]
) -> None:
    world = world_under(tmp_path, seen_by)

    found = {role: authors(world, role) for role in READS}

    assert found == {role: {PEER} if role in see else set() for role in READS}
    world.system.close()


def test_that_somebody_saw_the_author_is_recorded_and_told_to_whom_it_is_about(
    year: YearWorld,
) -> None:
    authors(year, "secretary")
    authors(year, "authority")
    authors(year, "authority")

    told = year.read("member", f"{REVIEW}/readings").json["readings"]

    assert [(each["right"], each.get("authors", False)) for each in told] == [
        ("secretary", False),
        ("authority", True),
    ]
    page = year.read("member", PAGE, **HTML).text
    assert page.count("và đã thấy tên người góp ý") == 1


def test_a_critic_who_holds_an_office_is_seen_like_any_other(year: YearWorld) -> None:
    year.do("secretary", f"{REVIEW}/criticisms", {"text": WORDS})

    assert authors(year, "authority") == {PEER, SECRETARY}


@pytest.mark.parametrize(
    "gone",
    [
        MemberMoved(member_id=PEER, unit_id=OTHER_CELL),
        MemberLeft(member_id=PEER, reason=sealed(LeavingReason.OTHER)),
    ],
)
def test_a_critic_who_is_gone_since_is_seen_all_the_same(year: YearWorld, gone: Event) -> None:
    year.tell(gone)

    assert authors(year, "authority") == {PEER}
    assert authors(year, "secretary") == set()


def test_who_takes_a_year_over_sees_who_criticises_from_then_on_and_nobody_before(
    year: YearWorld,
) -> None:
    year.do("superior", f"{CYCLE}/takeover", {"text": WORDS})
    year.do("secretary", f"{REVIEW}/criticisms", {"text": WORDS})

    assert authors(year, "superior") == {SECRETARY}


def test_the_secretary_of_a_new_unit_sees_nobody_who_criticised_in_the_one_before(
    tmp_path: Path,
) -> None:
    world = world_under(tmp_path, ["secretary"])
    path = (OTHER_CELL, COMMUNE)
    world.tell(
        ReviewMoved(period=Period(PERIOD), member_id=MEMBER, path=path, rated_by=path, places=())
    )
    world.tell(PostGiven(member_id=FOLLOWER, unit_id=OTHER_CELL, post=Code("secretary")))

    assert authors(world, "follower") == set()
    world.system.close()


def test_towards_their_own_year_an_office_sees_no_author(year: YearWorld) -> None:
    year.tell(PostGiven(member_id=MEMBER, unit_id=COMMUNE, post=Code("deputy_secretary")))

    assert authors(year, "member") == set()


def test_after_the_key_is_gone_nobody_sees_who_criticised(year: YearWorld) -> None:
    year.system.keys.destroy(f"member-{MEMBER}", PERIOD)

    words = year.send("authority", f"{REVIEW}/words").json["words"]

    assert all("author_id" not in each for each in words)


def test_a_bundle_with_words_names_no_author(year: YearWorld) -> None:
    year.live("decided", since="critique")

    bundle = year.send("authority", f"/api/v1/ratings/{PERIOD}/{MEMBER}/bundle?words=true")

    assert PEER not in bundle.text


@pytest.mark.parametrize(
    ("seen_by", "says"),
    [
        (["authority"], "Theo quy chế này, chỉ cấp quyết định thấy tên người góp ý"),
        (["secretary", "authority"], "chỉ bí thư đơn vị, cấp quyết định thấy tên người góp ý"),
        ([], "Theo quy chế này, không ai thấy tên người góp ý."),
    ],
)
def test_pages_say_who_sees_the_author(tmp_path: Path, seen_by: list[str], says: str) -> None:
    world = world_under(tmp_path, seen_by)

    writing = world.read("peer", f"{PAGE}/write/criticism", **HTML).text
    reading = world.read("member", PAGE, **HTML).text

    assert says in writing
    assert says in reading
    assert "tên bạn không được nêu" not in writing
    world.system.close()


@pytest.mark.parametrize("name", sorted(EDITIONS))
def test_every_edition_is_obeyed_for_every_role(name: str) -> None:
    rulebook = EDITIONS[name]
    meant = {role for turn in rulebook.criticism.author_seen_by for role in MEANT[turn]}

    for roles in MEANT.values():
        for role in roles:
            assert critics.sees_authors(rulebook, (role,)) is (role in meant)


def test_one_peer_takes_nobody_the_word(year: YearWorld) -> None:
    for _ in range(CRITICISMS_EACH_MAX - 1):  # the first one was given before
        year.do("peer", f"{REVIEW}/criticisms", {"text": WORDS})

    refused = year.send("peer", f"{REVIEW}/criticisms", {"text": WORDS})
    others = [
        year.send(role, f"{REVIEW}/criticisms", {"text": WORDS}).status_code
        for role in ("secretary", "committee", "authority")
    ]

    assert (refused.status_code, refused.json["code"]) == (HTTPStatus.CONFLICT, "enough_written")
    assert set(others) == {HTTPStatus.CREATED}
