"""Every type of fact is dealt with wherever it must be; what is not, is left out on purpose."""

import ast
import hashlib
import typing
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from events.definitions.catalogue import CATALOGUE
from events.definitions.event import Event, Origin
from events.definitions.notice import NoticeAnswered
from events.definitions.reopening import ReviewVoided
from events.domain.escalation import escalation
from events.domain.organisation import member, unit
from events.domain.organisation.timelines import State
from events.domain.plan import plan
from events.domain.review import review
from events.domain.steps import Step, Turn
from events.domain.verification import four_eyes, rating_checks
from events.domain.year import cycle
from events.replay.words import commitments_of
from services.read_models.states import KINDS, PLANS, REVIEWS, Kind
from services.web.asking import sealed_words
from tests.support.examples import EXAMPLES
from tests.support.law import records
from tests.support.party_rules import RATED, RATED_AGAIN, REOPENED
from workers.projections.every import PROJECTIONS

GOLDEN = Path(__file__).parents[1] / "golden" / "projections.txt"
ROOT = Path(__file__).parents[2]
TELLING = ("events/domain", "services", "workers")  # where a fact of ours may come about
FOLDED: dict[str, Any] = {  # all facts that each fold knows, by the kind of its stream
    "review": review.Fact,
    "plan": plan.Fact,
    "escalation": escalation.Fact,
    "cycle": cycle.Fact,
    "member": member.Fact,
    "unit": unit.Fact,
}
BESIDES = {  # what stands in a stream of this kind besides its own facts
    **dict.fromkeys(("review", "plan", "escalation"), "subject"),  # deadlines run there
    **dict.fromkeys(("member", "unit"), "corrected"),  # `timelines` corrects their marks
}
LISTED = {  # no state is kept of these: their facts are listed as they were told
    "rulebook": "which documents were published",
    "reading": "who read whose words",
    "erasure": "whose words were erased, and on which ground",
    "account": "which roles an account was given",
    "token": "what other systems may do",
    "key": "under which key numbers are found",
}


def about(*kinds: str) -> set[type[Event]]:
    return {cls for cls in CATALOGUE if cls.definition.about in kinds}


def example(cls: type[Event]) -> Event:
    return EXAMPLES[cls.definition.type]


def life(kind: Kind) -> list[Event]:
    """Return an example of each fact that may stand in a stream, in the catalogue's order."""
    kinds = (kind.name, BESIDES[kind.name])
    found = [each for each in EXAMPLES.values() if each.definition.about in kinds]
    return [each for each in found if each.definition.about != "corrected"]


def prefixes(events: Iterable[Event]) -> Iterator[list[Event]]:
    every = list(events)
    return (every[:end] for end in range(1, len(every) + 1))


def histories(events: list[Event]) -> Iterator[list[Event]]:
    """Iterate over what may have been told: some first facts, or all of these but one."""
    for prefix in prefixes(events):
        yield prefix
        yield from ([each for each in prefix if each is not without] for without in prefix)


@pytest.mark.parametrize("kind", FOLDED)
def test_a_fold_knows_every_fact_of_its_streams(kind: str) -> None:
    """A type that the fold is to pass over belongs into its `Fact` too: a case says so."""
    with_deadlines = about(kind) | (about("subject") if BESIDES.get(kind) == "subject" else set())

    assert set(typing.get_args(FOLDED[kind])) == with_deadlines


def test_a_fact_of_another_kind_of_stream_changes_nothing_but_the_version() -> None:
    """So every fold is defined on whatever somebody puts into a stream; and when it was told."""
    other = EXAMPLES["document.published"]

    for fold in (review.fold, plan.fold, escalation.fold, cycle.fold, member.fold, unit.fold):
        empty = fold([])
        then = fold(records(other))
        told = {"told_at": then.told_at} if isinstance(then, State) else {}
        assert then == msgspec.structs.replace(empty, version=1, **told)


def test_every_kind_of_stream_is_folded_or_listed() -> None:
    kinds = {cls.definition.about for cls in CATALOGUE}

    assert kinds == {*FOLDED, *LISTED, *BESIDES.values()}


@pytest.mark.exhaustive
def test_every_fact_of_ours_is_told_by_somebody() -> None:
    ours = {cls.__name__ for cls in CATALOGUE if cls.definition.origin is Origin.OURS}

    assert ours - set(called()) == set()


def called() -> Iterator[str]:
    """Iterate over what is called, or made, on the floors that may tell a fact."""
    for file in (each for floor in TELLING for each in (ROOT / floor).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                    yield name


@pytest.mark.parametrize(
    ("kind", "places"),
    [(REVIEWS, sealed_words.of_review), (PLANS, sealed_words.of_plan)],
    ids=lambda each: getattr(each, "name", ""),
)
def test_words_of_every_fact_are_found_by_who_may_read_them(kind: Kind, places: Any) -> None:
    own = (kind.name, "subject") if kind is REVIEWS else (kind.name,)  # of a plan none is moved
    facts = [each for each in life(kind) if each.definition.about in own]
    shown = {
        place.sealed.sealed
        for history in histories(facts)
        for place in places(kind.fold(records(*history)))
        if place.sealed
    }

    lost = [type(each).__name__ for each in facts if not shown.issuperset(commitments_of(each))]

    assert not lost, lost


def test_a_fact_by_which_somebody_acts_is_judged_by_others_or_says_why_not() -> None:
    acting = {cls for cls in about("review", "plan", "subject") if hasattr(cls, "by")}
    own = {fact for step in Step if step.row.turn is Turn.MEMBER for fact in step.row.taken_by}
    judging = {cls for cls in acting if four_eyes.judges_of(example(cls))}

    assert acting - judging - own - {NoticeAnswered} == set(four_eyes.NOT_JUDGING)
    assert judging.isdisjoint(own | set(four_eyes.NOT_JUDGING))


def test_an_earlier_rating_is_judged_without_anything_that_came_after_it() -> None:
    later = [each for each in life(REVIEWS) if each.definition.about == "review"]
    later = [each for each in later if not isinstance(each, ReviewVoided)]  # it leaves no rating
    state = review.fold(records(*RATED, REOPENED, *later, *RATED_AGAIN))
    first = next(rating_checks.ratings(state))
    lists = [each for each in msgspec.structs.astuple(first) if isinstance(each, tuple)]

    assert first.decision is not None
    late = [each for told_ in lists for each in told_ if getattr(each, "version", 0) > 6]
    assert (first.decision.version, late) == (6, [])


def test_a_projection_that_makes_other_rows_has_another_edition() -> None:
    """Never change a line of the file: raise the edition, and put what the failure shows below.

    Rows that workers projected before stay as they are until the projection is built anew. Where
    nothing but an example changed, and no row of anybody, the last line of that projection may go.
    """
    lines = [line.split() for line in GOLDEN.read_text().splitlines()]
    last = {name: (edition, rows) for name, edition, rows in lines}
    today = {
        kind.projection: (str(PROJECTIONS[kind.projection].edition), fingerprint(kind))
        for kind in KINDS
    }

    assert len({(name, edition) for name, edition, _ in lines}) == len(lines)
    assert last == today


def fingerprint(kind: Kind) -> str:
    """Return what all rows come to that the examples of a kind make, one after another."""
    columns = ",".join(column.name for column in kind.table("row").columns)
    rows = [kind.row("key", 7, kind.fold(records(*prefix))) for prefix in prefixes(life(kind))]
    shown = repr((columns, rows))
    if kind.lookup:
        listed = [
            kind.lookup_rows("key", kind.fold(records(*prefix))) for prefix in prefixes(life(kind))
        ]
        shown += repr(([column.name for column in kind.lookup.table("row").columns], listed))
    return hashlib.sha256(shown.encode()).hexdigest()[:16]
