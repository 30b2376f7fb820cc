"""A member stands in for the only secretary of a cell, who is on leave: a year lived over HTTP."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

from events.definitions.event import Code, Event
from events.definitions.records import Period
from events.definitions.roster import (
    AbsenceReason,
    DelegationEnded,
    MemberAbsent,
    MemberBack,
    MemberLeft,
    MemberStandingChanged,
    PostRelieved,
    Standing,
)
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.errors import TusoiError
from events.identifiers import member_stream
from services.commands import meetings
from services.commands.work import Asking
from services.queries.people import person_as
from services.subject import Subject
from tests.support.cases import every_case
from tests.support.sealed import sealed
from tests.support.unit_world import COUNTED
from tests.support.verified import findings, reason_of_bundle
from tests.support.world import CELL, COMMUNE, OTHER_CELL, enrolled
from tests.support.year_world import (
    AUTHORITY,
    COMMITTEE,
    MEMBER,
    NEWCOMER,
    OPENED_AT,
    PEER,
    PERIOD,
    REVIEW,
    SECRETARY,
    STRANGER,
    WORDS,
    SignedIn,
    YearWorld,
    post_given,
)

DELEGATE, END = "/api/v1/delegations", "/api/v1/delegations/end"
UNTIL = "2026-12-20"
FOR_SECRETARY = {"unit_id": CELL, "post": "secretary"}
TO_PEER = {**FOR_SECRETARY, "member_id": PEER, "until": UNTIL}
ENDED = {**FOR_SECRETARY, "member_id": PEER, "for_id": SECRETARY}
BY = {"member_id": PEER, "unit_id": CELL, "post": "secretary", "for_id": SECRETARY}
UNITS, SECRETARYS = (f"/api/v1/reviews/{PERIOD}/{each}" for each in (CELL, SECRETARY))
OF_SECRETARY = f"review-{PERIOD}-{SECRETARY}"
ON_LEAVE = MemberAbsent(member_id=SECRETARY, reason=sealed(AbsenceReason.TRAINING))


class LeaveWorld(YearWorld):
    """A commune with two who decide; the only secretary of An's cell may go on leave."""

    accounts: ClassVar[Mapping[str, SignedIn]] = {
        **YearWorld.accounts,
        "deputy": SignedIn("deputy", NEWCOMER),
    }

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.tell(enrolled(NEWCOMER, OTHER_CELL), post_given(NEWCOMER, COMMUNE, "deputy_secretary"))
        self.reach(OPENED_AT)
        body = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": "qd366_hd02"}
        self.do("authority", "/api/v1/cycles", body)

    def refused(self, role: str, path: str, body: Any) -> tuple[int, str]:
        answer = self.send(role, path, body)
        return answer.status_code, answer.json["code"]

    def delegate(self, **changed: Any) -> None:
        self.do("secretary", DELEGATE, TO_PEER | changed)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[LeaveWorld]:
    made = LeaveWorld(tmp_path / "data")
    yield made
    made.system.close()


def waiting(world: YearWorld, role: str) -> set[str]:
    told = world.read(role, "/api/v1/inbox").json["waiting"]
    return {each["step"] for each in told if each["member_id"] == MEMBER}


def test_a_member_stands_in_from_meeting_to_announcement_and_the_log_verifies(
    world: LeaveWorld,
) -> None:
    world.do("secretary", f"{UNITS}/self-critique", {"text": WORDS})
    world.do("secretary", f"{UNITS}/meetings", {"place": CELL})
    world.delegate()
    world.tell(ON_LEAVE)
    world.do("member", f"{REVIEW}/self-critique", {"text": WORDS})
    assert waiting(world, "peer") == {"meeting"}
    assert world.read("peer", "/api/v1/me").json["member"]["stands_in"] == [
        {"unit_id": CELL, "post": "secretary", "for_id": SECRETARY}
    ]

    world.do("peer", f"{REVIEW}/meetings", {"place": CELL})
    world.do("peer", f"{REVIEW}/proposal", {**COUNTED, "text": WORDS})
    proposal = world.read("authority", REVIEW).json["proposal"]
    on_it = {"level": proposal["outcome"]["level"], "proposal_version": proposal["version"]}
    world.do("deputy", f"{REVIEW}/appraisal", on_it)
    world.do("authority", f"{REVIEW}/decision", on_it)
    world.do("peer", f"{REVIEW}/announcement")
    world.tell(MemberBack(member_id=SECRETARY))
    world.do("secretary", END, ENDED)

    assert proposal["by"] == BY
    assert world.read("peer", "/api/v1/me").json["member"].get("stands_in", []) == []
    assert world.refused("peer", f"{REVIEW}/meetings", {"place": CELL})[0] in (403, 404)
    assert findings(world) == {}
    assert reason_of_bundle(world) == ""


def test_who_stands_in_does_nothing_in_the_matter_of_whom_or_their_own(world: LeaveWorld) -> None:
    world.do("secretary", f"{SECRETARYS}/self-critique", {"text": WORDS})
    world.do("secretary", f"{UNITS}/self-critique", {"text": WORDS})
    world.delegate()
    of_peer = f"/api/v1/reviews/{PERIOD}/{PEER}"

    for path in (SECRETARYS, of_peer, UNITS):
        for deed, body in (
            ("meetings", {"place": CELL}),
            ("proposal", {**COUNTED, "text": WORDS}),
            ("announcement", {}),
        ):
            assert world.send("peer", f"{path}/{deed}", body).status_code in (403, 404)
    assert world.send("peer", f"{UNITS}/commitment", {"text": WORDS}).status_code in (403, 404)


def test_who_stands_in_above_judges_nobody_who_heads_them(world: LeaveWorld) -> None:
    world.do("secretary", f"{SECRETARYS}/self-critique", {"text": WORDS})
    world.do("member", f"{REVIEW}/self-critique", {"text": WORDS})
    world.do("authority", DELEGATE, {**TO_PEER, "unit_id": COMMUNE})
    deeds = (
        ("meetings", {"place": COMMUNE}),
        ("proposal", {**COUNTED, "text": WORDS}),
        ("appraisal", {"level": "good", "proposal_version": 3}),
        ("decision", {"level": "good", "proposal_version": 3}),
        ("ending", {"text": WORDS}),
    )

    for deed, body in deeds:
        assert world.send("peer", f"{SECRETARYS}/{deed}", body).status_code in (403, 404)
    assert world.read("peer", SECRETARYS).status_code == 404
    assert world.read("peer", REVIEW).status_code == 200
    waits = {each["member_id"] for each in world.read("peer", "/api/v1/inbox").json["waiting"]}
    assert SECRETARY not in waits


def test_lists_may_be_late_to_know_who_heads_whoever_stands_in(world: LeaveWorld) -> None:
    world.do("secretary", f"{SECRETARYS}/self-critique", {"text": WORDS})
    world.do("authority", DELEGATE, {**TO_PEER, "unit_id": COMMUNE})
    person = person_as(world.system, "peer", PEER)
    assert {who for each in person.stands_in for who, _ in each.heads} == {
        *(SECRETARY, AUTHORITY, COMMITTEE, NEWCOMER)
    }
    late = msgspec.structs.replace(
        person, stands_in=tuple(each._replace(heads=()) for each in person.stands_in)
    )
    asking, before = Asking(person=late, correlation_id="late"), world.version(OF_SECRETARY)

    with pytest.raises(CommandRejected) as refused:
        meetings.hold_meeting(
            world.system, asking, Subject(Period(PERIOD), SECRETARY), COMMUNE, lambda *_: [], None
        )

    assert refused.value.why is Rejection.NO_OFFICE
    assert world.version(OF_SECRETARY) == before


def test_what_who_stands_in_did_binds_whose_post_it_is(world: LeaveWorld) -> None:
    world.tell(post_given(SECRETARY, COMMUNE, "deputy_secretary"))
    world.do("secretary", f"{UNITS}/self-critique", {"text": WORDS})
    world.do("secretary", f"{UNITS}/meetings", {"place": CELL})
    world.delegate()
    world.tell(ON_LEAVE)
    world.do("member", f"{REVIEW}/self-critique", {"text": WORDS})
    world.do("peer", f"{REVIEW}/meetings", {"place": CELL})
    world.do("peer", f"{REVIEW}/proposal", {**COUNTED, "text": WORDS})
    proposal = world.read("authority", REVIEW).json["proposal"]
    on_it = {"level": proposal["outcome"]["level"], "proposal_version": proposal["version"]}
    world.do("deputy", f"{REVIEW}/appraisal", on_it)

    assert world.refused("secretary", f"{REVIEW}/decision", on_it) == (409, "own_proposal")


def test_it_ends_by_itself_after_its_last_day_and_with_the_post(world: LeaveWorld) -> None:
    world.delegate(until="2026-11-02")
    stands_in = world.read("peer", "/api/v1/me").json["member"]["stands_in"]
    world.clock.set(datetime(2026, 11, 2, 17, tzinfo=UTC))  # midnight here

    assert len(stands_in) == 1
    assert world.read("peer", "/api/v1/me").json["member"].get("stands_in", []) == []

    world.delegate()
    assert world.read("peer", "/api/v1/me").json["member"]["stands_in"] != []
    world.tell(PostRelieved(member_id=SECRETARY, unit_id=CELL, post=Code("secretary")))
    assert world.read("peer", "/api/v1/me").json["member"].get("stands_in", []) == []


def test_told_ahead_it_begins_on_its_day_and_may_be_taken_back_before(world: LeaveWorld) -> None:
    world.delegate(since="2026-11-09")
    assert world.read("peer", "/api/v1/me").json["member"].get("stands_in", []) == []
    world.clock.set(datetime(2026, 11, 8, 17, tzinfo=UTC))
    assert world.read("peer", "/api/v1/me").json["member"]["stands_in"] != []
    world.do("peer", END, ENDED)  # laid down
    assert world.read("peer", "/api/v1/me").json["member"].get("stands_in", []) == []

    world.delegate(since="2026-11-16")
    world.do("secretary", END, ENDED)
    world.reach(datetime(2026, 11, 17, 2, tzinfo=UTC))
    assert world.read("peer", "/api/v1/me").json["member"].get("stands_in", []) == []
    assert findings(world) == {}


@pytest.mark.parametrize(
    ("role", "body", "code"),
    [
        ("peer", TO_PEER, "on_oneself"),
        ("secretary", {**TO_PEER, "member_id": SECRETARY}, "on_oneself"),
        ("member", TO_PEER, "post_not_held"),
        ("secretary", {**TO_PEER, "unit_id": COMMUNE}, "post_not_held"),
        ("secretary", {**TO_PEER, "member_id": "x" * 26}, "not_to_stand_in"),
        ("secretary", {**TO_PEER, "member_id": STRANGER}, "not_to_stand_in"),
        ("secretary", {**TO_PEER, "until": "2026-11-01"}, "wrong_days"),
        ("secretary", {**TO_PEER, "since": "2026-11-01"}, "wrong_days"),
        ("secretary", {**TO_PEER, "until": "2027-11-04"}, "wrong_days"),
        ("auditor", TO_PEER, "not_a_member"),
    ],
)
def test_nothing_else_is_delegated(
    world: LeaveWorld, role: str, body: dict[str, str], code: str
) -> None:
    before = world.version(member_stream(PEER))

    assert world.refused(role, DELEGATE, body) == (409, code)
    assert world.version(member_stream(PEER)) == before


def test_of_who_is_elsewhere_nothing_is_told_apart(world: LeaveWorld) -> None:
    """Whether they are official, left, are to leave or ever were, nor how much is told of them."""

    def answers(whom: str = STRANGER) -> set[str]:
        body, laid_down = ({**each, "member_id": whom} for each in (TO_PEER, ENDED))
        days = ("2026-11-02", "2026-12-02")
        told = [world.send("secretary", DELEGATE, body | {"since": day}).json for day in days]
        seen = world.send("secretary", DELEGATE, body, If_Match='"1"').json
        ended = world.send("secretary", END, laid_down, If_Match='"1"').json
        return {
            f"{each['code']} {each['detail']}".replace(whom, "them")
            for each in (*told, seen, ended)
        }

    plain = answers()
    assert len(plain) == 2  # none to stand in; and whatever was looked at is stale
    world.tell(MemberStandingChanged(member_id=STRANGER, standing=Standing.PROBATIONARY))
    assert answers() == plain
    world.tell(MemberLeft(member_id=STRANGER, reason=sealed("moved away")))
    assert answers() == plain
    assert answers("x" * 26) == plain


def test_who_stands_in_does_not_pass_it_on_and_one_at_a_time_does(world: LeaveWorld) -> None:
    world.delegate()
    to_member = {**TO_PEER, "member_id": MEMBER}

    assert world.refused("peer", DELEGATE, to_member) == (409, "post_not_held")
    assert world.refused("secretary", DELEGATE, to_member) == (409, "already_delegated")
    assert world.refused("member", END, ENDED) == (409, "not_delegated")
    later = {**to_member, "since": "2026-12-21", "until": "2026-12-24"}
    world.do("secretary", DELEGATE, later)
    assert findings(world) == {}


def test_hr_tells_so_too_and_is_refused_only_what_says_nothing(world: LeaveWorld) -> None:
    hr = world.token(sends=("roster.*",), sources=("/hr",))

    def tell(number: int, **changed: str) -> tuple[int, str]:
        data = {
            "member_id": f"id:{PEER}",
            "unit_id": f"id:{CELL}",
            "post": "secretary",
            "for_id": f"id:{SECRETARY}",
            "until": UNTIL,
        }
        sent = {
            "specversion": "1.0",
            "id": f"{number}",
            "source": "/hr",
            "type": "roster.post_delegated",
            "time": changed.pop("time", "2026-11-01T08:00:00+07:00"),
            "data": data | changed,
        }
        told = {"Content-Type": "application/cloudevents+json"}
        answer = world.ask("POST", "/api/v1/events", json=sent, headers=hr | told)
        world.advance()
        return answer.status_code, answer.json.get("code", "")

    assert tell(1, for_id=f"id:{PEER}") == (422, "on_oneself")
    assert tell(2, until="2026-10-31") == (422, "wrong_days")
    assert tell(3, post="deputy_secretary")[0] in (200, 201)  # counts for nothing: nobody holds it
    assert world.read("peer", "/api/v1/me").json["member"].get("stands_in", []) == []
    assert tell(4)[0] in (200, 201)
    assert len(world.read("peer", "/api/v1/me").json["member"]["stands_in"]) == 1

    export = "2026-12-24T02:00:00+07:00"  # of the night: what is over is listed still
    world.reach(datetime.fromisoformat(export))
    assert tell(5, time=export)[0] in (200, 201)
    assert tell(6, time=export, until="2026-12-19") == (422, "wrong_days")
    assert world.read("peer", "/api/v1/me").json["member"].get("stands_in", []) == []


def test_what_was_taken_back_a_moment_ago_counts_no_more_in_a_request_that_had_begun(
    world: LeaveWorld,
) -> None:
    world.do("secretary", f"{UNITS}/self-critique", {"text": WORDS})
    world.do("secretary", f"{UNITS}/meetings", {"place": CELL})
    world.tell(ON_LEAVE)
    world.do("member", f"{REVIEW}/self-critique", {"text": WORDS})

    def refusal(gone: Event) -> str:
        world.delegate()
        person = person_as(world.system, "peer", PEER)
        assert person.stands_in
        world.append(gone)
        asking, of_an = (
            Asking(person=person, correlation_id="late"),
            Subject(Period(PERIOD), MEMBER),
        )
        with pytest.raises(TusoiError) as refused:
            meetings.hold_meeting(world.system, asking, of_an, CELL, lambda *_: [], None)
        world.clock.set(world.clock.now() + timedelta(hours=1))
        return type(refused.value).__name__

    relieved = PostRelieved(member_id=SECRETARY, unit_id=CELL, post=Code("secretary"))
    ended = DelegationEnded(member_id=PEER, unit_id=CELL, post=Code("secretary"), for_id=SECRETARY)
    before = world.version(f"review-{PERIOD}-{MEMBER}")
    assert refusal(ended) in ("CommandRejected", "ConcurrentAppend")
    assert refusal(relieved) in ("CommandRejected", "ConcurrentAppend")
    assert world.version(f"review-{PERIOD}-{MEMBER}") == before


# On pages


def page(world: LeaveWorld, role: str, path: str) -> str:
    answer = world.read(role, path, Accept="text/html")
    assert answer.status_code == 200
    return answer.text


def typed(world: LeaveWorld, role: str, path: str, **fields: str) -> Any:
    headers = world.headers(role) | {"Accept": "text/html"}
    answer = world.ask("POST", path, data=fields, headers=headers)
    world.advance()
    return answer


def test_who_holds_a_post_delegates_it_on_a_page_and_takes_it_back(world: LeaveWorld) -> None:
    post = {"post": f"{CELL} secretary", "member_id": PEER}
    world.tell(post_given(SECRETARY, COMMUNE, "committee_member"))
    above = page(world, "secretary", f"/delegations?post={COMMUNE}+committee_member")
    assert f'value="{NEWCOMER}"' in above  # holds a post there
    assert f'value="{PEER}"' not in above
    shown = page(world, "secretary", "/delegations")
    assert f'value="{PEER}"' in shown
    assert f'value="{SECRETARY}"' not in shown

    done = typed(world, "secretary", "/delegations", **post, since="2026-11-02", until=UNTIL)
    assert done.status_code == 303
    assert "Thu hồi" in page(world, "secretary", "/delegations")
    assert "Trả lại" in page(world, "peer", "/delegations")

    ended = typed(world, "peer", "/delegations/end", **post, for_id=SECRETARY)
    assert ended.status_code == 303
    assert "Trả lại" not in page(world, "peer", "/delegations")
    assert "Bạn không giữ chức vụ nào" in page(world, "peer", "/delegations")


@pytest.mark.parametrize(
    ("left_out", "status"), [("post", 422), ("member_id", 422), ("until", 422), ("since", 422)]
)
def test_a_form_that_is_not_filled_in_is_shown_again(
    world: LeaveWorld, left_out: str, status: int
) -> None:
    fields = {
        "post": f"{CELL} secretary",
        "member_id": PEER,
        "since": "2026-11-02",
        "until": UNTIL,
    }
    del fields[left_out]

    again = typed(world, "secretary", "/delegations", **fields)

    assert again.status_code == status
    assert all(f'value="{each}"' in again.text for each in fields.values())


def test_who_stands_in_is_named_where_others_look(world: LeaveWorld) -> None:
    world.do("secretary", f"{UNITS}/self-critique", {"text": WORDS})
    world.do("secretary", f"{UNITS}/meetings", {"place": CELL})
    world.delegate()
    world.tell(ON_LEAVE)
    world.do("member", f"{REVIEW}/self-critique", {"text": WORDS})

    assert "theo ủy quyền của" in page(world, "member", f"/reviews/{PERIOD}/{MEMBER}")
    assert "theo ủy quyền của" in page(world, "peer", "/inbox")
    assert "Họp kiểm điểm · theo ủy quyền của" in page(world, "peer", f"/reviews/{PERIOD}/{MEMBER}")
    assert "Ủy quyền ở đơn vị này" in page(world, "authority", f"/units/{CELL}/{PERIOD}")
    waits = world.read("peer", "/api/v1/inbox").json["waiting"]
    assert {each.get("for_id") for each in waits if each["step"] == "meeting"} == {SECRETARY}


LISTS = (f"/units/{CELL}/{PERIOD}", f"/units/{OTHER_CELL}/{PERIOD}", f"/cycles/{PERIOD}/{COMMUNE}")
NAMED = re.compile(r'href="(/(?:reviews|units)/[^"?#]+)"')


@pytest.fixture
def late(world: LeaveWorld) -> LeaveWorld:
    """Return a year in which the level of the cell itself is decided, and all others are late."""
    world.tell(post_given(COMMITTEE, COMMUNE, "deputy_secretary"))
    world.do("secretary", f"{UNITS}/self-critique", {"text": WORDS})
    world.do("deputy", f"{UNITS}/meetings", {"place": CELL})
    world.do("deputy", f"{UNITS}/proposal", {**COUNTED, "text": WORDS})
    proposal = world.read("deputy", UNITS).json["proposal"]
    on_it = {"level": proposal["outcome"]["level"], "proposal_version": proposal["version"]}
    world.do("committee", f"{UNITS}/appraisal", on_it)
    world.do("authority", f"{UNITS}/decision", on_it)
    world.reach(datetime(2026, 12, 12, 2, tzinfo=UTC))
    return world


def named_by_lists(world: LeaveWorld, role: str) -> set[str]:
    """Return which reviews and units the lists of the year name to somebody, where they open."""
    answers = (world.read(role, each, Accept="text/html") for each in LISTS)
    texts = [each.text for each in answers if each.status_code == 200]
    return {name for each in texts for name in NAMED.findall(each)}


def counted_in_lists(world: LeaveWorld, role: str) -> tuple[int, int]:
    """Return of how many reviews somebody is told where they stand, and how many are late."""
    units = world.read(role, f"/api/v1/cycles/{PERIOD}/{COMMUNE}").json["units"]
    counted = sum(sum(each["stages"].values()) for each in units)
    return counted, sum(each.get("late", 0) for each in units)


@pytest.mark.parametrize(
    "delegation",
    [None, ("secretary", CELL), ("authority", COMMUNE)],
    ids=["by posts of their own", "for the cell's", "for the commune's"],
)
def test_whatever_a_list_names_opens_to_the_same_reader(
    late: LeaveWorld, delegation: tuple[str, str] | None
) -> None:
    if delegation:
        role, unit_id = delegation
        late.do(role, DELEGATE, {**TO_PEER, "unit_id": unit_id})
    with every_case() as case:
        for reader in late.accounts:
            for path in named_by_lists(late, reader):
                with case(reader, path):
                    assert late.read(reader, path, Accept="text/html").status_code == 200


def test_lists_neither_name_nor_count_what_who_stands_in_does_not_see(late: LeaveWorld) -> None:
    count, is_late = counted_in_lists(late, "authority")
    assert count == is_late

    late.delegate()
    assert named_by_lists(late, "peer") == {f"/reviews/{PERIOD}/{e}" for e in (MEMBER, PEER)} | {
        f"/units/{CELL}/{PERIOD}"
    }
    assert counted_in_lists(late, "peer") == (2, 2)
    late.do("secretary", END, ENDED)
    late.do("authority", DELEGATE, {**TO_PEER, "unit_id": COMMUNE})
    named = named_by_lists(late, "peer")

    assert f"/reviews/{PERIOD}/{MEMBER}" in named
    assert f"/reviews/{PERIOD}/{STRANGER}" in named
    for hidden in (SECRETARY, AUTHORITY, COMMUNE):  # who heads them, whose post it is, its unit
        assert f"/reviews/{PERIOD}/{hidden}" not in named
    # Neither who heads them nor the deputy beside that post; whose post it is, is rated above.
    assert counted_in_lists(late, "peer") == (count - 2, is_late - 2)
    assert f"/reviews/{PERIOD}/{SECRETARY}" in named_by_lists(late, "authority")


@pytest.mark.parametrize(("address", "body"), [(DELEGATE, TO_PEER), (END, ENDED)])
def test_nobody_who_holds_no_post_delegates_one_be_it_a_program(
    world: LeaveWorld, address: str, body: dict[str, str]
) -> None:
    before = world.size()
    program = world.token(sends=("roster.*",), sources=("/hr",))

    for role in ("member", "peer", "stranger", "auditor", "authority"):
        assert world.send(role, address, body).status_code in (403, 404, 409), role
    assert world.ask("POST", address, json=body).status_code == 401
    assert world.ask("POST", address, json=body, headers=program).status_code in (401, 403)
    assert world.size() == before
