"""A commune whose units are reviewed as collectives: somebody in every role towards one of them.

The cell hangs below a ward, the ward below the commune. Roles are those towards the cell's review;
its secretary leads it, and everybody else is called by what they are to it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from events.definitions.event import Code
from events.definitions.roster import PostRelieved, UnitMoved
from events.identifiers import MemberId, UnitId
from services.access.roles import Role
from tests.support.world import CELL, COMMUNE, OTHER_CELL, enrolled, formed
from tests.support.year_world import (
    ACCOUNTS,
    FOLLOWER,
    PERIOD,
    TEXT_FILE,
    WORDS,
    SignedIn,
    YearWorld,
    post_given,
)

WARD = UnitId("wardaaaaaaaaaaaaaaaaaaaaaa")
ABOVE = MemberId("aboveaaaaaaaaaaaaaaaaaaaaa")
DEPUTY = MemberId("deputyaaaaaaaaaaaaaaaaaaaa")
BOTH = MemberId("bothaaaaaaaaaaaaaaaaaaaaaa")
FORMER = MemberId("formeraaaaaaaaaaaaaaaaaaaa")
OTHER = MemberId("otheraaaaaaaaaaaaaaaaaaaaa")
OPENED_AT = datetime(2026, 11, 2, 2, tzinfo=UTC)  # the units are older than six months
COMMITMENT_MISSED = datetime(2026, 11, 19, 2, tzinfo=UTC)

REVIEW = f"/api/v1/reviews/{PERIOD}/{CELL}"
PLAN = f"/api/v1/plans/{PERIOD}/{CELL}"
RATING = f"/api/v1/ratings/{PERIOD}/{CELL}"
MILESTONE = f"/api/v1/milestones/{PERIOD}-{CELL}-1"
PLANNED = {"text": WORDS, "milestones": [{"words": WORDS, "due_on": "2027-03-31"}]}
COUNTED = {
    "points": {"conduct": 20, "results": 20},
    "figures": {
        "tasks_total": 10,
        "tasks_done": 10,
        "tasks_on_time": 10,
        "tasks_beyond": 0,
        "degradation_concluded": 0,
    },
}

# What each person is towards the review of the cell; of its plan, the follower is one more.
TOWARDS: Mapping[str, frozenset[Role]] = {
    "secretary": frozenset((Role.LEADER,)),
    "both": frozenset((Role.LEADER,)),
    "former": frozenset((Role.LEADER,)),
    "member": frozenset((Role.PEER,)),
    "above": frozenset((Role.SECRETARY, Role.PROPOSER, Role.COMMITTEE)),
    "committee": frozenset((Role.COMMITTEE,)),
    "authority": frozenset(
        (Role.PROPOSER, Role.COMMITTEE, Role.AUTHORITY, Role.APPRAISER, Role.DECIDER)
    ),
    "follower": frozenset((Role.FOLLOWER,)),
    "other": frozenset(),
    "superior": frozenset((Role.SUPERIOR,)),
    "auditor": frozenset((Role.AUDITOR,)),
    "administrator": frozenset((Role.ADMINISTRATOR,)),
}


def towards(path: str, role: str) -> frozenset[Role]:
    """Return the roles of somebody by what a path is about: members have no part in the plan."""
    of_plan = "/plans/" in path or "/milestones/" in path
    return frozenset() if of_plan and role == "member" else TOWARDS[role]


class UnitWorld(YearWorld):
    """A world with three levels of units, and a year in which they are reviewed themselves."""

    accounts = MappingProxyType(
        {
            **ACCOUNTS,
            **{
                each.id: each
                for each in (
                    SignedIn("above", ABOVE),  # holds an office in the ward
                    SignedIn("deputy", DEPUTY),  # in the commune
                    SignedIn("both", BOTH),  # in the cell and in the commune
                    SignedIn("former", FORMER),  # in the commune, and led the cell at the opening
                    SignedIn("other", OTHER),  # in the other cell
                )
            },
        }
    )

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.tell(
            formed(WARD, COMMUNE),
            *(UnitMoved(unit_id=each, parent_id=WARD) for each in (CELL, OTHER_CELL)),
            *(enrolled(each, CELL) for each in (BOTH, FORMER)),
            *(enrolled(each, OTHER_CELL) for each in (ABOVE, DEPUTY, OTHER)),
            post_given(ABOVE, WARD, "secretary"),
            post_given(DEPUTY, COMMUNE, "deputy_secretary"),
            post_given(BOTH, CELL, "deputy_secretary"),
            post_given(BOTH, COMMUNE, "deputy_secretary"),
            post_given(FORMER, CELL, "deputy_secretary"),
            post_given(FORMER, COMMUNE, "deputy_secretary"),
            post_given(OTHER, OTHER_CELL, "secretary"),
        )

    def open_units(self) -> None:
        """Open the year; then one of those who led the cell leads it no more."""
        self.clock.time = OPENED_AT
        body = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": "qd366_hd02"}
        self.do("authority", "/api/v1/cycles", body)
        self.tell(PostRelieved(member_id=FORMER, unit_id=CELL, post=Code("deputy_secretary")))

    def write(self) -> None:
        """Let the cell's leaders write in its name, and others say what they have to say."""
        self.do("secretary", f"{REVIEW}/commitment", {"text": WORDS})
        self.do("member", f"{REVIEW}/criticisms", {"text": WORDS})
        self.do("authority", f"{REVIEW}/points", {"text": WORDS})
        shown = self.read("secretary", REVIEW).json
        point, criticism = shown["points"][0]["id"], shown["criticisms"][0]["id"]
        self.do("secretary", f"{REVIEW}/points/{point}/answer", {"text": WORDS})
        self.do("both", f"{REVIEW}/self-critique", {"text": WORDS})
        self.do("both", f"{REVIEW}/criticisms/{criticism}/answer", {"text": WORDS})
        self.do("secretary", f"{REVIEW}/meetings", {"place": CELL, "text": WORDS})

    def rate(self) -> None:
        """Let the ward propose, the commune appraise and decide, the ward tell, a leader answer."""
        self.do("above", f"{REVIEW}/proposal", {**COUNTED, "text": WORDS})
        proposed = self.read("authority", REVIEW).json["proposal"]
        on_it = {"level": proposed["outcome"]["level"], "proposal_version": proposed["version"]}
        self.do("deputy", f"{REVIEW}/appraisal", on_it)
        self.do("authority", f"{REVIEW}/decision", on_it)
        self.do("above", f"{REVIEW}/announcement")
        self.do("both", f"{REVIEW}/notice-answer", {"text": WORDS})

    def put_right(self) -> None:
        """Let the leaders plan, the ward agree, and a leader show evidence."""
        self.do("secretary", PLAN, PLANNED)
        version = self.read("above", PLAN).json["proposal_version"]
        agreed = {"proposal_version": version, "follower_id": FOLLOWER}
        self.do("above", f"{PLAN}/agreement", agreed)
        self.hand_in("both", MILESTONE, ("a.txt", TEXT_FILE))

    def live_as_units(self) -> None:
        """Live the cell's year, with a deadline missed, to evidence handed in for its plan."""
        self.open_units()
        self.reach(COMMITMENT_MISSED)
        self.write()
        self.rate()
        self.put_right()

    def cause_of(self, subject: str) -> str:
        """Return the id of the first escalation about a member or unit."""
        sql = "SELECT id FROM escalation_states WHERE member_id = ? ORDER BY position"
        return str(self.system.store.database.rows(sql, (subject,))[0][0])
