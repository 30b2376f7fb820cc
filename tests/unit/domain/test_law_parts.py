"""Whatever part of a fact the law settles, another value of it is found."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import pytest

from events.definitions.cycle import CycleTakenOver, CycleVoided, DocumentPublished
from events.definitions.deadline import DeadlineMoved
from events.definitions.entry import Recorded
from events.definitions.event import Event, stream_of
from events.definitions.notice import NoticeAnswered
from events.definitions.plan import (
    EvidenceHandedIn,
    FollowerNamed,
    MilestoneApproved,
    MilestoneExtended,
    MilestoneReturned,
    MoreAsked,
    PlanAgreed,
    PlanProposed,
    PlanReturned,
    PlanUnfollowed,
)
from events.definitions.reopening import ReviewEnded, ReviewReopened, ReviewResumed, StatementMade
from events.definitions.review import (
    CommitmentMade,
    CriticismAnswered,
    CriticismGiven,
    MeetingHeld,
    PointAnswered,
    PointSuggested,
    RatingAppraised,
    RatingDecided,
    RatingProposed,
    RatingReturned,
    ReviewOpened,
    SelfCritiqueSubmitted,
    StepWaived,
)
from events.domain.verification.law import LAWS
from events.domain.verification.roster_checks import check_roster
from events.identifiers import review_stream
from tests.support.history import record
from tests.support.lawful import bundle_of, findings, log_of
from tests.support.lawful_facts import rules_of
from tests.support.lawful_years import YEARS, history_of
from tests.support.other_values import others
from tests.support.party_rules import PARTY, YEAR

Parts = Mapping[type[Event], tuple[str, ...]]

# What people choose freely, or what others judge: by why no other value of it is found.
FREE: Mapping[str, Parts] = {
    "words are whoever's who writes, and sealed": {
        CommitmentMade: ("text",),
        SelfCritiqueSubmitted: ("text", "marks"),
        CriticismGiven: ("text",),
        CriticismAnswered: ("text",),
        PointSuggested: ("text",),
        PointAnswered: ("text",),
        MeetingHeld: ("text",),
        StepWaived: ("text",),
        ReviewEnded: ("text",),
        ReviewResumed: ("text",),
        RatingProposed: ("text",),
        RatingAppraised: ("text",),
        RatingReturned: ("text",),
        RatingDecided: ("text",),  # but none where the level leaves the proposal
        NoticeAnswered: ("text",),
        ReviewReopened: ("text",),
        StatementMade: ("text",),
        DeadlineMoved: ("text",),
        CycleTakenOver: ("text",),
        CycleVoided: ("text",),
        PlanProposed: ("text", "milestones.words"),
        PlanReturned: ("text",),
        EvidenceHandedIn: ("text",),
        MilestoneApproved: ("text",),
        MoreAsked: ("text",),
        MilestoneReturned: ("text",),
        MilestoneExtended: ("text",),
    },
    "on which form, and through which catalogue, is the writer's choice": {
        CommitmentMade: ("form",),
        SelfCritiqueSubmitted: ("form", "catalogue"),
    },
    "made by chance; the pseudonym tells nobody who it was": {
        CriticismGiven: ("criticism_id", "author"),
        PointSuggested: ("point_id",),
    },
    "what is shown, and for which milestone, is the choice of who shows it": {
        EvidenceHandedIn: (
            "milestone_id",
            "files",
            "files.file",
            "files.name",
            "files.size",
            "files.media_type",
        ),
    },
    "days that somebody chose, within bounds": {
        DeadlineMoved: ("due_at",),
        MilestoneExtended: ("due_at",),
        PlanProposed: ("milestones", "milestones.due_at"),
    },
    "any member follows a plan who does not answer for it": {
        PlanAgreed: ("follower_id",),
        FollowerNamed: ("follower_id",),
    },
    "who advises or decides chooses the level, within the limits": {
        RatingAppraised: ("level",),
        RatingDecided: ("level",),
    },
    "figures are laid down by who proposes; the outcome must be what they come to": {
        RatingProposed: ("facts.figures.tasks_beyond",),
    },
    "an issuer publishes what it likes; the documents themselves are compared elsewhere": {
        DocumentPublished: ("kind", "name", "edition", "digest"),
    },
    "what the operator publishes has nobody's hand, and stands under any name": {
        DocumentPublished: ("by", "issuer"),
    },
}
# Besides these, what the whole log alone shows: a bundle holds what a rating rests on.
IN_BUNDLES: Mapping[str, Parts] = {
    "no rating rests on a plan: of those who act in it, a bundle holds no posts": {
        PlanProposed: ("by.member_id", "by.post"),
        PlanAgreed: ("by.member_id", "by.unit_id", "by.post", "by.for_id"),
        FollowerNamed: ("by.member_id", "by.unit_id", "by.for_id"),
        PlanReturned: ("by.member_id", "by.unit_id", "by.for_id"),
        EvidenceHandedIn: ("by.member_id", "by.post"),
    },
    "a bundle holds no posts of who leads a unit, and did nothing in its review": {
        ReviewOpened: ("leaders", "leaders.member_id"),
    },
    "nor where whoever followed a plan was by then": {PlanUnfollowed: ("reason",)},
    "which units lie below one is told of each of them": {ReviewOpened: ("below",)},
}


class Part(NamedTuple):
    """A part of the facts of one kind."""

    kind: type[Event]
    name: str


def parts_in(*tables: Mapping[str, Parts]) -> set[Part]:
    each = (parts for table in tables for parts in table.values())
    return {Part(kind, name) for parts in each for kind, names in parts.items() for name in names}


def forged(each: Recorded, other: Event, known: Mapping[str, int]) -> Recorded:
    """Return a fact in the place of another one: in its stream, or as the next of its own."""
    version = known[stream_of(other)] + 1
    return record(other, version=version, time=each.entry.time, told_at=each.entry.recordedat)


def miscounted(before: Iterable[Recorded], each: Recorded) -> list[str]:
    """Return what is found in a proposal that does not count what the roster tells."""
    event = each.event
    if not isinstance(event, RatingProposed):
        return []
    stream = review_stream(event.period, event.member_id)
    checks = check_roster([*before, each], stream, PARTY.rulebook, rules_of)
    return [check.detail for check in checks if not check.passed]


def unfound(history: list[Recorded], *, whole: bool) -> Iterator[Part]:
    """Iterate over the parts of facts of which another value is not found."""
    log, known = log_of(rules_of, whole=whole), defaultdict[str, int](int)
    for n, each in enumerate(history):
        for part, other in others(each.event) if type(each.event) in LAWS else ():
            told = forged(each, other, known)
            if not findings(log, told) and not miscounted(history[:n], told):
                yield Part(type(each.event), part)
        log.tell(each)
        known[each.entry.stream] = each.entry.streamversion


def of_all_years(*, whole: bool) -> set[Part]:
    found = set[Part]()
    for wanted, subject in YEARS.values():
        history = history_of(wanted)
        found.update(unfound(history if whole else bundle_of(history, YEAR, subject), whole=whole))
    return found


@pytest.mark.exhaustive
def test_in_the_whole_log_each_part_that_nobody_chooses_freely_is_settled_by_the_law() -> None:
    assert of_all_years(whole=True) == parts_in(FREE)


@pytest.mark.exhaustive
def test_in_a_bundle_it_is_the_same_but_for_what_other_streams_tell() -> None:
    assert of_all_years(whole=False) - parts_in(FREE) == parts_in(IN_BUNDLES)
