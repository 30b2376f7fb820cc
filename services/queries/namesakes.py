"""Members of one unit who are called alike: they may be one person, told under two numbers.

The preview of a year and `tusoi doctor` tell of them. The page of what is doubtful does not: it
looks part by part, and opens nobody's name.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from events.definitions.characters import alike
from services.access import words
from services.context import Context
from services.read_models import states
from services.read_models.states import MEMBERS

PAGE = 1_000  # names opened at once

Named = Mapping[str, tuple[str, str]]  # the unit and the sealed name, by the stream


def namesakes(context: Context, named: Named) -> list[str]:
    """Return the streams of those for whom another of their unit may be taken."""
    called = defaultdict[tuple[str, str], list[str]](list)
    streams = sorted(named)
    for start in range(0, len(streams), PAGE):
        page = {each: named[each] for each in streams[start : start + PAGE]}
        opened = words.open_all(context, (name for _, name in page.values())).words
        for stream, (unit_id, name) in page.items():
            if name in opened:  # of what was erased nobody can tell
                called[unit_id, alike(opened[name].text)].append(stream)
    return sorted(each for found in called.values() if len(found) > 1 for each in found)


def standing_namesakes(context: Context) -> list[str]:
    """Return the streams of all who are enrolled and called like another of their unit."""
    return namesakes(context, dict(_names_told(context)))


def _names_told(context: Context) -> Iterator[tuple[str, tuple[str, str]]]:
    database = context.store.database
    if not states.serving_build(database, MEMBERS.projection):
        return
    for row in database.rows("SELECT member_id, unit_id, state FROM member_states WHERE enrolled"):
        name = MEMBERS.state_in(row).value("name")
        if name:
            yield MEMBERS.stream(row[0]), (row[1], name)
