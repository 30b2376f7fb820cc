"""What members and units are called on a page, and who acted."""

from markupsafe import Markup

from events.definitions.records import Hand
from services.web.saying import names
from services.web.saying.languages import say, say_or


def name_of(member_id: str) -> str | Markup:
    """Return what a member or unit is called on a form about them."""
    return names.of_subjects([member_id]).get(member_id, say("year.somebody"))


def actor(hand: Hand) -> Markup:
    """Return who acted, and by which office."""
    return say(
        "review.by",
        name=name_of(hand.member_id),
        post=say_or(f"year.posts.{hand.post}", hand.post),
        unit=names.of_units([hand.unit_id]).get(hand.unit_id, hand.unit_id),
    )
