"""`python -m events.replay BUNDLE`: the verdict; exit status 0 verified, 1 not, 2 usage.

`python -m events.replay log URL --memory FILE` looks at a whole log: see `keeper`.
"""

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from events.domain.documents.document import LANGUAGES, Language
from events.domain.review import review
from events.errors import TusoiError
from events.proof.notes import MalformedKey
from events.replay import fetching, keeper
from events.replay.bundles import BUNDLE_BYTES_MAX
from events.replay.showing import as_json, as_lines, read_file, take_all_letters, tell
from events.replay.verdict import Verdict, verify
from events.replay.words import commitments_of

UNVOUCHED = (
    ", as the bundle says. Give the log's own key by --key: without it anybody may have made this."
)
KEY_EMPTY = "it is empty, as a variable is that was never set; without a key leave it out"
Connect = Callable[[str, str], fetching.Fetch]  # of an address and a token
WORDS_INDENT = "  "  # of words below their heading
VERIFIED, NOT_VERIFIED, USAGE = 0, 1, 2


def main(arguments: list[str] | None = None, *, connect: Connect = fetching.connect) -> int:
    """Return the exit status: that of the verdict, or 2 if nobody could be told it."""
    given = sys.argv[1:] if arguments is None else arguments
    take_all_letters(sys.stdout, sys.stderr)
    is_of_log = given[:1] == ["log"]
    status, told = look_at_log(given[1:], connect) if is_of_log else judge_bundle(given)
    try:
        tell(sys.stderr if status == USAGE else sys.stdout, told)
    except OSError as error:
        with contextlib.suppress(OSError):
            tell(sys.stderr, as_lines([f"cannot write what it came to: {error.strerror}"]))
        return USAGE
    return status


def judge_bundle(given: list[str]) -> tuple[int, str]:
    """Return the exit status on a bundle, 0 verified, 1 not, 2 not there, and what is told."""
    parser = argparse.ArgumentParser(prog="python -m events.replay", description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument(
        "--key", type=key_given, help="the log's verifier key, as known from elsewhere"
    )
    parser.add_argument("--steps", action="store_true", help="show the history event by event")
    parser.add_argument("--explain", choices=LANGUAGES, help="say rule by rule why this level")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    asked = parser.parse_args(given)
    try:
        encoded = read_file(asked.bundle, BUNDLE_BYTES_MAX + 1)
    except OSError as error:
        return USAGE, as_lines([f"cannot read {asked.bundle}: {error.strerror}"])
    except ValueError as error:  # of a path that no file can have
        return USAGE, as_lines([f"cannot read {asked.bundle}: {error}"])
    verdict = verify(encoded, asked.key)
    status = VERIFIED if verdict.verified else NOT_VERIFIED
    if asked.json:
        return status, as_json({"passed": verdict.verified, **as_values(verdict)})
    return status, verdict_text(verdict, steps=asked.steps, explained_in=asked.explain)


def key_given(text: str) -> str:
    """Return a key that was given. Raises ArgumentTypeError if none was: nobody meant that."""
    if not text.strip():
        raise argparse.ArgumentTypeError(KEY_EMPTY)
    return text


def look_at_log(given: list[str], connect: Connect) -> tuple[int, str]:
    """Return the exit status of `log` and what is told.

    0 is the log that was remembered, 1 another, 2 that it could not be looked at.
    """
    parser = argparse.ArgumentParser(prog="python -m events.replay log", description=keeper.__doc__)
    parser.add_argument("url", help="of the service, such as https://tusoi.example")
    parser.add_argument("--memory", type=Path, required=True, help="the file that remembers")
    parser.add_argument("--key", type=key_given, help="the log's verifier key, the first time")
    parser.add_argument("--token-file", type=Path, help="holds a token that reads all")
    asked = parser.parse_args(given)
    try:
        token = asked.token_file.read_text("utf-8").strip() if asked.token_file else ""
        before = keeper.load(asked.memory)
        look = partial(keeper.look, connect(asked.url, token), before, asked.key)
        looked = fetching.within(keeper.LOOK_SECONDS_MAX, "the whole look", look)
        keeper.save(asked.memory, looked.remembered)
    except (OSError, ValueError, keeper.KeyUnknown, keeper.MemoryDamaged, MalformedKey) as error:
        return USAGE, as_lines([f"cannot look at the log: {error}"])
    except TusoiError as error:
        return NOT_VERIFIED, as_lines([f"This is NOT the log that was remembered: {error}"])
    origin, size = looked.remembered.key.partition("+")[0], looked.remembered.signed.size
    told = f"grew from {looked.before} to {size} entries, and is the one remembered"
    return VERIFIED, as_lines([f"{origin} {told}."])


def verdict_text(verdict: Verdict, *, steps: bool, explained_in: Language | None = None) -> str:
    """Return a verdict in words, Vietnamese first."""
    if not verdict.consistent:
        return as_lines([f"Không khớp · not verified: {verdict.reason}"])
    lines = [
        f"{_headline(verdict)}: {verdict.level}, {_as_of(verdict)}.",
        f"Recomputed from {verdict.size} entries.",
        *(f"  ✓ {check.name}: {check.detail}" for check in verdict.checks),
        *_rated_by(verdict),
        *_words_absent(verdict),
        f"Signed by {verdict.key}" + ("." if verdict.key_given else UNVOUCHED),
    ]
    lines += verdict.why.get(explained_in, ()) if explained_in else ()
    return as_lines([*(_steps(verdict) if steps else ()), *lines])


def _headline(verdict: Verdict) -> str:
    if verdict.verified:
        return "Trùng khớp · verified"
    return "Nhất quán, chưa rõ ai ký · consistent, signer unknown"


def _as_of(verdict: Verdict) -> str:
    """Return as of when it holds: what came later, nobody has looked at."""
    if verdict.as_of is None:
        return ""
    position, log_size, signed_at = verdict.as_of
    return f"as of position {position} of {log_size}, signed at {signed_at:%Y-%m-%d %H:%M:%S}Z"


def _rated_by(verdict: Verdict) -> list[str]:
    edition = verdict.edition
    if edition is None:
        return []
    named = f"{edition.name} {edition.edition} of {edition.issuer}"
    return [f"Rated by {named}, digest {edition.digest}."]


def _words_absent(verdict: Verdict) -> list[str]:
    """Return how many texts nobody can read here: nothing shows which of the two it was."""
    absent = verdict.words_absent
    return [f"{absent} texts of that year are not in it: erased, or left out."] if absent else []


def as_values(verdict: Verdict) -> dict[str, object]:
    """Return what a verdict says besides yes or no, for machines."""
    return {
        "consistent": verdict.consistent,
        "reason": verdict.reason,
        "as_of": verdict.as_of._asdict() if verdict.as_of else None,
        "edition": verdict.edition._asdict() if verdict.edition else None,
        "level": verdict.level,
        "entries": verdict.size,
        "key": verdict.key,
        "key_given": verdict.key_given,
        "words": len(verdict.words),
        "words_absent": verdict.words_absent,
        "checks": [check._asdict() for check in verdict.checks],
        "why": dict(verdict.why),
    }


def _steps(verdict: Verdict) -> list[str]:
    """Return a line an event: when, what, and the stage after it; below it the words, if any.

    What was written on a form stands under the form's headings.
    """
    state, lines = review.EMPTY, []
    for recorded in verdict.history:
        entry = recorded.entry
        if entry.stream.startswith("review-"):
            state = review.evolve(state, recorded)
        stage = review.stage(state) if state.opened else ""  # HR's facts come before the year
        lines.append(f"{entry.time:%Y-%m-%d %H:%M}Z  {entry.type:36} {stage}".rstrip())
        for commitment in commitments_of(recorded.event):
            text, form = verdict.words.get(commitment, ""), verdict.forms.get(commitment)
            for heading, words in form.divide(text) if form else [("", text)]:
                lines += _quote(heading)
                lines += _quote(words, indent=WORDS_INDENT if heading else "")
    return lines


def _quote(text: str, indent: str = "") -> Iterator[str]:
    """Iterate over a text's lines."""
    for line in text.splitlines():
        yield f"    │ {indent}{line.expandtabs()}"


if __name__ == "__main__":
    sys.exit(main())
