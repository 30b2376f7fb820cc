"""The entry: the bytes that are stored, hashed and exported, for ever.

One CloudEvents 1.0 object as canonical JSON: RFC 8785 within the subset on which every JSON
library agrees (ASCII keys, NFC strings, integers within ±(2^53 - 1), booleans, arrays, objects;
no floats, no null). Within that subset sorted keys and shortest escapes are all there is to it.
"""

import base64
import re
import unicodedata
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from msgspec import UNSET, Raw, UnsetType

from events.definitions.catalogue import (
    CATALOGUE,
    MISREAD,
    Catalogue,
    UnknownType,
    UnreadableEntry,
)
from events.definitions.event import COMMITMENT_PATTERN, INTEGER_MAX, Event, Moment, Told
from events.definitions.review import PSEUDONYM
from events.definitions.roster import FactCorrected
from events.errors import TusoiError

ENTRY_BYTES_MAX = 65_535  # C2SP tlog-tiles gives an entry 16 bits of length
DATA_BYTES_MAX = 60 * 1024
SALT_BYTES = 16
CLOCKS_APART_MAX = timedelta(hours=1)  # of the hosts that append to one log, and sign it

NOT_AS_WRITTEN = (
    "holds more than its form has, leaves something out, or has a salt or commitment of none"
)

_SALT = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")  # 16 bytes in base64url
# A quotation mark inside a text is written with a backslash before it, so no text looks like this.
_NO_COMMITMENT = re.compile(rf'\{{"sealed":"(?!{COMMITMENT_PATTERN}"\}})'.encode())

_encoder = msgspec.json.Encoder(order="sorted")


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The attributes of one stored event; `data` is still in its bytes.

    Like all that is read by the thousand it is kept from the garbage collector (`gc=False`), which
    would look at each of them again and again; nothing in it can be part of a circle.
    """

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    type: str
    subject: str
    time: Moment  # when it happened
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str
    stream: str
    streamversion: int  # counted from 1 in its stream
    recordedat: Moment  # when it was appended
    principal: str  # who asked
    onbehalfof: str | UnsetType = UNSET
    causationid: str | UnsetType = UNSET
    correlationid: str | UnsetType = UNSET
    salt: str  # base64url; so that no leaf hash can be guessed from likely contents
    data: Raw


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """An entry together with the fact it holds."""

    entry: Entry
    event: Event


class Sequenced(msgspec.Struct, frozen=True, gc=False):
    """A recorded event that has its place in the total order."""

    position: int  # from 1, no gaps
    sequenced_at: datetime
    entry: Entry
    event: Event


class EntryTooLarge(TusoiError):
    code = "entry_too_large"

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"the event takes {size} bytes, the limit is {limit}: shorten it")
        self.size = size
        self.limit = limit


class NotCanonical(TusoiError):
    """A value lies outside the subset of JSON on which all libraries agree."""

    code = "not_canonical"


_entry_decoder = msgspec.json.Decoder(Entry)


def tells_the_day_alone(principal: str) -> bool:
    """Tell whether a principal's entries have the day for their times: a moment would name them."""
    return principal.startswith(PSEUDONYM)


def encode_data(event: Event) -> Raw:
    """Return the canonical JSON of a fact.

    Raises:
        EntryTooLarge: more than 60 KiB.
        NotCanonical: a string is not in NFC.
    """
    data = _encoder.encode(event)
    if len(data) > DATA_BYTES_MAX:
        raise EntryTooLarge(len(data), DATA_BYTES_MAX)
    require_nfc(data)
    return Raw(data)


def encode_entry(entry: Entry) -> bytes:
    """Return the canonical bytes of an entry.

    Raises:
        EntryTooLarge: more than 65,535 bytes.
    """
    encoded = _encoder.encode(entry)
    if len(encoded) > ENTRY_BYTES_MAX:
        raise EntryTooLarge(len(encoded), ENTRY_BYTES_MAX)
    return encoded


def decode_entry(encoded: bytes) -> Entry:
    """Return the attributes that stored bytes hold.

    Raises:
        UnreadableEntry: they are no entry.
    """
    try:
        return _entry_decoder.decode(encoded)
    except MISREAD as error:
        raise UnreadableEntry(f"these bytes are no entry: {error}") from error


def read_entry(encoded: bytes, catalogue: Catalogue) -> Recorded:
    """Return stored bytes as an entry with its fact.

    Raises as `decode_entry` and the catalogue do, and UnreadableEntry where the entry is called
    another type than its data are of: whoever goes by that name would read another history.
    """
    entry = decode_entry(encoded)
    event = catalogue.decode(entry.dataschema, entry.data)
    if entry.type != event.definition.type:
        raise UnreadableEntry(f"an entry of type {entry.type} holds data of {entry.dataschema}")
    return Recorded(entry, event)


def is_as_written(encoded: bytes, recorded: Recorded) -> bool:
    """Return whether bytes are what this codec would write for the fact that was read from them.

    So they hold nothing that reading passes over, and leave nothing out that it puts in; salt and
    commitments have their form. Data of an older form were raised: they alone are not compared.
    """
    entry, event = recorded.entry, recorded.event
    if not _SALT.fullmatch(entry.salt) or _NO_COMMITMENT.search(encoded):
        return False
    is_older = entry.dataschema != event.definition.dataschema
    as_read = is_older or _encoder.encode(event) == bytes(entry.data)
    if isinstance(event, FactCorrected) and event.fact:
        as_read = as_read and _is_as_told(event.fact)
    return as_read and _encoder.encode(entry) == encoded


def _is_as_told(fact: Told) -> bool:
    """Return whether the fact inside a correction is as it would be written by itself."""
    try:
        event = CATALOGUE.open(fact)
    except (UnreadableEntry, UnknownType):
        return False
    is_older = fact.schemaversion != event.definition.schema_version
    return is_older or _encoder.encode(event) == _encoder.encode(fact.data)


def is_canonical(encoded: bytes) -> bool:
    """Return whether bytes are exactly what this codec would write for the object they hold."""
    try:
        value = msgspec.json.decode(encoded)
        require_nfc(encoded)
        return within_subset(value) and _encoder.encode(value) == encoded
    except (*MISREAD, NotCanonical):
        return False


def within_subset(value: object) -> bool:
    """Return whether a value has no floats, no nulls, no large integers, and ASCII keys only.

    It is as JSON was decoded. Most of what is in an entry are texts: they are passed over at once.
    """
    if isinstance(value, dict):
        inner = [each for each in value.values() if type(each) is not str]
        return all(map(str.isascii, value)) and all(map(within_subset, inner))
    if isinstance(value, list):
        return all(map(within_subset, [each for each in value if type(each) is not str]))
    if isinstance(value, int):  # true and false too
        return -INTEGER_MAX <= value <= INTEGER_MAX
    return isinstance(value, str)


def require_nfc(encoded: bytes) -> None:
    """Raise NotCanonical when UTF-8 bytes hold text that is not in NFC."""
    if not encoded.isascii() and not unicodedata.is_normalized("NFC", encoded.decode()):
        raise NotCanonical("a text is not in Unicode normal form C; normalise it before it is sent")


def encode_salt(salt: bytes) -> str:
    """Return the salt's form in an entry: base64url without padding."""
    return base64.urlsafe_b64encode(salt).rstrip(b"=").decode()
