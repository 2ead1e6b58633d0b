"""Which addresses a webhook may be sent to: what a stranger types here must never reach the operator's own network."""

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

import idna

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
HOST_NAME = re.compile(rf"(?=.{{1,253}}\.?\Z)(?:{LABEL}\.)*{LABEL}\.?\Z")
DEFAULT_PORTS = {"https": 443, "http": 80}
GLOBAL_UNICAST_6 = IPv6Network("2000::/3")
DENIED = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's host, seen from its machines
        "169.254.0.0/16",  # link-local, and most clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments, and Oracle's metadata
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # automatic multicast tunnelling
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # class E and broadcast
        "::/96",  # unspecified, loopback, the old way of writing IPv4
        "::ffff:0:0:0/96",  # IPv4 translated
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",  # NAT64, local use
        "100::/64",  # discard
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
        "5f00::/16",  # SRv6
        "fc00::/7",  # unique local
        "fe80::/10",  # link-local
        "fec0::/10",  # site-local
        "ff00::/8",  # multicast
    )
)


class Refused(ValueError):
    """An address no webhook may be sent to; the message says what is wrong with it and what is allowed."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What the operator allows: plain http, networks of their own, other ports."""

    allow_http: bool = False
    allow_private: tuple[Network, ...] = ()
    ports: tuple[int, ...] = (443, 8443)


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address: the host's name for the certificate, the one IP address that may be connected to."""

    scheme: str
    host: str
    port: int
    path: str
    ip: str

    @property
    def authority(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def resolve(url: str, rule: Rule, getaddrinfo: Callable[..., Any] = socket.getaddrinfo) -> Target:
    """Check the address and everything its name leads to, asking the resolver once; or raise Refused."""
    parts = _split(url)
    scheme = _scheme(parts, rule)
    port = _port(parts, scheme, rule)
    host = _host(parts)
    try:
        found = [row[4][0] for row in getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise Refused(_nothing_found(host)) from error
    if not found:
        raise Refused(_nothing_found(host))
    addresses = [_plain(text) for text in found]
    if not all(_allowed(address, rule) for address in addresses):
        raise Refused(
            f"{host} leads into a private or reserved network, where webhooks are never sent. Use an address that "
            "can be reached from the internet, or ask the operator of this site to allow that network."
        )
    return Target(scheme, host.removesuffix("."), port, _path(parts), str(addresses[0]))


def _split(url: str) -> SplitResult:
    if not url.isprintable() or any(character.isspace() for character in url):
        raise Refused("The address holds a space, a line break or an invisible character. Remove it and try again.")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise Refused("This is not a web address. It should look like https://hooks.example.com/lead.") from error
    if "@" in parts.netloc:
        raise Refused(
            "The address holds a user name or password before an @. Take it out: the signature that comes with every "
            "webhook proves who sent it."
        )
    return parts


def _scheme(parts: SplitResult, rule: Rule) -> str:
    if parts.scheme == "https" or (parts.scheme == "http" and rule.allow_http):
        return parts.scheme
    raise Refused("The address must begin with https://, so that nobody on the way can read what is sent.")


def _port(parts: SplitResult, scheme: str, rule: Rule) -> int:
    allowed = (*rule.ports, DEFAULT_PORTS["http"]) if scheme == "http" else rule.ports
    try:
        port = DEFAULT_PORTS[scheme] if parts.port is None else parts.port
    except ValueError:
        port = 0
    if port not in allowed:
        names = " or ".join(map(str, allowed))
        raise Refused(f"Webhooks are not sent to the port this address names. Use port {names}, or name none.")
    return port


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if "[" in parts.netloc:
        return _literal_6(host)
    try:
        ascii_host = host if host.isascii() else idna.encode(host, uts46=True, std3_rules=True).decode("ascii")
    except idna.IDNAError:
        ascii_host = ""
    if not HOST_NAME.match(ascii_host):
        raise Refused("The address has no valid host name. It should look like https://hooks.example.com/lead.")
    return ascii_host


def _literal_6(host: str) -> str:
    try:
        address = IPv6Address(host)
    except ValueError as error:
        raise Refused("What stands in the brackets of the address is not an IPv6 address.") from error
    if address.scope_id is not None:
        raise Refused("The address names a network interface (the part after %). Use an address that needs none.")
    return host


def _path(parts: SplitResult) -> str:
    path = parts.path or "/"
    return quote(f"{path}?{parts.query}" if parts.query else path, safe="/?%:@!$&'()*+,;=~")


def _nothing_found(host: str) -> str:
    return f"The name {host} could not be found. Check its spelling, and that it can be looked up from the internet."


def _plain(text: str) -> Address:
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped and address.scope_id is None:
        return address.ipv4_mapped
    return address


def _allowed(address: Address, rule: Rule) -> bool:
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return False
    if any(address in network for network in rule.allow_private):
        return True
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST_6:
        return False
    return address.is_global and not any(address in network for network in DENIED)
