"""Puts charts together with Helm itself: a copy in which each has what it stands on, and archives of them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import helm_python

from deploy.tools.charts.layout import LIBRARY, dependencies


def built(root: Path, target: Path) -> Path:
    """A copy of `helm/` of the checkout below `target`, each chart with its dependencies; gives where it is."""
    copy = target / "helm"
    shutil.copytree(
        root / "helm",
        copy,
        ignore=shutil.ignore_patterns("charts", "Chart.lock"),
        dirs_exist_ok=True,
    )
    for name in in_order(copy):
        if dependencies(copy / name / "Chart.yaml"):
            helm_python.dependency_update(copy / name, skip_refresh=True)
    return copy


def in_order(folder: Path) -> list[str]:
    """The charts in a folder, each after those that it stands on."""
    needs = {
        path.parent.name: set(dependencies(path)) for path in sorted(folder.glob("*/Chart.yaml"))
    }
    return list(_in_order(needs))


def _in_order(needs: dict[str, set[str]]) -> Iterator[str]:
    done: set[str] = set()
    while waiting := [name for name in needs if name not in done]:
        ready = [name for name in waiting if needs[name] & needs.keys() <= done]
        if not ready:
            raise ValueError(f"charts stand on each other in a circle: {', '.join(waiting)}")
        yield from ready
        done |= set(ready)


def packaged(root: Path, work: Path, target: Path) -> list[Path]:
    """An archive of each chart in `target`, with what it stands on inside; the library has none of its own."""
    folder = built(root, work)
    target.mkdir(parents=True, exist_ok=True)
    return [
        Path(helm_python.package(folder / name, destination=target))
        for name in in_order(folder)
        if name != LIBRARY
    ]
