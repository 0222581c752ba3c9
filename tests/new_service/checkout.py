"""Copies the files of the checkout elsewhere, and runs Python there, with the copy's packages before those installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.sources import ROOT, tracked_files

PACKAGES = ("services/*", "protos/python", "gateway/portal", "deploy/local")


@dataclass(frozen=True)
class Checkout:
    """A copy of the checkout, under version control like the original."""

    root: Path

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """This process's environment, but for what configures it, with the packages of the copy."""
        inherited = {
            k: v for k, v in os.environ.items() if not k.startswith(("RAPPORT_", "PYTEST_"))
        }
        folders = [folder for pattern in PACKAGES for folder in sorted(self.root.glob(pattern))]
        path = os.pathsep.join(map(str, [self.root, *folders]))
        return {**inherited, "PYTHONPATH": path, **(more or {})}

    def run(self, module: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m <module>` in the copy to its end."""
        return subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=self.root,
            env=self.environment(variables),
            capture_output=True,
            text=True,
            check=False,
        )

    def changes(self) -> str:
        """What differs from the copy as it was made."""
        return self._git("status", "--short")

    def keep(self) -> None:
        """Put everything under version control, as whoever has just cloned it has it."""
        self._git("init", "--quiet")
        self._git("add", "--all")

    def _git(self, *words: str) -> str:
        answer = subprocess.run(
            ["git", *words],  # noqa: S607 - git is where the developer has it
            cwd=self.root,
            capture_output=True,
            text=True,
            check=True,
        )
        return answer.stdout


def copied(target: Path) -> Checkout:
    """The files that are under version control, or would be, as they are now."""
    for path in tracked_files():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, target / path)
    for link in filter(Path.is_symlink, (ROOT / "helm").rglob("*")):
        copy = target / link.relative_to(ROOT)
        if not copy.exists():
            copy.symlink_to(link.readlink())
    checkout = Checkout(target)
    checkout.keep()
    return checkout
