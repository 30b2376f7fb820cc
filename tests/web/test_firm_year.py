"""A year of a firm whose posts have names of its own; other editions' posts are nothing there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from events.definitions.event import Code
from events.definitions.records import Period
from events.definitions.roster import IssuerNamed
from events.domain.review import review
from events.domain.steps import PostRole
from events.identifiers import review_stream
from tests.support.api_roles import ROUTES, ask_route
from tests.support.cases import every_case
from tests.support.firm_rules import firm_document
from tests.support.firm_world import FirmWorld
from tests.support.verified import findings, reason_of_bundle
from tests.support.world import CELL, COMMUNE, DISTRICT, OTHER_CELL
from tests.support.year_world import (
    AUTHORITY,
    CYCLE,
    FIGURES,
    MEMBER,
    PERIOD,
    REVIEW,
    STRANGER,
    WORDS,
    YearWorld,
    post_given,
)

# Whoever is a secretary there, with whoever stands where they do and holds no post at all.
LIKE = {"secretary": "peer", "authority": "stranger", "superior": "stranger"}


@pytest.fixture
def firm(tmp_path: Path) -> Iterator[FirmWorld]:
    made = FirmWorld(tmp_path / "data")
    yield made
    made.system.close()


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirmWorld]:
    """A firm in which An's year was lived to its end."""
    made = FirmWorld(tmp_path_factory.mktemp("firm") / "data")
    assert made.opens("director") == 201
    made.live_as_firm()
    yield made
    made.system.close()


def steps_waiting(world: YearWorld, role: str) -> set[str]:
    return {each["step"] for each in world.read(role, "/api/v1/inbox").json["waiting"]}


def test_a_firm_lives_its_year_by_its_own_posts_and_it_verifies(lived: FirmWorld) -> None:
    stream = review_stream(Period(PERIOD), MEMBER)
    state = review.fold(lived.system.store.read_stream(stream).events)

    assert state.decision is not None
    assert state.decision.fact.by.post == "director"
    assert lived.read("owner", REVIEW).status_code == 200  # of the unit above
    assert findings(lived) == {}
    assert reason_of_bundle(lived) == ""


def test_a_post_of_another_edition_gains_nothing_on_any_route(lived: FirmWorld) -> None:
    with every_case() as case:
        for name in ROUTES:
            for role, like in LIKE.items():
                with case(name, "by", role):
                    before = lived.size()

                    answer = ask_route(lived, name, role)

                    assert answer.status_code == ask_route(lived, name, like).status_code
                    assert answer.status_code != 201
                    assert lived.size() == before or name.startswith("GET")


def test_each_step_waits_for_the_post_of_its_role(firm: FirmWorld) -> None:
    firm.opens("director")
    everybody = ("head", "clerk", "director", "deputy", "owner", *LIKE)

    def who_has(step: str) -> set[str]:
        return {role for role in everybody if step in steps_waiting(firm, role)}

    firm.do("member", f"{REVIEW}/self-critique", {"text": WORDS})
    assert who_has("meeting") == {"head", "clerk"}
    firm._meet()  # noqa: SLF001 - a step of the year that the world lives
    assert who_has("proposal") == {"head"}
    told = {"points": {"conduct": 26, "results": 60}}
    figures = {"tasks_total": 10, "tasks_on_time": 10, "tasks_beyond": 4}
    firm.do("head", f"{REVIEW}/proposal", told | {"figures": figures})
    assert who_has("appraisal") == {"deputy"}
    firm._appraise()  # noqa: SLF001
    assert who_has("decision") == {"director"}


@pytest.mark.parametrize("role", ["clerk", "director", "owner"])
def test_whoever_has_another_role_sees_a_review_and_proposes_nothing(
    firm: FirmWorld, role: str
) -> None:
    firm.opens("director")
    firm.do("member", f"{REVIEW}/self-critique", {"text": WORDS})

    assert firm.read(role, REVIEW).status_code == 200
    body = {"points": {"conduct": 1, "results": 1}, "figures": {}}
    assert firm.send(role, f"{REVIEW}/proposal", body).status_code == 403
    assert (
        "/proposal" not in firm.read(role, f"/reviews/{PERIOD}/{MEMBER}", Accept="text/html").text
    )


def test_a_first_year_is_opened_by_a_post_of_the_edition_that_is_opened(firm: FirmWorld) -> None:
    assert firm.opens("authority") == 409  # a secretary, under the firm's edition
    assert firm.opens("head") == 403
    assert firm.opens("director") == 201


def test_once_a_firm_had_a_year_posts_of_other_issuers_open_and_publish_nothing(
    lived: FirmWorld,
) -> None:
    body = {"period": "2027", "unit_id": COMMUNE, "rulebook": "neutral"}
    edition = {"unit_id": COMMUNE, "document": "kind: rulebook"}

    assert lived.send("authority", "/api/v1/cycles", body).status_code == 403
    assert lived.send("authority", "/api/v1/rulebooks", edition).status_code == 403
    assert lived.send("director", "/api/v1/rulebooks", edition).status_code == 422


def test_an_edition_of_another_issuer_makes_nobody_an_officer(firm: FirmWorld) -> None:
    """The commune is bound to its own issuer; by another one's edition a stranger would decide."""
    firm.tell(IssuerNamed(unit_id=DISTRICT, issuer=Code("firm")))
    firm.tell(post_given(STRANGER, COMMUNE, "friend"))
    friends = {"vi": "bạn", "en": "friend"}
    roles = {role.value: ["friend"] for role in PostRole}
    rungs = [{"place": "unit", "post": "friend", "working_days": 3}]
    theirs = firm.publish(
        id="club", issuer="club", posts={"friend": friends}, roles=roles, rungs=rungs
    )

    assert firm.opens("stranger", theirs) == 403
    assert firm.opens("director") == 201
    assert firm.read("stranger", REVIEW).status_code == 404
    assert firm.read("stranger", CYCLE).status_code == 404
    assert steps_waiting(firm, "stranger") == {"commitment", "self_critique"}


def test_posts_of_a_firm_are_as_any_post_in_a_year_of_an_older_document(tmp_path: Path) -> None:
    year = YearWorld(tmp_path / "data")
    year.open_cycle()
    year.tell(post_given(STRANGER, COMMUNE, "director"))

    for path in (REVIEW, f"{REVIEW}/words", CYCLE):
        known = year.read("committee", path).status_code
        assert year.read("stranger", path).status_code == known
    assert year.send("stranger", f"{REVIEW}/announcement").status_code == 403
    year.system.close()


def test_the_preview_names_posts_that_the_chosen_edition_does_not_know(firm: FirmWorld) -> None:
    def unused(rulebook: str) -> set[str]:
        body = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": rulebook, "dry_run": True}
        doubts = firm.send("director", "/api/v1/cycles", body).json["doubts"]
        return {name for each in doubts if each["why"] == "unused_word" for name in each["named"]}

    firm.tell(post_given(AUTHORITY, COMMUNE, "direktor"))

    assert {each.partition(" ")[0] for each in unused(firm.edition)} == {
        "secretary",
        "committee_member",
        "direktor",
    }
    assert "direktor (director?)" in unused(firm.edition)


def test_a_vacancy_is_told_by_who_proposes_and_decides_in_the_chosen_edition(
    firm: FirmWorld,
) -> None:
    body = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": firm.edition, "dry_run": True}

    told = firm.send("director", "/api/v1/cycles", body).json

    doubts = {each["why"]: each["named"] for each in told["doubts"]}
    assert doubts["vacant"] == [f"unit-{OTHER_CELL}"]
    stuck = {each["unit_id"]: each["stuck"] for each in told["begins"]["shares"]}
    assert stuck[CELL] == 0  # the deputy decides as well


def test_pages_name_posts_as_the_edition_calls_them(firm: FirmWorld) -> None:
    firm.opens("director")
    firm.do("member", f"{REVIEW}/self-critique", {"text": WORDS})

    page = firm.read("member", f"/reviews/{PERIOD}/{MEMBER}", Accept="text/html").text
    assert "thư ký cuộc họp, trưởng nhóm" in page  # who tells of a meeting
    assert "bí thư" not in page
    firm._meet()  # noqa: SLF001
    body = {"points": {"conduct": 1, "results": 1}, "figures": FIGURES}
    firm.do("head", f"{REVIEW}/proposal", body)

    page = firm.read("owner", f"/reviews/{PERIOD}/{MEMBER}", Accept="text/html").text
    assert ", trưởng nhóm Chi bộ" in page  # who proposed
    edition = firm.read("owner", f"/rulebooks/{firm.edition}", Accept="text/html").text
    assert "Chức vụ nào làm gì" in edition
    assert "phó giám đốc" in edition


def test_a_year_in_which_nobody_writes_of_themselves_is_lived_and_verifies(firm: FirmWorld) -> None:
    steps = firm_document()["steps"]
    bare = {name: steps[name] for name in steps if name not in {"self_critique", "meeting"}}
    edition = firm.publish(id="bare", steps=bare, meetings=None)
    firm.opens("director", edition)
    assert steps_waiting(firm, "member") == {"commitment"}
    assert steps_waiting(firm, "head") == {"commitment", "proposal"}
    unasked = firm.send("member", f"{REVIEW}/self-critique", {"text": WORDS})
    assert (unasked.status_code, unasked.json["code"]) == (409, "no_such_step")

    body = {"points": {"conduct": 26, "results": 60}, "figures": FIGURES}
    firm.do("head", f"{REVIEW}/proposal", body)
    firm._appraise()  # noqa: SLF001
    firm._decide_late()  # noqa: SLF001
    firm.do("head", f"{REVIEW}/announcement")

    for path in (f"/reviews/{PERIOD}/{MEMBER}", f"/history/{PERIOD}/{MEMBER}", "/inbox"):
        assert firm.read("member", path, Accept="text/html").status_code == 200
    assert findings(firm) == {}
    assert reason_of_bundle(firm) == ""
