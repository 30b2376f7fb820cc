"""Each fact is told by who may: the account of whoever acts, a worker, the operator, a token."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from msgspec import UNSET
from msgspec.structs import replace as changed

from events.definitions.access import (
    ACCESS,
    AccountDisabled,
    AccountEnabled,
    AccountMade,
    PasswordReset,
    RoleGiven,
    TokenMade,
    TokenRevoked,
)
from events.definitions.catalogue import CATALOGUE
from events.definitions.cycle import CycleOpened, DocumentPublished, IssuerFreed
from events.definitions.deadline import (
    CalendarSupplemented,
    DeadlineMissed,
    TimerResumed,
    TimerSettled,
)
from events.definitions.entry import Recorded
from events.definitions.erasure import ERASURE
from events.definitions.escalation import EscalationPassedOn, EscalationRaised, EscalationResolved
from events.definitions.event import Code, Event, Origin, stream_of
from events.definitions.plan import PlanMoved, PlanOpened, PlanVoided
from events.definitions.reading import TextOpened
from events.definitions.records import Label
from events.definitions.reopening import ReviewEnded, ReviewMoved, ReviewResumed, ReviewVoided
from events.definitions.review import (
    CommitmentMade,
    CriticismGiven,
    RatingAnnounced,
    RatingDecided,
    RatingProposed,
    ReviewOpened,
    StepWaived,
)
from events.definitions.roster import (
    DelegationEnded,
    FactCorrected,
    FactTookEffect,
    IssuerNamed,
    MemberEnrolled,
    PostDelegated,
    PostGiven,
    UnitFormed,
)
from events.domain.verification import principals
from events.domain.verification.principals import (
    BY_HAND,
    OWN_STEPS,
    RULES,
    actor,
    check_principals,
)
from events.domain.verification.streams import rests_on
from events.domain.verification.tellers import UNDER_WAY_MAX, Tellers
from events.identifiers import MemberId, Stream
from tests.support.cases import every_case
from tests.support.examples import EXAMPLES
from tests.support.history import NOON, record
from tests.support.law import MEMBER as RATED
from tests.support.law import PERIOD
from tests.support.resting_facts import EVERYTHING, in_order
from tests.support.year_examples import DECIDING_HAND, FOLLOWER, HAND, MEMBER, SECRETARY

SOURCE = "/hr"
SOON = NOON + UNDER_WAY_MAX
LATER = SOON + timedelta(seconds=1)
PEOPLE = (MEMBER, SECRETARY, FOLLOWER)
WORKERS = (
    "timekeeper",
    "openings",
    "returns",
    "calendars",
    "escalation",
    "transfers",
    "takeovers",
    "housekeeping",
)
OTHERS = ("account:nobodys", "account:unheard_of", "operator", "import", "token:hr", "", "account:")
NO_PERSON = (*OTHERS, *(f"worker:{each}" for each in WORKERS), "pseudonym:any", SECRETARY)
TOLD_BY = {
    **dict.fromkeys((DeadlineMissed, TimerSettled, FactTookEffect), "worker:timekeeper"),
    ReviewOpened: "worker:openings",
    TimerResumed: "worker:returns",
    CalendarSupplemented: "worker:calendars",
    **dict.fromkeys(
        (EscalationRaised, EscalationPassedOn, EscalationResolved), "worker:escalation"
    ),
}

STANDS_AT = {
    "worker:openings": "/people",
    "worker:housekeeping": "/erasures",
    "worker": "/workers/{}",
    "account": "/people",
    "pseudonym": "/people",
    "operator": "/operator",
}


def example(cls: type[Event]) -> Event:
    return EXAMPLES[cls.definition.type]


def told(event: Event, principal: str, at: object = NOON, *, source: str = "") -> Recorded:
    """Return a fact as a principal told it, at a time, from where that stands or elsewhere."""
    recorded = record(event)
    kind, _, name = principal.partition(":")
    source = source or (STANDS_AT.get(principal) or STANDS_AT.get(kind, SOURCE)).format(name)
    entry = changed(recorded.entry, principal=principal, recordedat=at, source=source)
    return changed(recorded, entry=entry)


def account_of(member_id: MemberId) -> str:
    return f"account:of-{member_id}"


def account_made(account_id: str, member_id: MemberId | None = None) -> Recorded:
    made = AccountMade(account_id=Label(account_id), member_id=member_id or UNSET)
    return told(made, "operator")


ACCOUNTS = (*(account_made(f"of-{each}", each) for each in PEOPLE), account_made("nobodys"))
TOKEN = TokenMade(
    token_id=Label("hr"),
    sends=(Label("roster.unit_formed"), Label("roster.member_moved")),
    sources=(Label(SOURCE),),
    reads=(),
    states=False,
    units=(),
)


def tellers(*history: Recorded, whole: bool = True) -> Tellers:
    """Return who may tell, after everybody has an account and some facts more were told."""
    found = Tellers(whole=whole)
    for each in (*ACCOUNTS, *history):
        found.tell(each)
    return found


def why_not(event: Event, principal: str, *history: Recorded, at: object = NOON) -> str:
    return principals.why_not(tellers(*history), told(event, principal, at))


def may(event: Event, principal: str, *history: Recorded) -> bool:
    return not why_not(event, principal, *history)


def others(cases: Iterable[str], *but: str) -> list[str]:
    return [each for each in cases if each not in but]


def test_every_type_of_ours_and_what_people_tell_beside_senders_says_who_tells_it() -> None:
    ours = {each for each in CATALOGUE if each.definition.origin is Origin.OURS}

    assert set(RULES) == ours | {PostDelegated, DelegationEnded}


def test_who_stands_in_is_told_by_a_sender_or_by_whose_post_it_is_and_ended_by_them_too() -> None:
    for_member = PostDelegated(
        member_id=MEMBER,
        unit_id=HAND.unit_id,
        post=HAND.post,
        for_id=SECRETARY,
        until=date(2026, 6, 30),
    )
    ended = DelegationEnded(
        member_id=MEMBER, unit_id=HAND.unit_id, post=HAND.post, for_id=SECRETARY
    )

    for fact in (for_member, ended):
        assert may(fact, account_of(SECRETARY))
        assert may(fact, "import")
        assert not may(fact, account_of(FOLLOWER))
        assert not may(fact, "operator")
        assert not may(fact, "account:nobodys")
    assert not may(for_member, account_of(MEMBER))
    assert may(ended, account_of(MEMBER))


def test_what_somebody_does_is_told_by_their_own_account_and_no_other() -> None:
    with every_case() as case:
        for cls in (*OWN_STEPS, *BY_HAND):
            fact = example(cls)
            acts = actor(fact)
            with case(cls.__name__, acts):
                assert acts in PEOPLE
                assert may(fact, account_of(acts))
                elsewhere = (account_of(each) for each in PEOPLE if each != acts)
                assert not [each for each in (*elsewhere, *NO_PERSON) if may(fact, each)]


def test_what_was_told_is_said_with_who_may_not_have_told_it() -> None:
    decided, decides = example(RatingDecided), account_of(FOLLOWER)

    assert why_not(decided, account_of(MEMBER)) == (
        f"review.rating_decided was told by 'account:of-{MEMBER}': "
        f"that is not the account of {FOLLOWER}"
    )
    assert why_not(decided, "account:unheard_of").endswith("nobody told by then of such an account")
    assert why_not(decided, decides) == ""


def test_a_step_of_ones_own_is_told_by_the_member_and_for_a_unit_by_the_hand_it_names() -> None:
    made = example(CommitmentMade)
    assert isinstance(made, CommitmentMade)
    own = replace(made, by=UNSET)
    for_unit = replace(own, by=HAND)

    assert may(own, account_of(MEMBER))
    assert not may(own, account_of(SECRETARY))
    assert may(for_unit, account_of(SECRETARY))
    assert not may(for_unit, account_of(MEMBER))


def test_an_account_that_was_disabled_tells_nothing_until_it_is_enabled() -> None:
    fact, decides = example(RatingDecided), account_of(FOLLOWER)
    whose = Label(f"of-{FOLLOWER}")
    disabled = told(AccountDisabled(account_id=whose), "operator")
    again = told(AccountDisabled(account_id=whose), "operator", LATER)
    enabled = told(AccountEnabled(account_id=whose), "operator", LATER)

    assert why_not(fact, decides, disabled, at=LATER).endswith("the account was disabled by then")
    assert why_not(fact, decides, disabled, again, at=LATER)
    assert not why_not(fact, decides, disabled, enabled, at=LATER)


def test_a_request_that_was_under_way_when_its_account_was_disabled_ends() -> None:
    disabled = told(AccountDisabled(account_id=Label(f"of-{FOLLOWER}")), "operator")

    assert not why_not(example(RatingDecided), account_of(FOLLOWER), disabled, at=SOON)


def test_whose_an_account_is_holds_for_good() -> None:
    fact = example(RatingDecided)
    taken = account_made("of-" + MEMBER, FOLLOWER)
    second = account_made("second", FOLLOWER)

    assert not may(fact, account_of(MEMBER), taken)
    assert may(fact, "account:second", second)


def test_workers_tell_what_they_are_there_for_and_nobody_tells_it_for_them() -> None:
    with every_case() as case:
        for cls, principal in TOLD_BY.items():
            fact = example(cls)
            with case(cls.__name__, principal):
                assert may(fact, principal)
                every = (*NO_PERSON, *map(account_of, PEOPLE))
                assert not [each for each in others(every, principal) if may(fact, each)]


def test_a_take_over_or_voiding_reaches_a_year_by_who_did_it_or_by_its_reaction() -> None:
    with every_case() as case:
        for cls in (ReviewMoved, ReviewVoided, PlanMoved, PlanVoided):
            fact = example(cls)
            with case(cls.__name__, actor(fact)):
                assert actor(fact) == DECIDING_HAND.member_id
                assert may(fact, account_of(FOLLOWER))
                assert may(fact, "worker:takeovers")
                every = (*NO_PERSON, account_of(SECRETARY))
                assert not [e for e in others(every, "worker:takeovers") if may(fact, e)]


@pytest.mark.parametrize("cls", [ReviewEnded, ReviewResumed, ReviewMoved, PlanMoved])
def test_a_year_ends_moves_and_goes_on_by_those_who_decide_or_as_its_subject_goes(
    cls: type[Event],
) -> None:
    by_hand = example(cls)
    of_itself = replace(by_hand, by=UNSET)  # type: ignore[type-var]

    assert may(by_hand, account_of(FOLLOWER))  # the account of whose hand it is
    assert not may(by_hand, "worker:transfers")
    assert may(of_itself, "worker:transfers")
    assert not may(of_itself, account_of(FOLLOWER))


def test_a_step_is_waived_by_those_who_decide_or_of_itself_by_the_timekeeper() -> None:
    by_hand = example(StepWaived)
    of_itself = replace(by_hand, by=UNSET)  # type: ignore[type-var]

    assert may(by_hand, account_of(FOLLOWER))  # the account of whose hand it is
    assert not may(by_hand, "worker:timekeeper")
    assert may(of_itself, "worker:timekeeper")
    assert not may(of_itself, account_of(FOLLOWER))


def test_a_review_that_follows_its_member_is_moved_by_the_reaction_to_that() -> None:
    fact = replace(example(ReviewMoved), by=UNSET)  # type: ignore[type-var]

    assert may(fact, "worker:transfers")
    assert not may(fact, "worker:takeovers")
    assert not may(fact, account_of(FOLLOWER))


def test_a_criticism_is_told_by_its_authors_pseudonym_and_by_no_account() -> None:
    fact = example(CriticismGiven)
    assert isinstance(fact, CriticismGiven)

    assert may(fact, f"pseudonym:{fact.author}")
    every = (*NO_PERSON, *map(account_of, PEOPLE))
    assert not [each for each in every if may(fact, each)]


def test_a_plan_is_opened_by_who_announced_what_demands_it_or_by_who_wants_one() -> None:
    announced = told(example(RatingAnnounced), account_of(SECRETARY))
    demanded = example(PlanOpened)
    assert isinstance(demanded, PlanOpened)
    wanted = replace(demanded, due_at=UNSET, collective=False)
    by_unit = replace(demanded, due_at=UNSET)

    assert may(demanded, account_of(SECRETARY), announced)
    assert not may(demanded, account_of(MEMBER), announced)
    deciding = example(RatingDecided)
    assert isinstance(deciding, RatingDecided)
    decides = account_of(deciding.by.member_id)  # makes it known where nobody announces it
    decided = told(deciding, decides)
    proposed = told(example(RatingProposed), account_of(SECRETARY))
    assert may(demanded, decides, proposed, decided)
    assert not may(demanded, decides, decided, announced)
    assert may(wanted, account_of(MEMBER))
    assert not may(wanted, account_of(SECRETARY))
    assert may(by_unit, account_of(SECRETARY))
    assert not [each for each in NO_PERSON if each != "account:nobodys" and may(by_unit, each)]


def test_a_committee_publishes_by_a_hand_and_what_we_ship_is_published_by_anybody() -> None:
    own = example(DocumentPublished)
    assert isinstance(own, DocumentPublished)
    ours = replace(own, by=UNSET)

    assert may(own, account_of(FOLLOWER))
    assert not may(own, account_of(MEMBER))
    assert not may(own, "operator")
    assert may(ours, account_of(MEMBER))
    assert may(ours, "operator")
    assert not may(ours, "worker:openings")


def test_words_are_opened_by_the_account_that_is_told_with_its_member() -> None:
    fact = example(TextOpened)
    assert isinstance(fact, TextOpened)
    by_member = replace(fact, reader=Label(f"of-{MEMBER}"), reader_id=MEMBER)
    by_auditor = replace(fact, reader=Label("nobodys"), reader_id=UNSET)
    by_operator = replace(fact, reader=Label("operator"), reader_id=UNSET)

    assert may(by_member, account_of(MEMBER))
    assert not may(by_member, account_of(SECRETARY))
    assert not may(replace(by_member, reader_id=SECRETARY), account_of(MEMBER))
    assert not may(replace(by_member, reader_id=UNSET), account_of(MEMBER))
    assert may(by_auditor, "account:nobodys")
    assert may(by_operator, "operator")
    assert not may(by_operator, "account:nobodys")


def test_the_operator_tells_of_accounts_tokens_and_keys_and_orders_erasures() -> None:
    with every_case() as case:
        for cls in (*ACCESS, IssuerFreed, *ERASURE):
            with case(cls.__name__, "operator"):
                assert may(example(cls), "operator")
                assert may(example(cls), "worker:housekeeping") == (cls in ERASURE)
                assert not may(example(cls), account_of(MEMBER))


def test_other_systems_send_what_a_token_lets_them_until_it_is_revoked() -> None:
    made = told(TOKEN, "operator")
    revoked = told(TokenRevoked(token_id=TOKEN.token_id), "operator")
    formed = told(example(UnitFormed), "token:hr", LATER)
    elsewhere = changed(formed, entry=changed(formed.entry, source="/other"))
    known = tellers(made)

    assert principals.why_not(known, formed) == ""
    assert "may not send it" in principals.why_not(known, elsewhere)
    assert "may not send it" in principals.why_not(known, told(example(MemberEnrolled), "token:hr"))
    assert "of such a token" in principals.why_not(known, told(example(UnitFormed), "token:other"))
    assert "of such a token" in principals.why_not(
        known, told(example(UnitFormed), account_of(MEMBER))
    )
    assert "revoked" in principals.why_not(tellers(made, revoked), formed)


@pytest.mark.parametrize(
    ("cls", "principal", "elsewhere"),
    [
        (RatingDecided, account_of(FOLLOWER), "/hr"),
        (RatingDecided, account_of(FOLLOWER), "/workers/transfers"),
        (ReviewOpened, "worker:openings", "/workers/openings"),
        (DeadlineMissed, "worker:timekeeper", "/workers/transfers"),
        (TimerResumed, "worker:returns", "/people"),
        (IssuerFreed, "operator", "/hr"),
    ],
)
def test_who_tells_something_of_ours_stands_where_nobody_else_does(
    cls: type[Event], principal: str, elsewhere: str
) -> None:
    moved = told(example(cls), principal, source=elsewhere)

    assert may(example(cls), principal)
    assert principals.why_not(tellers(), moved).endswith(
        f"told by {principal!r}: {elsewhere!r} is no source of theirs"
    )


def test_files_that_are_imported_name_the_source_that_they_say() -> None:
    imported = told(example(MemberEnrolled), "import", source="/anything")

    assert principals.why_not(tellers(), imported) == ""


def test_the_operator_imports_and_tells_of_units_what_hr_does_not() -> None:
    assert may(example(MemberEnrolled), "import")
    assert may(example(IssuerNamed), "operator")
    assert may(example(FactCorrected), "operator")
    assert not may(example(MemberEnrolled), "operator")


@pytest.mark.parametrize(("principal", "is_one"), [("token:any", True), ("account:any", False)])
def test_of_tokens_a_bundle_says_nothing_but_that_one_sent_it(
    principal: str, *, is_one: bool
) -> None:
    found = principals.why_not(tellers(whole=False), told(example(MemberEnrolled), principal))

    assert (found == "") is is_one


def test_a_rating_whose_facts_were_told_by_who_may_stands_and_another_one_is_named() -> None:
    decided = example(RatingDecided)
    good = check_principals((*ACCOUNTS, told(decided, account_of(FOLLOWER))))
    early = check_principals((told(decided, account_of(FOLLOWER)), *ACCOUNTS))

    assert (good.name, good.passed) == ("principals", True)
    assert not early.passed
    assert early.detail.startswith(f"{stream_of(decided)} at 1: review.rating_decided was told")


# What a rating rests on of accounts


def resting_on(acts: dict[type[Event], str], *more: Event) -> dict[str, tuple[int, ...]]:
    """Return of which accounts a rating rests on what, where they told some of its facts.

    Another account told of posts: as that of nobody who acted in the year.
    """
    facts = in_order((*EVERYTHING, *more))
    principals = {**dict.fromkeys((MemberEnrolled, PostGiven), "account:hr"), **acts}
    log = [
        changed(each, entry=changed(each.entry, principal=principals.get(type(each.event), "")))
        for each in facts
    ]

    def read(stream: Stream) -> list[Recorded]:
        return [each for each in log if each.entry.stream == stream]

    parts = rests_on(PERIOD, RATED, read, lambda _: "tusoi").parts
    return {stream: told for stream, told in parts.items() if stream.startswith("account-")}


def test_a_rating_rests_on_whose_accounts_told_its_year_and_on_nothing_else_of_them() -> None:
    whose = Label("own")
    facts = (
        AccountMade(account_id=whose, member_id=MEMBER),
        PasswordReset(account_id=whose),
        AccountDisabled(account_id=whose),
        RoleGiven(account_id=whose, role=Code("auditor")),
        AccountEnabled(account_id=whose),
        AccountMade(account_id=Label("elsewhere")),
    )

    found = resting_on({RatingDecided: "account:own", RatingProposed: "account:own"}, *facts)

    assert found == {"account-own": (1, 3, 5)}


def test_it_rests_on_who_opened_its_year_and_published_what_it_pins_too() -> None:
    found = resting_on({CycleOpened: "account:opens", DocumentPublished: "account:publishes"})

    assert found == {"account-opens": (), "account-publishes": ()}


def test_an_account_that_nobody_could_state_anything_of_is_not_asked_for() -> None:
    wicked = ("account:", "account:a b", "account:a\nb", "account:" + "a" * 101, "account:ä")

    assert [each for each in wicked if resting_on({RatingDecided: each})] == []
