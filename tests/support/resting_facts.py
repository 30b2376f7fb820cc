"""What a member's rating rests on beside its review: units, posts, publications and the year."""

from collections import Counter
from collections.abc import Iterable

from events.definitions.cycle import CycleOpened, DocumentKind, DocumentPublished
from events.definitions.entry import Recorded
from events.definitions.event import Code, Event, Number, stream_of
from events.definitions.records import Label
from events.definitions.roster import MemberEnrolled, PostGiven, UnitAuthorised, UnitFormed
from events.identifiers import MemberId
from tests.support.history import record
from tests.support.law import (
    CELL,
    LEADER,
    LEADERS_HAND,
    MEMBER,
    PERIOD,
    RULES,
    SECRETARY,
    TOP,
    at,
)
from tests.support.rating_facts import ANNOUNCED
from tests.support.review_facts import CRITICISED_ONESELF, OPENED, PROPOSED, decided
from tests.support.sealed import sealed

SECRETARYS_POST = PostGiven(member_id=SECRETARY, unit_id=CELL, post=Code("secretary"))
LEADERS_POST = PostGiven(member_id=LEADER, unit_id=TOP, post=Code("secretary"))
AUTHORISED = UnitAuthorised(unit_id=TOP)
YEAR_OPENED = CycleOpened(
    period=PERIOD,
    unit_id=TOP,
    rulebook=RULES.source.rulebook,
    calendar=RULES.source.calendar,
    by=LEADERS_HAND,
)
PUBLISHED = tuple(
    DocumentPublished(
        issuer=Label("tusoi"), kind=kind, name=Label("any"), edition=Label("1"), digest=digest
    )
    for kind, digest in (
        (DocumentKind.RULEBOOK, RULES.source.rulebook),
        (DocumentKind.CALENDAR, RULES.source.calendar),
    )
)


def enrolled(member_id: MemberId) -> MemberEnrolled:
    return MemberEnrolled(
        member_id=member_id, unit_id=CELL, number=sealed(member_id), name=sealed(member_id)
    )


ROSTER: tuple[Event, ...] = (
    UnitFormed(unit_id=TOP, number=Number("T"), name="Đảng ủy", kind=Code("committee")),
    UnitFormed(unit_id=CELL, number=Number("C"), name="Chi bộ", kind=Code("cell"), parent_id=TOP),
    AUTHORISED,
    enrolled(MEMBER),
    enrolled(SECRETARY),
    enrolled(LEADER),
    SECRETARYS_POST,
    LEADERS_POST,
)
RATING: tuple[Event, ...] = (OPENED, CRITICISED_ONESELF, PROPOSED, decided(version=3), ANNOUNCED)
EVERYTHING: tuple[Event, ...] = (*ROSTER, *PUBLISHED, YEAR_OPENED, *RATING)


def in_order(facts: Iterable[Event]) -> list[Recorded]:
    """Return facts in the log's order, each with its version in its own stream."""
    versions, found = Counter[str](), list[Recorded]()
    for fact in facts:
        versions[stream_of(fact)] += 1
        found.append(record(fact, version=versions[stream_of(fact)], time=at(18)))
    return found


def but(facts: Iterable[Event], old: Event, *new: Event) -> tuple[Event, ...]:
    """Return facts with others in the place of one of them."""
    return tuple(each for fact in facts for each in (new if fact == old else (fact,)))
