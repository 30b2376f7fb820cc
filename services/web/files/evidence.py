"""Which milestone and file an address names, and files sealed for whose milestone it is."""

import hashlib
import re
from collections.abc import Sequence

from events.definitions.records import PERIOD_PATTERN
from events.domain.plan import plan
from services.access.roles import Unseen
from services.commands import reviews
from services.commands.milestones import Evidence, MilestoneOf
from services.safekeeping import evidence
from services.web.asking.visibility import subject_of
from services.web.context import system
from services.web.files.uploads import Upload

ID = re.compile(f"({PERIOD_PATTERN})-([a-z2-7]{{26}})-([1-9][0-9]{{0,2}})")


def parse_milestone(milestone_id: str) -> MilestoneOf:
    """Return which milestone an address names. Raises Unseen where it names none."""
    found = ID.fullmatch(milestone_id)
    if found is None:
        raise Unseen("milestone")
    period, member_id, number = found.groups()
    return MilestoneOf(subject_of(period, member_id, kind="milestone"), number)


def there_in(state: plan.State, which: MilestoneOf) -> plan.Milestone:
    """Return a milestone of a plan. Raises Unseen where the plan has no such."""
    milestone = state.milestone(which.id)
    if milestone is None:
        raise Unseen("milestone")
    return milestone


def name_in(milestone: plan.Milestone, commitment: str) -> str:
    """Return the commitment of a file's name. Raises Unseen where the milestone has no such."""
    for handed_in in milestone.evidence:
        for file in handed_in.fact.files:
            if file.file == commitment:
                return file.name.sealed
    raise Unseen("file")


def seal_files(which: MilestoneOf, uploads: Sequence[Upload]) -> list[Evidence]:
    """Return files sealed for the member whose milestone it is; nothing is stored yet."""
    subject = which.subject
    owner = reviews.owner_of(system(), subject)
    return [
        Evidence(
            each.name,
            evidence.seal(system(), each.stream, each.name, owner=owner, scope=subject.period),
        )
        for each in uploads
    ]


def digest_of(upload: Upload) -> dict[str, str]:
    """Return what tells a file from another, to know a repeated request by."""
    upload.stream.seek(0)
    return {
        "name": upload.name,
        "content": hashlib.file_digest(upload.stream, "sha256").hexdigest(),  # type: ignore[arg-type]
    }
