"""Every error as a problem document: the status says who must act, the code says what it is."""

from collections.abc import Callable, Iterator

import msgspec
import pytest
import werkzeug.exceptions

from events.definitions.catalogue import UnknownType, UnreadableEntry
from events.definitions.entry import EntryTooLarge, NotCanonical
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.errors import ConcurrentAppend, StoreUnavailable, TusoiError
from events.store.documents import DocumentTooLarge, UnknownDocument
from events.store.encoding import TooManyEvents
from events.store.files import UnknownFile
from events.store.keys import KeyDestroyed
from events.store.schema import SchemaOutdated
from events.vault.sealing import TextTooLong
from events.vault.wrapping import KeyDamaged, WrongMasterKey
from services.access.accounts import SignInRefused
from services.access.attempts import TooManyAttempts
from services.access.own_password import PasswordWrong
from services.access.passwords import PasswordRefused
from services.access.roles import Unseen
from services.access.tokens import Forbidden, NotAuthenticated
from services.commands.editions import EditionRefused
from services.commands.work import ConflictingKey, Stale
from services.context import IndexKeyLost
from services.intake import refusals
from services.printing.pdf import PrintersBusy, SheetTooLong
from services.read_models.states import Unknown
from services.safekeeping.drafts import DraftTooLong
from services.safekeeping.evidence import FileEmpty, FileTooLarge
from services.safekeeping.refused_files import FileTypeRefused
from services.web.asking.person import MalformedHeader
from services.web.asking.session import CrossOrigin, CsrfMissing
from services.web.asking.visibility import PositionAhead
from services.web.exports import ExportsBusy, ExportUnderWay
from services.web.files.uploads import TooManyFiles
from services.web.http import problems
from services.web.http.hooks import WrongHost
from services.web.http.problems import Invalid, InvalidBody, NotYet, Problem
from services.web.seats import Busy
from tests.support.world import Answer, World

SECRET = "Nguyễn Thị An, 12 Hàng Bạc"

CASES: list[tuple[TusoiError, int, str]] = [
    (NotAuthenticated("no token"), 401, "not_authenticated"),
    (SignInRefused(), 401, "sign_in_refused"),
    (Forbidden("not granted"), 403, "forbidden"),
    (CsrfMissing(), 403, "csrf_missing"),
    (CrossOrigin(), 403, "cross_origin"),
    (refusals.NotGranted("not granted"), 403, "not_granted"),
    (Unknown("unit", "x"), 404, "unknown_unit"),
    (Unseen("review"), 404, "unknown_review"),
    (UnknownDocument("neutral"), 422, "unknown_document"),
    (EditionRefused([]), 422, "edition_refused"),
    (CommandRejected(Rejection.YEAR_CLOSED), 409, "already_done"),
    (ConflictingKey(), 409, "conflicting_key"),
    (Stale("review-2026-x", seen=3, version=5), 412, "stale"),
    (InvalidBody("/text", "too long"), 422, "invalid_body"),
    (MalformedHeader("If-Match", "send an ETag"), 400, "malformed_header"),
    (NotYet("soon"), 404, "not_yet"),
    (UnknownFile("A" * 43), 404, "unknown_file"),
    (KeyDestroyed("member-x", "2026"), 409, "key_destroyed"),
    (refusals.ConflictingRepeat("again", index=1), 409, "conflicting_repeat"),
    (EntryTooLarge(70_000, 65_535), 413, "entry_too_large"),
    (TooManyEvents(1_001), 413, "too_many_events"),
    (refusals.TooLarge("long"), 413, "too_large"),
    (FileTooLarge(30_000_000), 413, "file_too_large"),
    (DraftTooLong(300_000), 413, "draft_too_long"),
    (TextTooLong(70_000), 413, "text_too_long"),
    (DocumentTooLarge(5_000_000), 413, "document_too_large"),
    (SheetTooLong(2_000_000), 409, "sheet_too_long"),
    (FileTypeRefused(), 415, "file_type_refused"),
    (refusals.UnsupportedMediaType("csv"), 415, "unsupported_media_type"),
    (refusals.MalformedJson("no", byte=3), 400, "malformed_json"),
    (refusals.UnknownEventType("no", index=1), 422, "unknown_type"),
    (UnknownType("x"), 422, "unknown_type"),
    (NotCanonical("not NFC"), 422, "not_canonical"),
    (FileEmpty(), 422, "file_empty"),
    (TooManyFiles(9, 5), 422, "too_many_files"),
    (PasswordRefused(), 422, "password_refused"),
    (TooManyAttempts(4), 429, "too_many_attempts"),
    (PasswordWrong(), 422, "password_wrong"),
    (WrongHost(), 421, "wrong_host"),
    (Invalid("after", "no"), 422, "invalid_parameter"),
    (PositionAhead(9, 5), 422, "position_ahead"),
    (ConcurrentAppend(SECRET), 503, "concurrent_append"),
    (StoreUnavailable(SECRET), 503, "store_unavailable"),
    (SchemaOutdated("1", "2"), 503, "schema_outdated"),
    (IndexKeyLost(other=True), 503, "index_key_lost"),
    (WrongMasterKey(), 503, "wrong_master_key"),
    (KeyDamaged(SECRET, SECRET), 503, "key_damaged"),
    (Busy(), 503, "busy"),
    (PrintersBusy(), 503, "printers_busy"),
    (ExportUnderWay(), 429, "export_under_way"),
    (ExportsBusy(), 503, "exports_busy"),
    (UnreadableEntry(SECRET), 500, "unreadable_entry"),
]


Raised = Callable[[Exception], Answer]


@pytest.fixture(scope="module")
def raised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Raised]:
    """Returns the answer of a view that raises an error. Its routes are made once."""
    world = World(tmp_path_factory.mktemp("raising"))
    errors: list[Exception] = []

    def view() -> str:
        raise errors.pop()

    def answer(error: Exception) -> Answer:
        errors.append(error)
        return world.get("/raise")

    world.take_own_app().add_url_rule("/raise", view_func=view)
    yield answer
    world.system.close()


@pytest.mark.parametrize(("error", "status", "code"), CASES, ids=lambda case: str(type(case)))
def test_each_error_has_its_status_and_code(
    raised: Raised, error: TusoiError, status: int, code: str
) -> None:
    response = raised(error)

    problem = msgspec.json.decode(response.data, type=Problem)
    assert response.mimetype == "application/problem+json"
    assert (response.status_code, problem.status, problem.code) == (status, status, code)
    assert problem.type == f"/problems/{code}"
    assert problem.retryable == error.retryable
    assert problem.correlation_id == response.headers["X-Correlation-ID"]


@pytest.mark.parametrize("code", sorted({code for _, _, code in CASES} - {"unreadable_entry"}))
def test_where_the_type_of_a_problem_leads_its_code_is_explained(world: World, code: str) -> None:
    page = world.get(f"/problems/{code}")

    assert page.status_code == 200
    assert f"<code>{code}</code>" in page.text


def test_a_code_that_there_is_not_leads_nowhere(world: World) -> None:
    assert world.get("/problems/no_such_code").status_code == 404


def test_the_cases_above_hold_every_class_of_the_table() -> None:
    shown = {type(error) for error, _, _ in CASES}

    assert set(problems.ANSWERS) <= shown


@pytest.mark.parametrize(
    "error",
    [
        StoreUnavailable("x"),
        ConcurrentAppend("x"),
        SchemaOutdated("1", "2"),
        Busy(),
        PrintersBusy(),
        ExportUnderWay(),
        ExportsBusy(),
    ],
)
def test_what_will_do_later_says_when(raised: Raised, error: TusoiError) -> None:
    response = raised(error)

    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError(SECRET),
        KeyError(SECRET),
        StoreUnavailable(SECRET),
        ConcurrentAppend(SECRET),
        UnreadableEntry(SECRET),
    ],
)
def test_no_answer_tells_what_is_inside(raised: Raised, error: Exception) -> None:
    response = raised(error)

    assert response.status_code >= 500
    assert SECRET not in response.json["detail"]
    assert response.json["correlation_id"]


def test_an_unforeseen_error_is_logged_by_its_place_and_without_its_words(
    raised: Raised, logged: list[dict[str, str]]
) -> None:
    """Its words may be somebody's: a database quotes the row that it refuses."""
    raised(RuntimeError(SECRET))

    (line,) = [each for each in logged if each["event"] == "request_failed"]
    assert line["error"] == "RuntimeError"
    assert "test_problems.py" in line["traceback"]
    assert SECRET not in str(logged)


def test_where_in_the_batch_it_went_wrong_is_told(raised: Raised) -> None:
    error = refusals.InvalidEventData("no", index=3, problems=(("/data/name", "Send a text."),))

    problem = raised(error).json

    assert (problem["index"], problem["pointer"]) == (3, "/data/name")
    assert problem["problems"] == [{"pointer": "/data/name", "message": "Send a text."}]


def test_an_unknown_path_is_a_problem_too(world: World) -> None:
    response = world.get("/nowhere")

    assert (response.status_code, response.json["code"]) == (404, "not_found")
    assert response.mimetype == "application/problem+json"


def test_a_wrong_method_keeps_allow(world: World) -> None:
    response = world.ask("DELETE", "/api/v1/events")

    assert (response.status_code, response.json["code"]) == (405, "method_not_allowed")
    assert {"GET", "POST"} <= {each.strip() for each in response.headers["Allow"].split(",")}


def test_who_is_not_known_is_told_how_to_be(world: World) -> None:
    response = world.get("/api/v1/events")

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="tusoi"'


def test_a_refusal_of_flasks_own_keeps_its_headers(raised: Raised) -> None:
    response = raised(werkzeug.exceptions.ServiceUnavailable(retry_after=7))

    assert (response.status_code, response.headers["Retry-After"]) == (503, "7")
    assert response.mimetype == "application/problem+json"
