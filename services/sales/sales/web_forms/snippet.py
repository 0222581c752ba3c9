"""The HTML that a web form is put into a page by.

A plain form: it works where scripts are not allowed, too, but then nothing proves when it was
opened, so what comes of it is held back until somebody has looked at it.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from uuid import UUID

from sales.web_forms.domain import FormConsent, FormField, FormFieldName, WebForm

FORM = "/p/sales/forms/{web_form_id}"
TRAP = "homepage"
"""The field that no person sees. What fills in whatever it finds is no person."""
TICKET = "ticket"
LANGUAGE = "language"
THANK_YOU = "thank_you"
VARIANT = "variant"

_TRAP = (
    f'<input type="text" name="{TRAP}" value="" tabindex="-1" autocomplete="off"'
    ' aria-hidden="true" style="position:absolute;left:-9999px">'
)
_SCRIPT = (
    '<script>fetch("{action}/ticket").then(a=>a.json()).then(a=>{{'
    'document.getElementById("{name}").elements["ticket"].value=a.ticket}})</script>'
)
_SEND = {"en": "Send", "zh-Hant": "送出"}
_TYPES = {
    FormFieldName.EMAIL: "email",
    FormFieldName.PHONE: "tel",
    FormFieldName.COMPANY_SIZE: "number",
}


def snippet_of(form: WebForm, language: str, public_url: str) -> str:
    """The form in a language, or where a text has none in it, in its first one."""
    action = escape(public_url.rstrip("/") + path_of(form.id))
    name = f"rapport-{form.id}"
    lines = [
        f'<form id="{name}" method="post" action="{action}" accept-charset="utf-8">',
        *(_question(one, language) for one in form.definition.fields),
        *(_box(one, language) for one in form.definition.consents),
        _TRAP,
        f'<input type="hidden" name="{LANGUAGE}" value="{escape(language)}">',
        f'<input type="hidden" name="{TICKET}" value="">',
        f'<button type="submit">{escape(_text(_SEND, language))}</button>',
        "</form>",
        _SCRIPT.format(action=action, name=name),
    ]
    return "\n".join(lines)


def path_of(web_form_id: UUID) -> str:
    """Where a form is submitted to."""
    return FORM.format(web_form_id=web_form_id)


def _question(one: FormField, language: str) -> str:
    required = " required" if one.required else ""
    label = escape(_text(one.label, language))
    if one.name is FormFieldName.DESCRIPTION:
        field = f'<textarea name="{one.name}" maxlength="10000"{required}></textarea>'
    else:
        kind = _TYPES.get(one.name, "text")
        field = f'<input type="{kind}" name="{one.name}"{required}>'
    return f"<label>{label} {field}</label>"


def _box(one: FormConsent, language: str) -> str:
    required = " required" if one.required else ""
    box = f'<input type="checkbox" name="{escape(one.key)}" value="yes"{required}>'
    return f"<label>{box} {escape(_text(one.wording, language))}</label>"


def _text(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or next(iter(texts.values()))
