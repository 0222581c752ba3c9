"""Messages come out as their authors and readers expect."""

from __future__ import annotations

from uuid import uuid4

import pytest

from notifications.templates.built_in import BUILT_IN
from notifications.templates.channels import PARTS, Channel
from notifications.templates.domain import Draft, TemplateVersion
from notifications.templates.proving import proven
from notifications.templates.rendering.messages import (
    RecipientFields,
    RenderOrder,
    TemplateFailed,
)
from notifications.templates.rendering.renderer import Renderer
from services.notifications.tests.templates.builders import ADA, draft, mjml, rendered, text_draft

TEXT = {"type": "string"}


def findings(renderer: Renderer, made: Draft) -> list[tuple[str, str, str]]:
    """What is wrong with a draft: pointer, code, message."""
    with pytest.raises(TemplateFailed) as caught:
        proven(renderer, made)
    return [(v.pointer, v.code, v.message) for v in caught.value.violations]


def test_a_mail_has_html_from_mjml_and_its_text(renderer: Renderer) -> None:
    body = (
        '<mj-text>Dear {{ name }} &amp; co</mj-text>\n<mj-button href="{{ link }}">Go</mj-button>'
    )
    made = draft(
        {
            "email": {
                "en": {"subject": "For {{ name }}", "preheader": "{{ name }}!", "mjml": mjml(body)}
            }
        },
        name=TEXT,
        link=TEXT,
    )
    message = rendered(renderer, made, name="<b>Bo</b>\nx", link='https://e.com/?a=1&b="')
    assert message.subject == "For <b>Bo</b> x"
    assert "Dear &lt;b&gt;Bo&lt;/b&gt;\nx &amp; co" in message.html
    assert 'href="https://e.com/?a=1&amp;b=&#34;"' in message.html
    assert 'lang="en"' in message.html
    assert "&lt;b&gt;Bo&lt;/b&gt; x!</div>" in message.html.partition("Dear")[0]
    assert message.text == 'Dear <b>Bo</b>\nx & co\n\nGo (https://e.com/?a=1&b=")'


def test_jinja_around_components_of_mjml_works(renderer: Renderer) -> None:
    body = (
        "{% for line in lines if line.count < 3 %}\n<mj-text>{{ line.name }}</mj-text>\n"
        '{% endfor %}{% if lines|length > 1 and "a" < "b" %}<mj-divider />{% endif %}'
    )
    lines = {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"name": TEXT, "count": {"type": "integer"}},
            "required": ["name", "count"],
        },
    }
    made = draft({"email": {"en": {"subject": "s", "mjml": mjml(body)}}}, lines=lines)
    proven(renderer, made)
    many = [{"name": f"No {n}", "count": n} for n in range(5)]
    message = rendered(renderer, made, lines=many)
    assert message.text.split() == "No 0 No 1 No 2".split()
    assert "border-top:solid" in message.html
    assert "border-top:solid" not in rendered(renderer, made, lines=many[:1]).html


def test_a_piece_of_jinja_that_mjml_would_drop_is_refused(renderer: Renderer) -> None:
    body = '<mj-image src="a.png" width="{{ size }}" />'
    made = draft({"email": {"en": {"subject": "s", "mjml": mjml(body)}}}, size=TEXT)
    assert findings(renderer, made) == [
        (
            "/content/email/en/mjml",
            "mjml_invalid",
            "line 5: MJML has no place here for {{ size }}",
        )
    ]


def test_the_text_of_html_is_what_its_reader_sees(renderer: Renderer) -> None:
    html = (
        "<html><head><title>T</title><style>p {}</style></head><body>\n"
        "<h1>Caf&eacute; {{ name }}</h1><!-- no --><p>One<br>two   three</p>"
        '<ul><li>a</li>{% if more %}<li><a href="https://e.com/x">b</a></li>{% endif %}</ul>'
        '<p>{{ rich|safe }}</p><div style="display:none">hidden {{ name }}</div>'
        "</body></html>"
    )
    made = draft(
        {"email": {"en": {"subject": "s", "html": html}}},
        name=TEXT,
        more={"type": "boolean"},
        rich=TEXT,
    )
    message = rendered(renderer, made, name="<A>", more=True, rich="<b>bold</b> &amp; plain")
    assert message.text == (
        "Café <A>\n\nOne\ntwo three\n\n- a\n- b (https://e.com/x)\n\nbold & plain"
    )
    assert "<b>bold</b>" in message.html


def test_jinja_across_hidden_html_still_gives_the_text(renderer: Renderer) -> None:
    html = '{% if a %}<p>yes</p><p style="display:none">{% endif %}x</p><p>end</p>'
    made = draft({"email": {"en": {"subject": "s", "html": html}}}, a={"type": "boolean"})
    assert rendered(renderer, made, a=True).text == "yes\n\nend"
    assert rendered(renderer, made, a=False).text == "x\n\nend"


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("zh-Hant-TW", "hant"),
        ("zh-TW", "hant"),
        ("zh-hk", "hant"),
        ("zh-Hant", "hant"),
        ("zh-CN", "hans"),
        ("zh-Hans-SG", "hans"),
        ("zh", "en"),
        ("de-AT", "en"),
        ("pt-BR", "pt"),
        ("", "en"),
        ("not a language", "en"),
    ],
)
def test_a_reader_gets_the_closest_language(renderer: Renderer, wanted: str, got: str) -> None:
    languages = {"en": "en", "zh-Hant": "hant", "zh-Hans": "hans", "pt": "pt"}
    made = draft({"sms": {tag: {"text": text} for tag, text in languages.items()}})
    assert rendered(renderer, made, wanted).text == got


@pytest.mark.parametrize(
    ("language", "zone", "expected"),
    [
        (
            "en",
            "America/New_York",
            "Jan 1, 2026 | 9:30\u202fPM | January 1, 2026 | $1,250.00 | 1,234.5 | 25% | a, b, and c",
        ),
        (
            "zh-Hant",
            "Asia/Taipei",
            "2026年1月2日 | 上午10:30 | 2026年1月1日 | US$1,250.00 | 1,234.5 | 25% | a、b和c",
        ),
        (
            "de",
            "nowhere",
            "02.01.2026 | 02:30 | 1. Januar 2026 | 1.250,00\xa0$ | 1.234,5 | 25\xa0% | a, b und c",
        ),
    ],
)
def test_values_look_as_the_reader_is_used_to(
    renderer: Renderer, language: str, zone: str, expected: str
) -> None:
    source = (
        '{{ at|date }} | {{ at|time }} | {{ day|date("long") }} | {{ price|money }} |'
        " {{ 1234.5|number }} | {{ 0.25|percent }} | {{ names|in_words }}"
    )
    made = draft({"sms": {language: {"text": source}}}, at={}, day={}, price={}, names={})
    version = TemplateVersion(uuid4(), "test", 1, made)
    variables = {
        "at": "2026-01-02T02:30:00Z",
        "day": "2026-01-01",
        "price": {"amount": "1250.00", "currency": "USD"},
        "names": ["a", "b", "c"],
    }
    reader = RecipientFields(time_zone=zone)
    message = renderer.render(version, RenderOrder("sms", language, variables, reader))
    assert message.text == expected


def test_mistakes_are_told_with_the_lines_of_the_source(renderer: Renderer) -> None:
    made = draft(
        {
            "email": {
                "en": {
                    "subject": "{{ nobody }}",
                    "mjml": mjml("<mj-text>\n{{ order.totl }}\n</mj-text>"),
                },
                "de": {"subject": "{% if %}", "mjml": mjml("<mj-text>\n</mj-tekst>")},
            },
            "sms": {"en": {"text": "a\n{% for line in order.lines %}\n{{ line.nam }}{% endfor %}"}},
        },
        order={
            "type": "object",
            "properties": {
                "total": TEXT,
                "lines": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"name": TEXT}},
                },
            },
        },
    )
    assert findings(renderer, made) == [
        (
            "/content/email/en/subject",
            "variable_undeclared",
            "line 1: nobody is not declared",
        ),
        (
            "/content/email/en/mjml",
            "variable_undeclared",
            "line 6: order.totl is not declared",
        ),
        (
            "/content/email/de/subject",
            "template_syntax",
            "line 1: Expected an expression, got 'end of statement block'",
        ),
        (
            "/content/email/de/mjml",
            "mjml_invalid",
            "line 6: </mj-tekst> closes <mj-text> of line 5",
        ),
        ("/content/sms/en/text", "variable_undeclared", "line 3: line.nam is not declared"),
    ]


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        ("<mj-txt>x</mj-txt>", 5, "there is no component <mj-txt>"),
        ("\n<mj-text>x", 7, "</mj-column> closes <mj-text> of line 6"),
        ("<mj-include path='/etc/passwd' />", 5, "mj-include is not available"),
        ("<mj-group>" * 60, 5, "more than 50 components one in another"),
    ],
)
def test_mjml_that_does_not_compile_is_refused_at_its_line(
    renderer: Renderer, body: str, line: int, message: str
) -> None:
    made = draft({"email": {"en": {"subject": "s", "mjml": mjml(body)}}})
    ((_, code, told),) = findings(renderer, made)
    assert code == "mjml_invalid"
    assert told.startswith(f"line {line}: {message}")


def test_an_error_while_rendering_is_told_with_the_line_of_the_mjml(renderer: Renderer) -> None:
    body = "<mj-text>a</mj-text>\n{% if n %}\n<mj-text>b {{ 1 / (n - 3) }}</mj-text>\n{% endif %}"
    made = draft({"email": {"en": {"subject": "s", "mjml": mjml(body)}}}, n={"type": "integer"})
    (finding,) = findings(renderer, made)
    assert finding[2] == "line 7: ZeroDivisionError: division by zero"


def test_a_variable_that_may_be_missing_has_to_be_asked_for(renderer: Renderer) -> None:
    careless = text_draft("Hello {{ x }}", x=TEXT)
    optional = Draft(
        careless.name, variables={**careless.variables, "required": []}, content=careless.content
    )
    assert findings(renderer, optional) == [
        ("/content/sms/en/text", "variable_missing", "line 1: 'x' is undefined")
    ]
    careful = Draft(
        "x", variables=optional.variables, content=text_draft("{{ x|default('-') }}").content
    )
    proven(renderer, careful)


def test_a_link_never_runs_a_script(renderer: Renderer) -> None:
    made = draft({"email": {"en": {"subject": "s", "html": '<a href="{{ x }}">x</a>'}}}, x=TEXT)
    with pytest.raises(TemplateFailed, match="runs a script"):
        rendered(renderer, made, x="JavaScript:alert(1)")
    inbox = draft({"inbox": {"en": {"title": "t", "text": "t", "link": "{{ x }}"}}}, x=TEXT)
    assert rendered(renderer, inbox, x="https://e.com/").link == "https://e.com/"
    with pytest.raises(TemplateFailed, match="https"):
        rendered(renderer, inbox, x="data:text/html,x")


def test_every_built_in_template_can_be_sent_on_all_its_channels(renderer: Renderer) -> None:
    for version in BUILT_IN.values():
        proven(renderer, version.draft)
        for channel, languages in version.draft.content.items():
            assert set(languages) == {"en", "zh-Hant"}, (version.key, channel)
            assert all(
                parts.keys() <= PARTS[Channel(channel)].keys() for parts in languages.values()
            )


def test_the_confirmation_of_a_consent_is_written_in_the_language_of_its_reader(
    renderer: Renderer,
) -> None:
    order = RenderOrder(
        "email",
        "zh-TW",
        {
            "link": "https://e.com/c/1?a=b&c=d",
            "purpose_names": {"en": "News", "zh-Hant": "電子報"},
            "expires_at": "2026-01-02T02:30:00Z",
        },
        RecipientFields(name="王小明", language="zh-TW", time_zone="Asia/Taipei"),
    )
    message = renderer.render(BUILT_IN["consent_confirmation"], order)
    assert message.subject == "請確認：電子報"
    assert message.text.startswith("王小明，您好：\n\n有人")
    assert "確認訂閱 (https://e.com/c/1?a=b&c=d)" in message.text
    assert "2026年1月2日" in message.text


@pytest.mark.parametrize(
    ("language", "seller", "subject", "says"),
    [
        ("en", {"en": "Amphitrite"}, "Your quotation Q2026-000001 from Amphitrite", "NT$39,300.00"),
        ("en", {}, "Your quotation Q2026-000001", "we have made a quotation for you"),
        ("zh-TW", {"zh-Hant": "安菲咖啡"}, "安菲咖啡報價單 Q2026-000001", "2026年12月31日"),
        ("zh-TW", {}, "報價單 Q2026-000001", "我們為您準備了報價單"),
    ],
)
def test_a_quote_is_announced_in_the_language_of_its_reader(
    renderer: Renderer, language: str, seller: dict[str, str], subject: str, says: str
) -> None:
    link = "https://e.com/p/sales/quotes?token=abc"
    order = RenderOrder(
        "email",
        language,
        {
            "link": link,
            "number": "Q2026-000001",
            "seller_names": seller,
            "total": {"amount": "39300.00", "currency": "TWD"},
            "valid_until": "2026-12-31",
        },
        RecipientFields(name="Ada", language=language, time_zone="Asia/Taipei"),
    )
    message = renderer.render(BUILT_IN["quote_link"], order)
    assert message.subject == subject
    assert says in message.text
    assert f"({link})" in message.text


def test_a_template_says_nothing_on_a_channel_that_it_lacks(renderer: Renderer) -> None:
    version = TemplateVersion(uuid4(), "test", 1, text_draft("x"))
    with pytest.raises(TemplateFailed) as caught:
        renderer.render(version, RenderOrder("email", recipient=ADA))
    assert caught.value.violations[0].code == "channel_missing"
