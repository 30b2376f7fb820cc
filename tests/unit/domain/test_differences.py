"""What differs between two editions: each place once, nothing that is alike, whatever the order."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from events.domain.documents.differences import Difference, differences
from events.store import reference

NEUTRAL = reference.shipped_document("rulebook", "neutral")

documents = st.recursive(
    st.text(min_size=1, max_size=3) | st.integers(0, 9) | st.booleans(),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(st.sampled_from("abcd"), inner, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


def changed(**parts: Any) -> Any:
    return {**NEUTRAL, **parts}


def test_a_changed_condition_is_told_by_its_rule() -> None:
    first, *others = NEUTRAL["rules"]
    now = changed(rules=[{**first, "when": "total >= 92"}, *others])

    assert differences(NEUTRAL, now) == (
        Difference("rules.excellent_points.when", "total >= 90", "total >= 92"),
    )


def test_another_order_of_rules_is_one_difference() -> None:
    now = changed(levels=list(reversed(NEUTRAL["levels"])))

    (found,) = differences(NEUTRAL, now)

    assert found == Difference(
        "levels", "excellent, good, fair, poor", "poor, fair, good, excellent"
    )


def test_what_came_and_what_went_stand_in_their_place() -> None:
    without = {key: value for key, value in NEUTRAL.items() if key != "undo_minutes"}

    assert differences(without, NEUTRAL) == (Difference("undo_minutes", "", "10"),)
    assert differences(NEUTRAL, without) == (Difference("undo_minutes", "10", ""),)


@given(documents, documents)
def test_documents_differ_exactly_where_something_is_told(one: Any, other: Any) -> None:
    assert bool(differences(one, other)) == (one != other)
    assert [each.path for each in differences(one, other)] == list(
        dict.fromkeys(each.path for each in differences(one, other))
    )


def test_a_limit_that_came_is_told_with_all_its_parts_and_so_is_one_that_went() -> None:
    weak = {
        "id": "weak_conduct",
        "when": "conduct < 5",
        "at_most": "poor",
        "says": {"vi": "điểm ý thức dưới 5", "en": "conduct below 5"},
        "citation": "Điều 6.2",
        "groups": ["member", "leader"],
    }
    now = changed(limits=[weak, *NEUTRAL["limits"]])
    told = (
        "id: weak_conduct, when: conduct < 5, at_most: poor, "
        "says: {vi: điểm ý thức dưới 5, en: conduct below 5}, citation: Điều 6.2, "
        "groups: [member, leader]"
    )

    assert differences(NEUTRAL, now) == (
        Difference("limits", "discipline", "weak_conduct, discipline"),
        Difference("limits.weak_conduct", "", told),
    )
    assert differences(now, NEUTRAL) == (
        Difference("limits", "weak_conduct, discipline", "discipline"),
        Difference("limits.weak_conduct", told, ""),
    )


def test_whole_parts_are_shown_in_words() -> None:
    meetings = {"posts": ["secretary", "deputy_secretary"], "head_first": True}

    assert differences(NEUTRAL, changed(meetings=meetings)) == (
        Difference("meetings", "", "posts: [secretary, deputy_secretary], head_first: true"),
    )
