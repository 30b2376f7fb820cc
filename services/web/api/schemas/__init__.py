"""Bodies of requests and answers, and queries: the API's documentation is made of them."""

import msgspec

from services.web.api.schemas import commands, cycles, delegations, editions, log, sessions, year

STRUCTS: tuple[type[msgspec.Struct], ...] = (
    *log.STRUCTS,
    *year.STRUCTS,
    *cycles.STRUCTS,
    *editions.STRUCTS,
    *commands.STRUCTS,
    *delegations.STRUCTS,
    *sessions.STRUCTS,
)
