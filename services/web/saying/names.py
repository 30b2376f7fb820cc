"""What members and units are called, and how people here sort names.

Names of members are sealed: they are opened for the page that shows them and kept nowhere.
"""

import unicodedata
from collections.abc import Callable, Iterable

from events.definitions.characters import plain
from events.definitions.shapes import LINE_CHARACTERS_MAX
from services.commands import readings
from services.read_models import states
from services.read_models.states import MEMBERS, UNITS
from services.web.context import system

ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
TONES = "\u0300\u0309\u0303\u0301\u0323"  # after no tone: huyền, hỏi, ngã, sắc, nặng

_PLACES = {letter: place for place, letter in enumerate(ALPHABET)}

NameKey = tuple[tuple[tuple[tuple[int, ...], tuple[int, ...]], ...], str]


def of_members(member_ids: Iterable[str]) -> dict[str, str]:
    """Return what members are called, by id; whoever is unknown or was erased is missing."""
    wanted = sorted(set(member_ids))
    database = system().store.database
    if not wanted or not states.serving_build(database, MEMBERS.projection):
        return {}
    sql = "SELECT member_id, state FROM member_states WHERE member_id IN ?"
    rows = database.read(lambda transaction: transaction.rows_in(sql, wanted))
    commitments = {row[0]: MEMBERS.state_in(row).value("name") for row in rows}
    texts = readings.unseal(system(), [each for each in commitments.values() if each])
    return {
        member_id: texts[commitment]
        for member_id, commitment in commitments.items()
        if commitment in texts
    }


def of_subjects(subject_ids: Iterable[str]) -> dict[str, str]:
    """Return what members and units are called that are reviewed, by id."""
    wanted = set(subject_ids)
    members = of_members(wanted)
    return members | of_units(wanted - members.keys())


def of_units(unit_ids: Iterable[str]) -> dict[str, str]:
    """Return what units are called, by id."""
    wanted = sorted(set(unit_ids))
    database = system().store.database
    if not wanted or not states.serving_build(database, UNITS.projection):
        return {}
    sql = "SELECT unit_id, state FROM unit_states WHERE unit_id IN ?"
    rows = database.read(lambda transaction: transaction.rows_in(sql, wanted))
    found = {row[0]: UNITS.state_in(row).value("name") for row in rows}
    return {unit_id: name for unit_id, name in found.items() if name}


def by_given_name(name: str) -> NameKey:
    """Return the key by which people here sort names: the given name, which comes last, first.

    Letters count before tones, and a < ă < â, d < đ, e < ê, o < ô < ơ, u < ư.

    >>> sorted(["Hà Văn Bình", "Lê Thị Ấn", "Ngô Bính", "Đỗ Ân"], key=by_given_name)
    ['Đỗ Ân', 'Lê Thị Ấn', 'Hà Văn Bình', 'Ngô Bính']
    """
    words = plain(name).split()
    ordered = words[-1:] + words[:-1]
    return tuple(_word_key(word) for word in ordered), name


def wanted_in(typed: str) -> str:
    """Return what somebody looks for, as names are compared; none is longer than its line."""
    return plain(typed[:LINE_CHARACTERS_MAX]).strip()


def finder(wanted: str) -> Callable[[str], bool]:
    """Return what says of a name whether it holds what somebody looks for, accents or not.

    What is looked for is read once, however many names there are.

    >>> finder("van binh")("Hà Văn Bình"), finder("vân")("Hà Văn Bình")
    (True, False)
    """
    typed = plain(wanted).lower().strip()
    accented = typed != _fold_accents(typed)

    def fits(name: str) -> bool:
        exact = plain(name).lower()
        return typed in exact or (not accented and typed in _fold_accents(exact))

    return fits


def _fold_accents(text: str) -> str:
    """Return a text that is in lower case, without accents."""
    pieces = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(piece for piece in pieces if not unicodedata.combining(piece))


def _word_key(word: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    letters: list[int] = []
    tones: list[int] = []
    for letter in unicodedata.normalize("NFC", word.lower()):
        pieces = unicodedata.normalize("NFD", letter)
        toned = [piece for piece in pieces if piece in TONES]
        plain = "".join(piece for piece in pieces if piece not in TONES)
        base = unicodedata.normalize("NFC", plain)
        letters.append(_PLACES.get(base, len(ALPHABET)))
        tones.append(TONES.index(toned[0]) + 1 if toned else 0)
    return tuple(letters), tuple(tones)
