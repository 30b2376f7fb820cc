"""One review of a member or a unit: its facts, its states, and the steps that may be taken."""
