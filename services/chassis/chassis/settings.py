"""What every service is configured with: environment variables that begin with `RAPPORT_`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from chassis.http.address import networks_of

PREFIX = "RAPPORT_"


class WrongSettings(Exception):
    """The environment does not fit; the message names each variable and what is wrong with it."""


class ServiceSettings(BaseSettings):
    """The settings that all services share; a service adds its own in a subclass."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load_settings` hands over counts, so that nothing is read twice."""
        return (init_settings,)

    http_host: str = "127.0.0.1"
    """The address to listen on for HTTP; `0.0.0.0` for all of IPv4, `::` for IPv6 too."""
    http_port: int = Field(ge=1, le=65535)
    http_threads: int = Field(default=8, ge=1, le=256)
    """How many requests are answered at the same time."""
    grpc_host: str = "127.0.0.1"
    """The address to listen on for gRPC; `[::]` for IPv6 too."""
    grpc_port: int = Field(ge=1, le=65535)
    grpc_threads: int = Field(default=8, ge=1, le=256)
    """How many calls are answered at the same time."""
    drain_seconds: float = Field(default=10, ge=0)
    """How long a stopping process may take to finish what it has begun."""

    database_url: SecretStr
    database_system_url: SecretStr
    database_pool_size: int = Field(default=10, ge=1, le=200)
    """How many connections the runtime login keeps in each process; the system login half as many, at least four."""
    database_statement_timeout_ms: int = Field(default=15_000, ge=100)
    """How long a statement may run."""

    nats_url: str
    nats_user: str
    nats_password: SecretStr
    nats_monitor_url: str | None = None

    public_url: str
    """The gateway's address; also the issuer of tokens."""
    jwks_url: str
    identity_grpc: str
    signing_secret: SecretStr = Field(min_length=32)
    """Signs page tokens and links; random, the same in all replicas of a service."""
    service_client_secret: SecretStr
    """The service's own credential at identity; the client id is the service's name."""

    stream_beat_seconds: float = Field(default=15, gt=0, le=60)
    """How often a stream of events that has none shows that it lives."""
    stream_patience_seconds: float = Field(default=10, gt=0, le=300)
    """How long a reader of a stream may not take what it is given before it is cut off."""

    rate_limit_per_client: int = Field(default=6000, ge=1)
    """Requests per minute and client in each process."""
    rate_limit_per_address: int = Field(default=300, ge=1)
    """Requests without a token per minute, address and group of pages in each process."""
    gateway_networks: str = "127.0.0.0/8,::1/128"
    """Where the gateway is: only from there is X-Forwarded-For believed."""
    otlp_endpoint: str | None = None
    """The collector of traces; without it none are sent."""
    trace_sample_ratio: float = Field(default=1.0, ge=0, le=1)
    """Which part is recorded of the traces that begin here."""
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    """From which level on log entries are written."""

    @field_validator("gateway_networks")
    @classmethod
    def _are_networks(cls, given: str) -> str:
        networks_of(given)
        return given


S = TypeVar("S", bound=BaseSettings)


def load_settings(kind: type[S], environ: Mapping[str, str] | None = None) -> S:
    """Read `kind` from the environment.

    Raises `WrongSettings` that names every missing, wrong and unknown variable; values are
    not repeated, since they may be secrets.
    """
    values = os.environ if environ is None else environ
    given = {k[len(PREFIX) :].lower(): v for k, v in values.items() if k.startswith(PREFIX)}
    wrong = [
        f"{PREFIX}{name.upper()}: unknown variable"
        for name in sorted(given)
        if name not in kind.model_fields
    ]
    try:
        settings = kind.model_validate(
            {name: value for name, value in given.items() if name in kind.model_fields}
        )
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            name = str(problem["loc"][0]) if problem["loc"] else "?"
            wrong.append(f"{PREFIX}{name.upper()}: {problem['msg']}")
        raise WrongSettings("\n".join(wrong)) from None
    if wrong:
        raise WrongSettings("\n".join(wrong))
    return settings
