"""Attachments over REST: sent, attached, read within reach, linked, and gone when nobody wants them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiAnswer, ApiClient
from desk.attachments.files import FolderFileStore
from desk.attachments.pruning import AttachmentPruning
from rapport.desk.events.v1 import attachment_events_pb2 as events
from services.desk.tests.builders import (
    TICKETS,
    Desk,
    at_once,
    facts,
    good,
    lasting_app,
    open_ticket,
    refused,
)

ATTACHMENTS = "/v1/desk/attachments"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def upload(client: ApiClient, content: bytes = PNG, name: str = "leak.png") -> ApiAnswer:
    """Send a file."""
    return client.post(
        ATTACHMENTS,
        query_string={"name": name},
        data=content,
        headers={"Content-Type": "application/octet-stream"},
    )


def said(client: ApiClient, ticket_id: str, *attachment_ids: str) -> ApiAnswer:
    """Have files go with what a customer said."""
    body = {"text": "See the picture", "attachment_ids": list(attachment_ids)}
    return client.post(f"{TICKETS}/{ticket_id}/customer-messages", body)


def pruning(desk: Desk, own: dict[str, str]) -> AttachmentPruning:
    """What has files go, by the clock of the service."""
    files = FolderFileStore(Path(own["attachments"]) / "files")
    return AttachmentPruning(desk.service.database, files, desk.service.clock)


def path_of(own: dict[str, str], app: ApiClient, attachment_id: str) -> Path:
    """Where the file of an attachment has to be."""
    assert app.tenant_id is not None
    name = UUID(attachment_id).hex
    return Path(own["attachments"]) / "files" / app.tenant_id.hex / name[-2:] / name


def test_listing_needs_a_token(desk: Desk) -> None:
    assert refused(desk.anonymous().get(ATTACHMENTS)) == (401, "token_missing")


def test_a_file_is_kept_and_handed_out_to_be_saved(
    desk: Desk, app: ApiClient, own: dict[str, str]
) -> None:
    answer = upload(app, name="漏水 photo.png")
    kept = good(answer)
    assert (kept["name"], kept["content_type"], kept["size"]) == ("漏水 photo.png", "image/png", 48)
    assert path_of(own, app, kept["id"]).read_bytes() == PNG

    content = app.get(f"{answer.headers['Location']}/content")
    assert content.data == PNG
    assert content.headers["Content-Type"] == "image/png"
    assert content.headers["X-Content-Type-Options"] == "nosniff"
    assert content.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert content.headers["Content-Disposition"] == (
        "attachment; filename=\"__ photo.png\"; filename*=UTF-8''%E6%BC%8F%E6%B0%B4%20photo.png"
    )
    assert [one.attachment_id for one in facts(desk, app, events.AttachmentStored)] == [kept["id"]]


@pytest.mark.parametrize("name", ["../a.png", "a\x00.png", "a\u202e.png", "", "x" * 300])
def test_a_name_that_leads_elsewhere_is_refused(app: ApiClient, name: str) -> None:
    assert upload(app, name=name).status_code in (400, 422)
    assert app.get(ATTACHMENTS).json["items"] == []


def test_what_is_not_kept_is_refused_with_its_reason(app: ApiClient) -> None:
    answer = upload(app, b"MZ\x90\x00\x03", "setup.png")
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "file_kind")
    large = upload(app, PNG + bytes(16 * 1024 * 1024))
    assert refused(large) == (413, "body_too_large")


def test_the_same_key_keeps_one_file(app: ApiClient, own: dict[str, str]) -> None:
    head = {"Content-Type": "image/png", "Idempotency-Key": "once"}
    sent = [
        app.post(ATTACHMENTS, query_string={"name": "a.png"}, data=PNG, headers=head)
        for _ in range(2)
    ]
    assert sent[0].json == sent[1].json
    folder = path_of(own, app, sent[0].json["id"]).parents[1]
    assert [path.name for path in folder.glob("*/*")] == [UUID(sent[0].json["id"]).hex]


def test_another_tenants_file_is_invisible(desk: Desk, app: ApiClient) -> None:
    kept = good(upload(app))
    stranger = desk.app_client(desk.new_tenant())
    for path in ("", "/content", "/link"):
        assert stranger.get(f"{ATTACHMENTS}/{kept['id']}{path}").status_code == 404
    assert stranger.delete(f"{ATTACHMENTS}/{kept['id']}").status_code == 404
    ticket = open_ticket(stranger)
    answer = said(stranger, ticket["id"], kept["id"])
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "attachment_unknown")


def test_two_messages_at_once_get_a_file_once(desk: Desk, app: ApiClient) -> None:
    kept = good(upload(app))
    tickets = [open_ticket(app)["id"] for _ in range(2)]
    codes = at_once(*(lambda one=one: said(app, one, kept["id"]) for one in tickets))
    assert codes == [201, 409]
    (attached,) = facts(desk, app, events.AttachmentAttached)
    assert attached.ticket_id in tickets
    assert good(app.get(f"{ATTACHMENTS}/{kept['id']}"))["message_id"] == attached.message_id
    assert refused(app.delete(f"{ATTACHMENTS}/{kept['id']}")) == (409, "attachment_not_loose")


def test_a_file_is_seen_with_its_ticket_and_before_by_who_sent_it(
    desk: Desk, app: ApiClient
) -> None:
    assert app.tenant_id is not None
    one, other = (
        desk.user_client(app.tenant_id, {"desk.tickets.read": "own", "desk.tickets.write": "own"})
        for _ in range(2)
    )
    kept = good(upload(one))
    assert good(one.get(f"{ATTACHMENTS}/{kept['id']}"))["name"] == "leak.png"
    assert other.get(f"{ATTACHMENTS}/{kept['id']}").status_code == 404
    ticket = open_ticket(one)
    assert said(one, ticket["id"], kept["id"]).status_code == 201
    assert [item["id"] for item in one.get(ATTACHMENTS).json["items"]] == [kept["id"]]
    assert other.get(ATTACHMENTS).json["items"] == []


def test_a_link_leads_a_customer_to_the_file_until_it_ends(
    timed: Desk, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    kept = good(upload(app))
    assert said(app, open_ticket(app)["id"], kept["id"]).status_code == 201
    link = good(app.get(f"{ATTACHMENTS}/{kept['id']}/link"))
    url = urlsplit(link["url"])
    customer = timed.anonymous()
    where = f"{url.path}?{url.query}"
    assert customer.get(where).data == PNG
    assert customer.get(where).headers["Content-Disposition"].startswith("attachment;")
    changed = "A" if where[-9] != "A" else "B"
    assert customer.get(where[:-9] + changed + where[-8:]).status_code == 404
    assert customer.get(url.path).status_code == 404
    clock.move(timedelta(days=30))
    assert customer.get(where).status_code == 404


def test_what_nobody_attaches_goes_after_a_day(
    timed: Desk, clock: MovableClock, own: dict[str, str]
) -> None:
    app, work = lasting_app(timed, clock), pruning(timed, own)
    loose, attached = good(upload(app)), good(upload(app))
    assert said(app, open_ticket(app)["id"], attached["id"]).status_code == 201
    clock.move(timedelta(hours=23))
    work.prune()
    assert app.get(f"{ATTACHMENTS}/{loose['id']}").status_code == 200
    clock.move(timedelta(hours=1, seconds=1))
    work.prune()
    assert app.get(f"{ATTACHMENTS}/{loose['id']}").status_code == 404
    assert not path_of(own, app, loose["id"]).exists()
    assert app.get(f"{ATTACHMENTS}/{attached['id']}/content").data == PNG


def test_a_deleted_file_is_gone_at_once_and_from_the_disk_soon(
    timed: Desk, clock: MovableClock, own: dict[str, str]
) -> None:
    app = lasting_app(timed, clock)
    kept = good(upload(app))
    assert app.delete(f"{ATTACHMENTS}/{kept['id']}").status_code == 204
    assert app.get(f"{ATTACHMENTS}/{kept['id']}/content").status_code == 404
    assert app.delete(f"{ATTACHMENTS}/{kept['id']}").status_code == 404
    pruning(timed, own).prune()
    assert not path_of(own, app, kept["id"]).exists()


def test_a_stray_file_is_swept_away_and_no_other(
    timed: Desk, clock: MovableClock, own: dict[str, str]
) -> None:
    app, work = lasting_app(timed, clock), pruning(timed, own)
    kept = good(upload(app))
    assert said(app, open_ticket(app)["id"], kept["id"]).status_code == 201
    files = FolderFileStore(Path(own["attachments"]) / "files")
    stray = UUID(int=7)
    assert app.tenant_id is not None
    files.write(app.tenant_id, stray, b"left by a process that died")
    work.sweep()
    assert path_of(own, app, str(stray)).exists()
    clock.move(timedelta(days=1, minutes=1))
    work.sweep()
    assert not path_of(own, app, str(stray)).exists()
    assert path_of(own, app, kept["id"]).exists()
