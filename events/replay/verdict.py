"""Verify a bundle: signature, inclusion, heads, documents, and the rating judged anew."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from events.definitions.entry import Recorded
from events.definitions.records import Source
from events.definitions.review import CommitmentMade, SelfCritiqueSubmitted
from events.domain.documents.conversion import convert
from events.domain.documents.document import LANGUAGES, Language
from events.domain.documents.form import Form
from events.domain.documents.working_days import Calendar
from events.domain.review import explanation, review
from events.domain.rulebook.rulebook import Rulebook
from events.domain.verification import (
    clocks,
    four_eyes,
    law,
    principals,
    published,
    rating_checks,
    repeats,
    roster_checks,
)
from events.domain.verification.rating_checks import Check
from events.domain.year.rules import Rules
from events.errors import TusoiError
from events.identifiers import plan_stream, review_stream
from events.proof.notes import VerifierKey
from events.replay import bundles, entries
from events.replay.bundles import Bundle
from events.replay.documents import require_documents
from events.replay.entries import NotVerified
from events.replay.words import commitments_in, require_words


class AsOf(NamedTuple):
    """As of when a verdict holds: later facts may change what stands today."""

    position: int  # up to which nothing was left out
    log_size: int  # entries that the log had when that was signed
    signed_at: datetime


class Edition(NamedTuple):
    """By which rules it was rated: whether they are the right ones is for the auditor to say."""

    name: str
    issuer: str
    edition: str
    digest: str


class Verdict(NamedTuple):
    """What a bundle came to."""

    verified: bool  # consistent, under a key that did not come with the bundle itself
    consistent: bool  # everything in it is as it must be, if the key is the log's
    reason: str  # the first thing that is wrong; empty when nothing is
    key: str  # by which the checkpoint is signed
    key_given: bool  # by whoever verified; else it stood in the bundle itself
    level: str  # claimed
    checks: tuple[Check, ...]  # of the rating
    history: tuple[Recorded, ...]  # by position
    words: Mapping[str, str] = MappingProxyType({})  # by commitment, where the bundle holds any
    why: Mapping[Language, tuple[str, ...]] = MappingProxyType({})  # the rating explained, in lines
    forms: Mapping[str, Form] = MappingProxyType({})  # by the commitment to words written on them
    as_of: AsOf | None = None  # none: it was not read so far
    edition: Edition | None = None
    words_absent: int = 0  # where the bundle holds words: texts of its year that are not in it

    @property
    def size(self) -> int:
        return len(self.history)


def verify(encoded: bytes, key: str | None = None) -> Verdict:
    """Return the verdict on a bundle's bytes, whatever they are. Never raises.

    `key` is the log's verifier key from elsewhere; without it nothing is verified, and the verdict
    says whether all is consistent, and by which key.
    """
    known = key or ""
    try:
        bundle = bundles.decode(encoded)
        known = bundle.key if key is None else key  # an empty one is a key, and nobody's
        return _judge(bundle, known, given=key is not None)
    except (TusoiError, ValueError, msgspec.MsgspecError) as error:
        return _refusal(str(error), known, key)
    except Exception as error:  # noqa: BLE001 - whoever has a log of their own may put anything in it
        return _refusal(f"its facts make no sense ({type(error).__name__}: {error})", known, key)


def _judge(bundle: Bundle, known: str, *, given: bool) -> Verdict:
    """Return the verdict on what can be read as a bundle. Raises whatever its facts make it."""
    claim, proven = bundle.claim, entries.prove(bundle, _verifier(bundle, known))
    history, heads = proven.history, proven.heads
    require_documents(bundle.documents, history)
    entries.require_streams(history, heads, claim.period, claim.member_id, bundle.documents)
    forms = _forms(bundle, history)
    words = {} if bundle.words is UNSET else bundle.words
    of_year = (
        review_stream(claim.period, claim.member_id),
        plan_stream(claim.period, claim.member_id),
    )
    written = commitments_in(each for each in history if each.entry.stream in of_year)
    require_words(words, history)
    times = clocks.check_times(history, heads.stated_at)
    published_so = published.check_publications(history, bundle.documents)
    lawful = law.check_law(history, _rules_in(bundle), heads.stated_at)
    checks, why, edition = _check_ratings(bundle, history, (times, published_so, lawful))
    failed = [check for check in checks if not check.passed]
    return Verdict(
        verified=given and not failed,
        consistent=not failed,
        reason=f"it does not pass {failed[0].name}: {failed[0].detail}" if failed else "",
        key=known,
        key_given=given,
        level=claim.level,
        checks=checks,
        history=history,
        words={commitment: word.text for commitment, word in words.items()},
        why=why,
        forms=forms,
        as_of=AsOf(proven.size, heads.log_size, heads.stated_at),
        edition=edition,
        words_absent=0 if bundle.words is UNSET else len(set(written) - words.keys()),
    )


def _refusal(reason: str, known: str, given: str | None) -> Verdict:
    return Verdict(
        verified=False,
        consistent=False,
        reason=reason,
        key=known,
        key_given=given is not None,
        level="",
        checks=(),
        history=(),
    )


def _verifier(bundle: Bundle, known: str) -> VerifierKey:
    """Return the key to verify by. What the bundle says of it and its log is to be true."""
    verifier = VerifierKey.from_text(known)
    if bundle.key != known:
        raise NotVerified(f"it names the key {bundle.key[:100]!r}, which is not the one given")
    if bundle.origin != verifier.name:
        raise NotVerified(f"it names the log {bundle.origin[:100]!r}, which is not the key's")
    return verifier


def _forms(bundle: Bundle, history: Sequence[Recorded]) -> dict[str, Form]:
    """Return on which form words were written, by the commitment to the words."""
    return {
        recorded.event.text.sealed: convert(bundle.documents[recorded.event.form], Form)
        for recorded in history
        if isinstance(recorded.event, CommitmentMade | SelfCritiqueSubmitted)
        and recorded.event.form
    }


def _check_ratings(
    bundle: Bundle, history: Sequence[Recorded], beside: Iterable[Check]
) -> tuple[tuple[Check, ...], dict[Language, tuple[str, ...]], Edition]:
    """Return the checks of each rating decided and of the year, why the last came out, and by what.

    Why is told only of what passed: reasons that are not those of the rules explain nothing.
    """
    claim = bundle.claim
    stream = review_stream(claim.period, claim.member_id)
    of_year = (stream, plan_stream(claim.period, claim.member_id))
    state = rating_checks.review_with_successions(history, stream)
    if state.opened is None or review.level(state) != claim.level:
        raise NotVerified(f"history comes to {review.level(state)}, the claim is {claim.level}")
    pinned = state.opened.fact
    if (pinned.period, pinned.member_id) != (claim.period, claim.member_id):
        raise NotVerified("the review is of somebody else than the claim")
    source = Source(rulebook=pinned.rulebook, calendar=pinned.calendar)
    rules_of = _rules_in(bundle)
    rules = rules_of(source)
    checks = [
        check
        for rated in rating_checks.ratings(state)
        for check in rating_checks.check_rating(rated, rules)
    ]
    year = [each for each in history if each.entry.stream in of_year]
    checks.append(four_eyes.check_four_eyes(year))
    checks.append(repeats.check_once(year))
    checks += roster_checks.check_roster(history, stream, rules.rulebook, rules_of)
    checks += (principals.check_principals(history), *beside)
    book = rules.rulebook
    edition = Edition(book.id, book.issuer, book.edition, pinned.rulebook)
    if not all(check.passed for check in checks):
        return tuple(checks), {}, edition
    why = {language: tuple(explanation.of_rating(state, book, language)) for language in LANGUAGES}
    return tuple(checks), why, edition


def _rules_in(bundle: Bundle) -> Callable[[Source], Rules]:
    return functools.cache(partial(_rules, bundle.documents))


def _rules(documents: Mapping[str, object], source: Source) -> Rules:
    """Return the rules from a bundle's documents, which were judged when they were published."""
    return Rules(
        convert(documents[source.rulebook], Rulebook),
        convert(documents[source.calendar], Calendar),
        source,
    )
