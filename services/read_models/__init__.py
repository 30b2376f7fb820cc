"""What is asked for most, kept ready by projections: tables that can be dropped, and their queries.

A read model answers and appends nothing.
"""
