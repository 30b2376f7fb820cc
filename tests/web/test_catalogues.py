"""Catalogues are there for everybody who is signed in, in both languages."""

from http import HTTPStatus

import pytest

from tests.support.year_world import YearWorld

HTML = {"Accept": "text/html"}


@pytest.fixture
def world(rated_year: YearWorld) -> YearWorld:
    return rated_year


@pytest.mark.parametrize(("name", "count"), [("nq04", 27), ("local_example", 65), ("neutral", 15)])
def test_a_catalogue_shows_all_its_items(world: YearWorld, name: str, count: int) -> None:
    page = world.read("peer", f"/catalogues/{name}", **HTML)

    assert page.status_code == HTTPStatus.OK
    assert page.text.count('<th scope="row">') == count


def test_an_indicator_says_what_it_spells_out(world: YearWorld) -> None:
    page = world.read("peer", "/catalogues/local_example", **HTML)

    assert "Tự phê giấu lỗi" in page.text
    assert "Chưa đối chiếu với văn bản gốc" in page.text


def test_the_list_leads_to_every_catalogue(world: YearWorld) -> None:
    page = world.read("peer", "/catalogues", **HTML)

    assert [f"/catalogues/{name}" in page.text for name in ("nq04", "neutral")] == [True, True]


def test_there_is_no_other_catalogue_and_strangers_sign_in_first(world: YearWorld) -> None:
    assert world.read("peer", "/catalogues/other", **HTML).status_code == HTTPStatus.NOT_FOUND
    assert world.read("nobody", "/catalogues/nq04", **HTML).status_code == HTTPStatus.SEE_OTHER
