"""Snippets: what a tenant pastes into its website, in the four ways there are to show the check."""

from html import escape
from typing import NamedTuple


class Snippet(NamedTuple):
    """One way: its name, what it does, and the HTML to paste."""

    id: str
    title: str
    html: str


HTML = {
    "inline": (
        "Inside a page, as tall as it needs to be",
        """<div data-assessment="{slug}"><a href="{base}/q/{slug}">{title}</a></div>
<script async src="{base}/embed.js"></script>""",
    ),
    "popup": (
        "As a popup",
        """<a href="{base}/q/{slug}" data-assessment="{slug}" data-mode="popup">{title}</a>
<script async src="{base}/embed.js"></script>""",
    ),
    "plain": (
        "Without any script, at a fixed height",
        '<iframe src="{base}/q/{slug}?embed=plain" title="{title}" width="100%" height="760" style="border:0">'
        '</iframe>\n<p><a href="{base}/q/{slug}" target="_blank">Open the check in a new tab</a></p>',
    ),
    "link": ("As a plain link", """<a href="{base}/q/{slug}">{title}</a>"""),
}


def snippets(base: str, slug: str, title: str) -> tuple[Snippet, ...]:
    """The snippets of a tenant; `base` is the address of the instance, `title` that of the questionnaire."""
    given = {"base": base, "slug": slug, "title": escape(title)}
    return tuple(Snippet(id, says, html.format_map(given)) for id, (says, html) in HTML.items())
