"""Stories as data: who does what on which day of a year, or of several side by side."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import yaml

FOLDER = Path(__file__).parents[1] / "demo_files"  # a link to deploy/demo; wheels hold its files
PAPERS = FOLDER / "evidence"

SHARED = ("unit", "sign_ins", "words", "stands")  # of several years told side by side

Act = Mapping[str, Any]


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """A year, or a quarter, as data."""

    period: str
    unit: str  # that holds the cycle
    rulebook: str
    sign_ins: dict[str, str]  # by role, who shows it best
    words: dict[str, tuple[str, ...]]  # of the ordinary member, dealt out in turn
    criteria: tuple[str, ...] = ("conduct", "results")  # the others of what is counted are figures
    counted: dict[str, tuple[dict[str, int], ...]]  # by group of subjects, dealt out in turn
    special: dict[str, dict[str, int]] = {}  # of those who were counted otherwise
    commitments: dict[str, tuple[dict[str, Any], ...]] = {}  # by group of subjects, by section;
    self_critiques: dict[str, tuple[dict[str, Any], ...]] = {}  # for other groups, the words
    acts: tuple[dict[str, Any], ...]
    stands: date | None = None  # until which day a demo tells it; None: to its end


def read_stories(text: str) -> tuple[Story, ...]:
    """Return the stories that a YAML text tells: of one year, or of several with shared words."""
    told = yaml.safe_load(text)
    if "years" not in told:
        return (msgspec.convert(told, Story),)
    shared = {name: told[name] for name in SHARED if name in told}
    return tuple(msgspec.convert({**shared, **year}, Story) for year in told["years"])


def of_units(act: Act) -> bool:
    """Tell whether an act is about units as collectives, not about members."""
    return bool(act.get("units"))


def days_of(stories: Sequence[Story]) -> list[tuple[date, list[tuple[int, Act]]]]:
    """Return the days on which something is done, each with its acts and the story of each."""
    found: dict[date, list[tuple[int, Act]]] = {}
    for number, story in enumerate(stories):
        for act in story.acts:
            found.setdefault(act["when"], []).append((number, act))
    return sorted(found.items())
