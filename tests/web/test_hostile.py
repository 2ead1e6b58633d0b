"""Hostile words in every field, hostile requests to every route: words stay words, and nothing else gets through."""

import json
import logging
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from sqlalchemy import func, select

from assessment.storage import privacy
from assessment.storage.outbox import Channel, State
from assessment.storage.tables import Answer, Assessment, Lead, Link, Table, Tenant
from assessment.storage.vault import Vault
from assessment.tenancy.contact import FIELDS, identity
from assessment.tenancy.profile import BadProfile, Profile
from assessment.web.access import ROUTES
from assessment.web.source import CAMPAIGN
from tests.web.conftest import Page, Visitor, check_headers, parse, token_of, words
from tests.web.corpus import (
    BASE,
    HOSTILE_LINKS,
    PAYLOADS,
    Place,
    cleaned,
    inert,
    parts,
    place,
    shape,
    squashed,
    wordy,
)

MODEST = settings(max_examples=max(5, settings().max_examples // 20))
LINES = {"name": 120, "contact": 200, "sender": 120, "controller": 200, "action_says": 60}


def typed_lines(payload: str) -> str:
    """A payload as an answer or a message keeps it: lines stay, other control characters go."""
    return "".join(one for one in payload.strip() if one in "\n\t" or one >= " ")


def loosely(html: bytes) -> Element:
    return html5lib.HTMLParser(namespaceHTMLElements=True).parse(html, transport_encoding="utf-8")


@dataclass
class Flood:
    """An instance that was told every payload in every field it has."""

    at: Place
    report: str
    logged: str = ""
    sources: list[tuple[str, dict[str, str]]] = field(default_factory=list)


class Ear(logging.Handler):
    """Hears everything any logger says."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(logging.Formatter("%(message)s").format(record))


@pytest.fixture(scope="module")
def flood(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flood]:
    folder = tmp_path_factory.mktemp("flood")
    at = place(folder, wordy(folder, len(PAYLOADS)))
    at.tenant("check", staff_mail=["staff@check.example"], notices="each", ask_news=True)
    for flat in (False, True):
        at.endpoint("check", f"https://hooks.example/{flat}", flat)
    ear, root = Ear(), logging.getLogger()
    root.addHandler(ear)
    token = token_of(at.visitor.post("/q/check/start", {"depth": "quick"}))
    for number, payload in enumerate(PAYLOADS):
        at.visitor.post(f"/t/{token}/backups.words-{number}", {"answer": payload})
    at.visitor.post(f"/t/{token}/backups.made", {"answer": "never"})
    found = Flood(at, at.visitor.post(f"/t/{token}/submit"))
    for begin in range(0, len(PAYLOADS), len(CAMPAIGN)):
        chunk = PAYLOADS[begin : begin + len(CAMPAIGN)]
        source = dict(zip(CAMPAIGN, chunk, strict=False))
        sat = at.once(**source)
        found.sources.append((sat, source))
        for number, payload in enumerate(chunk, begin):
            at.leave(sat, {**person(payload), "email": f"p{number}@example.com"})
    at.send_all()
    root.removeHandler(ear)
    found.logged = "\n".join(ear.heard)
    yield found
    at.database.engine.dispose()


def person(payload: str) -> dict[str, str]:
    return {"name": payload, "company": payload, "message": f"Hello,\n{payload}", "consent_contact": "yes"}


# Words stay words


def test_an_answer_in_words_comes_back_letter_by_letter_on_its_page_and_in_the_report(flood: Flood) -> None:
    report = flood.at.visitor.get(flood.report)
    inert(report.tree)
    shown = [words(one) for one in report.one("section", id="answers").iter() if one.tag.endswith("dd")]
    for payload in PAYLOADS:
        assert " ".join(typed_lines(payload).split()) in shown, payload


def test_an_answer_with_something_hostile_draws_the_very_page_a_harmless_one_draws(target: "Target") -> None:
    at = target.at
    first = at.visitor.post("/q/check/start", {"depth": "quick"})
    asked = f"/t/{token_of(first)}/backups.words-0"
    at.visitor.post(asked, {"answer": "harmless"})
    page, check = shape(at.visitor.get(asked).tree), shape(at.visitor.get(f"/t/{token_of(first)}/check").tree)
    for payload in PAYLOADS:
        at.visitor.post(asked, {"answer": payload})
        hostile = at.visitor.get(asked)
        inert(hostile.tree)
        assert shape(hostile.tree) == page, payload
        assert "".join(hostile.one("textarea").itertext()) == typed_lines(payload), payload
        assert shape(at.visitor.get(f"/t/{token_of(first)}/check").tree) == check, payload


def test_what_is_wrong_comes_back_with_what_was_typed_and_nothing_more(flood: Flood) -> None:
    at = flood.at
    report = flood.sources[0][0]
    drawn = at.stamp(report)
    plain = shape(at.visitor.refused(f"{report}/contact", {**person("harmless"), "email": "x", "stamp": drawn}).tree)
    for payload in PAYLOADS:
        page = at.visitor.refused(f"{report}/contact", {**person(payload), "email": "x", "stamp": drawn})
        inert(page.tree)
        assert shape(page.tree) == plain, payload
        for name in ("name", "company"):
            assert page.one("input", id=f"contact-{name}").get("value") == cleaned(payload), payload
        message = "".join(page.one("textarea", id="contact-message").itertext())
        assert cleaned(message) == cleaned(f"Hello,\n{payload}"), payload


def may_stay(source: str) -> bool:
    """Whether a source is kept: it can be seen, and is nobody's address."""
    return source.isprintable() and not re.search(r"\w@\w", source)


def test_where_somebody_came_from_stands_in_the_first_page_as_words(flood: Flood) -> None:
    client = flood.at.visitor.client
    plain = shape(parse(client.get("/q/check?utm_source=harmless").data))
    for payload in PAYLOADS:
        page = flood.at.visitor.get(f"/q/check?{urlencode({'utm_source': payload})}")
        inert(page.tree)
        if may_stay(payload):
            assert shape(page.tree) == plain, payload
            assert page.one("input", name="utm_source").get("value") == payload


def test_the_export_is_json_that_reads_back_to_the_very_words(flood: Flood) -> None:
    at = flood.at
    (known,) = json.loads(at.visitor.client.get(f"{flood.report}/data.json").data)
    for number, payload in enumerate(PAYLOADS):
        assert known["answers"][f"backups.words-{number}"] == typed_lines(payload)
    for sat, source in flood.sources:
        (known,) = json.loads(at.visitor.client.get(f"{sat}/data.json").data)
        last = list(source.values())[-1]
        assert known["contact"]["name"] == cleaned(last)
        kept = known["assessments"][0]["came_from"]
        assert kept == {name: value for name, value in source.items() if may_stay(value)}


@pytest.mark.parametrize("flat", [False, True])
def test_a_webhook_reads_back_to_the_very_words(flood: Flood, flat: bool) -> None:
    found = {}
    for one in flood.at.deliveries(channel=Channel.WEBHOOK):
        body = json.loads(one.payload)
        if one.event == "lead.received" and ("data" not in body) == flat:
            found[(body if flat else body["data"]["contact"])["contact_email" if flat else "email"]] = body
    sources = [source for _, source in flood.sources for _ in source]
    assert len(found) == len(PAYLOADS)
    for number, (payload, source) in enumerate(zip(PAYLOADS, sources, strict=True)):
        body = found[f"p{number}@example.com"]
        contact = {k.removeprefix("contact_"): v for k, v in body.items()} if flat else body["data"]["contact"]
        assert contact["name"] == contact["company"] == cleaned(payload)
        for name, value in source.items():
            told = body.get(f"source_{name}") if flat else body["data"]["source"].get(name)
            assert told == (value if may_stay(value) else None)


def test_a_mail_is_one_mail_to_one_address_and_says_the_words_as_words(flood: Flood) -> None:
    mails = flood.at.mails()
    assert len(mails) == 2 * len(PAYLOADS)
    for mail in mails:
        text, html = parts(mail)
        inert(loosely(html.encode()))
        assert len(mail.get_all("To", [])) == 1
        assert mail["Bcc"] is None
        assert str(mail["From"]) == "IT health check <mail@check.example.com>"
        assert not re.search(r"[\r\n]", str(mail["Subject"]))
        if str(mail["To"]) != "staff@check.example":
            continue
        number = int(re.findall(r"\bp(\d+)@example\.com", text)[0])
        wanted = cleaned(PAYLOADS[number])
        assert wanted in " ".join(text.split()), wanted
        assert wanted in words(loosely(html.encode())), wanted


def test_a_pdf_prints_the_words_and_runs_none_of_them(flood: Flood) -> None:
    made = flood.at.visitor.client.get(f"{flood.report}/report.pdf")
    assert made.content_type == "application/pdf"
    reader = PdfReader(BytesIO(made.data))
    text = squashed(" ".join(page.extract_text() for page in reader.pages))
    for payload in PAYLOADS:
        if payload.isascii():
            assert squashed(typed_lines(payload)) in text, payload
    assert b"/JavaScript" not in made.data
    assert b"/Launch" not in made.data
    assert b"/EmbeddedFile" not in made.data
    links = [
        str(one.get_object()["/A"].get("/URI", "")) for page in reader.pages for one in page.get("/Annots", ()) or ()
    ]
    assert not any("evil" in link or "javascript" in link for link in links)


def test_no_log_line_holds_words_addresses_or_tokens_of_anybody(flood: Flood) -> None:
    for payload in PAYLOADS:
        assert len(payload) < 8 or payload not in flood.logged, payload
    assert "@example.com" not in flood.logged
    for token in {token_of(path) for path, _ in flood.sources} | {token_of(flood.report)}:
        assert token not in flood.logged


def test_a_template_in_any_field_is_never_worked_out(flood: Flood) -> None:
    """1512529 is what 191 times 7919 would have become."""
    shared = flood.at.share(flood.report)
    pages = (flood.report, shared, "/q/check?utm_source=%7B%7B191*7919%7D%7D", f"{flood.report}/data.json")
    everything = [flood.at.visitor.client.get(path).get_data(as_text=True) for path in pages]
    everything += [part for mail in flood.at.mails() for part in parts(mail)]
    everything += [one.payload for one in flood.at.deliveries()]
    shown = [re.search(r"1512529", text) for text in everything]
    assert not any(shown)
    secret = flood.at.app.config["SECRET_KEY"]
    assert not any("root:x:0" in text or "<class '" in text or secret in text for text in everything)


def test_a_tenant_s_words_draw_the_very_pages_harmless_ones_draw(flood: Flood) -> None:
    at, report = flood.at, flood.sources[0][0]
    paths = ("/q/check", report, f"{report}/delete", f"{report}x")
    at.visitor.get(f"{report}x", 404)

    def pages() -> list[Page]:
        return [at.visitor.get(path, 404 if path.endswith("x") else 200) for path in paths]

    harmless = {**dict.fromkeys(LINES, "harmless"), "link": "https://a.example", "action_link": "tel:+44"}
    at.tenant("check", **harmless)
    plain = [shape(page.tree) for page in pages()]
    for payload in PAYLOADS:
        wanted = {name: payload[:limit] for name, limit in LINES.items()}
        if any(one < " " or one == "\x7f" for one in payload.strip()):
            with pytest.raises(BadProfile):
                at.tenant("check", **wanted)
            continue
        at.tenant("check", **wanted)
        found = pages()
        assert [shape(page.tree) for page in found] == plain, payload
        for page in found:
            inert(page.tree)
        assert " ".join(payload.split()) in found[0].says(), payload
    at.tenant("check", name="IT health check", **dict.fromkeys(("contact", "sender", "controller"), ""))


def test_a_tenant_s_words_are_words_in_its_pdf_and_in_the_name_its_mails_come_from(flood: Flood) -> None:
    at, report = flood.at, flood.sources[0][0]
    ascii_ones = [one for one in PAYLOADS if one.isascii() and one.isprintable()]
    for number, begin in enumerate(range(0, len(ascii_ones), 24)):
        payload = ascii_ones[begin]
        at.tenant("check", name=payload, contact=ascii_ones[begin - 1], sender=payload, link="https://a.example/%22")
        text = squashed(PdfReader(BytesIO(at.visitor.client.get(f"{report}/report.pdf").data)).pages[0].extract_text())
        assert squashed(payload) in text
        assert squashed(ascii_ones[begin - 1]) in text
        before = set(at.folder.iterdir())
        at.leave(at.once(), {"email": f"sender{number}@example.com"})
        at.send_all()
        (new,) = set(at.folder.iterdir()) - before
        mail = message_from_bytes(new.read_bytes(), policy=default)
        assert mail["From"].addresses[0].addr_spec == "mail@check.example.com"
        assert mail["From"].addresses[0].display_name.replace("= ?", "=?") == " ".join(payload.split())[:80].strip()
    at.tenant("check", name="IT health check", contact="", sender="", link="")


@pytest.mark.parametrize("name", ["link", "action_link", "privacy_link"])
def test_no_link_of_a_tenant_can_be_anything_but_a_link(name: str) -> None:
    for link in HOSTILE_LINKS:
        changes = {"action_says": "Go", "action_link": "tel:+44", name: link}
        with pytest.raises(BadProfile):
            Profile().changed(changes)
            pytest.fail(link)


@pytest.mark.parametrize("name", ["accent", "questionnaire", "currency", "depth", "gate", "state", "origins"])
def test_no_setting_that_becomes_code_takes_words(name: str) -> None:
    colours = ("#fff;}body{background:url(//evil.example)}", "red", "#12345", "#1d4f7c;", "url(x)")
    for payload in (*PAYLOADS, *(colours if name == "accent" else ())):
        if name == "questionnaire" and re.fullmatch(r"\w+", payload, re.ASCII):
            continue
        with pytest.raises(BadProfile):
            Profile().changed({name: payload})
            pytest.fail(payload)


@pytest.mark.parametrize("name", ["reply_to", "staff_mail"])
def test_no_address_of_a_tenant_can_carry_a_second_one(name: str) -> None:
    more = ("a@b.example\r\nBcc: c@d.example", "a@b.example, c@d", "<a@b.example>", "a@b\x00.example")
    for payload in (*PAYLOADS, *more):
        with pytest.raises(BadProfile):
            Profile().changed({name: [payload] if name == "staff_mail" else payload})
            pytest.fail(payload)


@given(
    st.one_of(
        st.emails(),
        st.text(max_size=40).map(lambda text: f"{text}@example.com"),
        st.text(max_size=330),
        st.sampled_from(["a@b\nBcc: c@d", '"a b"@example.com', "a@" + "x" * 320 + ".com", "ä@bücher.example"]),
    )
)
@MODEST
def test_an_address_is_refused_or_can_be_mailed_to(address: str) -> None:
    from assessment.delivery.mail import Letter, compose
    from assessment.tenancy.contact import BadContact, clean

    field_of_email = next(one for one in FIELDS if one.name == "email")
    try:
        kept = clean(field_of_email, address)
    except BadContact:
        return
    if kept:
        message = compose(Letter(kept, "Your report", "text", "<p>html</p>"), "mail@check.example.com")
        assert len(message["To"].addresses) == 1
        assert not re.search(r"[\r\n\s<>,;]", kept)


# Requests of every kind


@dataclass
class Target:
    """An instance with one thing of every kind in it: an open sitting, a report, one with details, a shared one."""

    at: Place
    first: str
    report: str
    share: str

    def paths(self) -> dict[str, str]:
        """A real address for every route."""
        write, report, share = token_of(self.first), token_of(self.report), token_of(self.share)
        token_for = {"t": write, "r": report, "s": share}
        found = {}
        for endpoint, (_, _, path) in ROUTES.items():
            token = token_for.get(path.split("/")[1], "")
            filled = path.replace("<token>", token).replace("<slug>", "check").replace("<question_id>", "backups.made")
            found[endpoint] = filled.replace("<colour>", "000000").replace("<name>", "app.css")
        return found


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("target")
    at = place(folder, wordy(folder, 2))
    at.tenant("check", staff_mail=["staff@check.example"], ask_company="absent")
    at.tenant("other", name="Somebody else", questionnaire="wordy")
    at.endpoint("check", "https://hooks.example/in")
    report = at.sit(words=["mine"])
    at.leave(report, {"email": "ana@example.com", "name": "Ana", "consent_contact": "yes"})
    share = at.share(report)
    yield Target(at, at.visitor.post("/q/check/start", {"depth": "quick"}), report, share)
    at.database.engine.dispose()


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "X" * 50)


def test_every_route_takes_its_own_methods_alone_and_the_others_change_nothing(target: Target) -> None:
    client, before, paths = target.at.visitor.client, target.at.digest(), target.paths()
    for path in paths.values():
        own = {ROUTES[endpoint][1] for endpoint, same in paths.items() if same == path} | {"OPTIONS"}
        own |= {"HEAD"} if "GET" in own else set()
        for method in METHODS:
            if method == "POST" and "POST" in own:
                continue
            response = client.open(path, method=method)
            check_headers(response.headers)
            refused = 401 if path.startswith("/api/") else 404
            wanted = (200, 303, refused) if method in own else (404, 405)
            assert response.status_code in wanted, (method, path, response.status)
    assert target.at.digest() == before


def test_head_says_what_get_says_without_the_page(target: Target) -> None:
    client = target.at.visitor.client
    for endpoint, path in target.paths().items():
        if ROUTES[endpoint][1] == "GET":
            got, head = client.get(path), client.head(path)
            assert head.status_code == got.status_code, path
            assert head.data == b"", path
            stamped = endpoint == "report.report"
            assert stamped or head.headers == got.headers, path


def test_a_scanner_that_opens_every_link_in_pages_and_mails_changes_nothing(target: Target) -> None:
    at = target.at
    at.send_all()
    links = {path for endpoint, path in target.paths().items() if ROUTES[endpoint][1] == "GET"}
    for path in sorted(links):
        response = at.visitor.client.get(path)
        if response.mimetype == "text/html":
            links |= set(re.findall(r'(?:href|src|action)="(/[^"#]+)', response.get_data(as_text=True)))
    for mail in at.mails():
        links |= {link.removeprefix(BASE) for part in parts(mail) for link in re.findall(rf'{BASE}[^\s"<]+', part)}
    assert len(links) > 30
    before = at.digest()
    for method in ("GET", "HEAD", "OPTIONS"):
        for link in sorted(links):
            at.visitor.client.open(link, method=method, headers={"Sec-Purpose": "prefetch", "User-Agent": "scanner"})
    assert at.digest() == before


ODD = st.one_of(
    st.text(max_size=60),
    st.sampled_from(PAYLOADS),
    st.sampled_from(["", "\x00", "\xed\xa0\x80", "x" * 3000, "\u202e" * 9, "\N{GRINNING FACE}"]),
    st.sampled_from(["one", "cards", "none", "not-sure", "does-not-apply", "quick", "full", "daily", "12", "yes"]),
    st.sampled_from(["other", "check", "profile.staff", "backups.words-0", "-1", "1e9", "9" * 400, "ana@example.com"]),
)
COLUMNS = sorted({column.name for table in Table.metadata.sorted_tables for column in table.columns})
KNOWN = ["answer", "depth", "stamp", "fax_extension", "consent_contact", "consent_news", "embed", "host"]
NAMES = st.one_of(
    st.sampled_from([*KNOWN, *(one.name for one in FIELDS), *CAMPAIGN]),
    st.sampled_from([*COLUMNS, *Profile.model_fields, "answer[]", "answer.x", "__class__", "csrf_token", "_method"]),
    st.text(max_size=20),
)
BODIES = st.lists(st.tuples(NAMES, ODD), max_size=12)
TYPES = st.sampled_from(
    [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-7",
        "application/x-www-form-urlencoded; charset=nonsense",
        "application/json",
        "text/plain",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=b",
        "text/xml",
        "",
    ]
)
RAW = st.one_of(BODIES.map(lambda body: urlencode(body, errors="replace").encode()), st.binary(max_size=200))
FORMS = {
    "start": "/q/check/start",
    "start of nobody": "/q/nobody/start",
    "single": "/t/{write}/backups.made",
    "multiple": "/t/{write}/profile.handles",
    "number": "/t/{write}/profile.machines",
    "text": "/t/{write}/backups.words-0",
    "no question": "/t/{write}/backups.nothing",
    "contact": "/r/{report}/contact",
    "withdraw": "/r/{report}/contact/withdraw",
    "share": "/r/{report}/share",
    "stop sharing": "/r/{report}/share/stop",
    "deepen": "/r/{report}/deepen",
    "deepen by the wrong link": "/r/{write}/deepen",
    "delete by the wrong link": "/r/{share}/delete",
    "contact by the wrong link": "/r/{share}/contact",
}


def sound(at: Place) -> None:
    """Nothing is stored that the rules do not allow."""
    with at.database.reading() as session:
        ours = session.scalars(select(Tenant.id).where(Tenant.slug == "check")).one()
        for one in session.scalars(select(Assessment)):
            assert one.tenant_id == ours
            assert (one.questionnaire_id, one.test) == ("wordy", False)
            assert one.depth in ("quick", "standard", "full")
            source = json.loads(one.source)
            assert set(source) <= {*CAMPAIGN, "embed", "host"}
            assert all(len(value) <= 200 and value.isprintable() for value in source.values())
        questionnaire = at.app.extensions["site"].questionnaire
        for answer in session.scalars(select(Answer)):
            assert answer.question in questionnaire.questions
            assert len(json.loads(answer.value) if "words" in answer.question else answer.value) <= 2000
        for lead in session.scalars(select(Lead)):
            contact = json.loads(lead.contact)
            assert (lead.tenant_id, lead.test) == (ours, False)
            assert set(contact) <= {one.name for one in FIELDS} - {"company", "staff", "devices"}
            assert all(len(contact[one.name]) <= one.limit for one in FIELDS if one.name in contact)
            assert all(cleaned(value) == " ".join(value.split()) for value in contact.values())
        assert session.scalar(select(func.count()).select_from(Link).where(Link.gated)) == 0


@pytest.mark.parametrize("form", FORMS)
@given(data=st.data())
@MODEST
def test_no_body_of_any_kind_is_a_mistake_of_ours_or_stored_against_the_rules(
    target: Target, form: str, data: st.DataObject
) -> None:
    at = target.at
    tokens = {"write": token_of(target.first), "report": token_of(target.report), "share": token_of(target.share)}
    path = FORMS[form].format(**tokens)
    query = urlencode(data.draw(BODIES), errors="replace")
    body, kind = data.draw(RAW), data.draw(TYPES)
    if form == "contact" and data.draw(st.booleans()):
        body += b"&" + urlencode({"stamp": at.stamp(target.report), "email": "x@example.com"}).encode()
    response = at.visitor.client.post(f"{path}?{query}", data=body, content_type=kind)
    assert response.status_code in (200, 303, 400, 404, 413, 415, 422, 429), response.status
    if "nobody" in form or "no question" in form or "wrong" in form:
        assert response.status_code in (404, 413)
    check_headers(response.headers)
    if response.mimetype == "text/html" and response.status_code != 303:
        inert(loosely(response.data))
    location = response.headers.get("Location", "/")
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    sound(at)


@given(data=st.dictionaries(st.sampled_from(["name", "email", "phone", "message"]), ODD))
@MODEST
def test_what_was_typed_into_a_form_that_is_refused_comes_back(target: Target, data: dict[str, str]) -> None:
    page = loosely(target.at.visitor.client.post(f"{target.report}/contact", data=data).data)
    limits = {one.name: one.limit for one in FIELDS}
    for element in page.iter():
        name = element.get("name", "")
        if name in data:
            back = element.get("value") if element.get("value") is not None else "".join(element.itertext())
            seen, typed = (squash_control(text) for text in (back or "", data[name]))
            assert typed.startswith(seen), (name, back)
            assert len(seen) >= min(len(typed), limits[name]) - 2, (name, back)


def squash_control(text: str) -> str:
    """Text without what a form, a browser or cleaning may drop or change: spaces, control and direction marks."""
    return re.sub(r"[\s\ufffd]", "", cleaned(text.replace("\x00", "")))


@pytest.mark.parametrize("form", ["start", "text", "contact", "deepen", "share"])
def test_more_than_any_answer_can_be_is_refused_and_a_great_many_small_fields_are_none(
    target: Target, form: str
) -> None:
    at = target.at
    tokens = {"write": token_of(target.first), "report": token_of(target.report), "share": token_of(target.share)}
    path, client = FORMS[form].format(**tokens), at.visitor.client
    urlencoded = "application/x-www-form-urlencoded"
    before = at.dump(but=("bucket", "link"))
    reads = form != "share"
    for body in (b"answer=" + b"x" * (64 * 1024), b"a=1&" * 2_000_000):
        assert client.post(path, data=body, content_type=urlencoded).status_code == (413 if reads else 303)
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'
    bomb = client.post(path, data=part * 1100 + b"--b--\r\n", content_type="multipart/form-data; boundary=b")
    assert bomb.status_code == (413 if reads else 303)
    assert at.dump(but=("bucket", "link")) == before
    many = client.post(path, data=b"a&" * 32_000, content_type=urlencoded)
    assert many.status_code in (303, 422)


@pytest.mark.parametrize("length", ["-1", "abc", "5", "99999999999999999999", "0", "1 2"])
def test_a_length_that_lies_is_no_mistake_of_ours(target: Target, length: str) -> None:
    path = f"/t/{token_of(target.first)}/backups.words-0"
    environ = {"CONTENT_LENGTH": length, "wsgi.input": BytesIO(b"answer=hello"), "CONTENT_TYPE": "text/plain"}
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=b"):
        environ["wsgi.input"] = BytesIO(b"answer=hello")
        response = target.at.visitor.client.post(path, environ_overrides={**environ, "CONTENT_TYPE": kind})
        assert response.status_code in (303, 400, 413, 422), (kind, response.status)


def test_of_a_name_given_twice_the_first_counts_and_an_address_counts_for_nothing(target: Target) -> None:
    at = target.at
    asked = f"/t/{token_of(target.first)}/backups.words-1"
    at.visitor.post(f"{asked}?answer=query", {"answer": ["first", "second"]})
    at.visitor.refused(f"{asked}?answer=query", {})
    assert "".join(at.visitor.get(f"{asked}?answer=query").one("textarea").itertext()) == "first"
    first = at.visitor.post("/q/check/start?depth=full&utm_source=query", {"depth": ["standard", "full"]})
    with at.database.reading() as session:
        newest = session.scalars(select(Assessment).order_by(Assessment.id.desc())).first()
        assert newest is not None
        assert (newest.depth, newest.source) == ("standard", "{}")
    assert first


def test_no_field_of_a_form_reaches_a_column_it_does_not_name(target: Target) -> None:
    at = target.at
    named = {*(one.name for one in FIELDS), "depth"}
    extra = {name: "MASS-4711" for name in (*COLUMNS, *Profile.model_fields) if name not in named}
    extra |= {
        "gated": "1",
        "tenant": "other",
        "slug": "other",
        "role": "admin",
        "is_admin": "1",
        "version_id": "MASS-4711",
    }
    visitor = Visitor(at.app.test_client(use_cookies=False))
    before = {name: {row[0] for row in rows} for name, rows in at.dump().items()}
    first = visitor.post("/q/check/start", {"depth": "quick", **extra})
    token = token_of(first)
    visitor.post(first, {**extra, "answer": "never"})
    report = visitor.post(f"/t/{token}/submit", extra)
    drawn = {"stamp": at.stamp(report), "email": "mass@example.com", "consent_contact": "yes"}
    visitor.post(f"{report}/contact", {**extra, **drawn})
    visitor.post(f"{report}/share", extra)
    visitor.post(f"{report}/deepen", {**extra, "depth": "full"})
    new = {name: [row for row in rows if row[0] not in before[name]] for name, rows in at.dump().items()}
    filled = {name for name, rows in new.items() if rows}
    assert filled >= {"assessment", "answer", "lead", "link", "consent", "delivery"}
    assert "MASS-4711" not in repr(new)
    assert "other" not in repr(new["lead"] + new["assessment"])
    sound(at)


class Watched(BytesIO):
    """A body that notes, whenever some of it is read, whether others could write to the database meanwhile."""

    def __init__(self, at: Place, content: bytes) -> None:
        super().__init__(content)
        self.file, self.free = at.settings.instance / "assessment.db", list[bool]()

    def read(self, size: int | None = -1) -> bytes:
        self.look()
        return super().read(size)

    def readinto(self, buffer: Any) -> int:
        self.look()
        return super().readinto(buffer)

    def look(self) -> None:
        with closing(sqlite3.connect(self.file, timeout=0, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                self.free.append(False)
            else:
                self.free.append(True)


@pytest.mark.parametrize("form", ["start", "text", "contact", "deepen"])
def test_somebody_who_sends_a_form_slowly_holds_nobody_up(target: Target, form: str) -> None:
    at = target.at
    path = FORMS[form].format(write=token_of(target.first), report=token_of(target.report))
    body = b"answer=slow&depth=quick&email=slow@example.com"
    watched = Watched(at, body)
    environ = {"wsgi.input": watched, "CONTENT_LENGTH": str(len(body))}
    kind = "application/x-www-form-urlencoded"
    assert at.visitor.client.post(path, environ_overrides=environ, content_type=kind).status_code in (303, 422)
    assert watched.free
    assert all(watched.free)


def test_going_deeper_counts_as_a_start(tmp_path: Path) -> None:
    at = place(tmp_path, wordy(tmp_path), ASSESSMENT_STARTS_PER_HOUR="3")
    report = at.once()
    posts = [at.visitor.client.post(f"{report}/deepen", data={"depth": "full"}).status_code for _ in range(5)]
    assert posts == [303, 303, 429, 429, 429]
    at.database.engine.dispose()


def test_where_mail_is_switched_off_meanwhile_a_report_can_be_shared_after_all(tmp_path: Path) -> None:
    at = place(tmp_path, wordy(tmp_path))
    at.tenant("check", gate="soft")
    report = at.once()
    at.visitor.post(f"{report}/share")
    assert len(at.dump()["link"]) == 2, "what is held back cannot be had by sharing it"
    at.set(mail_folder="")
    at.visitor.get(at.share(report))
    at.database.engine.dispose()


# Keys that are none


def test_every_key_that_opens_nothing_gets_the_same_page(tmp_path: Path) -> None:
    at = place(tmp_path, wordy(tmp_path))
    expired = at.sit(words=["old"])
    old_write = at.visitor.post("/q/check/start", {"depth": "quick"})
    gone = at.sit(words=["gone"])
    gone_share = at.share(gone)
    at.visitor.post(f"{gone}/share/stop")
    at.visitor.post(f"{gone}/delete")
    at.clock.passes(days=120)
    report = at.sit(words=["new"])
    write, share = at.visitor.post("/q/check/start", {"depth": "quick"}), at.share(report)
    bad: list[str] = [token_of(one) for one in (expired, old_write, gone, gone_share)]
    for token in map(token_of, (report, write, share)):
        bad += [token[:-1], token[1:], f"{token}A", token.swapcase(), token.lower(), f"{token}%00", f"{token}%20"]
        bad += [
            f"{token}=",
            token[:20] + ("A" if token[20] != "A" else "B") + token[21:],
            f"%20{token}",
            quote(token + "\u202e"),
        ]
    bad += ["A" * 43, "-", "x" * 1500, "check", "%00", "%ED%A0%80", "..", "'", "1", "null", "None"]
    seen = set()
    for route in ("r", "r/report.pdf", "r/data.json", "s", "s/report.pdf", "t"):
        letter, rest = route[0], route[1:]
        kinds = {"r": (write, share), "s": (write, report), "t": (report, share)}[letter]
        for token in (*bad, *map(token_of, kinds)):
            at.forget_addresses()
            response = at.visitor.client.get(f"/{letter}/{token}{rest}")
            assert response.status_code == 404, (letter, token)
            seen.add((response.data, str(response.headers)))
    assert len(seen) == 1
    for page in (report, share):
        assert at.visitor.client.get(page).status_code == 200
    at.database.engine.dispose()


def test_a_key_that_opened_something_says_no_more_afterwards_than_whose_site_it_was(target: Target) -> None:
    at = target.at
    report = at.sit(words=["secret words"])
    at.visitor.get(report)
    at.visitor.post(f"{report}/delete")
    page = at.visitor.get(report, 404)
    assert page.h1 == "There is nothing at this address"
    assert "secret" not in page.text


# Whose address it is


DISGUISES: Mapping[str, Mapping[str, str]] = {
    "host": {"HTTP_HOST": "evil.example"},
    "host with a port": {"HTTP_HOST": "evil.example:8443"},
    "host below": {"HTTP_HOST": "check.example.com.evil.example"},
    "host above": {"HTTP_HOST": "evil.example/check.example.com"},
    "our host on another port": {"HTTP_HOST": "check.example.com:4711"},
    "no host": {"HTTP_HOST": "", "SERVER_NAME": "evil.example", "SERVER_PORT": "4711"},
    "user in the host": {"HTTP_HOST": "check.example.com@evil.example"},
    "two hosts": {"HTTP_HOST": "check.example.com, evil.example"},
    "forwarded host": {"HTTP_X_FORWARDED_HOST": "evil.example"},
    "forwarded all": {
        "HTTP_X_FORWARDED_HOST": "evil.example",
        "HTTP_X_FORWARDED_PROTO": "http",
        "HTTP_X_FORWARDED_PORT": "4711",
        "HTTP_X_FORWARDED_PREFIX": "//evil.example",
    },
    "forwarded": {"HTTP_FORWARDED": "for=1.2.3.4;host=evil.example;proto=http"},
    "other names": {"HTTP_X_HOST": "evil.example", "HTTP_X_ORIGINAL_HOST": "evil.example", "HTTP_ORIGIN": "null"},
    "rewritten": {"HTTP_X_ORIGINAL_URL": "//evil.example/", "HTTP_X_REWRITE_URL": "//evil.example/"},
    "absolute": {
        "REQUEST_URI": "http://evil.example/",
        "RAW_URI": "http://evil.example/",
        "SERVER_NAME": "evil.example",
    },
}


@pytest.mark.parametrize("hops", ["0", "2"])
def test_no_header_moves_a_link_in_pages_mails_webhooks_or_pdfs(tmp_path: Path, hops: str) -> None:
    at = place(tmp_path, wordy(tmp_path), ASSESSMENT_PROXY_HOPS=hops)
    at.tenant("check", staff_mail=["staff@check.example"])
    at.endpoint("check", "https://hooks.example/in")
    usual, worn = at.app.wsgi_app, dict[str, str]()
    at.app.wsgi_app = lambda environ, start: usual({**environ, **worn}, start)  # type: ignore[method-assign]
    said = []
    worn_here = list(DISGUISES.items())[:: 1 + int(hops)]
    for number, (name, disguise) in enumerate(worn_here):
        worn.clear()
        worn.update(disguise)
        visitor = Visitor(at.app.test_client(use_cookies=False))
        at.visitor = visitor
        for path in ("/", "/q/check", "/q//check", "//q/check", "/q/check//sample", "/nowhere", "/q/check/"):
            response = visitor.client.get(path)
            said.append((name, str(response.headers) + response.get_data(as_text=True)))
            assert response.headers.get("Location", "/").startswith("/"), (name, path, response.headers["Location"])
        first = visitor.post("/q/check/start", {"depth": "quick"})
        question = visitor.get(first)
        assert question.one("input", id="resume").get("value") == f"{BASE}/t/{token_of(first)}"
        visitor.post(first, {"answer": "never"})
        report = visitor.post(f"/t/{token_of(first)}/submit")
        at.leave(report, {"email": f"h{number}@example.com", "name": "Ana", "consent_contact": "yes"})
        said += [(name, page.text + str(page.headers)) for page in (visitor.get(report), visitor.get(at.share(report)))]
        if number % 7 == 0:
            pdf = PdfReader(BytesIO(visitor.client.get(f"{report}/report.pdf").data))
            said.append((name, repr([page.extract_text() for page in pdf.pages])))
    at.send_all()
    said += [("mail", part) for mail in at.mails() for part in (*parts(mail), str(mail.items()))]
    said += [("outbox", one.payload) for one in at.deliveries()]
    assert len(at.mails()) == 2 * len(worn_here)
    for name, text in said:
        assert "evil.example" not in text, name
        assert ":4711" not in text, name
    links = [link for name, text in said if name == "mail" for link in re.findall(r"https?://[^/\s\"<]+", text)]
    assert set(links) == {BASE}
    at.database.engine.dispose()


ONE = "203.0.113.9"
CHAINS = {
    "0": ["{}", "{}, 198.51.100.1", "127.0.0.1, {}"],
    "1": ["{}, " + ONE, "{}, {}, " + ONE, "unknown, {}," + ONE],
    "2": ["{}, " + ONE + ", 198.51.100.1", "{}, {}, " + ONE + ", 198.51.100.1"],
}
CLAIMS = ("X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP", "Client-IP", "X-Cluster-Client-IP")


@pytest.mark.parametrize("hops", CHAINS)
def test_no_forged_address_gets_round_a_limit(tmp_path: Path, hops: str) -> None:
    more = {"ASSESSMENT_PROXY_HOPS": hops, "ASSESSMENT_STARTS_PER_HOUR": "3", "ASSESSMENT_CONTACTS_PER_HOUR": "3"}
    at = place(tmp_path, wordy(tmp_path), **more)
    taken = []
    for number in range(12):
        forged = f"10.{number}.{number}.1"
        chain = CHAINS[hops][number % len(CHAINS[hops])].format(forged, f"2001:db8:{number}::1")
        headers = {"X-Forwarded-For": chain, **dict.fromkeys(CLAIMS, forged), "Forwarded": f"for={forged}"}
        taken.append(at.visitor.client.post("/q/check/start", data={"depth": "quick"}, headers=headers).status_code)
    assert taken == [303] * 3 + [429] * 9
    if hops == "1":
        for number, status in ((1, 303), (2, 303), (3, 303), (4, 429)):
            headers = {"X-Forwarded-For": f"2001:db8:1:1::{number}"}
            found = at.visitor.client.post("/q/check/start", data={"depth": "quick"}, headers=headers)
            assert found.status_code == status, "one home network is one place, whatever its last digits"
    at.database.engine.dispose()


PARAMETERS = ("next", "url", "return", "return_to", "redirect", "redirect_uri", "continue", "dest", "r", "u", "notice")
EVIL = ("//evil.example", "https://evil.example", "/\\evil.example", "https:evil.example", "%0d%0aLocation:x", "@evil")


def test_no_parameter_sends_anybody_elsewhere(target: Target) -> None:
    at = target.at
    asked = dict(zip(PARAMETERS, EVIL * 2, strict=False))
    query = urlencode(asked, safe="%")
    paths = target.paths()
    for endpoint in ("quiz.home", "quiz.resume", "quiz.question", "report.report", "quiz.start", "report.deleted"):
        plain, hostile = at.visitor.client.get(paths[endpoint]), at.visitor.client.get(f"{paths[endpoint]}?{query}")
        assert hostile.headers.get("Location") == plain.headers.get("Location")
        assert "evil.example" not in str(hostile.headers) + hostile.get_data(as_text=True)
    for endpoint in ("sharing.share", "sharing.stop", "report.deepen"):
        location = at.visitor.post(f"{paths[endpoint]}?{query}", asked)
        assert re.match(r"/[rt]/[\w-]{43}", location)
        assert "evil.example" not in location


# Mischief with other people's letter boxes


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Jane@Brown.example", "jane@brown.EXAMPLE", True),
        ("ÄNNE@example.com", "änne@example.com", True),
        ("stra\u00dfe@example.com", "strasse@example.com", False),
        ("\ufb01sh@example.com", "fish@example.com", False),
        ("jane@example.com", "jane@example.org", False),
    ],
)
def test_two_people_whose_addresses_only_look_alike_are_two(one: str, other: str, same: bool) -> None:
    vault = Vault("x" * 40)
    assert (identity({"email": one}) == identity({"email": other})) is same
    assert (vault.address_hash(one) == vault.address_hash(other)) is same


def test_who_asked_to_be_forgotten_is_known_by_what_was_kept_before() -> None:
    kept = "79583461bfed0ce7bd2d248e2dee05a6051eaa9c6efd3eccbd1bb212e586eb8f"
    assert Vault("x" * 40).address_hash("Jane@Brown.example") == kept


def test_whatever_the_spelling_one_address_is_written_to_three_times_a_day(tmp_path: Path) -> None:
    at = place(tmp_path, wordy(tmp_path))
    at.tenant("other", name="Other", questionnaire="wordy")
    spellings = ["victim@example.com", "VICTIM@example.com", "Victim@EXAMPLE.com", " victim@example.com "]
    spellings += ["victim@exampl\u200be.com"]
    statuses = []
    for number in range(20):
        report = at.once(("check", "other")[number % 2])
        data = {"email": spellings[number % 5], "consent_contact": "yes", "stamp": at.stamp(report)}
        statuses.append(at.visitor.client.post(f"{report}/contact", data=data).status_code)
    assert sorted(statuses) == [303] * 3 + [429] * 17
    at.send_all()
    assert len(at.mails()) == 3
    at.database.engine.dispose()


def test_one_tenant_s_flood_of_mail_waits_a_day_and_the_other_s_goes_out(tmp_path: Path) -> None:
    at = place(tmp_path, wordy(tmp_path), ASSESSMENT_MAILS_PER_DAY="4")
    at.tenant("other", name="Other", questionnaire="wordy")
    for number in range(7):
        at.leave(at.once(), {"email": f"n{number}@example.com", "consent_contact": "yes"})
    at.leave(at.once("other"), {"email": "calm@example.com", "consent_contact": "yes"})
    at.send_all()
    assert len([mail for mail in at.mails() if "calm" in str(mail["To"])]) == 1
    assert len(at.mails()) == 5
    waiting = [one for one in at.deliveries() if one.state == State.PENDING]
    assert len(waiting) == 3
    at.clock.passes(days=1, hours=1)
    at.send_all()
    assert len(at.mails()) == 8
    at.database.engine.dispose()


def test_machines_that_never_read_the_form_leave_nothing_behind(target: Target) -> None:
    at, path = target.at, f"{target.report}/contact"
    old = at.stamp(target.report)
    body = {"name": "Bot", "email": "bot@example.com", "consent_contact": "yes"}
    before = at.dump(but=("bucket",))
    for stamp in ("", "x", "0" * 60, old[:-1], old.swapcase(), f"9{old}", old.replace(".", ".A", 1), "\x00", "1-1.x"):
        assert at.visitor.client.post(path, data={**body, "stamp": stamp}).status_code == 422
    assert at.visitor.client.post(path, data={**body, "stamp": old, "fax_extension": "1"}).status_code == 422
    assert at.dump(but=("bucket",)) == before
    parse(at.visitor.client.get(target.report).data)


def test_whoever_types_somebody_s_address_is_told_nothing_about_them(target: Target) -> None:
    at = target.at
    hers = at.sit(words=["what she said"])
    at.leave(hers, {"email": "victim@person.example", "phone": "+44 20 7946 0958", "message": "hers alone"})
    mine = at.once()
    at.leave(mine, {"email": "victim@person.example", "consent_contact": "yes"})
    told = at.visitor.client.get(f"{mine}/data.json").get_data(as_text=True)
    for secret in ("7946 0958", "hers alone", "what she said"):
        assert secret not in told


def test_whoever_types_somebody_s_address_cannot_erase_them(target: Target) -> None:
    at = target.at
    hers = at.once()
    at.leave(hers, {"email": "stays@person.example", "message": "hers alone", "consent_contact": "yes"})
    mine = at.once()
    at.leave(mine, {"email": "stays@person.example", "consent_contact": "yes"})
    at.visitor.post(f"{mine}/delete")
    with at.database.reading() as session:
        (lead,) = privacy.find(session, {"email": "stays@person.example"})
        assert "hers alone" in str(privacy.known(session, lead))


def test_whoever_types_the_staff_s_address_and_deletes_it_does_not_silence_their_mail(tmp_path: Path) -> None:
    at = place(tmp_path, wordy(tmp_path))
    at.tenant("check", staff_mail=["sales@check.example"])
    waiting = at.once()
    at.leave(waiting, {"email": "one@person.example", "consent_contact": "yes"})
    mine = at.once()
    at.leave(mine, {"email": "sales@check.example", "consent_contact": "yes"})
    at.visitor.post(f"{mine}/delete")
    at.leave(at.once(), {"email": "two@person.example", "consent_contact": "yes"})
    at.send_all()
    about = [parts(mail)[0] for mail in at.mails() if str(mail["To"]) == "sales@check.example"]
    at.database.engine.dispose()
    for address in ("one@person.example", "two@person.example"):
        assert any(address in text for text in about), address


def test_an_answer_in_words_keeps_no_control_character(target: Target) -> None:
    asked = f"/t/{token_of(target.first)}/backups.words-0"
    target.at.visitor.post(asked, {"answer": "a\x7fb\x85c"})
    target.at.visitor.get(asked)
