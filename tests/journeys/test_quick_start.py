"""The quick start of README.md, pasted into a shell as it stands there, against a real platform."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.demo.browser import Browser
from deploy.demo.sign_in import signed_in

from .world import Organisation, World

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_GATEWAY = "http://127.0.0.1:18000"


def blocks() -> list[str]:
    """What is to be pasted, in order."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.partition("\n## Quick start\n")[2].partition("\n## ")[0]
    found = re.findall(r"```bash\n(.*?)```", section, re.DOTALL)
    assert len(found) >= 3, "the quick start has lost its commands"
    return found


class Shell:
    """A shell that stays, as the reader's does, with the platform's own address in place of the usual one."""

    def __init__(self, world: World, folder: Path) -> None:
        self._gateway = world.gateway
        self._process = subprocess.Popen(
            ["/bin/bash", "-euo", "pipefail"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def paste(self, commands: str) -> None:
        """Type in what is in the document."""
        assert self._process.stdin is not None
        self._process.stdin.write(commands.replace(DEFAULT_GATEWAY, self._gateway))
        self._process.stdin.flush()

    def line(self) -> str:
        """The next line that is printed; an empty one if the shell has ended."""
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def rest(self) -> str:
        """All that is printed until everything is done, which must go well."""
        printed, _ = self._process.communicate(timeout=60)
        assert self._process.returncode == 0, printed
        return printed

    def close(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def shell(world: World, tmp_path: Path) -> Iterator[Shell]:
    """A shell in an empty folder."""
    opened = Shell(world, tmp_path)
    yield opened
    opened.close()


def allow(world: World, acme: Organisation, address: str) -> None:
    """Open the address that was printed, sign in, and let the command line in."""
    with Browser(world.gateway) as browser:
        page = browser.open(address)
        page = browser.submit(page, page.form_with("user_code"))
        page = signed_in(browser, page, acme.tenant.administrator)
        browser.submit(page, page.form_with("decision"), decision="allow")


def test_the_quick_start_does_what_it_says_when_it_is_pasted(
    world: World, acme: Organisation, shell: Shell, tmp_path: Path
) -> None:
    first, *others = blocks()
    shell.paste(first)
    said = shell.line()
    assert said.startswith("open http"), said
    allow(world, acme, said.split()[-1])
    for block in others:
        shell.paste(block)
    printed = shell.rest()

    assert printed.count("王小明") == 3
    assert '"code":' not in printed, "something was refused"
    assert [p["full_name"] for p in acme.admin.items("/v1/contacts/people")][-1] == "王小明"
    assert list(tmp_path.iterdir()) == [], "a secret may have been left in a file"


def test_the_quick_start_shows_why_when_the_command_line_was_not_let_in(shell: Shell) -> None:
    first, second, *_ = blocks()
    shell.paste(first)
    shell.line()
    shell.paste(second.partition("\n\n")[0] + "\n")

    assert "authorization_pending" in shell.line()
