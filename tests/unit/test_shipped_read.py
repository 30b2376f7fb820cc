"""What we ship is read fast, by a reader that guards nothing: to what a strict one reads."""

import pytest

from events.domain.rulebook.sound import READERS
from events.store import reference

SHIPPED = [(kind, name) for kind in READERS for name in reference.shipped_names(kind)]


@pytest.mark.parametrize(("kind", "name"), SHIPPED)
def test_what_is_shipped_reads_alike_to_whoever_guards_and_to_whoever_hastens(
    kind: str, name: str
) -> None:
    text = (reference.SHIPPED / f"{kind}s" / f"{name}.yaml").read_text(encoding="utf-8")

    assert reference.shipped_document(kind, name) == reference.plain_values(text)
