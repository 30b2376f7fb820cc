"""One meaning a word: the list that pages, messages, README and docstrings share.

The list is `glossary.yaml` beside this module. Tests ask that what is said uses no word that the
list replaces, and that whatever names a term alone (`labels`) calls it what the list calls it.
"""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from events.domain.documents.document import Language
from services.web.saying.languages import read_yaml

FILE = Path(__file__).with_name("glossary.yaml")


class Term(NamedTuple):
    """A word, and what it means."""

    id: str
    word: Mapping[Language, str]
    means: Mapping[Language, str]
    instead_of: Mapping[Language, tuple[str, ...]]  # words that must not be used for it
    labels: tuple[str, ...]  # keys of what pages say that are this word and nothing else


@functools.cache
def terms() -> tuple[Term, ...]:
    """Return all terms, in the order of a year."""
    read = read_yaml(FILE)
    return tuple(
        Term(
            id_,
            {"vi": each["vi"], "en": each["en"]},
            each["means"],
            {lang: tuple(words) for lang, words in each.get("instead_of", {}).items()},
            tuple(each.get("labels", ())),
        )
        for id_, each in read.items()
    )
