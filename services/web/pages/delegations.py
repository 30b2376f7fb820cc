"""Who stands in for the reader, in each post of theirs, and for whom the reader does."""

from collections.abc import Iterator
from urllib.parse import urlencode

from flask import Response, request

from events.domain.documents.working_days import local_day
from events.domain.organisation import member, standing_in
from events.identifiers import MemberId, UnitId, member_stream
from services.access.roles import Person
from services.commands import delegations
from services.commands.work import Done
from services.read_models import roster, stand_ins
from services.web.asking import person
from services.web.context import system
from services.web.pages.parts import forms
from services.web.pages.parts.forms import FormInvalid, Refusal
from services.web.pages.parts.frame import pages, show
from services.web.pages.parts.people import post_in, stand_ins_named
from services.web.saying import names
from services.web.saying.languages import say
from services.web.saying.names import by_given_name

AT = "/delegations"


@pages.get("/delegations")
def show_delegations() -> Response:
    """Return who stands in for the reader and for whom they do, with the forms for both."""
    return _page()


@pages.post("/delegations")
def send_delegation() -> Response:
    """Let a member stand in for the reader, from one day to another."""

    def do() -> Done:
        unit_id, post = _post_chosen()
        member_id, since, until = _member_chosen(), forms.day("since"), forms.day("until")
        asking = forms.asking(holds_anyway=True)
        return delegations.delegate(
            system(), asking, member_id, unit_id, post, since=since, until=until
        )

    return forms.send(do, then=AT, says="delegated", again=_page)


@pages.post("/delegations/end")
def send_delegation_end() -> Response:
    """Let a member stand in no longer: taken back, or laid down."""

    def do() -> Done:
        unit_id, post = _post_chosen()
        who, whose = (request.form.get(name, "") for name in ("member_id", "for_id"))
        asking = forms.asking(holds_anyway=True)
        return delegations.end(system(), asking, MemberId(who), unit_id, post, whose)

    return forms.send(do, then=AT, says="delegation_ended", again=_page)


def _post_chosen() -> tuple[UnitId, str]:
    """Return which post is meant. Raises FormInvalid."""
    unit_id, _, post = request.form.get("post", "").partition(" ")
    if not post:
        raise FormInvalid({"post": say("forms.needed")})
    return UnitId(unit_id), post


def _member_chosen() -> MemberId:
    """Return who is to stand in. Raises FormInvalid."""
    chosen = request.form.get("member_id", "")
    if not chosen:
        raise FormInvalid({"member_id": say("forms.needed")})
    return MemberId(chosen)


def _page(refusal: Refusal | None = None) -> Response:
    """Return the page; where a form was refused, with what was typed still in it."""
    who, now = person.person(), system().clock.now()
    units = {UnitId(each) for each in (*(unit for unit, _ in who.posts), *_stood_in(who.member_id))}
    found = stand_ins.stand_ins(system().store.database, units, now)
    posts = {f"{unit_id} {post}": post_in(unit_id, post) for unit_id, post in who.posts}
    asked = request.values.get("post", "")
    chosen = asked if asked in posts else next(iter(posts), "")
    return show(
        "delegations.html",
        status=refusal.status if refusal else 200,
        refusal=refusal,
        typed=request.form if refusal else {},
        chosen=chosen,
        called=posts.get(chosen, ""),
        others=[(f"{AT}?{urlencode({'post': e})}", posts[e]) for e in posts if e != chosen],
        candidates=_candidates(who, UnitId(chosen.partition(" ")[0])) if chosen else [],
        given=stand_ins_named(each for each in found if each.by.for_id == who.member_id),
        taken=stand_ins_named(each for each in found if each.by.member_id == who.member_id),
        today=local_day(now),
    )


def _stood_in(member_id: MemberId | None) -> Iterator[str]:
    """Iterate over the units in which the reader was told to stand in for somebody."""
    if member_id:
        state = member.fold(system().store.read_stream(member_stream(member_id)).events)
        yield from (each.unit_id for each in standing_in.every_delegation(state))


def _candidates(who: Person, unit_id: UnitId) -> list[tuple[str, str]]:
    """Return whom the form offers: members of the unit, and who holds a post there."""
    database = system().store.database
    found = {*roster.members_of(database, [unit_id]), *roster.holding_posts(database, unit_id)}
    called, somebody = names.of_members(found), say("year.somebody")
    offered = [(each, called.get(each, somebody)) for each in found if each != who.member_id]
    return sorted(offered, key=lambda each: (by_given_name(each[1]), each[0]))
