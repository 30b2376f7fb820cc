"""What is doubtful of members and units, for an administrator: they see to it that HR looks.

Nobody's name is opened for it, and no word or ground: members stand there by their ids, under
which HR's systems may tell of them too. Of disciplines only how many is told, for an administrator
has no part in anybody's year; `tusoi doctor` tells the operator of whom.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from flask import Response, request

from events.domain.documents.working_days import local_day
from events.identifiers import ID_PATTERN
from services.access.roles import Role
from services.access.tokens import Forbidden
from services.queries import roster_doubts, subject_doubts
from services.queries.subject_doubts import Found
from services.read_models.states import MEMBERS, UNITS
from services.web.asking import person
from services.web.context import system
from services.web.pages.parts.frame import pages, show, true_at
from services.web.saying import names
from services.web.saying.languages import say
from services.web.saying.moments import day

LOST_MAX = 50  # units told one by one


class Doubtful(NamedTuple):
    """Of whom something is doubtful."""

    who: str
    since: str  # as a day; empty where no day is doubtful
    word: str


class Counted(NamedTuple):
    """How often something is doubtful."""

    what: str
    word: str
    times: int


@pages.get("/roster")
def show_roster() -> Response:
    """Return what is doubtful of members and units, kind by kind, without anybody's name."""
    if Role.ADMINISTRATOR not in person.person().roles:
        raise Forbidden("only administrators see what is doubtful of everybody")
    after = _stream_in(request.args.get("after", ""))
    looked = subject_doubts.look(system(), after)
    lost = () if after else roster_doubts.lost_units(system().store.database)[:LOST_MAX]
    return show(
        "roster.html",
        lost=lost,
        groups=_groups(each for each in looked.found if not each.tells_discipline),
        disciplines=_counts(looked.found),
        # Of a part that begins at anybody's choice, how many there are would tell of whom.
        is_whole=not after and looked.upto is None,
        upto=looked.upto,
        position=true_at(MEMBERS, UNITS),
    )


def _stream_in(asked: str) -> str:
    """Return after which stream to look; nothing where none was named."""
    kind, _, subject_id = asked.partition("-")
    known = kind in (MEMBERS.name, UNITS.name) and ID_PATTERN.fullmatch(subject_id)
    return asked if known else ""


def _counts(found: Iterable[Found]) -> list[Counted]:
    """Return how often each thing is doubtful of disciplines, by what is."""
    counts = Counter((each.why, each.word) for each in found if each.tells_discipline)
    return [
        Counted(say(f"cycle.doubts.{why}"), word, count)
        for (why, word), count in sorted(counts.items())
    ]


def _groups(found: Iterable[Found]) -> Mapping[str, list[Doubtful]]:
    """Return of whom each thing is doubtful, by what is, in the reader's language."""
    every = list(found)
    ids = [each.stream.partition("-")[2] for each in every if each.stream.startswith(UNITS.name)]
    called = names.of_units(ids)
    groups = defaultdict[str, list[Doubtful]](list)
    for each in sorted(every, key=lambda one: (one.why, one.stream)):
        subject_id = each.stream.partition("-")[2]
        since = say("roster.since", day=day(local_day(each.since))) if each.since else ""
        who = called.get(subject_id) or say("roster.member", id=subject_id)
        groups[say(f"cycle.doubts.{each.why}")].append(Doubtful(who, since, each.word))
    return groups
