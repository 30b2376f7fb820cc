"""What a member hands in for a plan: the plan itself, row by row, and evidence for a milestone."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from flask import Response, request
from markupsafe import Markup

from events.domain.documents.working_days import local_day
from events.domain.plan import plan_steps
from events.domain.plan.milestone_steps import FILES_MAX
from events.store import reference
from services.access.roles import Action
from services.commands import milestones, plans
from services.commands.plans import Wanted
from services.commands.work import Done
from services.safekeeping.drafts import Draft
from services.safekeeping.evidence import FileEmpty, FileTooLarge
from services.safekeeping.media_types import ENDINGS
from services.safekeeping.refused_files import FileTypeRefused
from services.subject import Subject
from services.web.asking.visibility import require_command, see_plan, subject_of
from services.web.context import system
from services.web.files.evidence import digest_of, parse_milestone, seal_files, there_in
from services.web.files.uploads import takes_files, uploaded_files
from services.web.pages.parts import drafting, forms, step_pages
from services.web.pages.parts.forms import FormInvalid, Refusal
from services.web.pages.parts.frame import pages, redirect, show
from services.web.pages.parts.opened import words_of_plan
from services.web.saying.languages import say
from services.web.saying.moments import clock

EMPTY_ROWS = 3  # offered beside those that are filled in
Fields = Mapping[str, str]


class Row(NamedTuple):
    """One milestone as it is being typed."""

    number: int
    what: str
    by: str


@pages.get("/plans/<period>/<member_id>/edit")
def show_editor(period: str, member_id: str) -> Response:
    """Return the plan's form, with the draft, or with what was proposed before."""
    subject = subject_of(period, member_id, kind="plan")
    require_command(subject, Action.PROPOSE_PLAN)
    draft = drafting.load(_draft_name(subject))
    return _editor(subject, draft.fields if draft else _last_proposal(subject), draft=draft)


@pages.post("/plans/<period>/<member_id>/edit")
def send_plan(period: str, member_id: str) -> Response:
    """Take the plan, keep it as a draft, or offer more rows."""
    subject = subject_of(period, member_id, kind="plan")
    require_command(subject, Action.PROPOSE_PLAN)
    if "more" in request.form:
        return _editor(subject, request.form, more=EMPTY_ROWS)
    if "save" in request.form:
        _save(subject)
        return redirect(f"{step_pages.of_plan(subject)}/edit")
    if "discard" in request.form:
        drafting.discard(_draft_name(subject))
        return redirect(f"{step_pages.of_plan(subject)}/edit", done="draft_discarded")

    def do() -> Done:
        text, wanted = forms.read_text("text"), _read_milestones(_rows(request.form))
        done = plans.propose_plan(system(), forms.asking(), subject, text, wanted)
        drafting.discard(_draft_name(subject))
        return done

    def again(refusal: Refusal) -> Response:
        return _editor(subject, request.form, refusal=refusal)

    return forms.send(do, then=step_pages.of_plan(subject), says="plan_proposed", again=again)


@pages.post("/plans/<period>/<member_id>/draft")
def save_plan_draft(period: str, member_id: str) -> Response:
    """Keep the plan that is being written, and return in words when that was."""
    subject = subject_of(period, member_id, kind="plan")
    require_command(subject, Action.PROPOSE_PLAN)
    return Response(say("forms.saved", time=clock(_save(subject))), mimetype="text/plain")


@pages.get("/milestones/<milestone_id>/evidence")
def show_evidence_form(milestone_id: str) -> Response:
    """Return the form by which evidence is handed in."""
    return _evidence_form(milestone_id, {})


@pages.post("/milestones/<milestone_id>/evidence")
@takes_files
def send_evidence(milestone_id: str) -> Response:
    """Take files and words; the files are stored with the fact or not at all."""
    which = parse_milestone(milestone_id)
    there_in(require_command(which.subject, Action.HAND_IN_EVIDENCE), which)

    def do() -> Done:
        text = forms.read_text("text", needed=False)
        uploads = uploaded_files("files", FILES_MAX)
        body = {"text": text, "files": list(map(digest_of, uploads))}
        asking = forms.asking(body, holds_anyway=True)
        try:
            sealed = seal_files(which, uploads)
        except (FileEmpty, FileTooLarge, FileTypeRefused) as error:
            raise FormInvalid({"files": say(f"errors.{error.code}")}) from error
        return milestones.hand_in_evidence(system(), asking, which, sealed, text or None)

    def again(refusal: Refusal) -> Response:
        return _evidence_form(milestone_id, request.form, refusal)

    stream = plans.stream_of(which.subject)
    return forms.send(
        do, then=step_pages.of_plan(which.subject), says="evidence", again=again, about=stream
    )


def _evidence_form(milestone_id: str, typed: Fields, refusal: Refusal | None = None) -> Response:
    which = parse_milestone(milestone_id)
    state = require_command(which.subject, Action.HAND_IN_EVIDENCE)
    milestone = there_in(state, which)
    _, roles = see_plan(which.subject, Action.READ_PLAN)
    said = words_of_plan(which.subject, state, roles)
    version = state.proposal.version if state.proposal else 0
    return show(
        "evidence.html",
        status=refusal.status if refusal else 200,
        subject=which.subject,
        milestone=milestone,
        words=said.get(("milestone", which.id, version), ""),
        typed=typed,
        refusal=refusal,
        version=forms.form_version(state.version, refusal),
        files_max=FILES_MAX,
        endings=ENDINGS,
        address=f"/milestones/{milestone_id}/evidence",
        back=step_pages.of_plan(which.subject),
    )


def _editor(
    subject: Subject,
    typed: Fields,
    *,
    draft: Draft | None = None,
    refusal: Refusal | None = None,
    more: int = 0,
) -> Response:
    state, _ = see_plan(subject, Action.PROPOSE_PLAN)
    assert state.opened is not None, "only an open plan is seen"
    rules = reference.rules_of(system().store.database, state.opened.fact)
    terms = plan_steps.terms_of(rules)
    filled = _rows(typed)
    last = min(
        max((row.number for row in filled), default=0) + max(EMPTY_ROWS, more), terms.milestones_max
    )
    by_number = {row.number: row for row in filled}
    return show(
        "plan_edit.html",
        status=refusal.status if refusal else 200,
        subject=subject,
        typed=typed,
        rows=[by_number.get(number, Row(number, "", "")) for number in range(1, last + 1)],
        rulebook=rules.rulebook,
        most=terms.milestones_max,
        least_days=terms.working_days_least,
        draft=draft,
        refusal=refusal,
        due_at=state.deadlines.due_at("plan"),
        returned=state.returned is not None,
        back=step_pages.of_plan(subject),
        version=forms.form_version(state.version, refusal),
    )


def _rows(typed: Fields) -> list[Row]:
    """Return the rows in which something was typed, in their order."""
    numbers = sorted(
        int(tail)
        for name in typed
        if (tail := name.removeprefix("what-")) != name and forms.DIGITS.fullmatch(tail)
    )
    rows = [
        Row(number, typed.get(f"what-{number}", "").strip(), typed.get(f"by-{number}", "").strip())
        for number in dict.fromkeys(numbers)
    ]
    return [row for row in rows if row.what or row.by]


def _read_milestones(rows: Sequence[Row]) -> list[Wanted]:
    """Return the milestones that were typed. Raises FormInvalid with all that is missing."""
    wrong: dict[str, Markup] = {}
    found = []
    for row in rows:
        try:
            found.append(
                Wanted(forms.read_text(f"what-{row.number}"), forms.day(f"by-{row.number}"))
            )
        except FormInvalid as error:
            wrong |= error.fields
    if not rows:
        wrong["what-1"] = say("plan.no_rows")
    if wrong:
        raise FormInvalid(wrong)
    return found


def _last_proposal(subject: Subject) -> dict[str, str]:
    """Return what the member proposed before, to be mended."""
    state, roles = see_plan(subject, Action.PROPOSE_PLAN)
    if state.proposal is None:
        return {}
    said, version = words_of_plan(subject, state, roles), state.proposal.version
    fields = {"text": said.get(("plan", "", version), "")}
    for number, each in enumerate(state.milestones, 1):
        fields[f"what-{number}"] = said.get(("milestone", each.id, version), "")
        fields[f"by-{number}"] = local_day(each.due_at).isoformat()
    return fields


def _draft_name(subject: Subject) -> str:
    return f"plan-{subject.period}-{subject.member_id}"


def _save(subject: Subject) -> datetime:
    """Keep what was typed. Raises DraftTooLong."""
    fields = {
        name: text
        for name, text in request.form.items()
        if name == "text" or name.startswith(("what-", "by-"))
    }
    return drafting.save(_draft_name(subject), subject, fields)
