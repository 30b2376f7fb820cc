"""Editions of rulebooks as people read them: which there are, what one demands, what differs."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import Response, request

from events.definitions.records import Period
from events.domain.documents.differences import differences
from events.domain.year import cycle
from events.identifiers import UnitId, cycle_stream
from services.queries import speaking
from services.web.asking import person
from services.web.context import system
from services.web.pages.parts import wording
from services.web.pages.parts.cycles import visible_cycles
from services.web.pages.parts.editions import Edition, edition, every
from services.web.pages.parts.frame import pages, show
from services.web.saying import names

# What the page of an edition says in its own way; all other parts are told as they stand.
HEAD = ("kind", "id", "edition", "issuer", "title", "valid_from", "citation", "verified", "note")
BODY = ("levels", "rules", "limits", "criteria", "figures", "steps", "rungs", "reopening")
YEARS = ("cadence", "first_year", "last_year")


@pages.get("/rulebooks")
def show_rulebooks() -> Response:
    """Return every edition that a year may be opened under, the newest first."""
    who = person.person()
    found = sorted(every(), key=lambda each: str(each.document["valid_from"]), reverse=True)
    return show(
        "rulebooks.html",
        editions=found,
        publishers=_publishers(found),
        used=_cycles_by_edition(),
        own=any(each.published and each.published.by for each in found),
        may_publish=any(speaking.units_spoken_for(system(), who)),
        wording=wording,
    )


@pages.get("/rulebooks/<named>")
def show_rulebook(named: str) -> Response:
    """Return an edition told for people; what this page does not know is told as it stands."""
    who, shown = person.person(), edition(named)
    document = shown.document
    known, labels = {*HEAD, *BODY, *YEARS}, wording.labels(document)
    return show(
        "rulebook.html",
        edition=shown,
        document=document,
        publishers=_publishers([shown]),
        used=_cycles_by_edition().get(named, []),
        demands=[
            (level, _clauses_for(document, "rules", level["id"])) for level in document["levels"]
        ],
        others=_other_editions(shown),
        years=[key for key in YEARS if key in document],
        rest=[
            (wording.key(key), wording.value(document[key], labels))
            for key in document
            if key not in known
        ],
        labels=labels,
        may_publish=any(speaking.units_spoken_for(system(), who)),
        wording=wording,
    )


@pages.get("/rulebooks/<named>/differences")
def show_differences(named: str) -> Response:
    """Return what differs between an edition and another one, before and now."""
    now, before = edition(named), edition(request.args.get("from", ""))
    found = differences(before.document, now.document)
    return show(
        "rulebook_differences.html",
        now=now,
        before=before,
        changed=wording.changes(found, before.document, now.document),
        wording=wording,
    )


def _other_editions(shown: Edition) -> list[Edition]:
    """Return the other editions to compare one with: first the edition before of the same name.

    Of those before it, the newest comes first, and of these its own issuer's.
    """

    def nearness(other: Edition) -> tuple[bool, ...]:
        head, ours = other.document, shown.document
        is_later = _age(other) > _age(shown)
        return head["id"] != ours["id"], is_later, head["issuer"] != ours["issuer"]

    others = [each for each in every() if each.named != shown.named]
    return sorted(sorted(others, key=_age, reverse=True), key=nearness)


def _age(edition: Edition) -> tuple[str, ...]:
    """Return by what editions stand in the order of time; what nobody used yet is the older."""
    published = edition.at.isoformat() if edition.at else ""
    return str(edition.document["valid_from"]), published, edition.document["edition"]


def _publishers(editions: Iterable[Edition]) -> Mapping[str, str]:
    """Return the names of the units that published some of these editions."""
    facts = [each.published for each in editions if each.published]
    return names.of_units([fact.by.unit_id for fact in facts if fact.by])


def _clauses_for(document: Mapping[str, Any], group: str, level: str) -> list[Any]:
    return [each for each in document[group] if each["level"] == level]


def _cycles_by_edition() -> dict[str, list[tuple[str, UnitId, str]]]:
    """Return by digest which of the cycles that the reader sees go by an edition."""
    found: dict[str, list[tuple[str, UnitId, str]]] = {}
    for period, top, called in visible_cycles(person.person()):
        for digest in _digests_pinned(period, top):
            found.setdefault(digest, []).append((period, top, called))
    return found


def _digests_pinned(period: str, top: UnitId) -> Iterator[str]:
    stream = cycle_stream(Period(period), top)
    state = cycle.fold(system().store.read_stream(stream).events)
    if state.opened:
        yield state.opened.fact.rulebook
