"""No webhook leaves for an address inside, however it is written and whatever its name says later."""

import socket
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.delivery.addresses import Refused, Rule, Target, resolve
from tests.delivery.sink import resolver

PUBLIC = "93.184.215.14"
PUBLIC_6 = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


def test_a_public_address_is_taken_apart_and_pinned() -> None:
    assert resolve("https://Hooks.Example.com/a/b?c=d#e", Rule(), resolver(PUBLIC, PUBLIC_6)) == Target(
        "https", "hooks.example.com", 443, "/a/b?c=d", PUBLIC
    )


@pytest.mark.parametrize(
    ("url", "host", "path", "authority"),
    [
        ("https://hooks.example.com", "hooks.example.com", "/", "hooks.example.com"),
        ("https://hooks.example.com.:8443/x", "hooks.example.com", "/x", "hooks.example.com:8443"),
        ("https://hooks.example.com?x=1", "hooks.example.com", "/?x=1", "hooks.example.com"),
        ("https://bücher.example/ä?q=ö", "xn--bcher-kva.example", "/%C3%A4?q=%C3%B6", "xn--bcher-kva.example"),
        ("https://straße.example/", "xn--strae-oqa.example", "/", "xn--strae-oqa.example"),
        ("https://hooks.example.com/100%25/{x}", "hooks.example.com", "/100%25/%7Bx%7D", "hooks.example.com"),
        ("https://hooks.example.com//evil.example/", "hooks.example.com", "//evil.example/", "hooks.example.com"),
        (f"https://[{PUBLIC_6}]:8443/", PUBLIC_6, "/", f"[{PUBLIC_6}]:8443"),
        ("https://hook_1.example.com/", "hook_1.example.com", "/", "hook_1.example.com"),
    ],
)
def test_what_is_sent_is_what_was_meant(url: str, host: str, path: str, authority: str) -> None:
    target = resolve(url, Rule(), resolver(PUBLIC))
    assert (target.host, target.path, target.authority) == (host, path, authority)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "//hooks.example.com/",
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "gopher://hooks.example.com:70/_x",
        "javascript:alert(1)",
        "https:///path",
        "https:/hooks.example.com",
        "https:\\\\hooks.example.com",
        "https://",
        "https://user@hooks.example.com/",
        "https://user:password@hooks.example.com/",
        "https://hooks.example.com@10.0.0.1/",
        "https://hooks.example.com\\@10.0.0.1/",
        "https://hooks.example.com:25/",
        "https://hooks.example.com:80/",
        "https://hooks.example.com:22/",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:99999/",
        "https://hooks.example.com:https/",
        "https://hooks.example.com:٤٤٣/",
        "https://hooks.example.com/a b",
        " https://hooks.example.com/",
        "https://hooks.example.com/\r\nX-Evil: 1",
        "https://hooks.exam\tple.com/",
        "https://hooks.example.com/\x00",
        "https://hooks.example.com/\u200b",
        "https://hooks.example.com/\u202e",
        "https://hooks.example.com/\ud800",
        "https://hooks.example.com/\u00a0",
        "https://%31%32%37.0.0.1/",
        "https://-hooks.example.com/",
        "https://hooks..example.com/",
        "https://hooks.example.com../",
        "https://hooks.example.com\\.evil.example/",
        f"https://{'a' * 64}.example.com/",
        f"https://{'a.' * 130}example.com/",
        "https://a℀b.example/",
        "https://xn--\u00fc.example/",
        "https://\u0301a.example/",
        "https://[::1/",
        "https://[v1.hooks]/",
        "https://[fe80::1%25eth0]/",
        "https://[fe80::1%eth0]/",
        f"https://[{PUBLIC_6}%1]/",
        f"https://[{PUBLIC}]/",
        "https://*.example.com/",
        "https://hooks.example.com,10.0.0.1/",
    ],
)
def test_an_address_of_the_wrong_form_is_refused_before_its_name_is_looked_up(url: str) -> None:
    def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
        raise AssertionError("looked up")

    with pytest.raises(Refused, match=r"^[A-Z].*\.$"):
        resolve(url, Rule(), getaddrinfo)


@pytest.mark.parametrize(
    "ip",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.9",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "233.252.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:100.64.0.1",
        "::ffff:224.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:2::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        f"{PUBLIC_6}%eth0",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ],
)
def test_a_name_that_leads_inside_is_refused_even_when_it_leads_outside_too(ip: str) -> None:
    for answers in [(ip,), (PUBLIC, ip), (ip, PUBLIC), (PUBLIC, PUBLIC_6, ip)]:
        with pytest.raises(Refused, match="private or reserved network"):
            resolve("https://hooks.example.com/", Rule(), resolver(*answers))


@pytest.mark.parametrize("ip", [PUBLIC, PUBLIC_6, "::ffff:8.8.8.8", "1.1.1.1", "172.32.0.1", "2a00:1450::1"])
def test_a_name_that_leads_outside_only_is_allowed(ip: str) -> None:
    assert resolve("https://hooks.example.com/", Rule(), resolver(ip)).ip == ip.removeprefix("::ffff:")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "0",
        "localhost",
        "LOCALHOST",
        "１２７.0.0.1",
        "127。0。0。1",
        "①②⑦.0.0.1",
        "ⓛocalhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:0:0:1]",
    ],
)
def test_every_way_to_write_this_machine_is_refused_by_what_the_system_makes_of_it(host: str) -> None:
    with pytest.raises(Refused, match="private or reserved network"):
        resolve(f"https://{host}/", Rule())


@pytest.mark.parametrize("host", ["127.0.0.1.", "localhost.", "0x7f000001."])
def test_a_trailing_dot_opens_nothing(host: str) -> None:
    with pytest.raises(Refused):
        resolve(f"https://{host}/", Rule())


def test_what_is_pinned_is_what_was_checked_although_the_name_leads_elsewhere_the_next_time() -> None:
    answers = iter([PUBLIC, "127.0.0.1"])
    asked = []

    def rebinding(host: str, port: int, **rest: Any) -> list[Any]:
        asked.append(host)
        return resolver(next(answers))(host, port, **rest)

    assert resolve("https://hooks.example.com/", Rule(), rebinding).ip == PUBLIC
    assert asked == ["hooks.example.com"]
    with pytest.raises(Refused):
        resolve("https://hooks.example.com/", Rule(), rebinding)


@pytest.mark.parametrize(
    "error", [socket.gaierror(-2, "Name or service not known"), OSError("no"), UnicodeError("label too long")]
)
def test_a_name_that_leads_nowhere_is_refused(error: Exception) -> None:
    def failing(*_: Any, **__: Any) -> list[Any]:
        raise error

    for getaddrinfo in (failing, resolver()):
        with pytest.raises(Refused, match="could not be found"):
            resolve("https://hooks.example.com/", Rule(), getaddrinfo)


def test_the_operator_can_allow_http_networks_and_ports() -> None:
    rule = Rule(allow_http=True, allow_private=(ip_network("10.1.0.0/16"), ip_network("fd12::/16")), ports=(5678,))
    assert resolve("http://n8n/hook", rule, resolver("10.1.2.3")).port == 80
    assert resolve("http://n8n:5678/hook", rule, resolver("::ffff:10.1.2.3")).ip == "10.1.2.3"
    assert resolve("https://n8n:5678/hook", rule, resolver("fd12::1")).authority == "n8n:5678"
    for url, ip in [
        ("https://n8n/", "10.1.2.3"),
        ("https://n8n:80/", "10.1.2.3"),
        ("http://n8n/", "10.2.0.1"),
        ("http://n8n/", "fd12::1%2"),
    ]:
        with pytest.raises(Refused):
            resolve(url, rule, resolver(ip))


def test_a_refusal_tells_nothing_about_the_network_inside() -> None:
    with pytest.raises(Refused) as refused:
        resolve("https://intranet.example.com/", Rule(), resolver("10.11.12.13"))
    assert "10.11.12.13" not in str(refused.value)


@given(st.ip_addresses())
def test_whatever_is_allowed_is_global_and_for_one_receiver(ip: Any) -> None:
    try:
        target = resolve("https://hooks.example.com/", Rule(), resolver(str(ip)))
    except Refused:
        return
    pinned = ip_address(target.ip)
    assert pinned.is_global
    assert not any((pinned.is_multicast, pinned.is_private, pinned.is_loopback, pinned.is_link_local))


@given(st.text() | st.text().map("https://{}".format) | st.from_regex(r"https://[^/]{0,20}[/?#].{0,9}", fullmatch=True))
def test_any_text_is_either_a_target_or_refused(url: str) -> None:
    try:
        target = resolve(url, Rule(), resolver(PUBLIC))
    except Refused:
        return
    assert target.path.isascii()
    assert target.path.startswith("/")
    assert not set(target.path + target.authority) & set(" \r\n\t\\@#") - {"@"}
    assert target.port in (443, 8443)
