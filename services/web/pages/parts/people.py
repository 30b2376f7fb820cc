"""What members and units are called on a page, and who acted."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from markupsafe import Markup

from events.definitions.records import Hand
from events.domain.rulebook.rulebook import Rulebook
from events.identifiers import UnitId
from services.queries import speaking
from services.read_models.stand_ins import StoodIn
from services.web.context import system
from services.web.pages.parts.posts import post_name
from services.web.saying import names
from services.web.saying.languages import say, say_or


def name_of(member_id: str) -> str | Markup:
    """Return what a member or unit is called on a form about them."""
    return names.of_subjects([member_id]).get(member_id, say("year.somebody"))


class StandInNamed(NamedTuple):
    """Who stands in for whom, in which post, on which days, by name."""

    by: Hand
    name: str | Markup
    whose: str | Markup
    post: Markup
    since: date
    until: date
    counts: bool  # now


def stand_ins_named(found: Iterable[StoodIn]) -> list[StandInNamed]:
    """Return who stands in for whom, by name."""
    every = list(found)
    called = names.of_members(eye for each in every for eye in each.by.eyes)
    somebody = say("year.somebody")
    return [
        StandInNamed(
            by,
            called.get(by.member_id, somebody),
            called.get(by.for_id or "", somebody),
            post_in(by.unit_id, by.post),
            since,
            until,
            counts,
        )
        for by, since, until, counts in every
    ]


def post_in(unit_id: UnitId, post: str) -> Markup:
    """Return what a post in a unit is called, by the editions that speak for it."""
    editions = speaking.editions_for(system(), unit_id)
    named = next((each for each in editions if post in each.posts), None)
    called = post_name(post, named) if named else say_or(f"year.posts.{post}", post)
    unit = names.of_units([unit_id]).get(unit_id, unit_id)
    return say("year.post_of", post=called, unit=unit)


def actor(hand: Hand, rulebook: Rulebook) -> Markup:
    """Return who acted, and by which office, as an edition calls it."""
    name = name_of(hand.member_id)
    return say(
        "review.by",
        name=say("year.for_whom", name=name, whose=name_of(hand.for_id)) if hand.for_id else name,
        post=post_name(hand.post, rulebook),
        unit=names.of_units([hand.unit_id]).get(hand.unit_id, hand.unit_id),
    )
