"""Facts that were corrected while another one, of the same source and moment, tells the same still.

What is told again before a correction comes is corrected with it, what is told again after it is a
fact of its own: by the order of arrival alone something stands, or does not (decision 0065).
"""

from collections.abc import Iterator, Sequence

from events.definitions.entry import Recorded
from events.definitions.event import Event, Sealed
from events.definitions.fields import fields_of
from events.domain.organisation.corrections import corrections_in, made_in, standing_facts
from events.domain.organisation.doubt import Doubt, Why
from services.access import words
from services.context import Context


def told_still(context: Context, history: Sequence[Recorded]) -> Iterator[Doubt]:
    """Iterate over doubts about corrections of what another fact tells still.

    What was taken away when words were erased is no such thing: its sender did not correct it.
    """
    facts = {each.entry.streamversion: each for each in history}
    standing = standing_facts(history)
    for version, correction in corrections_in(history).items():
        wrong = facts[version]
        alike = (
            event
            for other, (event, time) in standing.items()
            if other != version
            and (time, facts[other].entry.source) == (wrong.entry.time, correction.entry.source)
        )
        if wrong.entry.source == correction.entry.source and any(
            _say_the_same(context, each, wrong.event) for each in alike
        ):
            yield Doubt(made_in(correction).made_at, Why.CORRECTED_TO_NO_EFFECT)


def _say_the_same(context: Context, one: Event, other: Event) -> bool:
    """Tell whether two facts tell the same; of what was erased nobody can tell."""
    if type(one) is not type(other):
        return False
    pairs = [(getattr(one, e.name), getattr(other, e.name)) for e in fields_of(type(one))]
    unlike = [pair for pair in pairs if pair[0] != pair[1]]
    if not all(isinstance(each, Sealed) for pair in unlike for each in pair):
        return False
    opened = words.open_all(context, (each.sealed for pair in unlike for each in pair)).words
    return all(
        a.sealed in opened and b.sealed in opened and opened[a.sealed].text == opened[b.sealed].text
        for a, b in unlike
    )
