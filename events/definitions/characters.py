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
_BARRED = str.maketrans("Đđ", "Dd")  # whose bar is no mark that could be taken off
_SPACES = re.compile(r"\s+")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")  # one a syllable; where it stands is taste
_STOPS = " .,;:"  # at the end of a name or number they say nothing
_NUMBER_SIGN = re.compile(r"^s[ốo]\s*[.:]?\s*(?=\d)")  # "Số 05"
_ZEROS = re.compile(r"(?<![\d.])0+(?=\d)")
# What a table makes of a number, with a comma in Vietnamese; three zeros may be its thousands.
_WHOLE = re.compile(r"(?<=\d)[.,]0(0|0{3,})?$")
_TEXT_SIGN = re.compile(r"^['’]+(?=\w)")  # by which a table keeps a number as a text
_SHORTENED = re.compile(r"\d([.,]\d+)?[Ee]\+\d+")
_NO_NUMBER = frozenset(("null", "none", "nan", "n/a", "true", "false", "undefined"))
_NO_WORD = " .,;:<>()[]'\""  # what programs and people put around such a word
_JOINS = re.compile(r"[\s_./-]+")
_AS_COMPARED = re.compile(r"((?!so\d)[a-z]+-?)?[1-9][0-9]*")  # of nothing else that reads so
MARKS_MAX = (
    30  # on one letter; Unicode's own bound for texts that can be normalised as they stream by
)
_MAYBE_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{MARKS_MAX + 1},}}")  # no mark is a letter or ASCII


class UnseenCharacter(ValueError):
    """A text holds a character that nobody sees: by it two names differ that look the same."""

    def __init__(self, text: str, place: int) -> None:
        character = text[place]
        name = unicodedata.name(character, "a character without a name")
        super().__init__(
            f"take away its character {place + 1}, {name} (U+{ord(character):04X}), "
            "which nobody sees"
        )


class TooManyMarks(ValueError):
    """A letter carries more marks than any language has: what reads it takes the square of them."""

    def __init__(self) -> None:
        super().__init__(f"a letter carries more than {MARKS_MAX} marks: remove some")


def nfc(text: str) -> str:
    """Return a text in NFC; its letters carry few marks, for composing takes their square.

    Raises:
        TooManyMarks: also where the text is in NFC already, for others read it after us.
        TypeError: it is no text; whoever sent it is told so.
    """
    if str.isascii(text):
        return text
    if few_marks(text) != text:
        raise TooManyMarks
    composed = unicodedata.normalize("NFC", text)
    if few_marks(composed) != composed:  # one mark may become two
        raise TooManyMarks
    return composed


def few_marks(text: str) -> str:
    """Return a text without the marks of a letter that are more than 30."""
    return _MAYBE_MARKS.sub(_first_marks, text)


def _first_marks(found: re.Match[str]) -> str:
    kept, marks = [], 0
    for character in found[0]:
        marks = marks + 1 if unicodedata.category(character).startswith("M") else 0
        if marks <= MARKS_MAX:
            kept.append(character)
    return "".join(kept)


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
    seen = "".join(map(_plain_character, unicodedata.normalize("NFC", few_marks(text))))
    return unicodedata.normalize("NFC", _SPACES.sub(" ", seen.translate(_LETTERS)))


def alike(text: str) -> str:
    """Return a name as it is compared: in any case, wherever its tones stand, without end stops.

    >>> alike("Uỷ ban Kiểm tra, xã Hòa.") == alike("ỦY BAN KIỂM TRA, XÃ HOÀ")
    True
    """
    return " ".join(map(_toned_last, plain(text).casefold().strip(_STOPS).split()))


def alike_number(text: str) -> str:
    """Return a number as it is compared: like a name, however it is spaced, joined or filled up.

    >>> alike_number("Số 05 - QĐ / UBKT."), alike_number("bn_0017"), alike_number("'17,0")
    ('5-qđ-ubkt', 'bn-17', '17')
    """
    if text.isascii() and _AS_COMPARED.fullmatch(folded := text.casefold()):
        return folded  # as nearly all are: whatever follows would leave it alone
    number = _TEXT_SIGN.sub("", plain(text).casefold().strip(_STOPS))
    number = _NUMBER_SIGN.sub("", number)
    number = _ZEROS.sub("", _WHOLE.sub("", number))
    return _toned_last(_JOINS.sub("-", number))


def is_shortened(number: str) -> bool:
    """Tell whether a table shortened a long number, so that many are written alike.

    >>> is_shortened("7.9123E+11"), is_shortened("7,9E+11"), is_shortened("CB7E+11")
    (True, True, False)
    """
    return _SHORTENED.fullmatch(number) is not None


def is_no_number(text: str) -> bool:
    """Tell whether a table or program wrote this where there was no number, or none that fitted.

    Many people may be told of under it. A 0, of an empty cell, and `5-Jan`, of 5-1, may be a
    table's doing too; but programs count from 0, and either may be somebody's own: nobody can tell,
    and who is told anew under another name is doubtful.

    >>> [is_no_number(text) for text in ("#N/A", "-", "NaN", "NA", "0", "5-Jan")]
    [True, True, True, False, False, False]
    """
    number = plain(text).casefold().strip()
    return (
        number.startswith("#")
        or not any(map(str.isalnum, number))
        or number.strip(_NO_WORD) in _NO_NUMBER
    )


def without_marks(text: str) -> str:
    """Return a text as a system writes it that knows no accents: with plain letters alone.

    >>> without_marks("05-qđ-ubkt"), without_marks("Hoà")
    ('05-qd-ubkt', 'Hoa')
    """
    letters = unicodedata.normalize("NFD", text).translate(_BARRED)
    return "".join(each for each in letters if not unicodedata.combining(each))


def _toned_last(word: str) -> str:
    """Return a word with its tones behind it: people write both Hòa and Hoà."""
    if word.isascii():
        return word
    letters = unicodedata.normalize("NFD", word)
    tones = [each for each in letters if each in _TONES]
    rest = "".join(each for each in letters if each not in _TONES)
    return unicodedata.normalize("NFC", rest) + "".join(tones)


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
