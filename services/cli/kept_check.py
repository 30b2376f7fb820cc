"""Whether everything that facts name is kept: documents, words, files, and rights as told.

It collects while the log is read, and looks afterwards. Words whose key was destroyed by an order
are dark and no finding; where a key is at hand, each is opened.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from events.definitions.entry import Recorded
from events.definitions.event import Event
from events.definitions.plan import EvidenceHandedIn
from events.definitions.records import FileCommitment
from events.definitions.roster import FactCorrected, MemberEnrolled, UnitFormed
from events.domain.organisation.corrections import Correction, fact_of, made_in
from events.errors import TusoiError
from events.identifiers import Stream
from events.replay.documents import digests_in
from events.replay.words import commitments_of
from events.store import files
from events.store.database import as_bytes
from events.store.verification import Finding, finding_of, findings_from
from events.vault.files import CHUNK_BYTES
from services.access import words
from services.access.tokens import Grants
from services.cli.access_check import AccessCheck
from services.cli.owner_check import OwnerCheck
from services.context import INDEX_KEY, Context
from services.intake.numbers import digest_of

PAGE = 1_000


class _Number(NamedTuple):
    """What one fact says somebody's number is, in the clear or as its commitment."""

    since: datetime
    version: int  # of those at one time the last holds
    position: int
    number: str


class KeptCheck:
    """What the log names, by where it names it first. Events go in by `see`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._owners = OwnerCheck(context)
        self._documents = dict[str, int]()
        self._texts = dict[str, int]()
        self._files = dict[str, tuple[int, FileCommitment]]()
        self._numbers = dict[Stream, dict[int, _Number]]()  # by the version that told it
        self._corrections = dict[tuple[str, int], Correction]()  # of the facts of streams
        self._numberings = {Grants().numbering}
        self._access = AccessCheck(context, self._owners)

    def see(self, position: int, recorded: Recorded) -> None:
        """Remember what one fact names."""
        event, stream = recorded.event, recorded.entry.stream
        self._owners.see(recorded)
        for digest in digests_in([recorded]):
            self._documents.setdefault(digest, position)
        told, since = self._see_number(position, recorded)
        for commitment in commitments_of(told):
            self._texts.setdefault(commitment, position)
            self._owners.see_named(commitment, stream, told, since)
        if isinstance(event, EvidenceHandedIn):
            for file in event.files:
                self._files.setdefault(file.file, (position, file))
                self._owners.see_named(file.file, stream, told, since)
        self._access.see(event)

    def _see_number(self, position: int, recorded: Recorded) -> tuple[Event, datetime]:
        """Remember whose number is told, or told no more; return what the fact tells."""
        event, version = recorded.event, recorded.entry.streamversion
        if isinstance(event, FactCorrected):
            version, made = event.corrects, made_in(recorded)
            before = self._corrections.get((event.subject, version))
            self._corrections[event.subject, version] = made.beside(before)
            if not made.is_after(before):
                return fact_of(event, recorded.entry.time)
            self._numbers.get(Stream(event.subject), {}).pop(version, None)
        told, since = fact_of(event, recorded.entry.time)
        if isinstance(told, UnitFormed | MemberEnrolled):
            number = told.number if isinstance(told, UnitFormed) else told.number.sealed
            told_of = self._numbers.setdefault(Stream(recorded.entry.stream), {})
            told_of[version] = _Number(since, version, position, number)
        return told, since

    def findings(self) -> Iterator[Finding]:
        """Iterate over what is missing, or is not what was told."""
        yield from findings_from("the index key", self._index_key_wrong())
        yield from findings_from("the documents", self._documents_wrong())
        yield from findings_from("the key store", self._owners.graves_wrong())
        yield from findings_from("the sealed words", self._texts_wrong())
        yield from findings_from("the files", self._files_wrong())
        yield from findings_from("the numbers", self._numbers_wrong())
        yield from self._access.findings()

    def _index_key_wrong(self) -> Iterator[Finding]:
        try:
            self._context.check_index_key()
        except TusoiError as error:
            yield finding_of("the index key", error)

    def _documents_wrong(self) -> Iterator[Finding]:
        found, after = set[str](), ""
        sql = "SELECT digest, body FROM documents WHERE digest > ? ORDER BY digest LIMIT ?"
        while rows := self._context.store.database.rows(sql, (after, PAGE)):
            for digest, body in rows:
                found.add(digest)
                if hashlib.sha256(as_bytes(body)).hexdigest() != digest:
                    yield Finding(f"document {digest}", "was changed: restore it from a backup")
            after = rows[-1][0]
        for digest in sorted(self._documents.keys() - found):
            place = self._documents[digest]
            yield Finding(f"document {digest}", f"is missing, which position {place} names")

    def _texts_wrong(self) -> Iterator[Finding]:
        every = list(self._texts)
        for start in range(0, len(every), PAGE):
            page = every[start : start + PAGE]
            boxes = self._context.store.sealed_texts(page)
            kept = boxes.keys()
            lost = self._context.keys.losses((box.owner, box.scope) for box in boxes.values())
            for each, box in boxes.items():
                if told := self._owners.wrong_place(each, box.owner, box.scope):
                    yield Finding(f"position {self._texts[each]}", told)
                if (box.owner, box.scope) in lost:
                    told = f"the key of {box.owner} for {box.scope} is lost: restore the key store"
                    yield Finding(f"position {self._texts[each]}", told)
            for each in (each for each in page if each not in kept):
                told = f"the sealed words {each} that it names are missing"
                yield Finding(f"position {self._texts[each]}", told)
            yield from self._words_wrong([each for each in page if each in kept])

    def _words_wrong(self, kept: list[str]) -> Iterator[Finding]:
        """Open words, all at once where nothing is wrong; else one by one, to name each."""
        try:
            words.open_all(self._context, kept)
        except TusoiError as error:
            if len(kept) == 1:
                where = f"position {self._texts[kept[0]]}"
                yield Finding(where, f"its sealed words do not open: {error}")
                return
            for each in kept:
                yield from self._words_wrong([each])

    def _files_wrong(self) -> Iterator[Finding]:
        database = self._context.store.database
        for commitment, (position, told) in self._files.items():
            where = f"position {position}"
            try:
                header = files.header(database, commitment)
            except TusoiError as error:
                yield Finding(where, str(error))
                continue
            if wrong := self._owners.wrong_place(commitment, header.owner, header.scope):
                yield Finding(where, wrong)
            if (header.size, header.media_type) != (told.size, told.media_type):
                yield Finding(where, f"the file {commitment} is kept with another size or type")
            sql = "SELECT number FROM chunks WHERE commitment = ? ORDER BY number"
            numbers = [number for (number,) in database.rows(sql, (commitment,))]
            if numbers != [*range(max(1, -(-told.size // CHUNK_BYTES)))]:
                yield Finding(where, f"of the file {commitment} not all parts are there")

    def _numbers_wrong(self) -> Iterator[Finding]:
        """Tell whose number names somebody else; one that names nobody was forgotten on purpose.

        Who is known under one number in each of two numberings is looked for in both.
        """
        index_key = self._context.keys.keys([INDEX_KEY]).get(INDEX_KEY)
        held = [(stream, max(told.values())) for stream, told in self._numbers.items() if told]
        for start in range(0, len(held) if index_key else 0, PAGE):
            page = held[start : start + PAGE]
            sealed = [each.number for stream, each in page if stream.startswith("member-")]
            opened = self._open(sealed)
            digests = {
                (stream, each.position): [
                    digest_of(index_key, stream.partition("-")[0], numbering, clear)
                    for clear in opened.get(each.number, [each.number])
                    for numbering in self._numberings
                    if index_key
                ]
                for stream, each in page
            }
            known = self._context.store.known_numbers(
                each for of in digests.values() for each in of
            )
            for (stream, position), tried in digests.items():
                whose = stream.partition("-")[2]
                named = {known[each] for each in tried if each in known}
                if named and whose not in named:
                    told = f"the number of {whose} names {', '.join(sorted(named))}"
                    yield Finding(f"position {position}", told)

    def _open(self, commitments: list[str]) -> dict[str, list[str]]:
        try:
            opened = words.open_all(self._context, commitments).words
        except TusoiError:  # which is told of the words themselves
            return {}
        return {commitment: [each.text] for commitment, each in opened.items()}
