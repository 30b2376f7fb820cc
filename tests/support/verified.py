"""What verification says of a world: of its whole log, and of the bundle of a rating."""

from events.replay.verdict import verify
from services.cli.checking import check_all
from tests.support.year_world import RATING, YearWorld


def findings(world: YearWorld) -> dict[str, list[str]]:
    """Return what `tusoi verify` finds by its place, once everything is numbered.

    Names that the world made up lie nowhere sealed, and nobody told of its token: that is left out.
    """
    world.advance()
    found = dict[str, list[str]]()
    for each in check_all(world.system, lambda _: None).findings:
        if "the sealed words" not in each.what and not each.where.startswith("token "):
            found.setdefault(each.where, []).append(each.what)
    return found


def reason_of_bundle(world: YearWorld, rating: str = RATING) -> str:
    """Return the first reason why a rating does not verify from its file."""
    bundle = world.read("auditor", f"{rating}/bundle").data
    verdict = verify(bundle, world.system.verifier_key)
    assert verdict.verified is not bool(verdict.reason)
    return verdict.reason
