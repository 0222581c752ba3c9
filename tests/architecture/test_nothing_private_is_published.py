"""No file tells of the machine it was written on, of a package index, or of a secret."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from .sources import ROOT, tracked_files

# Each pattern is written so that it does not find itself.
PRIVATE = {
    "a path of one machine": re.compile(
        r"(?<![\w./~$*>)}\]-])/(?:work|root|home|Users|opt/pypi)/(?=[\w.])"
    ),
    "the address of a package index": re.compile(
        r"https?://[^\s\"')]*(?:/simple\b|\bpypi\b|\bartifactory\b|\bnexus\b|\bdevpi\b)",
        re.IGNORECASE,
    ),
    "an option that names a package index": re.compile(
        r"(?<!emit)(?<!no)-(?:-extra)?-(?:index-url|find-links|trusted-host)[ =]\S"
    ),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+\w"),
    "an access key": re.compile(r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_\w{36}|xox[abp]-[\w-]{20,})"),
    "a merge that was not finished": re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE),
}
BINARY = frozenset({".png", ".jpg", ".ico", ".woff2", ".binpb", ".xlsx", ".mo", ".gz"})


def private_words(path: Path, text: str) -> Iterator[str]:
    """What in `text` should not leave the house, with the line."""
    for what, pattern in PRIVATE.items():
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{path}:{line}: {what}"


def test_no_file_holds_anything_private() -> None:
    found = [
        finding
        for path in tracked_files()
        if path.suffix not in BINARY
        for finding in private_words(path, (ROOT / path).read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "see /" + "home/jane/notes.txt",
        "cache: '/" + "root/.cache'",
        "https" + "://mirror.example/pypi/packages",
        "https" + "://mirror.example/root/simple/flask",
        "pip install -" + "-index-url somewhere flask",
        "-" + "-find-links /wheels",
        "-----BEGIN EC PRIVATE" + " KEY-----\nMHcC",
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "<" * 7 + " HEAD",
    ],
)
def test_private_words_are_found_wherever_they_stand(text: str) -> None:
    assert list(private_words(Path("a.md"), f"before\n{text}\nafter"))


@pytest.mark.parametrize(
    "text",
    [
        "services/chassis/chassis/work/timers.py",
        "lives in $HOME/work/x and ~/work/y",
        "uv pip compile --no-emit-index-url --no-emit-find-links",
        "https://example.com/simplest-thing",
    ],
)
def test_words_that_only_look_private_are_left_alone(text: str) -> None:
    assert list(private_words(Path("a.md"), text)) == []
