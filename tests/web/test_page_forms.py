"""Forms of pages: nothing typed is lost, nothing is done twice, and a no says why."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from events.identifiers import member_stream
from events.store import reference
from services.commands import rulebooks
from tests.support.page_forms import (
    COUNTED,
    CRITIQUE,
    FIRST,
    HTML,
    PAGE,
    PLAN,
    PLAN_STREAM,
    REASON,
    SECOND,
    agree,
    evidence_version,
    send,
    state,
)
from tests.support.verified import findings
from tests.support.year_world import (
    AFTER_THE_COMMITMENT_WAS_DUE,
    FOLLOWER,
    MEMBER,
    PEER,
    PERIOD,
    REVIEW,
    TEXT_FILE,
    WORDS,
    YearWorld,
)
from tests.support.year_world import PLAN as PLAN_API


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world whose year was opened."""
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    yield world
    world.system.close()


def test_a_form_that_is_not_filled_in_says_what_is_missing_and_keeps_the_rest(
    year: YearWorld,
) -> None:
    form = CRITIQUE | {"section-limitations": "  \n ", "points-conduct": "27"}

    answer = send(year, "member", f"{PAGE}/write/self-critique", **form)

    assert answer.status_code == 422
    assert 'href="#section-limitations"' in answer.text
    assert f"{WORDS} (measures)" in answer.text
    assert 'value="27"' in answer.text
    assert state(year).self_critique is None


def test_marks_beyond_the_rulebook_are_refused_by_their_field(year: YearWorld) -> None:
    form = CRITIQUE | {"points-conduct": "31"}

    answer = send(year, "member", f"{PAGE}/write/self-critique", **form)

    assert answer.status_code == 422
    assert 'href="#points-conduct"' in answer.text
    assert WORDS in answer.text


def test_a_stale_form_keeps_what_was_typed_and_shows_what_came_between(year: YearWorld) -> None:
    send(year, "member", f"{PAGE}/write/self-critique", **CRITIQUE)
    seen = state(year).version
    year.do("peer", f"{REVIEW}/criticisms", {"text": WORDS})

    answer = send(
        year, "secretary", f"{PAGE}/proposal", version=seen, text="Nhận xét của chi bộ.", **COUNTED
    )

    assert answer.status_code == 412
    assert "Nhận xét của chi bộ." in answer.text
    assert "Góp ý" in answer.text
    assert state(year).proposal is None


def test_a_form_sent_twice_is_done_once(year: YearWorld) -> None:
    form = {"text": WORDS, "key": "the-same-form"}

    first = send(year, "peer", f"{PAGE}/write/criticism", **form)
    second = send(year, "peer", f"{PAGE}/write/criticism", **form)

    assert (first.status_code, second.status_code) == (303, 303)
    assert len(state(year).criticisms) == 1


def test_whoever_was_signed_out_while_writing_gets_their_words_back(year: YearWorld) -> None:
    answer = year.ask(
        "POST", f"{PAGE}/write/commitment", data={"section-tasks": WORDS}, headers=HTML
    )

    assert answer.status_code == 401
    assert WORDS in answer.text
    assert state(year).commitment is None


def test_a_trial_shows_the_level_and_records_nothing(year: YearWorld) -> None:
    send(year, "member", f"{PAGE}/write/self-critique", **CRITIQUE)
    before = year.size()

    answer = send(year, "secretary", f"{PAGE}/proposal", **{"try": "1"}, **COUNTED)

    assert answer.status_code == 200
    assert "Theo quy chế, mức sẽ là: Tốt" in answer.text
    assert year.size() == before


def test_points_out_of_range_are_told_at_their_field(year: YearWorld) -> None:
    send(year, "member", f"{PAGE}/write/self-critique", **CRITIQUE)

    answer = send(
        year, "secretary", f"{PAGE}/proposal", **(COUNTED | {"figures-tasks_on_time": "11"})
    )

    assert answer.status_code == 409
    assert 'href="#figures-tasks_on_time"' in answer.text


def test_a_draft_is_its_writers_alone_and_goes_with_the_sent_words(year: YearWorld) -> None:
    send(year, "peer", f"{PAGE}/draft/criticism", text=WORDS)
    form = f"{PAGE}/write/criticism"

    assert WORDS in year.read("peer", form).text
    assert WORDS not in year.read("secretary", form).text
    send(year, "peer", form, text=WORDS)
    assert WORDS not in year.read("peer", form).text


def test_words_of_others_are_opened_by_a_deed_that_the_member_sees(year: YearWorld) -> None:
    send(year, "member", f"{PAGE}/write/self-critique", **CRITIQUE)

    closed = year.read("secretary", PAGE)
    looked = year.read("secretary", f"{PAGE}?words=open")
    linked = year.read("secretary", f"{PAGE}/words")
    headed = year.ask("HEAD", f"{PAGE}?words=open", headers=year.headers("secretary"))
    unread = year.read("member", PAGE).text
    opened = year.open_words("secretary", f"{PAGE}/words")

    assert WORDS not in closed.text + looked.text
    assert (linked.status_code, headed.status_code) == (405, 200)
    assert "với tư cách bí thư đơn vị" not in unread
    assert WORDS in opened.text
    assert "với tư cách bí thư đơn vị" in year.read("member", PAGE).text


def test_a_plan_comes_back_with_its_rows_when_one_is_not_whole(year: YearWorld) -> None:
    year.live("announced")
    rows = {"what-1": "Họp dân mỗi quý", "by-1": "2026-12-31", "what-2": "Niêm yết thu chi"}

    more = send(year, "member", f"{PLAN}/edit", text=WORDS, more="1", **rows)
    refused = send(year, "member", f"{PLAN}/edit", text=WORDS, **rows)

    assert 'name="what-5"' in more.text
    assert refused.status_code == 422
    assert 'href="#by-2"' in refused.text
    for answer in (more, refused):
        assert all(text in answer.text for text in rows.values())


def test_many_at_once_are_summed_up_then_done_each_with_its_result(year: YearWorld) -> None:
    year.reach(AFTER_THE_COMMITMENT_WAS_DUE)
    year.live("decided")
    rows = [f"/inbox/review/{PERIOD}-{MEMBER}/announcement"]

    summary = send(year, "secretary", "/inbox/many", row=rows, key="k")
    before = state(year).announcement
    results = send(year, "secretary", "/inbox/many", row=rows, key="k", confirmed="1")
    again = send(year, "secretary", "/inbox/many", row=rows, key="k", confirmed="1")

    assert before is None
    assert "Sắp thực hiện 1 việc" in summary.text
    assert "xong" in results.text
    assert state(year).announcement is not None
    assert again.status_code == 303  # nothing waits any more


def test_an_escalation_is_taken_up_from_the_inbox(year: YearWorld) -> None:
    year.reach(AFTER_THE_COMMITMENT_WAS_DUE)
    inbox = year.read("secretary", f"/inbox/escalation/{year.cause()}/acknowledgement")

    answer = send(
        year, "secretary", f"/escalations/{year.cause()}/acknowledgement", text=WORDS, key="k"
    )

    assert f"/escalations/{year.cause()}/acknowledgement" in inbox.text
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("done=acknowledgement")


def test_history_steps_and_verifies_and_its_address_can_be_cited(year: YearWorld) -> None:
    year.live("announced")
    at = f"/history/{PERIOD}/{MEMBER}"

    last = year.read("auditor", f"{at}?verify=1")
    first = year.read("auditor", f"{at}?at=1")
    cited = year.read("auditor", f"{at}?at=99999")

    assert "trùng khớp" in last.text
    assert "<ins>" in first.text
    assert WORDS not in last.text
    assert last.status_code == first.status_code == cited.status_code == 200


def test_a_cycle_is_opened_and_closed_on_pages(tmp_path: Path) -> None:
    world = YearWorld(tmp_path / "data")
    unit = world.read("authority", "/cycles/new").text.partition('<option value="')[2][:26]

    opened = send(world, "authority", "/cycles/new", unit=unit, year=PERIOD, rulebook="neutral")
    closed = send(world, "authority", f"/cycles/{PERIOD}/{unit}/closing", key="k")
    page = world.read("authority", f"/cycles/{PERIOD}/{unit}")

    assert opened.headers["Location"].endswith("done=cycle_opened")
    assert closed.headers["Location"].endswith("done=cycle_closed")
    assert "Đã đóng ngày" in page.text
    world.system.close()


def test_a_year_is_opened_under_an_edition_that_was_published(tmp_path: Path) -> None:
    world = YearWorld(tmp_path / "data")
    own = reference.shipped_document("rulebook", "neutral") | {"edition": "2", "issuer": "commune"}
    digest = rulebooks.publish(world.system, own, principal="operator")
    form = world.read("authority", "/cycles/new").text
    unit = form.partition('<option value="')[2][:26]

    send(world, "authority", "/cycles/new", unit=unit, year=PERIOD, rulebook=digest)
    unknown = send(world, "authority", "/cycles/new", unit=unit, year="2027", rulebook="none")

    assert "Quy tắc đánh giá chung, bản 2" in form
    opened = state(world).opened
    assert opened is not None
    assert opened.fact.rulebook == digest
    assert unknown.status_code == 422
    assert "Không có tài liệu này" in unknown.text
    world.system.close()


def test_own_marks_are_shown_to_whom_the_words_are_opened(year: YearWorld) -> None:
    form = CRITIQUE | {"points-conduct": "27", "level": "good"}
    send(year, "member", f"{PAGE}/write/self-critique", **form)

    for page in (
        year.read("member", PAGE),
        year.open_words("secretary", f"{PAGE}/words"),
        year.open_words("secretary", f"{PAGE}/proposal"),
    ):
        marks = page.text.partition("Tự chấm")[2]
        assert "<dd>27</dd>" in marks
        assert "<dd>Tốt</dd>" in marks
    assert "Tự chấm" not in year.read("secretary", PAGE).text


def test_every_page_is_there_when_the_words_of_a_year_were_erased(year: YearWorld) -> None:
    form = CRITIQUE | {"points-conduct": "27", "level": "good"}
    send(year, "member", f"{PAGE}/write/self-critique", **form)
    year.do("peer", f"{REVIEW}/criticisms", {"text": WORDS})
    agree(year, since="answered")
    year.hand_in("member", FIRST, ("a.txt", TEXT_FILE), text=WORDS)
    step = f"/inbox/plan/{PERIOD}-{MEMBER}/evidence_review"

    year.system.keys.destroy(member_stream(MEMBER), PERIOD)

    for role, path in (
        ("member", PAGE),
        ("member", PLAN),
        ("member", f"/milestones/{PERIOD}-{MEMBER}-1/evidence"),
        ("secretary", f"{PAGE}/words"),
        ("secretary", f"{PAGE}/proposal"),
        ("authority", f"{PAGE}/decision"),
        ("follower", f"{PLAN}/words"),
        ("follower", f"{step}?item=1"),
        ("auditor", f"/history/{PERIOD}/{MEMBER}?verify=1"),
    ):
        opens = role in ("secretary", "authority", "follower")
        page = year.open_words(role, path) if opens else year.read(role, path)

        assert page.status_code == 200, (role, path)
        assert WORDS not in page.text
        assert ("đã xóa vĩnh viễn" in page.text) is (role != "auditor"), path


@pytest.mark.parametrize("number", ["9" * 5000, "٣", "-1", "1.5"])
def test_a_number_that_is_none_is_told_and_never_breaks_a_form(
    year: YearWorld, number: str
) -> None:
    form = CRITIQUE | {"points-conduct": number, "version": number}

    answer = send(year, "member", f"{PAGE}/write/self-critique", **form)

    assert answer.status_code == 422
    assert 'href="#points-conduct"' in answer.text


def test_a_verdict_on_older_evidence_keeps_its_reason_and_shows_what_came_between(
    year: YearWorld,
) -> None:
    year.live("handed_in")
    seen = {"version": year.version(PLAN_STREAM), "evidence_version": evidence_version(year, FIRST)}
    year.hand_in("member", FIRST, ("b.txt", TEXT_FILE))
    before = year.size()

    answer = send(year, "follower", f"/milestones/{PERIOD}-{MEMBER}-1/return", text=REASON, **seen)

    assert answer.status_code == 412
    assert REASON in answer.text
    assert (
        "Nộp minh chứng"
        in answer.text.partition("Những việc đã xảy ra từ lúc bạn mở trang")[2][:400]
    )
    assert year.size() == before


def test_a_reason_is_not_lost_when_the_form_is_gone(year: YearWorld) -> None:
    year.live("planned")
    seen = {"version": year.version(PLAN_STREAM), "proposal_version": 2}
    body = {"proposal_version": 2, "follower_id": FOLLOWER}
    year.do("secretary", f"{PLAN_API}/agreement", body)

    answer = send(year, "secretary", f"{PLAN}/return", reason=REASON, **seen)

    assert answer.status_code == 412
    assert REASON in answer.text
    assert "Chưa gửi được" in answer.text


def test_another_follower_is_named_on_the_page_of_an_agreed_plan(year: YearWorld) -> None:
    year.live("agreed")
    seen = {"version": year.version(PLAN_STREAM)}

    nobody = send(year, "secretary", f"{PLAN}/follower", follower="", **seen)
    same = send(year, "secretary", f"{PLAN}/follower", follower=FOLLOWER, **seen)
    named = send(year, "secretary", f"{PLAN}/follower", follower=PEER, **seen)

    assert (nobody.status_code, same.status_code) == (422, 409)
    for refused in (nobody, same):
        assert f'action="{PLAN}/follower"' in refused.text
    assert named.status_code == 303
    assert year.read("secretary", PLAN_API).json["follower_id"] == PEER
    assert 'action="' + PLAN + '/follower"' not in year.read("member", PLAN, **HTML).text
    by_program = year.send("secretary", f"{PLAN_API}/follower", {"follower_id": FOLLOWER})
    assert by_program.status_code == 201
    assert year.read("secretary", PLAN_API).json["follower_id"] == FOLLOWER
    assert findings(year) == {}


def test_a_plan_that_was_returned_while_it_was_edited_says_so_and_keeps_its_rows(
    year: YearWorld,
) -> None:
    year.live("planned")
    seen = year.version(PLAN_STREAM)
    rows = {"text": REASON, "what-1": "Họp dân mỗi quý", "by-1": "2026-12-31"}
    year.do("secretary", f"{PLAN_API}/return", {"proposal_version": 2, "text": WORDS})

    more = send(year, "member", f"{PLAN}/edit", more="1", version=seen, **rows)
    answer = send(year, "member", f"{PLAN}/edit", version=seen, **rows)

    assert f'name="version" value="{seen}"' in more.text
    assert answer.status_code == 412
    assert all(text in answer.text for text in rows.values())
    assert "Những việc đã xảy ra từ lúc bạn mở trang" in answer.text


def test_words_on_an_escalation_that_somebody_else_took_up_are_not_lost(year: YearWorld) -> None:
    year.reach(AFTER_THE_COMMITMENT_WAS_DUE)
    path = f"/escalations/{year.cause()}/acknowledgement"
    form = year.read("secretary", f"/inbox/escalation/{year.cause()}/acknowledgement").text
    seen = form.partition(f'action="{path}"')[2].partition('name="version" value="')[2]
    year.do("secretary", f"/api/v1{path}")

    answer = send(year, "secretary", path, text=REASON, version=seen.partition('"')[0])

    assert answer.status_code == 412
    assert REASON in answer.text
    assert "Chưa gửi được" in answer.text


def test_of_many_at_once_one_that_is_refused_stops_no_other(year: YearWorld) -> None:
    agree(year)
    for milestone in (FIRST, SECOND):
        year.hand_in("member", milestone, ("a.txt", TEXT_FILE))
    step = f"/inbox/plan/{PERIOD}-{MEMBER}/evidence_review?item="
    rows = [f"{step}1", f"{step}2"]
    seen = {
        f"seen {step}{n}": evidence_version(year, each) for n, each in enumerate((FIRST, SECOND), 1)
    }
    year.hand_in("member", FIRST, ("b.txt", TEXT_FILE))

    results = send(year, "follower", "/inbox/many", row=rows, key="k", confirmed="1", **seen)

    (refused, done) = results.text.partition("<tbody>")[2].split("</tr>")[:2]
    assert "✗" in refused
    assert "Có thay đổi từ lúc bạn mở trang" in refused
    assert "✓" in done
    assert [year.read("follower", each).json["status"] for each in (FIRST, SECOND)] == [
        "handed_in",
        "approved",
    ]


def test_the_name_of_a_file_is_shown_and_never_obeyed(year: YearWorld) -> None:
    year.live("agreed")
    name = "<img src=x onerror=alert(1)>&.txt"
    year.hand_in("member", FIRST, (name, TEXT_FILE))

    for role in ("member", "follower"):
        page = year.open_words(role, f"{PLAN}/words").text

        assert "<img" not in page
        assert "&lt;img src=x onerror=alert(1)&gt;&amp;.txt" in page
