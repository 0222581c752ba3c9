"""People as a stream of lines: answered line by line, stored chunk by chunk, never twice."""

from __future__ import annotations

import io
from typing import Any

import orjson
import pytest

from chassis.http.ndjson import CHUNK, IN_MEMORY, INGEST_BODY, MAX_LINE
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx

Contacts = ServiceHarness[ContactsTx]
PEOPLE = "/v1/contacts/people"
INGEST = f"{PEOPLE}/ingest"
KEY = {"Idempotency-Key": "load-7"}


@pytest.fixture
def app(contacts: Contacts) -> ApiClient:
    """An external app with every permission, in a tenant of its own."""
    return contacts.app_client(contacts.new_tenant())


def ingest(
    app: ApiClient,
    body: bytes,
    path: str = INGEST,
    headers: dict[str, str] | None = None,
    promised: int | None = None,
) -> ApiAnswer:
    """Send lines; `promised` is the length that is declared, the true one by default."""
    length = len(body) if promised is None else promised
    return app.post(
        path,
        input_stream=io.BytesIO(body),
        content_type="application/x-ndjson",
        headers=headers,
        environ_overrides={"CONTENT_LENGTH": str(length)},
    )


def answers(response: ApiAnswer) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "application/x-ndjson"
    return [orjson.loads(line) for line in response.data.splitlines()]


def lines(*items: Any) -> bytes:
    return b"".join(orjson.dumps(item) + b"\n" for item in items)


def numbered(count: int) -> bytes:
    return lines(
        *({"full_name": f"P{n}", "external_ids": [{"system": "erp", "id": str(n)}]}
          for n in range(count))
    )  # fmt: skip


def total(app: ApiClient) -> int:
    count: int = app.get(f"{PEOPLE}?count=true&page_size=1").json["total_count"]
    return count


def test_every_line_is_answered_and_the_last_line_says_how_it_ended(app: ApiClient) -> None:
    first, second, end = answers(ingest(app, lines({"full_name": "A"}, {"full_name": "B"})))
    assert (first["line"], first["status"], first["version"]) == (1, 201, 1)
    assert app.get(f"{PEOPLE}/{second['id']}").json["full_name"] == "B"
    assert end == {"done": True, "succeeded": 2, "failed": 0}


def test_a_bad_line_is_named_by_its_number_and_spoils_no_other(app: ApiClient) -> None:
    body = b'{"full_name": "A"}\n\n{"full_name": \n[1]\n{"emails": [{"address": "x@"}]}\r\n'
    body += b"\xff\xfe\n" + b'{"full_name": "B"}'
    *told, end = answers(ingest(app, body))
    assert [(t["line"], t["status"]) for t in told] == [
        (1, 201), (3, 400), (4, 422), (5, 422), (6, 400), (7, 201),
    ]  # fmt: skip
    assert told[1]["problem"]["code"] == "json_unparsable"
    assert told[1]["problem"]["instance"] == f"{INGEST}#line=3"
    assert told[3]["problem"]["errors"][0]["pointer"] == "/emails/0/address"
    assert end == {"done": True, "succeeded": 2, "failed": 4}
    assert total(app) == 2


def test_a_line_that_is_too_long_is_read_past(app: ApiClient) -> None:
    long = b'{"full_name": "' + b"x" * (2 * MAX_LINE) + b'"}\n'
    *told, end = answers(ingest(app, long + lines({"full_name": "A"})))
    assert [(t["line"], t["status"]) for t in told] == [(1, 413), (2, 201)]
    assert end["done"] is True


def test_lines_beyond_one_chunk_are_all_stored(contacts: Contacts, app: ApiClient) -> None:
    count = 2 * CHUNK + 17
    *told, end = answers(ingest(app, numbered(count)))
    assert [t["line"] for t in told] == list(range(1, count + 1))
    assert end == {"done": True, "succeeded": count, "failed": 0}
    assert total(app) == count
    assert app.tenant_id is not None
    assert len(contacts.facts(app.tenant_id)) == count


def test_the_same_key_and_body_is_answered_alike_and_done_once(app: ApiClient) -> None:
    body = lines(*({"full_name": f"P{n}"} for n in range(CHUNK + 5)), {"source": "nobody"})
    first = answers(ingest(app, body, headers=KEY))
    again = answers(ingest(app, body, headers=KEY))
    assert again == first
    assert total(app) == CHUNK + 5


def test_a_cut_off_load_goes_on_where_it_stopped(app: ApiClient) -> None:
    """The first attempt stored one chunk; the second, with the whole body, adds the rest."""
    body = lines(*({"full_name": f"P{n}"} for n in range(2 * CHUNK)))
    half = b"".join(body.splitlines(keepends=True)[:CHUNK])
    first = answers(ingest(app, half, headers=KEY))
    again = answers(ingest(app, body, headers=KEY))
    assert again[:CHUNK] == first[:CHUNK]
    assert again[-1] == {"done": True, "succeeded": 2 * CHUNK, "failed": 0}
    assert total(app) == 2 * CHUNK


def test_a_body_that_ends_too_early_is_refused_and_stores_nothing(app: ApiClient) -> None:
    body = lines(*({"full_name": f"P{n}"} for n in range(CHUNK + 5)))
    response = ingest(app, body, promised=len(body) + 100)
    assert (response.status_code, response.json["code"]) == (400, "bad_request")
    assert total(app) == 0


def test_a_body_that_waits_on_disk_is_read_to_its_end(app: ApiClient) -> None:
    one = orjson.dumps({"full_name": "P", "custom_fields": {}, "source": "s" * 480}) + b"\n"
    blanks = b" " * (MAX_LINE // 2) + b"\n"
    body = one + blanks * (2 * IN_MEMORY // len(blanks)) + one
    first, second, end = answers(ingest(app, body))
    assert (first["line"], second["line"]) == (1, body.count(b"\n"))
    assert end == {"done": True, "succeeded": 2, "failed": 0}


def test_a_key_with_other_lines_ends_the_load_and_says_where(app: ApiClient) -> None:
    ingest(app, numbered(3), headers=KEY)
    (end,) = answers(ingest(app, lines({"full_name": "other"}), headers=KEY))
    assert (end["done"], end["next_line"], end["status"]) == (False, 1, 422)
    assert end["problem"]["code"] == "idempotency_key_reused"
    assert total(app) == 3


def test_external_ids_make_a_repeated_load_harmless_without_a_key(app: ApiClient) -> None:
    path = f"{INGEST}?upsert_by=erp"
    first = answers(ingest(app, numbered(30), path))
    again = answers(ingest(app, numbered(30), path))
    assert [t["id"] for t in again[:-1]] == [t["id"] for t in first[:-1]]
    assert {t["status"] for t in again[:-1]} == {200}
    refused = answers(ingest(app, numbered(30)))
    assert {t["status"] for t in refused[:-1]} == {409}
    assert total(app) == 30


def test_a_key_that_cannot_be_one_is_refused_before_anything_is_stored(app: ApiClient) -> None:
    response = ingest(app, numbered(1), headers={"Idempotency-Key": "k" * 256})
    assert (response.status_code, response.json["code"]) == (422, "idempotency_key_invalid")
    assert total(app) == 0


def test_another_media_type_and_a_body_over_the_limit_are_refused(app: ApiClient) -> None:
    assert app.post(INGEST, {"full_name": "A"}).status_code == 415
    response = ingest(app, b"{}\n", promised=INGEST_BODY + 1)
    assert (response.status_code, response.json["code"]) == (413, "body_too_large")


def test_an_empty_body_is_an_empty_load(app: ApiClient) -> None:
    assert answers(ingest(app, b"")) == [{"done": True, "succeeded": 0, "failed": 0}]


def test_ingesting_needs_the_permission_to_write(contacts: Contacts) -> None:
    reader = contacts.app_client(contacts.new_tenant(), "contacts.people.read")
    assert ingest(reader, numbered(1)).status_code == 403
