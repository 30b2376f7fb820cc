"""A committee publishes its own edition: judged as a whole, tried against cases, then told.

Whoever publishes first under an issuer's name keeps it for their unit, and an edition that was
published never changes: reviews are bound to it.
"""

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from events.definitions.cycle import DocumentKind, DocumentPublished
from events.definitions.records import Digest, Label
from events.domain import cases, rulebook_validity
from events.domain.editions import DocumentInvalid, Problem
from events.domain.rejections import CommandRejected
from events.errors import TusoiError
from events.identifiers import Stream, UnitId
from events.store import reference
from services.access.roles import Action, require, roles_towards
from services.commands.context import Context
from services.commands.rulebooks import stream_of
from services.commands.work import Asking, Done, Work, perform

OURS = "tusoi"  # the issuer of what we ship


class Told(NamedTuple):
    """One thing that is wrong, and where."""

    of: Literal["document", "cases"]
    line: int | None  # none where no line can be named
    path: str
    says: str


class EditionRefused(TusoiError):
    """An edition that is not published: everything that is wrong with it and its cases."""

    code = "edition_refused"

    def __init__(self, told: Iterable[Told]) -> None:
        self.told = tuple(told)
        self.problems = tuple((f"/{each.of}", _worded(each)) for each in self.told)
        super().__init__("; ".join(f"{each.of}, {each.path}: {each.says}" for each in self.told))


def _worded(told: Told) -> str:
    line = f"line {told.line}: " if told.line else ""
    return f"{line}{told.path}: {told.says}"


def judge(text: str, cases_text: str | None) -> tuple[Any, tuple[Told, ...]]:
    """Return a document's plain values, and everything that is wrong with it and its cases."""
    try:
        document = reference.plain(text)
        reference.require_valid(document)
    except DocumentInvalid as error:
        return None, tuple(_placed("document", text, error.problems))
    if cases_text is None or document["kind"] != "rulebook":
        return document, ()
    try:
        found = cases.read(reference.plain(cases_text))
    except DocumentInvalid as error:
        return document, tuple(_placed("cases", cases_text, error.problems))
    problems = cases.tried(rulebook_validity.read(document), found)
    of_cases = [each for each in problems if each.path.startswith("cases")]
    of_document = [each for each in problems if each not in of_cases]
    told = (*_placed("document", text, of_document), *_placed("cases", cases_text, of_cases))
    return document, told


def publish_edition(
    context: Context, asking: Asking, unit_id: UnitId, text: str, cases_text: str | None
) -> tuple[Done, Digest]:
    """Publish a committee's own edition, after it came out at its cases; return its digest too.

    Raises:
        EditionRefused: with everything that is wrong; nothing was stored or told.
        CommandRejected: the issuer's name or the edition is taken, or cases are missing.
    """
    document, told = judge(text, cases_text)
    if told:
        raise EditionRefused(told)
    if document["kind"] == "rulebook" and cases_text is None:
        raise CommandRejected(
            "cases_missing", rule="publication", needed="send the cases that it must come out at"
        )
    digest = Digest(reference.publish(context.store.database, document))

    def decide(work: Work) -> Stream:
        stream = stream_of(document["issuer"])
        require(Action.PUBLISH, roles_towards(asking.person, subject=None, path=(unit_id,)))
        published = DocumentPublished(
            issuer=Label(document["issuer"]),
            kind=DocumentKind(document["kind"]),
            name=Label(document["id"]),
            edition=Label(document["edition"]),
            digest=digest,
            by=work.hand_in((unit_id,)),
        )
        history = [each.event for each in work.events(stream)]
        before = [each for each in history if isinstance(each, DocumentPublished)]
        _require_free(before, published)
        if digest not in {each.digest for each in before}:
            work.tell(stream, published)
        return stream

    return perform(context, asking, decide), digest


def _require_free(before: Iterable[DocumentPublished], published: DocumentPublished) -> None:
    """Raise CommandRejected where a name is another unit's, or an edition another document's."""
    assert published.by, "a committee publishes by somebody's hand"
    named = (published.kind, published.name, published.edition)
    owners = {each.by.unit_id if each.by else "" for each in before}
    if published.issuer == OURS or owners - {published.by.unit_id}:
        raise CommandRejected(
            "issuer_taken",
            rule="publication",
            needed=f"{published.issuer} is another issuer's name: take one of your own",
        )
    for each in before:
        if (each.kind, each.name, each.edition) == named and each.digest != published.digest:
            raise CommandRejected(
                "edition_taken",
                rule="publication",
                needed=f"{each.name} {each.edition} is published already: give it a new edition",
            )


def _placed(
    of: Literal["document", "cases"], text: str, problems: Iterable[Problem]
) -> Iterable[Told]:
    return (Told(of, reference.line_of(text, p.path), p.path, p.says) for p in problems)
