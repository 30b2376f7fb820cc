"""What `deploy/bench` measures is there; how long it takes is measured elsewhere."""

from pathlib import Path

from tests.benchmarks import page_measures


def test_every_page_that_is_measured_is_shown(tmp_path: Path) -> None:
    with page_measures.commune(tmp_path / "pages", page_measures.CELL_SIZE) as commune:
        for name in page_measures.NAMES:
            assert commune.seconds(name)
