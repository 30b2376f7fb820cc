"""Whether the law would have told every fact, had it been asked: what nobody can only append.

A fold believes what stands in the log. Here each fact goes through the decision that makes it, on
what was told before it: whoever can append to the database, and asks nobody, is found by that.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from events.definitions.access import ACCESS
from events.definitions.entry import Recorded, Sequenced
from events.definitions.erasure import ERASURE
from events.definitions.escalation import ESCALATION
from events.definitions.event import Event
from events.definitions.plan import PlanMoved, PlanOpened, PlanVoided
from events.definitions.reading import READING
from events.definitions.records import Hand
from events.definitions.reopening import ReviewMoved, ReviewVoided
from events.definitions.review import ReviewOpened
from events.domain.verification import plan_law, review_law, time_law, year_law
from events.domain.verification.left_behind import LeftBehind
from events.domain.verification.rating_checks import Check
from events.domain.verification.streams import hands_of
from events.domain.verification.told import RulesOf, Told
from events.errors import TusoiError
from events.identifiers import Stream

Law = Callable[[Told, Recorded | Sequenced], Event]

WRONG_MAX = 5  # told of one check

# What follows from what somebody did with a year, by the post that they held when they did it.
FOLLOWING = (ReviewMoved, ReviewVoided, PlanMoved, PlanVoided)

# By which part of the law a fact is decided anew.
LAWS: Mapping[type[Event], Law] = {
    ReviewOpened: review_law.decide_again,
    **dict.fromkeys(review_law.AGAIN, review_law.decide_again),
    PlanOpened: plan_law.decide_again,
    **dict.fromkeys(plan_law.AGAIN, plan_law.decide_again),
    **dict.fromkeys(year_law.AGAIN, year_law.decide_again),
    **dict.fromkeys(time_law.AGAIN, time_law.decide_again),
}

# Those that are ours and that no decision of the law makes.
BELIEVED: Mapping[type[Event], str] = {
    **dict.fromkeys(ESCALATION, "who is asked next; no rating rests on it"),
    **dict.fromkeys(READING, "who read what; no rating rests on it"),
    **dict.fromkeys(ERASURE, "what became of it is compared with the keys that there are"),
    **dict.fromkeys(ACCESS, "the operator's; compared with the accounts and tokens that there are"),
}


def check_law(history: Iterable[Recorded | Sequenced], rules_of: RulesOf, until: datetime) -> Check:
    """Return whether the law would have told all that a rating rests on, in the log's order.

    And whether by then, when all was signed, everything followed that was to.
    """
    told, judged, wrong = Told(rules_of), 0, list[str]()
    reviews, plans = dict[Stream, None](), LeftBehind()
    for each in history:
        judged += type(each.event) in LAWS
        wrong += (
            f"{each.entry.stream} at {each.entry.streamversion}: {why}"
            for why in wrong_by_law(told, each)
        )
        plans.tell(told, each)
        told.tell(each)
        if each.entry.stream.startswith("review-"):
            reviews[Stream(each.entry.stream)] = None
    left = (year_law.why_left_behind(told, told.review_of(e), e, until) for e in reviews)
    wrong += (*filter(None, left), *(what for _, what in plans.findings(until)))
    found = "; ".join(wrong[:WRONG_MAX]) or f"{judged} facts, each as the law decides it"
    return Check("law", not wrong, found)


def wrong_by_law(told: Told, each: Recorded | Sequenced) -> Iterator[str]:
    """Iterate over why the law would not have told a fact, by what was told before it."""
    decide = LAWS.get(type(each.event))
    if decide is None:
        return
    told.ask(each)
    try:
        if _is_from_below(told, each):
            yield f"{each.entry.type} is told by who stands in, of somebody who heads them"
        found = decide(told, each)
    except TusoiError as refusal:
        yield f"{each.entry.type} is refused by the law: {refusal}"
        return
    except Exception as error:  # noqa: BLE001 - what is forged may break any decision
        yield f"{each.entry.type} is nothing that the law could decide: {error!r}"
        return
    if found != each.event:
        yield f"{each.entry.type} is not as the law decides it: {_differing(found, each.event)}"
    if told.whole and (by := _acting_hand(each.event)) and not told.holds_post(by):
        yield f"{each.entry.type} is told by {by.member_id}, who {_is_no(by)}"


def _is_from_below(told: Told, each: Recorded | Sequenced) -> bool:
    """Tell whether somebody did it to who heads them, by a post in which they stand in."""
    by, kind = getattr(each.event, "by", None), each.entry.stream.partition("-")[0]
    if not isinstance(by, Hand) or not by.for_id or kind not in ("review", "plan"):
        return False
    opened = told.state(Stream(each.entry.stream)).opened
    follows = isinstance(each.event, FOLLOWING) or opened is None
    return not follows and told.is_headed(by, opened.fact.member_id, told.rules(opened.fact))


def _is_no(by: Hand) -> str:
    stands_in = f"stands in for {by.for_id} as" if by.for_id else "is"
    return f"{stands_in} no {by.post} of {by.unit_id}"


def _acting_hand(event: Any) -> Hand | None:
    """Return by which post somebody did what a fact tells; None where `hands_of` tells it.

    A bundle holds no posts of theirs, for no rating rests on what they did.
    """
    by = getattr(event, "by", None)
    follows = isinstance(event, FOLLOWING) or by in hands_of(event)
    return by if isinstance(by, Hand) and not follows else None


def _differing(found: Any, told: Any) -> str:
    """Return in which parts two facts of one type differ."""
    names = (each.name for each in fields(told))
    return ", ".join(
        f"{name} {getattr(told, name)}, decided {getattr(found, name)}"
        for name in names
        if getattr(told, name) != getattr(found, name)
    )
