"""One meaning a word: what is said anywhere keeps to the glossary."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from services.web.saying.glossary import Term, terms
from services.web.saying.languages import LANGUAGES, phrases

PAGES_NAMED = re.compile(r"\*\*([^*]+)\*\* \(\*([^*]+)\*\)")
READ = ("README.md", "*/README.md", "services/*/README.md", "events/reference/README.md")
FLOORS = ("events", "services", "workers")


def replaced(language: str) -> Iterator[tuple[Term, re.Pattern[str]]]:
    """Iterate over the words that the glossary replaces, as what finds them in a text."""
    for term in terms():
        for word in term.instead_of.get(language, ()):  # type: ignore[call-overload]
            yield term, re.compile(rf"(?<!\w){re.escape(word)}s?(?!\w)", re.IGNORECASE)


def test_a_term_is_said_and_explained_in_both_languages_and_no_word_stands_for_two() -> None:
    for language in LANGUAGES:
        said = [term.word[language].lower() for term in terms()]
        assert len(said) == len(set(said))
        assert all(term.means[language].endswith(".") for term in terms())


def test_pages_use_no_word_that_the_glossary_replaces() -> None:
    found = [
        (key, language, f"{pattern.pattern}: say {term.word[language]}")
        for language in LANGUAGES
        for term, pattern in replaced(language)
        for key, entry in phrases().items()
        if pattern.search(entry[language])
    ]

    assert found == []


def test_what_names_a_term_alone_calls_it_what_the_glossary_calls_it() -> None:
    wrong = [
        (key, language, phrases()[key][language], term.word[language])
        for term in terms()
        for key in term.labels
        for language in LANGUAGES
        if phrases()[key][language].lower().removesuffix("s") != term.word[language].lower()
    ]

    assert wrong == []


def test_readmes_and_docstrings_use_no_word_that_the_glossary_replaces() -> None:
    texts = {str(path): path.read_text("utf-8") for name in READ for path in Path().glob(name)}
    for floor in FLOORS:
        for path in Path(floor).rglob("*.py"):
            texts[str(path)] = "\n".join(_docstrings(path))

    found = [
        (name, f"{pattern.pattern}: say {term.word['en']}")
        for term, pattern in replaced("en")
        for name, text in texts.items()
        if pattern.search(text)
    ]

    assert len(texts) > 200
    assert found == []


def test_readme_calls_pages_what_they_are_called() -> None:
    called = PAGES_NAMED.findall(Path("README.md").read_text("utf-8"))
    frame = {
        (entry["vi"], entry["en"]) for key, entry in phrases().items() if key.startswith("frame.")
    }

    assert len(called) > 2
    assert [each for each in called if each not in frame] == []


def _docstrings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield ast.get_docstring(node) or ""
