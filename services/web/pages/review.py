"""A member's review in a year, for that member and for whoever may see it.

The member sees everything and who read it. Others see where it stands; words are opened by a
deed of their own, which is recorded and shown to the member.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from flask import Response
from markupsafe import Markup

from events.definitions.reading import TextOpened
from events.domain.organisation import member
from events.domain.review import ending, explanation, review, waiving
from events.domain.review.writing_steps import movable, opened_review
from events.domain.rulebook.rulebook import Rulebook
from events.domain.steps import Step
from events.identifiers import member_stream, reading_stream
from services.access.roles import Action, Role, may, owns
from services.read_models import cycle_lists
from services.subject import Subject
from services.web.asking import person
from services.web.asking.visibility import eyes_of, reader_of, see_review, subject_of
from services.web.context import system
from services.web.pages.parts import grounds, turns
from services.web.pages.parts.frame import pages, redirect, show
from services.web.pages.parts.opened import is_asked, own_marks, words_of_review
from services.web.pages.parts.own_words import own_words
from services.web.pages.parts.rules import explanation_of, rules_of
from services.web.saying import names
from services.web.saying.languages import period_name, reader_language, say


class Reading(NamedTuple):
    """That somebody opened words, as the member sees it."""

    at: datetime
    name: str | Markup
    right: str
    texts: int
    authors: bool  # they also saw who wrote the criticisms


@pages.get("/my")
def show_my_year() -> Response:
    """Go to the quarter in which the reader is under review, else to their newest year."""
    mine = person.person().member_id
    for period in cycle_lists.periods(system().store.database, mine) if mine else ():
        return redirect(f"/reviews/{period}/{mine}")
    return show("no_year.html", is_member=mine is not None)


@pages.get("/reviews/<period>/<member_id>")
def show_review(period: str, member_id: str) -> Response:
    """Return a member's year: where it stands, what to do now, what was said, who read it."""
    subject = subject_of(period, member_id)
    return _show(subject, *see_review(subject))


@pages.post("/reviews/<period>/<member_id>/words")
def open_review_words(period: str, member_id: str) -> Response:
    """Return a member's year with its words; that they were read is recorded."""
    subject = subject_of(period, member_id)
    return _show(subject, *see_review(subject, Action.READ_WORDS))


def _show(subject: Subject, state: review.State, roles: Collection[Role]) -> Response:
    assert state.opened is not None, "only an open review is seen"
    member_id, may_read = subject.member_id, may(Action.READ_WORDS, roles)
    opens = may_read and (owns(roles) or is_asked())
    known = names.of_subjects([member_id, *_actors(state)])
    units = names.of_units((*state.path, *state.venues))
    said = words_of_review(subject, state, roles) if opens else None
    rules = rules_of(state).rulebook
    return show(
        "review.html",
        subject=subject,
        state=state,
        is_own=Role.MEMBER in roles,
        owns=owns(roles),
        led=_units_led(subject, state) if Role.MEMBER in roles else [],
        name=known.get(member_id, say("year.somebody")),
        names=known,
        units={unit_id: units.get(unit_id, unit_id) for unit_id in (*state.path, *state.venues)},
        steps=list(turns.steps(state)),
        answers_due=turns.answers_due(state),
        unrated=_why_unrated(state),
        **_links(state, roles, rules),
        group=_group(state, rules),
        held_before="" if state.collective else ", ".join(units.get(u, u) for u in state.venues),
        state_level=_state_level(subject, rules),
        may_read=may_read,
        said=said,
        marks=own_marks(said, rules),
        own=own_words(state, said),
        **_why(state),
        weighed=explanation.limits_left(rules, state.decision.fact, reader_language())
        if state.decision
        else (),
        rules=rules,
        language=reader_language(),
        readings=list(_readings(subject)) if may(Action.SEE_READERS, roles) else [],
        **turns.of_reader(subject, state, roles),
        other_periods=_other_periods(subject) if Role.MEMBER in roles else [],
    )


def _links(state: review.State, roles: Collection[Role], rulebook: Rulebook) -> dict[str, bool]:
    """Return which forms are open to the reader now, besides the steps that wait."""
    early = not (state.proposers or state.ending)
    suggests = rulebook.has(Step.SUGGESTION_ANSWER) and early and not state.meetings
    me = reader_of(state)
    acts_above = me.hand_for(state.path[1:] or state.path) is not None
    return {
        "may_criticise": may(Action.CRITICISE, roles) and early,
        "may_suggest": may(Action.SUGGEST_POINT, roles) and suggests and acts_above,
        "may_answer_notice": may(Action.ANSWER_NOTICE, roles)
        and state.notice is not None
        and not state.notice_answered,
        "may_reopen": may(Action.REOPEN_REVIEW, roles) and any(grounds.open_to_reader(state)),
        "may_end": may(Action.END_REVIEW, roles)
        and (ending.may_end_unrated(state, eyes_of(state)) or ending.ended_unrated(state)),
        "may_waive": may(Action.WAIVE_STEP, roles)
        and bool(waiving.left_to_authority(state, rulebook)),
        "may_move": may(Action.MOVE_DEADLINE, roles)
        and bool(movable(state, me.offices_of(me.hand_for(state.units_above)))),
        "may_audit": may(Action.AUDIT, roles),
    }


def _why(state: review.State) -> dict[str, Any]:
    """Return why the last proposed level came out, and while another one holds, why that did."""
    holds = None if state.decision else state.rating_in_force.proposal
    return {
        "why": explanation_of(state, state.proposal),
        "why_it_holds": explanation_of(state, holds),
    }


def _other_periods(subject: Subject) -> list[tuple[str, str]]:
    """Return the other years and quarters in which somebody is reviewed: addresses and names."""
    member_id = subject.member_id
    found = cycle_lists.periods(system().store.database, member_id)
    others = [each for each in found if each != subject.period]
    return [(f"/reviews/{each}/{member_id}", period_name(each)) for each in others]


def _why_unrated(state: review.State) -> Markup | None:
    """Return why this review ends without a level; None where it is rated."""
    why = opened_review(state).unrated
    if not why:
        return None
    return say("year.new_unit" if state.collective else f"year.unrated.{why}")


def _actors(state: review.State) -> Iterator[str]:
    """Iterate over who acted in a review by an office, with all who answer for a collective."""
    before = (each.decision for each in state.superseded)
    rated = (state.proposal, *state.appraisals, state.decision, state.announcement)
    for each in (*rated, *state.points, *state.meetings, *before, *state.waivers):
        if each and each.fact.by:
            yield each.fact.by.member_id
    yield from state.leaders


def _group(state: review.State, rulebook: Rulebook) -> str:
    """Return by which group's rules the member is rated, in the reader's language."""
    group = opened_review(state).group
    return next(
        (each.label.of(reader_language()) for each in rulebook.groups if each.id == group), ""
    )


def _state_level(subject: Subject, rulebook: Rulebook) -> str:
    """Return the second rating that a civil servant has, from the state side; empty without one."""
    history = system().store.read_stream(member_stream(subject.member_id))
    level = member.view(member.fold(history.events)).state_ratings.get(subject.period, "")
    return next(
        (each.label.of(reader_language()) for each in rulebook.levels if each.id == level), level
    )


def _readings(subject: Subject) -> Iterator[Reading]:
    """Iterate over who read what was written, the newest first."""
    history = system().store.read_stream(reading_stream(subject.period, subject.member_id))
    facts = [(e.entry.time, e.event) for e in history.events if isinstance(e.event, TextOpened)]
    known = names.of_members([fact.reader_id for _, fact in facts if fact.reader_id])
    for at, fact in reversed(facts):
        name = known.get(fact.reader_id, "") if fact.reader_id else ""
        called = name or say(f"year.roles.{fact.right}")
        yield Reading(at, called, fact.right, len(fact.texts), fact.authors)


def _units_led(subject: Subject, state: review.State) -> list[tuple[str, str]]:
    """Return the units that the reader leads and that are reviewed in the same year, by name."""
    offices = reader_of(state).office_units
    found = cycle_lists.subjects_reviewed(system().store.database, subject.period, offices)
    return sorted(names.of_units(found).items(), key=lambda each: each[1])
