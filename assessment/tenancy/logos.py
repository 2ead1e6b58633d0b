"""A tenant's logo comes from outside, so it is drawn anew: what is kept is a small PNG that we wrote ourselves."""

import struct
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_BYTES = 512 * 1024
MOST_SIDE = 4000
MOST_PIXELS = 8_000_000
MOST_SCANS = 100
BOX = (480, 160)
MOST_RESULT_BYTES = 128 * 1024

TOO_HEAVY = "The file is larger than 512 KiB. Save the logo smaller, 960 pixels wide is plenty, and choose it again."
TOO_LARGE = (
    "The picture measures more than 4000 pixels on a side or 8 million in all, which is more than we open. "
    "Save the logo smaller, 960 pixels wide is plenty, and choose it again."
)
NO_PICTURE = (
    "This file cannot be read as a PNG, JPEG or WebP picture, whatever its name says. "
    "Open the logo in a drawing program, save it as PNG and choose that file."
)
DAMAGED = "The picture is damaged and cannot be read to its end. Save the logo as PNG once more and choose that file."
NOT_ALONE = (
    "The file holds more than one still picture, such as an animation or something attached at its end. "
    "Save the logo as a plain PNG and choose that file."
)


class BadLogo(ValueError):
    """The file cannot be a logo; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Logo:
    """A PNG of our own making without metadata, at most 480 x 160 pixels and 128 KiB."""

    png: bytes
    width: int
    height: int


def read_logo(data: bytes) -> Logo:
    """The logo in an uploaded file, redrawn; BadLogo with a sentence for everything that is none."""
    if len(data) > MOST_BYTES:
        raise BadLogo(TOO_HEAVY)
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            _check(image, data)
            image.load()
            if (end := _end(image, data)) != len(data):
                raise BadLogo(DAMAGED if end > len(data) else NOT_ALONE)
            return _redraw(image)
    except BadLogo:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadLogo(TOO_LARGE) from error
    except UnidentifiedImageError as error:
        raise BadLogo(NO_PICTURE) from error
    except Exception as error:  # a decoder that meets hostile bytes promises no particular exception
        raise BadLogo(DAMAGED) from error


def _check(image: Image.Image, data: bytes) -> None:
    """Everything that can be refused before a single pixel is decoded."""
    if max(image.size) > MOST_SIDE or image.width * image.height > MOST_PIXELS:
        raise BadLogo(TOO_LARGE)
    if getattr(image, "n_frames", 1) > 1:
        raise BadLogo(NOT_ALONE)
    # Thousands of nearly empty scans fit into a small file, and each of them walks over the whole picture.
    if image.format == "JPEG" and data.count(b"\xff\xda") > MOST_SCANS:
        raise BadLogo(DAMAGED)


def _end(image: Image.Image, data: bytes) -> int:
    """Where the picture ends in the file it was read from."""
    if image.format == "WEBP":
        return 8 + int.from_bytes(data[4:8], "little")
    if image.format != "PNG":
        return data.rfind(b"\xff\xd9") + 2
    at, name = 8, b""
    while name != b"IEND":
        length, name = struct.unpack_from(">I4s", data, at)
        at += 12 + length
    return at


def _redraw(image: Image.Image) -> Logo:
    """Upright, with its transparency, scaled down to fit the box, and with nothing but pixels in it."""
    drawn = ImageOps.exif_transpose(image).convert("RGBA")
    drawn.info.clear()
    drawn.thumbnail(BOX, Image.Resampling.LANCZOS)
    png = _as_png(drawn)
    if len(png) > MOST_RESULT_BYTES:
        # One byte a pixel: 480 x 160 of them always fit.
        png = _as_png(drawn.quantize(256, Image.Quantize.FASTOCTREE))
    return Logo(png, *drawn.size)


def _as_png(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()
