"""Files whose rows are committed stay, also when the answer to the commit gets lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage

import pytest

from chassis.testing.access import FakeAccessSource
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import ServiceHarness, TestDatabase, settings_for
from chassis.testing.tokens import TestTokens
from desk.app import build
from desk.peers import Others
from desk.settings import DeskSettings
from services.desk.tests.builders import TICKETS, Desk, good
from services.desk.tests.lossy_wire import LossyWire, lossy_wire
from services.desk.tests.mailing import hand_over, new_mailbox

ATTACHMENTS = "/v1/desk/attachments"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@dataclass
class Distant:
    """An app of a service that is far from its database."""

    desk: Desk
    app: ApiClient
    wire: LossyWire


@pytest.fixture
def distant(
    database: TestDatabase,
    tokens: TestTokens,
    access: FakeAccessSource,
    own: dict[str, str],
    asked: Others,
) -> Iterator[Distant]:
    """A service whose commits may get lost."""
    with lossy_wire(database.runtime_url) as wire:
        settings = DeskSettings(**{**settings_for(database, **own), "database_url": wire.address})
        service = build(settings, keys=tokens.key_source(), access=access, asked=asked)
        harness = ServiceHarness(service, tokens, access)
        yield Distant(harness, harness.app_client(harness.new_tenant()), wire)
        service.stop()


def upload(client: ApiClient) -> ApiAnswer:
    """Send a file, the same one each time."""
    return client.post(
        ATTACHMENTS,
        query_string={"name": "leak.png"},
        data=PNG,
        headers={"Content-Type": "image/png", "Idempotency-Key": "once"},
    )


def test_a_file_that_was_stored_stays_when_nobody_heard_of_it(distant: Distant) -> None:
    distant.wire.lose_commit_after("INSERT INTO attachments")
    assert upload(distant.app).status_code == 503
    assert distant.wire.has_lost_it
    again = upload(distant.app)
    kept = good(again)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert distant.app.get(f"{ATTACHMENTS}/{kept['id']}/content").data == PNG


def test_the_files_of_a_mail_that_was_taken_in_stay_when_nobody_heard_of_it(
    distant: Distant,
) -> None:
    mailbox = new_mailbox(distant.app)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ann@a.example", mailbox["address"], "It leaks"
    mail["Message-ID"] = "<leak@a.example>"
    mail.set_content("See the picture")
    mail.add_attachment(PNG, maintype="image", subtype="png", filename="leak.png")
    distant.wire.lose_commit_after("INSERT INTO attachments")
    assert hand_over(distant.desk, mailbox, mail.as_bytes()).status_code == 503
    assert distant.wire.has_lost_it
    good(hand_over(distant.desk, mailbox, mail.as_bytes()))
    (ticket,) = distant.app.get(TICKETS).json["items"]
    (said,) = distant.app.get(f"{TICKETS}/{ticket['id']}/messages?kind=customer").json["items"]
    (attachment_id,) = said["attachment_ids"]
    assert distant.app.get(f"{ATTACHMENTS}/{attachment_id}/content").data == PNG
