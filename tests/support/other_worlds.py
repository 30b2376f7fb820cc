"""Other organisations, each in a year under the edition that we ship for its kind, behind HTTP."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from events.identifiers import MemberId, UnitId
from tests.support.world import CELL, COMMUNE, DISTRICT, OTHER_CELL, authorised, enrolled
from tests.support.year_world import (
    ACCOUNTS,
    OPENED_AT,
    PERIOD,
    REVIEW,
    WORDS,
    SignedIn,
    YearWorld,
    post_given,
)


class Office:
    """Somebody who belongs to a unit and holds a post in one."""

    def __init__(self, name: str, own: UnitId, unit_id: UnitId) -> None:
        self.member_id = MemberId(f"{name.replace('_', ''):a<26}"[:26])
        self.own, self.unit_id, self.post = own, unit_id, name


class OtherWorld(YearWorld):
    """A world whose HR tells of some posts, and in which a unit opened the year by an edition."""

    def __init__(self, folder: Path, edition: str, offices: Mapping[str, Office]) -> None:
        self.edition, self.offices = edition, offices
        self.accounts = {  # type: ignore[misc]
            **ACCOUNTS,
            **{role: SignedIn(role, each.member_id) for role, each in offices.items()},
        }
        super().__init__(folder)
        self.tell(authorised(DISTRICT))
        for each in offices.values():
            self.tell(
                enrolled(each.member_id, each.own),
                post_given(each.member_id, each.unit_id, each.post),
            )
        self.clock.set(OPENED_AT)
        body = {"period": PERIOD, "unit_id": DISTRICT, "rulebook": edition}
        self.do("decides", "/api/v1/cycles", body)

    def propose(self, points: Mapping[str, int], **figures: int) -> None:
        body = {"points": dict(points), "figures": figures, "text": WORDS}
        self.do("proposes", f"{REVIEW}/proposal", body)

    def appraise(self) -> None:
        self.do("appraises", f"{REVIEW}/appraisal", self.as_proposed("appraises"))

    def decide(self) -> None:
        self.do("decides", f"{REVIEW}/decision", self.as_proposed("decides"))
        self.do("proposes", f"{REVIEW}/announcement")

    def as_proposed(self, role: str) -> dict[str, Any]:
        proposal = self.read(role, REVIEW).json["proposal"]
        return {"level": proposal["outcome"]["level"], "proposal_version": proposal["version"]}

    def page(self, role: str, address: str) -> str:
        return self.read(role, address, Accept="text/html").text


class OfficersService(OtherWorld):
    """Officers up the line: one reports, the next one reviews, a third accepts."""

    everybody: ClassVar[Mapping[str, Office]] = {
        "proposes": Office("initiating_officer", CELL, CELL),
        "appraises": Office("reviewing_officer", OTHER_CELL, COMMUNE),
        "decides": Office("accepting_officer", DISTRICT, DISTRICT),
    }

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "officers", self.everybody)


class CivilService(OtherWorld):
    """A civil service: a supervisor appraises, and the director decides above."""

    everybody: ClassVar[Mapping[str, Office]] = {
        "proposes": Office("supervisor", CELL, CELL),
        "appraises": Office("reviewing_official", DISTRICT, DISTRICT),
        "decides": Office("director", DISTRICT, DISTRICT),
    }

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "civil_service", self.everybody)
