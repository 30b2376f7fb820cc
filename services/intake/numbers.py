"""Other systems' numbers: whom they name, found by keyed digest and never stored in the clear.

A number names whom facts told it of last. What a correction takes away names nobody from the commit
on, until it is given anew (decision 0067).
"""

from collections.abc import Callable, Iterable

from events.definitions.characters import alike_number, plain
from events.errors import TusoiError
from events.identifiers import ID_PATTERN, Chance, Stream, new_id
from events.store.batch import KnownNumber
from events.store.store import Store
from events.vault.wrapping import derive
from services.access import tokens
from services.context import Context

WRITINGS_MAX = 5  # steps until a number is written as it is compared
OURS = "id:"  # a reference that begins so is our id; any other is the sender's own number

Key = tuple[str, str]  # kind and number, as it is compared: tables make 17 and 17.0 of 0017


class NumberTaken(TusoiError):
    """A correction gives someone a number under which somebody else is known."""

    code = "number_taken"

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"another {kind} is known under this number: correct that one first, or both in one "
            "batch; whoever was told more than once, in each fact that told it"
        )


class Numbers:
    """Whom the references of one batch name, under one numbering."""

    def __init__(
        self,
        store: Store,
        *,
        index_key: bytes,
        numbering: str,
        chance: Chance,
        is_seen: Callable[[str], bool] | None = None,
    ) -> None:
        """Begin with nobody; whom the sender does not see, by their streams, stays unknown."""
        self._store = store
        self._index_key = index_key
        self._numbering = numbering
        self._chance = chance
        self._before: dict[Key, str] = {}  # as committed
        self._ids: dict[Key, str] = {}  # as from the commit of this batch on
        self._reserved: dict[Key, str] = {}
        self._hidden = set[Key]()
        self._is_seen = is_seen  # None: everybody is
        self._taken = set[tuple[Key, str]]()
        self.clashes: list[str] = []  # ids given under numbers of somebody who is hidden

    @property
    def new(self) -> list[KnownNumber]:
        """Return what is to be stored with the batch."""
        return [
            KnownNumber(self._digest(key), known_id)
            for key, known_id in self._ids.items()
            if self._before.get(key) != known_id
        ]

    @property
    def to_forget(self) -> list[KnownNumber]:
        """Return what is to be forgotten with the batch, in every numbering that there is."""
        if not self._taken:
            return []
        spoken = {self._numbering, *tokens.numberings(self._store.database)}
        return [
            KnownNumber(_digest_under(self._index_key, each, key), known_id)
            for key, known_id in sorted(self._taken)
            for each in sorted(spoken)
        ]

    def look_up(self, references: Iterable[Key]) -> None:
        """Find out whom references name, as (kind, reference), in two queries for all of them."""
        wanted = {key_of(*each) for each in references} - self._hidden
        digests = {self._digest(each): each for each in wanted if not each[1].startswith(OURS)}
        for digest, known_id in self._store.known_numbers(digests).items():
            self._ids[digests[digest]] = known_id
        ours = {each for each in wanted if ID_PATTERN.fullmatch(each[1].removeprefix(OURS))}
        streams = {Stream(f"{kind}-{ref.removeprefix(OURS)}"): (kind, ref) for kind, ref in ours}
        for stream, version in self._store.versions(streams).items():
            if version and streams[stream][1].startswith(OURS):
                self._ids[streams[stream]] = streams[stream][1].removeprefix(OURS)
        self._forget_hidden()
        self._before = dict(self._ids)

    def _forget_hidden(self) -> None:
        is_seen = self._is_seen
        if is_seen is None:
            return
        hidden = {each for each, ref in self._ids.items() if not is_seen(f"{each[0]}-{ref}")}
        self._hidden |= hidden
        for each in hidden:
            del self._ids[each]

    def find(self, kind: str, reference: str) -> str | None:
        """Return our id of whom a reference names, or None while it is not known."""
        return self._ids.get(key_of(kind, reference))

    def find_or_give(self, kind: str, number: str) -> str:
        """Return our id under a number that a founding fact gives; a new one if it is new."""
        known = self.find(kind, number)
        return known if known is not None else self.give(kind, number, new_id(self._chance))

    def find_or_reserve(self, kind: str, number: str) -> str:
        """Return our id under a number that is corrected in this batch and so names nobody new."""
        key = key_of(kind, number)
        known = self._before.get(key) or self._reserved.get(key)
        if known is None:
            known = self._reserved[key] = new_id(self._chance)
            self._note_clash(key, known)
        return known

    def give(self, kind: str, number: str, known_id: str) -> str:
        """Make a number name somebody, from the commit on.

        Raises:
            NumberTaken: it names somebody else already.
        """
        key, before = key_of(kind, number), self.find(kind, number)
        if before is None:
            self._ids[key] = known_id
            self._note_clash(key, known_id)
        elif before != known_id:
            raise NumberTaken(kind)
        return known_id

    def take(self, kind: str, number: str, known_id: str) -> None:
        """Let a number name somebody no more, from the commit on."""
        key = key_of(kind, number)
        if self._ids.get(key) == known_id:
            del self._ids[key]
        self._taken.add((key, known_id))

    def _note_clash(self, key: Key, known_id: str) -> None:
        if key in self._hidden:
            self.clashes.append(known_id)

    def _digest(self, key: Key) -> bytes:
        return _digest_under(self._index_key, self._numbering, key)


def ids_under(context: Context, numbering: str, references: Iterable[Key]) -> dict[Key, str]:
    """Return our ids of whom references name under a numbering; who is not known is missing."""
    numbers = Numbers(
        context.store,
        index_key=context.index_key(),
        numbering=numbering,
        chance=context.chance,
    )
    wanted = list(references)
    numbers.look_up(wanted)
    found = {each: numbers.find(*each) for each in wanted}
    return {each: known for each, known in found.items() if known is not None}


def digest_of(index_key: bytes, kind: str, numbering: str, number: str) -> bytes:
    """Return under which digest a number of a kind is kept: however it is written, it is one."""
    return _digest_under(index_key, numbering, key_of(kind, number))


def _digest_under(index_key: bytes, numbering: str, key: Key) -> bytes:
    kind, number = key
    return derive(index_key, "number", kind, numbering, number)


def key_of(kind: str, reference: str) -> Key:
    """Return by what somebody is found: by our id, or by a number, however it is written."""
    return kind, reference if reference.startswith(OURS) else plain_number(reference)


def plain_number(number: str) -> str:
    """Return a number as it is compared; what is compared so already stays as it is."""
    for _ in range(WRITINGS_MAX):
        before, number = number, alike_number(number) or plain(number)
        if before == number:
            break
    return number
