"""Templates over REST: drafts, versions, previews, and who may do what."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.context import service_caller
from chassis.embedded.postgres import PostgresServer
from chassis.storage.scope import EVERYTHING
from chassis.testing.access import FakeAccessSource
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness, migrated_database, settings_for
from chassis.testing.tokens import TestTokens
from notifications.app import build
from notifications.delivery.recipients import Addressee
from notifications.description import DESCRIPTION
from notifications.settings import NotificationsSettings
from notifications.templates.live import live_version
from notifications.transaction import NotificationsTx
from services.notifications.tests.conftest import OWN_SETTINGS
from services.notifications.tests.fakes import FakeRecipients

TEMPLATES = "/v1/notifications/templates"
PERSON = uuid4()


@pytest.fixture(scope="session")
def service(
    postgres: PostgresServer, tokens: TestTokens, access: FakeAccessSource
) -> Iterator[ServiceHarness[NotificationsTx]]:
    """Notifications without the parts that need a broker."""
    database = migrated_database(
        postgres, "notifications", DESCRIPTION.migrations, "notifications_templates"
    )
    settings = NotificationsSettings(**settings_for(database, **OWN_SETTINGS))
    recipients = FakeRecipients()
    recipients.know(
        Addressee(PERSON, "x@example.com", name="王小明", language="zh-TW", time_zone="Asia/Taipei")
    )
    service = build(settings, keys=tokens.key_source(), access=access, recipients=recipients)
    yield ServiceHarness(service, tokens, access)
    service.stop()


@pytest.fixture
def author(service: ServiceHarness[NotificationsTx]) -> ApiClient:
    """An app that may do everything, of a tenant of its own."""
    return service.app_client(service.new_tenant())


def begun(author: ApiClient, key: str = "welcome", **changes: Any) -> str:
    """A template for text messages; gives its path."""
    body = {
        "key": key,
        "name": "Welcome",
        "variables": {
            "type": "object",
            "properties": {"code": {"type": "string", "maxLength": 10}},
            "required": ["code"],
        },
        "content": {"sms": {"en": {"text": "Code {{ code }}, {{ recipient.name }}"}}},
        **changes,
    }
    answer = author.post(TEMPLATES, body)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def text_now(author: ApiClient, key: str = "welcome") -> str:
    """What would be sent under a key."""
    body = {"key": key, "channel": "sms", "variables": {"code": "1"}, "recipient": {"name": "Bo"}}
    answer = author.post(f"{TEMPLATES}/preview", body)
    assert answer.status_code == 200, answer.text
    return str(answer.json["text"])


def rewrite(author: ApiClient, path: str, text: str) -> None:
    """Change the English text of the draft."""
    answer = author.patch(
        path,
        json={"content": {"sms": {"en": {"text": text}}}},
        headers={"Content-Type": "application/merge-patch+json"},
    )
    assert answer.status_code == 200, answer.text


def test_nobody_gets_in_without_a_token_or_the_permission(
    service: ServiceHarness[NotificationsTx], author: ApiClient
) -> None:
    path = begun(author)
    assert service.anonymous().get(TEMPLATES).status_code == 401
    assert author.tenant_id is not None
    writer = service.app_client(author.tenant_id, "notifications.templates.write")
    assert writer.get(path).status_code == 403
    assert writer.post(f"{path}/publish").status_code == 403
    stranger = service.app_client(service.new_tenant())
    assert stranger.get(path).status_code == 404
    assert stranger.post(f"{path}/publish").status_code == 404
    assert stranger.post(f"{path}/preview", {"channel": "sms"}).status_code == 404
    assert stranger.get(TEMPLATES).json["items"] == []


def test_a_draft_is_sent_only_when_it_is_published_and_can_be_taken_back(
    service: ServiceHarness[NotificationsTx], author: ApiClient
) -> None:
    path = begun(author)
    assert (
        author.post(f"{TEMPLATES}/preview", {"key": "welcome", "channel": "sms"}).status_code == 404
    )
    assert author.post(f"{path}/publish").json["live"] == 1
    rewrite(author, path, "Second {{ code }}")
    assert text_now(author) == "Code 1, Bo"
    assert author.post(f"{path}/publish").json["live"] == 2
    assert text_now(author) == "Second 1"
    back = author.post(f"{path}/roll-back", {"to": 1})
    assert (back.json["live"], back.json["latest"]) == (1, 2)
    assert text_now(author) == "Code 1, Bo"
    assert author.post(f"{path}/roll-back", {"to": 3}).status_code == 404
    versions = author.get(f"{path}/versions").json["items"]
    assert [(one["number"], one["live"]) for one in versions] == [(2, False), (1, True)]
    first = author.get(f"{path}/versions/1").json
    assert first["content"]["sms"]["en"]["text"].startswith("Code")
    assert author.tenant_id is not None
    types = [kind.rpartition(".")[2] for kind, _ in service.facts(author.tenant_id)]
    assert types == ["TemplateCreated", *["TemplatePublished"] * 3]


def test_publishing_tells_everything_that_is_wrong_and_changes_nothing(author: ApiClient) -> None:
    path = begun(
        author,
        default_language="zh-TW",
        content={
            "sms": {"zh-Hant": {"text": "{{ cod }}"}},
            "email": {"en": {"text": "Hello"}},
        },
    )
    answer = author.post(f"{path}/publish")
    assert (answer.status_code, answer.json["code"]) == (422, "template_failed")
    assert {error["pointer"] for error in answer.json["errors"]} == {
        "/content/sms",
        "/content/email",
        "/content/email/en/subject",
    }
    assert author.get(path).json["live"] is None


def test_a_draft_that_cannot_even_be_kept_is_refused_at_each_place(author: ApiClient) -> None:
    body = {
        "key": "bad",
        "name": "Bad",
        "default_language": "english please",
        "variables": {
            "type": "object",
            "properties": {
                "a": {"type": "string", "pattern": "(a+)+$"},
                "recipient": {"type": "string"},
                "b": {"$ref": "#"},
            },
        },
        "content": {
            "sms": {"en": {"subject": "no"}, "zh-tw": {"text": "x"}},
            "email": {"en": {"mjml": "x", "html": "y"}},
        },
    }
    answer = author.post(TEMPLATES, body)
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json["errors"]} == {
        "/default_language",
        "/variables/properties/a/pattern",
        "/variables/properties/b/$ref",
        "/content/sms/en/subject",
        "/content/email/en/html",
    }


def test_a_key_belongs_to_one_template(author: ApiClient) -> None:
    begun(author)
    answer = author.post(TEMPLATES, {"key": "welcome", "name": "Again"})
    assert (answer.status_code, answer.json["code"]) == (409, "template_exists")


def test_a_patch_changes_what_it_mentions_and_null_takes_away(author: ApiClient) -> None:
    path = begun(author, content={"sms": {"en": {"text": "a"}, "de": {"text": "b"}}})
    merge = {"Content-Type": "application/merge-patch+json"}
    change = {"content": {"sms": {"de": None, "fr": {"text": "c"}}}, "name": "New"}
    answer = author.patch(path, json=change, headers={**merge, "If-Match": '"1"'})
    assert answer.json["content"] == {"sms": {"en": {"text": "a"}, "fr": {"text": "c"}}}
    assert (answer.json["name"], answer.headers["ETag"]) == ("New", '"2"')
    stale = author.patch(path, json={"name": "Late"}, headers={**merge, "If-Match": '"1"'})
    assert stale.status_code == 412


def test_a_preview_shows_a_draft_a_version_and_a_person(
    service: ServiceHarness[NotificationsTx], author: ApiClient
) -> None:
    path = begun(author)
    author.post(f"{path}/publish")
    rewrite(author, path, "Draft {{ code }} for {{ recipient.name }} ({{ language }})")
    made_up = author.post(f"{path}/preview", {"channel": "sms"}).json
    assert made_up["text"] == "Draft text for Ada Lovelace (en)"
    first = author.post(f"{path}/preview", {"channel": "sms", "number": 1}).json
    assert first["text"] == "Code text, Ada Lovelace"
    for_person = {"channel": "sms", "person_id": str(PERSON)}
    assert author.post(f"{path}/preview", for_person).json["text"] == "Draft text for 王小明 (en)"
    assert author.tenant_id is not None
    reader = service.app_client(author.tenant_id, "notifications.templates.read")
    assert reader.post(f"{path}/preview", for_person).status_code == 403
    unfit = author.post(f"{path}/preview", {"channel": "sms", "variables": {"code": "x" * 11}})
    assert [error["pointer"] for error in unfit.json["errors"]] == ["/variables/code"]
    missing = author.post(f"{path}/preview", {"channel": "email"})
    assert missing.json["errors"][0]["code"] == "channel_missing"


def test_a_tenants_template_goes_before_the_platforms_until_it_is_archived(
    service: ServiceHarness[NotificationsTx], author: ApiClient
) -> None:
    def sent() -> str:
        body = {"key": "message", "channel": "sms", "variables": {"subject": "s", "text": "Hello"}}
        return str(author.post(f"{TEMPLATES}/preview", body).json["text"])

    names = [one["key"] for one in author.get(f"{TEMPLATES}/built-in").json["items"]]
    assert names[:4] == ["consent_confirmation", "quote_link", "webhook_disabled", "message"]
    assert sent() == "Hello"
    own = {"variables": {}, "content": {"sms": {"en": {"text": "Ours"}}}}
    path = begun(author, "message", **own)
    assert author.get(path).json["overrides_built_in"] is True
    assert sent() == "Hello"
    author.post(f"{path}/publish")
    assert sent() == "Ours"
    assert author.delete(path).status_code == 204
    assert sent() == "Hello"
    assert author.post(f"{path}/publish").json["code"] == "archived"
    assert author.post(f"{path}/restore").json["live"] == 1
    assert sent() == "Ours"
    version = service.service.operations.read(
        service_caller("notifications", UUID(str(author.tenant_id))),
        EVERYTHING,
        live_version,
        "message",
    )
    assert (version.number, version.channels) == (1, ("sms",))


def test_two_who_publish_at_once_publish_two_versions_or_one_is_told(author: ApiClient) -> None:
    path = begun(author)
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda _: author.post(f"{path}/publish"), range(2)))
    assert [answer.status_code for answer in answers] == [200, 200]
    numbers = [one["number"] for one in author.get(f"{path}/versions").json["items"]]
    assert numbers == [2, 1]


def test_what_was_published_cannot_be_changed_even_by_the_service_itself(
    service: ServiceHarness[NotificationsTx], author: ApiClient
) -> None:
    path = begun(author)
    author.post(f"{path}/publish")
    assert author.tenant_id is not None
    with (
        pytest.raises(Exception, match="permission denied"),
        service.service.database.tenant_transaction(author.tenant_id) as connection,
    ):
        connection.exec_driver_sql("UPDATE template_versions SET name = 'x'")
