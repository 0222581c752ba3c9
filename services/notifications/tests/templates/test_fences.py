"""A template that reaches for internals, or does not end, is refused within a bound."""

from __future__ import annotations

import time

import pytest

from notifications.templates.rendering.messages import TemplateFailed
from notifications.templates.rendering.renderer import Renderer
from services.notifications.tests.templates.builders import rendered, text_draft

BOUND = 10.0
"""Seconds; a template has one second of processor time, and the machine may be busy."""

INTERNALS = (
    "{{ ''.__class__ }}",
    "{{ x['__class__'] }}",
    "{{ x|attr('__class__') }}",
    "{{ x.format }}",
    "{{ '{0.__class__.__mro__}'.format(x) }}",
    "{{ '{a.__class__}'.format_map(o) }}",
    "{{ o.update({'a': 1}) }}",
    "{{ [].append(1) }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ joiner.__init__.__globals__.os }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ range.__class__ }}",
    "{{ lipsum.__globals__ }}",
    "{{ self }}",
    "{{ self._TemplateReference__context }}",
    "{{ (x|upper).__class__ }}",
    "{{ (x|map('upper')).gi_frame.f_globals }}",
    "{% macro m() %}{% endmacro %}{{ m.__code__ }}",
    "{% macro m() %}{{ caller }}{% endmacro %}{% call m() %}{% endcall %}",
    "{% for i in [1] %}{{ loop.__init__ }}{% endfor %}",
    "{% for i in [1] %}{{ loop }}{% endfor %}",
    "{{ _locale }}",
    "{% set _locale = 1 %}",
    "{{ cycler('a').next.__func__ }}",
    "{{ dict.fromkeys }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% extends 'x' %}",
    "{% block a %}{{ self.a() }}{% endblock %}",
)
ENDLESS = {
    "{% for i in range(1000) %}{% for j in range(1000) %}{% for k in range(1000) %}"
    "{% endfor %}{% endfor %}{% endfor %}": "too_long",
    "{% set n = namespace(x='a') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}"
    "{{ n.x|length }}": "too_much_memory",
    "{% set a = 'a' * 1000000 %}{{ a|replace('a', a) }}": "too_much_memory",
    "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}": "too_deep",
    "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}": "too_deep",
    "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}": "too_deep",
    "{% for i in range(10**9) %}{% endfor %}": "unsafe",
    "{% for i in range(1000000000) %}{% endfor %}": "unsafe",
    "{{ 'a' * 10000000000 }}": "unsafe",
    "{{ '%1000000000d' % 1 }}": "unsafe",
    "{{ 9 ** 9 ** 9 }}": "unsafe",
    "{% for i in range(1000) %}{{ 'a' * 1000 }}{% endfor %}": "too_large",
}


def refusal(renderer: Renderer, source: str) -> TemplateFailed:
    """How a template is refused."""
    made = text_draft(source, x={"type": "string"}, o={"type": "object"})
    began = time.monotonic()
    with pytest.raises(TemplateFailed) as caught:
        rendered(renderer, made, x="y", o={"a": "b"})
    assert time.monotonic() - began < BOUND
    return caught.value


@pytest.mark.parametrize("source", INTERNALS)
def test_a_template_cannot_reach_for_internals(renderer: Renderer, source: str) -> None:
    (violation,) = refusal(renderer, source).violations
    assert violation.pointer == "/content/sms/en/text"
    assert violation.message.startswith("line 1: ")


@pytest.mark.parametrize("source", ENDLESS)
def test_a_template_ends_within_its_bounds(renderer: Renderer, source: str) -> None:
    (violation,) = refusal(renderer, f"\n\n{source}").violations
    assert violation.code == ENDLESS[source]
    assert rendered(renderer, text_draft("well")).text == "well"


def test_a_loop_is_stopped_at_the_line_where_it_runs(renderer: Renderer) -> None:
    loops = "\n".join("{% for i in range(1000) -%}" for _ in range(4)) + "{% endfor %}" * 4
    (violation,) = refusal(renderer, f"Hello\n{loops}").violations
    assert violation.message == "line 5: takes more than 1 s"


def test_what_no_timer_can_interrupt_is_killed_and_replaced(renderer: Renderer) -> None:
    # One call in C that looks at a million million characters before it looks at a signal.
    (violation,) = refusal(
        renderer, "{{ ('a' * 1000000).strip('b' * 999999 ~ 'a')|length }}"
    ).violations
    assert violation.code == "too_long"
    assert rendered(renderer, text_draft("well")).text == "well"


def test_a_value_cannot_become_a_template(renderer: Renderer) -> None:
    made = text_draft("{{ x }}", x={"type": "string"})
    assert rendered(renderer, made, x="{{ 7 * 7 }}{% raw %}").text == "{{ 7 * 7 }}{% raw %}"


def test_a_member_goes_before_the_method_of_the_same_name(renderer: Renderer) -> None:
    made = text_draft(
        "{% for item in o.items %}{{ item }}{% endfor %}{{ o.get('b', 'none') }}",
        o={"type": "object"},
    )
    assert rendered(renderer, made, o={"items": ["x", "y"]}).text == "xynone"
