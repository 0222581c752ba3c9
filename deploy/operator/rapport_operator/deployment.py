"""Where a deployment's parts are and how an operator signs in there: one file, kept like a password."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from chassis.events.broker import BrokerLogin
from rapport_operator.errors import OperatorError

VARIABLE = "RAPPORT_DEPLOYMENT"
LOCAL_FILE = Path(".rapport") / "operator.json"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BrokerAccess(_Section):
    """The broker and the two logins that an operator has there."""

    url: str
    monitor_url: str | None = None
    operator_user: str = "operator"
    operator_password: SecretStr
    provisioner_user: str = "provisioner"
    provisioner_password: SecretStr | None = None
    """Needed by `events restore` alone, which makes streams anew."""

    def operator(self) -> BrokerLogin:
        """Who looks and replays."""
        password = self.operator_password.get_secret_value()
        return BrokerLogin(self.url, self.operator_user, password)

    def provisioner(self) -> BrokerLogin:
        """Who makes streams; raises `OperatorError` without the password."""
        if self.provisioner_password is None:
            raise OperatorError("the deployment's description has no nats.provisioner_password")
        password = self.provisioner_password.get_secret_value()
        return BrokerLogin(self.url, self.provisioner_user, password)


class ServiceAccess(_Section):
    """One service: where it answers, and its database with the logins that an operator uses."""

    http_url: str
    processes: dict[str, str] = {}
    """Where its further processes say how they are doing, by what they are called, such as `contacts-jobs`."""
    grpc: str | None = None
    """Where it answers other services; None when none of them asks it anything."""
    database_url: SecretStr
    """As the runtime login, whose rights `doctor` looks at."""
    database_system_url: SecretStr
    """As the system login, which reads the outbox and clears the inbox of a projection."""
    database_owner_url: SecretStr | None = None
    """As the owner; needed by `events replay --reset` alone, which empties a projection."""
    folders: dict[str, Path] = {}
    """Where the folders are that it keeps files in, by their names, as this process sees them; they are backed up too."""
    client_secret: SecretStr | None = None
    """With which the service signs in at identity; `doctor` tries whether it works."""
    key_encryption_secret: SecretStr | None = None
    """Of identity alone: what it seals private signing keys with; needed by `keys rotate`, which makes one."""
    signing_secret: SecretStr | None = None
    """Of identity alone: what it counts failed sign-ins under; needed by `lockouts`."""


class Deployment(_Section):
    """All that the command knows of a deployment."""

    gateway_url: str
    jwks_url: str
    nats: BrokerAccess
    services: dict[str, ServiceAccess]
    certificates: tuple[Path, ...] = ()
    """Certificate files (PEM) whose end `doctor` watches."""

    def service(self, name: str) -> ServiceAccess:
        """Raises `OperatorError` that names those there are."""
        known = self.services.get(name)
        if known is None:
            raise OperatorError(
                f"there is no service `{name}`; there are {', '.join(self.services)}"
            )
        return known


def find_deployment(given: Path | None) -> Path:
    """The file given, or the one that the environment names, or that of the local platform.

    Raises `OperatorError` that says how to name one.
    """
    if given is not None:
        return given
    if named := os.environ.get(VARIABLE):
        return Path(named)
    for folder in _places():
        if (folder / LOCAL_FILE).exists():
            return folder / LOCAL_FILE
    raise OperatorError(
        "no deployment was found: start one on this machine with `make up`, or name the file that "
        f"describes one with --deployment or in {VARIABLE}"
    )


def _places() -> Iterator[Path]:
    """This folder and those above; then the checkout that this environment belongs to."""
    here = Path.cwd()
    yield from (here, *here.parents)
    yield Path(sys.prefix).parent


def read_deployment(path: Path) -> Deployment:
    """Raises `OperatorError` that names what is missing or wrong in the file."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}") from None
    try:
        return Deployment.model_validate_json(text)
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}"
            for one in error.errors(include_input=False, include_url=False)
        ]
        raise OperatorError(f"{path} does not describe a deployment: {'; '.join(lines)}") from None
