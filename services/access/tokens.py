"""Bearer tokens of other systems: made once, shown once, stored as a hash."""

import base64
import hashlib
import re
from collections.abc import Collection
from datetime import datetime

import msgspec
import sqlalchemy as sa

from events.definitions.access import EVERYTHING, matches_any
from events.definitions.catalogue import CATALOGUE
from events.definitions.event import Origin
from events.errors import TusoiError
from events.identifiers import new_id
from events.store.database import Database, Row, Transaction, microseconds, moment
from services.access.seals import is_ours, note_forgery, seal_of
from services.context import Context

SECRET_BYTES = 32  # drawn at random, so one hash is enough: there is nothing to guess
PRINCIPAL = "token:"  # begins how facts and lines name who holds one
PREFIX = "tusoi_"  # so that secret scanners find a token that leaked
NAME_MAX = 100
SOURCE_PATTERN = re.compile(r"[!-)+-~]{1,200}")  # what intake takes, without `*`: it means itself

table = sa.Table(
    "tokens",
    sa.MetaData(),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text),
    sa.Column("digest", sa.LargeBinary),
    sa.Column("grants", sa.Text),
    sa.Column("createdat", sa.BigInteger),
    sa.Column("revokedat", sa.BigInteger),
    sa.Column("seal", sa.LargeBinary),
)
ROW = ", ".join(each.name for each in table.columns)

_ALL = "SELECT id, name, grants, createdat, revokedat FROM tokens"


class Grants(msgspec.Struct, frozen=True):
    """What a system may do. Types are exact, end in `.*`, or are `all`; none grants nothing."""

    sends: tuple[str, ...] = ()  # types that it may send to intake
    sources: tuple[str, ...] = ()  # under which `source` it may send them
    reads: tuple[str, ...] = ()  # types that it sees in the feed and in histories
    states: bool = False  # whether it may read states of members and units
    units: tuple[str, ...] = ()  # it sees and tells of these and all below; empty: every unit
    numbering: str = "hr"  # whose numbers it speaks; systems with one numbering share it


class Principal(msgspec.Struct, frozen=True):
    """Who is asking."""

    id: str
    name: str
    grants: Grants

    def may_send(self, event_type: str, source: str) -> bool:
        return source in self.grants.sources and matches_any(event_type, self.grants.sends)

    def may_read(self, event_type: str) -> bool:
        return matches_any(event_type, self.grants.reads)

    def may_count(self, event_type: str) -> bool:
        """Tell whether it may know how many facts there are of whom one of a type is about.

        Whoever is limited to units may where states or entries tell their versions to it. Else a
        version would tell how much there is that it does not see.
        """
        return not self.grants.units or self.grants.states or self.may_read(event_type)


class Token(msgspec.Struct, frozen=True):
    """A token as listed; its secret is not kept."""

    id: str
    name: str
    grants: Grants
    created_at: datetime
    revoked_at: datetime | None


class NotAuthenticated(TusoiError):
    """No token, or one that was never made or was revoked."""

    code = "not_authenticated"


class Forbidden(TusoiError):
    """The token is good, but does not grant this."""

    code = "forbidden"


class GrantsRefused(TusoiError):
    """A token would be granted what there is not, or is another's, and nobody would notice."""

    code = "grants_refused"


class UnknownToken(TusoiError):
    code = "unknown_token"

    def __init__(self, token_id: str) -> None:
        super().__init__(f"no token has the id {token_id}; `tusoi tokens list` shows them")
        self.token_id = token_id


def make(context: Context, name: str, grants: Grants) -> tuple[Token, str]:
    """Make a token and return it with its secret, which can be shown now and never again.

    Raises:
        GrantsRefused: a type or source can match nothing, or others use it; nothing was made.
    """
    _require_matches(grants)
    database, chance = context.store.database, context.chance
    _require_own_sources(database, grants)
    secret = PREFIX + base64.urlsafe_b64encode(chance.bytes(SECRET_BYTES)).rstrip(b"=").decode()
    token = Token(new_id(chance), name[:NAME_MAX], grants, context.clock.now(), None)
    kept = msgspec.json.encode(grants).decode()
    row = (token.id, token.name, _digest(secret), kept, microseconds(token.created_at), None)
    sealed = (*row, seal_of(row, "token", index_key=context.index_key()))
    database.transact(lambda transaction: transaction.insert(table, [sealed]))
    return token, secret


def every(database: Database) -> list[Token]:
    """Return all tokens, revoked ones too, oldest first."""
    return [_token(row) for row in database.rows(f"{_ALL} ORDER BY createdat, id")]


def numberings(database: Database) -> list[str]:
    """Return whose numbers systems speak: the one that goes without saying, and every token's."""
    return sorted({Grants().numbering} | {each.grants.numbering for each in every(database)})


def find(database: Database, token_id: str) -> Token:
    """Return a token. Raises UnknownToken."""
    rows = database.rows(f"{_ALL} WHERE id = ?", (token_id,))
    if not rows:
        raise UnknownToken(token_id)
    return _token(rows[0])


def revoke(context: Context, token_id: str) -> None:
    """Revoke a token from now on. Twice is the same as once.

    Raises:
        UnknownToken: there is none.
    """
    now, index_key = microseconds(context.clock.now()), context.index_key()

    def work(transaction: Transaction) -> None:
        sql = f"SELECT {ROW} FROM tokens WHERE id = ?"
        rows = transaction.rows_for_update(sql, (token_id,))
        if not rows:
            raise UnknownToken(token_id)
        *told, revoked, _ = rows[0]
        if revoked is None:
            # One that is not ours is sealed as revoked too: so it stays out for good.
            sealed = seal_of((*told, now), "token", index_key=index_key)
            change = "UPDATE tokens SET revokedat = ?, seal = ? WHERE id = ?"
            transaction.run(change, (now, sealed, token_id))

    context.store.database.transact(work)


def authenticate(context: Context, secret: str) -> Principal:
    """Return whom a bearer secret belongs to.

    The secret is found by its hash, so the time that this takes tells nothing of any secret.

    Raises:
        NotAuthenticated: it is none of ours, or was revoked.
    """
    sql = f"SELECT {ROW} FROM tokens WHERE digest = ? AND revokedat IS NULL"
    for row in context.store.database.rows(sql, (_digest(secret),)):
        if is_ours(row, "token", index_key=context.index_key()):
            token_id, name, _, grants, *_ = row
            granted = msgspec.json.decode(grants, type=Grants)
            return Principal(f"{PRINCIPAL}{token_id}", name, granted)
        note_forgery(context, "token")
    raise refusal()


def require_unrevoked(database: Database, principal: Principal) -> None:
    """Raise NotAuthenticated where a token was revoked since it was looked at."""
    if find(database, principal.id.removeprefix(PRINCIPAL)).revoked_at is not None:
        raise refusal()


def refusal() -> NotAuthenticated:
    return NotAuthenticated("this token is unknown or revoked: ask for one (`tusoi tokens new`)")


def types_matching(pattern: str) -> frozenset[str]:
    """Return the types that a pattern of grants means; none, if there are no such types.

    >>> len(types_matching("roster.*")) > len(types_matching("roster.unit_formed"))
    True
    >>> types_matching("*") | types_matching("roster.unit_*") | types_matching("Roster.*")
    frozenset()
    """
    types = (each.definition.type for each in CATALOGUE)
    return frozenset(each for each in types if matches_any(each, (pattern,)))


def _require_matches(grants: Grants) -> None:
    every = types_matching(EVERYTHING)
    sent = frozenset(e.definition.type for e in CATALOGUE if e.definition.origin is Origin.OUTSIDE)
    for pattern in grants.sends:
        _require_match(pattern, sent, "that other systems tell")
    for pattern in grants.reads:
        _require_match(pattern, every, "that there is")
        if grants.units:  # it sees facts of members and units alone
            _require_match(pattern, sent, "that a token limited to units sees")
    for source in grants.sources:
        if not SOURCE_PATTERN.fullmatch(source):
            raise GrantsRefused(
                f"no event comes under the source {source!r}: say the `source` that it sends, "
                "letter for letter; give the option once for each"
            )


def _require_own_sources(database: Database, grants: Grants) -> None:
    """Refuse a source under which a token writes that is limited otherwise.

    A source uses each id once: one system would use up, by guessing, those of what it may not see.
    """
    for other in every(database):
        is_apart = set(other.grants.units) != set(grants.units) and other.revoked_at is None
        for source in sorted(set(grants.sources) & set(other.grants.sources)) if is_apart else ():
            raise GrantsRefused(
                f"the token {other.id} ({other.name}) writes about other units under the source "
                f"{source!r}, where each id is used once: give this one a source of its own, or "
                "revoke that one first"
            )


def _require_match(pattern: str, types: frozenset[str], what: str) -> None:
    if not types_matching(pattern) & types:
        prefixes = ", ".join(sorted({f"{each.partition('.')[0]}.*" for each in types}))
        raise GrantsRefused(
            f"{pattern!r} matches no type {what}: say a type that /schemas lists, "
            f"all under a first word ({prefixes}), or `{EVERYTHING}` for every type"
        )


def _token(row: Row) -> Token:
    token_id, name, grants, created, revoked = row
    return Token(
        token_id,
        name,
        msgspec.json.decode(grants, type=Grants),
        moment(created),
        moment(revoked) if revoked is not None else None,
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def in_both(patterns: Collection[str], others: Collection[str]) -> frozenset[str]:
    """Return the patterns of what both of two lists mean.

    >>> sorted(in_both(("roster.*", "plan.opened"), ("all",)))
    ['plan.opened', 'roster.*']
    """
    mine = (each for each in patterns if matches_any(each, others))
    return frozenset(mine) | {each for each in others if matches_any(each, patterns)}
