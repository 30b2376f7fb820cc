"""A document's plain values in words for people, whatever parts it has.

Rulebooks gain parts from edition to edition, and old ones are read for years. So nothing here asks
for a part: what it has a word for is said in that word, everything else as it stands.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import msgspec
from markupsafe import Markup, escape

from events.domain.documents.differences import Difference
from events.domain.review.explanation import citation_text
from events.domain.rulebook.rulebook import Rulebook
from events.domain.steps import TABLE, PostRole, Step, Turn
from services.web.saying import moments
from services.web.saying.languages import reader_language, say, say_or

STEP = r"[^.\[\]]+"  # one of a path
COMMON_YEAR = 2023  # in which a deadline's day stands for that of every year
ASIDE = ("citation", "note", "verified")  # said after what they are about
DATES = ("valid_from",)
_DAYS = {"vi": "%d/%m", "en": "%-d %B"}

Labels = Mapping[str, Any]  # what the document itself calls something, by its id


class Worded(NamedTuple):
    """A value in words; or what it is made of, each with its heading."""

    text: Markup | None = None
    parts: Sequence[tuple[Markup, "Worded"]] = ()  # of something with named parts
    items: Sequence["Worded"] = ()  # of a list


class Piece(NamedTuple):
    """A part of what stands in a place, such as one of a list."""

    text: Markup
    differs: bool  # from what stands in that place in the other document


class Change(NamedTuple):
    """One place in which two documents differ."""

    where: Markup
    path: str
    before: Sequence[Piece]
    now: Sequence[Piece]


def posts_taking(document: Mapping[str, Any], id_: str, step: Mapping[str, Any]) -> Sequence[str]:
    """Return the posts that take a step, as far as the document names any for it."""
    roles, kind = document.get("roles", {}), step.get("kind", id_)
    if "posts" in step or not roles or step.get("who") != Turn.SECRETARY or kind not in TABLE:
        return tuple(step.get("posts", ()))
    if role := TABLE[Step(kind)].role:
        return tuple(roles.get(role.value, ()))
    return [*dict.fromkeys(post for each in PostRole for post in roles.get(each.value, ()))]


def in_order(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with its parts as a rulebook has them; stored ones are in the alphabet's.

    Parts that we do not know come last.
    """
    given = dict(document)
    if isinstance(given.get("steps"), dict):
        given["steps"] = _sort(given["steps"], list(Step))
    return _sort(given, ["kind", *(each.encode_name for each in msgspec.structs.fields(Rulebook))])


def _sort(given: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    places = {name: number for number, name in enumerate(names)}
    return {name: given[name] for name in sorted(given, key=lambda n: places.get(n, len(names)))}


def labels(document: Mapping[str, Any]) -> Labels:
    """Return what a document calls its levels, groups, criteria, figures and posts, by id."""
    lists = [each for each in document.values() if isinstance(each, list)]
    things = [thing for each in lists for thing in each if isinstance(thing, Mapping)]
    found = {str(each["id"]): each["label"] for each in things if {"id", "label"} <= each.keys()}
    posts = document.get("posts")
    return found | (dict(posts) if isinstance(posts, Mapping) else {})


def text_of(value: Any) -> Markup:
    """Return words that a document holds in both languages, in the reader's.

    A text in one language only stands for both.
    """
    return escape(value[reader_language()] if isinstance(value, Mapping) else value)


def day(month_day: str) -> str:
    """Return a day of every year, such as "12-05"."""
    return date.fromisoformat(f"{COMMON_YEAR}-{month_day}").strftime(_DAYS[reader_language()])


def date_of(given: str) -> str:
    """Return a date of a document as written in the reader's language."""
    return moments.day(date.fromisoformat(given))


def key(name: str) -> Markup:
    """Return what a part of a document is called."""
    of_steps = say_or(f"year.steps.{name}", name.replace("_", " ").capitalize())
    return say_or(f"rulebooks.keys.{name}", of_steps)


def label_of(name: str, known: Labels) -> Markup:
    """Return what an id stands for: as the document says, or as these pages do."""
    if name in known:
        return text_of(known[name])
    of_posts = say_or(f"year.posts.{name}", name)
    return say_or(f"rulebooks.values.{name}", of_posts)


def value(given: Any, known: Labels) -> Worded:
    """Return any value in words."""
    match given:
        case {"vi": str(), "en": str(), **rest} if not rest:
            return Worded(text_of(given))
        case Mapping():
            return Worded(parts=list(_parts(given, known)))
        case [*items] if any(isinstance(each, Mapping | list) for each in items):
            return Worded(items=[value(each, known) for each in items])
        case [*items]:
            return Worded(Markup(", ").join(_one_value(each, known) for each in items))
        case _:
            return Worded(_one_value(given, known))


def place_text(path: str, *where: Mapping[str, Any]) -> Markup:
    """Return in words where in a document something stands, by the first that has it.

    A part of the path is a key, or the id of something in a list, which says what it is itself.
    """
    said: list[Markup] = []
    found: list[Any] = list(where)
    for step in re.findall(STEP, path):
        below = [_part_below(each, step) for each in found]
        thing = next((each for each in below if each is not None), None)
        in_list = any(isinstance(each, list) for each in found)
        said.append(_title_of(thing, step) if in_list else key(step))
        found = below
    return Markup(" › ").join(said)


def changes(
    found: Iterable[Difference], before: Mapping[str, Any], now: Mapping[str, Any]
) -> list[Change]:
    """Return in words what differs between two documents; what came or went is marked."""
    return [
        Change(
            place_text(each.path, now, before),
            each.path,
            _side(each.before, each.path, before, now),
            _side(each.now, each.path, now, before),
        )
        for each in found
    ]


def _side(
    shown: str, path: str, here: Mapping[str, Any], there: Mapping[str, Any]
) -> Sequence[Piece]:
    """Return one side of a difference.

    Of a list of things with ids, it is those that the other side has not, in their own words; or
    all of them, where only their order differs.
    """
    things, others = _things(_part_at(here, path)), _things(_part_at(there, path))
    if not things and not others:
        said = _said_text(_part_at(here, path), shown, path, labels(here))
        return [Piece(said, differs=True)] if shown else []
    if things.keys() == others.keys():
        return [Piece(_title_of(each, name), differs=False) for name, each in things.items()]
    return [
        Piece(_title_of(things[name], name), differs=True) for name in things if name not in others
    ]


def _said_text(given: Any, shown: str, path: str, known: Labels) -> Markup:
    if isinstance(given, Mapping | list):
        return _in_a_row(value(given, known))
    return escape(date_of(shown)) if path in DATES else label_of(shown, known)


def _in_a_row(worded: Worded) -> Markup:
    """Return a value's words in one line, whatever it is made of."""
    if worded.text is not None:
        return worded.text
    parts = (Markup("{}: {}").format(name, _in_a_row(inner)) for name, inner in worded.parts)
    return Markup("; ").join((*parts, *map(_in_a_row, worded.items)))


def _things(value: Any) -> dict[str, Any]:
    """Return the things in a list by their ids; none where it is no list of such."""
    if not isinstance(value, list) or not all(isinstance(e, Mapping) and "id" in e for e in value):
        return {}
    return {str(each["id"]): each for each in value}


def _part_at(document: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a place; None where nothing does."""
    return functools.reduce(_part_below, re.findall(STEP, path), document)


def _parts(given: Mapping[str, Any], known: Labels) -> Iterator[tuple[Markup, Worded]]:
    """Iterate over what something is made of; what it rests on and what is not sure come last."""
    names = [each for each in given if each not in ASIDE]
    for name in (*names, *(each for each in ASIDE if each in given)):
        if name == "id" and "label" in given:
            continue  # it is for programs; the label is what it is called
        yield (
            key(name),
            value(citation_text(given[name]) if name == "citation" else given[name], known),
        )


def _one_value(given: Any, known: Labels) -> Markup:
    if isinstance(given, bool):
        return say(f"rulebooks.{'yes' if given else 'no'}")
    return label_of(given, known) if isinstance(given, str) else escape(given)


def _part_below(given: Any, step: str) -> Any:
    if isinstance(given, Mapping):
        return given.get(step)
    if isinstance(given, list):
        same = (each for each in given if isinstance(each, Mapping) and each.get("id") == step)
        return next(same, None)
    return None


def _title_of(thing: Any, step: str) -> Markup:
    """Return what something in a list is called: by its label, or by what it says."""
    named = thing.get("label") or thing.get("says") if isinstance(thing, Mapping) else None
    return text_of(named) if named else escape(step)
