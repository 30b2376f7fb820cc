"""The plain distribution's `tusoi` judges bundles, and says of all else what it needs."""

import errno
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from workers import start
from workers.start import FAILED, USAGE, answer_plainly, asks_for_verdict

NOT_A_BUNDLE = b"{}"
# What the plain distribution installs; `cel` is common-expression-language, cffi is cryptography's.
PLAIN = "events services workers yaml _yaml cel cryptography cffi _cffi_backend msgspec tzdata"
PLAINLY_INSTALLED = textwrap.dedent(f"""
    import sys

    class Plainly:
        def find_spec(self, name, path=None, target=None):
            first = name.partition(".")[0]
            ours = (*sys.stdlib_module_names, *{PLAIN.split()!r})
            if first not in ours and not first.startswith("_sysconfigdata"):
                raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

    sys.meta_path.insert(0, Plainly())
    from workers.start import main
    sys.exit(main())
""")


def test_ctrl_c_while_everything_is_loaded_is_a_line_and_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def press_ctrl_c() -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(start, "run", press_ctrl_c)

    assert start.main() == FAILED
    assert capsys.readouterr().err == "tusoi: broken off by Ctrl-C\n"


def test_a_full_disk_under_what_is_told_is_a_line_and_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def find_no_room() -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(start, "run", find_no_room)

    assert start.main() == FAILED
    assert capsys.readouterr().err.endswith("cannot be written: No space left on device\n")


def run_plainly(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PLAINLY_INSTALLED, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_without_the_extra_tusoi_says_which_one_it_needs() -> None:
    ran = run_plainly("doctor")

    assert ran.returncode == USAGE
    assert ran.stderr.startswith("click is not installed")
    assert "pip install 'tusoi[service]'" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_without_the_extra_tusoi_judges_a_bundle(tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    path.write_bytes(NOT_A_BUNDLE)

    ran = run_plainly("verify", str(path))

    assert (ran.returncode, ran.stderr) == (1, "")
    assert "not verified: not a bundle" in ran.stdout


BUNDLE = "bundle.json"
OF_BUNDLE = (
    ("verify", BUNDLE),
    ("--json", "replay", BUNDLE),
    ("verify", BUNDLE, "--key", "k"),
    ("--json", "verify", "--key", "k", BUNDLE),
)
OF_MORE = (
    (),
    ("--json",),
    ("verify",),
    ("verify", "nowhere.json"),
    ("verify", "."),
    ("verify", "x" * 300),
    ("verify", "closed/bundle.json"),
    ("verify", "log"),
    ("verify", "--key", BUNDLE),
    ("verify", BUNDLE, "--help"),
    ("replay", BUNDLE, "--member", "SG-0041"),
    ("import", BUNDLE),
)


@pytest.mark.parametrize(
    ("asked", "verdict"), [*((e, True) for e in OF_BUNDLE), *((e, False) for e in OF_MORE)]
)
def test_only_a_verdict_on_a_file_that_is_there_is_given_before_the_service_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: tuple[str, ...], *, verdict: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (BUNDLE, "log"):
        Path(name).write_bytes(NOT_A_BUNDLE)
    Path("closed").mkdir(mode=0)

    assert asks_for_verdict(asked) is verdict


def test_tusoi_loads_nothing_of_the_service_for_a_verdict(tmp_path: Path) -> None:
    path = tmp_path / BUNDLE
    path.write_bytes(NOT_A_BUNDLE)
    looking = textwrap.dedent(f"""
        import sys
        from workers.start import main
        sys.argv = ["tusoi", "verify", {str(path)!r}, "--key", ""]
        try:
            main()
        except SystemExit as ended:
            assert ended.code == {USAGE}
        sys.argv = sys.argv[:3]
        assert main() == {FAILED}
        print({{"services", "workers.program", "click", "sqlalchemy", "yaml"}} & {{*sys.modules}})
    """)

    ran = subprocess.run(
        [sys.executable, "-c", looking], capture_output=True, text=True, check=True
    )

    assert ran.stdout.endswith("set()\n")


@pytest.mark.parametrize(
    "asked",
    [
        (),
        ("--help",),
        ("--version",),
        ("--json",),
        ("--json", "doctor"),
        ("up", "--demo"),
        ("verify",),
        ("replay",),
        ("replay", "--member", "SG-0041", "--year", "2026"),
        ("replay", "--member=SG-0041", "--year=2026"),
        ("bundle", "verify"),
        ("keys", "show"),
        ("no-such-command",),
    ],
)
def test_whatever_asks_the_service_is_answered_by_what_to_install(
    asked: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer_plainly(asked, "click") == USAGE

    assert "the extra `service`" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["verify", "replay"])
def test_a_machine_that_asks_plainly_gets_one_object(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bundle.json"
    path.write_bytes(NOT_A_BUNDLE)

    assert answer_plainly(["--json", name, str(path)], "click") == 1

    assert capsys.readouterr().out.startswith('{"passed":false')
