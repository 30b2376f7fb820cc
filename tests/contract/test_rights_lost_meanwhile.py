"""What lets somebody act lets them until they append, and not only until they asked."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from events.definitions.roster import MemberMoved, UnitRenamed
from events.domain.aggregate.rejections import Rejection
from events.errors import ConcurrentAppend
from events.identifiers import MemberId, Stream, UnitId, member_stream, unit_stream
from events.store.batch import Appended, NewEvent, Receipt
from events.store.store import Store
from services.access import tokens
from services.access.account_rows import Account
from services.access.roles import Person, Role
from services.access.tokens import Forbidden, Grants, NotAuthenticated, Principal
from services.commands import rights
from services.commands.work import Asking, Done, Work, perform
from services.context import Context
from services.intake.parser import parse_event
from services.intake.receive import receive
from tests.support import hr
from tests.support.fakes import SeededChance
from tests.support.living import BEFORE

UNIT = UnitId("cellaaaaaaaaaaaaaaaaaaaaaa")
MEMBER = MemberId("memberanaaaaaaaaaaaaaaaaaa")
GRANTS = Grants(sends=("roster.*",), sources=(hr.SOURCE,))


class Slow(Store):
    """A store in which something happens just before the first append."""

    meanwhile: Callable[[], object] = staticmethod(lambda: None)

    def append(self, streams: Mapping[Stream, Appended], **companions: Any) -> tuple[Receipt, ...]:
        happens, self.meanwhile = self.meanwhile, lambda: None
        happens()
        return super().append(streams, **companions)


@pytest.fixture
def slow(store: Store, context: Context) -> Slow:
    return Slow(store.database, clock=context.clock, chance=SeededChance(4))


@pytest.fixture
def account(context: Context) -> Account:
    """An auditor's account, which belongs to no member."""
    return rights.make_account(context, "lan", None, roles=("auditor",))


def rename(context: Context, person: Person, *, by_member: bool = False) -> Done:
    """Carry out a command that names a unit anew; `by_member` it is for members alone."""

    def decide(work: Work) -> Stream:
        stream = unit_stream(UNIT)
        work.load(stream)
        if by_member:
            work.member(otherwise=Rejection.NO_MEMBER_WRITES)
        work.tell(stream, UnitRenamed(unit_id=UNIT, name="Tổ 1"))
        return stream

    return perform(context, Asking(person=person, correlation_id="test"), decide)


def types_in(store: Store) -> list[str]:
    return [row[0] for row in store.database.rows("SELECT type FROM events ORDER BY arrival")]


def test_a_token_that_is_revoked_while_its_batch_is_looked_at_writes_nothing(
    context: Context, slow: Slow
) -> None:
    token, _ = tokens.make(context, "HR", GRANTS)
    rights.tell_token(context, token)
    sent = [parse_event(hr.formed("U1"), 0)]
    slow.meanwhile = partial(rights.revoke_token, context, token.id)

    with pytest.raises(NotAuthenticated):
        receive(
            replace(context, store=slow),
            Principal(f"token:{token.id}", token.name, GRANTS),
            sent,
            correlation_id="c",
        )

    assert types_in(slow)[-1] == "access.token_revoked"


def test_an_account_that_is_disabled_during_a_command_does_nothing(
    context: Context, slow: Slow, account: Account
) -> None:
    slow.meanwhile = partial(rights.disable, context, account)

    with pytest.raises(NotAuthenticated):
        rename(replace(context, store=slow), Person(account_id=account.id))

    assert types_in(slow)[-1] == "access.account_disabled"


def test_an_account_that_was_enabled_again_acts(context: Context, account: Account) -> None:
    rights.disable(context, account)
    rights.enable(context, account)

    assert rename(context, Person(account_id=account.id)).version == 1


def test_an_account_that_loses_a_role_during_a_command_does_nothing_by_it(
    context: Context, slow: Slow, account: Account
) -> None:
    auditor = Person(account_id=account.id, roles=frozenset((Role.AUDITOR,)))
    slow.meanwhile = partial(rights.change_roles, context, account, take=("auditor",))

    with pytest.raises(Forbidden):
        rename(replace(context, store=slow), auditor)

    assert types_in(slow)[-1] == "access.role_taken"


def test_a_member_who_is_moved_during_a_command_writes_nothing_from_where_they_were(
    context: Context,
) -> None:
    before, after = (
        Person(account_id="an", member_id=MEMBER, unit_id=UNIT, roster_version=version)
        for version in (0, 1)
    )
    moved = NewEvent(
        event=MemberMoved(member_id=MEMBER, unit_id=UNIT),
        id="moved",
        source=hr.SOURCE,
        time=BEFORE,
        principal="token:hr",
    )
    context.store.append({member_stream(MEMBER): Appended(0, (moved,))})

    with pytest.raises(ConcurrentAppend):
        rename(context, before, by_member=True)

    assert rename(context, after, by_member=True).version == 1
