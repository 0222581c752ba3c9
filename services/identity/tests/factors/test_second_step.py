"""Signing in with a second factor: nothing is given away before it, and nobody guesses it (ID-7)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ..forms import forms_of, text_of
from ..provider import Challenge, Person, Provider, Tokens, Visitor, returned
from .flows import Phone, answer, other_way, passkey_form, with_app, with_passkey

ACCOUNT = "/p/identity/account"
WRONG = "000000"


@pytest.fixture
def ada(provider: Provider) -> Person:
    """A user."""
    return provider.tenant()


@pytest.fixture
def phone(provider: Provider, ada: Person) -> Phone:
    """Her authenticator app."""
    return with_app(provider, ada)


def is_in(visitor: Visitor) -> bool:
    """Whether a browser is signed in."""
    return visitor.get(ACCOUNT).status_code == 200


def test_the_password_alone_gives_no_session_and_no_cookie(
    provider: Provider, ada: Person, phone: Phone
) -> None:
    visitor = provider.visitor()
    page = visitor.sign_in(ada)
    assert page.status_code == 200
    assert "Confirm that it is you" in text_of(page)
    assert visitor.cookie("rapport_session") is None
    assert not is_in(visitor)

    done = visitor.submit(page, code=phone.code())

    assert (done.status_code, done.headers["Location"]) == (303, ACCOUNT)
    assert is_in(visitor)


def test_no_code_of_the_password_alone_for_an_app(
    provider: Provider, ada: Person, phone: Phone
) -> None:
    app, visitor, challenge = provider.app(ada.tenant_id), provider.visitor(), Challenge()
    address = provider.authorize_address(app, challenge)
    page = visitor.sign_in(ada, visitor.get(address).headers["Location"])
    assert page.status_code == 200
    assert "sign-in" in visitor.get(address).headers["Location"]
    assert page.headers["Content-Security-Policy"].endswith("form-action 'self' https://app.test")

    consent = visitor.follow(visitor.submit(page, code=phone.code()))
    code = returned(visitor.submit(consent, decision="allow"))["code"]
    tokens = Tokens(provider.exchange(app, code, challenge))

    claims = provider.parts.ring.claims(tokens.json["id_token"])
    assert claims["amr"] == ["pwd", "otp", "mfa"]
    assert claims["auth_time"] == int(provider.clock.now().timestamp())
    again = Tokens(provider.refresh(app, tokens.refresh))
    assert provider.parts.ring.claims(again.json["id_token"])["amr"] == claims["amr"]


def test_no_device_is_let_in_with_the_password_alone(
    provider: Provider, ada: Person, phone: Phone
) -> None:
    app, visitor = provider.app(ada.tenant_id), provider.visitor()
    device = provider.ask(app, "/oauth/device").get_json()
    entry = visitor.submit(visitor.get("/p/identity/device"), user_code=device["user_code"])
    to_sign_in = visitor.follow(entry)
    page = visitor.sign_in(ada, to_sign_in.headers["Location"])
    assert page.status_code == 200
    assert visitor.follow(entry).status_code == 303, "there is nobody yet who could decide"

    confirm = visitor.follow(visitor.submit(page, code=phone.code()))

    assert visitor.submit(confirm, decision="allow").status_code == 200


def test_without_a_second_factor_signing_in_stays_as_it_was(
    provider: Provider, ada: Person
) -> None:
    tokens = provider.let_in(provider.app(ada.tenant_id), ada)
    assert provider.parts.ring.claims(tokens.json["id_token"])["amr"] == ["pwd"]


def test_apps_that_act_for_themselves_are_not_asked(
    provider: Provider, ada: Person, phone: Phone
) -> None:
    app = provider.app(ada.tenant_id)
    answer_ = provider.ask(app, "/oauth/token", grant_type="client_credentials")
    assert answer_.status_code == 200
    assert phone.codes


def test_the_same_code_is_not_accepted_twice(provider: Provider, ada: Person, phone: Phone) -> None:
    code = phone.code()
    first, second = provider.visitor(), provider.visitor()
    first.submit(first.sign_in(ada), code=code)
    refused = second.submit(second.sign_in(ada), code=code)
    assert refused.status_code == 401
    assert "used already" in text_of(refused)
    assert not is_in(second)
    assert second.submit(refused, code=phone.next_code()).status_code == 303


def test_of_the_same_code_at_once_one_wins(provider: Provider, ada: Person, phone: Phone) -> None:
    code, visitors = phone.code(), [provider.visitor() for _ in range(2)]
    pages = [visitor.sign_in(ada) for visitor in visitors]
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(
                lambda pair: pair[0].submit(pair[1], code=code).status_code,
                zip(visitors, pages, strict=True),
            )
        )
    assert sorted(answers) == [303, 401]


def test_of_the_same_recovery_code_at_once_one_wins(
    provider: Provider, ada: Person, phone: Phone
) -> None:
    visitors = [provider.visitor() for _ in range(2)]
    pages = [other_way(v, v.sign_in(ada), "recovery_code") for v in visitors]
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(
                lambda pair: pair[0].submit(pair[1], code=phone.codes[0]).status_code,
                zip(visitors, pages, strict=True),
            )
        )
    assert sorted(answers) == [303, 401]


def test_a_form_that_was_used_lets_nobody_in_again(
    provider: Provider, ada: Person, phone: Phone
) -> None:
    visitor = provider.visitor()
    page = visitor.sign_in(ada)
    visitor.submit(page, code=phone.code())
    again = visitor.submit(page, code=phone.next_code())
    assert "sign-in?continue=" in again.headers["Location"]
    assert "took too long" in text_of(visitor.follow(again))


def test_a_code_of_a_clock_that_is_a_little_off_is_accepted(
    provider: Provider, ada: Person, phone: Phone
) -> None:
    for off in (-30, 30):
        provider.move(minutes=2)
        visitor = provider.visitor()
        page = visitor.sign_in(ada)
        assert visitor.submit(page, code=phone.code(off * 3)).status_code == 401
        assert visitor.submit(page, code=phone.code(off)).status_code == 303


def test_a_recovery_code_lets_in_once_and_a_mail_tells_of_it(
    provider: Provider, ada: Person, phone: Phone
) -> None:
    typed = phone.codes[0].lower().replace("-", " ")
    visitor = provider.visitor()
    page = other_way(visitor, visitor.sign_in(ada), "recovery_code")
    assert visitor.submit(page, code=typed).status_code == 303
    assert is_in(visitor)
    mail = provider.mailer.to(ada.email)[-1]
    assert mail.subject == "A recovery code was used"
    assert "9 left" in mail.text

    thief = provider.visitor()
    page = other_way(thief, thief.sign_in(ada), "recovery_code")
    assert thief.submit(page, code=typed).status_code == 401


def test_wrong_codes_make_wait_and_then_lock_whatever_address_they_come_from(
    provider: Provider, ada: Person, phone: Phone
) -> None:
    answers = []
    for _ in range(5):
        visitor = provider.visitor()
        answers.append(visitor.submit(visitor.sign_in(ada), code=WRONG))
    assert [one.status_code for one in answers] == [401, 401, 401, 429, 429]
    assert answers[3].headers["Retry-After"] == "2"
    assert "Try again in 2 seconds" in text_of(answers[3])
    # Nor does the right password in between begin the count anew, and the right code has to wait.
    visitor = provider.visitor()
    page = visitor.sign_in(ada)
    assert visitor.submit(page, code=phone.code()).status_code == 429
    provider.move(seconds=2)
    assert visitor.submit(page, code=phone.code()).status_code == 303


@pytest.mark.usefixtures("phone")
def test_guessing_in_parallel_gains_nothing(provider: Provider, ada: Person) -> None:
    visitors = [provider.visitor() for _ in range(8)]
    pages = [visitor.sign_in(ada) for visitor in visitors]
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda pair: pair[0].submit(pair[1], code=WRONG).status_code,
                zip(visitors, pages, strict=True),
            )
        )
    assert answers.count(401) == 3
    assert answers.count(429) == 5


def test_who_does_not_know_the_password_locks_nobody_out_of_the_second_step(
    provider: Provider, ada: Person, phone: Phone
) -> None:
    stranger = Person(ada.tenant_id, ada.user_id, ada.email, "wrong")
    visitor = provider.visitor()
    page = visitor.sign_in(ada)
    for _ in range(4):
        provider.visitor().sign_in(stranger)
    assert visitor.submit(page, code=phone.code()).status_code == 303


@pytest.mark.usefixtures("phone")
def test_wrong_codes_lock_no_passkey(provider: Provider, ada: Person) -> None:
    key = with_passkey(provider, ada)
    for _ in range(5):
        thief = provider.visitor()
        thief.submit(other_way(thief, thief.sign_in(ada), "totp"), code=WRONG)
    visitor = provider.visitor()
    assert answer(visitor, visitor.sign_in(ada), key).status_code == 303


def test_the_state_of_a_step_is_bound_to_its_browser_and_to_ten_minutes(
    provider: Provider, ada: Person, phone: Phone
) -> None:
    visitor, thief = provider.visitor(), provider.visitor()
    page = visitor.sign_in(ada)
    own = forms_of(thief.get("/p/identity/sign-in"))[0]
    form = forms_of(page)[0]
    stolen = {**form.values, "csrf": own.values["csrf"], "code": phone.code()}
    assert "sign-in?" in thief.post(form.action, stolen).headers["Location"]
    assert not is_in(thief)
    provider.move(minutes=11)
    late = visitor.submit(page, code=phone.code())
    assert "done=expired" in late.headers["Location"]
    assert not is_in(visitor)


def test_whoever_comes_to_the_step_without_a_form_begins_anew(
    provider: Provider, ada: Person, phone: Phone
) -> None:
    visitor = provider.visitor()
    form = forms_of(visitor.sign_in(ada))[0]
    begun = visitor.get(form.action)
    assert begun.headers["Location"] == f"/p/identity/sign-in?{form.action.partition('?')[2]}"
    assert visitor.get("/p/identity/sign-in/set-up").status_code == 303
    # Whoever goes back to the form can still use it.
    assert visitor.send(form, code=phone.code()).status_code == 303


def test_a_password_that_is_changed_in_between_ends_the_step(
    provider: Provider, ada: Person, phone: Phone
) -> None:
    visitor, other = provider.visitor(), provider.visitor()
    page = visitor.sign_in(ada)
    other.submit(other.sign_in(ada), code=phone.code())
    form = next(form for form in forms_of(other.get(ACCOUNT)) if form.action.endswith("/password"))
    new = "vukog lampen 38 ketchup"
    other.send(form, current_password=ada.password, new_password=new)
    assert "done=expired" in visitor.submit(page, code=phone.next_code()).headers["Location"]
    assert not is_in(visitor)


def test_after_a_reset_of_the_password_the_second_factor_is_still_asked_for(
    provider: Provider, ada: Person, phone: Phone
) -> None:
    visitor = provider.visitor()
    visitor.submit(visitor.get("/p/identity/reset"), email=ada.email)
    provider.parts.reset_mail.deliver()
    link = provider.mailer.to(ada.email)[-1].text.split("http", 1)[1].split()[0]
    new = "vukog lampen 38 ketchup"
    form = visitor.get("/" + f"http{link}".split("/", 3)[3])
    assert visitor.submit(form, password=new).status_code == 303
    page = visitor.sign_in(Person(ada.tenant_id, ada.user_id, ada.email, new))
    assert "Confirm that it is you" in text_of(page)
    assert not is_in(visitor)
    assert visitor.submit(page, code=phone.code()).status_code == 303


def test_a_passkey_lets_in_and_its_counter_goes_on(provider: Provider, ada: Person) -> None:
    key = with_passkey(provider, ada)
    for _ in range(2):
        visitor = provider.visitor()
        page = visitor.sign_in(ada)
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        assert answer(visitor, page, key).status_code == 303
        assert is_in(visitor)


def test_a_copied_passkey_is_noticed(provider: Provider, ada: Person) -> None:
    key = with_passkey(provider, ada)
    visitor = provider.visitor()
    answer(visitor, visitor.sign_in(ada), key)
    key.sign_count -= 1
    thief = provider.visitor()
    refused = answer(thief, thief.sign_in(ada), key)
    assert refused.status_code == 401
    assert "was not accepted" in text_of(refused)
    assert not is_in(thief)


def test_an_answer_from_another_place_or_to_another_challenge_is_refused(
    provider: Provider, ada: Person
) -> None:
    key = with_passkey(provider, ada)
    visitor = provider.visitor()
    page = visitor.sign_in(ada)
    own, key.origin = key.origin, "https://evil.example"
    again = answer(visitor, page, key)
    assert again.status_code == 401
    key.origin = own
    # The challenge of the first page is not put any more.
    assert answer(visitor, page, key).status_code == 401
    _, before = passkey_form(page)
    _, after = passkey_form(again)
    assert before["challenge"] != after["challenge"]


def test_somebody_elses_passkey_lets_nobody_in(provider: Provider, ada: Person) -> None:
    with_passkey(provider, ada)
    bob = provider.member(ada.tenant_id)
    key = with_passkey(provider, bob)
    visitor = provider.visitor()
    assert answer(visitor, visitor.sign_in(ada), key).status_code == 401


@pytest.mark.parametrize(
    "credential", ["{}", "[]", "x", '{"id": 5}', '{"id": "AA", "response": {}}', "[" * 5_000]
)
def test_what_is_no_answer_at_all_is_refused(
    provider: Provider, ada: Person, credential: str
) -> None:
    with_passkey(provider, ada)
    visitor = provider.visitor()
    form, _ = passkey_form(visitor.sign_in(ada))
    assert visitor.send(form, credential=credential).status_code == 401


def test_every_page_of_the_step_is_there_in_chinese(provider: Provider) -> None:
    mei = provider.tenant(locale="zh-Hant")
    with_app(provider, mei)
    with_passkey(provider, mei)
    visitor = provider.visitor()
    page = visitor.sign_in(mei)
    assert page.headers["Content-Language"] == "zh-Hant"
    assert "使用通行密鑰" in text_of(page)
    assert "六位數字" in text_of(other_way(visitor, page, "totp"))
    assert "復原碼" in text_of(other_way(visitor, page, "recovery_code"))


@pytest.mark.usefixtures("phone")
def test_a_refusal_is_in_the_audit_log(provider: Provider, ada: Person) -> None:
    visitor = provider.visitor()
    visitor.submit(visitor.sign_in(ada), code=WRONG)
    with provider.service.database.tenant_transaction(ada.tenant_id) as connection:
        types = [row[0] for row in connection.exec_driver_sql("SELECT type FROM outbox")]
    assert [one.rpartition(".")[2] for one in types].count("SecondFactorRefused") == 1
