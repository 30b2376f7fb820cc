"""Carry out a command: load, let the law decide, append; again from the start after a lost race.

It is over 300 lines: what one attempt reads, by what it may act and what it appends is one thing.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET

from events.definitions.entry import Recorded
from events.definitions.event import Event, Sealed
from events.definitions.records import Hand
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.organisation import member, standing_in, succession
from events.domain.organisation.member import Member
from events.domain.organisation.succession import S
from events.domain.rulebook.rulebook import Rulebook
from events.domain.steps import Step
from events.errors import TusoiError
from events.identifiers import MemberId, Stream, UnitId, member_stream, new_event_id
from events.store.batch import Appended, NewEvent
from events.store.store import History
from events.vault.files import SealedFile
from events.vault.sealing import SealedText, seal
from services.access import rights_told
from services.access.roles import Actor, Person
from services.commands import taking_effect
from services.commands.executor import attempt
from services.context import Context
from services.queries import keyed

SOURCE = "/people"  # of all that people do here


class Stale(TusoiError):
    """Somebody was faster: what was looked at is not what is there any more."""

    code = "stale"  # answered 412; rejections of the law have this code too, with 409

    def __init__(self, stream: str, *, seen: int, version: int | None) -> None:
        told = f"moved on from version {seen} to {version}" if version else "is not as you saw it"
        super().__init__(f"{stream} {told}: look at it again, then decide")
        self.stream = stream
        self.seen = seen
        self.version = version  # none for who may not see it


class ConflictingKey(TusoiError):
    """The same idempotency key came before with another request."""

    code = "conflicting_key"

    def __init__(self) -> None:
        super().__init__("this Idempotency-Key was used for another request: take a new one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks for a command, and under which conditions."""

    person: Person
    correlation_id: str
    seen: int | None = None  # the stream's version that was looked at (If-Match)
    key: str | None = None  # the same key with the same request is done once (Idempotency-Key)
    request: Any = None  # what was asked, to tell a repeated request from another one
    under: tuple[str, str] | None = None  # of an author whom nothing may name: by whose key is told

    @property
    def names_author(self) -> bool:
        return self.under is None

    def event_id(self, context: Context) -> str | None:
        """Return the id under which what has a key is remembered, if it has one."""
        if self.key is None:
            return None
        return keyed.event_id(context, self.key, self.person.account_id, under=self.under)

    def digest(
        self, context: Context, told: Event, texts: Iterable[SealedText] = ()
    ) -> bytes | None:
        """Return by what this request is told from others that have its key, if it has one."""
        return keyed.digest(context, self.key, self.request, told, texts) if self.key else None


class Done(msgspec.Struct, frozen=True):
    """What a command came to."""

    stream: str  # the one that it was about
    version: int  # where that stream is now, or was when this was done first
    known: bool = False  # whether it had been done before


@dataclass(slots=True)
class Work:
    """One attempt at a command: what was read, and what is to be appended."""

    context: Context
    asking: Asking
    principal: str  # told in the facts; not the account where an author is not to be named
    now: datetime  # at which it is decided, and as when it is told: whoever verifies decides anew
    holds_from: datetime | None = None  # what is told; none: from now on
    told_at: datetime | None = None  # as when it is told, where the moment would name the author
    read: dict[Stream, int] = field(default_factory=dict)  # the command's own stream first
    streams: dict[Stream, list[Event]] = field(default_factory=dict)
    owners: dict[MemberId, Stream] = field(default_factory=dict)  # whose key seals, by whose year
    texts: list[SealedText] = field(default_factory=list)
    sees: bool = True  # whether the person may see at which version the command's stream is
    files: tuple[SealedFile, ...] = ()
    subject: MemberId | None = None  # whose year it is, once they stand towards it
    actor: Actor = field(init=False)  # who asks, under the edition of what they ask about

    def __post_init__(self) -> None:
        self.stand_under()

    def stand_under(self, *editions: Rulebook) -> Actor:
        """Return who asks as somebody who acts by some editions, as they do from now on."""
        self.actor = self.asking.person.under(*editions)
        return self.actor

    def stand_towards(self, subject: MemberId, leaders: Collection[MemberId]) -> Actor:
        """Return who asks as they stand towards somebody's year, from now on."""
        self.subject, self.actor = subject, self.actor.towards(subject, leaders)
        return self.actor

    def load(self, stream: Stream) -> History:
        """Return a stream's history; what is decided holds only if it does not move meanwhile.

        Loaded twice, it is held to what was read first: that may have been decided on already.
        Where the day came of what was told ahead, that is told before; but where the author is not
        to be named, it would be told at their moment, next to what they do.
        """
        if self.asking.names_author:
            history = taking_effect.read_due(self.context, stream)
        else:
            history = self.context.store.read_stream(stream)
        self.read.setdefault(stream, history.version)
        return history

    def events(self, stream: Stream) -> tuple[Recorded, ...]:
        """Return the facts of a stream, which `load` reads."""
        return self.load(stream).events

    def require_fresh(self) -> None:
        """Raise Stale unless the command's stream is at the version that was looked at.

        Who may not see it has not looked at any: each version that they name is as wrong as others.
        """
        stream, version = next(iter(self.read.items()))
        seen = self.asking.seen
        if seen is not None and not (self.sees and seen == version):
            raise Stale(stream, seen=seen, version=version if self.sees else None)

    def guard(self) -> None:
        """Let the posts by which the person acts be those that they hold when this is appended."""
        person = self.asking.person
        if person.member_id:
            self.read[member_stream(person.member_id)] = person.roster_version

    def hand_for(
        self,
        units: Iterable[UnitId],
        step: Step | None = None,
        item: str = "",
        *,
        otherwise: Rejection = Rejection.NO_OFFICE,
    ) -> Hand:
        """Return by which office the person takes a step, or acts, in the first unit possible.

        The office must still be held, and its unit stand, when this is appended.

        Raises:
            CommandRejected: they hold none; `otherwise` says what is wrong then.
        """
        found = self.actor.hand_for(units, step, item)
        if found is None or succession.successors([found.unit_id], self.events):
            raise CommandRejected(otherwise)
        if found.for_id and not self._stands_in(found):
            raise CommandRejected(otherwise)
        self.guard()
        return found

    def _stands_in(self, by: Hand) -> bool:
        """Tell whether somebody stands in as a hand says, and so when this is appended."""
        holds, holder = map(self._holds, by.eyes)
        return standing_in.acts_by(by, holds, holder, self.now) and not self._is_headed(by, holds)

    def _is_headed(self, by: Hand, holds: Member) -> bool:
        """Tell whether whose year it is heads who stands in, be lists late to know."""
        if not self.subject or not standing_in.units_between(holds, by.unit_id, self.units_above):
            return False
        subject = self._holds(self.subject)
        offices = {post for each in self.actor.editions for post in each.offices}
        return standing_in.is_headed(by, holds, subject, offices, self.units_above)

    def _holds(self, member_id: MemberId) -> Member:
        return member.view(member.fold(self.events(member_stream(member_id))).with_due(self.now))

    def after_units(self, state: S, path: Iterable[UnitId]) -> S:
        """Return a state with who acts for the dissolved units of a path that the person acts for.

        Others need no look: whoever acts for no dissolved unit is competent by what was pinned.
        """
        units = [each for each in path if each in self.asking.person.acts_for]
        return succession.after_units(state, units, self.events, now=self.now)

    def units_above(self, unit_id: UnitId) -> tuple[UnitId, ...]:
        """Return the units above one, the next first: as told, and so when this is appended."""
        return succession.units_above(unit_id, self.events, now=self.now)

    def member(self, *, otherwise: Rejection) -> MemberId:
        """Return the member who asks; they must be where they are when this is appended, too.

        Raises CommandRejected for an account of no member: `otherwise` says what is wrong then.
        """
        if self.asking.person.member_id is None:
            raise CommandRejected(otherwise)
        self.guard()
        return self.asking.person.member_id

    def tell(self, stream: Stream, *events: Event) -> None:
        """Have facts appended to a stream that was loaded."""
        self.streams.setdefault(stream, []).extend(events)

    def seal(self, text: str, *, owner: Stream, period: str) -> Sealed[str]:
        """Return the commitment of words about somebody, which are stored sealed with the facts."""
        key = self.context.keys.ensure([(owner, period)])[owner, period]
        sealed = seal(text, key=key, owner=owner, scope=period, chance=self.context.chance)
        self.texts.append(sealed)
        return Sealed(sealed.commitment)


Decide = Callable[[Work], Stream]  # returns the stream that the command is about


def perform(context: Context, asking: Asking, decide: Decide) -> Done:
    """Return what a command came to, after its facts were appended in one transaction.

    Raises:
        CommandRejected: the law says no; nothing was appended.
        Stale: the stream is not at the version that was looked at.
        NotAuthenticated, Forbidden: the account was disabled, or lost a role, meanwhile.
        ConflictingKey, ConcurrentAppend, StoreUnavailable: nothing was appended.
    """
    return attempt(lambda: _do_once(context, asking, decide))


def _do_once(context: Context, asking: Asking, decide: Decide) -> Done:
    if done := _done_before(context, asking):
        return done
    if asking.names_author:
        asking = replace(asking, person=taking_effect.as_told(context, asking.person))
    work = Work(context, asking, f"account:{asking.person.account_id}", context.clock.now())
    stream = _decide(work, decide)
    if not work.streams:
        return Done(stream, work.read[stream], known=True)  # there was nothing to tell
    _append(work, stream)
    return Done(stream, work.read[stream] + len(work.streams[stream]))


def _done_before(context: Context, asking: Asking) -> Done | None:
    """Return what the same command came to, if it was done. Raises ConflictingKey for another."""
    keyed_id = asking.event_id(context)
    if keyed_id is None:
        return None
    known = context.store.known_events(SOURCE, [keyed_id]).get(keyed_id)
    if known is None:
        return None
    stream, version = Stream(known.receipt.stream), known.receipt.version
    told = context.store.read_stream(stream, after=version - 1).events[0].event
    if asking.digest(context, told) not in (None, known.request_digest):
        raise ConflictingKey
    return Done(stream, version, known=True)


def _decide(work: Work, decide: Decide) -> Stream:
    """Return what the law decides on, unless it is no longer what was looked at."""
    try:
        stream = decide(work)
    except CommandRejected:
        work.require_fresh()  # that somebody was faster explains the no
        raise
    work.require_fresh()
    return stream


def _append(work: Work, primary: Stream) -> None:
    """Append what was decided; what was only read stood still, and who asks lost no right.

    The command's key is remembered with the last fact of its own stream, whose version it told.
    """
    read = work.read | rights_told.require_account(work.context.store, work.asking.person)
    ordered = sorted(read, key=lambda stream: (stream != primary, stream))
    last = work.streams[primary][-1]
    keyed_id = work.asking.event_id(work.context)
    digest = work.asking.digest(work.context, last, work.texts)
    work.context.store.append(
        {
            stream: Appended(
                read[stream],
                tuple(
                    _new_event(work, event, keyed_id if event is last else None, digest)
                    for event in work.streams.get(stream, ())
                ),
            )
            for stream in ordered
        },
        texts=work.texts,
        files=work.files,
    )


def _new_event(work: Work, event: Event, event_id: str | None, digest: bytes | None) -> NewEvent:
    return NewEvent(
        event=event,
        id=event_id or new_event_id(work.context.chance),
        source=SOURCE,
        time=work.told_at or work.holds_from or work.now,
        recorded_at=work.told_at or UNSET,
        principal=work.principal,
        correlation_id=work.asking.correlation_id,
        request_digest=digest if event_id else None,
    )
