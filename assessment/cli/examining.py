"""What the doctor looks at: each examination asks one thing of an instance, and says how to mend what is wrong."""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

from assessment.engine.checks import check
from assessment.engine.loading import load
from assessment.reports.pdf import printable
from assessment.settings import PREFIX, SETTINGS, BadSetting, Settings
from assessment.storage import tenants
from assessment.storage.backups import BackupRefused, health
from assessment.storage.session import BadAddress, Database, Session, Unavailable
from assessment.storage.vitals import ALIVE_FOR, ROOM, backlog, disk_free, journal, last_moment, last_sign
from assessment.web.serving import OWN_MACHINE, keeps_passwords_safe

OTHERS = stat.S_IRWXG | stat.S_IRWXO
SHORTEST_KEY = 32
OVERDUE = timedelta(minutes=10)
SLACK = timedelta(minutes=5)
"""How far clocks may differ before anybody need worry."""

WRITTEN = datetime(2026, 11, 1, tzinfo=UTC)
"""No clock that is right shows an earlier time than this was written at."""

MOUNTS = Path("/proc/mounts")
NETWORK = ("nfs", "cifs", "smb", "9p", "ceph", "gluster", "fuse.sshfs", "fuse.gluster")
"""How the names of file systems begin whose locks SQLite cannot trust."""


class Level(StrEnum):
    """How serious a remark is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Remark:
    """What was found about one thing, and how to mend it."""

    level: Level
    about: str
    says: str
    mend: str = ""


def ok(about: str, says: str) -> Remark:
    """All is well with this."""
    return Remark(Level.OK, about, says)


def warning(about: str, says: str, mend: str) -> Remark:
    """It works, and should not stay so."""
    return Remark(Level.WARNING, about, says, mend)


def problem(about: str, says: str, mend: str) -> Remark:
    """It does not work, or is not safe."""
    return Remark(Level.PROBLEM, about, says, mend)


def unknown(environment: Mapping[str, str]) -> Iterator[Remark]:
    """Whether every variable of ours is one we read: a misspelt one would be passed over in silence."""
    known = {name for setting in SETTINGS for name in (setting.variable, f"{setting.variable}_FILE")}
    strange = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
    for name in strange:
        yield warning("settings", f"{name} is no setting, so it does nothing.", "Look for its name in the README.")
    if not strange:
        yield ok("settings", "Every variable that is set is a setting, and has a value it may have.")


def key(settings: Settings) -> Iterator[Remark]:
    """Whether the secret key is long, and nobody else on this machine can read it."""
    file = settings.instance / "secret_key"
    if settings.secret_key:
        if len(settings.secret_key) < SHORTEST_KEY:
            yield problem("key", "ASSESSMENT_SECRET_KEY is short enough to be guessed.", MAKE_A_KEY)
        else:
            yield ok("key", "The secret key is set. Keep a copy of it with your backups, in another place than they.")
    elif not file.exists():
        yield warning("key", f"There is no secret key at {file} yet.", "`assessment serve` makes one.")
    elif os.name == "posix" and file.stat().st_mode & OTHERS:
        yield problem("key", f"Others on this machine can read {file}.", f"Run: chmod 600 {file}")
    else:
        yield ok("key", f"The secret key is in {file}, for its owner alone. Keep a copy of it with your backups.")


MAKE_A_KEY = (
    "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(48))' – sealed secrets must be set anew."
)


def database(settings: Settings) -> Iterator[Remark]:
    """Whether the database can be reached and written to, has the schema of this version, and room to grow."""
    try:
        found = Database(settings.database, settings.busy_seconds)
    except BadAddress as error:
        yield problem("database", str(error), "Then ask once more.")
        return
    with found.closing():
        try:
            state = health(found)
        except BackupRefused as error:
            yield problem("database", str(error), "Name a file in ASSESSMENT_DATABASE_URL, or leave it empty.")
            return
        for sentence in state.sentences:
            yield ok("database", sentence) if state.sound else problem("database", sentence, "See docs/operating.md.")
        if not state.sound:
            return
        try:
            with found.writing():
                yield ok("database", "It can be written to.")
        except Unavailable as error:
            yield problem("database", f"It cannot be written to: {error}.", "See whose it is, and if its disk is full.")
        if found.is_sqlite:
            yield from _file(found)


def _file(database: Database) -> Iterator[Remark]:
    """What only a SQLite file can suffer from."""
    file = Path(database.url.database or "").resolve()
    if os.name == "posix" and file.stat().st_mode & OTHERS:
        yield warning("database", f"Others on this machine can read {file}.", f"Run: chmod 600 {file}*")
    with database.reading() as session:
        kept = journal(session)
    if kept != "wal":
        says = f"It keeps its journal as “{kept}”, not as a log, so readers and writers wait for each other."
        yield warning("database", says, "Put it on a local disk that this user may write to.")
    system = file_system(file)
    if system.startswith(NETWORK):
        says = f"It is on a network file system ({system}), where SQLite can lose what it wrote."
        yield problem("database", says, "Move it to a local disk, or use PostgreSQL.")
    free = disk_free(database)
    if free is not None and free < ROOM:
        says = f"Only {free // 1024**2} MB are free beside it; from {ROOM // 1024**2} MB down /readyz says no."
        yield problem("database", says, "Make room on that disk.")
    elif free is not None:
        yield ok("database", f"{free // 1024**2:,} MB are free beside it.")


def file_system(path: Path) -> str:
    """The kind of file system a path is on; empty where this cannot be told."""
    try:
        mounts = [line.split()[1:3] for line in MOUNTS.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return ""
    around = [(len(where), kind) for where, kind in mounts if path.is_relative_to(where.replace("\\040", " "))]
    return max(around, default=(0, ""))[1]


def address(settings: Settings) -> Iterator[Remark]:
    """Whether the address in every link fits what stands in front of the app."""
    parts = urlsplit(settings.base_url)
    own, https = parts.hostname in OWN_MACHINE, parts.scheme == "https"
    if not keeps_passwords_safe(settings):
        says = f"{settings.base_url} is plain http: answers travel unprotected, and the console stays off."
        yield problem("address", says, "Put https in front (docs/operating.md), and set ASSESSMENT_BASE_URL to it.")
    elif own:
        yield warning("address", f"{settings.base_url} works on this machine only.", "Set ASSESSMENT_BASE_URL.")
    else:
        yield ok("address", f"Every link begins with {settings.base_url}.")
    if https and not settings.proxy_hops:
        says = "No proxy is counted, so all visitors seem to come from the proxy, and share one limit."
        yield warning("address", says, "Set ASSESSMENT_PROXY_HOPS to how many proxies of yours stand in front.")
    if settings.proxy_hops and not https:
        says = "A proxy is counted, and the address is http: if there is none, visitors can pass for others."
        yield warning("address", says, "Set ASSESSMENT_PROXY_HOPS to 0 where nothing stands in front.")


def mail(settings: Settings) -> Iterator[Remark]:
    """Whether mail can leave, and safely."""
    if settings.smtp_host and settings.smtp_security == "none" and settings.smtp_user:
        says = "The password for the mail server travels unprotected."
        yield problem("mail", says, "Set ASSESSMENT_SMTP_SECURITY to starttls or tls.")
    elif settings.smtp_host:
        says = f"Mail goes by {settings.smtp_host}:{settings.smtp_port} ({settings.smtp_security})."
        yield ok("mail", f"{says} `assessment doctor --mail-to ADDRESS` tries it.")
    elif settings.mail_folder:
        says = f"Mail is written into {settings.mail_folder} and sent to nobody."
        yield warning("mail", says, "Set ASSESSMENT_SMTP_HOST before visitors come.")
    else:
        yield warning(
            "mail", "No mail can be sent: no reports, no notices.", "Set ASSESSMENT_SMTP_HOST if you want it."
        )


def worker(settings: Settings) -> Iterator[Remark]:
    """Whether somebody sends what is due."""
    start = "Start `assessment worker`." if settings.delivery == "apart" else "Start `assessment serve`."
    now = datetime.now(UTC)
    with _reading(settings) as session:
        seen, waiting = last_sign(session), backlog(session, now)
    if seen is None:
        yield warning("worker", "No worker was ever seen at work.", start)
    elif now - seen > ALIVE_FOR:
        yield problem("worker", f"The last sign of a worker is of {seen:%Y-%m-%d %H:%M} UTC.", start)
    else:
        yield ok("worker", "A worker was at work within the last two minutes.")
    if waiting.overdue > OVERDUE:
        minutes = int(waiting.overdue.total_seconds() // 60)
        yield problem(
            "worker", f"Something has been due to be sent for {minutes} minutes.", "See `assessment outbox list`."
        )
    if given_up := sum(waiting.given_up.values()):
        yield warning("worker", f"Given up: {given_up}.", "See `assessment outbox list --state dead`.")


def questionnaires(settings: Settings) -> Iterator[Remark]:
    """Whether every questionnaire that is taken here is there, and sound."""
    with _reading(settings) as session:
        wanted = {settings.questionnaire} | {tenant.profile.questionnaire for tenant in tenants.every(session)}
    for name in sorted(wanted):
        try:
            problems = check(load(settings.question_folder(name)))
        except BadSetting as error:
            yield problem("questionnaire", str(error), "Bring its folder back, or let its tenants take another one.")
            continue
        if problems:
            says = f"“{name}” has {len(problems)} problems; the first: {problems[0]}"
            yield problem("questionnaire", says, "Run `assessment check` on its folder.")
        else:
            yield ok("questionnaire", f"“{name}” is sound.")


def clock(settings: Settings) -> Iterator[Remark]:
    """Whether the clock can be right: links expire by it, second steps fit by it, signatures are dated by it."""
    now, mend = datetime.now(UTC), "Let the machine set its clock by the network (timedatectl set-ntp true)."
    with _reading(settings) as session:
        newest = last_moment(session)
    if now < WRITTEN:
        yield problem("clock", f"It shows {now:%Y-%m-%d %H:%M} UTC, which is before this was written.", mend)
    elif newest and newest > now + SLACK:
        yield problem("clock", f"It shows {now:%Y-%m-%d %H:%M} UTC, and an assessment was begun after that.", mend)
    else:
        yield ok("clock", f"It shows {now:%Y-%m-%d %H:%M} UTC.")


def fonts(settings: Settings) -> Iterator[Remark]:
    """Whether the PDF has its letters."""
    if printable("£ € é ß") == "£ € é ß":
        yield ok("PDF", "Its fonts are there.")
    else:
        yield problem("PDF", "Its fonts lack common letters.", "Install the app anew.")


def console(settings: Settings) -> Iterator[Remark]:
    """Whether the console can be loaded; a running instance does so when the first of the staff comes."""
    if not settings.console:
        yield ok("console", "It is switched off.")
        return
    import_module("assessment.web.console")
    yield ok("console", "It can be loaded.")


@contextmanager
def _reading(settings: Settings) -> Iterator[Session]:
    found = Database(settings.database, settings.busy_seconds)
    with found.closing(), found.reading() as session:
        yield session


ALONE: tuple[Callable[[Settings], Iterator[Remark]], ...] = (key, address, mail, fonts, console, database)
WITH_DATABASE: tuple[Callable[[Settings], Iterator[Remark]], ...] = (worker, questionnaires, clock)
"""What can be looked at only where the database is sound."""
