"""Every page of the service, and who looks at it on which day.

In an address `{SG-0041}` stands for our id of a member or unit by HR's number, `{point SG-0028}`
for the point suggested to somebody, and `{edition}` for the edition that the year goes by.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from services.queries import publications
from tests.support.sites import ADMINISTRATOR, AUDITOR, Site

PLACE = re.compile(r"\{(point )?([\w-]+)\}")
CRITICISED, LATE, SECRETARY, AUTHORITY = "SG-0041", "SG-0046", "SG-0042", "SG-0036"
FOLLOWED, FOLLOWER = "SG-0028", "SG-0022"


class Look(NamedTuple):
    """A page, who looks at it, and what they press there to come to another one."""

    login: str | None
    address: str
    picks: str = ""  # what is picked first, as a selector
    presses: str = ""
    status: int = 200
    types: str = ""  # what is typed into the search
    opens: bool = False  # whether words of others are opened on it first


class Paper(NamedTuple):
    """What is printed, who prints it, and on which page they find the way to it."""

    login: str
    page: str
    address: str


def address_at(site: Site, address: str) -> str:
    """Return an address with the ids of a running service."""
    return PLACE.sub(lambda found: _id_at(site, found[1], found[2]), address)


def _id_at(site: Site, of: str | None, named: str) -> str:
    if named == "edition":
        return publications.published_rulebooks(site.system)[0].digest
    if of:
        return site.year.review(site.year.subject(named)).points[0].fact.point_id
    return site.id_of(named)


Looks = Mapping[str, Look]

FEBRUARY: Looks = {
    "unit_with_escalations": Look(SECRETARY, "/unit"),
    "escalation_waits": Look("SG-0006", "/inbox"),
    "many_escalations": Look("SG-0006", "/inbox", "ol.list input", "ol.list ~ .acts button"),
    "missed_in_history": Look(AUDITOR, "/history/2025/{SG-0014}"),
}
DECEMBER: Looks = {
    "home": Look(None, "/"),
    "docs": Look(None, "/api/docs"),
    "glossary": Look(None, "/glossary"),
    "codes_of_problems": Look(None, "/problems"),
    "code_of_a_problem": Look(None, "/problems/own_proposal"),
    "sign_in": Look(None, "/sign-in"),
    "account": Look(CRITICISED, "/account"),
    "delegations": Look(SECRETARY, "/delegations"),
    "nothing_there": Look(None, "/nowhere", status=404),
    "my_year": Look(CRITICISED, "/my"),
    "no_year": Look(AUDITOR, "/my"),
    "my_data": Look(CRITICISED, "/my/data"),
    "self_critique": Look(LATE, "/reviews/2025/{SG-0046}/write/self-critique"),
    "criticism": Look(SECRETARY, "/reviews/2025/{SG-0046}/write/criticism"),
    "peers": Look(CRITICISED, "/peers/2025"),
    "review_of_others": Look(SECRETARY, "/reviews/2025/{SG-0041}", opens=True),
    "review_without_words": Look("SG-0027", "/reviews/2025/{SG-0028}"),
    "proposal": Look(SECRETARY, "/reviews/2025/{SG-0041}/proposal", opens=True),
    "deadline": Look(SECRETARY, "/reviews/2025/{SG-0041}/deadline"),
    "waiver": Look(AUTHORITY, "/reviews/2025/{SG-0041}/waiver"),
    "ending": Look(AUTHORITY, "/reviews/2025/{SG-0041}/end"),
    "decision_too_early": Look(AUTHORITY, "/reviews/2025/{SG-0041}/decision"),
    "inbox": Look(SECRETARY, "/inbox"),
    "inbox_item": Look(SECRETARY, "/inbox/review/2025-{SG-0041}/proposal"),
    "item_that_is_gone": Look(SECRETARY, "/inbox/review/2025-{SG-0046}/decision"),
    "empty_inbox": Look(CRITICISED, "/inbox"),
    "unit": Look(SECRETARY, "/units/{SG-CB03}/2025"),
    "no_unit": Look(AUDITOR, "/unit"),
    "cycle": Look(AUTHORITY, "/cycle"),
    "new_cycle": Look(AUTHORITY, "/cycles/new"),
    "no_new_cycle": Look(CRITICISED, "/cycles/new"),
    "roster": Look(ADMINISTRATOR, "/roster"),
    "find": Look(AUDITOR, "/history", types="n", presses="form[role=search] button"),
    "find_nobody": Look(AUDITOR, "/history", types="xyz", presses="form[role=search] button"),
    "early_history": Look(AUDITOR, "/history/2025/{SG-0041}?n=2"),
}
JANUARY: Looks = {
    "plan_editor": Look(LATE, "/plans/2025/{SG-0046}/edit"),
    "plan_agreement": Look(SECRETARY, "/plans/2025/{SG-0046}", opens=True),
    "inbox_of_plans": Look(SECRETARY, "/inbox"),
}
APRIL: Looks = {
    "plan": Look(FOLLOWED, "/plans/2025/{SG-0028}"),
    "plan_of_others": Look(FOLLOWER, "/plans/2025/{SG-0028}", opens=True),
    "evidence": Look(FOLLOWED, "/milestones/2025-{SG-0028}-1/evidence"),
    "evidence_waits": Look(FOLLOWER, "/inbox", opens=True),
    "rated": Look(LATE, "/my"),
    "late_cycle": Look(AUDITOR, "/cycle"),
    "history": Look(AUDITOR, "/history/2025/{SG-0046}?verify=1"),
}
POINTS: Looks = {  # of a party year, while points wait for their answers
    "commitment": Look("SG-0003", "/reviews/2025/{SG-0003}/write/commitment"),
    "suggest_point": Look("SG-0043", "/reviews/2025/{SG-0028}/write/point"),
    "point_waits": Look(FOLLOWED, "/my"),
    "point_in_inbox": Look(FOLLOWED, "/inbox"),
    "answer_point": Look(
        FOLLOWED, "/reviews/2025/{SG-0028}/write/point-answer?item={point SG-0028}"
    ),
    "review_with_point": Look("SG-0043", "/reviews/2025/{SG-0028}", opens=True),
    "rulebooks": Look(CRITICISED, "/rulebooks"),
    "rulebook": Look(CRITICISED, "/rulebooks/{edition}"),
    "rulebook_with_quarters": Look(AUTHORITY, "/rulebooks/kl198_hd02"),
    "differences": Look(CRITICISED, "/rulebooks/qd366_hd02/differences?from=qd366_hd43"),
    "no_differences": Look(CRITICISED, "/rulebooks/neutral/differences?from=neutral"),
    "new_rulebook": Look(AUTHORITY, "/rulebooks/new"),
    "new_rulebook_tried": Look(
        AUTHORITY, "/rulebooks/new?like=neutral", presses="button[name=try]", status=409
    ),
    "no_new_rulebook": Look(CRITICISED, "/rulebooks/new"),
    "catalogues": Look(CRITICISED, "/catalogues"),
    "catalogue": Look(CRITICISED, "/catalogues/nq04"),
    "catalogue_spelled_out": Look(CRITICISED, "/catalogues/local_example"),
}
MEETINGS: Looks = {  # of a party year, somebody at each step from the meeting to the notice
    "unit_at_meetings": Look("SG-0022", "/unit"),
    "meetings_wait": Look("SG-0022", "/inbox"),
    "many_meetings": Look("SG-0022", "/inbox", "ol.list input", "ol.list ~ .acts button"),
    "meeting": Look("SG-0022", "/reviews/2025/{SG-0026}/meeting", opens=True),
    "no_meeting": Look("SG-0022", "/reviews/2025/{SG-0028}/meeting"),
    "peers_at_meetings": Look("SG-0028", "/peers/2025"),
    "proposal_with_groups": Look(SECRETARY, "/reviews/2025/{SG-0045}/proposal"),
    "proposal_refused": Look(
        "SG-0022", "/reviews/2025/{SG-0026}/proposal", presses="form.sheet .main", status=422
    ),
    "appraisal": Look("SG-0043", "/reviews/2025/{SG-0028}/appraisal", opens=True),
    "decision": Look(AUTHORITY, "/reviews/2025/{SG-0046}/decision"),
    "announcement": Look(AUTHORITY, "/reviews/2025/{SG-0053}/announcement"),
    "announcement_too_early": Look(SECRETARY, "/reviews/2025/{SG-0046}/announcement"),
    "decided": Look("SG-0053", "/my"),
    "inbox_of_authority": Look(AUTHORITY, "/inbox"),
    "party_cycle": Look(AUTHORITY, "/cycle"),
}
REOPENED: Looks = {  # a party year after it, with a quarter open
    "reopening": Look(AUTHORITY, "/reviews/2025/{SG-0041}/reopening"),
    "reopening_without_discipline": Look(AUTHORITY, "/reviews/2025/{SG-0028}/reopening"),
    "reopening_refused": Look(
        AUTHORITY, "/reviews/2025/{SG-0041}/reopening", presses="form.sheet .main", status=422
    ),
    "reopened": Look(LATE, "/reviews/2025/{SG-0046}"),
    "reopened_of_others": Look(AUTHORITY, "/reviews/2025/{SG-0046}", opens=True),
    "reopened_history": Look(AUDITOR, "/history/2025/{SG-0046}?verify=1"),
    "quarter": Look("SG-0043", "/my"),
    "quarter_to_write": Look("SG-0053", "/reviews/2026-q1/{SG-0053}/write/self-critique"),
    "unit_in_quarter": Look(AUTHORITY, "/units/{SG-DU}/2026-q1"),
    "cycle_of_quarter": Look(AUTHORITY, "/cycles/2026-q1/{SG-DU}"),
    "announced": Look("SG-0041", "/reviews/2025/{SG-0041}"),
    "notice_to_answer": Look("SG-0041", "/reviews/2025/{SG-0041}/write/notice-answer"),
    "notice_answered": Look(FOLLOWED, "/reviews/2025/{SG-0028}"),
    "notice_answered_history": Look(AUDITOR, "/history/2025/{SG-0028}"),
}
UNITS: Looks = {  # a party year in which units are reviewed: one writes, one meets, one plans
    "unit_review_of_leader": Look("SG-0006", "/reviews/2025/{SG-CB01}"),
    "unit_review_of_authority": Look(AUTHORITY, "/reviews/2025/{SG-CB01}"),
    "unit_review_of_member": Look("SG-0009", "/reviews/2025/{SG-CB01}/write/criticism"),
    "unit_commits_itself": Look("SG-0006", "/reviews/2025/{SG-CB01}/write/commitment"),
    "unit_on_form_01": Look("SG-0006", "/reviews/2025/{SG-CB01}/write/self-critique"),
    "unit_on_form_01_refused": Look(
        "SG-0006",
        "/reviews/2025/{SG-CB01}/write/self-critique",
        presses="form.sheet .main",
        status=422,
    ),
    "point_for_unit": Look(AUTHORITY, "/reviews/2025/{SG-CB01}/write/point"),
    "inbox_of_leader": Look("SG-0006", "/inbox"),
    "unit_meeting": Look("SG-0042", "/reviews/2025/{SG-CB03}/meeting"),
    "unit_rated": Look("SG-0021", "/reviews/2025/{SG-CB02}"),
    "unit_rated_of_authority": Look(AUTHORITY, "/reviews/2025/{SG-CB02}", opens=True),
    "unit_notice_to_answer": Look("SG-0021", "/reviews/2025/{SG-CB02}/write/notice-answer"),
    "unit_reopening": Look(AUTHORITY, "/reviews/2025/{SG-CB02}/reopening"),
    "unit_plan": Look("SG-0022", "/plans/2025/{SG-CB02}"),
    "unit_plan_to_agree": Look("SG-0043", "/plans/2025/{SG-CB02}"),
    "unit_history": Look(AUDITOR, "/history/2025/{SG-CB02}?verify=1"),
    "page_of_rated_unit": Look("SG-0021", "/units/{SG-CB02}/2025"),
    "cycle_with_units": Look(AUTHORITY, "/cycle"),
}
REVIEWED = "/reviews/2025/{SG-0041}"
PAPERS: Mapping[str, Paper] = {
    "notice": Paper(CRITICISED, REVIEWED, f"{REVIEWED}/notice.pdf"),
    "self_review": Paper(CRITICISED, REVIEWED, f"{REVIEWED}/self-review.pdf"),
    "poster": Paper(CRITICISED, "/catalogues/nq04", "/catalogues/nq04.pdf?paper=a2"),
}
EVERY: tuple[Looks, ...] = (FEBRUARY, DECEMBER, JANUARY, APRIL, POINTS, MEETINGS, REOPENED, UNITS)
ADDRESSES = tuple(look.address for looks in EVERY for look in looks.values()) + tuple(
    paper.address for paper in PAPERS.values()
)
