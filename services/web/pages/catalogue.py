"""Catalogues: what to look for in oneself, for everybody who is signed in; made to be printed."""

from collections.abc import Mapping

from flask import Response

from events.domain.documents import catalogue
from events.domain.documents.catalogue import Catalogue
from events.store import reference
from services.access.roles import Unseen
from services.web.pages.parts.frame import pages, show
from services.web.saying.languages import reader_language


@pages.get("/catalogues")
def show_catalogues() -> Response:
    """Return the list of catalogues."""
    return show("catalogues.html", catalogues=_shipped_catalogues(), language=reader_language())


@pages.get("/catalogues/<name>")
def show_catalogue(name: str) -> Response:
    """Return a catalogue with all its items, and what each spells out of another one."""
    shipped = _shipped_catalogues()
    if name not in shipped:
        raise Unseen("catalogue")
    found = shipped[name]
    whole = shipped.get(found.spells_out or "")
    labels = {item.id: item.label.of(reader_language()) for item in whole.items} if whole else {}
    language = reader_language()
    return show("catalogue.html", name=name, catalogue=found, labels=labels, language=language)


def _shipped_catalogues() -> Mapping[str, Catalogue]:
    """Return the catalogues that we ship, by their names."""
    names = reference.shipped_names("catalogue")
    return {name: catalogue.read(reference.shipped_document("catalogue", name)) for name in names}
