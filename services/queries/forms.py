"""On which form somebody writes: the last one published for them, or one that we ship."""

import functools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from events.definitions.cycle import DocumentKind
from events.definitions.records import Digest
from events.domain.documents import catalogue, form
from events.domain.documents.catalogue import Catalogue
from events.domain.documents.form import Form
from events.domain.review import review
from events.domain.review.writing_steps import opened_review
from events.store import documents, reference
from services.context import Context
from services.queries import publications


class Chosen(NamedTuple):
    """A form, and the digest by which what is written on it names it."""

    digest: Digest
    form: Form


class ChosenCatalogue(NamedTuple):
    """A catalogue, and the digest by which what is written through it names it."""

    digest: Digest
    catalogue: Catalogue


def form_for(
    context: Context, state: review.State, step: str, *, begun_on: str = ""
) -> Chosen | None:
    """Return on which form a step of a review is written; None where any words will do.

    A form is for whom its issuer answers for: the units below the committee that published it, or
    everybody where the operator did. Whoever has begun on one, by its digest, goes on with it, as
    long as it fits: a form published meanwhile costs nobody what they typed.
    """
    opened = opened_review(state)
    rulebook = reference.rulebook_of(context.store.database, opened.rulebook)
    fitting = [
        each
        for each in (*_published_forms(context, state), *shipped_forms().values())
        if each.form.fits(
            step, rulebook=rulebook.id, group=opened.group or "", period=opened.period
        )
    ]
    begun = [each for each in fitting if each.digest == begun_on]
    return next(iter((*begun, *fitting)), None)


def catalogue_of(context: Context, form: Form, *, begun_on: str = "") -> ChosenCatalogue | None:
    """Return the catalogue that a form's sheet goes through; None where there is no sheet.

    Whoever has begun on one, by its digest, goes on with it, as with forms.
    """
    if form.sheet is None:
        return None
    return catalogue_named(context, form.issuer, form.sheet.catalogue, begun_on=begun_on)


def catalogue_named(
    context: Context, issuer: str, name: str, *, begun_on: str = ""
) -> ChosenCatalogue | None:
    """Return our catalogue of a name, or the last one that an issuer published under it."""
    if found := shipped_catalogue(name):
        return found
    told = [each.fact for each in publications.every(context, DocumentKind.CATALOGUE)]
    named = [each.digest for each in told if (each.issuer, each.name) == (issuer, name)]
    if not named:
        return None
    digest = next((each for each in named if each == begun_on), named[-1])
    return ChosenCatalogue(digest, reference.catalogue_of(context.store.database, digest))


@functools.cache
def shipped_catalogue(name: str) -> ChosenCatalogue | None:
    """Return the catalogue that we ship under a name; None where there is none."""
    if name not in reference.shipped_names("catalogue"):
        return None
    document = reference.shipped_document("catalogue", name)
    return ChosenCatalogue(Digest(documents.digest_of(document)), catalogue.read(document))


def document_of(context: Context, digest: Digest) -> Any:
    """Return the document of a form or catalogue as it was shipped or published."""
    return _our_documents().get(digest) or documents.get(context.store.database, digest)


@functools.cache
def shipped_forms() -> dict[str, Chosen]:
    """Return the forms that we ship, by our names for them; those for everybody come last."""
    found = {
        name: reference.shipped_document("form", name) for name in reference.shipped_names("form")
    }
    chosen = {
        name: Chosen(Digest(documents.digest_of(document)), form.read(document))
        for name, document in found.items()
    }
    return dict(sorted(chosen.items(), key=lambda named: not named[1].form.groups))


@functools.cache
def _our_documents() -> Mapping[str, Any]:
    """Return the documents that we ship and people write on, by their digests."""
    kinds = (DocumentKind.FORM, DocumentKind.CATALOGUE)
    named = ((kind, name) for kind in kinds for name in reference.shipped_names(kind))
    found = [reference.shipped_document(kind, name) for kind, name in named]
    return {documents.digest_of(document): document for document in found}


def _published_forms(context: Context, state: review.State) -> Iterator[Chosen]:
    """Iterate over what was published for the units of a review, the last one first."""
    told = [each.fact for each in publications.every(context, DocumentKind.FORM)]
    for each in reversed(told):
        if not each.by or each.by.unit_id in state.path:
            yield Chosen(each.digest, reference.form_of(context.store.database, each.digest))
