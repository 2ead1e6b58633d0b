"""One installation under test: its settings, its database of either kind, and ways to fill it without clicking."""

import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import func, select, text, update

from assessment.delivery.channels import worker_of
from assessment.delivery.events import USUAL
from assessment.delivery.webhooks import new_secret
from assessment.delivery.worker import Worker
from assessment.engine.answers import Answers
from assessment.engine.questions import Depth
from assessment.settings import Settings, read_settings
from assessment.storage import assessments, endpoints, tenants
from assessment.storage.outbox import Channel, State
from assessment.storage.session import Database
from assessment.storage.tables import Attempt, Delivery, Endpoint
from assessment.web import create_app
from assessment.web.site import Site
from assessment.web.stamps import stamp

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BASE = "https://check.example.com"
ANSWERS: Answers = {
    "profile.staff": "10-19",
    "profile.it-support": "in-house",
    "profile.outside-cloud": "yes",
    "profile.sensitive-data": frozenset({"health"}),
    "profile.outside-access": "into-the-office",
    "profile.transfers": "no",
    "backups.schedule": "daily",
    "backups.tested-restore": "never",
}
"""Every fact and two questions: a quick assessment that is quickly scored, so that a storm has many."""

STAFF_MAIL = "desk@northgate.example"


@dataclass
class Clock:
    """A clock that moves only when told to, in either direction."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def passes(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass(frozen=True, slots=True)
class Sitting:
    """An assessment that is answered and waits to be sent in."""

    token: str
    reference: str

    @property
    def submit(self) -> str:
        return f"/t/{self.token}/submit"

    @property
    def report(self) -> str:
        return f"/r/{assessments.report_token(self.token)}"

    @property
    def contact(self) -> str:
        return f"{self.report}/contact"


def environment(folder: Path, database_url: str = "", **more: str) -> dict[str, str]:
    """Settings under which nothing but the fault at hand can be in the way: no limits, patience with the database."""
    settings = {
        "INSTANCE": str(folder / "instance"),
        "DATABASE_URL": database_url,
        "SECRET_KEY": "a key that every process of this test shares",
        "BASE_URL": BASE,
        "TENANT_NAME": "Northgate Computers",
        "BUSY_SECONDS": "30",
        "STARTS_PER_HOUR": "0",
        "CONTACTS_PER_HOUR": "0",
        "MAILS_PER_DAY": "0",
        "MAIL_FOLDER": str(folder / "mail"),
        "DELIVERY": "apart",
        "WEBHOOK_NETWORKS": "127.0.0.0/8",
        "WORKERS": "1",
        "CONSOLE": "no",
        **more,
    }
    return {f"ASSESSMENT_{name}": value for name, value in settings.items() if value}


class Instance:
    """An installation with its app in this process; other processes are given `environment`."""

    def __init__(self, environment: Mapping[str, str], now: Callable[[], datetime]) -> None:
        self.environment = dict(environment)
        self.now = now
        self.app: Flask = create_app(read_settings(environment), now)
        self.site: Site = self.app.extensions["site"]
        self.database: Database = self.site.database
        self.settings: Settings = self.site.settings

    def change(self, slug: str = "check", **changes: Any) -> None:
        """Change what a tenant has set; one that is not there yet is made."""
        with self.database.writing() as session:
            found = tenants.by_slug(session, slug)
            if found is None:
                tenants.add(session, slug, {"name": slug, **changes}, self.now())
            else:
                tenants.change(found, changes)

    def listen(self, url: str, slug: str = "check") -> str:
        """An endpoint of a tenant that wants to hear everything, at a port the operator allows; gives its secret."""
        secret, ports = new_secret(), "ASSESSMENT_WEBHOOK_PORTS"
        self.environment[ports] = f"{self.environment.get(ports, '443')},{urlsplit(url).port}"
        with self.database.writing() as session:
            tenant = tenants.by_slug(session, slug)
            assert tenant
            how = {"flat": False, "events": " ".join(USUAL)}
            endpoints.add(session, tenant, url, secret, self.site.vault, self.now(), **how)
        return secret

    def prepare(self, count: int, slug: str = "check") -> deque[Sitting]:
        """So many assessments with their answers, each waiting to be sent in."""
        made = deque()
        with self.database.writing() as session:
            tenant = tenants.by_slug(session, slug)
            assert tenant
            for _ in range(count):
                begun = (self.site.pin, Depth.QUICK, self.now(), self.site.open_for)
                assessment, token = assessments.start(session, tenant, *begun)
                for question, answer in ANSWERS.items():
                    assessments.record(session, assessment, question, answer, self.now())
                made.append(Sitting(token, assessment.reference))
        return made

    def form(self, sitting: Sitting, **more: str) -> dict[str, str]:
        """The contact form of a report as its owner fills it in: drawn a minute ago, one person a report."""
        with self.app.app_context():
            drawn = stamp(f"contact {sitting.reference}", self.now() - timedelta(minutes=1))
        return {"email": f"{sitting.reference}@firm.example", "consent_contact": "yes", "stamp": drawn, **more}

    def post(self, path: str, form: Mapping[str, str] | None = None) -> str:
        """Post a form that is taken; gives where it leads."""
        answer = self.app.test_client().post(path, data=form)
        assert answer.status_code == 303, answer.get_data(as_text=True)[:600]
        return str(answer.headers["Location"])

    def page(self, path: str) -> str:
        """A page that can be shown."""
        answer = self.app.test_client().get(path)
        assert answer.status_code == 200, answer.status
        return answer.get_data(as_text=True)

    def submit(self, slug: str = "check") -> Sitting:
        """A whole assessment, sent in."""
        (sitting,) = self.prepare(1, slug)
        self.post(sitting.submit)
        return sitting

    def lead(self, slug: str = "check") -> Sitting:
        """A whole assessment whose owner left their details."""
        sitting = self.submit(slug)
        self.post(sitting.contact, self.form(sitting))
        return sitting

    def worker(self) -> Worker:
        """The hands of one process, as the command puts them together."""
        return worker_of(read_settings(self.environment), self.database, self.now)

    def drain(self) -> int:
        """Send whatever is due now; gives how many were tried."""
        worker, tried = self.worker(), 0
        while worker.once():
            tried += 1
        return tried

    def make_due(self) -> None:
        """Let everything be due for processes on the clock of this machine, whatever the clock of the test says."""
        with self.database.writing() as session:
            session.execute(update(Delivery).values(next_at=datetime(2026, 1, 1, tzinfo=UTC)))

    def waiting(self) -> int:
        """How many connections to PostgreSQL wait for a lock at this moment."""
        with self.database.reading() as session:
            asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            return int(session.execute(text(asked)).scalar_one())

    def deliveries(self, event: str = "") -> list[Delivery]:
        """What is in the outbox, the oldest first, each with its attempts."""
        with self.database.reading() as session:
            found = session.scalars(select(Delivery).order_by(Delivery.id)).all()
            return [one for one in found if event in ("", one.event) and one.tried is not None]

    def undelivered(self) -> int:
        """How many messages in the outbox did not arrive yet."""
        with self.database.reading() as session:
            waiting = select(func.count()).select_from(Delivery).where(Delivery.state != State.DONE)
            return session.scalar(waiting) or 0

    def delivery(self, event: str) -> Delivery:
        (found,) = self.deliveries(event)
        return found

    def last_try(self, event: str) -> Attempt:
        return self.delivery(event).tried[-1]

    def endpoint(self, slug: str = "check") -> Endpoint:
        with self.database.reading() as session:
            tenant = tenants.by_slug(session, slug)
            assert tenant
            (found,) = endpoints.of_tenant(session, tenant)
            return found

    def messages(self, channel: Channel) -> set[str]:
        """The message ids in the outbox, of one channel."""
        return {one.message_id for one in self.deliveries() if one.channel == channel}

    def mails(self) -> set[str]:
        """The message ids of the mails that were written to the folder."""
        return {path.stem for path in Path(self.settings.mail_folder).glob("*.eml")}


def answers_kept(instance: Instance, sitting: Sitting) -> dict[str, Any]:
    """The answers a report was made from, by question, as its owner can download them."""
    kept = json.loads(instance.page(f"{sitting.report}/data.json"))[0]
    return dict(kept["assessments"][0]["answers"] if "assessments" in kept else kept["answers"])


def answers_scored(instance: Instance, sitting: Sitting) -> dict[str, Any]:
    """The answers the stored outcome was reckoned from, by question."""
    kept = json.loads(instance.page(f"{sitting.report}/data.json"))[0]
    outcome = kept["assessments"][0]["outcome"] if "assessments" in kept else kept["outcome"]
    return {one["question"]: (one["options"] or [one["state"]])[0] for one in outcome["answers"]}
