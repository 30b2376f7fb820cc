"""What a rating rests on is found by anybody, and must have been so when it was told."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from msgspec import UNSET
from msgspec.structs import replace as changed

from events.definitions.cycle import CycleTakenOver
from events.definitions.deadline import CalendarSupplemented
from events.definitions.entry import Recorded
from events.definitions.event import Code, Event, Subject
from events.definitions.records import Digest, Facts, Hand, Period, Source
from events.definitions.reopening import ReviewMoved, ReviewReopened, ReviewVoided
from events.definitions.roster import (
    FactTookEffect,
    MemberDisciplined,
    MemberDisciplineLifted,
    PostGiven,
    PostRelieved,
    UnitAuthorised,
    UnitAuthorityEnded,
    UnitDisciplined,
    UnitDissolved,
    UnitMoved,
)
from events.domain.rulebook.rulebook import Rulebook
from events.domain.verification.roster_checks import check_roster
from events.domain.verification.streams import RestsOn, rests_on
from events.domain.year.rules import Rules
from events.identifiers import MemberId, Stream, UnitId, cycle_stream, review_stream
from tests.support.collective_facts import OPENED as UNIT_OPENED
from tests.support.collective_facts import OTHER
from tests.support.history import correction
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
from tests.support.party_rules import PARTY, WORDS
from tests.support.party_rules import facts as party_facts
from tests.support.resting_facts import (
    AUTHORISED,
    EVERYTHING,
    LEADERS_POST,
    PUBLISHED,
    RATING,
    ROSTER,
    YEAR_OPENED,
    but,
    in_order,
)
from tests.support.review_facts import OPENED, PROPOSED, decided
from tests.support.sealed import sealed

STREAM = review_stream(PERIOD, MEMBER)
LEADERS = Subject(f"member-{LEADER}")
NOBODY = MemberId("nobodyaaaaaaaaaaaaaaaaaaaa")
ABOVE = UnitId("aboveaaaaaaaaaaaaaaaaaaaaa")
WARNED = MemberDisciplined(
    member_id=MEMBER, decision=sealed("7"), grade=Code("warning"), fault_period=PERIOD
)
TAKEN_OVER = CycleTakenOver(period=PERIOD, unit_id=CELL, by=LEADERS_HAND, text=WORDS)


def rules_of(_: Source) -> Rules:
    return RULES


def resting(history: Iterable[Recorded], period: str = PERIOD, of: str = MEMBER) -> RestsOn:
    """Return what a rating rests on in a log."""
    log = list(history)

    def read(stream: Stream) -> list[Recorded]:
        return [each for each in log if each.entry.stream == stream]

    return rests_on(period, of, read, lambda _: "tusoi")


def wrong(
    facts: Iterable[Event], stream: Stream = STREAM, rulebook: Rulebook = RULES.rulebook
) -> dict[str, str]:
    """Return what is found wrong, by the check's name."""
    checks = check_roster(in_order(facts), stream, rulebook, rules_of)
    assert [each.name for each in checks] == ["posts", "authority", "facts_counted"]
    return {each.name: each.detail for each in checks if not each.passed}


# Which streams


def test_a_rating_rests_on_its_year_its_subject_its_units_and_the_posts_of_who_acted() -> None:
    found = resting(in_order(EVERYTHING))

    assert found.whole == (
        STREAM,
        f"plan-{PERIOD}-{MEMBER}",
        f"member-{MEMBER}",
        cycle_stream(PERIOD, TOP),
        f"unit-{CELL}",
        f"unit-{TOP}",
        "rulebook-tusoi",
    )
    assert found.parts == {f"member-{LEADER}": (1, 2), f"member-{SECRETARY}": (1, 2)}


@pytest.mark.parametrize("came", [(2,), (1,)])
def test_a_post_that_was_told_ahead_is_held_once_its_day_has_come(came: tuple[int]) -> None:
    effect = FactTookEffect(subject=LEADERS, versions=came)
    history = in_order(but(EVERYTHING, LEADERS_POST, LEADERS_POST, effect))
    told = [told_ahead(each) if each.event == LEADERS_POST else each for each in history]

    posts, *_ = check_roster(told, STREAM, RULES.rulebook, rules_of)

    assert posts.passed is (came == (2,))
    assert resting(told).parts[f"member-{LEADER}"] == (1, 2, 3)


def told_ahead(recorded: Recorded) -> Recorded:
    earlier = changed(recorded.entry, recordedat=at(1))
    return changed(recorded, entry=earlier)


def test_of_who_acted_nothing_is_shown_but_the_posts_by_which_they_did() -> None:
    private = replace(WARNED, member_id=LEADER)
    elsewhere = PostGiven(member_id=LEADER, unit_id=OTHER, post=Code("secretary"))
    relieved = PostRelieved(member_id=LEADER, unit_id=TOP, post=Code("secretary"))
    corrected = replace(correction(2, (at(1), LEADERS_POST)), subject=LEADERS)
    other_corrected = replace(correction(3), subject=LEADERS)
    again = replace(correction(4, (at(1), LEADERS_POST)), subject=LEADERS)
    undone = replace(correction(4), subject=LEADERS)

    more = (private, elsewhere, relieved, corrected, other_corrected, again, undone)
    found = resting(in_order((*EVERYTHING, *more)))

    assert found.parts[f"member-{LEADER}"] == (1, 2, 5, 6, 8, 9)


def test_whose_year_it_is_is_shown_whole_also_where_they_acted_themselves() -> None:
    own = changed(LEADERS_HAND, member_id=MEMBER)
    history = in_order(but(EVERYTHING, RATING[3], replace(RATING[3], by=own)))  # type: ignore[type-var]

    assert f"member-{MEMBER}" not in resting(history).parts


def test_successors_and_years_that_were_taken_over_belong_to_it() -> None:
    dissolved = UnitDissolved(unit_id=CELL, successor_id=OTHER)
    begun = replace(YEAR_OPENED, taken_from=CELL)
    moved = ReviewMoved(
        period=PERIOD,
        member_id=MEMBER,
        path=(CELL, TOP, ABOVE),
        rated_by=(CELL, TOP, ABOVE),
        places=(),
    )
    facts = (*but(EVERYTHING, YEAR_OPENED, TAKEN_OVER, begun, begun), dissolved, moved)

    found = resting(in_order(facts))

    units = {f"unit-{each}" for each in (CELL, TOP, OTHER, ABOVE)}
    cycles = {cycle_stream(PERIOD, each) for each in (CELL, TOP, ABOVE)}
    assert units | cycles <= set(found.whole)


def test_the_unit_whose_year_was_taken_over_belongs_to_it_wherever_whose_rating_it_is_belongs() -> (
    None
):
    facts = but(EVERYTHING, YEAR_OPENED, replace(YEAR_OPENED, taken_from=OTHER))

    assert {f"unit-{OTHER}", cycle_stream(PERIOD, OTHER)} <= set(resting(in_order(facts)).whole)


def test_who_took_the_year_over_and_their_year_belong_to_it() -> None:
    taken = replace(TAKEN_OVER, unit_id=TOP, by=changed(LEADERS_HAND, unit_id=OTHER))

    found = resting(in_order((*EVERYTHING, taken)))

    assert {f"unit-{OTHER}", cycle_stream(PERIOD, OTHER)} <= set(found.whole)


def test_all_units_that_were_ever_above_belong_to_it_and_their_years_do_not() -> None:
    once, now, top = (UnitId(f"{each}aaaaaaaaaaaaaaaaaaaaaa") for each in ("once", "atnow", "high"))
    hung = ((TOP, once), (TOP, now), (now, top), (top, now))  # also where they hang in a circle
    moves = (UnitMoved(unit_id=unit_id, parent_id=parent) for unit_id, parent in hung)

    found = resting(in_order((*EVERYTHING, *moves)))

    assert {f"unit-{each}" for each in (CELL, TOP, once, now, top)} <= set(found.whole)
    assert cycle_stream(PERIOD, now) not in found.whole


def test_a_collective_rests_on_its_unit_and_on_no_member() -> None:
    found = resting(in_order((UNIT_OPENED,)), UNIT_OPENED.period, CELL)

    assert not [each for each in found.whole if each.startswith("member-")]
    assert found.whole.count(Stream(f"unit-{CELL}")) == 1


def test_of_a_review_that_was_never_opened_its_own_streams_are_asked_for() -> None:
    assert len(resting([]).whole) == 3


def test_an_opening_that_names_no_unit_is_told_like_any_other() -> None:
    nowhere = replace(OPENED, path=())

    assert len(resting(in_order((nowhere,))).whole) == 4
    assert "in no year" in wrong((*PUBLISHED, nowhere))["authority"]


# Posts and authority


def test_a_rating_whose_people_held_their_posts_stands() -> None:
    assert wrong(EVERYTHING) == {}


@pytest.mark.parametrize(
    "facts",
    [
        but(EVERYTHING, LEADERS_POST),
        (*but(EVERYTHING, LEADERS_POST), LEADERS_POST),
        but(
            EVERYTHING,
            RATING[3],
            PostRelieved(member_id=LEADER, unit_id=TOP, post=Code("secretary")),
            RATING[3],
        ),
        but(EVERYTHING, RATING[3], replace(decided(), by=changed(LEADERS_HAND, member_id=NOBODY))),
        (
            *EVERYTHING,
            ReviewReopened(
                period=PERIOD,
                member_id=MEMBER,
                ground=Code("fault_found"),
                by=Hand(member_id=NOBODY, unit_id=TOP, post=Code("secretary")),
                proposal_due_at=at(20),
            ),
        ),
    ],
    ids=["never", "afterwards", "no more", "nobody", "who reopens"],
)
def test_who_acts_by_a_post_that_they_do_not_hold_is_named(facts: tuple[Event, ...]) -> None:
    found = wrong(facts)

    assert "is not told to be secretary" in found["posts"]


@pytest.mark.parametrize(
    "facts",
    [
        but(EVERYTHING, AUTHORISED),
        (*but(EVERYTHING, AUTHORISED), AUTHORISED),
        but(EVERYTHING, AUTHORISED, AUTHORISED, UnitAuthorityEnded(unit_id=TOP)),
    ],
    ids=["never", "afterwards", "no more"],
)
def test_a_unit_that_does_not_decide_opens_no_year(facts: tuple[Event, ...]) -> None:
    assert wrong(facts) == {"authority": f"{TOP} was not authorised to open {PERIOD}"}


def test_a_calendar_that_nobody_published_moves_no_deadline() -> None:
    moved = CalendarSupplemented(subject=Subject(STREAM), calendar=Digest("c" * 64), dues=())
    facts = (*EVERYTHING, moved)

    assert wrong(facts) == {"authority": f"document {moved.calendar} was not published by then"}
    assert resting(in_order(facts)).parts == resting(in_order(EVERYTHING)).parts


def test_a_unit_above_opens_what_it_took_over() -> None:
    begun = replace(YEAR_OPENED, taken_from=CELL)
    facts = but(but(EVERYTHING, AUTHORISED), YEAR_OPENED, TAKEN_OVER, begun)

    assert wrong(facts) == {}
    assert "authority" in wrong(but(facts, TAKEN_OVER))
    another = replace(TAKEN_OVER, by=changed(LEADERS_HAND, post=Code("deputy_secretary")))
    assert "authority" in wrong(but(facts, TAKEN_OVER, another))


def test_a_unit_that_does_not_decide_opens_no_review_beyond_what_it_took_over() -> None:
    taken = replace(TAKEN_OVER, unit_id=OTHER)
    below = (replace(YEAR_OPENED, unit_id=OTHER), taken, replace(YEAR_OPENED, taken_from=OTHER))
    facts = but(EVERYTHING, YEAR_OPENED, *below)

    below_decides = UnitAuthorised(unit_id=OTHER)

    assert wrong(but(facts, AUTHORISED, AUTHORISED, below_decides)) == {}
    assert "in no year" in wrong(but(facts, AUTHORISED, below_decides))["authority"]


def test_a_unit_is_not_reviewed_in_what_was_its_own_year() -> None:
    begun = replace(YEAR_OPENED, period=UNIT_OPENED.period, taken_from=CELL)
    own = replace(begun, unit_id=CELL, taken_from=UNSET)
    taken = replace(TAKEN_OVER, period=UNIT_OPENED.period)
    stream = review_stream(UNIT_OPENED.period, CELL)
    facts = (*but(ROSTER, AUTHORISED, UnitAuthorised(unit_id=CELL)), own, taken, begun)

    assert "in no year" in wrong((*facts, UNIT_OPENED), stream, PARTY.rulebook)["authority"]
    decides = wrong((*facts, AUTHORISED, UNIT_OPENED), stream, PARTY.rulebook)["authority"]
    assert "in no year" not in decides


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        (but(EVERYTHING, YEAR_OPENED), "in no year"),
        (
            but(EVERYTHING, YEAR_OPENED, replace(YEAR_OPENED, calendar=Digest("11" * 32))),
            "other documents than its year",
        ),
        (but(EVERYTHING, PUBLISHED[0]), f"{RULES.source.rulebook} was not published"),
        ((*but(EVERYTHING, PUBLISHED[1]), PUBLISHED[1]), f"{RULES.source.calendar} was not"),
        (
            but(EVERYTHING, OPENED, replace(TAKEN_OVER, unit_id=TOP), OPENED),
            "in no year",
        ),
    ],
    ids=["no year", "other documents", "no rulebook", "calendar afterwards", "taken over"],
)
def test_a_review_is_opened_in_a_year_that_holds_by_documents_that_were_published(
    facts: tuple[Event, ...], what: str
) -> None:
    assert what in wrong(facts)["authority"]


# Facts


def counting(facts: Facts) -> Event:
    return replace(PROPOSED, facts=facts)


def test_a_proposal_that_ignores_a_discipline_is_named_and_one_that_counts_it_stands() -> None:
    ignoring = but(EVERYTHING, PROPOSED, WARNED, PROPOSED)
    late = (*EVERYTHING, WARNED)
    lifted = MemberDisciplineLifted(member_id=MEMBER, decision=sealed("7"))
    counted = counting(changed(PROPOSED.facts, disciplined=True))

    assert wrong(ignoring)["facts_counted"] == "the proposal counts disciplined 0, told 1"
    assert wrong(late) == {}
    assert wrong(but(EVERYTHING, PROPOSED, WARNED, lifted, PROPOSED)) == {}
    assert wrong(but(EVERYTHING, PROPOSED, WARNED, counted)) == {}
    assert "facts_counted" in wrong(but(EVERYTHING, PROPOSED, counted))


def test_a_proposal_without_any_opening_counts_nothing_that_is_judged() -> None:
    assert "facts_counted" not in wrong(but(EVERYTHING, OPENED))


def test_what_was_voided_is_opened_anew_and_judged_by_that() -> None:
    voided = ReviewVoided(period=PERIOD, member_id=MEMBER, by=LEADERS_HAND)
    anew = (*EVERYTHING, voided, WARNED, *RATING)

    assert wrong(anew)["facts_counted"] == "the proposal counts disciplined 0, told 1"


def test_figures_that_the_log_tells_are_those_of_the_roster() -> None:
    opened = replace(OPENED, period=Period("2025"), group=Code("member"))
    facts = party_facts()
    heading = changed(facts, figures={**facts.figures, "heads_unit": 1})
    headed = PARTY.rulebook
    named = [each.id for each in headed.figures_for("member")]
    proposed = [replace(PROPOSED, period=Period("2025"), facts=each) for each in (facts, heading)]
    stream = review_stream("2025", MEMBER)

    plain, other = (wrong((opened, each), stream, headed) for each in proposed)

    assert "facts_counted" not in plain
    assert ("heads_unit" in named) == ("facts_counted" in other)


def test_a_units_proposal_counts_what_was_told_of_the_unit_and_how_many_are_below_it() -> None:
    stream = review_stream(UNIT_OPENED.period, CELL)
    proposed = replace(
        PROPOSED,
        period=UNIT_OPENED.period,
        member_id=MemberId(CELL),
        facts=changed(party_facts(), group=UNIT_OPENED.group),
    )
    fined = UnitDisciplined(
        unit_id=CELL,
        decision=sealed("8"),
        grade=Code("warning"),
        fault_period=UNIT_OPENED.period,
    )

    stands = wrong((*ROSTER, UNIT_OPENED, proposed), stream, PARTY.rulebook)
    ignores = wrong((*ROSTER, UNIT_OPENED, fined, proposed), stream, PARTY.rulebook)

    assert "facts_counted" not in stands
    assert "disciplined 0, told 1" in ignores["facts_counted"]
