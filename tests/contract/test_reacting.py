"""A reaction does each thing once, whatever crashes; one poisoned stream stops nobody."""

from datetime import date

from events.definitions.entry import Sequenced
from events.definitions.escalation import EscalationRaised
from events.store import subscriptions
from events.store.sequencing import sequence
from tests.support.living import Year
from workers.reacting import Reactor
from workers.reactions.escalation import Escalation
from workers.timekeeper import missed_event_id


class Poisoned:
    """A reaction that fails on one stream until it is mended."""

    name = "poisoned"

    def __init__(self) -> None:
        self.poison: str | None = None
        self.handled: list[tuple[str, int]] = []

    def handle(self, sequenced: Sequenced) -> None:
        if sequenced.entry.stream == self.poison:
            raise ValueError(self.poison)
        self.handled.append((sequenced.entry.stream, sequenced.entry.streamversion))


def number(year: Year) -> None:
    while sequence(year.context.store.database, year.clock):
        pass


def raised(year: Year) -> list[str]:
    found = year.context.store.read_log(0) + year.context.store.read_log(1_000)
    return [each.entry.stream for each in found if isinstance(each.event, EscalationRaised)]


def test_a_new_reaction_begins_at_the_end_of_the_log(year: Year) -> None:
    year.live(until=date(2025, 1, 6))
    reaction = Poisoned()

    Reactor(year.context.store, reaction, clock=year.clock).advance()

    assert reaction.handled == []


def test_a_crash_before_the_checkpoint_moved_raises_nothing_twice(year: Year) -> None:
    year.live(until=date(2025, 1, 20))
    year.reach(date(2025, 2, 4))
    before = raised(year)
    store = year.context.store
    (mine,) = [each for each in subscriptions.every(store.database) if each.name == "escalation"]

    store.database.transact(lambda t: subscriptions.save(t, mine._replace(position=0)))
    rival = Reactor(store, Escalation(year.context, missed_event_id), clock=year.clock)
    while rival.advance():
        pass
    number(year)

    assert raised(year) == before
    assert len(before) == len(set(before)) > 0


def test_a_poisoned_stream_is_set_aside_and_the_rest_goes_on(year: Year) -> None:
    reaction = Poisoned()
    reactor = Reactor(year.context.store, reaction, clock=year.clock)
    reactor.advance()
    year.reach(date(2025, 1, 3))
    reaction.poison = f"member-{year.id_of('SG-0041')}"

    while reactor.advance():
        pass

    parked = [e for e in subscriptions.parked(year.context.store.database) if e.name == "poisoned"]
    assert {event.stream for event in parked} == {reaction.poison}
    assert [event.error for event in parked] == ["ValueError", *["Behind"] * (len(parked) - 1)]
    others = {each.entry.stream for each in year.context.store.read_log(0)} - {reaction.poison}
    assert {stream for stream, _ in reaction.handled} == others


def test_what_was_set_aside_is_handled_in_its_order_once_it_is_mended(year: Year) -> None:
    reaction = Poisoned()
    reactor = Reactor(year.context.store, reaction, clock=year.clock)
    reactor.advance()
    year.reach(date(2025, 1, 3))
    poison = f"member-{year.id_of('SG-0041')}"
    reaction.poison = poison
    while reactor.advance():
        pass
    reaction.poison, reaction.handled = None, []

    count = reactor.retry_parked(poison)

    assert reaction.handled == [(poison, version) for version in range(1, count + 1)]
    assert not subscriptions.parked(year.context.store.database)
