"""The local platform's mail server: what it takes, what it refuses, what it keeps."""

import email
import email.policy
import os
import smtplib
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from aiosmtpd.smtp import Envelope

from chassis.embedded.processes import free_port, port_is_taken
from chassis.testing.waiting import eventually
from rapport_local.mail_intake import MailIntake
from rapport_local.mail_server import MailFolder


@dataclass(frozen=True)
class MailServer:
    """A running server."""

    port: int
    folder: Path

    def kept(self) -> list[Path]:
        """The files of what it has taken."""
        return sorted(self.folder.glob("*.eml"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    """The server as the platform runs it."""
    running = MailServer(free_port(), tmp_path_factory.mktemp("mail") / "mail")
    environment = {
        "RAPPORT_SMTP_PORT": str(running.port),
        "RAPPORT_MAIL_FOLDER": str(running.folder),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "rapport_local.mail_server"], env=os.environ | environment
    )
    try:
        eventually(lambda: port_is_taken(running.port))
        yield running
    finally:
        process.terminate()
        assert process.wait(10) == 0


def mail(to: str) -> EmailMessage:
    """A mail in Chinese."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "shop@example.com", to, "您好"
    message.set_content("一封信")
    return message


def test_a_mail_is_kept_as_it_came_with_its_envelope(server: MailServer) -> None:
    with smtplib.SMTP("127.0.0.1", server.port) as smtp:
        smtp.send_message(mail("ming@example.org"), to_addrs=["ming@example.org", "li@example.org"])
    kept = email.message_from_bytes(server.kept()[-1].read_bytes(), policy=email.policy.default)
    assert kept["X-Envelope-To"] == "ming@example.org, li@example.org"
    assert kept["Subject"] == "您好"
    assert kept.get_content() == "一封信\r\n"


@pytest.mark.parametrize(("domain", "code"), [("refused.example", 550), ("later.example", 451)])
def test_some_addresses_are_there_to_be_refused(server: MailServer, domain: str, code: int) -> None:
    before = server.kept()
    address = f"ming@{domain}"
    refusal = pytest.raises(smtplib.SMTPRecipientsRefused)
    with smtplib.SMTP("127.0.0.1", server.port) as smtp, refusal as refused:
        smtp.send_message(mail(address))
    assert refused.value.recipients[address][0] == code
    assert server.kept() == before


def test_the_oldest_mails_make_room_for_new_ones(tmp_path: Path) -> None:
    folder = MailFolder(tmp_path, most=3)
    names = []
    for number in range(5):
        envelope = Envelope()
        envelope.mail_from, envelope.content = (
            "a@example.com",
            f"Subject: {number}\r\n\r\n".encode(),
        )
        names.append(folder.keep(envelope))
    assert sorted(path.stem for path in tmp_path.glob("*.eml")) == names[2:]


def test_an_envelope_cannot_add_headers_of_its_own(tmp_path: Path) -> None:
    envelope = Envelope()
    envelope.mail_from, envelope.content = "a@example.com\r\nX-Forged: 1", b"Subject: x\r\n\r\n"
    name = MailFolder(tmp_path).keep(envelope)
    kept = email.message_from_bytes((tmp_path / f"{name}.eml").read_bytes())
    assert "X-Forged" not in kept


class Desk(BaseHTTPRequestHandler):
    """Desk as the mail server sees it: answers what the test says, and keeps what it was given."""

    answer = 200
    heard: ClassVar[list[tuple[str, str, bytes]]] = []

    def do_POST(self) -> None:
        """Take a mail over, or not."""
        content = self.rfile.read(int(self.headers["Content-Length"]))
        Desk.heard.append((self.path, self.headers["Authorization"], content))
        self.send_response(Desk.answer)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def desk() -> Iterator[str]:
    """The address of desk's door for mail."""
    Desk.answer, Desk.heard = 200, []
    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{served.server_port}/p/desk/mail"
        served.shutdown()
        thread.join()


def test_desk_is_given_the_mail_as_it_came_with_its_envelope(desk: str) -> None:
    intake = MailIntake(desk, "the secret of the platform")
    assert intake.take("ming@example.com", ["support+t.1.x@acme.example"], b"Subject: x\r\n\r\ny")
    ((path, shown, content),) = Desk.heard
    assert path == "/p/desk/mail?sender=ming%40example.com&recipient=support%2Bt.1.x%40acme.example"
    assert (shown, content) == ("Bearer the secret of the platform", b"Subject: x\r\n\r\ny")


def test_what_is_for_a_mailbox_is_taken_only_once_desk_has_it(desk: str) -> None:
    intake = MailIntake(desk, "secret")
    assert intake.take("a@example.com", ["support@acme.example"], b"x")
    for Desk.answer in (500, 503, 429, 403):
        assert not intake.take("a@example.com", ["Support+t.1.x@acme.example"], b"x")
    Desk.answer = 404
    assert intake.take("a@example.com", ["support@acme.example"], b"x")


def test_all_other_mail_does_not_wait_for_desk(desk: str) -> None:
    intake = MailIntake(desk, "secret")
    Desk.answer = 503
    assert intake.take("a@example.com", ["ming@example.com"], b"x")
    nobody_there = MailIntake(f"http://127.0.0.1:{free_port()}/p/desk/mail", "secret")
    assert nobody_there.take("a@example.com", ["ming@example.com"], b"x")
    nobody_there.known.add("support@acme.example")
    assert not nobody_there.take("a@example.com", ["support@acme.example"], b"x")


def test_a_mail_that_desk_cannot_take_is_put_off(desk: str, tmp_path: Path) -> None:
    port = free_port()
    environment = {
        "RAPPORT_SMTP_PORT": str(port),
        "RAPPORT_MAIL_FOLDER": str(tmp_path / "mail"),
        "RAPPORT_MAIL_INTAKE_URL": desk,
        "RAPPORT_MAIL_INTAKE_SECRET": "secret",
    }
    command = [sys.executable, "-m", "rapport_local.mail_server"]
    process = subprocess.Popen(command, env=os.environ | environment)
    try:
        eventually(lambda: port_is_taken(port))
        with smtplib.SMTP("127.0.0.1", port) as smtp:
            smtp.send_message(mail("support@acme.example"))
            Desk.answer = 503
            with pytest.raises(smtplib.SMTPDataError) as put_off:
                smtp.send_message(mail("support@acme.example"))
    finally:
        process.terminate()
        assert process.wait(10) == 0
    assert put_off.value.smtp_code == 451
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 1
