"""Sizes, first lines and names: what keeps a file readable for whoever opens it next."""

import ast
import re
from collections.abc import Iterator

from .sources import Source, findings, sample

LONGEST_FILE = 400
LONGEST_FUNCTION = 50
VAGUE_MODULES = frozenset(
    "util utils helper helpers manager managers base misc common stuff lib impl".split()
)
VAGUE_CLASS = re.compile(
    r"^_?(?:Abstract\w+|Base[A-Z]\w+|\w+(?:Impl|Manager|Helper|Helpers|Utils?))$"
)


def long_files(source: Source) -> Iterator[str]:
    """Files of more lines than anyone reads at a sitting."""
    lines = source.text.count("\n") + 1 - source.text.endswith("\n")
    if lines > LONGEST_FILE:
        yield f"{source.path}: {lines} lines, at most {LONGEST_FILE}"


def long_functions(source: Source) -> Iterator[str]:
    """Functions that do not fit on a screen; decorators do not count, the signature does."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                where = f"{source.path}:{node.lineno}"
                yield f"{where}: {node.name} has {lines} lines, at most {LONGEST_FUNCTION}"


def wordless_modules(source: Source) -> Iterator[str]:
    """Modules whose first line does not say what they are for; an empty file may be silent."""
    if not source.text.strip():
        return
    first, *rest = source.text.splitlines()
    if first.startswith("#!"):
        first = rest[0] if rest else ""
    if not re.match(r'r?"""\S', first):
        yield f"{source.path}:1: the first line must be a docstring that says what this is for"


def vague_names(source: Source) -> Iterator[str]:
    """Modules and classes that are named for nothing in particular."""
    if source.path.stem in VAGUE_MODULES:
        yield f"{source.path}: a module is named for what it is about"
    for folder in source.path.parts[:-1]:
        if folder in VAGUE_MODULES:
            yield f"{source.path}: a folder is named for what it is about, not {folder}"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and VAGUE_CLASS.match(node.name):
            yield f"{source.path}:{node.lineno}: {node.name} is named for no role"


def test_no_file_is_longer_than_400_lines(sources: list[Source]) -> None:
    assert findings(long_files, sources) == []


def test_no_function_is_longer_than_50_lines(sources: list[Source]) -> None:
    assert findings(long_functions, sources) == []


def test_every_module_says_in_its_first_line_what_it_is_for(sources: list[Source]) -> None:
    assert findings(wordless_modules, sources) == []


def test_names_are_the_words_of_the_field(sources: list[Source]) -> None:
    assert findings(vague_names, sources) == []


def test_a_file_one_line_too_long_is_found() -> None:
    assert findings(long_files, [sample("a.py", "x = 1\n" * 400)]) == []
    assert findings(long_files, [sample("a.py", "x = 1\n" * 401)]) == [
        "a.py: 401 lines, at most 400"
    ]


def test_a_function_one_line_too_long_is_found_even_inside_a_class() -> None:
    fits = "class A:\n    async def f(self):\n" + "        self.x()\n" * 49
    assert findings(long_functions, [sample("a.py", fits)]) == []
    found = findings(long_functions, [sample("a.py", fits + "        self.x()\n")])
    assert found == ["a.py:2: f has 51 lines, at most 50"]


def test_a_module_that_begins_with_code_is_found() -> None:
    assert (
        findings(wordless_modules, [sample("a.py", '"""Says it."""\n'), sample("b.py", "")]) == []
    )
    wordless = [sample("a.py", "import os\n"), sample("b.py", '"""\nSays it late.\n"""\n')]
    assert len(findings(wordless_modules, wordless)) == 2


def test_a_vague_module_and_a_vague_class_are_found() -> None:
    vague = sample("services/sales/sales/utils.py", "class QuoteManager: ...\nclass Quote: ...\n")
    assert len(findings(vague_names, [vague])) == 2
