"""How a new service gets on the lists of services, and its lock out of the locks that there are."""

from __future__ import annotations

import tomllib

import pytest

from deploy.tools.chart_lists import (
    ChartListNotFound,
    with_dependency,
    with_element,
    with_part,
)
from deploy.tools.lock import LOCK, LockError, read_packages, runtime_requirements
from deploy.tools.locked_subset import lock_entries, locked_subset
from deploy.tools.service_lists import (
    ListNotFound,
    in_local_platform,
    in_owners,
    in_readme,
    in_security_tests,
    in_tools,
)
from deploy.tools.service_words import ServiceWords
from tests.architecture.sources import ROOT, service_names


def test_a_sorted_list_stays_sorted_and_another_has_the_newcomer_beside_contacts() -> None:
    text = """
inline = ["chassis", "contacts", "identity"]
sorted = [
    "contacts.**.domain",
    "identity.**.domain",
]
paths = [
    "services/identity",
    "services/contacts", # the first of them
    "gateway/portal",
]
none = ["contacts-like", "portal"]
"""
    tools = tomllib.loads(in_tools(text, "sales"))
    assert tools["inline"] == ["chassis", "contacts", "identity", "sales"]
    assert tools["sorted"] == ["contacts.**.domain", "identity.**.domain", "sales.**.domain"]
    assert tools["paths"] == [
        "services/identity",
        "services/contacts",
        "services/sales",
        "gateway/portal",
    ]
    assert tools["none"] == ["contacts-like", "portal"]


def test_the_order_of_ports_stays_since_a_new_service_comes_last() -> None:
    text = 'AUDITED = (\n    "contacts",\n)\nSERVICES = (\n    ServiceDefinition("contacts"),\n)\nY = 2\n'
    assert in_local_platform(text, "sales") == (
        'AUDITED = (\n    "contacts",\n    "sales",\n)\n'
        'SERVICES = (\n    ServiceDefinition("contacts"),\n'
        '    ServiceDefinition("sales", consumes=("identity", "contacts"), asks=("identity",)),\n'
        ")\nY = 2\n"
    )


def test_the_security_tests_learn_how_a_record_is_made() -> None:
    text = 'A = {\n}\nRECIPES: dict[str, Recipe] = {\n    "a_id": 1,\n}\n"""How."""\n'
    words = ServiceWords.of("field", "work_order")
    assert in_security_tests(text, words).splitlines()[2:5] == [
        "RECIPES: dict[str, Recipe] = {",
        '    "a_id": 1,',
        '    "work_order_id": _posted("/v1/field/work-orders", name=MARK),',
    ]


def test_the_owners_get_their_lines_at_the_end() -> None:
    assert in_owners("* @rapport/platform\n", "sales").splitlines()[2:] == [
        "# sales",
        "/services/sales/                @rapport/sales",
        "/gateway/routes/sales.yml       @rapport/sales",
        "/protos/rapport/sales/          @rapport/sales",
        "/helm/sales/                    @rapport/sales",
    ]


def test_the_readme_says_where_a_newcomer_is_and_what_it_keeps() -> None:
    text = "see services/contacts\n| folder | what |\n| `services/contacts` | people |\nend\n"
    assert in_readme(text, "sales", "quotes").splitlines()[2:] == [
        "| `services/contacts` | people |",
        "| `services/sales` | quotes |",
        "end",
    ]


def test_the_other_charts_get_to_know_of_a_chart() -> None:
    values = "# why\ndocuments: [identity, contacts]\n"
    assert with_element(values, "documents", "sales").endswith(
        "documents: [identity, contacts, sales]\n"
    )
    umbrella = (
        "dependencies:\n  - {name: contacts, repository: file://../contacts}\n  - {name: portal}\n"
    )
    assert with_dependency(umbrella, "sales").splitlines()[2:] == [
        "  - {name: sales, repository: file://../sales}",
        "  - {name: portal}",
    ]
    parts = "contacts:\n  enabled: true\n  mail: {}\nportal:\n  enabled: true\n"
    assert with_part(parts, "sales").splitlines()[2:5] == [
        "  mail: {}",
        "sales:",
        "  enabled: true",
    ]
    with pytest.raises(ChartListNotFound, match="contacts is not in documents"):
        with_element("documents: []\n", "documents", "sales")
    with pytest.raises(ChartListNotFound, match="does not depend on contacts"):
        with_dependency("dependencies: []\n", "sales")


def test_a_list_that_is_not_there_is_an_error_that_names_it() -> None:
    with pytest.raises(ListNotFound, match="there is no SERVICES"):
        in_local_platform("X = ()\n", "sales")
    with pytest.raises(ListNotFound, match=r"pyproject\.toml"):
        in_tools("[tool]\n", "sales")
    with pytest.raises(ListNotFound, match=r"README\.md"):
        in_readme("# Rapport\n", "sales", "quotes")


@pytest.mark.parametrize("service", service_names())
def test_what_is_taken_from_the_locks_is_what_make_lock_resolves(service: str) -> None:
    packages = read_packages(ROOT)
    folder = ROOT / "services" / service
    (package,) = (found for found in packages.values() if found.folder == folder)
    whole = (ROOT / LOCK).read_text(encoding="utf-8")
    taken = locked_subset(runtime_requirements(package, packages), [whole])
    resolved = (folder / LOCK).read_text(encoding="utf-8").partition("\n")[2]
    assert lock_entries(taken).keys() == lock_entries(resolved).keys()


def test_the_first_lock_that_has_a_distribution_decides() -> None:
    part, whole = "click==1 ; sys_platform == 'x'\n", "click==1\nblinker==2\n"
    assert locked_subset(["click"], [part, whole]) == part
    assert locked_subset(["blinker"], [part, whole]) == "blinker==2\n"


def test_a_requirement_that_no_lock_meets_is_an_error() -> None:
    with pytest.raises(LockError, match="barter>=2 is in no lock yet"):
        locked_subset(["barter>=2"], ["click==1\n"])


def test_extras_bring_what_they_name() -> None:
    root = (ROOT / LOCK).read_text(encoding="utf-8")
    assert "psycopg-pool" not in lock_entries(locked_subset(["psycopg"], [root]))
    assert {"psycopg-pool", "psycopg-binary"} <= lock_entries(
        locked_subset(["psycopg[binary,pool]"], [root])
    ).keys()
