"""What follows from a missed deadline: who was late, and before whom it is laid, rung by rung.

Facts, all of one stream `escalation-ID`, the id being that of the fact that a deadline was missed:
    escalation.raised           a miss is laid before the first rung above whoever was late
    escalation.passed_on        nobody took it up in time: it goes one rung further
    escalation.moved            its review or plan goes on elsewhere: it is laid there anew
    escalation.acknowledged     somebody took it up
    escalation.resolved         it is over: the step was taken, or is excused
    deadline.*                  what runs out in it: that nobody took it up in time

States and decisions:
    escalation          the state, how it follows from each fact, and which task waits; whether it
                        is taken up or resolved
    ladder              before whom it is laid: whether it is raised, passed on, moved. A process
                        manager, pure: the workers' reaction hands in what happened and appends
                        what comes out
    lateness            whose turn a step was: a person, or whoever holds an office in some units.
                        Those take it up by no other post, and the ladder passes
                        over their units

Stands on `review` and `plan` (whose turn a step was), `year` (rules, deadlines, competence),
`organisation` (succession), `rulebook` (the ladder's rungs), `aggregate` and the table of steps.

Start with `lateness.late_with`, then `ladder.raise_for`, then `ladder.pass_on`.
"""
