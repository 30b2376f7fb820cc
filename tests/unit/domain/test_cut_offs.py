"""Cut-offs of a published edition neither overlap nor leave a hole."""

from typing import Any

import pytest

from events.domain.documents.problems import DocumentInvalid
from events.domain.rulebook import validity
from events.store import reference


def problems(**cut_offs: str) -> dict[str, str]:
    """Return what is wrong with the neutral rulebook after its cut-offs were changed."""
    document = reference.shipped_document("rulebook", "neutral")
    for rule in document["rules"]:
        rule["when"] = cut_offs.get(rule["id"], rule["when"])
    try:
        validity.read(document)
    except DocumentInvalid as error:
        return {each.path: each.says.en for each in error.problems}
    return {}


def test_cut_offs_that_go_down_level_by_level_fit() -> None:
    assert problems() == {}
    assert problems(excellent_points="total >= 95", good_points="total >= 60") == {}


def test_a_hole_between_two_cut_offs_is_told_with_the_points_on_both_sides() -> None:
    found = problems(good_points="total >= 70 && total < 85")

    assert found["rules.good_points.when"].startswith(
        "leaves a hole: 84 points come to good, 85 to less"
    )


def test_a_best_level_that_ends_below_the_most_points_leaves_a_hole() -> None:
    found = problems(excellent_points="total >= 90 && total < 100")

    assert found["rules.excellent_points.when"].startswith("leaves a hole: 99 points")


def test_every_total_is_tried_also_far_from_the_numbers_of_a_condition() -> None:
    found = problems(good_points="total >= 70 && (total * 3 < 225 || total * 4 >= 316)")

    assert found == {
        "rules.good_points.when": "leaves a hole: 74 points come to good, 75 to less; "
        "move a cut-off"
    }


def test_a_hole_in_a_condition_that_looks_at_figures_too_is_told() -> None:
    found = problems(good_points="tasks_total >= 0 && total >= 70 && total < 85")

    assert found["rules.good_points.when"].startswith("leaves a hole: 84 points")


@pytest.mark.parametrize(
    "good",
    [
        "total >= 70 && tasks_on_time == tasks_total",
        "tasks_on_time == tasks_total && total >= 70",
        "tasks_on_time == tasks_total ? total >= 70 : total >= 75",
        "total >= 70 && (total < 85 || earlier_faults_open == 0)",
        "conduct + results >= 70",
        "conduct >= 20 && results >= 40",
    ],
)
def test_what_no_total_alone_decides_is_left_to_the_cases(good: str) -> None:
    assert problems(good_points=good) == {}


def test_a_level_whose_better_one_asks_for_more_than_points_does_not_overlap() -> None:
    excellent = "total >= 70 && tasks_on_time == tasks_total"

    assert problems(excellent_points=excellent) == {}


def test_more_totals_than_can_be_tried_are_refused() -> None:
    document = reference.shipped_document("rulebook", "neutral")
    for criterion in document["criteria"]:
        criterion["points_max"] = 10_000
    rules = [e for e in document["rules"] if "points" in e["id"]]
    document["rules"] += [{**each, "id": f"{each['id']}_{n}"} for each in rules for n in range(3)]

    with pytest.raises(DocumentInvalid, match="rules: has 12 conditions on totals up to 20000"):
        validity.read(document)


@pytest.mark.parametrize("good", ["total >= 90", "total >= 95"])
def test_a_cut_off_that_asks_as_much_as_the_level_above_overlaps_with_it(good: str) -> None:
    found = problems(good_points=good)

    assert found["rules.good_points.when"].startswith("overlaps")


def test_an_unreachable_best_level_is_told() -> None:
    assert problems(excellent_points="total > 100")["rules.excellent_points.when"].startswith(
        "overlaps"
    )


@pytest.mark.parametrize("broken", ["total >=", "total + 1", "total >= 90 && nothing > 1"])
def test_what_is_wrong_with_a_condition_itself_is_told_once(broken: str) -> None:
    (says,) = problems(good_points=broken).values()

    assert "hole" not in says
    assert "overlaps" not in says


def test_rulebooks_marked_by_degrees_have_no_cut_offs() -> None:
    document: Any = reference.shipped_document("rulebook", "qd124_hd25")

    assert validity.validate(validity.read(document)) == ()
