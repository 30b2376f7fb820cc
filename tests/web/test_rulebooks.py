"""A committee publishes its own edition over HTTP; what was published never changes."""

import itertools
import sys
from collections.abc import Callable
from http import HTTPStatus
from types import FrameType
from typing import Any

import pytest

from events.domain.review import review
from events.domain.verification import rating_checks
from events.identifiers import review_stream
from events.store import reference
from events.store.reference import SHIPPED
from tests.support.own_editions import CASES, cases_of, own
from tests.support.world import COMMUNE, Answer
from tests.support.year_world import MEMBER, PERIOD, YearWorld

CALLS_PER_BYTE_MAX = 100  # of Python, where a document is read, judged and refused


def publish(world: YearWorld, who: str, **body: Any) -> Answer:
    return world.send(who, "/api/v1/rulebooks", {"unit_id": COMMUNE, **body})


@pytest.fixture
def world(rated_year: YearWorld) -> YearWorld:
    return rated_year


def test_a_committee_publishes_its_edition_and_everybody_reads_it(world: YearWorld) -> None:
    first = publish(world, "authority", document=own(), cases=cases_of())
    again = publish(world, "authority", document=own(), cases=cases_of())

    digest = first.get_json()["digest"]
    assert first.status_code == HTTPStatus.CREATED
    assert (again.status_code, again.get_json()["digest"]) == (HTTPStatus.OK, digest)
    listed = world.read("peer", "/api/v1/rulebooks").get_json()["editions"]
    (published,) = [each for each in listed if each["digest"] == digest]
    assert (published["issuer"], published["edition"]) == ("suoi_guong", "2026")
    assert published["title"]["vi"] == "Quy tắc đánh giá chung"
    assert published["by"]["unit_id"] == COMMUNE
    shown = world.read("peer", f"/api/v1/rulebooks/{digest}").get_json()
    assert shown == reference.plain_values(own())


def test_what_differs_from_the_edition_before_is_told(world: YearWorld) -> None:
    first = publish(world, "authority", document=own(), cases=cases_of()).get_json()["digest"]
    later = CASES.replace('edition: "1"', 'edition: "2027"', 1)
    tried = publish(
        world,
        "authority",
        document=own("2027", at_least="88"),
        cases=later.replace(
            "figures: {tasks_total: 10, tasks_on_time: 10, tasks_beyond: 3}, level: good}",
            "figures: {tasks_total: 10, tasks_on_time: 10, tasks_beyond: 3}, level: excellent}",
        ),
    )

    assert tried.status_code == HTTPStatus.CREATED, tried.text
    paths = [each["path"] for each in tried.get_json()["differences"]]
    assert paths == ["edition", "rules.excellent_points.when"]
    second = tried.get_json()["digest"]
    asked = world.read("peer", f"/api/v1/rulebooks/{second}/differences?from={first}")
    assert [each["path"] for each in asked.get_json()["differences"]] == paths


def test_everything_that_is_wrong_is_told_by_its_line(world: YearWorld) -> None:
    broken = own().replace("total >= 70", "totl >= 70").replace("citation: Điều 6", 'citation: ""')

    refused = publish(world, "authority", document=broken, cases=cases_of())

    problem = refused.get_json()
    assert (refused.status_code, problem["code"]) == (422, "edition_refused")
    line = 1 + broken.splitlines().index("    when: totl >= 70")
    told = {each["path"]: each for each in problem["problems"]}
    assert told["rules.good_points.when"]["line"] == line
    assert told["rules.good_points.when"]["code"] == "untold"
    assert "totl" in told["rules.good_points.when"]["message"]
    assert told["limits.discipline.citation"]["pointer"] == "/document"


def test_every_mistake_of_shape_is_told_by_its_line_in_document_and_cases(
    world: YearWorld,
) -> None:
    broken = own().replace("points_max: 30", "points_max: thirty")
    broken = broken.replace("who: follower", "who: folower").replace("valid_from:", "valid_frm:")
    cases = cases_of().replace("basis: cited", "basis: citedd", 2)

    problems = publish(world, "authority", document=broken, cases=cases).get_json()["problems"]

    told = [(each["pointer"], each["path"], each["code"]) for each in problems]
    assert told == [
        ("/document", "valid_frm", "unknown_field"),
        ("/document", "criteria[0].points_max", "wrong_type"),
        ("/document", "steps.evidence_review.who", "no_choice"),
        ("/document", "document", "missing_field"),
        ("/cases", "cases[0].basis", "no_choice"),
        ("/cases", "cases[1].basis", "no_choice"),
    ]
    lines = broken.splitlines()
    assert "valid_frm" in lines[problems[0]["line"] - 1]
    assert "thirty" in lines[problems[1]["line"] - 1]
    assert "folower" in lines[problems[2]["line"] - 1]
    assert "citedd" in cases.splitlines()[problems[5]["line"] - 1]


@pytest.mark.parametrize(
    ("text", "code"),
    [("[" * 3_000, "yaml_depth"), ("a: &a [1]\nb: *a", "yaml_reference"), ("[", "no_yaml")],
)
def test_what_cannot_be_read_is_told_in_the_document_as_in_its_cases(
    world: YearWorld, text: str, code: str
) -> None:
    answers = [
        publish(world, "authority", document=text, cases=cases_of()),
        publish(world, "authority", document=own(), cases=text),
    ]

    told = [each for answer in answers for each in answer.get_json()["problems"]]
    assert [(each["pointer"], each["code"]) for each in told] == [
        ("/document", code),
        ("/cases", code),
    ]
    assert all(each["line"] for each in told)


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_condition_that_would_take_minutes_is_refused_and_never_run(
    world: YearWorld, *, dry_run: bool
) -> None:
    forever = "true"
    for name in "abcdefg":
        forever = f"[1,2,3,4,5,6,7,8,9].all({name}, {forever})"
    document = own().replace("when: total >= 70", f"when: '{forever}'")

    refused = publish(world, "authority", document=document, cases=cases_of(), dry_run=dry_run)

    assert (refused.status_code, refused.get_json()["code"]) == (422, "edition_refused")
    told = {(each["path"], each["code"]) for each in refused.get_json()["problems"]}
    assert told == {
        ("rules.good_points.when", "other_literal"),
        ("rules.good_points.when", "operation"),
    }


def document_of(size: int, condition: str) -> str:
    """Return an edition with a condition, filled up to so many bytes with unknown keys."""
    written = own().replace("when: total >= 70", f"when: '{condition}'")
    lines, left = list[str](), size - len(written.encode())
    for nth in itertools.count():
        line = f"k{nth}: 1"
        left -= len(line) + 1
        if left < 0:
            return written + "\n".join(lines)
        lines.append(line)
    raise AssertionError


def calls_of(work: Callable[[], Answer]) -> tuple[Answer, int]:
    """Return what comes of some work, and how many functions of Python are called for it."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        return work(), calls
    finally:
        sys.setprofile(before)


def test_what_a_document_costs_grows_no_faster_than_its_length(world: YearWorld) -> None:
    """Conditions that would run for minutes, and thousands of unknown keys beside them."""
    forever = "true"
    for name in "abcdefg":
        forever = f"[1,2,3,4,5,6,7,8,9].all({name}, {forever})"
    calls = list[int]()

    for size in (32 * 1024, 64 * 1024):
        document = document_of(size, forever)
        refused, cost = calls_of(
            lambda document=document: publish(  # type: ignore[misc]
                world, "authority", document=document, cases=cases_of(), dry_run=True
            )
        )
        assert (refused.status_code, refused.get_json()["code"]) == (422, "edition_refused")
        calls.append(cost)

    assert calls[0] < calls[1] < CALLS_PER_BYTE_MAX * 64 * 1024
    assert calls[1] < 2.5 * calls[0]


def test_an_edition_that_does_not_come_out_at_its_cases_is_refused(world: YearWorld) -> None:
    refused = publish(world, "authority", document=own(at_least="92"), cases=cases_of())

    assert refused.get_json()["code"] == "edition_refused"
    (problem,) = refused.get_json()["problems"]
    assert problem["pointer"] == "/cases"
    assert problem["path"] == "cases.ninety_is_enough.level"


def test_a_dry_run_publishes_nothing(world: YearWorld) -> None:
    before = world.read("peer", "/api/v1/rulebooks").get_json()

    tried = publish(world, "authority", document=own(), cases=cases_of(), dry_run=True)

    assert tried.status_code == HTTPStatus.OK
    assert "digest" not in tried.get_json()
    assert world.read("peer", "/api/v1/rulebooks").get_json() == before


def test_a_rulebook_comes_with_its_cases(world: YearWorld) -> None:
    refused = publish(world, "authority", document=own())

    assert (refused.status_code, refused.get_json()["code"]) == (409, "cases_missing")


def test_nobody_takes_the_name_of_another_issuer(world: YearWorld) -> None:
    ours = publish(world, "authority", document=own(issuer="tusoi"), cases=cases_of())

    assert (ours.status_code, ours.get_json()["code"]) == (409, "issuer_taken")


def test_an_edition_that_was_published_never_changes(world: YearWorld) -> None:
    publish(world, "authority", document=own(), cases=cases_of())
    changed = own().replace("Quy tắc đánh giá chung", "Quy tắc khác")

    refused = publish(world, "authority", document=changed, cases=cases_of())

    assert (refused.status_code, refused.get_json()["code"]) == (409, "edition_taken")


def test_an_edition_published_later_alters_no_opened_review(world: YearWorld) -> None:
    store = world.system.store
    stream = review_stream(PERIOD, MEMBER)
    before = review.fold(store.read_stream(stream).events)
    assert before.opened is not None
    rules = reference.rules_of(store.database, before.opened.fact)

    publish(world, "authority", document=own(), cases=cases_of())

    after = review.fold(store.read_stream(stream).events)
    assert after == before
    assert reference.rules_of(store.database, before.opened.fact) == rules
    assert rating_checks.failed_checks(after, rules) == rating_checks.failed_checks(before, rules)


def test_a_rulebook_that_was_never_published_is_not_there(world: YearWorld) -> None:
    answer = world.read("peer", f"/api/v1/rulebooks/{'0' * 64}")

    assert (answer.status_code, answer.get_json()["code"]) == (404, "unknown_rulebook")


def test_a_committee_publishes_rulebooks_and_nothing_else(world: YearWorld) -> None:
    calendar = (SHIPPED / "calendars" / "viet_nam.yaml").read_text("utf-8")

    refused = publish(world, "authority", document=calendar)

    (problem,) = refused.get_json()["problems"]
    assert (refused.status_code, problem["path"]) == (422, "kind")
    assert calendar.splitlines()[problem["line"] - 1] == "kind: calendar"


def test_a_dry_run_tells_that_a_name_is_taken(world: YearWorld) -> None:
    publish(world, "authority", document=own(), cases=cases_of())
    changed = own().replace("undo_minutes: 10", "undo_minutes: 30")

    ours = publish(world, "authority", document=own(issuer="tusoi"), dry_run=True)
    other = publish(world, "authority", document=changed, dry_run=True)

    assert [each.get_json()["code"] for each in (ours, other)] == ["issuer_taken", "edition_taken"]
