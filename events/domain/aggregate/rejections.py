"""The rules' no: every one that there is, with the rule that it stands on and the remedy.

It is over 300 lines: one table, in which each no is looked up.
"""

from collections.abc import Iterator
from enum import Enum, unique
from string import Formatter

from events.errors import TusoiError


@unique
class Rejection(Enum):
    """Why a command is refused: a stable code, which rule stands against it, what would have to be.

    One code may stand for several noes that the same words on a page explain. Rule and remedy are
    templates; whoever raises gives a value to each name in them, and to no other.
    """

    # The order of steps.
    REVIEW_NOT_OPEN = ("not_open", "order", "this review has not been opened")
    REVIEW_OPEN = ("already_open", "order", "this review is open already")
    REVIEW_ENDED = ("ended", "order", "this review has ended: nothing is left")
    REVIEW_THERE = ("already_done", "order", "the review is there already")
    REVIEW_STAYS = ("too_late", "order", "a review moves before its rating is proposed")
    REVIEW_FOLLOWS = (
        "review_follows",
        "order",
        "this review follows its member elsewhere: look at it again",
    )
    PLAN_NOT_OPEN = ("not_open", "order", "this plan has not been opened")
    PLAN_OPEN = ("already_open", "order", "this plan is open already")
    PLAN_THERE = ("already_done", "order", "the plan is before those who judge it already")
    PLAN_FOLLOWS = (
        "review_follows",
        "order",
        "this plan follows its member before other units: look at it again",
    )
    YEAR_NOT_OPENED = ("not_open", "order", "this year has not been opened")
    YEAR_NOT_OPEN = ("not_open", "order", "this year is not open")
    YEAR_OPEN = ("already_open", "order", "this year is open already")
    YEAR_CLOSED = ("already_done", "order", "this year is closed already")
    YEAR_TAKEN_OVER = ("already_done", "order", "a unit above took this year over")
    YEAR_VOIDED = ("not_open", "order", "a unit above voided this year: nothing of it counts")
    NO_AUTHORITY = (
        "no_authority",
        "the tree",
        "HR or the operator says first that this unit decides",
    )
    HELD_ABOVE = (
        "held_above",
        "the tree",
        "a unit above has {period} open for everybody below it: it takes in who came later",
    )
    NO_SUCH_STEP = ("no_such_step", "order", "this review has no {step}")
    NO_POINTS_HERE = ("no_such_step", "order", "this edition knows no suggested points")
    STEP_MISSING = ("step_missing", "order", "{step} comes first")
    POINTS_OPEN = ("step_missing", "order", "{step} comes first, to every point")
    STEP_DONE = ("already_done", "order", "{step} was done already")
    DECIDED = ("already_decided", "order", "the rating is decided")
    NOT_DECIDED = ("step_missing", "order", "the rating is decided first")
    NOT_ANNOUNCED = ("step_missing", "order", "the announcement comes first")
    NOTICE_ANSWERED = ("already_done", "order", "the notice was answered already")
    NO_NOTICE = ("step_missing", "order", "the notice is given first")
    # `services.commands.work.Stale` has this code too, with 412 where these have 409.
    PROPOSAL_REPLACED = ("stale", "order", "the proposal was replaced: look at the new one")
    PROPOSAL_OUTDATED = (
        "proposal_outdated",
        "limits",
        "give the proposal back: the log tells otherwise by now of {moved}",
    )
    UNIT_MEETS_FIRST = (
        "collective_first",
        "order",
        "the unit is reviewed there before its members",
    )
    HEAD_MEETS_FIRST = ("head_first", "order", "the head of this unit is reviewed first")
    UNIT_RATED_FIRST = ("collective_first", "order", "a unit is rated before those who lead it")
    LOWER_RATED_FIRST = ("lower_first", "order", "the units below are rated before this one")

    # Who is reviewed and rated, and where.
    EXEMPT = ("exempt", "{rule}", "{why} members are not reviewed")
    GROUP_NOT_REVIEWED = ("not_reviewed", "groups", "this edition does not review {group}")
    UNITS_NOT_REVIEWED = ("not_reviewed", "collectives", "this edition does not review such units")
    OPENED_ABOVE = ("not_reviewed", "collectives", "the unit above opens a unit's review")
    RATED_ABOVE = (
        "rated_above",
        "competence",
        "the year of a unit above reviews those who hold an office in the one whose year this is",
    )
    RATED_FROM_BELOW = (
        "rated_from_below",
        "competence",
        "a unit above takes this year over: none of this year rates who holds an office above it",
    )
    NOT_RATED = ("not_rated", "exemptions", "a {why} member is not rated")
    NOT_THERE = ("no_such_place", "places", "this person is not reviewed in that unit")
    AWAY_ABSENT = (
        "absent",
        "presence",
        "whoever is absent is reviewed and rated once they are back",
    )
    AWAY_EXEMPT = (
        "exempt",
        "presence",
        "an exempt member is reviewed and rated once the exemption ended",
    )
    AWAY_LEFT = (
        "left",
        "presence",
        "whoever left, or a unit that was dissolved, is neither reviewed nor rated",
    )

    # Who takes a step.
    NO_OFFICE = ("not_competent", "competence", "this takes an office in the unit")
    NO_SUCH_OFFICE = ("not_competent", "competence", "this takes one of the posts {offices} there")
    NOT_BEFORE_YOU = ("not_competent", "competence", "it lies before somebody else")
    NOT_THE_FOLLOWER = ("not_competent", "competence", "only the plan's follower takes this step")
    FOLLOWS_ALREADY = ("already_done", "order", "they follow this plan already")
    FOLLOWS_ON = ("already_done", "order", "whoever follows this plan goes on, if anybody does")
    NO_FOLLOWER = ("unknown_member", "competence", "a member must follow this plan")
    NO_MEMBER_WRITES = ("not_a_member", "own words", "this account belongs to no member")
    NO_MEMBER_FOLLOWS = ("not_a_member", "own plan", "this account belongs to no member")
    NOT_YOURS = ("not_yours", "own words", "only the person reviewed takes this step")
    NOT_YOUR_UNIT = ("not_yours", "own words", "who leads the unit writes in its name")
    ON_ONESELF = ("on_oneself", "four eyes", "somebody else must take this step")
    YEAR_OF_ONESELF = (
        "own_year",
        "four eyes",
        "somebody else with an office in a unit above does this: you are reviewed in this year",
    )
    FOLLOWS_ONESELF = ("on_oneself", "four eyes", "somebody else must follow this plan")
    FOLLOWS_FROM_BELOW = (
        "followed_from_below",
        "four eyes",
        "somebody follows this plan who is not below whose plan it is",
    )
    CRITICISES_ONESELF = (
        "on_oneself",
        "four eyes",
        "criticism comes from others; of oneself, write it in the self-critique",
    )
    OWN_DEADLINE = ("own_deadline", "four eyes", "an office above gives whoever is late time")
    APPRAISED_TWICE = ("appraised_twice", "four eyes", "somebody else gives the other appraisal")
    APPRAISES_ONESELF = (
        "appraises_own",
        "four eyes",
        "somebody else than who proposed appraises it",
    )
    OWN_APPRAISAL = ("own_appraisal", "four eyes", "somebody else than who appraised it decides")
    OWN_PROPOSAL = ("own_proposal", "four eyes", "somebody else than who proposed it decides")

    # Who stands in for whom.
    DELEGATED_TO_ONESELF = ("on_oneself", "delegation", "somebody else stands in")
    DELEGATED_TOO_LONG = (
        "wrong_days",
        "delegation",
        "a last day that is not before the first, and {most} days at most",
    )
    DELEGATED_NOT_AHEAD = (
        "wrong_days",
        "delegation",
        "a first day from today on, within {most} days",
    )
    NO_MEMBER_DELEGATES = ("not_a_member", "delegation", "this account belongs to no member")
    POST_NOT_HELD = (
        "post_not_held",
        "delegation",
        "who holds a post delegates it; who stands in does not pass it on",
    )
    NOT_TO_STAND_IN = (
        "not_to_stand_in",
        "delegation",
        "an official member stands in, of that unit or below it, or who holds a post there",
    )
    DELEGATED_ALREADY = (
        "already_delegated",
        "delegation",
        "one at a time stands in for a post: end the other delegation first",
    )
    NOT_DELEGATED = ("not_delegated", "delegation", "there is no such delegation")

    # Words, and the right to answer them.
    CRITICISM_TOO_LATE = ("too_late", "right to answer", "no criticism is taken here any more")
    POINT_TOO_LATE = ("too_late", "right to answer", "points are suggested before the meeting")
    ANSWER_AWAITED = (
        "answer_awaited",
        "right to answer",
        "your earlier criticism went unanswered and stands; another one holds up nobody",
    )
    ANSWER_PENDING = (
        "answer_pending",
        "right to answer",
        "wait for the answer, or until {until:%Y-%m-%d %H:%M}Z",
    )
    UNKNOWN_CRITICISM = ("unknown_criticism", "order", "there is no such criticism to answer")
    UNKNOWN_POINT = ("unknown_point", "order", "there is no such point")
    REASON_NEEDED = ("reason_needed", "reasons", "say why the level leaves the proposal")
    GROUND_UNNAMED = ("reason_needed", "reasons", "say what was found, upheld or is over")
    UNKNOWN_GROUND = ("unknown_ground", "reopening", "name a ground of this edition: {known}")
    REOPENED_TOO_LATE = (
        "reopened_too_late",
        "reopening",
        "on this ground it was to be reopened by {last:%Y-%m-%d}",
    )
    NO_LATE_DISCIPLINE = (
        "no_discipline",
        "reopening",
        "name the decision of a discipline of that year that the rating did not count",
    )
    NO_LIFTED_DISCIPLINE = (
        "no_discipline",
        "reopening",
        "name the decision of a discipline that the rating counted and that is lifted",
    )

    # Levels, points and figures.
    BEYOND_LIMITS = ("beyond_limits", "limits", "the edition's limits allow {most} at best here")
    NO_DISCRETION = (
        "no_discretion",
        "limits",
        "name a ground on which {limit} may be left behind here ({known}), or do without",
    )
    WEIGHED_TWICE = (
        "no_discretion",
        "limits",
        "name each limit once, with its ground: {limits} stand there more than once",
    )
    DISCRETION_OF_OTHERS = (
        "no_discretion",
        "limits",
        "whoever leaves {limit} behind holds one of the posts {posts}",
    )
    UNKNOWN_LEVEL = ("unknown_level", "levels", "choose a level of this rulebook")
    FACTS_OUT_OF_RANGE = ("facts_out_of_range", "criteria and figures", "{problem}")
    LOG_TELLS = (
        "log_tells",
        "figures",
        "leave {figure} out: by the posts that were told it is {number}",
    )

    # Deadlines.
    NO_DEADLINE = ("no_deadline", "deadlines", "{step} has no deadline to move")
    NOT_LATER = (
        "not_later",
        "deadlines",
        "later than {known:%Y-%m-%d}, and from {earliest:%Y-%m-%d} on: {notice} working days ahead",
    )
    EXTENDED_TOO_OFTEN = (
        "extended_too_often",
        "deadlines",
        "this edition lets a deadline be moved {most} times, and this one was",
    )
    EXTENDED_TOO_FAR = (
        "extended_too_far",
        "deadlines",
        "{latest:%Y-%m-%d} at the latest: {days} working days at a time",
    )
    NOT_WAIVABLE = ("not_waivable", "ways on", "this edition lets nobody go on without {step}")
    NOTHING_LATE = (
        "not_late",
        "ways on",
        "a year ends unrated once others wait for its subject",
    )
    NOT_ENDED = ("not_ended", "ways on", "this review was not ended unrated")
    NOT_LATE = ("not_late", "ways on", "{step} is waived once its deadline was missed")
    EXTENSION_NOT_LATER = ("not_later", "deadlines", "an extension ends later than the deadline")
    DECIDED_TOO_EARLY = (
        "too_early",
        "first day",
        "ratings of {period} are decided from {first} on",
    )
    DAY_BEYOND_CALENDAR = (
        "day_beyond_calendar",
        "deadlines",
        "a day by {last}, where the calendar {edition} ends; or a newer edition of it published",
    )
    DAY_OUT_OF_REACH = ("day_out_of_reach", "deadlines", "a day by {last:%Y-%m-%d}")

    # Plans and their milestones.
    PLAN_AGREED = ("already_done", "order", "the plan is agreed to and no longer changes")
    PLAN_NOT_AGREED = ("step_missing", "order", "the plan is agreed to first")
    PLAN_NOT_PROPOSED = ("step_missing", "order", "the member proposes first")
    PLAN_DEALT_WITH = ("already_done", "order", "this proposal was dealt with")
    PLAN_CHANGED = ("stale", "order", "the plan changed: look at it again")
    WRONG_COUNT = ("wrong_milestones", "plan", "a plan has 1 to {most} milestones")
    WRONG_NUMBERS = ("wrong_milestones", "plan", "number them from 1")
    TOO_SOON = (
        "too_soon",
        "plan",
        "every milestone has at least {least} working days, to {earliest:%Y-%m-%d}",
    )
    UNKNOWN_MILESTONE = ("unknown_milestone", "order", "there is no such milestone in force")
    MILESTONE_APPROVED = ("already_done", "order", "this milestone is approved")
    NOTHING_SHOWN = ("nothing_shown", "evidence", "add a file, or write what was done")
    NO_EVIDENCE = ("step_missing", "order", "no evidence waits here")
    EVIDENCE_ADDED = ("stale", "order", "evidence was added: look at it again")
    NOTHING_TO_WITHDRAW = ("nothing_to_withdraw", "undo", "no decision stands last")
    WITHDRAWN_TOO_LATE = ("too_late", "undo", "a decision is withdrawn within {minutes} minutes")

    # Words that are to be erased.
    BEING_RATED_AGAIN = ("being_rated_again", "erasure", "the rating is decided anew first")
    YEAR_GOES_ON = (
        "year_goes_on",
        "erasure",
        "the year is decided first, or a unit above voids it",
    )
    DISCIPLINE_OPEN = ("discipline_open", "erasure", "a rating counts the discipline first")

    # Escalations.
    ESCALATION_NOT_OPEN = ("not_open", "order", "there is no such escalation")
    TAKEN_UP = ("already_done", "order", "it was taken up already")

    # How much there may be.
    TOO_MANY_CRITICISMS = (
        "enough_written",
        "limits",
        "one author criticises one person at most {most} times in a year",
    )
    TOO_MANY_POINTS = (
        "enough_written",
        "limits",
        "one superior suggests at most {most} points to one person",
    )
    TOO_MANY_FILES = ("too_many", "limits", "hand in at most {most} files at once")
    TOO_MANY_REOPENINGS = (
        "too_many",
        "limits",
        "a review is opened again {most} times on one such ground; a discipline is one still",
    )
    BUNDLE_TOO_LARGE = (
        "bundle_too_large",
        "limits",
        "the bundle has {found} {what}, at most {most} are read: {instead}",
    )

    # Editions, and the years that they govern.
    WRONG_CADENCE = ("wrong_cadence", "cadence", "{edition} is for a {cadence}, not {period}")
    OTHER_EDITION = (
        "other_edition",
        "years",
        "{edition} governs {first}–{last} and is in force from {since} on: take another one",
    )
    CALENDAR_ENDS = (
        "calendar_ends",
        "calendar",
        (
            "the calendar {edition} knows the holidays of {first} to {last}: "
            "publish an edition of it that knows those of {since} to {until}"
        ),
    )
    ISSUER_TAKEN = (
        "issuer_taken",
        "publication",
        "{issuer} is the name of another issuer: take one of your own",
    )
    ISSUER_NOT_GIVEN = (
        "issuer_not_given",
        "publication",
        "HR or the operator gives this unit the name {issuer} first",
    )
    ISSUER_NOT_THERE = ("issuer_not_there", "publication", "name an issuer other than {issuer}")
    ISSUER_USED = (
        "issuer_used",
        "publication",
        "a name under which no year was opened: one was under an edition of {issuer}",
    )
    EDITION_TAKEN = (
        "edition_taken",
        "publication",
        "{edition} is published already: give it a new edition",
    )
    CASES_MISSING = ("cases_missing", "publication", "send the cases that it must come out at")

    def __init__(self, code: str, rule: str, needed: str) -> None:
        self.code = code
        self.rule = rule
        self.needed = needed

    @property
    def names(self) -> frozenset[str]:
        """Return the names in rule and remedy, of which each takes a value."""
        return frozenset(_names_in(self.rule + self.needed))


class CommandRejected(TusoiError):
    """A command that the law forbids; nothing is appended.

    `why` is what the law's own callers look at, `code` is stable and what programs and pages see,
    `rule` says which rule stands against it, `needed` what would have to be so instead.

    Raises:
        TypeError: a value is missing, or one is given that the rejection does not name.

    >>> CommandRejected(Rejection.STEP_MISSING, step="meeting").needed
    'meeting comes first'
    """

    def __init__(self, rejection: Rejection, **values: object) -> None:
        if values.keys() != rejection.names:
            raise TypeError(f"{rejection} takes {sorted(rejection.names)}, not {sorted(values)}")
        self.why = rejection
        self.code = rejection.code
        self.rule = rejection.rule.format(**values)
        self.needed = rejection.needed.format(**values)
        super().__init__(f"{self.needed} ({self.rule})")


def _names_in(template: str) -> Iterator[str]:
    return (name for _, name, _, _ in Formatter().parse(template) if name)
