"""Every error that has a code: which status it is told with, and the words that pages have for it.

Both are asked of the errors that there are, found by importing everything; so one that was added,
or taken away, shows here.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import get_args

import events
import services
from events.definitions.catalogue import UnknownType
from events.definitions.entry import NotCanonical
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.errors import TusoiError
from services.access.roles import Thing, Unseen
from services.intake.refusals import Refusal
from services.printing.pdf import NotPrinted
from services.read_models.states import KINDS, Unknown
from services.web.asking.person import MalformedHeader
from services.web.http import problems
from services.web.http.problems import InvalidBody, NotYet
from services.web.pages.parts.forms import FormInvalid
from services.web.saying.languages import phrases

NEVER_ANSWERED = ("events.proof.", "events.replay.", "services.cli.", "workers.")  # told elsewhere
NOW = datetime(2026, 12, 7, 9, tzinfo=UTC)  # a value that any template takes
HTTP = {"not_found", "method_not_allowed", "request_entity_too_large", "internal_error"}

# Nobody who asks can do anything about these: the log says what happened, the answer is a 500.
OURS = {
    "account_exists",  # this and the next: what operators type, told at the console
    "login_refused",
    "grants_refused",
    "role_refused",
    "unknown_account",
    "unknown_token",
    "folder_in_use",
    "place_unusable",
    "installation_missing",
    "key_store_missing",
    "secret_damaged",
    "secret_missing",
    "secret_unsafe",
    "settings",
    "number_taken",
    "answers_invalid",  # this and the next: caught by API and pages, which tell each problem
    "document_invalid",
    "form_invalid",
    "invalid_data",
    "future_version",
    "box_damaged",
    "condition_failed",
    "document_damaged",
    "file_damaged",
    "head_lost",
    "head_moved",
    "not_covered",
    "not_printed",
    "not_so",  # caught by whoever verifies
    "text_damaged",
    "time_unreadable",
    "unreadable_entry",
}
# These get a status, but no page makes them: programs and operators send what is refused so.
OF_PROGRAMS = (InvalidBody, MalformedHeader, NotCanonical, NotYet, UnknownType)
# These are told on pages by their own words, though no status is theirs.
TOLD_ALL_THE_SAME = {"document_invalid", "file_damaged", FormInvalid.code, NotPrinted.code}


def errors() -> Iterator[type[TusoiError]]:
    """Iterate over the classes of errors that a request may meet."""
    for package in (events, services):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "__main__" not in module.name and ".migrations" not in module.name:
                importlib.import_module(module.name)
    yield from (
        each for each in _below(TusoiError) if not each.__module__.startswith(NEVER_ANSWERED)
    )


def _below(cls: type[TusoiError]) -> Iterator[type[TusoiError]]:
    for each in cls.__subclasses__():
        yield each
        yield from _below(each)


def has_status(cls: type[TusoiError]) -> bool:
    return issubclass(cls, (*problems.ANSWERS, Refusal))


def codes_on_pages() -> set[str]:
    """Return the code of everything that a page may have to say no with."""
    manifold = (CommandRejected, Unknown, Unseen, Refusal, *OF_PROGRAMS)  # codes that vary, or none
    fixed = {each.code for each in errors() if has_status(each) and not issubclass(each, manifold)}
    hidden = {f"unknown_{thing}" for thing in (*get_args(Thing), *(kind.name for kind in KINDS))}
    return fixed | hidden | {each.code for each in Rejection} | HTTP | TOLD_ALL_THE_SAME


def test_pages_have_words_for_every_code_and_for_no_other() -> None:
    said = {key.removeprefix("errors.") for key in phrases() if key.startswith("errors.")}
    told = codes_on_pages()

    assert {"without words": told - said, "left over": said - told} == {
        "without words": set(),
        "left over": set(),
    }


def test_what_refuses_programs_is_said_on_the_page_of_codes_and_nothing_else_is() -> None:
    said = {key.removeprefix("programs.") for key in phrases() if key.startswith("programs.")}
    refusals = {each.code for each in errors() if issubclass(each, Refusal)} - {
        Refusal.code,
        "error",
    }
    of_programs = {each.code for each in OF_PROGRAMS}
    told = (
        refusals | of_programs | {"unknown_fact", "unknown_decision", "bad_request"}
    ) - codes_on_pages()

    assert {"without words": told - said, "left over": said - told} == {
        "without words": set(),
        "left over": set(),
    }


def test_every_error_has_a_status_or_is_ours() -> None:
    without = {each.code for each in errors() if not has_status(each)}

    assert {"without status": without - OURS, "left over": OURS - without} == {
        "without status": set(),
        "left over": set(),
    }


def test_a_rejection_is_a_conflict_with_what_is_so_whatever_its_code() -> None:
    told = [CommandRejected(each, **dict.fromkeys(each.names, NOW)) for each in Rejection]

    assert {problems.status_of(each) for each in told} == {HTTPStatus.CONFLICT}
