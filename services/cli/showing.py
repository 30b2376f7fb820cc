"""The demo that people look at: told by commands, it stands in the middle of life."""

import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from events.definitions.reopening import ReviewReopened
from events.domain.documents.working_days import local_day
from events.domain.steps import Step
from events.identifiers import MemberId
from services.access import accounts, passwords
from services.access.account_rows import Account, UnknownAccount
from services.access.security import LOGGER
from services.access.tokens import Principal
from services.bootstrap import System
from services.cli import console, demo
from services.cli.demo import DemoFailed
from services.cli.rehearsal.by_commands import ByCommands
from services.cli.rehearsal.play import Play
from services.cli.rehearsal.stage import Stage
from services.cli.rehearsal.stories import Story
from services.commands import rights
from services.queries.people import person_as
from services.read_models import inbox
from services.read_models.inbox import Waiting
from services.safekeeping import drafts

Show = Callable[[int, int], None]  # how many days of how many were told

SAYS: Mapping[str, tuple[str, str]] = {  # of one, of several
    Step.SELF_CRITIQUE: ("self-critique to write", "self-critiques to write"),
    Step.ANSWER: ("criticism to answer", "criticisms to answer"),
    Step.MEETING: ("meeting to tell of", "meetings to tell of"),
    Step.PROPOSAL: ("proposal to make", "proposals to make"),
    Step.DECISION: ("decision to take", "decisions to take"),
    Step.PLAN_AGREEMENT: ("plan to agree to", "plans to agree to"),
    Step.EVIDENCE_REVIEW: ("milestone to judge", "milestones to judge"),
    Step.ACKNOWLEDGEMENT: ("escalation to take up", "escalations to take up"),
}
REOPENED = ReviewReopened.definition.type
LATE, BEGUN = "late", "begun"


class Shown(NamedTuple):
    """Who is shown in a role, what waits for them, and on which page."""

    role: str
    login: str
    waits: str
    path: str


def tell(system: System, settle: Callable[[], None], show: Show) -> None:
    """Tell the story until the day on which the demo stands; `settle` does what workers do."""
    with _no_security_log():
        _tell(system, settle, show)


@contextlib.contextmanager
def _no_security_log() -> Iterator[None]:
    """Let the terminal show no log lines of the rights that people of a story were given."""
    log = logging.getLogger(LOGGER)
    log.disabled = True
    try:
        yield
    finally:
        log.disabled = False


def _tell(system: System, settle: Callable[[], None], show: Show) -> None:
    play = Play(_stage(system, settle), demo.stories())
    stands = play.players[0].story.stands
    if stands is None:
        raise DemoFailed(f"{demo.STORY_FILE.name} does not say on which day the demo stands")
    days = sum(day <= stands for day in play.days_left)
    for told in range(days):
        show(told, days)
        play.play_day()
    demo.give_accounts(system, None)
    play.stage.reach(stands)
    system.signer.sign()


def introduce(system: System, address: str) -> None:
    """Give those who are shown a password of this start, and say what waits for whom, and where."""
    password = passwords.drawn_password(system.chance)
    found = list(show_roles(system))
    for each in found:
        account = accounts.find_login(system, each.login)
        accounts.set_password(system, account.id, password)
    today = f"{local_day(system.clock.now()):%d %B %Y}"
    console.say()
    console.say(f"It is {today}. Sign in at {address}/sign-in; the password is {password}")
    wide = max(len(each.role) for each in found)
    for each in found:
        who = f"{each.role:<{wide}}  {each.login:<8}  {password}"
        console.say(f"{who}  {each.waits}: {address}{each.path}")


def show_roles(system: System) -> Iterator[Shown]:
    """Iterate over the roles, each with who shows it best and what waits for them now.

    Raises:
        DemoFailed: the data folder holds another story.
    """
    story = demo.stories()[-1]
    try:
        for role, number in story.sign_ins.items():
            account = accounts.find_login(system, number.lower())
            yield _member(system, story, role, account)
    except UnknownAccount as error:
        raise DemoFailed(f"{error}: remove the demo's data folder and start again") from error
    yield _auditor(system)
    yield Shown("administrator", "quantri", "what is doubtful of members and units", "/roster")


def _stage(system: System, settle: Callable[[], None]) -> Stage:
    clock = demo.demo_clock(system)
    token, _ = demo.new_token(system)

    def account_of(number: str, member_id: MemberId) -> str:
        return rights.make_account(system, number.lower(), None, member_id=member_id).id

    hr = Principal(f"token:{token.id}", token.name, token.grants)
    driver = ByCommands(system, hr=hr, account_of=account_of)
    return Stage(system, clock, driver, settle, demo.facts())


def _member(system: System, story: Story, role: str, account: Account) -> Shown:
    """Return what waits for a member; for one who has begun to write, on the page of that."""
    assert account.member_id is not None, "whom a story shows is a member"
    person = person_as(system, account.id, account.member_id)
    found = inbox.of_person(system.store.database, person)
    draft = drafts.name_of(drafts.SELF_CRITIQUE, story.period, account.member_id)
    if drafts.load(system, account.id, draft) is None:
        return Shown(role, account.login, _count_by_step(system, found), "/inbox")
    page = f"/reviews/{story.period}/{account.member_id}/write/{drafts.SELF_CRITIQUE}"
    return Shown(role, account.login, _count_by_step(system, found, begun=True), page)


def _count_by_step(system: System, found: list[Waiting], *, begun: bool = False) -> str:
    """Return what waits, counted by step: "2 proposals to make, 1 escalation to take up"."""
    now = system.clock.now()
    steps = Counter(each.step for each in found if not each.away)
    late = Counter(each.step for each in found if each.due_at and each.due_at < now)
    told = []
    for step, count in steps.items():
        one, several = SAYS.get(step, (step, step))
        tags = [f"{late[step]} {LATE}"] if late[step] else []
        tags += [BEGUN] if begun and step == Step.SELF_CRITIQUE else []
        told.append(f"{count} {one if count == 1 else several}" + _in_brackets(tags))
    return ", ".join(told) or "nothing waits"


def _in_brackets(tags: list[str]) -> str:
    return f" ({', '.join(tags)})" if tags else ""


def _auditor(system: System) -> Shown:
    """Return which years are over, and on which page somebody's rating was given again."""
    rows = system.store.database.rows
    this_year = str(local_day(system.clock.now()).year)
    sql = "SELECT DISTINCT period FROM review_states WHERE level IS NOT NULL AND period < ?"
    years = [period for (period,) in rows(sql, (this_year,))]
    again = [stream for (stream,) in rows(f"SELECT stream FROM events WHERE type = '{REOPENED}'")]
    waits = f"{len(years)} finished years, {len(again)} rating given again"
    if not again:
        return Shown("auditor", "kiemtra", waits, "/history")
    about = again[-1].removeprefix("review-").replace("-", "/", 1)
    return Shown("auditor", "kiemtra", waits, f"/history/{about}")
