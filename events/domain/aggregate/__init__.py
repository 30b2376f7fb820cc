"""How a state follows from facts one by one, and the rules' no: what wings that decide share.

Facts: none of its own.

    folding             a state after one fact more: parts that the fact sets, and its version. A
                        fact that is known already changes nothing, so projections may be told
                        twice. `Taken` is a fact with its place and time in a state
    rejections          every refusal that there is, with its code, its rule and the remedy

How `year`, `review`, `plan` and `escalation` use it: their states inherit `Folded`, by way
of `organisation`'s `Succeeded`. `_changes` says what a fact sets, and passes over facts of
other streams; the functions below it `match` over unions of those of its own and end in
`assert_never`, so that a new one is not passed over in silence. Decisions return the fact to append
or raise `CommandRejected`. The wing `organisation` folds otherwise: by marks on timelines.

Stands on the definitions of facts, and on nothing of the law.

Start with `folding.evolve`.
"""
