"""Characters that nobody sees, and those that look like a plainer one.

Two texts that look the same name the same: intake, search and sorting compare them by `plain`.
"""

import re
import unicodedata

# What is drawn as nothing, for a class of a regular expression, here and in JSON Schema: controls,
# joiners, marks of direction, separators of lines, variation selectors, fillers, tags.
UNSEEN = (
    r"\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
ODD_SPACES = r"\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"  # that look like a plain one, or none
_UNSEEN = re.compile(f"[{UNSEEN}]")
_UNSEEN_OR_ODD = re.compile(f"[{UNSEEN}{ODD_SPACES}]")
# By how a character falls apart: those that are drawn as what they fall into, or nearly.
_DRAWN_ALIKE = frozenset(("<wide>", "<narrow>", "<font>", "<compat>", "<noBreak>", "<initial>"))
# Old texts write Đ as the Icelandic or the African letter; Cyrillic and Greek ones look Latin.
_LETTERS = str.maketrans(
    "ÐðƉɖ⁄∕−АВЕЅІЈКМНОРСТУХаеѕіјорсухΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
    "ĐđĐđ//-ABESIJKMHOPCTYXaesijopcyxABEZHIKMNOPTYXo",
)
_SPACES = re.compile(r"\s+")


class UnseenCharacter(ValueError):
    """A text holds a character that nobody sees: by it two names differ that look the same."""

    def __init__(self, text: str, place: int) -> None:
        character = text[place]
        name = unicodedata.name(character, "a character without a name")
        super().__init__(
            f"take away its character {place + 1}, {name} (U+{ord(character):04X}), "
            "which nobody sees"
        )


def require_seen(text: str, *, spaces: bool = False) -> None:
    """Raise UnseenCharacter for the first one; with `spaces`, spaces of other widths are taken."""
    found = (_UNSEEN if spaces else _UNSEEN_OR_ODD).search(text)
    if found:
        raise UnseenCharacter(text, found.start())


def plain(text: str) -> str:
    r"""Return a text as it is compared: without what nobody sees, in the plainest look-alikes.

    >>> plain("Ðặng\u00a0Văn\u200b A"), plain("Ａ１７"), plain("05–QÐ/UBKT")
    ('Đặng Văn A', 'A17', '05-QĐ/UBKT')
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text
    seen = "".join(map(_plain_character, unicodedata.normalize("NFC", text)))
    return unicodedata.normalize("NFC", _SPACES.sub(" ", seen.translate(_LETTERS)))


def _plain_character(character: str) -> str:
    category = unicodedata.category(character)
    if character.isspace():
        return " "
    if _UNSEEN.match(character):
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Pd":
        return "-"
    if unicodedata.decomposition(character).partition(" ")[0] in _DRAWN_ALIKE:
        return unicodedata.normalize("NFKC", character)
    return character
