"""Reviews whose commitment is due, on a real store, and the workers that look after them."""

from dataclasses import replace
from datetime import UTC, datetime

from msgspec import UNSET

from events.definitions.deadline import DeadlineMissed, TimerSettled
from events.definitions.event import Code, Event, Number, Sealed, stream_of
from events.definitions.records import Digest, Due, Period
from events.definitions.review import CommitmentMade, ReviewOpened
from events.definitions.roster import MemberEnrolled, Standing, UnitFormed
from events.domain.escalation import escalation
from events.domain.steps import Step
from events.identifiers import MemberId, Stream, UnitId, new_event_id, new_id, review_stream
from events.store import reference
from events.store.batch import Appended, NewEvent
from events.store.keys import KeyStore
from events.store.sequencing import sequence
from events.store.store import Store
from services.context import Context
from services.read_models import states
from tests.support.fakes import FixedClock, SeededChance
from tests.support.year_examples import STEPS
from workers.projections.every import PROJECTIONS
from workers.reacting import Reactor
from workers.reactions.escalation import Escalation
from workers.subscribers import Subscriber
from workers.timekeeper import Timekeeper, missed_event_id

PERIOD = Period("2026")
CELL, TOP = UnitId("cellaaaaaaaaaaaaaaaaaaaaaa"), UnitId("topaaaaaaaaaaaaaaaaaaaaaaa")
OPENED_AT = datetime(2026, 1, 5, 2, tzinfo=UTC)
DUE_AT = datetime(2026, 1, 30, 16, 59, 59, tzinfo=UTC)


class Reviews:
    """Facts go in as they happen; workers do their part when they are told to."""

    def __init__(self, store: Store, keys: KeyStore, clock: FixedClock) -> None:
        clock.time = OPENED_AT
        self.clock = clock
        self.context = Context(clock=clock, chance=SeededChance(3), store=store, keys=keys)
        documents = (
            reference.shipped_document("rulebook", "neutral"),
            reference.shipped_document("calendar", "viet_nam"),
        )
        self._rulebook, self._calendar = (
            Digest(reference.publish(store.database, each)) for each in documents
        )
        self._subscribers = [Subscriber(store, each, clock=clock) for each in PROJECTIONS.values()]

    @property
    def store(self) -> Store:
        return self.context.store

    def timekeeper(self, store: Store | None = None) -> Timekeeper:
        """Return one worker's timekeeper; `store` stands for its own way to the database."""
        return Timekeeper(self._context(store))

    def reactor(self, store: Store | None = None) -> Reactor:
        context = self._context(store)
        return Reactor(context.store, Escalation(context, missed_event_id), clock=self.clock)

    def open(self, count: int = 1) -> list[MemberId]:
        """Enrol members and open their reviews, in which a commitment is due."""
        members = [MemberId(new_id(self.context.chance)) for _ in range(count)]
        self.tell(*(_enrolment(each) for each in members))
        self.tell(*(self._opening(each) for each in members))
        self.project()
        return members

    def open_collective(self) -> UnitId:
        """Form a unit and open its review, in which commitment and its own meeting are due."""
        unit_id = UnitId(new_id(self.context.chance))
        self.tell(
            UnitFormed(
                unit_id=unit_id,
                number=Number("CB-01"),
                name="Chi bộ 1",
                kind=Code("cell"),
                parent_id=TOP,
            )
        )
        steps = (Step.COMMITMENT, Step.MEETING)
        self.tell(
            replace(
                self._opening(MemberId(unit_id)),
                path=(unit_id, TOP),
                rated_by=(TOP,),
                standing=UNSET,
                collective=True,
                places=(unit_id,),
                steps=tuple(map(Code, steps)),
                dues=tuple(Due(step=Code(each), due_at=DUE_AT) for each in steps),
            )
        )
        self.project()
        return unit_id

    def tell(self, *events: Event, at: datetime | None = None) -> None:
        """Append facts, as they happened at a time or just now; none is told ahead."""
        self.clock.set(at or self.clock.now())
        for event in events:
            self.tell_ahead(event, at or self.clock.now())

    def tell_ahead(self, event: Event, at: datetime) -> None:
        """Append a fact of a time that may be to come."""
        stream = stream_of(event)
        version = self.store.versions([stream])[stream]
        new = NewEvent(
            event=event,
            id=new_event_id(self.context.chance),
            source="urn:test",
            time=at,
            principal="token:test",
        )
        self.store.append({stream: Appended(version, (new,))})

    def commit(self, member_id: MemberId) -> None:
        made = CommitmentMade(period=PERIOD, member_id=member_id, text=Sealed("c" * 42 + "A"))
        self.tell(made)

    def project(self) -> None:
        """Number what was appended and carry it into the states."""
        while sequence(self.store.database, self.clock):
            pass
        for subscriber in self._subscribers:
            while subscriber.advance().count:
                pass

    def deadline_facts(self, member_id: MemberId) -> list[DeadlineMissed | TimerSettled]:
        """Return what was told of deadlines in a member's review."""
        return [
            each.event
            for each in self.store.read_stream(review_stream(PERIOD, member_id)).events
            if isinstance(each.event, DeadlineMissed | TimerSettled)
        ]

    def escalations(self) -> list[tuple[str, escalation.State]]:
        """Return every escalation by its id, as projected."""
        rows = self.store.database.rows("SELECT id, state FROM escalation_states ORDER BY id")
        return [(row[0], states.ESCALATIONS.state_in(row)) for row in rows]

    def stream(self, member_id: MemberId) -> Stream:
        return review_stream(PERIOD, member_id)

    def _context(self, store: Store | None) -> Context:
        mine = self.context
        return Context(
            clock=mine.clock, chance=mine.chance, store=store or mine.store, keys=mine.keys
        )

    def _opening(self, member_id: MemberId) -> ReviewOpened:
        return ReviewOpened(
            period=PERIOD,
            member_id=member_id,
            path=(CELL, TOP),
            rated_by=(CELL, TOP),
            standing=Standing.OFFICIAL,
            rulebook=self._rulebook,
            calendar=self._calendar,
            steps=STEPS,
            places=(),
            dues=(Due(step=Code(Step.COMMITMENT), due_at=DUE_AT),),
        )


def _enrolment(member_id: MemberId) -> MemberEnrolled:
    return MemberEnrolled(
        member_id=member_id,
        unit_id=CELL,
        number=Sealed("n" * 42 + "A"),
        name=Sealed("m" * 42 + "A"),
    )
