"""Set one form by typst, and end: a program of its own, run by `pdf.py` and imported by nobody.

Some texts make typst take gigabytes or minutes, or panic; it takes along the process in which it
runs. So this one does nothing else, and ends at its limits. The form's data come by standard
input, the PDF goes out.
"""

import resource
import sys
from pathlib import Path

import typst


def main(template: str, timestamp: str, memory_bytes: str, seconds: str) -> None:
    """Write the PDF to standard output, within limits that the system keeps."""
    _limit(resource.RLIMIT_AS, int(memory_bytes))
    _limit(resource.RLIMIT_CPU, int(seconds))
    _limit(resource.RLIMIT_CORE, 0)  # a core would hold what people wrote
    made = typst.compile(
        template,
        root=str(Path(template).parent),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"data": sys.stdin.buffer.read().decode()},
        timestamp=int(timestamp),
    )
    assert isinstance(made, bytes), "one document gives one file"
    sys.stdout.buffer.write(made)


def _limit(what: int, most: int) -> None:
    """Take no more than this from the system, or than the limit that holds already."""
    _, hard = resource.getrlimit(what)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main(*sys.argv[1:])
