"""On which page each step of a year is taken.

One table: a step without a row fails a test, before somebody finds no way to take it.
"""

from collections.abc import Mapping

from events.domain.steps import Step
from services.subject import Subject

PAGES: Mapping[Step, str] = {
    Step.COMMITMENT: "{review}/write/commitment",
    Step.SUGGESTION_ANSWER: "{review}/write/point-answer?item={item}",
    Step.SELF_CRITIQUE: "{review}/write/self-critique",
    Step.ANSWER: "{review}/write/answer?item={item}",
    Step.MEETING: "{review}/meeting",
    Step.STATEMENT: "{review}/write/statement",
    Step.PROPOSAL: "{review}/proposal",
    Step.APPRAISAL: "{review}/appraisal{of_item}",
    Step.DECISION: "{review}/decision",
    Step.ANNOUNCEMENT: "{review}/announcement",
    Step.PLAN: "{plan}/edit",
    Step.PLAN_AGREEMENT: "{plan}",
    Step.MILESTONE: "{milestone}/evidence",
    Step.EVIDENCE_REVIEW: "{plan}#milestone-{item}",
    Step.ACKNOWLEDGEMENT: "/inbox",
}


def address(step: Step, subject: Subject, item: str = "") -> str:
    """Return where a step is taken; `item` says which milestone, criticism or appraisal it is."""
    return PAGES[step].format(
        review=of_review(subject),
        plan=of_plan(subject),
        milestone=of_milestone(subject, item),
        item=item,
        of_item=f"?item={item}" if item else "",
    )


def of_review(subject: Subject) -> str:
    return f"/reviews/{subject.period}/{subject.member_id}"


def of_plan(subject: Subject) -> str:
    return f"/plans/{subject.period}/{subject.member_id}"


def of_milestone(subject: Subject, item: str) -> str:
    return f"/milestones/{subject.period}-{subject.member_id}-{item}"
