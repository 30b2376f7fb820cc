"""Accounts stop with their members and go on with them, by themselves, on both databases."""

from datetime import datetime, timedelta

import pytest

from events.definitions.event import Event, FactVersion, Subject, stream_of
from events.definitions.roster import (
    FactCorrected,
    FactTookEffect,
    LeavingReason,
    MemberLeft,
    MemberMoved,
    UnitDissolved,
    UnitMoved,
)
from events.identifiers import Stream, UnitId, member_stream, new_id, unit_stream
from events.store.batch import Appended, NewEvent
from events.store.sequencing import sequence
from services.access import accounts, sessions
from services.access.accounts import SignInRefused
from services.context import Context
from tests.support.fakes import FixedClock, SeededChance
from tests.support.sealed import sealed
from tests.support.world import AN, CELL, COMMUNE, OTHER_CELL, enrolled, formed
from workers.reacting import Reactor
from workers.reactions.accounts import Accounts

OUTSIDE = UnitId(new_id(SeededChance(31)))
OUTSIDE_CELL = UnitId(new_id(SeededChance(32)))
PARTY_GROUP = UnitId(new_id(SeededChance(33)))
AN_STREAM = member_stream(AN)
A_SECOND = timedelta(seconds=1)
LOGIN, PASSWORD = "an", "trăng sáng trên đồng"


class Service:
    """A roster, An's account, and the reaction that carries the one to the other."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.database = context.store.database
        self.reactor = Reactor(context.store, Accounts(context), clock=context.clock)
        self._count = 0
        self.tell(formed(COMMUNE), formed(CELL, COMMUNE), formed(OTHER_CELL, COMMUNE))
        self.tell(formed(OUTSIDE), formed(OUTSIDE_CELL, OUTSIDE), enrolled(AN, CELL))
        self.account = accounts.create(context, LOGIN, PASSWORD, member_id=AN)
        self.secret = self.begin()

    def tell(self, *events: Event) -> None:
        for event in events:
            self.tell_at_once(event)

    def tell_at_once(self, *events: Event) -> None:
        """Tell facts, a second apart, and let the reaction look only when all are told."""
        assert isinstance(self.context.clock, FixedClock)
        for event in events:
            self.context.clock.time += A_SECOND
            self._append(event, self.context.clock.now())
        self._react()

    def tell_ahead(self, event: Event, by: timedelta) -> None:
        self._append(event, self.context.clock.now() + by)
        self._react()

    def _append(self, event: Event, time: datetime) -> None:
        self._count += 1
        stream = stream_of(event)
        version = self.context.store.versions([stream])[stream]
        new = NewEvent(
            event=event,
            id=f"told-{self._count}",
            source="/hr",
            time=time,
            principal="token:test",
        )
        self.context.store.append({stream: Appended(version, (new,))})

    def _react(self) -> None:
        sequence(self.database, self.context.clock)
        while self.reactor.advance():
            pass

    def version(self, stream: Stream = AN_STREAM) -> FactVersion:
        return FactVersion(self.context.store.versions([stream])[stream])

    def take_back(self, version: FactVersion, stream: Stream = AN_STREAM) -> None:
        self.tell(FactCorrected(subject=Subject(stream), corrects=version))

    def begin(self) -> str:
        return sessions.begin(self.context, accounts.find(self.context, self.account.id))

    @property
    def is_open(self) -> bool:
        """Whether An signs in, and goes on with a session that began before."""
        try:
            accounts.sign_in(self.context, LOGIN, PASSWORD)
        except SignInRefused:
            with pytest.raises(SignInRefused):
                self.begin()
            return False
        return True


@pytest.fixture
def service(context: Context) -> Service:
    return Service(context)


def left(reason: LeavingReason) -> MemberLeft:
    return MemberLeft(member_id=AN, reason=sealed(reason))


def moved(unit_id: UnitId) -> MemberMoved:
    return MemberMoved(member_id=AN, unit_id=unit_id)


@pytest.mark.parametrize("reason", LeavingReason)
def test_who_left_or_died_signs_in_no_more_until_a_correction_says_otherwise(
    service: Service, reason: LeavingReason
) -> None:
    service.tell(left(reason))
    version = service.version()

    assert not service.is_open
    assert sessions.find(service.context, service.secret) is None
    service.take_back(version)
    assert service.is_open


def test_who_is_told_ahead_to_leave_signs_in_until_that_day(service: Service) -> None:
    service.tell_ahead(left(LeavingReason.RESIGNED), timedelta(days=30))
    version = service.version()
    assert service.is_open

    service.tell(FactTookEffect(subject=Subject(AN_STREAM), versions=(version,)))
    assert not service.is_open
    service.take_back(version)
    assert service.is_open


def test_who_comes_back_signs_in_again(service: Service) -> None:
    service.tell(left(LeavingReason.RESIGNED))
    service.tell(enrolled(AN, OTHER_CELL))

    assert service.is_open


def test_who_moves_within_the_tree_goes_on(service: Service) -> None:
    service.tell(moved(OTHER_CELL))

    assert service.is_open
    assert sessions.find(service.context, service.secret)


def test_who_is_moved_out_of_the_tree_signs_in_no_more_until_they_are_back(
    service: Service,
) -> None:
    service.tell(moved(OUTSIDE_CELL))
    assert not service.is_open

    service.tell(moved(OUTSIDE))  # about there is not back
    assert not service.is_open

    service.tell(left(LeavingReason.TRANSFERRED), enrolled(AN, OUTSIDE_CELL))
    assert not service.is_open

    service.tell(moved(CELL))
    assert service.is_open


def test_a_move_out_of_the_tree_that_was_told_wrongly_is_undone(service: Service) -> None:
    service.tell(moved(OUTSIDE_CELL))

    service.take_back(service.version())

    assert service.is_open


def test_a_correction_stops_an_account_too(service: Service) -> None:
    service.take_back(FactVersion(1))  # An was never enrolled

    assert not service.is_open


def test_whose_tree_goes_to_another_goes_with_it(service: Service) -> None:
    """Communes are merged, and their cells hang under the new one; nobody is locked out."""
    service.tell(UnitDissolved(unit_id=COMMUNE, successor_id=OUTSIDE))
    service.tell(UnitMoved(unit_id=CELL, parent_id=OUTSIDE))
    service.tell(moved(OUTSIDE_CELL), moved(OTHER_CELL))

    assert service.is_open


@pytest.mark.parametrize("of_unit", [CELL, PARTY_GROUP])
def test_whose_unit_leaves_the_tree_signs_in_no_more_until_it_is_back(
    service: Service, of_unit: UnitId
) -> None:
    """The unit itself goes, or one above it; by a move, or by ending in a unit of another tree."""
    service.tell(formed(PARTY_GROUP, CELL), moved(of_unit))
    for gone in (
        UnitMoved(unit_id=CELL, parent_id=OUTSIDE_CELL),
        UnitDissolved(unit_id=CELL, successor_id=OUTSIDE_CELL),
        formed(CELL, OUTSIDE),
    ):
        assert service.is_open
        secret = service.begin()
        service.tell(gone)

        assert not service.is_open
        assert sessions.find(service.context, secret) is None

        service.take_back(service.version(unit_stream(CELL)), unit_stream(CELL))
    service.tell(UnitMoved(unit_id=CELL, parent_id=OUTSIDE))
    service.tell(UnitMoved(unit_id=CELL, parent_id=OTHER_CELL))
    assert service.is_open


def test_a_unit_that_moves_within_the_tree_or_below_a_new_top_stops_nobody(
    service: Service,
) -> None:
    service.tell(UnitMoved(unit_id=CELL, parent_id=OTHER_CELL))
    service.tell(UnitDissolved(unit_id=CELL, successor_id=OTHER_CELL))
    service.tell(UnitMoved(unit_id=COMMUNE, parent_id=OUTSIDE))
    assert service.is_open

    service.take_back(service.version(unit_stream(COMMUNE)), unit_stream(COMMUNE))

    assert service.is_open  # it never was below that top, so nobody was moved out
    assert sessions.find(service.context, service.secret)


def test_a_move_within_a_tree_looks_at_no_account(service: Service) -> None:
    def rename(old: str, new: str) -> None:
        service.database.transact(lambda t: t.run(f"ALTER TABLE {old} RENAME TO {new}"))

    rename("accounts", "out_of_reach")  # whatever reads it fails, and what fails is set aside
    service.tell(UnitMoved(unit_id=CELL, parent_id=OTHER_CELL))
    rename("out_of_reach", "accounts")

    assert service.database.rows("SELECT stream FROM parked") == []
    service.tell(UnitMoved(unit_id=OTHER_CELL, parent_id=OUTSIDE))
    assert not service.is_open


def test_a_unit_moved_before_its_tree_is_merged_is_let_back_in_by_the_merger(
    service: Service,
) -> None:
    service.tell(UnitMoved(unit_id=CELL, parent_id=OUTSIDE))
    assert not service.is_open

    service.tell(UnitDissolved(unit_id=COMMUNE, successor_id=OUTSIDE))

    assert service.is_open


def test_who_left_stays_out_whatever_becomes_of_their_unit(service: Service) -> None:
    service.tell(left(LeavingReason.DIED), UnitMoved(unit_id=CELL, parent_id=OUTSIDE))

    service.take_back(service.version(unit_stream(CELL)), unit_stream(CELL))

    assert not service.is_open


def test_an_enrolment_that_named_a_wrong_tree_is_corrected_without_a_stop(
    service: Service,
) -> None:
    service.tell(enrolled(AN, OUTSIDE_CELL))
    accounts.enable(service.context, service.account.id)

    service.take_back(service.version())

    assert service.is_open


def test_facts_told_in_a_row_before_the_reaction_looks_leave_an_account_as_the_last_one_says(
    service: Service,
) -> None:
    for at_once in (
        (moved(OUTSIDE_CELL), moved(OTHER_CELL)),
        (moved(OUTSIDE_CELL), UnitMoved(unit_id=OUTSIDE_CELL, parent_id=COMMUNE)),
        (UnitMoved(unit_id=COMMUNE, parent_id=OUTSIDE), left(LeavingReason.OTHER)),
    ):
        assert service.is_open
        service.tell_at_once(*at_once)

    assert not service.is_open


def test_what_the_operator_decided_stands(service: Service) -> None:
    service.tell(moved(OUTSIDE))
    accounts.enable(service.context, service.account.id)
    assert service.is_open  # they said so, knowing better
    service.tell(
        moved(OUTSIDE_CELL),
        FactCorrected(subject=Subject(member_stream(AN)), corrects=service.version()),
    )
    assert service.is_open  # nothing changed of what they decided

    accounts.disable(service.context, service.account.id)
    service.tell(left(LeavingReason.OTHER))
    service.take_back(service.version())
    assert not service.is_open


def test_a_fact_that_is_handled_again_changes_nothing(service: Service) -> None:
    service.tell(left(LeavingReason.DIED))
    (fact,) = service.context.store.read_log(service.context.store.head().size - 1, 1)
    stopped = accounts.find(service.context, service.account.id)
    assert isinstance(service.context.clock, FixedClock)
    service.context.clock.tick(60)

    Accounts(service.context).handle(fact)

    assert accounts.find(service.context, service.account.id) == stopped
