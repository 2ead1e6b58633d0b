"""Moments: in UTC as they are sent, and in the reader's own zone where a script may run."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.console.conftest import HOME, Worker

SCRIPT = Path("assessment/web/static/console.js")
HTML = """<p><time datetime="2026-09-22T20:05:00Z">22 Sep 2026, 20:05 UTC</time>
<time datetime="2026-11">November</time> <time datetime="nothingZ">some day</time></p>"""


@pytest.mark.browser
@pytest.mark.parametrize(
    ("zone", "locale", "says"),
    [
        ("Asia/Tokyo", "ja-JP", "23 Sep 2026, 05:05"),
        ("Europe/Berlin", "de-DE", "22 Sep 2026, 22:05"),
        ("America/New_York", "en-US", "22 Sep 2026, 16:05"),
        ("UTC", "ar-EG", "22 Sep 2026, 20:05"),
    ],
)
def test_a_moment_is_shown_in_the_reader_s_zone_whatever_their_language(
    browser: Browser,
    zone: str,
    locale: str,
    says: str,
) -> None:
    context = browser.new_context(timezone_id=zone, locale=locale)
    page = context.new_page()
    page.set_content(HTML)
    page.add_script_tag(path=SCRIPT)
    moment, *others = page.locator("time").all()
    assert moment.inner_text() == says
    assert moment.get_attribute("title") == f"{zone} (22 Sep 2026, 20:05 UTC)"
    assert [other.inner_text() for other in others] == ["November", "some day"]
    context.close()


def test_every_page_of_the_console_brings_the_script_and_reads_well_without_it(kim: Worker) -> None:
    page = kim.open("/account")
    assert [moment.text for moment in page.all("time")][:2] == ["22 Nov 2026, 09:00 UTC"] * 2
    (address,) = re.findall(r'src="(/static/console\.[0-9a-f]+\.js)" defer', page.text)
    assert kim.client.get(address, base_url=HOME).data == SCRIPT.read_bytes()
