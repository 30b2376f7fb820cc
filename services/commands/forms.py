"""On which form somebody writes: the last one published for them, or one that we ship."""

import functools
from collections.abc import Iterator
from typing import NamedTuple

from events.definitions.cycle import DocumentKind
from events.definitions.records import Digest
from events.domain import form, review
from events.domain.form import Form
from events.domain.reviewing import opened_review
from events.store import documents, reference
from services.commands import rulebooks
from services.commands.context import Context


class Chosen(NamedTuple):
    """A form, and the digest by which what is written on it names it."""

    digest: Digest
    form: Form


def form_for(context: Context, state: review.State, step: str) -> Chosen | None:
    """Return on which form a step of a review is written; None where any words will do.

    A form is for whom its issuer answers for: the units below the committee that published it, or
    everybody where the operator did.
    """
    opened = opened_review(state)
    rulebook = reference.rulebook_of(context.store.database, opened.rulebook)
    fitting = (
        each
        for each in (*_published(context, state), *shipped().values())
        if each.form.fits(
            step, rulebook=rulebook.id, group=opened.group or "", period=opened.period
        )
    )
    return next(fitting, None)


def keep(context: Context, chosen: Chosen) -> Digest:
    """Return the digest of a form after its document was stored, for whoever reads on it later."""
    if chosen in shipped().values():
        name = next(name for name, each in shipped().items() if each == chosen)
        reference.publish(context.store.database, reference.shipped_document("form", name))
    return chosen.digest


@functools.cache
def shipped() -> dict[str, Chosen]:
    """Return the forms that we ship, by our names for them; those for everybody come last."""
    found = {name: reference.shipped_document("form", name) for name in reference.shipped("form")}
    chosen = {
        name: Chosen(Digest(documents.digest_of(document)), form.read(document))
        for name, document in found.items()
    }
    return dict(sorted(chosen.items(), key=lambda named: not named[1].form.groups))


def _published(context: Context, state: review.State) -> Iterator[Chosen]:
    """Iterate over what was published for the units of a review, the last one first."""
    told = [each.fact for each in rulebooks.publications(context, DocumentKind.FORM)]
    for each in reversed(told):
        if not each.by or each.by.unit_id in state.path:
            yield Chosen(each.digest, reference.form_of(context.store.database, each.digest))
