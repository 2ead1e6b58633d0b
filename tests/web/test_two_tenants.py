"""Two tenants with everything set on one instance: nothing of one is ever seen by those of the other."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from pypdf import PdfReader

from assessment.delivery.attempts import Attempt, Verdict
from assessment.delivery.channels import LETTERS
from assessment.storage import tenants
from assessment.storage.outbox import Channel
from assessment.storage.session import Unavailable
from assessment.tenancy.logos import read_logo
from tests.web.conftest import check_headers, parse, token_of
from tests.web.corpus import BASE, Place, inert, parts, place

NAMES = ("alderley", "bramble")
COLOURS = {"alderley": "#7a1f5c", "bramble": "#1f5c3a"}
MUST_STAND = {
    "alderley": "https://www.alderley.example",
    "bramble": "https://bramble.example:8443",
}


def other(name: str) -> str:
    return NAMES[1 - NAMES.index(name)]


def profile(name: str) -> dict[str, Any]:
    """Everything a tenant can set, each with its name in it."""
    return {
        "name": f"{name} firm",
        "contact": f"ring {name} reception",
        "link": f"https://{name}.example/home",
        "accent": COLOURS[name],
        "action_says": f"Book {name}",
        "action_link": f"https://{name}.example/book",
        "sender": f"{name} sender",
        "reply_to": f"reply@{name}.example",
        "privacy_link": f"https://{name}.example/privacy",
        "controller": f"{name} Holdings Ltd",
        "origins": [MUST_STAND[name]],
        "gate": "soft",
        "ask_staff": "optional",
        "ask_news": True,
        "staff_mail": [f"one@{name}.example", f"two@{name}.example"],
        "notices": "each",
    }


def lead(name: str) -> dict[str, str]:
    return {
        "name": f"Ana {name}",
        "email": f"ana@{name}-lead.example",
        "company": f"{name} Bakery",
        "phone": "+44 20 7946 0000",
        "message": f"Please ring {name}.",
        "consent_contact": "yes",
    }


@dataclass
class Seen:
    """Everything one tenant's visitors and staff were shown or sent."""

    name: str
    answers: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    pdfs: dict[str, bytes] = field(default_factory=dict)
    mails: dict[str, str] = field(default_factory=dict)
    bodies: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)

    def look(self, client: FlaskClient, label: str, path: str, expect: int = 200, **more: Any) -> str:
        response = client.open(path, method=more.pop("method", "GET"), **more)
        assert response.status_code == expect, (label, path, response.status, response.get_data(as_text=True)[:300])
        check_headers(response.headers)
        if response.mimetype == "text/html":
            inert(parse(response.data))
        if response.mimetype in ("application/pdf", "image/png"):
            self.pdfs[label] = response.data
            body = ""
        else:
            body = response.get_data(as_text=True)
        self.answers[label] = (response.status_code, str(response.headers), body)
        return body


@contextmanager
def database_gone(at: Place) -> Iterator[None]:
    def gone() -> None:
        raise Unavailable("gone")

    usual = at.database.reading, at.database.writing
    for name in ("reading", "writing"):
        object.__setattr__(at.database, name, gone)
    yield
    for name, method in zip(("reading", "writing"), usual, strict=True):
        object.__setattr__(at.database, name, method)


def logo(colour: str) -> bytes:
    file = BytesIO()
    Image.new("RGB", (300, 90), colour).save(file, "PNG")
    return file.getvalue()


def quiz(at: Place, seen: Seen) -> str:
    """From the first page to the report, with every page and error on the way; gives the gated report."""
    client, name, home = at.visitor.client, seen.name, f"/q/{seen.name}"
    start = seen.look(client, "start", f"{home}?utm_source={name}")
    seen.look(client, "framed by its own", f"{home}?embed=inline&host={MUST_STAND[name]}")
    stranger = seen.look(client, "framed by the other", f"{home}?embed=inline&host={MUST_STAND[other(name)]}")
    assert "data-host" not in stranger
    seen.look(client, "sample", f"{home}/sample")
    seen.own["brand"], seen.own["logo"] = re.findall(rf'(?:href|src)="({home}/(?:brand|logo)/[^"]+)"', start)
    seen.look(client, "brand", seen.own["brand"])
    seen.look(client, "logo", seen.own["logo"])
    begun = at.visitor.post(f"{home}/start", {"depth": "quick", "utm_source": name, "embed": "inline"})
    seen.tokens["write"] = token_of(begun)
    seen.look(client, "question", begun)
    seen.look(client, "question 422", begun, 422, method="POST", data={"answer": "nothing"})
    seen.look(client, "question 404", f"{begun}-not", 404)
    seen.look(client, "question 405", begun, 405, method="PUT")
    seen.look(client, "start 404", f"{home}/logo/1-1-0.png", 404)
    seen.look(client, "start 405", f"{home}/start", 405)
    seen.look(client, "start 413", f"{home}/start", 413, method="POST", data={"x": "x" * 70_000})
    seen.look(client, "question 413", begun, 413, method="POST", data={"answer": "x" * 70_000})
    at.set(starts_per_hour=1)
    client.post(f"{home}/start", data={"depth": "quick"})
    seen.look(client, "start 429", f"{home}/start", 429, method="POST", data={"depth": "quick"})
    at.set(starts_per_hour=0)
    with database_gone(at):
        seen.look(client, "question 503", begun, 503)
        seen.look(client, "answer 503", begun, 503, method="POST", data={"answer": "5-9"})
        seen.look(client, "start 503", home, 503)
    seen.look(client, "check", begun.rsplit("/", 1)[0] + "/check")
    return at.answer(begun)


def afterwards(at: Place, seen: Seen, gated: str) -> None:
    """The report and all that can be done with it."""
    client, name = at.visitor.client, seen.name
    seen.tokens["report"] = token_of(gated)
    assert "Your plan" not in seen.look(client, "report gated", gated)
    old = at.stamp(gated)
    wrong = {**lead(name), "email": "no address", "stamp": old}
    seen.look(client, "contact 422", f"{gated}/contact", 422, method="POST", data=wrong)
    at.leave(gated, lead(name))
    seen.look(client, "thanks", f"{gated}?notice=received")
    seen.look(client, "data", f"{gated}/data.json")
    at.set(contacts_per_hour=1)
    client.post(f"{gated}/contact", data={**lead(name), "stamp": at.stamp(gated)})
    late = {**lead(name), "stamp": at.stamp(gated)}
    seen.look(client, "contact 429", f"{gated}/contact", 429, method="POST", data=late)
    at.set(contacts_per_hour=0)
    (mail, *_) = [json.loads(d.payload) for d in at.deliveries(name) if d.event == "mail.report"]
    whole = mail["report_url"].removeprefix(BASE)
    seen.tokens["whole"] = token_of(whole)
    assert "Your plan" in seen.look(client, "report whole", whole)
    seen.look(client, "report pdf", f"{whole}/report.pdf")
    shared = at.share(whole)
    seen.tokens["share"] = token_of(shared)
    seen.look(client, "report shared from", whole)
    seen.look(client, "shared", shared)
    seen.look(client, "shared pdf", f"{shared}/report.pdf")
    seen.look(client, "delete", f"{whole}/delete")
    deeper = at.visitor.post(f"{whole}/deepen", {"depth": "standard"})
    seen.tokens["deeper"] = token_of(deeper)
    seen.look(client, "deeper", client.get(deeper).headers["Location"])
    at.tenant(name, state="paused")
    seen.look(client, "paused", f"/q/{name}")
    at.tenant(name, state="live")


def goodbye(at: Place, seen: Seen) -> None:
    """A second visitor who leaves details and deletes everything."""
    report = at.sit(seen.name)
    at.leave(report, {**lead(seen.name), "email": f"leaving@{seen.name}-lead.example"})
    location = at.visitor.post(f"{report}/delete")
    seen.look(at.visitor.client, "deleted", location)
    seen.look(at.visitor.client, "erased report 404", report, 404)


def posted(at: Place, found: dict[str, Seen]) -> None:
    """Every mail and webhook body: the daily digest and the one about a broken endpoint included."""
    for name in NAMES:
        at.tenant(name, notices="daily")
    at.clock.passes(days=1)
    worker = at.worker()
    worker.chores()
    worker.senders = {**worker.senders, Channel.WEBHOOK: lambda _: Attempt(Verdict.GONE, "Gone (410).", 410)}
    written: dict[int, str] = {}
    while True:
        written = {d.id: d.payload for d in at.deliveries()} | written
        if not worker.once():
            break
    for name in NAMES:
        for one in at.deliveries(name):
            if one.channel == Channel.WEBHOOK:
                found[name].bodies.append(written[one.id])
            elif written[one.id] != "{}":
                letter = LETTERS[one.event](written[one.id].encode(), at.settings.template_folders)
                whole = f"{letter.to}\n{letter.subject}\n{letter.text}\n{letter.html}"
                found[name].mails[f"{one.event} {one.id}"] = whole


@pytest.fixture(scope="module")
def grove(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, dict[str, Seen]]]:
    """Both tenants, with every page, PDF, mail and webhook each of them gives."""
    at = place(tmp_path_factory.mktemp("grove"))
    found = {name: Seen(name) for name in NAMES}
    for name in NAMES:
        at.tenant(name, **profile(name))
        for flat in (False, True):
            at.endpoint(name, f"https://hooks.{name}.example/{flat}", flat)
        with at.database.writing() as session:
            tenant = tenants.by_slug(session, name)
            assert tenant
            tenants.set_logo(session, tenant, read_logo(logo(COLOURS[name])))
    reports = {name: quiz(at, found[name]) for name in NAMES}
    for name in NAMES:
        afterwards(at, found[name], reports[name])
    for name in NAMES:
        goodbye(at, found[name])
    posted(at, found)
    yield at, found
    at.database.engine.dispose()


Grove = tuple[Place, dict[str, Seen]]
BARE = {"question 405", "start 405", "brand", "logo", "shared pdf", "report pdf"}
"""What names no tenant in words: an address no route matched, colours, pictures, files."""


@pytest.mark.parametrize("name", NAMES)
def test_no_page_and_no_header_holds_anything_of_the_other_tenant(grove: Grove, name: str) -> None:
    seen = grove[1][name]
    assert len(seen.answers) >= 32
    for label, (_, headers, body) in seen.answers.items():
        assert other(name) not in (headers + body).lower(), label
        assert COLOURS[other(name)][1:] not in body, label
        assert label in BARE or name in body, f"{label}: the test looks at a page that names nobody"


@pytest.mark.parametrize("name", NAMES)
def test_only_its_own_websites_may_frame_a_tenant_s_pages_errors_included(grove: Grove, name: str) -> None:
    for label, (status, headers, _) in grove[1][name].answers.items():
        (policy,) = re.findall(r"frame-ancestors ([^\r\n]*)", headers)
        if status == 405:
            assert policy == "'none'", label
            assert "X-Frame-Options: DENY" in headers
        else:
            assert policy == f"'self' {MUST_STAND[name]}", label
            assert "X-Frame-Options" not in headers, label


@pytest.mark.parametrize("name", NAMES)
def test_what_is_about_one_visitor_is_never_kept_by_a_cache(grove: Grove, name: str) -> None:
    for label, (status, headers, _) in grove[1][name].answers.items():
        kept = "max-age" in headers
        assert kept == ((status == 200 and label in {"start", "paused", "brand", "logo"}) or "framed" in label), label
        assert kept or "Cache-Control: no-store" in headers, label
        assert "Vary: Cookie" not in headers


@pytest.mark.parametrize("name", NAMES)
def test_every_pdf_has_its_own_words_and_logo_alone(grove: Grove, name: str) -> None:
    seen = grove[1][name]
    for label in ("report pdf", "shared pdf"):
        pages = PdfReader(BytesIO(seen.pdfs[label])).pages
        text = " ".join(page.extract_text() for page in pages)
        assert name in text
        assert other(name) not in text
        assert other(name).encode() not in seen.pdfs[label]
        (picture,) = [image for page in pages for image in page.images]
        assert picture.image
        wanted = tuple(bytes.fromhex(COLOURS[name][1:]))
        assert picture.image.convert("RGB").getpixel((5, 5)) == wanted


@pytest.mark.parametrize("name", NAMES)
def test_every_mail_names_its_own_tenant_alone(grove: Grove, name: str) -> None:
    at, found = grove
    kinds = {label.split()[0] for label in found[name].mails}
    assert kinds == {"mail.report", "mail.lead", "mail.digest", "mail.endpoint"}
    for label, mail in found[name].mails.items():
        assert other(name) not in mail.lower(), label
        assert name in mail, label
    sent = [mail for mail in at.mails() if name in str(mail["From"])]
    assert len(sent) >= 8
    for mail in sent:
        whole = "\n".join([*(f"{key}: {value}" for key, value in mail.items()), *parts(mail)])
        assert other(name) not in whole
        assert str(mail["From"]) == f"{name} sender <mail@check.example.com>"
        assert (mail["Reply-To"] is None) == (str(mail["To"]).split("@")[0] in ("one", "two"))


@pytest.mark.parametrize("name", NAMES)
def test_every_webhook_goes_to_the_tenant_s_own_endpoints_with_its_own_words(grove: Grove, name: str) -> None:
    at, found = grove
    assert len(found[name].bodies) >= 10
    for body in found[name].bodies:
        assert other(name) not in body.lower()
        assert body == "{}" or name in body
    with at.database.reading() as session:
        tenant = tenants.by_slug(session, name)
        assert tenant
        from_dump = at.dump()
    mine = {row[0] for row in from_dump["endpoint"] if row[2] == tenant.id}
    assert len(mine) == 2
    told = [d for d in at.deliveries(name) if d.channel == Channel.WEBHOOK]
    assert {d.endpoint_id for d in told} <= mine


def test_nobody_else_is_named_on_the_default_tenant_s_pages(grove: Grove) -> None:
    at, _ = grove
    for path in ("/q/check", "/q/check/sample", "/nowhere", "/q/nobody", "/r/nothing"):
        response = at.visitor.client.get(path)
        whole = (str(response.headers) + response.get_data(as_text=True)).lower()
        assert not any(name in whole for name in NAMES), path


@pytest.mark.parametrize("name", NAMES)
def test_what_belongs_to_one_tenant_opens_nothing_under_the_other_s_address(grove: Grove, name: str) -> None:
    at, found = grove
    client = at.visitor.client
    for what in ("brand", "logo"):
        address = found[name].own[what]
        assert client.get(address).status_code == 200
        assert client.get(address.replace(f"/q/{name}", f"/q/{other(name)}")).status_code == 404
    for token in found[name].tokens.values():
        for path in (f"/q/{other(name)}/{token}", f"/q/{token}", f"/q/{other(name)}/logo/{token}.png"):
            assert client.get(path).status_code == 404, path


def test_a_token_of_one_kind_opens_nothing_as_another(grove: Grove) -> None:
    at, found = grove
    opens = {"write": "t", "deeper": "t", "report": "r", "whole": "r", "share": "s"}
    rest = {"t": "/check", "r": "", "s": ""}
    before = at.digest()
    for name in NAMES:
        for kind, token in found[name].tokens.items():
            for letter in "trs":
                status = at.visitor.client.get(f"/{letter}/{token}{rest[letter]}").status_code
                assert status in (200, 303) if letter == opens[kind] else status == 404, (kind, letter)
            for path in ("/contact", "/share", "/share/stop", "/deepen", "/delete"):
                if opens[kind] != "r":
                    assert at.visitor.client.post(f"/r/{token}{path}", data=lead(name)).status_code == 404
    assert at.digest() == before


def test_a_stamp_of_one_tenant_s_form_is_none_on_the_other_s(grove: Grove) -> None:
    at, found = grove
    drawn = at.stamp(f"/r/{found['alderley'].tokens['report']}")
    before = at.dump(but=("bucket",))
    posted = {**lead("bramble"), "stamp": drawn}
    page = at.visitor.refused(f"/r/{found['bramble'].tokens['report']}/contact", posted)
    assert "once more" in page.says()
    assert at.dump(but=("bucket",)) == before


def test_the_same_person_is_another_lead_with_the_other_tenant(grove: Grove) -> None:
    at, _ = grove
    for name in NAMES:
        at.leave(at.sit(name), {"email": "same@person.example", "company": f"{name} side", "consent_contact": "yes"})
    for name in NAMES:
        mine = [d.payload for d in at.deliveries(name) if "same@person.example" in d.payload]
        assert mine
        assert not any(f"{other(name)} side" in payload for payload in mine)


def test_while_the_database_is_gone_every_address_keeps_its_own_name_and_websites(grove: Grove) -> None:
    at, found = grove
    paths = {
        name: (f"/q/{name}", f"/r/{found[name].tokens['report']}", f"/s/{found[name].tokens['share']}")
        for name in NAMES
    }
    for name in NAMES:
        for path in paths[name]:
            assert at.visitor.client.get(path).status_code == 200
    with database_gone(at):
        for name in NAMES:
            for path in paths[name]:
                response = at.visitor.client.get(path)
                assert response.status_code == 503
                assert response.headers["Content-Security-Policy"].endswith(f"'self' {MUST_STAND[name]}")
                assert f"{name} firm" in response.get_data(as_text=True)


def test_a_process_that_has_just_started_names_nobody_rather_than_somebody_else(grove: Grove) -> None:
    at, found = grove
    for name in NAMES:
        at.forget_addresses()
        with database_gone(at):
            for path in (f"/q/{name}", f"/r/{found[name].tokens['report']}"):
                response = at.visitor.client.get(path)
                assert response.status_code == 503
                assert response.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
                assert not any(other in response.get_data(as_text=True) for other in NAMES)
