"""A small receiver of webhooks: checks who sent a message, takes each one once, forgets whoever asks for it.

Needs Python 3.11 and one package: pip install standardwebhooks

    export WEBHOOK_SECRET=whsec_...      what `assessment endpoint add` printed
    python receive.py leads.db 9000      listens on 127.0.0.1:9000; put your web server with TLS in front

It keeps leads in a SQLite file. Replace `act` with what your own system wants. The endpoint must be a nested one.
"""

import json
import os
import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

LARGEST = 256 * 1024
TABLES = """
CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS erased (reference TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS lead (reference TEXT PRIMARY KEY, email TEXT, grade TEXT, score INTEGER, data TEXT);
"""


def receive(secret: str, file: Path, headers: Mapping[str, str], body: bytes) -> int:
    """Take one message and give the status to answer with; everything but 2xx is tried again by the sender."""
    try:
        event = Webhook(secret).verify(body, dict(headers))
    except (WebhookVerificationError, ValueError):  # a signature that is garbled raises ValueError
        return 400
    message_id = next(value for name, value in headers.items() if name.lower() == "webhook-id")
    with closing(sqlite3.connect(file)) as database, database:  # the inner one commits all of it, or nothing
        database.executescript(TABLES)
        new = database.execute("INSERT OR IGNORE INTO seen VALUES (?)", (message_id,)).rowcount
        if new:
            act(database, event["type"], event["data"])
    return 204


def act(database: sqlite3.Connection, kind: str, data: Mapping[str, Any]) -> None:
    """What each message means here."""
    if kind == "lead.received" and not data["test"]:
        reference = data["lead"]["reference"]
        if database.execute("SELECT 1 FROM erased WHERE reference = ?", (reference,)).fetchone():
            return  # erased already; this message was late
        database.execute(
            "INSERT OR REPLACE INTO lead VALUES (?, ?, ?, ?, ?)",
            (
                reference,
                data["contact"].get("email"),
                data["lead"]["grade"],
                data["score"]["overall"],
                json.dumps(data, ensure_ascii=False),
            ),
        )
    elif kind == "contact.erased":
        reference = data["lead"]["reference"]
        database.execute("DELETE FROM lead WHERE reference = ?", (reference,))
        database.execute("INSERT OR IGNORE INTO erased VALUES (?)", (reference,))
    elif kind == "endpoint.test":
        print("A test message arrived.", flush=True)


def server(secret: str, file: Path, port: int) -> ThreadingHTTPServer:
    """A server that receives on this machine only."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 15

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > LARGEST:
                self.answer(413)
                return
            self.answer(receive(secret, file, dict(self.headers.items()), self.rfile.read(int(length))))

        def answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    with server(os.environ["WEBHOOK_SECRET"], Path(sys.argv[1]), int(sys.argv[2])) as listening:
        listening.serve_forever()
