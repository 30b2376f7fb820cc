"""Judge every decided rating anew, from its folded review and the documents that it pinned."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from events.definitions.cycle import DocumentKind, DocumentPublished
from events.definitions.entry import Recorded, Sequenced
from events.domain.organisation import member, succession, timelines
from events.domain.organisation.member import Reasons
from events.domain.review.review import State
from events.domain.verification import rating_checks, year_law
from events.domain.verification.clocks import Clocks, wrong_time
from events.domain.verification.law import wrong_by_law
from events.domain.verification.left_behind import LeftBehind
from events.domain.verification.principals import why_not
from events.domain.verification.published import wrong_document
from events.domain.verification.roster_checks import wrong_by_then
from events.domain.verification.speaking_checks import Editions, wrong_speaker
from events.domain.verification.tellers import Tellers
from events.domain.verification.told import Told
from events.errors import TusoiError
from events.identifiers import Stream, UnitId, unit_stream
from events.store import documents, histories, reference
from events.store.documents import DocumentDamaged, UnknownDocument
from events.store.store import Store
from events.store.verification import Finding, finding_of
from services.access import words
from services.context import Context


class RatingsChecked(NamedTuple):
    """How many ratings there are, and which do not stand."""

    judged: int
    findings: tuple[Finding, ...]


def check_ratings(store: Store, reviews: Iterable[tuple[str, State]]) -> RatingsChecked:
    """Return what is wrong with ratings, by the review's key and state."""
    units, judged, findings = _Units(store), 0, list[Finding]()
    for key, state in reviews:
        if state.decision or state.superseded:
            try:
                rated = [*rating_checks.ratings(units.after(key, state))]
                findings += [each for one in rated for each in _findings(store, key, one)]
                judged += len(rated)
            except Exception as error:  # noqa: BLE001 - what was changed may break any fold
                findings.append(finding_of(f"rating {key}", error))
    return RatingsChecked(judged, tuple(findings))


Folded = Callable[[str, str], Any]  # of a kind, `member` or `unit`, and an id
ELSEWHERE = ("member", "unit", "review", "plan", "escalation")  # kinds that are projected


class _ToldElsewhere(Told):
    """What was told, where somebody else folds it anyway."""

    def __init__(self, context: Context, folded: Folded) -> None:
        super().__init__(
            lambda source: reference.rules_of(context.store.database, source),
            whole=True,
            reasons_of=self._reasons_of_roster,
        )
        self._context, self._folded = context, folded
        self._reasons = dict[tuple[str, ...], Reasons]()  # each is unsealed once

    def _reasons_of_roster(self, roster: timelines.State) -> Reasons:
        sealed = member.absence_reasons(roster)
        if sealed not in self._reasons:
            self._reasons[sealed] = words.reasons_in(self._context, [roster])
        return self._reasons[sealed]

    def _fold(self, each: Recorded | Sequenced) -> None:
        if each.entry.stream.partition("-")[0] not in ELSEWHERE:
            super()._fold(each)

    def state(self, stream: Stream) -> Any:
        kind, _, key = stream.partition("-")
        return self._folded(kind, key) if kind in ELSEWHERE else super().state(stream)


class FactCheck:
    """Whether the law would have told every fact, by those who held their posts by then.

    Facts go in by `see`, in the log's order, before whoever folds them takes them in; what was not
    so is told by its position.
    """

    def __init__(self, context: Context, folded: Folded) -> None:
        self._context = context
        self._told = _ToldElsewhere(context, folded)
        self._editions = Editions(
            lambda digest: reference.rulebook_of(context.store.database, digest),
            reference.shipped_rulebooks,
            lambda: reference.shipped_digests(DocumentKind.RULEBOOK),
        )
        self._tellers, self._clocks = Tellers(whole=True), Clocks()
        self._plans = LeftBehind()
        self._wrong: list[Finding] = []
        self._until = timelines.AS_TOLD  # when the last fact was recorded

    def see(self, position: int, recorded: Recorded) -> None:
        where = f"position {position}"
        self._see_who_and_when(where, recorded)
        posts = (each.what for each in wrong_by_then(recorded, self._told))
        speakers = wrong_speaker(self._told, recorded, self._editions)
        lawless = wrong_by_law(self._told, recorded)
        wrong = (*posts, *lawless, *self._wrong_document(recorded), *speakers)
        self._wrong += [Finding(where, each) for each in wrong]
        self._plans.tell(self._told, recorded)
        self._told.tell(recorded)
        self._until = max(self._until, recorded.entry.recordedat)

    def _wrong_document(self, recorded: Recorded) -> Iterator[str]:
        """Iterate over what is wrong with what was published; who kept no document, others tell."""
        event = recorded.event
        if isinstance(event, DocumentPublished):
            with suppress(UnknownDocument, DocumentDamaged):
                document = documents.get(self._context.store.database, event.digest)
                yield from wrong_document(event, document)

    def _see_who_and_when(self, where: str, recorded: Recorded) -> None:
        for wrong in (why_not(self._tellers, recorded), wrong_time(recorded)):
            if wrong:
                self._wrong.append(Finding(where, wrong))
        self._tellers.tell(recorded)
        self._clocks.tell(where, recorded)

    def left_behind(self, reviews: Iterable[tuple[str, State]]) -> Iterator[Finding]:
        """Iterate over which of some reviews did not follow their year, and which plans these."""
        for key, state in reviews:
            stream = Stream(f"review-{key}")
            try:
                wrong = year_law.why_left_behind(self._told, state, stream, self._until)
            except Exception as error:  # noqa: BLE001 - what was changed may break any fold
                yield finding_of(stream, error)
                continue
            if wrong:
                yield Finding(stream, wrong)
        yield from (Finding(*each) for each in self._plans.findings(self._until))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was not so, and who acted at times that do not follow the order of the log."""
        return (*self._wrong, *(Finding(*each) for each in self._clocks.contradictions()))


class _Units:
    """What the log tells of the units on the paths of reviews; each is read once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._dissolved: dict[UnitId, frozenset[UnitId]] = {}

    def after(self, key: str, state: State) -> State:
        """Return a review with who acted when for the units of its path that were dissolved."""
        dissolved = {each for unit_id in state.path for each in self._dissolved_units(unit_id)}
        if not dissolved:
            return state
        stream = Stream(f"review-{key}")
        rows = histories.rows_in_order(self._store.database, (stream, *map(unit_stream, dissolved)))
        return rating_checks.review_with_successions(map(self._store.sequenced_event, rows), stream)

    def _dissolved_units(self, unit_id: UnitId) -> frozenset[UnitId]:
        if unit_id not in self._dissolved:
            read = self._store.read_stream
            found = succession.units_once_dissolved([unit_id], lambda stream: read(stream).events)
            self._dissolved[unit_id] = found
        return self._dissolved[unit_id]


def _findings(store: Store, key: str, state: State) -> Iterator[Finding]:
    if state.opened is None:
        yield Finding(f"rating {key}", "was decided in a review that was never opened")
        return
    try:
        rules = reference.rules_of(store.database, state.opened.fact)
    except TusoiError as error:
        yield Finding(f"rating {key}", str(error))
        return
    for check in rating_checks.failed_checks(state, rules):
        yield Finding(f"rating {key}", f"does not pass {check.name}: {check.detail}")
