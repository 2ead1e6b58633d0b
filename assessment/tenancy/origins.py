"""Which websites may show the check in a frame: their addresses become a header, so each is read letter by letter."""

import re
from collections.abc import Mapping
from types import MappingProxyType

import idna

LOCAL = frozenset({"localhost", "127.0.0.1"})
LONGEST_HOST = 253
NUMBERS = "browsers compare the names of websites here, not numbers; write the name"

# Taken from the builders' documentation and not tried on a site of theirs. They cover the builder's own addresses
# and the frames it puts around embedded code; a site with a domain of its own is listed by that domain.
PRESETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "squarespace": ("https://*.squarespace.com",),
        "wix": ("https://*.wixsite.com", "https://*.wixstudio.io", "https://*.filesusr.com"),
        "webflow": ("https://*.webflow.io",),
    }
)

_ORIGIN = re.compile(r"(https?)://([^\s/:?#@]+)(?::([0-9]{1,5}))?/?", re.ASCII | re.IGNORECASE)
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_PAGE = re.compile(r"(https?://[^/?#\s]+)(?:[/?#].*)?", re.ASCII | re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def parse_origin(text: str) -> str:
    """The address of a website as a browser writes it, https://host[:port]; ValueError for all that is not just that.

    Plain http is allowed for localhost and 127.0.0.1, to try an embed out.
    """
    found = _ORIGIN.fullmatch(text)
    if found is None or not text.isprintable():
        raise _refusal(text, _why_not(text))
    scheme, host, port = found[1].lower(), _host(text, found[2]), int(found[3] or 0)
    if scheme == "http" and host not in LOCAL:
        raise _refusal(text, "without https anybody on the way can change the page; begin it with https://")
    if port > 65535 or (found[3] and not port):
        raise _refusal(text, "a port is a number from 1 to 65535; leave it out unless the website has one")
    return f"{scheme}://{host}" + (f":{port}" if port not in (0, _DEFAULT_PORTS[scheme]) else "")


def sources(origins: tuple[str, ...]) -> tuple[str, ...]:
    """The origins with the name of each preset replaced by its addresses, each once; ValueError for a bad one."""
    expanded = (source for origin in origins for source in PRESETS.get(origin) or (parse_origin(origin),))
    return tuple(dict.fromkeys(expanded))


def frame_ancestors(origins: tuple[str, ...]) -> str:
    """The value of the header's frame-ancestors: ourselves and the listed origins."""
    return " ".join(("'self'", *sources(origins)))


def allows(origins: tuple[str, ...], page_url: str) -> bool:
    """Whether a page at this address may frame the check; computed, the page is never fetched."""
    found = _PAGE.fullmatch(page_url.strip())
    return found is not None and _listed(origins, found[1])


def verdict(origins: tuple[str, ...], page_url: str) -> tuple[bool, str]:
    """The same, and why in a sentence or two."""
    found = _PAGE.fullmatch(page_url.strip())
    if found is None:
        return False, "That is no address of a web page. Copy it from a browser; it begins with https://."
    try:
        origin = parse_origin(found[1])
    except ValueError as error:
        return False, str(error)
    for listed in origins:
        if any(_matches(source, origin) for source in sources((listed,))):
            return True, f"{origin} is on the list" + (f" as part of “{listed}”." if listed in PRESETS else ".")
    return False, f"{origin} is not on the list, so a browser would leave the frame empty. Add it to let it in."


def names_host(origins: tuple[str, ...], origin: str) -> bool:
    """Whether an origin handed over by a visitor's browser is on the list, in the very spelling browsers use."""
    return _listed(origins, origin, exact=True)


def _listed(origins: tuple[str, ...], text: str, *, exact: bool = False) -> bool:
    try:
        origin = parse_origin(text)
    except ValueError:
        return False
    return (origin == text or not exact) and any(_matches(source, origin) for source in sources(origins))


def _matches(source: str, origin: str) -> bool:
    start, star, end = source.partition("*")
    return source == origin if not star else origin.startswith(start) and origin.endswith(end)


def _host(text: str, host: str) -> str:
    if len(host) > LONGEST_HOST:
        raise _refusal(text, "no website's name is longer than 253 letters")
    name = host.lower()
    if not name.isascii() or "xn--" in name:
        try:
            name = idna.encode(host, uts46=True).decode("ascii")
        except UnicodeError:
            raise _refusal(text, "the website's name holds letters no name can have; copy it from a browser") from None
    if not _HOST.fullmatch(name):
        raise _refusal(text, _why_not(host) if host.isascii() else "the website's name holds signs no name can have")
    if _NUMBER.fullmatch(name) and name not in LOCAL:
        raise _refusal(text, NUMBERS)
    return name


def _why_not(text: str) -> str:
    if not text.isprintable() or any(sign in " ;,'\"\\" for sign in text):
        return "it holds a space, a quote, a comma or the like; write one address a line and nothing else"
    if "[" in text:
        return NUMBERS
    if "*" in text:
        return "a star would let in websites nobody has looked at; list each by its full name, or choose a site builder"
    if "@" in text:
        return "no user name belongs into it; write just the website, such as https://www.example.com"
    if text.lower().startswith(("https://", "http://")) and re.search(r"[/?#]", text.split("://", 1)[1]):
        return "a whole website is allowed, never one page; leave out what comes after its name"
    return "write it as https:// and the website's name, such as https://www.example.com"


def _refusal(text: str, reason: str) -> ValueError:
    shown = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:80])
    shown += "…" if len(text) > 80 else ""
    return ValueError(f"“{shown}” cannot be the address of a website that shows the check: {reason}.")
