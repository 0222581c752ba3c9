"""One's own second factors over REST: every change takes a proof, and shows secrets once (ID-7)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from chassis.storage.scope import EVERYTHING
from identity.factors.queries import factors_on_page

from ..provider import PASSWORD, Person, Provider
from .flows import Phone, authenticator, require_second_factor, with_app, with_passkey

OWN = "/v1/identity/me/factors"
CODES = "/v1/identity/me/recovery-codes"


class Me:
    """A user at the REST face, with a token that was got before any second factor."""

    def __init__(self, provider: Provider, person: Person) -> None:
        self.provider, self.person = provider, person
        app = provider.app(person.tenant_id, scopes="openid *")
        self.token = provider.let_in(app, person, scope="openid *").access

    def get(self, path: str) -> Any:
        """A read that works."""
        answer = self.provider.api("GET", path, self.token)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    def post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> TestResponse:
        """A change."""
        app = self.provider.service.http.app.test_client()
        return app.post(
            path, json=body, headers={"Authorization": f"Bearer {self.token}", **headers}
        )

    def factors(self) -> list[dict[str, Any]]:
        """The user's factors."""
        items: list[dict[str, Any]] = self.get(OWN)["items"]
        return items


@pytest.fixture
def ada(provider: Provider) -> Person:
    """A user."""
    return provider.tenant()


@pytest.fixture
def me(provider: Provider, ada: Person) -> Me:
    """The same over REST."""
    return Me(provider, ada)


def proof(**given: Any) -> dict[str, Any]:
    """A body with a proof."""
    return {"proof": given}


def added_app(me: Me, **given: Any) -> tuple[Phone, dict[str, Any]]:
    """Add an app; gives what was answered."""
    begun = me.post(f"{OWN}/begin-totp", proof(**given))
    assert begun.status_code == 200, begun.get_data(as_text=True)
    phone = Phone(me.provider, begun.get_json()["secret"])
    body = {"enrolment_id": begun.get_json()["enrolment_id"], "name": "電話", "code": phone.code()}
    made = me.post(OWN, body)
    assert made.status_code == 201, made.get_data(as_text=True)
    return phone, made.get_json()


def test_an_app_is_added_with_the_password_and_shown_to_work(me: Me, ada: Person) -> None:
    begun = me.post(f"{OWN}/begin-totp", proof(password=PASSWORD)).get_json()
    assert begun["uri"].startswith("otpauth://totp/Rapport")
    assert begun["qr_svg"].startswith("<svg")
    phone = Phone(me.provider, begun["secret"])
    body = {"enrolment_id": begun["enrolment_id"], "name": "電話", "code": "000000"}
    wrong = me.post(OWN, body)
    assert (wrong.status_code, wrong.get_json()["errors"][0]["pointer"]) == (422, "/code")
    assert me.factors() == []

    made = me.post(OWN, {**body, "code": phone.code()})

    factor = made.get_json()
    assert made.status_code == 201
    assert made.headers["Location"] == f"{OWN}/{factor['id']}"
    assert len(factor.pop("recovery_codes")) == 10
    assert me.factors() == [factor]
    assert (factor["kind"], factor["name"], factor["synced"]) == ("totp", "電話", None)
    assert me.get(CODES)["left"] == 10
    assert "電話" in me.provider.mailer.to(ada.email)[-1].text
    over = me.post(OWN, {**body, "code": phone.next_code()})
    assert (over.status_code, over.get_json()["code"]) == (409, "ceremony_over")


def test_a_stolen_token_alone_changes_nothing(me: Me) -> None:
    wrong = me.post(f"{OWN}/begin-totp", proof(password="wrong"))
    assert (wrong.status_code, wrong.get_json()["code"]) == (403, "wrong_password")
    phone, factor = added_app(me, password=PASSWORD)
    for path in (
        f"{OWN}/begin-totp",
        f"{OWN}/begin-passkey",
        f"{OWN}/{factor['id']}/remove",
        f"{CODES}/renew",
    ):
        me.provider.move(minutes=1)
        bare = me.post(path, {})
        assert bare.status_code == 422
        assert bare.get_json()["errors"][0]["pointer"] == "/proof"
        two = me.post(path, proof(password=PASSWORD, code="123456"))
        assert (two.status_code, two.get_json()["errors"][0]["code"]) == (422, "proof_missing")
        guessed = me.post(path, proof(code="000000"))
        assert (guessed.status_code, guessed.get_json()["code"]) == (403, "wrong_factor")
        # Whoever has a second factor shows that: the password is what a thief may have already.
        known = me.post(path, proof(password=PASSWORD))
        assert (known.status_code, known.get_json()["code"]) == (403, "second_factor_needed")
    assert len(me.factors()) == 1
    assert phone.secret


def test_guesses_are_slowed_down_like_those_at_a_sign_in(me: Me) -> None:
    phone, factor = added_app(me, password=PASSWORD)
    path = f"{OWN}/{factor['id']}/remove"
    answers = [me.post(path, proof(code="000000")) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 429]
    assert answers[3].headers["Retry-After"] == "2"
    assert me.post(path, proof(code=phone.next_code())).status_code == 204


def test_a_passkey_is_added_used_as_a_proof_and_renamed(me: Me) -> None:
    phone, _ = added_app(me, password=PASSWORD)
    key = authenticator(me.provider)
    begun = me.post(f"{OWN}/begin-passkey", proof(code=phone.next_code())).get_json()
    body = {
        "enrolment_id": begun["enrolment_id"],
        "name": "Key",
        "credential": key.create(begun["options"]),
    }
    made = me.post(OWN, body)
    assert made.status_code == 201, made.get_data(as_text=True)
    factor = made.get_json()
    assert (factor["kind"], factor["synced"], factor["recovery_codes"]) == ("passkey", False, None)
    assert me.post(OWN, body).get_json()["code"] == "ceremony_over"

    asked = me.post(f"{OWN}/challenge").get_json()
    shown = proof(passkey=key.get(asked["options"]), challenge_id=asked["challenge_id"])
    renewed = me.post(f"{CODES}/renew", shown)
    assert len(renewed.get_json()["codes"]) == 10
    again = me.post(f"{CODES}/renew", shown)
    assert (again.status_code, again.get_json()["code"]) == (409, "ceremony_over")

    path = f"{OWN}/{factor['id']}"
    named = me.provider.api("PATCH", path, me.token, json={"name": "辦公室的鑰匙"})
    assert named.get_json()["name"] == "辦公室的鑰匙"
    assert me.get(path)["last_used_at"] is not None
    stale = me.provider.service.http.app.test_client().patch(
        path,
        json={"name": "x"},
        headers={"Authorization": f"Bearer {me.token}", "If-Match": '"1"'},
    )
    assert stale.status_code == 412


def test_a_challenge_that_was_answered_wrongly_is_not_put_again(
    provider: Provider, ada: Person, me: Me
) -> None:
    key = with_passkey(provider, ada)
    asked = me.post(f"{OWN}/challenge").get_json()
    right, key.origin = key.origin, "https://evil.example"
    for origin in ("https://evil.example", right):
        key.origin = origin
        given = proof(passkey=key.get(asked["options"]), challenge_id=asked["challenge_id"])
        assert me.post(f"{CODES}/renew", given).get_json()["code"] == "wrong_factor"


def test_the_last_factor_stays_where_one_is_required(me: Me, ada: Person) -> None:
    phone, factor = added_app(me, password=PASSWORD)
    require_second_factor(me.provider, ada.tenant_id)
    path = f"{OWN}/{factor['id']}/remove"
    refused = me.post(path, proof(code=phone.next_code()))
    assert (refused.status_code, refused.get_json()["code"]) == (409, "last_factor")
    require_second_factor(me.provider, ada.tenant_id, required=False)
    # What was refused for another reason was no failure, and did not use the code up.
    assert me.post(path, proof(code=phone.code())).status_code == 204
    assert me.factors() == []
    assert me.get(CODES) == {"left": 0, "made_at": None}
    assert "was removed" in me.provider.mailer.to(ada.email)[-1].subject
    assert me.provider.visitor().sign_in(ada).status_code == 303


def test_of_two_removals_at_once_one_factor_stays_where_one_is_required(
    provider: Provider, ada: Person, me: Me
) -> None:
    first, codes = added_app(me, password=PASSWORD)
    added_app(me, code=first.next_code())
    require_second_factor(provider, ada.tenant_id)
    ids = [factor["id"] for factor in me.factors()]

    def remove(pair: tuple[str, str]) -> int:
        factor_id, code = pair
        return me.post(f"{OWN}/{factor_id}/remove", proof(code=code)).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(remove, zip(ids, codes["recovery_codes"][:2], strict=True))
    assert sorted(answers) == [204, 409]
    assert len(me.factors()) == 1


def test_renewed_recovery_codes_take_the_place_of_those_before(me: Me, ada: Person) -> None:
    phone, made = added_app(me, password=PASSWORD)
    codes = me.post(f"{CODES}/renew", proof(code=phone.next_code())).get_json()["codes"]
    old, new = made["recovery_codes"][0], codes[0]
    assert me.post(f"{CODES}/renew", proof(code=old)).status_code == 403
    assert me.post(f"{CODES}/renew", proof(code=new)).status_code == 200
    assert "A recovery code was used" in me.provider.mailer.to(ada.email)[-1].subject


def test_a_repeated_request_gets_its_answer_again_without_the_secrets(me: Me) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    first = me.post(f"{OWN}/begin-totp", proof(password=PASSWORD), **key)
    again = me.post(f"{OWN}/begin-totp", proof(password=PASSWORD), **key)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.get_json()["enrolment_id"] == first.get_json()["enrolment_id"]
    assert again.get_json()["secret"] == "********"
    phone = Phone(me.provider, first.get_json()["secret"])
    me.post(
        OWN,
        {"enrolment_id": first.get_json()["enrolment_id"], "name": "x", "code": phone.code()},
    )
    key, given = {"Idempotency-Key": uuid4().hex}, proof(code=phone.next_code())
    assert len(me.post(f"{CODES}/renew", given, **key).get_json()["codes"]) == 10
    replayed = me.post(f"{CODES}/renew", given, **key)
    assert (replayed.status_code, replayed.get_json()["codes"]) == (200, "********")


def test_nobody_sees_or_touches_the_factors_of_another(provider: Provider, ada: Person) -> None:
    phone = with_app(provider, ada)
    mine = Me(provider, provider.member(ada.tenant_id))
    bob, bobs = with_app(provider, mine.person), mine.factors
    (factor,) = provider.service.operations.read(
        provider.caller(ada.tenant_id), EVERYTHING, factors_on_page, ada.user_id
    )
    assert bobs()[0]["id"] != factor["id"]
    path = f"{OWN}/{factor['id']}"
    assert provider.api("GET", path, mine.token).status_code == 404
    assert provider.api("PATCH", path, mine.token, json={"name": "x"}).status_code == 404
    assert mine.post(f"{path}/remove", proof(code=bob.code())).status_code == 404
    # A code of somebody else's app proves nothing.
    bob.provider.move(seconds=60)
    assert mine.post(f"{CODES}/renew", proof(code=phone.code())).status_code == 403


def test_an_app_of_its_own_has_no_factors(provider: Provider, ada: Person) -> None:
    app = provider.app(ada.tenant_id)
    own = provider.ask(app, "/oauth/token", grant_type="client_credentials").get_json()
    for method, path in (("GET", OWN), ("GET", CODES), ("POST", f"{OWN}/challenge")):
        answer = provider.api(method, path, own["access_token"])
        assert (answer.status_code, answer.get_json()["code"]) == (403, "user_needed")
    assert provider.service.http.app.test_client().get(OWN).status_code == 401


def test_there_are_no_codes_and_no_challenge_without_a_factor(me: Me) -> None:
    renewed = me.post(f"{CODES}/renew", proof(password=PASSWORD))
    assert (renewed.status_code, renewed.get_json()["code"]) == (409, "no_factor")
    asked = me.post(f"{OWN}/challenge")
    assert (asked.status_code, asked.get_json()["code"]) == (409, "no_passkey")
