"""The demo stands in December 2026, and everybody who is shown has something to do."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from events.clock import RehearsalClock
from events.domain.documents.working_days import local_day
from events.domain.plan import plan
from events.domain.plan.plan import Milestone
from events.domain.review import review
from events.domain.review.review import State
from events.domain.steps import Step
from events.identifiers import Stream
from services.access import accounts, sessions
from services.bootstrap import System, open_system
from services.cli import checking, demo, showing
from services.queries.people import person_as
from services.read_models import inbox
from services.read_models.inbox import Waiting
from services.safekeeping import drafts
from services.settings import from_environment
from services.web.app import create_app
from services.web.asking import session
from tests.support.databases import hasty
from workers.simulation import Simulation

YEARS = ("2024", "2025")
QUARTERS = ("2026-q1", "2026-q2", "2026-q3")


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder: Path = tmp_path_factory.mktemp("demo")
    clock = {"TUSOI_REHEARSAL_CLOCK": str(folder / demo.CLOCK)}
    made = open_system(from_environment(hasty(folder) | clock))
    showing.tell(made, Simulation(made).settle, lambda _done, _total: None)
    yield made
    made.close()


def waiting(system: System, role: str) -> list[Waiting]:
    """Return what waits for whom the story shows in a role."""
    login = demo.stories()[-1].sign_ins[role].lower()
    account = accounts.find_login(system, login)
    assert account.member_id is not None
    person = person_as(system, account.id, account.member_id)
    return inbox.of_person(system.store.database, person)


def steps(system: System, role: str) -> Counter[str]:
    return Counter(each.step for each in waiting(system, role))


def reviews_of(system: System, period: str) -> list[State]:
    sql = "SELECT id FROM review_states WHERE period = ?"
    streams = [Stream(f"review-{key}") for (key,) in system.store.database.rows(sql, (period,))]
    return [review.fold(system.store.read_stream(each).events) for each in streams]


def judged(system: System) -> list[Milestone]:
    """Return the milestones that the follower is to judge, with what was handed in."""
    found = []
    for each in waiting(system, "follower"):
        state = plan.fold(system.store.read_stream(Stream(f"plan-{each.id}")).events)
        milestone = state.milestone(str(each.item))
        assert milestone is not None
        found.append(milestone)
    return found


def test_its_clock_stands_in_december_2026(system: System) -> None:
    assert isinstance(system.clock, RehearsalClock)
    assert local_day(system.clock.now()) == demo.stories()[-1].stands == date(2026, 12, 4)


def test_all_that_was_told_is_verified(system: System) -> None:
    checked = checking.check_all(system, lambda _position: None)

    assert checked.findings == ()
    assert checked.ratings > 100


def test_whatever_was_told_stands_in_the_log_on_a_day_of_the_story(system: System) -> None:
    rows = system.store.database.rows("SELECT sequencedat FROM log ORDER BY position")

    days = [local_day(datetime.fromtimestamp(at / 1e6, UTC)) for (at,) in rows]

    assert (days[0], days[-1]) == (date(2024, 1, 2), date(2026, 12, 4))
    assert days == sorted(days)
    assert len(set(days)) > 100


def test_the_log_tells_of_its_token_and_of_accounts_with_their_roles(system: System) -> None:
    sql = "SELECT type, count(*) FROM events WHERE type LIKE 'access.%' GROUP BY type"

    told: dict[str, int] = dict(system.store.database.rows(sql))

    assert told == {
        "access.account_made": len(accounts.every(system)),
        "access.role_given": 2,
        "access.token_made": 1,
    }


def test_the_follower_has_two_milestones_to_judge_one_with_papers_and_one_late(
    system: System,
) -> None:
    assert steps(system, "follower") == {Step.EVIDENCE_REVIEW: 2}

    types = [{f.media_type for f in each.evidence[-1].fact.files} for each in judged(system)]
    late = [each.evidence[0].at > each.due_at for each in judged(system)]
    with_papers = types.index({"image/png", "application/pdf"})
    assert late.index(True) == 1 - with_papers
    assert late.count(True) == 1


def test_the_secretary_has_meetings_proposals_and_an_escalation(system: System) -> None:
    found = steps(system, "secretary")

    assert found.keys() == {Step.MEETING, Step.PROPOSAL, Step.ACKNOWLEDGEMENT}
    assert found[Step.MEETING] >= 2
    assert found[Step.PROPOSAL] >= 2


def test_the_authority_has_decisions_and_a_plan_to_agree_to(system: System) -> None:
    found = steps(system, "authority")

    assert found.keys() == {Step.PROPOSAL, Step.DECISION, Step.PLAN_AGREEMENT}
    assert found[Step.DECISION] >= 2


def test_the_member_has_begun_a_self_critique_and_has_a_criticism_to_answer(
    system: System,
) -> None:
    assert steps(system, "member") == {Step.SELF_CRITIQUE: 1, Step.ANSWER: 1}

    account = accounts.find_login(system, "sg-0041")
    name = drafts.name_of(drafts.SELF_CRITIQUE, "2026", str(account.member_id))
    draft = drafts.load(system, account.id, name)
    assert draft is not None
    assert {"section-qualities", "section-duties"} == draft.fields.keys()


def test_two_years_and_three_quarters_are_over_and_one_rating_was_given_again(
    system: System,
) -> None:
    over = {p: reviews_of(system, p) for p in (*YEARS, *QUARTERS)}

    rated = {p: [each for each in found if review.level(each)] for p, found in over.items()}
    assert [t for found in rated.values() for each in found for t in review.tasks(each)] == []
    assert all(len(found) > 5 for found in rated.values())
    assert sum(bool(each.superseded) for found in rated.values() for each in found) == 1


def test_nobody_who_is_shown_is_late_themselves(system: System) -> None:
    now = system.clock.now()

    late = [
        (role, each.step)
        for role in demo.stories()[-1].sign_ins
        for each in waiting(system, role)
        if each.due_at and each.due_at < now
    ]

    assert late == []


def test_every_page_that_is_named_is_there_for_whom_it_is_named(system: System) -> None:
    client = create_app(system).test_client(use_cookies=False)
    told = list(showing.show_roles(system))

    def answered(each: showing.Shown) -> tuple[int, str]:
        account = accounts.find_login(system, each.login)
        secret = sessions.begin(system, account)
        headers = {"Cookie": f"{session.COOKIE}={secret}", "Accept": "text/html"}
        page = client.get(each.path, headers=headers)
        return page.status_code, page.text

    pages = {each.role: answered(each) for each in told}

    assert [each.role for each in told] == [*demo.stories()[-1].sign_ins, *demo.GIVEN.values()]
    assert {status for status, _ in pages.values()} == {200}
    assert "Trả đúng hạn 412 trên 415 hồ sơ" in pages["member"][1]
    lines = {each.role: each.waits for each in told}
    assert lines["member"] == "1 self-critique to write (begun), 1 criticism to answer"
    assert lines["follower"] == "2 milestones to judge"
    assert lines["auditor"] == "2 finished years, 1 rating given again"
