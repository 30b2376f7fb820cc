"""Make a bundle: what it takes to verify one rating without this service.

It holds no words, unless the caller gives a way to open them: who may read, and that this is told,
is the caller's to see to (`readings.open_with_salts`).
"""

import functools
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import UNSET, UnsetType

from events.definitions.catalogue import CATALOGUE
from events.definitions.entry import Recorded, read_entry
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.review import review
from events.domain.verification.streams import RestsOn, rests_on
from events.identifiers import Stream, plan_stream
from events.proof.heads import Head
from events.proof.links import SignedHead
from events.proof.merkle import leaf_hash
from events.replay import bundles
from events.replay.bundles import BUNDLE_BYTES_MAX, ENTRIES_MAX, MARKS_MAX, Bundle, Claim, Proven
from events.replay.documents import digests_pinned
from events.replay.words import SaltedText, commitments_in, word_of
from events.store import documents, histories, tiles
from events.store.store import Store
from events.vault.sealing import Unsealed
from services.safekeeping.checkpoints import LogSigner
from services.subject import Subject

WITHOUT_WORDS = "ask for it without words"
WHOLE_LOG = "have the operator verify it in the whole log, by `tusoi verify`"

VERIFYING = "python -m events.replay"  # by whoever has the project, and no service


def file_name(subject: Subject) -> str:
    """Return how the file with a rating's bundle is called."""
    return f"rating-{subject.period}-{subject.member_id}.json"


def verifying_command(file: str, verifier_key: str) -> str:
    """Return what verifies a bundle elsewhere, and trusts no key that the bundle brings along."""
    return f"{VERIFYING} {shlex.quote(file)} --key {shlex.quote(verifier_key)}"


OpenWords = Callable[[Sequence[str]], Mapping[str, Unsealed]]  # by commitment; erased ones absent


class _Placed(NamedTuple):
    """A sequenced entry, as it is stored and as it is read."""

    position: int
    encoded: bytes
    recorded: Recorded


def make_bundle(
    store: Store,
    signer: LogSigner,
    subject: Subject,
    verifier_key: str,
    *,
    open_words: OpenWords | None = None,
    bytes_max: int = BUNDLE_BYTES_MAX,
    entries_max: int = ENTRIES_MAX,
    marks_max: int = MARKS_MAX,
) -> bytes:
    """Return the bundle of a decided rating: all that it rests on.

    A checkpoint is signed if the newest one does not cover the last entry.

    Raises:
        CommandRejected: nothing was decided, so there is nothing to verify; or the bundle would be
            larger than what is read, as an auditor should not be the first to find out.
        LogRolledBack, LogInconsistent: the log is not the one that was signed.
    """
    claim, checkpoint, needed, placed = _signed_grounds(store, signer, subject)
    _require_at_most(entries_max, len(placed), "entries", instead=WHOLE_LOG)
    history = [each.recorded for each in placed]
    made = bundles.encode(
        Bundle(
            origin=signer.origin,
            key=verifier_key,
            checkpoint=checkpoint.note,
            heads=signer.state_heads(checkpoint, _heads(needed, placed), needed.parts),
            entries=_prove(store, placed, checkpoint),
            documents=_documents_of(store, history),
            claim=claim,
            words=_salted_texts(subject, history, open_words),
        )
    )
    instead = WITHOUT_WORDS if open_words else WHOLE_LOG
    _require_at_most(bytes_max, len(made), "bytes", instead=instead)
    _require_at_most(marks_max, bundles.marks_in(made), "values", instead=instead)
    return made


def _documents_of(store: Store, history: Sequence[Recorded]) -> dict[str, Any]:
    return {each: documents.get(store.database, each) for each in digests_pinned(history)}


def _signed_grounds(
    store: Store, signer: LogSigner, subject: Subject
) -> tuple[Claim, SignedHead, RestsOn, list[_Placed]]:
    """Return what is claimed, a checkpoint that covers it all, and what it rests on by then."""
    head = store.head().size
    needed, placed = _grounds(store, subject, until=head)
    claim = _claim(subject, placed)
    checkpoint = signer.signed_checkpoint_at_least(placed[-1].position)
    if checkpoint.size > head:  # what was told meanwhile is signed too, and may be of these streams
        needed, placed = _grounds(store, subject, until=checkpoint.size)
        claim = _claim(subject, placed)
    return claim, checkpoint, needed, placed


def _grounds(store: Store, subject: Subject, *, until: int) -> tuple[RestsOn, list[_Placed]]:
    """Return what a rating rests on as of a position, and its entries by position."""
    read = functools.cache(lambda stream: _placed_entries(store, stream, until))

    needed = rests_on(
        subject.period,
        subject.member_id,
        lambda stream: [each.recorded for each in read(stream)],
        lambda digest: str(documents.get(store.database, digest)["issuer"]),
    )
    found = [each for stream in needed.whole for each in read(stream)]
    for stream, versions in needed.parts.items():
        found += [e for e in read(Stream(stream)) if e.recorded.entry.streamversion in versions]
    return needed, sorted(found, key=lambda each: each.position)


def _heads(needed: RestsOn, placed: Sequence[_Placed]) -> dict[str, Head]:
    """Return where the streams end that a rating rests on whole, those without any entry too."""
    heads = {str(stream): Head(0, b"") for stream in needed.whole}
    for each in placed:
        stream, version = each.recorded.entry.stream, each.recorded.entry.streamversion
        if stream in heads:
            heads[stream] = Head(version, leaf_hash(each.encoded))
    return heads


def _require_at_most(limit: int, found: int, what: str, *, instead: str) -> None:
    if found > limit:
        raise CommandRejected(
            Rejection.BUNDLE_TOO_LARGE, found=found, what=what, most=limit, instead=instead
        )


def _prove(store: Store, placed: Sequence[_Placed], checkpoint: SignedHead) -> tuple[Proven, ...]:
    proofs = tiles.proofs(store, [each.position for each in placed], checkpoint)
    return tuple(
        Proven(entry=each.encoded.decode(), proof=proof.to_text())
        for each, proof in zip(placed, proofs, strict=True)
    )


def _claim(subject: Subject, placed: Sequence[_Placed]) -> Claim:
    """Return what the bundle is to show. Raises CommandRejected before the decision."""
    history = (each.recorded for each in placed)
    state = review.fold(each for each in history if each.entry.stream == subject.stream)
    level = review.level(state)
    if level is None:
        raise CommandRejected(Rejection.NOT_DECIDED)
    return Claim(period=subject.period, member_id=subject.member_id, level=level)


def _salted_texts(
    subject: Subject, history: Sequence[Recorded], open_words: OpenWords | None
) -> dict[str, SaltedText] | UnsetType:
    """Return the words of review and plan; those of the roster stay sealed, whoever asks."""
    if open_words is None:
        return UNSET
    of_year = (subject.stream, plan_stream(subject.period, subject.member_id))
    opened = open_words(commitments_in(e for e in history if e.entry.stream in of_year))
    return {commitment: word_of(each) for commitment, each in opened.items()}


def _placed_entries(store: Store, stream: Stream, until: int) -> list[_Placed]:
    """Return the entries of a stream up to a position."""
    rows = histories.rows_in_order(store.database, (stream,))
    found = [(position, bytes(entry)) for position, _, entry in rows if position <= until]
    return [_Placed(position, each, read_entry(each, CATALOGUE)) for position, each in found]
