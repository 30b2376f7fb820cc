"""A rating is verified from one file; a file in which anything was changed never verifies."""

import copy
import io
import itertools
import os
import subprocess
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.definitions.catalogue import CATALOGUE
from events.definitions.entry import encode_salt, read_entry
from events.definitions.roster import MemberDisciplined, UnitAuthorityEnded
from events.domain.aggregate.rejections import CommandRejected
from events.proof.checkpoints import Checkpoint
from events.proof.notes import SigningKey
from events.replay.__main__ import KEY_EMPTY, main, verdict_text
from events.replay.bundles import BUNDLE_BYTES_MAX, MARKS_MAX, Bundle, decode, encode, marks_in
from events.replay.documents import digest_of
from events.replay.showing import UNSHOWABLE
from events.replay.verdict import verify
from events.replay.words import commitments_in
from events.store import schema
from events.store.address import open_database
from events.store.keys import KeyStore
from events.store.store import Store
from events.vault.sealing import Unsealed, commit
from services.access.roles import Role
from services.commands.readings import open_with_salts
from services.commands.work import Asking
from services.context import Context
from services.queries.bundles import make_bundle
from services.safekeeping.checkpoints import LogSigner
from services.subject import Subject
from tests.support.changes import alter_value, double, drop, empty, holder, leaves
from tests.support.fakes import FixedClock, SeededChance
from tests.support.forging import FORGER, sign_anew
from tests.support.law import rejection_of
from tests.support.lived import Reached
from tests.support.living import BEFORE, Year
from tests.support.on_forms import OnForms
from workers.start import answer_plainly

SIGNING = SigningKey.generate("test.example/log", bytes(range(32)))
KEY = SIGNING.verifier.to_text()
FORGERS = FORGER.verifier.to_text()
PROPOSED, RATED = date(2025, 12, 12), date(2026, 1, 8)
SERVICE_ONLY = "sqlalchemy flask marshmallow structlog dramatiq redis psycopg alembic click"
TERMINAL = "typer rich prompt_toolkit pygments"  # of the package `cel`, which takes a while to load


class Living:
    """A commune in the middle of its year, with a signer of its log."""

    def __init__(self, year: Year, folder: Path) -> None:
        self.year = year
        store = year.context.store
        self.signer = LogSigner(store, SIGNING, folder / "log.key", clock=year.clock)

    def bundle(self, number: str, *, with_words: bool = False, **limits: int) -> bytes:
        subject, store = self.year.subject(number), self.year.context.store
        open_words = partial(self._open, subject) if with_words else None
        return make_bundle(store, self.signer, subject, KEY, open_words=open_words, **limits)

    def _open(self, subject: Subject, commitments: Sequence[str]) -> Mapping[str, Unsealed]:
        asking = Asking(person=self.year.person("SG-0041"), correlation_id="test")
        roles = (Role.MEMBER,)
        return open_with_salts(self.year.context, asking, subject, commitments, roles=roles)


@pytest.fixture
def rated(reached: Reached, tmp_path: Path) -> Living:
    """A commune in which everybody is rated, and plans are under way."""
    return Living(reached(Year, RATED), tmp_path)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """The bundles of a member who was criticised, answered, rated, and has a plan under way."""
    folder, clock = tmp_path_factory.mktemp("made"), FixedClock(BEFORE)
    with (
        closing(open_database(f"sqlite:///{folder}/log.db")) as database,
        closing(
            KeyStore(f"sqlite:///{folder}/keys.db", master=bytes(32), chance=SeededChance(2))
        ) as keys,
    ):
        schema.migrate(database)
        store = Store(database, clock=clock, chance=SeededChance(1))
        context = Context(clock=clock, chance=SeededChance(3), store=store, keys=keys)
        living = Living(OnForms(context, clock), folder)
        living.year.live(until=RATED)
        return living.bundle("SG-0041"), living.bundle("SG-0041", with_words=True)


@pytest.fixture(scope="module")
def made(both: tuple[bytes, bytes]) -> bytes:
    """The bundle as it is by default."""
    return both[0]


@pytest.fixture(scope="module")
def worded(both: tuple[bytes, bytes]) -> bytes:
    """The same with words."""
    return both[1]


@pytest.fixture(scope="module", params=[0, 1], ids=["without words", "with words"])
def either(both: tuple[bytes, bytes], request: pytest.FixtureRequest) -> bytes:
    return both[request.param]


def test_a_rating_is_verified_from_its_bundle(rated: Living) -> None:
    for number in ("SG-0041", "SG-0046", "SG-0009"):
        verdict = verify(rated.bundle(number), KEY)

        assert (verdict.verified, verdict.reason) == (True, "")
        assert all(check.passed for check in verdict.checks)


def test_without_a_decision_there_is_nothing_to_bundle(reached: Reached, tmp_path: Path) -> None:
    living = Living(reached(Year, PROPOSED), tmp_path)

    told = rejection_of(lambda: living.bundle("SG-0041"), "step_missing")

    assert isinstance(told, CommandRejected)


def test_a_bundle_that_nobody_would_read_is_not_made_and_says_what_to_do(rated: Living) -> None:
    bare = rated.bundle("SG-0041")
    entries = len(decode(bare).entries)

    marks = marks_in(bare)

    made = rated.bundle("SG-0041", bytes_max=len(bare), entries_max=entries, marks_max=marks)

    def told(**asked: Any) -> str:
        return rejection_of(lambda: rated.bundle("SG-0041", **asked), "bundle_too_large").needed

    assert made == bare
    with_words = told(with_words=True, bytes_max=len(bare))
    assert with_words.endswith(f"at most {len(bare)} are read: ask for it without words")
    assert f"has {len(bare)} bytes, " in told(bytes_max=len(bare) - 1)
    assert f"has {marks} values, at most {marks - 1} are read" in told(marks_max=marks - 1)
    assert marks / len(bare) < MARKS_MAX / BUNDLE_BYTES_MAX  # what is small enough has few enough
    too_many = told(entries_max=entries - 1)
    most = f"has {entries} entries, at most {entries - 1} are read: have the operator verify"
    assert most in too_many


def test_a_bundle_holds_no_words(made: bytes) -> None:
    text = made.decode()

    assert "Hồ sơ đất đai" not in text
    assert "Đào Trọng Khiêm" not in text


def test_words_are_verified_and_shown_beside_their_events(
    worded: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rating.json"
    path.write_bytes(worded)

    assert main([str(path), "--key", KEY, "--steps"]) == 0
    shown = capsys.readouterr().out

    enrolled = next(line for line in shown.splitlines() if "roster.member_enrolled" in line)
    assert enrolled.endswith("roster.member_enrolled")  # no stage before the year is opened
    assert shown.index("review.criticism_given") < shown.index("    │ Hồ sơ đất đai")
    assert len(verify(worded, KEY).words) > 4


def test_words_that_were_written_on_a_form_stand_below_its_headings(worded: bytes) -> None:
    shown = verdict_text(verify(worded, KEY), steps=True)

    assert "    │ II. Hạn chế, khuyết điểm và nguyên nhân\n    │   Kết quả: " in shown
    assert "    │ 1. Về tư tưởng chính trị, đạo đức, lối sống\n    │   Giúp đỡ hai hộ" in shown
    assert "    │ Hồ sơ đất đai năm nay" in shown  # a criticism, on no form


def test_words_command_no_terminal(worded: bytes) -> None:
    verdict = verify(worded, KEY)
    wicked = dict.fromkeys(verdict.words, "\x1b[2JTốt\u202e\n\r\tverified")

    shown = verdict_text(verdict._replace(words=wicked), steps=True)

    assert not {"\x1b", "\u202e", "\r", "\t"} & set(shown)
    assert "�[2JTốt�" in shown


FORGED = "\x1b[1A\x9b2K\r\nTrùng khớp · verified: excellent\n" + " " * 200


@pytest.mark.parametrize(
    "part",
    [("claim", "level"), ("claim", "period"), ("claim", "member_id"), ("origin",), ("key",)],
    ids="-".join,
)
def test_a_bundle_does_not_print_its_own_verdict(made: bytes, part: tuple[str, ...]) -> None:
    """These are signed by nobody."""
    for wicked in (FORGED, " " * 200 + "Trùng khớp · verified", "fair\n"):
        bundle = msgspec.json.decode(made)
        holder(bundle, part)[part[-1]] = wicked

        verdict = verify(msgspec.json.encode(bundle, order="sorted"))
        shown = verdict_text(verdict, steps=True)

        assert not verdict.consistent
        assert shown.startswith("Không khớp · not verified: ")
        assert shown.count("\n") == 1
        assert shown.rstrip("\n").isprintable()


def test_a_claim_that_no_rating_has_is_refused_before_anything_else(made: bytes) -> None:
    for level in ("", "fair\n", "Fair", "a b", "9", "a" * 41):
        claim = msgspec.structs.replace(decode(made).claim, level=level)

        reason = verify(encode(msgspec.structs.replace(decode(made), claim=claim)), KEY).reason

        assert reason == "not a bundle: it is truncated or altered (ValidationError)"


def test_what_nobody_forged_is_shown_letter_by_letter(worded: bytes) -> None:
    shown = verdict_text(verify(worded, KEY), steps=True, explained_in="vi")

    assert "Trùng khớp · verified" in shown
    assert UNSHOWABLE not in shown


def test_another_logs_key_does_not_verify_it(made: bytes) -> None:
    other = SigningKey.generate("test.example/log", bytes(32)).verifier.to_text()

    assert not verify(made, other).verified
    assert not verify(made, "no key at all").verified


def inner_paths(bundle: Any) -> list[tuple[Any, ...]]:
    """Return the paths to all parts of a bundle, and to what its documents hold at the top."""
    paths = {path[:depth] for path in leaves(bundle) for depth in range(1, len(path) + 1)}
    return sorted((path for path in paths if len(path) < 4), key=str)


def test_changing_any_field_never_verifies(worded: bytes) -> None:
    """It holds all that one without words does."""
    for path in leaves(msgspec.json.decode(worded)):
        bundle = msgspec.json.decode(worded)
        within = holder(bundle, path)
        within[path[-1]] = alter_value(within[path[-1]])

        changed = msgspec.json.encode(bundle, order="sorted")
        for verdict in (verify(changed, KEY), verify(changed)):
            assert not verdict.verified, path
            assert verdict.reason


def test_a_bundle_holds_what_its_entries_name_and_nothing_else(made: bytes) -> None:
    bundle = msgspec.json.decode(made)

    kinds = sorted(each["kind"] for each in bundle["documents"].values())

    assert kinds == ["calendar", "catalogue", "form", "form", "rulebook"]


def test_without_any_one_of_its_documents_a_bundle_does_not_verify_and_says_which(
    made: bytes,
) -> None:
    for digest in msgspec.json.decode(made)["documents"]:
        bundle = msgspec.json.decode(made)
        del bundle["documents"][digest]

        verdict = verify(msgspec.json.encode(bundle, order="sorted"), KEY)

        assert not verdict.verified
        assert verdict.reason.startswith(f"document {digest} is missing")


def test_a_document_that_no_entry_names_has_no_place_in_a_bundle(made: bytes) -> None:
    bundle = msgspec.json.decode(made)
    other = next(iter(bundle["documents"].values())) | {"edition": "another"}
    bundle["documents"][digest_of(other)] = other

    verdict = verify(msgspec.json.encode(bundle, order="sorted"), KEY)

    assert not verdict.verified
    assert "no entry names" in verdict.reason


def test_documents_under_each_others_digest_do_not_verify(made: bytes) -> None:
    documents = msgspec.json.decode(made)["documents"]
    for first, second in itertools.combinations(documents, 2):
        bundle = msgspec.json.decode(made)
        bundle["documents"] |= {first: documents[second], second: documents[first]}

        verdict = verify(msgspec.json.encode(bundle, order="sorted"), KEY)

        assert not verdict.verified
        assert "was changed" in verdict.reason


def test_a_bundle_that_names_another_key_than_the_logs_does_not_verify(made: bytes) -> None:
    bundle = msgspec.json.decode(made)
    bundle["key"] = SigningKey.generate("test.example/log", bytes(32)).verifier.to_text()

    verdict = verify(msgspec.json.encode(bundle, order="sorted"), KEY)

    assert not verdict.verified
    assert "not the one given" in verdict.reason


def test_a_bundle_in_which_a_part_is_missing_twice_or_of_another_kind_never_verifies(
    made: bytes,
) -> None:
    for path in inner_paths(msgspec.json.decode(made)):
        for alter in (drop, double, empty):
            bundle = msgspec.json.decode(made)
            alter(bundle, path)

            verdict = verify(msgspec.json.encode(bundle, order="sorted"), KEY)

            assert not verdict.verified, (alter.__name__, path)
            assert verdict.reason


@given(st.data())
def test_changing_any_byte_never_verifies_and_never_raises(
    either: bytes, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(either) - 1))
    byte = data.draw(st.integers(1, 255))
    changed = either[:place] + bytes([either[place] ^ byte]) + either[place + 1 :]

    assert not verify(changed, KEY).verified


@given(st.data())
def test_a_truncated_bundle_never_verifies(either: bytes, data: st.DataObject) -> None:
    end = data.draw(st.integers(0, len(either) - 1))

    assert not verify(either[:end], KEY).verified


def other_text(words: dict[str, Any], first: str, _: str) -> None:
    words[first]["text"] += " "


def other_salt(words: dict[str, Any], first: str, _: str) -> None:
    words[first]["salt"] = encode_salt(bytes(32))


def shorter_salt(words: dict[str, Any], first: str, _: str) -> None:
    words[first]["salt"] = words[first]["salt"][:-3]


def salt_with_other_spare_bits(words: dict[str, Any], first: str, _: str) -> None:
    """32 bytes leave two bits of the last character unused; most decoders ignore them."""
    salt = words[first]["salt"]
    words[first]["salt"] = salt[:-1] + chr(ord(salt[-1]) + 1)


def salt_with_other_letters(words: dict[str, Any], first: str, _: str) -> None:
    """Python's decoder leaves out what is not in its alphabet."""
    words[first]["salt"] += "~~~~"


def text_decomposed(words: dict[str, Any], first: str, _: str) -> None:
    """It reads alike and has the same commitment, which is over NFC."""
    words[first]["text"] = unicodedata.normalize("NFD", words[first]["text"])


def texts_exchanged(words: dict[str, Any], first: str, second: str) -> None:
    words[first], words[second] = words[second], words[first]


def text_that_no_entry_holds(words: dict[str, Any], *_: str) -> None:
    words[commit(bytes(32), "Tốt")] = {"salt": encode_salt(bytes(32)), "text": "Tốt"}


@pytest.mark.parametrize(
    "forge",
    [
        other_text,
        other_salt,
        shorter_salt,
        salt_with_other_spare_bits,
        salt_with_other_letters,
        text_decomposed,
        texts_exchanged,
        text_that_no_entry_holds,
    ],
)
def test_words_that_were_not_written_so_never_verify(
    worded: bytes, forge: Callable[[dict[str, Any], str, str], None]
) -> None:
    bundle = msgspec.json.decode(worded)
    told = (each for each, word in bundle["words"].items() if not word["text"].isascii())
    first, second = itertools.islice(told, 2)  # in which something can be decomposed

    forge(bundle["words"], first, second)
    verdict = verify(msgspec.json.encode(bundle, order="sorted"), KEY)

    assert not verdict.verified
    assert first in verdict.reason or "no entry commits" in verdict.reason


def test_without_the_words_that_were_erased_the_rest_verifies(worded: bytes) -> None:
    bundle = msgspec.json.decode(worded)
    erased, _ = bundle["words"].popitem()

    verdict = verify(msgspec.json.encode(bundle, order="sorted"), KEY)

    assert verdict.verified
    assert erased not in verdict.words
    assert "1 texts of that year are not in it: erased, or left out" in verdict_text(
        verdict, steps=False
    )


def test_that_all_words_are_gone_is_told_of_a_bundle_that_was_made_with_words(
    made: bytes, worded: bytes
) -> None:
    bundle = decode(worded)

    verdict = verify(encode(msgspec.structs.replace(bundle, words={})), KEY)

    assert verdict.verified
    assert verdict.words_absent == len(bundle.words or ())
    assert f"{verdict.words_absent} texts of that year" in verdict_text(verdict, steps=False)
    assert verify(made, KEY).words_absent == 0  # made without: nothing is missing


@given(st.binary(max_size=200))
def test_whatever_bytes_get_a_verdict(encoded: bytes) -> None:
    verdict = verify(encoded)

    assert (verdict.verified, bool(verdict.reason)) == (False, True)


def test_whoever_signs_a_log_of_their_own_gets_a_verdict_whatever_stands_in_it(made: bytes) -> None:
    """What the forger's own key vouches for is read to its end: it may hold any nonsense."""
    bundle = decode(made)
    entries = [msgspec.json.decode(each.entry) for each in bundle.entries]
    encoded = [*map(written, entries)]
    assert verify(sign_anew(bundle, encoded), FORGERS).verified

    firsts = {each["type"]: place for place, each in reversed([*enumerate(entries)])}
    for place in firsts.values():
        paths = within(entries[place])  # around the data, all entries are alike
        for path in paths if place == 0 else [each for each in paths if each[0] == "data"]:
            for change in (alter, drop, double, empty):
                changed = copy.deepcopy(entries[place])
                change(changed, path)
                forged = [*encoded[:place], written(changed), *encoded[place + 1 :]]
                verdict = verify(sign_anew(bundle, forged), FORGERS)
                assert verdict.verified or verdict.reason


def test_a_level_without_its_reasons_is_no_rating_though_its_own_log_vouches_for_it(
    made: bytes,
) -> None:
    bundle = decode(made)
    entries = [msgspec.json.decode(each.entry) for each in bundle.entries]
    (proposed,) = [each for each in entries if each["type"] == "review.rating_proposed"]
    proposed["data"]["outcome"]["reasons"] = []

    verdict = verify(sign_anew(bundle, [*map(written, entries)]), FORGERS)

    assert not verdict.verified
    assert "proposal_recomputed" in verdict.reason
    assert verdict.why == {}


def written(entry: Any) -> bytes:
    return msgspec.json.encode(entry, order="sorted")


def within(entry: Any) -> list[tuple[Any, ...]]:
    """Return the paths to all parts of an entry."""
    return sorted({p[:n] for p in leaves(entry) for n in range(1, len(p) + 1)}, key=str)


def alter(value: Any, path: tuple[Any, ...]) -> None:
    inner = holder(value, path)
    inner[path[-1]] = (
        alter_value(inner[path[-1]]) if isinstance(inner[path[-1]], int | str) else "a"
    )


DEEP = 100_000


@pytest.mark.parametrize(
    "wrap",
    [
        lambda _: b"",
        lambda made: b"\xef\xbb\xbf" + made,
        lambda made: made + b"\n",
        lambda made: b" " + made,
        lambda made: made.decode().encode("utf-16"),
        lambda made: made.replace(b'{"bundle":', b'{"bundle":"tusoi/1","bundle":', 1),
        lambda made: made.replace(b'"claim":{', b'"claim":{"level":"good",', 1),
        lambda made: made.replace(b'"level":"fair"', b'"level":' + b"9" * 5_000),
        lambda made: made.replace(b'"level":"fair"', b'"level":1e999'),
        lambda made: made.replace(b'"level":"fair"', b'"level":"\\ud800"'),
        lambda _: b"[" * DEEP + b"]" * DEEP,
        lambda made: made.replace(
            b'"documents":{', b'"documents":{"a":' + b"[" * DEEP + b"]" * DEEP + b",", 1
        ),
        lambda made: made.ljust(BUNDLE_BYTES_MAX + 1),
        lambda made: made.replace(
            b'"documents":{', b'"documents":{"a":[' + b"[]," * MARKS_MAX + b"1],", 1
        ),
    ],
)
def test_another_wrapping_gets_a_verdict_and_is_no_proof(
    made: bytes, wrap: Callable[[bytes], bytes]
) -> None:
    wrapped = wrap(made)

    verdict = verify(wrapped, KEY)

    assert wrapped != made
    assert not verdict.consistent
    assert verdict.reason.startswith("not a bundle: it ")


def test_what_is_no_file_is_told_and_no_proof(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "to a folder").symlink_to(tmp_path)
    (tmp_path / "to nowhere").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")

    for name in (".", "to a folder", "to nowhere", "pipe", "\0"):
        assert main([str(tmp_path / name), "--key", KEY]) == 2
        assert "cannot read" in capsys.readouterr().err


def test_a_bundle_of_the_future_says_so(made: bytes) -> None:
    future = made.replace(b'"bundle":"tusoi/1"', b'"bundle":"tusoi/2"')

    assert "tusoi/2" in verify(future).reason


def test_without_the_logs_key_a_bundle_is_consistent_and_nobody_knows_who_signed(
    made: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rating.json"
    path.write_bytes(made)

    verdict = verify(made)

    assert (verdict.verified, verdict.consistent, verdict.key_given) == (False, True, False)
    assert main([str(path)]) == 1
    shown = capsys.readouterr().out
    assert "consistent, signer unknown: fair" in shown
    assert "Give the log's own key by --key" in shown


@pytest.mark.parametrize("empty_key", ["", " ", "\n"])
def test_an_empty_key_is_nobodys_and_no_command_takes_it_for_none(
    made: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str], empty_key: str
) -> None:
    """As in `--key "$KEY"` where KEY was never set: it trusts no key that a bundle brings along."""
    bundle, path = decode(made), tmp_path / "rating.json"
    path.write_bytes(sign_anew(bundle, [each.entry.encode() for each in bundle.entries]))

    verdict = verify(path.read_bytes(), empty_key)

    assert (verdict.verified, verdict.consistent) == (False, False)
    assert "not a note key" in verdict.reason
    with pytest.raises(SystemExit, match="2"):
        main([str(path), "--key", empty_key])
    with pytest.raises(SystemExit, match="2"):
        main(["log", "https://127.0.0.1:1", "--memory", str(tmp_path / "m"), "--key", empty_key])
    told = capsys.readouterr()
    assert (told.out, told.err.count(KEY_EMPTY)) == ("", 2)


def test_a_verdict_says_as_of_when_and_by_which_rules(made: bytes) -> None:
    verdict = verify(made, KEY)

    shown = verdict_text(verdict, steps=False)

    assert verdict.as_of is not None
    assert verdict.edition is not None
    position, size, _ = verdict.as_of
    assert f"verified: fair, as of position {position} of {size}, signed at 2026-01-0" in shown
    assert f"Rated by neutral 1 of tusoi, digest {verdict.edition.digest}." in shown


def streams_in(bundle: Bundle) -> list[str]:
    """Return the streams of which a bundle holds entries."""
    return sorted({msgspec.json.decode(each.entry)["stream"] for each in bundle.entries})


def without(bundle: Bundle, stream: str) -> bytes:
    """Return a bundle without a stream; everything else is as it was signed."""
    kept = (e for e in bundle.entries if msgspec.json.decode(e.entry)["stream"] != stream)
    return encode(msgspec.structs.replace(bundle, entries=tuple(kept)))


def test_a_bundle_cut_anywhere_is_no_proof(made: bytes) -> None:
    """Neither the ends of its streams, nor one of them as a whole, nor any one entry."""
    bundle = decode(made)
    for number in range(len(bundle.entries)):
        dropped = (*bundle.entries[:number], *bundle.entries[number + 1 :])
        cut = encode(msgspec.structs.replace(bundle, entries=dropped))
        assert "is not whole" in (reason := verify(cut, KEY).reason) or "not those" in reason
        cut = encode(msgspec.structs.replace(bundle, entries=bundle.entries[:number]))
        assert not verify(cut, KEY).verified
    for stream in streams_in(bundle):
        assert stream in verify(without(bundle, stream), KEY).reason


def test_a_bundle_of_an_earlier_rating_cannot_take_a_later_claim(made: bytes) -> None:
    """What the review came to before the decision is proven too, and heads are not."""
    bundle = decode(made)
    claim = msgspec.structs.replace(bundle.claim, level="excellent")
    for kept in range(len(bundle.entries)):
        cut = msgspec.structs.replace(bundle, claim=claim, entries=bundle.entries[:kept])
        assert not verify(encode(cut), KEY).verified


def test_heads_of_another_checkpoint_are_no_heads_of_this_one(made: bytes) -> None:
    """Also where the log's own key signed them, for the log as it was some time before."""
    bundle = decode(made)
    stated = Checkpoint.parse(bundle.heads.rpartition("\n\n")[0] + "\n")
    earlier = replace(stated, size=stated.size - 1).sign(SIGNING)

    mixed = encode(msgspec.structs.replace(bundle, heads=earlier))

    assert "about another size or root" in verify(mixed, KEY).reason


Entries = list[dict[str, Any]]


def of_type(entries: Entries, event_type: str) -> dict[str, Any]:
    return next(each for each in entries if each["type"] == event_type)


def ignore_a_discipline(entries: Entries) -> str:
    """A discipline stands in the log before the proposal, which did not count it."""
    place = entries.index(of_type(entries, "review.rating_proposed"))
    subject = of_type(entries, "review.opened")["data"]["member_id"]
    own = [each for each in entries if each["stream"] == f"member-{subject}"]
    told = copy.deepcopy(own[-1])
    told["id"], told["type"] = "forged", "roster.member_disciplined"
    told["dataschema"] = MemberDisciplined.definition.dataschema
    told["streamversion"] = own[-1]["streamversion"] + 1
    told["data"] = {"member_id": subject, "decision": {"sealed": "A" * 43}, "grade": "warning"}
    told["data"] |= {"fault_period": "2025", "self_detected": False}
    told["recordedat"] = entries[place]["recordedat"]
    entries.insert(place, told)
    return "facts_counted: the proposal counts disciplined 0, told 1"


def let_nobody_decide(entries: Entries) -> str:
    """Who decides is nobody of whom the log tells."""
    of_type(entries, "review.rating_decided")["data"]["by"]["member_id"] = "nobody"
    return "rests on member-nobody"


def let_somebody_decide_without_the_post(entries: Entries) -> str:
    """The post by which they decided was given by nobody, though a fact of theirs is there."""
    decided = of_type(entries, "review.rating_decided")["data"]["by"]["member_id"]
    posts = [e for e in entries if e["stream"] == f"member-{decided}" and "post" in e["data"]]
    for each in posts:
        each["data"]["post"] = "committee_member"
    return "not those that the rating rests on"


def give_the_post_afterwards(entries: Entries) -> str:
    decided = of_type(entries, "review.rating_decided")
    member = decided["data"]["by"]["member_id"]
    posts = [e for e in entries if e["stream"] == f"member-{member}" and "post" in e["data"]]
    for each in posts:
        entries.remove(each)
        each["recordedat"] = decided["recordedat"]
    entries[entries.index(decided) + 1 : 1] = posts
    return "posts: "


def authorise_nobody(entries: Entries) -> str:
    """The unit that opened the year decided no more by then."""
    unit_id = of_type(entries, "cycle.opened")["data"]["unit_id"]
    (told,) = [
        each
        for each in entries
        if each["type"] == "roster.unit_authorised" and unit_id in each["stream"]
    ]
    told["type"] = UnitAuthorityEnded.definition.type
    told["dataschema"] = UnitAuthorityEnded.definition.dataschema
    return "was not authorised to open 2025"


def publish_afterwards(entries: Entries) -> str:
    for each in [each for each in entries if each["type"] == "document.published"]:
        entries.remove(each)
        each["recordedat"] = entries[-1]["recordedat"]
        entries.append(each)
    return "was not published by then"


def back_date(entries: Entries) -> str:
    for name in ("time", "recordedat"):
        of_type(entries, "review.rating_decided")[name] = "2025-12-11T00:00:00Z"
    return "was done at 2025-12-11 00:00Z, and what stands before it"


def date_after_the_checkpoint(entries: Entries) -> str:
    for name in ("time", "recordedat"):
        entries[-1][name] = "2030-01-01T00:00:00Z"
    return "recorded after all was signed"


def decide_at_another_time(entries: Entries) -> str:
    of_type(entries, "review.rating_decided")["time"] = "2025-12-20T00:00:00Z"
    return "it says 2025-12-20 00:00Z, and was recorded at"


def tell_of_somebody_else(entries: Entries) -> str:
    """A fact of another one stands in the stream of who decided."""
    of_type(entries, "roster.post_given")["data"]["member_id"] = "somebody"
    return "is not about its stream"


def name_another_subject(entries: Entries) -> str:
    of_type(entries, "review.rating_decided")["subject"] = "review-2025-somebody"
    return "is not about its stream"


def call_it_something_else(entries: Entries) -> str:
    of_type(entries, "review.rating_decided")["type"] = "review.rating_returned"
    return "an entry of type review.rating_returned holds data of urn:tusoi:schemas/review.rating_d"


def say_more_than_its_form_has(entries: Entries) -> str:
    of_type(entries, "review.rating_decided")["data"]["levels"] = 2
    return "holds more than its form has, leaves something out"


def leave_out_what_is_always_told(entries: Entries) -> str:
    del of_type(entries, "review.rating_decided")["datacontenttype"]
    return "holds more than its form has, leaves something out"


@pytest.mark.parametrize(
    "forge",
    [
        call_it_something_else,
        say_more_than_its_form_has,
        leave_out_what_is_always_told,
        ignore_a_discipline,
        tell_of_somebody_else,
        name_another_subject,
        let_nobody_decide,
        let_somebody_decide_without_the_post,
        give_the_post_afterwards,
        authorise_nobody,
        publish_afterwards,
        back_date,
        date_after_the_checkpoint,
        decide_at_another_time,
    ],
)
def test_whoever_has_the_logs_key_forges_no_rating_that_its_own_facts_contradict(
    made: bytes, forge: Callable[[Entries], str]
) -> None:
    bundle = decode(made)
    entries = [msgspec.json.decode(each.entry) for each in bundle.entries]

    reason = forge(entries)
    verdict = verify(sign_anew(bundle, [*map(written, entries)]), FORGERS)

    assert not verdict.verified
    assert reason in verdict.reason


def test_of_who_decided_a_bundle_holds_the_facts_of_their_post_and_no_other(made: bytes) -> None:
    entries = [msgspec.json.decode(each.entry) for each in decode(made).entries]
    subject = of_type(entries, "review.opened")["data"]["member_id"]

    told = {
        each["type"]
        for each in entries
        if each["stream"].startswith("member-") and subject not in each["stream"]
    }

    assert {"roster.member_enrolled", "roster.post_given"} <= told
    of_posts = {"roster.post_given", "roster.post_relieved"}
    of_belonging = {"roster.member_enrolled", "roster.member_moved", "roster.member_left"}
    assert told <= of_posts | of_belonging  # where they belonged says which posts a leaving ends


def test_words_of_the_roster_stay_sealed_whoever_takes_words_along(worded: bytes) -> None:
    bundle = decode(worded)
    roster = [
        read_entry(each.entry.encode(), CATALOGUE)
        for each in bundle.entries
        if '"type":"roster.' in each.entry
    ]

    assert commitments_in(roster)
    assert bundle.words
    assert not set(commitments_in(roster)) & set(bundle.words)


def test_the_auditors_command_shows_history_and_verdict(
    made: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rating.json"
    path.write_bytes(made)

    assert main([str(path), "--key", KEY, "--steps"]) == 0
    shown = capsys.readouterr().out
    assert "Trùng khớp · verified: fair" in shown
    assert shown.index("review.opened") < shown.index("review.rating_decided")
    assert main([str(path), "--key", KEY, "--explain", "vi"]) == 0
    assert "Để đạt mức Tốt, cần đạt thêm các điều kiện sau:" in capsys.readouterr().out
    assert main([str(path), "--key", KEY, "--json"]) == 0
    assert "Level: Fair" in msgspec.json.decode(capsys.readouterr().out)["why"]["en"][0]
    path.write_bytes(made[:-1])
    assert main([str(path), "--json"]) == 1
    assert msgspec.json.decode(capsys.readouterr().out)["passed"] is False
    assert main([str(tmp_path / "nowhere.json")]) == 2
    assert "cannot read" in capsys.readouterr().err


def test_replay_needs_nothing_of_the_service(made: bytes, tmp_path: Path) -> None:
    path = tmp_path / "rating.json"
    path.write_bytes(made)
    blocked = textwrap.dedent(f"""
        import sys
        for name in {[*SERVICE_ONLY.split(), *TERMINAL.split()]!r}:
            sys.modules[name] = None
        sys.argv = ["replay", {str(path)!r}, "--key", {KEY!r}]
        from events.replay.__main__ import main
        status = main()
        ours = ("services", "workers", "events.store")
        assert not any(name.startswith(ours) for name in sys.modules)
        sys.exit(status)
    """)

    ran = subprocess.run(
        [sys.executable, "-c", blocked], capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "verified" in ran.stdout


@pytest.mark.parametrize("letters", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_of_few_letters_gets_the_same_verdict(
    made: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, letters: str
) -> None:
    path, terminal = tmp_path / "rating.json", io.BytesIO()
    path.write_bytes(made)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(terminal, encoding=letters))

    status = main([str(path), "--key", KEY])

    assert status == 0
    assert b" verified: fair, as of position " in terminal.getvalue()


def test_a_verdict_that_cannot_be_written_is_none(
    made: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "rating.json"
    path.write_bytes(made)
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        status = main([str(path), "--key", KEY])

    assert status == 2
    assert capsys.readouterr().err == "cannot write what it came to: No space left on device\n"


def test_tusoi_verifies_a_bundle_without_the_service(made: bytes, tmp_path: Path) -> None:
    path = tmp_path / "rating.json"
    path.write_bytes(made)

    for name in ("verify", "replay"):
        assert answer_plainly([name, str(path), "--key", KEY], "click") == 0
