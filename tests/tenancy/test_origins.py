"""Origins: which spellings name a website, what goes into the header, and who may frame the check."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assessment.tenancy.origins import PRESETS, allows, frame_ancestors, names_host, parse_origin, sources

LABELS = st.text("abcxyz019-", min_size=1, max_size=9).filter(
    lambda label: label.strip("-") == label and label[2:4] != "--"
)
HOSTS = st.lists(LABELS, min_size=1, max_size=3).map(lambda labels: ".".join([*labels, "example"]))
ORIGINS = st.builds(
    lambda host, port: f"https://{host}" + (f":{port}" if port else ""),
    HOSTS,
    st.none() | st.integers(1, 65535).filter(lambda port: port != 443),
)
LISTS = st.lists(ORIGINS | st.sampled_from(sorted(PRESETS)), max_size=5).map(tuple)
SPELLINGS = st.builds(
    lambda *parts: "".join(parts),
    st.sampled_from(["https://", "http://", "HTTPS://", "https:/", "//", "", "javascript:", "https://u@", "httpſ://"]),
    st.text(max_size=30)
    | HOSTS
    | st.text(st.sampled_from("abzXß。．.-_*;,' \"\n\t\\@:/%Ⅷ①℀;\u200b\u00ad\u3002é☕١٢a0"), max_size=15)
    | st.just("xn--").flatmap(lambda prefix: LABELS.map(lambda label: prefix + label)),
    st.sampled_from(["", ".example", ":443", ":80", ":99999", ":", "/", "/a", "?", "#", "\n", " ", ";"]),
)


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://example.com", "https://example.com"),
        ("https://example.com/", "https://example.com"),
        ("https://www.example.com", "https://www.example.com"),
        ("HTTPS://WWW.Example.COM/", "https://www.example.com"),
        ("https://example.com:443", "https://example.com"),
        ("https://example.com:0443/", "https://example.com"),
        ("https://example.com:8443", "https://example.com:8443"),
        ("https://example.com:80", "https://example.com:80"),
        ("https://example.com:65535", "https://example.com:65535"),
        ("https://a-b.c-d.example.co.uk", "https://a-b.c-d.example.co.uk"),
        ("https://intranet", "https://intranet"),
        ("https://1und1.example", "https://1und1.example"),
        ("https://1.2.3.4.example", "https://1.2.3.4.example"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://BÜCHER.example", "https://xn--bcher-kva.example"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://XN--BCHER-KVA.example", "https://xn--bcher-kva.example"),
        ("https://faß.example", "https://xn--fa-hia.example"),
        ("https://例え.example", "https://xn--r8jz45g.example"),
        ("https://例え。example", "https://xn--r8jz45g.example"),
        ("https://ｅｘａｍｐｌｅ．ｃｏｍ", "https://example.com"),
        ("https://пример.example:8443/", "https://xn--e1afmkfd.example:8443"),
        ("https://" + "a" * 63 + ".example", "https://" + "a" * 63 + ".example"),
        ("https://localhost", "https://localhost"),
        ("http://localhost", "http://localhost"),
        ("http://localhost:80", "http://localhost"),
        ("http://localhost:443", "http://localhost:443"),
        ("http://LocalHost:3000/", "http://localhost:3000"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("https://127.0.0.1", "https://127.0.0.1"),
    ],
)
def test_a_website_is_written_as_browsers_write_it(text: str, origin: str) -> None:
    assert parse_origin(text) == origin


SIGNS = "it holds a space"
STAR = "a star would let in"
USER = "no user name"
PAGE = "never one page"
PLAIN = "without https"
PORT = "a port is a number"
NUMBERS = "not numbers"
LETTERS = "holds letters no name can have"
WRITE = "write it as https://"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", WRITE),
        ("example.com", WRITE),
        ("www.example.com/check", WRITE),
        ("//example.com", WRITE),
        ("https:example.com", WRITE),
        ("https:/example.com", WRITE),
        ("https://", WRITE),
        ("https:///", PAGE),
        ("https://:443", WRITE),
        ("https:", WRITE),
        ("null", WRITE),
        ("'self'", SIGNS),
        ("'none'", SIGNS),
        ("*", STAR),
        ("https://*", STAR),
        ("https://*.example.com", STAR),
        ("https://example.*", STAR),
        ("https://example.com:*", STAR),
        ("squarespace", WRITE),
        ("javascript:alert(1)", WRITE),
        ("data:text/html,x", SIGNS),
        ("ftp://example.com", WRITE),
        ("file:///etc/passwd", WRITE),
        ("wss://example.com", WRITE),
        ("http://example.com", PLAIN),
        ("http://localhost.example.com", PLAIN),
        ("http://127.0.0.2", NUMBERS),
        ("https://127.1", NUMBERS),
        ("https://2130706433", NUMBERS),
        ("https://0x7f.0.0.0x1", NUMBERS),
        ("https://192.168.1.10", NUMBERS),
        ("https://①②⑦.⓪.⓪.②", NUMBERS),
        ("https://[::1]", NUMBERS),
        ("https://[::1]:8443/", NUMBERS),
        ("https://user@example.com", USER),
        ("https://user:secret@example.com", USER),
        ("https://example.com@evil.example", USER),
        ("https://example.com/check", PAGE),
        ("https://example.com//", PAGE),
        ("https://example.com/?a=b", PAGE),
        ("https://example.com?", PAGE),
        ("https://example.com#top", PAGE),
        ("https://example.com/../", PAGE),
        ("https://example.com:0", PORT),
        ("https://example.com:65536", PORT),
        ("https://example.com:99999", PORT),
        ("https://example.com:", WRITE),
        ("https://example.com:8e3", WRITE),
        ("https://example.com:-1", WRITE),
        ("https://example.com:٣", WRITE),
        (" https://example.com", SIGNS),
        ("https://example.com ", SIGNS),
        ("https://example.com\n", SIGNS),
        ("https://example.com\r\nSet-Cookie: a=b", SIGNS),
        ("https://example.com\thttps://evil.example", SIGNS),
        ("https://exam\u00a0ple.com", SIGNS),
        ("https://exam\u200bple.com", SIGNS),
        ("https://\u202eexample.com", SIGNS),
        ("https://example.com\0", SIGNS),
        ("https://example.com; script-src *", SIGNS),
        ("https://example.com;", SIGNS),
        ("https://example.com,https://evil.example", SIGNS),
        ("https://example.com https://evil.example", SIGNS),
        ("https://example.com'", SIGNS),
        ('https://example.com"', SIGNS),
        ("https://example.com\\@evil.example", SIGNS),
        ("https://exam\u037eple.com", LETTERS),
        ("https://☕.example", LETTERS),
        ("https://\ud800.example", SIGNS),
        ("https://a℀b.example", LETTERS),
        ("https://xn--zz.example", LETTERS),
        ("https://xn--.example", LETTERS),
        ("https://exam%70le.com", WRITE),
        ("https://my_shop.example.com", WRITE),
        ("https://-a.example", WRITE),
        ("https://a-.example", WRITE),
        ("https://a..example", WRITE),
        ("https://.example.com", WRITE),
        ("https://example.com.", WRITE),
        ("https://" + "a" * 64 + ".example", WRITE),
        ("https://" + "a." * 130 + "example", "253 letters"),
        ("https://" + "ü." * 120 + "example", LETTERS),
        ("httpſ://example.com", WRITE),
    ],
)
def test_everything_else_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(
        ValueError, match=r"^“.*” cannot be the address of a website that shows the check: .*\.$"
    ) as told:
        parse_origin(text)
    assert reason in str(told.value)
    assert str(told.value).isprintable()


@given(SPELLINGS | st.text())
@example("https://a\u037e.example")
@example("https://example.com\n")
@example("https://ﷺ.example")
def test_what_is_accepted_is_plain_and_is_read_the_same_again(text: str) -> None:
    try:
        origin = parse_origin(text)
    except ValueError as refusal:
        message = str(refusal)
    else:
        assert re.fullmatch(r"https?://[a-z0-9.-]{1,253}(:[1-9][0-9]{0,4})?", origin)
        assert parse_origin(origin) == origin
        return
    assert message.isprintable()
    assert message.endswith(".")
    assert len(message) < 400


@given(ORIGINS)
def test_an_origin_as_a_browser_writes_it_is_kept_as_it_is(origin: str) -> None:
    assert parse_origin(origin) == origin == parse_origin(origin.upper()) == parse_origin(origin + "/")


@given(LISTS)
def test_the_header_value_cannot_end_its_directive(origins: tuple[str, ...]) -> None:
    value = frame_ancestors(origins)
    assert re.fullmatch(r"'self'( https://(\*\.)?[a-z0-9.-]+(:[0-9]+)?)*", value)


@given(st.lists(SPELLINGS | st.text(), max_size=3).map(tuple))
def test_the_header_value_is_never_made_of_something_unchecked(origins: tuple[str, ...]) -> None:
    try:
        value = frame_ancestors(origins)
    except ValueError:
        return
    assert re.fullmatch(r"'self'( https?://(\*\.)?[a-z0-9.-]+(:[0-9]+)?)*", value)


def test_presets_stand_for_their_addresses_and_nothing_comes_twice() -> None:
    listed = ("https://www.example.com", "webflow", "https://WWW.example.com/", "webflow")
    assert sources(listed) == ("https://www.example.com", "https://*.webflow.io")
    assert frame_ancestors(listed) == "'self' https://www.example.com https://*.webflow.io"
    assert frame_ancestors(()) == "'self'"


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be the address"):
        sources(("geocities",))


@pytest.mark.parametrize("address", [address for addresses in PRESETS.values() for address in addresses])
def test_a_preset_opens_whole_labels_under_one_registered_name(address: str) -> None:
    assert re.fullmatch(r"https://\*\.[a-z]+\.[a-z]+", address)
    assert parse_origin(address.replace("*.", "")) == address.replace("*.", "")


LISTED = ("https://www.example.com", "https://shop.example.com:8443", "squarespace", "http://localhost:3000")


@pytest.mark.parametrize(
    ("page", "allowed"),
    [
        ("https://www.example.com", True),
        ("https://www.example.com/", True),
        ("https://www.example.com/it-check?utm_source=a#form", True),
        ("https://www.example.com?x=https://evil.example", True),
        ("https://www.example.com/a page/", True),
        ("  https://WWW.Example.com/IT-Check\n", True),
        ("https://www.example.com:443/check", True),
        ("https://shop.example.com:8443/check", True),
        ("https://cat-dog-1234.squarespace.com/check", True),
        ("https://a.b.squarespace.com/", True),
        ("http://localhost:3000/index.html", True),
        ("https://example.com/", False),
        ("https://sub.www.example.com/", False),
        ("https://www.example.com:8443/", False),
        ("https://shop.example.com/", False),
        ("http://www.example.com/", False),
        ("https://squarespace.com/", False),
        ("https://evilsquarespace.com/", False),
        ("https://a.squarespace.com.evil.example/", False),
        ("https://a.squarespace.com:8443/", False),
        ("http://a.squarespace.com/", False),
        ("https://.squarespace.com/", False),
        ("https://*.squarespace.com/", False),
        ("https://evil.example/.squarespace.com", False),
        ("https://evil.example?.squarespace.com", False),
        ("https://evil.example#.squarespace.com", False),
        ("https://evil.example\\.squarespace.com", False),
        ("https://www.example.com@evil.example/", False),
        ("https://evil.example/https://www.example.com", False),
        ("https://www.example.com.evil.example/", False),
        ("https://wwwxexample.com/", False),
        ("https://www.example.com .evil.example/", False),
        ("http://localhost/", False),
        ("http://localhost:3001/", False),
        ("http://127.0.0.1:3000/", False),
        ("www.example.com/check", False),
        ("javascript:alert('https://www.example.com')", False),
        ("data:text/html,https://www.example.com", False),
        ("about:blank", False),
        ("squarespace", False),
        ("null", False),
        ("", False),
    ],
)
def test_a_page_may_frame_the_check_when_its_origin_is_listed(page: str, allowed: bool) -> None:
    assert allows(LISTED, page) is allowed


@pytest.mark.parametrize(
    ("origin", "listed"),
    [
        ("https://www.example.com", True),
        ("https://shop.example.com:8443", True),
        ("https://cat-dog-1234.squarespace.com", True),
        ("http://localhost:3000", True),
        ("https://www.example.com/", False),
        ("https://www.example.com:443", False),
        ("https://WWW.example.com", False),
        ("https://www.example.com/check", False),
        (" https://www.example.com", False),
        ("https://www.example.com\n", False),
        ("https://www.example.com https://evil.example", False),
        ("https://evil.example", False),
        ("https://*.squarespace.com", False),
        ("squarespace", False),
        ("null", False),
        ("*", False),
        ("", False),
    ],
)
def test_an_origin_from_a_browser_is_listed_only_in_its_exact_spelling(origin: str, listed: bool) -> None:
    assert names_host(LISTED, origin) is listed


def test_an_origin_beyond_ascii_is_found_in_either_spelling() -> None:
    listed = (parse_origin("https://bücher.example"),)
    assert allows(listed, "https://bücher.example/check")
    assert allows(listed, "https://xn--bcher-kva.example/check")
    assert names_host(listed, "https://xn--bcher-kva.example")
    assert not names_host(listed, "https://bücher.example")


@given(LISTS, SPELLINGS | st.text() | ORIGINS)
def test_who_is_named_is_allowed_and_everybody_allowed_matches_the_header(origins: tuple[str, ...], text: str) -> None:
    if names_host(origins, text):
        assert allows(origins, text)
        assert parse_origin(text) == text
    if allows(origins, text):
        patterns = [
            re.escape(source).replace(r"\*", "[a-z0-9.-]+") + r"(:\d+)?([/?#]|$)" for source in sources(origins)
        ]
        assert any(re.match(pattern, text.strip(), re.IGNORECASE) for pattern in patterns) or not text.isascii()


@given(ORIGINS, st.text())
def test_nobody_is_allowed_by_an_empty_list_and_everybody_listed_on_every_page(origin: str, path: str) -> None:
    assert not allows((), origin)
    assert not names_host((), origin)
    assert names_host((origin,), origin)
    assert allows((origin,), f"{origin}/{path}".replace("\n", "").replace("\r", ""))
