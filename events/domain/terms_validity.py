"""Whether the terms of a rulebook are sound: groups, meetings, cap, votes and the like."""

from collections.abc import Iterator
from itertools import chain

from events.domain.editions import Problem, repeated
from events.domain.rulebook import Clause, Criterion, Figure, Rulebook
from events.domain.terms import Cited, Why


def problems(rulebook: Rulebook) -> Iterator[Problem]:
    """Iterate over everything that is wrong in a rulebook's terms."""
    checks = (
        *(_years, _groups, _grouped, _exemptions, _meetings, _collectives),
        *(_cap, _votes, _citations),
    )
    return chain.from_iterable(check(rulebook) for check in checks)


def _years(rulebook: Rulebook) -> Iterator[Problem]:
    first, last = rulebook.first_year, rulebook.last_year
    if first and last and last < first:
        yield Problem("last_year", f"{last} is before first_year, {first}")


def _groups(rulebook: Rulebook) -> Iterator[Problem]:
    groups = rulebook.groups
    yield from repeated((each.id for each in groups), "groups")
    units = rulebook.collectives.group if rulebook.collectives else ""
    for group in groups[:-1]:
        if group.id != units and not group.posts and not group.unit_kinds:
            yield Problem(f"groups.{group.id}", "is nobody; say by which posts or unit_kinds")
    if groups and (groups[-1].posts or groups[-1].unit_kinds):
        yield Problem(f"groups.{groups[-1].id}", "is the last one: everybody else, so leave these")
    if groups and not any(each.reviewed for each in groups):
        yield Problem("groups", "are all not reviewed; somebody must be")


def _grouped(rulebook: Rulebook) -> Iterator[Problem]:
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
                yield Problem(f"{kind}.{each.id}.groups", f"{group} is no group of this rulebook")


def _exemptions(rulebook: Rulebook) -> Iterator[Problem]:
    yield from repeated((each.why.value for each in rulebook.exemptions), "exemptions")
    for each in rulebook.exemptions:
        if (each.why is Why.NEW) is (each.months is None):
            yield Problem("exemptions", "months goes with new: for how long somebody counts so")


def _meetings(rulebook: Rulebook) -> Iterator[Problem]:
    if (rulebook.meetings is None) is ("meeting" in rulebook.steps):
        yield Problem("meetings", "goes with the step meeting: say both or none")


def _collectives(rulebook: Rulebook) -> Iterator[Problem]:
    terms = rulebook.collectives
    if terms is None:
        return
    named = {each.id: each for each in rulebook.groups[:-1]}
    group = named.get(terms.group)
    if group is None:
        yield Problem("collectives.group", "must be one of the groups, and not the last one")
    elif group.posts or group.unit_kinds or not group.reviewed:
        yield Problem(f"groups.{group.id}", "is of units: leave out posts, unit_kinds and reviewed")


def _cap(rulebook: Rulebook) -> Iterator[Problem]:
    cap = rulebook.cap
    if cap is None:
        return
    known = [each.id for each in rulebook.levels]
    if cap.level not in known[:-1]:
        yield Problem("cap.level", f"must be one of {', '.join(known[:-1])}")
    if cap.raised_to_percent is not None and cap.raised_to_percent < cap.share_percent:
        yield Problem("cap.raised_to_percent", "is less than share_percent")


def _votes(rulebook: Rulebook) -> Iterator[Problem]:
    known = [each.id for each in rulebook.levels]
    for each in rulebook.votes.thresholds if rulebook.votes else ():
        if each.level not in known:
            yield Problem("votes.thresholds", f"{each.level} is no level")
        if each.parts > each.of:
            yield Problem("votes.thresholds", f"{each.level} needs more than everybody")


def _citations(rulebook: Rulebook) -> Iterator[Problem]:
    told: dict[str, Cited | None] = {
        "meetings": rulebook.meetings,
        "collectives": rulebook.collectives,
        "cap": rulebook.cap,
        "votes": rulebook.votes,
        "appeal": rulebook.appeal,
        "retention": rulebook.retention,
        **{f"exemptions[{n}]": each for n, each in enumerate(rulebook.exemptions)},
    }
    for path, term in told.items():
        if term is not None and not term.citation.strip():
            yield Problem(f"{path}.citation", "is empty; say what it rests on")
