"""A rulebook: levels, criteria, conditions, deadlines and the ladder, as a published document.

Law is data: a review is bound to the digest of the edition that it was opened under, so nothing
here may fall back on a constant of the program. It is over 300 lines: an edition is read as one.
"""

import functools
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Annotated

import msgspec

from events.definitions.roster import AbsenceReason
from events.domain.documents.document import (
    Bilingual,
    Document,
    Line,
    Name,
    Named,
    Note,
    Part,
    Year,
)
from events.domain.documents.periods import Cadence, days_of, year_of
from events.domain.rulebook.conditions import CONDITION_CHARACTERS_MAX
from events.domain.rulebook.grounds import GROUNDS_MAX, GROUNDS_UNNAMED, ReopeningGround
from events.domain.rulebook.roles import Roles, roles_of_offices
from events.domain.rulebook.step_terms import StepTerms, Without, WorkingDays
from events.domain.rulebook.terms import (
    Appeal,
    Cap,
    Cited,
    Collectives,
    Competence,
    Exemption,
    Extensions,
    Group,
    Meetings,
    Retention,
    Votes,
)
from events.domain.rulebook.variables import GIVEN
from events.domain.steps import LAPSING, SEVERAL, Step, Turn
from events.identifiers import UnitId

LEVELS_MAX = 20
CRITERIA_MAX = 100
FIGURES_MAX = 100
CLAUSES_MAX = 100  # rules, and limits as well: each is tried for every group
GROUPS_MAX = 20
DEGREES_MAX = 100  # of a criterion or figure
POINTS_MAX = 10_000
DAYS_BEFORE_END_MAX = 180  # half of a year: what is rated lies behind
DAYS_BEFORE_END_OF_QUARTER_MAX = 45  # half of a quarter
FIGURE_MAX = 1_000_000  # where a figure has no limit of its own; products stay far from 2**63

Condition = Annotated[str, msgspec.Meta(min_length=1, max_length=CONDITION_CHARACTERS_MAX)]
Whole = Annotated[int, msgspec.Meta(ge=0, le=FIGURE_MAX)]
DaysBeforeEnd = Annotated[int, msgspec.Meta(ge=0, le=DAYS_BEFORE_END_MAX)]
Few = Annotated[int, msgspec.Meta(ge=1, le=100)]

# Posts that head a unit, on the party's side and the state's, in a document without roles.
HEADS_WITHOUT_ROLES = ("secretary", "chair", "head")


class Level(Named, frozen=True, kw_only=True):
    """One of the ratings."""


class Degree(Part, frozen=True, kw_only=True):
    """One of the marks of a criterion that is not marked by any number, such as "good"."""

    points: Annotated[int, msgspec.Meta(ge=0, le=POINTS_MAX)]
    label: Bilingual


Degrees = Annotated[tuple[Degree, ...], msgspec.Meta(max_length=DEGREES_MAX)]


class Criterion(Named, frozen=True, kw_only=True):
    """What points are given for, from 0 to `points_max`."""

    points_max: Annotated[int, msgspec.Meta(ge=1, le=POINTS_MAX)]
    weight: Few = 1  # how often its points count in the total
    degrees: Degrees = ()  # best first; the only marks, where there are some
    groups: tuple[Name, ...] = ()  # of subjects; everybody where there are none


class Grade(Cited, frozen=True, kw_only=True):
    """A number between two that the total of points comes to, beside the level."""

    label: Bilingual
    least: Whole  # with no point at all
    most: Whole  # with all of them


class Figure(Named, frozen=True, kw_only=True):
    """A whole number told with a proposal, such as how many tasks were on time."""

    at_least: Whole = 0
    at_most: Whole | Name = FIGURE_MAX  # a number, or the figure above it that it cannot exceed
    degrees: Degrees = ()  # best first: what each number from at_most down is called
    groups: tuple[Name, ...] = ()


class Clause(Part, frozen=True, kw_only=True):
    """A condition, what it means in words, and where that stands."""

    id: Name
    when: Condition
    says: Bilingual
    citation: Line
    note: Note = ""  # what is not sure, or was chosen
    groups: tuple[Name, ...] = ()  # of subjects; everybody where there are none


class Rule(Clause, frozen=True, kw_only=True):
    """Something that a level demands. A level is proposed when all its rules hold."""

    level: Name


class Ground(Part, frozen=True, kw_only=True):
    """On which somebody may leave a limit behind, what it means, and where that stands."""

    id: Name
    says: Bilingual
    citation: Line
    note: Note = ""


class Discretion(Part, frozen=True, kw_only=True):
    """That whoever decides may weigh a limit: up to which level, by which post, on what ground."""

    at_most: Name  # a level
    posts: tuple[Name, ...] = ()  # in the unit that decides; any office where there are none
    grounds: Annotated[tuple[Ground, ...], msgspec.Meta(max_length=GROUNDS_MAX)]


class Limit(Clause, frozen=True, kw_only=True):
    """Something that allows no level better than `at_most`, whatever the rules say."""

    at_most: Name  # a level
    discretion: Discretion | None = None  # without one it binds whoever decides, too


class Place(StrEnum):
    """Where on the way from a member's own unit to the deciding one somebody is found."""

    UNIT = "unit"
    PARENT = "parent"
    AUTHORITY = "authority"


class Rung(Part, frozen=True, kw_only=True):
    """Before whom a missed deadline is laid, and how long they have to take it up."""

    place: Place
    post: Name
    working_days: WorkingDays

    def unit_in(self, path: tuple[UnitId, ...]) -> UnitId:
        """Return the unit meant, on a path from a member's own unit up to the deciding one."""
        steps_up = {Place.UNIT: 0, Place.PARENT: 1, Place.AUTHORITY: len(path)}[self.place]
        return path[min(steps_up, len(path) - 1)]


class PlanTerms(Part, frozen=True, kw_only=True):
    """What is asked of a remediation plan."""

    required_at: tuple[Name, ...]  # levels with which a plan must be made
    milestones_max: Few
    working_days_least: WorkingDays  # between a plan and its first milestone


class CriticismTerms(Part, frozen=True, kw_only=True):
    author_seen_by: tuple[Turn, ...]  # the others see no name


class AbsenceTerms(Part, frozen=True, kw_only=True):
    excuses: tuple[AbsenceReason, ...]  # reasons for which a deadline is not missed but settled


class Rulebook(Document, frozen=True, kw_only=True, tag="rulebook", dict=True):
    """One edition of the rules of one issuer."""

    levels: Annotated[tuple[Level, ...], msgspec.Meta(max_length=LEVELS_MAX)]  # best first
    criteria: Annotated[tuple[Criterion, ...], msgspec.Meta(max_length=CRITERIA_MAX)]
    figures: Annotated[tuple[Figure, ...], msgspec.Meta(max_length=FIGURES_MAX)]
    rules: Annotated[tuple[Rule, ...], msgspec.Meta(max_length=CLAUSES_MAX)]
    limits: Annotated[tuple[Limit, ...], msgspec.Meta(max_length=CLAUSES_MAX)]
    # Of a document without roles: posts whose holders act for a unit.
    stated_offices: tuple[Name, ...] = msgspec.field(default=(), name="offices")
    stated_roles: Roles | None = msgspec.field(default=None, name="roles")
    # What posts are called, as far as this document says so.
    posts: dict[str, Bilingual] = msgspec.field(default_factory=dict)
    steps: dict[str, StepTerms]  # those that there are, by their ids; of no order
    rungs: tuple[Rung, ...]  # of the ladder, from the first
    plan: PlanTerms | None = None  # none: nobody plans what to put right
    criticism: CriticismTerms
    absence: AbsenceTerms
    notice_working_days: WorkingDays  # the least that anybody is given, however late a year opens
    undo_minutes: Annotated[int, msgspec.Meta(ge=0, le=24 * 60)]  # in which an approval may go back
    decision_days_before_end: DaysBeforeEnd  # of the period, from which on a rating is decided
    cadence: Cadence = Cadence.YEAR
    first_year: Year | None = None  # that it governs; none: from whenever it is published
    last_year: Year | None = None
    # Of subjects; where there are none, the same holds for everybody.
    groups: Annotated[tuple[Group, ...], msgspec.Meta(max_length=GROUPS_MAX)] = ()
    exemptions: tuple[Exemption, ...] = ()
    meetings: Meetings | None = None
    collectives: Collectives | None = None
    # The first for a group holds. Without one their own unit proposes, and the year's decides.
    competence: Annotated[tuple[Competence, ...], msgspec.Meta(max_length=GROUPS_MAX)] = ()
    grade: Grade | None = None
    extensions: Extensions | None = None  # none: no bounds
    cap: Cap | None = None
    votes: Votes | None = None
    appeal: Appeal | None = None
    # On which a rating is given again.
    stated_reopening: (
        Annotated[tuple[ReopeningGround, ...], msgspec.Meta(max_length=GROUNDS_MAX)] | None
    ) = msgspec.field(default=None, name="reopening")
    retention: Retention | None = None

    @property
    def roles(self) -> Roles:
        """Return which posts have which role; the one place where older documents are read."""
        return self.stated_roles or roles_of_offices(self.stated_offices)

    @property
    def reopening(self) -> tuple[ReopeningGround, ...]:
        """Return on which grounds a rating is given again; older documents name none."""
        return GROUNDS_UNNAMED if self.stated_reopening is None else self.stated_reopening

    def reopening_on(self, ground: str) -> ReopeningGround | None:
        """Return the ground of a name; None where there is none such."""
        return next((each for each in self.reopening if each.id == ground), None)

    @property
    def offices(self) -> tuple[str, ...]:
        """Return the posts by which somebody acts for a unit, those that head it first."""
        return self.roles.acting

    def posts_for(self, step: Step | None, item: str = "") -> tuple[str, ...]:
        """Return the posts by which somebody takes a step for a unit; with none, all that act."""
        terms = self.terms_of(step, item) if step else None
        if terms and terms.posts:
            return terms.posts
        role = step.row.role if step else None
        return self.roles.of(role) if role else self.offices

    @property
    def heads_counted(self) -> tuple[str, ...]:
        """Return the posts by which somebody counts as who heads a unit."""
        return self.stated_roles.head if self.stated_roles else HEADS_WITHOUT_ROLES

    @property
    def named_posts(self) -> frozenset[str]:
        """Return every post by which anything here goes, or which is called something."""
        of_groups = (post for group in self.groups for post in group.posts)
        of_rungs, meetings = (rung.post for rung in self.rungs), self.meetings
        held_before = meetings.posts if meetings else ()
        acting = (*self.offices, *self.heads_counted, *self.posts)
        return frozenset((*acting, *of_groups, *of_rungs, *held_before))

    def seats(self, post: str) -> bool:
        """Tell whether a post on the way up lets see how years stand: any, in older documents."""
        return self.stated_roles is None or post in self.offices or post in self.posts

    @functools.cached_property
    def _terms(self) -> Mapping[tuple[str, str], StepTerms]:
        """Return what is said of each step, as facts name it: asked for whoever is reviewed."""
        found = dict[tuple[str, str], StepTerms]()
        for id_, each in self.steps.items():
            found.setdefault(each.address_under(id_), each)
        return found

    @functools.cached_property
    def _kinds(self) -> frozenset[str]:
        return frozenset(kind for kind, _ in self._terms)

    def has(self, step: Step) -> bool:
        """Tell whether there is a step of a kind, under whatever id."""
        return step.value in self._kinds

    def may_reach(self, step: Step) -> bool:
        """Tell whether a review comes to a step of a kind: also one that a ground brings about."""
        return self.has(step) or (step in LAPSING and any(e.hears for e in self.reopening))

    def terms_of(self, step: str, item: str = "") -> StepTerms | None:
        """Return what is said of a step; `item` is which, of several that have ids of their own.

        None where it is an optional one, and this rulebook has none.
        """
        return self._terms.get((step, item if step in SEVERAL else ""))

    def without(self, step: str, item: str = "") -> Without:
        """Return what holds of a step that was not taken in time."""
        terms, lapses = self.terms_of(step, item), step in LAPSING
        return Without.WAIVED if lapses else terms.without if terms else Without.WAITS

    def label_of(self, step: str, item: str = "") -> Bilingual | None:
        """Return what a step is called here, where this rulebook says so."""
        terms = self.terms_of(step, item)
        return terms.label if terms else None

    def items_of(self, step: Step) -> tuple[str, ...]:
        """Return the ids of steps of a kind of which there may be several, in their order."""
        return self._items.get(step, ())

    @functools.cached_property
    def _items(self) -> Mapping[Step, tuple[str, ...]]:
        return {step: self._items_in_order(step) for step in SEVERAL}

    def _items_in_order(self, step: Step) -> tuple[str, ...]:
        """Return the ids of several steps of a kind, each after the one that it waits for.

        A document's keys have no order: it is stored with them sorted.
        """
        found, last = list[str](), None
        of_kind = {id_: e for id_, e in self.steps.items() if e.address_under(id_)[0] == step}
        following = {each.after: id_ for id_, each in of_kind.items()}
        while last in following:
            last = following.pop(last)
            found.append(of_kind[last].address_under(last)[1])
        return tuple(found)

    def group_of(self, posts: Collection[str], unit_kind: str) -> Group | None:
        """Return in which group a subject is; None where the same holds for everybody."""
        for group in self.groups[:-1]:
            if not set(posts).isdisjoint(group.posts) or unit_kind in group.unit_kinds:
                return group
        return self.groups[-1] if self.groups else None

    def competence_for(self, group: str) -> Competence | None:
        """Return which units rate subjects of a group; None where their own and the year's do."""
        return next((each for each in self.competence if applies(each.groups, group)), None)

    def criteria_for(self, group: str) -> tuple[Criterion, ...]:
        return tuple(each for each in self.criteria if applies(each.groups, group))

    def figures_for(self, group: str) -> tuple[Figure, ...]:
        return tuple(each for each in self.figures if applies(each.groups, group))

    def rules_for(self, group: str) -> tuple[Rule, ...]:
        return tuple(each for each in self.rules if applies(each.groups, group))

    def limits_for(self, group: str) -> tuple[Limit, ...]:
        return tuple(each for each in self.limits if applies(each.groups, group))

    def total_of(self, points: Mapping[str, int]) -> int:
        """Return the sum of points, each by the weight of its criterion."""
        return sum(points[each.id] * each.weight for each in self.criteria if each.id in points)

    def most_for(self, group: str) -> int:
        """Return the best total that a subject of a group may come to."""
        return sum(each.points_max * each.weight for each in self.criteria_for(group))

    def grade_of(self, total: int, group: str) -> Fraction | None:
        """Return the grade that a total comes to, exactly; None where there are no grades."""
        if self.grade is None:
            return None
        least, most = self.grade.least, self.grade.most
        return least + Fraction((most - least) * total, self.most_for(group))

    @property
    def has_total(self) -> bool:
        """Tell whether the sum of points means something: not where marks are degrees."""
        return not any(each.degrees for each in self.criteria)

    def degrees_of(self, name: str) -> tuple[Degree, ...]:
        """Return the marks of a criterion or figure; none where it takes any number, or is none."""
        named: tuple[Criterion | Figure, ...] = (*self.criteria, *self.figures)
        return next((each.degrees for each in named if each.id == name), ())

    def truths(self) -> frozenset[str]:
        """Return the figures that are a yes or a no."""
        return frozenset(each.id for each in self.figures if each.at_most == 1)

    def demands_plan(self, level: str | None) -> bool:
        """Tell whether somebody rated with a level must make a remediation plan."""
        return self.plan is not None and level in self.plan.required_at

    def governs(self, period: str) -> bool:
        """Tell whether this edition is the one for a period: of its years, and in force by then."""
        year, (_, last) = year_of(period), days_of(period)
        of_years = (self.first_year or year) <= year <= (self.last_year or year)
        return of_years and self.valid_from <= last

    def decided_from(self, period: str) -> date:
        """Return the first day on which a rating of a period is decided, the edition in force."""
        _, last = days_of(period)
        return max(self.valid_from, last - timedelta(days=self.decision_days_before_end))

    def level(self, name: str) -> Level:
        """Return a level by its id.

        Raises:
            KeyError: this rulebook has no such level.
        """
        return {each.id: each for each in self.levels}[name]

    def rank(self, level: str) -> int:
        """Return a level's place, counted from 0 for the best."""
        return [each.id for each in self.levels].index(level)

    def labels(self) -> dict[str, Bilingual]:
        """Return what everything that conditions may look at is called, by its variable."""
        told: tuple[Named, ...] = (*self.criteria, *self.figures)
        return {each.id: each.label for each in told} | GIVEN


def applies(groups: Collection[str], group: str) -> bool:
    """Tell whether something with these groups is for a subject of a group."""
    return not groups or group in groups
