"""An edition is published again behind the service's back: log and bundle say which, and where."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from events.definitions.cycle import DocumentPublished
from events.definitions.records import Digest
from events.identifiers import new_event_id
from events.store import documents, reference
from events.store.batch import Appended, NewEvent
from services.commands import rulebooks
from tests.support.verified import findings, reason_of_bundle
from tests.support.world import COMMUNE
from tests.support.year_world import OPENED_AT, PERIOD, POOR, YearWorld

NEUTRAL = reference.shipped_document("rulebook", "neutral")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[YearWorld]:
    """A commune that has not opened its year; what we ship is published."""
    world = YearWorld(tmp_path / "data")
    world.clock.set(OPENED_AT)
    rulebooks.publish(world.system, NEUTRAL, principal="operator")
    world.advance()
    yield world
    world.system.close()


def forge(world: YearWorld, document: Any, **told: Any) -> str:
    """Append that a document was published, asking nobody; return its digest."""
    store, digest = world.system.store, Digest(documents.put(world.system.store.database, document))
    named = {**document, **told}
    event: DocumentPublished = rulebooks.publication(named, digest)
    stream = f"rulebook-{event.issuer}"
    new = NewEvent(
        event=event,
        id=new_event_id(world.system.chance),
        source=rulebooks.SOURCE,
        time=world.clock.now(),
        principal="operator",
    )
    store.append({stream: Appended(store.versions([stream])[stream], (new,))})  # type: ignore[dict-item,list-item,index]
    world.advance()
    return digest


def rate_under(world: YearWorld, digest: str) -> None:
    body = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": digest}
    world.do("authority", "/api/v1/cycles", body)
    world.live("announced", POOR)


def test_whoever_is_rated_by_an_edition_that_was_changed_is_not_verified(world: YearWorld) -> None:
    changed = copy.deepcopy(NEUTRAL)
    changed["plan"]["required_at"] = ["poor"]

    rate_under(world, forge(world, changed))

    (found,) = findings(world).values()
    assert "neutral 1 is published already" in found[0]
    assert "neutral 1 is published already" in reason_of_bundle(world)


def test_a_document_that_is_not_what_was_published_is_named(world: YearWorld) -> None:
    digest = forge(world, {**NEUTRAL, "edition": "2"}, edition="3")

    rate_under(world, digest)

    (found,) = findings(world).values()
    assert "was published as tusoi rulebook neutral 3, and is tusoi rulebook neutral 2" in found[0]
    assert "publications" in reason_of_bundle(world)


def test_an_edition_that_nobody_would_publish_is_named(world: YearWorld) -> None:
    forge(world, {**NEUTRAL, "edition": "2", "levels": []})

    (found,) = findings(world).values()
    assert "is not sound" in found[0]
