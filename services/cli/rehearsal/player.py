"""Play the acts of a story, each done by who it says, signed in as themselves."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import cycle
from typing import Any

from events.domain.organisation.member import Member
from events.domain.rulebook.rulebook import OFFICES
from events.store.database import Database
from services.cli.rehearsal.dealing import Dealt
from services.cli.rehearsal.people import NotAnswered
from services.cli.rehearsal.stage import Stage
from services.cli.rehearsal.stories import Act, Story, of_units
from services.read_models import states
from services.read_models.states import MEMBERS

MEETING_ROUNDS = 4  # heads before the others, at two places
OTHERS_FIRST = ("head_first", "collective_first")


Does = Callable[["Player", Act], None]


class Player:
    """Plays the acts of a story."""

    def __init__(self, story: Story, stage: Stage) -> None:
        self._story = story
        self._stage = stage
        self._commitments = Dealt(story.words["commitments"], story.commitments)
        self._critiques = Dealt(story.words["self_critiques"], story.self_critiques)
        self._comments = cycle(story.words["comments"])
        self._counted = {group: cycle(each) for group, each in story.counted.items()}

    def play(self, act: Act) -> None:
        """Do one act. Raises NotAnswered when the service refuses it."""
        DOES[act["does"]](self, act)

    def open_cycle(self, act: Act) -> None:
        body = {
            "period": self._story.period,
            "unit_id": self._stage.id_of(self._story.unit),
            "rulebook": self._story.rulebook,
        }
        self._stage.sign_in(act["who"]).post("/api/v1/cycles", body)

    def join(self, act: Act) -> None:
        """Open the reviews of members who came since."""
        unit_id = self._stage.id_of(self._story.unit)
        path = f"/api/v1/cycles/{self._story.period}/{unit_id}/reviews"
        self._stage.sign_in(act["who"]).post(path, {})

    def commit(self, act: Act) -> None:
        for who, whom in self._doers(act, "commitment"):
            self._write(who, whom, "commitment", self._commitments)

    def self_critique(self, act: Act) -> None:
        for who, whom in self._doers(act, "self_critique"):
            self._write(who, whom, "self-critique", self._critiques)

    def _write(self, who: str, whom: str, step: str, dealt: Dealt) -> None:
        """Let somebody write what is dealt out to the group of whom it is about."""
        group = self._stage.sign_in(who).get(self._review(whom)).get("group", "")
        self._step(who, whom, step, dealt.to(group))

    def say(self, act: Act, *, step: str) -> None:
        """Write words in somebody's review; in one's own, where nobody else is named."""
        self._step(act["who"], act.get("whom", act["who"]), step, {"text": act["says"]})

    def answer(self, act: Act) -> None:
        """Answer every criticism that waits for it, with the same words."""
        member = self._stage.sign_in(act["who"])
        review = self._review(act["who"])
        for criticism in member.get(review)["criticisms"]:
            if "answered_at" not in criticism:
                path = f"{review}/criticisms/{criticism['id']}/answer"
                member.post(path, {"text": act["says"]})

    def answer_points(self, act: Act) -> None:
        """Answer every suggested point that waits for it, with the same words."""
        member, review = self._stage.sign_in(act["who"]), self._review(act["who"])
        for point in member.get(review).get("points", ()):
            if "answered_at" not in point:
                member.post(f"{review}/points/{point['id']}/answer", {"text": act["says"]})

    def hold(self, act: Act) -> None:
        """Tell every meeting that waits; heads of units come first, so it is asked again."""
        for _ in range(MEETING_ROUNDS):
            for number, office in self._subjects(act, "meeting"):
                self._hold_one(number, office)

    def _hold_one(self, number: str, office: str) -> None:
        person = self._stage.sign_in(office)
        state = person.get(self._review(number))
        held = {meeting["place"] for meeting in state.get("meetings", ())}
        place = next(each for each in state["places"] if each not in held)
        try:
            person.post(f"{self._review(number)}/meetings", {"place": place})
        except NotAnswered as error:
            if not any(turn in str(error) for turn in OTHERS_FIRST):
                raise

    def propose(self, act: Act) -> None:
        for number, office in self._subjects(act, "proposal"):
            secretary = self._stage.sign_in(office)
            secretary.get(f"{self._review(number)}/words")  # read, then counted
            group = secretary.get(self._review(number)).get("group", "")
            counted = dict(self._story.special.get(number) or next(self._counted[group]))
            criteria = [name for name in self._story.criteria if name in counted]
            points = {name: counted.pop(name) for name in criteria}
            body = {"points": points, "figures": counted, "text": next(self._comments)}
            self._step(office, number, "proposal", body)

    def appraise(self, act: Act) -> None:
        """Advise on every proposal as it is; whoever decides is somebody else."""
        for number, office in self._subjects(act, "appraisal", last_first=True):
            adviser = self._stage.sign_in(office)
            proposal = adviser.get(self._review(number))["proposal"]
            body = {"level": proposal["outcome"]["level"], "proposal_version": proposal["version"]}
            adviser.post(f"{self._review(number)}/appraisal", body)

    def reopen(self, act: Act) -> None:
        body = {"ground": "late_discipline", "decision": act["decision"], "text": act["says"]}
        self._step(act["who"], act["whom"], "reopening", body)

    def decide(self, act: Act) -> None:
        but: Mapping[str, Any] = act.get("but", {})
        for number, office in self._subjects(act, "decision"):
            authority = self._stage.sign_in(office)
            proposal = authority.get(self._review(number))["proposal"]
            body = {"level": proposal["outcome"]["level"], "proposal_version": proposal["version"]}
            if number in but:
                body |= {"level": but[number]["level"], "text": but[number]["says"]}
            authority.post(f"{self._review(number)}/decision", body)

    def announce(self, act: Act) -> None:
        for number, office in self._subjects(act, "announcement"):
            self._step(office, number, "announcement", {})

    def move_deadline(self, act: Act) -> None:
        body = {"step": act["step"], "day": str(act["day"]), "text": act["says"]}
        self._step(act["who"], act["whom"], "deadlines", body)

    def acknowledge(self, act: Act) -> None:
        """Take up the escalations before somebody, or those about one member."""
        person = self._stage.sign_in(act["who"])
        for item in person.get("/api/v1/inbox")["waiting"]:
            about = self._stage.number_of(item["member_id"])
            if item["step"] == "acknowledgement" and act.get("of", about) == about:
                path = f"/api/v1/escalations/{item['id']}/acknowledgement"
                person.post(path, {"text": act["says"]})

    def plan(self, act: Act) -> None:
        milestones = [each | {"due_on": str(each["due_on"])} for each in act["milestones"]]
        body = {"text": act["says"], "milestones": milestones}
        self._stage.sign_in(act["who"]).post(self._plan(act["who"]), body)

    def agree(self, act: Act) -> None:
        follower = self._stage.id_of(act["follower"])
        self._judge_plan(act, "agreement", {"follower_id": follower})

    def return_plan(self, act: Act) -> None:
        self._judge_plan(act, "return", {"text": act["says"]})

    def evidence(self, act: Act) -> None:
        path = f"/api/v1/milestones/{self._milestone(act['who'], act)}/evidence"
        files = {"minh-chung.txt": f"{act['says']}\n".encode()}
        self._stage.sign_in(act["who"]).upload(path, act["says"], files)

    def approve(self, act: Act) -> None:
        self._judge_evidence(act, "approval", {})

    def ask_more(self, act: Act) -> None:
        self._judge_evidence(act, "request", {"text": act["says"]})

    def send_back(self, act: Act) -> None:
        self._judge_evidence(act, "return", {"text": act["says"]})

    def extend(self, act: Act) -> None:
        path = f"/api/v1/milestones/{self._milestone(act['whom'], act)}/extension"
        body = {"day": str(act["day"]), "text": act["says"]}
        self._stage.sign_in(act["who"]).post(path, body)

    def _step(self, who: str, whom: str, step: str, body: Mapping[str, Any]) -> None:
        self._stage.sign_in(who).post(f"{self._review(whom)}/{step}", body)

    def _judge_plan(self, act: Act, verdict: str, body: Mapping[str, Any]) -> None:
        judge = self._stage.sign_in(act["who"])
        plan = judge.get(self._plan(act["whom"]))
        seen = {"proposal_version": plan["proposal_version"]}
        judge.post(f"{self._plan(act['whom'])}/{verdict}", {**seen, **body})

    def _judge_evidence(self, act: Act, verdict: str, body: Mapping[str, Any]) -> None:
        follower = self._stage.sign_in(act["who"])
        path = f"/api/v1/milestones/{self._milestone(act['whom'], act)}"
        seen = {"evidence_version": follower.get(path)["evidence"][-1]["version"]}
        follower.post(f"{path}/{verdict}", {**seen, **body})

    def _doers(self, act: Act, step: str) -> Iterator[tuple[str, str]]:
        """Iterate over who takes a step for whom: members for themselves, leaders for units."""
        if "who" in act:
            yield act["who"], act["who"]
            return
        for number in self._reviewed(act):
            if number not in act.get("everyone_but", ()):
                who = self._leader_of(number) if of_units(act) else number
                tasks = self._stage.sign_in(who).get(self._review(number))["tasks"]
                if step in {task["step"] for task in tasks}:
                    yield who, number

    def _leader_of(self, unit: str) -> str:
        """Return the HR number of somebody who leads a unit now."""
        database, unit_id = self._stage.system.store.database, self._stage.id_of(unit)
        return next(
            number
            for number in self._officers()
            for post in _view(database, self._stage.id_of(number)).posts
            if (post.unit_id, post.post in OFFICES) == (unit_id, True)
        )

    def _subjects(
        self, act: Act, step: str, *, last_first: bool = False
    ) -> Iterator[tuple[str, str]]:
        """Iterate over whose step is taken and by whom: by those in whose inbox it lies."""
        if "whom" in act:
            yield act["whom"], act["who"]
            return
        for office in sorted(self._officers(), reverse=last_first):
            inbox = self._stage.sign_in(office).get("/api/v1/inbox")["waiting"]
            wanted = (self._story.period, step)
            waiting = [i["member_id"] for i in inbox if (i["period"], i["step"]) == wanted]
            for number in sorted(map(self._stage.number_of, waiting)):
                if (number in self._stage.units) is of_units(act):
                    yield number, office
            self._stage.settle()  # what is done lies in nobody else's inbox any more

    def _reviewed(self, act: Act) -> list[str]:
        """Return the HR numbers of the members, or the units, reviewed in the story's year."""
        database = self._stage.system.store.database
        sql = "SELECT member_id FROM review_states WHERE period = ?"
        rows = database.rows(sql, (self._story.period,))
        numbers = sorted(self._stage.number_of(row[0]) for row in rows)
        return [each for each in numbers if (each in self._stage.units) is of_units(act)]

    def _officers(self) -> list[str]:
        """Return the HR numbers of those who hold an office now."""
        database = self._stage.system.store.database
        held = {
            number
            for number in self._stage.members
            for post in _view(database, self._stage.id_of(number)).posts
            if post.post in OFFICES
        }
        return sorted(held)

    def _review(self, number: str) -> str:
        return f"/api/v1/reviews/{self._story.period}/{self._stage.id_of(number)}"

    def _plan(self, number: str) -> str:
        return f"/api/v1/plans/{self._story.period}/{self._stage.id_of(number)}"

    def _milestone(self, number: str, act: Act) -> str:
        return f"{self._story.period}-{self._stage.id_of(number)}-{act['milestone']}"


DOES: Mapping[str, Does] = {
    "open_cycle": Player.open_cycle,
    "join": Player.join,
    "suggest": partial(Player.say, step="points"),
    "answer_points": Player.answer_points,
    "hold": Player.hold,
    "appraise": Player.appraise,
    "reopen": Player.reopen,
    "commit": Player.commit,
    "self_critique": Player.self_critique,
    "criticise": partial(Player.say, step="criticisms"),
    "answer": Player.answer,
    "propose": Player.propose,
    "decide": Player.decide,
    "announce": Player.announce,
    "answer_notice": partial(Player.say, step="notice-answer"),
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


def _view(database: Database, member_id: str) -> Member:
    found = states.current(database, MEMBERS, member_id).state
    assert isinstance(found, Member), "a member's state is shown as a member"
    return found
