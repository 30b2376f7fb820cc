"""The README tells the truth about settings and commands."""

import re
from pathlib import Path

from workers.program import cli

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_setting_stands_in_the_readme_and_every_one_there_exists() -> None:
    code = (ROOT / "services" / "settings.py").read_text(encoding="utf-8")

    settings = set(re.findall(r"TUSOI_[A-Z_]+", code))

    table = README[README.index("## Settings") : README.index("## Commands")]
    assert set(re.findall(r"TUSOI_[A-Z_]+", table)) == settings


def test_every_command_stands_in_the_readme() -> None:
    table = README[README.index("## Commands") : README.index("## Words")]

    missing = [name for name in cli.commands if f"`{name}" not in table and f"{name}`" not in table]

    assert missing == []


def test_every_path_that_the_readme_names_is_there() -> None:
    named = set(re.findall(r"`((?:events|services|workers|tests|deploy)/[\w./-]+)`", README))

    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
