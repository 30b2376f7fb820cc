"""A year over HTTP: the steps in their order, and everything that is refused on the way."""

import uuid
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from events.definitions.review import CriticismGiven
from events.identifiers import member_stream, review_stream
from events.vault.wrapping import derive
from services.safekeeping.evidence import FILE_BYTES_MAX
from tests.support.evidence import PDF
from tests.support.world import COMMUNE, OPERATOR, Answer, enrolled
from tests.support.year_world import (
    AFTER_THE_COMMITMENT_WAS_DUE,
    AUTHORITY,
    CYCLE,
    FIGURES,
    FOLLOWER,
    GOOD,
    MEMBER,
    MILESTONE,
    NEWCOMER,
    PEER,
    PERIOD,
    PLAN,
    RATING,
    REVIEW,
    SECRETARY,
    TEXT_FILE,
    WORDS,
    YearWorld,
)

TEXT = {"text": WORDS}
OTHER_TEXT = {"text": "Khác"}


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world whose year was opened."""
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    yield world
    world.system.close()


def refused(answer: Answer, status: int, code: str) -> Any:
    """Return the problem by which something was refused."""
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.json
    return answer.json


def test_a_year_goes_from_the_opened_cycle_to_an_approved_milestone(year: YearWorld) -> None:
    year.live()
    evidence = year.read("follower", MILESTONE).json["evidence"][-1]["version"]

    year.do("follower", f"{MILESTONE}/approval", {"evidence_version": evidence})

    assert year.read("member", REVIEW).json["stage"] == "announced"
    assert year.read("member", PLAN).json["stage"] == "finished"
    assert year.read("member", MILESTONE).json["status"] == "approved"


def test_a_command_tells_where_its_stream_is(year: YearWorld) -> None:
    answer = year.send("member", f"{REVIEW}/commitment", TEXT)

    assert answer.status_code == 201
    assert answer.json == {"stream": f"review-{PERIOD}-{MEMBER}", "version": 2, "known": False}
    assert answer.headers["ETag"] == year.read("member", REVIEW).headers["ETag"] == '"2"'


def test_opening_a_year_again_opens_only_who_came_later(year: YearWorld) -> None:
    year.tell(enrolled(NEWCOMER, COMMUNE))

    first = year.send("authority", f"{CYCLE}/reviews")
    again = year.send("authority", f"{CYCLE}/reviews")

    assert (first.status_code, first.json["reviews"]) == (201, 1)
    assert (again.status_code, again.json["reviews"]) == (200, 0)


def test_a_closed_year_takes_nobody_in(year: YearWorld) -> None:
    year.do("authority", f"{CYCLE}/closing")
    year.tell(enrolled(NEWCOMER, COMMUNE))

    refused(year.send("authority", f"{CYCLE}/reviews"), 409, "not_open")


def test_a_rating_says_why_in_the_asked_language(year: YearWorld) -> None:
    year.live("decided", GOOD)

    vietnamese = year.read("member", RATING).json
    english = year.read("member", f"{RATING}?language=en").json

    assert english["explanation"]["level"] == "Good"
    assert vietnamese["explanation"]["level"] == "Tốt"
    assert english["explanation"]["grounds"][0]["citation"] == "Điều 5.1"
    assert english["decision"]["by"]["member_id"] == AUTHORITY
    assert english["decision"]["by"]["post"] == "secretary"


def test_a_review_is_shown_as_it_was_at_a_position(year: YearWorld) -> None:
    before = year.system.store.head().size
    year.live("decided")

    earlier = year.read("member", f"{REVIEW}?as_of={before}")

    assert earlier.json["stage"] == "commitment"
    assert "decision" not in earlier.json
    assert earlier.headers["ETag"] == f'"1@{before}"'


def test_a_cycle_is_shown_as_it_was_without_the_counts_of_now(year: YearWorld) -> None:
    before = year.system.store.head().size
    moment = year.clock.now()
    year.clock.tick(3600)
    year.do("authority", f"{CYCLE}/closing")

    now = year.read("authority", CYCLE)
    for role, as_of in (
        ("authority", before),
        ("secretary", before),
        ("token", f"{moment:%FT%TZ}"),
    ):
        earlier = year.read(role, f"{CYCLE}?as_of={as_of}")
        kept = {"If-None-Match": earlier.headers["ETag"]}

        assert earlier.headers["ETag"] == f'"1@{before}"'
        assert (earlier.json["version"], earlier.json["as_of"]) == (1, before)
        assert not {"closed_at", "units"} & earlier.json.keys()
        assert year.read(role, f"{CYCLE}?as_of={as_of}", **kept).status_code == 304
    assert now.headers["ETag"].startswith('"2-')
    assert {"closed_at", "units"} < now.json.keys()


def test_a_cycle_that_one_keeps_is_not_what_another_sees_nor_what_is_there_later(
    year: YearWorld,
) -> None:
    theirs = year.read("authority", CYCLE)
    kept = {"If-None-Match": theirs.headers["ETag"]}

    again = year.read("authority", CYCLE, **kept)
    anothers = year.read("secretary", CYCLE, **kept)
    year.live("decided")
    later = year.read("authority", CYCLE, **kept)

    assert again.status_code == HTTPStatus.NOT_MODIFIED
    assert (anothers.status_code, later.status_code) == (HTTPStatus.OK, HTTPStatus.OK)
    assert anothers.json["units"] != theirs.json["units"] != later.json["units"]
    assert {"Cookie", "Authorization"} <= set(theirs.headers["Vary"].split(", "))


def test_a_cycle_is_closed_as_it_was_looked_at(year: YearWorld) -> None:
    seen = year.read("authority", CYCLE).headers["ETag"]

    closed = year.send("authority", f"{CYCLE}/closing", If_Match=seen)
    again = year.send("authority", f"{CYCLE}/closing", If_Match=seen)

    assert (closed.status_code, again.status_code) == (HTTPStatus.CREATED, 412)


def test_an_earlier_cycle_is_hidden_as_the_present_one_is(year: YearWorld) -> None:
    head = year.system.store.head().size

    refused(year.read("authority", f"{CYCLE}?as_of=1"), 404, "unknown_cycle")
    refused(year.read("stranger", f"{CYCLE}?as_of={head}"), 404, "unknown_cycle")
    refused(year.read("authority", f"{CYCLE}?as_of={head + 1}"), 422, "position_ahead")


def test_nobody_decides_on_themselves(year: YearWorld) -> None:
    """Towards oneself no office counts, so the secretaries are members like everybody."""
    of_secretary = f"/api/v1/reviews/{PERIOD}/{SECRETARY}"
    of_authority = f"/api/v1/reviews/{PERIOD}/{AUTHORITY}"
    before = year.size()

    proposal = {"points": GOOD, "figures": FIGURES}
    proposed = year.send("secretary", f"{of_secretary}/proposal", proposal)
    decision = {"level": "excellent", "proposal_version": 1}
    decided = year.send("authority", f"{of_authority}/decision", decision)
    criticised = year.send("authority", f"{of_authority}/criticisms", TEXT)

    assert [each.status_code for each in (proposed, decided, criticised)] == [403, 403, 403]
    assert year.size() == before


def test_nobody_follows_or_approves_their_own_milestones(year: YearWorld) -> None:
    year.live("planned")

    body = {"proposal_version": 2, "follower_id": MEMBER}
    followed = year.send("secretary", f"{PLAN}/agreement", body)
    refused(followed, 409, "on_oneself")

    body["follower_id"] = FOLLOWER
    year.do("secretary", f"{PLAN}/agreement", body)
    year.hand_in("member", MILESTONE, ("a.txt", TEXT_FILE))
    approved = year.send("member", f"{MILESTONE}/approval", {"evidence_version": 4})
    refused(approved, 403, "on_oneself")


def test_the_law_says_which_rule_and_what_is_needed(year: YearWorld) -> None:
    before = year.size()

    answer = year.send("secretary", f"{REVIEW}/proposal", {"points": GOOD, "figures": FIGURES})

    problem = refused(answer, 409, "step_missing")
    assert problem["rule"] == "order"
    assert "self_critique" in problem["needed"]
    assert year.size() == before


def test_a_command_with_a_key_is_done_once(year: YearWorld) -> None:
    first = year.send("member", f"{REVIEW}/commitment", TEXT, Idempotency_Key="one")
    size = year.size()
    again = year.send("member", f"{REVIEW}/commitment", TEXT, Idempotency_Key="one")

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == first.json | {"known": True}
    assert again.headers["ETag"] == first.headers["ETag"]
    assert year.size() == size


def test_of_an_erased_request_nobody_can_try_out_what_it_was(year: YearWorld) -> None:
    """What stays of it is a digest, and whoever sent it may have chosen a key that is guessed."""
    path = f"{REVIEW}/commitment"
    year.send("member", path, TEXT, Idempotency_Key="one")
    year.system.keys.destroy(member_stream(MEMBER), PERIOD)

    again = [year.send("member", path, each, Idempotency_Key="one") for each in (TEXT, OTHER_TEXT)]

    assert [(each.status_code, each.json["known"]) for each in again] == [(200, True)] * 2


def test_the_id_of_a_criticism_is_not_found_without_the_key_of_the_reviewed(
    year: YearWorld,
) -> None:
    """Else a key that is guessed would lead from the account to the criticism, also when erased."""
    asked = (f"{REVIEW}/criticisms", TEXT)
    first = year.send("peer", *asked, Idempotency_Key="one")
    again = year.send("peer", *asked, Idempotency_Key="one")
    index_key = year.system.index_key()

    guessed = uuid.UUID(bytes=derive(index_key, "key", "peer", "one")[:16], version=5)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == first.json | {"known": True}
    stored = [row[0] for row in year.system.store.database.rows("SELECT id FROM events")]
    assert str(guessed) not in stored
    year.send("peer", f"/api/v1/reviews/{PERIOD}/{PEER}/commitment", TEXT, Idempotency_Key="one")
    stored = [row[0] for row in year.system.store.database.rows("SELECT id FROM events")]
    assert str(guessed) in stored  # as of other commands, whose facts name the account


def test_a_plan_nobody_demanded_tells_the_same_version_when_it_is_repeated(
    year: YearWorld,
) -> None:
    """It takes two facts, of which the second one's version is told."""
    year.live("announced", GOOD)
    body = {"text": WORDS, "milestones": [{"words": WORDS, "due_on": "2027-06-30"}]}

    first = year.send("member", PLAN, body, Idempotency_Key="one")
    again = year.send("member", PLAN, body, Idempotency_Key="one")

    assert (first.json["version"], again.json["version"]) == (2, 2)


def test_evidence_with_a_key_is_told_from_other_evidence_by_its_content(year: YearWorld) -> None:
    year.live("agreed")
    key = {"Idempotency-Key": "one"}

    first = year.hand_in("member", MILESTONE, ("a.txt", TEXT_FILE), headers=key)
    again = year.hand_in("member", MILESTONE, ("a.txt", TEXT_FILE), headers=key)
    other = year.hand_in("member", MILESTONE, ("a.pdf", PDF), headers=key)

    assert (first.status_code, again.status_code) == (201, 200)
    refused(other, 409, "conflicting_key")


def test_a_key_belongs_to_one_request_and_one_account(year: YearWorld) -> None:
    year.send("member", f"{REVIEW}/commitment", TEXT, Idempotency_Key="one")
    size = year.size()

    other = year.send("member", f"{REVIEW}/commitment", OTHER_TEXT, Idempotency_Key="one")
    refused(other, 409, "conflicting_key")
    assert year.size() == size
    of_peer = f"/api/v1/reviews/{PERIOD}/{PEER}/commitment"
    assert year.send("peer", of_peer, TEXT, Idempotency_Key="one").status_code == 201


def test_who_looked_at_something_older_is_told_so(year: YearWorld) -> None:
    year.do("member", f"{REVIEW}/commitment", TEXT)
    before = year.size()

    stale = year.send("member", f"{REVIEW}/self-critique", TEXT, If_Match='"1"')

    assert refused(stale, 412, "stale")["version"] == 2
    assert year.size() == before
    fresh = year.send("member", f"{REVIEW}/self-critique", TEXT, If_Match='"2"')
    assert fresh.status_code == 201


def test_that_somebody_was_faster_is_told_rather_than_what_the_law_says_now(
    year: YearWorld,
) -> None:
    year.do("member", f"{REVIEW}/commitment", TEXT)

    again = year.send("member", f"{REVIEW}/commitment", TEXT, If_Match='"1"')

    refused(again, 412, "stale")


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("If-Match", "5"),
        ("If-Match", 'W/"5"'),
        ("If-Match", '"5", "6"'),
        ("If-Match", '"5@120"'),
        ("Idempotency-Key", ""),
        ("Idempotency-Key", "k" * 201),
        ("Idempotency-Key", "khoá"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(
    year: YearWorld, header: str, value: str
) -> None:
    before = year.size()
    given = {header.replace("-", "_"): value.encode().decode("latin-1")}

    answer = year.send("member", f"{REVIEW}/commitment", TEXT, **given)

    refused(answer, 400, "malformed_header")
    assert year.size() == before


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        (b"", 400, "malformed_json", None),
        (b"{", 400, "malformed_json", None),
        (b'{"text": "a", "text": "b"}', 400, "malformed_json", "/text"),
        (b'{"text": null}', 400, "malformed_json", "/text"),
        (b'{"text": 1.5}', 400, "malformed_json", "/text"),
        (b"[]", 422, "invalid_body", ""),
        (b"{}", 422, "invalid_body", ""),
        (b'{"text": 1}', 422, "invalid_body", "/text"),
        (b'{"text": " \\n"}', 422, "invalid_body", "/text"),
        (b'{"text": "a", "other": 1}', 422, "invalid_body", ""),
        (b'{"text": "' + "ữ".encode() * 30_000 + b'"}', 422, "invalid_body", "/text"),
        (b'{"text": "' + b"a" * 1024 * 1024 + b'"}', 413, "too_large", None),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_body_that_is_not_as_it_should_be_is_refused(
    year: YearWorld, body: bytes, status: int, code: str, pointer: str | None
) -> None:
    before = year.size()
    headers = year.headers("member") | {"Content-Type": "application/json"}

    answer = year.ask("POST", f"{REVIEW}/commitment", data=body, headers=headers)

    assert refused(answer, status, code).get("pointer") == pointer
    assert year.size() == before


def test_a_wrong_place_deep_in_a_body_is_named(year: YearWorld) -> None:
    year.live("announced")
    wrong = {"words": WORDS, "due_on": "2026-02-31"}
    right = {"words": WORDS, "due_on": "2027-06-30"}

    answer = year.send("member", PLAN, {"text": WORDS, "milestones": [right, wrong]})

    assert refused(answer, 422, "invalid_body")["pointer"] == "/milestones/1/due_on"


def test_a_form_is_no_body_of_a_command(year: YearWorld) -> None:
    """A page of somebody else's could send one with the reader's cookie."""
    headers = year.headers("member")

    answer = year.ask("POST", f"{REVIEW}/commitment", data=TEXT, headers=headers)

    refused(answer, 415, "unsupported_media_type")


def test_a_proposal_outside_of_the_rulebook_is_refused(year: YearWorld) -> None:
    year.live("answered")
    before = year.size()

    answer = year.send(
        "secretary", f"{REVIEW}/proposal", {"points": {"conduct": 99}, "figures": FIGURES}
    )

    refused(answer, 409, "facts_out_of_range")
    assert year.size() == before


@pytest.mark.parametrize("document", ["../../etc/passwd", "no_such", "f" * 64, ""])
def test_a_year_opens_under_a_document_that_there_is(year: YearWorld, document: str) -> None:
    before = year.size()
    body = {"period": "2027", "unit_id": COMMUNE, "rulebook": document}

    answer = year.send("authority", "/api/v1/cycles", body)

    assert answer.status_code == 422
    assert year.size() == before


def test_a_stranger_is_told_alike_of_what_there_is_and_what_is_not(year: YearWorld) -> None:
    """Else one could find out by asking who is a member."""
    nobody = f"/api/v1/reviews/{PERIOD}/{'a' * 26}"

    def told(path: str, body: Any = None) -> Any:
        answer = year.read("stranger", path) if body is None else year.send("stranger", path, body)
        return {k: v for k, v in answer.json.items() if k != "correlation_id"}

    assert told(REVIEW) == told(nobody)
    for step in ("commitment", "criticisms", "self-critique"):
        assert told(f"{REVIEW}/{step}", TEXT) == told(f"{nobody}/{step}", TEXT)
    plan = {"text": WORDS, "milestones": []}
    before = told(PLAN, plan)
    year.live("announced")
    assert told(PLAN, plan) == before


def test_a_peer_is_told_alike_of_plans_that_there_are_and_that_there_are_not(
    year: YearWorld,
) -> None:
    """They may criticise, so they know of the review; what came of it is not theirs to know."""
    plan, verdict = {"text": WORDS, "milestones": []}, {"evidence_version": 1, **TEXT}
    deeds: tuple[tuple[str, Any], ...] = (
        *((PLAN, None), (f"{PLAN}/words", None), (PLAN, plan)),
        *((f"{PLAN}/agreement", {"proposal_version": 2, "follower_id": FOLLOWER}),),
        *((f"{PLAN}/return", {"proposal_version": 2, **TEXT}), (MILESTONE, None)),
        *((f"{MILESTONE}/approval", verdict), (f"{MILESTONE}/evidence/{'f' * 64}", None)),
    )

    def told() -> list[Any]:
        answers = [
            year.read("peer", path) if body is None else year.send("peer", path, body)
            for path, body in deeds
        ]
        handed_in = year.hand_in("peer", MILESTONE, ("a.pdf", PDF), text=WORDS)
        told = [(each.status_code, each.json) for each in (*answers, handed_in)]
        return [(status, {**said, "correlation_id": ""}) for status, said in told]

    year.live("announced")
    before = told()
    year.live("agreed", since="planned")

    assert told() == before
    assert {status for status, _ in before} == {HTTPStatus.NOT_FOUND}


def test_a_peer_is_told_no_version_and_may_name_none(year: YearWorld) -> None:
    """A version counts what happened, so which one is wrong tells that too."""
    given = year.send("peer", f"{REVIEW}/criticisms", TEXT)
    version = year.version(review_stream(PERIOD, MEMBER))

    named = [
        year.send("peer", f"{REVIEW}/criticisms", TEXT, If_Match=f'"{each}"')
        for each in (1, version, version + 7)
    ]

    assert given.status_code == HTTPStatus.CREATED
    assert set(given.json) == {"stream", "known"}
    assert "ETag" not in given.headers
    for each in named:
        assert (each.status_code, each.json["code"]) == (412, "stale")
        assert "version" not in each.json
        assert str(version) not in each.json["detail"].split("-")[-1]


def test_ids_from_outside_do_not_lead_from_a_criticism_to_its_author(year: YearWorld) -> None:
    outside = {"X_Correlation_ID": "of-the-peer", "traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
    answer = year.send("peer", f"{REVIEW}/criticisms", TEXT, **outside)
    traced = {"traceparent": outside["traceparent"]}
    year.send("peer", f"{REVIEW}/criticisms", TEXT, **traced)

    history = year.system.store.read_stream(review_stream(PERIOD, MEMBER))
    facts = [each for each in history.events if isinstance(each.event, CriticismGiven)]
    assert facts
    for each in facts:
        told = repr(each.entry)
        assert "of-the-peer" not in told
        assert "a" * 32 not in told
        assert answer.headers["X-Correlation-ID"] not in told


def test_when_somebody_criticised_is_not_counted_apart(
    year: YearWorld, logged: list[dict[str, Any]]
) -> None:
    year.send("peer", f"{REVIEW}/criticisms", TEXT)

    assert "criticism" not in year.get("/metrics", OPERATOR).text
    assert "criticism" not in str(logged)


def opened_by_api(year: YearWorld, reader: str) -> Answer:
    return year.send(reader, f"{REVIEW}/words")


def opened_on_a_page(year: YearWorld, reader: str) -> Answer:
    return year.open_words(reader, f"/reviews/{PERIOD}/{MEMBER}/words")


def opened_in_a_bundle(year: YearWorld, reader: str) -> Answer:
    for criticism in year.read("member", REVIEW).json["criticisms"]:
        year.do("member", f"{REVIEW}/criticisms/{criticism['id']}/answer", TEXT)
    year.live("critique", since="critique")
    year.live("decided", since="proposed")
    return year.send(reader, f"{RATING}/bundle?words=true")


@pytest.mark.parametrize("opened_by", [opened_by_api, opened_on_a_page, opened_in_a_bundle])
def test_who_reads_all_is_told_to_have_read_all_also_what_they_wrote(
    year: YearWorld, opened_by: Callable[[YearWorld, str], Answer]
) -> None:
    """A gap in what is told would be the signature of whoever wrote what is missing."""
    for critic in ("peer", "authority"):
        year.do(critic, f"{REVIEW}/criticisms", TEXT)

    opened = opened_by(year, "authority")

    assert opened.status_code == HTTPStatus.OK, opened.json
    readings = year.read("member", f"{REVIEW}/readings").json["readings"]
    history = year.system.store.read_stream(review_stream(PERIOD, MEMBER))
    criticisms = {
        each.event.text.sealed for each in history.events if isinstance(each.event, CriticismGiven)
    }
    assert len(criticisms) == 2
    assert [criticisms <= set(each["texts"]) for each in readings] == [True]


def test_who_may_not_makes_no_keys_either(year: YearWorld) -> None:
    nobody = "a" * 26

    year.send("stranger", f"/api/v1/reviews/{PERIOD}/{nobody}/criticisms", TEXT)

    pair = (member_stream(nobody), PERIOD)  # type: ignore[arg-type]
    assert year.system.keys.keys([pair]) == {}


def test_words_of_others_are_opened_after_that_was_told(year: YearWorld) -> None:
    year.live("criticised")

    opened = year.send("secretary", f"{REVIEW}/words").json["words"]
    refused(year.read("secretary", f"{REVIEW}/words"), 405, "method_not_allowed")
    year.send("secretary", f"{REVIEW}/words")
    year.read("member", f"{REVIEW}/words")

    assert [(each["of"], each["text"]) for each in opened] == [("criticism", WORDS)]
    readings = year.read("member", f"{REVIEW}/readings").json["readings"]
    assert [(each["right"], each["reader_id"]) for each in readings] == [("secretary", SECRETARY)]


def test_erased_words_are_gone_and_the_rating_stays(year: YearWorld) -> None:
    year.live("decided")
    year.system.keys.destroy(member_stream(MEMBER), PERIOD)

    words = year.send("secretary", f"{REVIEW}/words")

    assert words.status_code == 200
    assert not any("text" in each for each in words.json["words"])
    assert year.read("secretary", RATING).status_code == 200


def test_evidence_is_served_to_who_may_read_it_and_told(year: YearWorld) -> None:
    year.live("agreed")
    year.hand_in("member", MILESTONE, ("biên bản.pdf", PDF), text=WORDS)
    (handed_in,) = year.read("follower", MILESTONE).json["evidence"]
    path = f"{MILESTONE}/evidence/{handed_in['files'][0]['commitment']}"

    looked = year.read("follower", path)
    unread = year.read("member", f"{REVIEW}/readings").json["readings"]
    served = year.send("follower", path)

    refused(looked, 405, "method_not_allowed")
    assert unread == []
    assert (served.status_code, served.data) == (200, PDF)
    assert served.headers["Content-Type"] == "application/pdf"
    assert "bi%C3%AAn%20b%E1%BA%A3n.pdf" in served.headers["Content-Disposition"]
    readings = year.read("member", f"{REVIEW}/readings").json["readings"]
    assert readings[-1]["right"] == "follower"
    assert handed_in["files"][0]["commitment"] in readings[-1]["texts"]


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("a.exe", b"MZ\x00\x01", 415, "file_type_refused"),
        ("a.pdf", TEXT_FILE, 415, "file_named_otherwise"),
        ("a.html", b"<html>", 415, "file_is_page"),
        ("a.txt", b"", 422, "file_empty"),
        ("a.pdf", PDF.ljust(FILE_BYTES_MAX + 1, b"\0"), 413, "file_too_large"),
    ],
)
def test_a_file_of_a_wrong_kind_or_size_is_refused_before_it_is_stored(
    year: YearWorld, name: str, content: bytes, status: int, code: str
) -> None:
    year.live("agreed")
    before = year.size()

    answer = year.hand_in("member", MILESTONE, (name, content))

    refused(answer, status, code)
    assert year.size() == before
    assert not year.system.store.database.rows("SELECT 1 FROM files", ())


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_of_another_age_is_refused_wherever_one_is_set(year: YearWorld, day: str) -> None:
    moved = year.send(
        "authority", f"{REVIEW}/deadlines", {"step": "self_critique", "day": day, **TEXT}
    )
    year.live("agreed")
    planned = {"milestones": [{"words": WORDS, "due_on": day}], **TEXT}
    mended = year.send("member", PLAN, planned)
    extended = year.send("follower", f"{MILESTONE}/extension", {"day": day, **TEXT})

    for answer in (moved, extended, mended):
        refused(answer, 409, "day_out_of_reach")


def test_a_rating_is_told_as_it_holds_while_it_is_being_given_again(year: YearWorld) -> None:
    year.live("announced")
    held = year.read("member", RATING).json

    year.do("authority", f"{REVIEW}/reopening", {"ground": "fault_found", **TEXT})
    reopened = year.read("member", RATING).json
    year.do("secretary", f"{REVIEW}/proposal", {"points": GOOD, "figures": FIGURES})
    proposed = year.read("member", RATING).json
    page = year.read("member", f"/reviews/{PERIOD}/{MEMBER}", Accept="text/html").text

    for told in (reopened, proposed):
        assert told["reopened_at"]
        assert told["decision"] == held["decision"]
        assert told["explanation"] == held["explanation"]
    assert "reopened_at" not in held
    assert page.count("Vì sao mức này?") == 2  # of what is proposed, and of what holds


def test_an_escalation_is_shown_as_it_was_and_taken_up_as_it_was_seen(year: YearWorld) -> None:
    year.reach(AFTER_THE_COMMITMENT_WAS_DUE)
    path = f"/api/v1/escalations/{year.cause()}"
    raised, head = year.read("secretary", path), year.system.store.head().size

    year.do("secretary", f"{path}/acknowledgement", TEXT)
    stale = year.send("committee", f"{path}/acknowledgement", If_Match=raised.headers["ETag"])

    refused(stale, 412, "stale")
    assert year.read("secretary", path).json["stage"] == "acknowledged"
    earlier = year.read("secretary", f"{path}?as_of={head}")
    assert (earlier.json["stage"], earlier.json["as_of"]) == (raised.json["stage"], head)
    refused(year.read("secretary", f"{path}?as_of=1"), 404, "unknown_escalation")


def test_the_inbox_holds_what_waits_for_whom(year: YearWorld) -> None:
    year.live("handed_in")

    inbox = year.read("follower", "/api/v1/inbox").json["waiting"]
    for path in ("/api/v1/inbox", "/api/v1/escalations"):
        assert year.read("follower", f"{path}?as_of=1").status_code == 422  # told as of now alone

    verdicts = [each for each in inbox if each["member_id"] == MEMBER]
    assert [(each["kind"], each["step"], each["item"]) for each in verdicts] == [
        ("plan", "evidence_review", "1")
    ]
