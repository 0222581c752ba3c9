"""Documents: every link between them leads somewhere, the list of decisions is whole, and READMEs name what there is to set."""

from __future__ import annotations

import re
import subprocess
from importlib import import_module
from pathlib import Path

import pytest

from chassis.settings import ServiceSettings
from rapport_local.services import SERVICES, ServiceDefinition
from tests.architecture.sources import ROOT

_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_NUMBERED = re.compile(r"^# (\d+)\. (.+)$", re.MULTILINE)


def documents() -> list[Path]:
    """All that are kept, and those that are about to be."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in found.stdout.splitlines() if (ROOT / line).exists()]


def prose(page: Path) -> str:
    """A page without what it shows of terminals and files."""
    return _BLOCK.sub("", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """What a page's headings are called in links."""
    kept = (re.sub(r"[^\w\- ]", "", one.lower()) for one in _HEADING.findall(prose(page)))
    return {one.strip().replace(" ", "-") for one in kept}


def leads_nowhere(page: Path, link: str) -> bool:
    """Whether a link to a file or a heading of ours leads to none."""
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    if not target.exists():
        return True
    return bool(anchor) and target.suffix == ".md" and anchor not in anchors(target)


@pytest.mark.parametrize("page", documents(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = [one for one in _LINK.findall(prose(page)) if not one.startswith(("http", "mailto:"))]
    assert [one for one in links if leads_nowhere(page, one)] == []


def test_a_link_that_leads_nowhere_is_found() -> None:
    readme = ROOT / "README.md"
    assert not leads_nowhere(readme, "docs/guides/operate.md#backup")
    assert leads_nowhere(readme, "docs/guides/operate.md#no-such-heading")
    assert leads_nowhere(readme, "docs/no-such-page.md")


def test_the_list_of_decisions_is_whole() -> None:
    folder = ROOT / "docs" / "decisions"
    pages = sorted(folder.glob("0*.md"))
    titles = [(*_NUMBERED.findall(page.read_text("utf-8"))[0], page.name) for page in pages]
    rows = [f"| {number} | [{title}]({name}) |" for number, title, name in titles]
    listed = (folder / "README.md").read_text("utf-8").splitlines()
    assert [line for line in listed if line.startswith("| ") and line[2].isdigit()] == rows


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_services_readme_names_its_own_settings(service: ServiceDefinition) -> None:
    found = import_module(f"{service.module}.settings")
    own = {
        name
        for one in vars(found).values()
        if isinstance(one, type) and issubclass(one, ServiceSettings)
        for name in one.model_fields.keys() - ServiceSettings.model_fields.keys()
    }
    readme = (ROOT / "services" / service.name / "README.md").read_text("utf-8")
    assert [name for name in sorted(own) if f"RAPPORT_{name.upper()}`" not in readme] == []
