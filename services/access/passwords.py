"""Passwords: hashed with Argon2id, compared, and drawn at random."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from events.errors import TusoiError
from events.identifiers import Chance

PASSWORD_MIN, PASSWORD_MAX = 12, 200  # characters

# The least that OWASP recommends for Argon2id (Password Storage Cheat Sheet): 19 MiB, two passes.
# Change them at will: who signs in next gets a hash of the new strength.
MEMORY_KIB = 19456
TIME_COST = 2
LANES = 1
HASH_BYTES = 32
SALT_BYTES = 16

DRAWN_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: none looks like another
DRAWN_GROUPS, DRAWN_GROUP = 4, 5  # 20 characters of 5 bits: nobody guesses 100 bits

_hasher = PasswordHasher(TIME_COST, MEMORY_KIB, LANES, HASH_BYTES, SALT_BYTES)
# The hash of no password. Who is unknown is checked against it, and waits as long as who is known.
NOBODYS = f"$argon2id$v=19$m={MEMORY_KIB},t={TIME_COST},p={LANES}${'A' * 22}${'A' * 43}"


class PasswordRefused(TusoiError):
    code = "password_refused"

    def __init__(self) -> None:
        super().__init__(
            f"a password is {PASSWORD_MIN} to {PASSWORD_MAX} printable characters: "
            "a few words that only you would put together are a good one"
        )


def hash_password(typed: str, chance: Chance) -> str:
    """Return the hash of a password that somebody chose. Raises PasswordRefused."""
    password = _password(typed)
    if password is None:
        raise PasswordRefused
    return _hasher.hash(password, salt=chance.bytes(SALT_BYTES))


def fits(typed: str, hash_: str) -> bool:
    """Return whether a password is the hashed one; what is no password takes as long."""
    password = _password(typed)
    try:
        _hasher.verify(hash_ if password else NOBODYS, password or "")
    except VerifyMismatchError:
        return False
    return True


def is_outdated(hash_: str) -> bool:
    """Return whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(hash_)


def drawn_password(chance: Chance) -> str:
    """Return a password drawn at random, which people can read out and type.

    >>> from events.identifiers import SystemChance
    >>> [len(group) for group in drawn_password(SystemChance()).split("-")]
    [5, 5, 5, 5]
    """
    drawn = chance.bytes(DRAWN_GROUPS * DRAWN_GROUP)
    characters = "".join(DRAWN_ALPHABET[each % len(DRAWN_ALPHABET)] for each in drawn)
    starts = range(0, len(characters), DRAWN_GROUP)
    return "-".join(characters[start : start + DRAWN_GROUP] for start in starts)


def _password(typed: str) -> str | None:
    """Return a password as it is hashed; None: it is none."""
    if len(typed) > PASSWORD_MAX * 4:  # before NFC, which may make it shorter
        return None
    password = unicodedata.normalize("NFC", typed)
    allowed = PASSWORD_MIN <= len(password) <= PASSWORD_MAX and password.isprintable()
    return password if allowed else None
