"""Members and units as the roster tells of them: who is where, holds what, is there or away."""
