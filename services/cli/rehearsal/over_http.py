"""Deeds over HTTP, each by whoever it says, signed in as themselves."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from events.definitions.records import Period
from events.domain.rulebook.grounds import Needs
from events.identifiers import MemberId, UnitId
from services.access import accounts, sessions
from services.cli.rehearsal.driver import Fact, Written
from services.cli.rehearsal.people import Browser, Client
from services.commands import rights
from services.commands.milestones import MilestoneOf
from services.commands.plans import Wanted
from services.context import Context
from services.read_models.inbox import Waiting
from services.safekeeping.drafts import SELF_CRITIQUE, fields_of
from services.subject import Subject


class OverHttp:
    """Everybody has a browser and an account, and HR a token."""

    def __init__(self, context: Context, address: str, *, secret: str, password: str) -> None:
        self._context = context
        self._address = address
        self._hr = Client(address, secret)
        self._password = password  # of everybody's account
        self._browsers: dict[str, Browser] = {}
        self._accounts: dict[str, str] = {}  # their ids
        self._here: set[str] = set()  # who is signed in at this time
        self._since: datetime | None = None

    def tell(self, facts: Sequence[Fact]) -> None:
        self._hr.send(facts)

    def welcome(self, number: str, member_id: MemberId) -> None:
        made = rights.make_account(
            self._context, number.lower(), self._password, member_id=member_id
        )
        self._accounts[number] = made.id

    def waiting(self, who: str) -> Sequence[Waiting]:
        found = self._sign_in(who).get("/api/v1/inbox")["waiting"]
        return msgspec.convert(found, list[Waiting])

    def open_cycle(self, who: str, period: Period, unit_id: UnitId, rulebook: str) -> None:
        body = {"period": period, "unit_id": unit_id, "rulebook": rulebook}
        self._post(who, "/api/v1/cycles", body)

    def join(self, who: str, period: Period, unit_id: UnitId) -> None:
        self._post(who, f"/api/v1/cycles/{period}/{unit_id}/reviews", {})

    def commit(self, who: str, subject: Subject, written: Written) -> None:
        self._post(who, f"{_review(subject)}/commitment", written)

    def submit_self_critique(self, who: str, subject: Subject, written: Written) -> None:
        self._post(who, f"{_review(subject)}/self-critique", written)

    def draft(self, who: str, subject: Subject, sections: Mapping[str, str]) -> None:
        path = f"/reviews/{subject.period}/{subject.member_id}/draft/{SELF_CRITIQUE}"
        self._sign_in(who).fill_in(path, fields_of(sections))

    def criticise(self, who: str, subject: Subject, text: str) -> None:
        self._post(who, f"{_review(subject)}/criticisms", {"text": text})

    def answer(self, who: str, subject: Subject, criticism_id: str, text: str) -> None:
        self._post(who, f"{_review(subject)}/criticisms/{criticism_id}/answer", {"text": text})

    def suggest_point(self, who: str, subject: Subject, text: str) -> None:
        self._post(who, f"{_review(subject)}/points", {"text": text})

    def answer_point(self, who: str, subject: Subject, point_id: str, text: str) -> None:
        self._post(who, f"{_review(subject)}/points/{point_id}/answer", {"text": text})

    def hold_meeting(self, who: str, subject: Subject, place: UnitId, text: str) -> None:
        self._post(who, f"{_review(subject)}/meetings", {"place": place, "text": text})

    def read_words(self, who: str, subject: Subject) -> None:
        self._sign_in(who).post(f"{_review(subject)}/words", {})

    def propose(
        self,
        who: str,
        subject: Subject,
        points: Mapping[str, int],
        figures: Mapping[str, int],
        text: str,
    ) -> None:
        body = {"points": points, "figures": figures, "text": text}
        self._post(who, f"{_review(subject)}/proposal", body)

    def appraise(
        self, who: str, subject: Subject, level: str, proposal_version: int, item: str
    ) -> None:
        body = {"level": level, "proposal_version": proposal_version}
        self._post(who, f"{_review(subject)}/appraisal", body | ({"item": item} if item else {}))

    def decide(
        self, who: str, subject: Subject, level: str, proposal_version: int, text: str | None
    ) -> None:
        body = {"level": level, "proposal_version": proposal_version}
        self._post(who, f"{_review(subject)}/decision", body | ({"text": text} if text else {}))

    def give_back(self, who: str, subject: Subject, proposal_version: int, text: str) -> None:
        body = {"proposal_version": proposal_version, "text": text}
        self._post(who, f"{_review(subject)}/return", body)

    def announce(self, who: str, subject: Subject) -> None:
        self._post(who, f"{_review(subject)}/announcement", {})

    def answer_notice(self, who: str, subject: Subject, text: str) -> None:
        self._post(who, f"{_review(subject)}/notice-answer", {"text": text})

    def reopen(self, who: str, subject: Subject, decision: str, text: str) -> None:
        body = {"ground": Needs.LATE_DISCIPLINE, "decision": decision, "text": text}
        self._post(who, f"{_review(subject)}/reopening", body)

    def move_deadline(self, who: str, subject: Subject, step: str, day: date, text: str) -> None:
        body = {"step": step, "day": str(day), "text": text}
        self._post(who, f"{_review(subject)}/deadlines", body)

    def acknowledge(self, who: str, cause: str, text: str) -> None:
        self._post(who, f"/api/v1/escalations/{cause}/acknowledgement", {"text": text})

    def propose_plan(
        self, who: str, subject: Subject, text: str, milestones: Sequence[Wanted]
    ) -> None:
        wanted = [{"words": each.words, "due_on": str(each.due_on)} for each in milestones]
        self._post(who, _plan(subject), {"text": text, "milestones": wanted})

    def agree(
        self, who: str, subject: Subject, proposal_version: int, follower_id: MemberId
    ) -> None:
        body = {"proposal_version": proposal_version, "follower_id": follower_id}
        self._post(who, f"{_plan(subject)}/agreement", body)

    def return_plan(self, who: str, subject: Subject, proposal_version: int, text: str) -> None:
        body = {"proposal_version": proposal_version, "text": text}
        self._post(who, f"{_plan(subject)}/return", body)

    def hand_in(
        self, who: str, milestone: MilestoneOf, text: str, files: Mapping[str, bytes]
    ) -> None:
        self._sign_in(who).upload(f"{_milestone(milestone)}/evidence", text, files)

    def approve(self, who: str, milestone: MilestoneOf, evidence_version: int) -> None:
        body = {"evidence_version": evidence_version}
        self._post(who, f"{_milestone(milestone)}/approval", body)

    def ask_more(self, who: str, milestone: MilestoneOf, evidence_version: int, text: str) -> None:
        body = {"evidence_version": evidence_version, "text": text}
        self._post(who, f"{_milestone(milestone)}/request", body)

    def send_back(self, who: str, milestone: MilestoneOf, evidence_version: int, text: str) -> None:
        body = {"evidence_version": evidence_version, "text": text}
        self._post(who, f"{_milestone(milestone)}/return", body)

    def extend(self, who: str, milestone: MilestoneOf, day: date, text: str) -> None:
        self._post(who, f"{_milestone(milestone)}/extension", {"day": str(day), "text": text})

    def _post(self, who: str, path: str, body: Mapping[str, Any]) -> None:
        self._sign_in(who).post(path, body)

    def _sign_in(self, who: str) -> Browser:
        """Return a browser in which somebody is signed in; nobody stays so over night.

        The password is typed once. Later sessions are begun beside the service, for hashing it
        anew for everybody on each day would be half of the time that a year takes.
        """
        if self._since != self._context.clock.now():
            self._here.clear()
            self._since = self._context.clock.now()
        if who not in self._here:
            self._let_in(who)
            self._here.add(who)
        return self._browsers[who]

    def _let_in(self, who: str) -> None:
        self._open_account(who)
        if who in self._browsers:
            self._browsers[who].go_on(self._begin_session(who))
        else:
            browser = Browser(self._address)
            browser.sign_in(who.lower(), self._password)
            self._browsers[who] = browser

    def _begin_session(self, who: str) -> str:
        return sessions.begin(self._context, accounts.find(self._context, self._accounts[who]))

    def _open_account(self, who: str) -> None:
        """Let somebody who left go on, as an operator may: in the story they finish their year."""
        account = accounts.find(self._context, self._accounts[who])
        if account.stopped_at:
            accounts.enable(self._context, account.id)


def _review(subject: Subject) -> str:
    return f"/api/v1/reviews/{subject.period}/{subject.member_id}"


def _plan(subject: Subject) -> str:
    return f"/api/v1/plans/{subject.period}/{subject.member_id}"


def _milestone(milestone: MilestoneOf) -> str:
    subject = milestone.subject
    return f"/api/v1/milestones/{subject.period}-{subject.member_id}-{milestone.id}"
