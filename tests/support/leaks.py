"""Whether words stand somewhere in the clear, in whichever form bytes may carry them."""

import base64
import json


def forms_of(words: str) -> tuple[bytes, ...]:
    """Return words as text, as JSON escapes them, as hexadecimal digits and in base64."""
    plain = words.encode()
    escaped = json.dumps(words)[1:-1].encode()
    return plain, escaped, plain.hex().encode(), *_in_base64(plain)


def leaked(words: str, written: bytes) -> bool:
    """Tell whether words stand in what was written."""
    return any(form in written for form in forms_of(words))


def _in_base64(plain: bytes) -> list[bytes]:
    """Return what base64 shows of bytes wherever they begin: the digits that they alone decide."""
    shown = []
    for before in range(3):
        encoded = base64.urlsafe_b64encode(bytes(before) + plain)
        begin, whole = -(-before * 8 // 6), (before + len(plain)) * 8 // 6
        shown.append(encoded[begin:whole])
    return shown
