"""The demonstration's command: what it says when there is nothing to talk to."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from chassis.embedded.processes import free_port
from deploy.demo.__main__ import demo


def test_without_a_platform_it_says_how_to_start_one(tmp_path: Path) -> None:
    answer = CliRunner().invoke(demo, ["--state", str(tmp_path)])

    assert answer.exit_code == 1
    assert f"there is no platform in {tmp_path}; `make up` starts one" in answer.stderr
    assert (answer.stdout, answer.stderr.count("\n")) == ("", 1)


def test_a_platform_that_is_stopped_is_named_before_anything_is_shown(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "platform.json").write_text(json.dumps({"gateway": port}), encoding="utf-8")

    answer = CliRunner().invoke(demo, ["--state", str(tmp_path)])

    assert answer.exit_code == 1
    said = f"nothing answers at http://127.0.0.1:{port}; `make up` starts the platform"
    assert said in answer.stderr
    assert (answer.stdout, answer.stderr.count("\n")) == ("", 1)
