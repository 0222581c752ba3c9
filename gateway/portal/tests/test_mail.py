"""The mail that a development platform has sent, as developers see it."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from portal.app import build
from portal.catalogue import Catalogue
from portal.settings import PortalSettings

NAME = "20261122T093000000000-0123abcd"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as the mail server leaves it, with one mail."""
    message = EmailMessage()
    message["X-Envelope-From"], message["X-Envelope-To"] = "a@example.com", "ming@example.org"
    message["From"], message["To"] = "Shop <a@example.com>", "ming@example.org"
    message["Subject"] = "您好 <b>"
    message.set_content("Look at https://example.com/x <script>")
    message.add_alternative("<h1>您好</h1><script>alert(1)</script>", subtype="html")
    (tmp_path / f"{NAME}.eml").write_bytes(bytes(message))
    return tmp_path


@pytest.fixture
def client(settings: PortalSettings, catalogue: Catalogue, folder: Path) -> FlaskClient:
    """A portal that shows mail."""
    return build(settings.model_copy(update={"mail_folder": folder}), catalogue).test_client()


def test_the_list_shows_the_newest_first_and_can_be_searched(
    client: FlaskClient, folder: Path
) -> None:
    newer = NAME.replace("0930", "0931")
    (folder / f"{newer}.eml").write_bytes(b"Subject: Second\r\nTo: li@example.org\r\n\r\nx")
    page = client.get("/docs/mail").text
    assert page.index("Second") < page.index("您好 &lt;b&gt;")
    found = client.get("/docs/mail?q=MING").text
    assert "您好" in found
    assert "Second" not in found
    assert "Nothing matches" in client.get("/docs/mail?q=nobody").text


def test_a_letter_is_shown_without_running_anything_in_it(client: FlaskClient) -> None:
    page = client.get(f"/docs/mail/{NAME}")
    assert "<script>alert" not in page.text
    assert 'href="https://example.com/x"' in page.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    html = client.get(f"/docs/mail/{NAME}/html")
    policy = html.headers["Content-Security-Policy"]
    assert "<h1>您好</h1>" in html.text
    assert policy.startswith("sandbox")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    source = client.get(f"/docs/mail/{NAME}/source")
    assert source.content_type.startswith("text/plain")


@pytest.mark.parametrize("name", ["nothing", "..%2f..%2fsecrets", NAME[:-1] + "e"])
def test_only_mails_of_the_folder_are_shown(client: FlaskClient, name: str) -> None:
    for address in (f"/docs/mail/{name}", f"/docs/mail/{name}/html", f"/docs/mail/{name}/source"):
        assert client.get(address).status_code == 404


def test_a_mail_in_an_encoding_that_there_is_not_is_shown_all_the_same(
    client: FlaskClient, folder: Path
) -> None:
    odd = NAME.replace("0930", "0932")
    (folder / f"{odd}.eml").write_bytes(
        b"Subject: odd\r\nContent-Type: text/plain; charset=klingon\r\n\r\nhello\xff"
    )
    assert "hello" in client.get(f"/docs/mail/{odd}").text


def test_a_platform_without_a_mail_folder_has_no_such_pages(
    settings: PortalSettings, catalogue: Catalogue
) -> None:
    client = build(settings, catalogue).test_client()
    assert client.get("/docs/mail").status_code == 404
    assert "/docs/mail" not in client.get("/docs").text
