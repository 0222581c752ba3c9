"""Lays out a new service with one resource, one fact, one reaction and its tests: `make new-service NAME=billing`.

Works without the network. What it writes is what anybody would have to write; docs/guides/add-a-service.md goes on.
"""

import argparse
import subprocess
import sys
import tomllib
from pathlib import Path
from string import Template

from deploy.tools.chart_lists import ChartListNotFound
from deploy.tools.lock import LOCK, LockError, read_packages, runtime_requirements
from deploy.tools.locked_subset import locked_subset
from deploy.tools.service_lists import MODEL, ListNotFound, listed
from deploy.tools.service_words import ServiceWords, WrongWord, refuse_taken

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = Path(__file__).with_suffix("")
SUFFIX = ".tmpl"
LOCK_HEADER = "# Written by make lock from pyproject.toml under the root's versions; do not edit.\n"
NEXT = """
Next:
  make test TESTS=services/{service}
      runs its tests, with a real database and a real broker
  make lint
      says whether everything is in shape
  make up
      starts it with the others; then /v1/{service}/{path} answers through the gateway
Then make it yours: services/{service}/README.md says what is there, docs/guides/add-a-service.md how to go on.
"""


def render(words: ServiceWords) -> dict[Path, str]:
    """The files of the service by their path in the checkout."""
    values = words.in_templates
    return {
        words.in_path(path.relative_to(TEMPLATES).as_posix().removesuffix(SUFFIX)): Template(
            path.read_text(encoding="utf-8")
        ).substitute(values)
        for path in sorted(TEMPLATES.rglob(f"*{SUFFIX}"))
    }


def lock_of(root: Path, pyproject: str) -> str:
    """The lock of a service with this pyproject.toml, out of the locks that there are. Raises LockError."""
    packages = read_packages(root)
    lines = tomllib.loads(pyproject)["project"]["dependencies"]
    ours = [packages[line] for line in lines if line in packages]
    needed = [one for package in ours for one in runtime_requirements(package, packages)]
    needed += [line for line in lines if line not in packages]
    places = (f"services/{MODEL}/{LOCK}", LOCK)
    locks = [(root / place).read_text(encoding="utf-8") for place in places]
    return LOCK_HEADER + locked_subset(needed, locks)


def lay_out(root: Path, words: ServiceWords) -> list[Path]:
    """Write the service and put it on every list; gives what was written and changed, below `root`.

    Nothing is written before everything is known to fit. Raises WrongWord, LockError, ListNotFound or
    ChartListNotFound.
    """
    refuse_taken(root, words.service)
    files = render(words)
    home = Path("services", words.service)
    files[home / LOCK] = lock_of(root, files[home / "pyproject.toml"])
    files |= listed(root, words)
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    # The order of imports and the breaks of lines follow from the names.
    names = [str(path) for path in files if path.suffix == ".py"]
    _run(root, "ruff", "check", "--quiet", "--select=I", "--fix", *names)
    _run(root, "ruff", "format", "--quiet", *names)
    _run(root, "deploy.tools.generate_protos")
    _run(root, "deploy.tools.broker_users")
    _run(root, "deploy.tools.cluster_databases")
    _run(root, "deploy.tools.charts", "write")
    _run(root, "tests.charts.renders")
    return sorted(files)


def _run(root: Path, module: str, *words: str) -> None:
    command = [sys.executable, "-m", module, *words]
    subprocess.run(command, cwd=root, check=True, stdout=subprocess.DEVNULL)


def main() -> int:
    """Lay out the service that the arguments name, and say what was done."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("service", help="its name, one word: billing")
    parser.add_argument("thing", nargs="?", help="its first resource, singular: invoice")
    parser.add_argument("things", nargs="?", help="what several are called, if not just with an s")
    given = parser.parse_args()
    try:
        words = ServiceWords.of(given.service, given.thing or None, given.things or None)
        written = lay_out(ROOT, words)
    except (WrongWord, LockError, ListNotFound, ChartListNotFound) as error:
        sys.stderr.write(f"new-service: {error}\n")
        return 1
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"new-service: {' '.join(error.cmd[1:4])} failed, see above\n")
        return 1
    print(f"{words.service}: a service that keeps {words.in_templates['many']}")
    for path in written:
        print(f"  {path}")
    print(NEXT.format(service=words.service, path=words.in_templates["path"]), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
