"""Accounts and tokens by which tests act: kept, and told, so that they may tell what they do."""

import msgspec
from msgspec import UNSET

from events.definitions.access import AccountMade, RoleGiven, TokenMade
from events.definitions.event import Code, Event, stream_of
from events.definitions.records import Label
from events.identifiers import MemberId, UnitId
from events.store.batch import Appended
from services.access import account_rows, passwords, tokens
from services.access.account_rows import Account, Kept
from services.access.seals import seal_of
from services.access.tokens import Grants
from services.commands.executor import OPERATOR, new_event
from services.commands.rights import SOURCE
from services.context import Context


def account_of(context: Context, member_id: MemberId, login: str = "") -> str:
    """Return the id of the account of a member of the commune that lives its year."""
    return give_account(context, f"account-{member_id}", member_id, login=login)


def give_account(
    context: Context,
    account_id: str,
    member_id: MemberId | None = None,
    roles: tuple[str, ...] = (),
    *,
    login: str = "",
) -> str:
    """Return the id of an account after it was told, unless it was before.

    It has no password: to hash one would take most of a test's time.
    """
    whose = Label(account_id)
    made = AccountMade(account_id=whose, member_id=member_id or UNSET)
    given = (RoleGiven(account_id=whose, role=Code(each)) for each in roles)
    if _tell(context, (made, *given)):
        account = Account(
            id=account_id,
            login=login or account_id,
            member_id=member_id,
            roles=roles,
            created_at=context.clock.now(),
        )
        account_rows.insert(context, Kept(account, passwords.NOBODYS))
    return account_id


def give_token(context: Context, token_id: str, grants: Grants) -> None:
    """Tell of a token, unless it was before. Its secret is not known: nobody comes by HTTP."""
    told = (grants.sends, grants.sources, grants.reads)
    sends, sources, reads = (tuple(map(Label, each)) for each in told)
    made = TokenMade(
        token_id=Label(token_id),
        sends=sends,
        sources=sources,
        reads=reads,
        states=grants.states,
        units=tuple(map(UnitId, grants.units)),
    )
    kept = msgspec.json.encode(grants).decode()
    row = (token_id, token_id, token_id.encode(), kept, 0, None)
    sealed = (*row, seal_of(row, "token", index_key=context.index_key()))
    if _tell(context, (made,)):
        context.store.database.transact(lambda each: each.insert(tokens.table, [sealed]))


def _tell(context: Context, facts: tuple[Event, ...]) -> bool:
    """Tell facts of an account or a token; False where it was told before."""
    stream = stream_of(facts[0])
    if context.store.versions([stream])[stream]:
        return False
    new = tuple(
        new_event(context, each, source=SOURCE, principal=OPERATOR, event_id=f"{stream}-{number}")
        for number, each in enumerate(facts)
    )
    context.store.append({stream: Appended(0, new)})
    return True
