"""Rule 9: wherever the services are listed, they are the same services."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from rapport_local.services import SERVICES

from .sources import ROOT, service_names

PLACES = (
    "services/{name}/README.md",
    "services/{name}/pyproject.toml",
    "services/{name}/requirements.lock",
    "services/{name}/{name}/app.py",
    "services/{name}/{name}/description.py",
    "services/{name}/{name}/settings.py",
    "services/{name}/migrations",
    "services/{name}/tests",
    "gateway/routes/{name}.yml",
    "protos/rapport/{name}",
    "helm/{name}/values.yaml",
)
OWNED = (
    "/services/{name}/",
    "/gateway/routes/{name}.yml",
    "/protos/rapport/{name}/",
    "/helm/{name}/",
)
NO_SERVICE = frozenset({"portal", "common"})


@pytest.fixture(scope="module")
def names() -> list[str]:
    """The services there are, as the folders say."""
    found = service_names()
    assert found, "no service was found, so no list would be checked"
    return found


def incomplete_services(root: Path, names: list[str]) -> Iterator[str]:
    """Services that lack a part that every service has."""
    for name in names:
        for place in PLACES:
            path = place.format(name=name)
            if not (root / path).exists():
                yield f"{name} has no {path}"


def strangers(root: Path, names: list[str]) -> Iterator[str]:
    """Routes and contracts of services that there are not."""
    routes = {path.stem for path in (root / "gateway/routes").glob("[!_]*.yml")}
    contracts = {path.name for path in (root / "protos/rapport").iterdir() if path.is_dir()}
    for name in sorted((routes | contracts) - set(names) - NO_SERVICE):
        yield f"{name} has routes or contracts, and is no service"


def unowned_services(codeowners: str, names: list[str]) -> Iterator[str]:
    """Services of which a part has no line of its own in CODEOWNERS."""
    owned = {line.split()[0] for line in codeowners.splitlines() if line.strip()}
    for name in names:
        for place in OWNED:
            path = place.format(name=name)
            if path not in owned:
                yield f"CODEOWNERS has no line for {path}"


def unchecked_services(pyproject: str, names: list[str]) -> Iterator[str]:
    """Services that a tool which is configured in the root does not look at."""
    tools = tomllib.loads(pyproject)["tool"]
    independent = [
        contract["modules"]
        for contract in tools["importlinter"]["contracts"]
        if contract["type"] == "independence"
    ]
    lists = {
        "mypy packages": tools["mypy"]["packages"],
        "mypy_path": [Path(path).name for path in tools["mypy"]["mypy_path"]],
        "mypy packages (tests)": [
            package.split(".")[1]
            for package in tools["mypy"]["packages"]
            if package.startswith("services.") and package.endswith(".tests")
        ],
        "ruff known-first-party": tools["ruff"]["lint"]["isort"]["known-first-party"],
        "import-linter root_packages": tools["importlinter"]["root_packages"],
        "import-linter independence": [name for modules in independent for name in modules],
    }
    for where, listed in lists.items():
        for name in names:
            if name not in listed:
                yield f"pyproject.toml: {where} lacks {name}"


def test_every_service_has_all_parts_of_a_service(names: list[str]) -> None:
    assert list(incomplete_services(ROOT, names)) == []


def test_routes_and_contracts_belong_to_services_that_exist(names: list[str]) -> None:
    assert list(strangers(ROOT, names)) == []


def test_the_local_platform_runs_exactly_the_services_there_are(names: list[str]) -> None:
    assert sorted(service.name for service in SERVICES) == names


def test_services_listen_to_and_ask_services_that_exist(names: list[str]) -> None:
    for service in SERVICES:
        assert {*service.consumes, *service.asks} <= set(names), service.name


def test_every_service_has_an_owner(names: list[str]) -> None:
    codeowners = (ROOT / "CODEOWNERS").read_text(encoding="utf-8")
    assert list(unowned_services(codeowners, names)) == []


def test_every_service_is_checked_by_every_tool(names: list[str]) -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert list(unchecked_services(pyproject, names)) == []


def test_the_readme_shows_where_every_service_is(names: list[str]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in names if f"services/{name}" not in readme] == []


def test_a_service_without_a_route_is_found(tmp_path: Path) -> None:
    for place in PLACES:
        if not place.startswith("gateway"):
            (tmp_path / place.format(name="sales")).mkdir(parents=True)
    assert list(incomplete_services(tmp_path, ["sales"])) == [
        "sales has no gateway/routes/sales.yml"
    ]


def test_a_route_to_no_service_is_found(tmp_path: Path) -> None:
    (tmp_path / "protos/rapport/common").mkdir(parents=True)
    (tmp_path / "gateway/routes").mkdir(parents=True)
    for name in ("_front", "portal", "sales", "barter"):
        (tmp_path / "gateway/routes" / f"{name}.yml").touch()
    assert list(strangers(tmp_path, ["sales"])) == [
        "barter has routes or contracts, and is no service"
    ]


def test_a_service_without_an_owner_is_found() -> None:
    places = ("/services/sales/", "/protos/rapport/sales/", "/helm/sales/")
    lines = "".join(f"{place} @rapport/sales\n" for place in places)
    assert list(unowned_services(lines, ["sales"])) == [
        "CODEOWNERS has no line for /gateway/routes/sales.yml"
    ]


def test_a_service_that_a_tool_overlooks_is_found() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert len(list(unchecked_services(pyproject, ["barter"]))) == 6
