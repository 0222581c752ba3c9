"""Declares routes: method, path, permission and schemas in one place; documented from the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel

from chassis.http.body import MAX_BODY
from chassis.http.query_string import Query
from chassis.storage.listing import ListSpec

PUBLIC: Final = "public"
"""In place of a permission: anybody may call this, with no token."""
SIGNED_IN: Final = "signed_in"
"""In place of a permission: any valid token will do; the operation looks at who it is."""

JSON = ("application/json",)
MERGE_PATCH = ("application/merge-patch+json", "application/json")


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of the REST face.

    `returns` is the model of one answer; with `listing` the answer is a page of it. A list may take
    further parameters by `query`. `media_type` is set for answers that are not JSON. `raw_body`
    names the media types of a body that the handler reads by itself from `call.request`; a body has
    at most `body_limit` bytes. `tenantless` routes are for operators alone, whose token names no
    tenant. Some succeed with another status `otherwise`: 200 where there was already what they would make.
    """

    method: str
    path: str
    handler: Callable[..., Any]
    permission: str
    summary: str
    tag: str
    body: type[BaseModel] | None = None
    query: type[Query] | None = None
    listing: ListSpec | None = None
    returns: type[BaseModel] | None = None
    status: int = 200
    otherwise: int | None = None
    media_types: tuple[str, ...] = JSON
    media_type: str | None = None
    raw_body: tuple[str, ...] = ()
    body_limit: int = MAX_BODY
    problems: tuple[int, ...] = ()
    conditional: bool = False
    tenantless: bool = False

    @property
    def name(self) -> str:
        """The handler's name; the operation id without the service."""
        return self.handler.__name__

    @property
    def idempotent_key(self) -> bool:
        """Whether `Idempotency-Key` is honoured."""
        return self.method == "POST" and self.permission != PUBLIC and not self.tenantless


@dataclass(slots=True)
class Routes:
    """The routes of one slice, below one prefix.

    Handlers get a `Call`, then the checked listing, query and body as far as they are declared,
    then the path's parameters by name. Every route names its permission, `PUBLIC` or `SIGNED_IN`.
    """

    prefix: str
    tag: str
    routes: list[Route] = field(default_factory=list)

    def add(
        self, method: str, path: str, *, permission: str, **options: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare the decorated function as the handler; its docstring's first line documents it."""
        if not permission:
            raise ValueError(f"{method} {self.prefix}{path}: a permission is needed")

        def declare(handler: Callable[..., Any]) -> Callable[..., Any]:
            summary = (handler.__doc__ or "").strip().partition("\n")[0]
            if not summary:
                raise ValueError(f"{handler.__name__}: the docstring is the route's summary")
            self.routes.append(
                Route(
                    method=method,
                    path=self.prefix + path,
                    handler=handler,
                    permission=permission,
                    summary=summary,
                    tag=self.tag,
                    **options,
                )
            )
            return handler

        return declare

    def get(
        self, path: str, *, permission: str, **options: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A read; with `listing` a list."""
        return self.add("GET", path, permission=permission, **options)

    def post(
        self, path: str, *, permission: str, **options: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A creation or an action."""
        return self.add("POST", path, permission=permission, **options)

    def put(
        self, path: str, *, permission: str, **options: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A replacement or an upsert."""
        return self.add("PUT", path, permission=permission, **options)

    def patch(
        self, path: str, *, permission: str, **options: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A partial update by JSON merge patch."""
        options.setdefault("media_types", MERGE_PATCH)
        options.setdefault("conditional", True)
        return self.add("PATCH", path, permission=permission, **options)

    def delete(
        self, path: str, *, permission: str, **options: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A deletion; 204."""
        options.setdefault("status", 204)
        options.setdefault("conditional", True)
        return self.add("DELETE", path, permission=permission, **options)
