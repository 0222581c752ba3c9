"""Trees as images have them, made by the steps of the Dockerfile without a builder, and programs run from them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from chassis.embedded import run_as
from chassis.embedded.accounts import CAP_DAC_READ_SEARCH
from deploy.image.build import Image
from rapport_local.parts import Part, ProcessPart
from rapport_local.platform import Platform
from tests.images.context import copy_context

_SOMEBODY = "10001"


def build(image: Image, folder: Path) -> Path:
    """The tree of an image below `folder`, from what a builder would see."""
    source = copy_context(image.kind, image.name, folder)
    script = source / "deploy" / "image" / "install.py"
    words = [sys.executable, str(script), "install", *image.parts, "--module", image.module]
    places = ["--source", str(source), "--work", str(folder / "work"), "--into", str(folder / "t")]
    answer = subprocess.run([*words, *places], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return folder / "t"


def as_nobody_who_may_write(tree: Path, words: Sequence[str | Path]) -> list[str | Path]:
    """A command that may read everything and write nothing of the tree, as in an image with a read-only file system."""
    if os.geteuid() != 0:
        for path in (tree, *tree.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & ~0o222)
        return list(words)
    # Root would pass by any permission: become the account of the image, which owns nothing here.
    account = (_SOMEBODY, _SOMEBODY, str(CAP_DAC_READ_SEARCH))
    return [sys.executable, run_as.__file__, *account, *words]


def state(tree: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file, to see that nothing was written."""
    return {
        str(path.relative_to(tree)): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in sorted(tree.rglob("*"))
    }


@dataclass
class ImagePlatform(Platform):
    """A platform some of whose services run from the trees of their images."""

    trees: Mapping[str, Path] = field(default_factory=dict)

    @cached_property
    def parts(self) -> dict[str, Part]:
        """Every part by name."""
        parts = super().parts
        for name, tree in self.trees.items():
            part = parts[name]
            assert isinstance(part, ProcessPart)
            [*_, serve, roles, wanted] = part.command
            words = [tree / "bin" / "start", serve, roles, wanted]
            part.command = as_nobody_who_may_write(tree, words)
        return parts
