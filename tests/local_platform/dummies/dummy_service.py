"""A stand-in for a service's process, as small as the platform's contract with services allows.

`prepare` makes a table as the owner and a stream as the provisioner, `tenants create` answers as identity does, and
`serve` is ready once the database has the table. What it does is written to `calls` in the folder that `DUMMY_CALLS`
names.
"""

import asyncio
import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nats
import psycopg


def main() -> None:
    """Do what the first word says."""
    words = sys.argv[1:]
    name = os.environ.get("RAPPORT_NATS_USER", "portal")
    with (calls_folder() / "calls").open("a", encoding="utf-8") as calls:
        calls.write(f"{name} {' '.join(words) or 'serve'}\n")
    match words[:1]:
        case ["prepare"]:
            with psycopg.connect(os.environ["RAPPORT_DATABASE_OWNER_URL"]) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS things (id int)")
                connection.execute("GRANT SELECT ON things TO PUBLIC")
            asyncio.run(provision())
        case ["tenants"]:
            sys.stdout.write(
                json.dumps({"tenant_id": "t-1", "admin_email": "a@b.example", "password": "once"})
            )
        case _:
            serve()


def calls_folder() -> Path:
    """Where tests and stand-ins leave word for each other."""
    return Path(os.environ["DUMMY_CALLS"])


async def provision() -> None:
    """A stream that only the provisioner may make."""
    client = await nats.connect(
        os.environ["RAPPORT_NATS_URL"],
        user=os.environ["RAPPORT_PROVISIONER_USER"],
        password=os.environ["RAPPORT_PROVISIONER_PASSWORD"],
        inbox_prefix=b"_INBOX_" + os.environ["RAPPORT_PROVISIONER_USER"].encode(),
    )
    port = os.environ["RAPPORT_HTTP_PORT"]
    await client.jetstream().add_stream(name=f"S{port}", subjects=[f"s.{port}.>"])
    await client.close()


class Answers(BaseHTTPRequestHandler):
    """Ready when the table can be read; the portal, which has no database, at once."""

    def do_GET(self) -> None:
        """Answer any address; one document is late once if a test wishes so."""
        late = calls_folder() / f"late{self.path.replace('/', '-')}"
        if late.exists():
            late.unlink()
            self.send_error(503)
            return
        url = os.environ.get("RAPPORT_DATABASE_URL")
        if url is not None:
            with psycopg.connect(url) as connection:
                connection.execute("SELECT count(*) FROM things")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ.get("RAPPORT_NATS_USER", "portal").encode())


def serve() -> None:
    """Listen until told to stop."""
    fatal = calls_folder() / f"fatal-{os.environ.get('RAPPORT_NATS_USER', 'portal')}"
    if fatal.exists():
        sys.exit(f"cannot serve: {fatal.read_text(encoding='utf-8')}")
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["RAPPORT_HTTP_PORT"])), Answers)
    stop = threading.Thread(target=server.shutdown)
    signal.signal(signal.SIGTERM, lambda *_: stop.start())
    server.serve_forever()


if __name__ == "__main__":
    main()
