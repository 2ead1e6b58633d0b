"""The check on somebody else's website: a real browser, two hosts with TLS, cookies and scripts allowed or not."""

import gzip
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Frame, Locator, Page

from assessment.tenancy import snippets
from tests.browsers import FLAGS, executable
from tests.journeys.conftest import NOW
from tests.journeys.hosts import ADS, CHECK, FIRM, JAR, SISTER, SLUG, STRANGER, Hosts, profile, running

pytestmark = pytest.mark.browser

STATIC = Path("assessment/web/static")
CLOSED_OFF = "Answers cannot be sent from here"
BLOCKED_FORM = "Blocked form submission"
PLACE = r"/[tr]/[A-Za-z0-9_-]{43}"
COOKIES, SCRIPTS, WIDTHS = ("cookies allowed", "cookies blocked"), ("scripts on", "scripts off"), (320, 1280)
MODES = ("inline", "popup", "script-free", "sandboxed")

RECORDER = """
if (window === top) {
  window.messages = [];
  window.events = [];
  addEventListener("message", ({ origin, data }) => messages.push({ origin, data }));
  for (const name of ["ready", "step", "complete", "lead"])
    addEventListener("assessment:" + name, (e) => events.push({ name, on: e.target.id, detail: e.detail }));
}
"""


@pytest.fixture(scope="module")
def hosts(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    with running(tmp_path_factory.mktemp("instance"), lambda: NOW) as hosts:
        yield hosts


Profiles = Callable[[str, str], BrowserContext]


@pytest.fixture(scope="module")
def profiles(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Profiles]:
    """Browser profiles, one for each pair of settings, started when first asked for."""
    path = executable()
    made: dict[tuple[str, str], BrowserContext] = {}

    def profile_of(cookies: str = COOKIES[0], scripts: str = SCRIPTS[0]) -> BrowserContext:
        if (cookies, scripts) not in made:
            folder = tmp_path_factory.mktemp("profile")
            blocked, javascript = cookies == "cookies blocked", scripts == "scripts on"
            kind = browser.browser_type
            made[cookies, scripts] = profile(kind, folder, path, FLAGS, blocked=blocked, javascript=javascript)
        return made[cookies, scripts]

    yield profile_of
    for context in made.values():
        context.close()


@dataclass
class Visit:
    """Opens pages of a host website and notes what goes wrong on them."""

    hosts: Hosts
    profiles: Profiles
    pages: list[Page] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    def __call__(
        self,
        body: str,
        cookies: str = COOKIES[0],
        scripts: str = SCRIPTS[0],
        width: int = 1280,
        host: str = FIRM,
        query: str = "",
    ) -> Page:
        self.hosts.pages["/it-check"] = host_page(body)
        page = self.profiles(cookies, scripts).new_page()
        self.pages.append(page)
        page.set_default_timeout(30_000)
        page.set_viewport_size({"width": width, "height": 800})
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self._asked(request.url))
        page.add_init_script(RECORDER)
        page.goto(f"{self.hosts.origin(host)}/it-check{query}")
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(part in message.text for part in self.expected):
            self.errors.append(message.text)

    def _asked(self, url: str) -> None:
        known = (FIRM, SISTER, STRANGER, CHECK, *self.also)
        if not url.startswith((*(self.hosts.origin(host) for host in known), "data:", "chrome-error:")):
            self.strangers.append(url)


@pytest.fixture
def visit(hosts: Hosts, profiles: Profiles) -> Iterator[Visit]:
    """A visit on which no console error, no request to a third host and no cookie is tolerated."""
    hosts.seen.clear()
    visit = Visit(hosts, profiles)
    yield visit
    for page in visit.pages:
        page.close()
    assert visit.errors == []
    assert visit.strangers == []
    answers = [one for one in hosts.seen if one.host == CHECK]
    assert [
        one.path for one in answers if "set-cookie" in one.sent or "cookie" in one.sent.get("vary", "").lower()
    ] == []
    assert [one.path for one in answers if one.cookie] == []


def host_page(body: str) -> str:
    """A page of the firm's own website."""
    return f"""<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>Northgate Computers</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"></head>
<body style="margin:0"><h1>How healthy is your IT?</h1>{body}<p>Our offices</p></body></html>"""


def snippet(hosts: Hosts, mode: str, attributes: str = "") -> str:
    """What a firm pastes, as the command prints it; the frame of the last one as some systems put it."""
    inline, popup, plain, _ = pasted(hosts.origin(CHECK), SLUG)
    marker, marked = f'data-assessment="{SLUG}"', f'id="here" data-assessment="{SLUG}" {attributes}'
    return {
        "inline": inline.replace(marker, marked),
        "popup": popup.replace(marker, marked),
        "script-free": plain,
        "sandboxed": plain.replace("<iframe", '<iframe sandbox="allow-scripts"'),
    }[mode]


def pasted(base: str, slug: str) -> list[str]:
    """The four snippets without their headings."""
    return [one.html for one in snippets.snippets(base, slug, "IT health check")]


def frame_in(page: Page) -> Frame:
    """The check's frame, once it shows something."""
    handle = page.locator("iframe").first.element_handle()
    frame = handle.content_frame()
    assert frame is not None
    frame.wait_for_load_state()
    frame.locator("main h1").wait_for()
    return frame


def press(frame: Frame, button: Locator) -> None:
    """Press a button by key and wait for the page it leads to."""
    with frame.expect_navigation():
        button.press("Enter")


def answer(frame: Frame) -> None:
    """Give the first answer offered."""
    if frame.locator("input[type=checkbox]").count():
        frame.locator("input[type=checkbox]").first.check()
        press(frame, frame.get_by_role("button", name="Continue"))
    else:
        press(frame, frame.locator("button[name=answer]").first)


def begin(frame: Frame) -> None:
    press(frame, frame.locator("button[name=depth][value=quick]"))


def way_in(page: Page, mode: str, scripts: str) -> Frame:
    """Where a visitor gets to with what this page offers; a link leads out of the host's page to the check itself."""
    if mode == "sandboxed" or (scripts == "scripts off" and mode != "script-free"):
        if mode == "sandboxed":
            closed_off(frame_in(page), scripts)
            page.locator("a[target]").evaluate("link => link.removeAttribute('target')")
        press(page.main_frame, page.get_by_role("link").first)
        return page.main_frame
    if mode == "popup":
        page.locator("[aria-haspopup=dialog]").click()
    return frame_in(page)


def closed_off(frame: Frame, scripts: str) -> None:
    """A sandbox that forbids forms: with scripts the page says so and shows no dead button."""
    button = frame.locator("button[name=depth]").first
    if scripts == "scripts on":
        frame.get_by_role("heading", name=CLOSED_OFF).wait_for()
        box = frame.locator("section").filter(has_text=CLOSED_OFF)
        assert f"/q/{SLUG}" in (box.text_content() or "")
        link = box.get_by_role("link", name="Open the check in a new tab")
        assert link.get_attribute("target") == "_blank"
        assert not button.is_visible()
    else:
        before = frame.url
        button.press("Enter")
        assert frame.url == before


@pytest.mark.parametrize("cookies", COOKIES)
def test_a_profile_that_blocks_third_party_cookies_does_block_them(visit: Visit, cookies: str) -> None:
    visit.also = (JAR,)
    page = visit(f'<iframe src="{visit.hosts.origin(JAR)}/jar"></iframe>', cookies)
    frame = page.frames[1]
    frame.wait_for_url("**/jar/look")
    assert frame.locator("body").text_content() == ("a=1" if cookies == "cookies allowed" else "no cookie")


EVERY_PAIR = [
    (cookies, scripts, mode, WIDTHS[(COOKIES.index(cookies) + SCRIPTS.index(scripts) + MODES.index(mode)) % 2])
    for cookies, scripts, mode in product(COOKIES, SCRIPTS, MODES)
]
"""Every two settings met together; a width changes nothing about the rest that three of them could tell."""


@pytest.mark.parametrize(("cookies", "scripts", "mode", "width"), EVERY_PAIR)
def test_an_owner_starts_and_answers(visit: Visit, cookies: str, scripts: str, mode: str, width: int) -> None:
    if mode == "sandboxed":
        visit.expected = (BLOCKED_FORM,)
    page = visit(snippet(visit.hosts, mode), cookies, scripts, width)
    frame = way_in(page, mode, scripts)
    begin(frame)
    for number in (1, 2, 3):
        assert f"Question {number} of about" in (frame.locator("nav").first.text_content() or "")
        assert frame.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        answer(frame)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [one for one in visit.hosts.seen if one.host == CHECK and one.status >= "4"] == []


def answer_the_rest(hosts: Hosts, frame: Frame) -> None:
    """Answer all but the question in the frame over HTTP, where a browser would add nothing, then that one there."""
    assert hosts.app is not None
    token, shown = re.findall(r"/t/([^/]+)/([^/?]+)", frame.url)[0]
    client = hosts.app.test_client()
    given = ""
    where = frame.url
    for _ in range(120):
        page = client.get(where, base_url=hosts.origin(CHECK))
        options = re.findall(r'name="answer" value="([^"]+)"', page.text)
        if where.endswith(shown):
            given, options = options[0], options
        sent = client.post(where, data={"answer": options[0]}, base_url=hosts.origin(CHECK))
        where = sent.headers["Location"]
        if where.endswith("/check"):
            break
    assert given
    answer(frame)
    assert frame.url.endswith(f"/t/{token}/check")


@pytest.mark.parametrize(
    ("cookies", "scripts", "mode"),
    [
        ("cookies allowed", "scripts on", "inline"),
        ("cookies allowed", "scripts off", "script-free"),
        ("cookies blocked", "scripts on", "popup"),
        ("cookies blocked", "scripts off", "script-free"),
    ],
)
def test_an_owner_gets_to_the_report_inside_the_frame(visit: Visit, cookies: str, scripts: str, mode: str) -> None:
    gets_to_the_report(visit, cookies, scripts, mode)


@pytest.mark.databases("postgresql")
def test_an_owner_gets_to_the_report_where_it_is_kept_on_postgresql(visit: Visit) -> None:
    gets_to_the_report(visit, "cookies blocked", "scripts on", "inline")


def gets_to_the_report(visit: Visit, cookies: str, scripts: str, mode: str) -> None:
    page = visit(snippet(visit.hosts, mode, "data-datalayer"), cookies, scripts, 320)
    frame = way_in(page, mode, scripts)
    begin(frame)
    if (cookies, scripts) == ("cookies blocked", "scripts off"):
        while not frame.url.endswith("/check"):
            answer(frame)
    else:
        answer_the_rest(visit.hosts, frame)
    press(frame, frame.get_by_role("button", name="See my report").first)
    assert re.fullmatch(f"{visit.hosts.origin(CHECK)}{PLACE}(\\?.*)?", frame.url)
    assert frame.get_by_role("heading", name="Your plan").is_visible()
    assert page.url == f"{visit.hosts.origin(FIRM)}/it-check"
    if scripts == "scripts on":
        said = frame.get_by_role("heading", name="Your plan")
        page.wait_for_function("events.some((event) => event.name === 'complete')")
        assert said.is_visible()
        only_what_may_be_said(visit.hosts, page)
        assert page.evaluate("dataLayer") == [{"event": "assessment_complete", "slug": SLUG}]


def test_the_pages_beside_a_report_open_inside_the_frame_as_high_as_they_are(visit: Visit) -> None:
    page = visit(snippet(visit.hosts, "inline"), "cookies blocked", width=320)
    frame = frame_in(page)
    begin(frame)
    answer_the_rest(visit.hosts, frame)
    press(frame, frame.get_by_role("button", name="See my report").first)
    report = frame.url
    for name in ("Try it out", "Only these questions", "See all of it as charts"):
        press(frame, frame.get_by_role("link", name=name))
        fits(page, frame)
        if name == "Try it out":
            frame.locator("input[name=do]").first.check()
            press(frame, frame.get_by_role("button", name="See the score"))
            fits(page, frame)
        press(frame, frame.get_by_role("link", name="Back to the report").first)
        assert frame.url.split("?")[0].split("#")[0] == report.split("?")[0]
    press(frame, frame.get_by_role("button", name="Take it again"))
    fits(page, frame)
    assert page.url == f"{visit.hosts.origin(FIRM)}/it-check"


SHAPES = {
    "height": {"height": r"\d{1,5}"},
    "ready": {},
    "step": {"step": r"\d{1,3}", "of": r"\d{1,3}"},
    "complete": {},
    "place": {"place": PLACE},
}
"""Everything a frame may ever say: the kinds of message, what each holds, and nothing else."""


def only_what_may_be_said(hosts: Hosts, page: Page) -> None:
    """No message of a whole run holds an answer, a score, a band or a contact: each is one of a few shapes."""
    messages = page.evaluate("messages")
    assert {message["origin"] for message in messages} == {hosts.origin(CHECK)}
    assert {message["data"]["kind"] for message in messages} == set(SHAPES)
    for data in (message["data"] for message in messages):
        shape = SHAPES[data["kind"]]
        assert set(data) == {"ns", "v", "kind", *shape}
        assert (data["ns"], data["v"]) == ("assessment", 1)
        assert all(re.fullmatch(pattern, str(data[key])) for key, pattern in shape.items())
    details = [event["detail"] for event in page.evaluate("events")]
    assert all(set(detail) <= {"slug", "step", "of"} for detail in details)


MEASURE = "[Math.ceil(document.getElementById('app').getBoundingClientRect().height), innerHeight]"


def fits(page: Page, frame: Frame) -> None:
    """Wait until the frame is exactly as high as what it shows; then there is no bar to scroll inside it."""
    for _ in range(300):
        needed, given = frame.evaluate(MEASURE)
        if needed == given:
            break
        page.evaluate("new Promise(requestAnimationFrame)")
    assert needed == given
    assert frame.evaluate("document.documentElement.scrollHeight") == given
    assert frame.evaluate("document.documentElement.clientWidth") == frame.evaluate("innerWidth")
    assert page.locator("iframe").first.evaluate("frame => frame.getBoundingClientRect().height") == given


@pytest.mark.parametrize("width", WIDTHS)
def test_the_frame_is_as_high_as_what_it_shows(visit: Visit, width: int) -> None:
    page = visit(snippet(visit.hosts, "inline"), width=width)
    page.clock.install()
    page.reload()
    frame = frame_in(page)
    fits(page, frame)
    begin(frame)
    fits(page, frame)
    page.clock.fast_forward(5000)
    fits(page, frame)
    answer(frame)
    fits(page, frame)
    before = frame.evaluate("innerHeight")
    for change in (
        "const more = document.createElement('div'); more.id = 'more'; more.style.height = '2000px';"
        "document.querySelector('main').append(more)",
        "document.getElementById('more').remove()",
    ):
        page.evaluate("messages.length = 0")
        frame.evaluate(f"() => {{ {change} }}")
        fits(page, frame)
        assert 1 <= page.evaluate("messages.length") <= 10
    assert frame.evaluate("innerHeight") == before


def test_the_next_question_is_scrolled_to_but_a_page_that_opens_is_left_where_it_is(visit: Visit) -> None:
    space = '<div style="height:12000px">Much to read</div>'
    page = visit(space + snippet(visit.hosts, "inline") + space)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    opened = page.evaluate("scrollY")
    page.locator("iframe").evaluate("frame => frame.loading = 'eager'")
    frame = frame_in(page)
    page.wait_for_function("events.length")
    assert page.evaluate("document.querySelector('iframe').getBoundingClientRect().bottom") <= 0
    assert page.evaluate("scrollY") >= opened - 1
    begin(frame)
    page.wait_for_function("Math.abs(document.querySelector('iframe').getBoundingClientRect().top) < 1")
    page.evaluate("scrollBy(0, -200)")
    at = page.evaluate("scrollY")
    answer(frame)
    page.wait_for_function("events.filter((event) => event.name === 'step').length === 2")
    assert page.evaluate("scrollY") == at


def test_a_page_that_says_nothing_gets_the_first_height_and_is_scrolled_to(visit: Visit) -> None:
    visit.expected = ("404",)
    page = visit(snippet(visit.hosts, "inline", 'data-height="500"'), width=320)
    frame = frame_in(page)
    begin(frame)
    page.wait_for_function("events.some((event) => event.name === 'step')")
    frame.evaluate("document.querySelector('main').style.height = '5000px'")
    fits(page, frame)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    frame.goto(frame.url.rsplit("/", 1)[0] + "/no-such-question")
    page.wait_for_function(AS_HIGH, arg=500)
    page.wait_for_function("document.querySelector('iframe').getBoundingClientRect().top >= 0")


BAD = (
    '{ns: "assessment", v: 1, kind: "height", height: NaN}',
    '{ns: "assessment", v: 1, kind: "height", height: Infinity}',
    '{ns: "assessment", v: 1, kind: "height", height: "4000"}',
    '{ns: "assessment", v: 1, kind: "height", height: {}}',
    '{ns: "assessment", v: 2, kind: "height", height: 4000}',
    '{ns: "assessment", v: "1", kind: "height", height: 4000}',
    '{ns: "other", v: 1, kind: "height", height: 4000}',
    '{v: 1, kind: "height", height: 4000}',
    '{ns: "assessment", v: 1, kind: "constructor"}',
    '{ns: "assessment", v: 1, kind: "step", step: "<b>", of: -1}',
    '{ns: "assessment", v: 1, kind: "place", place: "https://stranger.test/"}',
    '{ns: "assessment", v: 1, kind: "place", place: "//stranger.test/t/"}',
    '{ns: "assessment", v: 1, kind: "redirect", url: "https://stranger.test/"}',
    '"assessment"',
    "null",
    "[]",
)
GOOD = (
    '{ns: "assessment", v: 1, kind: "height", height: 4000}',
    '{ns: "assessment", v: 1, kind: "ready"}',
    '{ns: "assessment", v: 1, kind: "step", step: 5, of: 9}',
    '{ns: "assessment", v: 1, kind: "complete"}',
    '{ns: "assessment", v: 1, kind: "lead"}',
    '{ns: "assessment", v: 1, kind: "close"}',
    f'{{ns: "assessment", v: 1, kind: "place", place: "/t/{"x" * 43}"}}',
)
SAY = "height => parent.postMessage({ns: 'assessment', v: 1, kind: 'height', height}, '*')"
SIX_FRAMES = """new Promise((done) => {
  let left = 6;
  const drawn = () => (left-- ? requestAnimationFrame(drawn) : done());
  drawn();
})"""
FLOOD = """() => { for (let i = 0; i < 1000; i++)
  parent.postMessage({ ns: "assessment", v: 1, kind: "height", height: 1000 + 3 * i }, "*") }"""
AS_HIGH = "height => document.querySelector('iframe').style.height === height + 'px'"
WATCH = """() => {
  const frame = document.querySelector("iframe");
  window.heights = [];
  window.since = performance.now();
  new MutationObserver(() => heights.push(frame.style.height)).observe(frame, { attributes: true });
}"""
STATE = """() => ({
  height: document.querySelector("iframe").style.height,
  source: document.querySelector("iframe").src,
  kept: { ...sessionStorage },
  events: events.length,
  layer: (window.dataLayer || []).length,
  address: location.href,
})"""


def heard(page: Page, count: int) -> None:
    """Wait until the host page has been sent so many messages."""
    page.wait_for_function("count => messages.length >= count", arg=count)


def test_messages_that_are_not_this_checks_change_nothing(visit: Visit) -> None:
    visit.also = (ADS,)
    advert = f'<iframe name="advert" src="{visit.hosts.origin(ADS)}/advert"></iframe>'
    another = snippet(visit.hosts, "script-free").replace("<iframe", '<iframe name="another"')
    page = visit(snippet(visit.hosts, "inline", "data-datalayer") + advert + another)
    frame = frame_in(page)
    begin(frame)
    fits(page, frame)
    page.wait_for_function("events.some((event) => event.name === 'step')")
    siblings = [page.frame("advert"), page.frame("another")]
    before = page.evaluate(STATE)
    page.evaluate("messages.length = 0")
    for good in GOOD:
        page.evaluate(f"postMessage({good}, '*')")
        for sibling in siblings:
            assert sibling is not None
            sibling.evaluate(f"parent.postMessage({good}, '*')")
    for sibling in siblings:
        assert sibling is not None
        sibling.evaluate(FLOOD)
    heard(page, 3 * len(GOOD) + 2000)
    assert page.evaluate(STATE) == before
    page.locator("iframe").first.evaluate("(frame, url) => { frame.src = url }", f"{visit.hosts.origin(ADS)}/advert")
    elsewhere = page.locator("iframe").first.element_handle().content_frame()
    assert elsewhere is not None
    elsewhere.wait_for_url("**/advert")
    before = page.evaluate(STATE)
    page.evaluate("messages.length = 0")
    for good in GOOD:
        elsewhere.evaluate(f"parent.postMessage({good}, '*')")
    heard(page, len(GOOD))
    assert page.evaluate(STATE) == before


def test_messages_that_make_no_sense_change_nothing(visit: Visit) -> None:
    page = visit(snippet(visit.hosts, "inline", "data-datalayer"))
    frame = frame_in(page)
    begin(frame)
    fits(page, frame)
    page.wait_for_function("events.some((event) => event.name === 'step')")
    page.evaluate("messages.length = 0")
    before = page.evaluate(STATE)
    page.evaluate(WATCH)
    for number, bad in enumerate(BAD):
        frame.evaluate(f"parent.postMessage({bad}, '*')")
        heard(page, 2 * number + 1)
        page.evaluate(SIX_FRAMES)
        frame.evaluate(SAY, 3000 + 10 * number)
        page.wait_for_function(AS_HIGH, arg=3000 + 10 * number)
    assert page.evaluate("heights") == [f"{3000 + 10 * number}px" for number in range(len(BAD))]
    assert page.evaluate(STATE) == {**before, "height": page.evaluate("heights.pop()")}


def test_a_website_hears_nothing_of_a_check_that_was_begun_for_another(visit: Visit) -> None:
    visit.expected = ("postMessage",)
    about = f"embed=inline&host={visit.hosts.origin(FIRM)}"
    page = visit(f'<iframe title="check" src="{visit.hosts.origin(CHECK)}/q/{SLUG}?{about}"></iframe>', host=SISTER)
    frame = frame_in(page)
    begin(frame)
    page.evaluate(SIX_FRAMES)
    assert page.evaluate("messages") == []


def test_heights_are_held_in_bounds_and_taken_at_most_30_times_a_second(visit: Visit) -> None:
    page = visit(snippet(visit.hosts, "inline"))
    frame = frame_in(page)
    fits(page, frame)
    for said, taken in ((1e9, 20000), (-5, 120), (5000, 5000), (0, 120), (700.2, 701)):
        frame.evaluate(SAY, said)
        page.wait_for_function(AS_HIGH, arg=taken)
    page.evaluate(WATCH)
    frame.evaluate(SAY, 702)  # not worth a jump
    frame.evaluate(FLOOD)
    page.wait_for_function(AS_HIGH, arg=3997)
    heights, passed = page.evaluate("[heights, performance.now() - since]")
    assert "702px" not in heights
    assert len(heights) <= passed / 1000 * 30 + 2


def test_reloading_the_host_page_carries_on_at_the_same_question(visit: Visit) -> None:
    page = visit(snippet(visit.hosts, "inline"))
    frame = frame_in(page)
    begin(frame)
    answer(frame)
    page.wait_for_function("Object.keys(sessionStorage).length")
    assert re.fullmatch(PLACE, page.evaluate(f"sessionStorage.getItem('assessment:{SLUG}')"))
    asked = frame.locator("main h1").text_content()
    page.reload()
    frame = frame_in(page)
    assert frame.locator("main h1").text_content() == asked
    answer(frame)
    assert page.evaluate("Object.keys(sessionStorage)") == [f"assessment:{SLUG}"]


def test_nothing_is_kept_where_the_host_page_says_so(visit: Visit) -> None:
    page = visit(snippet(visit.hosts, "inline", 'data-keep="no"'))
    frame = frame_in(page)
    begin(frame)
    page.wait_for_function("messages.some(({ data }) => data.kind === 'place')")
    assert page.evaluate("Object.keys(sessionStorage)") == []
    page.reload()
    assert frame_in(page).locator("button[name=depth]").count()


def test_a_browser_that_forbids_storage_only_loses_the_place(visit: Visit) -> None:
    throws = (
        "Object.defineProperty(window, 'sessionStorage', {get() { throw new DOMException('no', 'SecurityError') }})"
    )
    page = visit(f"<script>{throws}</script>" + snippet(visit.hosts, "inline"))
    frame = frame_in(page)
    begin(frame)
    answer(frame)
    page.wait_for_function("messages.some(({ data }) => data.kind === 'place')")
    page.reload()
    assert frame_in(page).locator("button[name=depth]").count()


def test_a_kept_place_that_opens_nothing_any_more_gives_way_to_the_first_page(visit: Visit) -> None:
    visit.expected = ("404", "frame-ancestors")
    dead = f"<script>sessionStorage.setItem('assessment:{SLUG}', '/t/{'x' * 43}')</script>"
    page = visit(dead + snippet(visit.hosts, "inline"))
    handle = page.locator("iframe").element_handle()
    frame = handle.content_frame()
    assert frame is not None
    frame.wait_for_url(f"**/q/{SLUG}?**")
    assert frame.locator("button[name=depth]").count()


def test_the_host_page_hears_of_it_and_its_data_layer_only_on_request(visit: Visit) -> None:
    page = visit(snippet(visit.hosts, "inline"))
    frame = frame_in(page)
    begin(frame)
    answer(frame)
    answer_the_rest(visit.hosts, frame)
    press(frame, frame.get_by_role("button", name="See my report").first)
    page.wait_for_function("events.some((event) => event.name === 'complete')")
    events = page.evaluate("events")
    assert [event["name"] for event in events] == ["ready", "step", "step", "complete"]
    assert {event["on"] for event in events} == {"here"}
    assert events[1]["detail"] == {"slug": SLUG, "step": 1, "of": events[1]["detail"]["of"]}
    assert events[2]["detail"]["step"] == 2
    assert page.evaluate("typeof dataLayer") == "undefined"


def test_only_listed_keys_of_the_host_pages_address_are_passed_on(visit: Visit) -> None:
    given = (
        f"?utm_source=letter&utm_campaign=a%20b&ref=north&utm_term={'x' * 201}&utm_content=a%00b&email=a@b.test&gclid=1"
    )
    page = visit(snippet(visit.hosts, "inline"), query=given)
    frame = frame_in(page)
    query = frame.evaluate("Object.fromEntries(new URLSearchParams(location.search))")
    host = visit.hosts.origin(FIRM)
    passed = {"utm_source": "letter", "utm_campaign": "a b", "ref": "north"}
    assert query == {"embed": "inline", "host": host, **passed}


@pytest.mark.parametrize("mode", ["inline", "script-free"])
def test_a_website_that_is_not_listed_is_refused_by_the_browser(visit: Visit, mode: str) -> None:
    visit.expected = ("frame-ancestors",)
    heard: list[str] = []
    page = visit(snippet(visit.hosts, mode))
    page.on("console", lambda message: heard.append(message.text))
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.goto(page.url.replace(FIRM, STRANGER))
    frame = page.locator("iframe").element_handle().content_frame()
    assert frame is not None
    frame.wait_for_url("chrome-error://**")
    assert frame.locator("h1").count() == 0 or SLUG not in (frame.locator("body").text_content() or "")
    assert page.get_by_role("link").first.get_attribute("href") == f"{visit.hosts.origin(CHECK)}/q/{SLUG}"
    if mode == "inline":
        assert page.evaluate("messages") == []


def test_error_pages_stay_in_the_frame_for_a_known_tenant_and_for_nobody_else(visit: Visit) -> None:
    visit.expected = ("404", "frame-ancestors")
    check = visit.hosts.origin(CHECK)
    page = visit(snippet(visit.hosts, "inline"))
    frame = frame_in(page)
    begin(frame)
    frame.goto(frame.url.rsplit("/", 1)[0] + "/no-such-question")
    assert "There is nothing at this address" in (frame.locator("main h1").text_content() or "")
    for path in ("/q/nobody", f"/t/{'x' * 43}"):
        page = visit(f'<iframe title="check" src="{check}{path}"></iframe>')
        refused = page.locator("iframe").element_handle().content_frame()
        assert refused is not None
        refused.wait_for_url("chrome-error://**")
        seen = next(one for one in visit.hosts.seen if one.path == path)
        assert "frame-ancestors 'none'" in seen.sent["content-security-policy"]


def test_a_popup_has_a_label_closes_with_escape_and_gives_the_focus_back(visit: Visit) -> None:
    page = visit(snippet(visit.hosts, "popup", 'data-title="Northgate’s IT check"'))
    button = page.locator("[aria-haspopup=dialog]")
    assert page.locator("iframe").count() == 0
    button.press("Enter")
    dialog = page.get_by_role("dialog", name="Northgate’s IT check")
    assert dialog.is_visible()
    assert page.locator("iframe").get_attribute("title") == "Northgate’s IT check"
    frame = frame_in(page)
    begin(frame)
    asked = frame.url
    focused = "document.activeElement.id === 'here'"
    for close in (
        lambda: page.keyboard.press("Escape"),
        lambda: frame.locator("button[name=answer]").first.press("Escape"),
        lambda: dialog.get_by_role("button", name="Close").click(),
        lambda: page.mouse.click(5, 5),
    ):
        close()
        dialog.wait_for(state="hidden")
        assert page.evaluate(focused)
        button.press("Enter")
        dialog.wait_for()
        assert frame.url == asked


def test_a_popup_link_still_opens_in_a_new_tab_when_that_is_asked_for(visit: Visit) -> None:
    page = visit(snippet(visit.hosts, "popup"))
    page.locator("[aria-haspopup=dialog]").wait_for()
    with page.context.expect_page() as opened:
        page.locator("#here").click(modifiers=["ControlOrMeta"])
    opened.value.wait_for_url(f"**/q/{SLUG}")
    opened.value.close()
    assert page.locator("dialog").count() == 0


def test_the_loader_may_be_pasted_twice_and_before_the_marker(visit: Visit) -> None:
    loader = f'<script async src="{visit.hosts.origin(CHECK)}/embed.js"></script>'
    page = visit(loader + snippet(visit.hosts, "inline") + loader)
    frame_in(page)
    page.wait_for_load_state()
    page.wait_for_function("events.length")
    assert page.locator("iframe").count() == 1
    assert len([one for one in visit.hosts.seen if one.path == f"/q/{SLUG}"]) == 1


def test_the_link_in_the_marker_stays_until_the_check_has_shown_itself(visit: Visit) -> None:
    page = visit(snippet(visit.hosts, "inline"))
    frame_in(page)
    page.wait_for_function("events.length")
    assert page.locator("#here a").count() == 0
    visit.expected = ("frame-ancestors",)
    page.goto(page.url.replace(FIRM, STRANGER))
    page.locator("#here iframe").wait_for()
    assert page.get_by_role("link", name="IT health check").is_visible()


def test_two_checks_on_one_page_are_kept_apart(visit: Visit) -> None:
    second = snippet(visit.hosts, "inline", 'data-keep="no"').replace('id="here"', 'id="second"')
    page = visit(snippet(visit.hosts, "inline", 'data-keep="no"') + second)
    first = page.locator("#here iframe").element_handle().content_frame()
    page.locator("#second iframe").scroll_into_view_if_needed()
    page.wait_for_function("events.filter((event) => event.name === 'ready').length === 2")
    assert first is not None
    begin(first)
    page.wait_for_function("events.length === 3")
    assert page.evaluate("events[2].on") == "here"


def test_styles_of_the_host_page_stay_outside(visit: Visit) -> None:
    wild = "iframe, button { display: none; height: 50px !important; max-width: 80px !important; border: 9px solid }"
    page = visit(f"<style>{wild}</style>" + snippet(visit.hosts, "inline"))
    frame = frame_in(page)
    fits(page, frame)
    box = page.locator("iframe").bounding_box()
    assert box is not None
    assert box["width"] == page.evaluate("document.documentElement.clientWidth")


@pytest.mark.parametrize(("name", "most"), [("embed.js", 3 * 1024), ("frame.js", 1024)])
def test_the_scripts_are_small_and_ask_for_no_new_browser(name: str, most: int) -> None:
    text = (STATIC / name).read_text(encoding="utf-8")
    assert len(gzip.compress(text.encode(), 9)) <= most
    assert not re.search(r"\?\.|\?\?|catch \{|\bimport\b|\bawait\b|replaceAll|\.at\(|\.flat", text)


def test_the_guide_shows_the_snippets_the_command_prints() -> None:
    guide = Path("docs/embedding.md").read_text(encoding="utf-8")
    assert [one for one in pasted("https://check.example", SLUG) if f"```html\n{one}\n```" not in guide] == []
