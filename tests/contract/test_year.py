"""A commune lives its year through the commands and the workers, on both databases."""

import copy
import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

import msgspec

from events.definitions.deadline import DeadlineMissed, Excuse
from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Code, Event
from events.definitions.records import Hand
from events.definitions.review import RatingDecided
from events.domain.aggregate.folding import Taken
from events.domain.documents.working_days import local_day
from events.domain.escalation import escalation
from events.domain.organisation import member, presence
from events.domain.plan import plan
from events.domain.review import review
from events.domain.rulebook import rating, validity
from events.domain.steps import Step
from events.domain.year.deadlines import Task
from events.identifiers import Stream, member_stream
from events.store import reference
from events.store.batch import Appended, NewEvent
from services.access.roles import Person
from services.cli.fact_check import check_facts
from services.queries.rating_check import check_ratings
from services.read_models import inbox
from services.read_models.states import ESCALATIONS, PLANS, REVIEWS, Kind
from services.read_models.verification import StateCheck
from tests.support.counting import ENTRIES, Counted
from tests.support.fakes import FixedClock
from tests.support.lived import Reached
from tests.support.living import BEFORE, Year

AFTER_TET = date(2025, 2, 3)  # 31 January 2025 lies in the holidays of Tết
DAYS = [  # on which commitments, answers, proposals, decisions, plans and evidence wait
    *(date(2025, 2, 4), date(2025, 12, 4), date(2025, 12, 10), date(2025, 12, 12)),
    *(date(2025, 12, 22), date(2025, 12, 24), date(2026, 1, 7), date(2026, 3, 30)),
]
TASKS: dict[Kind, Callable[[Any], tuple[Task, ...]]] = {
    REVIEWS: review.tasks,
    PLANS: plan.tasks,
    ESCALATIONS: escalation.tasks,
}


def escalations_of(year: Year, number: str) -> list[escalation.State]:
    """Return the escalations about a member, the oldest first."""
    sql = "SELECT id FROM escalation_states WHERE member_id = ? ORDER BY position"
    rows = year.context.store.database.rows(sql, (year.id_of(number),))
    streams = [Stream(f"escalation-{key}") for (key,) in rows]
    found = [escalation.fold(year.context.store.read_stream(each).events) for each in streams]
    return sorted(found, key=lambda state: state.raised.at if state.raised else BEFORE)


def counts(year: Year) -> Counter[str]:
    return Counter(row[0] for row in year.context.store.database.rows("SELECT type FROM events"))


def test_a_commune_lives_its_year(lived_year: Year) -> None:
    levels = lived_year.context.store.database.rows("SELECT level FROM review_states")
    assert {level for (level,) in levels} == {"excellent", "good", "fair", "poor", None}
    told = counts(lived_year)
    assert told["review.rating_decided"] == told["review.rating_announced"]
    assert told["review.rating_decided"] == told["review.self_critique_submitted"]
    absent = [number for number in ("SG-0031", "SG-0045") if not rated(lived_year, number)]
    assert absent == ["SG-0031", "SG-0045"]  # nobody is rated by a lapse of time


def rated(year: Year, number: str) -> bool:
    return year.review(year.subject(number)).decision is not None


def test_states_as_projected_are_states_as_folded(reached: Reached) -> None:
    year = reached(Year, date(2025, 12, 24))

    check = StateCheck(year.context.store)
    for sequenced in _log(year):
        check.fold(sequenced.position, Recorded(sequenced.entry, sequenced.event))
    assert list(check.compare()) == []
    assert check.compared > 100


def _log(year: Year) -> Iterator[Sequenced]:
    position = 0
    while batch := year.context.store.read_log(position):
        yield from batch
        position = batch[-1].position


def test_every_rating_of_the_year_is_verified_from_history(lived_year: Year) -> None:
    check = StateCheck(lived_year.context.store)
    for sequenced in _log(lived_year):
        check.fold(sequenced.position, Recorded(sequenced.entry, sequenced.event))

    ratings = check_ratings(lived_year.context.store, check.folded_states(REVIEWS))

    assert ratings.findings == ()
    assert ratings.judged == counts(lived_year)["review.rating_decided"] > 40


def test_a_rating_whose_rulebook_is_gone_is_named(reached: Reached) -> None:
    year = reached(Year, date(2025, 12, 22))
    states = [(n, year.review(year.subject(n))) for n in ("SG-0009", "SG-0041")]
    reference._read.clear()  # noqa: SLF001 - as another process, which has not read it yet
    year.context.store.database.transact(lambda t: t.run("DELETE FROM documents"))

    ratings = check_ratings(year.context.store, states)

    assert [finding.where for finding in ratings.findings] == ["rating SG-0009", "rating SG-0041"]
    reference._read.clear()  # noqa: SLF001


def test_a_miss_is_dated_by_the_rule_and_climbs_to_the_last_rung(reached: Reached) -> None:
    year = reached(Year, date(2025, 2, 20))
    year.reach(date(2025, 3, 4))

    (climbed,) = escalations_of(year, "SG-0014")
    assert [each.rung for each in climbed.laid] == [1, 2, 3]
    assert climbed.raised is not None
    assert local_day(climbed.raised.fact.due_at) == AFTER_TET
    assert escalation.stage(climbed) == "open"
    missed = year.review(year.subject("SG-0014")).deadlines.missed
    assert [local_day(due.due_at) for due in missed] == [AFTER_TET]


def test_an_acknowledged_escalation_climbs_no_further_and_the_deed_resolves_it(
    reached: Reached,
) -> None:
    year = reached(Year, date(2025, 2, 11))
    (taken_up,) = escalations_of(year, "SG-0028")
    year.live(until=date(2025, 3, 5))

    assert ([each.rung for each in taken_up.laid], escalation.stage(taken_up)) == (
        [1, 2],
        "acknowledged",
    )
    for number in ("SG-0014", "SG-0028", "SG-0034", "SG-0046"):
        (ended,) = escalations_of(year, number)
        assert escalation.stage(ended) == "resolved"


def test_who_is_absent_with_good_reason_missed_nothing(reached: Reached) -> None:
    year = reached(Year, date(2025, 12, 10))

    state = year.review(year.subject("SG-0026"))

    assert [due.step for due in state.deadlines.settled] == ["self_critique"]
    assert state.deadlines.missed == ()
    assert escalations_of(year, "SG-0026") == []


def test_a_clock_that_jumps_loses_no_deadline_and_tells_none_twice(
    reached: Reached, clock: FixedClock
) -> None:
    year = reached(Year, date(2025, 1, 20))
    clock.time += timedelta(days=200)
    year.settle()
    after_the_jump = counts(year)
    clock.time -= timedelta(days=190)
    year.settle()
    clock.time += timedelta(days=190)
    year.settle()

    assert counts(year) == after_the_jump
    late = [each.event for each in _log(year) if isinstance(each.event, DeadlineMissed)]
    keys = {(event.subject, event.step, event.item) for event in late}
    assert len(keys) == len(late)
    assert after_the_jump["deadline.missed"] == len(late) > 0


def test_no_review_shows_a_commitment_that_nobody_made(reached: Reached) -> None:
    year = reached(Year, date(2025, 1, 20))

    state = year.review(year.subject("SG-0014"))

    assert review.stage(state) == "commitment"
    assert state.commitment is None


class Waiting(NamedTuple):
    """Something that waits in a year, and on whom it may wait, from states as folded."""

    key: str
    tasks: tuple[Task, ...]
    about: str
    path: tuple[str, ...]
    follower: str | None


def all_that_waits(year: Year) -> list[Waiting]:
    """Return what waits for anybody, from states as folded."""
    return [
        Waiting(key, tasks(state), *concerned(state))
        for kind, tasks in TASKS.items()
        for (key,) in year.context.store.database.rows(f"SELECT id FROM {kind.projection}")
        for state in [kind.fold(year.context.store.read_stream(kind.stream(key)).events)]
        if not (kind is REVIEWS and is_over(year, state))
    ]


def waiting_by_law(waiting: list[Waiting], who: Person) -> set[tuple[str, str, str]]:
    """Return id, step and item of all that waits for a person."""
    offices = who.under(*reference.shipped_rulebooks()).office_units
    found = set()
    for key, tasks, about, path, follower in waiting:
        turns: dict[str, bool] = {
            "member": about == who.member_id,
            "secretary": about != who.member_id and path[0] in offices,
            "authority": about != who.member_id and path[-1] in offices,
            "addressee": about != who.member_id and path[-1] in offices,
            "follower": follower == who.member_id,
        }
        found |= {(key, each.step.value, each.item) for each in tasks if turns[each.turn]}
    return found


def is_over(year: Year, state: review.State) -> bool:
    """Tell whether a review waits for nobody, because its member is exempt or left."""
    assert state.opened is not None
    roster = year.context.store.read_stream(member_stream(state.opened.fact.member_id)).events
    gone = presence.of_member(member.view(member.fold(roster)), (), {})
    return state.decision is None and gone in (Excuse.EXEMPT, Excuse.LEFT)


def concerned(state: Any) -> tuple[str, tuple[str, ...], str | None]:
    """Return whom a state is about, before which units it lies, and who follows it."""
    match state:
        case escalation.State(raised=Taken() as raised):
            return escalation.about(raised.fact)[1], (state.laid[-1].unit_id,), None
        case review.State(opened=Taken() as opened):
            return opened.fact.member_id, state.path, None
        case _:
            follower = state.agreement.fact.follower_id if state.agreement else None
            return state.opened.fact.member_id, state.opened.fact.path, follower


def test_an_inbox_is_what_the_law_says_that_waits_for_somebody(year: Year) -> None:
    met = set()
    for day in DAYS:
        year.live(until=day)
        waiting = all_that_waits(year)
        for number in year.enrolled:
            who = year.person(number)
            assert who.member_id is not None

            shown = inbox.of_person(year.context.store.database, who)

            told = [(each.id, each.step, each.item or "") for each in shown]
            assert set(told) == waiting_by_law(waiting, who)
            assert len(told) == len(set(told))
            met |= {each.step for each in shown}
    rated = {*review.RATING_STEPS} - {Step.APPRAISAL, Step.STATEMENT}  # of its edition
    assert met >= {"commitment", "answer", *rated}
    assert met >= {"acknowledgement", "plan", "plan_agreement", "milestone", "evidence_review"}


def test_facts_of_every_rating_are_what_the_log_told_then(lived_year: Year) -> None:
    assert check_facts(lived_year.context, folded_reviews(lived_year)) == ((), ())


def test_what_ratings_counted_is_read_at_once_and_once_though_several_looked_at_it(
    lived_year: Year,
) -> None:
    context, reviews = lived_year.context, folded_reviews(lived_year)
    store = copy.copy(context.store)
    store.database = database = Counted(context.store.database)
    rated = [state for _, state in reviews if state.decision and state.proposal]

    check_facts(dataclasses.replace(context, store=store), reviews)

    asked = sum(times for sql, times in database.statements.items() if ENTRIES in sql)
    assert len(rated) > 3
    assert asked == 3 * len(rated)  # when it was proposed, when it was decided, and what it counts


def test_a_rating_of_facts_that_nobody_told_is_found(reached: Reached) -> None:
    year = reached(Year, date(2025, 12, 12))  # everybody is proposed
    subject = year.subject("SG-0041")
    forged_rating(year, subject.stream)

    ((finding,), _) = check_facts(year.context, folded_reviews(year))

    assert finding.where == f"rating {subject.period}-{subject.member_id}"
    assert "earlier_faults_open=7" in finding.what
    assert check_ratings(year.context.store, folded_reviews(year)).findings == ()


def folded_reviews(year: Year) -> list[tuple[str, review.State]]:
    check = StateCheck(year.context.store)
    for sequenced in _log(year):
        check.fold(sequenced.position, Recorded(sequenced.entry, sequenced.event))
    return list(check.folded_states(REVIEWS))


def forged_rating(year: Year, stream: Stream) -> None:
    """Append a rating past the commands: it follows from its facts, and these from nothing."""
    history = year.context.store.read_stream(stream)
    state = review.fold(history.events)
    last = state.proposal
    assert last is not None
    rulebook = reference.shipped_document("rulebook", "neutral")
    facts = msgspec.structs.replace(last.fact.facts, earlier_faults_open=7)
    outcome = rating.outcome(validity.read(rulebook), facts)
    proposed = dataclasses.replace(last.fact, facts=facts, outcome=outcome)
    decided = RatingDecided(
        period=proposed.period,
        member_id=proposed.member_id,
        level=outcome.level,
        proposal_version=history.version + 1,
        by=Hand(
            member_id=year.subject("SG-0036").member_id,
            unit_id=state.path[-1],
            post=Code("secretary"),
        ),
        announcement_due_at=proposed.decision_due_at,
    )
    told = tuple(_forged(year, each, name) for each, name in ((proposed, "a"), (decided, "b")))
    year.context.store.append({stream: Appended(history.version, told)})
    year.settle()


def _forged(year: Year, event: Event, name: str) -> NewEvent:
    return NewEvent(
        event=event, id=name, source="/people", time=year.clock.now(), principal="account:forger"
    )
