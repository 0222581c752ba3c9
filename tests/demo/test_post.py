"""The demonstration's customer has a mail server only where the platform runs on this machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.demo.serving.post import Post

HERE = "http://127.0.0.1:18000"


def test_the_mail_server_is_that_of_the_platform_behind_the_gateway(tmp_path: Path) -> None:
    ports = {"gateway": 18000, "mail": 18006}
    (tmp_path / "platform.json").write_text(json.dumps(ports), encoding="utf-8")
    assert Post.of(tmp_path, f"{HERE}/") == Post(tmp_path)
    assert Post.of(tmp_path, "https://crm.example") is None


@pytest.mark.parametrize("state", [None, Path("nowhere")])
def test_without_a_platform_here_there_is_none(state: Path | None) -> None:
    assert Post.of(state, HERE) is None


def test_who_gets_a_mail_is_what_its_envelope_says(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    folder.mkdir()
    for name, to in (
        ("2", "mei@home.example"),
        ("1", "mei@home.example"),
        ("3", "bo@home.example"),
    ):
        content = (
            f"X-Envelope-To: {to}\r\nSubject: {name}\r\nTo: other@home.example\r\n\r\nHello\r\n"
        )
        (folder / f"{name}.eml").write_bytes(content.encode())
    mails = Post(tmp_path).to("mei@home.example")
    assert [str(mail["Subject"]) for mail in mails] == ["1", "2"]
