"""Every command that somebody asks for: which action of the one role table it stands for.

A store that takes nothing lets each be asked by everybody: what is not refused comes as far as to
tell something, or to a no of the law, and the year stays as it is.
"""

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from types import ModuleType
from typing import Any, NamedTuple, NoReturn

from events.definitions.records import Period
from events.domain.steps import Step
from events.errors import TusoiError
from events.identifiers import MemberId
from events.store.store import Store
from services.access import accounts
from services.access.roles import Action, Unseen, person_of
from services.access.tokens import Forbidden
from services.commands import (
    cycles,
    deadlines,
    editions,
    escalations,
    meetings,
    milestones,
    plans,
    ratings,
    readings,
    reviews,
    rulebooks,
    takeovers,
)
from services.commands.milestones import MilestoneOf
from services.commands.work import Asking
from services.context import Context
from services.queries.answers import Marks
from services.queries.people import person_as
from services.queries.year_counts import Counted
from services.subject import Subject
from tests.support.api_roles import TOWARDS
from tests.support.fakes import SeededChance
from tests.support.world import CELL, COMMUNE
from tests.support.year_world import FIGURES, FOLLOWER, MEMBER, PERIOD, POOR, WORDS, YearWorld

YEAR = Period(PERIOD)
DAY = date(2027, 9, 1)
NONE = "a" * 26  # the id of a criticism, or point, that there is not


class _Told(Exception):
    """A command was let through: it has something to tell."""


class _Untold(Store):
    """A store in which nothing is told any more."""

    def append(self, *_: Any, **__: Any) -> NoReturn:
        raise _Told


class Command(NamedTuple):
    """One command, and what somebody does who asks for it."""

    action: Action
    ask: Callable[[Context, Asking, Subject], object]
    of_top: bool = False  # asked of the unit that decides, and of nobody's year


def asking_of(year: YearWorld, role: str) -> Asking:
    """Return somebody in a role as who asks for a command now."""
    account = accounts.find(year.system, role)
    if account.member_id:
        person = person_as(year.system, account.id, account.member_id, account.roles)
    else:
        person = person_of(account.id, account.roles, None, None)
    return Asking(person=person, correlation_id="roles")


def is_refused(year: YearWorld, name: str, role: str, of: MemberId = MEMBER) -> bool:
    """Tell whether somebody in a role is refused a command about somebody's year, by rights."""
    store = _Untold(year.system.store.database, clock=year.clock, chance=SeededChance(7))
    try:
        COMMANDS[name].ask(
            replace(year.system, store=store), asking_of(year, role), Subject(YEAR, of)
        )
    except (Forbidden, Unseen):
        return True
    except (_Told, TusoiError):
        return False
    return False  # there was nothing to tell


def taking(package: ModuleType, *kinds: type) -> Iterator[str]:
    """Iterate over the public functions of a package that take somebody of some kind."""
    for found in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{found.name}")
        for name, value in vars(module).items():
            function = value.func if isinstance(value, functools.partial) else value
            own = inspect.isfunction(function) and function.__module__ == module.__name__
            if own and not name.startswith("_"):
                given = inspect.signature(value).parameters.values()
                if any(each.annotation in kinds for each in given):
                    yield f"{found.name}.{name}"


def _cause(context: Context, of: Subject) -> str:
    """Return the id of an escalation about somebody."""
    sql = "SELECT id FROM escalation_states WHERE member_id = ?"
    return str(context.store.database.rows(sql, (of.member_id,))[0][0])


def _open_cycle(context: Context, asking: Asking, _: Subject) -> object:
    rules = rulebooks.rules_by_name(context, "neutral", "viet_nam", principal="account:test")
    return cycles.open_cycle(context, asking, YEAR, COMMUNE, rules)


def _open_words(
    opens: Callable[..., object], action: Action
) -> Callable[[Context, Asking, Subject], object]:
    """Return what opens words for who asks, by what they are towards An's year."""

    def ask(context: Context, asking: Asking, of: Subject) -> object:
        roles = TOWARDS[asking.person.account_id]
        return opens(context, asking, of, [NONE], roles=roles, action=action)

    return ask


def _first(of: Subject) -> MilestoneOf:
    return MilestoneOf(of, "1")


_A = Action
COMMANDS: Mapping[str, Command] = {
    "cycles.open_cycle": Command(_A.OPEN_CYCLE, _open_cycle, of_top=True),
    "cycles.close_cycle": Command(
        _A.OPEN_CYCLE,
        lambda here, who, _: cycles.close_cycle(here, who, YEAR, COMMUNE),
        of_top=True,
    ),
    "cycles.require_opener": Command(
        _A.OPEN_CYCLE,
        lambda here, who, _: cycles.require_opener(here, who.person, COMMUNE),
        of_top=True,
    ),
    "cycles.require_openable": Command(
        _A.OPEN_CYCLE,
        lambda here, who, _: cycles.require_openable(
            here,
            who.person,
            YEAR,
            COMMUNE,
            rulebooks.rules_unpublished(here, "neutral", "viet_nam"),
        ),
        of_top=True,
    ),
    "cycles.require_joiner": Command(
        _A.OPEN_CYCLE,
        lambda here, who, _: cycles.require_joiner(here, who.person, YEAR, COMMUNE),
        of_top=True,
    ),
    "takeovers.require_superior": Command(
        _A.TAKE_OVER,
        lambda here, who, _: takeovers.require_superior(here, who.person, YEAR, COMMUNE),
        of_top=True,
    ),
    "takeovers.take_over": Command(
        _A.TAKE_OVER,
        lambda here, who, _: takeovers.take_over(here, who, YEAR, COMMUNE, WORDS),
        of_top=True,
    ),
    "takeovers.void": Command(
        _A.TAKE_OVER,
        lambda here, who, _: takeovers.void(here, who, YEAR, COMMUNE, WORDS),
        of_top=True,
    ),
    "editions.try_edition": Command(
        _A.PUBLISH,
        lambda here, who, _: editions.try_edition(here, who.person, COMMUNE, "kind: x", None),
        of_top=True,
    ),
    "editions.publish_edition": Command(
        _A.PUBLISH,
        lambda here, who, _: editions.publish_edition(here, who, COMMUNE, "kind: x", None),
        of_top=True,
    ),
    "readings.open_words": Command(_A.READ_WORDS, _open_words(readings.open_words, _A.READ_WORDS)),
    "readings.open_with_salts": Command(
        _A.READ_PLAN, _open_words(readings.open_with_salts, _A.READ_PLAN)
    ),
    "reviews.commit": Command(
        _A.COMMIT, lambda here, who, of: reviews.commit(here, who, of, WORDS)
    ),
    "reviews.submit_self_critique": Command(
        _A.SUBMIT_SELF_CRITIQUE,
        lambda here, who, of: reviews.submit_self_critique(here, who, of, WORDS, Marks()),
    ),
    "reviews.criticise": Command(
        _A.CRITICISE, lambda here, who, of: reviews.criticise(here, who, of, WORDS)
    ),
    "reviews.answer": Command(
        _A.ANSWER, lambda here, who, of: reviews.answer(here, who, of, NONE, WORDS)
    ),
    "meetings.suggest_point": Command(
        _A.SUGGEST_POINT, lambda here, who, of: meetings.suggest_point(here, who, of, WORDS)
    ),
    "meetings.answer_point": Command(
        _A.ANSWER, lambda here, who, of: meetings.answer_point(here, who, of, NONE, WORDS)
    ),
    "meetings.hold_meeting": Command(
        _A.HOLD_MEETING,
        lambda here, who, of: meetings.hold_meeting(here, who, of, CELL, lambda *_: (), WORDS),
    ),
    "ratings.propose_rating": Command(
        _A.PROPOSE_RATING,
        lambda here, who, of: ratings.propose_rating(
            here, who, of, Counted(dict(POOR), dict(FIGURES)), WORDS
        ),
    ),
    "ratings.judge_rating": Command(
        _A.DECIDE_RATING,
        lambda here, who, of: ratings.judge_rating(Step.DECISION, here, who, of, "poor", 6, WORDS),
    ),
    "ratings.appraise_rating": Command(
        _A.APPRAISE_RATING,
        lambda here, who, of: ratings.appraise_rating(here, who, of, "poor", 6, WORDS),
    ),
    "ratings.decide_rating": Command(
        _A.DECIDE_RATING,
        lambda here, who, of: ratings.decide_rating(here, who, of, "poor", 6, WORDS),
    ),
    "ratings.return_rating": Command(
        _A.RETURN_RATING, lambda here, who, of: ratings.return_rating(here, who, of, 6, WORDS)
    ),
    "ratings.announce_rating": Command(_A.ANNOUNCE_RATING, ratings.announce_rating),
    "ratings.answer_notice": Command(
        _A.ANSWER_NOTICE, lambda here, who, of: ratings.answer_notice(here, who, of, WORDS)
    ),
    "ratings.make_statement": Command(
        _A.MAKE_STATEMENT, lambda here, who, of: ratings.make_statement(here, who, of, WORDS)
    ),
    "ratings.reopen_review": Command(
        _A.REOPEN_REVIEW,
        lambda here, who, of: ratings.reopen_review(here, who, of, "fault_found", None, WORDS),
    ),
    "deadlines.move_deadline": Command(
        _A.MOVE_DEADLINE,
        lambda here, who, of: deadlines.move_deadline(here, who, of, "decision", DAY, WORDS),
    ),
    "deadlines.waive_step": Command(
        _A.WAIVE_STEP,
        lambda here, who, of: deadlines.waive_step(here, who, of, "self_critique", "", WORDS),
    ),
    "deadlines.end_unrated": Command(
        _A.END_REVIEW, lambda here, who, of: deadlines.end_unrated(here, who, of, WORDS)
    ),
    "deadlines.undo_unrated": Command(
        _A.END_REVIEW, lambda here, who, of: deadlines.undo_unrated(here, who, of, WORDS)
    ),
    "plans.propose_plan": Command(
        _A.PROPOSE_PLAN, lambda here, who, of: plans.propose_plan(here, who, of, WORDS, ())
    ),
    "plans.agree_to_plan": Command(
        _A.JUDGE_PLAN, lambda here, who, of: plans.agree_to_plan(here, who, of, 2, FOLLOWER)
    ),
    "plans.name_follower": Command(
        _A.JUDGE_PLAN, lambda here, who, of: plans.name_follower(here, who, of, FOLLOWER)
    ),
    "plans.return_plan": Command(
        _A.JUDGE_PLAN, lambda here, who, of: plans.return_plan(here, who, of, 2, WORDS)
    ),
    "milestones.hand_in_evidence": Command(
        _A.HAND_IN_EVIDENCE,
        lambda here, who, of: milestones.hand_in_evidence(here, who, _first(of), (), WORDS),
    ),
    "milestones.approve_milestone": Command(
        _A.JUDGE_EVIDENCE,
        lambda here, who, of: milestones.approve_milestone(here, who, _first(of), 4, WORDS),
    ),
    "milestones.ask_for_more": Command(
        _A.JUDGE_EVIDENCE,
        lambda here, who, of: milestones.ask_for_more(here, who, _first(of), 4, WORDS),
    ),
    "milestones.return_milestone": Command(
        _A.JUDGE_EVIDENCE,
        lambda here, who, of: milestones.return_milestone(here, who, _first(of), 4, WORDS),
    ),
    "milestones.extend_milestone": Command(
        _A.JUDGE_EVIDENCE,
        lambda here, who, of: milestones.extend_milestone(here, who, _first(of), DAY, WORDS),
    ),
    "milestones.withdraw_decision": Command(
        _A.JUDGE_EVIDENCE,
        lambda here, who, of: milestones.withdraw_decision(here, who, _first(of)),
    ),
    "escalations.acknowledge": Command(
        _A.ACKNOWLEDGE,
        lambda here, who, of: escalations.acknowledge(here, who, _cause(here, of), WORDS),
    ),
}
