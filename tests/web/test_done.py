"""What a page says when a form was taken has words, and no words are left over."""

import ast
from collections.abc import Iterator
from pathlib import Path

from services.web.pages import plan, verdict, writing
from services.web.saying.languages import phrases

PAGES = Path(plan.__file__).parent
BY_NAME = ("says", "done")  # arguments that hold a key
FOURTH = ("_send", "send")  # functions to which a key comes as the fourth argument


def keys_written_out() -> Iterator[str]:
    """Iterate over the keys that pages name outright."""
    for file in PAGES.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                yield from (each.value for each in keys_in(node) if isinstance(each.value, str))


def keys_in(call: ast.Call) -> Iterator[ast.Constant]:
    called = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
    given = [each.value for each in call.keywords if each.arg in BY_NAME]
    for each in (*given, *(call.args[3:4] if called in FOURTH else ())):
        if isinstance(each, ast.Constant):
            yield each


def test_pages_have_words_for_everything_that_is_done_and_for_nothing_else() -> None:
    by_table = {
        *(f"milestone_{each}" for each in plan.VERDICTS),
        *(name.replace("-", "_") for name in writing.FORMS),
        *verdict.VERBS,
    }

    done = by_table | set(keys_written_out())

    assert done == {key.removeprefix("done.") for key in phrases() if key.startswith("done.")}
