"""Open sealed words for somebody who may read them, after that was told.

Reading the words of another person's year is itself a fact, once per reader, text and day; the
person they are about sees it. Reading of one's own year is not.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import partial

from msgspec import UNSET

from events.definitions.event import Code
from events.definitions.reading import TextOpened
from events.definitions.records import Label, Period
from events.domain.documents.working_days import local_day
from events.identifiers import MemberId, Stream, reading_stream
from events.store.batch import Appended
from events.vault.sealing import Unsealed
from services.access.roles import MAY, Action, Role, owns
from services.access.tokens import Forbidden
from services.access.words import open_all
from services.commands.executor import OPERATOR, attempt, new_event
from services.commands.work import SOURCE, Asking, Work, perform
from services.context import Context
from services.queries import holdings
from services.subject import Subject

TEXTS_MAX = 1_000  # in one fact of an export: an entry has a limit, a member's years have none

_RIGHTS = (
    Role.FORMER,
    Role.FOLLOWER,
    Role.SECRETARY,
    Role.AUTHORITY,
    Role.SUPERIOR,
    Role.APPRAISER,
    Role.COMMITTEE,
    Role.AUDITOR,
)


def open_words(
    context: Context,
    asking: Asking,
    subject: Subject,
    commitments: Iterable[str],
    *,
    roles: Collection[Role],
    action: Action = Action.READ_WORDS,
    authors: bool = False,
) -> dict[str, str]:
    """Return the words behind commitments. Arguments and errors as of `open_with_salts`."""
    return _texts(
        open_with_salts(
            context, asking, subject, commitments, roles=roles, action=action, authors=authors
        )
    )


def open_with_salts(
    context: Context,
    asking: Asking,
    subject: Subject,
    commitments: Iterable[str],
    *,
    roles: Collection[Role],
    action: Action = Action.READ_WORDS,
    authors: bool = False,
) -> dict[str, Unsealed]:
    """Return the words behind commitments, with their salts, as far as they were not erased.

    All are told, also what the reader wrote: a gap in what is told would be their signature. With
    `authors` it is told that the reader also sees who wrote the criticisms.

    Raises:
        Forbidden: none of the roles may read them.
    """
    wanted = list(dict.fromkeys(commitments))
    if wanted and not owns(roles):
        _tell(context, asking, subject, wanted, _right(action, roles), authors=authors)
    return open_all(context, wanted).words


def unseal(context: Context, commitments: Iterable[str]) -> dict[str, str]:
    """Return words without telling anybody: names, and what one wrote or is told oneself."""
    return _texts(open_all(context, commitments).words)


def tell_export(context: Context, member_id: MemberId, *, reader: str) -> None:
    """Append that an operator opens everything written in a member's years."""
    for period, texts in holdings.commitments_by_period(context, member_id).items():
        parts = (texts[each : each + TEXTS_MAX] for each in range(0, len(texts), TEXTS_MAX))
        opened = [_opening(period, member_id, each, reader) for each in parts]
        attempt(partial(_append, context, reading_stream(period, member_id), opened, reader))


def _opening(period: str, member_id: MemberId, texts: tuple[str, ...], reader: str) -> TextOpened:
    return TextOpened(
        period=Period(period),
        member_id=member_id,
        texts=texts,
        right=Code(OPERATOR),
        reader=Label(reader),
    )


def _append(context: Context, stream: Stream, opened: list[TextOpened], reader: str) -> None:
    new = tuple(new_event(context, each, source=SOURCE, principal=reader) for each in opened)
    context.store.append({stream: Appended(context.store.versions([stream])[stream], new)})


def _texts(opened: Mapping[str, Unsealed]) -> dict[str, str]:
    return {commitment: each.text for commitment, each in opened.items()}


def _right(action: Action, roles: Collection[Role]) -> Role:
    """Return by which of their roles somebody reads."""
    for role in _RIGHTS:
        if role in roles and role in MAY[action]:
            return role
    raise Forbidden("these words may be read by " + ", ".join(sorted(MAY[action])))


def _tell(
    context: Context,
    asking: Asking,
    subject: Subject,
    texts: list[str],
    right: Role,
    *,
    authors: bool,
) -> None:
    """Append who opens which texts, as far as it was not told today."""
    stream = reading_stream(subject.period, subject.member_id)
    person, today = asking.person, local_day(context.clock.now())

    def decide(work: Work) -> Stream:
        told = {
            text
            for recorded in work.load(stream).events
            if isinstance(recorded.event, TextOpened)
            and recorded.event.reader == person.account_id
            and recorded.event.authors >= authors
            and local_day(recorded.entry.time) == today
            for text in recorded.event.texts
        }
        new = tuple(each for each in texts if each not in told)
        work.guard()  # who lost the post meanwhile reads no more by it
        if new:
            opened = TextOpened(
                period=subject.period,
                member_id=subject.member_id,
                texts=new,
                right=Code(right),
                reader=Label(person.account_id),
                reader_id=person.member_id or UNSET,
                authors=authors,
            )
            work.tell(stream, opened)
        return stream

    quiet = Asking(person=person, correlation_id=asking.correlation_id)
    perform(context, quiet, decide)
