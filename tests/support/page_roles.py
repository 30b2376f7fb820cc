"""Which action of the one role table each page and each form about An's year stands for."""

from collections.abc import Mapping
from http import HTTPStatus

from services.access.roles import Action
from tests.support.world import Answer
from tests.support.year_world import MEMBER, PERIOD, YearWorld

REVIEW = f"/reviews/{PERIOD}/{MEMBER}"
PLAN = f"/plans/{PERIOD}/{MEMBER}"
MILESTONE = f"/milestones/{PERIOD}-{MEMBER}-1"
HTML = {"Accept": "text/html"}

OF_AN: Mapping[str, Action] = {
    REVIEW: Action.SEE_STATE,
    f"{REVIEW}/write/commitment": Action.COMMIT,
    f"{REVIEW}/write/self-critique": Action.SUBMIT_SELF_CRITIQUE,
    f"{REVIEW}/write/criticism": Action.CRITICISE,
    f"{REVIEW}/write/notice-answer": Action.ANSWER_NOTICE,
    f"{REVIEW}/write/statement": Action.MAKE_STATEMENT,
    f"{REVIEW}/proposal": Action.PROPOSE_RATING,
    f"{REVIEW}/write/point": Action.SUGGEST_POINT,
    f"{REVIEW}/meeting": Action.HOLD_MEETING,
    f"{REVIEW}/appraisal": Action.APPRAISE_RATING,
    f"{REVIEW}/reopening": Action.REOPEN_REVIEW,
    f"{REVIEW}/decision": Action.DECIDE_RATING,
    f"{REVIEW}/announcement": Action.ANNOUNCE_RATING,
    f"{REVIEW}/deadline": Action.MOVE_DEADLINE,
    f"{REVIEW}/waiver": Action.WAIVE_STEP,
    f"{REVIEW}/end": Action.END_REVIEW,
    f"/history/{PERIOD}/{MEMBER}": Action.AUDIT,
    PLAN: Action.SEE_STATE,
    f"{PLAN}/edit": Action.PROPOSE_PLAN,
    f"{MILESTONE}/evidence": Action.HAND_IN_EVIDENCE,
}
DEEDS: Mapping[str, Action] = {
    f"{REVIEW}/words": Action.READ_WORDS,
    f"{REVIEW}/self-review.pdf": Action.READ_WORDS,
    f"{PLAN}/words": Action.READ_PLAN,
    f"{REVIEW}/write/commitment": Action.COMMIT,
    f"{REVIEW}/write/self-critique": Action.SUBMIT_SELF_CRITIQUE,
    f"{REVIEW}/write/criticism": Action.CRITICISE,
    f"{REVIEW}/draft/commitment": Action.COMMIT,
    f"{REVIEW}/write/notice-answer": Action.ANSWER_NOTICE,
    f"{REVIEW}/write/statement": Action.MAKE_STATEMENT,
    f"{REVIEW}/proposal": Action.PROPOSE_RATING,
    f"{REVIEW}/write/point": Action.SUGGEST_POINT,
    f"{REVIEW}/meeting": Action.HOLD_MEETING,
    f"{REVIEW}/appraisal": Action.APPRAISE_RATING,
    f"{REVIEW}/reopening": Action.REOPEN_REVIEW,
    f"{REVIEW}/return": Action.RETURN_RATING,
    f"{REVIEW}/decision": Action.DECIDE_RATING,
    f"{REVIEW}/announcement": Action.ANNOUNCE_RATING,
    f"{REVIEW}/deadline": Action.MOVE_DEADLINE,
    f"{REVIEW}/waiver": Action.WAIVE_STEP,
    f"{REVIEW}/end": Action.END_REVIEW,
    f"{REVIEW}/resumption": Action.END_REVIEW,
    f"{PLAN}/edit": Action.PROPOSE_PLAN,
    f"{PLAN}/agreement": Action.JUDGE_PLAN,
    f"{PLAN}/follower": Action.JUDGE_PLAN,
    f"{PLAN}/return": Action.JUDGE_PLAN,
    f"{MILESTONE}/evidence": Action.HAND_IN_EVIDENCE,
    f"{MILESTONE}/approval": Action.JUDGE_EVIDENCE,
    f"{MILESTONE}/extension": Action.JUDGE_EVIDENCE,
}
REFUSED = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


def send_empty(year: YearWorld, role: str, path: str) -> Answer:
    """Return the answer to an empty form."""
    return year.ask("POST", path, data={}, headers=year.headers(role) | HTML)
