"""The form by which a committee opens its year: of which unit, under which documents."""

import functools
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from flask import Response, request

from events.definitions.cycle import DocumentKind
from events.definitions.records import Period
from events.domain.aggregate.rejections import CommandRejected
from events.domain.documents import working_days
from events.domain.documents.document import Document
from events.domain.documents.periods import Cadence, is_period, quarters_of
from events.domain.documents.working_days import Calendar, local_day
from events.domain.rulebook import validity
from events.domain.rulebook.rulebook import Rulebook
from events.identifiers import ID_PATTERN, UnitId
from events.store import reference
from events.store.database import Database
from events.store.documents import UnknownDocument
from services.commands import cycles, rulebooks
from services.commands.work import Done
from services.queries import (
    publications,
    roster_doubts,
    speaking,
    subject_doubts,
    year_doubts,
    year_preview,
)
from services.queries.year_doubts import YearDoubt
from services.queries.year_preview import Preview
from services.read_models import roster
from services.web.asking import person
from services.web.context import system
from services.web.pages.parts import forms
from services.web.pages.parts.cycles import cycles_of, open_reviews_of
from services.web.pages.parts.forms import FormInvalid, Refusal
from services.web.pages.parts.frame import pages, redirect, show
from services.web.saying import names
from services.web.saying.languages import period_name, reader_language, say
from services.web.saying.moments import day, today

CALENDAR = "viet_nam"  # where none was chosen
SHARES_MAX = 200  # rows that a preview shows
YEARS = 2  # before and after this one that a cycle may be opened for

Choice = tuple[str, str]  # what is sent, and what is read
T = TypeVar("T", Rulebook, Calendar)


@pages.get("/cycle")
def show_cycles() -> Response:
    """Go to the newest cycle that the reader sees; with none, say who opens one."""
    for period, top in cycles_of(person.person()):
        return redirect(f"/cycles/{period}/{top}")
    return _form_page({})


@pages.get("/cycles/new")
def show_cycle_form() -> Response:
    """Return the form by which a committee opens its year."""
    return _form_page({})


@pages.post("/cycles/new")
def open_cycle() -> Response:
    """Open a committee's year, and the reviews of its members."""
    unit_id, year = request.form.get("unit", ""), request.form.get("year", "")
    if "preview" in request.form:
        return _preview(unit_id, year)

    def do() -> Done:
        _require_chosen(unit_id, year)
        asking = forms.asking()
        cycles.require_opener(system(), asking.person, UnitId(unit_id))
        rulebook, calendar = (request.form.get(each, "") for each in ("rulebook", "calendar"))
        by = f"account:{asking.person.account_id}"
        rules = rulebooks.rules_by_name(system(), rulebook, calendar or CALENDAR, principal=by)
        done = cycles.open_cycle(system(), asking, Period(year), UnitId(unit_id), rules)
        open_reviews_of(year, unit_id)
        return done

    return forms.send(
        do,
        then=f"/cycles/{year}/{unit_id}",
        says="cycle_opened",
        again=lambda refusal: _form_page(request.form, refusal),
    )


def _preview(unit_id: str, year: str) -> Response:
    """Show what a year would begin with, beside the form by which it is opened."""
    try:
        _require_chosen(unit_id, year)
        who, period, top = person.person(), Period(year), UnitId(unit_id)
        cycles.require_opener(system(), who, top)
        named = request.form.get("calendar", "") or CALENDAR
        rules = rulebooks.rules_unpublished(system(), request.form.get("rulebook", ""), named)
        cycles.require_openable(system(), who, period, top, rules)
    except (FormInvalid, UnknownDocument, CommandRejected) as error:
        return _form_page(request.form, forms.refusal(error))
    found = year_preview.before_opening(system(), top, period, rules)
    return _form_page(request.form, begins=_begins(found, rules.rulebook))


def _begins(found: Preview, rulebook: Rulebook) -> dict[str, Any]:
    """Return what a year would begin with, as a page shows it; where it stands still first."""
    labels = {each.id: each.label.of(reader_language()) for each in rulebook.groups}
    shown = sorted(found.shares, key=lambda each: not each.stuck)[:SHARES_MAX]
    units = {unit_id for each in shown for unit_id in (each.unit_id, each.proposes, each.decides)}
    named = names.of_units(units)
    shown.sort(key=lambda each: (not each.stuck, named.get(each.unit_id, "")))
    return {
        "reviews": found.reviews,
        "groups": [(labels.get(group, ""), *counts) for group, *counts in found.groups],
        "left_out": [(say(f"cycle.left_out.{why}"), count) for why, count in found.left_out],
        "shares": [(labels.get(each.group, ""), each) for each in shown],
        "more": len(found.shares) - len(shown),
        "names": named,
        "doubts": [_say_doubt(each) for each in found.doubts],
    }


def _say_doubt(doubt: YearDoubt) -> str:
    """Return a doubt in the reader's language, with whom it is about."""
    streams = [each.partition("-")[2] for each in doubt.named]
    if doubt.why == year_doubts.CALENDAR:
        named = [day(date.fromisoformat(each)) for each in doubt.named]
    elif doubt.why == subject_doubts.UNUSED_WORD:
        named = list(doubt.named)
    else:
        called = names.of_subjects(streams)
        named = [called.get(each, each) for each in streams]
    if doubt.why in year_doubts.SINGLE:
        return say(f"cycle.doubts.{doubt.why}", count=doubt.count, named=", ".join(named))
    if not named:
        return say("cycle.doubts_counted", what=say(f"cycle.doubts.{doubt.why}"), count=doubt.count)
    more = ", …" if doubt.count > len(named) else ""
    what, listed = say(f"cycle.doubts.{doubt.why}"), f"{', '.join(named)}{more}"
    return say("cycle.doubts_named", what=what, count=doubt.count, named=listed)


def _form_page(
    typed: Mapping[str, str],
    refusal: Refusal | None = None,
    *,
    begins: Mapping[str, Any] | None = None,
) -> Response:
    """Return the form, or, to whoever may open no year, what they are to know."""
    who = person.person()
    held = roster.deciding(system().store.database, {*who.units})
    units = names.of_units(speaking.units_spoken_for(system(), who, held))
    this = local_day(system().clock.now()).year
    return show(
        "cycle_new.html",
        status=refusal.status if refusal else 200,
        tops=sorted(units.items(), key=lambda each: each[1]),
        years=[(e, period_name(e)) for n in range(-YEARS, YEARS + 1) for e in _periods(this + n)],
        this=str(this),
        rulebooks=_rulebooks(this),
        calendars=_calendars(),
        typed=typed,
        refusal=refusal,
        begins=begins,
        lost=roster_doubts.lost_units(system().store.database, units) if units else (),
        back="/cycle" if any(cycles_of(person.person())) else "/",  # else it led back to itself
    )


def _periods(year: int) -> tuple[str, ...]:
    """Return a year and its quarters that are rated on their own."""
    return (str(year), *quarters_of(str(year)))


def _rulebooks(year: int) -> list[Choice]:
    """Return the rulebooks to choose from: those that govern the year first, the newest before."""

    def fitness(item: tuple[str, Rulebook]) -> tuple[bool, date]:
        return item[1].cadence is Cadence.YEAR and item[1].governs(str(year)), item[1].valid_from

    stored = reference.rulebook_of
    found = _editions(DocumentKind.RULEBOOK, validity.read, stored)
    best_first = sorted(found.items(), key=fitness, reverse=True)
    return _choices(best_first)


def _calendars() -> list[Choice]:
    """Return the calendars to choose from, with how far each knows: the furthest first.

    An edition whose place a later one took is none of them.
    """

    def reach(item: tuple[str, Calendar]) -> tuple[date, date]:
        return item[1].told_until, item[1].valid_until

    found = _editions(DocumentKind.CALENDAR, working_days.read, reference.calendar_of)
    editions, now = list(found.items()), today()
    newest = [
        (name, each)
        for number, (name, each) in enumerate(editions, 1)
        if not any(later.supplements(each, now) for _, later in editions[number:])
    ]
    return [
        (
            name,
            say(
                "cycle.calendar_edition",
                title=each.title.of(reader_language()),
                edition=each.edition,
                until=day(each.valid_until),
                announced=day(each.told_until),
            ),
        )
        for name, each in sorted(newest, key=reach, reverse=True)
    ]


def _editions(
    kind: DocumentKind, read: Callable[[Any], T], stored: Callable[[Database, str], T]
) -> dict[str, T]:
    """Return the editions of a kind of document: ours by their names, published ones by digests."""
    shipped = _shipped_documents(kind, read)
    found = dict(shipped)
    for each in publications.every(system(), kind):
        document = stored(system().store.database, each.fact.digest)
        if document not in shipped.values():
            found[each.fact.digest] = document
    return found


@functools.cache
def _shipped_documents(kind: DocumentKind, read: Callable[[Any], Any]) -> Mapping[str, Any]:
    """Return what we ship, by name. It is read once: to judge every edition takes 0.1 s."""
    return {
        each: read(reference.shipped_document(kind, each)) for each in reference.shipped_names(kind)
    }


def _choices(found: Iterable[tuple[str, Document]]) -> list[Choice]:
    return [
        (name, say("cycle.edition", title=each.title.of(reader_language()), edition=each.edition))
        for name, each in found
    ]


def _require_chosen(unit_id: str, year: str) -> None:
    wrong = {}
    if not ID_PATTERN.fullmatch(unit_id):
        wrong["unit"] = say("forms.choice")
    if not is_period(year):
        wrong["year"] = say("forms.choice")
    if wrong:
        raise FormInvalid(wrong)
