"""`tusoi publish`: an edition is judged as a whole, tried, and then there for a year to open."""

from pathlib import Path

import pytest

from events.store.reference import SHIPPED
from services.bootstrap import open_system
from services.queries import publications
from services.settings import from_environment
from tests.support.commands import Tusoi, tusoi_in
from tests.support.databases import hasty

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
    text = text.replace("issuer: tusoi", "issuer: own_office", 1)
    path.write_text(text.replace("total >= 90", "total >= 92"), "utf-8")
    return path


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """The cases that it comes out at."""
    path = tmp_path / "cases.yaml"
    text = CASES.read_text("utf-8").replace('edition: "1"', 'edition: "2"', 1)
    path.write_text(text.replace("results: 62}", "results: 64}"), "utf-8")
    return path


def test_an_edition_is_published_once_and_can_be_found(
    tusoi: Tusoi, edition: Path, cases: Path, tmp_path: Path
) -> None:
    words = ("--json", "publish", str(edition), "--cases", str(cases))
    first, second = (tusoi(*words) for _ in range(2))

    system = open_system(from_environment(hasty(tmp_path / "data")))
    published = publications.published_rulebooks(system)
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


def test_cases_that_come_out_otherwise_stop_it(tusoi: Tusoi, edition: Path, cases: Path) -> None:
    cases.write_text(cases.read_text("utf-8").replace("results: 64}", "results: 62}"), "utf-8")

    told = tusoi("publish", str(edition), "--cases", str(cases))
    tried = tusoi("publish", str(NEUTRAL), "--cases", str(CASES), "--dry-run")

    assert told.status == 1
    assert "cases.ninety_is_enough.level: is excellent, the rules make it good" in told.out
    assert tried.status == 0


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"kind: [", b"- 1", b"kind: poem\n", b"[" * 3_000]
)
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
        "issuer",
        "rules.excellent_points.when",
    ]
    assert "nothing differs" in same.out


def test_a_rulebook_is_not_published_untried(tusoi: Tusoi, edition: Path) -> None:
    told = tusoi("publish", str(edition))
    tried = tusoi("publish", str(edition), "--dry-run")

    assert (told.status, tried.status) == (1, 0)
    assert "send the cases" in told.err


def test_what_was_published_never_changes_and_our_name_is_ours(
    tusoi: Tusoi, edition: Path, cases: Path
) -> None:
    words = ("publish", str(edition), "--cases", str(cases))
    tusoi(*words)
    text = edition.read_text("utf-8")

    edition.write_text(text.replace("undo_minutes: 10", "undo_minutes: 30"), "utf-8")
    changed = tusoi(*words)
    edition.write_text(text.replace("own_office", "tusoi"), "utf-8")
    ours = tusoi(*words)
    shipped = tusoi("publish", str(NEUTRAL), "--cases", str(CASES))

    assert (changed.status, ours.status, shipped.status) == (1, 1, 0)
    assert "give it a new edition" in changed.err
    assert "take one of your own" in ours.err


def own(folder: Path, kind: str, name: str, **changed: str) -> Path:
    """Write a document like one of ours, with other words in it."""
    text = (SHIPPED / kind / f"{name}.yaml").read_text("utf-8")
    for before, now in {"issuer: tusoi": "issuer: own_office", **changed}.items():
        assert before in text
        text = text.replace(before, now, 1)
    path = folder / f"{kind}_{name}.yaml"
    path.write_text(text, "utf-8")
    return path


def test_a_form_needs_the_catalogue_that_its_sheet_names(tusoi: Tusoi, tmp_path: Path) -> None:
    form = own(tmp_path, "forms", "neutral", **{"catalogue: neutral": "catalogue: manners"})
    manners = own(tmp_path, "catalogues", "neutral", **{"id: neutral": "id: manners"})
    line = 1 + form.read_text("utf-8").splitlines().index("  catalogue: manners")

    refused = tusoi("publish", str(form))
    first, then = tusoi("publish", str(manners)), tusoi("publish", str(form))

    assert refused.status == 1
    assert f"{form}:{line}: sheet.catalogue: there is no catalogue manners" in refused.out
    assert (first.status, then.status) == (0, 0)


def test_a_catalogue_spells_out_items_that_are_there(tusoi: Tusoi, tmp_path: Path) -> None:
    wrong = own(tmp_path, "catalogues", "local_example", **{'maps_to: ["': 'maps_to: ["9.9", "'})
    unmapped = tusoi("publish", str(wrong), "--dry-run")
    wrong = own(tmp_path, "catalogues", "local_example", **{"spells_out: nq04": "spells_out: x"})
    unknown = tusoi("publish", str(wrong), "--dry-run")

    assert (unmapped.status, unknown.status) == (1, 1)
    assert "maps_to: nq04 has no item 9.9" in unmapped.out
    assert "spells_out: there is no catalogue x" in unknown.out


def test_a_calendar_says_whether_it_takes_the_place_of_the_one_before(
    tusoi: Tusoi, tmp_path: Path
) -> None:
    shipped = SHIPPED / "calendars" / "viet_nam.yaml"
    newer, shorter = tmp_path / "newer.yaml", tmp_path / "shorter.yaml"
    text = shipped.read_text("utf-8")
    newer.write_text(text.replace('edition: "2"', 'edition: "3"'), "utf-8")
    less = text.replace('edition: "2"', 'edition: "4"')
    shorter.write_text(less.replace("_until: 2026-12-31", "_until: 2026-06-30"), "utf-8")

    told = [tusoi("publish", str(each)) for each in (shipped, newer, shorter)]

    assert "place" not in told[0].out
    assert "it takes the place of viet_nam 2: open deadlines follow it" in told[1].out
    assert "it takes the place of no earlier viet_nam and moves no deadline" in told[2].err
