"""Lays files out as a kubelet mounts them: in a hidden folder with a new name each time, and links that lead there."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from itertools import count
from pathlib import Path

_numbers = count(1)


def mount(folder: Path, files: Mapping[str, bytes]) -> None:
    """Have `folder` hold these files, by their paths; what it held before is replaced at once, as Kubernetes does it."""
    folder.mkdir(parents=True, exist_ok=True)
    content = folder / f"..2026_{next(_numbers)}"
    for path, data in files.items():
        place = content / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    before = (folder / "..data").resolve() if (folder / "..data").exists() else None
    draft = folder / "..data_tmp"
    draft.symlink_to(content.name)
    draft.replace(folder / "..data")
    for name in {Path(path).parts[0] for path in files}:
        link = folder / name
        if not link.is_symlink():
            link.symlink_to(f"..data/{name}")
    if before is not None:
        shutil.rmtree(before)
