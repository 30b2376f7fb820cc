"""A rating is verified from one file; a file in which anything was changed never verifies."""

import copy
import itertools
import subprocess
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.definitions.entry import encode_salt
from events.domain.aggregate.rejections import CommandRejected
from events.proof.notes import SigningKey
from events.replay.__main__ import main, verdict_text
from events.replay.bundles import decode
from events.replay.documents import digest_of
from events.replay.verdict import verify
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
from tests.support.forging import sign_anew
from tests.support.law import rejection_of
from tests.support.living import BEFORE, Year
from tests.support.on_forms import OnForms

SIGNING = SigningKey.generate("test.example/log", bytes(range(32)))
KEY = SIGNING.verifier.to_text()
SERVICE_ONLY = "sqlalchemy flask marshmallow structlog dramatiq redis psycopg alembic"


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
def living(year: Year, tmp_path: Path) -> Living:
    return Living(year, tmp_path)


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
        living.year.live(until=date(2026, 1, 8))
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


def test_a_rating_is_verified_from_its_bundle(living: Living) -> None:
    living.year.live(until=date(2026, 1, 8))

    for number in ("SG-0041", "SG-0046", "SG-0009"):
        verdict = verify(living.bundle(number), KEY)

        assert (verdict.verified, verdict.reason) == (True, "")
        assert all(check.passed for check in verdict.checks)


def test_without_a_decision_there_is_nothing_to_bundle(living: Living) -> None:
    living.year.live(until=date(2025, 12, 12))

    told = rejection_of(lambda: living.bundle("SG-0041"), "step_missing")

    assert isinstance(told, CommandRejected)


def test_a_bundle_that_nobody_would_read_is_not_made_and_says_what_to_do(living: Living) -> None:
    living.year.live(until=date(2026, 1, 8))
    bare, entries = living.bundle("SG-0041"), 13

    made = living.bundle("SG-0041", bytes_max=len(bare), entries_max=entries)

    def told(**asked: Any) -> str:
        return rejection_of(lambda: living.bundle("SG-0041", **asked), "bundle_too_large").needed

    assert made == bare
    with_words = told(with_words=True, bytes_max=len(bare))
    assert with_words.endswith(f"at most {len(bare)} are read: ask for it without words")
    assert f"has {len(bare)} bytes, " in told(bytes_max=len(bare) - 1)
    too_many = told(entries_max=entries - 1)
    assert "has 13 entries, at most 12 are read: have the operator verify" in too_many


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


def test_another_logs_key_does_not_verify_it(made: bytes) -> None:
    other = SigningKey.generate("test.example/log", bytes(32)).verifier.to_text()

    assert not verify(made, other).verified
    assert not verify(made, "no key at all").verified
    assert verify(made).key_given is False


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


@given(st.binary(max_size=200))
def test_whatever_bytes_get_a_verdict(encoded: bytes) -> None:
    verdict = verify(encoded)

    assert (verdict.verified, bool(verdict.reason)) == (False, True)


def test_whoever_signs_a_log_of_their_own_gets_a_verdict_whatever_stands_in_it(made: bytes) -> None:
    """What the forger's own key vouches for is read to its end: it may hold any nonsense."""
    bundle = decode(made)
    entries = [msgspec.json.decode(each.entry) for each in bundle.entries]
    assert verify(sign_anew(bundle, [*map(written, entries)])).verified

    for place, entry in enumerate(entries):
        for path in within(entry):
            for change in (alter, drop, double, empty):
                changed = copy.deepcopy(entries)
                change(changed[place], path)
                verdict = verify(sign_anew(bundle, [*map(written, changed)]))
                assert verdict.verified or verdict.reason


def test_a_level_without_its_reasons_is_no_rating_though_its_own_log_vouches_for_it(
    made: bytes,
) -> None:
    bundle = decode(made)
    entries = [msgspec.json.decode(each.entry) for each in bundle.entries]
    (proposed,) = [each for each in entries if each["type"] == "review.rating_proposed"]
    proposed["data"]["outcome"]["reasons"] = []

    verdict = verify(sign_anew(bundle, [*map(written, entries)]))

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


def test_a_bundle_of_the_future_says_so(made: bytes) -> None:
    future = made.replace(b'"bundle":"tusoi/1"', b'"bundle":"tusoi/2"')

    assert "tusoi/2" in verify(future).reason


def test_a_bundle_with_the_end_of_a_stream_cut_off_is_found(made: bytes) -> None:
    bundle = msgspec.json.decode(made)
    bundle["entries"].pop()

    assert "not as long" in verify(msgspec.json.encode(bundle, order="sorted")).reason


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
        for name in {SERVICE_ONLY.split()!r}:
            sys.modules[name] = None
        sys.argv = ["replay", {str(path)!r}]
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
