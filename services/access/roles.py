"""Who may do what in somebody's year: one table, read by commands and pages alike.

It is over 300 lines, for roles, rights and who has them are read together.

Roles follow from where a person stands towards the person reviewed, and from which posts act by the
edition pinned there (decision 0094). Only `auditor` and `administrator` are given to an account.
"""

import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple

import msgspec

from events.definitions.event import Code
from events.definitions.records import Hand
from events.domain.organisation import succession
from events.domain.organisation.member import ENROLLED, Member
from events.domain.organisation.succession import Successors
from events.domain.review import review
from events.domain.review.state import units_beyond
from events.domain.rulebook.rulebook import Rulebook
from events.domain.steps import PostRole, Row, Step, Turn, Where
from events.errors import TusoiError
from events.identifiers import MemberId, UnitId
from services.access.tokens import Forbidden

Thing = Literal[  # that there may not be, or not for everybody to see
    "catalogue",
    "criticism",
    "cycle",
    "escalation",
    "file",
    "form",
    "milestone",
    "plan",
    "point",
    "rating",
    "review",
    "rulebook",
    "unit",
]


OF_WHO_SEES: frozenset[Thing] = frozenset(("cycle", "escalation", "milestone", "plan", "rating"))


class Role(enum.StrEnum):
    MEMBER = "member"  # the person reviewed
    LEADER = "leader"  # holds an office in the unit that is reviewed as a collective
    FORMER = "former"  # led that unit, or wrote for it, and belongs to another now
    PEER = "peer"  # belongs to the same unit
    SECRETARY = "secretary"  # holds an office in the unit that proposes
    PROPOSER = "proposer"  # holds a post that proposes, in that unit or in the deciding one
    COMMITTEE = "committee"  # holds a post on the way up to the deciding unit
    FOLLOWER = "follower"  # follows the remediation plan
    AUTHORITY = "authority"  # holds an office in the deciding unit
    APPRAISER = "appraiser"  # holds a post that appraises, where an appraisal waits for one
    BARRED = "barred"  # likewise, but proposed it or gave another one: is told why, and no more
    DECIDER = "decider"  # holds a post that decides there
    SUPERIOR = "superior"  # holds an office in a unit above that one
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Action(enum.StrEnum):
    SEE_STATE = "see_state"  # where it stands, points, levels, dates
    READ_WORDS = "read_words"  # self-critique, criticism, answers, reasons; recorded
    SEE_READERS = "see_readers"  # who read what of it
    READ_PLAN = "read_plan"  # plan, evidence and what was said of them; recorded
    COMMIT = "commit"
    SUBMIT_SELF_CRITIQUE = "submit_self_critique"
    CRITICISE = "criticise"
    ANSWER = "answer"
    SUGGEST_POINT = "suggest_point"
    HOLD_MEETING = "hold_meeting"
    MAKE_STATEMENT = "make_statement"  # on the ground of a reopening
    PROPOSE_RATING = "propose_rating"
    APPRAISE_RATING = "appraise_rating"
    RETURN_RATING = "return_rating"  # the proposal, to be made anew
    DECIDE_RATING = "decide_rating"
    ANNOUNCE_RATING = "announce_rating"
    ANSWER_NOTICE = "answer_notice"
    REOPEN_REVIEW = "reopen_review"
    MOVE_DEADLINE = "move_deadline"
    END_REVIEW = "end_review"  # without a level, or let it go on after that
    WAIVE_STEP = "waive_step"  # that was late, where the edition leaves it to those who decide
    PROPOSE_PLAN = "propose_plan"
    JUDGE_PLAN = "judge_plan"
    HAND_IN_EVIDENCE = "hand_in_evidence"
    JUDGE_EVIDENCE = "judge_evidence"
    SEE_UNIT = "see_unit"  # who of a unit stands where
    OPEN_CYCLE = "open_cycle"
    TAKE_OVER = "take_over"  # the year of a unit below, or void it
    PUBLISH = "publish"
    ACKNOWLEDGE = "acknowledge"
    AUDIT = "audit"  # entries, proofs and bundles, without words
    READ_LOG = "read_log"  # every entry of the log, as it is stored


_R = Role
_ABOVE = (Role.AUTHORITY, Role.SUPERIOR)  # by an office in the unit that decides, or above it
_OWN = (Role.MEMBER, Role.LEADER)  # who is reviewed, or answers for the unit that is
TURNS: Mapping[Turn, frozenset[Role]] = {  # who may take what is the turn of whom
    Turn.MEMBER: frozenset(_OWN),
    Turn.SECRETARY: frozenset((_R.SECRETARY, _R.AUTHORITY)),
    Turn.AUTHORITY: frozenset((_R.AUTHORITY,)),
    Turn.FOLLOWER: frozenset((_R.FOLLOWER,)),
    Turn.ADDRESSEE: frozenset((_R.SECRETARY, _R.COMMITTEE, _R.AUTHORITY)),
}
# Who an edition means that names a turn: it lets see, and whoever else may take it sees no more.
MEANT: Mapping[Turn, frozenset[Role]] = {
    Turn.MEMBER: frozenset(_OWN),
    Turn.SECRETARY: frozenset((_R.SECRETARY,)),
    Turn.AUTHORITY: frozenset((_R.AUTHORITY,)),
    Turn.FOLLOWER: frozenset((_R.FOLLOWER,)),
    Turn.ADDRESSEE: frozenset(),
}
TAKING: Mapping[Step, Action] = {  # by which right each step is taken
    Step.COMMITMENT: Action.COMMIT,
    Step.SELF_CRITIQUE: Action.SUBMIT_SELF_CRITIQUE,
    Step.ANSWER: Action.ANSWER,
    Step.SUGGESTION_ANSWER: Action.ANSWER,
    Step.MEETING: Action.HOLD_MEETING,
    Step.STATEMENT: Action.MAKE_STATEMENT,
    Step.PROPOSAL: Action.PROPOSE_RATING,
    Step.APPRAISAL: Action.APPRAISE_RATING,
    Step.DECISION: Action.DECIDE_RATING,
    Step.ANNOUNCEMENT: Action.ANNOUNCE_RATING,
    Step.PLAN: Action.PROPOSE_PLAN,
    Step.PLAN_AGREEMENT: Action.JUDGE_PLAN,
    Step.MILESTONE: Action.HAND_IN_EVIDENCE,
    Step.EVIDENCE_REVIEW: Action.JUDGE_EVIDENCE,
    Step.ACKNOWLEDGEMENT: Action.ACKNOWLEDGE,
}


BY_POST: Mapping[PostRole, Role] = {  # whose right it is to take a step that an edition gives
    PostRole.PROPOSER: Role.PROPOSER,
    PostRole.APPRAISER: Role.APPRAISER,
    PostRole.DECIDER: Role.DECIDER,
}


def _by_post(row: Row) -> frozenset[Role]:
    """Return who takes a step that an edition gives to posts; nobody of other steps."""
    return frozenset((BY_POST[row.role],) if row.role and row.role in BY_POST else ())


def turn_roles(step: Step, turn: Turn) -> frozenset[Role]:
    """Return whose turn a step is that waits."""
    return _by_post(step.row) or TURNS[turn]


def _takers(row: Row) -> frozenset[Role]:
    """Return who may take a step, by the table of steps."""
    if of_post := _by_post(row):
        return of_post
    places = (_R.COMMITTEE,) if row.where is Where.PLACES else ()  # a place is anybody's by a post
    leads = (_R.LEADER,) if row.turn_of_collective is Turn.MEMBER else ()
    return TURNS[row.turn].union(places, leads)


MAY: Mapping[Action, frozenset[Role]] = {
    **{action: _takers(step.row) for step, action in TAKING.items()},
    Action.SEE_STATE: frozenset(
        (*_OWN, _R.FORMER, _R.SECRETARY, _R.COMMITTEE, _R.FOLLOWER, *_ABOVE, _R.AUDITOR)
    ),
    Action.READ_WORDS: frozenset((*_OWN, _R.FORMER, _R.SECRETARY, _R.APPRAISER, *_ABOVE)),
    Action.APPRAISE_RATING: frozenset((_R.APPRAISER, _R.BARRED)),
    Action.SEE_READERS: frozenset(_OWN),
    Action.READ_PLAN: frozenset((*_OWN, _R.FORMER, _R.SECRETARY, *_ABOVE, _R.FOLLOWER)),
    Action.CRITICISE: frozenset((_R.PEER, _R.SECRETARY, _R.COMMITTEE, _R.AUTHORITY)),
    Action.SUGGEST_POINT: frozenset((_R.COMMITTEE, _R.AUTHORITY)),
    Action.ANSWER_NOTICE: frozenset(_OWN),
    Action.RETURN_RATING: frozenset((_R.AUTHORITY,)),
    Action.REOPEN_REVIEW: frozenset(_ABOVE),  # an edition says on which ground who of them does
    Action.MOVE_DEADLINE: frozenset((_R.SECRETARY, _R.AUTHORITY)),
    Action.END_REVIEW: frozenset((_R.DECIDER,)),
    Action.WAIVE_STEP: frozenset((_R.DECIDER,)),
    Action.SEE_UNIT: frozenset((_R.SECRETARY, _R.COMMITTEE, *_ABOVE, _R.AUDITOR)),
    Action.OPEN_CYCLE: frozenset((_R.AUTHORITY,)),
    Action.TAKE_OVER: frozenset((_R.SUPERIOR,)),
    Action.PUBLISH: frozenset((_R.AUTHORITY,)),
    Action.AUDIT: frozenset((*_OWN, _R.FORMER, *_ABOVE, _R.AUDITOR)),
    Action.READ_LOG: frozenset((_R.AUDITOR,)),
}


class Appraising(NamedTuple):
    """An appraisal that may be given: in which units, which, if it has an id, and not by whom."""

    units: tuple[UnitId, ...]
    item: str = ""
    barred: Collection[MemberId] = ()  # who proposed, or gave another one


class StandIn(NamedTuple):
    """A post of somebody else, in which a person stands in for them at this moment."""

    unit_id: UnitId
    post: Code
    for_id: MemberId
    held: tuple[tuple[UnitId, Code], ...] = ()  # all posts of whose post it is: by what they lead
    heads: tuple[tuple[MemberId, Code], ...] = ()  # who holds posts from their unit up to that one


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking, with what the roster tells of them at this moment."""

    account_id: str
    roles: frozenset[Role] = frozenset()  # given to the account
    member_id: MemberId | None = None
    unit_id: UnitId | None = None
    standing_unit_id: UnitId | None = None  # the same, or its successor if it was dissolved
    posts: tuple[tuple[UnitId, Code], ...] = ()  # in units that were not dissolved
    stands_in: tuple[StandIn, ...] = ()  # in posts of others: they lead nothing by these
    acts_for: Mapping[UnitId, UnitId] = {}  # dissolved units, each by a unit of these posts
    roster_version: int = 0  # of the member's stream, as far as this was read
    foretold: bool = False  # some of it was told ahead, and not yet that its day came

    @property
    def peer_units(self) -> tuple[UnitId, ...]:
        """Return the units whose members are this person's peers: their own, and its successor."""
        return tuple(dict.fromkeys(e for e in (self.unit_id, self.standing_unit_id) if e))

    @property
    def units(self) -> tuple[UnitId, ...]:
        """Return the units in which they hold a post or stand in, then those that came to these."""
        held = (*(unit_id for unit_id, _ in self.posts), *(e.unit_id for e in self.stands_in))
        return (*dict.fromkeys(held), *self.acts_for)

    def acting_in(self, unit_id: UnitId) -> UnitId:
        """Return the unit whose posts count in a unit: of a dissolved one, its successor's."""
        return self.acts_for.get(unit_id, unit_id)

    def under(self, *editions: Rulebook) -> "Actor":
        """Return them as who acts by those of their posts that some editions let act."""
        told = {name: getattr(self, name) for name in Person.__struct_fields__}
        return Actor(**told, editions=editions)


class Actor(Person, frozen=True, kw_only=True):
    """Somebody under the editions by which something is asked; under none, nobody's office."""

    editions: tuple[Rulebook, ...] = ()

    def hands_for(self, step: Step | None = None, item: str = "") -> tuple[Hand, ...]:
        """Return the hands with which they take a step; with none, with which they act.

        Those by posts of their own come first.
        """
        if self.member_id is None:
            return ()
        who = self.member_id
        acting = {post for each in self.editions for post in each.posts_for(step, item)}
        own = (Hand(member_id=who, unit_id=unit_id, post=post) for unit_id, post in self.posts)
        others = (
            Hand(member_id=who, unit_id=each.unit_id, post=each.post, for_id=each.for_id)
            for each in self.stands_in
        )
        return tuple(each for each in (*own, *others) if each.post in acting)

    @property
    def office_units(self) -> frozenset[UnitId]:
        """Return the units for which they act by an office of their own: these they lead."""
        return frozenset(each.unit_id for each in self.hands_for() if not each.for_id)

    @property
    def acting_units(self) -> frozenset[UnitId]:
        """Return the units for which they act by an office, be it one in which they stand in."""
        return frozenset(each.unit_id for each in self.hands_for())

    def offices_of(self, by: Hand | None) -> frozenset[UnitId]:
        """Return the units that those lead who see by a hand of theirs: their own, and whose."""
        whose = (each.held for each in self.stands_in if by and each.for_id == by.for_id)
        return self.office_units.union(*map(self._led_by, whose))

    def towards(self, subject: MemberId | None, leaders: Collection[MemberId]) -> "Actor":
        """Return them as they stand towards somebody's year, or that of a unit and its leaders.

        What they hold for somebody counts for nothing in what is that one's own matter, nor towards
        who heads them: nobody is judged from below (`standing_in.is_headed`).
        """
        kept = tuple(
            each
            for each in self.stands_in
            if each.for_id != subject
            and each.for_id not in leaders
            and not (subject and UnitId(subject) in self._led_by(each.held))
            and (each.unit_id in self.office_units or subject not in self._heading(each))
        )
        return msgspec.structs.replace(self, stands_in=kept)

    def _heading(self, stand_in: StandIn) -> frozenset[MemberId]:
        return frozenset(who for who, post in stand_in.heads if post in self._offices)

    def _led_by(self, held: Iterable[tuple[UnitId, Code]]) -> frozenset[UnitId]:
        return frozenset(unit_id for unit_id, post in held if post in self._offices)

    @property
    def _offices(self) -> frozenset[str]:
        return frozenset(post for each in self.editions for post in each.offices)

    @property
    def seats(self) -> frozenset[UnitId]:
        """Return the units in which they hold a post that lets see how years stand."""
        return frozenset(
            unit_id
            for unit_id, post in (*self.posts, *((e.unit_id, e.post) for e in self.stands_in))
            if any(each.seats(post) for each in self.editions)
        )

    @property
    def succeeded_units(self) -> frozenset[UnitId]:
        """Return the dissolved units for which they act by an office."""
        held = self.acting_units
        return frozenset(each for each, by in self.acts_for.items() if by in held)

    def acts_beside(self, path: Collection[UnitId]) -> bool:
        """Tell whether they act for a unit that is not on a path: it may be above."""
        return bool(path) and not self.acting_units | self.succeeded_units <= set(path)

    def hand_for(
        self, units: Iterable[UnitId], step: Step | None = None, item: str = ""
    ) -> Hand | None:
        """Return the hand with which they take a step, or act, in the first unit possible.

        For a dissolved unit it is an office in its successor, which the hand names. Posts of their
        own go before those in which they stand in.
        """
        hands = self.hands_for(step, item)
        for unit_id in map(self.acting_in, units):
            if found := next((each for each in hands if each.unit_id == unit_id), None):
                return found
        return None


def person_of(
    account_id: str,
    roles: Iterable[str],
    member_id: MemberId | None,
    member: Member | None,
    roster_version: int = 0,
    *,
    successors: Successors = MappingProxyType({}),
    stands_in: Iterable[StandIn] = (),
) -> Person:
    """Return somebody who is asking, from their account and what holds of them as a member.

    `successors` are those of their unit and those that they hold posts in, or stand in, and of
    those that came to these.
    What was given to the account of a member ends as soon as they belong to nothing: the reaction
    that stops the account comes later.
    """
    belongs = member is not None and member.membership == ENROLLED  # who left acts for nobody
    told = member.posts if belongs and member else ()
    posts = [each for each in told if each.unit_id not in successors]
    others = tuple(each for each in stands_in if belongs and each.unit_id not in successors)
    held = {*(each.unit_id for each in posts), *(each.unit_id for each in others)}
    acts_for = {each: succession.acting_unit(each, successors) for each in successors}
    own = UnitId(member.unit_id) if belongs and member and member.unit_id else None
    return Person(
        account_id=account_id,
        roles=frozenset(map(Role, roles if belongs or member_id is None else ())),
        member_id=member_id,
        unit_id=own,
        standing_unit_id=succession.acting_unit(own, successors) if own else None,
        posts=tuple((UnitId(each.unit_id), Code(each.post)) for each in posts),
        stands_in=others,
        acts_for={each: by for each, by in acts_for.items() if by in held},
        roster_version=roster_version,
    )


def roles_towards(
    person: Actor,
    *,
    subject: MemberId | None,
    path: Collection[UnitId],
    rated_by: Collection[UnitId] = (),
    appraising: Collection[Appraising] = (),
    follower: MemberId | None = None,
    leaders: Collection[MemberId] = (),
    above: Collection[UnitId] = (),
) -> frozenset[Role]:
    """Return the roles of a person towards the year of a member or collective.

    Without subject, towards the members of the first unit of a path. `rated_by` are the units of it
    that rate; none: all. `appraising` are the appraisals that may be given now; none: one where it
    is decided. `leaders` answer for a collective, also once they hold no office in it, but from
    outside once they belong to another unit; `above` are units above the path for which the person
    acts. For a dissolved unit they act, and lead it not.
    """
    person = person.towards(subject, leaders)
    if subject is not None and person.member_id == subject:
        return frozenset((Role.MEMBER,))  # towards oneself, no office counts
    member_id = person.member_id if person.unit_id else None  # who left leads and follows nobody
    if subject and UnitId(subject) in person.office_units:
        return frozenset((Role.LEADER,))  # nor towards the unit that one leads
    if subject and member_id in leaders:
        return frozenset((Role.LEADER if person.unit_id == UnitId(subject) else Role.FORMER,))
    own = next(iter(path), None)
    units = tuple(map(person.acting_in, path))
    collective = subject is not None and own == UnitId(subject)
    rating = tuple(map(person.acting_in, rated_by)) or units[collective:]  # never rates itself
    further = (*units_beyond(path, rated_by), *above)
    found = {
        Role.PEER: own is not None and own in person.peer_units,
        **_rating_roles(person, rating, appraising or (Appraising(rating[-1:]),)),
        Role.COMMITTEE: not person.seats.isdisjoint(units),
        Role.SUPERIOR: any(person.acting_in(each) in person.acting_units for each in further),
        Role.FOLLOWER: follower is not None and member_id == follower,
    }
    return frozenset(role for role, holds in found.items() if holds) | person.roles


def roles_in_review(
    person: Actor,
    state: review.State,
    subject: MemberId,
    *,
    leaders: Collection[MemberId],
    above: Collection[UnitId] = (),
) -> frozenset[Role]:
    """Return the roles of a person towards a review as it stands."""
    return roles_towards(
        person,
        subject=subject,
        path=state.path,
        rated_by=state.units_above,
        appraising=appraising(state),
        leaders=leaders,
        above=above,
    )


def appraising(state: review.State) -> tuple[Appraising, ...]:
    """Return the appraisals of a review that may be given now, each with who takes it."""
    step = Step.APPRAISAL
    return tuple(
        Appraising(state.takers(step, e.item), e.item, state.barred_from(step, e.item).keys())
        for e in state.appraisals_open()
    )


def _rating_roles(
    person: Actor, rating: Sequence[UnitId], appraising: Collection[Appraising]
) -> dict[Role, bool]:
    """Return which roles somebody has by a post in the units that rate, from the proposing one."""
    first, last = {*rating[:1]}, {*rating[-1:]}

    def acts(units: Collection[UnitId], step: Step | None = None) -> bool:
        return any(each.unit_id in units for each in person.hands_for(step))

    found = ((person.hand_for(e.units, Step.APPRAISAL, e.item), e.barred) for e in appraising)
    held = [(by, barred) for by, barred in found if by]
    free = any(not by.is_one_of(barred) for by, barred in held)
    return {
        Role.SECRETARY: acts(first),
        Role.PROPOSER: acts(first | last, Step.PROPOSAL),
        Role.AUTHORITY: acts(last),
        Role.APPRAISER: free,
        Role.BARRED: bool(held) and not free,
        Role.DECIDER: acts(last, Step.DECISION),
    }


def _may_know_of(kind: Thing, roles: Collection[Role]) -> bool:
    """Tell whether somebody may know of a thing: who may criticise does of a review, of no plan."""
    doing = (Action.SEE_STATE, Action.SEE_UNIT) if kind in OF_WHO_SEES else Action
    return any(may(each, roles) for each in doing)


def owns(roles: Collection[Role]) -> bool:
    """Tell whether the roles are those of who is reviewed, or answers for the unit that is."""
    return not set(roles).isdisjoint(_OWN)


def may(action: Action, roles: Collection[Role]) -> bool:
    return not MAY[action].isdisjoint(roles)


class Unseen(TusoiError):
    """There is no such thing, or none that this person may know of: both are told alike."""

    def __init__(self, kind: Thing) -> None:
        super().__init__(f"there is no such {kind}, or it is not for you to see")
        self.code = f"unknown_{kind}"


class OnOneself(Forbidden):
    """Somebody would take a step about their own year, or that of a unit they lead."""

    code = "on_oneself"

    def __init__(self) -> None:
        super().__init__(
            "this is about yourself, or a unit you lead: somebody else takes this step"
        )


def require(action: Action, roles: Collection[Role], *, kind: Thing | None = None) -> None:
    """Raise Forbidden unless one of the roles may do this.

    Raises:
        Unseen: `kind` says of what they are not to know whether it is there.
        OnOneself: it is their own year, which others judge.
    """
    if may(action, roles):
        return
    if kind and not _may_know_of(kind, roles):
        raise Unseen(kind)
    if owns(roles) or Role.FORMER in roles:
        raise OnOneself
    needed = ", ".join(sorted(MAY[action]))
    raise Forbidden(f"to {action.value.replace('_', ' ')} takes one of the roles {needed}")
