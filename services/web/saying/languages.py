"""In which language somebody reads, and what pages say to them in it.

What pages say lies in `services/web/words/`, one file a page, both languages side by side, so that
neither is forgotten. Vietnamese comes first: it holds unless the reader chose English.
"""

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import yaml
from flask import request
from markupsafe import Markup, escape

from events.domain.documents.document import Language

FOLDER = Path(__file__).parents[1] / "words"
COOKIE = "tusoi-language"
COOKIE_SECONDS = 365 * 24 * 3600
LANGUAGES: Mapping[Language, str] = {"vi": "Tiếng Việt", "en": "English"}
THOUSANDS: Mapping[Language, str] = {"vi": ".", "en": ","}

Entry = Mapping[Language, str]

# The same words in a tenth of the time, where PyYAML was built with libyaml.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(file: Path) -> Any:
    """Return what stands in a file of words of ours."""
    return yaml.load(file.read_text("utf-8"), Loader=_LOADER)  # noqa: S506 - a safe one


def reader_language() -> Language:
    """Return the language of this request's reader."""
    given = request.cookies.get(COOKIE)
    return cast("Language", given) if given in LANGUAGES else "vi"


def say(key: str, **values: Any) -> Markup:
    """Return what pages say under a key, such as "inbox.title", with values in their places.

    A value called `period` is told as people call it, and numbers as people write them.

    Raises:
        KeyError: nothing is said under this key; a test finds those in templates.
    """
    if "period" in values:
        values["period"] = period_name(values["period"])
    told = {name: numeral(each) if type(each) is int else each for name, each in values.items()}
    return Markup(escape(phrases()[key][reader_language()])).format(**told)  # noqa: S704 - escaped


def numeral(given: int) -> str:
    """Return a number as people write it in the reader's language: 48.113, or 48,113."""
    return f"{given:,}".replace(",", THOUSANDS[reader_language()])


def period_name(period: str) -> str:
    """Return what people call a year or a quarter in the reader's language: "quý I/2026"."""
    year, _, quarter = period.partition("-")
    return phrases()[f"year.periods.{quarter or 'year'}"][reader_language()].format(year=year)


def say_or(key: str, otherwise: str) -> Markup:
    """Return what is said under a key that comes from outside, or other words where nothing is."""
    return say(key) if key in phrases() else escape(otherwise)


@functools.cache
def phrases() -> Mapping[str, Entry]:
    """Return everything that pages say, by key: the file's name and the way into it."""
    found: dict[str, Entry] = {}
    for file in sorted(FOLDER.glob("*.yaml")):
        found.update(_entries(file.stem, read_yaml(file)))
    return found


def _entries(key: str, value: Any) -> Iterator[tuple[str, Entry]]:
    """Iterate over what is said below a key."""
    if not isinstance(value, dict):
        raise TypeError(f"{key}: write {{vi: …, en: …}}")
    if value.keys() == LANGUAGES.keys():
        yield key, value
        return
    for name, inner in value.items():
        yield from _entries(f"{key}.{name}", inner)
