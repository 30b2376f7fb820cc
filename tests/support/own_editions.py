"""An edition that a committee writes, and the cases that it comes out at."""

from events.store.reference import SHIPPED

NEUTRAL = (SHIPPED / "rulebooks" / "neutral.yaml").read_text("utf-8")
COMPETENCE = """
competence:
  - proposes: {seat: own}
    decides: {seat: authority}
    at_the_end: colleagues
    citation: Điều 9
"""  # of an own edition: nobody of one's own office rates one
CASES = (SHIPPED / "cases" / "neutral.yaml").read_text("utf-8")


def own(edition: str = "2026", issuer: str = "suoi_guong", at_least: str = "90") -> str:
    """Return an edition of the commune's own."""
    text = NEUTRAL.replace('edition: "1"', f'edition: "{edition}"', 1)
    text = text.replace("issuer: tusoi", f"issuer: {issuer}", 1)
    return text.replace("total >= 90", f"total >= {at_least}")


def cases_of(edition: str = "2026") -> str:
    return CASES.replace('edition: "1"', f'edition: "{edition}"', 1)
