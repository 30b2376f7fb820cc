"""A destroyed key stays destroyed, and a new master key changes no key."""

from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from events.store.keys import PAGE, KeyDestroyed, KeyStore
from events.vault.wrapping import KeyDamaged, WrongMasterKey
from tests.support.fakes import DryChance, SeededChance
from tests.support.key_stores import (
    IDENTITY,
    MASTER,
    NEIGHBOUR,
    OTHER_MASTER,
    YEAR,
    OpenKeys,
    behind_its_back,
)

MANY = PAGE + 500  # keys; more than a rotation wraps at once
A_MOMENT_SECONDS = 0.3  # long enough for a thread to come to where it waits


def test_destroyed_key_is_gone_and_never_made_again(keys: KeyStore) -> None:
    kept = keys.ensure([IDENTITY, YEAR, NEIGHBOUR])

    destroyed = keys.destroy(*YEAR)

    assert destroyed == 1
    assert keys.keys(kept) == {pair: kept[pair] for pair in (IDENTITY, NEIGHBOUR)}
    assert keys.count() == 2
    with pytest.raises(KeyDestroyed) as refused:
        keys.ensure([YEAR])
    assert (refused.value.owner, refused.value.scope) == YEAR
    assert YEAR[0] not in str(refused.value)  # whoever is told so may not know of whom it was
    assert keys.destroy(*YEAR) == 0


def test_destroyed_owner_loses_every_scope_and_gets_no_new_one(open_keys: OpenKeys) -> None:
    store = open_keys()
    kept = store.ensure([IDENTITY, YEAR, NEIGHBOUR])

    destroyed = store.destroy("member-a")

    assert destroyed == 2
    assert store.keys(kept) == {NEIGHBOUR: kept[NEIGHBOUR]}
    for pair in (IDENTITY, YEAR, ("member-a", "2031")):
        with pytest.raises(KeyDestroyed):
            open_keys().ensure([pair])
    assert store.count() == 1


def test_scope_destroyed_before_it_had_a_key_never_gets_one(keys: KeyStore) -> None:
    assert keys.destroy(*YEAR) == 0

    with pytest.raises(KeyDestroyed):
        keys.ensure([YEAR])
    assert keys.ensure([IDENTITY]).keys() == {IDENTITY}


def test_key_that_is_being_made_is_destroyed_with_its_owner(keys_url: str, keys: KeyStore) -> None:
    made = keys.ensure([NEIGHBOUR])

    with ThreadPoolExecutor(1) as pool:
        with behind_its_back(keys_url) as connection:
            connection.execute(
                sa.text("INSERT INTO keys SELECT 'member-a', scope, wrapped FROM keys")
            )
            destroyed = pool.submit(keys.destroy, "member-a")
            waited = wait([destroyed], A_MOMENT_SECONDS).not_done

        assert waited
        assert destroyed.result() == 1
    assert keys.keys([YEAR, NEIGHBOUR]) == made


def test_key_destroyed_during_a_rotation_stays_destroyed(keys_url: str, keys: KeyStore) -> None:
    keys.ensure([IDENTITY, YEAR])

    with ThreadPoolExecutor(1) as pool:
        with behind_its_back(keys_url) as connection:
            connection.execute(sa.text("UPDATE keys SET wrapped = NULL WHERE scope = '2025'"))
            rewrapped = pool.submit(keys.rewrap_all, OTHER_MASTER)
            waited = wait([rewrapped], A_MOMENT_SECONDS).not_done

        assert waited
        assert rewrapped.result() == 1
    assert keys.check() == (1, [])


def test_row_of_a_destroyed_key_holds_no_key(keys_url: str, keys: KeyStore) -> None:
    keys.ensure([YEAR])

    keys.destroy(*YEAR)

    with behind_its_back(keys_url) as connection:
        rows = connection.execute(sa.text("SELECT owner, scope, wrapped FROM keys")).all()
    assert rows == [(*YEAR, None)]


def test_key_destroyed_elsewhere_is_forgotten_after_a_while(open_keys: OpenKeys) -> None:
    forgetful, remembering, eraser = open_keys(cache_seconds=0), open_keys(), open_keys()
    made = [each.ensure([YEAR]) for each in (forgetful, remembering)]

    eraser.destroy(*YEAR)

    assert made[0] == made[1]
    assert forgetful.keys([YEAR]) == {}
    with pytest.raises(KeyDestroyed):
        forgetful.ensure([YEAR])
    assert remembering.keys([YEAR]) == made[1]  # until CACHE_SECONDS have passed


def test_rotated_keys_stay_the_same_under_the_new_master_key(open_keys: OpenKeys) -> None:
    rotating = open_keys()
    made = rotating.ensure([IDENTITY, YEAR, NEIGHBOUR])
    rotating.destroy(*YEAR)
    del made[YEAR]

    rewrapped = rotating.rewrap_all(OTHER_MASTER)

    assert rewrapped == 2
    assert open_keys(master=OTHER_MASTER).keys([IDENTITY, YEAR, NEIGHBOUR]) == made
    assert rotating.ensure([("member-c", "2025")])
    assert open_keys(master=OTHER_MASTER).check() == (3, [])
    with pytest.raises(WrongMasterKey):
        open_keys().keys([IDENTITY])


def test_process_left_behind_by_a_rotation_makes_no_keys(open_keys: OpenKeys) -> None:
    left_behind, rotating = open_keys(), open_keys()
    left_behind.ensure([YEAR])

    rotating.rewrap_all(OTHER_MASTER)

    with pytest.raises(WrongMasterKey):
        left_behind.ensure([NEIGHBOUR])
    assert rotating.check() == (1, [])


def test_damaged_key_is_found_and_stops_a_rotation(keys_url: str, keys: KeyStore) -> None:
    keys.ensure([IDENTITY, YEAR, NEIGHBOUR])
    with behind_its_back(keys_url) as connection:
        connection.execute(
            sa.text(
                "UPDATE keys SET wrapped = (SELECT wrapped FROM keys WHERE owner = 'member-b')"
                " WHERE owner = 'member-a' AND scope = '2025'"
            )
        )

    assert keys.check() == (2, [YEAR])
    with pytest.raises(KeyDamaged):
        keys.rewrap_all(OTHER_MASTER)
    assert keys.check() == (2, [YEAR])


def test_a_rotation_that_broke_off_is_finished_by_the_next_one(
    open_keys: OpenKeys, keys_url: str
) -> None:
    pairs = [(f"member-{number:04}", "2025") for number in range(MANY)]
    made = open_keys().ensure(pairs)
    breaking = KeyStore(keys_url, master=MASTER, chance=DryChance(PAGE + 1))
    with closing(breaking), pytest.raises(OSError, match="no chance left"):
        breaking.rewrap_all(OTHER_MASTER)

    under_both = [len(open_keys(master=each).check()[1]) for each in (MASTER, OTHER_MASTER)]
    with pytest.raises(WrongMasterKey):
        open_keys().ensure([NEIGHBOUR])
    open_keys().destroy(*pairs.pop())
    rest = open_keys().rewrap_all(OTHER_MASTER)

    assert under_both == [PAGE, MANY - PAGE]
    assert rest == MANY - PAGE - 1
    assert open_keys(master=OTHER_MASTER).keys(pairs) == {each: made[each] for each in pairs}
    assert open_keys(master=OTHER_MASTER).check() == (len(pairs), [])
    assert open_keys(master=OTHER_MASTER).rewrap_all(OTHER_MASTER) == 0


def test_a_key_that_opens_under_neither_stops_a_rotation_before_its_first_page(
    keys_url: str, keys: KeyStore
) -> None:
    pairs = [(f"member-{number:04}", "2025") for number in range(PAGE + 1)]
    keys.ensure(pairs)
    with behind_its_back(keys_url) as connection:
        connection.execute(sa.text("UPDATE keys SET scope = '2024' WHERE owner = 'member-1000'"))

    with pytest.raises(KeyDamaged):
        keys.rewrap_all(OTHER_MASTER)

    assert keys.check() == (PAGE, [("member-1000", "2024")])


def test_damaged_key_keeps_nobody_else_from_a_new_one(keys_url: str, keys: KeyStore) -> None:
    keys.ensure([YEAR])
    with behind_its_back(keys_url) as connection:
        connection.execute(sa.text("UPDATE keys SET owner = 'member-z'"))

    assert keys.ensure([NEIGHBOUR]).keys() == {NEIGHBOUR}


def test_all_pages_of_a_large_store_are_checked(keys: KeyStore) -> None:
    keys.ensure((f"member-{number // 2}", f"{number % 2}") for number in range(2_500))

    assert keys.check() == (2_500, [])


def test_files_hold_no_key_in_the_clear_and_nothing_of_a_destroyed_one(tmp_path: Path) -> None:
    keys_url = f"sqlite:///{tmp_path}/keys.db"
    with closing(KeyStore(keys_url, master=MASTER, chance=SeededChance())) as store:
        key = store.ensure([YEAR])[YEAR]
        with behind_its_back(keys_url) as connection:
            wrapped = connection.execute(sa.text("SELECT wrapped FROM keys")).scalar_one()
        before = contents(tmp_path)

        store.destroy(*YEAR)

        assert key not in before
        assert wrapped in before
        assert wrapped not in contents(tmp_path)


def contents(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))
