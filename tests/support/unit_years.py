"""A unit's review in the party year of 2025, step by step: rated so that a plan is demanded."""

from datetime import date

from events.definitions.records import Label
from events.identifiers import MemberId, UnitId, unit_stream
from services.commands import meetings, milestones, plans, ratings, reviews
from services.commands.milestones import Evidence, MilestoneOf
from services.commands.plans import Wanted
from services.commands.work import Asking
from services.intake.parser import parse_event
from services.intake.receive import receive
from services.queries.answers import Marks
from services.queries.year_counts import Counted
from services.safekeeping import evidence
from tests.support.living import DEMO, HR, HR_SOURCE
from tests.support.party_years import PartyYears
from workers.reacting import Reactor
from workers.reactions.transfers import Transfers

UNIT, ITS_HEAD, ITS_DEPUTY = "SG-CB02", "SG-0021", "SG-0022"
ABOVE, DECIDES = "SG-0043", "SG-0036"  # hold offices in the committee
FOLLOWS = "SG-0006"
WRITES, HEAD_OF_WRITES, PEER_OF_WRITES = "SG-CB01", "SG-0006", "SG-0009"
MEETS, HEAD_OF_MEETS = "SG-CB03", "SG-0042"
BEFORE_CRITIQUES = date(2025, 11, 12)  # the day before units write theirs
HELD = date(2025, 11, 19)  # units wrote and met; they are proposed the day after
FAULTS = "Chi ủy họp thiếu hai kỳ; quỹ công khai chậm."
FAIR = Counted(
    {"conduct": 18, "results": 40},
    {
        "tasks_total": 10,
        "tasks_done": 10,
        "tasks_on_time": 9,
        "tasks_beyond": 0,
        "degradation_concluded": 0,
    },
)


def asking(year: PartyYears, number: str) -> Asking:
    return Asking(person=year.person(number), correlation_id="test")


def told_by_hr(year: PartyYears, fact: str, **data: object) -> None:
    """Let HR tell something that takes effect now."""
    told = {
        "specversion": "1.0",
        "id": f"more-{fact}-{year.context.store.head().size}",
        "source": HR_SOURCE,
        "type": f"roster.{fact}",
        "time": year.clock.now().isoformat(),
        "data": data,
    }
    (outcome,) = receive(year.context, HR, [parse_event(told, 0)], correlation_id="hr")
    assert outcome.receipt is not None
    year.settle()


def rate(year: PartyYears, unit: str = UNIT, counted: Counted = FAIR, *, by: str = ABOVE) -> None:
    """Let a unit be rated and given notice by those who act above it."""
    subject, context = year.subject(unit), year.context
    ratings.propose_rating(context, asking(year, by), subject, counted, FAULTS)
    proposal = year.review(subject).proposal
    assert proposal is not None
    level = proposal.fact.outcome.level
    on_it = (subject, level, proposal.version, None)
    ratings.appraise_rating(context, asking(year, ABOVE), *on_it)
    ratings.decide_rating(context, asking(year, DECIDES), *on_it)
    ratings.announce_rating(context, asking(year, by), subject)
    year.settle()


def plan_for(year: PartyYears, unit: str = UNIT, *, by: str = ITS_DEPUTY) -> int:
    """Let a unit's deputy propose its plan; return the version that is to be agreed to."""
    wanted = [Wanted("Công khai quỹ chi bộ hằng quý.", date(2026, 6, 30))]
    subject = year.subject(unit)
    plans.propose_plan(year.context, asking(year, by), subject, FAULTS, wanted)
    year.settle()
    proposal = year.plan(subject).proposal
    assert proposal is not None
    return proposal.version


def agree(year: PartyYears, version: int, *, by: str = ABOVE, follower: str = FOLLOWS) -> None:
    subject, follows = year.subject(UNIT), MemberId(year.id_of(follower))
    plans.agree_to_plan(year.context, asking(year, by), subject, version, follows)
    year.settle()


def show_evidence(year: PartyYears) -> None:
    """Let the unit's head hand in a file, under the unit's key."""
    subject = year.subject(UNIT)
    owner = reviews.owner_of(year.context, subject)
    assert owner == unit_stream(UnitId(subject.member_id))
    with (DEMO / "year.yaml").open("rb") as content:
        sealed = evidence.seal(
            year.context, content, "quy-chi-bo.txt", owner=owner, scope=year.period
        )
    which = MilestoneOf(subject, Label("1"))
    files = [Evidence("quy-chi-bo.txt", sealed)]
    milestones.hand_in_evidence(year.context, asking(year, ITS_HEAD), which, files, FAULTS)
    year.settle()


def write_for(year: PartyYears, unit: str, by: str) -> None:
    """Let somebody who leads a unit hand in its self-critique."""
    subject = year.subject(unit)
    reviews.submit_self_critique(year.context, asking(year, by), subject, FAULTS, Marks())
    year.settle()


def hold_for(year: PartyYears, unit: str, by: str) -> None:
    subject = year.subject(unit)
    place = UnitId(subject.member_id)
    meetings.hold_meeting(year.context, asking(year, by), subject, place, year.heads_of, FAULTS)
    year.settle()


def take_units_apart(year: PartyYears) -> None:
    """Bring each unit to a step of its own: one writes, one meets, one has a plan to agree to.

    The first was criticised and got a point; both wait for their answers.
    """
    writing = year.subject(WRITES)
    reviews.criticise(year.context, asking(year, PEER_OF_WRITES), writing, FAULTS)
    meetings.suggest_point(year.context, asking(year, DECIDES), writing, FAULTS)
    write_for(year, MEETS, HEAD_OF_MEETS)
    write_for(year, UNIT, ITS_HEAD)
    hold_for(year, UNIT, ITS_DEPUTY)
    rate(year)
    plan_for(year)


def dissolve(year: PartyYears, unit: str, successor: str) -> None:
    """Let HR tell that a unit is no more, and let follow what does for its review."""
    transfers = Reactor(year.context.store, Transfers(year.context), clock=year.clock)
    transfers.advance()  # a new one begins at the log's end
    told_by_hr(year, "unit_dissolved", unit_id=unit, successor_id=successor)
    while transfers.advance():
        pass
    year.settle()
