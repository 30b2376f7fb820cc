"""The resources of `/api/v1`, a module each.

What several need is `parts`; what is sent and answered, `schemas`.
"""
