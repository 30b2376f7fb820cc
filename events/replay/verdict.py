"""Verify a bundle: signature, inclusion, streams, documents, and the rating judged anew."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from events.definitions.catalogue import CATALOGUE
from events.definitions.entry import Recorded, is_canonical, read_entry
from events.definitions.records import Source
from events.definitions.review import CommitmentMade, SelfCritiqueSubmitted
from events.domain.documents.conversion import convert
from events.domain.documents.document import LANGUAGES, Language
from events.domain.documents.form import Form
from events.domain.documents.working_days import Calendar
from events.domain.review import explanation, review
from events.domain.rulebook.rulebook import Rulebook
from events.domain.verification import four_eyes, rating_checks
from events.domain.verification.rating_checks import Check
from events.domain.year.rules import Rules
from events.errors import TusoiError
from events.identifiers import plan_stream, review_stream
from events.proof import inclusion
from events.proof.checkpoints import open_checkpoint
from events.proof.notes import VerifierKey
from events.replay import bundles
from events.replay.bundles import Bundle
from events.replay.documents import require_documents
from events.replay.words import require_words


class NotVerified(TusoiError):
    """The bundle does not show what it claims; the first reason is told."""

    code = "not_verified"


class Verdict(NamedTuple):
    """What a bundle came to."""

    verified: bool
    reason: str  # the first thing that is wrong; empty when nothing is
    key: str  # by which the checkpoint is signed
    key_given: bool  # by whoever verified; else it stood in the bundle itself
    level: str  # claimed
    checks: tuple[Check, ...]  # of the rating
    history: tuple[Recorded, ...]  # by position
    words: Mapping[str, str] = MappingProxyType({})  # by commitment, where the bundle holds any
    why: Mapping[Language, tuple[str, ...]] = MappingProxyType({})  # the rating explained, in lines
    forms: Mapping[str, Form] = MappingProxyType({})  # by the commitment to words written on them

    @property
    def size(self) -> int:
        return len(self.history)


def verify(encoded: bytes, key: str | None = None) -> Verdict:
    """Return the verdict on a bundle's bytes, whatever they are. Never raises.

    `key` is the log's verifier key from elsewhere; without it, the verdict says by which key.
    """
    known = key or ""
    try:
        bundle = bundles.decode(encoded)
        known = key or bundle.key
        history = _proven_entries(bundle, _verifier(bundle, known))
        _require_streams(bundle, history)
        require_documents(bundle.documents, history)
        forms = _forms(bundle, history)
        words = {} if bundle.words is UNSET else bundle.words
        require_words(words, history)
        checks, why = _check_ratings(bundle, history)
    except (TusoiError, ValueError, msgspec.MsgspecError) as error:
        return _refusal(str(error), known, key)
    except Exception as error:  # noqa: BLE001 - whoever has a log of their own may put anything in it
        return _refusal(f"its facts make no sense ({type(error).__name__}: {error})", known, key)
    failed = [check for check in checks if not check.passed]
    reason = f"it does not pass {failed[0].name}: {failed[0].detail}" if failed else ""
    return Verdict(
        verified=not failed,
        reason=reason,
        key=known,
        key_given=key is not None,
        level=bundle.claim.level,
        checks=checks,
        history=tuple(history),
        words={commitment: word.text for commitment, word in words.items()},
        why=why,
        forms=forms,
    )


def _refusal(reason: str, known: str, given: str | None) -> Verdict:
    return Verdict(
        verified=False,
        reason=reason,
        key=known,
        key_given=given is not None,
        level="",
        checks=(),
        history=(),
    )


def _verifier(bundle: Bundle, known: str) -> VerifierKey:
    """Return the key to verify by. What the bundle says of it is to be true as well."""
    verifier = VerifierKey.from_text(known)
    if bundle.key != known:
        raise NotVerified(f"it names the key {bundle.key[:100]!r}, which is not the one given")
    return verifier


def _proven_entries(bundle: Bundle, verifier: VerifierKey) -> list[Recorded]:
    """Return the entries, each proven to stand in the log under the one checkpoint."""
    history, last = [], 0
    checkpoint = open_checkpoint(bundle.checkpoint, verifier, bundle.origin)
    for each in bundle.entries:
        encoded, proof = each.entry.encode(), inclusion.read_bare(each.proof)
        if proof.checkpoint != bundle.checkpoint:
            raise NotVerified("an entry is proven under another checkpoint than the bundle's")
        proven = inclusion.prove(encoded, proof, checkpoint)
        if proven.position <= last:
            raise NotVerified("the entries do not stand in the order of their positions")
        if not is_canonical(encoded):
            raise NotVerified(f"the entry at position {proven.position} is not canonical")
        last = proven.position
        history.append(read_entry(encoded, CATALOGUE))
    return history


def _require_streams(bundle: Bundle, history: list[Recorded]) -> None:
    """Raise NotVerified unless every stream is there from its first entry to the claimed one."""
    found: dict[str, int] = {}
    for recorded in history:
        entry = recorded.entry
        if entry.streamversion != found.get(entry.stream, 0) + 1:
            raise NotVerified(f"{entry.stream} is not whole before version {entry.streamversion}")
        found[entry.stream] = entry.streamversion
    if found != bundle.claim.streams:
        raise NotVerified("the streams are not those of the claim, or not as long")


def _forms(bundle: Bundle, history: list[Recorded]) -> dict[str, Form]:
    """Return on which form words were written, by the commitment to the words."""
    return {
        recorded.event.text.sealed: convert(bundle.documents[recorded.event.form], Form)
        for recorded in history
        if isinstance(recorded.event, CommitmentMade | SelfCritiqueSubmitted)
        and recorded.event.form
    }


def _check_ratings(
    bundle: Bundle, history: list[Recorded]
) -> tuple[tuple[Check, ...], dict[Language, tuple[str, ...]]]:
    """Return the checks of each rating decided and of the year, and why the last came out.

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
    rules = _rules(bundle.documents, pinned.rulebook, pinned.calendar)
    checks = [
        check
        for rated in rating_checks.ratings(state)
        for check in rating_checks.check_rating(rated, rules)
    ]
    checks.append(
        four_eyes.check_four_eyes(each for each in history if each.entry.stream in of_year)
    )
    if not all(check.passed for check in checks):
        return tuple(checks), {}
    return tuple(checks), {
        language: tuple(explanation.of_rating(state, rules.rulebook, language))
        for language in LANGUAGES
    }


def _rules(documents: Mapping[str, object], rulebook: str, calendar: str) -> Rules:
    """Return the rules from a bundle's documents, which were judged when they were published."""
    return Rules(
        convert(documents[rulebook], Rulebook),
        convert(documents[calendar], Calendar),
        Source(rulebook=rulebook, calendar=calendar),  # type: ignore[arg-type]
    )
