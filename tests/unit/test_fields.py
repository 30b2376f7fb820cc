"""Fields are classed by their annotations, so that no other module looks at those."""

from datetime import date, datetime

import pytest
from msgspec import UNSET

from events.definitions.catalogue import CATALOGUE
from events.definitions.event import (
    NAMED,
    STREAM_FIELDS,
    Code,
    Event,
    FactVersion,
    Name,
    Number,
    Subject,
    Told,
)
from events.definitions.fields import Field, Kind, fields_of
from events.definitions.roster import (
    FactCorrected,
    MemberAbsent,
    MemberDisciplined,
    MemberEnrolled,
    Standing,
    UnitFormed,
)
from events.identifiers import UnitId
from tests.support.definitions import EverythingTold


def kinds(cls: type[Event]) -> dict[str, Kind]:
    return {field.name: field.kind for field in fields_of(cls)}


def named(cls: type[Event], name: str) -> Field:
    (found,) = (field for field in fields_of(cls) if field.name == name)
    return found


def test_the_id_that_a_fact_brings_into_being_is_made() -> None:
    assert kinds(UnitFormed) == {
        "unit_id": Kind.MADE,
        "number": Kind.PLAIN,
        "name": Kind.PLAIN,
        "kind": Kind.PLAIN,
        "parent_id": Kind.REFERENCE,
    }


def test_words_about_a_person_are_sealed() -> None:
    assert kinds(MemberEnrolled) == {
        "member_id": Kind.MADE,
        "unit_id": Kind.REFERENCE,
        "number": Kind.SEALED,
        "name": Kind.SEALED,
        "standing": Kind.PLAIN,
    }


def test_a_correction_has_the_kinds_of_its_own() -> None:
    assert kinds(FactCorrected) == {
        "subject": Kind.MADE,
        "corrects": Kind.CORRECTED,
        "fact": Kind.TOLD,
    }


@pytest.mark.parametrize(
    ("cls", "name", "annotation"),
    [
        (UnitFormed, "number", Number),
        (UnitFormed, "kind", Code),
        (UnitFormed, "parent_id", UnitId),
        (MemberEnrolled, "number", Number),
        (MemberEnrolled, "name", Name),
        (MemberEnrolled, "standing", Standing),
        (MemberDisciplined, "self_detected", bool),
        (MemberDisciplined, "ground", str),
        (MemberAbsent, "expected_back", date),
        (FactCorrected, "subject", Subject),
        (FactCorrected, "corrects", FactVersion),
        (FactCorrected, "fact", Told),
        (EverythingTold, "count", int),
        (EverythingTold, "at", datetime),
        (EverythingTold, "neighbours", tuple[UnitId, ...]),
        (EverythingTold, "marks", tuple[Code, ...]),
        (EverythingTold, "days", tuple[date, ...]),
    ],
)
def test_the_annotation_is_that_of_the_value_when_it_is_there(
    cls: type[Event], name: str, annotation: object
) -> None:
    assert named(cls, name).annotation == annotation


def test_ids_say_whom_they_are_about() -> None:
    assert named(MemberEnrolled, "unit_id").about == "unit"
    assert named(MemberAbsent, "member_id").about == "member"
    assert named(EverythingTold, "neighbours").about == "unit"
    assert named(EverythingTold, "neighbours").kind is Kind.REFERENCE
    assert named(MemberEnrolled, "name").about == ""


def test_what_has_a_default_is_not_required() -> None:
    lightened, parent = named(MemberDisciplined, "self_detected"), named(UnitFormed, "parent_id")

    assert (lightened.required, lightened.default) == (False, False)
    assert (parent.required, parent.default) == (False, UNSET)
    assert named(MemberEnrolled, "name").required


@pytest.mark.parametrize("cls", list(CATALOGUE), ids=lambda cls: cls.definition.type)
def test_every_definition_names_the_subject_of_its_facts(cls: type[Event]) -> None:
    about = cls.definition.about

    named_by = ("subject",) if about in NAMED else STREAM_FIELDS[about]

    assert set(named_by) <= kinds(cls).keys()
