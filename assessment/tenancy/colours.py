"""One accent colour makes a tenant's pages its own; here is made sure that everybody can still read them."""

import math
import re
from dataclasses import astuple, dataclass

WHITE = "#ffffff"
WASH = "#f3f5f7"
DARK_SURFACES = ("#14191e", "#1d242b")
DARK_INK = "#0d1b28"
LEAST_CONTRAST = 4.5
STEPS = 255

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")

Channels = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """The accent and the text on it, in light and in dark mode; four colours as "#rrggbb"."""

    accent: str
    on_accent: str
    dark_accent: str
    dark_on_accent: str

    def __post_init__(self) -> None:
        # They are written into a stylesheet as they stand.
        if any(parse(colour) != colour for colour in astuple(self)):
            raise ValueError("A palette holds colours written as #rrggbb in small letters.")


def parse(text: str) -> str:
    """The colour as "#rrggbb" in lower case; ValueError for anything but #rgb and #rrggbb."""
    if not _HEX.fullmatch(text):
        raise ValueError("A colour is written as # and six digits from 0 to 9 and a to f, such as #1d4f7c.")
    digits = text[1:].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours as WCAG 2 defines it, from 1 to 21."""
    lighter, darker = sorted((_luminance(_channels(one)), _luminance(_channels(other))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def palette(accent: str) -> Palette:
    """The palette around an accent; ValueError, naming a shade that passes, where text in it would be hard to read."""
    colour = parse(accent)
    if not _readable(colour, WHITE, WASH):
        raise ValueError(_too_pale(colour))
    return Palette(colour, WHITE, _towards(colour, WHITE, *DARK_SURFACES), DARK_INK)


def stylesheet(palette: Palette, where: str = ":root") -> str:
    """CSS that sets the accent; to be linked after app.css, whose layer of tokens it adds to."""
    light = f"{where}{{--accent:{palette.accent};--on-accent:{palette.on_accent}}}"
    dark = f"{where}{{--accent:{palette.dark_accent};--on-accent:{palette.dark_on_accent}}}"
    # The last rule of a layer wins, so the visitor's own forced colours are put back at the end.
    forced = f"{where}{{--accent:LinkText;--on-accent:Canvas}}"
    return (
        f"@layer tokens{{{light}@media screen and (prefers-color-scheme:dark){{{dark}}}"
        f"@media (forced-colors:active){{{forced}}}}}\n"
    )


def _too_pale(colour: str) -> str:
    surface, name = (WHITE, "the white") if not _readable(colour, WHITE) else (WASH, "the pale grey")
    measured = math.floor(contrast(colour, surface) * 100) / 100
    return (
        f"{colour} is too pale: its contrast with {name} of the pages is {measured:.2f}:1 and has to be at least "
        f"{LEAST_CONTRAST}:1, or many people cannot read links and buttons in it. "
        f"The nearest darker shade that passes is {_towards(colour, '#000000', WHITE, WASH)}."
    )


def _towards(colour: str, end: str, *surfaces: str) -> str:
    """The first shade on the way to the end, which is readable itself, that is readable on every surface."""
    begin, aim = _channels(colour), _channels(end)
    shades = (
        "#" + "".join(f"{round(a + (b - a) * step / STEPS):02x}" for a, b in zip(begin, aim, strict=True))
        for step in range(STEPS + 1)
    )
    return next(shade for shade in shades if _readable(shade, *surfaces))


def _readable(colour: str, *surfaces: str) -> bool:
    return all(contrast(colour, surface) >= LEAST_CONTRAST for surface in surfaces)


def _channels(colour: str) -> Channels:
    red, green, blue = bytes.fromhex(parse(colour)[1:])
    return red, green, blue


def _luminance(channels: Channels) -> float:
    linear = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
