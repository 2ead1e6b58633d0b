"""What attackers type, an instance to type it into, and what must be true of everything that comes out of it."""

import hashlib
import random
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from flask import Flask
from sqlalchemy import select, text

from assessment.delivery.addresses import Rule
from assessment.delivery.channels import mail_sender, webhook_sender
from assessment.delivery.chores import Chores, conclude
from assessment.delivery.webhooks import new_secret
from assessment.delivery.worker import Worker
from assessment.settings import Settings, read_settings
from assessment.storage import endpoints, tenants
from assessment.storage.outbox import Channel
from assessment.storage.session import Database
from assessment.storage.tables import Delivery, Table
from assessment.web import create_app
from tests.web.conftest import NAMESPACE, Clock, Page, Visitor, real

BASE = "https://check.example.com"
EVENTS = "assessment.completed lead.received contact.erased"

MARKUP = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></ScRiPt>",
    "<script>alert`1`</script x>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</p></main><h1>Owned</h1>",
    "<img src=x onerror=alert(1)>",
    '<img src="x" onerror="alert(1)"/>',
    "<img/src=x/onerror=alert(1)//",
    "<svg onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload=alert(1)>#x'/></svg>",
    "<math><mtext><table><mglyph><style><img src onerror=alert(1)></style>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src=javascript:alert(1)>",
    "<object data=javascript:alert(1)>",
    "<embed src=//evil.example/x.swf>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import'//evil.example/x.css';</style>",
    "<form action=//evil.example><input name=q></form>",
    "<button formaction=javascript:alert(1)>Go</button>",
    "<details open ontoggle=alert(1)>",
    "<body onload=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--><script>alert(1)</script-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml-stylesheet href='javascript:alert(1)'?>",
    "<a href=javascript:alert(1)>here</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1)&#62;",
)
ATTRIBUTES = (
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    '" style="background:url(//evil.example)" x="',
    '" formaction="javascript:alert(1)" x="',
    "` onclick=alert(1) `",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    'x" tabindex=1 onfocus=alert(1) "',
)
TEMPLATES = (
    "{{ 191*7919 }}",
    "{{ page.frame.tenant }}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "{{ config.SECRET_KEY }}",
    "{{ ''.__class__.__mro__ }}",
    "{# gone #}",
    "${191*7919} #{191*7919} <%= 191*7919 %>",
    "${jndi:ldap://evil.example/x}",
    "{0.__class__.__init__.__globals__} %(name)s %s %n",
    '#eval("191*7919") #read("/etc/passwd")',
    '#include "/etc/hostname"',
    '*bold* _it_ $7 times 191$ @label <label> = Heading #link("x")',
    '\\u{41} #sys.inputs /* gone */ // gone too "',
)
ELSEWHERE = (
    "'; DROP TABLE lead; --",
    "' OR '1'='1",
    '"}],"contact":{"email":"x@evil.example"}',
    '\\"}\\u0022}',
    "=HYPERLINK('http://evil.example','x')",
    '@SUM(1+1)*cmd|"/C calc"!A0',
    "../../../../etc/passwd",
    "file:///etc/passwd",
    "|| curl evil.example ||",
    "$(touch /tmp/x) `id`",
    "=?utf-8?b?PHNjcmlwdD4=?=",
    "-- \nUNION SELECT profile_json FROM tenant",
    "null",
    "0",
)
STRANGE = (
    "\u202egnp.exe",
    "Z\u0335\u0321a\u0337l\u0336g\u0335o\u0338",
    "\N{GRINNING FACE}\N{FAMILY} \N{REGIONAL INDICATOR SYMBOL LETTER D}\N{REGIONAL INDICATOR SYMBOL LETTER E}",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    "a\u2028b\u2029c",
    "a\x00b\x1b[31mc",
    "x\r\nBcc: victim@example.com\r\n\r\nbody",
    "\ufeff\u200bhidden",
    "\u0131\u017f \u00df \u1e9e \ufb03",
    "\ue000\ufffd",
)
PAYLOADS = MARKUP + ATTRIBUTES + TEMPLATES + ELSEWHERE + STRANGE
"""Each fits into 120 characters, so that it fits into every field."""

HOSTILE_LINKS = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "http://plain.example",
    "//evil.example",
    "/r/x",
    "https:",
    "https:///x",
    "https:evil.example",
    'https://x.example/"onclick="alert(1)',
    "https://x.example/'><script>",
    "https://x.example/\\evil.example",
    "https://x.example/a b",
    "blob:https://x.example/1",
    "ftp://x.example",
)


def cleaned(payload: str) -> str:
    """A payload as one line of contact details may keep it: no control, direction or hiding mark, single spaces."""
    hiding = {*map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x2028, 0x2029, 0xFEFF))}
    kept = "".join(one for one in payload if unicodedata.category(one) not in ("Cc", "Cs") and one not in hiding)
    return " ".join(kept.split())


WORDY = Path("tests/banks/valid/tiny")


def wordy(folder: Path, questions: int = 1) -> Path:
    """The tiny questionnaire with questions of every kind in it, so many of them answered in words; its folder."""
    target = folder / "wordy"
    (target / "banks").mkdir(parents=True)
    head = (WORDY / "questionnaire.yaml").read_text().replace("id: tiny", "id: wordy", 1)
    (target / "questionnaire.yaml").write_text(head.replace("bands:\n", FACTS + "bands:\n", 1))
    (target / "banks" / "access.yaml").write_text((WORDY / "banks" / "access.yaml").read_text())
    asked = "".join(
        f"  - {{id: words-{n}, short: Words {n}, ask: In your words {n}?, kind: text, tier: quick}}\n"
        for n in range(questions)
    )
    backups = (WORDY / "banks" / "backups.yaml").read_text()
    (target / "banks" / "backups.yaml").write_text(backups.replace("rules:\n", asked + "rules:\n", 1))
    return folder


FACTS = """  - id: handles
    short: Handles
    ask: What do you handle?
    kind: multiple
    tier: quick
    not_sure: 0
    assumed: [cards]
    options:
      - {id: cards, says: Cards}
      - {id: health, says: Health}
      - {id: none, says: None, exclusive: true}
  - {id: machines, short: Machines, ask: How many machines?, kind: number, tier: quick, at_most: 9999, assumed: ["1"]}
"""


@dataclass
class Place:
    """One running instance with its clock, its outbox and the folder its mails go to."""

    app: Flask
    clock: Clock
    folder: Path
    visitor: Visitor = field(init=False)

    def __post_init__(self) -> None:
        self.visitor = Visitor(self.app.test_client(use_cookies=False))

    @property
    def database(self) -> Database:
        found: Database = self.app.extensions["site"].database
        return found

    @property
    def settings(self) -> Settings:
        found: Settings = self.app.extensions["site"].settings
        return found

    def set(self, **changes: Any) -> None:
        """Other settings from now on."""
        site = self.app.extensions["site"]
        object.__setattr__(site, "settings", replace(site.settings, **changes))

    def tenant(self, slug: str, **changes: Any) -> None:
        """Add a tenant, or change it."""
        with self.database.writing() as session:
            found = tenants.by_slug(session, slug)
            if found is None:
                tenants.add(session, slug, changes, self.clock())
            else:
                tenants.change(found, changes)

    def endpoint(self, slug: str, url: str, flat: bool = False) -> None:
        with self.database.writing() as session:
            tenant = tenants.by_slug(session, slug)
            assert tenant
            vault = self.app.extensions["site"].vault
            endpoints.add(session, tenant, url, new_secret(), vault, self.clock(), flat=flat, events=EVENTS)

    def sit(self, slug: str = "check", words: Sequence[str] = (), depth: str = "quick", **source: str) -> str:
        """A whole assessment, with these words wherever words are asked for; gives the address of the report."""
        first = self.visitor.post(f"/q/{slug}/start", {"depth": depth, **source})
        return self.answer(first, words)

    def once(self, slug: str = "check", **source: str) -> str:
        """The shortest assessment: one answer, sent in; gives the address of the report."""
        first = self.visitor.post(f"/q/{slug}/start", {"depth": "quick", **source})
        self.visitor.post(first, {"answer": "never"})
        return self.visitor.post(first.rsplit("/", 1)[0] + "/submit").partition("?")[0]

    def answer(self, location: str, words: Sequence[str] = ()) -> str:
        """Answer everything from here on and send it in; gives the address of the report."""
        left = list(words) or ["words"]

        def choose(page: Page, at: str) -> str:
            if page.all("textarea", id="answer"):
                return left.pop(0) if len(left) > 1 else left[0]
            return real(page)[0] if real(page) else "3"

        check = self.visitor.answer_all(location, choose)
        return self.visitor.post(check.replace("/check", "/submit")).partition("?")[0]

    def stamp(self, report: str) -> str:
        """A fresh stamp for the contact form under a report, old enough to count."""
        drawn = re.search(r'name="stamp" value="([^"]+)"', self.visitor.client.get(report).get_data(as_text=True))
        assert drawn
        self.clock.passes(seconds=20)
        return drawn[1]

    def leave(self, report: str, data: Mapping[str, Any]) -> str:
        """Leave contact details as somebody who reads the form first; gives where that leads."""
        return self.visitor.post(f"{report}/contact", {**data, "stamp": self.stamp(report)})

    def share(self, report: str) -> str:
        """Share a report; gives the address for others."""
        self.visitor.post(f"{report}/share")
        address = self.visitor.get(report).one("input", id="shared").get("value", "")
        assert address.startswith(f"{BASE}/s/"), address
        return address.removeprefix(BASE)

    def deliveries(self, slug: str | None = None, channel: Channel | None = None) -> list[Delivery]:
        with self.database.reading() as session:
            found = session.scalars(select(Delivery).order_by(Delivery.id)).all()
            ids = {tenant.id: tenant.slug for tenant in tenants.every(session)}
        return [d for d in found if slug in (None, ids[d.tenant_id]) and channel in (None, d.channel)]

    def worker(self, *ports: int) -> Worker:
        """A worker that writes mails into the folder and sends webhooks to these ports of this machine alone."""
        vault = self.app.extensions["site"].vault
        rule = Rule(allow_http=True, allow_private=(ip_network("127.0.0.0/8"),), ports=ports)
        senders = {
            Channel.WEBHOOK: webhook_sender(self.database, vault, rule, self.clock),
            Channel.MAIL: mail_sender(self.database, self.settings),
        }
        chores = Chores(self.database, self.settings, vault, self.clock)
        usual = conclude(self.settings, vault)
        return Worker(self.database, senders, self.clock, random.random, aftermath=usual, chores=chores)

    def send_all(self, *ports: int) -> None:
        """Send what is due now."""
        worker = self.worker(*ports)
        while worker.once():
            pass

    def mails(self) -> list[EmailMessage]:
        """The mails sent so far, as a mail program reads them."""
        return [message_from_bytes(path.read_bytes(), policy=default) for path in sorted(self.folder.glob("*.eml"))]

    def forget_addresses(self) -> None:
        """As a process that has just started: it remembers of no address whose it is."""
        self.app.extensions["framing"].clear()

    def dump(self, but: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, raw."""
        with self.database.reading() as session:
            return {
                table.name: [tuple(row) for row in session.execute(text(f'SELECT * FROM "{table.name}" ORDER BY 1, 2'))]
                for table in Table.metadata.sorted_tables
                if table.name not in but
            }

    def digest(self) -> str:
        """One word for all that is stored."""
        return hashlib.sha256(repr(self.dump()).encode("utf-8", "surrogatepass")).hexdigest()


def place(folder: Path, questionnaire: Path | None = None, **settings: str) -> Place:
    """An instance in a folder; with a folder of questionnaires, the wordy one among them is taken."""
    given = {
        "ASSESSMENT_INSTANCE": str(folder / "instance"),
        "ASSESSMENT_BASE_URL": BASE,
        "ASSESSMENT_BUSY_SECONDS": "1",
        "ASSESSMENT_STARTS_PER_HOUR": "0",
        "ASSESSMENT_CONTACTS_PER_HOUR": "0",
        "ASSESSMENT_MAIL_FROM": "mail@check.example.com",
        "ASSESSMENT_MAIL_FOLDER": str(folder / "mails"),
    }
    if questionnaire is not None:
        given |= {"ASSESSMENT_QUESTIONS": str(questionnaire), "ASSESSMENT_QUESTIONNAIRE": "wordy"}
    clock = Clock()
    app = create_app(read_settings({**given, **settings}), clock)
    return Place(app, clock, folder / "mails")


def parts(mail: EmailMessage) -> tuple[str, str]:
    """The text and the HTML of a mail."""
    found = []
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        found.append(str(body.get_content()))
    return found[0], found[1]


def inert(tree: Element) -> None:
    """Nothing in this page runs, loads or leads where it should not."""
    for element in tree.iter():
        assert isinstance(element.tag, str)
        name = element.tag.removeprefix(NAMESPACE)
        assert name not in {"iframe", "object", "embed", "base", "applet", "frame", "template", "marquee"}, name
        if name == "script":
            assert re.fullmatch(r"/static/[a-z]+\.[0-9a-f]{10}\.js", element.get("src", "")), element.attrib
            assert not (element.text or "").strip()
        for attribute, value in element.attrib.items():
            assert not attribute.lower().startswith("on"), (name, attribute)
            assert attribute not in ("srcdoc", "formaction", "http-equiv"), (name, attribute)
            if attribute in ("href", "src", "action", "{http://www.w3.org/1999/xlink}href"):
                scheme = urlsplit(value.strip()).scheme.lower()
                assert scheme in ("", "https", "mailto", "tel") or value == "data:,", (name, attribute, value)
                assert not value.startswith("//"), (name, attribute, value)


def shape(tree: Element) -> list[tuple[str, tuple[str, ...]]]:
    """Elements and their attributes, without any words: what no payload may change."""
    return [(str(element.tag), tuple(sorted(element.attrib))) for element in tree.iter()]


def squashed(text: str) -> str:
    """Text without what a line break in a PDF may add or take: spaces, hyphens at the ends of lines."""
    return re.sub(r"[\s\u00ad\u2010-]+", "", text)


Now = Callable[[], datetime]
