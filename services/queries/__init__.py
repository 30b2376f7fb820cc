"""What is asked of the log and its documents, as they are now: a query appends no fact.

Over read models, which projections keep ready; under commands, which decide on what it answers.
"""
