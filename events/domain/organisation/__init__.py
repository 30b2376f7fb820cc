"""Members and units as the roster tells of them: who is where, holds what, is there or away.

Facts of a member, of one stream `member-ID`, told by another system, late and corrected at times:
    roster.member_enrolled, roster.member_left          since when they belong to it, or no more
    roster.member_moved                                 in which unit they are
    roster.member_standing_changed                      official or on probation
    roster.post_given, roster.post_relieved             which post they hold, in which unit
    roster.post_delegated, roster.delegation_ended      for whom they stand in, in which post
    roster.member_absent, roster.member_back            away, and for which reason, sealed
    roster.member_exempted, roster.member_exemption_ended   exempt from work and meetings
    roster.member_disciplined, roster.member_discipline_lifted
    roster.member_state_rated                           the level that the state side gave
Facts of a unit, of one stream `unit-ID`:
    roster.unit_formed, roster.unit_renamed, roster.unit_moved
    roster.unit_dissolved                               and who succeeds it
    roster.unit_authorised, roster.unit_authority_ended   whether it may open periods
    roster.issuer_named, roster.issuer_name_ended   under which names it publishes
    roster.unit_disciplined, roster.unit_discipline_lifted
Of both:
    roster.fact_corrected                               an earlier fact never happened, or another
                                                        one holds in its place
    roster.fact_took_effect                             the day came of facts that were told ahead:
                                                        the timekeeper tells it, nobody outside

States:
    corrections         what facts tell in the end: of several corrections of one, that made last
    timelines           how the state is kept: marks on timelines, so that a fact told late falls
                        into its place, one told again changes nothing, one told ahead waits for
                        its day, and a correction takes away what it corrects
    member              which marks each fact of a member sets, and what holds of them now
    unit                the same of a unit
    delegations         which posts of others they were told to stand in for, and until when
    disciplines         which of both stand, and which were lifted, be a slip in them put right

What follows from them:
    doubt               in which ways something may be meant otherwise
    ends                where what ended may go on, or the other way round
    doubts              what may be meant otherwise: somebody back shortly after leaving, a unit
                        formed again, facts that contradict each other; it holds, and is shown
    retelling           whether a fact tells anything that is not told already: what does not is
                        known by the fact that says it, and is appended only once it matters
    presence            whether somebody is there to be reviewed, by an edition's reasons
    standing_in         which posts may be delegated, and when that counts; of delegations that
                        people tell themselves it decides, of others intake asks it
    succession          who acts for a unit that was dissolved; `Succeeded` is what the states of
                        the year inherit so as to know it

Else it decides nothing: these facts come from outside, and intake alone may refuse them.
Stands on `aggregate` and `documents` (the day of an instant).

Start with `timelines`, then `member.marks_of` and `member.view`.
"""
