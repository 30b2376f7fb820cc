"""On which form somebody writes, and what the log tells of it, on both databases."""

from datetime import date
from typing import Any

import pytest

from events.definitions.event import Code
from events.definitions.records import Digest, Hand, Period
from events.domain.documents.form import FormStep
from events.identifiers import UnitId, derived_event_id
from events.store import documents, reference
from events.store.batch import Appended, NewEvent
from services.commands import reviews, rulebooks
from services.commands.work import Asking
from services.queries import answers, forms, publications
from services.queries.answers import Answers, Marks
from services.subject import Subject
from tests.support.lived import Reached
from tests.support.living import Year

PERIOD = Period("2026")
HEAD, MEMBER, OTHER = "SG-0036", "SG-0028", "SG-0006"  # of the committee, and of two cells


@pytest.fixture
def on_forms(reached: Reached) -> Year:
    """The commune in which 2026 is open under QĐ 366."""
    year = reached(Year, date(2025, 2, 3))
    year.reach(date(2025, 12, 30))
    year.open_year(PERIOD, "qd366_hd02", HEAD)
    year.settle()
    return year


def subject(year: Year, number: str) -> Subject:
    return Subject(PERIOD, year.subject(number).member_id)


def own_form(**changed: Any) -> Any:
    ours = reference.shipped_document("form", "commitment")
    return ours | {"issuer": "commune_cell", "edition": "2"} | changed


def own_catalogue() -> Any:
    ours = reference.shipped_document("catalogue", "neutral")
    return ours | {"id": "manners", "issuer": "commune_cell"}


def publish(year: Year, document: Any, unit_id: UnitId) -> Digest:
    """Publish a form as an office of a unit would."""
    digest = Digest(reference.publish(year.context.store.database, document))
    by = Hand(member_id=year.subject(HEAD).member_id, unit_id=unit_id, post=Code("secretary"))
    new = NewEvent(
        event=rulebooks.publication(document, digest, by),
        id=derived_event_id("test", digest, "published"),
        source=rulebooks.SOURCE,
        time=year.clock.now(),
        principal="account:test",
    )
    _, version = publications.of_issuer(year.context, document["issuer"])
    year.context.store.append(
        {publications.stream_of(document["issuer"]): Appended(version, (new,))}
    )
    return digest


def chosen(year: Year, number: str, step: str = FormStep.COMMITMENT) -> str:
    found = forms.form_for(year.context, year.review(subject(year, number)), step)
    return f"{found.form.id} {found.form.edition}" if found else ""


def test_what_is_written_tells_its_form_and_the_form_is_kept(on_forms: Year) -> None:
    asking, whose = (
        Asking(person=on_forms.person(MEMBER), correlation_id="t"),
        subject(on_forms, MEMBER),
    )
    state = on_forms.review(whose)
    found = forms.form_for(on_forms.context, state, FormStep.SELF_CRITIQUE)
    assert found is not None
    sections = {each.id: "Đã làm." for each in found.form.sections}
    through = forms.catalogue_of(on_forms.context, found.form)
    assert through is not None
    degrees = {each.id: "good" for each in found.form.sections if each.scale}
    given = Answers(sections=sections, degrees=degrees)
    text = answers.compose(found.form, through.catalogue, given, "vi")
    marks = Marks(degrees=degrees, sheet={"1.5": "slight"})

    digest = rulebooks.keep(on_forms.context, found.digest)
    items = rulebooks.keep(on_forms.context, through.digest)
    reviews.submit_self_critique(
        on_forms.context, asking, whose, text, marks, form=digest, catalogue=items
    )

    submitted = on_forms.review(whose).self_critique
    assert submitted is not None
    assert (submitted.fact.form, submitted.fact.catalogue) == (found.digest, through.digest)
    for pinned in (digest, items):
        document = documents.get(on_forms.context.store.database, pinned)
        assert document == forms.document_of(on_forms.context, pinned)


def test_leaders_and_members_write_on_forms_of_their_own(on_forms: Year) -> None:
    assert chosen(on_forms, HEAD, FormStep.SELF_CRITIQUE) == "form_2b hd25_hd43"
    assert chosen(on_forms, MEMBER, FormStep.SELF_CRITIQUE) == "form_2a hd25_hd43"
    assert chosen(on_forms, MEMBER, "criticism") == ""


def test_a_units_form_is_for_those_below_it_and_the_last_one_counts(on_forms: Year) -> None:
    cell = on_forms.review(subject(on_forms, MEMBER)).path[0]
    publish(on_forms, own_form(), cell)
    last = publish(on_forms, own_form(edition="3"), cell)

    assert chosen(on_forms, MEMBER) == "commitment 3"
    assert chosen(on_forms, OTHER) == "commitment kl01"
    found = forms.form_for(
        on_forms.context, on_forms.review(subject(on_forms, MEMBER)), FormStep.COMMITMENT
    )
    assert found is not None
    assert rulebooks.keep(on_forms.context, found.digest) == last


def test_a_catalogue_is_found_under_its_issuers_name_or_is_ours(on_forms: Year) -> None:
    rulebooks.publish(on_forms.context, own_catalogue(), principal="operator")

    found = forms.catalogue_named(on_forms.context, "commune_cell", "manners")
    assert found is not None
    assert found.catalogue.issuer == "commune_cell"
    assert forms.catalogue_named(on_forms.context, "somebody", "manners") is None
    assert forms.catalogue_named(on_forms.context, "somebody", "nq04") is not None


def test_whoever_began_on_a_catalogue_goes_on_with_it_and_others_get_the_last_one(
    on_forms: Year,
) -> None:
    context, own = on_forms.context, own_catalogue()
    first = rulebooks.publish(context, own, principal="operator")
    second = rulebooks.publish(context, own | {"edition": "2"}, principal="operator")

    begun, fresh, strange = (
        forms.catalogue_named(context, own["issuer"], own["id"], begun_on=each)
        for each in (first, "", "f" * 64)
    )

    assert begun is not None
    assert fresh is not None
    assert (begun.digest, begun.catalogue.edition) == (first, own["edition"])
    assert (fresh.digest, fresh.catalogue.edition) == (second, "2")
    assert strange == fresh
