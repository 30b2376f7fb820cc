"""Whether people and systems may do what was told of them, and none of their rows is forged."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from events.definitions.access import AccountMade, RoleGiven, TokenMade, TokenRevoked
from events.definitions.event import Event
from events.errors import TusoiError
from events.identifiers import account_stream, token_stream
from events.store.database import Row
from events.store.verification import Finding, finding_of, findings_from
from events.vault.sealing import IDENTITY
from services.access import account_rows, rights_told, seals, sessions, tokens
from services.access.account_rows import COLUMNS, MEMBER, SELECTED
from services.access.rights_told import AccountTold
from services.access.tokens import Grants
from services.cli.owner_check import OwnerCheck
from services.context import INDEX_KEY, Context

FORGED = "is not as the service wrote it, and opens to nobody: restore it from a backup"


class AccessCheck:
    """Accounts, tokens and sessions, held to what the log tells of them. Events go in by `see`."""

    def __init__(self, context: Context, owners: OwnerCheck) -> None:
        self._context = context
        self._owners = owners
        self._accounts, self._tokens = set[str](), set[str]()
        self._index_key: bytes | None = None

    def see(self, event: Event) -> None:
        """Remember of which accounts and tokens a fact tells."""
        if isinstance(event, AccountMade | RoleGiven):
            self._accounts.add(event.account_id)
        if isinstance(event, TokenMade):
            self._tokens.add(event.token_id)

    def findings(self) -> Iterator[Finding]:
        """Iterate over what is missing, or is not what was told."""
        self._index_key = self._own_index_key()
        yield from findings_from("the accounts", self._accounts_wrong())
        yield from findings_from("the tokens", self._tokens_wrong())
        yield from findings_from("the sessions", self._sessions_wrong())

    def _accounts_wrong(self) -> Iterator[Finding]:
        rows = self._context.store.database.rows(f"SELECT {SELECTED} FROM accounts")
        kept = {row[0]: row for row in rows}
        for account_id in sorted(kept.keys() | self._accounts, key=str):
            where, stream = f"account {account_id}", account_stream(account_id)
            history = self._context.store.read_stream(stream)
            told = (each.event for each in history.events)
            made = next((each for each in told if isinstance(each, AccountMade)), None)
            if account_id in kept and not self._opens(kept[account_id]):
                yield Finding(where, FORGED)
            if made is None:
                yield Finding(where, "is kept, and nobody told that it was made")
            elif account_id in kept:
                row = dict(zip(COLUMNS, kept[account_id], strict=True))
                yield from _wrong_account(where, made, rights_told.account_in(history), row)
            elif not self._owners.is_ordered(f"member-{made.member_id}", IDENTITY):
                yield Finding(where, "was told to be made, and is not kept")

    def _tokens_wrong(self) -> Iterator[Finding]:
        rows = self._context.store.database.rows(f"SELECT {tokens.ROW} FROM tokens")
        kept = {row[0]: row for row in rows}
        for token_id in sorted(kept.keys() | self._tokens, key=str):
            where, stream = f"token {token_id}", token_stream(token_id)
            told = [each.event for each in self._context.store.read_stream(stream).events]
            made = next((each for each in told if isinstance(each, TokenMade)), None)
            revoked = any(isinstance(each, TokenRevoked) for each in told)
            if token_id in kept and not self._is_ours(kept[token_id], "token"):
                yield Finding(where, FORGED)
            if made is None:
                yield Finding(where, "is kept, and nobody told that it was made")
            elif token_id not in kept:
                yield Finding(where, "was told to be made, and is not kept")
            else:
                _, _, _, grants, _, revoked_at, _ = kept[token_id]
                yield from _wrong_token(where, made, grants, revoked_at, revoked=revoked)

    def _sessions_wrong(self) -> Iterator[Finding]:
        for row in self._context.store.database.rows(f"SELECT {sessions.ROW} FROM sessions"):
            if not self._is_ours(row, "session"):
                yield Finding(f"a session of the account {row[1]}", FORGED)

    def _opens(self, row: Row) -> bool:
        """Return whether an account opens; that its key is gone, or lost, is told elsewhere."""
        keys = account_rows.keys_of(self._context, [row[MEMBER]])
        if self._index_key is None or not keys:
            return True
        try:
            return bool(account_rows.open_row(row, keys))
        except TusoiError:
            return False

    def _is_ours(self, row: Row, kind: seals.Kind) -> bool:
        index_key = self._index_key
        return index_key is None or seals.is_ours(row, kind, index_key=index_key)

    def _own_index_key(self) -> bytes | None:
        """Return the index key; none where it is lost or another one, which is told elsewhere."""
        try:
            self._context.check_index_key()
            return self._context.keys.keys([INDEX_KEY]).get(INDEX_KEY)
        except TusoiError:
            return None


def _wrong_account(
    where: str, made: AccountMade, told: AccountTold, row: Mapping[str, Any]
) -> Iterator[Finding]:
    if (row["member_id"] or UNSET) != made.member_id:
        whose = f"member {made.member_id}" if made.member_id else "no member"
        yield Finding(where, f"is another member's than was told: {whose}")
    try:
        kept = set(msgspec.json.decode(row["roles"], type=list[str]))
    except (msgspec.MsgspecError, TypeError) as error:
        yield finding_of(where, error)
        return
    if kept != set(told.roles):
        roles = ", ".join(sorted(told.roles)) or "none"
        yield Finding(where, f"has other roles than were told: {roles}")
    if (row["disabledat"] is not None) != told.is_disabled:
        yield Finding(where, "is disabled without a fact, or told to be and is not")


def _wrong_token(
    where: str, told: TokenMade, grants: str, revoked_at: int | None, *, revoked: bool
) -> Iterator[Finding]:
    try:
        granted = msgspec.json.decode(grants, type=Grants)
    except (msgspec.MsgspecError, TypeError) as error:
        yield finding_of(where, error)
        return
    if _grants(granted) != _grants(told):
        yield Finding(where, "may do other things than were told when it was made")
    if (revoked_at is not None) != revoked:
        yield Finding(where, "is revoked without a fact, or told to be and is not")


def _grants(told: Grants | TokenMade) -> tuple[object, ...]:
    return told.sends, told.sources, told.reads, told.states, told.units
