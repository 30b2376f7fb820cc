"""An edition that is published later never alters a review that was opened before it."""

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.definitions.event import Code, Sealed
from events.definitions.records import Facts, Period
from events.definitions.roster import MemberEnrolled, Standing
from events.domain.review import opening, review
from events.domain.rulebook import rating, validity
from events.domain.verification import rating_checks
from events.identifiers import MemberId, UnitId, member_stream, new_id
from events.store import reference, schema
from events.store.address import open_database
from events.store.batch import Appended, NewEvent
from events.store.keys import KeyStore
from events.store.store import Store
from services.access.roles import Person
from services.commands import cycles, ratings, reviews, rulebooks, units
from services.commands.work import Asking
from services.context import Context
from services.queries.answers import Marks
from services.queries.year_counts import Counted
from services.read_models.openings import ToOpen
from services.subject import Subject
from tests.support.fakes import FixedClock, SeededChance
from tests.support.law import at, facts, rejection_of

PERIOD = Period("2026")
NEUTRAL = reference.shipped_document("rulebook", "neutral")
BY = "account:operator"
DEEDS_MAX = 16
FEWER = settings(max_examples=settings().max_examples // 3)  # each writes to a real store

Cuts = tuple[int, int, int]  # from how many points on the three levels are reached

cuts = st.tuples(st.integers(71, 100), st.integers(51, 70), st.integers(1, 50))
numbers = st.integers(1, 6)
deeds = st.lists(
    st.tuples(st.just("publish"), numbers, cuts)
    | st.tuples(st.just("open"), st.integers(0, 100))
    | st.tuples(st.just("go_on"), numbers),
    max_size=DEEDS_MAX,
)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    folder, clock = tmp_path_factory.mktemp("pinning"), FixedClock(at(8))
    keys_url = f"sqlite:///{folder}/keys.db"
    with (
        closing(open_database(f"sqlite:///{folder}/log.db")) as database,
        closing(KeyStore(keys_url, master=bytes(32), chance=SeededChance(2))) as keys,
    ):
        schema.migrate(database)
        store = Store(database, clock=clock, chance=SeededChance(1))
        yield Context(clock=clock, chance=SeededChance(3), store=store, keys=keys)


class Opened(NamedTuple):
    """A review that is under way, and what was in force when it was opened."""

    subject: Subject
    cell: UnitId
    top: UnitId
    facts: Facts
    edition: dict[str, Any]


class Issuer:
    """Publishes editions under a name of its own; reviews are opened and rated meanwhile."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.name = f"i_{new_id(context.chance)}"
        self.editions: dict[str, dict[str, Any]] = {}  # by number, in the order of publication
        self.opened: list[Opened] = []
        self.publish(1, (90, 70, 50))

    def publish(self, number: int, points: Cuts) -> None:
        """Publish an edition; one that is there already keeps its content."""
        document = self._edition(str(number), points)
        publish = partial(rulebooks.publish, self.context, document, principal=BY)
        if self.editions.setdefault(document["edition"], document) == document:
            publish()
        else:
            rejection_of(publish, "edition_taken")

    def open(self, total: int) -> None:
        """Open a committee's year, and the review of a member, under the last edition."""
        edition = list(self.editions.values())[-1]
        cell, top = (UnitId(self._id()) for _ in range(2))
        subject = Subject(PERIOD, MemberId(self._id()))
        digest = rulebooks.publish(self.context, edition, principal=BY)
        units.authorise(self.context, top)
        rules = rulebooks.rules_by_name(self.context, digest, "viet_nam", principal=BY)
        cycles.open_cycle(self.context, self._office(top), PERIOD, top, rules)
        wanted = opening.OpenReview(
            period=PERIOD,
            member_id=subject.member_id,
            path=(cell, top),
            standing=Standing.OFFICIAL,
        )
        self._enrol(subject.member_id, cell)
        (_,) = cycles.open_reviews(self.context, top, ToOpen([wanted], {}), "test")
        self.opened.append(Opened(subject, cell, top, facts(total, beyond=5), edition))

    def go_on(self, number: int) -> None:
        """Take the next step of a review; one that is over is opened again."""
        if not self.opened:
            return
        opened = self.opened[number % len(self.opened)]
        subject, state = opened.subject, self.state(opened)
        match review.stage(state), state.proposal:
            case ("proposal", _):
                told = Counted(opened.facts.points, opened.facts.figures)
                ratings.propose_rating(self.context, self._office(opened.cell), subject, told, None)
            case ("decision", proposal) if proposal:
                level, seen = proposal.fact.outcome.level, proposal.version
                by = self._office(opened.top)
                ratings.decide_rating(self.context, by, subject, level, seen, None)
            case ("announcement", _):
                ratings.announce_rating(self.context, self._office(opened.cell), subject)
            case ("announced", _):
                by, ground = self._office(opened.top), "fault_found"
                ratings.reopen_review(self.context, by, subject, ground, None, "Xét lại.")
            case _:
                who = subject.member_id
                own = self._asking(Person(account_id="own", member_id=who, roster_version=1))
                reviews.submit_self_critique(self.context, own, subject, "Tự soi.", Marks())

    def finish(self) -> None:
        """Let every review be decided, after all that was published."""
        for number, opened in enumerate(self.opened):
            while self.state(opened).decision is None:
                self.go_on(number)

    def state(self, opened: Opened) -> review.State:
        return review.fold(self.context.store.read_stream(opened.subject.stream).events)

    def _edition(self, number: str, points: Cuts) -> dict[str, Any]:
        """Return the neutral rulebook with other cut-offs."""
        least = dict(zip(("excellent_points", "good_points", "fair_points"), points, strict=True))
        rules = [
            {**each, "when": f"total >= {least[each['id']]}"} if each["id"] in least else each
            for each in NEUTRAL["rules"]
        ]
        return {**NEUTRAL, "issuer": self.name, "edition": number, "rules": rules}

    def _enrol(self, member_id: MemberId, cell: UnitId) -> None:
        enrolled = MemberEnrolled(
            member_id=member_id,
            unit_id=cell,
            number=Sealed("n" * 42 + "A"),
            name=Sealed("m" * 42 + "A"),
        )
        new = NewEvent(
            event=enrolled,
            id=self._id(),
            source="/hr",
            time=self.context.clock.now(),
            principal="token:hr",
        )
        self.context.store.append({member_stream(member_id): Appended(0, (new,))})

    def _office(self, unit_id: UnitId) -> Asking:
        """Return somebody who acts for a unit, and is nobody else."""
        return self._asking(
            Person(
                account_id="office",
                member_id=MemberId(self._id()),
                posts=((unit_id, Code("secretary")),),
            )
        )

    def _asking(self, person: Person) -> Asking:
        return Asking(person=person, correlation_id="test")

    def _id(self) -> str:
        return new_id(self.context.chance)


@FEWER
@given(deeds)
def test_a_review_is_rated_by_the_edition_that_it_was_opened_under(
    context: Context, done: list[tuple[Any, ...]]
) -> None:
    issuer = Issuer(context)

    for deed, *told in done:
        getattr(issuer, deed)(*told)
    issuer.finish()

    for opened in issuer.opened:
        state, rulebook = issuer.state(opened), validity.read(opened.edition)
        expected = rating.outcome(rulebook, opened.facts)
        assert state.opened
        pinned = reference.rules_of(context.store.database, state.opened.fact)
        assert pinned.rulebook == rulebook
        for rated in rating_checks.ratings(state):
            assert rated.proposal
            assert rated.proposal.fact.outcome == expected
            assert review.level(rated) == expected.level
            assert rating_checks.failed_checks(rated, pinned) == ()
