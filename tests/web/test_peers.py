"""A peer writes criticism and learns nothing of where somebody's year stands."""

import re
from pathlib import Path

from events.definitions.roster import MemberMoved
from tests.support.world import OTHER_CELL
from tests.support.year_world import MEMBER, PERIOD, REVIEW, SECRETARY, WORDS, YearWorld

PEERS, FORM = f"/peers/{PERIOD}", f"/reviews/{PERIOD}/{MEMBER}/write/criticism"
STAGES = ("criticised", "critique", "answered", "proposed", "decided", "announced", "planned")
TOO_LATE = ("proposed", "decided", "announced", "planned")
OF_ITS_OWN = re.compile(r'name="(csrf|key)" value="[^"]*"|<div class="asof">.*?</div>', re.DOTALL)


def seen(world: YearWorld) -> list[str]:
    """Return what the peer sees of others, without what is new on every page."""
    pages = [world.read("peer", path, Accept="text/html") for path in (PEERS, FORM)]
    assert [page.status_code for page in pages] == [200, 200]
    return [OF_ITS_OWN.sub("", page.text) for page in pages]


def test_a_peer_sees_the_same_at_every_stage_of_a_year(tmp_path: Path) -> None:
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    first, refusals = seen(world), set()

    for before, stage in zip(("", *STAGES), STAGES, strict=False):
        since = STAGES[STAGES.index(before) + 1] if before else ""
        world.live(stage, since=since)
        assert seen(world) == first, stage
        if stage in TOO_LATE:
            no = world.send("peer", f"{REVIEW}/criticisms", {"text": WORDS}).json
            refusals.add((no["code"], no["rule"], no["needed"], no["detail"]))

    assert len(refusals) == 1
    assert FORM in first[0]
    world.system.close()


def test_who_moved_away_is_nobodys_peer_whether_their_review_stayed_or_not(tmp_path: Path) -> None:
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    world.live("proposed")

    world.tell(MemberMoved(member_id=MEMBER, unit_id=OTHER_CELL))

    page = world.read("peer", PEERS, Accept="text/html").text
    assert FORM not in page
    assert f"/reviews/{PERIOD}/{SECRETARY}/write/criticism" in page
    world.system.close()
