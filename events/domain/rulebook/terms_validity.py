"""Whether the terms of a rulebook are sound: groups, meetings, cap, votes and the like."""

from collections.abc import Iterator
from itertools import chain

from events.domain.documents.periods import Cadence
from events.domain.documents.problems import Problem, repetitions
from events.domain.rulebook.grounds import Needs, Reopener
from events.domain.rulebook.rulebook import (
    DAYS_BEFORE_END_OF_QUARTER_MAX,
    Clause,
    Criterion,
    Figure,
    Rulebook,
)
from events.domain.rulebook.terms import Cited, Seat, Why
from events.domain.steps import Step


def problems(rulebook: Rulebook) -> Iterator[Problem]:
    """Iterate over everything that is wrong in a rulebook's terms."""
    checks = (
        *(_years, _groups, _unknown_groups, _exemptions, _meetings, _collectives),
        *(_competence, _cap, _votes, _reopening, _extensions, _citations),
    )
    return chain.from_iterable(check(rulebook) for check in checks)


def _extensions(rulebook: Rulebook) -> Iterator[Problem]:
    terms, notice = rulebook.extensions, rulebook.notice_working_days
    if terms and terms.working_days < notice:
        yield Problem("extensions.working_days", "shorter_than_notice", least=notice)


def _years(rulebook: Rulebook) -> Iterator[Problem]:
    first, last = rulebook.first_year, rulebook.last_year
    if first and last and last < first:
        yield Problem("last_year", "years_backwards", first=first, last=last)
    most = DAYS_BEFORE_END_OF_QUARTER_MAX
    if rulebook.cadence is Cadence.QUARTER and rulebook.decision_days_before_end > most:
        yield Problem("decision_days_before_end", "days_before_quarter", most=most)


def _groups(rulebook: Rulebook) -> Iterator[Problem]:
    groups = rulebook.groups
    yield from repetitions((each.id for each in groups), "groups")
    units = rulebook.collectives.group if rulebook.collectives else ""
    for group in groups[:-1]:
        if group.id != units and not group.posts and not group.unit_kinds:
            yield Problem(f"groups.{group.id}", "group_of_nobody")
    if groups and (groups[-1].posts or groups[-1].unit_kinds):
        yield Problem(f"groups.{groups[-1].id}", "last_group")
    if groups and not any(each.reviewed for each in groups):
        yield Problem("groups", "nobody_reviewed")


def _unknown_groups(rulebook: Rulebook) -> Iterator[Problem]:
    """Iterate over whatever is for a group that there is not."""
    known = {each.id for each in rulebook.groups}
    parts: dict[str, tuple[Criterion | Figure | Clause, ...]] = {
        "criteria": rulebook.criteria,
        "figures": rulebook.figures,
        "rules": rulebook.rules,
        "limits": rulebook.limits,
    }
    for kind, several in parts.items():
        for each in several:
            for group in sorted(set(each.groups) - known):
                yield Problem(f"{kind}.{each.id}.groups", "no_group", group=group)


def _exemptions(rulebook: Rulebook) -> Iterator[Problem]:
    yield from repetitions((each.why.value for each in rulebook.exemptions), "exemptions")
    for each in rulebook.exemptions:
        if (each.why is Why.NEW) is (each.months is None):
            yield Problem("exemptions", "months_of_new")


def _meetings(rulebook: Rulebook) -> Iterator[Problem]:
    if (rulebook.meetings is None) is rulebook.has(Step.MEETING):
        yield Problem("meetings", "meetings_without_step")


def _collectives(rulebook: Rulebook) -> Iterator[Problem]:
    terms = rulebook.collectives
    if terms is None:
        return
    named = {each.id: each for each in rulebook.groups[:-1]}
    group = named.get(terms.group)
    if group is None:
        yield Problem("collectives.group", "group_of_collectives")
    elif group.posts or group.unit_kinds or not group.reviewed:
        yield Problem(f"groups.{group.id}", "group_of_units")


def _competence(rulebook: Rulebook) -> Iterator[Problem]:
    known, told = {each.id for each in rulebook.groups}, set[str]()
    for number, each in enumerate(rulebook.competence):
        path = f"competence[{number}]"
        for group in sorted(set(each.groups) - known):
            yield Problem(f"{path}.groups", "no_group", group=group)
        if "" in told or told.issuperset(each.groups or known or {""}):
            yield Problem(path, "competence_never_reached")
        told.update(each.groups or ("",))
        for name, judge in (("proposes", each.proposes), ("decides", each.decides)):
            if (judge.seat is Seat.KIND) is not bool(judge.unit_kinds):
                yield Problem(f"{path}.{name}", "seat_of_a_kind")


def _cap(rulebook: Rulebook) -> Iterator[Problem]:
    cap = rulebook.cap
    if cap is None:
        return
    known = [each.id for each in rulebook.levels]
    if cap.level not in known[:-1]:
        yield Problem("cap.level", "capped_level", known=", ".join(known[:-1]))
    if cap.raised_to_percent is not None and cap.raised_to_percent < cap.share_percent:
        yield Problem("cap.raised_to_percent", "raised_below_share")


def _votes(rulebook: Rulebook) -> Iterator[Problem]:
    known = [each.id for each in rulebook.levels]
    for each in rulebook.votes.thresholds if rulebook.votes else ():
        if each.level not in known:
            yield Problem("votes.thresholds", "no_level", level=each.level, known=", ".join(known))
        if each.parts > each.of:
            yield Problem("votes.thresholds", "more_than_everybody", level=each.level)


def _reopening(rulebook: Rulebook) -> Iterator[Problem]:
    """Iterate over what is wrong with the grounds on which a rating is given again."""
    grounds, called = rulebook.stated_reopening, dict[str, str]()
    if grounds is None:
        return
    if not grounds:
        yield Problem("reopening", "nothing_reopens")
    yield from repetitions((each.id for each in grounds), "reopening")
    for each in grounds:
        path = f"reopening.{each.id}"
        if not each.who:
            yield Problem(f"{path}.who", "nobody_reopens", known=", ".join(Reopener))
        if each.id in tuple(Needs) and each.id != each.needs:
            yield Problem(f"{path}.needs", "ground_of_another", id=each.id, needs=each.needs)
        for said in dict.fromkeys((each.label.vi, each.label.en)):
            if called.setdefault(said, each.id) != each.id:
                yield Problem(f"{path}.label", "label_twice", label=said, other=called[said])


def _citations(rulebook: Rulebook) -> Iterator[Problem]:
    told: dict[str, Cited | None] = {
        "meetings": rulebook.meetings,
        "collectives": rulebook.collectives,
        "cap": rulebook.cap,
        "votes": rulebook.votes,
        "appeal": rulebook.appeal,
        "retention": rulebook.retention,
        "extensions": rulebook.extensions,
        **{f"exemptions[{n}]": each for n, each in enumerate(rulebook.exemptions)},
        **{f"competence[{n}]": each for n, each in enumerate(rulebook.competence)},
        **{f"reopening.{each.id}": each for each in rulebook.stated_reopening or ()},
    }
    for path, term in told.items():
        if term is not None and not term.citation.strip():
            yield Problem(f"{path}.citation", "no_citation")
