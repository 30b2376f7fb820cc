"""The terms of a rulebook are judged as a whole: what is wrong is told by its place."""

from typing import Any

import pytest

from events.domain.documents.problems import DocumentInvalid
from events.domain.rulebook import validity
from events.store import reference


def wrong(name: str, **changed: Any) -> dict[str, str]:
    """Return what is wrong, by place, with an edition in which something was changed."""
    document = reference.shipped_document("rulebook", name) | changed
    with pytest.raises(DocumentInvalid) as refused:
        validity.read(document)
    return {problem.path: problem.says.en for problem in refused.value.problems}


def party(key: str) -> Any:
    return reference.shipped_document("rulebook", "qd366_hd43")[key]


LABEL = {"vi": "Nhóm", "en": "Group"}


def test_years_go_forward() -> None:
    assert wrong("qd366_hd43", last_year=2024) == {
        "last_year": "2024 is before first_year, 2025; correct one of them"
    }


def test_a_group_says_who_is_in_it_and_the_last_one_is_everybody_else() -> None:
    nobody = [{"id": "nobody", "label": LABEL}, *party("groups")]
    assert "groups.nobody" in wrong("qd366_hd43", groups=nobody)

    ends = [*party("groups")[:-1], {**party("groups")[-1], "posts": ["clerk"]}]
    assert "groups.member" in wrong("qd366_hd43", groups=ends)

    twice = [*party("groups")[:2], *party("groups")[1:]]
    assert "groups.leader" in wrong("qd366_hd43", groups=twice)


def test_the_group_of_units_is_one_of_its_own_and_not_the_last() -> None:
    terms = party("collectives")

    for group in ("nowhere", "member"):
        found = wrong("qd366_hd43", collectives={**terms, "group": group})
        assert "must be one of the groups" in found["collectives.group"]
    found = wrong("qd366_hd43", collectives={**terms, "group": "leader"})
    assert found["groups.leader"].startswith("is of units")
    assert found["groups.collective"].startswith("is nobody")


def test_somebody_must_be_reviewed() -> None:
    nobody = [{**each, "reviewed": False} for each in party("groups")]

    assert "groups" in wrong("qd366_hd43", groups=nobody)


def test_nothing_is_for_a_group_that_there_is_not() -> None:
    rules = [{**party("rules")[0], "groups": ["leaders"]}, *party("rules")[1:]]

    found = wrong("qd366_hd43", rules=rules)

    assert found["rules.excellent_points.groups"].startswith("leaders is no group of this rulebook")


def test_every_group_can_be_rated_with_every_level() -> None:
    rules = [each for each in party("rules") if each["level"] != "good"]
    rules += [{**each, "groups": ["leader"]} for each in party("rules") if each["level"] == "good"]

    found = wrong("qd366_hd43", rules=rules)

    assert found["levels.good"].startswith("has no rule for ")


def test_a_condition_sees_only_what_is_told_of_its_group() -> None:
    limits = [{**each} for each in party("limits")]
    next(each for each in limits if each["id"] == "units_below_seventy").pop("groups")

    found = wrong("qd366_hd43", limits=limits)

    assert "which nobody tells" in found["limits.units_below_seventy.when"]


def test_months_go_with_new_members_and_with_nobody_else() -> None:
    exempt = {"why": "exempt", "months": 6, "citation": "x"}
    assert "exemptions" in wrong("qd366_hd43", exemptions=[exempt])
    assert "exemptions" in wrong("qd366_hd43", exemptions=[{"why": "new", "citation": "x"}])
    suspended = {"why": "suspended", "citation": "x"}
    assert "exemptions.suspended" in wrong("qd366_hd43", exemptions=[suspended, suspended])


def test_meetings_go_with_their_step() -> None:
    steps = {name: step for name, step in party("steps").items() if name != "meeting"}

    assert "meetings" in wrong("qd366_hd43", steps=steps)
    assert "meetings" in wrong("neutral", meetings={"citation": "x"})


def competence(**changed: Any) -> dict[str, Any]:
    own = {"seat": "own"}
    return {
        "proposes": own,
        "decides": own,
        "at_the_end": "left_out",
        "citation": "Điều 12",
        **changed,
    }


def test_who_rates_is_said_of_groups_that_there_are_and_once() -> None:
    unknown = competence(groups=["cadre"])
    assert list(wrong("qd366_hd43", competence=[unknown])) == ["competence[0].groups"]

    leaders = competence(groups=["leader"])
    for twice in ([leaders, leaders], [competence(), leaders], [competence(), competence()]):
        assert list(wrong("qd366_hd43", competence=twice)) == ["competence[1]"]
    assert list(wrong("neutral", competence=[competence(), competence()])) == ["competence[1]"]


def test_a_seat_of_a_kind_says_of_which() -> None:
    for wrongly in ({"seat": "kind"}, {"seat": "own", "unit_kinds": ["cell"]}):
        for name in ("proposes", "decides"):
            found = wrong("neutral", competence=[competence(**{name: wrongly})])
            assert list(found) == [f"competence[0].{name}"]


def test_who_rates_rests_on_a_text() -> None:
    assert list(wrong("neutral", competence=[competence(citation=" ")])) == [
        "competence[0].citation"
    ]


def test_a_cap_is_on_a_level_and_is_raised_upward() -> None:
    cap = party("cap")

    assert "cap.level" in wrong("qd366_hd43", cap={**cap, "level": "poor"})
    assert "cap.raised_to_percent" in wrong("qd366_hd43", cap={**cap, "raised_to_percent": 10})


def test_votes_need_a_level_that_there_is_and_no_more_than_everybody() -> None:
    told = {**party("votes"), "thresholds": [{"level": "great", "parts": 3, "of": 2}]}

    assert "votes.thresholds" in wrong("qd366_hd43", votes=told)


@pytest.mark.parametrize("term", ["meetings", "cap", "votes", "appeal", "retention"])
def test_every_term_says_what_it_rests_on(term: str) -> None:
    told = {**party(term), "citation": " "}

    assert f"{term}.citation" in wrong("qd366_hd43", **{term: told})


def test_who_takes_a_step_is_not_an_editions_to_change() -> None:
    steps = party("steps") | {"decision": {**party("steps")["decision"], "who": "secretary"}}

    assert wrong("qd366_hd43", steps=steps) == {
        "steps.decision.who": "is secretary; this step is the authority's, so write authority"
    }


def test_nobody_sees_an_author_whose_turn_no_step_of_an_edition_is() -> None:
    told = wrong("neutral", criticism={"author_seen_by": ["secretary", "addressee"]})

    assert list(told) == ["criticism.author_seen_by"]


def test_a_quarter_knows_no_day_of_the_year() -> None:
    kl198 = reference.shipped_document("rulebook", "kl198_hd02")
    steps = kl198["steps"] | {"decision": {"who": "authority", "by": "03-30", "citation": "x"}}

    assert "steps.decision.by" in wrong("kl198_hd02", steps=steps)


@pytest.mark.parametrize("days", [46, 180])
def test_no_quarter_is_decided_before_half_of_it_is_over(days: int) -> None:
    told = wrong("kl198_hd02", decision_days_before_end=days)

    assert list(told) == ["decision_days_before_end"]
    for name, most in (("kl198_hd02", 45), ("neutral", 180)):
        document = reference.shipped_document("rulebook", name)
        read = validity.read(document | {"decision_days_before_end": most})
        assert read.decision_days_before_end == most


def test_degrees_go_down_from_the_most_points() -> None:
    criteria = reference.shipped_document("rulebook", "qd124_hd25")["criteria"]
    upside_down = {**criteria[0], "degrees": criteria[0]["degrees"][::-1]}
    too_few = {**criteria[0], "degrees": criteria[0]["degrees"][1:]}

    place = "criteria.politics.degrees"
    assert place in wrong("qd124_hd25", criteria=[upside_down, *criteria[1:]])
    assert place in wrong("qd124_hd25", criteria=[too_few, *criteria[1:]])
