"""Reads the project's own files, as the rules of the architecture look at them."""

import ast
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GENERATED = Path("protos/python/rapport")
CHASSIS = Path("services/chassis/chassis")


@dataclass(frozen=True)
class Source:
    """One Python file: where it is, relative to the root of the project, and what it says."""

    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=str(self.path))

    def imports(self) -> Iterator[tuple[str, int]]:
        """Every module imported anywhere in the file, with the line; relative ones made absolute.

        `from a.b import c` counts as `a.b`, for what c is cannot be told from the text.
        """
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield self._absolute(node), node.lineno

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        folder = ".".join(self.path.parts[2 : len(self.path.parts) - node.level])
        return f"{folder}.{node.module}" if node.module else folder


Rule = Callable[[Source], Iterator[str]]


def tracked_files(root: Path = ROOT) -> list[Path]:
    """Every file of the project that is, or would be, under version control, relative to `root`."""
    answer = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607 - git is where the developer has it
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    return sorted(Path(name) for name in set(answer.stdout.split("\0")) if (root / name).is_file())


def python_sources(root: Path = ROOT) -> list[Source]:
    """Every Python file of the project that people write."""
    return [
        Source(path, (root / path).read_text(encoding="utf-8"))
        for path in tracked_files(root)
        if path.suffix == ".py" and not path.is_relative_to(GENERATED)
    ]


def service_names(root: Path = ROOT) -> list[str]:
    """The services there are: every folder below services/ that has a package, but for the chassis."""
    found = (path.parent for path in (root / "services").glob("*/pyproject.toml"))
    return sorted(folder.name for folder in found if folder.name != "chassis")


def is_test(path: Path) -> bool:
    """Whether a file is part of a test suite."""
    return "tests" in path.parts


def is_service_code(path: Path) -> bool:
    """Whether a file is part of a service's own package, and neither its tests nor its migrations."""
    return (
        len(path.parts) > 3
        and path.parts[0] == "services"
        and path.parts[1] == path.parts[2]
        and path.parts[1] != "chassis"
    )


def findings(rule: Rule, sources: list[Source]) -> list[str]:
    """What `rule` has to say about `sources`, one line each; empty when they keep it."""
    return [finding for source in sources for finding in rule(source)]


def sample(path: str, text: str) -> Source:
    """A made-up file, to show that a rule can fail."""
    return Source(Path(path), text)
