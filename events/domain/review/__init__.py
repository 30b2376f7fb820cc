"""One review of a member, or of a unit as a collective, from its opening to the announced rating.

Facts, all of one stream `review-PERIOD-ID`:
    review.opened                   by which rules, on which path, in which group, with which steps
    review.moved                    it goes on in another unit, by transfer or decided above
    review.voided                   its cycle was voided: nothing before counts, it may open again
    review.ended                    nobody goes on with it here: the unit was dissolved, or the year
                                    of a unit above takes in who came to an office above this one
    review.resumed                  it goes on: the unit stands after all, or they left the office
    review.commitment_made          what somebody undertakes
    review.self_critique_submitted  what they say of themselves, where an edition wants it
    review.criticism_given          what a peer holds to be wrong or right, under a pseudonym
    review.criticism_answered       their answer
    review.point_suggested          what a superior wants answered in the review
    review.point_answered           that answer
    review.meeting_held             a unit reviewed them, in one of the places
    review.rating_proposed          the counted facts, and what the edition makes of them
    review.rating_appraised         what those say who advise the authority, or rate in a row
    review.step_waived              nobody waits any more for a step that was late
    review.rating_returned          the authority gave the proposal back: a new one is to be made
    review.rating_decided           the level
    review.rating_announced         they were given notice
    review.notice_answered          what they say to it
    review.reopened                 they are rated again; what was decided stands until then
    review.statement_made           what they say to the ground of that
    deadline.*                      what runs out in it: see the wing `year`

States:
    state               all that is known of one review, and what follows: whose turn, who takes it
    review              how the state follows from each fact; its stage, and which tasks wait

Decisions, each of which returns the fact to append or raises `CommandRejected`:
    opening             who is reviewed, in which group, at which places; a review that moves or
                        is voided
    following           that a review moves with its member and their posts, is left to the year of
                        a unit above, or goes on after that
    collective          the same for a unit
    writing_steps       commitment, self-critique, criticism and answer; a deadline that is moved
    meeting_steps       points, their answers, the meeting
    ending              how a review ends without a level, and goes on where that is undone
    waiving             a way on without a step that was late, by whom or of itself
    appraisals          how several appraisals follow one another, and who gives none of them
    rating_steps        proposal, its return, appraisal, decision, notice, the answer to a notice
    reopening           on which ground a decided review is rated again, and what is said to it
    bounds              what binds a decision: what the proposal counted, limits, discretion
    presence            that nobody is judged while away; which steps wait for them
    erasing             that no words are erased while they are needed to put a rating right

Besides:
    counted_facts       what the log counts for a rating besides points and figures
    explanation         why this level, rule by rule, in an edition's words

Stands on `year` (rules, deadlines, competence, leadership), `organisation` (succession),
`rulebook` (rating), `documents`, `aggregate` and the table of steps. Knows no plan: what one left
open comes as a number.

Start with `state.State`, then `review.tasks`, then one decision: `rating_steps.propose_rating`.
"""
