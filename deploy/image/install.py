"""Installs one part of the platform into a tree of its own, as its image has it; run by the Dockerfile and by tests.

Standard library only, since it runs in a bare Python image. What comes from a package index comes with the hashes of
the part's lock; our own packages are built and installed without index, without dependencies and not editable. The
index and credentials are whatever pip is configured with.
"""

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LOCK = "requirements.lock"
BUILD_LOCK = Path("deploy") / "image" / LOCK
SHARED = ("protos/python", "services/chassis")
GUIDES = Path("docs") / "guides"
# Settings of the builder's pip that would put the packages elsewhere; the index and its credentials stay.
_PIP_UNSET = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PYTHONHOME", "PYTHONPATH")
_TOOLS = ("pip", "setuptools", "wheel", "_distutils_hack", "pkg_resources")


class InstallError(RuntimeError):
    """The part cannot be installed; the message says what is missing or which step failed."""


@dataclass(frozen=True)
class Part:
    """What goes into one tree: the folders of its own packages, and what is started."""

    folders: tuple[Path, ...]
    module: str

    def locks(self) -> list[Path]:
        """The locks of all that is wanted from a package index."""
        found = [folder / LOCK for folder in self.folders]
        missing = [str(lock) for lock in found if not lock.is_file()]
        if missing:
            raise InstallError(f"{', '.join(missing)} is missing: run make lock")
        return found


class Tree:
    """A virtual environment without any tool that installs or compiles; another one beside it builds the wheels."""

    def __init__(self, folder: Path, source: Path, work: Path) -> None:
        self._folder = folder
        self._source = source
        self._work = work

    def install(self, part: Part) -> None:
        """Fill the tree. Raises InstallError with the step that failed."""
        locks = part.locks()
        _make_environment(self._folder, with_pip=False)
        tools = self._work / "tools"
        _make_environment(tools, with_pip=True)
        pip = [str(tools / "bin" / "python"), "-m", "pip", "--no-input"]
        there = [*pip, "--python", str(self._folder / "bin" / "python")]
        hashed = ("--require-hashes", "--only-binary=:all:", "--no-compile", "-r")
        _run("the build tool", [*pip, "install", *hashed, str(self._source / BUILD_LOCK)])
        for lock in locks:
            _run(f"what {lock} names", [*there, "install", *hashed, str(lock)])
        wheels = self._build(pip, part)
        alone = ("--no-deps", "--no-index", "--no-compile")
        _run("our own packages", [*there, "install", *alone, *map(str, wheels)])
        _run("their agreement", [*there, "check"])
        self._add_guides(part)
        self._add_launcher(part)
        for script in sorted((self._folder / "bin").glob("[Aa]ctivate*")):
            script.unlink()
        self._compile()

    def _build(self, pip: Sequence[str], part: Part) -> list[Path]:
        """Wheels of our own packages, made from copies so that the sources stay as they are."""
        wheels = self._work / "wheels"
        for folder in (*(self._source / name for name in SHARED), *part.folders):
            copy = self._work / "packages" / folder.parent.name / folder.name
            without = shutil.ignore_patterns("tests", "build", "*.egg-info", "__pycache__")
            shutil.copytree(folder, copy, ignore=without)
            offline = ("--no-deps", "--no-index", "--no-build-isolation", "-w", str(wheels))
            _run(f"the wheel of {folder.name}", [*pip, "wheel", *offline, str(copy)])
        return sorted(wheels.glob("*.whl"))

    def _add_guides(self, part: Part) -> None:
        """The portal shows the guides, which lie outside of its package."""
        if part.module == "portal" and (self._source / GUIDES).is_dir():
            share = self._folder / "share" / "rapport" / "guides"
            shutil.copytree(self._source / GUIDES, share)

    def _add_launcher(self, part: Part) -> None:
        """One program by one name in every image, since an entry point cannot hold an argument of the build."""
        python = self._folder / "bin" / "python"
        launcher = self._folder / "bin" / "start"
        command = f'[{str(python)!r}, "-P", "-m", {part.module!r}, *sys.argv[1:]]'
        launcher.write_text(
            f"#!{python} -I\n"
            f'"""Becomes `python -m {part.module}`."""\n'
            f"import os, sys\n"
            f"os.execv({str(python)!r}, {command})\n",
            encoding="utf-8",
        )
        launcher.chmod(0o755)

    def _compile(self) -> None:
        """Bytecode that is valid whatever the files' times are: the root file system is read-only later."""
        python = str(self._folder / "bin" / "python")
        library = sysconfig.get_path("purelib", vars={"base": str(self._folder)})
        how = ("-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash")
        _run("the bytecode", [python, *how, str(library), str(self._folder / "share")])


def remove_tools(python: Path) -> list[str]:
    """Take what installs and compiles from the Python at this prefix; gives what was taken."""
    removed = []
    for library in sorted((python / "lib").glob("python3*")):
        for place in (library, library / "site-packages"):
            for name in (*_TOOLS, "ensurepip", "distutils-precedence.pth"):
                found = [place / name, *place.glob(f"{name}-*.dist-info")]
                removed += [path for path in found if _take_away(path)]
    for pattern in ("pip*", "wheel*", "idle*", "python*-config", "2to3*"):
        removed += [path for path in sorted((python / "bin").glob(pattern)) if _take_away(path)]
    return [str(path.relative_to(python)) for path in removed]


def _take_away(path: Path) -> bool:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
        return True
    if path.is_file() or path.is_symlink():
        path.unlink()
        return True
    return False


def _make_environment(folder: Path, *, with_pip: bool) -> None:
    venv.EnvBuilder(clear=True, symlinks=True, with_pip=with_pip).create(folder)


def _run(what: str, command: Sequence[str]) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in _PIP_UNSET}
    settings = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    answer = subprocess.run(
        command,
        env=kept | settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if answer.returncode != 0:
        raise InstallError(f"{what} could not be installed, see above: {' '.join(command)}")


def main() -> int:
    """Install, or take the tools away; exit code 1 with one line on standard error if that is impossible."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    install = commands.add_parser("install", help="install parts into a tree")
    install.add_argument(
        "folders", nargs="+", type=Path, help="the parts' folders, as services/contacts"
    )
    install.add_argument("--module", required=True, help="what is started: python -m MODULE")
    install.add_argument("--into", required=True, type=Path, help="the tree, which is made anew")
    install.add_argument("--source", default=Path(), type=Path, help="where the folders are below")
    install.add_argument("--work", required=True, type=Path, help="a folder for what is built")
    bare = commands.add_parser("remove-tools", help="take pip and the like from this Python")
    bare.add_argument("--prefix", default=Path(sys.base_prefix), type=Path)
    said = parser.parse_args()
    if said.command == "remove-tools":
        remove_tools(said.prefix)
        return 0
    part = Part(tuple(said.source / folder for folder in said.folders), said.module)
    try:
        Tree(said.into, said.source, said.work).install(part)
    except InstallError as error:
        sys.stderr.write(f"install: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
