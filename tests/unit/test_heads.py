"""A statement of heads is a checkpoint with extension lines, written in one way only."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from events.proof.checkpoints import Checkpoint, MalformedCheckpoint, open_checkpoint
from events.proof.heads import HEADS_MAX, Head, Heads, open_heads, read_heads
from events.proof.merkle import leaf_hash
from events.proof.notes import NotSignedByKey, SigningKey

KEY = SigningKey.generate("tusoi.example/log", bytes(range(32)))
CHECKPOINT = Checkpoint(KEY.name, 8, bytes(32))
LEAF = leaf_hash(b"last")
HEADS = Heads(
    log_size=9,
    stated_at=datetime(2026, 1, 8, 9, 30, tzinfo=UTC),
    whole={"review-2026-an": Head(3, LEAF), "plan-2026-an": Head(0, b"")},
    parts={"member-ha": (1, 4), "member-lan": ()},
)
LINES = HEADS.lines()


def test_a_statement_is_read_as_it_was_signed_and_is_a_checkpoint_to_everybody_else() -> None:
    note = replace(CHECKPOINT, extensions=LINES).sign(KEY)

    assert open_heads(note, KEY.verifier, CHECKPOINT) == HEADS
    opened = open_checkpoint(note, KEY.verifier, KEY.name)
    assert (opened.size, opened.root) == (CHECKPOINT.size, CHECKPOINT.root)
    assert LINES[0] == "tusoi/heads/1 of 9 at 2026-01-08T09:30:00Z"
    assert LINES[2:] == ("whole plan-2026-an 0", "part member-ha 1 4", "part member-lan")


@pytest.mark.parametrize("changed", [{"size": 7}, {"root": bytes([1]) * 32}])
def test_a_statement_about_another_tree_is_none_about_this_one(changed: dict[str, object]) -> None:
    note = replace(CHECKPOINT, extensions=LINES, **changed).sign(KEY)  # type: ignore[arg-type]

    with pytest.raises(MalformedCheckpoint, match="another size or root"):
        open_heads(note, KEY.verifier, CHECKPOINT)


def test_nobody_else_states_heads() -> None:
    note = replace(CHECKPOINT, extensions=LINES).sign(SigningKey.generate(KEY.name, bytes(32)))

    with pytest.raises(NotSignedByKey):
        open_heads(note, KEY.verifier, CHECKPOINT)


@pytest.mark.parametrize(
    ("line", "other"),
    [
        (0, "tusoi/heads/2 of 9 at 2026-01-08T09:30:00Z"),
        (0, "tusoi/heads/1 of 09 at 2026-01-08T09:30:00Z"),
        (0, "tusoi/heads/1 of 9 at 2026-01-08"),
        (0, "tusoi/heads/1 of 9 at 2026-13-08T09:30:00Z"),
        (0, "tusoi/heads/1 of 9 at 2026-01-08T09:30:00.0Z"),
        (1, "whole review-2026-an 3"),
        (1, "whole review-2026-an 3 AAAA"),
        (1, "whole review-2026-an 3 !"),
        (1, "whole review-2026-an 0 " + LINES[1].split()[-1]),
        (1, "whole review 3 " + LINES[1].split()[-1]),
        (1, LINES[2]),
        (1, "part plan-2026-an 1"),
        (3, "part member-ha 1  4"),
        (3, "part MEMBER 1"),
        (3, "more"),
    ],
)
def test_what_is_written_otherwise_states_nothing(line: int, other: str) -> None:
    lines = [*LINES]
    lines[line] = other

    with pytest.raises(MalformedCheckpoint):
        read_heads(tuple(lines))


def test_heads_in_another_order_are_no_statement_of_ours() -> None:
    first, *others = LINES

    with pytest.raises(MalformedCheckpoint, match="as we write them"):
        read_heads((first, *reversed(others)))


def test_a_checkpoint_without_extensions_states_nothing() -> None:
    with pytest.raises(MalformedCheckpoint, match="no heads"):
        read_heads(())


def test_as_many_heads_are_read_as_the_limit_says() -> None:
    most = tuple(f"part member-{n}" for n in range(HEADS_MAX))

    assert len(read_heads((LINES[0], *most)).parts) == HEADS_MAX
    with pytest.raises(MalformedCheckpoint):
        read_heads((LINES[0], *most, "part member-more"))
