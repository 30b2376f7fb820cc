"""Whoever is erased is dark everywhere, and what was decided of them still verifies."""

import base64
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from events.definitions.entry import Recorded
from events.definitions.erasure import ErasureDone, ErasureGround, ErasureOrdered
from events.definitions.event import Code
from events.definitions.records import Period
from events.definitions.roster import (
    AbsenceReason,
    LeavingReason,
    MemberBack,
    MemberDisciplined,
    MemberDisciplineLifted,
    MemberLeft,
)
from events.domain.aggregate.rejections import CommandRejected
from events.identifiers import MemberId, Stream, erasure_stream, member_stream
from events.replay.verdict import verify
from events.store import reference
from events.store.key_cache import CACHE_SECONDS
from events.store.keys import KeyStore
from events.vault.sealing import IDENTITY
from services.access import accounts
from services.access.words import open_all
from services.cli.fact_check import FactsChecked, check_facts
from services.commands import erasures, rulebooks
from services.intake import numbers
from services.queries import bundles
from services.read_models.states import REVIEWS
from services.read_models.verification import StateCheck
from services.safekeeping import drafts
from services.secret_files import read_secret
from services.subject import Subject
from tests.support import hr
from tests.support.fakes import SeededChance
from tests.support.intake import SENDS_ALL, enrolling, event, send
from tests.support.sealed import append_absence, sealed
from tests.support.world import CELL, COMMUNE
from tests.support.year_world import (
    GOOD,
    MEMBER,
    OPENED_AT,
    PERIOD,
    REVIEW,
    WORDS,
    YearWorld,
    post_given,
)
from workers.housekeeping import Housekeeping
from workers.reactions.erasures import Erasures

OWNER = member_stream(MEMBER)
EVERYTHING = erasures.EVERYTHING


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world in which the year was opened."""
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    yield world
    world.system.close()


def erase(year: YearWorld, scope: str = EVERYTHING) -> int:
    found = erasures.erase(year.system, OWNER, scope, ErasureGround.REQUEST, principal="operator")
    year.advance()
    return found


def told(year: YearWorld) -> list[Any]:
    return [each.event for each in year.system.store.read_stream(erasure_stream(OWNER)).events]


def words_of(year: YearWorld) -> set[str]:
    """Return the words about An that still open."""
    sql = "SELECT commitment FROM texts WHERE owner = ?"
    texts = [row[0] for row in year.system.store.database.rows(sql, (OWNER,))]
    assert texts, "boxes stay, and are dark"
    return {each.text for each in open_all(year.system, texts).words.values()}


def draft_of(year: YearWorld, author: str, *, owner: Stream = OWNER) -> None:
    drafts.save(
        year.system,
        author,
        f"criticism-{author}",
        owner=owner,
        scope=PERIOD,
        fields={"text": WORDS},
    )


def test_whoever_is_erased_is_dark_and_their_rating_still_verifies(year: YearWorld) -> None:
    year.live("announced", GOOD)
    before = words_of(year)

    destroyed = erase(year)

    assert (before, words_of(year)) == ({WORDS}, set())
    assert destroyed == 2  # of the year, and of the identity, under which the account lies
    ordered, done = told(year)
    assert (ordered.scope, ordered.ground) == (EVERYTHING, "request")
    assert done == ErasureDone(owner=ordered.owner, order_version=1, keys=destroyed)
    bundle = bundles.make_bundle(
        year.system.store,
        year.system.signer,
        Subject(Period(PERIOD), MEMBER),
        year.system.verifier_key,
    )
    assert verify(bundle, year.system.verifier_key).verified


def test_a_rating_that_counted_erased_words_stands_and_says_what_nobody_recounts(
    tmp_path: Path,
) -> None:
    year = YearWorld(tmp_path / "data")
    document = reference.shipped_document("rulebook", "neutral")
    long_sick = {"id": "long_sick", "when": "days_sick >= 90"}
    limits = [*document["limits"], document["limits"][0] | long_sick]
    counting = document | {"issuer": "counting", "edition": "9", "limits": limits}
    digest = rulebooks.publish(year.system, counting, principal="operator")
    body = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": digest}
    year.do("authority", "/api/v1/cycles", body)
    append_absence(year.system, MEMBER, AbsenceReason.SICK, at=year.clock.now())
    year.clock.tick(100 * 24 * 3600)
    year.tell(MemberBack(member_id=MEMBER))
    year.clock.set(OPENED_AT)  # before, nobody decides
    year.live("announced", GOOD)
    proposed = year.read("authority", REVIEW).json["proposal"]

    before, _ = counted_again(year), erase(year)
    after = counted_again(year)

    assert proposed["facts"]["counted"] == {"days_sick": 100}
    assert proposed["outcome"]["level"] == "fair"
    assert before == ((), ())
    assert after == ((), ((f"rating {PERIOD}-{MEMBER}", ("days_sick",)),))
    year.system.close()


def counted_again(year: YearWorld) -> FactsChecked:
    """Return what counting the facts of every rating anew comes to."""
    check = StateCheck(year.system.store)
    for each in year.system.store.read_log(0):
        check.fold(each.position, Recorded(each.entry, each.event))
    return check_facts(year.system, check.folded_states(REVIEWS))


def test_account_numbers_and_drafts_go_with_whoever_is_erased(year: YearWorld) -> None:
    database = year.system.store.database
    database.transact(
        lambda t: t.run("INSERT INTO numbers (digest, id) VALUES (?, ?)", (b"digest", MEMBER))
    )
    draft_of(year, "member", owner=Stream("member-somebody-else"))
    draft_of(year, "peer")
    draft_of(year, "secretary", owner=Stream("member-somebody-else"))
    assert year.read("member", REVIEW).status_code == 200

    erase(year, IDENTITY)

    assert accounts.find_member(year.system, MEMBER) is None
    assert database.rows("SELECT count(*) FROM numbers WHERE id = ?", (MEMBER,))[0][0] == 0
    assert year.read("member", REVIEW).status_code == 401
    assert drafts.load(year.system, "member", "criticism-member") is None
    assert drafts.load(year.system, "peer", "criticism-peer") is not None  # the year stays
    assert drafts.load(year.system, "secretary", "criticism-secretary") is not None


def test_no_index_finds_whoever_is_erased(year: YearWorld) -> None:
    """Neither by the number that HR told, nor by a post, nor who keeps the index's key."""
    hr_token, number = year.token(**SENDS_ALL, reads=("all",), states=True), "DV-007"
    told = enrolling(7, f"id:{CELL}")
    receipt = send(year, hr_token, told).json["receipts"][0]
    owner = Stream(receipt["stream"])
    member_id = MemberId(owner.removeprefix("member-"))
    year.tell(post_given(member_id, CELL, "treasurer"))
    path, database = f"/api/v1/members/{number}", year.system.store.database
    digest = numbers.digest_of(year.system.index_key(), "member", "hr", number)
    assert year.get(path, hr_token).status_code == 200
    assert year.system.store.known_numbers([digest]) == {digest: member_id}

    erasures.erase(year.system, owner, IDENTITY, ErasureGround.REQUEST, principal="operator")
    year.advance()

    assert year.system.store.known_numbers([digest]) == {}
    assert numbers.ids_under(year.system, "hr", [("member", number)]) == {}
    assert year.get(path, hr_token).status_code == 404
    assert year.get(f"/api/v1/events?subject=member-{number}", hr_token).json["events"] == []
    assert send(year, hr_token, event_about(number)).json["code"] == "unknown_member"
    for table in ("numbers", "accounts", "drafts"):
        rows = database.rows(f"SELECT * FROM {table}")
        assert member_id not in repr(rows)
        assert number not in repr(rows)


def event_about(number: str) -> dict[str, Any]:
    return event(8, type="roster.member_back", data={"member_id": number})


def test_a_year_that_is_erased_takes_its_quarters_along_and_leaves_the_person(
    year: YearWorld,
) -> None:
    keys = year.system.keys
    year.live("announced")
    keys.ensure([(OWNER, each) for each in (IDENTITY, PERIOD, f"{PERIOD}-q1", "2019")])
    draft_of(year, "peer")

    assert erase(year, PERIOD) == 2

    assert keys.scopes(OWNER) == ("2019", IDENTITY)
    assert drafts.load(year.system, "peer", "criticism-peer") is None
    assert accounts.find_member(year.system, MEMBER) is not None


def test_nothing_is_erased_while_a_rating_is_given_again(year: YearWorld) -> None:
    year.live("announced", GOOD)
    year.do("authority", f"{REVIEW}/reopening", {"ground": "fault_found", "text": WORDS})

    for scope in (PERIOD, IDENTITY, EVERYTHING):
        with pytest.raises(CommandRejected) as refused:
            erase(year, scope)
        assert refused.value.code == "being_rated_again"

    assert told(year) == []
    assert words_of(year) == {WORDS}


def test_nothing_is_erased_before_a_rating_counted_the_discipline(year: YearWorld) -> None:
    decision = sealed("12-QĐ")
    year.live("announced")
    year.tell(MemberDisciplined(member_id=MEMBER, decision=decision, grade=Code("warning")))

    with pytest.raises(CommandRejected) as refused:
        erase(year, str(year.clock.now().year))

    assert refused.value.code == "discipline_open"
    year.tell(MemberDisciplineLifted(member_id=MEMBER, decision=decision))
    assert erase(year, EVERYTHING) == 2


def test_a_discipline_counts_from_when_it_was_told_however_long_ago_it_took_effect(
    year: YearWorld,
) -> None:
    """HR tells in 2028 of a fault of 2026: until that is counted, its words are needed."""
    year.live("announced", GOOD)
    year.reach(datetime(2028, 2, 1, 2, tzinfo=UTC))
    fault = {"member_id": f"id:{MEMBER}", "decision": "12-QĐ", "grade": "warning"}
    late = hr.event("roster.member_disciplined", fault, time="2026-12-20T00:00:00+07:00")
    token = year.token(sends=("roster.*",), sources=(hr.SOURCE,))
    assert send(year, token, late).status_code == 201
    year.advance()

    with pytest.raises(CommandRejected) as refused:
        erase(year, PERIOD)

    assert refused.value.code == "discipline_open"
    year.do("authority", f"{REVIEW}/reopening", {"ground": "late_discipline", "decision": "12-QĐ"})


def test_nothing_is_erased_before_a_rating_is_given_without_what_was_lifted(
    year: YearWorld,
) -> None:
    decision = sealed("12-QĐ")
    year.tell(MemberDisciplined(member_id=MEMBER, decision=decision, grade=Code("warning")))
    year.live("announced")
    year.tell(MemberDisciplineLifted(member_id=MEMBER, decision=decision))

    with pytest.raises(CommandRejected) as refused:
        erase(year, PERIOD)

    assert refused.value.code == "discipline_open"


@pytest.mark.parametrize("scope", [PERIOD, EVERYTHING])
def test_nothing_is_erased_while_a_year_goes_on_and_the_no_says_what_to_do(
    year: YearWorld, scope: str
) -> None:
    year.live("critique")

    with pytest.raises(CommandRejected, match="decided first, or a unit above voids it") as refused:
        erase(year, scope)

    assert (refused.value.code, told(year)) == ("year_goes_on", [])
    year.tell(MemberLeft(member_id=MEMBER, reason=sealed(LeavingReason.DIED)))
    assert erase(year, scope) == {PERIOD: 1, EVERYTHING: 2}[scope]


def test_a_peer_is_not_told_of_an_erasure(year: YearWorld) -> None:
    """Whatever ended it, a criticism comes too late, and no answer names one of our streams."""
    form, typed = f"/reviews/{PERIOD}/{MEMBER}/draft/criticism", {"text": WORDS}
    page = year.headers("peer") | {"Accept": "text/html"}

    def answers() -> list[tuple[int, str]]:
        given = year.send("peer", f"{REVIEW}/criticisms", {"text": WORDS})
        kept = year.ask("POST", form, data=typed, headers=page)
        assert OWNER not in given.text + kept.text
        main = kept.text.partition("<main")[2].partition("<details")[0]
        return [(given.status_code, given.json["detail"]), (kept.status_code, main)]

    year.live("announced")
    before = answers()
    erase(year)
    time.sleep(CACHE_SECONDS)

    assert answers() == before
    assert before[0][0] == before[1][0] == 409


def test_a_peer_is_not_told_that_somebody_who_left_was_erased(year: YearWorld) -> None:
    year.tell(MemberLeft(member_id=MEMBER, reason=sealed(LeavingReason.DIED)))
    erase(year)

    given = year.send("peer", f"{REVIEW}/criticisms", {"text": WORDS})
    form = f"/reviews/{PERIOD}/{MEMBER}/draft/criticism"
    page = year.headers("peer") | {"Accept": "text/html"}
    kept = year.ask("POST", form, data={"text": WORDS}, headers=page)

    assert (given.status_code, given.json["code"]) == (409, "too_late")
    assert kept.status_code == 409
    assert "xóa" not in kept.text


def test_an_order_that_broke_off_is_carried_out_by_the_reaction_and_once(year: YearWorld) -> None:
    year.live("announced")
    ground = ErasureGround.ORDER
    erasures.order(year.system, OWNER, PERIOD, ground, principal="operator")
    erasures.order(year.system, OWNER, PERIOD, ground, principal="operator")
    year.advance()
    assert year.system.keys.scopes(OWNER) == (PERIOD, IDENTITY)

    for _ in range(2):
        for sequenced in year.system.store.read_log(0):
            Erasures(year.system).handle(sequenced)
        year.advance()

    assert [type(each) for each in told(year)] == [ErasureOrdered, ErasureDone]
    assert year.system.keys.scopes(OWNER) == (IDENTITY,)


def test_other_processes_are_dark_within_a_second(year: YearWorld) -> None:
    year.live("announced")
    settings, pair = year.system.settings, (OWNER, PERIOD)
    master = base64.b64decode(read_secret("master key", settings.master_key_file))
    with closing(KeyStore(settings.keys_url, master=master, chance=SeededChance(9))) as other:
        assert pair in other.keys([pair])

        erase(year)
        time.sleep(CACHE_SECONDS)

        assert other.keys([pair]) == {}
    assert CACHE_SECONDS < 1


def test_words_go_when_the_edition_keeps_them_no_longer(tmp_path: Path) -> None:
    year = YearWorld(tmp_path / "data")
    body = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": "neutral_3"}
    year.do("authority", "/api/v1/cycles", body)  # which keeps words for three years
    year.do("member", f"{REVIEW}/self-critique", {"text": WORDS})

    year.reach(datetime(int(PERIOD) + 3, 12, 30, tzinfo=UTC))
    kept = Housekeeping(year.system).tidy()
    year.reach(datetime(int(PERIOD) + 4, 1, 2, tzinfo=UTC))
    erased = Housekeeping(year.system).tidy()

    assert (kept, erased) == (0, 1)
    assert [each.ground for each in told(year)[:1]] == ["retention"]
    assert year.system.keys.scopes(OWNER) == (IDENTITY,)
    assert Housekeeping(year.system).tidy() == 0
    year.system.close()
