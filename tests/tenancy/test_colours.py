"""Accent colours: what is a colour, what can be read, and that no accepted accent makes a page hard to read."""

import re
from dataclasses import astuple
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assessment.tenancy.colours import Palette, contrast, palette, parse, stylesheet

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
DARK = st.tuples(*[st.integers(0, 0x80)] * 3).map(lambda rgb: "#{:02x}{:02x}{:02x}".format(*rgb))
APP = Path("assessment/web/static/app.css").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "colour"),
    [("#1d4f7c", "#1d4f7c"), ("#1D4F7C", "#1d4f7c"), ("#fff", "#ffffff"), ("#A1c", "#aa11cc"), ("#000000", "#000000")],
)
def test_a_colour_is_three_or_six_digits_after_a_hash(text: str, colour: str) -> None:
    assert parse(text) == colour


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#",
        "1d4f7c",
        "#12",
        "#1234",
        "#12345",
        "#1234567",
        "#12345678",
        "red",
        "rgb(1,2,3)",
        "#ggg",
        "#fff;}body{display:none}",
        "#fff;",
        "#fff\n",
        " #fff",
        "#fff ",
        "＃fff",
        "#１２３",
        "#ffﬀff",
        "var(--x)",
        "url(javascript:alert(1))",
        "##fff",
        "#-12",
        "#+12345",
        "#0x1234",
        "#12 456",
    ],
)
def test_nothing_else_is_a_colour(text: str) -> None:
    for reader in (parse, palette):
        with pytest.raises(ValueError, match=r"A colour is written as # and six digits .*\.$"):
            reader(text)


@given(st.text())
def test_what_is_read_as_a_colour_is_always_safe_in_a_stylesheet(text: str) -> None:
    try:
        colour = parse(text)
    except ValueError:
        return
    assert re.fullmatch("#[0-9a-f]{6}", colour)
    assert parse(colour) == colour


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21),
        ("#ffffff", "#ffffff", 1),
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
        ("#ff0000", "#ffffff", 4.00),
        ("#0000ff", "#ffffff", 8.59),
        ("#0a0a0a", "#0b0b0b", 1.01),
        ("#000", "#fff", 21),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


@given(COLOURS, COLOURS)
def test_contrast_is_the_same_both_ways_and_lies_between_1_and_21(one: str, other: str) -> None:
    assert 1 <= contrast(one, other) == contrast(other, one) <= 21


@given(COLOURS | DARK)
@example("#000000")
@example("#ffffff")
@example("#767676")
@example("#0000ff")
def test_every_colour_is_made_readable_everywhere_or_refused_with_a_shade_that_is_not(colour: str) -> None:
    try:
        made = palette(colour)
    except ValueError as refusal:
        ratio, shade = re.search(r" is (\d+\.\d\d):1 .* that passes is (#[0-9a-f]{6})\.$", str(refusal)).groups()  # type: ignore[union-attr]
        assert float(ratio) < 4.5
        assert min(contrast(colour, "#ffffff"), contrast(colour, "#f3f5f7")) < 4.5
        assert palette(shade).accent == shade
        return
    assert made.accent == colour
    assert contrast(made.on_accent, made.accent) >= 4.5
    assert min(contrast(made.accent, "#ffffff"), contrast(made.accent, "#f3f5f7")) >= 4.5
    assert min(contrast(made.dark_accent, "#14191e"), contrast(made.dark_accent, "#1d242b")) >= 4.5
    assert contrast(made.dark_on_accent, made.dark_accent) >= 4.5


@given(COLOURS)
def test_the_shade_that_is_named_is_the_nearest_one_darker(colour: str) -> None:
    try:
        palette(colour)
    except ValueError as refusal:
        shade = str(refusal)[-8:-1]
        assert all(int(shade[i : i + 2], 16) <= int(colour[i : i + 2], 16) for i in (1, 3, 5))
        assert contrast(shade, "#f3f5f7") < 4.7


def test_a_refusal_says_how_pale_and_on_what() -> None:
    with pytest.raises(ValueError, match=r"#ffff00 is too pale: .* the white of the pages is 1\.07:1 .* is #747400\.$"):
        palette("#FF0")
    with pytest.raises(ValueError, match=r"#767676 is too pale: .* the pale grey of the pages is 4\.15:1 .*#707070\.$"):
        palette("#767676")


def test_a_ratio_just_under_the_line_is_not_rounded_up_to_it() -> None:
    for blue in range(256):
        colour = f"#7171{blue:02x}"
        if 4.495 <= contrast(colour, "#f3f5f7") < 4.5 <= contrast(colour, "#ffffff"):
            with pytest.raises(ValueError, match=r"4\.49:1"):
                palette(colour)
            return
    pytest.fail("no colour of the series stands just under the line")


def test_a_palette_holds_nothing_but_colours() -> None:
    with pytest.raises(ValueError, match="#rrggbb"):
        Palette("#FFFFFF", "#ffffff", "#ffffff", "#ffffff")
    with pytest.raises(ValueError, match="A colour is written"):
        Palette("#000000", "#ffffff", "#ffffff", "#fff}body{display:none")


@given(DARK)
def test_the_stylesheet_sets_the_two_tokens_in_each_mode_and_nothing_else(colour: str) -> None:
    try:
        made = palette(colour)
    except ValueError:
        return
    css = stylesheet(made)
    assert re.findall(r"--[\w-]+:([^;}]+)", css) == [*astuple(made), "LinkText", "Canvas"]
    assert set(re.findall(r"--[\w-]+", css)) == {"--accent", "--on-accent"}
    assert css.count("{") == css.count("}")


def test_the_stylesheet_speaks_of_the_modes_as_the_pages_do() -> None:
    css = stylesheet(palette("#1d4f7c"))
    assert css.startswith("@layer tokens{:root{")
    spaceless = APP.replace(" ", "").replace("\n", "")
    modes = re.findall(r"@media([^{]+)", css)
    assert [mode.replace(" ", "") for mode in modes] == [
        "screenand(prefers-color-scheme:dark)",
        "(forced-colors:active)",
    ]
    for mode in modes:
        assert f"@media{mode.replace(' ', '')}{{:root{{" in spaceless
    assert "--accent:LinkText;--on-accent:Canvas;" in spaceless


def test_the_surfaces_measured_against_are_those_of_the_pages() -> None:
    assert re.findall(r"--(?:paper|wash): (#[0-9a-f]+);", APP) == ["#fff", "#f3f5f7", "#14191e", "#1d242b"]
    assert re.findall(r"--on-accent: (#[0-9a-f]+);", APP) == ["#fff", "#0d1b28"]


@pytest.mark.parametrize("shipped", re.findall(r"--accent: (#[0-9a-f]{6});", APP)[:1])
def test_the_shipped_accent_would_be_accepted(shipped: str) -> None:
    assert palette(shipped).accent == shipped
