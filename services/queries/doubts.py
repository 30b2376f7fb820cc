"""What HR may have meant otherwise: words of theirs that nothing here goes by, taken and shown.

Organisations name posts, kinds of units and grades of discipline themselves, so none is refused.
Yet no right and no group of subjects follows from a post that is misspelt, and nobody would notice.
"""

import difflib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import combinations
from typing import NamedTuple

from events.definitions.characters import alike_number, without_marks
from events.domain.organisation.member import Member
from events.domain.organisation.unit import Unit
from events.domain.review.counted_facts import LIGHTEST
from events.domain.rulebook.rulebook import Rulebook
from events.identifiers import Stream
from services.access.decisions import ToldDecision, decisions_told
from services.context import Context
from services.queries.speaking import every_rulebook
from services.read_models import states

LIKENESS = 0.8  # from which on a word may be a slip for another
CLOSE_MAX = timedelta(days=31)  # between two days of what may be one decision
ALIKE_MAX = 100  # decisions on one person of one figure that are compared: people have one, or two
WORDS = {"post": "post", "kind": "kind of unit", "grade": "grade of discipline"}  # by their field

Known = Mapping[str, frozenset[str]]


class Doubt(NamedTuple):
    """A word that was taken though nothing goes by it."""

    field: str  # of the fact: one of WORDS
    word: str
    meant: str | None  # what it looks like

    def __str__(self) -> str:
        slip = f"; is {self.meant} meant?" if self.meant else ""
        return f"nothing here goes by the {WORDS[self.field]} {self.word}{slip}"


def known_words(context: Context, chosen: Rulebook | None = None) -> Known:
    """Return by which words of HR anything goes: in editions, ours or published, and in the law.

    Where an edition with roles is chosen, posts go by that alone: it names all that it knows.
    """
    rulebooks = list(every_rulebook(context))
    kinds = {kind for each in rulebooks for group in each.groups for kind in group.unit_kinds}
    posts = (
        each.named_posts for each in ((chosen,) if chosen and chosen.stated_roles else rulebooks)
    )
    return {
        "post": frozenset().union(*posts),
        "kind": frozenset(kinds),
        "grade": frozenset((LIGHTEST,)),
    }


def doubts_about(known: Known, told: Mapping[str, object]) -> list[Doubt]:
    """Return the doubtful words of one fact's data.

    Every post is doubtful that nothing knows. Other words are an organisation's own, and doubtful
    where they look like one that counts.
    """
    found = []
    for field, words in known.items():
        word = told.get(field)
        if isinstance(word, str) and word not in words:
            near = difflib.get_close_matches(word, sorted(words), n=1, cutoff=LIKENESS)
            if near or field == "post":
                found.append(Doubt(field, word, near[0] if near else None))
    return found


def standing_doubts(context: Context) -> Counter[Doubt]:
    """Return the doubtful words that hold of members and units now, and how often, as projected."""
    known = known_words(context)
    return Counter(
        doubt for told in _standing_words(context) for doubt in doubts_about(known, told)
    )


def doubtful_disciplines(context: Context) -> list[str]:
    """Return the streams in which one decision may be two disciplines, as projected.

    One of them stands, the other may have been lifted. Lists write numbers and issuers short or
    without accents, know days or none, and a year turns between deciding and telling. So they may
    be one that are of one number, be it written short, and of days that may be one, by whichever
    issuers; or of one number, issuer and year; or of one day and grade, and not of two issuers. Two
    whose days were told, and lie apart, are two: an import of years is not doubtful.
    """
    return [stream for stream, view in _standing(context) if may_be_one(context, stream, view)]


def may_be_one(context: Context, stream: Stream, view: object) -> bool:
    """Tell whether one decision on a member or unit may be two disciplines, of which one stands."""
    if not isinstance(view, Unit | Member) or not view.disciplines:
        return False
    standing = {each.decision for each in view.disciplines}
    told = decisions_told(context, context.store.read_stream(stream).events)
    of_serial = defaultdict[str, list[ToldDecision]](list)
    of_day = defaultdict[tuple[date, str], list[ToldDecision]](list)  # and of one grade
    for each in (_without_marks(each) for named in told for each in named):
        of_serial[_serial_of(each)].append(each)
        of_day[_day_of(each), each.grade].append(each)
    return any(_is_one_of_number(standing, each) for each in of_serial.values()) or any(
        _is_one_otherwise(standing, each) for each in of_day.values()
    )


def _serial_of(told: ToldDecision) -> str:
    """Return the first figure of a number: however short it is written, that is written."""
    parts = (told.number or "").split("-")
    return next(filter(str.isdigit, parts), parts[0])


def _is_one_of_number(standing: Collection[str], told: Sequence[ToldDecision]) -> bool:
    """Tell whether two of some decisions may be one by their numbers and days, if one stands.

    Where there are too many to compare, some may be.
    """
    pairs = combinations(told, 2) if len(told) <= ALIKE_MAX else ()
    return len(told) > ALIKE_MAX or any(
        _may_be_one_number(*pair) and (_are_of_one_year(*pair) or _may_be_one_day(*pair))
        for pair in pairs
        if any(each.sealed in standing for each in pair)
    )


def _may_be_one_number(one: ToldDecision, other: ToldDecision) -> bool:
    """Tell whether one number says nothing that the other does not say too."""
    shorter, longer = sorted(({*(each.number or "").split("-")} for each in (one, other)), key=len)
    return shorter <= longer


def _are_of_one_year(one: ToldDecision, other: ToldDecision) -> bool:
    return (one.issuer, one.year) == (other.issuer, other.year)


def _may_be_one_day(one: ToldDecision, other: ToldDecision) -> bool:
    """Tell whether two days lie close, or one may be a slip in the year or have month for day.

    Where a day was not told it may be any until the decision was.
    """
    early, late = sorted((one, other), key=_day_of)
    apart = _day_of(late) - _day_of(early)
    figures = [sorted((_day_of(each).day, _day_of(each).month)) for each in (one, other)]
    return not late.day or apart <= CLOSE_MAX or figures[0] == figures[1]


def _day_of(told: ToldDecision) -> date:
    return told.day or told.told_on


def _is_one_otherwise(standing: Collection[str], told: Sequence[ToldDecision]) -> bool:
    """Tell whether two decisions of one day and grade may be of one issuer, if one stands."""
    issuers = [each.issuer for each in told]
    may_be_same = "" in issuers or len({*issuers}) < len(issuers)
    return len(told) > 1 and may_be_same and any(each.sealed in standing for each in told)


def _without_marks(told: ToldDecision) -> ToldDecision:
    """Return a decision as a system tells of it that knows no accents, to compare it."""
    number = without_marks(alike_number(told.number or ""))
    return told._replace(number=number, issuer=without_marks(told.issuer))


def _standing_words(context: Context) -> Iterator[Mapping[str, object]]:
    for _, view in _standing(context):
        yield from words_of(view)


def words_of(view: object) -> Iterator[Mapping[str, object]]:
    """Iterate over the words of HR that hold of a member or unit, by their fields."""
    if isinstance(view, Unit):
        yield {"kind": view.kind}
    elif isinstance(view, Member):
        yield from ({"post": each.post} for each in view.posts)
        yield from ({"post": each.post} for each in view.delegations)
    if isinstance(view, Member | Unit):
        yield from ({"grade": each.grade} for each in view.disciplines)


def _standing(context: Context) -> Iterator[tuple[Stream, object]]:
    """Iterate over what holds of members and units, with their streams."""
    database = context.store.database
    for kind in states.ROSTER:
        if not states.serving_build(database, kind.projection):
            continue
        for row in database.rows(f"SELECT {kind.key}, state FROM {kind.projection}"):
            yield kind.stream(row[0]), kind.view(kind.state_in(row))
