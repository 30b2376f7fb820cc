"""Of the forms that we ship, one made for a group comes before one for everybody."""

import pytest

from services.queries import forms


@pytest.mark.parametrize(
    ("step", "rulebook", "group", "names"),
    [
        ("self_critique", "qd132", "collective", ["form_01", "form_02"]),
        ("self_critique", "qd132", "leader", ["form_02"]),
        ("self_critique", "neutral", "team", ["neutral_team", "neutral"]),
        ("self_critique", "neutral", "member", ["neutral"]),
        ("commitment", "qd124", "collective", ["collective_commitment", "commitment"]),
        ("commitment", "qd124", "leader", ["commitment"]),
        ("commitment", "neutral", "team", ["neutral_team_commitment", "neutral_commitment"]),
    ],
)
def test_a_form_for_a_group_comes_before_one_for_everybody(
    step: str, rulebook: str, group: str, names: list[str]
) -> None:
    found = [
        name
        for name, each in forms.shipped_forms().items()
        if each.form.fits(step, rulebook=rulebook, group=group, period="2026")
    ]

    assert found == names
