"""Reads pages as a browser does: their forms, their texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from werkzeug.test import TestResponse


@dataclass(slots=True)
class Field:
    """An input of a form."""

    name: str
    kind: str
    id: str
    attributes: dict[str, str]


@dataclass(slots=True)
class Form:
    """A form: where it goes, what is filled in already, what can be filled in, its buttons."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    fields: list[Field] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.labels: set[str] = set()
        self.ids: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.append((tag, given))
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        elif tag == "label":
            self.labels.add(given["for"])
        elif tag == "input":
            self._input(given)
        elif tag == "button":
            self.forms[-1].buttons.append((given.get("name", ""), given.get("value", "")))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(data.strip())

    def _input(self, given: dict[str, str]) -> None:
        form, name = self.forms[-1], given["name"]
        if given.get("type") == "hidden":
            form.values[name] = given.get("value", "")
            return
        if "value" in given:
            form.values[name] = given["value"]
        form.fields.append(Field(name, given.get("type", "text"), given.get("id", ""), given))


def read(page: TestResponse | str) -> _Reader:
    """Everything that is on a page."""
    reader = _Reader()
    reader.feed(page if isinstance(page, str) else page.get_data(as_text=True))
    return reader


def forms_of(page: TestResponse) -> list[Form]:
    """The forms of a page."""
    found = read(page).forms
    assert found, page.get_data(as_text=True)
    return found


def text_of(page: TestResponse) -> str:
    """What a page says."""
    return " ".join(read(page).words)
