"""Live the demo's year: its HR facts and its story, through the commands and the workers' steps."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from itertools import cycle
from pathlib import Path
from typing import Any

import yaml

from events.definitions.records import Period, Source
from events.domain.documents.working_days import ZONE
from events.domain.organisation import member
from events.domain.plan import plan
from events.domain.review import review
from events.domain.steps import Step
from events.identifiers import MemberId, UnitId, member_stream
from events.store import reference
from events.store.sequencing import sequence
from services.access.roles import Person, person_of
from services.access.tokens import Grants, Principal
from services.commands import (
    cycles,
    escalations,
    evidence,
    milestones,
    plans,
    ratings,
    reviews,
    rulebooks,
)
from services.commands.answers import Marks
from services.commands.context import Context
from services.commands.milestones import Evidence, MilestoneOf
from services.commands.plans import Wanted
from services.commands.reviews import Subject
from services.commands.work import Asking
from services.commands.year_counts import Counted
from services.intake.numbers import Numbers
from services.intake.parser import parse_event
from services.intake.receive import receive
from services.read_models import roster
from tests.support.fakes import FixedClock
from workers.projections.every import PROJECTIONS
from workers.reacting import Reactor
from workers.reactions.escalation import Escalation
from workers.subscribers import Subscriber
from workers.timekeeper import Timekeeper, missed_event_id

DEMO = Path(__file__).resolve().parents[2] / "deploy" / "demo"
HR_SOURCE = "/hr/suoi-guong-demo"
HR = Principal("token:hr", "hr", Grants(sends=("roster.*",), sources=(HR_SOURCE,)))
BEFORE = datetime(2025, 1, 2, 1, tzinfo=UTC)  # HR told the first facts, nothing else happened
MORNING = time(9, tzinfo=ZONE)
BATCH = 50

Act = Mapping[str, Any]


class Year:
    """The made-up commune, in one thread: every day what HR tells, then what people do."""

    def __init__(self, context: Context, clock: FixedClock) -> None:
        self.context = context
        self.clock = clock
        self.story: dict[str, Any] = yaml.safe_load((DEMO / "year.yaml").read_text("utf-8"))
        self.period = Period(self.story["period"])
        lines = (DEMO / "hr.jsonl").read_text("utf-8").splitlines()
        self._told = sorted((json.loads(each) for each in lines), key=_happened)
        self._acts = sorted(self.story["acts"], key=lambda act: act["when"])
        self._ids: dict[str, str] = {}
        self.enrolled: list[str] = []  # by HR's number
        self._subscribers = [
            Subscriber(context.store, each, clock=clock) for each in PROJECTIONS.values()
        ]
        self._timekeeper = Timekeeper(context)
        escalation = Escalation(context, missed_event_id)
        self._reactor = Reactor(context.store, escalation, clock=clock)
        self._deal = {name: cycle(words) for name, words in self.story["words"].items()}
        self._counted = cycle(self.story["counted"][""])

    def live(self, until: date = date.max) -> None:
        """Live on day by day, up to and with a day."""
        self.settle()
        while self._acts and self._acts[0]["when"] <= until:
            act = self._acts.pop(0)
            self.reach(act["when"])
            self.do(act)
            self.settle()

    def reach(self, day: date) -> None:
        """Let it be the morning of a day, after all that happened before."""
        now = datetime.combine(day, MORNING).astimezone(UTC)
        self.clock.time = max(self.clock.time, now)
        while self._told and _happened(self._told[0]) <= now:
            batch = [each for each in self._told[:BATCH] if _happened(each) <= now]
            self._told = self._told[len(batch) :]
            sent = [parse_event(each, index) for index, each in enumerate(batch)]
            receive(self.context, HR, sent, correlation_id="hr")
            self.enrolled += [
                each["data"]["number"] for each in batch if each["type"] == "roster.member_enrolled"
            ]
        self.settle()

    def settle(self) -> None:
        """Let workers do what follows, until nothing does any more."""
        busy = True
        while busy:
            busy = bool(sequence(self.context.store.database, self.clock))
            for subscriber in self._subscribers:
                busy |= bool(subscriber.advance().count)
            busy |= bool(self._reactor.advance())
            busy |= bool(self._timekeeper.tick())

    def id_of(self, number: str) -> str:
        """Return our id of a member or unit, by HR's number."""
        if number not in self._ids:
            kind = "member" if number.removeprefix("SG-").isdigit() else "unit"
            numbers = Numbers(
                self.context.store,
                index_key=self.context.index_key(),
                numbering=HR.grants.numbering,
                chance=self.context.chance,
            )
            numbers.look_up([(kind, number)])
            found = numbers.find(kind, number)
            assert found is not None, f"nobody is known as {number}"
            self._ids[number] = found
        return self._ids[number]

    def subject(self, number: str) -> Subject:
        return Subject(self.period, MemberId(self.id_of(number)))

    def person(self, number: str) -> Person:
        return self._person(MemberId(self.id_of(number)))

    def review(self, subject: Subject) -> review.State:
        return review.fold(self.context.store.read_stream(subject.stream).events)

    def plan(self, subject: Subject) -> plan.State:
        return plan.fold(self.context.store.read_stream(plans.stream_of(subject)).events)

    def do(self, act: Act) -> None:
        """Do one act of the story. Raises when the law forbids it."""
        DOES[act["does"]](self, act)

    def open_cycle(self, act: Act) -> None:
        self.open_year(self.period, self.story["rulebook"], act["who"])

    def open_year(self, period: Period, rulebook: str, who: str) -> None:
        """Open a year under an edition that we ship, and everybody's review in it."""
        documents = [
            reference.shipped_document("rulebook", rulebook),
            reference.shipped_document("calendar", "viet_nam"),
        ]
        digests = [
            rulebooks.publish(self.context, each, principal="account:test") for each in documents
        ]
        source = Source(rulebook=digests[0], calendar=digests[1])
        rules = reference.rules_of(self.context.store.database, source)
        unit = UnitId(self.id_of(self.story["unit"]))
        cycles.open_cycle(self.context, self._asking(who), period, unit, rules)
        wanted = roster.reviews_to_open(self.context.store.database, period, unit)
        cycles.open_reviews(self.context, unit, wanted, "test")

    def commit(self, act: Act) -> None:
        for asking, subject in self._doers(act, Step.COMMITMENT):
            reviews.commit(self.context, asking, subject, next(self._deal["commitments"]))

    def self_critique(self, act: Act) -> None:
        for asking, subject in self._doers(act, Step.SELF_CRITIQUE):
            text = next(self._deal["self_critiques"])
            reviews.submit_self_critique(self.context, asking, subject, text, Marks())

    def criticise(self, act: Act) -> None:
        subject = self.subject(act["whom"])
        reviews.criticise(self.context, self._asking(act["who"]), subject, act["says"])

    def answer(self, act: Act) -> None:
        subject = self.subject(act["who"])
        for criticism in self.review(subject).unanswered():
            asking, which = self._asking(act["who"]), criticism.fact.criticism_id
            reviews.answer(self.context, asking, subject, which, act["says"])

    def propose(self, act: Act) -> None:
        for asking, subject, number in self._waiting(act, Step.PROPOSAL):
            counted = dict(self.story["special"].get(number) or next(self._counted))
            points = {name: counted.pop(name) for name in ("conduct", "results")}
            text = next(self._deal["comments"])
            ratings.propose_rating(self.context, asking, subject, Counted(points, counted), text)

    def decide(self, act: Act) -> None:
        for asking, subject, number in self._waiting(act, Step.DECISION):
            proposal = self.review(subject).proposal
            assert proposal is not None
            other = act.get("but", {}).get(number, {})
            level = other.get("level", proposal.fact.outcome.level)
            ratings.decide_rating(
                self.context, asking, subject, level, proposal.version, other.get("says")
            )

    def announce(self, act: Act) -> None:
        for asking, subject, _ in self._waiting(act, Step.ANNOUNCEMENT):
            ratings.announce_rating(self.context, asking, subject)

    def move_deadline(self, act: Act) -> None:
        subject, asking = self.subject(act["whom"]), self._asking(act["who"])
        reviews.move_deadline(self.context, asking, subject, act["step"], act["day"], act["says"])

    def acknowledge(self, act: Act) -> None:
        about = self.id_of(act["of"]) if "of" in act else None
        offices = {unit for unit, _ in self.person(act["who"]).offices}
        sql = "SELECT id, member_id, actor_unit FROM escalation_states WHERE task IS NOT NULL"
        for cause, member_id, unit in self.context.store.database.rows(sql):
            if unit in offices and about in (None, member_id):
                asking = self._asking(act["who"])
                escalations.acknowledge(self.context, asking, cause, act["says"])

    def propose_plan(self, act: Act) -> None:
        wanted = [Wanted(each["words"], each["due_on"]) for each in act["milestones"]]
        subject, asking = self.subject(act["who"]), self._asking(act["who"])
        plans.propose_plan(self.context, asking, subject, act["says"], wanted)

    def agree(self, act: Act) -> None:
        subject, follower = self.subject(act["whom"]), MemberId(self.id_of(act["follower"]))
        version = self._proposed(subject)
        plans.agree_to_plan(self.context, self._asking(act["who"]), subject, version, follower)

    def return_plan(self, act: Act) -> None:
        subject = self.subject(act["whom"])
        version = self._proposed(subject)
        plans.return_plan(self.context, self._asking(act["who"]), subject, version, act["says"])

    def hand_in(self, act: Act) -> None:
        subject = self.subject(act["who"])
        owner = member_stream(subject.member_id)
        with (DEMO / "year.yaml").open("rb") as content:
            sealed = evidence.sealed(
                self.context, content, "minh-chung.txt", owner=owner, scope=self.period
            )
        files = [Evidence("minh-chung.txt", sealed)]
        which = MilestoneOf(subject, str(act["milestone"]))
        asking = self._asking(act["who"])
        milestones.hand_in_evidence(self.context, asking, which, files, act["says"])

    def judge(self, act: Act) -> None:
        subject = self.subject(act["whom"])
        which = MilestoneOf(subject, str(act["milestone"]))
        shown = self.plan(subject).milestone(which.id)
        assert shown is not None
        asking, version = self._asking(act["who"]), shown.evidence[-1].version
        match act["does"]:
            case "approve":
                milestones.approve_milestone(self.context, asking, which, version, None)
            case "ask_more":
                milestones.ask_for_more(self.context, asking, which, version, act["says"])
            case _:
                milestones.return_milestone(self.context, asking, which, version, act["says"])

    def extend(self, act: Act) -> None:
        which = MilestoneOf(self.subject(act["whom"]), str(act["milestone"]))
        asking = self._asking(act["who"])
        milestones.extend_milestone(self.context, asking, which, act["day"], act["says"])

    def _person(self, member_id: MemberId) -> Person:
        history = self.context.store.read_stream(member_stream(member_id))
        holds = member.view(member.fold(history.events))
        return person_of(f"account-{member_id}", (), member_id, holds, history.version)

    def _asking(self, number: str) -> Asking:
        return Asking(person=self.person(number), correlation_id="test")

    def _proposed(self, subject: Subject) -> int:
        proposal = self.plan(subject).proposal
        assert proposal is not None
        return proposal.version

    def _numbers(self) -> Iterator[tuple[str, Subject]]:
        """Iterate over those who are reviewed, by HR's number."""
        reviewed = self.context.store.database.rows("SELECT member_id FROM review_states")
        everybody = {self.id_of(number): number for number in self.enrolled}
        for (member_id,) in sorted(reviewed, key=lambda row: everybody.get(row[0], "")):
            if member_id in everybody:
                yield everybody[member_id], Subject(self.period, MemberId(member_id))

    def _doers(self, act: Act, step: str) -> Iterator[tuple[Asking, Subject]]:
        """Iterate over who takes a step that each member takes for themselves."""
        if "who" in act:
            yield self._asking(act["who"]), self.subject(act["who"])
            return
        for number, subject in self._numbers():
            if number not in act["everyone_but"] and not self.review(subject).done(step):
                yield self._asking(number), subject

    def _waiting(self, act: Act, step: str) -> Iterator[tuple[Asking, Subject, str]]:
        """Iterate over whose step waits, with somebody who holds an office where it lies."""
        if "whom" in act:
            yield self._asking(act["who"]), self.subject(act["whom"]), act["whom"]
            return
        sql = "SELECT actor_unit FROM review_states WHERE task = ? AND id = ?"
        for number, subject in self._numbers():
            key = subject.stream.removeprefix("review-")
            for (unit_id,) in self.context.store.database.rows(sql, (step, key)):
                office = self._office(unit_id, but=subject.member_id)
                yield Asking(person=office, correlation_id="test"), subject, number

    def _office(self, unit_id: str, *, but: MemberId) -> Person:
        """Return somebody who acts for a unit and is not the person concerned."""
        for (member_id,) in self.context.store.database.rows(
            "SELECT member_id FROM member_states WHERE enrolled ORDER BY member_id"
        ):
            person = self._person(MemberId(member_id))
            if member_id != but and unit_id in {unit for unit, _ in person.offices}:
                return person
        raise AssertionError(f"nobody holds an office in {unit_id}")


DOES: Mapping[str, Callable[[Year, Act], None]] = {
    "open_cycle": Year.open_cycle,
    "commit": Year.commit,
    "self_critique": Year.self_critique,
    "criticise": Year.criticise,
    "answer": Year.answer,
    "propose": Year.propose,
    "decide": Year.decide,
    "announce": Year.announce,
    "move_deadline": Year.move_deadline,
    "acknowledge": Year.acknowledge,
    "plan": Year.propose_plan,
    "agree": Year.agree,
    "return_plan": Year.return_plan,
    "evidence": Year.hand_in,
    "approve": Year.judge,
    "ask_more": Year.judge,
    "return": Year.judge,
    "extend": Year.extend,
}


def _happened(told: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(told["time"])
