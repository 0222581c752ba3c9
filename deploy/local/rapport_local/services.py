"""Which services make up the platform: the one list that ports, databases, streams and routes follow from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ServiceDefinition:
    """One service: what it is called and whom it listens to and asks."""

    name: str
    consumes: tuple[str, ...] = ()
    """The services whose facts it reads."""
    asks: tuple[str, ...] = ()
    """The services that it calls over gRPC; `RAPPORT_<PEER>_GRPC` says where they are."""
    secrets: tuple[str, ...] = ()
    """Further random secrets of its own; `key` arrives as `RAPPORT_KEY`."""
    folders: tuple[str, ...] = ()
    """Folders of its own below the state folder; `spool` arrives as `RAPPORT_SPOOL`."""
    sends_mail: bool = False
    """Whether it hands mail to the platform's server: `RAPPORT_MAIL_SMTP_URL` and `RAPPORT_MAIL_SENDER`."""
    takes_mail: bool = False
    """Whether the platform's mail server gives it what arrives, and shows its secret `intake_secret`."""
    calls_outside: bool = False
    """Whether it calls addresses that tenants give; here they may lead to this machine: `RAPPORT_OUTBOUND_NETWORKS`."""
    streams: bool = False
    """Whether it has the role `stream`, a process of its own; the gateway finds it by `RAPPORT_<NAME>_STREAM_HTTP`."""
    jobs: bool = False
    """Whether it has the role `jobs`, here a process of its own that gives way to all others."""
    knows_clients: bool = False
    """Whether it is the one that checks the credentials of all services."""

    program: str | None = None
    """What `python -m` runs; it is called like the service unless given."""

    @property
    def module(self) -> str:
        """What `python -m` runs."""
        return self.program or self.name.replace("-", "_")

    @property
    def stream_part(self) -> str:
        """What the process of the role `stream` is called."""
        return f"{self.name}-stream"

    @property
    def jobs_part(self) -> str:
        """What the process of the role `jobs` is called."""
        return f"{self.name}-jobs"

    @property
    def parts(self) -> tuple[str, ...]:
        """What its processes are called."""
        apart = [(self.streams, self.stream_part), (self.jobs, self.jobs_part)]
        return (self.name, *(part for is_there, part in apart if is_there))

    @property
    def database(self) -> str:
        """The service's database."""
        return self.name.replace("-", "_")


AUDITED = (
    "contacts",
    "identity",
    "notifications",
    "sales",
    "loyalty",
    "desk",
)
"""All there are: identity keeps the audit log of every service's facts."""

SERVICES = (
    ServiceDefinition(
        "identity",
        consumes=AUDITED,
        asks=("identity",),
        secrets=("key_encryption_secret",),
        sends_mail=True,
        knows_clients=True,
    ),
    ServiceDefinition(
        "contacts",
        consumes=("identity", "contacts", "notifications", "sales", "loyalty", "desk"),
        asks=("identity", "sales", "desk", "loyalty", "notifications"),
        jobs=True,
    ),
    ServiceDefinition(
        "notifications",
        consumes=("identity", "contacts", "notifications", "sales", "loyalty", "desk"),
        asks=("identity", "contacts"),
        secrets=("sealing_secret", "fingerprint_secret"),
        sends_mail=True,
        calls_outside=True,
        streams=True,
    ),
    ServiceDefinition(
        "sales", consumes=("identity", "contacts", "sales"), asks=("identity", "contacts")
    ),
    ServiceDefinition(
        "loyalty",
        consumes=("identity", "contacts", "sales", "loyalty", "desk"),
        asks=("identity", "contacts"),
        secrets=("sealing_secret",),
    ),
    ServiceDefinition(
        "desk",
        consumes=("identity", "contacts", "sales", "notifications", "desk"),
        asks=("identity", "contacts", "loyalty"),
        secrets=("sealing_secret", "intake_secret"),
        folders=("attachments",),
        takes_mail=True,
    ),
)
