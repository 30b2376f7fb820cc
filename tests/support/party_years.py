"""Live the demo's party years side by side: points, meetings, appraisals, quarters, reopenings."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import cycle
from pathlib import Path

import yaml

from events.definitions.records import Period
from events.domain.aggregate.rejections import CommandRejected
from events.domain.review.reopening import Ground
from events.domain.review.writing_steps import opened_review
from events.domain.rulebook.rulebook import OFFICES
from events.domain.steps import Step
from events.identifiers import MemberId, UnitId
from services.access.roles import Person
from services.commands import cycles, meetings, ratings
from services.commands.context import Context
from services.commands.reviews import Subject
from services.commands.work import Asking
from services.commands.year_counts import Counted
from services.intake.parser import parse_event
from services.intake.receive import receive
from services.read_models import roster
from tests.support.fakes import FixedClock
from tests.support.living import DEMO, DOES, HR, HR_SOURCE, Act, Year
from tests.support.sites import Site

YEAR, QUARTER = "2025", "2026-q1"
TOLD = (YEAR, QUARTER)
HEAD_FIRST = "head_first"
AT_POINTS = date(2025, 11, 25)  # they wait for their answers
AT_MEETINGS = date(2025, 12, 16)  # of some; the others are proposed
AFTER_THE_YEAR = date(2026, 3, 18)  # with a quarter open
UNITS = ("SG-CB01", "SG-CB02", "SG-CB03")
ROUNDS_MAX = 4  # of meetings: heads before the others, at two places

# At the meetings: for four the meeting waits, for others the decision and the notice.
SOME_FURTHER: tuple[Act, ...] = (
    {"does": "come_back", "who": "SG-0026", "told": "member_back"},
    {"does": "come_back", "who": "SG-0045", "told": "member_back"},
    {"does": "come_back", "who": "SG-0003", "told": "member_exemption_ended"},
    {"does": "come_back", "who": "SG-0005", "told": "member_exemption_ended"},
    {"does": "self_critique", "who": "SG-0026"},
    {"does": "self_critique", "who": "SG-0045"},
    {"does": "self_critique", "who": "SG-0003"},
    {"does": "self_critique", "who": "SG-0005"},
    {"does": "appraise", "who": "SG-0043", "whom": "SG-0046"},
    {"does": "appraise", "who": "SG-0043", "whom": "SG-0053"},
    {"does": "decide", "who": "SG-0036", "whom": "SG-0053"},
)
DECISION, SAYS = "05-QĐ/UBKT", "Chi sai quỹ năm 2025."
# After the year: disciplined late are two, and one of them is to be rated again.
REOPENED: tuple[Act, ...] = (
    {"does": "discipline", "whom": "SG-0046", "decision": DECISION, "says": SAYS},
    {"does": "discipline", "whom": "SG-0041", "decision": DECISION, "says": SAYS},
    {"does": "reopen", "who": "SG-0036", "whom": "SG-0046", "decision": DECISION, "says": SAYS},
)


class PartyYears(Year):
    """The commune under QĐ 366 in 2025 and through the first quarter of 2026, in one thread."""

    def __init__(self, context: Context, clock: FixedClock) -> None:
        super().__init__(context, clock)
        told = yaml.safe_load((DEMO / "three_years.yaml").read_text("utf-8"))
        shared = {name: told[name] for name in ("unit", "words")}
        self._stories = {each["period"]: shared | each for each in told["years"]}
        self._deal = {name: cycle(words) for name, words in told["words"].items()}
        self._by_group = {
            (period, group): cycle(counted)
            for period, story in self._stories.items()
            for group, counted in story["counted"].items()
        }
        acts = [act | {"period": each} for each in TOLD for act in self._stories[each]["acts"]]
        self._acts = sorted(acts, key=lambda act: act["when"])
        self._of_units = False
        self.turn_to(YEAR)

    def turn_to(self, period: str) -> None:
        """Let what is done and asked from now on be of this year or quarter."""
        self.period, self.story = Period(period), self._stories[period]

    def do(self, act: Act) -> None:
        """Do one act in the year that it belongs to."""
        self.turn_to(act["period"])
        self._of_units = bool(act.get("units"))
        (MORE.get(act["does"]) or DOES[act["does"]])(self, act)
        self._of_units = False
        self.turn_to(YEAR)

    def discipline(self, act: Act) -> None:
        """Let HR tell, now, of a discipline for a fault of the year."""
        self._told_by_hr(
            "member_disciplined",
            act["whom"],
            decision=act["decision"],
            grade="warning",
            self_detected=False,
            fault_period=self.period,
            ground=act["says"],
        )

    def come_back(self, act: Act) -> None:
        """Let HR tell, now, that somebody's absence or exemption is over."""
        self._told_by_hr(act["told"], act["who"])

    def _told_by_hr(self, told: str, number: str, **data: object) -> None:
        fact = {
            "specversion": "1.0",
            "id": f"{told}-{number}",
            "source": HR_SOURCE,
            "type": f"roster.{told}",
            "time": self.clock.now().isoformat(),
            "data": {"member_id": number, **data},
        }
        receive(self.context, HR, [parse_event(fact, 0)], correlation_id="hr")

    def join(self, _act: Act) -> None:
        unit = UnitId(self.id_of(self.story["unit"]))
        wanted = roster.reviews_to_open(self.context.store.database, self.period, unit)
        cycles.open_reviews(self.context, unit, wanted, "test")

    def suggest(self, act: Act) -> None:
        subject = self.subject(act["whom"])
        meetings.suggest_point(self.context, self._asking(act["who"]), subject, act["says"])

    def answer_points(self, act: Act) -> None:
        subject, asking = self.subject(act["who"]), self._asking(act["who"])
        for each in self.review(subject).points:
            meetings.answer_point(self.context, asking, subject, each.fact.point_id, act["says"])

    def hold(self, act: Act) -> None:
        """Tell every meeting that waits; heads of units come first, so it is asked again."""
        if self._of_units:
            for asking, subject in self._doers(act, Step.MEETING):
                self._hold_one(asking, subject)
            return
        for _ in range(ROUNDS_MAX):
            for asking, subject, _ in self._waiting(act, Step.MEETING):
                try:
                    self._hold_one(asking, subject)
                except CommandRejected as rejected:
                    if rejected.code != HEAD_FIRST:
                        raise
            self.settle()

    def _hold_one(self, asking: Asking, subject: Subject) -> None:
        place = self.review(subject).places_left()[0]
        words = next(self._deal["comments"])
        meetings.hold_meeting(self.context, asking, subject, place, self.heads_of, words)

    def heads_of(self, place: UnitId, top: UnitId) -> list[MemberId]:
        """Return who heads a unit, as projected."""
        return roster.holders(self.context.store.database, place, OFFICES[:1], top)

    def propose_counted(self, act: Act) -> None:
        for asking, subject, number in self._waiting(act, Step.PROPOSAL):
            group = opened_review(self.review(subject)).group or ""
            special = self.story.get("special", {}).get(number)
            counted = dict(special or next(self._by_group[self.period, group]))
            points = {name: counted.pop(name) for name in self.story["criteria"] if name in counted}
            text = next(self._deal["comments"])
            ratings.propose_rating(self.context, asking, subject, Counted(points, counted), text)

    def appraise(self, act: Act) -> None:
        """Advise on every proposal as it is; whoever decides is somebody else."""
        for _, subject, _ in self._waiting(act, Step.APPRAISAL):
            state = self.review(subject)
            assert state.proposal is not None
            adviser = list(self._officers(state.path[-1], but=subject.member_id))[-1]
            asking, level = (
                Asking(person=adviser, correlation_id="test"),
                state.proposal.fact.outcome,
            )
            ratings.appraise_rating(
                self.context, asking, subject, level.level, state.proposal.version, None
            )

    def answer_notice(self, act: Act) -> None:
        subject = self.subject(act["who"])
        ratings.answer_notice(self.context, self._asking(act["who"]), subject, act["says"])

    def reopen(self, act: Act) -> None:
        ground, decision = Ground.LATE_DISCIPLINE, act["decision"]
        asking, subject = self._asking(act["who"]), self.subject(act["whom"])
        ratings.reopen_review(self.context, asking, subject, ground, decision, act["says"])

    def _numbers(self) -> Iterator[tuple[str, Subject]]:
        """Iterate over those who, or what units, are reviewed in this year or quarter."""
        units = [(each, self.subject(each)) for each in UNITS]
        found = units if self._of_units else list(dict(super()._numbers()).items())
        for number, subject in found:
            if self.review(subject).opened:
                yield number, subject

    def _doers(self, act: Act, step: str) -> Iterator[tuple[Asking, Subject]]:
        if not self._of_units:
            yield from super()._doers(act, step)
            return
        for _, subject in self._numbers():
            leader = next(self._officers(UnitId(subject.member_id), but=MemberId("")))
            yield Asking(person=leader, correlation_id="test"), subject

    def _officers(self, unit_id: UnitId, *, but: MemberId) -> Iterator[Person]:
        """Iterate over who acts for a unit, without who is reviewed or leads what is."""
        answering = self.review(Subject(self.period, but)).leaders
        for number in sorted(self.enrolled):
            person = self.person(number)
            offices = {unit for unit, _ in person.offices}
            bound = person.member_id in (but, *answering) or UnitId(but) in offices
            if unit_id in offices and not bound:
                yield person

    def _office(self, unit_id: str, *, but: MemberId) -> Person:
        return next(self._officers(UnitId(unit_id), but=but))


MORE: Mapping[str, Callable[[PartyYears, Act], None]] = {
    "join": PartyYears.join,
    "suggest": PartyYears.suggest,
    "answer_points": PartyYears.answer_points,
    "hold": PartyYears.hold,
    "propose": PartyYears.propose_counted,
    "appraise": PartyYears.appraise,
    "answer_notice": PartyYears.answer_notice,
    "discipline": PartyYears.discipline,
    "come_back": PartyYears.come_back,
    "reopen": PartyYears.reopen,
}


def take(year: Year, *steps: Act) -> None:
    """Let somebody take steps of the party year, on the day that it is."""
    assert isinstance(year, PartyYears), "only party years have such steps"
    for step in steps:
        year.do({"period": YEAR} | dict(step))
        year.settle()


def party_site(folder: Path, day: date, *steps: Act) -> Site:
    """Return the commune on a day of its party years, after some steps more on that day."""
    site = Site(folder, day, PartyYears)
    take(site.year, *steps)
    return site
