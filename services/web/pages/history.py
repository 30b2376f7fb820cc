"""The history of a member's year: event by event, what changed, why this level, and the proof.

The address names subject and position, so that it can be cited. No words are shown here.
It is over 300 lines: each kind of fact of a year shows here, so that none changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from flask import Response, request
from markupsafe import Markup

from events.definitions.entry import Sequenced, tells_the_day_alone
from events.definitions.records import Due
from events.domain.escalation import escalation
from events.domain.plan import plan
from events.domain.review import review
from events.domain.rulebook.rulebook import Rulebook
from events.domain.steps import Step
from events.domain.year.deadlines import Deadlines
from events.identifiers import MemberId
from events.proof.checkpoints import open_checkpoint
from events.proof.notes import VerifierKey
from events.replay import bundles as replay_bundles
from events.replay.verdict import Verdict
from events.replay.verdict import verify as verify_bundle
from services.access import tokens
from services.access.roles import Action, Role, Unseen, may, owns
from services.access.tokens import Forbidden
from services.intake.numbers import ids_under
from services.queries import bundles, year_history
from services.queries.year_history import YearState
from services.read_models import cycle_lists, roster, states
from services.read_models.states import MEMBERS
from services.subject import Subject
from services.web.asking import person
from services.web.asking.visibility import see_review, subject_of
from services.web.context import system
from services.web.pages.parts.frame import pages, redirect, show, true_at
from services.web.pages.parts.people import name_of
from services.web.pages.parts.posts import rulebook_named, step_name
from services.web.pages.parts.rules import calendar_title, explanation_of, rules_of
from services.web.saying import names
from services.web.saying.languages import reader_language, say
from services.web.saying.moments import clock
from services.web.saying.names import by_given_name

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
    return _search("")


@pages.post("/history")
def search() -> Response:
    """Return whom a search finds. A name is sent as a form: no address, log or history holds it."""
    return _search(names.wanted_in(request.form.get("q", "")))


def _search(wanted: str) -> Response:
    if Role.AUDITOR not in person.person().roles:
        raise Forbidden("only auditors search the histories of all members")
    found, is_whole = _find_names(wanted) if wanted else ({}, True)
    database = system().store.database
    return show(
        "find.html",
        wanted=wanted,
        found=[
            (each, name, cycle_lists.periods(database, MemberId(each)))
            for each, name in islice(found.items(), FOUND_MAX)
        ],
        more=len(found) > FOUND_MAX,
        searched=0 if is_whole else SEARCHED_MAX,
        position=true_at(MEMBERS),
    )


@pages.get("/history/<period>/<member_id>")
def show_history(period: str, member_id: str) -> Response:
    """Return a member's year as it stood after one of its events."""
    subject = subject_of(period, member_id)
    now, roles = see_review(subject, Action.AUDIT)
    criticised = owns(roles) or Role.FORMER in roles  # what was read when would date what was said
    events = year_history.events_of(
        system().store, subject.period, subject.member_id, readings=not criticised
    )
    number = _chosen_number(events)
    shown = events[number - 1]
    told = shown.entry
    address = f"/history/{period}/{member_id}"
    cited = f"{address}?at={shown.position}"
    if "n" in request.args:  # from the slider: pages are named by positions, to be cited
        return redirect(cited)
    state = year_history.state_of(events[:number])
    before = year_history.state_of(events[: number - 1])
    decided = now.decision is not None
    return show(
        "history.html",
        subject=subject,
        name=name_of(member_id),
        events=events,
        number=number,
        shown=shown,
        shown_at=told.time if tells_the_day_alone(told.principal) else shown.sequenced_at,
        changes=list(_compare(_facts(before), _facts(state))),
        why=explanation_of(state.review, state.review.rating_in_force.proposal),
        rules=rules_of(state.review).rulebook if state.review.opened else None,
        may_read=may(Action.READ_WORDS, roles),
        proof=_proof(subject) if decided and "verify" in request.args else None,
        decided=decided,
        verifying=bundles.verifying_command(bundles.file_name(subject), system().verifier_key),
        being_rated=now.reopening is not None,
        address=address,
        cited=cited,
    )


def _chosen_number(events: Sequence[Sequenced]) -> int:
    """Return the number, from 1, of the event that is shown; the last one unless another is named.

    `at` names a position: the last event up to it is shown. `n` is a number, from the slider.
    """
    if not events:  # it was opened just now, and has no positions yet
        raise Unseen("review")
    at, number = request.args.get("at", type=int), request.args.get("n", len(events), type=int)
    found = number if at is None else sum(each.position <= at for each in events)
    return min(max(found, 1), len(events))


def _compare(before: Facts, now: Facts) -> Iterator[Changed]:
    for name in dict.fromkeys((*now, *before)):
        old, new = before.get(name, ""), now.get(name, "")
        yield Changed(name, old, new, old != new)


def _facts(state: YearState) -> Facts:
    """Return what holds, in the reader's language and in the order of the year.

    Each event of a year shows here, so that no step of the history changes nothing.
    """
    found: dict[str, str | Markup] = {}
    if state.review.opened:
        found.update(_of_review(state.review))
    if state.plan.opened:
        found.update(_of_plan(state.plan))
    for number, each in enumerate(state.escalations, 1):
        found[say("history.escalation", number=number)] = _of_escalation(each)
    found.update(_calendars(state))
    if state.openings:
        found[say("history.openings")] = say("history.times", count=state.openings)
    return found


def _calendars(state: YearState) -> Iterator[tuple[str, str]]:
    """Iterate over the newer calendars by which days are counted since, and in what."""
    yield from _calendar(say("history.review"), state.review.deadlines)
    yield from _calendar(say("history.plan"), state.plan.deadlines)
    for number, each in enumerate(state.escalations, 1):
        yield from _calendar(say("history.escalation", number=number), each.deadlines)


def _calendar(of: str, deadlines: Deadlines) -> Iterator[tuple[str, str]]:
    if deadlines.calendar:
        yield say("history.calendar", of=of), calendar_title(deadlines.calendar)


def _of_review(state: review.State) -> Iterator[tuple[str, str | Markup]]:
    rulebook = rules_of(state).rulebook
    stage = review.stage(state)
    item = review.item_of(state, Step(stage)) if stage in state.steps else ""
    yield say("history.stage"), step_name(rulebook, stage, item)
    for step, item in state.addresses:
        if at := state.done_at(step, item):
            yield step_name(rulebook, step, item), clock(at)
    yield from _of_meetings(state, rulebook)
    if state.criticisms:
        counts = {"given": len(state.criticisms), "answered": len(state.answers)}
        yield say("history.criticisms"), say("history.criticisms_count", **counts)
    if state.proposal:
        level = rulebook.level(state.proposal.fact.outcome.level).label
        yield say("history.proposed"), level.of(reader_language())
    for each in state.appraisals:
        level, item = rulebook.level(each.fact.level).label, each.fact.item
        called = step_name(rulebook, Step.APPRAISAL, item)
        yield say("history.appraised", step=called), level.of(reader_language())
    if state.decision:
        yield (
            say("history.decided"),
            rulebook.level(state.decision.fact.level).label.of(reader_language()),
        )
    for number, rated in enumerate(state.superseded, 1):
        assert rated.decision, "only what was decided is superseded"
        level = rulebook.level(rated.decision.fact.level).label
        yield say("history.before_reopening", number=number), level.of(reader_language())
    yield from _deadlines(state.deadlines, rulebook)


def _of_meetings(state: review.State, rulebook: Rulebook) -> Iterator[tuple[str, str | Markup]]:
    """Iterate over what not every review has: points, places, a move, an answered notice."""
    if state.points:
        counts = {"given": len(state.points), "answered": len(state.point_answers)}
        yield say("history.points"), say("history.points_count", **counts)
    if state.venues:
        held = len(state.venues) - len(state.venues_left())
        told = say("history.meetings_count", held=held, places=len(state.venues))
        yield say("history.meetings"), told
    for waiver in state.waivers:
        named = _step_with_item(rulebook, waiver.fact.step, waiver.fact.item)
        yield say("history.waived", **named).strip(), clock(waiver.at)
    for move in state.moves[-1:]:
        yield say("history.moved"), clock(move.at)
    for each in state.notice_answers[-1:]:
        yield say("history.notice_answered"), clock(each.at)
    if state.reopening:
        yield say("history.reopened"), clock(state.reopening.at)


def _of_plan(state: plan.State) -> Iterator[tuple[str, str | Markup]]:
    yield say("history.plan"), say(f"year.plan_stages.{plan.stage(state)}")
    course = {"proposal": state.proposal, "returned": state.returned, "agreement": state.agreement}
    for name, taken in course.items():
        if taken:
            yield say(f"history.plan_{name}"), clock(taken.at)
    for each in state.milestones:
        status = say(f"year.statuses.{each.status}")
        told = say("history.evidence", status=status, count=len(each.evidence))
        yield say("history.milestone", id=each.id), told if each.evidence else status
    if state.opened:
        yield from _deadlines(state.deadlines, rulebook_named(state.opened.fact.rulebook))


def _of_escalation(state: escalation.State) -> Markup:
    rung = state.laid[-1].rung if state.laid else 0
    stage = say(f"year.escalations.{escalation.stage(state)}")
    for due in state.deadlines.running[-1:] if escalation.tasks(state) else ():
        told = _told_of(state.deadlines, due)
        return say("history.rung_due", rung=rung, stage=stage, due=told)
    return say("history.rung", rung=rung, stage=stage)


def _step_with_item(rulebook: Rulebook, step: str, item: str) -> dict[str, str | Markup]:
    """Return what a step is called, and of which item it is, unless that has a name of its own."""
    named = rulebook.label_of(step, item) is not None
    return {"step": step_name(rulebook, step, item), "item": "" if named else item}


def _deadlines(deadlines: Deadlines, rulebook: Rulebook) -> Iterator[tuple[str, str | Markup]]:
    """Iterate over the deadlines as they were set last, and what was told of each."""
    for due in deadlines.running:
        named = _step_with_item(rulebook, due.step, due.item)
        yield say("history.deadline", **named).strip(), _told_of(deadlines, due)


def _told_of(deadlines: Deadlines, due: Due) -> str | Markup:
    """Return when a deadline ends, and what was told of it once it had."""
    time = clock(due.due_at)
    if due in deadlines.missed:
        return say("history.missed", time=time)
    return say("history.settled", time=time) if due in deadlines.settled else time


def _proof(subject: Subject) -> Proof:
    """Return what the rating's bundle comes to when it is verified as an auditor would."""
    at_hand = system()
    made = bundles.make_bundle(at_hand.store, at_hand.signer, subject, at_hand.verifier_key)
    verdict = verify_bundle(made, at_hand.verifier_key)
    bundle = replay_bundles.decode(made)
    key = VerifierKey.from_text(at_hand.verifier_key)
    checkpoint = open_checkpoint(bundle.checkpoint, key, bundle.origin)
    return Proof(verdict, checkpoint.root.hex(), checkpoint.size, bundle.origin)


def _find_names(wanted: str) -> tuple[dict[str, str | Markup], bool]:
    """Return the names by id of who has this id or number, or fits by name; and if that is all."""
    database = system().store.database
    if not states.serving_build(database, MEMBERS.projection):
        return {}, True
    sql = "SELECT member_id FROM member_states {} ORDER BY member_id LIMIT ?"
    named = database.rows(sql.format("WHERE member_id = ?"), (wanted, 1))
    every = database.rows(sql.format(""), (SEARCHED_MAX + 1,))
    members = names.of_members(each for (each,) in every[:SEARCHED_MAX])
    units = names.of_units(roster.every_unit(database))
    does_fit = names.finder(wanted)
    fits = [(name, each) for each, name in (members | units).items() if does_fit(name)]
    fits.sort(key=lambda each: by_given_name(each[0]))
    exactly = [each for (each,) in named] + _ids_by_number(wanted)
    called = names.of_subjects(exactly)
    found = {each: called.get(each, say("year.somebody")) for each in exactly} | {
        each: name for name, each in fits
    }
    return found, len(every) <= SEARCHED_MAX


def _ids_by_number(wanted: str) -> list[str]:
    """Return whom other systems know by this number: members and units, by our ids."""
    at_hand, named = system(), [("member", wanted), ("unit", wanted)]
    every = tokens.numberings(at_hand.store.database)
    return [known for each in every for known in ids_under(at_hand, each, named).values()]
