"""A service of officers in its year, behind HTTP: three or four of them up the line rate An."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from events.identifiers import MemberId, UnitId
from services.commands import editions
from tests.support.officers_rules import officers_document
from tests.support.world import CELL, COMMUNE, DISTRICT, OTHER_CELL, authorised, enrolled
from tests.support.year_world import (
    ACCOUNTS,
    FIGURES,
    GOOD,
    OPENED_AT,
    PERIOD,
    REVIEW,
    WORDS,
    SignedIn,
    YearWorld,
    post_given,
)

INITIATING = MemberId("initiatingaaaaaaaaaaaaaaaa")
REVIEWING = MemberId("reviewingaaaaaaaaaaaaaaaaa")
COUNTERSIGNING = MemberId("countersigningaaaaaaaaaaaa")
ACCEPTING = MemberId("acceptingaaaaaaaaaaaaaaaaa")
OFFICERS: Mapping[str, tuple[MemberId, UnitId, UnitId]] = {  # who belongs where, with a post where
    "initiating": (INITIATING, CELL, CELL),
    "reviewing": (REVIEWING, OTHER_CELL, COMMUNE),
    "countersigning": (COUNTERSIGNING, DISTRICT, DISTRICT),
    "accepting": (ACCEPTING, DISTRICT, DISTRICT),
}


class OfficersWorld(YearWorld):
    """A world in which the operator published the service's edition, and the year was opened."""

    accounts: ClassVar[Mapping[str, SignedIn]] = {
        **ACCOUNTS,
        **{role: SignedIn(role, who) for role, (who, _, _) in OFFICERS.items()},
    }

    def __init__(self, folder: Path, *more: str, **changed: Any) -> None:
        super().__init__(folder)
        self.tell(authorised(DISTRICT))
        for role, (who, own, unit_id) in OFFICERS.items():
            self.tell(enrolled(who, own), post_given(who, unit_id, f"{role}_officer"))
        self.clock.set(OPENED_AT)
        document = officers_document(*more, **changed)
        self.edition = editions.publish_as_operator(self.system, document, principal="operator")
        body = {"period": PERIOD, "unit_id": DISTRICT, "rulebook": self.edition}
        self.do("accepting", "/api/v1/cycles", body)

    def report(self) -> None:
        """Let An write, and the initiating officer report on them."""
        self.do("member", f"{REVIEW}/self-critique", {"text": WORDS})
        self.propose()

    def propose(self) -> None:
        body = {"points": GOOD, "figures": FIGURES, "text": WORDS}
        self.do("initiating", f"{REVIEW}/proposal", body)

    def judged(self, role: str) -> dict[str, Any]:
        proposal = self.read(role, REVIEW).json["proposal"]
        return {"level": proposal["outcome"]["level"], "proposal_version": proposal["version"]}

    def appraise(self, role: str) -> None:
        self.do(role, f"{REVIEW}/appraisal", self.judged(role))

    def accept(self) -> None:
        self.do("accepting", f"{REVIEW}/decision", self.judged("accepting"))
        self.do("initiating", f"{REVIEW}/announcement")
