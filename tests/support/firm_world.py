"""A firm in its year, behind HTTP: those who act there, and secretaries who may nothing.

Whoever is a secretary in the commune of a `YearWorld` holds that post here as well, but the firm's
edition knows no such post.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from events.definitions.records import Digest
from events.identifiers import MemberId, UnitId
from services.commands import editions
from tests.support.firm_rules import firm_document
from tests.support.world import CELL, COMMUNE, DISTRICT, OTHER_CELL, enrolled
from tests.support.year_world import (
    ACCOUNTS,
    FIGURES,
    FOLLOWER,
    MEMBER,
    MILESTONE,
    OPENED_AT,
    PERIOD,
    PLAN,
    POOR,
    REVIEW,
    TEXT_FILE,
    WORDS,
    SignedIn,
    YearWorld,
    post_given,
)

HEAD = MemberId("headofteamaaaaaaaaaaaaaaaa")
CLERK = MemberId("clerkaaaaaaaaaaaaaaaaaaaaa")
DIRECTOR = MemberId("directoraaaaaaaaaaaaaaaaaa")
DEPUTY = MemberId("deputyaaaaaaaaaaaaaaaaaaaa")
OWNER = MemberId("owneraaaaaaaaaaaaaaaaaaaaa")
HELD: Mapping[MemberId, tuple[UnitId, UnitId, str]] = {  # who belongs where, with which post where
    HEAD: (CELL, CELL, "head_of_team"),
    CLERK: (CELL, CELL, "clerk"),
    DIRECTOR: (OTHER_CELL, COMMUNE, "director"),
    DEPUTY: (OTHER_CELL, COMMUNE, "deputy_director"),
    OWNER: (DISTRICT, DISTRICT, "director"),
}
AFTER_THE_DECISION_WAS_DUE = datetime(2026, 12, 29, 2, tzinfo=UTC)


class FirmWorld(YearWorld):
    """A world in which the operator published the firm's edition, and HR told its posts."""

    accounts: ClassVar[Mapping[str, SignedIn]] = {
        **ACCOUNTS,
        "head": SignedIn("head", HEAD),
        "clerk": SignedIn("clerk", CLERK),
        "director": SignedIn("director", DIRECTOR),
        "deputy": SignedIn("deputy", DEPUTY),
        "owner": SignedIn("owner", OWNER),
    }

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        for member_id, (own, unit_id, post) in HELD.items():
            self.tell(enrolled(member_id, own), post_given(member_id, unit_id, post))
        self.clock.set(OPENED_AT)
        self.edition = self.publish()

    def publish(self, **changed: Any) -> Digest:
        """Return the digest of an edition that the operator publishes; without what is None."""
        document = {k: v for k, v in firm_document(**changed).items() if v is not None}
        return editions.publish_as_operator(self.system, document, principal="operator")

    def opens(self, role: str, rulebook: str = "") -> int:
        """Return with which status somebody is answered who opens the year."""
        body = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": rulebook or self.edition}
        return self.send(role, "/api/v1/cycles", body).status_code

    def live_as_firm(self) -> None:
        """Live An's year in the firm, until evidence was approved; the decision is late."""
        for step in (
            lambda: self.do("peer", f"{REVIEW}/criticisms", {"text": WORDS}),
            lambda: self.do("member", f"{REVIEW}/self-critique", {"text": WORDS}),
            self._answer,
            self._meet,
            lambda: self.do("head", f"{REVIEW}/proposal", {"points": POOR, "figures": FIGURES}),
            self._appraise,
            self._decide_late,
            lambda: self.do("head", f"{REVIEW}/announcement"),
            self._plan,
            self._agree_in_firm,
            lambda: self.hand_in("member", MILESTONE, ("a.txt", TEXT_FILE)),
            self._approve,
        ):
            step()

    def _meet(self) -> None:
        """Review who heads the team, and An after them."""
        heads = REVIEW.replace(MEMBER, HEAD)
        self.do("head", f"{heads}/self-critique", {"text": WORDS})
        self.do("clerk", f"{heads}/meetings", {"place": CELL})
        self.do("clerk", f"{REVIEW}/meetings", {"place": CELL})

    def _judged(self, role: str) -> dict[str, Any]:
        proposal = self.read(role, REVIEW).json["proposal"]
        return {"level": proposal["outcome"]["level"], "proposal_version": proposal["version"]}

    def _appraise(self) -> None:
        self.do("deputy", f"{REVIEW}/appraisal", self._judged("deputy"))

    def _decide_late(self) -> None:
        self.reach(AFTER_THE_DECISION_WAS_DUE)
        self.do("director", f"{REVIEW}/decision", self._judged("director"))

    def _agree_in_firm(self) -> None:
        version = self.read("head", PLAN).json["proposal_version"]
        body = {"proposal_version": version, "follower_id": FOLLOWER}
        self.do("head", f"{PLAN}/agreement", body)

    def _approve(self) -> None:
        version = self.read("follower", MILESTONE).json["evidence"][0]["version"]
        self.do("follower", f"{MILESTONE}/approval", {"evidence_version": version, "text": WORDS})
