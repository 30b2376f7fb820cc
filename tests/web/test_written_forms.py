"""Steps are written on their forms: fields by the document, nothing lost, and shown by section."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from events.domain.review import review
from events.identifiers import review_stream
from events.store import documents, reference
from services.commands import rulebooks
from services.queries import forms
from tests.support.world import COMMUNE, Answer
from tests.support.year_world import GOOD, MEMBER, PERIOD, REVIEW, SECRETARY, WORDS, YearWorld

PAGE = f"/reviews/{PERIOD}/{MEMBER}"
FORM = f"{PAGE}/write/self-critique"
HTML = {"Accept": "text/html"}
LEVELS = ("Yếu kém", "Trung bình", "Khá", "Tốt")  # of exemplary conduct, from 1
NEEDED = ("results", "commitment_kept", "limitations", "measures")
SECTIONS = {name: f"{WORDS} ({name})" for name in NEEDED}
DEGREES = {"results": "good", "commitment_kept": "good"}
CRITIQUE = {f"section-{name}": words for name, words in SECTIONS.items()} | {
    f"degree-{name}": degree for name, degree in DEGREES.items()
}


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world whose year was opened under the neutral rulebook."""
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    yield world
    world.system.close()


@pytest.fixture
def party_year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world whose year was opened under QĐ 366 with HD 02, when nobody was new any more."""
    world = YearWorld(tmp_path / "data")
    world.reach(datetime(2026, 11, 2, 2, tzinfo=UTC))
    body = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": "qd366_hd02"}
    world.do("authority", "/api/v1/cycles", body)
    yield world
    world.system.close()


def send(year: YearWorld, path: str, /, **fields: Any) -> Answer:
    answer = year.ask("POST", path, data=fields, headers=year.headers("member") | HTML)
    year.advance()
    return answer


def read(year: YearWorld, path: str, language: str = "vi", role: str = "member") -> str:
    cookie = f"{year.headers(role)['Cookie']}; tusoi-language={language}"
    answer = year.ask("GET", path, headers={"Cookie": cookie} | HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


def state(year: YearWorld) -> review.State:
    return review.fold(year.system.store.read_stream(review_stream(PERIOD, MEMBER)).events)


def items(year: YearWorld) -> list[str]:
    answer = year.read("member", f"{REVIEW}/forms/self_critique").json
    return [item["id"] for group in answer["catalogue"]["groups"] for item in group["items"]]


@pytest.mark.parametrize(
    ("language", "label", "degree"),
    [
        ("vi", "II. Hạn chế, khuyết điểm và nguyên nhân", "Mức tự nhận ở mục I.1"),
        ("en", "II. Limitations and faults, and their causes", "Your own degree for section I.1"),
    ],
)
def test_a_page_has_the_fields_of_its_form(
    party_year: YearWorld, language: str, label: str, degree: str
) -> None:
    page = read(party_year, FORM, language)

    assert label in page
    assert degree in page
    assert page.count('<fieldset class="item"') == 27
    assert page.count('type="radio"') == 27 * 3
    assert 'name="text"' not in page


def test_a_year_without_a_form_has_one_field(tmp_path: Path) -> None:
    world = YearWorld(tmp_path / "data")
    body = {"period": "2025", "unit_id": COMMUNE, "rulebook": "neutral"}
    world.do("authority", "/api/v1/cycles", body)
    at = f"2025/{MEMBER}"

    page = read(world, f"/reviews/{at}/write/self-critique")
    sent = send(world, f"/reviews/{at}/write/self-critique", text=WORDS)

    assert 'name="text"' in page
    assert "section-" not in page
    assert sent.status_code == 303
    assert world.read("member", f"/api/v1/reviews/{at}/forms/self_critique").status_code == 404
    assert "form" not in world.read("member", f"/api/v1/reviews/{at}").json["steps"][1]
    world.system.close()


def test_what_was_typed_and_chosen_stays_when_a_section_is_missing(year: YearWorld) -> None:
    item = items(year)[0]
    filled = CRITIQUE | {
        "section-measures": " ",
        "degree-results": "good",
        f"sheet-{item}": "marked",
    }

    answer = send(year, FORM, **filled)

    assert answer.status_code == 422
    assert '<a href="#section-measures">Hãy điền mục 6.</a>' in answer.text
    assert SECTIONS["limitations"] in answer.text
    assert '<option value="good" selected>' in answer.text
    assert f'name="sheet-{item}" value="marked" checked' in answer.text
    assert state(year).self_critique is None


@pytest.mark.parametrize(
    ("field", "value"), [("degree-results", "superb"), ("sheet-{item}", "superb")]
)
def test_a_degree_that_is_none_of_the_forms_is_told_at_its_field(
    year: YearWorld, field: str, value: str
) -> None:
    name = field.format(item=items(year)[0])

    answer = send(year, FORM, **(CRITIQUE | {name: value}))

    assert answer.status_code == 422
    assert f'href="#{name}"' in answer.text
    assert f'id="{name}"' in answer.text


def test_a_degree_that_is_left_out_is_told_at_its_field(year: YearWorld) -> None:
    answer = send(year, FORM, **(CRITIQUE | {"degree-results": ""}))

    assert answer.status_code == 422
    assert '<a href="#degree-results">Hãy chọn một mục.</a>' in answer.text
    assert SECTIONS["results"] in answer.text
    assert state(year).self_critique is None


OWN_MARKS = [
    ({"points": {"conduct": 31}}, "facts_out_of_range", "tell conduct as 0 to 30"),
    ({"points": {"kindness": 5}}, "facts_out_of_range", "leave out kindness"),
    ({"points": {}, "level": "superb"}, "unknown_level", "choose a level"),
]


@pytest.mark.parametrize(("marks", "code", "needed"), OWN_MARKS)
def test_own_marks_that_the_rulebook_does_not_know_are_refused_over_http(
    year: YearWorld, marks: Any, code: str, needed: str
) -> None:
    body = {"sections": SECTIONS, "degrees": DEGREES, "marks": marks}
    before = year.size()

    answer = year.send("member", f"{REVIEW}/self-critique", body)

    assert (answer.status_code, answer.json["code"]) == (409, code)
    assert answer.json["needed"].startswith(needed)
    assert year.size() == before


@pytest.mark.parametrize("points", ["31", "-1", "9999", "many"])
def test_own_points_outside_the_scale_are_told_at_their_field(year: YearWorld, points: str) -> None:
    answer = send(year, FORM, **(CRITIQUE | {"points-conduct": points}))

    assert answer.status_code == 422
    assert '<a href="#points-conduct">Hãy ghi một số nguyên từ 0 đến 30.</a>' in answer.text
    assert SECTIONS["results"] in answer.text
    assert f'value="{points}"' in answer.text
    assert state(year).self_critique is None


def test_sections_that_are_too_long_together_are_told_at_the_longest(year: YearWorld) -> None:
    long = {"section-results": "a" * 40_000, "section-measures": "b" * 40_001}

    answer = send(year, FORM, **(CRITIQUE | long))

    assert answer.status_code == 422
    assert 'href="#section-measures"' in answer.text
    assert "b" * 40_001 in answer.text


def test_a_draft_keeps_every_field_of_its_form_and_no_other(year: YearWorld) -> None:
    item = items(year)[0]
    typed = CRITIQUE | {f"sheet-{item}": "slight", "degree-results": "good", "points-conduct": "27"}
    send(year, f"{PAGE}/draft/self-critique", **typed, **{"section-hobbies": "Câu cá."})

    page = read(year, FORM)

    assert all(words in page for words in SECTIONS.values())
    assert 'value="slight" checked' in page
    assert '<option value="good" selected>' in page
    assert 'value="27"' in page
    assert "Câu cá." not in page


def test_what_was_drafted_in_one_field_is_still_there_beside_the_sections(
    year: YearWorld,
) -> None:
    send(year, f"{PAGE}/draft/self-critique", text="Viết trước khi có mẫu.")

    page = read(year, FORM)

    assert "Viết trước khi có mẫu." in page
    assert 'id="section-results"' in page


def test_exemplary_conduct_of_a_leader_is_chosen_by_its_name(party_year: YearWorld) -> None:
    page = read(party_year, f"/reviews/{PERIOD}/{SECRETARY}/proposal", role="authority")

    field = page.partition('id="figures-exemplary"')[2].partition("</select>")[0]
    named = [f'<option value="{n}">{name}' for n, name in enumerate(LEVELS, start=1)]
    assert all(each in field for each in named)


def test_what_is_sealed_names_its_sections_and_its_form(year: YearWorld) -> None:
    item = items(year)[0]
    chosen = {"degree-results": "good", f"sheet-{item}": "marked", "points-conduct": "27"}
    send(year, FORM, **(CRITIQUE | chosen))

    submitted = state(year).self_critique
    words = {
        each["of"]: each["text"] for each in year.read("member", f"{REVIEW}/words").json["words"]
    }
    assert submitted is not None
    assert words["self_critique"].startswith("1. Việc đã làm được và kết quả\n")
    assert words["marks"] == (
        '{"degrees":{"commitment_kept":"good","results":"good"},"points":{"conduct":27},'
        '"sheet":{"' + item + '":"marked"}}'
    )
    document = documents.get(year.system.store.database, str(submitted.fact.form))
    assert document == reference.shipped_document("form", "neutral")


def test_an_english_writer_seals_english_headings_and_all_read_them_in_their_own(
    year: YearWorld,
) -> None:
    headers = year.headers("member") | HTML
    headers["Cookie"] += "; tusoi-language=en"
    year.ask("POST", FORM, data=CRITIQUE, headers=headers)

    words = year.read("member", f"{REVIEW}/words").json["words"][0]["text"]
    page = read(year, PAGE)

    assert words.startswith("1. What was done, and with which results\n")
    assert "<h4>1. Việc đã làm được và kết quả" in page
    assert SECTIONS["results"] in page


def test_a_commitment_is_written_on_its_form_and_shown_beside_the_self_critique(
    year: YearWorld,
) -> None:
    refused = send(year, f"{PAGE}/write/commitment", **{"section-learning": "Học tin học."})
    done = send(year, f"{PAGE}/write/commitment", **{"section-tasks": "Xong ba việc."})

    assert (refused.status_code, done.status_code) == (422, 303)
    assert "Học tin học." in refused.text
    beside = read(year, FORM).partition("<aside")[2].partition("</aside>")[0]
    assert "Cam kết của bạn" in beside
    assert "Xong ba việc." in beside


def test_points_and_last_years_milestones_stand_beside_their_sections(year: YearWorld) -> None:
    year.live("handed_in")
    body = {"period": "2027", "unit_id": COMMUNE, "rulebook": "neutral"}
    year.do("authority", "/api/v1/cycles", body)

    page = read(year, f"/reviews/2027/{MEMBER}/write/self-critique")

    beside = page.partition("Kế hoạch khắc phục năm trước")[2].partition("</aside>")[0]
    assert WORDS in beside
    assert '<span class="tag plain">chờ duyệt</span>' in beside


def test_a_suggested_point_and_its_answer_stand_beside_their_section(
    party_year: YearWorld,
) -> None:
    party_year.do("authority", f"{REVIEW}/points", {"text": "Vì sao chậm?"})
    point = party_year.read("member", REVIEW).json["points"][0]["id"]
    party_year.do("member", f"{REVIEW}/points/{point}/answer", {"text": "Do tôi chủ quan."})

    page = read(party_year, FORM)

    beside = page.partition("Những điểm được gợi ý")[2].partition("</aside>")[0]
    assert "Vì sao chậm?" in beside
    assert "Do tôi chủ quan." in beside


def test_a_review_shows_sections_degrees_sheet_and_the_commitment_beside_its_results(
    year: YearWorld,
) -> None:
    some, other = items(year)[:2]
    send(year, f"{PAGE}/write/commitment", **{"section-tasks": "Xong ba việc."})
    chosen = {
        "degree-commitment_kept": "average",
        f"sheet-{some}": "marked",
        f"sheet-{other}": "none",
    }
    send(year, FORM, **(CRITIQUE | chosen))

    opened = year.open_words("secretary", f"{PAGE}/words").text
    closed = read(year, PAGE, role="secretary")

    compared = opened.partition("Cam kết và kết quả")[2].partition("<h3>Tự kiểm điểm")[0]
    assert "Xong ba việc." in compared
    assert SECTIONS["commitment_kept"] in compared
    assert '<span class="tag plain">Trung bình</span>' in compared
    assert opened.count(SECTIONS["commitment_kept"]) == 1
    assert "Tổng điểm tự soi: 2; đã soi 2/" in opened
    assert f'<th scope="row">{some}. ' in opened
    assert f'<th scope="row">{other}. ' not in opened
    assert "Xong ba việc." not in closed


def test_the_same_stands_beside_the_proposal_and_is_printed(year: YearWorld) -> None:
    item = items(year)[0]
    send(year, FORM, **(CRITIQUE | {f"sheet-{item}": "slight"}))

    proposal = year.open_words("secretary", f"{PAGE}/proposal").text
    printed = year.read("member", f"{PAGE}/self-review.pdf", **HTML)

    assert '<span class="tag plain">Tốt</span>' in proposal
    assert printed.data.startswith(b"%PDF-")


def test_whoever_began_on_a_form_goes_on_with_it_and_others_get_the_new_one(
    year: YearWorld,
) -> None:
    begun = year.read("member", f"{REVIEW}/forms/self_critique").json["digest"]
    own = reference.shipped_document("form", "neutral")
    sections = [each | {"needed": True} for each in own["sections"]]
    newer = own | {"issuer": "commune", "edition": "2", "sections": sections}
    digest = rulebooks.publish(year.system, newer, principal="operator")

    offered = year.read("member", f"{REVIEW}/forms/self_critique").json["digest"]
    refused = send(year, FORM, **CRITIQUE)
    sent = send(year, FORM, **CRITIQUE, form=begun)

    assert (offered, refused.status_code, sent.status_code) == (digest, 422, 303)
    submitted = state(year).self_critique
    assert submitted is not None
    assert submitted.fact.form == begun


def test_a_sheet_is_read_in_the_edition_of_the_catalogue_that_was_gone_through(
    year: YearWorld,
) -> None:
    items = reference.shipped_document("catalogue", "neutral")
    items |= {"issuer": "commune", "id": "manners", "edition": "1"}
    own = reference.shipped_document("form", "neutral")
    own |= {"issuer": "commune", "edition": "2", "sheet": own["sheet"] | {"catalogue": "manners"}}
    first = rulebooks.publish(year.system, items, principal="operator")
    rulebooks.publish(year.system, own, principal="operator")
    page = read(year, FORM)
    (group, *groups) = items["groups"]
    item = group["items"][0]
    renamed = item | {"label": {"vi": "Điều khác hẳn", "en": "Something else altogether"}}
    later = items | {
        "edition": "2",
        "groups": [group | {"items": [renamed, *group["items"][1:]]}, *groups],
    }
    rulebooks.publish(year.system, later, principal="operator")

    begun = {"catalogue": first, f"sheet-{item['id']}": "marked"}
    sent = send(year, FORM, **CRITIQUE, **begun)

    assert f'name="catalogue" value="{first}"' in page
    assert sent.status_code == 303
    (told,) = (each for each in year.read("member", REVIEW).json["steps"] if "catalogue" in each)
    assert (told["step"], told["catalogue"]) == ("self_critique", first)
    shown = read(year, PAGE)
    assert item["label"]["vi"] in shown
    assert "Điều khác hẳn" not in shown


def test_our_form_published_again_by_the_operator_is_the_same_form(year: YearWorld) -> None:
    ours = forms.shipped_forms()["neutral"].digest
    rulebooks.publish(
        year.system, reference.shipped_document("form", "neutral"), principal="operator"
    )

    sent = send(year, FORM, **CRITIQUE)

    assert sent.status_code == 303
    steps = {each["step"]: each for each in year.read("member", REVIEW).json["steps"]}
    assert steps["self_critique"]["form"] == ours
    assert "form" not in steps["commitment"]


def test_over_http_a_step_is_handed_in_by_sections(year: YearWorld) -> None:
    item = items(year)[0]
    body = {"sections": SECTIONS, "degrees": DEGREES, "sheet": {item: "slight"}}

    year.do("member", f"{REVIEW}/commitment", {"sections": {"tasks": "Xong ba việc."}})
    year.do("member", f"{REVIEW}/self-critique", body | {"marks": {"points": dict(GOOD)}})

    page = read(year, PAGE)
    assert "Xong ba việc." in page
    assert "Tổng điểm tự soi: 1;" in page
    assert "<dd>26</dd>" in page


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, [""]),
        ({"text": WORDS, "sections": SECTIONS}, ["/text"]),
        ({"text": WORDS, "sheet": {"a": "none"}}, ["/text"]),
        ({"sections": {}, "degrees": DEGREES}, [f"/sections/{name}" for name in NEEDED]),
        ({"sections": SECTIONS}, [f"/degrees/{name}" for name in DEGREES]),
        (
            {"sections": SECTIONS | {"hobbies": WORDS}, "degrees": DEGREES},
            ["/sections/hobbies"],
        ),
        (
            {"sections": SECTIONS, "degrees": DEGREES | {"results": "superb"}},
            ["/degrees/results"],
        ),
        ({"sections": SECTIONS, "degrees": DEGREES, "sheet": {"9.9": "none"}}, ["/sheet/9.9"]),
    ],
)
def test_over_http_what_does_not_fit_the_form_is_told_by_its_place(
    year: YearWorld, body: Any, pointers: list[str]
) -> None:
    answer = year.send("member", f"{REVIEW}/self-critique", body)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_body")
    assert [each["pointer"] for each in answer.json["problems"]] == pointers
    assert state(year).self_critique is None


@pytest.mark.parametrize(("role", "status"), [("peer", 403), ("stranger", 404)])
def test_over_http_nobody_hands_in_sections_for_somebody_else(
    year: YearWorld, role: str, status: int
) -> None:
    answer = year.send(role, f"{REVIEW}/self-critique", {"sections": SECTIONS})

    assert answer.status_code == status


def test_where_there_is_no_form_sections_are_refused(tmp_path: Path) -> None:
    world = YearWorld(tmp_path / "data")
    body = {"period": "2025", "unit_id": COMMUNE, "rulebook": "neutral"}
    world.do("authority", "/api/v1/cycles", body)

    answer = world.send(
        "member", f"/api/v1/reviews/2025/{MEMBER}/commitment", {"sections": {"tasks": WORDS}}
    )

    assert (answer.status_code, answer.json["pointer"]) == (422, "/sections")
    world.system.close()


@pytest.mark.parametrize(
    ("role", "status"), [("secretary", 200), ("stranger", 404), ("token", 200)]
)
def test_a_form_is_told_to_whoever_sees_the_review(year: YearWorld, role: str, status: int) -> None:
    answer = year.read(role, f"{REVIEW}/forms/self_critique")

    assert answer.status_code == status
    assert year.read("member", f"{REVIEW}/forms/criticism").status_code == 404


def test_whoever_was_signed_out_gets_the_words_of_every_section_back(year: YearWorld) -> None:
    filled = CRITIQUE | {f"sheet-{item}": "slight" for item in items(year)}

    answer = year.ask("POST", FORM, data=filled, headers=HTML)

    assert answer.status_code == 401
    assert all(words in answer.text for words in SECTIONS.values())
    kept, _, shown = answer.text.partition("<h2>Những gì bạn đã viết</h2>")
    assert all(f'name="kept.sheet-{item}"' in kept for item in items(year))
    assert "sheet-" not in shown
