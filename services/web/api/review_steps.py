"""The steps that people take in a review: written, held, proposed, decided, told, rated again."""

from flask import Response

from events.identifiers import UnitId
from services.commands import meetings, ratings, reviews
from services.commands.context import Context
from services.commands.work import Asking, Done
from services.commands.year_counts import Counted
from services.web.api import bodies, forms
from services.web.api.asked import heads_of, identify, subject_of
from services.web.api.done import carry_out, command
from services.web.api.reviews import REVIEW
from services.web.openapi import ApiBlueprint

blueprint = ApiBlueprint(
    "review_steps", __name__, url_prefix="/api/v1", description="The steps of a member's review."
)
blueprint.before_request(identify)


@command(blueprint, f"{REVIEW}/commitment", bodies.Commitment)
def make_commitment(period: str, member_id: str) -> Response:
    """Hand in what one undertakes for the year, as words or by the sections of its form."""
    subject = subject_of(period, member_id)

    def made(context: Context, asking: Asking, body: bodies.Commitment) -> Done:
        written = forms.commitment(subject, body)
        return reviews.commit(context, asking, subject, written.text, written.form)

    return carry_out(bodies.Commitment, made)


@command(blueprint, f"{REVIEW}/self-critique", bodies.SelfCritique)
def submit_self_critique(period: str, member_id: str) -> Response:
    """Hand in one's own critique, as words or by the sections of its form; the first one counts."""
    subject = subject_of(period, member_id)

    def submitted(context: Context, asking: Asking, body: bodies.SelfCritique) -> Done:
        written = forms.self_critique(subject, body)
        return reviews.submit_self_critique(
            context,
            asking,
            subject,
            written.text,
            written.marks,
            form=written.form,
            catalogue=written.catalogue,
        )

    return carry_out(bodies.SelfCritique, submitted)


@command(blueprint, f"{REVIEW}/criticisms", bodies.Text)
def criticise(period: str, member_id: str) -> Response:
    """Hand in a criticism, under a pseudonym. No rating is computed from it."""
    subject = subject_of(period, member_id)
    return carry_out(bodies.Text, lambda c, a, b: reviews.criticise(c, a, subject, b.text))


@command(blueprint, f"{REVIEW}/criticisms/<criticism_id>/answer", bodies.Text)
def answer_criticism(period: str, member_id: str, criticism_id: str) -> Response:
    """Answer a criticism of oneself."""
    subject = subject_of(period, member_id)
    return carry_out(
        bodies.Text, lambda c, a, b: reviews.answer(c, a, subject, criticism_id, b.text)
    )


@command(blueprint, f"{REVIEW}/points", bodies.Text)
def suggest_point(period: str, member_id: str) -> Response:
    """Lay a point in writing before somebody, to be answered in their review."""
    subject = subject_of(period, member_id)
    return carry_out(bodies.Text, lambda c, a, b: meetings.suggest_point(c, a, subject, b.text))


@command(blueprint, f"{REVIEW}/points/<point_id>/answer", bodies.Text)
def answer_point(period: str, member_id: str, point_id: str) -> Response:
    """Answer a point that was suggested to oneself."""
    subject = subject_of(period, member_id)
    return carry_out(
        bodies.Text, lambda c, a, b: meetings.answer_point(c, a, subject, point_id, b.text)
    )


@command(blueprint, f"{REVIEW}/meetings", bodies.Meeting)
def hold_meeting(period: str, member_id: str) -> Response:
    """Tell that a unit reviewed somebody in its meeting, with its comment."""
    subject = subject_of(period, member_id)

    def held(context: Context, asking: Asking, body: bodies.Meeting) -> Done:
        place, text = UnitId(body.place), body.text or None
        return meetings.hold_meeting(context, asking, subject, place, heads_of, text)

    return carry_out(bodies.Meeting, held)


@command(blueprint, f"{REVIEW}/proposal", bodies.Proposal)
def propose_rating(period: str, member_id: str) -> Response:
    """Lay down points and figures; the rulebook makes the proposed level of them."""
    subject = subject_of(period, member_id)
    return carry_out(
        bodies.Proposal,
        lambda c, a, b: ratings.propose_rating(
            c, a, subject, Counted(b.points, b.figures), b.text or None
        ),
    )


@command(blueprint, f"{REVIEW}/appraisal", bodies.Decision)
def appraise_rating(period: str, member_id: str) -> Response:
    """Advise the authority on the proposal that was looked at."""
    subject = subject_of(period, member_id)
    return carry_out(
        bodies.Decision,
        lambda c, a, b: ratings.appraise_rating(
            c, a, subject, b.level, b.proposal_version, b.text or None
        ),
    )


@command(blueprint, f"{REVIEW}/decision", bodies.Decision)
def decide_rating(period: str, member_id: str) -> Response:
    """Decide the rating, on the proposal that was looked at."""
    subject = subject_of(period, member_id)
    return carry_out(
        bodies.Decision,
        lambda c, a, b: ratings.decide_rating(
            c, a, subject, b.level, b.proposal_version, b.text or None
        ),
    )


@command(blueprint, f"{REVIEW}/announcement", bodies.Nothing)
def announce_rating(period: str, member_id: str) -> Response:
    """Give notice of the rating; where the rulebook wants one, a plan is opened with it."""
    subject = subject_of(period, member_id)
    return carry_out(bodies.Nothing, lambda c, a, _: ratings.announce_rating(c, a, subject))


@command(blueprint, f"{REVIEW}/notice-answer", bodies.Text)
def answer_notice(period: str, member_id: str) -> Response:
    """Answer the last notice of one's rating, once; it is no appeal, and no rating changes."""
    subject = subject_of(period, member_id)
    return carry_out(bodies.Text, lambda c, a, b: ratings.answer_notice(c, a, subject, b.text))


@command(blueprint, f"{REVIEW}/reopening", bodies.Reopening)
def reopen_review(period: str, member_id: str) -> Response:
    """Have a decided review rated again, by the edition that it was opened under."""
    subject = subject_of(period, member_id)
    return carry_out(
        bodies.Reopening,
        lambda c, a, b: ratings.reopen_review(
            c, a, subject, b.ground, b.decision or None, b.text or None
        ),
    )


@command(blueprint, f"{REVIEW}/deadlines", bodies.NewDeadline)
def move_deadline(period: str, member_id: str) -> Response:
    """Give a step another deadline, the end of a day, with the ground."""
    subject = subject_of(period, member_id)
    return carry_out(
        bodies.NewDeadline,
        lambda c, a, b: reviews.move_deadline(c, a, subject, b.step, b.day, b.text),
    )
