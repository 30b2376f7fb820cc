"""The steps that people take in a review: written, held, proposed, decided, told, rated again."""

from flask import Response

from events.identifiers import UnitId
from services.commands import deadlines, meetings, ratings, reviews
from services.commands.work import Asking, Done
from services.context import Context
from services.queries.year_counts import Counted
from services.web.api.parts import filled_forms
from services.web.api.parts.paths import REVIEW
from services.web.api.parts.receipts import answer_received, carry_out, command
from services.web.api.schemas import commands
from services.web.asking.visibility import heads_of, identify, subject_of
from services.web.http.openapi import ApiBlueprint

blueprint = ApiBlueprint(
    "review_steps", __name__, url_prefix="/api/v1", description="The steps of a member's review."
)
blueprint.before_request(identify)


@command(blueprint, f"{REVIEW}/commitment", commands.Commitment)
def make_commitment(period: str, member_id: str) -> Response:
    """Hand in what one undertakes for the year, as words or by the sections of its form."""
    subject = subject_of(period, member_id)

    def make(context: Context, asking: Asking, body: commands.Commitment) -> Done:
        written = filled_forms.commitment(subject, body)
        return reviews.commit(context, asking, subject, written.text, written.form)

    return carry_out(commands.Commitment, make)


@command(blueprint, f"{REVIEW}/self-critique", commands.SelfCritique)
def submit_self_critique(period: str, member_id: str) -> Response:
    """Hand in one's own critique, as words or by the sections of its form; the first one counts."""
    subject = subject_of(period, member_id)

    def submit(context: Context, asking: Asking, body: commands.SelfCritique) -> Done:
        written = filled_forms.self_critique(subject, body)
        return reviews.submit_self_critique(
            context,
            asking,
            subject,
            written.text,
            written.marks,
            form=written.form,
            catalogue=written.catalogue,
        )

    return carry_out(commands.SelfCritique, submit)


@command(blueprint, f"{REVIEW}/criticisms", commands.Text, answers="Received")
def criticise(period: str, member_id: str) -> Response:
    """Hand in a criticism, under a pseudonym. No rating is computed from it."""
    subject = subject_of(period, member_id)
    return carry_out(
        commands.Text,
        lambda c, a, b: reviews.criticise(c, a, subject, b.text),
        told=answer_received,
    )


@command(blueprint, f"{REVIEW}/criticisms/<criticism_id>/answer", commands.Text)
def answer_criticism(period: str, member_id: str, criticism_id: str) -> Response:
    """Answer a criticism of oneself."""
    subject = subject_of(period, member_id)
    return carry_out(
        commands.Text, lambda c, a, b: reviews.answer(c, a, subject, criticism_id, b.text)
    )


@command(blueprint, f"{REVIEW}/points", commands.Text)
def suggest_point(period: str, member_id: str) -> Response:
    """Lay a point in writing before somebody, to be answered in their review."""
    subject = subject_of(period, member_id)
    return carry_out(commands.Text, lambda c, a, b: meetings.suggest_point(c, a, subject, b.text))


@command(blueprint, f"{REVIEW}/points/<point_id>/answer", commands.Text)
def answer_point(period: str, member_id: str, point_id: str) -> Response:
    """Answer a point that was suggested to oneself."""
    subject = subject_of(period, member_id)
    return carry_out(
        commands.Text, lambda c, a, b: meetings.answer_point(c, a, subject, point_id, b.text)
    )


@command(blueprint, f"{REVIEW}/meetings", commands.Meeting)
def hold_meeting(period: str, member_id: str) -> Response:
    """Tell that a unit reviewed somebody in its meeting, with its comment."""
    subject = subject_of(period, member_id)

    def hold(context: Context, asking: Asking, body: commands.Meeting) -> Done:
        place, text = UnitId(body.place), body.text or None
        return meetings.hold_meeting(context, asking, subject, place, heads_of, text)

    return carry_out(commands.Meeting, hold)


@command(blueprint, f"{REVIEW}/proposal", commands.Proposal)
def propose_rating(period: str, member_id: str) -> Response:
    """Lay down points and figures; the rulebook makes the proposed level of them."""
    subject = subject_of(period, member_id)
    return carry_out(
        commands.Proposal,
        lambda c, a, b: ratings.propose_rating(
            c, a, subject, Counted(b.points, b.figures), b.text or None
        ),
    )


@command(blueprint, f"{REVIEW}/appraisal", commands.Appraisal)
def appraise_rating(period: str, member_id: str) -> Response:
    """Advise the authority on the proposal that was looked at."""
    subject = subject_of(period, member_id)
    return carry_out(
        commands.Appraisal,
        lambda c, a, b: ratings.appraise_rating(
            c, a, subject, b.level, b.proposal_version, b.text or None, item=b.item or None
        ),
    )


@command(blueprint, f"{REVIEW}/return", commands.Return)
def return_rating(period: str, member_id: str) -> Response:
    """Give the proposal that was looked at back to the unit, which proposes anew."""
    subject = subject_of(period, member_id)
    return carry_out(
        commands.Return,
        lambda c, a, b: ratings.return_rating(c, a, subject, b.proposal_version, b.text),
    )


@command(blueprint, f"{REVIEW}/decision", commands.Decision)
def decide_rating(period: str, member_id: str) -> Response:
    """Decide the rating, on the proposal that was looked at."""
    subject = subject_of(period, member_id)
    return carry_out(
        commands.Decision,
        lambda c, a, b: ratings.decide_rating(
            c, a, subject, b.level, b.proposal_version, b.text or None, _grounds_by_limit(b)
        ),
    )


@command(blueprint, f"{REVIEW}/announcement", commands.Nothing)
def announce_rating(period: str, member_id: str) -> Response:
    """Give notice of the rating; where the rulebook wants one, a plan is opened with it."""
    subject = subject_of(period, member_id)
    return carry_out(commands.Nothing, lambda c, a, _: ratings.announce_rating(c, a, subject))


@command(blueprint, f"{REVIEW}/notice-answer", commands.Text)
def answer_notice(period: str, member_id: str) -> Response:
    """Answer the last notice of one's rating, once; it is no appeal, and no rating changes."""
    subject = subject_of(period, member_id)
    return carry_out(commands.Text, lambda c, a, b: ratings.answer_notice(c, a, subject, b.text))


@command(blueprint, f"{REVIEW}/reopening", commands.Reopening)
def reopen_review(period: str, member_id: str) -> Response:
    """Have a decided review rated again, by the edition that it was opened under."""
    subject = subject_of(period, member_id)
    return carry_out(
        commands.Reopening,
        lambda c, a, b: ratings.reopen_review(
            c, a, subject, b.ground, b.decision or None, b.text or None
        ),
    )


@command(blueprint, f"{REVIEW}/statement", commands.Text)
def make_statement(period: str, member_id: str) -> Response:
    """Say something to the ground on which one is rated again, until that is decided anew."""
    subject = subject_of(period, member_id)
    return carry_out(commands.Text, lambda c, a, b: ratings.make_statement(c, a, subject, b.text))


@command(blueprint, f"{REVIEW}/deadlines", commands.NewDeadline)
def move_deadline(period: str, member_id: str) -> Response:
    """Give a step another deadline, the end of a day, with the ground."""
    subject = subject_of(period, member_id)
    return carry_out(
        commands.NewDeadline,
        lambda c, a, b: deadlines.move_deadline(c, a, subject, b.step, b.day, b.text, b.item or ""),
    )


@command(blueprint, f"{REVIEW}/waivers", commands.Waiver)
def waive_step(period: str, member_id: str) -> Response:
    """Go on without a step that was late, where the edition leaves that to those who decide."""
    subject = subject_of(period, member_id)
    return carry_out(
        commands.Waiver,
        lambda c, a, b: deadlines.waive_step(c, a, subject, b.step, b.item or "", b.text),
    )


@command(blueprint, f"{REVIEW}/end", commands.Text)
def end_review(period: str, member_id: str) -> Response:
    """End a year without a level, where others wait for whoever is reviewed, with the reason."""
    subject = subject_of(period, member_id)
    return carry_out(commands.Text, lambda c, a, b: deadlines.end_unrated(c, a, subject, b.text))


@command(blueprint, f"{REVIEW}/resumption", commands.Text)
def resume_review(period: str, member_id: str) -> Response:
    """Let a year go on that was ended without a level, with the reason."""
    subject = subject_of(period, member_id)
    return carry_out(commands.Text, lambda c, a, b: deadlines.undo_unrated(c, a, subject, b.text))


def _grounds_by_limit(decision: commands.Decision) -> dict[str, str]:
    return {each.limit: each.ground for each in decision.weighed or ()}
