"""What members and units are called on a page, and who acted."""

from markupsafe import Markup

from events.definitions.records import Hand
from events.domain.rulebook.rulebook import Rulebook
from services.web.pages.parts.posts import post_name
from services.web.saying import names
from services.web.saying.languages import say


def name_of(member_id: str) -> str | Markup:
    """Return what a member or unit is called on a form about them."""
    return names.of_subjects([member_id]).get(member_id, say("year.somebody"))


def actor(hand: Hand, rulebook: Rulebook) -> Markup:
    """Return who acted, and by which office, as an edition calls it."""
    return say(
        "review.by",
        name=name_of(hand.member_id),
        post=post_name(hand.post, rulebook),
        unit=names.of_units([hand.unit_id]).get(hand.unit_id, hand.unit_id),
    )
