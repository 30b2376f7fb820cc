"""The rules' no."""

from events.errors import TusoiError


class CommandRejected(TusoiError):
    """A command that the law forbids; nothing is appended.

    `code` is stable and what programs and pages look at, `rule` says which rule stands against it,
    `needed` what would have to be so instead.
    """

    def __init__(self, code: str, *, rule: str, needed: str) -> None:
        super().__init__(f"{needed} ({rule})")
        self.code = code
        self.rule = rule
        self.needed = needed
