"""Tiles have the widths and paths that C2SP's tlog-tiles gives them."""

import pytest

from events.proof.subtrees import Subtree
from events.proof.tiles import Tile


@pytest.mark.parametrize(
    ("tile", "width"),
    [
        (Tile(0, 0), 256),
        (Tile(0, 272), 256),
        (Tile(0, 273), 112),
        (Tile(0, 274), 0),
        (Tile(1, 0), 256),
        (Tile(1, 1), 17),
        (Tile(2, 0), 1),
        (Tile(2, 1), 0),
        (Tile(3, 0), 0),
        (Tile(63, 0), 0),
    ],
)
def test_log_of_70000_has_the_tiles_that_the_specification_counts(tile: Tile, width: int) -> None:
    assert tile.width_at(70_000) == width


@pytest.mark.parametrize(
    ("tile", "width", "path"),
    [
        (Tile(0, 1_234_067), 256, "0/x001/x234/067"),
        (Tile(0, 0), 256, "0/000"),
        (Tile(2, 999), 1, "2/999.p/1"),
        (Tile(63, 1_000), 255, "63/x001/000.p/255"),
    ],
)
def test_each_tile_has_one_path(tile: Tile, width: int, path: str) -> None:
    assert tile.path(width) == path
    assert Tile.from_path(path) == (tile, width)


@pytest.mark.parametrize(
    "path",
    [
        "0/5",
        "0/0005",
        "0/x000/005",
        "0/001/234",
        "0/x001/x234",
        "0/x001",
        "00/000",
        "64/000",
        "-1/000",
        "entries/000",
        "0/000.p/0",
        "0/000.p/01",
        "0/000.p/256",
        "0/000.p/999",
        "0/000.p/",
        "0/000.p",
        "0/000/",
        "0/000\n",
        "0/٠٠٠",
        "0/" + "x001/" * 7 + "000",
        "",
    ],
)
def test_any_other_path_is_none(path: str) -> None:
    with pytest.raises(ValueError, match=r"tile|level"):
        Tile.from_path(path)


def test_a_tiles_hashes_are_over_full_subtrees_of_its_height() -> None:
    assert Tile(1, 2).subtrees(2) == [Subtree(8, 512), Subtree(8, 513)]
    assert len(Tile(0, 0).subtrees()) == 256
