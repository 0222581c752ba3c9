"""The quick start of README.md, pasted into a shell as it stands there, against a real platform."""

from __future__ import annotations

import json
import re
import subprocess
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


def paste(script: str, world: World, folder: Path) -> list[str]:
    """Run commands in a shell, with the platform's own address in place of the usual one."""
    script = script.replace(DEFAULT_GATEWAY, world.gateway)
    answer = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert answer.returncode == 0, f"{script}\n{answer.stdout}\n{answer.stderr}"
    return answer.stdout.splitlines()


@pytest.fixture
def allowed(world: World, acme: Organisation, tmp_path: Path) -> Path:
    """A folder in which the first commands were pasted and the administrator has said yes."""
    printed = paste(blocks()[0], world, tmp_path)
    address = printed[-1].split()[-1]
    with Browser(world.gateway) as browser:
        page = browser.open(address)
        page = browser.submit(page, page.form_with("user_code"))
        page = signed_in(browser, page, acme.tenant.administrator)
        browser.submit(page, page.form_with("decision"), decision="allow")
    return tmp_path


def test_the_quick_start_does_what_it_says_when_it_is_pasted(
    world: World, acme: Organisation, allowed: Path
) -> None:
    usual = f"G={world.gateway}"
    printed = "\n".join(paste("\n".join([usual, *blocks()[1:]]), world, allowed))
    assert "王小明" in printed
    assert '"code":' not in printed, "something was refused"
    assert [p["full_name"] for p in acme.admin.items("/v1/contacts/people")][-1] == "王小明"
    app = json.loads((allowed / "app.json").read_text(encoding="utf-8"))
    assert app["client_secret"]
