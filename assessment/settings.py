"""Every setting is a row: name, kind, default, sentence. Wrong values name the variable and say what is allowed."""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PREFIX = "ASSESSMENT_"
PACKAGE = Path(__file__).parent
SHORTEST_TOKEN = 24


class BadSetting(ValueError):
    """A setting has a value it may not have; the message names the variable and what is allowed."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One row: the environment variable is ASSESSMENT_<NAME>; <NAME>_FILE reads the value from a file."""

    name: str
    kind: str
    default: str
    says: str

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()


SETTINGS = (
    Setting("instance", "folder", "instance", "Where the database and the secret key live."),
    Setting("database_url", "text", "", "The database; empty means SQLite in the instance folder."),
    Setting("base_url", "url", "http://127.0.0.1:8000", "The address people reach the app at, in every link."),
    Setting("secret_key", "secret", "", "Signs what must not be forged; empty means one kept in the instance."),
    Setting("questionnaire", "text", "it-health", "The questionnaire that is taken."),
    Setting("questions", "folder", "", "A folder of your own questionnaires, laid over the shipped ones."),
    Setting("templates", "folder", "", "A folder of your own templates, laid over the shipped ones."),
    Setting("tenant", "slug", "check", "The tenant at the address without a name: /q/<tenant>. The next four make it."),
    Setting("tenant_name", "text", "IT health check", "Who runs the check; named on the first page and in the report."),
    Setting("tenant_contact", "text", "", "How to reach whoever runs the check, printed in the report."),
    Setting("tenant_link", "link", "", "An https, mailto or tel link to whoever runs the check."),
    Setting("currency", "currency", "GBP", "The currency of cost ranges: GBP, USD, EUR or AUD."),
    Setting("workers", "number", "2", "How many processes answer requests."),
    Setting("proxy_hops", "count", "0", "How many proxies of yours stand in front and add X-Forwarded-For."),
    Setting("busy_seconds", "number", "5", "How long a request waits for a busy database before it gives up."),
    Setting("statement_seconds", "number", "10", "How long a request waits for one answer of PostgreSQL."),
    Setting("days_open", "number", "30", "How many days an unfinished assessment can be continued."),
    Setting("days_report", "number", "90", "How many days a report can be opened."),
    Setting("starts_per_hour", "count", "240", "How many may start from one network in an hour; 0: any number."),
    Setting("contacts_per_hour", "count", "20", "How many may leave details from one network in an hour; 0: any."),
    Setting("api_per_hour", "count", "3600", "How often one API token may be shown in an hour; 0: any number."),
    Setting("delivery", "delivery", "inside", "inside: the server sends mail and webhooks; apart: a worker does."),
    Setting("smtp_host", "text", "", "The mail server; without it no mail is sent and no report is held back."),
    Setting("smtp_port", "port", "587", "The mail server's port."),
    Setting("smtp_security", "security", "starttls", "starttls, tls or none."),
    Setting("smtp_user", "text", "", "The name to sign in with at the mail server, if it wants one."),
    Setting("smtp_password", "secret", "", "The password to sign in with at the mail server."),
    Setting("mail_from", "address", "", "The address mails come from; needed with a mail server."),
    Setting("mail_folder", "text", "", "For trying out: a folder that mails are written to instead of being sent."),
    Setting("mails_per_day", "count", "500", "How many mails one tenant may send in a day; 0 for no limit."),
    Setting("webhook_networks", "networks", "", "Private networks webhooks may reach, such as 10.1.0.0/16."),
    Setting("webhook_ports", "ports", "443,8443", "The ports webhooks may go to."),
    Setting("webhook_http", "yes-no", "no", "Allow webhooks without TLS, for a receiver in your own network."),
    Setting("console", "yes-no", "yes", "Serve the console for staff at /console; it wants https, or this machine."),
    Setting("log_format", "log", "plain", "plain: what went wrong, for a person; json: a line for every request too."),
    Setting("metrics_token", "token", "", "What Prometheus must show to read /metrics; empty: there is no such page."),
    Setting("development", "yes-no", "no", "Allow a questionnaire to change without a new version number."),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force."""

    instance: Path
    database_url: str
    base_url: str
    secret_key: str
    questionnaire: str
    questions: Path | None
    templates: Path | None
    tenant: str
    tenant_name: str
    tenant_contact: str
    tenant_link: str
    currency: str
    workers: int
    proxy_hops: int
    busy_seconds: int
    statement_seconds: int
    days_open: int
    days_report: int
    starts_per_hour: int
    contacts_per_hour: int
    api_per_hour: int
    delivery: str
    smtp_host: str
    smtp_port: int
    smtp_security: str
    smtp_user: str
    smtp_password: str
    mail_from: str
    mail_folder: str
    mails_per_day: int
    webhook_networks: tuple[IPv4Network | IPv6Network, ...]
    webhook_ports: tuple[int, ...]
    webhook_http: bool
    console: bool
    log_format: str
    metrics_token: str
    development: bool

    @property
    def sends_mail(self) -> bool:
        """Whether mail can leave this instance at all; where it cannot, nothing is made to wait for it."""
        return bool(self.smtp_host or self.mail_folder)

    @property
    def database(self) -> str:
        """The database URL, SQLite in the instance folder unless another is named."""
        return self.database_url or f"sqlite:///{(self.instance / 'assessment.db').as_posix()}"

    def question_folder(self, name: str) -> Path:
        """Where a questionnaire stands: the operator's folder first, then the shipped one. Raises BadSetting."""
        for folder in (self.questions, shipped("questions")):
            if folder is not None and (folder / name / "questionnaire.yaml").is_file():
                return folder / name
        raise BadSetting(
            f"There is no questionnaire “{name}”, as {PREFIX}QUESTIONNAIRE or a tenant names it: {self._own_folder} no "
            f"folder of that name with a questionnaire.yaml. There are: {', '.join(self.questionnaires)}."
        )

    @property
    def _own_folder(self) -> str:
        """Where somebody would have to look, as the beginning of a sentence."""
        return f"{self.questions} holds" if self.questions else f"{PREFIX}QUESTIONS is not set, and we ship"

    @property
    def questionnaires(self) -> tuple[str, ...]:
        """The names of all there are, the operator's and the shipped ones."""
        folders = (folder for folder in (self.questions, shipped("questions")) if folder is not None)
        return tuple(sorted({path.parent.name for folder in folders for path in folder.glob("*/questionnaire.yaml")}))

    @property
    def template_folders(self) -> tuple[Path, ...]:
        """Where templates are looked for, the operator's folder first."""
        return tuple(folder for folder in (self.templates, shipped("templates")) if folder is not None)

    def template(self, name: str) -> Path:
        """One template as a file, the operator's own first."""
        return next(folder / name for folder in self.template_folders if (folder / name).is_file())


def shipped(name: str) -> Path:
    """A folder that ships with the app: inside the wheel, or at the top of a checkout."""
    in_wheel = PACKAGE / "_shipped" / name
    return in_wheel if in_wheel.is_dir() else PACKAGE.parent / name


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process. Raises BadSetting, naming the variable and what is allowed."""
    read = {setting.name: READERS[setting.kind](setting, _raw(setting, environment)) for setting in SETTINGS}
    if read["smtp_host"] and not read["mail_from"]:
        raise BadSetting(f"{PREFIX}SMTP_HOST is set, so {PREFIX}MAIL_FROM must say which address mails come from.")
    return Settings(**read)


def _raw(setting: Setting, environment: Mapping[str, str]) -> str:
    file = environment.get(f"{setting.variable}_FILE")
    if file:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BadSetting(
                f"{setting.variable}_FILE names “{file}”, which cannot be read: {error.strerror}."
            ) from None
    return environment.get(setting.variable, "").strip() or setting.default


def _text(setting: Setting, value: str) -> str:
    if any(letter < " " for letter in value):
        raise BadSetting(f"{setting.variable} may not hold line breaks or control characters.")
    return value


def _folder(setting: Setting, value: str) -> Path | None:
    if not value:
        return None
    folder = Path(value).absolute()
    if setting.name != "instance" and not folder.is_dir():
        raise BadSetting(f"{setting.variable} names “{value}”, which is not a folder.")
    return folder


def _url(setting: Setting, value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise BadSetting(f"{setting.variable} is “{value}”; write an address such as https://check.example.com.")
    return value.rstrip("/")


def _link(setting: Setting, value: str) -> str:
    if value and urlsplit(value).scheme not in ("https", "mailto", "tel"):
        raise BadSetting(f"{setting.variable} is “{value}”; only https:, mailto: and tel: links are allowed.")
    return _text(setting, value)


def _slug(setting: Setting, value: str) -> str:
    if not value.replace("-", "").isalnum() or not value.isascii() or value != value.lower() or len(value) > 60:
        raise BadSetting(f"{setting.variable} is “{value}”; use small letters, digits and hyphens.")
    return value


def _currency(setting: Setting, value: str) -> str:
    if value not in ("GBP", "USD", "EUR", "AUD"):
        raise BadSetting(f"{setting.variable} is “{value}”; use GBP, USD, EUR or AUD.")
    return value


def _number(setting: Setting, value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 10_000:
        raise BadSetting(f"{setting.variable} is “{value}”; use a whole number from 1 to 10000.")
    return int(value)


def _count(setting: Setting, value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 7:
        raise BadSetting(f"{setting.variable} is “{value}”; use a whole number from 0 to 9999999.")
    return int(value)


def _one_of(*allowed: str) -> Callable[[Setting, str], str]:
    def read(setting: Setting, value: str) -> str:
        if value not in allowed:
            raise BadSetting(f"{setting.variable} is “{value}”; use {', '.join(allowed[:-1])} or {allowed[-1]}.")
        return value

    return read


def _address(setting: Setting, value: str) -> str:
    name, at, domain = value.rpartition("@")
    if value and (not at or not name or "." not in domain or any(letter <= " " for letter in value)):
        raise BadSetting(f"{setting.variable} is “{value}”; write an e-mail address such as check@example.com.")
    return value


def _networks(setting: Setting, value: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
    except ValueError as error:
        raise BadSetting(f"{setting.variable} is “{value}”; write networks such as 10.1.0.0/16: {error}.") from None


def _ports(setting: Setting, value: str) -> tuple[int, ...]:
    parts = [part.strip() for part in value.split(",")]
    if not all(part.isascii() and part.isdigit() and 1 <= int(part) <= 65535 for part in parts):
        raise BadSetting(f"{setting.variable} is “{value}”; write port numbers with commas between them.")
    return tuple(map(int, parts))


def _token(setting: Setting, value: str) -> str:
    if value and (not re.fullmatch(r"[!-~]+", value) or len(value) < SHORTEST_TOKEN):
        raise BadSetting(f"{setting.variable} must be {SHORTEST_TOKEN} or more plain letters and digits, no spaces.")
    return value


def _yes_no(setting: Setting, value: str) -> bool:
    if value not in ("yes", "no"):
        raise BadSetting(f"{setting.variable} is “{value}”; use yes or no.")
    return value == "yes"


READERS: Mapping[str, Callable[[Setting, str], Any]] = {
    "text": _text,
    "secret": _text,
    "folder": _folder,
    "url": _url,
    "link": _link,
    "slug": _slug,
    "currency": _currency,
    "count": _count,
    "delivery": _one_of("inside", "apart"),
    "log": _one_of("plain", "json"),
    "token": _token,
    "security": _one_of("starttls", "tls", "none"),
    "address": _address,
    "networks": _networks,
    "port": lambda setting, value: _ports(setting, value)[0],
    "ports": _ports,
    "number": _number,
    "yes-no": _yes_no,
}


def secret_key(settings: Settings) -> str:
    """The key in force: the one set, else one made once and kept in the instance folder, readable by its owner only."""
    if settings.secret_key:
        return settings.secret_key
    path = settings.instance / "secret_key"
    settings.instance.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8").strip()
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="utf-8").strip()
