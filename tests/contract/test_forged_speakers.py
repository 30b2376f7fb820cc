"""A year opened, an edition published behind the service's back by who may not: both are named."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from events.definitions.cycle import CycleOpened, DocumentPublished
from events.definitions.event import Code, Event, stream_of
from events.definitions.records import Digest, Hand, Period
from events.definitions.roster import IssuerNamed
from events.identifiers import MemberId, UnitId, new_event_id
from events.store import documents, reference
from events.store.batch import Appended, NewEvent
from services.commands import rulebooks, work
from tests.support.own_editions import cases_of, own
from tests.support.verified import findings
from tests.support.world import COMMUNE, formed
from tests.support.year_world import (
    AUTHORITY,
    OPENED_AT,
    PEER,
    PERIOD,
    STRANGER,
    YearWorld,
    post_given,
)

FAR = UnitId("farawayaaaaaaaaaaaaaaaaaaa")
CLERK = Code("clerk")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[YearWorld]:
    """A commune with an edition and a name of its own, and far away a unit with another name."""
    world = YearWorld(tmp_path / "data")
    world.clock.set(OPENED_AT)
    rulebooks.publish(
        world.system, reference.shipped_document("calendar", "viet_nam"), principal="operator"
    )
    publish(world, "authority", COMMUNE, own())
    world.tell(
        formed(FAR),
        post_given(STRANGER, FAR, "secretary"),
        IssuerNamed(unit_id=FAR, issuer=Code("faraway")),
        post_given(PEER, COMMUNE, CLERK),
    )
    assert findings(world) == {}
    yield world
    world.system.close()


def publish(world: YearWorld, who: str, unit_id: UnitId, document: Any) -> Digest:
    body = {"unit_id": unit_id, "document": document, "cases": cases_of()}
    return Digest(world.do(who, "/api/v1/rulebooks", body).json["digest"])


def of_clerks(issuer: str, edition: str = "2026") -> Any:
    """Return an edition by which clerks do everything that takes a post."""
    document = reference.plain_values(own(edition, issuer))
    document.pop("offices", None)
    document["posts"] = {CLERK: {"vi": "văn thư", "en": "clerk"}}
    document["roles"] = {each: [CLERK] for each in ("head", "proposer", "decider")}
    document["rungs"] = [{**each, "post": CLERK} for each in document["rungs"]]
    return document


def append(world: YearWorld, event: Event, principal: str) -> str:
    """Append a fact, asking nobody; return its position as findings name it."""
    store, stream = world.system.store, stream_of(event)
    new = NewEvent(
        event=event,
        id=new_event_id(world.system.chance),
        source=work.SOURCE,
        time=world.clock.now(),
        principal=principal,
    )
    store.append({stream: Appended(store.versions([stream])[stream], (new,))})
    return f"position {world.advance()}"


def hand(member_id: MemberId) -> Hand:
    return Hand(member_id=member_id, unit_id=COMMUNE, post=CLERK)


def year(world: YearWorld, by: Hand) -> CycleOpened:
    """Return that somebody opens the commune's year under the edition of the unit far away."""
    digest = publish(world, "stranger", FAR, json.dumps(of_clerks("faraway")))
    calendar = documents.digest_of(reference.shipped_document("calendar", "viet_nam"))
    return CycleOpened(
        period=Period(PERIOD),
        unit_id=COMMUNE,
        rulebook=digest,
        calendar=Digest(calendar),
        by=by,
    )


def test_who_acts_by_an_edition_of_strangers_alone_opens_no_year(world: YearWorld) -> None:
    where = append(world, year(world, hand(PEER)), "account:peer")

    told = f"{PEER} holds no post that acts for {COMMUNE} by what speaks for it"
    assert findings(world) == {where: [told]}


def test_who_acts_by_ones_own_edition_too_opens_one_under_it(world: YearWorld) -> None:
    world.tell(post_given(AUTHORITY, COMMUNE, CLERK))

    append(world, year(world, hand(AUTHORITY)), "account:authority")

    assert findings(world) == {}


@pytest.mark.parametrize("by", [PEER, None], ids=["for the unit", "for nobody"])
def test_who_acts_by_no_edition_that_speaks_publishes_nothing(
    world: YearWorld, by: MemberId | None
) -> None:
    document = of_clerks("suoi_guong" if by else "nobodys", "2027")
    digest = Digest(documents.put(world.system.store.database, document))
    event: DocumentPublished = rulebooks.publication(document, digest)
    if by:
        event = rulebooks.publication(document, digest, hand(by))

    where = append(world, event, "account:peer")

    (told,) = findings(world)[where]
    assert "by what speaks for it" in told or "none that we ship" in told
    assert len(findings(world)) == 1
