"""Drafts: what somebody is still writing, sealed under the key of whom it is about.

A row tells about whom something is being written and never by whom: the author stands there as a
digest under our own key, another one for each form, so that rows of one author do not even look
alike. To the minute when it was saved is sealed with it, for then somebody sat there. A draft dies
with the key of the person reviewed, as the finished words would.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from events.errors import TusoiError
from events.store.database import Transaction, microseconds
from events.vault.boxes import disclose, enclose
from events.vault.wrapping import bind, derive
from services.context import Context

DRAFT_BYTES_MAX = 256 * 1024
SELF_CRITIQUE = "self-critique"  # the name of what is written most, in addresses and drafts
SECTION = "section-"  # begins the names of the fields in which the sections of a form are written
DRAFT_DAYS = 90  # after which a draft that nobody touched goes
_DAY = 86_400_000_000  # microseconds

table = sa.Table(
    "drafts",
    sa.MetaData(),
    sa.Column("author", sa.Text, primary_key=True),
    sa.Column("form", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text),
    sa.Column("scope", sa.Text),
    sa.Column("box", sa.LargeBinary),
    sa.Column("savedat", sa.BigInteger),  # by the day
)


class Draft(msgspec.Struct, frozen=True):
    """What was typed so far."""

    fields: dict[str, str]
    saved_at: datetime


_decoder = msgspec.json.Decoder(Draft)


class DraftTooLong(TusoiError):
    code = "draft_too_long"

    def __init__(self, size: int) -> None:
        super().__init__(
            f"the draft takes {size} bytes, the limit is {DRAFT_BYTES_MAX}: shorten it"
        )
        self.size = size
        self.limit = DRAFT_BYTES_MAX


def name_of(written: str, period: str, subject_id: str, item: str = "") -> str:
    """Return our name of what is written about somebody's year; the item is what is answered."""
    return f"{written}-{period}-{subject_id}-{item}"


def fields_of(sections: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a form whose sections were written so far."""
    return {f"{SECTION}{name}": text for name, text in sections.items()}


def save(
    context: Context, author: str, form: str, *, owner: str, scope: str, fields: Mapping[str, str]
) -> datetime:
    """Keep what was typed, in place of what was kept before, and return when that was.

    The author is the account that writes. The form is our name of what is filled in, such as
    "criticism-2026-" and an id, and holds no words. The owner is the stream of whom it is about,
    the scope the period.

    Raises:
        DraftTooLong: nothing was changed.
        KeyDestroyed: nothing more is stored of this owner and scope.
        StoreUnavailable: nothing is to be written now.
    """
    context.store.require_writable()
    if (size := len(msgspec.json.encode(dict(fields)))) > DRAFT_BYTES_MAX:
        raise DraftTooLong(size)
    now, digest = context.clock.now(), _digest(context, author, form)
    plain = msgspec.json.encode(Draft(dict(fields), now))
    key = derive(context.keys.ensure([(owner, scope)])[owner, scope], "draft")
    place = bind(digest, form, owner, scope)
    box = enclose(plain, key=key, place=place, chance=context.chance)
    row = (digest, form, owner, scope, box, _day(now))
    context.store.database.transact(lambda t: t.insert(table, [row], on_conflict="replace"))
    return now


def load(context: Context, author: str, form: str) -> Draft | None:
    """Return what an author typed so far; None where there is nothing, or it was erased.

    Raises:
        BoxDamaged: it was changed; `discard` it.
    """
    digest = _digest(context, author, form)
    sql = "SELECT owner, scope, box FROM drafts WHERE author = ? AND form = ?"
    for owner, scope, box in context.store.database.rows(sql, (digest, form)):
        key = context.keys.keys([(owner, scope)]).get((owner, scope))
        if key is not None:
            place = bind(digest, form, owner, scope)
            return _decoder.decode(disclose(bytes(box), key=derive(key, "draft"), place=place))
    return None


def of_author(context: Context, author: str) -> dict[str, Draft]:
    """Return all that an account is writing, by our names of forms; erased ones are missing."""
    rows = context.store.database.rows("SELECT author, form FROM drafts ORDER BY form")
    mine = [form for digest, form in rows if digest == _digest(context, author, form)]
    found = {form: load(context, author, form) for form in mine}
    return {form: draft for form, draft in found.items() if draft}


def discard(context: Context, author: str, form: str) -> None:
    """Let go of a draft, if there is one; it was sent, or is not wanted any more."""
    sql, digest = "DELETE FROM drafts WHERE author = ? AND form = ?", _digest(context, author, form)
    context.store.database.transact(lambda t: t.run(sql, (digest, form)))


def erase(context: Context, owner: str, scopes: Iterable[str | None]) -> None:
    """Delete what anybody is writing about somebody: in some scopes, or, for None, in all."""

    def delete(transaction: Transaction) -> None:
        for scope in scopes:
            mine = "DELETE FROM drafts WHERE owner = ?"
            if scope is None:
                transaction.run(mine, (owner,))
            else:
                transaction.run(f"{mine} AND scope = ?", (owner, scope))

    context.store.database.transact(delete)


def erase_of_author(context: Context, author: str) -> None:
    """Delete all that an account is writing, about whomever."""
    rows = context.store.database.rows("SELECT author, form FROM drafts")
    mine = [(digest, form) for digest, form in rows if digest == _digest(context, author, form)]

    def delete(transaction: Transaction) -> None:
        for each in mine:
            transaction.run("DELETE FROM drafts WHERE author = ? AND form = ?", each)

    context.store.database.transact(delete)


def clear(context: Context) -> int:
    """Delete the drafts that nobody touched for 90 days, and return how many they were."""
    until = _day(context.clock.now() - timedelta(days=DRAFT_DAYS))
    return context.store.database.transact(
        lambda t: t.run("DELETE FROM drafts WHERE savedat < ?", (until,))
    )


def _day(moment: datetime) -> int:
    """Return when the day of a moment began, as stored."""
    return microseconds(moment) // _DAY * _DAY


def _digest(context: Context, author: str, form: str) -> str:
    return derive(context.index_key(), "draft", author, form).hex()
