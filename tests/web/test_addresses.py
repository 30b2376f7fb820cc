"""Whatever stands in an address, nothing fails: there is nothing there, or the request is wrong."""

import itertools
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import quote

import pytest

from tests.support.world import COMMUNE
from tests.support.year_world import MEMBER, PERIOD, YearWorld

ODD = (
    *(
        "2024-zz",
        "2026-q9",
        "-1",
        "9" * 5_000,
        "X" * 26,
        MEMBER.upper(),
        "é",
        "%",
        "\x00",
        "\ud800",
    ),
    *("..", "../../etc/passwd", "a\nb", "'; --", "<b>", "a" * 5_000, "f" * 64),
)
GOOD = {"period": PERIOD, "member_id": MEMBER, "unit_id": COMMUNE, "reference": MEMBER}
PRINCIPALS = ("member", "auditor")


def addresses(world: YearWorld) -> Iterator[str]:
    """Iterate over the addresses of all routes with one part that nobody meant."""
    for rule in world.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()):
            continue
        for name, odd in itertools.product(rule.arguments, ODD):
            said = {each: GOOD.get(each, "1") for each in rule.arguments} | {name: odd}
            path = rule.rule
            for each, value in said.items():
                for shape in ("<{}>", "<int:{}>", "<path:{}>"):
                    path = path.replace(shape.format(each), quote(value, errors="surrogatepass"))
            yield path


@pytest.fixture
def year(rated_year: YearWorld) -> YearWorld:
    return rated_year


@pytest.mark.parametrize("who", PRINCIPALS)
def test_an_address_that_nobody_meant_is_refused(year: YearWorld, who: str) -> None:
    for path in addresses(year):
        answer = year.ask("GET", path, headers=year.headers(who))
        assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, (path, answer.text)


@pytest.mark.parametrize("period", ["2024-zz", "2026-q9", "-1", "'; --"])
def test_there_is_no_period_of_another_form(year: YearWorld, period: str) -> None:
    answer = year.read("member", f"/peers/{quote(period)}", Accept="text/html")

    assert answer.status_code == HTTPStatus.NOT_FOUND
