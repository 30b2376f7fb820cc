"""Every edition that we ship, and facts that each could be told of somebody."""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from msgspec import UNSET

from events.definitions.event import Code
from events.definitions.records import Facts
from events.domain.rulebook import validity
from events.domain.rulebook.rulebook import Clause, Criterion, Rulebook
from events.domain.rulebook.variables import COUNTED
from events.store import reference

FIGURES_MOST = 40  # so that shares come near their cut-offs

EDITIONS = {
    name: validity.read(reference.shipped_document("rulebook", name))
    for name in reference.shipped_names("rulebook")
}


def clauses_of(rulebook: Rulebook) -> tuple[Clause, ...]:
    return (*rulebook.rules, *rulebook.limits)


def groups_of(rulebook: Rulebook) -> list[str]:
    return [each.id for each in rulebook.groups if each.reviewed] or [""]


def marks_of(criterion: Criterion) -> list[int]:
    """Return every number of points that a criterion may be given, from the least."""
    degrees = [each.points for each in reversed(criterion.degrees)]
    return degrees or list(range(criterion.points_max + 1))


def facts_of(rulebook: Rulebook) -> SearchStrategy[Facts]:
    """Facts that an edition could be told of somebody."""
    return st.sampled_from(groups_of(rulebook)).flatmap(lambda group: _facts(rulebook, group))


@st.composite
def _facts(draw: st.DrawFn, rulebook: Rulebook, group: str) -> Facts:
    criteria = rulebook.criteria_for(group)
    figures: dict[str, int] = {}
    for each in rulebook.figures_for(group):
        limit = figures[each.at_most] if isinstance(each.at_most, str) else each.at_most
        most = min(limit, FIGURES_MOST)
        figures[each.id] = draw(st.integers(each.at_least, most) | st.just(most))
    return Facts(
        points={each.id: draw(st.sampled_from(marks_of(each))) for each in criteria},
        figures=figures,
        disciplined=draw(st.booleans()),
        earlier_faults_open=draw(st.integers(0, 2)),
        group=Code(group) if group else UNSET,
        counted={name: draw(st.integers(0, 3) | st.integers(80, 100)) for name in COUNTED},
    )
