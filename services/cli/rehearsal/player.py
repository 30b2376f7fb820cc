"""Play the acts of a story: who does what to whom, in which order, and with which words."""

from collections.abc import Callable, Iterator, Mapping
from itertools import cycle
from typing import Any

from events.definitions.records import Period
from events.domain.plan import plan
from events.domain.review import review
from events.domain.review.writing_steps import opened_review
from events.domain.steps import Step
from events.errors import TusoiError
from events.identifiers import MemberId, UnitId
from services.cli.rehearsal.dealing import Dealt
from services.cli.rehearsal.stage import Stage
from services.cli.rehearsal.stories import PAPERS, Act, Story, of_units
from services.commands import plans
from services.commands.milestones import MilestoneOf
from services.commands.plans import Wanted
from services.subject import Subject

MEETING_ROUNDS = 4  # heads before the others, at two places
OTHERS_FIRST = ("head_first", "collective_first")
ACKNOWLEDGEMENT = "acknowledgement"

Does = Callable[["Player", Act], None]


class Player:
    """Plays the acts of a story; the stage's driver does each deed."""

    def __init__(self, story: Story, stage: Stage) -> None:
        self.story = story
        self.period = Period(story.period)
        self._stage = stage
        self._driver = stage.driver
        self._commitments = Dealt(story.words["commitments"], story.commitments)
        self._critiques = Dealt(story.words["self_critiques"], story.self_critiques)
        self._comments = cycle(story.words["comments"])
        self._counted = {group: cycle(each) for group, each in story.counted.items()}

    def play(self, act: Act) -> None:
        """Do one act. Raises a TusoiError when the service refuses it."""
        DOES[act["does"]](self, act)

    def subject(self, number: str) -> Subject:
        return Subject(self.period, MemberId(self._stage.id_of(number)))

    def review(self, subject: Subject) -> review.State:
        return review.fold(self._stage.context.store.read_stream(subject.stream).events)

    def plan_of(self, subject: Subject) -> plan.State:
        return plan.fold(self._stage.context.store.read_stream(plans.stream_of(subject)).events)

    def open_cycle(self, act: Act) -> None:
        top = UnitId(self._stage.id_of(self.story.unit))
        self._driver.open_cycle(act["who"], self.period, top, self.story.rulebook)

    def join(self, act: Act) -> None:
        top = UnitId(self._stage.id_of(self.story.unit))
        self._driver.join(act["who"], self.period, top)

    def commit(self, act: Act) -> None:
        for who, subject in self._doers(act, Step.COMMITMENT):
            self._driver.commit(who, subject, self._commitments.to(self._group(subject)))

    def self_critique(self, act: Act) -> None:
        for who, subject in self._doers(act, Step.SELF_CRITIQUE):
            written = self._critiques.to(self._group(subject))
            self._driver.submit_self_critique(who, subject, written)

    def draft(self, act: Act) -> None:
        """Begin a self-critique and leave it there."""
        self._driver.draft(act["who"], self.subject(act["who"]), act["sections"])

    def criticise(self, act: Act) -> None:
        self._driver.criticise(act["who"], self.subject(act["whom"]), act["says"])

    def answer(self, act: Act) -> None:
        """Answer every criticism that waits for it, with the same words."""
        subject = self.subject(act["who"])
        for each in self.review(subject).unanswered_criticisms():
            self._driver.answer(act["who"], subject, each.fact.criticism_id, act["says"])

    def suggest(self, act: Act) -> None:
        self._driver.suggest_point(act["who"], self.subject(act["whom"]), act["says"])

    def answer_points(self, act: Act) -> None:
        """Answer every suggested point that waits for it, with the same words."""
        subject = self.subject(act["who"])
        for each in self.review(subject).points_open():
            self._driver.answer_point(act["who"], subject, each.fact.point_id, act["says"])

    def hold(self, act: Act) -> None:
        """Tell every meeting that waits; heads of units come first, so it is asked again."""
        for _ in range(MEETING_ROUNDS):
            for subject, office in self._waiting(act, Step.MEETING):
                self._hold_one(subject, office)
            self._stage.settle()

    def _hold_one(self, subject: Subject, office: str) -> None:
        place = self.review(subject).venues_left()[0]
        try:
            self._driver.hold_meeting(office, subject, place, next(self._comments))
        except TusoiError as refused:
            if not any(turn in f"{refused.code} {refused}" for turn in OTHERS_FIRST):
                raise

    def propose(self, act: Act) -> None:
        """Lay down every proposal; of units by the last office, for the first one decides."""
        for subject, office in self._waiting(act, Step.PROPOSAL, last_first=of_units(act)):
            self._driver.read_words(office, subject)  # read, then counted
            number = self._stage.number_of(subject.member_id)
            special = self.story.special.get(number)
            counted = dict(special or next(self._counted[self._group(subject)]))
            criteria = [name for name in self.story.criteria if name in counted]
            points = {name: counted.pop(name) for name in criteria}
            self._driver.propose(office, subject, points, counted, next(self._comments))

    def appraise(self, act: Act) -> None:
        """Advise on every proposal as it is; whoever decides is somebody else.

        Where the authority proposed, who did so advises: of few somebody is left to decide.
        """
        for subject, office in self._waiting(act, Step.APPRAISAL, last_first=True):
            state = self.review(subject)
            assert state.proposal is not None, "a proposal waits for advice"
            told, version = state.proposal.fact, state.proposal.version
            item = review.item_of(state, Step.APPRAISAL)
            proposed_there = told.by.unit_id in state.deciding and not item
            advises = self._stage.number_of(told.by.member_id) if proposed_there else office
            by = act.get("who", advises)
            self._driver.appraise(by, subject, told.outcome.level, version, item)

    def decide(self, act: Act) -> None:
        but: Mapping[str, Any] = act.get("but", {})
        for subject, office in self._waiting(act, Step.DECISION):
            level, version = self._last_proposal(subject)
            other = but.get(self._stage.number_of(subject.member_id), {})
            level, text = other.get("level", level), other.get("says")
            self._driver.decide(office, subject, level, version, text)

    def give_back(self, act: Act) -> None:
        subject = self.subject(act["whom"])
        _, version = self._last_proposal(subject)
        self._driver.give_back(act["who"], subject, version, act["says"])

    def announce(self, act: Act) -> None:
        for subject, office in self._waiting(act, Step.ANNOUNCEMENT):
            self._driver.announce(office, subject)

    def answer_notice(self, act: Act) -> None:
        self._driver.answer_notice(act["who"], self.subject(act["who"]), act["says"])

    def reopen(self, act: Act) -> None:
        self._driver.reopen(act["who"], self.subject(act["whom"]), act["decision"], act["says"])

    def move_deadline(self, act: Act) -> None:
        subject = self.subject(act["whom"])
        self._driver.move_deadline(act["who"], subject, act["step"], act["day"], act["says"])

    def acknowledge(self, act: Act) -> None:
        """Take up the escalations before somebody, or those about one member."""
        about = self._stage.id_of(act["of"]) if "of" in act else None
        for each in self._driver.waiting(act["who"]):
            if each.step == ACKNOWLEDGEMENT and about in (None, each.member_id):
                self._driver.acknowledge(act["who"], each.id, act["says"])

    def plan(self, act: Act) -> None:
        wanted = [Wanted(each["words"], each["due_on"]) for each in act["milestones"]]
        subject = self.subject(act.get("whom", act["who"]))  # a unit's plan is written for it
        self._driver.propose_plan(act["who"], subject, act["says"], wanted)

    def agree(self, act: Act) -> None:
        subject, follower = self.subject(act["whom"]), MemberId(self._stage.id_of(act["follower"]))
        self._driver.agree(act["who"], subject, self._plan_version(subject), follower)

    def return_plan(self, act: Act) -> None:
        subject = self.subject(act["whom"])
        self._driver.return_plan(act["who"], subject, self._plan_version(subject), act["says"])

    def evidence(self, act: Act) -> None:
        milestone = MilestoneOf(self.subject(act["who"]), str(act["milestone"]))
        named = act.get("files", ())
        files = {name: (PAPERS / name).read_bytes() for name in named}
        files = files or {"minh-chung.txt": f"{act['says']}\n".encode()}
        self._driver.hand_in(act["who"], milestone, act["says"], files)

    def approve(self, act: Act) -> None:
        self._driver.approve(act["who"], *self._milestone_to_judge(act))

    def ask_more(self, act: Act) -> None:
        self._driver.ask_more(act["who"], *self._milestone_to_judge(act), act["says"])

    def send_back(self, act: Act) -> None:
        self._driver.send_back(act["who"], *self._milestone_to_judge(act), act["says"])

    def extend(self, act: Act) -> None:
        milestone = MilestoneOf(self.subject(act["whom"]), str(act["milestone"]))
        self._driver.extend(act["who"], milestone, act["day"], act["says"])

    def _group(self, subject: Subject) -> str:
        return opened_review(self.review(subject)).group or ""

    def _last_proposal(self, subject: Subject) -> tuple[str, int]:
        """Return the level that was proposed, and the version of the proposal."""
        proposal = self.review(subject).proposal
        assert proposal is not None, "a proposal waits for advice or decision"
        return proposal.fact.outcome.level, proposal.version

    def _plan_version(self, subject: Subject) -> int:
        """Return the version of the plan that was proposed last."""
        proposal = self.plan_of(subject).proposal
        assert proposal is not None, "a plan waits for its judge"
        return proposal.version

    def _milestone_to_judge(self, act: Act) -> tuple[MilestoneOf, int]:
        """Return the milestone that an act judges, and the version of its last evidence."""
        milestone = MilestoneOf(self.subject(act["whom"]), str(act["milestone"]))
        found = self.plan_of(milestone.subject).milestone(milestone.id)
        assert found is not None, "the story judges milestones that there are"
        return milestone, found.evidence[-1].version

    def _doers(self, act: Act, step: str) -> Iterator[tuple[str, Subject]]:
        """Iterate over who takes a step for whom: members for themselves, leaders for units."""
        if "who" in act:
            yield act["who"], self.subject(act["who"])
            return
        for number in self._review_subjects(act):
            subject = self.subject(number)
            waiting = {task.step for task in review.tasks(self.review(subject))}
            if step in waiting and number not in act.get("everyone_but", ()):
                yield (self._leader_of(number) if of_units(act) else number), subject

    def _leader_of(self, unit: str) -> str:
        """Return the HR number of somebody who leads a unit now."""
        unit_id = self._stage.id_of(unit)
        return next(each for each, units in self._stage.officers().items() if unit_id in units)

    def _waiting(
        self, act: Act, step: str, *, last_first: bool = False
    ) -> list[tuple[Subject, str]]:
        """Return whose step waits, by HR's number, each with somebody in whose inbox it lies.

        Where an act says who takes the step, but not for whom, it is all that waits for them.
        """
        if "whom" in act:
            return [(self.subject(act["whom"]), act["who"])]
        found: dict[str, str] = {}
        offices = [act["who"]] if "who" in act else self._stage.officers()
        for office in sorted(offices, reverse=last_first):
            for each in self._driver.waiting(office):
                if (each.period, each.step) == (self.period, step):
                    found.setdefault(self._stage.number_of(each.member_id), office)
        return [
            (self.subject(number), found[number])
            for number in sorted(found)
            if (number in self._stage.units) is of_units(act)
        ]

    def _review_subjects(self, act: Act) -> list[str]:
        """Return the HR numbers of the members, or the units, reviewed in the story's year."""
        sql = "SELECT member_id FROM review_states WHERE period = ?"
        rows = self._stage.context.store.database.rows(sql, (self.period,))
        numbers = sorted(self._stage.number_of(row[0]) for row in rows)
        return [each for each in numbers if (each in self._stage.units) is of_units(act)]


DOES: Mapping[str, Does] = {
    "open_cycle": Player.open_cycle,
    "join": Player.join,
    "suggest": Player.suggest,
    "answer_points": Player.answer_points,
    "hold": Player.hold,
    "appraise": Player.appraise,
    "reopen": Player.reopen,
    "commit": Player.commit,
    "self_critique": Player.self_critique,
    "draft": Player.draft,
    "criticise": Player.criticise,
    "answer": Player.answer,
    "propose": Player.propose,
    "decide": Player.decide,
    "give_back": Player.give_back,
    "announce": Player.announce,
    "answer_notice": Player.answer_notice,
    "move_deadline": Player.move_deadline,
    "acknowledge": Player.acknowledge,
    "plan": Player.plan,
    "agree": Player.agree,
    "return_plan": Player.return_plan,
    "evidence": Player.evidence,
    "approve": Player.approve,
    "ask_more": Player.ask_more,
    "return": Player.send_back,
    "extend": Player.extend,
}
