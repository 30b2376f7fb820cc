"""Forms on paper: the notice of a rating, what somebody wrote, and a catalogue as a poster.

The same rights hold as on the pages that show the same; to print somebody else's words is to read
them, and is recorded.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time

from flask import Response, request
from markupsafe import Markup

from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.documents import catalogue
from events.domain.review import explanation, review
from events.domain.review.explanation import Explanation, citation_text
from events.domain.review.explanation import Ground as ExplainedGround
from events.domain.rulebook.rulebook import Rulebook
from events.domain.steps import Step
from events.store import reference
from services.access.roles import Action, Unseen
from services.printing.pdf import (
    Ground,
    Notice,
    Poster,
    PosterGroup,
    Section,
    SelfReview,
    Sheet,
    Table,
    print_sheet,
)
from services.subject import Subject
from services.web.asking.visibility import see_review, subject_of
from services.web.pages.parts.frame import pages
from services.web.pages.parts.opened import own_marks, words_of_review
from services.web.pages.parts.own_words import Block, OwnWords, SheetFilled, own_words
from services.web.pages.parts.people import actor, name_of
from services.web.pages.parts.posts import ground_name, step_name
from services.web.pages.parts.rules import explanation_of, rules_of
from services.web.saying import names
from services.web.saying.languages import period_name, reader_language, say
from services.web.saying.moments import clock, day

PAPERS = ("a3", "a2")


@pages.get("/reviews/<period>/<member_id>/notice.pdf")
def print_notice(period: str, member_id: str) -> Response:
    """Return the notice of a rating that was announced and holds, to be signed."""
    subject = subject_of(period, member_id)
    state, _ = see_review(subject)
    rated = state.rating_in_force
    why = explanation_of(state, rated.proposal)
    told = state.notice_of(rated)
    if told is None or why is None:
        raise CommandRejected(Rejection.NO_NOTICE)
    return _send_pdf(_notice(subject, state, why), told.at, f"thong-bao-{period}")


@pages.route("/reviews/<period>/<member_id>/self-review.pdf", methods=["GET", "POST"])
def print_self_review(period: str, member_id: str) -> Response:
    """Return what somebody wrote in their year; of others it is recorded that it was read."""
    subject = subject_of(period, member_id)
    state, roles = see_review(subject, Action.READ_WORDS)
    if state.self_critique is None:
        raise Unseen("review")
    said = words_of_review(subject, state, roles)
    rulebook = rules_of(state).rulebook
    marks = tuple((mark.label, mark.value) for mark in own_marks(said, rulebook))
    own = own_words(state, said)
    sheet = SelfReview(
        language=reader_language(),
        **_head(subject, state, own.title or str(say("printing.self_review"))),
        lines=(*_lines(subject, state, rulebook), *marks),
        sections=tuple(_sections(state, own, said)),
        table=_table(own.sheet) if own.sheet else None,
        signs=_signs(state, "printing.for_unit", "printing.above_unit"),
    )
    return _send_pdf(sheet, state.self_critique.at, f"tu-kiem-diem-{period}")


@pages.get("/catalogues/<name>.pdf")
def print_catalogue(name: str) -> Response:
    """Return a catalogue as a poster, on A3 or A2."""
    if name not in reference.shipped_names("catalogue"):
        raise Unseen("catalogue")
    found = catalogue.read(reference.shipped_document("catalogue", name))
    paper, language = request.args.get("paper", PAPERS[0]), reader_language()
    groups = tuple(
        PosterGroup(
            label=group.label.of(language),
            items=tuple((item.id, item.label.of(language)) for item in group.items),
        )
        for group in found.groups
    )
    sheet = Poster(
        language=language,
        title=found.title.of(language),
        note=citation_text(found.citation),
        printed_from=f"{found.id} {found.edition}",
        paper=paper if paper in PAPERS else PAPERS[0],
        groups=groups,
    )
    return _send_pdf(sheet, datetime.combine(found.valid_from, time(), UTC), name)


def _notice(subject: Subject, state: review.State, why: Explanation) -> Notice:
    rulebook, decision = rules_of(state).rulebook, state.rating_in_force.decision
    assert decision is not None, "only a decided rating is announced"
    weighed = explanation.limits_left(rulebook, decision.fact, reader_language())
    lines = (
        *_lines(subject, state, rulebook),
        (str(say("printing.decided_by")), str(actor(decision.fact.by, rulebook))),
        (str(say("printing.decided_on")), str(clock(decision.at))),
        *([(why.grade.label, why.grade.text)] if why.grade else ()),
        *((str(say("printing.weighed")), each) for each in weighed),
    )
    grounds = tuple(
        Ground(
            good=each.held != each.is_limit,
            says=_ground_text(each),
            citation=each.citation,
            seen=", ".join(f"{seen.label}: {seen.value}" for seen in each.seen),
        )
        for each in why.grounds
    )
    return Notice(
        language=reader_language(),
        **_head(subject, state, str(say("printing.notice"))),
        lines=lines,
        level=rulebook.level(decision.fact.level).label.of(reader_language()),
        why=str(say("review.why")),
        grounds=grounds,
        needed=tuple(each.says for each in why.needed),
        needed_for=str(say("review.why_next", level=why.next_level)) if why.next_level else "",
        footing=(*_reopening_lines(state, rulebook), str(say("printing.verify"))),
        signs=_signs(state, "printing.for_authority", "printing.for_authority"),
    )


def _reopening_lines(state: review.State, rulebook: Rulebook) -> Iterator[str]:
    """Iterate over what a notice says where somebody is being rated again; else over nothing."""
    standing = review.level(state)
    if state.pending_reopening and standing:
        ground = ground_name(state.pending_reopening.fact.ground, rulebook)
        level = rulebook.level(standing).label.of(reader_language())
        opened_on = day(state.pending_reopening.at)
        yield str(say("review.reopened", day=opened_on, ground=ground, level=level))


def _signs(state: review.State, for_member: str, for_unit: str) -> tuple[str, str]:
    """Return who signs: whoever was reviewed, and those who act above them."""
    if state.collective:
        return str(say("printing.reviewed_unit")), str(say(for_unit))
    return str(say("printing.reviewed")), str(say(for_member))


def _ground_text(ground: ExplainedGround) -> str:
    """Return a rule or limit in the words in which pages tell it."""
    if not ground.is_limit:
        return f"{ground.level}: {ground.says}"
    words = "review.capped" if ground.held else "review.free"
    return str(say(words, level=ground.level, says=ground.says))


def _head(subject: Subject, state: review.State, title: str) -> dict[str, str]:
    units = names.of_units(state.path)
    return {
        "title": title,
        "printed_from": str(say("printing.from", stream=subject.stream, version=state.version)),
        "unit": " · ".join(units.get(unit_id, unit_id) for unit_id in state.path),
        "name": str(name_of(subject.member_id)),
    }


def _lines(subject: Subject, state: review.State, rulebook: Rulebook) -> Iterator[tuple[str, str]]:
    """Iterate over what both forms begin with: the year, and by which edition."""
    assert state.opened is not None, "only an open review is printed"
    yield str(say("printing.period")), period_name(subject.period)
    edition = say(
        "cycle.edition", title=rulebook.title.of(reader_language()), edition=rulebook.edition
    )
    yield str(say("printing.under")), str(edition)
    yield str(say("printing.digest")), state.opened.fact.rulebook[:16]


def _sections(
    state: review.State, own: OwnWords, said: dict[tuple[str, str], str]
) -> Iterator[Section]:
    """Iterate over what was written, in the order of the year."""
    rulebook = rules_of(state).rulebook
    yield from _blocks(step_name(rulebook, Step.COMMITMENT), own.commitment)
    yield from _blocks(step_name(rulebook, Step.SELF_CRITIQUE), own.critique)
    for point in state.points:
        yield from _answer_sections(said, "point", "point_answer", point.fact.point_id)
    for made in state.statements:
        if text := said.get((Step.STATEMENT, str(made.version))):
            yield Section(heading=str(say("year.steps.statement")), text=text)
    for each in state.criticisms:
        yield from _answer_sections(said, "criticism", "answer", each.fact.criticism_id)


def _blocks(called: Markup, blocks: Iterable[Block]) -> Iterator[Section]:
    """Iterate over the sections of a step; the first stands under what the step is called."""
    title = str(called)
    for each in blocks:
        if not each.heading:
            yield Section(heading=title, text=str(each.text))
        else:
            yield Section(heading=each.heading, text=each.text, degree=each.degree, part=title)
        title = ""


def _table(sheet: SheetFilled) -> Table:
    """Return a sheet as it is printed: every item, with a mark below its degree."""
    names = tuple(sheet.degrees)
    total = say(
        "review.sheet_total", total=sheet.total, chosen=sheet.chosen, items=len(sheet.lines)
    )
    return Table(
        title=sheet.title,
        degrees=tuple(sheet.degrees.values()),
        rows=tuple(
            (f"{each.id}. {each.label}", names.index(each.degree) if each.degree in names else -1)
            for each in sheet.lines
        ),
        total=str(total),
    )


def _answer_sections(
    said: dict[tuple[str, str], str], asked: str, answer: str, item: str
) -> Iterator[Section]:
    if (asked, item) in said:
        yield Section(heading=str(say(f"review.{asked}")), text=str(said[asked, item]))
    if (answer, item) in said:
        yield Section(heading=str(say("review.answer")), text=str(said[answer, item]))


def _send_pdf(sheet: Sheet, dated: datetime, name: str) -> Response:
    response = Response(print_sheet(sheet, dated=dated), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f"inline; filename={name}.pdf"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
