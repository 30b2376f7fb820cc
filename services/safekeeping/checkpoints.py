"""Sign the committed head of the log, after checking that it grew out of what was signed before."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import structlog

from events.clock import Clock
from events.proof import signer
from events.proof.checkpoints import Checkpoint, open_checkpoint
from events.proof.heads import Head, Heads, Versions
from events.proof.notes import SigningKey
from events.store import signed_heads
from events.store.signed_heads import NotCovered, SignedHead
from events.store.store import Store

log = structlog.get_logger()


class LogSigner:
    """Signs checkpoints of one log with one key, whose memory lies beside the key's file."""

    def __init__(self, store: Store, key: SigningKey, key_file: Path, *, clock: Clock) -> None:
        self._store = store
        self._key = key
        self._memory = signer.memory_path(key_file, key.verifier)
        self._clock = clock
        self._seen: signer.LastSigned | None = None  # the largest tree that this process looked at

    @property
    def origin(self) -> str:
        return self._key.name

    def sign(self) -> SignedHead | None:
        """Return the newest checkpoint, after signing one if the log grew; None while it is empty.

        The memory is written before the checkpoint is stored. A crash between the two leaves a
        size remembered that nobody saw, and the next time the same bytes are signed again.

        Raises:
            LogRolledBack, LogInconsistent: the log is not the one that was signed.
            MemoryDamaged: what was signed last cannot be read.
        """
        newest = signed_heads.latest(self._store.database, self.origin)
        head = self._store.head()
        if head.size == 0 and not newest and not signer.load(self._memory):
            return None
        grown = self.check()
        self._remember(grown)
        if newest and newest.size == grown.size:
            return newest
        note = Checkpoint(self.origin, grown.size, grown.root).sign(self._key)
        signed = SignedHead(grown.size, note, self._clock.now())
        signed_heads.keep(self._store.database, self.origin, signed)
        log.info("checkpoint_signed")  # its size would date the last fact
        return signed

    def signed_checkpoint_at_least(self, position: int) -> SignedHead:
        """Return the newest checkpoint if it covers a position, else one that is signed now.

        Raises:
            NotCovered: the log ends before the position.
            LogRolledBack, LogInconsistent, MemoryDamaged: as `sign`.
        """
        newest = signed_heads.latest(self._store.database, self.origin)
        if newest is None or newest.size < position:
            newest = self.sign()
        if newest is None or newest.size < position:
            raise NotCovered(position, newest.size if newest else 0)
        return newest

    def state_heads(
        self, checkpoint: SignedHead, whole: Mapping[str, Head], parts: Mapping[str, Versions]
    ) -> str:
        """Return the signed statement, a note, of how far streams go at a checkpoint."""
        stated = Heads(self._store.head().size, self._clock.now(), whole, parts)
        signed = Checkpoint.parse(checkpoint.text)
        return replace(signed, extensions=stated.lines()).sign(self._key)

    def require_grown(self) -> None:
        """Raise unless the log grew out of what was signed here, or seen by this process since.

        For every start, and for every probe: a log that is restored under a running service is
        noticed, also after it regrew. It costs the leaves that came since the last time.

        Raises:
            LogRolledBack, LogInconsistent, MemoryDamaged: as `check`.
        """
        known = [each for each in (signer.load(self._memory), self._seen) if each]
        if known:
            self._seen = self._grown_from(max(known, key=lambda each: each.size))

    def last_signed(self) -> int:
        """Return the largest size that was signed on this host; 0 before the first."""
        last = signer.load(self._memory)
        return last.size if last else 0

    def newest_size(self) -> int:
        """Return the size of the newest checkpoint that is kept; 0 before the first."""
        newest = signed_heads.latest(self._store.database, self.origin)
        return newest.size if newest else 0

    def check(self) -> signer.LastSigned:
        """Return the head as grown out of what was signed last. Raises as `sign` does.

        A host that never signed computes the newest checkpoint's tree from the first entry on; one
        that did sign trusts nothing but its own memory.
        """
        return self._grown_from(signer.load(self._memory) or self._newest_tree())

    def _grown_from(self, last: signer.LastSigned | None) -> signer.LastSigned:
        head = self._store.head()
        after = last.size if last else 0
        leaves = signed_heads.leaf_pages(self._store.database, after, head.size)
        return signer.advance(last, leaves, (head.size, head.root))

    def _remember(self, grown: signer.LastSigned) -> None:
        """Save what may be signed, but not over what a rival on this host signed since."""
        last = signer.load(self._memory)
        if last is None or last.size < grown.size:
            signer.save(self._memory, grown)

    def _newest_tree(self) -> signer.LastSigned | None:
        newest = signed_heads.latest(self._store.database, self.origin)
        if newest is None:
            return None
        signed = open_checkpoint(newest.note, self._key.verifier, self.origin)
        leaves = signed_heads.leaf_pages(self._store.database, 0, signed.size)
        return signer.advance(None, leaves, (signed.size, signed.root))
