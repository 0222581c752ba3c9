"""How files, mailboxes and mails of the desk are made for the estate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_MAIL = (
    b"From: Amphitrite <amphitrite@customers.example>\r\nTo: support@amphitrite.example\r\n"
    b"Subject: Amphitrite\r\nMessage-ID: <amphitrite@customers.example>\r\nX-Spam-Flag: YES\r\n\r\n"
    b"Amphitrite\r\n"
)
"""A mail with the estate's mark; it is held back, so that somebody may let it through."""


def mailing_recipes(_posted: Callable[..., Any], good: Callable[..., Any]) -> dict[str, Any]:
    """The recipes, by the names that path parameters have for the records; in this order."""
    secrets: dict[str, str] = {}

    def attachment(owned: Any) -> str:
        owner, path = owned.owner("desk"), "/v1/desk/attachments"
        head = {"Content-Type": "text/plain"}
        query = {"name": "amphitrite.txt"}
        sent = owner.post(path, query_string=query, data=b"Amphitrite", headers=head)
        return str(good(sent, path).json["id"])

    def mailbox(owned: Any) -> str:
        path = "/v1/desk/mailboxes"
        address = f"amphitrite.{owned.tenant_id.hex[-12:]}@customers.example"
        body = {"address": address, "display_name": "Amphitrite"}
        made = good(owned.owner("desk").post(path, body), path).json
        secrets[made["id"]] = made["secret"]
        return str(made["id"])

    def mail(owned: Any) -> str:
        mailbox_id = owned.ids["mailbox_id"]
        path = f"/p/desk/mail/{mailbox_id}"
        head = {
            "Authorization": f"Bearer {secrets[mailbox_id]}",
            "Content-Type": "message/rfc822",
        }
        anybody = owned.services["desk"].harness.anonymous()
        taken = good(anybody.post(path, data=_MAIL, headers=head), path).json
        return str(taken["items"][0]["mail_id"])

    return {"attachment_id": attachment, "mailbox_id": mailbox, "mail_id": mail}
