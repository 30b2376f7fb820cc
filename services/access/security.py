"""The security log: who signed in, who failed, and who may do what since when.

Its lines stand among the others, under a logger and names of their own that never change; the table
in README.md lists them. They name accounts and tokens by id, and addresses by what one client has
to itself, and never what somebody typed.
"""

import enum

import structlog

LOGGER = "tusoi.security"


class Happening(enum.StrEnum):
    """What is told, by its stable name."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_IN_LOCKED_OUT = "sign_in_locked_out"
    SIGNED_OUT = "signed_out"
    SESSION_IDLE = "session_idle"
    SESSIONS_ENDED = "sessions_ended"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a name
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a name
    ACCOUNT_MADE = "account_made"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"
    ACCOUNT_STOPPED = "account_stopped"
    ACCOUNT_RESUMED = "account_resumed"
    ROLE_GIVEN = "role_given"
    ROLE_TAKEN = "role_taken"
    TOKEN_MADE = "token_made"  # noqa: S105 - a name
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - a name
    FORGED = "forged"


# What happens by itself and all day; all else is a warning, so that commands tell it too.
_ORDINARY = frozenset(
    (
        Happening.SIGNED_IN,
        Happening.SIGNED_OUT,
        Happening.SESSION_IDLE,
        Happening.SESSIONS_ENDED,
        Happening.PASSWORD_CHANGED,
        Happening.ACCOUNT_STOPPED,
        Happening.ACCOUNT_RESUMED,
    )
)


def note(happening: Happening, **fields: str | bool | int | None) -> None:
    """Write a line of the security log."""
    log = structlog.get_logger(LOGGER)
    write = log.info if happening in _ORDINARY else log.warning
    write(happening.value, **{name: value for name, value in fields.items() if value is not None})
