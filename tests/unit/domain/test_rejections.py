"""Every no of the law comes out whole, and each that there is gets raised somewhere."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from events.domain.aggregate import rejections
from events.domain.aggregate.rejections import CommandRejected, Rejection

ROOT = Path(__file__).parents[3]
FLOORS = ("events", "services", "workers")
NOW = datetime(2026, 12, 7, 9, tzinfo=UTC)  # a value that any template takes, also as a day


def raised() -> Iterator[tuple[str, set[str]]]:
    """Iterate over the rejections that the code raises by name, with the values that it gives."""
    for file in (file for floor in FLOORS for file in (ROOT / floor).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name("CommandRejected"),
                    args=[ast.Attribute(ast.Name("Rejection"), name)],
                    keywords=values,
                ):
                    yield name, {each.arg or "" for each in values}


def named() -> set[str]:
    """Return the rejections that the code names, to raise them or to have them raised."""
    files = (file for floor in FLOORS for file in (ROOT / floor).rglob("*.py"))
    own = Path(rejections.__file__)
    trees = (ast.parse(file.read_text("utf-8")) for file in files if file != own)
    return {
        node.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Rejection"
    }


def test_every_rejection_says_its_rule_and_its_remedy_with_their_values() -> None:
    told = [CommandRejected(each, **dict.fromkeys(each.names, NOW)) for each in Rejection]

    assert [each.code for each in told] == [each.code for each in Rejection]
    assert [str(each) for each in told if "{" in str(each)] == []
    assert all(str(each) == f"{each.needed} ({each.rule})" for each in told)


def test_every_rejection_is_raised_with_the_values_that_it_names() -> None:
    wrong = {name: given for name, given in raised() if given != Rejection[name].names}

    assert wrong == {}


def test_no_rejection_is_left_over() -> None:
    assert {each.name for each in Rejection} - named() == set()


@pytest.mark.parametrize("values", [{}, {"step": "meeting", "day": NOW}, {"day": NOW}])
def test_a_value_too_few_or_too_many_is_a_mistake_of_ours(values: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="step"):
        CommandRejected(Rejection.STEP_MISSING, **values)
