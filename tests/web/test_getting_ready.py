"""Until a demo is told, every address shows how far that is; then its own page."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client

from services.cli.serving import Front
from services.web.saying.languages import phrases


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.mark.parametrize("path", ["/", "/sign-in", "/api/v1/inbox"])
def test_every_address_says_how_far_things_are_and_to_come_again(front: Front, path: str) -> None:
    front.show(30, 120)

    answer: Any = Client(front).get(path)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert '<progress max="120" value="30"' in answer.text
    assert '<meta http-equiv="refresh" content="1; url=/sign-in">' in answer.text


def test_it_speaks_both_languages_and_needs_no_script(front: Front) -> None:
    text = Client(front).get("/").text

    assert phrases()["getting_ready.lede"]["vi"] in text
    assert phrases()["getting_ready.lede"]["en"] in text
    assert "<script" not in text


def test_our_style_is_there_already(front: Front) -> None:
    with Client(front).get("/static/look.css") as answer:
        assert answer.status_code == 200


def test_what_is_ready_answers_by_itself(front: Front) -> None:
    ready = Flask(__name__)
    ready.add_url_rule("/sign-in", view_func=lambda: "ready")

    front.open(ready)

    assert Client(front).get("/sign-in").text == "ready"
