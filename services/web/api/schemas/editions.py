"""The bodies of answers about editions. The API's documentation is derived from them."""

from datetime import datetime
from typing import Any

from msgspec import UNSET, UnsetType

from events.definitions.records import Hand
from services.web.api.schemas.year import Answer


class EditionDifference(Answer, frozen=True, kw_only=True):
    """One place in which two editions differ."""

    path: str
    before: str  # empty where nothing stood
    now: str


class PublishedEdition(Answer, frozen=True, kw_only=True):
    """An edition that a year may be opened under."""

    issuer: str
    id: str
    edition: str
    digest: str
    title: dict[str, str]  # by language
    verified: bool  # whether somebody compared it with the official text
    published_at: datetime
    by: Hand | UnsetType = UNSET  # of the committee whose it is


class PublishedEditions(Answer, frozen=True, kw_only=True):
    editions: tuple[PublishedEdition, ...]


class TriedEdition(Answer, frozen=True, kw_only=True):
    """What came of an edition that was sent."""

    stream: str = ""
    version: int = 0
    known: bool = False  # whether it had been published before
    digest: str | UnsetType = UNSET  # under which a year is opened; absent after a dry run
    differences: tuple[EditionDifference, ...] = ()  # to the edition before of the same name


class EditionDifferences(Answer, frozen=True, kw_only=True):
    differences: tuple[EditionDifference, ...]


class FormToFill(Answer, frozen=True, kw_only=True):
    """The form on which a step of somebody's review is written."""

    digest: str  # under which the review tells it, once it is written
    form: dict[str, Any]  # its document
    catalogue: dict[str, Any] | UnsetType = UNSET  # through which its sheet goes


STRUCTS = (PublishedEditions, TriedEdition, EditionDifferences, FormToFill)
