"""Whom a request names: by our id, or by the number of the system that asks.

    ID, id:ID, member-ID, unit-ID   our id, also as receipts, facts and the feed write it
    NUMBER                          the system's own, under the numbering of its token
    member-NUMBER, unit-NUMBER      the same, where either may be meant; without, a member's first

A number of somebody whom the token does not see names nobody, as one that was never told.
"""

from collections.abc import Iterable

from events.identifiers import ID_PATTERN, Stream
from services.access.tokens import Principal
from services.intake.numbers import OURS, ids_under
from services.web.asking.sight import Sight
from services.web.context import system

KINDS = ("member", "unit")


def id_of(asking: Principal, kind: str, reference: str) -> str | None:
    """Return our id of the member or unit that a reference names, or None; unseen ones too."""
    for form in (reference, reference.removeprefix(OURS), reference.removeprefix(f"{kind}-")):
        if ID_PATTERN.fullmatch(form):
            return form
    named = [(kind, reference)]
    return ids_under(system(), asking.grants.numbering, named).get((kind, reference))


def subject_of(asking: Principal, reference: str) -> str | None:
    """Return our id of whose year is meant, a member's or a unit's, among those whom it sees."""
    if ID_PATTERN.fullmatch(reference):
        return reference
    sight = Sight(system().store.database, asking.grants)
    for kind, form in _forms(reference):
        found = id_of(asking, kind, form)
        if found and sight.sees(f"{kind}-{found}"):
            return found
    return None


def streams_of(asking: Principal, words: Iterable[str]) -> frozenset[str]:
    """Return the streams that words like member-… and unit-… name; what is unknown as it is."""
    named = {word: _forms(word)[0] for word in words}
    by_number = [each for each in named.values() if not ID_PATTERN.fullmatch(each[1])]
    known = ids_under(system(), asking.grants.numbering, by_number) if by_number else {}
    return frozenset(
        Stream(f"{each[0]}-{known[each]}") if each in known else word
        for word, each in named.items()
    )


def _forms(reference: str) -> list[tuple[str, str]]:
    """Return as which kind, and by which reference, somebody may be meant."""
    for kind in KINDS:
        if reference.startswith(f"{kind}-"):
            return [(kind, reference.removeprefix(f"{kind}-"))]
    return [(kind, reference) for kind in KINDS]
