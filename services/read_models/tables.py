"""The tables of the projections. Each build of a projection has a table of its own.

The edition of the code and the number of the build are part of a table's name; a view with the
plain name is what queries read, so that a rebuild takes over in one transaction.
"""

from collections.abc import Callable

import msgspec
import sqlalchemy as sa

from events.domain.member import ENROLLED
from events.domain.timelines import State
from events.store.database import Row

_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(State)

TableOf = Callable[[str], sa.Table]


def member_states(table_name: str) -> sa.Table:
    """Return the table of one build: a row a member, folded from the member's stream."""
    return sa.Table(
        table_name,
        sa.MetaData(),
        sa.Column("member_id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),  # of the stream, as far as folded
        sa.Column("position", sa.BigInteger, nullable=False),  # of the last event folded
        sa.Column("unit_id", sa.Text, index=True),
        sa.Column("enrolled", sa.Boolean, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),  # everything told, as JSON
    )


def unit_states(table_name: str) -> sa.Table:
    """Return the table of one build: a row a unit, folded from the unit's stream."""
    return sa.Table(
        table_name,
        sa.MetaData(),
        sa.Column("unit_id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("parent_id", sa.Text, index=True),
        sa.Column("formed", sa.Boolean, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
    )


def member_row(member_id: str, position: int, state: State) -> Row:
    """Return a member's row, in the order of the columns."""
    enrolled = state.value("membership") == ENROLLED
    encoded = _encoder.encode(state)
    return member_id, state.version, position, state.value("unit"), enrolled, encoded


def unit_row(unit_id: str, position: int, state: State) -> Row:
    """Return a unit's row, in the order of the columns."""
    formed = state.value("existence") is not None
    encoded = _encoder.encode(state)
    return unit_id, state.version, position, state.value("parent"), formed, encoded


def state_in(row: Row) -> State:
    """Return the state that a row of either table holds; it is the last column."""
    return _decoder.decode(row[-1])
