"""Members told anew under a name that may be somebody else's: the number may have changed hands.

Of less than a ring of numbers nobody can tell whether somebody was renamed or the number was given
again (decision 0067). The preview of a year and `tusoi doctor` tell of it, also ahead of its day;
the page of what is doubtful opens nobody's name.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from events.definitions.characters import alike, without_marks
from events.domain.organisation.timelines import Mark, State
from events.identifiers import Stream
from services.access import words
from services.context import Context
from services.queries.roster_doubts import LOOK_BACK
from services.read_models import states
from services.read_models.states import MEMBERS

PAGE = 500  # changes of which the names are opened at once
SLIP = 0.93  # from which likeness on long given names differ by a slip: Hương is not Phương
_BETWEEN = (*map(alike, ("Văn", "Thị", "Van", "Thi")),)  # what most names have between
_OF_CLAN = re.compile(r"([yh])(?:\s+|\s*['’ʼ]\s*)(\S+)")  # as the Ê Đê and Mnông have names

Change = tuple[Mark, Mark]  # what stood, and what was told in its place


def renamings(context: Context, changed: Sequence[tuple[Stream, Change]]) -> list[str]:
    """Return the streams of those, among some whose name changed, who may be two people by that."""
    found = dict[Stream, list[Mark]]()  # by which facts
    for start in range(0, len(changed), PAGE):
        page = changed[start : start + PAGE]
        sealed = {mark.value or "" for _, change in page for mark in change}
        opened = {each: word.text for each, word in words.open_all(context, sealed).words.items()}
        for stream, (old, new) in page:
            if _may_be_two(opened, old, new):
                found.setdefault(stream, []).append(new)
    return sorted(each for each, told_by in found.items() if _is_recent(context, each, told_by))


def standing_renamings(context: Context) -> list[str]:
    """Return the streams of all who are enrolled and may be two people by their names."""
    return renamings(context, [*_changes(context)])


def differ(one: str, other: str) -> bool:
    """Tell whether two names may be those of two people: their given names are not one.

    That stands last, or first where the same words are told in the other order. A mark left out of
    it, or a slip in a long one, makes no other name; another mark does.

    >>> differ("Trần Thị Vân", "Nguyễn Văn An"), differ("Nguyễn Văn An", "Nguyen Van Ân")
    (True, False)
    """
    first, second = (alike(each).split() for each in (one, other))
    return not (_same(_given_name(first), _given_name(second)) or _are_turned(first, second))


def _given_name(words: Sequence[str]) -> str:
    """Return the given name of a name; of a clan's, as Y Bhăm Niê or H'Linh Niê, also its Y or H.

    There it stands first, and everybody of the clan has the last word.
    """
    clan = _OF_CLAN.match(" ".join(words))
    return f"{clan[1]} {clan[2]}" if clan else " ".join(words[-1:])


def _are_turned(first: Sequence[str], second: Sequence[str]) -> bool:
    """Tell whether a name begins with the other's given name, and one has all words of the other.

    Văn and Thị stand between: as where a name begins or ends nobody is told apart by them.
    """
    one, other = ({without_marks(each) for each in words} for words in (first, second))
    return (one <= other or other <= one) and any(
        _same(begun[0], ended[-1]) and ended[-1] not in _BETWEEN
        for begun, ended in ((first, second), (second, first))
        if begun and ended
    )


def _same(one: str, other: str) -> bool:
    """Tell whether two given names may be one, with marks left out or a slip."""
    if without_marks(one) != without_marks(other):
        return difflib.SequenceMatcher(None, one, other).ratio() >= SLIP
    few, many = sorted(map(_letters, (one, other)), key=len)
    following = iter(many)
    return all(each in following for each in few)


def _letters(word: str) -> str:
    """Return a word with each mark as a character, so that some may be left out."""
    return unicodedata.normalize("NFD", word).replace("đ", "d\u0335")


def changes_in(state: State) -> list[Change]:
    """Return by which facts a name took the place of another, be it told ahead."""
    marks = state.with_all_ahead().marks("name")
    return [each for each in pairwise(marks) if each[0].value != each[1].value]


def _may_be_two(opened: Mapping[str, str], old: Mark, new: Mark) -> bool:
    """Tell whether two names may be those of two people; of what was erased nobody can tell."""
    names = [opened[each.value or ""] for each in (old, new) if each.value in opened]
    return len(names) == len((old, new)) and differ(*names)


def _is_recent(context: Context, stream: Stream, told: Sequence[Mark]) -> bool:
    """Tell whether any of it is of, or was told, a year ago at most."""
    since = context.clock.now() - LOOK_BACK
    return any(mark.since >= since for mark in told) or any(
        each.entry.recordedat >= since
        for each in context.store.events(stream)
        if each.entry.streamversion in {mark.version for mark in told}
    )


def _changes(context: Context) -> Iterator[tuple[Stream, Change]]:
    database = context.store.database
    if states.serving_build(database, MEMBERS.projection):
        for row in database.rows("SELECT member_id, state FROM member_states WHERE enrolled"):
            for each in changes_in(MEMBERS.state_in(row)):
                yield MEMBERS.stream(row[0]), each
