"""What may be doubtful of a member or unit, and since when."""

import enum
from datetime import datetime

import msgspec


class Why(enum.StrEnum):
    CAME_BACK = "came_back"  # to the same unit, by a list that may not know of the leaving
    NEVER_CAME = "never_came"  # came, and left by the next day
    ENDED_AGAIN = "ended_again"  # shortly after coming back: it may have been told again
    ENDED_ANEW = "ended_anew"  # shortly after being told elsewhere, or anew of that day by no hour
    ENDED_BEFORE = "ended_before"  # it began: it was told ahead, and begins nonetheless
    ENDED_AT_ONCE = "ended_at_once"  # when it began, or on its day: lists know days without hours
    ENDED_BY_LEAVING = "ended_by_leaving"  # by one alone that may have been a transfer, or a slip
    ENDED_NOTHING = "ended_nothing"  # on the day on which something began, or the one before
    TOLD_AFTER = "told_after"  # they left, or it was dissolved: told of a later day, they may go on
    FORMED_AGAIN = "formed_again"  # after it was dissolved
    NEVER_STOOD = "never_stood"  # formed, and dissolved by the next day
    LIFTED_BEFORE = "lifted_before"  # its number, issuer or year was put right: it stays so
    TOLD_AS_BEFORE = "told_as_before"  # told again as it was before that: taken for two disciplines
    DISCIPLINED_AGAIN = "disciplined_again"  # by a decision that was lifted, and stays so
    YEAR_UNSAID = (
        "year_unsaid"  # disciplined in two years by one number without its day: taken as one
    )
    TOLD_OTHERWISE = (
        "told_otherwise"  # of another day, grade or period: taken as the decision of that number
    )
    UNDONE = "undone"  # what ended or changed is again as it was, by what was told before that
    TOLD_ANOTHER = "told_another"  # a unit, told anew under another name and another parent
    STILL_AWAY = "still_away"  # longer than was expected, or than a year: nobody told them back
    CORRECTED_TO_NO_EFFECT = "corrected_to_no_effect"  # by the last that came: it says it is older
    CONTRADICTED = "contradicted"  # at one moment by two facts of one kind; the later told holds


class Doubt(msgspec.Struct, frozen=True, order=True):
    since: datetime  # when what is doubtful began to hold
    why: Why
