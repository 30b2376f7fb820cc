"""A limit binds whoever decides, but where the edition lets some of them weigh it on a ground."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from events.definitions.event import Code
from events.definitions.records import Hand, Label, Weighed
from events.definitions.review import RatingDecided
from events.domain.documents.document import Bilingual
from events.domain.review import explanation, rating_steps, review
from events.domain.rulebook import rating, validity
from events.domain.rulebook.rulebook import Discretion, Ground
from events.domain.verification import rating_checks
from tests.support.law import LEADERS_HAND, RULES, at, facts, records, rejection_of
from tests.support.rating_facts import STEPS
from tests.support.review_facts import CRITICISED_ONESELF, PROPOSED, decide, review_with

OWNED_UP = Ground(id="owned_up", says=Bilingual(vi="tự nhận", en="owned up"), citation="Art. 1")
DEPUTY = msgspec.structs.replace(LEADERS_HAND, post=Code("deputy_secretary"))
WARNED = facts(86, disciplined=True)


def under(discretion: Discretion | None) -> Any:
    """Return rules whose limit on the disciplined may be weighed."""
    limits = tuple(
        msgspec.structs.replace(each, discretion=discretion if each.id == LIMIT else None)
        for each in RULES.rulebook.limits
    )
    return msgspec.structs.replace(
        RULES, rulebook=msgspec.structs.replace(RULES.rulebook, limits=limits)
    )


PROPOSED_WARNED = replace(PROPOSED, facts=WARNED, outcome=rating.outcome(RULES.rulebook, WARNED))
(LIMIT,) = (each.id for each in rating.limits_held(RULES.rulebook, PROPOSED_WARNED.outcome))
MAY = Discretion(at_most="good", posts=("secretary",), grounds=(OWNED_UP,))
STATE = review_with(CRITICISED_ONESELF, PROPOSED_WARNED)


def decided(
    level: str = "good",
    *named: tuple[str, str],
    rules: Any = None,
    by: Hand = LEADERS_HAND,
    reason: bool = True,
) -> RatingDecided:
    told = tuple(Weighed(limit=Label(x), ground=Label(on)) for x, on in named)
    command = replace(decide(level, by=by, reason=reason), weighed=told or UNSET)
    return rating_steps.decide_rating(STATE, command, rules or under(MAY), now=at(18))


def test_a_limit_is_left_behind_by_whom_on_what_ground_and_how_far_the_edition_says() -> None:
    fact = decided("good", (LIMIT, "owned_up"))

    assert fact.level == "good"
    assert fact.weighed == (Weighed(limit=Label(LIMIT), ground=Label("owned_up")),)
    rejection_of(lambda: decided("good"), "beyond_limits")
    rejection_of(lambda: decided("excellent", (LIMIT, "owned_up")), "beyond_limits")
    rejection_of(lambda: decided("good", (LIMIT, "owned_up"), reason=False), "reason_needed")


@pytest.mark.parametrize(
    ("level", "named", "rules"),
    [
        ("good", (LIMIT, "another"), None),  # no ground of the edition's
        ("good", ("another", "owned_up"), None),  # a limit that did not hold
        ("good", (LIMIT, "owned_up"), under(None)),  # that nobody may weigh
        ("fair", (LIMIT, "owned_up"), None),  # that the level does not leave behind
    ],
)
def test_what_nobody_may_weigh_is_not_weighed(
    level: str, named: tuple[str, str], rules: Any
) -> None:
    rejection_of(lambda: decided(level, named, rules=rules), "no_discretion")


def test_a_limit_is_weighed_once_on_one_ground() -> None:
    no = rejection_of(
        lambda: decided("good", (LIMIT, "owned_up"), (LIMIT, "owned_up")), "no_discretion"
    )

    assert no.needed.startswith("name each limit once")


def test_only_the_posts_that_the_edition_names_weigh_a_limit() -> None:
    no = rejection_of(lambda: decided("good", (LIMIT, "owned_up"), by=DEPUTY), "no_discretion")

    assert no.needed == f"whoever leaves {LIMIT} behind holds one of the posts secretary"
    anybody = under(msgspec.structs.replace(MAY, posts=()))
    assert decided("good", (LIMIT, "owned_up"), by=DEPUTY, rules=anybody).weighed


def test_an_auditor_finds_a_limit_left_behind_without_its_ground_and_none_where_it_was_named() -> (
    None
):
    rules = under(MAY)
    weighing = replace(decided("good", (LIMIT, "owned_up")), proposal_version=6)
    without = replace(weighing, weighed=UNSET)

    def failed(fact: RatingDecided) -> list[str]:
        told = [PROPOSED_WARNED if each is PROPOSED else each for each in STEPS]
        state = review.fold(records(*told[:6], fact, *told[7:]))
        return [each.name for each in rating_checks.failed_checks(state, rules)]

    assert failed(weighing) == []
    assert failed(without) == ["within_limits"]


def test_people_read_which_limit_was_left_behind_on_what_ground() -> None:
    rules = under(MAY)
    says = next(each.says.en for each in RULES.rulebook.limits if each.id == LIMIT)

    told = explanation.limits_left(rules.rulebook, decided("good", (LIMIT, "owned_up")), "en")

    assert told == (f"{says}: owned up (Art. 1)",)


@pytest.mark.parametrize(
    ("discretion", "place", "code"),
    [
        (Discretion(at_most="fair", grounds=(OWNED_UP,)), "at_most", "discretion_no_further"),
        (Discretion(at_most="none", grounds=(OWNED_UP,)), "at_most", "no_level"),
        (Discretion(at_most="good", grounds=()), "grounds", "no_grounds"),
        (Discretion(at_most="good", posts=("cook",), grounds=(OWNED_UP,)), "posts", "no_office"),
        (Discretion(at_most="good", grounds=(OWNED_UP, OWNED_UP)), "grounds", "twice"),
    ],
)
def test_an_unsound_discretion_is_refused_where_it_stands(
    discretion: Discretion, place: str, code: str
) -> None:
    (problem,) = validity.validate(under(discretion).rulebook)

    assert problem.path.startswith(f"limits.{LIMIT}.discretion")
    assert (place in problem.path, problem.code) == (True, code)


def test_a_ground_says_where_it_stands() -> None:
    nowhere = msgspec.structs.replace(OWNED_UP, citation=" ")
    rulebook = under(msgspec.structs.replace(MAY, grounds=(nowhere,))).rulebook

    (problem,) = validity.validate(rulebook)

    assert problem.path == f"limits.{LIMIT}.discretion.grounds.owned_up.citation"
