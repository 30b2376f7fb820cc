"""What appends facts: each a wish that is decided and then appended, or refused.

What only answers is a query (`services.queries`), or a read model.
"""
