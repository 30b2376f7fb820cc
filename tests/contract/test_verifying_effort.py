"""What a verification does for each fact, counted: nothing is read, or recounted, twice."""

from collections import Counter
from datetime import date
from typing import Any

import pytest

from events.definitions.entry import Recorded
from events.definitions.event import Code, Event
from events.definitions.review import RatingDecided
from events.definitions.roster import MemberDisciplined
from events.domain.organisation import member
from events.domain.review import review
from events.domain.rulebook import validity
from events.domain.verification.told import Told
from events.identifiers import Stream, member_stream
from events.store import reference
from events.store.batch import Appended, NewEvent
from services.access import words
from services.cli.fact_check import check_facts
from services.queries import year_counts
from services.queries.rating_check import FactCheck
from services.read_models.states import REVIEWS
from services.read_models.verification import StateCheck
from tests.support.lived import Reached
from tests.support.living import Year
from tests.support.sealed import sealed

NAMES = reference.shipped_names("rulebook")


class Counts:
    """Passes calls on, and counts them by what they were given."""

    def __init__(self, patch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
        self.calls = Counter[str]()
        call = getattr(owner, name)

        def counted(*given: Any, **named: Any) -> Any:
            self.calls[repr(given[1:])] += 1
            return call(*given, **named)

        patch.setattr(owner, name, counted)


def folded(year: Year) -> list[tuple[str, review.State]]:
    check = StateCheck(year.context.store)
    for each in year.context.store.read_log(0):
        check.fold(each.position, Recorded(each.entry, each.event))
    return list(check.folded_states(REVIEWS))


def test_facts_of_a_rating_are_recounted_once_where_nothing_was_told_meanwhile(
    lived_year: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviews = folded(lived_year)
    rated = sum(bool(state.decision) for _, state in reviews)
    recounts = Counts(monkeypatch, year_counts, "facts_since")

    assert check_facts(lived_year.context, reviews) == ((), ())

    assert rated > 0
    assert recounts.calls.total() == rated


def test_what_was_told_of_a_member_before_a_decision_is_counted_for_it(reached: Reached) -> None:
    """The proposal was right; by the decision it was not, and who decided passed over it."""
    year = reached(Year, date(2025, 12, 12))  # everybody is proposed
    subject = year.subject("SG-0041")
    proposed = year.review(subject).proposal
    assert proposed is not None
    disciplined = MemberDisciplined(
        member_id=subject.member_id, decision=sealed("05"), grade=Code("warning")
    )
    decided = RatingDecided(
        period=subject.period,
        member_id=subject.member_id,
        level=proposed.fact.outcome.level,
        proposal_version=proposed.version,
        by=proposed.fact.by,
        announcement_due_at=proposed.fact.decision_due_at,
    )
    append(year, member_stream(subject.member_id), disciplined)
    append(year, subject.stream, decided)

    ((finding,), _) = check_facts(year.context, folded(year))

    assert finding.where == f"rating {subject.period}-{subject.member_id}"
    assert "disciplined=True" in finding.what


def append(year: Year, stream: Stream, event: Event) -> None:
    """Append a fact past the commands, and let it have its place."""
    told = NewEvent(
        event=event, id=stream, source="/people", time=year.clock.now(), principal="account:forger"
    )
    version = year.context.store.read_stream(stream).version
    year.context.store.append({stream: Appended(version, (told,))})
    year.settle()


def test_reasons_of_an_absence_are_opened_once_however_often_the_law_asks(
    lived_year: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Counts(monkeypatch, words, "open_all")
    states = StateCheck(lived_year.context.store)
    facts = FactCheck(lived_year.context, states.folded_state)

    for each in lived_year.context.store.read_log(0):
        recorded = Recorded(each.entry, each.event)
        facts.see(each.position, recorded)
        states.fold(each.position, recorded)

    assert facts.findings == ()
    assert opened.calls
    assert set(opened.calls.values()) == {1}


def test_what_holds_of_a_member_is_looked_at_again_once_more_is_told(
    lived_year: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = lived_year.context.store.read_log(0)
    told = Told(lambda source: reference.rules_of(lived_year.context.store.database, source))
    roster = [each for each in log if each.entry.stream.startswith("member-")]
    looks = Counts(monkeypatch, member, "view")

    for each in roster:
        told.tell(each)
        told.ask(each)
        member_id = each.entry.stream.partition("-")[2]
        found = [told.holds(member_id) for _ in range(3)]
        assert found[0] is found[1] is found[2]
        assert found[0] == member.view(told.member(member_id))

    assert looks.calls.total() <= 2 * len(roster)  # ours beside


def test_rulebooks_that_we_ship_are_judged_here_and_not_with_each_verification(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judged = tuple(validity.read(reference.shipped_document("rulebook", each)) for each in NAMES)
    careful = [
        Counts(monkeypatch, reference, "plain_values"),
        Counts(monkeypatch, validity, "require_valid"),
    ]
    for each in (reference._read_shipped, reference.shipped_rulebooks, reference.shipped_digests):  # noqa: SLF001
        each.cache_clear()

    assert reference.shipped_rulebooks() == judged
    assert len(reference.shipped_digests("rulebook")) == len(NAMES)
    assert not any(each.calls for each in careful)
