"""What the words of all pages mean."""

from flask import Response

from services.web.pages.parts.frame import pages, show
from services.web.saying import glossary


@pages.get("/glossary")
def show_glossary() -> Response:
    """Return every word of the glossary with what it means, to anybody."""
    return show("glossary.html", terms=glossary.terms())
