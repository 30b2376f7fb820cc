"""A peer writes criticism and learns nothing of where somebody's year stands."""

import re
from collections.abc import Callable
from pathlib import Path

from events.definitions.roster import MemberMoved
from events.identifiers import review_stream
from tests.support.api_roles import ROUTES
from tests.support.cases import every_case
from tests.support.page_roles import DEEDS, HTML, OF_AN, send_empty
from tests.support.world import CELL, OTHER_CELL, Answer
from tests.support.year_world import (
    AFTER_THE_COMMITMENT_WAS_DUE,
    MEMBER,
    PERIOD,
    REVIEW,
    SECRETARY,
    WORDS,
    YearWorld,
)

PEERS, FORM = f"/peers/{PERIOD}", f"/reviews/{PERIOD}/{MEMBER}/write/criticism"
REVIEW_PAGE, STREAM = f"/reviews/{PERIOD}/{MEMBER}", review_stream(PERIOD, MEMBER)
TELLING = ("ETag", "Location", "Last-Modified", "Retry-After", "Allow")
STAGES = ("criticised", "critique", "answered", "proposed", "decided", "announced", "planned")
TOO_LATE = ("proposed", "decided", "announced", "planned")
OF_ITS_OWN = re.compile(
    r'name="(csrf|key)" value="[^"]*"|<div class="asof">.*?</div>'
    r"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",  # by which an answer is found in the log lines
    re.DOTALL,
)


def told(answer: Answer) -> tuple[object, ...]:
    """Return what an answer tells, without what is new in each."""
    headers = {name: answer.headers.get(name) for name in TELLING}
    return answer.status_code, headers, OF_ITS_OWN.sub("", answer.text)


def asked(world: YearWorld) -> dict[str, object]:
    """Return what a peer is told at every route, page and form about An's year, but the criticism.

    They name the version at which it is, which a peer may have guessed.
    """
    found: dict[str, object] = {}
    for name, route in ROUTES.items():
        if "<file>" in route.path or "<cause>" in route.path or route.listed or "cycles" in name:
            continue
        if name.endswith(("/criticisms", "GET /inbox")) or "/rulebooks" in name or "/log/" in name:
            continue
        asks = world.headers("peer") | {"If-Match": f'"{world.version(STREAM)}"'}
        method, sent = name.split()[0], {} if route.body == "form" else route.body
        found[name] = told(world.ask(method, route.path, json=sent, headers=asks))
    for page in (*OF_AN, PEERS, f"{REVIEW_PAGE}/notice.pdf", f"/units/{CELL}/{PERIOD}"):
        found[page] = told(world.read("peer", page, **HTML))
    for form in DEEDS.keys() - {FORM}:
        found[f"POST {form}"] = told(send_empty(world, "peer", form))
    return found


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


def test_no_route_page_or_form_tells_a_peer_how_far_somebody_is(tmp_path: Path) -> None:
    """Neither by a status, a code, a version, a deadline, nor by what is offered."""
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    first = asked(world)
    faulty = {"ground": "fault_found", "text": WORDS}
    stages: dict[str, Callable[[], object]] = {
        "late": lambda: world.reach(AFTER_THE_COMMITMENT_WAS_DUE),
        "proposed": lambda: world.live("proposed"),
        "announced": lambda: world.live("announced", since="decided"),
        "handed_in": lambda: world.live("handed_in", since="planned"),
        "reopened": lambda: world.do("authority", f"{REVIEW}/reopening", faulty),
    }

    with every_case() as case:
        for stage, live in stages.items():
            live()
            for name, answer in asked(world).items():
                with case(stage, name):
                    assert answer == first[name]
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
