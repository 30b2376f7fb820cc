"""One remediation plan, of a member or a unit: what they will put right, and whether they did.

Facts, all of one stream `plan-PERIOD-ID`:
    plan.opened                     somebody may write a plan, or has to, by a day
    plan.proposed                   the plan with its milestones; a later one replaces it
    plan.returned                   it is to be written anew, by a day
    plan.agreed                     it is in force, and who follows it
    plan.follower_named             somebody else follows it from now on
    plan.unfollowed                 nobody does until another is named: who did may not any more
    plan.moved                      other units judge it from now on
    plan.voided                     its cycle was voided: nothing before counts
    milestone.evidence_handed_in    what is shown for a milestone
    milestone.approved              the follower found it done
    milestone.more_asked            the follower wants to see more
    milestone.returned              the follower found it not done
    milestone.extended              a milestone has more time
    milestone.decision_withdrawn    the last verdict on one is taken back
    deadline.*                      what runs out in it: see the wing `year`

States:
    state               all that is known of one plan: its milestones, where each stands, and who
                        answers for it
    plan                how the state follows from each fact; its stage, which tasks wait, and how
                        many faults were left open, which a later rating counts

Decisions, each of which returns the fact to append or raises `CommandRejected`:
    plan_steps          opening, proposal, agreement with a follower, another follower, return
    milestone_steps     evidence, the follower's verdicts, more time, a verdict taken back
    following           before whom it goes on, whose member came to head those who judge it, and
                        who is below them and follows it no more

Stands on `year` (rules, deadlines, competence, heading, leadership), `rulebook` (terms),
`organisation` (succession), `documents` (days), `aggregate` and the table of steps.
Knows no review: whether a rating demands a plan, it is told.

Start with `state.Milestone`, then `plan.tasks`, then `milestone_steps.approve_milestone`.
"""
