"""The letterhead over REST: what quotes print of the seller, by number."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image

from chassis.testing.client import ApiClient
from rapport.sales.events.v1.letterhead_events_pb2 import LetterheadChanged
from services.sales.tests.builders import Sales, at_once, facts, good, places, refused
from services.sales.tests.sending import LETTERHEAD, SELLER


def picture(width: int = 8, height: int = 8, kind: str = "PNG") -> bytes:
    """A picture of one colour."""
    written = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(written, kind)
    return written.getvalue()


def with_logo(logo: bytes) -> dict[str, Any]:
    """A letterhead with this as its logo."""
    return {**SELLER, "logo": base64.b64encode(logo).decode()}


def test_reading_needs_a_token_and_shows_no_other_tenants(sales: Sales, app: ApiClient) -> None:
    good(app.put(LETTERHEAD, SELLER))
    assert refused(sales.anonymous().get(LETTERHEAD)) == (401, "token_missing")
    assert sales.app_client(sales.new_tenant()).get(LETTERHEAD).status_code == 404


def test_there_is_none_until_somebody_says_what_it_is(app: ApiClient) -> None:
    assert app.get(LETTERHEAD).status_code == 404
    said = good(app.put(LETTERHEAD, with_logo(picture())))
    read = app.get(LETTERHEAD)
    assert (read.json, read.headers["ETag"]) == (said, f'"{said["version"]}"')
    assert (said["number"], said["website"], said["name"]) == (1, "", SELLER["name"])


def test_each_change_is_numbered_and_told_and_the_same_again_is_none(
    sales: Sales, app: ApiClient
) -> None:
    names = ("One", "Two", "Two")
    said = [good(app.put(LETTERHEAD, {**SELLER, "name": {"en": name}})) for name in names]
    assert [one["number"] for one in said] == [1, 2, 2]
    assert [one.number for one in facts(sales, app, LetterheadChanged)] == [1, 2]


def test_whoever_changes_an_older_one_than_there_is_is_refused(app: ApiClient) -> None:
    old = app.put(LETTERHEAD, SELLER).headers["ETag"]
    good(app.put(LETTERHEAD, {**SELLER, "phone": "1"}, headers={"If-Match": old}))
    late = app.put(LETTERHEAD, {**SELLER, "phone": "2"}, headers={"If-Match": old})
    assert refused(late) == (412, "version_mismatch")
    assert app.get(LETTERHEAD).json["phone"] == "1"


def test_changes_at_once_are_numbered_one_after_the_other(app: ApiClient) -> None:
    good(app.put(LETTERHEAD, SELLER))
    calls = [lambda n=n: app.put(LETTERHEAD, {**SELLER, "phone": str(n)}) for n in range(4)]
    assert at_once(*calls) == [200] * 4
    assert app.get(LETTERHEAD).json["number"] == 5


@pytest.mark.parametrize(
    ("logo", "code"),
    [
        ("no Base64!", "not_base64"),
        (base64.b64encode(b"GIF89a, or so").decode(), "not_a_picture"),
        (base64.b64encode(picture(64, 64, "JPEG")[:400]).decode(), "not_a_picture"),
        (base64.b64encode(picture(3000, 3000)).decode(), "logo_too_large"),
        (base64.b64encode(b"\x89PNG" + b"0" * 65_600).decode(), "logo_too_large"),
    ],
)
def test_a_logo_that_is_none_is_refused(app: ApiClient, logo: str, code: str) -> None:
    assert places(app.put(LETTERHEAD, {**SELLER, "logo": logo})) == [("/logo", code)]
    assert app.get(LETTERHEAD).status_code == 404


def test_only_who_may_changes_it(sales: Sales) -> None:
    client = sales.app_client(sales.new_tenant(), "sales.letterhead.read")
    assert refused(client.put(LETTERHEAD, SELLER)) == (403, "permission_missing")
