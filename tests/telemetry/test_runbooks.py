"""Runbooks: what they tell people to run exists, and what they ask Prometheus is declared."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from deploy.observability.registry import load_registry
from rapport_operator.cli import cli
from tests.telemetry.expressions import ROOT, recorded, undeclared

FOLDER = ROOT / "docs" / "runbooks"
PAGES = sorted(FOLDER.glob("*.md"))
_BLOCK = re.compile(r"```promql\n(.*?)```", re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)#]+)")
_KUBECTL = {
    "config", "delete", "describe", "exec", "get", "logs", "patch", "rollout", "scale",
}  # fmt: skip


def codes(page: Path) -> list[str]:
    """What a page has in code, apart from blocks."""
    return _CODE.findall(re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL))


def queries(page: Path) -> list[str]:
    """The PromQL of a page: lines of blocks, and code that names a declared series."""
    text = page.read_text("utf-8")
    lines = [line for block in _BLOCK.findall(text) for line in block.splitlines() if line]
    names = re.compile(rf"\b({'|'.join(load_registry().by_series())})\b")
    # A lone name of a metric is a query as well; code with other words around is a shell's.
    inline = [code for code in codes(page) if names.search(code) and not code.startswith("RAPPORT")]
    return lines + inline


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_runbook_asks_only_for_what_is_declared(page: Path) -> None:
    known, names = load_registry(), recorded()
    histograms = {metric.name for metric in known.metrics if metric.type == "histogram"}
    wrong = {
        query: found
        for query in queries(page)
        if query not in histograms and (found := undeclared(query, known, names))
    }
    assert not wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_runbook_runs_only_commands_that_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for code in codes(page):
        words = code.split()
        match words:
            case [("rapport" | ".venv/bin/rapport"), *rest] if rest:
                assert _leads_somewhere(cli, rest), code
            case ["make", target, *_]:
                assert target in targets, code
            case ["kubectl", verb, *_]:
                assert verb in _KUBECTL, code
            case ["helm", verb, *_]:
                assert verb in {"history", "rollback", "upgrade"}, code
            case _:
                pass


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_runbook_links_only_to_what_is_there(page: Path) -> None:
    links = [link for link in _LINK.findall(page.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []
    named = [code for code in codes(page) if code.startswith(("docs/", "deploy/"))]
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_list_of_runbooks_is_whole() -> None:
    links = _LINK.findall((FOLDER / "README.md").read_text("utf-8"))
    listed = {link for link in links if "/" not in link}
    assert listed == {page.name for page in PAGES if page.stem != "README"}


def _leads_somewhere(command: click.Command, words: list[str]) -> bool:
    """Whether the words name a command; what follows it are its own arguments."""
    if not isinstance(command, click.Group):
        return True
    found = command.get_command(click.Context(command), words[0]) if words else None
    return found is not None and _leads_somewhere(found, words[1:])


def test_a_command_that_does_not_exist_is_found() -> None:
    assert _leads_somewhere(cli, ["dead-letters", "replay", "17"])
    assert not _leads_somewhere(cli, ["dead-letters", "bury"])
