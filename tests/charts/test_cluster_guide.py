"""The guide for clusters and the runbooks: what their commands name is there; links lead somewhere, sums are right."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import helm_python
import pytest
import yaml

from chassis.command import ROLES
from deploy.tools.charts.layout import overlaid
from portal.guides import Guides
from rapport_local.services import SERVICES
from tests.architecture.sources import ROOT

from .environments import LAYERS, values_of
from .rendering import Charts

GUIDES = ROOT / "docs" / "guides"
TEXT = (GUIDES / "deploy-to-a-cluster.md").read_text()
_BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)]+)\)")
_FILE = re.compile(r"^(deploy|helm|docs|gateway|services)/[\w./*-]+\.\w+$")
_KIND = {
    "deployment": "Deployment",
    "service": "Service",
    "job": "Job",
    "statefulset": "StatefulSet",
}
_OBJECT = re.compile(r"\b(deployment|service|job|statefulset)/([\w-]+)")


def commands() -> list[list[str]]:
    """The words of each command."""
    found = []
    for block in _BLOCK.findall(TEXT):
        joined = re.sub(r"\\\n\s*", "", block)
        found += [shlex.split(line, comments=True) for line in joined.splitlines() if line.strip()]
    return [words for words in found if words]


def test_there_are_commands_and_every_tool_is_known() -> None:
    known = {"helm", "helmfile", "kubectl", "make", "docker", ".venv/bin/python"}
    loop = {"for", "done", "primary=$(kubectl", "psql", "--selector"}
    assert len(commands()) > 25
    assert {words[0] for words in commands()} - loop <= known


def test_every_file_that_is_named_is_there() -> None:
    words = {word.strip("`") for line in commands() for word in line}
    words |= set(re.findall(r"`([^`\s]+)`", TEXT))
    files = [word for word in words if _FILE.match(word)]
    assert len(files) > 8
    assert [file for file in files if not list(ROOT.glob(file))] == []


def test_every_target_of_make_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for words in commands():
        if words[0] == "make":
            assert re.search(rf"^{words[1]}:", makefile, re.MULTILINE), words


def test_every_module_that_is_run_is_there() -> None:
    modules = {
        following
        for words in commands()
        for word, following in pairwise(words)
        if word == "-m" and words[0] != "docker"
    }
    assert modules == {"identity", "deploy.observability", "deploy.tools.cluster_secrets"}
    assert all(find_spec(module) for module in modules)


def test_every_link_leads_somewhere_here_and_in_the_portal() -> None:
    anchors = set(re.findall(r'id="([^"]+)"', _shown()))
    for link in _LINK.findall(TEXT):
        page, _, anchor = link.partition("#")
        if link.startswith("https://"):
            continue
        assert not page or (GUIDES / page).exists(), link
        assert page or anchor in anchors, link


def _shown() -> str:
    guide = Guides(GUIDES).get("deploy-to-a-cluster", "en")
    assert guide is not None
    assert guide.title == "Deploy to a cluster"
    return guide.html


def installations() -> Iterator[tuple[list[str], dict[str, Any]]]:
    """Each command of Helm that installs or upgrades the umbrella, with the values that it is given."""
    for words in commands():
        if words[0] != "helm" or not {"install", "upgrade"} & set(words):
            continue
        values: dict[str, Any] = {}
        for word, following in pairwise(words):
            if word == "--values":
                values = overlaid(values, yaml.safe_load((ROOT / following).read_text()))
            if word == "--set":
                values = overlaid(values, set_value(following))
        yield words, values


def set_value(text: str) -> dict[str, Any]:
    """What `--set` makes of a text."""
    path, _, value = text.partition("=")
    result: Any = yaml.safe_load(value)
    for key in reversed(path.split(".")):
        result = {key: result}
    found: dict[str, Any] = result
    return found


def test_helm_takes_the_values_of_every_installation(charts: Charts) -> None:
    about = yaml.safe_load((charts.folder / "rapport" / "Chart.yaml").read_text())
    archives = {f"dist/rapport-{about['version']}.tgz", "dist/rapport-0.2.0.tgz"}
    count = 0
    for words, values in installations():
        (chart,) = (word for word in words if "rapport-0" in word or word.startswith("oci://"))
        assert chart in archives or chart.startswith("oci://registry.example.com/"), words
        assert charts.render("rapport", values).of("Deployment"), words
        count += 1
    assert count >= 4


def test_every_value_that_is_set_is_one_of_the_charts(charts: Charts) -> None:
    with helm_python.Chart.load(charts.folder / "rapport") as chart:
        known = chart.merge_values({})
    given = set(re.findall(r"`--set ([\w.]+)=", TEXT))
    assert given == {"contacts.image.tag"}, "named in a sentence"
    given |= {w.partition("=")[0] for words, _ in installations() for w in words if "=" in w}
    assert len(given) >= 5
    for path in given:
        part, *keys = path.removeprefix("global.rapport.").split(".")
        values: Any = known["common"] if path.startswith("global.rapport.") else known[part]
        if path.startswith("global.rapport."):
            keys = [part, *keys]
        else:
            values = overlaid(values.get("common", {}), values)
        for key in keys:
            assert key in values, path
            values = values[key]


def test_every_object_that_is_named_is_made(charts: Charts) -> None:
    there = made(charts)
    named = [found for found in _OBJECT.findall(TEXT) if found[1].startswith("rapport-")]
    assert len(named) >= 4
    for kind, name in named:
        assert any((_KIND[kind], one) in there for one in _meant(name)), f"{kind}/{name}"


def test_every_object_that_a_runbook_names_is_made(charts: Charts) -> None:
    there = made(charts)
    named = {
        (page.name, kind, name)
        for page in (ROOT / "docs" / "runbooks").glob("*.md")
        for kind, name in _OBJECT.findall(page.read_text())
    }
    assert len(named) > 10
    for page, kind, name in sorted(named):
        assert any((_KIND[kind], one) in there for one in _meant(name)), f"{page}: {kind}/{name}"


def made(charts: Charts) -> set[tuple[str, str]]:
    """Kind and name of all that the umbrella makes in any environment."""
    with_operator = {"operator": {"enabled": True}}
    return {
        (one["kind"], one["metadata"]["name"])
        for environment in LAYERS
        for one in charts.render("rapport", values_of(environment) | with_operator).objects
    }


def _meant(name: str) -> list[str]:
    """The names that a name with SERVICE and ROLE in it may stand for."""
    return [
        name.replace("SERVICE", service.name).replace("ROLE", role)
        for service in SERVICES
        for role in ROLES
    ]


def test_the_formula_is_that_of_the_measurements() -> None:
    performance = (ROOT / "docs" / "performance.md").read_text()
    assert formula(TEXT.replace("\n> ", " ")) == formula(performance.replace("\n  ", " "))


def formula(text: str) -> list[tuple[str, str]]:
    """What is divided by what."""
    line = next(line for line in text.splitlines() if "reads / " in line)
    return re.findall(r"([a-z][a-z0-9 -]*) / ([\d.]+)", line)


def test_the_example_is_added_up_rightly() -> None:
    divisors = {name: float(by) for name, by in formula(TEXT.replace("\n> ", " "))}
    rows = re.findall(r"^\| (.+?) \| *([\d.]*) *\| ([\d.]+) \|$", TEXT, re.MULTILINE)
    found = {name: (rate, float(cores)) for name, rate, cores in rows}
    total = 0.0
    for name, by in divisors.items():
        (row,) = (
            row
            for row in found
            if row.startswith(name) or (name == "imported rows" and "import" in row)
        )
        cores = float(found[row][0]) / by
        assert found[row][1] == pytest.approx(cores, abs=0.005), row
        total += cores
    assert found["together"][1] == pytest.approx(total, abs=0.005)
    assert found["and half again"][1] == pytest.approx(total * 1.5, abs=0.005)
