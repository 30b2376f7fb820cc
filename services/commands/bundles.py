"""Make a bundle: what it takes to verify one rating without this service. It holds no words."""

from collections.abc import Iterator

from events.domain import review
from events.domain.rejections import CommandRejected
from events.identifiers import Stream, plan_stream
from events.replay import bundles
from events.replay.bundles import Bundle, Claim, Proven
from events.store import documents, tiles
from events.store.store import Store
from services.commands.checkpoints import LogSigner
from services.commands.reviews import Subject

_PLACED = """
SELECT log.position, events.stream, events.version, events.entry
FROM events JOIN log ON log.arrival = events.arrival
WHERE events.stream IN ? ORDER BY log.position"""


def make_bundle(store: Store, signer: LogSigner, subject: Subject, verifier_key: str) -> bytes:
    """Return the bundle of a decided rating: its review, its plan, and what they pinned.

    A checkpoint is signed if the newest one does not cover the last entry.

    Raises:
        CommandRejected: nothing was decided, so there is nothing to verify.
        LogRolledBack, LogInconsistent: the log is not the one that was signed.
    """
    state = review.fold(store.read_stream(subject.stream).events)
    level = review.level(state)
    if state.opened is None or level is None:
        raise CommandRejected("step_missing", rule="order", needed="the rating is decided first")
    rows = list(_placed(store, (subject.stream, plan_stream(subject.period, subject.member_id))))
    checkpoint = signer.signed_checkpoint_at_least(rows[-1][0])
    proofs = tiles.proofs(store, [row[0] for row in rows], checkpoint)
    pinned = state.opened.fact
    return bundles.encode(
        Bundle(
            origin=signer.origin,
            key=verifier_key,
            checkpoint=checkpoint.note,
            entries=tuple(
                Proven(entry=row[3].decode(), proof=proof.to_text())
                for row, proof in zip(rows, proofs, strict=True)
            ),
            documents={
                digest: documents.get(store.database, digest)
                for digest in (pinned.rulebook, pinned.calendar)
            },
            claim=Claim(
                period=subject.period,
                member_id=subject.member_id,
                level=level,
                streams={stream: version for _, stream, version, _ in rows},
            ),
        )
    )


def _placed(store: Store, streams: tuple[Stream, ...]) -> Iterator[tuple[int, str, int, bytes]]:
    """Iterate over the sequenced entries of some streams, by position."""
    rows = store.database.read(lambda t: t.rows_in(_PLACED, list(streams)))
    for position, stream, version, entry in sorted(rows, key=lambda row: row[0]):
        yield position, stream, version, bytes(entry)
