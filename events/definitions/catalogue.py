"""The catalogue of types: which facts there are, and how their stored data are read."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from events.definitions.access import ACCESS
from events.definitions.cycle import CYCLE
from events.definitions.deadline import DEADLINE
from events.definitions.erasure import ERASURE
from events.definitions.escalation import ESCALATION
from events.definitions.event import NAMESPACE, Definition, Event, Told
from events.definitions.plan import PLAN
from events.definitions.reading import READING
from events.definitions.review import REVIEW
from events.definitions.roster import ROSTER
from events.definitions.upcasters import UPCASTERS, Upcaster
from events.errors import TusoiError


class UnknownType(TusoiError):
    """No definition of this type: the sender is mistaken, or this program is too old."""

    code = "unknown_type"

    def __init__(self, event_type: str) -> None:
        super().__init__(f"no event type is called {event_type!r}; GET /schemas lists them")
        self.event_type = event_type


class FutureVersion(TusoiError):
    """A schema version that this program does not know yet."""

    code = "future_version"

    def __init__(self, event_type: str, schema_version: int, newest: int) -> None:
        super().__init__(
            f"{event_type} has schema version {schema_version}, this program knows up to {newest}: "
            "upgrade this program, or send an older version"
        )
        self.event_type = event_type
        self.schema_version = schema_version


class UnreadableEntry(TusoiError):
    """Stored or handed-in bytes that are not an entry of the form they claim."""

    code = "unreadable_entry"


# What reading raises over bytes of another shape, tampered ones included.
MISREAD = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
# What an upcaster raises over data of another shape.
MISRAISED = (LookupError, TypeError, AttributeError)

_DATASCHEMA = re.compile(NAMESPACE + r"schemas/([^/]+)/([1-9][0-9]{0,8})\.json")


class Catalogue:
    """The event types by name, and a ready decoder for each form ever stored."""

    def __init__(
        self, events: Iterable[type[Event]], upcasters: Mapping[tuple[str, int], Upcaster]
    ) -> None:
        self._events = {cls.definition.type: cls for cls in events}
        self._upcasters = upcasters
        self._decoders = {
            cls.definition.dataschema: msgspec.json.Decoder(cls) for cls in self._events.values()
        }

    def __iter__(self) -> Iterator[type[Event]]:
        """Iterate over the definitions, sorted by type."""
        return iter(self._events[name] for name in sorted(self._events))

    def event_class(self, event_type: str) -> type[Event]:
        """Return the class of a type.

        Raises:
            UnknownType: there is none.
        """
        try:
            return self._events[event_type]
        except KeyError:
            raise UnknownType(event_type) from None

    def definition(self, event_type: str) -> Definition:
        return self.event_class(event_type).definition

    def decode(self, schema: str, data: bytes | msgspec.Raw) -> Event:
        """Return the event that `data` holds in the stored form `schema`, raised to today's.

        Raises:
            UnknownType: no such type.
            FutureVersion: a newer form than this program knows.
            UnreadableEntry: the data have another shape than their schema says.
        """
        decoder = self._decoders.get(schema)
        try:
            if decoder is not None:
                return decoder.decode(data)
            event_type, version = split_dataschema(schema)
            return self._raise(event_type, version, msgspec.json.decode(data))
        except (*MISREAD, *MISRAISED) as error:
            raise UnreadableEntry(f"data are not of {schema}: {error}") from error

    def open(self, told: Told) -> Event:
        """Return the fact inside a correction. Raises as `decode` does."""
        try:
            return self._raise(told.type, told.schemaversion, told.data)
        except (*MISREAD, *MISRAISED) as error:
            raise UnreadableEntry(f"a corrected fact is no {told.type}: {error}") from error

    def _raise(self, event_type: str, version: int, data: dict[str, Any]) -> Event:
        cls = self.event_class(event_type)
        newest = cls.definition.schema_version
        if version > newest:
            raise FutureVersion(event_type, version, newest)
        for step in range(version, newest):
            data = self._upcasters[event_type, step](data)
        return msgspec.convert(data, cls)


def split_dataschema(schema: str) -> tuple[str, int]:
    """Return the type and version that a `dataschema` names.

    Raises:
        UnreadableEntry: it is no name of a stored form.

    >>> split_dataschema("urn:tusoi:schemas/roster.unit_formed/1.json")
    ('roster.unit_formed', 1)
    """
    if named := _DATASCHEMA.fullmatch(schema):
        return named[1], int(named[2])
    raise UnreadableEntry(f"{schema!r} is no stored form's name: {NAMESPACE}schemas/TYPE/N.json")


DEFINED = (
    *ROSTER,
    *CYCLE,
    *REVIEW,
    *PLAN,
    *DEADLINE,
    *ESCALATION,
    *READING,
    *ERASURE,
    *ACCESS,
)
CATALOGUE = Catalogue(DEFINED, UPCASTERS)
