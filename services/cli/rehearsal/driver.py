"""What a story needs somebody to do for it: one deed at a time, by whoever it says."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from events.definitions.records import Period
from events.identifiers import MemberId, UnitId
from services.commands.milestones import MilestoneOf
from services.commands.plans import Wanted
from services.read_models.inbox import Waiting
from services.subject import Subject

Fact = Mapping[str, Any]  # a CloudEvent as HR sends it
Written = Mapping[str, Any]  # `text`, or `sections`, `degrees` and `sheet` of a form


class Driver(Protocol):
    """Does deeds for people, who are named by HR's numbers, and tells what waits for them.

    What the service refuses is raised as a TusoiError, in whose code or message the reason stands.
    """

    def tell(self, facts: Sequence[Fact]) -> None:
        """Let HR tell facts."""
        ...

    def welcome(self, number: str, member_id: MemberId) -> None:
        """Get to know somebody who was enrolled."""
        ...

    def waiting(self, who: str) -> Sequence[Waiting]: ...

    def open_cycle(self, who: str, period: Period, unit_id: UnitId, rulebook: str) -> None: ...

    def join(self, who: str, period: Period, unit_id: UnitId) -> None:
        """Open the reviews of members who came since."""
        ...

    def commit(self, who: str, subject: Subject, written: Written) -> None: ...

    def submit_self_critique(self, who: str, subject: Subject, written: Written) -> None: ...

    def draft(self, who: str, subject: Subject, sections: Mapping[str, str]) -> None:
        """Let somebody begin their self-critique, by the sections of its form, and keep it."""
        ...

    def criticise(self, who: str, subject: Subject, text: str) -> None: ...

    def answer(self, who: str, subject: Subject, criticism_id: str, text: str) -> None: ...

    def suggest_point(self, who: str, subject: Subject, text: str) -> None: ...

    def answer_point(self, who: str, subject: Subject, point_id: str, text: str) -> None: ...

    def hold_meeting(self, who: str, subject: Subject, place: UnitId, text: str) -> None: ...

    def read_words(self, who: str, subject: Subject) -> None:
        """Let somebody read what was written in a review, which is told."""
        ...

    def propose(
        self,
        who: str,
        subject: Subject,
        points: Mapping[str, int],
        figures: Mapping[str, int],
        text: str,
    ) -> None: ...

    def appraise(
        self, who: str, subject: Subject, level: str, proposal_version: int, item: str
    ) -> None: ...

    def decide(
        self, who: str, subject: Subject, level: str, proposal_version: int, text: str | None
    ) -> None: ...

    def give_back(self, who: str, subject: Subject, proposal_version: int, text: str) -> None:
        """Have a rating proposed anew."""
        ...

    def announce(self, who: str, subject: Subject) -> None: ...

    def answer_notice(self, who: str, subject: Subject, text: str) -> None: ...

    def reopen(self, who: str, subject: Subject, decision: str, text: str) -> None:
        """Have a review rated again because of a discipline that came late."""
        ...

    def move_deadline(
        self, who: str, subject: Subject, step: str, day: date, text: str
    ) -> None: ...

    def acknowledge(self, who: str, cause: str, text: str) -> None: ...

    def propose_plan(
        self, who: str, subject: Subject, text: str, milestones: Sequence[Wanted]
    ) -> None: ...

    def agree(
        self, who: str, subject: Subject, proposal_version: int, follower_id: MemberId
    ) -> None: ...

    def return_plan(self, who: str, subject: Subject, proposal_version: int, text: str) -> None: ...

    def hand_in(
        self, who: str, milestone: MilestoneOf, text: str, files: Mapping[str, bytes]
    ) -> None: ...

    def approve(self, who: str, milestone: MilestoneOf, evidence_version: int) -> None: ...

    def ask_more(
        self, who: str, milestone: MilestoneOf, evidence_version: int, text: str
    ) -> None: ...

    def send_back(
        self, who: str, milestone: MilestoneOf, evidence_version: int, text: str
    ) -> None: ...

    def extend(self, who: str, milestone: MilestoneOf, day: date, text: str) -> None: ...
