"""What the portal is configured with: environment variables that begin with `RAPPORT_`."""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from chassis.settings import PREFIX, load_settings

_SERVICE_NAME = re.compile(r"[a-z][a-z0-9-]*\Z")


def guides_folder() -> Path:
    """Where the guides are: in the checkout, or where an image has them."""
    checkout = Path(__file__).resolve().parents[3] / "docs" / "guides"
    if checkout.is_dir():
        return checkout
    return Path(sysconfig.get_path("data")) / "share" / "rapport" / "guides"


class PortalSettings(BaseSettings):
    """The portal's settings."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load_settings` hands over counts, so that nothing is read twice."""
        return (init_settings,)

    http_host: str = "127.0.0.1"
    http_port: int = Field(ge=1, le=65535)
    http_threads: int = Field(default=4, ge=1, le=64)
    public_url: str = Field(pattern=r"^https?://[^/]+")
    """The gateway's address: where a reader's browser sends its requests."""
    services: dict[str, str]
    """Name to inner address, in the order in which they are shown: `identity=http://…,…`."""
    guides_dir: Path = Field(default_factory=guides_folder)
    """Where the guides lie as Markdown files; a folder that is not there is an empty one."""
    mail_folder: Path | None = None
    """Where a development platform's mail server keeps what it takes; without it no mail is shown."""
    refresh_seconds: float = Field(default=30, gt=0)
    """How old a service's OpenAPI document may get before it is asked for again."""
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @field_validator("services", mode="before")
    @classmethod
    def _split_services(cls, value: object) -> object:
        return _services(value) if isinstance(value, str) else value

    @field_validator("public_url")
    @classmethod
    def _without_trailing_slash(cls, value: str) -> str:
        return value.rstrip("/")


def _services(text: str) -> dict[str, str]:
    services: dict[str, str] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, separator, url = (part.strip() for part in entry.partition("="))
        if not separator or not url.startswith(("http://", "https://")):
            raise ValueError(f"each entry has to be name=http://address, not {entry!r}")
        if not _SERVICE_NAME.match(name):
            raise ValueError(f"{name!r} is no name for a service: lower-case letters and hyphens")
        if name in services:
            raise ValueError(f"{name!r} is named twice")
        services[name] = url.rstrip("/")
    if not services:
        raise ValueError("at least one service has to be named")
    return services


def read_settings(environ: Mapping[str, str] | None = None) -> PortalSettings:
    """The settings from the environment; raises `chassis.settings.WrongSettings`."""
    return load_settings(PortalSettings, environ)
