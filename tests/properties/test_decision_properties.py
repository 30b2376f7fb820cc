"""However lists write of a decision it is one discipline, or doubtful; and in order it is not."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.domain.organisation import doubts, member
from services.context import Context
from services.intake.refusals import Refusal
from services.queries.doubts import may_be_one
from tests.support import hr
from tests.support.effort import fewer
from tests.support.senders import Sent
from tests.support.telling import Teller, open_log

PEOPLE = [str(number) for number in range(6)]
GRADES = ("warning", "reprimand")
ISSUERS = ("Ủy ban Kiểm tra Huyện ủy A", "UBKT Huyện ủy A", "Uy ban Kiem tra Huyen uy A", "")
NUMBERS = ("{:02}-QĐ/UBKT", "{} - QD / UBKT", "Số {:02}/2026/QĐ-UBKT", "{:02}")
# When decisions are taken in one life: far apart, for an issuer numbers each of a year once.
DAYS = (
    date(2022, 1, 20),
    date(2023, 9, 17),
    date(2024, 3, 5),
    date(2025, 6, 28),
    date(2026, 2, 11),
)
TELLINGS_MAX = 4
DAY = timedelta(days=1)
few = fewer(5)  # an example here tells of several people to a database, some times each


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    with open_log(tmp_path_factory.mktemp("decisions")) as context:
        yield context


class Decision(NamedTuple):
    """What was decided on somebody."""

    serial: int
    day: date
    grade: str


class Life(NamedTuple):
    """A decision on somebody, how up to three lists tell of it in turn, and of its lifting."""

    decision: Decision
    told: Sequence[Sent]
    lifted: Sent | None
    wrong: int | None  # which telling is corrected, if one is


decisions = st.builds(
    Decision,
    st.integers(5, 6),
    st.sampled_from([date(2026, 12, 30), date(2026, 2, 3), date(2026, 7, 15), date(2027, 1, 2)]),
    st.sampled_from(GRADES),
)


@st.composite
def lives(draw: st.DrawFn) -> Life:
    decision = draw(decisions)
    names = st.sampled_from([draw(_names(decision)) for _ in range(draw(st.integers(1, 3)))])
    told = draw(st.lists(_as_listed(decision, names), max_size=TELLINGS_MAX - 1))
    told.insert(draw(st.integers(0, len(told))), draw(_as_listed(decision, names, right=True)))
    lifting = None
    if draw(st.booleans()):
        data = draw(names) | (_day(decision.day) if draw(st.booleans()) else {})
        lifting = hr.event("roster.member_discipline_lifted", data, time=_night(date(2027, 8, 1)))
    return Life(decision, told, lifting, draw(st.sampled_from((None, *range(len(told))))))


@st.composite
def _as_listed(
    draw: st.DrawFn,
    decision: Decision,
    names: st.SearchStrategy[dict[str, str]],
    *,
    right: bool = False,
) -> Sent:
    """Return how a list tells of a decision, of its day or of the night on which it was made.

    Not every list knows the day, and some write a wrong one, or another grade.
    """
    day: date | None = decision.day
    grade = decision.grade
    if not right:
        day = draw(st.sampled_from((None, day, *_slips(decision.day))))
        grade = draw(st.sampled_from((grade, *GRADES)))
    night = decision.day + DAY * draw(st.sampled_from((0, 0, 1, 4, 20, 60)))
    data = draw(names) | {"grade": grade} | (_day(day) if day else {})
    return hr.event("roster.member_disciplined", data, time=_night(night))


@st.composite
def _names(draw: st.DrawFn, decision: Decision) -> dict[str, str]:
    number = draw(st.sampled_from(NUMBERS)).format(decision.serial)
    issuer = draw(st.sampled_from(ISSUERS))
    return {"decision": number} | ({"issuer": issuer} if issuer else {})


def _slips(day: date) -> list[date]:
    """Return days that may be written for one: of the old year, month for day, the list's own."""
    slips = [day.replace(year=day.year - 1), day + 20 * DAY]
    with suppress(ValueError):
        slips.append(day.replace(month=day.day, day=day.month))
    return slips


def _day(day: date) -> dict[str, str]:
    return {"decided_on": day.isoformat()}


def _night(day: date) -> str:
    return f"{day.isoformat()}T00:00:00+07:00"


def about(number: str, fact: Sent) -> Sent:
    """Return a fact about somebody, under an id of its own."""
    return hr.event(fact["type"], fact["data"] | {"member_id": number}, time=fact["time"])


def hired(context: Context) -> Teller:
    teller, time = Teller(context), _night(date(2024, 1, 2))
    teller.tell(hr.formed("U1", time=time), *(hr.enrolled(e, "U1", time=time) for e in PEOPLE))
    return teller


def is_doubtful(context: Context, teller: Teller, number: str) -> bool:
    state = teller.member(number)
    one = may_be_one(context, teller.stream_of(number), member.view(state))
    return one or bool(doubts.of_member(state))


def standing(teller: Teller, number: str) -> list[tuple[str, str]]:
    """Return the years and grades of the disciplines of somebody that stand."""
    found = member.view(teller.member(number)).disciplines
    return sorted((each.period, each.grade) for each in found)


def counted(decision: Decision) -> tuple[str, str]:
    return str(decision.day.year), decision.grade


@few
@given(
    told=st.tuples(*[lives()] * len(PEOPLE)),
    after=st.permutations(("lift", "correct", "tell again")),
)
def test_however_it_is_told_a_decision_is_one_discipline_or_doubtful(
    context: Context, told: tuple[Life, ...], after: list[str]
) -> None:
    teller, every = hired(context), dict(zip(PEOPLE, told, strict=True))
    facts = {n: [about(n, each) for each in life.told] for n, life in every.items()}
    for count in range(TELLINGS_MAX):
        teller.tell(*(each for listed in facts.values() for each in listed[count:][:1]))
    lifted = set[str]()
    for what in after:
        if what == "lift":
            lifted = {n for n, life in every.items() if life.lifted and lifts(teller, n, life)}
        elif what == "correct":
            wrong = {n: life.wrong for n, life in every.items() if life.wrong is not None}
            teller.tell(*(correcting(facts[n][e], every[n].decision) for n, e in wrong.items()))
        else:
            teller.tell(*(about(n, each) for n, listed in facts.items() for each in listed))

    for number, life in every.items():
        right = [] if number in lifted else [counted(life.decision)]
        is_right = standing(teller, number) == right
        assert is_right or is_doubtful(context, teller, number), (life, standing(teller, number))


def lifts(teller: Teller, number: str, life: Life) -> bool:
    """Tell whether a lifting is taken: one that may mean two decisions, or none, is refused."""
    assert life.lifted
    try:
        teller.tell(about(number, life.lifted))
    except Refusal:
        return False
    return True


def correcting(wrong: Sent, decision: Decision) -> Sent:
    """Return the correction of what a list told to what was decided."""
    named = {"decision": NUMBERS[0].format(decision.serial), "issuer": ISSUERS[0]}
    data = wrong["data"] | named | {"grade": decision.grade} | _day(decision.day)
    fact = {"type": wrong["type"], "time": wrong["time"], "data": data}
    told = {"corrects": wrong["id"], "fact": fact}
    return hr.event("roster.fact_corrected", told, time=_night(date(2027, 8, 2)))


@st.composite
def careers(draw: st.DrawFn) -> list[tuple[Decision, bool]]:
    """Decisions on somebody over some years, their numbers coming again, and which were lifted."""
    days = draw(st.lists(st.sampled_from(DAYS), unique=True, max_size=4))
    serials, grades = st.integers(5, 6), st.sampled_from(GRADES)
    return [(Decision(draw(serials), day, draw(grades)), draw(st.booleans())) for day in days]


@few
@given(
    careers=st.tuples(*[careers()] * len(PEOPLE)),
    number=st.sampled_from(NUMBERS),
    issuer=st.sampled_from(ISSUERS),
    data=st.data(),
)
def test_what_a_system_tells_of_decisions_and_their_days_is_not_doubtful(
    context: Context,
    careers: tuple[list[tuple[Decision, bool]], ...],
    number: str,
    issuer: str,
    data: st.DataObject,
) -> None:
    """It writes each one way, be it without issuers: all in a first file, then each night."""
    teller, every = hired(context), dict(zip(PEOPLE, careers, strict=True))
    by = {"issuer": issuer} if issuer else {}
    first, listed = list[Sent](), list[Sent]()
    for who, (each, is_lifted) in ((who, e) for who, career in every.items() for e in career):
        name = {"member_id": who, "decision": number.format(each.serial)} | by | _day(each.day)
        told = hr.event("roster.member_disciplined", name | {"grade": each.grade})
        first.append(told | {"time": _night(each.day)})
        if is_lifted:
            lifted = hr.event("roster.member_discipline_lifted", name)
            first.append(lifted | {"time": _night(each.day + 40 * DAY)})
        else:
            listed.append(told)

    teller.tell(*data.draw(st.permutations(first)))
    for night in (date(2026, 12, 31), date(2027, 1, 1)):
        teller.tell(
            *(each | {"id": f"{each['id']}-{night}", "time": _night(night)} for each in listed)
        )

    for who, career in every.items():
        right = sorted(counted(each) for each, is_lifted in career if not is_lifted)
        assert standing(teller, who) == right
        assert not is_doubtful(context, teller, who)
