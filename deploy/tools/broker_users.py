"""Writes the broker's users for its chart: what nats_permissions.py says of every service, as NATS reads it.

Run it as `python -m deploy.tools.broker_users` after the list of services or the permissions have changed.
"""

from collections.abc import Iterable
from pathlib import Path

from chassis.embedded.nats_permissions import (
    NatsUser,
    operator_permissions,
    provisioner_permissions,
    service_permissions,
)
from rapport_local.services import SERVICES, ServiceDefinition

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "helm/nats/files/users.conf"
_HEAD = """\
# Who may do what on the bus. Written by `python -m deploy.tools.broker_users`; a test holds it to what the
# services need. Passwords come from the environment.
"""


def users_configuration(services: Iterable[ServiceDefinition] = SERVICES) -> str:
    """The list `users`, with the name of an environment variable in place of each password."""
    users = [
        provisioner_permissions(""),
        operator_permissions(""),
        *(service_permissions(one.name, "", one.consumes) for one in services),
    ]
    return f"{_HEAD}users: [\n{''.join(map(_entry, users))}]\n"


def _entry(user: NatsUser) -> str:
    return (
        "  {\n"
        f"    user: {user.name}\n"
        f"    password: ${user.name.upper().replace('-', '_')}_PASSWORD\n"
        "    permissions: {\n"
        f"      publish: {{allow: {_subjects(user.publish)}}}\n"
        f"      subscribe: {{allow: {_subjects(user.subscribe)}}}\n"
        "    }\n"
        "  }\n"
    )


def _subjects(subjects: Iterable[str]) -> str:
    # In quotes, or `$JS` would be taken for a variable.
    rows = "".join(f'        "{subject}"\n' for subject in subjects)
    return f"[\n{rows}      ]"


if __name__ == "__main__":
    TARGET.write_text(users_configuration(), encoding="utf-8")
