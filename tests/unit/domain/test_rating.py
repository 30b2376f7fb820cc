"""Which level the facts come to under the neutral rulebook, and how that is explained."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from events.definitions.event import Code
from events.definitions.records import Facts
from events.domain.documents.document import Bilingual
from events.domain.review import explanation
from events.domain.rulebook import rating, validity
from events.domain.rulebook.rating import FactsOutOfRange
from events.domain.rulebook.rulebook import Degree
from events.store import reference

RULEBOOK = validity.read(reference.shipped_document("rulebook", "neutral"))
CLAUSES = (*RULEBOOK.rules, *RULEBOOK.limits)


def facts(**changed: Any) -> Facts:
    """Return the facts of somebody excellent, with some of them changed."""
    told = {
        "conduct": 28,
        "results": 64,
        "tasks_total": 10,
        "tasks_on_time": 10,
        "tasks_beyond": 3,
        "disciplined": False,
        "earlier_faults_open": 0,
        **changed,
    }
    return Facts(
        points={name: told.pop(name) for name in ("conduct", "results")},
        figures={name: told.pop(name) for name in [*told] if name.startswith("tasks")},
        disciplined=told["disciplined"],
        earlier_faults_open=told["earlier_faults_open"],
    )


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    total = draw(st.integers(0, 30))
    on_time = draw(st.integers(0, total) | st.just(total))
    return facts(
        conduct=draw(st.integers(0, 30)),
        results=draw(st.integers(0, 70)),
        tasks_total=total,
        tasks_on_time=on_time,
        tasks_beyond=draw(st.integers(0, on_time)),
        disciplined=draw(st.booleans()),
        earlier_faults_open=draw(st.integers(0, 2)),
    )


@pytest.mark.parametrize(
    ("changed", "level"),
    [
        ({}, "excellent"),
        ({"results": 62}, "excellent"),  # 90 points
        ({"results": 61}, "good"),
        ({"tasks_beyond": 2}, "good"),
        ({"earlier_faults_open": 1}, "good"),
        ({"results": 42}, "good"),  # 70 points
        ({"results": 41}, "fair"),
        ({"tasks_on_time": 9}, "fair"),
        ({"tasks_on_time": 8}, "fair"),  # 20 % late
        ({"tasks_on_time": 7}, "poor"),
        ({"results": 22}, "fair"),  # 50 points
        ({"results": 21}, "poor"),
        ({"disciplined": True}, "fair"),
        ({"disciplined": True, "results": 21}, "poor"),
        ({"tasks_total": 0, "tasks_on_time": 0, "tasks_beyond": 0}, "good"),
    ],
)
def test_the_facts_come_to_a_level(changed: dict[str, Any], level: str) -> None:
    assert rating.outcome(RULEBOOK, facts(**changed)).level == level


def test_an_outcome_says_of_every_rule_whether_it_held() -> None:
    outcome = rating.outcome(RULEBOOK, facts(results=61, disciplined=True))

    assert [reason.rule for reason in outcome.reasons] == [clause.id for clause in CLAUSES]
    unmet = {reason.rule for reason in outcome.reasons if not reason.held}
    assert unmet == {"excellent_points"}
    assert (outcome.total, outcome.calculus) == (89, "1")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (facts(conduct=31), "points.conduct"),
        (facts(conduct=-1), "points.conduct"),
        (facts(tasks_on_time=11), "figures.tasks_on_time"),
        (facts(tasks_on_time=9, tasks_beyond=10), "figures.tasks_beyond"),
        (facts(tasks_total=1_000_001), "figures.tasks_total"),
        (facts(tasks_spare=1), "figures.tasks_spare"),
        (msgspec.structs.replace(facts(), figures={}), "figures.tasks_total"),
        (msgspec.structs.replace(facts(), points={"conduct": 1}), "points.results"),
        (facts(earlier_faults_open=-1), "facts.earlier_faults_open"),
    ],
)
def test_facts_outside_the_rulebook_are_refused(wrong: Facts, field: str) -> None:
    with pytest.raises(FactsOutOfRange) as refused:
        rating.outcome(RULEBOOK, wrong)

    assert refused.value.field == field
    assert refused.value.code == "facts_out_of_range"
    assert field.split(".")[1] in refused.value.needed


def test_only_what_the_log_counts_is_counted() -> None:
    party = validity.read(reference.shipped_document("rulebook", "qd132_hd21"))
    marked = Facts(
        points={"politics": 3, "conduct": 3, "duty": 3},
        figures={"targets_total": 4, "targets_met": 4, "degradation_concluded": 0},
        disciplined=False,
        earlier_faults_open=0,
        group=Code("member"),
    )
    between = msgspec.structs.replace(marked, points={**marked.points, "duty": 4})

    for wrong, field in (
        (msgspec.structs.replace(marked, counted={"rumours": 1}), "counted.rumours"),
        (msgspec.structs.replace(marked, counted={"days_sick": -1}), "counted.days_sick"),
        (msgspec.structs.replace(marked, group=UNSET), "group"),
        (msgspec.structs.replace(marked, group=Code("clerk")), "group"),
        (between, "points.duty"),
    ):
        with pytest.raises(FactsOutOfRange) as refused:
            rating.outcome(party, wrong)
        assert refused.value.field == field


def test_a_criterion_of_degrees_takes_no_points_between_them() -> None:
    criterion = msgspec.structs.replace(
        RULEBOOK.criteria[0],
        degrees=(
            Degree(points=30, label=Bilingual(vi="Tốt", en="Good")),
            Degree(points=0, label=Bilingual(vi="Kém", en="Weak")),
        ),
    )
    graded = msgspec.structs.replace(RULEBOOK, criteria=(criterion, RULEBOOK.criteria[1]))

    assert rating.outcome(graded, facts(conduct=30)).total == 94
    with pytest.raises(FactsOutOfRange, match="one of 30, 0"):
        rating.outcome(graded, facts(conduct=28))


@given(any_facts())
def test_discipline_and_open_faults_never_raise_the_level(before: Facts) -> None:
    after = msgspec.structs.replace(before, disciplined=True, earlier_faults_open=1)

    assert _rank(after) >= min(_rank(before), RULEBOOK.rank("fair"))


@given(any_facts())
def test_the_order_in_which_facts_are_told_changes_nothing(told: Facts) -> None:
    reversed_ = msgspec.structs.replace(
        told,
        points=dict(reversed(told.points.items())),
        figures=dict(reversed(told.figures.items())),
    )

    assert rating.outcome(RULEBOOK, reversed_) == rating.outcome(RULEBOOK, told)


def test_an_explanation_says_what_held_what_not_and_what_it_saw() -> None:
    told = facts(results=58)
    outcome = rating.outcome(RULEBOOK, told)

    lines = explanation.in_words(explanation.explain(RULEBOOK, told, outcome, "vi"), "vi")

    assert lines[0] == "Mức: Tốt · tổng điểm 86"
    assert lines[1] == "✗ Xuất sắc: tổng điểm từ 90 trở lên [Điều 5.1] — Tổng điểm: 86"
    assert lines[4].startswith("✓ Xuất sắc: mọi khuyết điểm")
    assert lines[9] == (
        "✓ không bị hạn chế bởi: bị kỷ luật trong năm [Điều 6] — Bị kỷ luật trong năm: không"
    )
    assert lines[10:] == [
        "Để đạt mức Xuất sắc, cần đạt thêm các điều kiện sau:",
        "- tổng điểm từ 90 trở lên — Tổng điểm: 86",
    ]


def test_an_explanation_names_the_limit_that_stands_in_the_way() -> None:
    told = facts(disciplined=True)
    outcome = rating.outcome(RULEBOOK, told)

    explained = explanation.explain(RULEBOOK, told, outcome, "en")

    assert explained.level == "Fair"
    assert [ground.rule for ground in explained.needed] == ["discipline"]
    assert explained.needed[0].says.startswith("no longer limited by: ")
    lines = explanation.in_words(explained, "en")
    assert (
        "✗ at most Fair: disciplined in the year [Điều 6] — Disciplined in the year: yes" in lines
    )
    assert lines[-2] == "To reach Good, these conditions must be met as well:"


def test_nothing_is_better_than_the_best() -> None:
    told = facts()
    outcome = rating.outcome(RULEBOOK, told)

    explained = explanation.explain(RULEBOOK, told, outcome, "en")

    assert (explained.next_level, explained.needed) == ("", ())
    assert len(explanation.in_words(explained, "en")) == 1 + len(CLAUSES)


@given(any_facts())
def test_every_level_but_the_best_says_what_the_next_one_takes(told: Facts) -> None:
    outcome = rating.outcome(RULEBOOK, told)

    explained = explanation.explain(RULEBOOK, told, outcome, "vi")

    assert bool(explained.needed) == (outcome.level != "excellent")


def test_words_with_braces_are_shown_as_they_are() -> None:
    curly = msgspec.structs.replace(
        RULEBOOK.rules[0], says=msgspec.structs.replace(RULEBOOK.rules[0].says, en="{total}")
    )
    rulebook = msgspec.structs.replace(RULEBOOK, rules=(curly, *RULEBOOK.rules[1:]))
    told = facts()
    outcome = rating.outcome(rulebook, told)

    lines = explanation.in_words(explanation.explain(rulebook, told, outcome, "en"), "en")

    assert "Excellent: {total}" in lines[1]


def _rank(told: Facts) -> int:
    return RULEBOOK.rank(rating.outcome(RULEBOOK, told).level)


def test_a_degree_is_shown_by_its_name_and_not_by_its_number() -> None:
    party = validity.read(reference.shipped_document("rulebook", "qd132_hd21"))
    told = Facts(
        points={"politics": 3, "conduct": 3, "duty": 2},
        figures={"targets_total": 4, "targets_met": 4, "degradation_concluded": 0},
        disciplined=False,
        earlier_faults_open=0,
        group=Code("member"),
    )

    explained = explanation.explain(party, told, rating.outcome(party, told), "en")

    assert [each.value for each in explained.grounds[0].seen] == ["Good"]
