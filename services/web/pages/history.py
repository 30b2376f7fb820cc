"""The history of a member's year: event by event, what changed, why this level, and the proof.

The address names subject and position, so that it can be cited. No words are shown here.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from flask import Response, request
from markupsafe import Markup

from events.definitions.entry import Sequenced
from events.domain import escalation, plan, review
from events.identifiers import MemberId
from events.proof.checkpoints import open_checkpoint
from events.proof.notes import VerifierKey
from events.replay import bundles as replay_bundles
from events.replay.verdict import Verdict
from events.replay.verdict import verify as verify_bundle
from services.access.roles import Action, Role, may
from services.access.tokens import Forbidden
from services.commands import bundles
from services.commands.reviews import Subject
from services.read_models import desk, year_history
from services.read_models.states import MEMBERS
from services.read_models.year_history import YearState
from services.web import names, person
from services.web.api.asked import review_seen, subject_of
from services.web.context import system
from services.web.languages import chosen, say, say_or
from services.web.moments import clock
from services.web.names import by_given_name
from services.web.pages.frame import pages, show, true_at
from services.web.pages.review import explained, reviewed, rules_of

FOUND_MAX = 50  # members shown for one search
SEARCHED_MAX = 20_000  # members whose names are opened for one search

Facts = Mapping[str, str | Markup]  # what holds, by what it is called


class Changed(NamedTuple):
    """One thing that holds, and what held of it before the last event."""

    name: str | Markup
    before: str | Markup  # empty where nothing did
    now: str | Markup
    differs: bool


class Proof(NamedTuple):
    """What verifying the rating's bundle came to."""

    verdict: Verdict
    root: str
    size: int
    origin: str


@pages.get("/history")
def show_search() -> Response:
    """Return the auditor's search for a member, by name or id."""
    if Role.AUDITOR not in person.person().roles:
        raise Forbidden("only auditors search the histories of all members")
    wanted = request.args.get("q", "").strip()
    found = _found(wanted) if wanted else []
    return show(
        "find.html",
        wanted=wanted,
        found=found[:FOUND_MAX],
        more=len(found) > FOUND_MAX,
        position=true_at(MEMBERS),
    )


@pages.get("/history/<period>/<member_id>")
def show_history(period: str, member_id: str) -> Response:
    """Return a member's year as it stood after one of its events."""
    subject = subject_of(period, member_id)
    person.person()
    _, roles = review_seen(subject, Action.AUDIT)
    events = year_history.events_of(system().store, subject.period, subject.member_id)
    number = _chosen(events)
    state = year_history.state_of(events[:number])
    before = year_history.state_of(events[: number - 1])
    return show(
        "history.html",
        subject=subject,
        name=reviewed(member_id),
        events=events,
        number=number,
        shown=events[number - 1],
        changes=list(_compared(_facts(before), _facts(state))),
        why=explained(state.review) if state.review.opened else None,
        rules=rules_of(state.review).rulebook if state.review.opened else None,
        may_read=may(Action.READ_WORDS, roles),
        proof=_proof(subject) if "verify" in request.args else None,
        decided=review.fold(system().store.read_stream(subject.stream).events).decision,
        address=f"/history/{period}/{member_id}",
    )


def _chosen(events: Sequence[Sequenced]) -> int:
    """Return the number, from 1, of the event that is shown; the last one unless another is named.

    `at` names a position: the last event up to it is shown. `n` is a number, from the slider.
    """
    at, number = request.args.get("at", ""), request.args.get("n", "")
    found = len(events)
    if at.isdecimal():
        found = sum(each.position <= int(at) for each in events)
    elif number.isdecimal():
        found = int(number)
    return min(max(found, 1), len(events))


def _compared(before: Facts, now: Facts) -> Iterator[Changed]:
    for name in dict.fromkeys((*now, *before)):
        old, new = before.get(name, ""), now.get(name, "")
        yield Changed(name, old, new, old != new)


def _facts(state: YearState) -> Facts:
    """Return what holds, in the reader's language and in the order of the year."""
    found: dict[str, str | Markup] = {}
    if state.review.opened:
        found.update(_of_review(state.review))
    if state.plan.opened:
        found.update(_of_plan(state.plan))
    for number, each in enumerate(state.escalations, 1):
        found[say("history.escalation", number=number)] = _of_escalation(each)
    return found


def _of_review(state: review.State) -> Iterator[tuple[str, str | Markup]]:
    rulebook = rules_of(state).rulebook
    yield say("history.stage"), say(f"year.steps.{review.stage(state)}")
    for step in review.STEPS:
        taken = getattr(state, step)
        if taken:
            yield say(f"year.steps.{step}"), clock(taken.at)
    if state.criticisms:
        counts = {"given": len(state.criticisms), "answered": len(state.answers)}
        yield say("history.criticisms"), say("history.criticisms_count", **counts)
    if state.proposal:
        level = rulebook.level(state.proposal.fact.outcome.level).label
        yield say("history.proposed"), level.of(chosen())
    if state.decision:
        yield say("history.decided"), rulebook.level(state.decision.fact.level).label.of(chosen())
    yield from _missed(state)


def _of_plan(state: plan.State) -> Iterator[tuple[str, str | Markup]]:
    yield say("history.plan"), say(f"year.plan_stages.{plan.stage(state)}")
    for each in state.milestones:
        yield say("history.milestone", id=each.id), say(f"year.statuses.{each.status}")
    for name, told in _missed(state):
        yield say("history.of_plan", what=name), told


def _of_escalation(state: escalation.State) -> Markup:
    stage = say(f"year.escalations.{escalation.stage(state)}")
    return say("history.rung", rung=state.laid[-1].rung if state.laid else 0, stage=stage)


def _missed(state: review.State | plan.State) -> Iterator[tuple[str, str | Markup]]:
    for due in state.deadlines.missed:
        name = say("history.missed", step=say_or(f"year.steps.{due.step}", due.step))
        yield name, clock(due.due_at)


def _proof(subject: Subject) -> Proof:
    """Return what the rating's bundle comes to when it is verified as an auditor would."""
    at_hand = system()
    made = bundles.make_bundle(at_hand.store, at_hand.signer, subject, at_hand.verifier_key)
    verdict = verify_bundle(made, at_hand.verifier_key)
    bundle = replay_bundles.decode(made)
    key = VerifierKey.from_text(at_hand.verifier_key)
    checkpoint = open_checkpoint(bundle.checkpoint, key, bundle.origin)
    return Proof(verdict, checkpoint.root.hex(), checkpoint.size, bundle.origin)


def _found(wanted: str) -> list[tuple[str, str, list[str]]]:
    """Return members by name, with the years in which they are reviewed."""
    database = system().store.database
    sql = f"SELECT member_id FROM member_states ORDER BY member_id LIMIT {SEARCHED_MAX}"
    called = names.of_members(row[0] for row in database.rows(sql))
    fits = [(m, name) for m, name in called.items() if wanted == m or names.contains(name, wanted)]
    ordered = sorted(fits, key=lambda each: by_given_name(each[1]))[: FOUND_MAX + 1]
    return [
        (member_id, name, desk.periods(database, MemberId(member_id)))
        for member_id, name in ordered
    ]
