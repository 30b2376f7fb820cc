"""Before whom a missed deadline is laid: rung by rung, on the way up that its review or plan goes.

A ladder of rungs stands in the rulebook. A miss is laid before the first rung above whoever missed
it; when nobody there takes it up in time, it goes one rung further, up to the last.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from events.definitions.deadline import DeadlineMissed
from events.definitions.escalation import EscalationMoved, EscalationPassedOn, EscalationRaised
from events.definitions.event import Code
from events.definitions.records import Label
from events.domain.escalation.escalation import State
from events.domain.escalation.lateness import Late
from events.domain.rulebook.rulebook import Rung
from events.domain.year.rules import Rules
from events.identifiers import UnitId


def raise_for(
    missed: DeadlineMissed,
    *,
    cause: str,
    late: Late,
    path: tuple[UnitId, ...],
    rules: Rules,
    now: datetime,
    alone: Collection[UnitId] = (),
) -> EscalationRaised:
    """Return the escalation of a missed deadline, laid before the first rung above who was late.

    Args:
        missed: what was told of the deadline.
        cause: the id of that event.
        late: whose step it was.
        path: from the member's own unit up to the one that decides, as pinned; for units dissolved
            since it names who acts for them.
        rules: by which the review or plan goes on.
        now: from when on it is to be taken up.
        alone: units in which nobody but who was late holds an office; they are passed over.
    """
    rung = _first_rung(1, (*late.units, *alone), path, rules)
    unit_id, post, due_at = _addressee(rules.rulebook.rungs[rung - 1], path, rules, now)
    return EscalationRaised(
        cause=Label(cause),
        subject=missed.subject,
        step=missed.step,
        item=missed.item,
        due_at=missed.due_at,
        path=path,
        rulebook=rules.source.rulebook,
        calendar=rules.source.calendar,
        rung=rung,
        unit_id=unit_id,
        post=post,
        acknowledge_due_at=due_at,
    )


def pass_on(
    state: State, rules: Rules, *, now: datetime, alone: Collection[UnitId] = ()
) -> EscalationPassedOn | None:
    """Return the step to the next rung; None when it was taken up, or lies on the last one.

    Units in which nobody but who was late holds an office (`alone`) are passed over.
    """
    if state.raised is None or not state.open or state.acknowledged:
        return None
    raised = state.raised.fact
    path = state.acting_units(state.path)
    rung = next(_rungs_from(state.laid[-1].rung + 1, alone, path, rules), None)
    if rung is None:
        return None
    unit_id, post, due_at = _addressee(rules.rulebook.rungs[rung - 1], path, rules, now)
    return EscalationPassedOn(
        cause=raised.cause, rung=rung, unit_id=unit_id, post=post, acknowledge_due_at=due_at
    )


def move(
    state: State,
    *,
    late: Late,
    path: tuple[UnitId, ...],
    rules: Rules,
    now: datetime,
    alone: Collection[UnitId] = (),
) -> EscalationMoved | None:
    """Return that an escalation goes another way up, `path`; None where it goes it, or is over.

    It is laid on the rung where it lay. Who took it up goes on with it where that way leads by
    them; else it is to be taken up again.
    """
    if state.raised is None or not state.open or path == state.path:
        return None
    rung = _first_rung(state.laid[-1].rung, (*late.units, *alone), path, rules)
    unit_id, post, due_at = _addressee(rules.rulebook.rungs[rung - 1], path, rules, now)
    return EscalationMoved(
        cause=state.raised.fact.cause,
        path=path,
        rung=rung,
        unit_id=unit_id,
        post=post,
        acknowledge_due_at=due_at,
    )


def _first_rung(
    first: int, without: Collection[UnitId], path: tuple[UnitId, ...], rules: Rules
) -> int:
    """Return the first rung from one on that lies in none of some units; else the last one."""
    return next(_rungs_from(first, without, path, rules), len(rules.rulebook.rungs))


def _rungs_from(
    first: int, without: Collection[UnitId], path: tuple[UnitId, ...], rules: Rules
) -> Iterator[int]:
    """Iterate over the rungs from one on that lie in none of some units."""
    rungs = enumerate(rules.rulebook.rungs, 1)
    return (n for n, rung in rungs if n >= first and rung.unit_in(path) not in without)


def _addressee(
    rung: Rung, path: tuple[UnitId, ...], rules: Rules, now: datetime
) -> tuple[UnitId, Code, datetime]:
    due_at = rules.after(now, rung.working_days)
    return rung.unit_in(path), Code(rung.post), due_at
