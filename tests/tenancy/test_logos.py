"""Logos: what comes in is hostile until it was redrawn; what goes out is a small plain PNG, or a sentence."""

import random
import struct
import warnings
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from assessment.tenancy.logos import DAMAGED, NO_PICTURE, NOT_ALONE, TOO_HEAVY, TOO_LARGE, BadLogo, Logo, read_logo

SIGNATURE = b"\x89PNG\r\n\x1a\n"
END = b"\xff\xd9"
SCAN = b"\xff\xda"


def drawing(mode: str = "RGBA", size: tuple[int, int] = (240, 80)) -> Image.Image:
    """Left half orange, right half see-through where the mode can."""
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    image.paste((200, 90, 20, 255), (0, 0, size[0] // 2, size[1]))
    return image.convert(mode)


def noise(mode: str = "RGBA", size: tuple[int, int] = (480, 160)) -> Image.Image:
    return Image.frombytes("RGBA", size, random.Random(7).randbytes(size[0] * size[1] * 4)).convert(mode)


def filed(image: Image.Image, form: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """A PNG by hand: its header, the chunks, its end."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    return SIGNATURE + header + b"".join(chunks) + chunk(b"IEND", b"")


def with_chunk(data: bytes, name: bytes, content: bytes) -> bytes:
    return data[:33] + chunk(name, content) + data[33:]


def inflated(size: int) -> bytes:
    return zlib.compress(bytes(size), 9)


def opened(logo: Logo) -> Image.Image:
    image = Image.open(BytesIO(logo.png))
    image.load()
    return image


PALETTE = drawing("RGB").quantize(8)
VALID = {
    "png": filed(drawing(), "PNG"),
    "palette": filed(PALETTE, "PNG", transparency=PALETTE.getpixel((200, 40))),
    "grey": filed(drawing("L"), "PNG"),
    "jpeg": filed(drawing("RGB"), "JPEG"),
    "progressive": filed(drawing("RGB"), "JPEG", progressive=True),
    "webp": filed(drawing(), "WEBP"),
    "lossless": filed(drawing(), "WEBP", lossless=True),
}


def check_is_ours(logo: Logo) -> None:
    image = opened(logo)
    assert image.format == "PNG"
    assert image.size == (logo.width, logo.height)
    assert logo.width <= 480
    assert logo.height <= 160
    assert len(logo.png) <= 128 * 1024
    assert not set(image.info) - {"transparency"}
    names, at = [], 8
    while at < len(logo.png):
        length, name = struct.unpack_from(">I4s", logo.png, at)
        names.append(name)
        at += 12 + length
    assert set(names) <= {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}


@pytest.mark.parametrize("name", VALID)
def test_every_format_we_take_becomes_a_plain_png(name: str) -> None:
    logo = read_logo(VALID[name])
    check_is_ours(logo)
    assert (logo.width, logo.height) == (240, 80)
    red, green, blue, alpha = opened(logo).convert("RGBA").getpixel((20, 40))  # type: ignore[misc]
    assert alpha == 255
    if name != "grey":
        assert abs(red - 200) + abs(green - 90) + abs(blue - 20) < 30


@pytest.mark.parametrize("name", ["png", "palette", "webp", "lossless"])
def test_what_is_see_through_stays_so(name: str) -> None:
    assert opened(read_logo(VALID[name])).convert("RGBA").getpixel((200, 40))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_read(mode: str) -> None:
    check_is_ours(read_logo(filed(Image.new(mode, (50, 20)), "PNG")))


def test_a_print_jpeg_is_read() -> None:
    check_is_ours(read_logo(filed(drawing("CMYK"), "JPEG")))


@pytest.mark.parametrize(
    ("size", "fitted"),
    [
        ((480, 160), (480, 160)),
        ((10, 10), (10, 10)),
        ((1, 1), (1, 1)),
        ((960, 320), (480, 160)),
        ((1000, 300), (480, 144)),
        ((600, 600), (160, 160)),
        ((4000, 1), (480, 1)),
        ((1, 4000), (1, 160)),
        ((4000, 2000), (320, 160)),
    ],
)
def test_a_logo_is_scaled_down_to_fit_and_never_up(size: tuple[int, int], fitted: tuple[int, int]) -> None:
    logo = read_logo(filed(Image.new("RGB", size), "PNG"))
    assert (logo.width, logo.height) == fitted
    check_is_ours(logo)


def test_a_picture_that_hardly_compresses_still_fits() -> None:
    data = filed(noise(), "PNG")
    assert len(data) > 128 * 1024
    check_is_ours(read_logo(data))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize(("orientation", "upright"), [(1, (240, 80)), (3, (240, 80)), (6, (80, 240)), (8, (80, 240))])
def test_a_photo_taken_sideways_stands_upright(form: str, orientation: int, upright: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "taken at home"
    data = filed(drawing("RGB"), form, exif=exif)
    assert b"taken at home" in data
    logo = read_logo(data)
    check_is_ours(logo)
    assert b"taken at home" not in logo.png
    assert logo.width / logo.height == pytest.approx(upright[0] / upright[1], rel=0.02)


def test_no_text_profile_or_comment_survives() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "<script>alert(1)</script>")
    info.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta/>", zip=True)
    for data in (
        filed(drawing(), "PNG", pnginfo=info, icc_profile=b"profile" * 40, dpi=(72, 72)),
        filed(drawing("RGB"), "JPEG", comment="<script>", icc_profile=b"profile" * 40, dpi=(72, 72)),
        filed(drawing(), "WEBP", icc_profile=b"profile" * 40, xmp=b"<script>"),
    ):
        check_is_ours(read_logo(data))


def test_redrawing_a_redrawn_logo_changes_nothing() -> None:
    logo = read_logo(VALID["png"])
    assert read_logo(logo.png) == logo


def animation(form: str) -> bytes:
    return filed(drawing(), form, save_all=True, append_images=[noise(size=(240, 80))], duration=100)


def patched(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def endless_jpeg() -> bytes:
    """A small file with thousands of scans; without a limit it keeps a core busy for minutes."""
    data = filed(Image.new("L", (2000, 1000)), "JPEG", progressive=True)
    last = data.rfind(SCAN)
    return data[:-2] + data[last:-2] * ((500_000 - len(data)) // (len(data) - 2 - last)) + END


PHOTO = filed(noise("RGB"), "JPEG")
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
BAD = {
    "empty": (b"", NO_PICTURE),
    "text": (b"logo", NO_PICTURE),
    "svg": (SVG, NO_PICTURE),
    "html": (b"<html><img src=x onerror=alert(1)>", NO_PICTURE),
    "gif": (filed(drawing("P"), "GIF"), NO_PICTURE),
    "gif and html": (filed(drawing("P"), "GIF") + b"<script>", NO_PICTURE),
    "bmp": (filed(drawing("RGB"), "BMP"), NO_PICTURE),
    "tiff": (filed(drawing("RGB"), "TIFF"), NO_PICTURE),
    "icon": (filed(drawing(size=(32, 32)), "ICO"), NO_PICTURE),
    "pdf": (filed(drawing("RGB"), "PDF"), NO_PICTURE),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", NO_PICTURE),
    "zip": (b"PK\x03\x04" + bytes(100), NO_PICTURE),
    "signature alone": (SIGNATURE, NO_PICTURE),
    "no size at all": (png(0, 0), NO_PICTURE),
    "too heavy": (bytes(512 * 1024 + 1), TOO_HEAVY),
    "heavy by its tail": (VALID["png"] + bytes(512 * 1024), TOO_HEAVY),
    "20000 x 20000": (png(20_000, 20_000), TOO_LARGE),
    "10000 x 10000": (png(10_000, 10_000), TOO_LARGE),
    "4001 x 1": (filed(Image.new("1", (4001, 1)), "PNG"), TOO_LARGE),
    "1 x 4001": (filed(Image.new("L", (1, 4001)), "JPEG"), TOO_LARGE),
    "2829 x 2829": (filed(Image.new("1", (2829, 2829)), "PNG"), TOO_LARGE),
    "largest png": (png(2**31 - 1, 2**31 - 1), TOO_LARGE),
    "largest webp": (patched(VALID["lossless"], 21, struct.pack("<I", 2**28 - 1)), TOO_LARGE),
    "header alone": (png(400, 100), DAMAGED),
    "header of 8 million pixels": (png(4000, 2000, chunk(b"IDAT", inflated(1))), DAMAGED),
    "png without its last byte": (VALID["png"][:-1], DAMAGED),
    "png without its end": (VALID["png"][:-12], DAMAGED),
    "half a png": (VALID["png"][: len(VALID["png"]) // 2], DAMAGED),
    "half a jpeg": (PHOTO[: len(PHOTO) // 2], DAMAGED),
    "jpeg without its last byte": (PHOTO[:-1], DAMAGED),
    "half a webp": (VALID["webp"][: len(VALID["webp"]) // 2], DAMAGED),
    "wrong checksum": (patched(VALID["png"], 29, b"oops"), NO_PICTURE),
    "wrong pixels": (patched(VALID["png"], len(VALID["png"]) // 2, b"oops"), DAMAGED),
    "profile bomb": (with_chunk(VALID["png"], b"iCCP", b"p\0\0" + inflated(100_000_000)), DAMAGED),
    "text bomb": (with_chunk(VALID["png"], b"zTXt", b"t\0\0" + inflated(100_000_000)), DAMAGED),
    "international text bomb": (with_chunk(VALID["png"], b"iTXt", b"t\0\1\0\0\0" + inflated(100_000_000)), DAMAGED),
    "scan bomb": (endless_jpeg(), DAMAGED),
    "png and script": (VALID["png"] + b"<script>alert(1)</script>", NOT_ALONE),
    "png and zip": (VALID["png"] + b"PK\x05\x06" + bytes(18), NOT_ALONE),
    "two pngs": (VALID["png"] * 2, NOT_ALONE),
    "jpeg and script": (PHOTO + b"<script>alert(1)</script>", NOT_ALONE),
    "jpeg and zip": (PHOTO + b"PK\x05\x06" + bytes(18), NOT_ALONE),
    "webp and script": (VALID["webp"] + b"<script>alert(1)</script>", NOT_ALONE),
    "animated png": (animation("PNG"), NOT_ALONE),
    "animated webp": (animation("WEBP"), NOT_ALONE),
    "several jpegs": (filed(drawing("RGB"), "MPO", save_all=True, append_images=[drawing("L")]), NOT_ALONE),
}


@pytest.mark.parametrize("name", BAD)
def test_everything_else_is_refused_with_a_sentence(name: str) -> None:
    data, sentence = BAD[name]
    with pytest.raises(BadLogo) as refusal:
        read_logo(data)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize("name", BAD)
def test_the_sentence_is_the_same_where_warnings_are_only_printed(name: str) -> None:
    data, sentence = BAD[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(BadLogo, match="^" + sentence[:20]):
            read_logo(data)


@pytest.mark.parametrize("sentence", [TOO_HEAVY, TOO_LARGE, NO_PICTURE, DAMAGED, NOT_ALONE])
def test_a_sentence_says_what_is_wrong_and_what_to_do(sentence: str) -> None:
    assert sentence.count(". ") == 1
    assert sentence.endswith(".")
    assert " the logo " in sentence


def test_a_large_header_is_refused_before_anything_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decode)
    for side in (4001, 9000, 20_000):
        with pytest.raises(BadLogo, match="measures more than 4000 pixels"):
            read_logo(png(side, side))


def test_more_pixels_than_the_header_says_are_never_unpacked() -> None:
    check_is_ours(read_logo(png(10, 10, chunk(b"IDAT", inflated(100_000_000)))))


@pytest.mark.parametrize(
    "exif", [b"", b"Exif\0\0", b"MM\0*\0\0\0\x08" + b"\xff" * 60, b"II*\0\xff\xff\xff\xff", bytes(60_000)], ids=repr
)
def test_broken_exif_never_escapes_as_another_error(exif: bytes) -> None:
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 8) + b"Exif\0\0" + exif
    for data in (with_chunk(VALID["png"], b"eXIf", exif), PHOTO[:2] + segment + PHOTO[2:]):
        check_logo_or_bad(data)


def check_logo_or_bad(data: bytes) -> None:
    for action in ("ignore", "error"):
        with warnings.catch_warnings():
            warnings.simplefilter(action)  # type: ignore[arg-type]
            try:
                logo = read_logo(data)
            except BadLogo as refusal:
                message = str(refusal)
            else:
                check_is_ours(logo)
                continue
        assert message in {TOO_HEAVY, TOO_LARGE, NO_PICTURE, DAMAGED, NOT_ALONE}


@given(
    st.binary(max_size=300),
    st.sampled_from(
        [b"", SIGNATURE, png(9, 9)[:33], b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8 ", b"RIFF\0\0\0\0WEBPVP8X"]
    ),
)
def test_random_bytes_give_a_logo_or_a_sentence(tail: bytes, head: bytes) -> None:
    check_logo_or_bad(head + tail)


@settings(max_examples=600)
@given(st.sampled_from(sorted(VALID)), st.data())
def test_a_damaged_file_gives_a_logo_or_a_sentence(name: str, data: st.DataObject) -> None:
    file = bytearray(VALID[name])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(file)) | st.integers(0, 60))
        gone = data.draw(st.integers(0, 5))
        file[at : at + gone] = data.draw(st.binary(max_size=5))
    check_logo_or_bad(bytes(file))


@given(st.sampled_from(["png", "grey", "palette"]), st.data())
def test_a_png_with_altered_chunks_and_right_checksums_gives_a_logo_or_a_sentence(
    name: str, data: st.DataObject
) -> None:
    file, chunks, at = VALID[name], [], 8
    while at < len(file):
        length, kind = struct.unpack_from(">I4s", file, at)
        chunks.append((kind, file[at + 8 : at + 8 + length]))
        at += 12 + length
    kinds = st.sampled_from([b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"pHYs", b"acTL", b"fcTL", b"eXIf", b"sRGB"])
    for _ in range(data.draw(st.integers(1, 3))):
        new = (data.draw(kinds), data.draw(st.binary(max_size=40)))
        chunks.insert(data.draw(st.integers(0, len(chunks))), new)
    check_logo_or_bad(SIGNATURE + b"".join(chunk(kind, content) for kind, content in chunks))
