"""What `tusoi doctor` says of members and units: who is in no year, and what is doubtful."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from events.domain.organisation.doubt import Why
from services.context import Context
from services.queries import namesakes, renamings, roster_doubts

STREAMS_MAX = 3  # named for each kind of doubt
SAYS = {
    Why.CAME_BACK: "enrolled again in the same unit they had left: did the list know of that?",
    Why.NEVER_CAME: "enrolled, and gone by the next day: were they ever a member?",
    Why.ENDED_AGAIN: "gone or dissolved again shortly after coming back",
    Why.ENDED_ANEW: "ended shortly after it was told elsewhere or anew: which of both came first?",
    Why.ENDED_BEFORE: "ended before its day, but told ahead, so it begins then: was it called off?",
    Why.ENDED_AT_ONCE: "begun and ended on one day: did it begin anew after it had ended?",
    Why.ENDED_BY_LEAVING: "ended by a leaving alone, and they were soon back: does it go on?",
    Why.ENDED_NOTHING: "begun on the day of an end that ended nothing, or the next: does it go on?",
    Why.TOLD_AFTER: "told of a day after they left, or after a unit was dissolved: do they go on?",
    Why.FORMED_AGAIN: "formed again after it was dissolved",
    Why.NEVER_STOOD: "formed, and dissolved by the next day",
    Why.LIFTED_BEFORE: "lifted before its number, issuer or year was put right: it stays lifted",
    Why.TOLD_AS_BEFORE: "disciplined again as told before that was put right: is it one decision?",
    Why.DISCIPLINED_AGAIN: "disciplined again by a decision that was lifted, which it stays",
    Why.TOLD_OTHERWISE: "one decision told of two days, grades or periods: one discipline?",
    Why.YEAR_UNSAID: "disciplined in two years by one number without its day: one decision?",
    Why.UNDONE: "ended or changed, and again as before by what was told earlier than that",
    Why.TOLD_ANOTHER: "a unit told anew under another name and parent: is it another one's number?",
    Why.STILL_AWAY: "away longer than expected, or than a year, and nobody told that they are back",
    Why.CORRECTED_TO_NO_EFFECT: "corrected to no effect: a later one, or a fact alike, holds",
    Why.CONTRADICTED: "told two things of one moment, of which the later told holds",
}

SAYS_RENAMED = "told anew under another given name: was the number given to somebody else?"
SAYS_NAMESAKES = "called like another of their unit: is it one person, told under two numbers?"


def doubts_told(context: Context) -> Iterator[str]:
    """Iterate over what somebody ought to look at, whoever is in no year first."""
    for lost in roster_doubts.lost_units(context.store.database):
        yield (
            f"{lost.name} hangs below itself, or below nothing that was formed: whoever belongs to "
            f"it ({lost.members}) or below is in no year; tell or correct where it hangs"
        )
    found = defaultdict[Why, list[str]](list)
    for each in roster_doubts.standing_doubts(context):
        found[each.doubt.why].append(each.stream)
    for why, streams in sorted(found.items()):
        yield _line_of(SAYS[why], streams)
    if alike := namesakes.standing_namesakes(context):
        yield _line_of(SAYS_NAMESAKES, alike)
    if changed := renamings.standing_renamings(context):
        yield _line_of(SAYS_RENAMED, changed)


def _line_of(what: str, streams: Sequence[str]) -> str:
    more = ", …" if len(streams) > STREAMS_MAX else ""
    return f"{what}: {len(streams)} ({', '.join(streams[:STREAMS_MAX])}{more})"


def waiting_told(context: Context) -> str:
    count = roster_doubts.count_waiting(context.store.database)
    return f"nothing told of members and units is doubtful; of {count} something waits for its day"
