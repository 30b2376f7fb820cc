"""Look at many cases in one test, and fail with all that fail: a table is read as a whole."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

Case = Callable[..., AbstractContextManager[None]]

TOLD_MAX = 50  # cases that a failure names


@contextmanager
def every_case() -> Iterator[Case]:
    """Give what a case is looked at in: what fails there is told at the end, with all others.

    >>> with every_case() as case:
    ...     for number in (1, 2, 3):
    ...         with case("number", number):
    ...             assert number == 2, "it is not two"
    Traceback (most recent call last):
    AssertionError: 2 of 3 cases fail:
    number 1: it is not two
    number 3: it is not two
    """
    seen: list[str] = []
    failures: dict[str, Exception] = {}

    @contextmanager
    def case(*names: object) -> Iterator[None]:
        seen.append(" ".join(map(str, names)))
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the other cases are seen
            failures[seen[-1]] = error

    yield case
    assert seen, "there is no case"
    if failures:
        told = [f"{name}: {error}" for name, error in list(failures.items())[:TOLD_MAX]]
        heading = f"{len(failures)} of {len(seen)} cases fail:"
        raise AssertionError("\n".join([heading, *told])) from next(iter(failures.values()))
