"""All that is doubtful of members and units: of one, and of everybody, looked at part by part.

Of a province nobody is looked at in one request: whoever asks says after whom to go on.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from events.domain.organisation.doubt import Why
from events.identifiers import Stream
from services.context import Context
from services.queries import doubts, roster_doubts
from services.queries.doubts import Known
from services.read_models import states
from services.read_models.states import MEMBERS, UNITS, Kind

UNUSED_WORD = "unused_word"  # a post that nobody acts by, or a word that looks like another
ONE_DECISION = "one_decision"  # two disciplines of one number may be one
OF_DISCIPLINES = frozenset(
    (
        ONE_DECISION,
        *(
            Why.LIFTED_BEFORE,
            Why.TOLD_AS_BEFORE,
            Why.DISCIPLINED_AGAIN,
            Why.YEAR_UNSAID,
            Why.TOLD_OTHERWISE,
        ),
    )
)
LOOKED_MAX = 5_000  # members and units that are looked at at once: a second or so


class Found(NamedTuple):
    """One thing that is doubtful of a member or unit."""

    why: str  # one of those above, or of the doubts of a roster
    stream: Stream
    since: datetime | None = None
    word: str = ""  # of HR's, that nothing goes by
    tells_discipline: bool = False  # of whom it is doubtful was disciplined


class Looked(NamedTuple):
    """What was found, and after which stream to look further."""

    found: list[Found]
    upto: Stream | None  # None: everybody was looked at


def of_subject(
    context: Context,
    kind: Kind,
    subject_id: str,
    state: Any,
    known: Known,
    gone: Mapping[str, datetime],
) -> Iterator[Found]:
    """Iterate over what is doubtful of a member or unit; with known words, and dissolved units."""
    stream, view = kind.stream(subject_id), kind.view(state)
    for each in roster_doubts.recent_doubts(context, kind, subject_id, state, gone):
        tells = each.why in OF_DISCIPLINES
        yield Found(each.why, stream, each.since, tells_discipline=tells)
    for told in doubts.words_of(view):
        for doubt in doubts.doubts_about(known, told):
            word = f"{doubt.word} ({doubt.meant}?)" if doubt.meant else doubt.word
            tells = doubt.field == "grade"
            yield Found(UNUSED_WORD, stream, word=word, tells_discipline=tells)
    if doubts.may_be_one(context, stream, view):
        yield Found(ONE_DECISION, stream, tells_discipline=True)


def look(context: Context, after: str = "", *, most: int = LOOKED_MAX) -> Looked:
    """Return what is doubtful of units, then of members, by their ids, as projected."""
    database = context.store.database
    known, gone = doubts.known_words(context), roster_doubts.dissolved_units(database)
    found, left = list[Found](), most
    for kind in (UNITS, MEMBERS):
        first = kind.stream("")
        passed = kind is UNITS and after.startswith(MEMBERS.stream(""))
        if passed or not states.serving_build(database, kind.projection):
            continue
        sql = (
            f"SELECT {kind.key}, state FROM {kind.projection} "
            f"WHERE {kind.key} > ? ORDER BY {kind.key} LIMIT ?"
        )
        rows = database.rows(
            sql, (after.removeprefix(first) if after.startswith(first) else "", left)
        )
        for row in rows:
            found += of_subject(context, kind, row[0], kind.state_in(row), known, gone)
        left -= len(rows)
        if left == 0:
            return Looked(found, kind.stream(rows[-1][0]))
    return Looked(found, None)
