"""One attempt to hand a mail over, against a real server: what it does decides between done, again and dead."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import trustme
from hypothesis import example, given
from hypothesis import strategies as st

from assessment.delivery.attempts import Attempt, Verdict
from assessment.delivery.mail import Letter, Mailer, compose, keep, send
from tests.delivery.smtp import DROP, END, FLOOD, GREETING, HALFWAY, STALL, Server, only_jane, running, server_context

LETTER = Letter(
    to="jane@example.com",
    subject="Your report: IT health check",
    text="Hello Jane,\n.\nYour score is 56 – of 100.\n",
    html="<p>Hello Jane,</p>\n<p>Your score is 56 – of 100.</p>\n",
    sender_name="Northgate Computers",
    reply_to="hello@northgate.example",
)
HERE = "check@northgate.example"
ID = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"
HEADERS = {
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
    "Message-ID",
    "Date",
}


def mailer(server: Server, **more: object) -> Mailer:
    plain = Mailer("127.0.0.1", server.port, "", "", "none", HERE, limits=20)
    return replace(plain, **more)  # type: ignore[arg-type]


def sent(server: Server, letter: Letter = LETTER, context: ssl.SSLContext | None = None, **more: object) -> Attempt:
    return send(mailer(server, **more), compose(letter, HERE), ID, context)


def kept(folder: Path, letter: Letter) -> EmailMessage:
    attempt = keep(folder, compose(letter, HERE), ID)
    assert attempt.verdict is Verdict.DONE
    return message_from_bytes((folder / f"{ID}.eml").read_bytes(), policy=default)


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def raw_headers(folder: Path, letter: Letter) -> list[str]:
    """The header names as the bytes have them, whatever a parser would make of them."""
    keep(folder, compose(letter, HERE), ID)
    head = (folder / f"{ID}.eml").read_bytes().split(b"\r\n\r\n")[0]
    lines = head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").split(b"\r\n")
    assert b"\r" not in b"".join(lines)
    assert b"\n" not in b"".join(lines)
    return [line.partition(b":")[0].decode("ascii") for line in lines]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port where nothing listens, held so that nothing else can."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


# What arrives


def test_a_mail_arrives_as_text_and_as_html_with_the_headers_it_should_have() -> None:
    with running() as server:
        attempt = sent(server)
        (message,) = server.messages
        (envelope,) = server.envelopes
    assert attempt == Attempt(Verdict.DONE, "The mail server took the mail.", 250)
    assert (envelope.mail_from, envelope.rcpt_tos) == (HERE, ["jane@example.com"])
    assert set(message.keys()) >= HEADERS
    assert message["From"] == "Northgate Computers <check@northgate.example>"
    assert message["Reply-To"] == "hello@northgate.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == f"<{ID}@northgate.example>"
    assert message["Date"].datetime is not None
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert (body(message, "plain"), body(message, "html")) == (LETTER.text, LETTER.html)


def test_the_message_id_is_the_same_at_every_attempt() -> None:
    message = compose(LETTER, HERE)
    with running() as server:
        assert [send(mailer(server), message, ID).verdict for _ in range(2)] == [Verdict.DONE] * 2
        assert [one.get_all("Message-ID") for one in server.messages] == [[f"<{ID}@northgate.example>"]] * 2
    assert "Message-ID" not in message


def test_a_mail_that_was_taken_is_done_however_the_server_says_goodbye() -> None:
    for goodbye in (DROP, "451 not so fast", "garbage", STALL):
        with running({"QUIT": goodbye}) as server:
            assert sent(server, limits=2 if goodbye is STALL else 20).verdict is Verdict.DONE
            assert len(server.envelopes) == 1


@pytest.mark.parametrize("bad", ["", "a b", "a\r\nBcc: x@y.example", "../up", "ü", "x" * 61])
def test_a_message_id_is_plain_letters(bad: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Message-ID"):
        send(Mailer("127.0.0.1", 1, "", "", "none", HERE), compose(LETTER, HERE), bad)
    if bad:
        with pytest.raises(ValueError, match="Message-ID"):
            keep(tmp_path, compose(LETTER, HERE), bad)


# What goes wrong

TROUBLE = [
    ({"MAIL": "451 busy"}, Verdict.AGAIN, 451, "did not take the mail for now (451: busy)"),
    ({"MAIL": "452 disk full"}, Verdict.AGAIN, 452, "for now (452: disk full)"),
    ({"MAIL": "550 not from you"}, Verdict.DEAD, 550, "refused the mail for good (550: not from you)"),
    ({"MAIL": "530 sign in"}, Verdict.AGAIN, 530, "did not let us sign in (530: sign in)"),
    ({"MAIL": "552 too big"}, Verdict.DEAD, 552, "(552: too big)"),
    ({"RCPT": "450 greylisted"}, Verdict.AGAIN, 450, "did not take this address for now (450: greylisted)"),
    ({"RCPT": "421 closing"}, Verdict.AGAIN, 421, "for now (421: closing)"),
    ({"RCPT": "550 no such user"}, Verdict.DEAD, 550, "refused this address for good (550: no such user)"),
    ({"DATA": "451 later"}, Verdict.AGAIN, 451, "for now (451: later)"),
    ({"DATA": "554 no"}, Verdict.DEAD, 554, "for good (554: no)"),
    ({END: "451 try later"}, Verdict.AGAIN, 451, "for now (451: try later)"),
    ({END: "550 spam"}, Verdict.DEAD, 550, "refused the mail for good (550: spam)"),
    ({END: "550-first\r\n550 second"}, Verdict.DEAD, 550, "(550: first second)"),
    ({END: "what?"}, Verdict.AGAIN, -1, "for now"),
    ({GREETING: "554 go away"}, Verdict.AGAIN, None, "turned us away (554: go away)"),
    ({"EHLO": "550 no", "HELO": "550 no"}, Verdict.AGAIN, None, "turned us away (550: no)"),
    ({GREETING: DROP}, Verdict.AGAIN, None, ""),
    ({"EHLO": DROP}, Verdict.AGAIN, None, "hung up before it took the mail"),
    ({"RCPT": DROP}, Verdict.AGAIN, None, "hung up before it took the mail"),
    ({HALFWAY: DROP}, Verdict.AGAIN, None, ""),
    ({END: DROP}, Verdict.AGAIN, None, "hung up before it took the mail"),
    ({"EHLO": FLOOD}, Verdict.AGAIN, None, "hung up before it took the mail"),
    ({END: FLOOD}, Verdict.AGAIN, None, "hung up before it took the mail"),
]


@pytest.mark.parametrize(("script", "verdict", "status", "says"), TROUBLE, ids=[str(row[0]) for row in TROUBLE])
def test_trouble_is_a_verdict_and_a_sentence(
    script: dict[str, str], verdict: Verdict, status: int | None, says: str
) -> None:
    with running(script) as server:
        attempt = sent(server)
        assert server.envelopes == []
    assert (attempt.verdict, attempt.status) == (verdict, status)
    assert says in attempt.says
    assert attempt.says.startswith("The mail server ")
    assert attempt.says.endswith(".")
    assert "\n" not in attempt.says


@pytest.mark.parametrize("step", [GREETING, "EHLO", "MAIL", "RCPT", "DATA", HALFWAY, END])
def test_a_server_that_stalls_is_left_and_tried_again(step: str) -> None:
    with running({step: STALL}) as server:
        attempt = sent(server, limits=0.5)
        place = f"127.0.0.1:{server.port}"
    assert attempt == Attempt(Verdict.AGAIN, f"The mail server {place} did not answer within 0.5 seconds.")


def test_a_server_that_never_stops_talking_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assessment.delivery.mail.LISTENS", 2**40)
    with running({"EHLO": FLOOD}) as server:
        assert "did not answer within 0.5 seconds" in sent(server, limits=0.5).says


@pytest.mark.parametrize("to", [LETTER.to, "j.a+n*e@example.com"])
def test_the_address_is_not_in_the_sentence_so_that_a_deleted_person_is_in_no_log(to: str) -> None:
    with running({"RCPT": f"550 <{to.title()}>: no such user"}) as server:
        says = sent(server, replace(LETTER, to=to)).says
    assert says == "The mail server refused this address for good (550: <the address>: no such user)."


def test_a_server_that_is_down_is_tried_again(nobody: int) -> None:
    attempt = send(Mailer("127.0.0.1", nobody, "", "", "none", HERE), compose(LETTER, HERE), ID)
    assert attempt.verdict is Verdict.AGAIN
    assert attempt.says == f"The mail server 127.0.0.1:{nobody} could not be reached (Connection refused)."


def test_a_server_without_a_name_in_the_world_is_tried_again() -> None:
    attempt = send(Mailer("mail.invalid", 25, "", "", "none", HERE), compose(LETTER, HERE), ID)
    assert attempt.verdict is Verdict.AGAIN
    assert attempt.says.startswith("The mail server mail.invalid:25 could not be reached (")


def test_a_mail_that_is_too_big_is_dead() -> None:
    with running(data_size_limit=2000) as server:
        attempt = sent(server, replace(LETTER, text="much " * 1000))
    assert (attempt.verdict, attempt.status) == (Verdict.DEAD, 552)
    assert "exceed" in attempt.says


# Encryption


def test_starttls_that_is_not_offered_is_dead_and_nothing_was_said_in_the_clear() -> None:
    with running({"MAIL": "250 this may not be reached"}) as server:
        attempt = sent(server, security="starttls", user="jane", password="the right one")
        assert server.envelopes == []
    assert attempt.verdict is Verdict.DEAD
    assert "would not encrypt (it does not offer STARTTLS), so nothing was sent" in attempt.says


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [("501 no", Verdict.DEAD), ("454 not now", Verdict.AGAIN), (DROP, Verdict.AGAIN), ("220 but no", Verdict.AGAIN)],
)
def test_starttls_that_is_refused_never_goes_on_in_the_clear(
    reply: str, verdict: Verdict, authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    with running({"STARTTLS": reply}, tls_context=server_context(authority)) as server:
        attempt = sent(server, context=trusting, security="starttls")
        assert server.envelopes == []
    assert attempt.verdict is verdict


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_goes_out_encrypted(security: str, authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    context = server_context(authority)
    options = {"ssl_context": context} if security == "tls" else {"tls_context": context, "require_starttls": True}
    with running(**options) as server:  # type: ignore[arg-type]
        assert sent(server, context=trusting, security=security).verdict is Verdict.DONE
        assert len(server.envelopes) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("name", ["127.0.0.1", "other.test"])
def test_a_certificate_that_cannot_be_trusted_stops_the_mail(
    security: str, name: str, authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    context = server_context(authority, name)
    unknown = None if name == "127.0.0.1" else trusting
    with running(**{"ssl_context" if security == "tls" else "tls_context": context}) as server:  # type: ignore[arg-type]
        attempt = sent(server, context=unknown, security=security)
        assert server.envelopes == []
    assert attempt.verdict is Verdict.AGAIN
    assert "has a certificate that cannot be trusted (" in attempt.says


def test_tls_to_a_server_that_speaks_in_the_clear_says_so() -> None:
    with running() as server:
        attempt = sent(server, security="tls")
    assert attempt.verdict is Verdict.AGAIN
    assert "does not speak TLS as it should" in attempt.says


@pytest.mark.parametrize("step", ["EHLO", END])
def test_a_stall_is_left_in_time_over_tls_too(step: str, authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    with running({step: STALL}, ssl_context=server_context(authority)) as server:
        attempt = sent(server, context=trusting, security="tls", limits=0.5)
    assert "did not answer within 0.5 seconds" in attempt.says


# Signing in


@pytest.mark.parametrize(
    ("password", "verdict"), [("the right one", Verdict.DONE), ("wrong", Verdict.AGAIN), ("ünicode", Verdict.AGAIN)]
)
def test_a_wrong_password_loses_no_mail(
    password: str, verdict: Verdict, authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    options = {"tls_context": server_context(authority), "authenticator": only_jane, "auth_required": True}
    with running(**options) as server:  # type: ignore[arg-type]
        attempt = sent(server, context=trusting, security="starttls", user="jane", password=password)
        assert len(server.envelopes) == (verdict is Verdict.DONE)
    assert attempt.verdict is verdict
    if verdict is Verdict.AGAIN:
        assert "did not let us sign in" in attempt.says
        assert attempt.says.endswith("check the mail user name and password.")
        assert password not in attempt.says


def test_a_server_that_wants_a_sign_in_nobody_set_up_loses_no_mail(
    authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    with running(tls_context=server_context(authority), authenticator=only_jane, auth_required=True) as server:
        attempt = sent(server, context=trusting, security="starttls")
    assert (attempt.verdict, attempt.status) == (Verdict.AGAIN, 530)


@pytest.mark.parametrize("reply", ["334 not base64!", "454 later", "535 no", "334 " + "A" * 40])
def test_a_strange_answer_to_a_sign_in_is_tried_again(reply: str) -> None:
    with running({"EHLO": "250-mail.test\r\n250 AUTH CRAM-MD5 PLAIN", "AUTH": reply}) as server:
        attempt = sent(server, user="jane", password="the right one")
    assert attempt.verdict is Verdict.AGAIN
    assert "did not let us sign in" in attempt.says


def test_a_server_that_offers_no_sign_in_is_tried_again() -> None:
    with running() as server:
        attempt = sent(server, user="jane", password="the right one")
    assert attempt.verdict is Verdict.AGAIN
    assert "it offers no way" in attempt.says


def test_a_password_is_in_no_representation() -> None:
    assert "the right one" not in repr(Mailer("mail.test", 587, "jane", "the right one", "starttls", HERE))


# Addresses


def test_an_address_beyond_ascii_goes_where_the_server_can_handle_it() -> None:
    letter = replace(LETTER, to="jörg@müller.example")
    with running() as server:
        assert sent(server, letter).verdict is Verdict.DONE
        assert server.envelopes[0].rcpt_tos == ["jörg@xn--mller-kva.example"]
        assert "To: jörg@xn--mller-kva.example\r\n".encode() in server.envelopes[0].content
    with running(enable_SMTPUTF8=False) as server:
        attempt = sent(server, letter)
        assert server.envelopes == []
    assert attempt.verdict is Verdict.DEAD
    assert attempt.says.startswith("The address has letters beyond a to z before the @")


def test_a_domain_beyond_ascii_goes_everywhere() -> None:
    with running(enable_SMTPUTF8=False) as server:
        assert sent(server, replace(LETTER, to="joerg@müller.example")).verdict is Verdict.DONE
        assert server.envelopes[0].rcpt_tos == ["joerg@xn--mller-kva.example"]


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "jane",
        "jane@",
        "a@b\nBcc: eve@example.com",
        "a@example.com, eve@example.com",
        "Jane <jane@example.com>",
        "a@example.com\r\nSubject: x",
        "a@example.com\x00",
        '"a b"@example.com',
        "a" * 320 + "@example.com",
        "a@exa mple.com",
        "a@[127.0.0.1]",
        "a\u202e@example.com",
    ],
)
@pytest.mark.parametrize("field", ["to", "reply_to", "from"])
def test_what_is_no_address_is_refused_with_a_sentence(bad: str, field: str) -> None:
    if not bad and field == "reply_to":
        assert compose(replace(LETTER, reply_to=""), HERE)["Reply-To"] is None
        return
    with pytest.raises(ValueError, match="is no e-mail address"):
        compose(LETTER if field == "from" else replace(LETTER, **{field: bad}), bad if field == "from" else HERE)


# Headers

NASTY = "Jane\r\nBcc: eve@example.com\r\n\r\n<b>"


@pytest.mark.parametrize("field", ["subject", "sender_name"])
@pytest.mark.parametrize(
    "value",
    [
        NASTY,
        NASTY.replace("\r", ""),
        NASTY.replace("\n", ""),
        "=?utf-8?q?Jane=0D=0ABcc:_eve=40example.com?=",
        "=?utf-8?b?SmFuZQ0KQmNjOiBldmVAZXhhbXBsZS5jb20=?=",
        "Jane\u2028Bcc: eve@example.com",
        "Jane\x85Bcc: eve@example.com",
        "Jane\x0bBcc: eve@example.com",
        '"; Bcc: eve@example.com; "',
        "x" * 5000,
        "Jane, <eve@example.com>",
        "\ud800 lone",
        "ü" * 300,
        "",
    ],
)
def test_no_field_can_add_a_header(field: str, value: str, tmp_path: Path) -> None:
    letter = replace(LETTER, **{field: value})
    assert sorted(raw_headers(tmp_path, letter)) == sorted(HEADERS)
    message = kept(tmp_path, letter)
    assert message["Bcc"] is None
    assert [one.addr_spec for one in message["From"].addresses] == [HERE]
    assert body(message, "plain") == LETTER.text


def test_what_cannot_be_printed_is_in_no_part_of_a_message(tmp_path: Path) -> None:
    odd = "a\x00b\x1b[31mc\x7fd\u202ee"
    message = kept(tmp_path, replace(LETTER, subject=odd, sender_name=odd, text=f"{odd}\n\ttab", html=odd))
    assert message["Subject"] == message["From"].addresses[0].display_name == "a b [31mc d e"
    assert body(message, "plain") == "ab[31mcd\u202ee\n\ttab\n"
    assert body(message, "html") == "ab[31mcd\u202ee\n"


words = st.text(max_size=300) | st.lists(
    st.sampled_from(
        ["\r", "\n", "\r\n", " ", "\t", ":", "Bcc", "=?utf-8?q?", "=0D=0A", "?=", ",", '"', "<", "@", "ü", "x"]
    )
).map("".join)


@given(subject=words, sender_name=words, text=words, html=words)
@example(subject="\r\nBcc: x@y.example", sender_name="\n\n", text="\r", html="\ud800\x00")
def test_whatever_is_written_the_message_keeps_its_shape(
    tmp_path_factory: pytest.TempPathFactory, subject: str, sender_name: str, text: str, html: str
) -> None:
    letter = replace(LETTER, subject=subject, sender_name=sender_name, text=text, html=html)
    folder = tmp_path_factory.getbasetemp() / "shape"
    assert sorted(raw_headers(folder, letter)) == sorted(HEADERS)
    message = kept(folder, letter)
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert [one.addr_spec for one in message["From"].addresses] == [HERE]
    assert [one.addr_spec for one in message["To"].addresses] == ["jane@example.com"]


@given(address=words | st.emails() | st.tuples(st.emails(), words).map("".join))
def test_whatever_is_given_as_an_address_is_one_address_or_refused(
    tmp_path_factory: pytest.TempPathFactory, address: str
) -> None:
    letter = replace(LETTER, to=address, reply_to=address)
    folder = tmp_path_factory.getbasetemp() / "address"
    try:
        compose(letter, HERE)
    except ValueError:
        return
    assert sorted(raw_headers(folder, letter)) == sorted(HEADERS)
    message = kept(folder, letter)
    assert len(message["To"].addresses) == len(message["Reply-To"].addresses) == 1


def test_a_name_arrives_as_it_was_written(tmp_path: Path) -> None:
    for name in (
        "Müller & Söhne GmbH",
        "O’Brien, Smith",
        'The "Best" IT',
        "日本語の会社",
        "a" * 80,
        "Smith (London) Ltd.",
    ):
        message = kept(tmp_path, replace(LETTER, sender_name=name, subject=name))
        assert message["From"].addresses[0].display_name == name
        assert message["Subject"] == name


def test_a_long_domain_leaves_the_message_id_whole(tmp_path: Path) -> None:
    domain = ".".join(["northgate-computers-of-the-north"] * 5) + ".example"
    keep(tmp_path, compose(LETTER, f"check@{domain}"), ID)
    assert f"Message-ID: <{ID}@{domain}>".encode() in (tmp_path / f"{ID}.eml").read_bytes().replace(b"\r\n ", b" ")


# A folder instead of a server


def test_a_mail_is_kept_in_a_folder_where_no_server_is_set(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    attempt = keep(folder, compose(LETTER, HERE), ID)
    assert attempt.verdict is Verdict.DONE
    assert str(folder / f"{ID}.eml") in attempt.says
    assert [path.name for path in folder.iterdir()] == [f"{ID}.eml"]
    assert (folder / f"{ID}.eml").stat().st_mode & 0o077 == 0
    keep(folder, compose(LETTER, HERE), ID)
    keep(folder, compose(LETTER, HERE))
    assert len(list(folder.glob("msg_*.eml"))) == 2


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file stands here")
    attempt = keep(tmp_path / "mail", compose(LETTER, HERE), ID)
    assert attempt.verdict is Verdict.AGAIN
    assert attempt.says.startswith(f"The mail could not be written into {tmp_path / 'mail'}: ")


def test_a_mail_that_could_not_be_moved_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / f"{ID}.eml").mkdir()
    assert keep(tmp_path, compose(LETTER, HERE), ID).verdict is Verdict.AGAIN
    assert [path.name for path in tmp_path.iterdir()] == [f"{ID}.eml"]
