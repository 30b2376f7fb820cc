"""The API's own description: valid, whole, and kept by the API itself."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from schemathesis import GenerationMode, checks
from schemathesis.core.result import Ok

from services.web.http.problems import Problem
from tests.support.intake import SENDS_ALL, enrolling, event
from tests.support.strategies import SENT
from tests.support.world import World, commune

# A fact may have the right form and still name a unit that nobody told of, so that refusing it
# is no breach of the description.
EXCLUDED = [checks.positive_data_acceptance]
TOO_LARGE = 413
FAR = 1_000  # characters: longer than any text that is made up
# Of these no text has a wrong form, only no answer.
ANY_PATHS = ("/log/tile/{path}", "/log/tile/entries/{path}")
LIMITS = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
FEW = settings(LIMITS, max_examples=4)

# Here a made-up cookie comes beside a good token, which rightly opens what it is granted; that
# nothing opens without either, the table of roles tests.
EXCLUDED_WITH_SESSION = [*EXCLUDED, checks.ignored_auth]
SIGN_IN = ("/api/v1/session", "post")  # the one operation that anybody may ask for
NO_ERRORS = ("NOT_MODIFIED", "NO_CONTENT")
OF_TOKENS = ("/api/v1/events", "/api/v1/members", "/api/v1/units")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world for all requests that are made up here."""
    world = World(tmp_path_factory.mktemp("openapi") / "data")
    world.tell(*commune())
    world.system.signer.sign()
    yield world
    world.system.close()


@pytest.fixture(scope="module")
def description(shared: World) -> dict[str, Any]:
    document: dict[str, Any] = shared.get("/api/openapi.json").json
    return document


@pytest.fixture(scope="module")
def api(shared: World, description: dict[str, Any]) -> schemathesis.BaseSchema:
    """What requests are made up from: the description, without what they do not come near."""
    loaded = schemathesis.openapi.from_dict(_without_far_lengths(description))
    loaded.app = shared.app
    loaded.location = "/api/openapi.json"
    return loaded


def _without_far_lengths(value: Any) -> Any:
    """Return a description in which texts with a pattern have no greatest length.

    Nothing made up is as long. Schemathesis would write the length into the pattern, and to make
    an automaton of "65,536 characters" costs three seconds and 200 MB for each operation.
    """
    if isinstance(value, list):
        return [_without_far_lengths(each) for each in value]
    if not isinstance(value, dict):
        return value
    far = value.get("maxLength", 0) if isinstance(value.get("pattern"), str) else 0
    return {
        name: _without_far_lengths(each)
        for name, each in value.items()
        if not (name == "maxLength" and far > FAR)
    }


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_the_api_keeps_what_its_description_says(
    api: schemathesis.BaseSchema, shared: World, mode: GenerationMode
) -> None:
    """Requests are made up from the description, right ones and wrong ones."""
    token = shared.token(**SENDS_ALL, reads=("roster.*",), states=True)
    operations = [each.ok() for each in api.get_all_operations() if isinstance(each, Ok)]

    def keep(case: Any) -> None:
        if isinstance(case.query, dict):
            waits = case.query.pop("wait", None) is not None  # for the test would
            unsent = [value for value in case.query.values() if value in ([], {}, None)]
            # What is not sent is not wrong, whatever it was meant to be.
            assume(mode is GenerationMode.POSITIVE or not (waits or unsent))
        response = case.call(headers=token)
        if mode is GenerationMode.NEGATIVE and response.status_code == TOO_LARGE:
            return  # a refusal too, though schemathesis does not count it as one
        excluded = EXCLUDED if _is_of_tokens(case.operation) else EXCLUDED_WITH_SESSION
        case.validate_response(response, headers=token, excluded_checks=excluded)

    for operation in operations:
        can_be_wrong = operation.body or any(operation.iter_parameters())
        if mode is GenerationMode.POSITIVE or (can_be_wrong and operation.path not in ANY_PATHS):
            made_up = operation.as_strategy(generation_mode=mode)
            limits = LIMITS if _is_of_tokens(operation) else FEW
            limits(given(made_up)(keep))()
    assert len(operations) == 75


def _is_of_tokens(operation: Any) -> bool:
    """Return whether an operation is not asked for with a session."""
    path = str(operation.path)
    return path.startswith(OF_TOKENS) or not path.startswith("/api/v1")


def test_the_description_is_valid(description: dict[str, Any]) -> None:
    validate(description)

    assert description["openapi"].startswith("3.1")


def test_every_path_of_the_api_is_described(shared: World, description: dict[str, Any]) -> None:
    every = (rule.rule for rule in shared.app.url_map.iter_rules() if "api/v1" in rule.rule)
    rules = {rule.replace("<path:", "<") for rule in every}

    described = {path.replace("{", "<").replace("}", ">") for path in description["paths"]}
    assert rules <= described


def test_every_operation_of_the_api_needs_a_token_or_a_session(
    description: dict[str, Any],
) -> None:
    operations = [
        operation
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/api/v1")
        and method in {"get", "post", "delete"}
        and (path, method) != SIGN_IN
    ]

    assert {str(operation["security"]) for operation in operations} == {
        "[{'bearer': []}]",
        "[{'session': []}, {'bearer': []}]",
        "[{'session': []}]",
    }
    assert all({"401", "403"} <= operation["responses"].keys() for operation in operations)


def test_every_error_is_described_as_a_problem(description: dict[str, Any]) -> None:
    schema = description["components"]["schemas"]["Problem"]
    responses = description["components"]["responses"]

    assert set(schema["properties"]) == set(Problem.__struct_fields__)
    errors = [each for name, each in responses.items() if name not in NO_ERRORS]
    assert {kind for each in errors for kind in each["content"]} == {"application/problem+json"}


def test_every_type_is_described_as_it_is_sent(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    event_schema = {"$ref": "#/components/schemas/Event", "components": {"schemas": schemas}}
    validator = OAS31Validator(event_schema)

    assert len(schemas["Event"]["oneOf"]) == len(SENT)
    assert validator.is_valid(event(1))
    assert validator.is_valid(enrolling(2, "CB-001"))
    assert not validator.is_valid(event(1, type="roster.member_enrolled"))
    assert not validator.is_valid({k: v for k, v in event(1).items() if k != "id"})


def test_references_stay_within_the_description(description: dict[str, Any]) -> None:
    """Else a tool would have to fetch other addresses to understand it."""

    def references(value: Any) -> Iterator[str]:
        inner = value.values() if isinstance(value, dict) else value
        if isinstance(value, dict | list):
            for each in inner:
                yield from references(each)
        if isinstance(value, dict) and isinstance(value.get("$ref"), str):
            yield value["$ref"]

    found = set(references(description))
    assert found
    assert all(each.startswith("#/components/") for each in found)
