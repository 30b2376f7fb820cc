"""The demo: a made-up commune's HR file goes in over HTTP, and what became of it comes back."""

import json
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from events.errors import TusoiError
from services.access import tokens
from services.access.tokens import Grants
from services.bootstrap import System
from services.cli import checking, console
from services.read_models import states

HR_FILE = Path(__file__).resolve().parents[2] / "deploy" / "demo" / "hr.jsonl"
SOURCE = "/hr/suoi-guong-demo"
TOKEN_NAME = "demo HR system"  # noqa: S105 - a name, no secret
BATCH = 20
PAGE = 200
SETTLE_SECONDS = 30  # for numbering and projecting a few hundred events
ANSWER_SECONDS = 10


class DemoFailed(TusoiError):
    code = "demo_failed"


class Client:
    """Speaks to the service as any other system does."""

    def __init__(self, address: str, secret: str) -> None:
        self._address = address
        self.secret = secret

    def get(self, path: str) -> Any:
        return self._ask(urllib.request.Request(self._address + path))  # noqa: S310 - our own address

    def send(self, batch: list[Any]) -> Any:
        body = json.dumps(batch, ensure_ascii=False).encode()
        request = urllib.request.Request(f"{self._address}/api/v1/events", data=body)  # noqa: S310
        request.add_header("Content-Type", "application/cloudevents-batch+json")
        return self._ask(request)

    def _ask(self, request: urllib.request.Request) -> Any:
        request.add_header("Authorization", f"Bearer {self.secret}")
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            told = error.read().decode(errors="replace")
            raise DemoFailed(f"{request.selector} answered {error.code}: {told}") from error


class Seen(NamedTuple):
    """What the service's own HTTP interface tells after the file went in."""

    sent: int
    appended: int
    events: list[Any]
    units: dict[str, Any]
    members: dict[str, Any]


def play(system: System, address: str) -> tuple[Seen, checking.Checked]:
    """Send the HR file, wait until it is projected, ask for everything back, and verify."""
    client = Client(address, _token(system))
    lines = [json.loads(line) for line in HR_FILE.read_text(encoding="utf-8").splitlines()]
    appended = _send(client, lines)
    settle(system, len(lines))
    system.signer.sign()
    events = list(_feed(client))
    units, members = (_states(client, events, kind) for kind in ("unit", "member"))
    seen = Seen(len(lines), appended, events, units, members)
    checked = checking.check_all(system, lambda _position: None)
    _tell(seen, checked, address, client)
    return seen, checked


def passed(seen: Seen, checked: checking.Checked) -> bool:
    """Return whether everything that was sent is there, projected and proven."""
    founded = Counter(event["type"] for event in seen.events)
    return (
        not checked.findings
        and len(seen.events) == seen.sent == checked.log.size
        and len(seen.units) == founded["roster.unit_formed"]
        and len(seen.members) == founded["roster.member_enrolled"]
        and checked.log.checkpoints >= 1
        and not any(each["incomplete"] for each in (seen.units | seen.members).values())
    )


def _token(system: System) -> str:
    """Return the secret of a fresh token for the demo's HR system; older ones are revoked."""
    database = system.store.database
    for token in tokens.every(database):
        if token.name == TOKEN_NAME and token.revoked_at is None:
            tokens.revoke(database, token.id, clock=system.clock)
    grants = Grants(sends=("roster.*",), sources=(SOURCE,), reads=("roster.*",), states=True)
    _, secret = tokens.make(database, TOKEN_NAME, grants, clock=system.clock, chance=system.chance)
    return secret


def _send(client: Client, lines: list[Any]) -> int:
    appended = 0
    with console.progress("Sending the HR file", len(lines)) as progress:
        for start in range(0, len(lines), BATCH):
            answer = client.send(lines[start : start + BATCH])
            appended += sum(not receipt["known"] for receipt in answer["receipts"])
            progress(start + len(answer["receipts"]))
    return appended


def settle(system: System, count: int) -> None:
    """Wait until every event has its place and is in the states."""
    until = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < until:
        size = system.store.head().size
        reached = [states.reached(system.store.database, each.projection) for each in states.KINDS]
        if size >= count and min(reached) == size:
            return
        time.sleep(0.05)
    raise DemoFailed(f"after {SETTLE_SECONDS} s not everything is projected; see `tusoi doctor`")


def _feed(client: Client) -> Iterator[Any]:
    after = 0
    while True:
        page = client.get(f"/api/v1/events?after={after}&limit={PAGE}")
        yield from page["events"]
        if page["after"] >= page["head"]:
            return
        after = page["after"]


def _states(client: Client, events: list[Any], kind: str) -> dict[str, Any]:
    """Return the state of everyone of whom the feed tells, by id."""
    ids = {
        event["subject"].removeprefix(f"{kind}-")
        for event in events
        if event["subject"].startswith(f"{kind}-")
    }
    return {each: client.get(f"/api/v1/{kind}s/{each}") for each in sorted(ids)}


def _tell(seen: Seen, checked: checking.Checked, address: str, client: Client) -> None:
    console.say(f"\n{seen.sent} facts sent over HTTP, {seen.appended} of them new.\n")
    counts = Counter(event["type"] for event in seen.events)
    console.show_table(("in the log", "events"), sorted(counts.items()), empty="")
    console.say()
    here = Counter(
        each["unit_id"]
        for each in seen.members.values()
        if each["membership"] == "enrolled" and "unit_id" in each
    )
    posts = Counter(
        post["unit_id"] for each in seen.members.values() for post in each.get("posts", ())
    )
    rows = [
        (unit["name"], unit["kind"], here[unit_id], posts[unit_id], unit_id)
        for unit_id, unit in sorted(seen.units.items(), key=lambda item: item[1]["number"])
    ]
    console.show_table(("unit", "kind", "members", "posts held", "id"), rows, empty="no units")
    console.say()
    checking.report(checked)
    _tell_more(seen, address, client.secret)


def _tell_more(seen: Seen, address: str, secret: str) -> None:
    """Say how to ask for more, in lines that can be pasted."""
    corrected = next(e for e in seen.events if e["type"] == "roster.fact_corrected")
    member = corrected["subject"].removeprefix("member-")
    told = corrected["position"] - 1
    console.say(f"""
Ask for more (this token is the demo's, made anew at each start):
  TOKEN={secret}
  curl -H "Authorization: Bearer $TOKEN" {address}/api/v1/members/{member}
  curl -H "Authorization: Bearer $TOKEN" "{address}/api/v1/members/{member}?as_of={told}"
  curl -H "Authorization: Bearer $TOKEN" {address}/api/v1/members/{member}/history
  curl -H "Authorization: Bearer $TOKEN" "{address}/api/v1/events?after=0&limit=5"
  curl {address}/log/checkpoint
That member's move was told into the wrong cell; as_of shows what held before the correction.""")
