"""The law: pure functions. `evolve` says what a fact means; it refuses nothing.

Its wings, each on those above it; the page at the head of each is its map:

    aggregate           how a state follows from facts, and every refusal
    steps               a module: the table of the steps of a year, and who takes them
    documents           what is published: calendars, catalogues, forms
    organisation        members and units, as the roster tells of them
    rulebook            an edition of the rules, and what it makes of facts
    year                cycle, deadlines, pinned rules, competence, leadership
    review, plan        one review, one remediation plan
    escalation          what follows from a missed deadline
    verification        what an auditor recomputes
"""
