"""Keys in memory: the ones used last, and none that was destroyed."""

from events.store.key_cache import CACHED_KEYS_MAX, KeyCache

IDENTITY = ("member-a", "identity")
YEAR = ("member-a", "2025")


def test_key_destroyed_while_it_was_read_is_not_remembered() -> None:
    cache = KeyCache(3_600)

    _, drops = cache.get([YEAR])
    cache.drop("member-b", None)
    cache.put({YEAR: b"read before the drop"}, drops)

    assert cache.get([YEAR])[0] == {}


def test_keys_used_least_lately_leave_a_full_cache() -> None:
    cache = KeyCache(3_600)
    _, drops = cache.get([])
    cache.put({IDENTITY: b"used all the time", YEAR: b"used once"}, drops)
    others = {(f"member-{number}", "2025"): b"" for number in range(CACHED_KEYS_MAX - 1)}

    cache.get([IDENTITY])
    cache.put(others, drops)

    assert cache.get([IDENTITY, YEAR])[0] == {IDENTITY: b"used all the time"}
