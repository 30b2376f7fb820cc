"""Where `tusoi` starts: all of it, or for a verdict what an auditor needs of it.

The plain distribution gives verdicts on bundles. It says of everything else what is not installed.
"""

import errno
import os
import sys
from collections.abc import Sequence

OURS = ("events", "services", "workers")
AUDITORS = {"verify": (), "replay": ("--steps",)}  # commands, and what they ask of the verdict
LOG = "log"  # what `events.replay` takes for another command: a file is rarely called so
OF_SERVICE = ("--member", "--unit", "--year", "--numbering")  # options that ask a database
NEEDS_SERVICE = """\
{lacking} is not installed: this is the plain distribution, which an auditor needs. It runs
`tusoi verify BUNDLE --key KEY`, `tusoi replay BUNDLE --key KEY` and `python -m events.replay`.
For everything else install the extra `service`: `pip install 'tusoi[service]'`, or in a clone of
the repository `pip install '.[service]'`.
"""
FAILED, USAGE = 1, 2
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # what a file says in which nothing has room


def main() -> int:
    """Run `tusoi` and return its exit status."""
    try:
        return run()
    except KeyboardInterrupt:  # while everything is loaded, before a command is there to tell of it
        sys.stderr.write("tusoi: broken off by Ctrl-C\n")
        return FAILED
    except OSError as error:
        if error.errno not in FULL:
            raise
        sys.stderr.write(f"tusoi: what it came to cannot be written: {error.strerror}\n")
        return FAILED


def run() -> int:
    """Run `tusoi`, or its plain commands, and return its exit status.

    A verdict on a bundle needs nothing of the service, which takes longer to load than that takes.
    """
    if asks_for_verdict(sys.argv[1:]):
        return answer_plainly(sys.argv[1:], "")
    try:
        from workers import program  # noqa: PLC0415 - it loads what the plain distribution lacks
    except ModuleNotFoundError as error:
        lacking = (error.name or "").partition(".")[0]
        if lacking in OURS:
            raise
        return answer_plainly(sys.argv[1:], lacking)
    program.main()
    return 0


def asks_for_verdict(given: Sequence[str]) -> bool:
    """Tell whether nothing but the verdict on a file is asked for, and it is there."""
    match given[list(given[:1]) == ["--json"] :]:
        case [name, path] | [name, path, "--key", _] | [name, "--key", _, path]:
            is_there = os.path.isfile(path)  # noqa: PTH113 - where it cannot look, `Path` raises
            return name in AUDITORS and path != LOG and is_there
    return False


def answer_plainly(given: Sequence[str], lacking: str) -> int:
    """Carry out an auditor's command on a bundle, or say what has to be installed."""
    asks_json = list(given[:1]) == ["--json"]
    name, *rest = given[asks_json:] or [""]
    if name not in AUDITORS or not rest or any(each.startswith(OF_SERVICE) for each in rest):
        sys.stderr.write(NEEDS_SERVICE.format(lacking=lacking))
        return USAGE
    from events.replay import __main__ as replaying  # noqa: PLC0415 - it takes half a second

    return replaying.main([*rest, *AUDITORS[name], *(["--json"] if asks_json else [])])


if __name__ == "__main__":
    sys.exit(main())
