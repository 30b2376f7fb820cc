"""The demo's commune behind its pages: names, a whole story, and everybody who has a part in it."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

from events.identifiers import MemberId
from services.access import accounts, sessions
from services.bootstrap import open_system
from services.settings import from_environment
from services.web.asking import session
from tests.support.databases import hasty
from tests.support.fakes import FixedClock, SeededChance
from tests.support.lived_folders import LivedFolders
from tests.support.living import BEFORE, MORNING, Year
from tests.support.people import account_of, give_account
from tests.support.world import Answer, app_of

AUDITOR = "kiemtra"


class DemoCommune:
    """The commune on one day of its year; people are called by HR's numbers."""

    def __init__(
        self, lived: LivedFolders, folder: Path, day: date, years: type[Year] = Year
    ) -> None:
        reached = lived.copy(years, day, folder)
        self.clock = FixedClock(BEFORE)
        settings = from_environment(hasty(folder))
        self.system = open_system(settings, clock=self.clock, chance=SeededChance())
        self.year = years(self.system, self.clock)
        self.year.arrive(reached)
        self.reach(day)
        self._client = app_of(self.system).test_client(use_cookies=False)

    def reach(self, day: date) -> None:
        """Let it be the morning of a day, whatever the story has for it."""
        self.clock.time = datetime.combine(day, MORNING).astimezone(UTC)
        self.year.settle()

    def id_of(self, number: str) -> str:
        return self.year.id_of(number)

    def read(self, who: str, path: str) -> Answer:
        return cast("Answer", self._client.get(path, headers=self._headers(who)))

    def send(self, who: str, path: str, /, **fields: Any) -> Answer:
        """Return the answer to a form, as soon as it came: no worker has done anything since."""
        answer = self._client.post(path, data=fields, headers=self._headers(who))
        return cast("Answer", answer)

    def _account(self, who: str) -> str:
        if who == AUDITOR:
            return give_account(self.system, AUDITOR, roles=("auditor",))
        return account_of(self.system, MemberId(self.id_of(who)))

    def _headers(self, who: str) -> dict[str, str]:
        """Return the headers of a browser in which somebody signed in just now."""
        account = accounts.find(self.system, self._account(who))
        secret = sessions.begin(self.system, account)
        token = session.csrf_token_of(secret)
        cookie = f"{session.COOKIE}={secret}"
        return {"Cookie": cookie, session.CSRF_HEADER: token, "Accept": "text/html"}
