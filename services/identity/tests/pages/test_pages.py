"""What every page has: words in both languages, labels, headers, cookies that are kept safe."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from string import Formatter
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from identity.app import wire
from identity.pages.words import LANGUAGES, words_for
from identity.settings import IdentitySettings
from identity.users.operations import ProfileChanges, invite_user

from ..forms import forms_of, read, text_of
from ..provider import Challenge, Provider

PUBLIC = (
    "/p/identity/sign-in",
    "/p/identity/reset",
    "/p/identity/device",
    "/p/identity/signed-out",
    "/p/identity/reset/new?token=x",
    "/p/identity/invitation?ticket=x",
    "/oauth/authorize?client_id=nobody",
)


def texts(language: str) -> dict[str, str]:
    """A catalogue as it is in its file."""
    source = files("identity.pages").joinpath("translations", f"{language}.json")
    found: dict[str, str] = json.loads(source.read_text("utf-8"))
    return found


def test_every_text_is_there_in_every_language_with_the_same_blanks() -> None:
    english = texts("en")
    for language in LANGUAGES:
        other = texts(language)
        assert other.keys() == english.keys()
        for key, text in other.items():
            assert text.strip(), key
            assert _blanks(text) == _blanks(english[key]), key


def _blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_text_that_is_named_in_code_or_templates_is_there() -> None:
    folder = files("identity.pages")
    known = texts("en")
    for template in folder.joinpath("templates").iterdir():
        for key in re.findall(r'\bt\("([a-z_.]+)"', template.read_text("utf-8")):
            assert key in known, f"{template.name}: {key}"


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("zh-Hant", "zh-Hant"),
        ("zh_TW", "zh-Hant"),
        ("zh", "zh-Hant"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_a_wish_is_met_as_far_as_possible(wish: str | None, language: str) -> None:
    assert words_for(wish).language == language


def test_an_earlier_wish_counts_more() -> None:
    assert words_for("fr", "zh-TW", "en").language == "zh-Hant"
    assert words_for(None, accepted=["fr", "zh-TW", "en"]).language == "zh-Hant"


def test_the_browsers_language_the_users_own_and_a_choice_are_followed(
    provider: Provider,
) -> None:
    ada = provider.tenant(locale="zh-Hant")
    visitor = provider.visitor(**{"Accept-Language": "en"})
    assert visitor.get("/p/identity/sign-in").headers["Content-Language"] == "en"
    visitor.sign_in(ada)
    assert "您的帳號" in text_of(visitor.get("/p/identity/account"))
    assert "Your account" in text_of(visitor.get("/p/identity/account?lang=en"))
    assert "Your account" in text_of(visitor.get("/p/identity/account"))


def every_page(provider: Provider) -> list[TestResponse]:
    """All pages that there are, each once."""
    ada = provider.tenant()
    app, visitor = provider.app(ada.tenant_id), provider.visitor()
    invited = provider.run(
        ada.tenant_id, invite_user, f"x-{ada.user_id}@example.com", ProfileChanges(), []
    )
    pages = [visitor.get(address) for address in PUBLIC]
    pages.append(visitor.get(f"/p/identity/invitation?ticket={invited.ticket}"))
    visitor.sign_in(ada)
    pages.append(visitor.get(provider.authorize_address(app, Challenge())))
    pages += [visitor.get(f"/p/identity/{name}") for name in ("account", "sign-out")]
    device = provider.ask(app, "/oauth/device").get_json()
    entry = visitor.get("/p/identity/device")
    pages.append(visitor.follow(visitor.submit(entry, user_code=device["user_code"])))
    return pages


@pytest.fixture(scope="module")
def pages(provider: Provider) -> list[TestResponse]:
    """The pages, looked at once."""
    return every_page(provider)


def test_every_page_says_its_language_and_has_one_heading_and_a_title(
    pages: list[TestResponse],
) -> None:
    for page in pages:
        elements = read(page).elements
        tags = [tag for tag, _ in elements]
        assert tags.count("h1") == tags.count("title") == tags.count("main") == 1
        assert ("html", {"lang": "en"}) in elements
        assert any(a.get("name") == "viewport" for tag, a in elements if tag == "meta")


def test_every_field_has_a_label_a_purpose_and_an_id_of_its_own(
    pages: list[TestResponse],
) -> None:
    for page in pages:
        reader = read(page)
        assert len(reader.ids) == len(set(reader.ids))
        for form in reader.forms:
            for field in form.fields:
                assert field.attributes["autocomplete"]
                hidden = field.attributes.get("aria-hidden") == "true"
                assert hidden or field.id in reader.labels, field
                for described in field.attributes.get("aria-describedby", "").split():
                    assert described in reader.ids


def test_every_form_is_sent_by_post_with_the_browsers_own_token(
    pages: list[TestResponse],
) -> None:
    forms = [form for page in pages for form in read(page).forms]
    assert len(forms) >= 8
    for form in forms:
        assert form.method == "post"
        assert len(form.values["csrf"]) == 64
        assert form.action.startswith(("/p/identity/", "/oauth/"))


def test_no_page_runs_scripts_or_can_be_framed_or_kept(pages: list[TestResponse]) -> None:
    for page in pages:
        html, headers = page.get_data(as_text=True), page.headers
        assert "<script" not in html
        assert not re.search(r'\son\w+="|style="|javascript:', html)
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'")
        assert "frame-ancestors 'none'" in policy
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert len(headers["Trace-Id"]) == 32


def test_the_style_sheet_is_named_by_its_content_and_kept(provider: Provider) -> None:
    visitor = provider.visitor()
    page = visitor.get("/p/identity/sign-in")
    links = [given["href"] for tag, given in read(page).elements if tag == "link"]
    sheet = visitor.get(links[0])
    assert sheet.mimetype == "text/css"
    assert "immutable" in sheet.headers["Cache-Control"]


def test_what_users_have_typed_is_never_markup(provider: Provider) -> None:
    ada = provider.tenant(name='<b>"Acme"</b>')
    visitor = provider.visitor()
    visitor.sign_in(ada)
    assert "<b>" not in visitor.get("/p/identity/account").get_data(as_text=True)
    typed = visitor.submit(
        visitor.get("/p/identity/sign-in"), email='"><script>x</script>', password="x"
    )
    assert "<script" not in typed.get_data(as_text=True)


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(provider: Provider) -> None:
    ada, visitor = provider.tenant(), provider.visitor()
    answers = [visitor.get("/p/identity/sign-in"), visitor.sign_in(ada)]
    cookies = [line for answer in answers for line in answer.headers.getlist("Set-Cookie")]
    assert len(cookies) == 2
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie


def test_with_https_cookies_are_secure_and_bound_to_the_host(settings: IdentitySettings) -> None:
    public = settings.model_copy(update={"public_url": "https://crm.example"})
    service, _parts = wire(public)
    answer = service.http.app.test_client().get("/p/identity/sign-in")
    service.stop()
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-rapport_browser=")
    assert "Secure" in cookie


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.test/",
        "//evil.test/",
        "/\\evil.test",
        "/v1/identity/users",
        "/p/identity/account\r\nX: y",
        "/p/identity/accountx",
        "javascript:alert(1)",
        "/oauth/authorize?client_id=nobody",
        "",
    ],
)
def test_signing_in_leads_nowhere_but_to_pages_of_our_own(provider: Provider, path: str) -> None:
    ada, visitor = provider.tenant(), provider.visitor()
    answer = visitor.sign_in(ada, f"/p/identity/sign-in?{urlencode({'continue': path})}")
    assert answer.headers["Location"] == "/p/identity/account"


def test_a_form_of_an_app_may_lead_back_to_the_app_and_nowhere_else(provider: Provider) -> None:
    ada = provider.tenant()
    app, visitor = provider.app(ada.tenant_id), provider.visitor()
    to_sign_in = visitor.get(provider.authorize_address(app, Challenge()))
    page = visitor.follow(to_sign_in)
    assert page.headers["Content-Security-Policy"].endswith("form-action 'self' https://app.test")
    plain = visitor.get("/p/identity/sign-in")
    assert plain.headers["Content-Security-Policy"].endswith("form-action 'self'")


def test_signing_in_again_ends_the_session_before(provider: Provider) -> None:
    ada, visitor = provider.tenant(), provider.visitor()
    visitor.sign_in(ada)
    first = visitor.cookie("rapport_session")
    visitor.sign_in(ada)
    thief = provider.visitor(Cookie=f"rapport_session={first}")
    assert thief.get("/p/identity/account").status_code == 303
    assert visitor.get("/p/identity/account").status_code == 200


def test_a_made_up_cookie_ends_nobodys_session(provider: Provider) -> None:
    ada = provider.tenant()
    bob = provider.member(ada.tenant_id)
    visitor = provider.visitor()
    visitor.sign_in(ada)
    real = visitor.cookie("rapport_session") or ""
    forger = provider.visitor()
    page = forger.get("/p/identity/sign-in")
    forged = real[:-6] + "AAAAAA"
    cookies = f"rapport_session={forged}; rapport_browser={forger.cookie('rapport_browser')}"
    values = forms_of(page)[0].values
    answer = forger.post(
        "/p/identity/sign-in",
        {**values, "email": bob.email, "password": bob.password},
        Cookie=cookies,
    )
    assert answer.status_code in (303, 403)
    assert visitor.get("/p/identity/account").status_code == 200


@pytest.mark.parametrize("cookie", ["x", "A" * 86, ".".join(["A" * 86] * 50), "\x01"])
def test_a_broken_cookie_is_no_session_and_no_error(provider: Provider, cookie: str) -> None:
    visitor = provider.visitor(Cookie=f"rapport_session={cookie}; rapport_language=xx")
    assert visitor.get("/p/identity/account").status_code == 303


def test_refusals_are_pages_too(provider: Provider) -> None:
    visitor = provider.visitor()
    forbidden = visitor.post("/p/identity/sign-in", {"email": "x", "password": "y"})
    zero = visitor.get("/p/identity/reset/new?token=%00")
    long = visitor.get(f"/p/identity/sign-in?continue={'x' * 9_000}")
    huge = visitor.post("/p/identity/sign-in", {"email": "x" * 70_000})
    answers = [forbidden, zero, long, huge]
    assert [answer.status_code for answer in answers] == [403, 400, 414, 413]
    for answer in answers:
        assert "That did not work" in text_of(answer)


def test_an_invitation_is_accepted_with_a_name_and_a_password(provider: Provider) -> None:
    ada, visitor = provider.tenant(), provider.visitor()
    email = f"new-{ada.user_id}@example.com"
    invited = provider.run(ada.tenant_id, invite_user, email, ProfileChanges(), [])
    address = f"/p/identity/invitation?ticket={invited.ticket}"
    page = visitor.get(address)
    assert "Welcome to Acme" in text_of(page)

    weak = visitor.submit(page, name="Bo Wang", password="bo wang")
    nameless = visitor.submit(page, name=" ", password="vukog lampen 38 ketchup")
    done = visitor.follow(visitor.submit(page, name="Bo Wang", password="vukog lampen 38 ketchup"))

    assert [weak.status_code, nameless.status_code] == [422, 422]
    assert "Bo Wang" in text_of(done)
    assert "Where you are signed in" in text_of(done)
    assert visitor.get(address).status_code == 410
    assert visitor.submit(page, name="x", password="vukog lampen 38 again").status_code == 410


def test_the_account_page_ends_sessions(provider: Provider) -> None:
    ada, visitor, other = provider.tenant(), provider.visitor(), provider.visitor()
    visitor.sign_in(ada)
    other.sign_in(ada)
    form = next(
        form
        for form in forms_of(visitor.get("/p/identity/account"))
        if form.action.endswith("/sessions")
    )
    (name, value) = form.buttons[0]
    assert name == "session"
    visitor.send(form, session=value)
    assert other.get("/p/identity/account").status_code == 303
    assert visitor.get("/p/identity/account").status_code == 200
