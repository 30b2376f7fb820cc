"""Whether a rating came about as the rules want it: what an auditor recomputes from history.

Total on every history: whatever is missing or out of order is told, and nothing is raised.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from events.definitions.entry import Recorded, Sequenced
from events.definitions.records import Appraisal
from events.definitions.review import RatingAppraised, RatingDecided, RatingProposed
from events.domain.aggregate.folding import Taken
from events.domain.aggregate.rejections import CommandRejected
from events.domain.organisation import succession, timelines, unit
from events.domain.review import review
from events.domain.review.state import Rated, State
from events.domain.rulebook import rating
from events.domain.rulebook.conditions import ConditionFailed
from events.domain.steps import At, Step
from events.domain.year.competence import is_competent
from events.domain.year.rules import Rules, require_decidable, require_governed
from events.identifiers import Stream, UnitId

TAKEN_AS = {"proposer": Step.PROPOSAL, "decider": Step.DECISION}  # what a hand is checked for


class Check(NamedTuple):
    """One thing that must be so for a rating to stand."""

    name: str  # stable: "order", "proposal_recomputed", …
    passed: bool
    detail: str  # what was found, in words


def review_with_successions(history: Iterable[Recorded | Sequenced], stream: Stream) -> State:
    """Return a review with who acted when for units that were dissolved.

    `history` holds the review's stream and those of units on its path, in the log's order: what
    was told of a unit holds for the steps that came after.
    """
    state, units = review.EMPTY, dict[UnitId, timelines.State]()
    for each in history:
        kind, _, unit_id = each.entry.stream.partition("-")
        if each.entry.stream == stream:
            state = review.evolve(state, each)
        elif kind == "unit":
            about = UnitId(unit_id)
            units[about] = unit.evolve(units.get(about, timelines.EMPTY), each)
            state = state.with_successor(about, succession.successor_in(units[about]))
    return state


def ratings(state: State) -> Iterator[State]:
    """Iterate over the review as it was for each rating that was decided, the last one last."""
    for rated in state.superseded:
        yield _rewind(state, rated)
    if state.decision:
        yield state


def check_rating(state: State, rules: Rules) -> tuple[Check, ...]:
    """Return everything that was checked of a decided rating, in the order of its steps.

    Of a review that was rated more than once, the last rating is judged; `ratings` gives the
    state for each of them. Whether the cap had room is no check here: this calculus knows
    no cap.
    """
    return tuple(_checks(state, rules))


def failed_checks(state: State, rules: Rules) -> tuple[Check, ...]:
    """Return the checks that a decided rating does not pass; none, when it is verified."""
    return tuple(check for check in check_rating(state, rules) if not check.passed)


def _checks(state: State, rules: Rules) -> Iterator[Check]:
    opened, proposal, decision = state.opened, state.proposal, state.decision
    if opened is None or proposal is None or decision is None:
        yield Check("steps", passed=False, detail="opening, proposal or decision is missing")
        return
    pinned, proposed, decided = opened.fact, proposal.fact, decision.fact
    same = (pinned.rulebook, pinned.calendar) == (rules.source.rulebook, rules.source.calendar)
    yield Check("documents", same, "the rules are those pinned at opening")
    yield _check_allowed(
        "edition_governs",
        lambda: require_governed(pinned.period, rules),
        f"the edition is one for {pinned.period}",
    )
    yield _order(state, proposal, decision.version)
    yield _answers(state, proposal)
    if Step.MEETING in state.steps:
        yield _meetings(state, proposal)
    yield _check_outcome(proposed, rules)
    yield _check_hand(
        "proposer", proposal, state, state.units_above_before(proposal.version), rules
    )
    if Step.APPRAISAL in state.steps:
        yield _check_appraisals(state, proposal, decision, rules)
    yield _check_hand(
        "decider", decision, state, state.units_above_before(decision.version)[-1:], rules
    )
    judged = state.barred_from_decision
    another = not decided.by.is_one_of(judged)
    yield Check("decided_by_another", another, f"{', '.join(judged)} had proposed or appraised")
    yield _check_allowed(
        "decided_in_time",
        lambda: require_decidable(pinned.period, rules, decision.at),
        f"decided at {decision.at:%Y-%m-%d %H:%M}Z",
    )
    saw = decided.proposal_version == proposal.version
    yield Check("proposal_seen", saw, f"decided on the proposal at {decided.proposal_version}")
    yield from _level_checks(proposed, decided, rules)
    reasoned = decided.level == proposed.outcome.level or decided.text is not UNSET
    told = f"proposed {proposed.outcome.level}, decided {decided.level}"
    yield Check("reasoned", reasoned, told)


def _level_checks(
    proposed: RatingProposed, decided: RatingDecided, rules: Rules
) -> Iterator[Check]:
    """Check that the rulebook has the level, and that none of its limits forbids it."""
    known = decided.level in {level.id for level in rules.rulebook.levels}
    yield Check("level_known", known, f"the level is {decided.level}")
    weighed = {each.limit: each.ground for each in decided.weighed or ()}
    best = rating.best_allowed(rules.rulebook, proposed.outcome, weighed)
    within = not known or rules.rulebook.rank(decided.level) >= best
    most = rules.rulebook.levels[best].id
    told = "".join(f", weighing {limit}: {ground}" for limit, ground in weighed.items())
    yield Check("within_limits", within, f"limits allow {most}, decided {decided.level}{told}")


def _order(state: State, proposal: Taken[RatingProposed], decided: int) -> Check:
    """Check that each step stood before the next: a self-critique, or a waiver, before all."""
    first = state.opened.version if state.opened else 0
    critique = _critique_at(state, proposal.version)
    written = [critique] if Step.SELF_CRITIQUE in state.steps else []
    after = [each.version for each in (state.reopening, proposal) if each]
    announced = state.announcement.version if state.announcement else decided + 1
    stood = all(a < b for a, b in pairwise((0, first, *written, *after, decided, announced)))
    return Check(
        "order", stood, f"critique at {critique}, proposal at {proposal.version}, then {decided}"
    )


def _critique_at(state: State, proposed: int) -> int:
    """Return where a self-critique was handed in, or waived, before a proposal; 0 where neither."""
    critiques = () if state.self_critique is None else (state.self_critique,)
    waived = state.waivers_of(Step.SELF_CRITIQUE)
    told = (each.version for each in (*critiques, *waived) if each.version < proposed)
    return min(told, default=0)


def _meetings(state: State, proposal: Taken[RatingProposed]) -> Check:
    """Check that the review was held before every unit where it was to be, before the proposal."""
    held = {each.fact.place for each in state.meetings if each.version < proposal.version}
    waived = state.is_waived(Step.MEETING, before=proposal.version)
    left = [place for place in state.venues if place not in held and not waived]
    return Check("meetings", not left, f"held in {len(held)} units, {len(left)} are left")


def _check_appraisals(
    state: State, proposal: Taken[RatingProposed], decision: Taken[RatingDecided], rules: Rules
) -> Check:
    """Check that each appraisal was given or waived, after the one before and ere the decision."""
    passed, told, after = True, list[str](), proposal.version
    for asked in state.appraisals_asked:
        given = next((e for e in state.appraisals if e.fact.item == asked.item), None)
        waived = _waived_at(state, asked.item, proposal.version, decision.version)
        if given is None and not waived:
            return Check("appraised", passed=False, detail="nobody appraised the proposal")
        if given is None:
            told.append("the appraisal was waived")
        else:
            stood = after < given.version < decision.version
            passed = passed and stood and _is_of_another(state, given, asked, decision, rules)
            by = given.fact.by
            told.append(f"{by.post} of {by.unit_id} at {given.version}")
        after = min((*waived, *([given.version] if given else [])))
    return Check("appraised", passed, "; ".join(told))


def _waived_at(state: State, item: str, proposed: int, decided: int) -> list[int]:
    """Return where an appraisal of a proposal was waived, before the decision on it."""
    told = (e.version for e in state.waivers_of(Step.APPRAISAL) if e.fact.item == item)
    return [version for version in told if proposed < version < decided]


def _is_of_another(
    state: State,
    given: Taken[RatingAppraised],
    asked: Appraisal,
    decision: Taken[RatingDecided],
    rules: Rules,
) -> bool:
    """Tell whether an appraisal is by a post of its place, of somebody who took nothing else."""
    by, step = given.fact.by, Step.APPRAISAL
    units = At(asked.at).units_of(state.units_above_before(given.version))
    others = {*decision.fact.by.eyes, *state.barred_from(step, asked.item)}
    own = by.is_one_of(others) or state.is_of(by, before=given.version)
    return is_competent(by, units, rules, step, asked.item) and not own


def _answers(state: State, proposal: Taken[RatingProposed]) -> Check:
    """Check that every criticism was answered or its time over, and a statement made, before."""
    answered = {a.fact.criticism_id for a in state.answers if a.version < proposal.version}
    hurried = [
        criticism
        for criticism in state.criticisms
        if criticism.fact.criticism_id not in answered
        and (
            criticism.version > proposal.version
            or state.criticism_due_at(criticism.fact, before=proposal.version) >= proposal.at
        )
    ]
    told = {a.fact.point_id for a in state.point_answers if a.version < proposal.version}
    waived = state.waivers_of(Step.SUGGESTION_ANSWER)
    told |= {each.fact.item for each in waived if each.version < proposal.version}
    open_points = [point for point in state.points if point.fact.point_id not in told]
    heard = _heard_before(state, proposal.version)
    detail = (
        f"{len(state.criticisms)} criticisms, {len(hurried)} without time for an answer; "
        f"{len(state.points)} suggested points, {len(open_points)} not answered"
        f"{'' if heard else '; nobody waited for a statement on the ground'}"
    )
    return Check("right_to_answer", heard and not hurried and not open_points, detail)


def _heard_before(state: State, proposed: int) -> bool:
    """Tell whether a statement was made or waived before a proposal, where one was asked for."""
    if not state.is_heard:
        return True
    waived = state.is_waived(Step.STATEMENT, before=proposed)
    return waived or any(each.version < proposed for each in state.statements_now)


def _check_outcome(proposed: RatingProposed, rules: Rules) -> Check:
    try:
        outcome = rating.outcome(rules.rulebook, proposed.facts)
    except (CommandRejected, ConditionFailed) as error:
        return Check("proposal_recomputed", passed=False, detail=str(error))
    detail = f"recomputed {outcome.level} of {outcome.total} points"
    return Check("proposal_recomputed", outcome == proposed.outcome, detail)


def _check_allowed(name: str, require: Callable[[], None], detail: str) -> Check:
    """Check what the law asks for as well, with its reason where that refuses."""
    try:
        require()
    except CommandRejected as rejected:
        return Check(name, passed=False, detail=str(rejected))
    return Check(name, passed=True, detail=detail)


def _check_hand(
    name: str,
    taken: Taken[RatingProposed] | Taken[RatingDecided],
    state: State,
    units: tuple[UnitId, ...],
    rules: Rules,
) -> Check:
    by, step = taken.fact.by, TAKEN_AS[name]
    competent = is_competent(by, units, rules, step)
    passed = competent and not state.is_of(by, before=taken.version)
    return Check(name, passed, f"{by.post} of {by.unit_id}, {' for '.join(by.eyes)}")


def _rewind(state: State, rated: Rated) -> State:
    """Return a review without what came after one of its earlier ratings was decided."""
    assert rated.decision, "only what was decided is judged"
    end = rated.decision.version
    told = {
        name: tuple(each for each in value if not isinstance(each, Taken) or each.version < end)
        for name, value in msgspec.structs.asdict(state).items()
        if isinstance(value, tuple)
    }
    return msgspec.structs.replace(state, **told | msgspec.structs.asdict(rated))
