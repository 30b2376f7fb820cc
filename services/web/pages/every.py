"""Every page, so that the application serves them all."""

from services.web.pages import (
    catalogue,
    cycle,
    deadline,
    history,
    inbox,
    meeting,
    plan,
    plan_writing,
    printing,
    public,
    publishing,
    rating,
    review,
    rulebooks,
    signing_in,
    unit,
    writing,
)
from services.web.pages.frame import pages

__all__ = [
    "catalogue",
    "cycle",
    "deadline",
    "history",
    "inbox",
    "meeting",
    "pages",
    "plan",
    "plan_writing",
    "printing",
    "public",
    "publishing",
    "rating",
    "review",
    "rulebooks",
    "signing_in",
    "unit",
    "writing",
]
