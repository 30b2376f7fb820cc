"""A committee publishes its own edition: judged as a whole, tried against cases, then told.

A unit publishes under a name that HR or the operator gave it, and an edition that was published
never changes: reviews are bound to it.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple

from events.definitions.cycle import DocumentKind, DocumentPublished
from events.definitions.records import Digest, Hand
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.documents import catalogue, form, issuers
from events.domain.documents.conversion import convert
from events.domain.documents.differences import Difference, differences
from events.domain.documents.problems import DocumentInvalid, Problem
from events.domain.organisation import succession, unit
from events.domain.rulebook import cases
from events.domain.rulebook.rulebook import Rulebook
from events.domain.rulebook.sound import require_valid
from events.errors import TusoiError
from events.identifiers import Stream, UnitId, unit_stream
from events.store import documents, reference
from services.access.roles import Action, Actor, Person, require, roles_towards
from services.commands import rulebooks
from services.commands.work import Asking, Done, Work, perform
from services.context import Context
from services.queries import publications
from services.queries.forms import ChosenCatalogue, shipped_catalogue
from services.queries.speaking import editions_for, under_speaking
from services.read_models import roster

Text = Literal["document", "cases"]  # what is sent


class LocatedProblem(NamedTuple):
    """One thing that is wrong, and where."""

    of: Text
    line: int | None  # none where no line can be named
    problem: Problem


class EditionRefused(TusoiError):
    """An edition that is not published: everything that is wrong with it and its cases."""

    code = "edition_refused"

    def __init__(self, told: Iterable[LocatedProblem]) -> None:
        self.told = tuple(told)
        self.problems = tuple(map(_in_a_row, self.told))
        said = ((each.of, each.problem) for each in self.told)
        super().__init__("; ".join(f"{of}, {each.path}: {each.says.en}" for of, each in said))


Known = Callable[[str, str], ChosenCatalogue | None]  # the catalogue of an issuer, by its id


def examine(
    text: str, cases_text: str | None, known: Known = lambda _issuer, name: shipped_catalogue(name)
) -> tuple[Any, tuple[LocatedProblem, ...]]:
    """Return a document's plain values, and what is wrong with it and its cases.

    Of each PROBLEMS_MAX problems are told. However it is written, it is judged within seconds.

    Forms and catalogues may rest on another catalogue, which `known` finds; without it, on ours.
    """
    document, wrong = _read(text, known)
    told = tuple(_locate("document", text, wrong))
    if cases_text is None or (document and document["kind"] != DocumentKind.RULEBOOK):
        return document, told
    try:
        found = cases.read(reference.plain_values(cases_text))
    except DocumentInvalid as error:
        return document, (*told, *_locate("cases", cases_text, error.problems))
    if document is None:
        return document, told  # nothing to try the cases on
    problems = cases.try_out(convert(document, Rulebook), found)
    of_cases = [each for each in problems if each.path.startswith("cases")]
    of_document = [each for each in problems if each not in of_cases]
    told = (*_locate("document", text, of_document), *_locate("cases", cases_text, of_cases))
    return document, told


def _read(text: str, known: Known) -> tuple[Any, tuple[Problem, ...]]:
    """Return a document's plain values, None where they are not valid, and what is wrong."""
    try:
        document = reference.plain_values(text)
        require_valid(document)
    except DocumentInvalid as error:
        return None, error.problems
    return document, _catalogue_problems(document, known)


def _catalogue_problems(document: Any, known: Known) -> tuple[Problem, ...]:
    """Return in what a form or a catalogue does not fit the catalogue that it rests on."""
    if document["kind"] == DocumentKind.FORM:
        read = form.read(document)
        found = known(read.issuer, read.sheet.catalogue) if read.sheet else None
        return form.misfits(read, found.catalogue if found else None)
    if document["kind"] == DocumentKind.CATALOGUE and document.get("spells_out"):
        found = known(document["issuer"], document["spells_out"])
        return catalogue.mapping_problems(
            catalogue.read(document), found.catalogue if found else None
        )
    return ()


class Tried(NamedTuple):
    """An edition in which nothing is wrong."""

    document: Any
    before: Any = None  # the last edition of that name, if there is one
    differences: tuple[Difference, ...] = ()  # to that


def try_edition(
    context: Context,
    person: Person,
    unit_id: UnitId,
    text: str,
    cases_text: str | None,
    *,
    dry_run: bool = False,
) -> Tried:
    """Return what a committee's own edition comes to; nothing is stored or told.

    Raises:
        Forbidden: the person may not publish for this unit.
        EditionRefused: with everything that is wrong.
        CommandRejected: the issuer's name or the edition is taken, or cases are missing.
    """
    unit_id = person.acting_in(unit_id)  # a dissolved one has no name but its successor's
    actor = under_speaking(context, person, unit_id)
    require(Action.PUBLISH, roles_towards(actor, subject=None, path=(unit_id,)))
    document, told = examine(text, cases_text)
    if told or document["kind"] != DocumentKind.RULEBOOK:
        raise EditionRefused(told or _of_another_kind(text))
    if not dry_run:
        require_cases(document, cases_text)
    before, _ = publications.of_issuer(context, document["issuer"])
    digest = Digest(documents.digest_of(document))
    wanted = rulebooks.publication(document, digest, _hand(actor, unit_id))
    _publish(before, wanted, context.store.events)
    return _compare(context, before, document, digest)


def publish_edition(
    context: Context, asking: Asking, unit_id: UnitId, text: str, cases_text: str | None
) -> tuple[Done, Digest, Tried]:
    """Publish a committee's own edition, after it came out at its cases; return its digest too.

    Raises as `try_edition` does; then nothing was stored or told.
    """
    tried = try_edition(context, asking.person, unit_id, text, cases_text)
    document = tried.document
    # A crash before the fact leaves a document that nobody is told of, and the next try finds it.
    digest = Digest(reference.publish(context.store.database, document))
    stream = publications.stream_of(document["issuer"])
    acting = asking.person.acting_in(unit_id)

    def decide(work: Work) -> Stream:
        work.load(stream)
        work.stand_under(*editions_for(context, acting, work.events))
        before, _ = publications.of_issuer(context, document["issuer"])
        wanted = rulebooks.publication(document, digest, work.hand_for((acting,)))
        if told := _publish(before, wanted, work.events):
            work.tell(stream, told)
        return stream

    return perform(context, asking, decide), digest, tried


def publish_as_operator(context: Context, document: Any, *, principal: str) -> Digest:
    """Publish a valid document in nobody's name but that of the operator; return its digest.

    Raises:
        CommandRejected: the issuer's name or the edition is taken.
    """
    issuer = document["issuer"]
    ours = issuer == issuers.OURS
    if (ours and not reference.is_shipped(document)) or (
        not ours and roster.holders_of_issuer(context.store.database, issuer)
    ):
        raise issuers.issuer_taken(issuer)
    return rulebooks.publish(context, document, principal=principal)


def require_cases(document: Any, given: object) -> None:
    """Raise CommandRejected where a rulebook is to be published untried."""
    if document["kind"] == DocumentKind.RULEBOOK and given is None:
        raise CommandRejected(Rejection.CASES_MISSING)


def _publish(
    before: Sequence[DocumentPublished], wanted: DocumentPublished, read: succession.Read
) -> DocumentPublished | None:
    """Return the fact that a unit publishes, by what the roster tells of who holds the name."""
    return issuers.publish_as_unit(
        before, wanted, lambda each: unit.view(unit.fold(read(unit_stream(each)))).issuers
    )


def _hand(actor: Actor, unit_id: UnitId) -> Hand:
    found = actor.hand_for((unit_id,))
    assert found, "who may publish holds an office in the unit"
    return found


def _compare(
    context: Context, published: Sequence[DocumentPublished], document: Any, digest: Digest
) -> Tried:
    """Return a document with what differs from the edition before of the same name."""
    named = (document["kind"], document["id"])
    same = [each.digest for each in published if (each.kind, each.name) == named]
    earlier = same[: same.index(digest)] if digest in same else same
    if not earlier:
        return Tried(document)
    before = documents.get(context.store.database, earlier[-1])
    return Tried(document, before, differences(before, document))


def _in_a_row(told: LocatedProblem) -> tuple[str | int, ...]:
    """Return as problem documents tell it: pointer, message, code, path, and the line if any."""
    problem = told.problem
    row = (f"/{told.of}", problem.says.en, problem.code, problem.path)
    return row if told.line is None else (*row, told.line)


def _of_another_kind(text: str) -> Iterable[LocatedProblem]:
    return _locate("document", text, [Problem("kind", "rulebook_only")])


def _locate(of: Text, text: str, problems: Sequence[Problem]) -> Iterable[LocatedProblem]:
    lines = reference.lines_of(text, [each.path for each in problems])
    return (LocatedProblem(of, line, each) for line, each in zip(lines, problems, strict=True))
