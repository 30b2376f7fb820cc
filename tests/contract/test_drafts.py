"""Drafts come back to who wrote them, and tell nobody else who that is, on both databases."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from events.store.database import microseconds
from events.store.keys import KeyDestroyed, KeyStore
from events.store.store import Store
from events.vault.boxes import BoxDamaged
from services.context import Context
from services.safekeeping import drafts
from services.safekeeping.drafts import DRAFT_BYTES_MAX, DRAFT_DAYS, Draft, DraftTooLong
from tests.support.fakes import START, FixedClock, SeededChance
from workers.housekeeping import Housekeeping

AUTHOR, PEER = "account-an", "account-binh"
FORM = "criticism-2026-member-c"
OWNER, SCOPE = "member-c", "2026"
FIELDS = {"text": "Còn nể nang\r\ntrong phê bình", "trống": ""}
DAY_SECONDS = 24 * 60 * 60


@pytest.fixture
def context(store: Store, clock: FixedClock, tmp_path: Path) -> Iterator[Context]:
    address = f"sqlite:///{tmp_path}/draft-keys.db"
    with closing(KeyStore(address, master=bytes(32), chance=SeededChance(8))) as keys:
        yield Context(clock=clock, chance=SeededChance(9), store=store, keys=keys)


def save(context: Context, author: str = AUTHOR, form: str = FORM, **fields: str) -> None:
    drafts.save(context, author, form, owner=OWNER, scope=SCOPE, fields=fields or FIELDS)


def test_draft_comes_back_as_it_was_typed(context: Context, clock: FixedClock) -> None:
    save(context)

    assert drafts.load(context, AUTHOR, FORM) == Draft(FIELDS, clock.now())


def test_last_save_counts(context: Context, clock: FixedClock) -> None:
    save(context)
    clock.tick(60)
    save(context, text="khác")

    assert drafts.load(context, AUTHOR, FORM) == Draft({"text": "khác"}, clock.now())


def test_each_author_and_each_form_has_a_draft_of_its_own(context: Context) -> None:
    save(context)

    save(context, PEER, text="của Bình")
    save(context, form="critique-2026", text="của tôi")

    found = [drafts.load(context, *each) for each in ((AUTHOR, FORM), (PEER, FORM))]
    assert [each.fields for each in found if each] == [FIELDS, {"text": "của Bình"}]
    assert drafts.load(context, PEER, "critique-2026") is None


def test_discarded_draft_is_gone_and_others_stay(context: Context) -> None:
    save(context)
    save(context, PEER)

    for _ in range(2):
        drafts.discard(context, AUTHOR, FORM)

    assert drafts.load(context, AUTHOR, FORM) is None
    assert drafts.load(context, PEER, FORM)


def test_row_says_neither_who_writes_nor_what_and_when_by_the_day_alone(
    context: Context, clock: FixedClock
) -> None:
    save(context)
    clock.tick(61)
    save(context, form="critique-2026")

    days = {at for (at,) in context.store.database.rows("SELECT savedat FROM drafts")}
    assert days == {microseconds(START.replace(hour=0))}
    rows = context.store.database.rows("SELECT author, form, owner, scope, box FROM drafts")

    authors = {row[0] for row in rows}
    assert len(authors) == 2  # not even that both are of the same author
    assert not any(AUTHOR in str(row) for row in rows)
    assert not any("nể nang".encode() in bytes(row[4]) for row in rows)


def test_draft_that_was_moved_to_another_author_does_not_open(context: Context) -> None:
    save(context)
    save(context, PEER)
    swap = "UPDATE drafts SET box = (SELECT d.box FROM drafts d ORDER BY d.author LIMIT 1)"

    context.store.database.transact(lambda t: t.run(swap))

    opened = 0
    for author in (AUTHOR, PEER):
        try:
            drafts.load(context, author, FORM)
            opened += 1
        except BoxDamaged:
            drafts.discard(context, author, FORM)
    assert opened == 1


def test_draft_dies_with_the_key_of_whom_it_is_about(context: Context) -> None:
    save(context)

    context.keys.destroy(OWNER)

    assert drafts.load(context, AUTHOR, FORM) is None
    with pytest.raises(KeyDestroyed):
        save(context)


def test_draft_has_a_limit_and_the_one_before_is_kept(context: Context) -> None:
    save(context)

    with pytest.raises(DraftTooLong):
        save(context, text="x" * DRAFT_BYTES_MAX)

    found = drafts.load(context, AUTHOR, FORM)
    assert found is not None
    assert found.fields == FIELDS


def test_draft_that_nobody_touched_for_long_goes(context: Context, clock: FixedClock) -> None:
    save(context)
    clock.tick(DAY_SECONDS)
    save(context, PEER)

    clock.tick((DRAFT_DAYS - 1) * DAY_SECONDS)
    assert drafts.clear(context) == 0
    clock.tick(DAY_SECONDS)
    assert drafts.clear(context) == 1

    assert drafts.load(context, AUTHOR, FORM) is None
    assert drafts.load(context, PEER, FORM)


def test_drafts_that_nobody_touched_are_tidied_away_hour_by_hour(
    context: Context, clock: FixedClock
) -> None:
    housekeeping = Housekeeping(context)
    save(context)
    housekeeping.tidy()
    clock.tick((DRAFT_DAYS + 1) * DAY_SECONDS)

    assert housekeeping.tidy() == 1
    assert drafts.load(context, AUTHOR, FORM) is None
    save(context)
    clock.tick(60)
    assert housekeeping.tidy() == 0
