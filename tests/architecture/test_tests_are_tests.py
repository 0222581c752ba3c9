"""How tests are written here: sentences for names, no sleeping, no patching of our own code."""

import ast
import re
from collections.abc import Iterator

from .sources import Source, findings, is_test, sample

SENTENCE = re.compile(r"^test_[a-z0-9]+(?:_[a-z0-9]+){2,}$")
SLEEPS = frozenset({("time", "sleep"), ("asyncio", "sleep")})


def wordless_tests(source: Source) -> Iterator[str]:
    """Tests whose name is no sentence."""
    if not is_test(source.path) or not source.path.name.startswith("test_"):
        return
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("test_") and not SENTENCE.match(node.name):
            yield f"{source.path}:{node.lineno}: {node.name} is no sentence"


def sleeping_tests(source: Source) -> Iterator[str]:
    """Tests that wait for a time and not for a condition."""
    if not is_test(source.path):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if not isinstance(owner, ast.Name) or (owner.id, node.func.attr) not in SLEEPS:
                continue
            if not _is_a_turn(node):
                yield f"{source.path}:{node.lineno}: wait for a condition with a bound"


def _is_a_turn(call: ast.Call) -> bool:
    """Whether it is `sleep(0)`, which waits for nothing and lets the other tasks go on."""
    return [getattr(argument, "value", None) for argument in call.args] == [0]


def patching_tests(source: Source) -> Iterator[str]:
    """Tests that put something else in the place of our own code."""
    if not is_test(source.path):
        return
    for module, line in source.imports():
        if module in {"mock", "unittest.mock", "pytest_mock"}:
            yield f"{source.path}:{line}: pass a fake instead of patching"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            on_patcher = isinstance(owner, ast.Name) and owner.id == "monkeypatch"
            if on_patcher and node.func.attr == "setattr":
                yield f"{source.path}:{node.lineno}: pass a fake instead of patching"


def test_every_test_name_is_a_sentence(sources: list[Source]) -> None:
    assert findings(wordless_tests, sources) == []


def test_no_test_sleeps(sources: list[Source]) -> None:
    assert findings(sleeping_tests, sources) == []


def test_no_test_patches_our_own_code(sources: list[Source]) -> None:
    assert findings(patching_tests, sources) == []


def test_a_name_of_two_words_is_no_sentence() -> None:
    text = "def test_quote(): ...\ndef test_an_expired_quote_is_refused(): ...\n"
    found = findings(wordless_tests, [sample("services/sales/tests/test_quotes.py", text)])
    assert found == ["services/sales/tests/test_quotes.py:1: test_quote is no sentence"]


def test_a_sleep_in_a_test_is_found() -> None:
    text = "import time\ntime.sleep(1)\ntime.sleep(0)\n"
    assert len(findings(sleeping_tests, [sample("services/sales/tests/conftest.py", text)])) == 1
    assert findings(sleeping_tests, [sample("services/sales/sales/x.py", text)]) == []


def test_a_patch_in_a_test_is_found() -> None:
    text = (
        "from unittest.mock import patch\ndef f(monkeypatch):\n    monkeypatch.setattr(a, 'b', 1)\n"
    )
    assert len(findings(patching_tests, [sample("services/sales/tests/test_x.py", text)])) == 2
