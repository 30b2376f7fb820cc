"""`/rulebooks`: editions that committees publish, and what differs between them."""

from collections.abc import Iterable
from typing import Any

from flask import Response

from events.definitions.cycle import DocumentPublished
from events.domain.aggregate.folding import Taken
from events.domain.documents.differences import Difference, differences
from events.identifiers import UnitId
from events.store import documents
from services.access.roles import Unseen
from services.commands import editions
from services.queries import publications
from services.web.api.parts.receipts import command
from services.web.api.schemas import commands
from services.web.api.schemas.editions import (
    EditionDifference,
    EditionDifferences,
    PublishedEdition,
    PublishedEditions,
    TriedEdition,
)
from services.web.api.schemas.queries import FromQuery
from services.web.asking import person
from services.web.asking.visibility import identify, require_person
from services.web.context import answer, system
from services.web.http.openapi import ApiBlueprint, ref

blueprint = ApiBlueprint(
    "rulebooks", __name__, url_prefix="/api/v1", description="Editions that years are opened under."
)
blueprint.before_request(identify)


@blueprint.route("/rulebooks")
@blueprint.answers(200, ref("PublishedEditions"))
@blueprint.problems(401, 403)
def get_rulebooks() -> Response:
    """Return every rulebook that was published, by issuer and in the order of publication."""
    require_person()
    found = map(_listing, publications.every(system()))
    return answer(PublishedEditions(editions=tuple(found)))


@blueprint.route("/rulebooks/<digest>")
@blueprint.answers(200, {"type": "object"})
@blueprint.problems(401, 403, 404)
def get_rulebook(digest: str) -> Response:
    """Return the document of a published edition."""
    require_person()
    return answer(_document(digest))


@blueprint.route("/rulebooks/<digest>/differences")
@blueprint.query(FromQuery())
@blueprint.answers(200, ref("EditionDifferences"))
@blueprint.problems(401, 403, 404, 422)
def get_differences(query: dict[str, Any], digest: str) -> Response:
    """Return what differs between two published editions, for people."""
    require_person()
    found = differences(_document(query["from_"]), _document(digest))
    return answer(EditionDifferences(differences=_difference_answers(found)))


@command(blueprint, "/rulebooks", commands.NewEdition, answers="TriedEdition")
def publish_edition() -> Response:
    """Publish a committee's own edition, or only say what is wrong with it.

    It is judged as a whole and must come out at its cases; reviews keep the edition that they were
    opened under.
    """
    require_person()
    body = commands.read_body(commands.NewEdition)
    asking, unit_id, cases = person.asking(body), UnitId(body.unit_id), body.cases or None
    if body.dry_run:
        tried = editions.try_edition(
            system(), asking.person, unit_id, body.document, cases, dry_run=True
        )
        return answer(TriedEdition(differences=_difference_answers(tried.differences)))
    done, digest, tried = editions.publish_edition(system(), asking, unit_id, body.document, cases)
    came_to = TriedEdition(
        stream=done.stream,
        version=done.version,
        known=done.known,
        digest=digest,
        differences=_difference_answers(tried.differences),
    )
    return answer(came_to, status=200 if done.known else 201)


def _listing(published: Taken[DocumentPublished]) -> PublishedEdition:
    fact = published.fact
    document = documents.get(system().store.database, fact.digest)
    return PublishedEdition(
        issuer=fact.issuer,
        id=fact.name,
        edition=fact.edition,
        digest=fact.digest,
        title=document["title"],
        verified=document["verified"],
        published_at=published.at,
        by=fact.by,
    )


def _document(digest: str) -> Any:
    """Return a published rulebook's plain values. Raises Unseen for any other document."""
    if digest not in {each.digest for each in publications.published_rulebooks(system())}:
        raise Unseen("rulebook")
    return documents.get(system().store.database, digest)


def _difference_answers(found: Iterable[Difference]) -> tuple[EditionDifference, ...]:
    return tuple(
        EditionDifference(path=each.path, before=each.before, now=each.now) for each in found
    )
