"""What the READMEs and decisions say is so: settings, commands, rights, paths, links and sizes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from services.access.roles import MAY, Role
from services.access.tokens import Grants, Principal
from services.bootstrap import open_system
from services.intake.parser import parse_event
from services.intake.receive import receive
from services.settings import from_environment
from tests.support.databases import hasty
from workers.program import cli

ROOT = Path(__file__).parents[2]
OURS = ("events", "services", "workers", "tests", "deploy")
PAGES = (
    ROOT / "README.md",
    *(page for each in OURS for page in sorted((ROOT / each).rglob("*.md"))),
)

README_LINES_MAX = 140
SECTION_LINES_MAX = 80
UNRELEASED_LINES_MAX = 70
PICTURE_BYTES_MAX = 100_000
DECISION_LINES = range(10, 26)
DECISION_PARTS = ("**Context.**", "**Decision.**", "**What lost.**", "**We would reconsider when**")

DECISIONS = ROOT / "deploy" / "decisions"
RUNNING = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")

SPAN = re.compile(r"`([^`\n]+)`")
BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
PATH = re.compile(r"[\w.*-]+(?:/[\w.*-]+)*/?")
RUN = re.compile(r"(?:deploy/run -- |(?<![\w./-])tusoi )([a-z]+)(?![\w-])")
IS_FILE = re.compile(r".*\.(?:py|md|ya?ml|jsonl|toml|html|css|png|txt)")


def test_every_setting_stands_in_its_table_and_every_one_there_exists() -> None:
    code = (ROOT / "services" / "settings.py").read_text(encoding="utf-8")

    settings = set(re.findall(r"TUSOI_[A-Z_]+", code))

    assert set(re.findall(r"TUSOI_[A-Z_]+", _part(RUNNING, "Settings"))) == settings


def test_every_command_stands_in_its_table_and_every_one_there_exists() -> None:
    told = [
        name
        for row in re.findall(r"^\| (`.*?`) \|", _part(RUNNING, "Commands"), re.MULTILINE)
        for name in re.findall(r"`(\w+)", row)
    ]

    assert sorted(told) == sorted(cli.commands)


def test_every_command_that_a_page_runs_exists() -> None:
    run = {
        (_name(page), command)
        for page in PAGES
        for command in RUN.findall(_code(page.read_text(encoding="utf-8")))
    }

    assert run
    assert sorted(each for each in run if each[1] not in cli.commands) == []


def test_facts_that_the_readme_sends_are_taken_in(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (batch,) = re.findall(r"-d '(\[.*?\])'$", readme, re.MULTILINE | re.DOTALL)
    system = open_system(from_environment(hasty(tmp_path)))
    hr = Principal("token:hr", "HR", Grants(sends=("roster.*",), sources=("/hr",)))

    events = [parse_event(each, place) for place, each in enumerate(json.loads(batch))]
    taken = receive(system, hr, events, correlation_id="readme")

    system.close()
    assert [type(each.receipt).__name__ for each in taken] == ["Receipt"] * 3


def test_pages_are_called_in_the_readme_what_they_call_themselves() -> None:
    """**Lịch sử** (*History*): what a menu says, in both languages."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    words = (ROOT / "services" / "web" / "words" / "frame.yaml").read_text(encoding="utf-8")
    menu = {(each["vi"], each["en"]) for each in yaml.safe_load(words).values()}

    named = set(re.findall(r"\*\*([^*]+)\*\*\s\(\*([^*]+)\*\)", readme))

    assert named
    assert named - menu == set()


def test_table_of_rights_is_the_one_that_the_program_goes_by() -> None:
    text = (ROOT / "services" / "access" / "README.md").read_text(encoding="utf-8")
    head, _, *rows = (_cells(line) for line in text.splitlines() if line.count("|") > len(Role))

    told = {
        action.strip("`"): {role for role, mark in zip(head[1:], marks, strict=True) if mark}
        for action, *marks in rows
    }

    assert told == {action: set(roles) for action, roles in MAY.items()}
    assert all(f"\n| {role} | " in text for role in Role)


def test_every_shipped_rulebook_stands_in_the_table_of_editions() -> None:
    reference = ROOT / "events" / "reference"
    editions = _part((reference / "README.md").read_text(encoding="utf-8"), "Editions")

    rows = "".join(line for line in editions.splitlines() if line.startswith("| `"))

    shipped = {path.stem for path in (reference / "rulebooks").glob("*.yaml")}
    assert set(SPAN.findall(rows)) == shipped


def test_every_path_that_a_page_names_is_there() -> None:
    named = [(page, path) for page in PAGES for path in _paths(page)]

    missing = [(_name(page), path) for page, path in named if not _is_there(page, path)]

    assert named
    assert missing == []


def test_every_link_of_a_page_leads_somewhere() -> None:
    links = [(page, to) for page in PAGES for to in LINK.findall(page.read_text("utf-8"))]

    inner = [(page, to) for page, to in links if "://" not in to]

    assert inner
    assert [(_name(page), to) for page, to in inner if not _leads_somewhere(page, to)] == []


def test_pictures_are_small() -> None:
    sizes = {each.name: each.stat().st_size for each in ROOT.glob("deploy/pictures/*.png")}

    assert sizes
    assert {name: size for name, size in sizes.items() if size >= PICTURE_BYTES_MAX} == {}


def test_readme_and_sections_are_short() -> None:
    lines = {each: _lines(ROOT / each / "README.md") for each in OURS}

    assert _lines(ROOT / "README.md") <= README_LINES_MAX
    assert {each: count for each, count in lines.items() if count > SECTION_LINES_MAX} == {}


def test_what_is_unreleased_is_told_in_one_page() -> None:
    changelog = (ROOT / "deploy" / "CHANGELOG.md").read_text(encoding="utf-8")

    assert len(_part(changelog, "Unreleased").splitlines()) <= UNRELEASED_LINES_MAX


def test_every_decision_is_short_whole_and_in_the_index() -> None:
    pages = [page for page in sorted(DECISIONS.glob("*.md")) if page.name != "README.md"]
    listed = LINK.findall((DECISIONS / "README.md").read_text(encoding="utf-8"))

    assert sorted(listed) == [page.name for page in pages]
    assert len({int(page.name[:4]) for page in pages}) == len(pages)
    assert [page.name for page in pages if _lines(page) not in DECISION_LINES] == []
    assert [
        page.name
        for page in pages
        if any(page.read_text("utf-8").count(part) != 1 for part in DECISION_PARTS)
    ] == []


def test_every_decision_that_code_rests_on_is_there() -> None:
    numbers = {
        number
        for each in (*OURS[:3], "deploy")
        for path in (ROOT / each).rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "decision" in line
        for number in re.findall(r"\b0\d{3}\b", line)
    }

    assert numbers
    assert [number for number in sorted(numbers) if not [*DECISIONS.glob(f"{number}-*.md")]] == []


def _part(text: str, heading: str) -> str:
    """Return what stands under a heading of the second level."""
    return text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


def _lines(page: Path) -> int:
    return len(page.read_text(encoding="utf-8").splitlines())


def _code(text: str) -> str:
    """Return all that a page shows as code, in blocks and in its sentences."""
    return "\n".join((*BLOCK.findall(text), *SPAN.findall(BLOCK.sub("", text))))


def _paths(page: Path) -> Iterator[str]:
    """Iterate over the paths that a page names: from the root, or from where the page lies."""
    for span in SPAN.findall(BLOCK.sub("", page.read_text(encoding="utf-8"))):
        is_ours = span.partition("/")[0] in OURS and "/" in span
        if PATH.fullmatch(span) and (is_ours or span.endswith("/") or IS_FILE.fullmatch(span)):
            yield span


def _is_there(page: Path, path: str) -> bool:
    return any((*page.parent.glob(path), *ROOT.glob(path)))


def _leads_somewhere(page: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    found = page.parent / path if path else page
    if not anchor:
        return found.exists()
    headings = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), re.MULTILINE)
    return anchor in {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}
