"""Whose number the corrections of a batch take away or give.

All of them hold at once, so two that swap numbers may come together. Somebody is found by the
number told of them last, and by no other (decision 0067).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from events.definitions.characters import alike
from events.definitions.entry import Recorded
from events.definitions.event import Sealed
from events.definitions.roster import MemberEnrolled, UnitFormed
from events.domain.organisation import timelines
from events.domain.organisation.corrections import standing_facts
from events.identifiers import Stream
from services.access import words
from services.context import Context
from services.intake.corrections import Corrections
from services.intake.numbers import Key, Numbers, NumberTaken, key_of, plain_number
from services.intake.reach import Reach
from services.intake.refusals import FromTheFuture, NumberReused, WrongCorrection
from services.intake.translation import Fact, Values

_OF_THIS_BATCH = 10**9  # beyond any version: facts of this batch come after those of the log

Founder: TypeAlias = MemberEnrolled | UnitFormed


class Told(NamedTuple):
    """What one standing fact says somebody is known by; where it was erased, None."""

    since: datetime
    order: int  # of those at one time the last holds
    number: str | None  # as it is compared
    name: str | None

    def names_another(self, name: str | None) -> bool:
        return names_differ(name, self.name)


Standing = dict[Stream, dict[int, Told]]  # by their order


class _Corrected(NamedTuple):
    """A correction of what a fact told, and what stands of the same person after it."""

    correction: Fact
    wrong: Told
    standing: Mapping[int, Told]

    def among(self, standing: Mapping[int, Told]) -> "_Corrected":
        return self._replace(standing=standing)

    def require_one_person(self) -> None:
        """Refuse to give another number, or name, where their own facts tell of another person.

        A number says of whom a fact tells; but where it changed hands their name did.

        Raises:
            WrongCorrection
        """
        right, wrong = self.standing.get(self.wrong.order), self.wrong
        if right is None:
            return
        told = (each for each in self.standing.values() if each.order != wrong.order)
        others = [each for each in told if each.names_another(right.name)]
        if right.number != wrong.number and any(each.number == wrong.number for each in others):
            raise WrongCorrection(
                "under the number that this takes away somebody of another name is known: if the "
                "fact tells of somebody else, take it away (a correction without a fact) and tell "
                "it anew",
                index=self.correction.index,
                pointer="/data/fact/data/number",
            )
        if right.names_another(wrong.name) and any(e.number != right.number for e in others):
            raise WrongCorrection(
                "other facts tell of this person by another name and number: if the fact tells of "
                "somebody else, take it away (a correction without a fact) and tell it anew; if "
                "the name is right, correct it in those facts too, in one batch",
                index=self.correction.index,
                pointer="/data/fact/data/name",
            )


class Renumbering:
    """Who is known by which number once all corrections of a batch hold."""

    def __init__(self, context: Context, corrections: Corrections, reach: Reach | None) -> None:
        self._context = context
        self._corrections = corrections
        self._founders = corrections.of_founding_facts()
        streams = {
            corrections.earlier[fact.corrects].stream
            for fact in self._founders
            if fact.corrects in corrections.earlier
        }
        self._before: Standing = {
            each: told_in(context, corrections.histories[each]) for each in streams
        }
        self._given: dict[Key, Told] = {}
        self.versions: dict[Stream, int] = {}  # of whom facts of this batch tell again, as read
        self._reach = reach
        self._corrected = list[_Corrected]()

    def numbers(self) -> Iterator[Key]:
        """Iterate over the numbers told so far of those of whom facts are corrected."""
        for stream, facts in self._before.items():
            kind = stream.partition("-")[0]
            yield from ((kind, each.number) for each in facts.values() if each.number is not None)

    def apply(self, numbers: Numbers) -> dict[int, Stream]:
        """Take numbers away and give them; return of whom facts of this batch tell, by index.

        Raises:
            WrongCorrection: two would be known under one number, or a fact is somebody else's.
            FromTheFuture: somebody would be known under two numbers until a day to come.
        """
        subjects = self._find_subjects(numbers)
        after = {stream: dict(facts) for stream, facts in self._before.items()}
        last: dict[Stream, Fact] = {}
        for fact in self._founders:
            stream, order = self._place(fact, subjects)
            last[stream] = fact
            after[stream].pop(order, None)
            told = fact.values.get("fact")
            if told is not None:
                data = told["data"]
                after[stream][order] = _of_values(told["time"], order, data)
        for fact in self._founders:
            stream, order = self._place(fact, subjects)
            if order in self._before[stream]:  # else it was taken away, and told anew now
                told = _Corrected(fact, self._before[stream][order], after[stream])
                told.among(self._visible(stream, after[stream])).require_one_person()
                self._corrected.append(told)
            self._require_by_now(fact, order, after[stream])
        self._rename(numbers, after, last)
        return subjects

    def require_one_person(self) -> None:
        """Raise WrongCorrection where a fact is somebody else's, by what the sender does not see.

        `apply` asked of what they see.
        """
        for told in self._corrected:
            told.require_one_person()

    def beside(self, facts: Iterable[Fact], numbers: Numbers) -> Iterator[Fact]:
        """Iterate over the founding facts that these corrections neither name nor tell beside."""
        corrected = {each.corrects for each in self._founders}
        for fact in facts:
            kind = fact.cls.definition.about
            if fact.cls.definition.founds and fact.key not in corrected:
                known = numbers.find(kind, fact.values["number"])
                if known is None or Stream(f"{kind}-{known}") not in self._before:
                    yield fact

    def require_no_other(self, fact: Fact) -> None:
        """Refuse a founding fact under a number that a correction beside it gives to another.

        Raises:
            NumberReused
        """
        given = self._given.get(key_of(fact.cls.definition.about, fact.values["number"]))
        if given and given.names_another(fact.values["name"]):
            raise NumberReused(
                "a correction in this batch gives this number to somebody of another name: "
                "which of the two has it?",
                index=fact.index,
            )

    def _find_subjects(self, numbers: Numbers) -> dict[int, Stream]:
        """Find whom facts of this batch found that are corrected in it, and add what they tell."""
        founding: dict[Stream, list[Fact]] = defaultdict(list)
        for each in self._founders:
            fact = self._corrections.batch.get(each.corrects)
            if fact is None or each.corrects in self._corrections.earlier:
                continue
            kind, number = fact.cls.definition.about, fact.values["number"]
            founding[Stream(f"{kind}-{numbers.find_or_reserve(kind, number)}")].append(fact)
        self._read(each for each in founding if each not in self._before)
        numbers.look_up(self.numbers())
        for stream, facts in founding.items():
            for fact in facts:
                order = _OF_THIS_BATCH + fact.index
                self._before[stream][order] = _of_values(fact.time, order, fact.values)
        return {fact.index: stream for stream, facts in founding.items() for fact in facts}

    def _read(self, streams: Iterable[Stream]) -> None:
        """Read by which numbers those are known of whom facts of this batch tell again."""
        here = self._corrections.histories
        histories = {each: here.get(each, ()) for each in streams}
        read = [each for each in histories if each not in here]
        histories |= self._context.store.read_streams(read) if read else {}
        for stream, history in histories.items():
            self._before[stream] = told_in(self._context, tuple(history))
            if history:
                self.versions[stream] = history[-1].entry.streamversion

    def _visible(self, stream: Stream, standing: Mapping[int, Told]) -> Mapping[int, Told]:
        """Return what of somebody was told of the time since they are within."""
        reach = self._reach
        return {
            order: told
            for order, told in standing.items()
            if reach is None or order >= _OF_THIS_BATCH or reach.sees_since(stream, told.since)
        }

    def _require_by_now(self, correction: Fact, order: int, standing: Mapping[int, Told]) -> None:
        """Refuse to give a number on a day to come: until then another one names whoever it is.

        Raises:
            FromTheFuture
        """
        now, right = self._context.clock.now(), standing.get(order)
        if right is None or not timelines.is_ahead(right.since, now):
            return
        if any(
            each.number != right.number and not timelines.is_ahead(each.since, now)
            for each in standing.values()
        ):
            raise FromTheFuture(
                "this gives somebody another number on a day to come, and a number names one "
                "person at a time: tell it on that day",
                index=correction.index,
                pointer="/data/fact/data/number",
            )

    def _place(self, correction: Fact, subjects: Mapping[int, Stream]) -> tuple[Stream, int]:
        place = self._corrections.earlier.get(correction.corrects)
        if place:
            return place.stream, place.version
        index = self._corrections.batch[correction.corrects].index
        return subjects[index], _OF_THIS_BATCH + index

    def _rename(self, numbers: Numbers, after: Standing, last: Mapping[Stream, Fact]) -> None:
        holds = {stream: max(facts.values(), default=None) for stream, facts in after.items()}
        for stream, facts in self._before.items():
            kind, _, known_id = stream.partition("-")
            held = holds[stream]
            for number in {each.number for each in facts.values()}:
                if number is not None and (held is None or number != held.number):
                    numbers.take(kind, number, known_id)
        for stream, held in holds.items():
            if held is None or held.number is None:
                continue
            kind, _, known_id = stream.partition("-")
            try:
                numbers.give(kind, held.number, known_id)
            except NumberTaken as error:
                pointer = (
                    "/data/fact/data/number" if "fact" in last[stream].values else "/data/corrects"
                )
                raise WrongCorrection(
                    str(error), index=last[stream].index, pointer=pointer
                ) from error
            self._given[kind, held.number] = held


def told_in(context: Context, history: tuple[Recorded, ...]) -> dict[int, Told]:
    """Return what stands of the facts by which somebody is known, by version."""
    founding = [
        (version, event, since)
        for version, (event, since) in standing_facts(history).items()
        if isinstance(event, Founder)
    ]
    sealed = [text.sealed for _, event, _ in founding for text in _sealed_in(event)]
    opened = words.open_all(context, sealed).words if sealed else {}

    def clear(text: str | Sealed[Any]) -> str | None:
        if isinstance(text, str):
            return text
        return opened[text.sealed].text if text.sealed in opened else None

    return {
        version: Told(since, version, number and plain_number(number), clear(event.name))
        for version, event, since in founding
        for number in (clear(event.number),)
    }


def _of_values(since: datetime, order: int, values: Values) -> Told:
    return Told(since, order, plain_number(values["number"]), values["name"])


def _sealed_in(event: Founder) -> Iterator[Sealed[Any]]:
    yield from (each for each in (event.number, event.name) if isinstance(each, Sealed))


def names_differ(one: str | None, other: str | None) -> bool:
    """Tell whether two names are those of two people; of what was erased nobody can tell."""
    if one is None or other is None or one == other:
        return False
    return alike(one) != alike(other)
