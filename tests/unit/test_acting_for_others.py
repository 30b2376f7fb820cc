"""By which post somebody acts who stands in for others, and what they are to a year by that."""

from msgspec import UNSET

from events.definitions.event import Code
from events.definitions.records import Hand
from events.domain.steps import Step
from events.identifiers import MemberId, UnitId
from services.access.roles import Actor, Appraising, Person, Role, StandIn, roles_towards
from tests.support.law import CELL, LEADER, MEMBER, PEER, SECRETARY, TOP
from tests.support.party_rules import PARTY

SECRETARYS, DEPUTYS = Code("secretary"), Code("deputy_secretary")
FOR_SECRETARY = StandIn(CELL, SECRETARYS, SECRETARY, ((CELL, SECRETARYS),))
FOR_LEADER = StandIn(TOP, SECRETARYS, LEADER, ((TOP, SECRETARYS), (CELL, DEPUTYS)))


def peer(*stands_in: StandIn, posts: tuple[tuple[UnitId, Code], ...] = ()) -> Actor:
    who = Person(account_id="peer", member_id=PEER, unit_id=CELL, posts=posts, stands_in=stands_in)
    return who.under(PARTY.rulebook)


def hand(unit_id: UnitId, post: Code, for_id: MemberId | None = None) -> Hand:
    return Hand(member_id=PEER, unit_id=unit_id, post=post, for_id=for_id or UNSET)


def towards(who: Actor, subject: str, *leaders: MemberId, **more: object) -> frozenset[Role]:
    path = (CELL, TOP)
    return roles_towards(who, subject=MemberId(subject), path=path, leaders=leaders, **more)  # type: ignore[arg-type]


def test_a_post_of_ones_own_goes_before_one_in_which_one_stands_in() -> None:
    both = peer(FOR_SECRETARY, posts=((CELL, DEPUTYS),))

    assert peer(FOR_SECRETARY).hand_for([CELL]) == hand(CELL, SECRETARYS, SECRETARY)
    assert both.hand_for([CELL]) == hand(CELL, DEPUTYS)
    assert both.hand_for([TOP]) is None


def test_who_stands_in_has_the_roles_of_the_post_and_leads_nothing_by_it() -> None:
    who = peer(FOR_SECRETARY)

    assert {Role.SECRETARY, Role.PROPOSER} <= towards(who, MEMBER)
    assert who.acting_units == {CELL}
    assert who.office_units == frozenset()
    assert who.units == (CELL,)


def test_in_the_own_matter_of_whose_post_it_is_it_counts_for_nothing() -> None:
    who, for_leader = peer(FOR_SECRETARY), peer(FOR_LEADER)

    assert towards(who, SECRETARY) == {Role.PEER}
    assert towards(who, CELL) == {Role.PEER}  # the unit that they lead by it
    assert towards(for_leader, CELL) == {Role.PEER}  # or by another post
    assert Role.AUTHORITY in towards(for_leader, MEMBER)
    assert towards(for_leader, "unitbbbbbbbbbbbbbbbbbbbbbb", LEADER).isdisjoint({Role.AUTHORITY})
    assert towards(who, PEER) == {Role.MEMBER}


def test_towards_who_heads_them_it_counts_for_nothing() -> None:
    heads = ((SECRETARY, SECRETARYS), (MEMBER, Code("member")))
    who = peer(FOR_LEADER._replace(heads=heads))
    colleague = peer(FOR_LEADER._replace(heads=heads), posts=((TOP, DEPUTYS),))

    assert towards(who, SECRETARY) == {Role.PEER}
    assert Role.AUTHORITY in towards(who, MEMBER)  # who heads nothing by their post
    assert Role.AUTHORITY in towards(colleague, SECRETARY)


def test_whose_matter_it_is_says_both_who_act_and_all_that_they_lead() -> None:
    who = peer(FOR_LEADER, posts=((CELL, SECRETARYS),))
    by = hand(TOP, SECRETARYS, LEADER)

    assert by.eyes == (PEER, LEADER)
    assert who.offices_of(by) == {CELL, TOP}
    assert who.offices_of(hand(CELL, SECRETARYS)) == {CELL}


def test_who_gave_one_appraisal_gives_no_other_for_somebody() -> None:
    who, step = peer(FOR_LEADER), Step.APPRAISAL

    def asked(*barred: MemberId) -> tuple[Appraising, ...]:
        return (Appraising((TOP,), "", barred),)

    assert who.hand_for([TOP], step)
    assert Role.APPRAISER in towards(who, MEMBER, appraising=asked())
    for barred in (LEADER, PEER):
        assert Role.BARRED in towards(who, MEMBER, appraising=asked(barred))


def test_an_account_of_no_member_acts_by_nothing() -> None:
    nobody = Person(account_id="auditor").under(PARTY.rulebook)

    assert nobody.hands_for() == ()
