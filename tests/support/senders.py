"""Systems as tests let them send: a batch at once, in this process and without HTTP."""

from collections.abc import Callable
from typing import Any

from services.access.tokens import Grants, Principal
from services.context import Context
from services.intake.parser import parse_event
from services.intake.receive import Outcome, receive
from tests.support import hr

Sent = dict[str, Any]
Send = Callable[..., tuple[Outcome, ...]]
HR = Principal("token:t", "t", Grants(sends=("roster.*",), sources=(hr.SOURCE,)))


def send_as(context: Context, principal: Principal = HR) -> Send:
    """Return what sends events as somebody, and returns what became of each."""

    def send(*events: Sent) -> tuple[Outcome, ...]:
        parsed = [parse_event(each, index) for index, each in enumerate(events)]
        return receive(context, principal, parsed, correlation_id="c")

    return send
