"""Sign the committed head of the log, after checking that it grew out of what was signed before."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import structlog

from events.clock import Clock
from events.errors import TusoiError
from events.proof import signer
from events.proof.checkpoints import Checkpoint, open_checkpoint
from events.proof.heads import Head, Heads, Versions
from events.proof.links import Link, SignedHead, open_link, sign_head
from events.proof.notes import SigningKey
from events.proof.signer import Memory, MemoryDamaged
from events.store import signed_heads
from events.store.signed_heads import NotCovered
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
        size remembered that nobody saw, and the next time the same bytes are signed again. Once
        it is stored it is remembered as kept: if it is gone the next time, it is put back.

        Raises:
            LogRolledBack, LogInconsistent: the log is not the one that was signed.
            MemoryDamaged: what was signed last cannot be read.
        """
        newest = signed_heads.latest(self._store.database, self.origin)
        head = self._store.head()
        if head.size == 0 and not newest and not signer.load(self._memory):
            return None
        grown = self.check()
        self._put_back()
        newest = signed_heads.latest(self._store.database, self.origin)
        if newest and newest.size >= grown.size:
            self._remember(grown, newest if newest.size == grown.size else None)
            return newest
        self._remember(grown, None)
        signed = self._sign(grown, newest)
        if not signed_heads.keep(self._store.database, self.origin, signed, newest=newest):
            return self.sign()  # a rival was faster: this one follows its checkpoint, or is it
        self._remember(grown, signed)
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
        known = [each for each in (self._last_signed(), self._seen) if each]
        if known:
            self._seen = self._grown_from(max(known, key=lambda each: each.size))

    def missing_checkpoint(self) -> SignedHead | None:
        """Return the newest checkpoint that was kept by this host, if it is not there any more."""
        memory = signer.load(self._memory)
        kept = memory.kept if memory else None
        if kept and not signed_heads.is_kept(self._store.database, self.origin, kept.size):
            return kept
        return None

    def check(self) -> signer.LastSigned:
        """Return the head as grown out of what was signed last. Raises as `sign` does.

        A host that never signed computes the newest checkpoint's tree from the first entry on; one
        that did sign trusts nothing but its own memory.
        """
        return self._grown_from(self._last_signed() or self._newest_tree())

    def _grown_from(self, last: signer.LastSigned | None) -> signer.LastSigned:
        head = self._store.head()
        after = last.size if last else 0
        leaves = signed_heads.leaf_pages(self._store.database, after, head.size)
        return signer.advance(last, leaves, (head.size, head.root))

    def _sign(self, grown: signer.LastSigned, newest: SignedHead | None) -> SignedHead:
        after = newest.size if newest else 0
        stamps = signed_heads.stamps_digest(self._store.database, after, grown.size)
        checkpoint = Checkpoint(self.origin, grown.size, grown.root)
        return sign_head(checkpoint, Link(after, self._clock.now(), stamps), self._key)

    def _put_back(self) -> None:
        """Store again what was stored here and is gone. Raises MemoryDamaged if it is not that."""
        if lost := self.missing_checkpoint():
            try:
                signed = open_checkpoint(lost.note, self._key.verifier, self.origin)
                open_link(lost.link, self._key.verifier, signed)
            except TusoiError:
                raise MemoryDamaged(self._memory) from None
            signed_heads.put_back(self._store.database, self.origin, lost)
            log.warning("checkpoint_put_back")

    def _last_signed(self) -> signer.LastSigned | None:
        memory = signer.load(self._memory)
        return memory.signed if memory else None

    def _remember(self, grown: signer.LastSigned, kept: SignedHead | None) -> None:
        """Save what may be signed, or is kept, but not over what a rival on this host saved."""
        memory = signer.load(self._memory)
        newer = max(grown, memory.signed, key=lambda each: each.size) if memory else grown
        known = [each for each in (kept, memory.kept if memory else None) if each]
        newest = max(known, key=lambda each: each.size, default=None)
        if Memory(newer, newest) != memory:
            signer.save(self._memory, Memory(newer, newest))

    def _newest_tree(self) -> signer.LastSigned | None:
        newest = signed_heads.latest(self._store.database, self.origin)
        if newest is None:
            return None
        signed = open_checkpoint(newest.note, self._key.verifier, self.origin)
        leaves = signed_heads.leaf_pages(self._store.database, 0, signed.size)
        return signer.advance(None, leaves, (signed.size, signed.root))
