"""Every page, so that the application serves them all."""

from services.web.pages import (
    cycle,
    history,
    inbox,
    plan,
    plan_writing,
    public,
    rating,
    review,
    signing_in,
    unit,
    writing,
)
from services.web.pages.frame import pages

__all__ = [
    "cycle",
    "history",
    "inbox",
    "pages",
    "plan",
    "plan_writing",
    "public",
    "rating",
    "review",
    "signing_in",
    "unit",
    "writing",
]
