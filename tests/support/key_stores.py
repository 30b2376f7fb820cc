"""What tests of the key store share: whose keys, under which master keys, and a way behind."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from events.store.keys import KeyStore
from tests.support.fakes import SeededChance

MASTER = SeededChance(1).bytes(32)
OTHER_MASTER = SeededChance(2).bytes(32)
IDENTITY = ("member-a", "identity")
YEAR = ("member-a", "2025")
NEIGHBOUR = ("member-b", "2025")

OpenKeys = Callable[..., KeyStore]


@contextmanager
def behind_its_back(url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(url.partition("?")[0])  # what follows is for our store alone
    with engine.begin() as connection:
        yield connection
    engine.dispose()
