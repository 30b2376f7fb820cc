"""What a year would begin with, were it opened now: how many reviews, and who rates whom.

Each review is opened as it would be, by the law, and told nowhere. So whoever opens a year sees
before that whom it leaves out, and for whom there are too few people to propose and to decide.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from events.definitions.records import Period
from events.definitions.review import ReviewOpened
from events.domain.aggregate.rejections import Rejection
from events.domain.review.opening import OpenReview
from events.domain.review.state import is_advice
from events.domain.rulebook.rulebook import Rulebook
from events.domain.rulebook.step_terms import Without
from events.domain.steps import At, PostRole, Step
from events.domain.year.rules import Rules
from events.identifiers import MemberId, UnitId
from services.context import Context
from services.queries import year_doubts, year_openings
from services.queries.year_doubts import TOO_FEW, UNAPPRAISED, YearDoubt
from services.read_models import openings, roster

Posts = Mapping[UnitId, Sequence[tuple[MemberId, str]]]  # by the units in which they are held


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """The reviews of one unit's members, or of itself, that the same rules and units rate."""

    unit_id: UnitId
    group: str  # of the edition; empty where the same holds for everybody
    reviews: int
    unrated: int  # of these: reviewed, and not rated
    proposes: UnitId
    proposers: int  # how many people hold a post there by which they may
    decides: UnitId
    deciders: int
    stuck: int  # of these: nobody is left who may propose, or decide on it after that


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a year would begin with."""

    shares: tuple[Share, ...] = ()  # by unit, then by group in the edition's order
    left_out: tuple[tuple[str, int], ...] = ()  # how many members, by why: the most first
    doubts: tuple[YearDoubt, ...] = ()

    @property
    def reviews(self) -> int:
        return sum(each.reviews for each in self.shares)

    @property
    def groups(self) -> tuple[tuple[str, int, int], ...]:
        """Return how many reviews each group has, and how many of these are not rated."""
        found = dict.fromkeys(each.group for each in self.shares)
        return tuple((group, *self._counts_of(group)) for group in found)

    def _counts_of(self, group: str) -> tuple[int, int]:
        own = [each for each in self.shares if each.group == group]
        return sum(each.reviews for each in own), sum(each.unrated for each in own)


class Seat(NamedTuple):
    """Who may take one of the steps that judge."""

    able: frozenset[MemberId]
    others: bool = True  # than who takes any other one


class _Key(NamedTuple):
    unit_id: UnitId
    group: str
    rated_by: tuple[UnitId, ...]


def before_opening(context: Context, top: UnitId, period: Period, rules: Rules) -> Preview:
    """Return what a unit's year would begin with, as projected."""
    rulebook, calendar, now = rules.rulebook, rules.calendar, context.clock.now()
    below = openings.as_listed(context, top)
    wanted = year_openings.reviews_wanted(context, period, top, below, rulebook).reviews
    opened, left_out = defaultdict[_Key, list[ReviewOpened]](list), Counter[str]()
    for command in wanted:
        told = year_openings.opening_of(command, rules, now)
        if not isinstance(told, Rejection):
            opened[_Key(told.path[0], told.group or "", told.rated_by)].append(told)
        elif isinstance(command, OpenReview):
            left_out[told.code] += 1
    units = {unit_id for key in opened for unit_id in key.rated_by}
    posts = roster.posts_held(context.store.database, units)
    shares = (_share(key, each, posts, rulebook) for key, each in opened.items())
    order = ["", *(group.id for group in rulebook.groups)]
    ordered = sorted(shares, key=lambda each: (each.unit_id, order.index(each.group)))
    unappraised = {e for told in opened.values() for e in _units_unappraised(told, posts, rulebook)}
    judging = tuple(_doubts_of_judges(ordered, unappraised))
    found = year_doubts.before_opening(context, top, period, calendar, rulebook, judging=judging)
    return Preview(shares=tuple(ordered), left_out=tuple(left_out.most_common()), doubts=found)


def _doubts_of_judges(
    shares: Iterable[Share], unappraised: Collection[UnitId]
) -> Iterator[YearDoubt]:
    """Iterate over what is doubtful of who would judge the reviews of a year."""
    if unappraised:
        yield year_doubts.of_units(UNAPPRAISED, len(unappraised), unappraised)
    stuck = {share.decides for share in shares if share.stuck}
    if stuck:
        yield year_doubts.of_units(TOO_FEW, sum(share.stuck for share in shares), stuck)


def _units_unappraised(
    opened: Iterable[ReviewOpened], posts: Posts, rulebook: Rulebook
) -> Iterator[UnitId]:
    """Iterate over units in which an appraisal with an id of its own waits for nobody."""
    asked = {(each, told.rated_by) for told in opened for each in told.appraisals if each.item}
    for each, rated_by in asked:
        units = At(each.at).units_of(rated_by)
        if not _holders(units, posts, rulebook.posts_for(Step.APPRAISAL, each.item)):
            yield from units


def _share(key: _Key, opened: Sequence[ReviewOpened], posts: Posts, rulebook: Rulebook) -> Share:
    rated = [each for each in opened if not each.unrated]
    seats = [seat for told in rated[:1] for seat in _seats(told, posts, rulebook)]
    everybody = frozenset[MemberId]().union(*(each.able for each in seats))
    able = dict[frozenset[MemberId], bool]()
    stuck = 0
    for each in rated:
        barred = everybody & {each.member_id, *(hand.member_id for hand in each.leaders)}
        if barred not in able:
            able[barred] = _are_enough(seats, barred)
        stuck += not able[barred]
    first, last = key.rated_by[0], key.rated_by[-1]
    return Share(
        unit_id=key.unit_id,
        group=key.group,
        reviews=len(opened),
        unrated=len(opened) - len(rated),
        proposes=first,
        proposers=len(_holders((first,), posts, rulebook.roles.of(PostRole.PROPOSER))),
        decides=last,
        deciders=len(_holders((last,), posts, rulebook.roles.of(PostRole.DECIDER))),
        stuck=stuck,
    )


def _seats(opened: ReviewOpened, posts: Posts, rulebook: Rulebook) -> Iterator[Seat]:
    """Iterate over the steps that judge a review, the decision first: each waits for somebody."""
    rated_by = opened.rated_by
    yield Seat(_holders(rated_by[-1:], posts, rulebook.posts_for(Step.DECISION)))
    for each in sorted(opened.appraisals, key=lambda each: not each.item):
        if rulebook.without(Step.APPRAISAL, each.item) is Without.WAITS:
            units, item = At(each.at).units_of(rated_by), each.item
            able = _holders(units, posts, rulebook.posts_for(Step.APPRAISAL, item))
            yield Seat(able, others=not is_advice(each))  # who proposed may advise, too
    yield Seat(_holders(rated_by, posts, rulebook.posts_for(Step.PROPOSAL)))


def _holders(units: Iterable[UnitId], posts: Posts, wanted: Collection[str]) -> frozenset[MemberId]:
    held = (each for unit_id in units for each in posts.get(unit_id, ()))
    return frozenset(member_id for member_id, post in held if post in wanted)


def _are_enough(seats: Sequence[Seat], barred: frozenset[MemberId]) -> bool:
    """Tell whether somebody is found for each of some steps, of whom nobody takes two."""
    if not seats:
        return True
    first, rest = seats[0], seats[1:]
    free = first.able - barred
    if not first.others:
        return bool(free) and _are_enough(rest, barred)
    return any(_are_enough(rest, barred | {each}) for each in free)
