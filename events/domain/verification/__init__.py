"""What an auditor recomputes of a rating from the log alone: steps, competence, facts, four eyes.

Facts: none of its own. It reads those of one year's review and plan, and of the units on the path.

Nothing here refuses anything: whatever is missing, out of order or forged becomes a `Check` that
did not pass, with its reason. The law refused the same when it was done; here it is found in what
was told, without a database and without trusting who ran it.

    rating_checks       one decided rating: its documents, the order of its steps, the right to
                        answer, the meetings, the proposal computed anew, who proposed, appraised
                        and decided, and the reason where a level leaves the proposal. Of a review
                        that was rated again, each rating as it was
    streams             which streams a rating rests on: what a bundle holds, whole or in part
    law                 every fact of a year, decided anew by the law that makes it: what it would
                        have refused, or told otherwise. Of which kind of fact what decides is a
                        table, and why nothing does is another. Of the whole log, also that
                        everybody held the post by which they acted
    opening_law,        how each kind of fact is decided anew: of reviews, of plans, of years of
    review_law,         committees, and of what runs out, runs again or comes to hold
    plan_law,
    year_law, time_law
    left_behind         at the end, which plans did not follow their review
    told, listed,       what was told so far, by which they go: of the whole log, or of a bundle;
    lately, published   whoever judges goes by the days that came, of lists a moment is granted
    principals,         that each fact was told by who may: the account of who acts, a worker, the
    tellers             operator, a token. A table of types says by which rule, another one where
                        each of them stands
    clocks              that people acted in the order of the log, over all streams, and that facts
                        say the times at which they were recorded
    roster_checks       beside the review: that everybody held the post by which they acted, that
                        the unit might open the year, by documents that were published, and that
                        the proposal counts what the roster told
    speaking_checks     of the whole log, that whoever opened a year or published acts for their
                        unit by an edition that spoke for it by then
    four_eyes           review and plan of one year together, in the log's order: that nobody
                        judged what they answered for by then. A fact by which somebody acts is
                        judged there, or `NOT_JUDGING` says why not
    repeats             review and plan: that every step that is taken once was told once, for a
                        fold takes the last decision, and the first would never be judged

Stands on `escalation`, `review`, `plan`, `organisation`, `documents`, `rulebook` (the
calculation), `year` (its rules), `aggregate` and the table of steps.
`events.replay` calls it with the facts of a bundle; `services.queries.rating_check` and
`services.cli.fact_check`, for `tusoi verify`, with those of the log.

Start with `rating_checks.check_rating`.
"""
