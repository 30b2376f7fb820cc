"""Organisations and editions that a seed draws: who belongs where, holds what, and rates whom.

One to four levels, with or without a unit above the one that decides; posts vacant or doubled, held
by whoever belongs there, below or above; a shipped edition, as it is or changed.
"""

import functools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from events.definitions.event import Code, Event
from events.definitions.records import Digest, Hand, Source
from events.definitions.roster import UnitAuthorised
from events.domain.documents.document import Bilingual
from events.domain.rulebook import validity
from events.domain.rulebook.grounds import Needs, Reopener, ReopeningGround
from events.domain.rulebook.roles import Roles
from events.domain.rulebook.rulebook import Rulebook
from events.domain.rulebook.step_terms import StepTerms, Without
from events.domain.rulebook.terms import AtTheEnd, Competence, Judge, Seat
from events.domain.steps import WAIVABLE, At, PostRole, Step, Turn
from events.domain.year.rules import Rules
from events.identifiers import MemberId, UnitId
from events.store import reference
from tests.support.fakes import SeededChance
from tests.support.lawful_facts import enrolled, formed, given
from tests.support.party_rules import PARTY

T = TypeVar("T")

LEVELS_MAX, CHILDREN_MAX, CELL_MAX = 4, 2, 4
SHIPPED = ("neutral", "neutral_3", "qd366_hd43")
OF_OTHERS = ("officers", "civil_service")  # shipped editions with roles and words of their own
PLANNING = (Step.PLAN, Step.PLAN_AGREEMENT, Step.EVIDENCE_REVIEW)
POSTS = ("director", "adviser", "clerk", "deputy")  # of editions that name roles
WITHOUT = (Without.WAITS, Without.AUTHORITY, Without.WAIVED)


class Dice:
    """What is drawn for a seed: the same for the same one."""

    def __init__(self, seed: int) -> None:
        self._chance = SeededChance(seed)

    def pick(self, among: Sequence[T]) -> T:
        return among[int.from_bytes(self._chance.bytes(4)) % len(among)]

    def shuffled(self, among: Sequence[T]) -> list[T]:
        return sorted(among, key=lambda _: self._chance.bytes(8))

    def often(self, percent: int) -> bool:
        return self.pick(range(100)) < percent

    def turned(self, among: Sequence[T]) -> Sequence[T]:
        """Return all of them, from a drawn one on."""
        start = self.pick(range(len(among))) if among else 0
        return (*among[start:], *among[:start])


class Organisation(NamedTuple):
    """Units below one another, who belongs to each, and who holds which post."""

    parents: dict[UnitId, UnitId | None]  # from the top on
    authority: UnitId
    members: dict[MemberId, UnitId]
    hands: tuple[Hand, ...]

    def facts(self) -> Iterator[Event]:
        """Iterate over what HR tells of it."""
        has_units_below = set(self.parents.values())
        for unit_id, parent in self.parents.items():
            yield formed(unit_id, "committee" if unit_id in has_units_below else "cell", parent)
        yield UnitAuthorised(unit_id=self.authority)
        yield from (enrolled(each, unit_id) for each, unit_id in self.members.items())
        yield from map(given, self.hands)


def draw_organisation(dice: Dice, rulebook: Rulebook) -> Organisation:
    parents = _drawn_tree(dice)
    authority = list(parents)[1 if dice.often(50) and len(parents) > 1 else 0]
    members = {
        MemberId(f"m{n}of{unit_id[:4]}".ljust(26, "a")): unit_id
        for unit_id in parents
        for n in range(dice.pick(range(1, CELL_MAX + 1)))
    }
    hands = dict.fromkeys(
        hand for each in parents for hand in _drawn_hands(dice, each, members, rulebook)
    )
    if not any(each.unit_id == authority for each in hands):  # else nobody opens a year
        hands[_hand(dice, authority, dice.pick(list(members)), rulebook)] = None
    return Organisation(parents, authority, members, tuple(hands))


def _drawn_tree(dice: Dice) -> dict[UnitId, UnitId | None]:
    parents: dict[UnitId, UnitId | None] = {_unit(0): None}
    level = [_unit(0)]
    for _ in range(dice.pick(range(LEVELS_MAX))):
        above, level = level, []
        for _ in range(dice.pick(range(1, CHILDREN_MAX + 1))):
            level.append(_unit(len(parents)))
            parents[level[-1]] = dice.pick(above)
    return parents


def _unit(number: int) -> UnitId:
    return UnitId(f"u{number:03}".ljust(26, "a"))


def _drawn_hands(
    dice: Dice, unit_id: UnitId, members: dict[MemberId, UnitId], rulebook: Rulebook
) -> Iterator[Hand]:
    own = [each for each, of in members.items() if of == unit_id]
    for _ in range(dice.pick((0, 1, 2, 2, 3))):
        among = own if dice.often(75) else list(members)
        yield _hand(dice, unit_id, dice.pick(among), rulebook)


def _hand(dice: Dice, unit_id: UnitId, member_id: MemberId, rulebook: Rulebook) -> Hand:
    post = Code(dice.pick(rulebook.offices))
    return Hand(member_id=member_id, unit_id=unit_id, post=post)


@functools.cache
def _shipped(name: str) -> Rulebook:
    return validity.read(reference.shipped_document("rulebook", name))


def draw_rules(dice: Dice) -> Rules:
    """Return a shipped edition for 2025, as it is or with terms that are drawn."""
    rulebook, changed = _shipped(dice.pick(SHIPPED)), dict[str, Any]()
    if dice.often(60):
        changed["competence"] = _drawn_competence(dice)
    if dice.often(60):
        changed["steps"] = {
            name: msgspec.structs.replace(each, without=dice.pick(WITHOUT))
            if name in WAIVABLE
            else each
            for name, each in rulebook.steps.items()
        }
    if dice.often(30):
        changed["stated_roles"] = _drawn_roles(dice)
    source = Source(rulebook=Digest("5e" * 32), calendar=PARTY.source.calendar)
    return Rules(msgspec.structs.replace(rulebook, **changed), PARTY.calendar, source)


def of_others(rules: Rules, dice: Dice) -> Rules:
    """Return the rules of another organisation that we ship, for the same year."""
    return Rules(_shipped(dice.pick(OF_OTHERS)), rules.calendar, rules.source)


def without_some(rules: Rules, dice: Dice) -> Rules:
    """Return rules without plans, and mostly without a notice of what was decided."""
    left_out = {*PLANNING, *([Step.ANNOUNCEMENT] if dice.often(70) else [])}
    kept = {name: each for name, each in rules.rulebook.steps.items() if name not in left_out}
    rulebook = msgspec.structs.replace(rules.rulebook, steps=kept, plan=None)
    return Rules(rulebook, rules.calendar, rules.source)


def with_row(rules: Rules, dice: Dice) -> Rules:
    """Return rules in which one or two appraisals have places and takers of their own.

    Of some nobody writes anything of themselves.
    """
    rulebook = rules.rulebook
    left_out = {Step.APPRAISAL, *([Step.SELF_CRITIQUE] if dice.often(30) else [])}
    kept = {name: each for name, each in rulebook.steps.items() if name not in left_out}
    rows = {name: _drawn_appraisal(dice, name, rulebook) for name in ("reviewing", "accepting")}
    rows["accepting"] = msgspec.structs.replace(rows["accepting"], after="reviewing")
    chosen = rows if dice.often(70) else {"reviewing": rows["reviewing"]}
    return Rules(
        msgspec.structs.replace(rulebook, steps=kept | chosen), rules.calendar, rules.source
    )


def _drawn_appraisal(dice: Dice, name: str, rulebook: Rulebook) -> StepTerms:
    posts = rulebook.roles.appraiser
    return StepTerms(
        kind=Step.APPRAISAL,
        label=Bilingual(vi=name, en=name),
        place=dice.pick(tuple(At)),
        posts=(dice.pick(posts),) if posts and dice.often(40) else (),
        who=Turn.AUTHORITY,
        working_days=5,
        without=dice.pick(WITHOUT),
        citation="drawn",
    )


def with_grounds(rules: Rules, dice: Dice) -> Rules:
    """Return rules that name grounds on which a rating is given again, with drawn terms."""
    grounds = tuple(_drawn_ground(dice, each) for each in Needs)
    rulebook = msgspec.structs.replace(rules.rulebook, stated_reopening=grounds)
    return Rules(rulebook, rules.calendar, rules.source)


def _drawn_ground(dice: Dice, needs: Needs) -> ReopeningGround:
    return ReopeningGround(
        id=needs,
        label=Bilingual(vi=needs, en=needs),
        needs=needs,
        who=dice.pick(((Reopener.AUTHORITY,), (Reopener.SUPERIOR,), tuple(Reopener))),
        within_days=dice.pick((None, 10)),
        hears=dice.pick((None, 3)),
        citation="drawn",
    )


def _drawn_competence(dice: Dice) -> tuple[Competence, ...]:
    if dice.often(20):
        return ()
    terms = Competence(
        proposes=_drawn_judge(dice),
        decides=_drawn_judge(dice),
        at_the_end=dice.pick(tuple(AtTheEnd)),
        citation="drawn",
    )
    return (terms,)


def _drawn_judge(dice: Dice) -> Judge:
    seat = dice.pick(tuple(Seat))
    return Judge(seat=seat, unit_kinds=("committee",) if seat is Seat.KIND else ())


def _drawn_roles(dice: Dice) -> Roles:
    posts = {each.value: _drawn_posts(dice) for each in PostRole}
    return Roles(**posts)


def _drawn_posts(dice: Dice) -> tuple[str, ...]:
    return tuple(dict.fromkeys(dice.pick(POSTS) for _ in range(dice.pick((1, 2, 3)))))
