"""What reviews and plans share: the cycle, deadlines, pinned rules, competence and leadership.

Facts of a cycle, of one stream `cycle-PERIOD-UNIT`:
    cycle.opened        a committee's year began, under this edition and calendar
    cycle.closed        nobody joins it any more
    cycle.taken_over    a unit above decides in it, on which ground
    cycle.voided        a unit above says that nothing in it counts, on which ground
Facts about a deadline, in the stream in which it runs, which is a review's, plan's or escalation's:
    deadline.missed     a step was not taken in time
    deadline.settled    the same, and nobody's fault: whoever is excused
    deadline.moved      a step has another day, and on which ground
    deadline.resumed    whoever was excused is back, and has another day
    calendar.supplemented  a newer edition of the calendar holds, and which days it moves

States:
    cycle               the year of one committee, and whether it may be opened and closed
    deadlines           which deadlines of a stream run and which ran out; what is told when one
                        does; a `Task` is a step that somebody is to take now

What decisions ask:
    rules               the edition and the calendar that were pinned; when a step is due by them
    supplements         which deadlines a newer edition of the calendar moves
    competence          nobody decides on themselves; whoever decides holds an office in the right
                        unit
    heading             what somebody heads by now, and what lies under it
    speaking            which editions speak for a unit where no year does
    leadership          who answers for a unit under review and writes in its name

Stands on `rulebook`, `organisation` (member, succession), `documents` (calendar, periods),
`aggregate` and the table of steps. Knows neither review nor plan.

Start with `deadlines.Deadlines`, then `rules.Rules.due_at`, then `competence`.
"""
