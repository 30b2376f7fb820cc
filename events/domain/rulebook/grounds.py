"""Grounds on which a rating is given again: what proves one, who may, until when, who is heard."""

from enum import StrEnum

from events.domain.documents.document import Bilingual, Name
from events.domain.rulebook.step_terms import WorkingDays
from events.domain.rulebook.terms import Cited, Days

GROUNDS_MAX = 20  # of one edition, or of one discretion


class Needs(StrEnum):
    """What proves a ground."""

    LATE_DISCIPLINE = "late_discipline"  # one of the year that the rating did not count
    DISCIPLINE_LIFTED = "discipline_lifted"  # one that it counted and that is lifted since
    WORDS = "words"  # a reason, sealed: what was found, upheld or is over


class Reopener(StrEnum):
    """By an office in which unit a review is reopened."""

    AUTHORITY = "authority"  # the one that decides
    SUPERIOR = "superior"  # one above it


class ReopeningGround(Cited, frozen=True, kw_only=True):
    """A ground on which a rating that was announced is given again."""

    id: Name  # by which facts name it
    label: Bilingual
    needs: Needs
    who: tuple[Reopener, ...] = (Reopener.AUTHORITY,)
    within_days: Days | None = None  # of the calendar, after the notice; none: no bound
    hears: WorkingDays | None = None  # in which who was rated says something to it first


# What a document means that names none: the grounds that there were before any could be named.
GROUNDS_UNNAMED = (
    ReopeningGround(
        id="late_discipline",
        label=Bilingual(
            vi="bị kỷ luật sau vì khuyết điểm của năm này",
            en="disciplined later for a fault of this year",
        ),
        needs=Needs.LATE_DISCIPLINE,
        citation="QĐ 124-QĐ/TW, Điều 12.4.5",
    ),
    ReopeningGround(
        id="discipline_lifted",
        label=Bilingual(
            vi="kỷ luật đã tính trong mức này nay được hủy bỏ",
            en="a discipline that was counted is lifted",
        ),
        needs=Needs.DISCIPLINE_LIFTED,
        citation="QĐ 124-QĐ/TW, Điều 12.4.5",
    ),
    ReopeningGround(
        id="fault_found",
        label=Bilingual(
            vi="phát hiện khuyết điểm không phù hợp với mức",
            en="a fault was found that does not fit the level",
        ),
        needs=Needs.WORDS,
        citation="QĐ 124-QĐ/TW, Điều 15.3",
    ),
)
