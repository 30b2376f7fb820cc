"""`tusoi publish`: an edition is judged as a whole, tried, and then there for a year to open."""

from pathlib import Path

import pytest

from events.store.reference import SHIPPED
from services.bootstrap import open_system
from services.commands import rulebooks
from services.settings import from_environment
from tests.support.commands import Tusoi, tusoi_in

NEUTRAL = SHIPPED / "rulebooks" / "neutral.yaml"
CASES = SHIPPED / "cases" / "neutral.yaml"


@pytest.fixture
def tusoi(tmp_path: Path) -> Tusoi:
    return tusoi_in(tmp_path / "data")


@pytest.fixture
def edition(tmp_path: Path) -> Path:
    """An edition of somebody's own."""
    path = tmp_path / "own.yaml"
    text = NEUTRAL.read_text("utf-8").replace('edition: "1"', 'edition: "2"', 1)
    path.write_text(text.replace("total >= 90", "total >= 92"), "utf-8")
    return path


def test_an_edition_is_published_once_and_can_be_found(
    tusoi: Tusoi, edition: Path, tmp_path: Path
) -> None:
    first, second = (tusoi("--json", "publish", str(edition)) for _ in range(2))

    system = open_system(from_environment({"TUSOI_DATA_DIR": str(tmp_path / "data")}))
    published = rulebooks.published(system)
    system.close()
    assert first.json == second.json
    assert [(each.edition, each.digest) for each in published] == [("2", first.json["digest"])]


def test_everything_that_is_wrong_is_told_by_its_line(tusoi: Tusoi, edition: Path) -> None:
    text = edition.read_text("utf-8")
    edition.write_text(
        text.replace("total >= 70", "totl >= 70").replace("fair_late", "good_on_time")
    )

    told = tusoi("publish", str(edition))

    line = 1 + text.splitlines().index("    when: total >= 70")
    assert told.status == 1
    assert f"{edition}:{line}: rules.good_points.when: looks at totl" in told.out
    assert "good_on_time: stands twice" in told.out


def test_cases_that_come_out_otherwise_stop_it(tusoi: Tusoi, edition: Path, tmp_path: Path) -> None:
    cases = tmp_path / "cases.yaml"
    cases.write_text(CASES.read_text("utf-8").replace('edition: "1"', 'edition: "2"', 1), "utf-8")

    told = tusoi("publish", str(edition), "--cases", str(cases))
    tried = tusoi("publish", str(NEUTRAL), "--cases", str(CASES), "--dry-run")

    assert told.status == 1
    assert "cases.ninety_is_enough.level: is excellent, the rules make it good" in told.out
    assert tried.status == 0


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"kind: [", b"- 1", b"kind: poem\n"])
def test_what_is_no_document_is_refused_without_a_traceback(
    tusoi: Tusoi, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "none.yaml"
    path.write_bytes(content)

    told = tusoi("publish", str(path))

    assert told.status == 1
    assert "Traceback" not in told.out + told.err


def test_what_differs_from_an_earlier_edition_is_shown(tusoi: Tusoi, edition: Path) -> None:
    told = tusoi("--json", "publish", str(edition), "--against", str(NEUTRAL), "--dry-run")
    same = tusoi("publish", str(NEUTRAL), "--against", str(NEUTRAL), "--dry-run")

    assert [each["path"] for each in told.json["differences"]] == [
        "edition",
        "rules.excellent_points.when",
    ]
    assert "nothing differs" in same.out
