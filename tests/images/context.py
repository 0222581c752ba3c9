"""What a builder would see: the checkout through `.dockerignore`, and of that what the Dockerfile copies for one image."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "deploy" / "image" / "Dockerfile"


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of `.dockerignore`; a later one wins."""

    pattern: re.Pattern[str]
    brings_back: bool

    @classmethod
    def of(cls, line: str) -> Rule:
        """`*` stays within a folder, `**` is any number of them, and a folder stands for all below it."""
        text = line.removeprefix("!").strip("/")
        words = re.split(r"(\*\*/|\*\*|\*)", text)
        meaning = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
        regex = "".join(meaning.get(word, re.escape(word)) for word in words)
        return cls(re.compile(rf"{regex}(?:/.*)?\Z"), line.startswith("!"))


def ignored(path: PurePosixPath, rules: Sequence[Rule]) -> bool:
    """Whether a file does not reach the builder."""
    verdict = False
    for rule in rules:
        if rule.pattern.match(str(path)):
            verdict = not rule.brings_back
    return verdict


def rules(root: Path = ROOT) -> list[Rule]:
    """The lines of `.dockerignore`."""
    lines = (root / ".dockerignore").read_text(encoding="utf-8").splitlines()
    return [Rule.of(line.strip()) for line in lines if line.strip() and not line.startswith("#")]


def context_files(root: Path = ROOT) -> list[Path]:
    """The files of the checkout that reach the builder, relative; those that version control would keep."""
    words = ("ls-files", "--cached", "--others", "--exclude-standard", "-z")
    command = ["git", *words]  # git is where the developer has it
    listed = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout
    known = rules(root)
    names = sorted(filter(None, listed.decode().split("\0")))
    return [
        Path(name)
        for name in names
        if not ignored(PurePosixPath(name), known) and (root / name).exists()
    ]


def copied(kind: str, service: str, text: str | None = None) -> Iterator[tuple[str, str]]:
    """The `COPY` lines (from the context) that lead to an image: source and target, arguments filled in."""
    stage = ""
    for line in (text or DOCKERFILE.read_text(encoding="utf-8")).splitlines():
        words = line.split()
        if words[:1] == ["FROM"]:
            stage = words[-1]
        if words[:1] != ["COPY"] or words[1].startswith("--"):
            continue
        if stage in (f"sources-{kind}", "build"):
            *sources, target = (word.replace("${SERVICE}", service) for word in words[1:])
            yield from ((source, target) for source in sources)


def copy_context(kind: str, service: str, into: Path, root: Path = ROOT) -> Path:
    """Lay out the builder's `/source` for one image below `into`; gives that folder."""
    files = context_files(root)
    for source, target in copied(kind, service):
        wanted = [path for path in files if path == Path(source) or Path(source) in path.parents]
        if not wanted:
            raise AssertionError(f"COPY {source}: nothing of that reaches the builder")
        for path in wanted:
            below = path.relative_to(source) if path != Path(source) else Path(path.name)
            place = into / target.strip("/") / below
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / path, place)
    return into / "source"
