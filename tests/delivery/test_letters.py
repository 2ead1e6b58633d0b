"""What mails say, and that nothing anybody typed can become more than words in them."""

import re
import shutil
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from assessment.delivery.letters import Letter, digest_letter, endpoint_letter, lead_letter, report_letter
from assessment.delivery.mail import compose
from assessment.delivery.mails import DigestLine, DigestMail, EndpointMail, LeadMail, ReportMail

FOLDERS = (Path("templates"),)
SITE = "https://check.northgate.example"
REPORT = ReportMail(
    to="jane@example.com",
    name="Jane Smith",
    sponsor_name="Northgate Computers",
    reply_to="hello@northgate.example",
    title="IT health check",
    taken_on=date(2026, 11, 1),
    score=56,
    band="Needs attention",
    headline="The basics are there; one gap could stop your business.",
    criticals=("Nobody has ever tried to get data back.",),
    first=("Restore one folder.", "Ask who holds the logins.", "Add a second step."),
    report_url=f"{SITE}/r/abc",
    pdf_url=f"{SITE}/r/abc.pdf",
    expires_on=date(2027, 1, 30),
    delete_url=f"{SITE}/r/abc/delete",
    privacy_url="https://northgate.example/privacy",
)
LEAD = LeadMail(
    to="sales@northgate.example",
    sponsor_name="Northgate Computers",
    lead=(("Name", "Jane Smith"), ("Company", "Smith Joinery"), ("E-mail", "jane@example.com")),
    grade="A",
    grade_reasons=("10 to 19 people",),
    score=56,
    band="Needs attention",
    criticals=("Nobody has ever tried to get data back.",),
    first=("Restore one folder.",),
    consents=(("You may phone me.", True), ("You may send me news.", False)),
    source="northgate.example/blog",
    test=False,
)
LINE = DigestLine("Jane Smith", "Smith Joinery", "A", 56, datetime(2026, 11, 21, 9, 5))
DIGEST = DigestMail("sales@northgate.example", "Northgate Computers", date(2026, 11, 21), (LINE,), 7)
ENDPOINT = EndpointMail(
    to="owner@northgate.example",
    sponsor_name="Northgate Computers",
    endpoint="https://hooks.crm.example/catch/1",
    since=date(2026, 11, 16),
    says="The other side answered 500.",
    how="Open Settings, then Endpoints.",
)
WRITE: dict[type, Callable[..., Letter]] = {
    ReportMail: report_letter,
    LeadMail: lead_letter,
    DigestMail: digest_letter,
    EndpointMail: endpoint_letter,
}
MAILS = (REPORT, LEAD, DIGEST, ENDPOINT)
ADDRESSED = {"to", "reply_to"}
LINKS = {"report_url", "pdf_url", "delete_url", "privacy_url"}

NASTY = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><a href="javascript:alert(1)">here</a>',
    "' onmouseover='alert(1)",
    '" style="background:url(https://evil.example/x)',
    "</title></style><script>alert(1)</script>",
    "</textarea><iframe src=//evil.example>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "<link rel=stylesheet href=https://evil.example>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#x3c;script&#x3e;",
    "{{7*7}}",
    "{% raw %}${7*7} <%= 7*7 %> #{7*7}",
    "{{ page.to }} {{ ''.__class__ }}",
    "`${alert(1)}`",
)


def written(mail: Any, folders: Any = FOLDERS) -> Letter:
    return WRITE[type(mail)](folders, mail)


def elements(html: str) -> list[tuple[str, dict[str, str]]]:
    """Every element as a browser would see it; a parse error is a failure, for our markup has none."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
    tree = parser.parse(html)
    assert parser.errors == []
    return [(one.tag, dict(one.attrib)) for one in tree.iter() if isinstance(one.tag, str)]


def shape(html: str) -> list[str]:
    return [tag for tag, _ in elements(html)]


def words(html: str) -> str:
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    return "".join(tree.find("body").itertext())


def set_to(mail: Any, name: str, value: str) -> Any:
    """The mail with one field, or each text inside of it, set to a value; `None` where it holds no words."""
    old = getattr(mail, name)
    if isinstance(old, str):
        return replace(mail, **{name: value})
    if isinstance(old, tuple) and old:
        return replace(mail, **{name: tuple(_inside(one, value) for one in old)})
    return None


def _inside(one: Any, value: str) -> Any:
    if isinstance(one, str):
        return value
    if isinstance(one, DigestLine):
        return replace(one, name=value, company=value, grade=value)
    return tuple(value if isinstance(part, str) else part for part in one)


FIELDS = [
    (mail, one.name)
    for mail in MAILS
    for one in fields(mail)
    if one.name not in ADDRESSED | LINKS and set_to(mail, one.name, "x") is not None
]
NAMES = [f"{type(mail).__name__}.{name}" for mail, name in FIELDS]


# What they say


def test_the_report_letter_says_what_there_is_how_long_and_how_to_delete_it() -> None:
    letter = written(REPORT)
    assert letter.to == "jane@example.com"
    assert letter.reply_to == "hello@northgate.example"
    assert letter.sender_name == "Northgate Computers"
    assert letter.subject == "Your report: IT health check"
    for part in (letter.text, words(letter.html)):
        flat = " ".join(part.split())
        assert "Hello Jane Smith, Here is the report you asked for: IT health check, taken on 1 November 2026." in flat
        assert "56 of 100" in flat
        assert "Needs attention" in flat
        assert REPORT.headline in flat
        assert REPORT.criticals[0] in flat
        assert all(step in flat for step in REPORT.first)
        assert "Both links work until 30 January 2027." in flat
        assert "asks you before it does anything" in flat
        assert "somebody, most likely you, asked for it on 1 November 2026 and gave this address." in flat
        assert "If it was not you, ignore it: nobody will write again." in flat
    for url in (REPORT.report_url, REPORT.pdf_url, REPORT.delete_url, REPORT.privacy_url):
        assert url in letter.text.split("\n")
        assert f'href="{url}"' in letter.html


def test_the_lead_letter_says_who_and_what_they_agreed_to() -> None:
    letter = written(LEAD)
    assert letter.subject == "New lead, grade A: Jane Smith"
    assert "Company: Smith Joinery\n" in letter.text
    assert "Came from: northgate.example/blog\n" in letter.text
    assert "Yes: You may phone me.\nNo: You may send me news.\n" in letter.text
    flat = " ".join(words(letter.html).split())
    assert "Yes: You may phone me. No: You may send me news." in flat
    assert "Please keep to what they said yes to." in flat
    assert "test" not in letter.text + flat


def test_a_test_lead_says_that_it_is_one() -> None:
    letter = written(replace(LEAD, test=True))
    assert letter.subject.startswith("Test: new lead")
    for part in (letter.text, words(letter.html)):
        assert "This is a test. There is no real person behind it." in " ".join(part.split())


@pytest.mark.parametrize(
    ("leads", "completed", "says"),
    [
        ((), 0, "no new leads, no assessments completed"),
        ((LINE,), 1, "1 new lead, 1 assessment completed"),
        ((LINE, LINE), 7, "2 new leads, 7 assessments completed"),
    ],
)
def test_the_digest_counts(leads: tuple[DigestLine, ...], completed: int, says: str) -> None:
    letter = written(replace(DIGEST, leads=leads, completed=completed))
    assert says in letter.text
    assert says in words(letter.html).lower()
    assert letter.subject.endswith("on 21 November 2026")
    assert ("Nobody left their details that day." in letter.text) == (not leads)


def test_the_digest_names_each_lead_with_hour_grade_and_score() -> None:
    letter = written(replace(DIGEST, leads=(LINE, replace(LINE, name="Tom", company="", score=None))))
    assert "Jane Smith, Smith Joinery\n  09:05, grade A, score 56\n" in letter.text
    assert "Tom\n  09:05, grade A, no score\n" in letter.text


def test_the_endpoint_letter_says_what_stopped_since_when_why_and_what_to_do() -> None:
    letter = written(ENDPOINT)
    for part in (letter.text, words(letter.html)):
        for says in ("16 November 2026", ENDPOINT.endpoint, ENDPOINT.says, ENDPOINT.how, "Nothing is lost"):
            assert says in part
    assert ENDPOINT.endpoint not in letter.subject


@pytest.mark.parametrize("mail", [REPORT, LEAD], ids=["report", "lead"])
def test_where_nothing_was_scored_the_letter_says_so_and_shows_no_empty_place(mail: Any) -> None:
    letter = written(replace(mail, score=None, band="", criticals=(), first=()))
    for part in (letter.text, words(letter.html)):
        assert "No score: none of the answers could be scored." in part
        assert "None" not in part
        assert "critical now" not in part.lower()
        assert "first" not in part.lower()


def test_a_score_of_nought_is_a_score() -> None:
    assert "Score: 0 of 100" in written(replace(REPORT, score=0)).text


def test_a_letter_is_short_however_much_is_wrong() -> None:
    letter = written(replace(REPORT, criticals=tuple(f"Gap {n}" for n in range(12)), first=("a", "b", "c", "Step 4")))
    for part in (letter.text, words(letter.html)):
        assert "Gap 4" in part
        assert "Gap 5" not in part
        assert "And 7 more in the report." in part
        assert "Step 4" not in part


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: type(mail).__name__)
def test_the_text_has_no_holes(mail: Any) -> None:
    for one in (mail, replace(mail, score=None, criticals=(), first=()) if hasattr(mail, "criticals") else mail):
        text = written(one).text
        assert "\n\n\n" not in text
        assert text == text.lstrip("\n")
        assert not re.search(r"\S\n(?:THE WHOLE REPORT|CRITICAL NOW|--)", text)


# Nothing but words


@pytest.mark.parametrize(("mail", "name"), FIELDS, ids=NAMES)
def test_what_somebody_typed_stays_words_in_every_field(mail: Any, name: str) -> None:
    tame = shape(written(set_to(mail, name, "tame")).html)
    for nasty in NASTY:
        letter = written(set_to(mail, name, nasty))
        assert shape(letter.html) == tame, nasty
        assert nasty in words(letter.html) or nasty not in letter.text, nasty
        for tag, attributes in elements(letter.html):
            assert tag not in {"script", "img", "iframe", "object", "form", "svg", "link", "base", "input", "table"}
            assert not [one for one in attributes if one.startswith("on") or one in ("src", "srcset", "background")]
            assert attributes.get("href", "https://").startswith("https://")
            assert "url(" not in attributes.get("style", "")


@pytest.mark.parametrize(("mail", "name"), FIELDS, ids=NAMES)
def test_the_text_shows_what_was_typed_as_it_was_typed(mail: Any, name: str) -> None:
    for nasty in NASTY:
        changed = set_to(mail, name, nasty)
        if isinstance(changed, ReportMail) and changed.greeting == "Hello,":
            continue
        letter = written(changed)
        shown = nasty[:60] if name == "name" else nasty
        assert shown in letter.text + letter.subject + letter.sender_name, nasty
        assert "49" not in letter.text


@pytest.mark.parametrize(("mail", "name"), FIELDS, ids=NAMES)
def test_no_field_can_add_a_header_on_its_way_to_the_message(mail: Any, name: str) -> None:
    usual = sorted(compose(written(mail), "check@northgate.example").keys())
    for nasty in ("x\r\nBcc: eve@example.com", "x\nBcc: eve@example.com", "=?utf-8?q?x=0ABcc:_eve=40example.com?="):
        message = compose(written(set_to(mail, name, nasty)), "check@northgate.example")
        assert sorted(message.keys()) == usual
        assert not [one for one in message.values() if "\n" in str(one)]


@given(value=st.text(max_size=200))
def test_any_text_keeps_the_shape_of_every_letter(value: str) -> None:
    for mail in MAILS:
        changed = mail
        for one in fields(mail):
            if one.name not in ADDRESSED | LINKS:
                changed = set_to(changed, one.name, f"x{value}") or changed
        plain = replace(changed, name="Jane") if isinstance(changed, ReportMail) else changed
        body = re.sub(
            r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ud800-\udfff]|[^\0-\uffff]|[\ufffe\uffff]",
            "",
            written(plain).html,
        )
        assert shape(body) == shape(written(mail).html)


# Links


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example/x",
        "/r/abc",
        "",
        "https://",
        "https://a b.example",
        "https://a.example/\nx",
        "java\nscript:alert(1)",
        " https://a.example",
        'https://a.example/" onclick="x',
        "https://user:word@a.example/",
        "https://[::1",
        "ftp://a.example",
        "http://northgate.example/privacy",
    ],
)
def test_a_link_that_is_none_is_left_out_where_it_is_theirs_and_refused_where_it_is_ours(url: str) -> None:
    letter = written(replace(REPORT, privacy_url=url))
    assert "uses your details" not in letter.text + letter.html
    assert len([tag for tag in shape(letter.html) if tag == "a"]) == 3
    if url.startswith("http://"):
        return
    for name in ("report_url", "pdf_url", "delete_url"):
        with pytest.raises(ValueError, match="cannot be linked in a mail"):
            written(replace(REPORT, **{name: url}))


def test_on_a_machine_without_a_certificate_links_to_this_site_work() -> None:
    here = "http://127.0.0.1:8000"
    mail = replace(REPORT, report_url=f"{here}/r/a", pdf_url=f"{here}/r/a.pdf", delete_url=f"{here}/r/a/delete")
    assert f'href="{here}/privacy"' in written(replace(mail, privacy_url=f"{here}/privacy")).html
    assert "/privacy" not in written(replace(mail, privacy_url="http://127.0.0.1:9000/privacy")).html


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        ("Jane", "Hello Jane,"),
        ("Dr. J. R. O’Brien-Šmíd", "Hello Dr. J. R. O’Brien-Šmíd,"),
        ("", "Hello,"),
        (" \n ", "Hello,"),
        ("You have won https://evil.example", "Hello,"),
        ("Go to evil.example now", "Hello,"),
        ("mail eve@evil", "Hello,"),
        ("Jane\n\nYour account is closed", "Hello Jane Your account is closed,"),
        ("x" * 500, f"Hello {'x' * 60},"),
    ],
)
def test_nobody_can_put_a_link_of_theirs_into_our_greeting(name: str, greeting: str) -> None:
    letter = written(replace(REPORT, name=name))
    assert letter.text.startswith(f"{greeting}\n\nHere is")


# Templates


def test_the_operators_own_templates_come_first(tmp_path: Path) -> None:
    shutil.copytree("templates/mail", tmp_path / "mail")
    (tmp_path / "mail" / "digest.txt").write_text("Our own words: {{ page.counted }}")
    (tmp_path / "mail" / "layout.html").unlink()
    letter = written(DIGEST, (tmp_path, Path("templates")))
    assert letter.text == "Our own words: 1 new lead"
    assert "21 November 2026" in letter.html


def test_a_template_that_asks_for_what_is_not_there_fails_at_once(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "digest.txt").write_text("{{ page.telephone }}")
    with pytest.raises(UndefinedError):
        written(DIGEST, (tmp_path, Path("templates")))


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: type(mail).__name__)
def test_a_letter_loads_nothing_from_anywhere(mail: Any) -> None:
    html = written(mail).html
    assert not re.search(r"url\(|@import|<img|<link|src=|ping=|\?utm_", html)
    assert {tag for tag, _ in elements(html)} <= {
        *("html", "head", "meta", "title", "style", "body", "div", "h1", "h2", "p", "a", "b", "br", "span"),
        *("ul", "ol", "li", "dl", "dt", "dd"),
    }
