"""Requests are read strictly, and every refusal says where and what to send instead."""

import subprocess
import sys
from datetime import UTC, date, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from marshmallow import ValidationError

from events.definitions.catalogue import CATALOGUE
from events.definitions.event import INTEGER_MAX, Event, Told
from events.definitions.roster import (
    AbsenceReason,
    FactCorrected,
    MemberAbsent,
    MemberDisciplined,
    MemberEnrolled,
    MemberMoved,
    MemberStandingChanged,
    PostGiven,
    UnitFormed,
    UnitRenamed,
)
from events.definitions.schemas import (
    PROBLEMS_MAX,
    Form,
    InvalidData,
    address_of,
    json_schema,
    load_request,
    request_schema,
    stored_schema,
)
from events.definitions.shapes import TEXT_BYTES_MAX
from events.vault import sealing
from tests.support.cases import every_case
from tests.support.definitions import EverythingTold
from tests.support.examples import MEMBER, UNIT, commitment

FORMED = {"number": "CB-01", "name": "Chi bộ 1", "kind": "cell"}
ENROLLED = {"unit_id": "CB-01", "number": "0042", "name": "Nguyễn Văn Ổn"}
TOLD = {"type": "roster.member_enrolled", "time": "2025-07-01T07:00:00+07:00", "data": ENROLLED}
CORRECTION = {"corrects": "hr-1", "fact": TOLD}
EVERYTHING = {
    "unit_id": "CB-01",
    "count": 3,
    "at": "2025-07-01T07:00:00.5+07:00",
    "neighbours": ["CB-02", f"id:{UNIT}"],
    "marks": ["late", "absent"],
    "days": ["2025-07-01"],
}
every_definition = pytest.mark.parametrize(
    "cls", list(CATALOGUE), ids=lambda cls: cls.definition.type
)
every_form = pytest.mark.parametrize("form", ["stored", "request"])


def problems(cls: type[Event], sent: object) -> dict[str, str]:
    with pytest.raises(InvalidData) as caught:
        load_request(cls, sent)
    return dict(caught.value.problems)


def test_a_request_is_loaded_without_what_it_leaves_out() -> None:
    assert load_request(UnitFormed, FORMED) == FORMED


def test_values_come_out_as_what_they_are_in_an_event() -> None:
    sent = {"member_id": "0042", "reason": "sick", "expected_back": "2026-03-01"}

    loaded = load_request(MemberAbsent, sent)

    assert loaded == {
        "member_id": "0042",
        "reason": AbsenceReason.SICK,
        "expected_back": date(2026, 3, 1),
    }


def test_lists_numbers_and_times_come_out_as_what_they_are_in_an_event() -> None:
    loaded = load_request(EverythingTold, EVERYTHING)

    assert loaded == {
        "unit_id": "CB-01",
        "count": 3,
        "at": datetime(2025, 7, 1, 0, 0, 0, 500_000, tzinfo=UTC),
        "neighbours": ("CB-02", f"id:{UNIT}"),
        "marks": ("late", "absent"),
        "days": (date(2025, 7, 1),),
    }


def test_texts_come_out_in_nfc() -> None:
    sent = {**ENROLLED, "name": "Nguye\u0302\u0303n"}

    assert load_request(MemberEnrolled, sent)["name"] == "Nguyễn"


def test_a_correction_holds_a_whole_request_with_its_time_in_utc() -> None:
    loaded = load_request(FactCorrected, CORRECTION)

    time = datetime(2025, 7, 1, tzinfo=UTC)
    assert loaded == {"corrects": "hr-1", "fact": {**TOLD, "time": time, "data": ENROLLED}}


def test_all_problems_are_told_at_once_each_at_its_place() -> None:
    fact = {"type": "roster.member_enrolled", "data": {"name": None, "unit_id": 5, "a/b~c": 1}}

    told = problems(FactCorrected, {"fact": fact, "subject": "member-x"})

    assert set(told) == {
        "/corrects",
        "/subject",
        "/fact/time",
        "/fact/data/name",
        "/fact/data/unit_id",
        "/fact/data/number",
        "/fact/data/a~1b~0c",
    }


def test_a_refusal_says_what_to_send() -> None:
    with pytest.raises(InvalidData) as caught:
        load_request(MemberStandingChanged, {"standing": "high"})

    assert str(caught.value) == (
        "/member_id: Send this field too: it is missing. "
        "/standing: Send one of official, probationary."
    )


def test_a_refusal_repeats_no_words_of_the_sender() -> None:
    with pytest.raises(InvalidData) as caught:
        load_request(MemberEnrolled, {**ENROLLED, "unit_id": " secret", "standing": "secret"})

    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_no_more_problems_are_told_than_anyone_reads() -> None:
    sent = {**FORMED, **dict.fromkeys(map(str, range(PROBLEMS_MAX + 1)), 1)}

    assert len(problems(UnitFormed, sent)) == PROBLEMS_MAX


@pytest.mark.parametrize("sent", [None, [], "x", 1, [FORMED]])
def test_data_that_are_no_object_are_refused_as_a_whole(sent: object) -> None:
    assert problems(UnitFormed, sent) == {"": "Send a JSON object."}


@pytest.mark.parametrize(
    ("cls", "sent", "pointer"),
    [
        (UnitFormed, FORMED | {"unit_id": UNIT}, "/unit_id"),
        (UnitFormed, FORMED | {"name": ""}, "/name"),
        (UnitFormed, FORMED | {"name": " "}, "/name"),
        (UnitFormed, FORMED | {"name": " led"}, "/name"),
        (UnitFormed, FORMED | {"name": "trailed "}, "/name"),
        (UnitFormed, FORMED | {"name": "two\nlines"}, "/name"),
        (UnitFormed, FORMED | {"name": "line\n"}, "/name"),
        (UnitFormed, FORMED | {"name": "nul\0"}, "/name"),
        (UnitFormed, FORMED | {"name": "x" * 201}, "/name"),
        (UnitFormed, FORMED | {"name": "half \ud800"}, "/name"),
        (UnitFormed, FORMED | {"name": b"bytes"}, "/name"),
        (UnitFormed, FORMED | {"number": 7}, "/number"),
        (UnitFormed, FORMED | {"number": "x" * 101}, "/number"),
        (UnitFormed, FORMED | {"number": "id:7"}, "/number"),
        (UnitFormed, FORMED | {"kind": "Cell"}, "/kind"),
        (UnitFormed, FORMED | {"kind": "cell\n"}, "/kind"),
        (UnitFormed, FORMED | {"kind": "x" * 41}, "/kind"),
        (UnitFormed, FORMED | {"parent_id": "id:short"}, "/parent_id"),
        (UnitFormed, FORMED | {"parent_id": None}, "/parent_id"),
        (MemberEnrolled, ENROLLED | {"number": "x" * 101}, "/number"),
        (MemberEnrolled, ENROLLED | {"name": ""}, "/name"),
        (MemberEnrolled, ENROLLED | {"name": "half \ud800"}, "/name"),
        (MemberEnrolled, ENROLLED | {"name": "ổ" * (TEXT_BYTES_MAX // 3 + 1)}, "/name"),
        (MemberEnrolled, ENROLLED | {"standing": "OFFICIAL"}, "/standing"),
        (MemberEnrolled, ENROLLED | {"standing": []}, "/standing"),
        (EverythingTold, EVERYTHING | {"count": True}, "/count"),
        (EverythingTold, EVERYTHING | {"count": "3"}, "/count"),
        (EverythingTold, EVERYTHING | {"count": 3.0}, "/count"),
        (EverythingTold, EVERYTHING | {"count": INTEGER_MAX + 1}, "/count"),
        (EverythingTold, EVERYTHING | {"at": "2025-07-01T07:00:00"}, "/at"),
        (EverythingTold, EVERYTHING | {"at": "2025-07-01 07:00:00Z"}, "/at"),
        (EverythingTold, EVERYTHING | {"at": "2025-07-01T25:00:00Z"}, "/at"),
        (EverythingTold, EVERYTHING | {"at": "0001-01-01T00:00:00+07:00"}, "/at"),
        (EverythingTold, EVERYTHING | {"at": 1}, "/at"),
        (EverythingTold, EVERYTHING | {"neighbours": "CB-02"}, "/neighbours"),
        (EverythingTold, EVERYTHING | {"neighbours": {"CB-02": 1}}, "/neighbours"),
        (EverythingTold, EVERYTHING | {"neighbours": ["CB-02", ""]}, "/neighbours/1"),
        (EverythingTold, EVERYTHING | {"days": ["2025-02-30"]}, "/days/0"),
        (EverythingTold, EVERYTHING | {"days": ["20250201"]}, "/days/0"),
        (EverythingTold, EVERYTHING | {"days": [20250201]}, "/days/0"),
        (FactCorrected, CORRECTION | {"corrects": ""}, "/corrects"),
        (FactCorrected, CORRECTION | {"corrects": 3}, "/corrects"),
        (FactCorrected, CORRECTION | {"fact": None}, "/fact"),
        (FactCorrected, CORRECTION | {"fact": "gone"}, "/fact"),
        (FactCorrected, CORRECTION | {"fact": TOLD | {"data": []}}, "/fact/data"),
        (FactCorrected, CORRECTION | {"fact": TOLD | {"type": ["x"]}}, "/fact/type"),
        (FactCorrected, CORRECTION | {"fact": TOLD | {"type": "test.unheard"}}, "/fact/type"),
        (
            FactCorrected,
            CORRECTION | {"fact": TOLD | {"type": "roster.fact_corrected"}},
            "/fact/type",
        ),
        (FactCorrected, CORRECTION | {"fact": TOLD | {"schemaversion": 1}}, "/fact/schemaversion"),
    ],
)
def test_what_is_not_in_the_form_is_refused_at_its_place(
    cls: type[Event], sent: dict[str, Any], pointer: str
) -> None:
    told = problems(cls, sent)

    assert [*told] == [pointer]
    assert told[pointer].startswith(("Send ", "Leave "))
    assert told[pointer].endswith(".")


@pytest.mark.parametrize("flag", [0, 1, "true", "yes"])
def test_only_true_and_false_are_yes_and_no(flag: object) -> None:
    sent = {"member_id": "0042", "decision": "1", "grade": "warning"}

    assert load_request(MemberDisciplined, {**sent, "self_detected": True})
    assert problems(MemberDisciplined, {**sent, "self_detected": flag}) == {
        "/self_detected": "Send true or false."
    }


@pytest.mark.parametrize("reference", ["0042", f"id:{UNIT}", "7/2-a", "ô 7", "x" * 100])
def test_units_and_members_are_named_by_the_senders_numbers_or_our_ids(reference: str) -> None:
    sent = {"member_id": reference, "unit_id": reference, "post": "secretary"}

    assert load_request(PostGiven, sent) == sent


def test_every_number_that_may_be_given_may_be_referred_to() -> None:
    longest = "9" * 100

    assert load_request(UnitFormed, {**FORMED, "number": longest})
    assert load_request(UnitRenamed, {"unit_id": longest, "name": "x"})


def test_words_may_be_as_long_as_the_vault_takes_and_no_longer() -> None:
    longest = "ơ" * (TEXT_BYTES_MAX // 2)

    told = {"member_id": "0042", "decision": "05-QĐ", "grade": "warning"}
    assert load_request(MemberDisciplined, {**told, "ground": longest})
    assert problems(MemberDisciplined, {**told, "ground": f"{longest}a"}) == {
        "/ground": "Send a text of 1 to 65536 bytes of UTF-8."
    }
    assert TEXT_BYTES_MAX == sealing.TEXT_BYTES_MAX


def test_schemas_are_derived_once() -> None:
    with every_case() as case:
        for cls in CATALOGUE:
            with case(cls.definition.type):
                assert request_schema(cls) is request_schema(cls)
                assert stored_schema(cls) is stored_schema(cls)
                assert request_schema(cls) is not stored_schema(cls)


def test_the_stored_form_holds_commitments_only() -> None:
    stored = {"member_id": MEMBER, "unit_id": UNIT, "number": {"sealed": commitment("n")}}
    schema = stored_schema(MemberEnrolled)

    assert schema.load({**stored, "name": {"sealed": commitment("m")}})
    for words in ("Ổn", {}, {"sealed": "Ổn"}, {"sealed": commitment("m"), "text": "Ổn"}):
        with pytest.raises(ValidationError) as caught:
            schema.load({**stored, "name": words})
        assert caught.value.messages == {"name": ["Send the commitment of a sealed text."]}


def told_stored(**changes: Any) -> dict[str, Any]:
    data = {"member_id": MEMBER, "unit_id": UNIT}
    told = {"type": "roster.member_moved", "schemaversion": 1, "time": "2025-07-01T00:00:00Z"}
    return {"subject": f"member-{MEMBER}", "corrects": 1, "fact": {**told, "data": data, **changes}}


def test_a_stored_correction_holds_the_stored_form_of_a_fact() -> None:
    loaded = stored_schema(FactCorrected).load(told_stored())

    event = FactCorrected(**loaded)
    assert isinstance(event.fact, Told)
    assert CATALOGUE.open(event.fact) == MemberMoved(member_id=MEMBER, unit_id=UNIT)


def test_a_correction_that_is_sent_tells_no_more_than_the_form_of_its_fact() -> None:
    data = {"member_id": "0017", "unit_id": "U1"}
    told = {"type": "roster.member_moved", "time": "2025-07-01T00:00:00Z", "data": data}
    schema = request_schema(FactCorrected)

    assert schema.load({"corrects": "1", "fact": told})
    with pytest.raises(ValidationError) as caught:
        schema.load({"corrects": "1", "fact": told | {"data": data | {"more": 1}}})
    assert "more" in str(caught.value.messages)


def test_a_told_fact_in_an_older_form_is_left_to_its_upcasters() -> None:
    schema, json_form = stored_schema(FactCorrected), json_schema(FactCorrected)

    older = told_stored(schemaversion=0, data={"unit": UNIT})
    assert schema.load(older)
    assert Draft202012Validator(json_form).is_valid(older)
    with pytest.raises(ValidationError):
        schema.load(told_stored(schemaversion=0, data=[]))


@every_definition
@every_form
def test_json_schemas_are_schemas_and_complete(cls: type[Event], form: Form) -> None:
    schema = json_schema(cls, form)

    Draft202012Validator.check_schema(schema)
    definition = cls.definition
    suffix = ".json" if form == "stored" else "/request.json"
    path = f"schemas/{definition.type}/{definition.schema_version}{suffix}"
    assert (schema["$id"], address_of(cls, form)) == (f"urn:tusoi:{path}", f"/{path}")
    assert schema["title"] == definition.type
    assert schema["description"].endswith(".")
    assert schema["additionalProperties"] is False
    assert all("type" in field for field in schema["properties"].values())


def test_json_schemas_tell_limits_words_and_defaults() -> None:
    enrolled = json_schema(MemberEnrolled, "request")

    assert enrolled["required"] == ["name", "number", "unit_id"]
    assert enrolled["properties"]["standing"] == {
        "description": "One of official, probationary.",
        "type": "string",
        "enum": ["official", "probationary"],
    }
    disciplined = json_schema(MemberDisciplined, "request")
    assert disciplined["properties"]["ground"] == {
        "description": "A text of 1 to 65536 bytes of UTF-8.",
        "type": "string",
        "minLength": 1,
        "maxLength": 65_536,
    }


def test_lists_are_arrays_in_json_schema() -> None:
    days = json_schema(EverythingTold, "request")["properties"]["days"]

    assert days["type"] == "array"
    assert days["items"]["format"] == "date"


def test_facts_and_law_are_read_without_marshmallow() -> None:
    """An auditor installs none of it; only `schemas` needs it."""
    program = """
import importlib, pkgutil, sys
sys.modules.update(marshmallow=None, apispec=None)  # importing them fails from now on
for package in ("events.definitions", "events.domain"):
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
        try:
            importlib.import_module(module.name)
        except ImportError:
            print(module.name)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )

    assert run.stdout.split() == ["events.definitions.schemas"]
