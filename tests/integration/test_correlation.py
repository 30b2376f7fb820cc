"""One correlation id leads from a request to the projection of its facts."""

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
