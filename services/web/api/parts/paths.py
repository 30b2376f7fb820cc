"""Paths under which several resources lie."""

REVIEW = "/reviews/<period>/<member_id>"
