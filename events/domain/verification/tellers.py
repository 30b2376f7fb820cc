"""The accounts and tokens that were told of so far: whose they are, and whether they are open."""

from datetime import datetime, timedelta

from msgspec import UnsetType

from events.definitions.access import (
    AccountDisabled,
    AccountEnabled,
    AccountMade,
    TokenMade,
    TokenRevoked,
    matches_any,
)
from events.definitions.entry import Entry, Recorded, Sequenced
from events.definitions.review import RatingAnnounced, RatingDecided
from events.identifiers import MemberId

ACCOUNT, TOKEN = "account:", "token:"  # begin principals
UNDER_WAY_MAX = timedelta(minutes=5)  # a request that had begun when somebody's right was taken


class Tellers:
    """The accounts and tokens that were told of so far, and whose they are.

    Args:
        whole: whether it is the whole log that is told: a bundle holds accounts, and no token.
    """

    def __init__(self, *, whole: bool = False) -> None:
        self._whole = whole
        self._accounts = dict[str, AccountMade]()
        self._tokens = dict[str, TokenMade]()
        self._closed = dict[str, datetime]()  # when an account was disabled, or a token revoked
        self.announcers = dict[tuple[str, str], MemberId]()  # the last of a rating

    def tell(self, each: Recorded | Sequenced) -> None:
        """Take one fact in, in the log's order; whose an account is holds for good."""
        match each.event:
            case AccountMade(account_id=account_id) as made:
                self._accounts.setdefault(f"{ACCOUNT}{account_id}", made)
            case AccountDisabled(account_id=account_id):
                self._closed.setdefault(f"{ACCOUNT}{account_id}", each.entry.recordedat)
            case AccountEnabled(account_id=account_id):
                self._closed.pop(f"{ACCOUNT}{account_id}", None)
            case TokenMade(token_id=token_id) as made:
                self._tokens.setdefault(f"{TOKEN}{token_id}", made)
            case TokenRevoked(token_id=token_id):
                self._closed.setdefault(f"{TOKEN}{token_id}", each.entry.recordedat)
            case RatingDecided() | RatingAnnounced() as told:
                self.announcers[told.period, told.member_id] = told.by.member_id

    def not_account(self, entry: Entry, member_id: MemberId | UnsetType | None) -> str:
        """Return why no account of a member told something; of UNSET: of nobody; None: of any."""
        made = self._accounts.get(entry.principal)
        if made is None:
            return "nobody told by then of such an account"
        if member_id is not None and made.member_id != member_id:
            return f"that is not the account of {member_id or 'no member'}"
        return self._not_open(entry, "the account was disabled by then")

    def not_token(self, entry: Entry) -> str:
        """Return why no token told something; without the whole log, whether it is one at all."""
        if not self._whole:
            return "" if entry.principal.startswith(TOKEN) else "that is no token"
        made = self._tokens.get(entry.principal)
        if made is None:
            return "nobody told by then of such a token"
        if entry.source not in made.sources or not matches_any(entry.type, made.sends):
            return "that token may not send it"
        return self._not_open(entry, "the token was revoked by then")

    def _not_open(self, entry: Entry, wrong: str) -> str:
        closed = self._closed.get(entry.principal)
        return wrong if closed and entry.recordedat > closed + UNDER_WAY_MAX else ""
