"""Live the demo's party years side by side: points, meetings, appraisals, quarters, reopenings."""

from collections.abc import Sequence
from datetime import date

from events.definitions.records import Period
from services.cli.rehearsal.stories import Story, read_stories
from tests.support.living import DEMO, HR_SOURCE, Act, Year

YEAR, QUARTER = "2025", "2026-q1"
TOLD = (YEAR, QUARTER)
AT_POINTS = date(2025, 11, 25)  # they wait for their answers
AT_MEETINGS = date(2025, 12, 16)  # of some; the others are proposed
AFTER_THE_YEAR = date(2026, 3, 18)  # with a quarter open

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
    {"does": "decide", "who": "SG-0038", "whom": "SG-0053"},
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

    def stories(self) -> Sequence[Story]:
        told = read_stories((DEMO / "three_years.yaml").read_text("utf-8"))
        return [each for each in told if each.period in TOLD]

    def turn_to(self, period: str) -> None:
        """Let what is done and asked from now on be of this year or quarter."""
        self.player = self.players[Period(period)]

    def do(self, act: Act) -> None:
        """Do one act in the year that it belongs to."""
        self.turn_to(act["period"])
        match act["does"]:
            case "discipline":
                self._discipline(act)
            case "come_back":
                self._told_by_hr(act["told"], act["who"])
            case _:
                super().do(act)
        self.turn_to(YEAR)

    def _discipline(self, act: Act) -> None:
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

    def _told_by_hr(self, told: str, number: str, **data: object) -> None:
        fact = {
            "specversion": "1.0",
            "id": f"{told}-{number}",
            "source": HR_SOURCE,
            "type": f"roster.{told}",
            "time": self.clock.now().isoformat(),
            "data": {"member_id": number, **data},
        }
        self.driver.tell([fact])


def take(year: Year, *steps: Act) -> None:
    """Let somebody take steps of the party year, on the day that it is."""
    assert isinstance(year, PartyYears), "only party years have such steps"
    for step in steps:
        year.do({"period": YEAR} | dict(step))
        year.settle()
