"""A catalogue: what people look for in themselves, item by item, as a published document.

No rating is computed from it: it gives the questions that people ask themselves, and only what a
competent body concluded has an effect.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Annotated, Any

import msgspec

from events.domain.documents.conversion import convert
from events.domain.documents.document import Bilingual, Document, Name, Named, Part
from events.domain.documents.problems import (
    DocumentInvalid,
    Problem,
    first_problems,
    repetitions,
)

ITEMS_MAX = 500
ItemName = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9_.]{0,39}$")]


class Item(Part, frozen=True, kw_only=True):
    """One thing to look for."""

    id: ItemName  # "1.5"
    label: Bilingual
    maps_to: tuple[ItemName, ...] = ()  # items of the catalogue that this one spells out


class ItemGroup(Named, frozen=True, kw_only=True):
    """Items that belong together, or that are for one group of subjects."""

    items: tuple[Item, ...]


class Catalogue(Document, frozen=True, kw_only=True, tag="catalogue"):
    """One edition of a catalogue of one issuer."""

    spells_out: Name | None = None  # the id of the catalogue that items map to
    degrees: tuple[Named, ...] = ()  # in which somebody marks themselves, from none to marked
    groups: tuple[ItemGroup, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(chain.from_iterable(group.items for group in self.groups))


def read(document: Any) -> Catalogue:
    """Return a catalogue from a document's plain values.

    Raises:
        DocumentInvalid: it has not the shape of a catalogue, or `validate` found problems.
    """
    catalogue: Catalogue = convert(document, Catalogue)
    if problems := validate(catalogue):
        raise DocumentInvalid(problems)
    return catalogue


def validate(catalogue: Catalogue) -> tuple[Problem, ...]:
    """Return what is wrong in a catalogue, in the order of its parts, up to PROBLEMS_MAX."""
    return first_problems(_problems(catalogue))


def mapping_problems(catalogue: Catalogue, whole: Catalogue | None) -> tuple[Problem, ...]:
    """Return what maps to an item that the catalogue it spells out has not; None: there is none."""
    if whole is None:
        return (Problem("spells_out", "no_catalogue", catalogue=str(catalogue.spells_out)),)
    known = {item.id for item in whole.items}
    return first_problems(
        Problem(
            f"groups.{group.id}.items.{item.id}.maps_to",
            "no_item",
            catalogue=whole.id,
            item=target,
        )
        for group in catalogue.groups
        for item in group.items
        for target in item.maps_to
        if target not in known
    )


def _problems(catalogue: Catalogue) -> Iterator[Problem]:
    yield from repetitions((group.id for group in catalogue.groups), "groups")
    yield from repetitions((item.id for item in catalogue.items), "items")
    yield from repetitions((degree.id for degree in catalogue.degrees), "degrees")
    if not catalogue.citation.strip():
        yield Problem("citation", "no_citation")
    if not catalogue.items:
        yield Problem("groups", "no_items")
    if len(catalogue.items) > ITEMS_MAX:
        yield Problem("groups", "too_many_items", most=ITEMS_MAX)
    for path, label in _labels(catalogue).items():
        if not (label.vi.strip() and label.en.strip()):
            yield Problem(f"{path}.label", "empty_label")
    for group in catalogue.groups:
        for item in group.items:
            if bool(item.maps_to) is not bool(catalogue.spells_out):
                yield Problem(f"groups.{group.id}.items.{item.id}.maps_to", "maps_to_some")


def _labels(catalogue: Catalogue) -> Mapping[str, Bilingual]:
    named = {f"groups.{group.id}": group.label for group in catalogue.groups}
    return named | {
        f"groups.{group.id}.items.{item.id}": item.label
        for group in catalogue.groups
        for item in group.items
    }
