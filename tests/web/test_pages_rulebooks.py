"""Editions on pages: read, compared, tried and published; nothing typed is lost."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from events.definitions.event import Code
from events.definitions.roster import IssuerNamed
from events.domain.aggregate.rejections import CommandRejected
from events.domain.review import review
from events.identifiers import review_stream
from events.store import reference
from services.commands import rulebooks
from services.queries import publications
from services.queries.rating_check import check_ratings
from services.web.saying.languages import phrases
from tests.support.own_editions import cases_of, own
from tests.support.world import CELL, COMMUNE, Answer
from tests.support.year_world import (
    CYCLE,
    MEMBER,
    OPENED_AT,
    PERIOD,
    RATING,
    REVIEW,
    YearWorld,
)

HTML = {"Accept": "text/html"}
NEW = "/rulebooks/new"


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world whose year was opened under the neutral rulebook."""
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    yield world
    world.system.close()


def send(
    year: YearWorld, role: str = "authority", files: Mapping[str, bytes] | None = None, **typed: str
) -> Answer:
    """Return the answer to the form; `try` by default, with `publish` it is published."""
    deed, language = {} if typed.pop("publish", None) else {"try": "1"}, typed.pop("language", "vi")
    form: dict[str, Any] = {"unit": COMMUNE, **deed, **typed}
    boundary = "xxxxxxxx"
    parts = [(f'name="{name}"', text.encode()) for name, text in form.items()]
    parts += [(f'name="{n}"; filename="a.yaml"', content) for n, content in (files or {}).items()]
    body = b"".join(
        f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode()
        + content
        + b"\r\n"
        for head, content in parts
    )
    content_type = f"multipart/form-data; boundary={boundary}"
    headers = year.headers(role) | HTML | {"Content-Type": content_type}
    headers["Cookie"] += f"; tusoi-language={language}"
    return year.ask("POST", NEW, data=body + f"--{boundary}--\r\n".encode(), headers=headers)


def publish(
    year: YearWorld, document: str | None = None, cases: str | None = None, **typed: str
) -> str:
    """Publish an edition, and return the address of its page."""
    typed |= {"document": document or own(), "cases": cases or cases_of(), "publish": "1"}
    answer = send(year, "authority", None, **typed)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].partition("?")[0]


def test_every_edition_is_listed_with_who_published_it_and_whether_it_was_compared(
    year: YearWorld,
) -> None:
    before = year.read("peer", "/rulebooks").text
    publish(year)
    after = year.read("peer", "/rulebooks").text

    assert "Chưa đơn vị nào ban hành quy chế riêng." in before
    assert "chưa đối chiếu với văn bản gốc" in before
    assert "Đảng bộ ban hành" in after
    assert "Chưa đơn vị nào ban hành quy chế riêng." not in after


def test_a_list_says_which_cycles_of_the_readers_go_by_an_edition(year: YearWorld) -> None:
    assert f'href="/cycles/{PERIOD}/{COMMUNE}"' in year.read("authority", "/rulebooks").text
    assert "/cycles/" not in year.read("peer", "/rulebooks").text


def test_an_edition_says_what_each_level_demands_and_on_what_that_rests(year: YearWorld) -> None:
    digest = year.read("authority", CYCLE).json["rulebook"]

    text = year.read("peer", f"/rulebooks/{digest}").text

    for said in ("tổng điểm từ 90 trở lên", "Điều 5.1", "chậm nhất 05/12"):
        assert said in text
    assert "Không quá mức Đạt: bị kỷ luật trong năm" in text
    assert text.index("Tự kiểm điểm") < text.index("Quyết định") < text.index("Thông báo")


def test_conditions_and_ids_are_folded_for_those_who_write_rulebooks(year: YearWorld) -> None:
    told, folded = year.read("peer", "/rulebooks/neutral_3").text.split("<details>")

    assert "<code>" not in told.partition("Mã băm")[0]
    assert "Cho người soạn" in folded
    assert "Điểm ý thức và tác phong: <code>conduct</code>" in folded
    assert "tổng điểm từ 90 trở lên: <code>total &gt;= 90</code>" in folded
    assert "<code>units_below_disciplined * 5 &gt; units_below</code>" in folded


def compared_first(world: YearWorld, page: str) -> str:
    """Return the address of what the page of an edition offers to compare it with at first."""
    found = re.search(
        r'<select id="from"[^>]*><option value="([^"]*)"', world.read("peer", page).text
    )
    assert found
    return f"/rulebooks/{found[1]}"


def test_an_edition_is_compared_with_the_one_before_of_the_same_name(year: YearWorld) -> None:
    first = publish(year)
    second = publish(year, document=own("2027"), cases=cases_of("2027"))
    shipped = f"/rulebooks/{year.read('authority', CYCLE).json['rulebook']}"

    assert compared_first(year, second) == first
    assert compared_first(year, first) == shipped
    assert compared_first(year, "/rulebooks/neutral_3") == shipped
    assert compared_first(year, "/rulebooks/qd366_hd02") == "/rulebooks/qd366_hd43"
    assert compared_first(year, "/rulebooks/qd366_hd43") == "/rulebooks/qd366_hd02"


@pytest.mark.parametrize("name", reference.shipped_names("rulebook"))
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_edition_that_we_ship_can_be_read(year: YearWorld, name: str, language: str) -> None:
    cookie = f"{year.headers('peer')['Cookie']}; tusoi-language={language}"

    answer = year.read("peer", f"/rulebooks/{name}", Cookie=cookie)

    document = reference.shipped_document("rulebook", name)
    assert answer.status_code == 200
    for level in document["levels"]:
        assert level["label"][language] in answer.text


def parts(value: Any) -> Iterator[str]:
    """Iterate over what the parts of a document's plain values are called in it."""
    inner = value if isinstance(value, list) else []
    if isinstance(value, dict):
        yield from value
        inner = list(value.values())
    for each in inner:
        yield from parts(each)


@pytest.mark.parametrize("name", reference.shipped_names("rulebook"))
def test_every_part_of_an_edition_that_we_ship_has_its_words(name: str) -> None:
    document = reference.shipped_document("rulebook", name)
    own = {id_ for id_, step in document["steps"].items() if "label" in step}
    found = set(parts(document)) - own - document.get("posts", {}).keys()  # it names these itself
    said = {
        key.rpartition(".")[2] for key in phrases() if re.match(r"rulebooks\.keys|year\.steps", key)
    }

    assert found - said == set()


def test_a_part_that_no_page_knows_is_told_as_it_stands(
    year: YearWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = {"how_often": {"lowest": [1, 2], "verified": True}, "kept_by": "somebody"}
    document = reference.shipped_document("rulebook", "neutral") | {"remarkable_part": new}
    monkeypatch.setattr(
        "services.web.pages.parts.editions.shipped_rulebooks", lambda: {"strange": document}
    )

    text = year.read("peer", "/rulebooks/strange").text

    assert "<h2>Remarkable part</h2>" in text
    assert "<dt>Lowest</dt><dd>1, 2</dd>" in text
    assert "<dt>Đã đối chiếu</dt><dd>có</dd>" in text


def test_a_review_leads_to_the_edition_it_was_opened_with(year: YearWorld) -> None:
    digest = year.read("member", REVIEW).json["rulebook"]

    page = year.read("member", REVIEW.removeprefix("/api/v1")).text

    assert f'href="/rulebooks/{digest}"' in page
    assert (
        f'href="/rulebooks/{digest}"' in year.read("authority", f"/cycles/{PERIOD}/{COMMUNE}").text
    )


def test_what_differs_stands_before_and_now_in_words(year: YearWorld) -> None:
    first = publish(year)
    changed = own("2027", at_least="88").replace("- id: fair_late", "- id: fair_too_late")
    cases = cases_of("2027").replace(
        "points: {conduct: 28, results: 61}, figures: {tasks_total: 10, tasks_on_time: 10, "
        "tasks_beyond: 3}, level: good",
        "points: {conduct: 28, results: 61}, figures: {tasks_total: 10, tasks_on_time: 10, "
        "tasks_beyond: 3}, level: excellent",
    )
    second = publish(year, document=changed, cases=cases)

    text = year.read("peer", f"{second}/differences?from={first.rpartition('/')[2]}").text

    assert "Điều kiện › tổng điểm từ 90 trở lên › công thức" in text
    assert re.search(r"<del>total &gt;= 90</del>.*<ins>total &gt;= 88</ins>", text, re.DOTALL)
    assert "<ins>không quá 20 % nhiệm vụ chậm hạn</ins>" in text
    whole = "Mức: Đạt; lời văn: không quá 20 % nhiệm vụ chậm hạn; công thức: (tasks_total"
    assert f"<ins>Mã: fair_too_late; {whole}" in text
    assert f"<del>Mã: fair_late; {whole}" in text
    assert "giống hệt" in year.read("peer", f"{second}/differences?from={second[11:]}").text


def test_a_note_is_read_in_the_readers_language(year: YearWorld) -> None:
    both = "note: {vi: Chưa đối chiếu điều 5., en: Article 5 was not compared.}"
    first = publish(year)
    document = re.sub(r"(?m)^note: .*$", both, own("2027"))
    assert both in document
    second = publish(year, document=document, cases=cases_of("2027"))

    page = year.read("peer", second).text
    differing = year.read("peer", f"{second}/differences?from={first.rpartition('/')[2]}").text

    assert "Chưa đối chiếu điều 5." in page
    assert "<ins>Chưa đối chiếu điều 5.</ins>" in differing
    assert "Article 5 was not compared." not in page + differing


def test_a_part_that_came_is_told_in_words(year: YearWorld) -> None:
    text = year.read("peer", "/rulebooks/neutral_3/differences?from=neutral").text

    assert "<ins>Theo nhóm: Tập thể; Lập dưới số tháng này thì không xếp loại: 6; " in text
    assert "new_months" not in text


def test_only_who_acts_for_a_unit_is_offered_to_publish(year: YearWorld) -> None:
    for role, offered in (("authority", True), ("secretary", True), ("peer", False)):
        assert (f'href="{NEW}' in year.read(role, "/rulebooks").text) is offered
        assert ("<textarea" in year.read(role, NEW).text) is offered
    assert "Người giữ chức vụ thay mặt" in year.read("peer", NEW).text


def test_nobody_publishes_for_a_unit_in_which_they_hold_no_office(year: YearWorld) -> None:
    for role in ("peer", "secretary", "auditor"):
        answer = send(year, role, document=own(), cases=cases_of(), publish="1")
        assert answer.status_code == 403
    year.tell(IssuerNamed(unit_id=CELL, issuer=Code("khu_goc_de")))
    of_cell = own(issuer="khu_goc_de")
    assert send(year, "secretary", document=of_cell, cases=cases_of(), unit=CELL).status_code == 200


def test_what_is_wrong_stands_by_its_line_beside_what_was_typed(year: YearWorld) -> None:
    broken = own().replace("total >= 70", "totl >= 70")
    line = 1 + broken.splitlines().index("    when: totl >= 70")

    for answer in (
        send(year, document=broken, cases=cases_of()),
        send(year, document=broken, cases=cases_of(), publish="1"),
    ):
        assert answer.status_code == 422
        assert f"Văn bản quy chế, dòng {line}" in answer.text
        assert f'<span class="no"><b>{line}</b>     when: totl &gt;= 70</span>' in answer.text
        assert "totl &gt;= 70\n    says" in answer.text.partition("<textarea")[2]
        assert "ninety_is_enough" in answer.text


def test_what_is_wrong_is_said_in_the_readers_language(year: YearWorld) -> None:
    broken = own().replace("total >= 70", "totl >= 70").replace("undo_minutes: 10", "undo: 10")
    unknown = own().replace("total >= 70", "totl >= 70")

    for document, vi, en in (
        (unknown, "dùng totl, là số không ai cung cấp", "looks at totl, which nobody tells"),
        (broken, "có phần không dùng ở đây: undo", "a part that is not known here, undo"),
    ):
        assert vi in send(year, document=document).text
        answer = send(year, document=document, language="en")
        assert en in answer.text
        assert vi not in answer.text


def test_no_yaml_is_told_by_its_line(year: YearWorld) -> None:
    answer = send(year, document="kind: rulebook\nlevels: [\n")

    assert answer.status_code == 422
    assert "dòng 3" in answer.text
    assert "line 3" not in answer.text


def test_trying_publishes_nothing_and_says_what_would_change(year: YearWorld) -> None:
    publish(year)
    size = year.size()

    tried = send(year, document=own("2027").replace("undo_minutes: 10", "undo_minutes: 30"))

    assert tried.status_code == 200
    assert year.size() == size
    assert "chưa thử trên ví dụ nào" in tried.text
    assert "<ins>30</ins>" in tried.text


def test_trying_also_says_that_a_name_is_taken(year: YearWorld) -> None:
    publish(year)

    ours = send(year, document=own(issuer="tusoi"), cases=cases_of())
    changed = send(year, document=own().replace("undo_minutes: 10", "undo_minutes: 30"))
    of_another = send(year, "secretary", unit=CELL, document=own("7"), cases=cases_of("7"))

    assert [each.status_code for each in (ours, changed, of_another)] == [409, 409, 409]
    assert "đã thuộc về đơn vị khác" in ours.text
    assert "hãy đặt tên bản mới" in changed.text
    assert "đã thuộc về đơn vị khác" in of_another.text


def test_a_rulebook_without_cases_is_not_published(year: YearWorld) -> None:
    answer = send(year, document=own(), publish="1")

    assert answer.status_code == 409
    assert "Hãy gửi kèm các ví dụ" in answer.text
    assert "suoi_guong" in answer.text.partition("<textarea")[2]


def test_a_file_stands_for_what_is_typed_and_stays_in_the_form(year: YearWorld) -> None:
    files = {"document_file": own().replace("\n", "\r\n").encode(), "cases_file": b"no: [cases"}

    answer = send(year, files=files, document="typed before")

    assert "suoi_guong" in answer.text
    assert "typed before" not in answer.text
    assert "Các ví dụ, dòng" in answer.text


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a" * (64 * 1024 + 1)])
def test_what_is_no_text_or_too_long_says_so_and_loses_nothing(
    year: YearWorld, content: bytes
) -> None:
    answer = send(year, files={"cases_file": content}, document=own())

    assert answer.status_code == 422
    assert 'id="cases-wrong"' in answer.text
    assert "suoi_guong" in answer.text


def test_an_empty_form_says_what_is_missing(year: YearWorld) -> None:
    empty = send(year)
    nowhere = send(year, unit="", document=own())

    assert 'href="#document"' in empty.text
    assert 'href="#unit"' in nowhere.text
    assert empty.status_code == nowhere.status_code == 422


def test_sent_twice_it_is_published_once(year: YearWorld) -> None:
    first, size = publish(year, key="k"), year.size()

    again = publish(year, key="k")

    assert again == first
    assert year.size() == size


def test_a_new_edition_begins_from_an_older_one(year: YearWorld) -> None:
    published = publish(year)

    from_ours = year.read("authority", f"{NEW}?like=neutral").text
    from_own = year.read("authority", f"{NEW}?like={published.rpartition('/')[2]}").text
    nothing = year.read("authority", f"{NEW}?like={'0' * 64}", **HTML)

    assert "# best first" in from_ours
    assert "ninety_is_enough" in from_ours
    begun = re.search(r'<textarea id="document"[^>]*>\n(.*?)</textarea>', from_own, re.DOTALL)
    assert begun is not None
    text = begun[1].replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
    assert reference.plain_values(
        text.replace("&#39;", "'").replace("&#34;", '"')
    ) == reference.plain_values(own())
    assert nothing.status_code == 404


def test_an_edition_that_nobody_published_is_not_there(year: YearWorld) -> None:
    for path in ("/rulebooks/none", f"/rulebooks/{'0' * 64}", "/rulebooks/neutral/differences"):
        answer = year.read("peer", path, **HTML)
        assert (answer.status_code, "Không có quy chế này" in answer.text) == (404, True)


def test_the_operator_cannot_change_or_take_what_a_committee_published(year: YearWorld) -> None:
    publish(year)
    changed = reference.plain_values(own().replace("undo_minutes: 10", "undo_minutes: 30"))

    for document in (changed, changed | {"edition": "2030"}):
        with pytest.raises(CommandRejected, match="another issuer"):
            rulebooks.publish(year.system, document, principal="operator")
    facts, _ = publications.of_issuer(year.system, "suoi_guong")
    assert [each.edition for each in facts] == ["2026"]


def test_a_year_goes_on_under_its_edition_whatever_is_published_later(tmp_path: Path) -> None:
    world = YearWorld(tmp_path / "data")
    digest = publish(world).rpartition("/")[2]
    world.clock.set(OPENED_AT)
    body = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": digest}
    world.do("authority", "/api/v1/cycles", body)
    world.live("decided", {"conduct": 28, "results": 62})
    rated = world.read("authority", RATING).json

    stricter = own("2027", at_least="92")
    publish(world, stricter, cases_of("2027").replace("results: 62}", "results: 64}"))

    assert rated["proposal"]["outcome"]["level"] == "excellent"
    assert world.read("authority", RATING).json == rated
    assert world.read("member", REVIEW).json["rulebook"] == digest
    state = review.fold(world.system.store.read_stream(review_stream(PERIOD, MEMBER)).events)
    checked = check_ratings(world.system.store, [(MEMBER, state)])
    assert (checked.judged, checked.findings) == (1, ())
    world.system.close()


def test_a_form_larger_than_any_is_refused_with_a_page(year: YearWorld) -> None:
    answer = send(year, document="a" * 600_000)

    assert answer.status_code == 413
    assert answer.mimetype == "text/html"
