"""A link is a checkpoint with one extension line, written in one way only."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from events.proof.checkpoints import Checkpoint, MalformedCheckpoint, open_checkpoint
from events.proof.links import Link, StampsDigest, open_link, sign_head
from events.proof.notes import NotSignedByKey, SigningKey

KEY = SigningKey.generate("tusoi.example/log", bytes(range(32)))
CHECKPOINT = Checkpoint(KEY.name, 8, bytes(32))
LINK = Link(5, datetime(2026, 1, 8, 9, 30, 0, 5, tzinfo=UTC), bytes(32))
LINE = "tusoi/link/1 after 5 at 2026-01-08T09:30:00.000005Z stamps " + "A" * 43 + "="


def test_a_checkpoint_is_kept_with_its_link_and_published_without() -> None:
    kept = sign_head(CHECKPOINT, LINK, KEY)

    assert LINK.line() == LINE
    assert open_checkpoint(kept.note, KEY.verifier, KEY.name) == CHECKPOINT
    assert open_link(kept.link, KEY.verifier, CHECKPOINT) == LINK
    assert kept.text == CHECKPOINT.text()


@pytest.mark.parametrize("changed", [{"size": 9}, {"root": bytes([1]) * 32}])
def test_a_link_of_another_checkpoint_is_none_of_this_one(changed: dict[str, object]) -> None:
    kept = sign_head(replace(CHECKPOINT, **changed), LINK, KEY)  # type: ignore[arg-type]

    with pytest.raises(MalformedCheckpoint, match="another size or root"):
        open_link(kept.link, KEY.verifier, CHECKPOINT)


def test_nobody_else_links_checkpoints() -> None:
    kept = sign_head(CHECKPOINT, LINK, SigningKey.generate(KEY.name, bytes(32)))

    with pytest.raises(NotSignedByKey):
        open_link(kept.link, KEY.verifier, CHECKPOINT)


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (LINE, LINE),
        (LINE.replace("link/1", "link/2"),),
        (LINE.replace("after 5", "after 05"),),
        (LINE.replace("after 5", "after 8"),),
        (LINE.replace("000005Z", "000005"),),
        (LINE.replace(".000005Z", ".0Z"),),
        (LINE.replace("2026-01", "2026-13"),),
        (LINE[:-1],),
        (LINE[:-2] + "B=",),
        (LINE.replace("A" * 43, "A" * 39),),
        (f"{LINE} more",),
    ],
)
def test_what_is_written_otherwise_links_nothing(lines: tuple[str, ...]) -> None:
    note = replace(CHECKPOINT, extensions=lines).sign(KEY)

    with pytest.raises(MalformedCheckpoint):
        open_link(note, KEY.verifier, CHECKPOINT)


def test_a_digest_tells_stamps_their_order_and_their_number_apart() -> None:
    def digest(*pages: tuple[int, ...]) -> bytes:
        found = StampsDigest()
        for page in pages:
            found.extend(page)
        return found.value()

    assert digest((1, 2), (3,)) == digest((1,), (2, 3))
    assert len({digest((1, 2)), digest((2, 1)), digest((1,)), digest(()), digest((258,))}) == 5
