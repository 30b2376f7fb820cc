"""How the state of a stream follows from its facts, and the rules' no: what all wings share.

Facts: none of its own.

    folding             a state after one fact more: parts that the fact sets, and its version. A
                        fact that is known already changes nothing, so projections may be told
                        twice. `Taken` is a fact with its place and time in a state
    rejections          every refusal that there is, with its code, its rule and the remedy

How a wing uses it: its state inherits `Folded`; its `_changes` says of each fact, over a union of
all that its streams hold, what it sets, and ends in `assert_never`, so that a new fact is not
passed over in silence; its decisions return the fact to append or raise `CommandRejected`.

Stands on the definitions of facts, and on nothing of the law.

Start with `folding.evolve`.
"""
