"""A browser as far as sign-in pages need one: cookies, redirects, forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

_MOST_REDIRECTS = 10


class UnexpectedPage(Exception):
    """A page that is not the one that was to come; the message has its address and what it says."""

    def __init__(self, page: Page, wanted: str) -> None:
        super().__init__(f"{wanted} was expected, but {page.url} ({page.status}) says: {page.text}")
        self.page = page


@dataclass(slots=True)
class Form:
    """A form: where it goes, and what its fields hold already."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: list[tuple[str, str, str]] = field(default_factory=list)
    """The buttons: name, value, and what is written on it."""
    data: dict[str, str] = field(default_factory=dict)
    """What it tells a script, by the names of its attributes without `data-`."""


@dataclass(frozen=True, slots=True)
class Page:
    """Where the browser is: one of the platform's pages, or an address that it was sent away to."""

    url: str
    status: int
    text: str
    forms: tuple[Form, ...]

    @property
    def path(self) -> str:
        """The path of its address."""
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        """The parameters of its address."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}

    def form_with(self, *names: str) -> Form:
        """The form that has these fields or buttons. Raises `UnexpectedPage`."""
        for form in self.forms:
            known = {*form.fields, *(name for name, _, _ in form.choices)}
            if known.issuperset(names):
                return form
        raise UnexpectedPage(self, f"a form with {', '.join(names)}")


class Browser:
    """One browser with its own cookies, on the pages of one platform."""

    def __init__(self, gateway: str) -> None:
        self.gateway = gateway.rstrip("/")
        self._client = httpx.Client(
            timeout=30,
            headers={"Accept": "text/html", "Accept-Language": "en", "User-Agent": "demo-browser"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def open(self, address: str) -> Page:
        """Go to an address, or a path of the platform, and wherever it redirects to."""
        return self._follow(self._client.get(urljoin(self.gateway, address)))

    def submit(self, page: Page, form: Form, **values: str) -> Page:
        """Fill in a form and send it; gives the page that follows."""
        return self._follow(self.send(page, form, **values))

    def send(self, page: Page, form: Form, **values: str) -> httpx.Response:
        """Fill in a form and send it; gives the answer itself, wherever it leads."""
        address = urljoin(page.url, form.action)
        return self._client.post(address, data={**form.fields, **values})

    def _follow(self, response: httpx.Response) -> Page:
        """Follow redirects; one that leads away from the platform is not followed but reported."""
        for _ in range(_MOST_REDIRECTS):
            location = response.headers.get("Location")
            if location is None:
                reader = _Reader()
                reader.feed(response.text)
                url, status = str(response.url), response.status_code
                return Page(url, status, " ".join(reader.words), tuple(reader.forms))
            target = urljoin(str(response.url), location)
            if not target.startswith(f"{self.gateway}/"):
                return Page(target, response.status_code, "", ())
            response = self._client.get(target)
        raise httpx.TooManyRedirects(f"{response.url} redirects too often")


class _Reader(HTMLParser):
    """Collects the forms and words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.words: list[str] = []
        self._silent = False
        self._button: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("style", "script", "title"):
            self._silent = True
        elif tag == "form":
            told = {k.removeprefix("data-"): v for k, v in given.items() if k.startswith("data-")}
            self.forms.append(Form(given.get("action", ""), data=told))
        elif tag == "input" and self.forms and "name" in given:
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "button" and "name" in given:
            self._button = (given["name"], given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script", "title"):
            self._silent = False
        elif tag == "button":
            self._button = None

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if not text or self._silent:
            return
        self.words.append(text)
        if self._button is not None and self.forms:
            self.forms[-1].choices.append((*self._button, text))
            self._button = None
