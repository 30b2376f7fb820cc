"""Make a bundle: what it takes to verify one rating without this service. It holds no words."""

from events.definitions.entry import decode_entry
from events.domain import review
from events.domain.rejections import CommandRejected
from events.identifiers import plan_stream
from events.replay import bundles
from events.replay.bundles import Bundle, Claim, Proven
from events.store import documents, histories, tiles
from events.store.store import Store
from services.commands.checkpoints import LogSigner
from services.commands.reviews import Subject


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
    streams = (subject.stream, plan_stream(subject.period, subject.member_id))
    rows = histories.placed(store.database, streams)
    checkpoint = signer.signed_checkpoint_at_least(rows[-1][0])
    proofs = tiles.proofs(store, [row[0] for row in rows], checkpoint)
    placed = [decode_entry(bytes(row[2])) for row in rows]
    pinned = state.opened.fact
    return bundles.encode(
        Bundle(
            origin=signer.origin,
            key=verifier_key,
            checkpoint=checkpoint.note,
            entries=tuple(
                Proven(entry=bytes(row[2]).decode(), proof=proof.to_text())
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
                streams={entry.stream: entry.streamversion for entry in placed},
            ),
        )
    )
