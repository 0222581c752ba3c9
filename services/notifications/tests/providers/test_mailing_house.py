"""Letters wait for the mailing house and are in one batch each (NO-1)."""

from __future__ import annotations

import csv
import io
from uuid import uuid4

import orjson

from services.notifications.tests.delivery.sending import SendingNotifications

LETTERS = "/v1/notifications/letters"


def test_letters_are_downloaded_in_batches_each_of_them_once(
    sending: SendingNotifications,
) -> None:
    body = {"name": "Printers", "kind": "mailing_house", "channel": "post"}
    assert sending.client.post("/v1/notifications/providers", body).status_code == 201
    address = "王小明\n台北市信義區市府路1號"
    for text in ("=1+1", "Dear customer"):
        letter = {"to": address, "channel": "post", "content": {"text": text, "html": "<p>.</p>"}}
        assert sending.client.post("/v1/notifications/messages", letter).status_code == 201
    sending.work()
    assert sending.client.get(LETTERS).json == {"waiting": 2}
    made = sending.client.post(f"{LETTERS}/batches")
    assert (made.status_code, made.json["count"]) == (201, 2)
    lines = sending.client.get(made.headers["Location"]).data.splitlines()
    assert [orjson.loads(line)["address"] for line in lines] == [address, address]
    path = f"{made.headers['Location']}?format=csv"
    rows = list(csv.DictReader(io.StringIO(sending.client.get(path).text)))
    assert {row["text"] for row in rows} == {"'=1+1", "Dear customer"}
    assert sending.client.post(f"{LETTERS}/batches").json["code"] == "no_letters"
    stranger = sending.harness.app_client(uuid4())
    assert stranger.get(made.headers["Location"]).status_code == 404
