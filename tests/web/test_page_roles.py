"""Role by page: each page of the year lets in exactly whom the one role table names."""

import re
from http import HTTPStatus
from itertools import product

import pytest
from flask import Flask

from services.access.roles import Action, Role, may
from services.web.pages import every, writing
from services.web.pages.parts.frame import PUBLIC, pages
from tests.support.api_roles import TOWARDS, TOWARDS_THE_TOP, filled
from tests.support.cases import every_case
from tests.support.page_roles import DEEDS, HTML, OF_AN, REFUSED, REVIEW, send_empty
from tests.support.world import CELL, COMMUNE
from tests.support.year_world import MEMBER, PERIOD, ROLES, YearWorld

WHO_READ_OTHERS = ("follower", "authority", "auditor")
PEOPLE = tuple(role for role in ROLES if role in TOWARDS)


OF_UNITS = (f"/units/{CELL}/{PERIOD}", f"/cycles/{PERIOD}/{COMMUNE}")
OF_ONESELF = (
    *(
        "/my",
        "/my/data",
        "/account",
        "/delegations",
        "/inbox",
        "/unit",
        "/cycle",
        f"/peers/{PERIOD}",
    ),
    *("/cycles/new", "/rulebooks/new"),  # where whoever may not is told so
    f"/inbox/plan/{PERIOD}-{MEMBER}/evidence_review?item=1",
)
OF_ALL = (
    *("/catalogues", "/catalogues/nq04", "/rulebooks", "/rulebooks/<digest>"),
    "/rulebooks/<digest>/differences?from=<digest>",
)
BY_ROLE = {"/history": Role.AUDITOR, "/roster": Role.ADMINISTRATOR}


@pytest.fixture
def year(rated_year: YearWorld) -> YearWorld:
    return rated_year


def test_a_page_opens_to_whom_the_table_of_roles_names(year: YearWorld) -> None:
    with every_case() as case:
        for path, role in product(OF_AN, PEOPLE):
            with case(path, role):
                answer = year.read(role, path, **HTML)

                assert answer.mimetype == "text/html"
                if may(OF_AN[path], TOWARDS[role]):
                    assert answer.status_code == HTTPStatus.OK
                else:
                    assert answer.status_code in REFUSED


def test_whoever_looks_at_whatever_address_tells_no_fact(year: YearWorld) -> None:
    """A link, a preview, a probe: neither GET nor HEAD of any address is a deed."""
    about_an = {
        "period": PERIOD,
        "member_id": MEMBER,
        "unit_id": COMMUNE,
        "milestone_id": f"{PERIOD}-{MEMBER}-1",
        "cause": year.cause(),
    }
    rules = {rule.rule for rule in year.app.url_map.iter_rules()}
    filled = {
        re.sub(r"<(?:\w+:)?(\w+)>", lambda name: about_an.get(name[1], "1"), rule) for rule in rules
    }
    before = year.size()

    with every_case() as case:
        for path, role in product({*OF_AN, *DEEDS, *filled}, WHO_READ_OTHERS):
            with case(path, role):  # what is asked by HEAD does all that GET does
                answer = year.ask("HEAD", path, headers=year.headers(role) | HTML)

                assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
                assert year.size() == before


def test_a_deed_is_refused_to_whom_the_table_of_roles_does_not_name(year: YearWorld) -> None:
    """Whoever may is not refused for their role: an empty form is told what is missing."""
    with every_case() as case:
        for path, role in product(DEEDS, PEOPLE):
            with case(path, role):
                answer = send_empty(year, role, path)

                allowed = may(DEEDS[path], TOWARDS[role])
                assert (answer.status_code not in REFUSED) == allowed


@pytest.mark.parametrize("role", [role for role in ROLES if role in TOWARDS_THE_TOP])
@pytest.mark.parametrize("path", OF_UNITS)
def test_units_and_cycles_open_to_whom_the_table_names(
    year: YearWorld, path: str, role: str
) -> None:
    answer = year.read(role, path, **HTML)

    allowed = may(Action.SEE_UNIT, TOWARDS_THE_TOP[role])
    assert (answer.status_code == HTTPStatus.OK) == allowed


@pytest.mark.parametrize("path", [*OF_AN, "/my", "/inbox", "/unit", "/cycle", "/history"])
def test_nobody_is_sent_to_sign_in_and_comes_back(year: YearWorld, path: str) -> None:
    answer = year.read("nobody", path, **HTML)

    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert answer.headers["Location"].startswith("/sign-in?next=/")


@pytest.mark.parametrize("path", DEEDS)
def test_a_form_of_another_site_does_nothing(year: YearWorld, path: str) -> None:
    """The session's cookie alone is not enough."""
    headers = {"Cookie": year.headers("member")["Cookie"], **HTML}

    answer = year.ask("POST", path, data={"text": "x"}, headers=headers)

    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "csrf_missing" in answer.text


def test_whatever_is_written_is_in_both_tables() -> None:
    """All forms of writing share one route; those that answer something need it to be there."""
    written = {
        f"{REVIEW}/write/{form.name}": form.action
        for form in writing.FORMS.values()
        if form.action is not Action.ANSWER
    }

    assert written.items() <= OF_AN.items()
    assert written.items() <= DEEDS.items()


def test_every_page_is_in_a_table() -> None:
    app = Flask(__name__)
    app.register_blueprint(every.blueprint())
    adapter = app.url_map.bind("")
    in_test_file_roles = {"pages.print_notice", "pages.print_self_review", "pages.print_catalogue"}

    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    tables = (*OF_AN, *OF_UNITS, *OF_ONESELF, *OF_ALL, *BY_ROLE)
    tested = {adapter.match(path.partition("?")[0], method="GET")[0] for path in tables}
    told = {rule.endpoint for rule in rules if rule.endpoint.startswith(f"{pages.name}.")}
    assert told - tested - PUBLIC == in_test_file_roles


def test_a_page_of_ones_own_or_of_all_tells_others_nothing_of_an(year: YearWorld) -> None:
    with every_case() as case:
        for path, role in product((*OF_ONESELF, *OF_ALL), ("stranger", "administrator")):
            with case(path, role):
                answer = year.read(role, filled(year, path), **HTML)

                assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
                assert MEMBER not in answer.text.replace(path, "")  # to which a form comes back


def test_what_is_given_to_accounts_opens_one_page_each(year: YearWorld) -> None:
    with every_case() as case:
        for path, role in product(BY_ROLE, PEOPLE):
            with case(path, role):
                answer = year.read(role, path, **HTML)

                allowed = BY_ROLE[path] in TOWARDS[role]
                assert answer.status_code in ((HTTPStatus.OK,) if allowed else REFUSED)


def test_every_form_of_the_pages_is_in_the_table(year: YearWorld) -> None:
    shown_elsewhere = {
        "pages.search",  # only auditors: test_pages_history.py
        "pages.open_item_words",  # what waits for the reader only
        "pages.show_file",  # as the API's evidence: test_roles.py
        "pages.sign_in",
        "pages.sign_out",
        "pages.change_password",
        "pages.send_delegation",  # test_standing_in.py
        "pages.send_delegation_end",
        "pages.end_sessions",
        "pages.choose_language",
        "pages.act_on_many",
        "pages.take_up",
        "pages.open_cycle",
        "pages.send_edition",
        "pages.open_reviews",
        "pages.close_cycle",
        "pages.take_over_cycle",
        "pages.void_cycle",
        "pages.open_ground",  # test_takeovers.py
        "pages.save_plan_draft",
        "pages.send_my_data",
    }
    adapter = year.app.url_map.bind("")
    tested = {adapter.match(path, method="POST")[0] for path in DEEDS}

    rules = [rule for rule in year.app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    endpoints = {rule.endpoint for rule in rules if rule.endpoint.startswith(f"{pages.name}.")}
    assert endpoints - shown_elsewhere == tested
