"""Deeds by the commands, in this process: no request, no session, no waiting."""

import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from events.definitions.event import Sealed
from events.definitions.records import Digest, Period
from events.domain.documents.form import FormStep
from events.domain.review import review
from events.domain.rulebook.grounds import Needs
from events.identifiers import MemberId, UnitId
from services.access.roles import Person, roles_in_review
from services.access.tokens import Principal
from services.cli.rehearsal.driver import Fact, Written
from services.commands import (
    cycles,
    deadlines,
    escalations,
    meetings,
    milestones,
    plans,
    ratings,
    readings,
    reviews,
    rulebooks,
)
from services.commands.milestones import Evidence, MilestoneOf
from services.commands.plans import Wanted
from services.commands.work import Asking
from services.context import Context
from services.intake.parser import parse_event
from services.intake.receive import receive
from services.queries import answers, forms, year_counts
from services.queries.answers import Answers, Marks
from services.queries.people import person_as
from services.queries.year_counts import Counted
from services.read_models import inbox, roster
from services.read_models.inbox import Waiting
from services.safekeeping import drafts, evidence
from services.subject import Subject

CALENDAR = "viet_nam"
CORRELATION = "story"


class OnForm(msgspec.Struct, frozen=True):
    """What is sealed of a step that was written on a form, or in plain words."""

    text: str
    marks: Marks = Marks()
    form: Digest | UnsetType = UNSET
    catalogue: Digest | UnsetType = UNSET


class ByCommands:
    """Everybody asks as the roster knows them at this moment."""

    def __init__(
        self, context: Context, *, hr: Principal, account_of: Callable[[str, MemberId], str]
    ) -> None:
        self.context = context
        self._hr = hr
        self._account_of = account_of  # makes one for somebody, by HR's number, who was enrolled
        self._members: dict[str, tuple[MemberId, str]] = {}  # with their accounts, by HR's numbers

    def tell(self, facts: Sequence[Fact]) -> None:
        sent = [parse_event(each, index) for index, each in enumerate(facts)]
        receive(self.context, self._hr, sent, correlation_id=CORRELATION)

    def welcome(self, number: str, member_id: MemberId) -> None:
        self._members[number] = (member_id, self._account_of(number, member_id))

    def person(self, who: str) -> Person:
        """Return somebody with what the roster tells of them now."""
        member_id, account_id = self._members[who]
        return person_as(self.context, account_id, member_id)

    def asking(self, who: str) -> Asking:
        return Asking(person=self.person(who), correlation_id=CORRELATION)

    def waiting(self, who: str) -> Sequence[Waiting]:
        return inbox.of_person(self.context.store.database, self.person(who))

    def open_cycle(self, who: str, period: Period, unit_id: UnitId, rulebook: str) -> None:
        asking = self.asking(who)
        principal = f"account:{asking.person.account_id}"
        rules = rulebooks.rules_by_name(self.context, rulebook, CALENDAR, principal=principal)
        cycles.open_cycle(self.context, asking, period, unit_id, rules)
        self.join(who, period, unit_id)

    def join(self, who: str, period: Period, unit_id: UnitId) -> None:
        cycles.require_joiner(self.context, self.person(who), period, unit_id)
        cycles.open_all(self.context, period, unit_id, CORRELATION)

    def commit(self, who: str, subject: Subject, written: Written) -> None:
        on = self.on_form(subject, FormStep.COMMITMENT, written)
        reviews.commit(self.context, self.asking(who), subject, on.text, on.form)

    def submit_self_critique(self, who: str, subject: Subject, written: Written) -> None:
        on = self.on_form(subject, FormStep.SELF_CRITIQUE, written)
        reviews.submit_self_critique(
            self.context,
            self.asking(who),
            subject,
            on.text,
            on.marks,
            form=on.form,
            catalogue=on.catalogue,
        )

    def draft(self, who: str, subject: Subject, sections: Mapping[str, str]) -> None:
        drafts.save(
            self.context,
            self.person(who).account_id,
            drafts.name_of(drafts.SELF_CRITIQUE, subject.period, subject.member_id),
            owner=reviews.owner_of(self.context, subject),
            scope=subject.period,
            fields=drafts.fields_of(sections),
        )

    def criticise(self, who: str, subject: Subject, text: str) -> None:
        reviews.criticise(self.context, self.asking(who), subject, text)

    def answer(self, who: str, subject: Subject, criticism_id: str, text: str) -> None:
        reviews.answer(self.context, self.asking(who), subject, criticism_id, text)

    def suggest_point(self, who: str, subject: Subject, text: str) -> None:
        meetings.suggest_point(self.context, self.asking(who), subject, text)

    def answer_point(self, who: str, subject: Subject, point_id: str, text: str) -> None:
        meetings.answer_point(self.context, self.asking(who), subject, point_id, text)

    def hold_meeting(self, who: str, subject: Subject, place: UnitId, text: str) -> None:
        asking = self.asking(who)
        meetings.hold_meeting(self.context, asking, subject, place, self.heads_of, text)

    def heads_of(self, place: UnitId, top: UnitId, posts: Collection[str]) -> list[MemberId]:
        """Return who heads a unit, as projected."""
        return roster.holders(self.context.store.database, place, posts, top)

    def read_words(self, who: str, subject: Subject) -> None:
        asking = self.asking(who)
        state = self._review(subject)
        assert state.opened is not None, "words of a review are read"
        actor = asking.person.under(year_counts.rulebook_of(self.context, state.opened.fact))
        roles = roles_in_review(actor, state, subject.member_id, leaders=state.leaders)
        wanted = list(_sealed_in(state))
        readings.open_words(self.context, asking, subject, wanted, roles=roles)

    def propose(
        self,
        who: str,
        subject: Subject,
        points: Mapping[str, int],
        figures: Mapping[str, int],
        text: str,
    ) -> None:
        counted = Counted(dict(points), dict(figures))
        ratings.propose_rating(self.context, self.asking(who), subject, counted, text)

    def appraise(
        self, who: str, subject: Subject, level: str, proposal_version: int, item: str
    ) -> None:
        asking, seen = self.asking(who), proposal_version
        ratings.appraise_rating(self.context, asking, subject, level, seen, None, item=item)

    def decide(
        self, who: str, subject: Subject, level: str, proposal_version: int, text: str | None
    ) -> None:
        asking = self.asking(who)
        ratings.decide_rating(self.context, asking, subject, level, proposal_version, text)

    def give_back(self, who: str, subject: Subject, proposal_version: int, text: str) -> None:
        asking = self.asking(who)
        ratings.return_rating(self.context, asking, subject, proposal_version, text)

    def announce(self, who: str, subject: Subject) -> None:
        ratings.announce_rating(self.context, self.asking(who), subject)

    def answer_notice(self, who: str, subject: Subject, text: str) -> None:
        ratings.answer_notice(self.context, self.asking(who), subject, text)

    def reopen(self, who: str, subject: Subject, decision: str, text: str) -> None:
        ground = Needs.LATE_DISCIPLINE
        ratings.reopen_review(self.context, self.asking(who), subject, ground, decision, text)

    def move_deadline(self, who: str, subject: Subject, step: str, day: date, text: str) -> None:
        deadlines.move_deadline(self.context, self.asking(who), subject, step, day, text)

    def acknowledge(self, who: str, cause: str, text: str) -> None:
        escalations.acknowledge(self.context, self.asking(who), cause, text)

    def propose_plan(
        self, who: str, subject: Subject, text: str, milestones: Sequence[Wanted]
    ) -> None:
        plans.propose_plan(self.context, self.asking(who), subject, text, milestones)

    def agree(
        self, who: str, subject: Subject, proposal_version: int, follower_id: MemberId
    ) -> None:
        asking = self.asking(who)
        plans.agree_to_plan(self.context, asking, subject, proposal_version, follower_id)

    def return_plan(self, who: str, subject: Subject, proposal_version: int, text: str) -> None:
        plans.return_plan(self.context, self.asking(who), subject, proposal_version, text)

    def hand_in(
        self, who: str, milestone: MilestoneOf, text: str, files: Mapping[str, bytes]
    ) -> None:
        subject = milestone.subject
        owner = reviews.owner_of(self.context, subject)
        sealed = [
            Evidence(
                name,
                evidence.seal(
                    self.context, io.BytesIO(content), name, owner=owner, scope=subject.period
                ),
            )
            for name, content in files.items()
        ]
        milestones.hand_in_evidence(self.context, self.asking(who), milestone, sealed, text)

    def approve(self, who: str, milestone: MilestoneOf, evidence_version: int) -> None:
        asking = self.asking(who)
        milestones.approve_milestone(self.context, asking, milestone, evidence_version, None)

    def ask_more(self, who: str, milestone: MilestoneOf, evidence_version: int, text: str) -> None:
        milestones.ask_for_more(self.context, self.asking(who), milestone, evidence_version, text)

    def send_back(self, who: str, milestone: MilestoneOf, evidence_version: int, text: str) -> None:
        asking = self.asking(who)
        milestones.return_milestone(self.context, asking, milestone, evidence_version, text)

    def extend(self, who: str, milestone: MilestoneOf, day: date, text: str) -> None:
        milestones.extend_milestone(self.context, self.asking(who), milestone, day, text)

    def on_form(self, subject: Subject, step: FormStep, written: Written) -> OnForm:
        """Return what is sealed of what somebody wrote: plain words, or a form of their group."""
        if "text" in written:
            return OnForm(written["text"])
        found = forms.form_for(self.context, self._review(subject), step)
        assert found is not None, "the story writes on forms that we ship"
        through = forms.catalogue_of(self.context, found.form)
        given = Answers(**_parts(written))
        catalogue = through.catalogue if through else None
        return OnForm(
            answers.compose(found.form, catalogue, given, "vi"),
            Marks(degrees=given.degrees, sheet=given.sheet),
            rulebooks.keep(self.context, found.digest),
            rulebooks.keep(self.context, through.digest) if through else UNSET,
        )

    def _review(self, subject: Subject) -> review.State:
        return review.fold(self.context.store.read_stream(subject.stream).events)


def _parts(written: Written) -> dict[str, Any]:
    return {name: written.get(name, {}) for name in ("sections", "degrees", "sheet")}


def _sealed_in(state: review.State) -> Iterator[str]:
    from services.web.asking.sealed_words import of_review  # noqa: PLC0415 - `tusoi work` loads no web

    for place in of_review(state):
        if isinstance(place.sealed, Sealed):
            yield place.sealed.sealed
