"""Reviews that follow their members: how one stands, and the reaction that lets them."""

from events.domain.review import review
from events.identifiers import MemberId, review_stream
from tests.support.unit_world import UnitWorld
from tests.support.year_world import PERIOD
from workers.reacting import Reactor
from workers.reactions.transfers import Transfers


def state_of(world: UnitWorld, member_id: MemberId) -> review.State:
    return review.fold(world.system.store.read_stream(review_stream(PERIOD, member_id)).events)


def follow(world: UnitWorld, transfers: Reactor) -> None:
    """Let reviews follow whom they are about."""
    world.advance()
    while transfers.advance():
        world.advance()


def transfers_of(world: UnitWorld) -> Reactor:
    """Return what lets reviews follow, from now on."""
    world.advance()
    made = Reactor(world.system.store, Transfers(world.system), clock=world.clock)
    made.advance()
    return made
