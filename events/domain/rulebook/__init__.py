"""An edition of the rules: its language, how it is judged, and what it makes of facts."""
