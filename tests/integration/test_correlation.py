"""One correlation id leads from a request to the projection of its facts."""

import signal
from pathlib import Path

import structlog

from services.access.tokens import Grants, Principal
from services.bootstrap import open_system
from services.cli import demo
from services.intake.parser import parse_event
from services.intake.receive import receive
from services.settings import from_environment
from tests.support import hr
from tests.support.databases import hasty
from tests.support.installation import Installation, end
from workers.main import Workplace
from workers.projections.every import PROJECTIONS


def test_the_projections_log_names_the_request_that_brought_the_facts(tmp_path: Path) -> None:
    system = open_system(from_environment(hasty(tmp_path)))
    principal = Principal("token:t", "t", Grants(sends=("roster.*",), sources=(hr.SOURCE,)))
    workplace = Workplace(system)

    with structlog.testing.capture_logs() as lines:
        workplace.start()
        receive(system, principal, [parse_event(hr.formed("U1"), 0)], correlation_id="request-7")
        demo.settle(system, 1)
        workplace.stop()

    system.close()
    advanced = [line for line in lines if line["event"] == "projection_advanced"]
    assert {line["projection"] for line in advanced} == set(PROJECTIONS)
    assert all(line["correlation_ids"] == ("request-7",) for line in advanced)
    assert not any("position" in line or "size" in line for line in lines)  # it would be dated


def test_a_request_is_followed_through_the_processes_that_serve_and_work(
    postgresql_url: str, valkey_url: str, tmp_path: Path
) -> None:
    installed = Installation(
        postgresql_url, valkey_url, tmp_path / "i", source=hr.SOURCE, log_level=None
    )
    with installed.running("work"):
        serving = installed.serve()
        try:
            status, _ = installed.send([hr.formed("U1")], correlation_id="request-8")
            installed.settle()
        finally:
            end(serving, signal.SIGTERM)
    lines = installed.log_lines()
    facts = [each.entry for each in installed.system.store.read_log(0)]
    installed.system.close()

    assert status == 201
    assert {each["level"] for each in lines} - {"warning"} == {"info"}
    (asked,) = [each for each in lines if each.get("correlation_id") == "request-8"]
    assert (asked["event"], asked["route"]) == ("request", "/api/v1/events")
    followed = [each for each in lines if "request-8" in each.get("correlation_ids", ())]
    assert {each["event"] for each in followed} == {"projection_advanced"}
    assert {each["projection"] for each in followed} == set(PROJECTIONS)
    told = [each.type for each in facts if each.correlationid == "request-8"]
    assert told == ["roster.unit_formed"]
