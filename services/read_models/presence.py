"""Who of those that a list is about is away, as projected."""

from collections.abc import Container, Iterable, Mapping

from events.definitions.deadline import Excuse
from events.domain.organisation import member, presence
from events.domain.organisation.member import Reasons
from events.store.database import Row, Transaction
from services.read_models.states import MEMBERS, REVIEWS, UNITS, Kind

_UNOPENED: Reasons = {}  # for whatever reason: a list opens none

Excuses = Mapping[str, Excuse]  # by who is


def excuses_of(
    transaction: Transaction, kinds: Container[Kind], subjects: Iterable[str]
) -> Excuses:
    """Return which of some members and units are away, and why; absent for whatever reason."""
    wanted = sorted(set(subjects))
    found: dict[str, Excuse | None] = {}
    if wanted and MEMBERS in kinds:
        sql = "SELECT member_id, state FROM member_states WHERE member_id IN ?"
        for row in transaction.rows_in(sql, wanted):
            found[row[0]] = presence.of_member(member.view(MEMBERS.state_in(row)), (), _UNOPENED)
    if wanted and UNITS in kinds:
        sql = "SELECT unit_id, state FROM unit_states WHERE unit_id IN ?"
        for row in transaction.rows_in(sql, wanted):
            found[row[0]] = presence.of_unit(UNITS.state_in(row))
    return {subject: why for subject, why in found.items() if why}


def is_over(kind: Kind, row: Row, gone: Excuses) -> bool:
    """Tell whether a review waits for nobody: of who left or is exempt, before its decision.

    A row holds the id of its subject third, and its state last.
    """
    if kind is not REVIEWS or gone.get(row[2], Excuse.ABSENT) is Excuse.ABSENT:
        return False
    state = kind.state_in(row)
    return not (state.decision or state.reopening)
