"""A commune in its year, behind HTTP: somebody in every role, and a clock that tests move.

An is reviewed. Everybody else is called by the role that they have towards An; `headers` signs a
request as one of them, and `live` brings An's year as far as a test needs it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

from events.definitions.event import Code, Event
from events.definitions.roster import IssuerNamed, PostGiven
from events.identifiers import MemberId, UnitId
from services.access import accounts, sessions
from services.access.account_rows import UnknownAccount
from services.access.accounts import SignInRefused
from services.web.asking import session
from tests.support.people import give_account
from tests.support.world import (
    CELL,
    COMMUNE,
    DISTRICT,
    OTHER_CELL,
    Answer,
    World,
    authorised,
    enrolled,
    formed,
)
from workers.reacting import Reactor
from workers.reactions.escalation import Escalation
from workers.timekeeper import Timekeeper, missed_event_id

PERIOD = "2026"
WORDS = "Tôi đã nhận ra và sẽ sửa."
TEXT_FILE = "Biên bản họp chi bộ\n".encode()
GOOD = {"conduct": 26, "results": 60}
POOR = {"conduct": 15, "results": 25}
FIGURES = {"tasks_total": 10, "tasks_on_time": 10, "tasks_beyond": 4}
OPENED_AT = datetime(2026, 11, 2, 2, tzinfo=UTC)  # the first working day on which it is decided
AFTER_THE_COMMITMENT_WAS_DUE = datetime(2026, 11, 10, 2, tzinfo=UTC)

MEMBER = MemberId("memberanaaaaaaaaaaaaaaaaaa")
PEER = MemberId("peeraaaaaaaaaaaaaaaaaaaaaa")
SECRETARY = MemberId("secretaryaaaaaaaaaaaaaaaaa")
COMMITTEE = MemberId("committeeaaaaaaaaaaaaaaaaa")
FOLLOWER = MemberId("followeraaaaaaaaaaaaaaaaaa")
AUTHORITY = MemberId("authorityaaaaaaaaaaaaaaaaa")
SUPERIOR = MemberId("superioraaaaaaaaaaaaaaaaaa")
STRANGER = MemberId("strangeraaaaaaaaaaaaaaaaaa")
NEWCOMER = MemberId("newcomeraaaaaaaaaaaaaaaaaa")

REVIEW = f"/api/v1/reviews/{PERIOD}/{MEMBER}"
PLAN = f"/api/v1/plans/{PERIOD}/{MEMBER}"
RATING = f"/api/v1/ratings/{PERIOD}/{MEMBER}"
CYCLE = f"/api/v1/cycles/{PERIOD}/{COMMUNE}"
MILESTONE = f"/api/v1/milestones/{PERIOD}-{MEMBER}-1"


@dataclass(frozen=True)
class SignedIn:
    """An account that a test is signed in with."""

    id: str
    member_id: MemberId | None = None
    roles: tuple[str, ...] = ()


ACCOUNTS: Mapping[str, SignedIn] = {
    each.id: each
    for each in (
        SignedIn("member", MEMBER),
        SignedIn("peer", PEER),
        SignedIn("secretary", SECRETARY),
        SignedIn("committee", COMMITTEE),
        SignedIn("follower", FOLLOWER),
        SignedIn("authority", AUTHORITY),
        SignedIn("superior", SUPERIOR),  # in the unit above the one that decides
        SignedIn("auditor", roles=("auditor",)),
        SignedIn("administrator", roles=("administrator",)),
        SignedIn("stranger", STRANGER),
    )
}
ROLES = (*ACCOUNTS, "token", "nobody")


class YearWorld(World):
    """A world with a commune, somebody in every role, and a year that can be opened and lived."""

    accounts: ClassVar[Mapping[str, SignedIn]] = ACCOUNTS

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.client = self.app.test_client(use_cookies=False)  # each request says who asks
        self._timekeeper = Timekeeper(self.system)
        escalation = Escalation(self.system, missed_event_id)
        self._reactor = Reactor(self.system.store, escalation, clock=self.clock)
        self._token = self.token(states=True)
        self._make_accounts()
        self.tell(*_commune())

    def advance(self) -> int:
        """Let workers do what follows, until nothing does any more; return the log's size."""
        size = super().advance()
        while self._reactor.advance() or self._timekeeper.tick():
            size = super().advance()
        return size

    def reach(self, now: datetime) -> None:
        """Let it be another time, and let happen what time brings about."""
        self.clock.time = now
        self.advance()

    def headers(self, role: str) -> dict[str, str]:
        """Return the headers of a request by somebody in a role."""
        if role == "token":
            return self._token
        return {} if role == "nobody" else self._signed_in(role)

    def read(self, role: str, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=self.headers(role) | headers)

    def open_words(self, role: str, path: str, **headers: str) -> Answer:
        """Return a page with words of others, which a form opens."""
        form, headers = {"open": "words", "words": "open"}, {"Accept": "text/html"} | headers
        return self.ask("POST", path, data=form, headers=self.headers(role) | headers)

    def send(self, role: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Return the answer to a command, with a body as JSON; then workers did what follows."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        options = {"json": {} if body is None else body}
        answer = self.ask("POST", path, headers=self.headers(role) | named, **options)
        self.advance()
        return answer

    def hand_in(
        self,
        role: str,
        path: str,
        *files: tuple[str, bytes],
        headers: Mapping[str, str] = MappingProxyType({}),
        **typed: str,
    ) -> Answer:
        """Return the answer to evidence for a milestone, sent as a form."""
        body, content_type = _form(files, typed)
        sent = {**self.headers(role), **headers, "Content-Type": content_type}
        answer = self.ask("POST", f"{path}/evidence", data=body, headers=sent)
        self.advance()
        return answer

    def do(self, role: str, path: str, body: Any = None) -> Answer:
        """Send a command that must be carried out."""
        answer = self.send(role, path, body)
        assert answer.status_code == 201, answer.json
        return answer

    def open_cycle(self) -> Answer:
        """Let the authority open the year, late in it, and with it everybody's review."""
        self.clock.set(OPENED_AT)
        body = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": "neutral"}
        return self.do("authority", "/api/v1/cycles", body)

    def live(
        self, until: str = "handed_in", points: Mapping[str, int] = POOR, *, since: str = ""
    ) -> None:
        """Live An's year, from the opened cycle or a step on to another, and with poor points."""
        steps = (
            ("criticised", lambda: self.do("peer", f"{REVIEW}/criticisms", {"text": WORDS})),
            ("critique", lambda: self.do("member", f"{REVIEW}/self-critique", {"text": WORDS})),
            ("answered", self._answer),
            ("proposed", lambda: self._propose(points)),
            ("decided", self._decide),
            ("announced", lambda: self.do("secretary", f"{REVIEW}/announcement")),
            ("planned", self._plan),
            ("agreed", self._agree),
            ("handed_in", lambda: self.hand_in("member", MILESTONE, ("a.txt", TEXT_FILE))),
        )
        names = [name for name, _ in steps]
        for name, step in steps[names.index(since) if since else 0 :]:
            step()
            if name == until:
                return
        assert until == steps[-1][0], f"no step is called {until}"

    def version(self, stream: str) -> int:
        """Return how far a stream goes."""
        return self.system.store.versions([stream])[stream]  # type: ignore[list-item,index]

    def size(self) -> int:
        """Return how many events there are."""
        rows = self.system.store.database.rows("SELECT count(*) FROM events", ())
        return int(rows[0][0])

    def cause(self) -> str:
        """Return the id of An's escalation."""
        sql = "SELECT id FROM escalation_states WHERE member_id = ?"
        return str(self.system.store.database.rows(sql, (MEMBER,))[0][0])

    def _make_accounts(self) -> None:
        for each in self.accounts.values():
            give_account(self.system, each.id, each.member_id, each.roles)

    def _signed_in(self, role: str) -> dict[str, str]:
        """Return the headers of a browser that signed in just now, whatever time it is."""
        try:
            secret = sessions.begin(self.system, accounts.find(self.system, role))
        except (SignInRefused, UnknownAccount):
            secret = "of-a-session-that-ended"
        token = session.csrf_token_of(secret)
        return {"Cookie": f"{session.COOKIE}={secret}", session.CSRF_HEADER: token}

    def _answer(self) -> None:
        criticism = self.read("member", REVIEW).json["criticisms"][0]["id"]
        self.do("member", f"{REVIEW}/criticisms/{criticism}/answer", {"text": WORDS})

    def _propose(self, points: Mapping[str, int]) -> None:
        body = {"points": dict(points), "figures": FIGURES, "text": WORDS}
        self.do("secretary", f"{REVIEW}/proposal", body)

    def _decide(self) -> None:
        proposal = self.read("authority", REVIEW).json["proposal"]
        body = {"level": proposal["outcome"]["level"], "proposal_version": proposal["version"]}
        self.do("authority", f"{REVIEW}/decision", body)

    def _plan(self) -> None:
        milestones = [{"words": WORDS, "due_on": "2027-06-30"}]
        self.do("member", PLAN, {"text": WORDS, "milestones": milestones})

    def _agree(self) -> None:
        version = self.read("secretary", PLAN).json["proposal_version"]
        body = {"proposal_version": version, "follower_id": FOLLOWER}
        self.do("secretary", f"{PLAN}/agreement", body)


def _commune() -> tuple[Event, ...]:
    """Return what HR tells: An's cell with a peer and a secretary, and another cell."""
    return (
        formed(DISTRICT, name="Tỉnh ủy"),
        formed(COMMUNE, DISTRICT, name="Đảng bộ"),
        authorised(COMMUNE),
        IssuerNamed(unit_id=COMMUNE, issuer=Code("suoi_guong")),
        formed(CELL, COMMUNE),
        formed(OTHER_CELL, COMMUNE),
        *(enrolled(each, CELL) for each in (MEMBER, PEER, SECRETARY)),
        enrolled(SUPERIOR, DISTRICT),
        *(enrolled(each, OTHER_CELL) for each in (COMMITTEE, FOLLOWER, AUTHORITY, STRANGER)),
        post_given(SECRETARY, CELL, "secretary"),
        post_given(COMMITTEE, COMMUNE, "committee_member"),
        post_given(AUTHORITY, COMMUNE, "secretary"),
        post_given(SUPERIOR, DISTRICT, "secretary"),
    )


def post_given(member_id: MemberId, unit_id: UnitId, post: str) -> PostGiven:
    return PostGiven(member_id=member_id, unit_id=unit_id, post=Code(post))


def _form(files: tuple[tuple[str, bytes], ...], typed: Mapping[str, str]) -> tuple[bytes, str]:
    """Return a form's body and type; werkzeug's own client would use temporary files."""
    boundary = "xxxxxxxx"
    parts = [(f'name="{name}"', text.encode()) for name, text in typed.items()]
    parts += [(f'name="files"; filename="{name}"', content) for name, content in files]
    body = b"".join(
        f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode()
        + content
        + b"\r\n"
        for head, content in parts
    )
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
