"""Where a visitor came from: the few things an address may say of it, and nothing that says who they are."""

import json
import re
from collections.abc import Mapping
from urllib.parse import urlencode

from assessment.storage.tables import Assessment, Tenant
from assessment.tenancy.origins import names_host

CAMPAIGN = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "ref")
ADDRESS = re.compile(r"[\w.+-]+(@|%40)[\w-]+\.[\w.-]+")
"""Some newsletters put their readers' addresses into links: one that stayed here would outlive whoever is erased."""

EMBEDS = ("inline", "popup", "plain")
LONGEST = 200

Source = Mapping[str, str]


def read_source(tenant: Tenant, asked: Mapping[str, str]) -> Source:
    """What an address or a form says of where a visitor came from; whatever is not allowed is left out."""
    found = {name: asked.get(name, "") for name in CAMPAIGN}
    kept = {name: value for name, value in found.items() if value and len(value) <= LONGEST and value.isprintable()}
    kept = {name: value for name, value in kept.items() if not ADDRESS.search(value)}
    if asked.get("embed") in EMBEDS:
        kept["embed"] = asked["embed"]
        if names_host(tenant.profile.origins, asked.get("host", "")):
            kept["host"] = asked["host"]
    return kept


def source_of(assessment: Assessment) -> Source:
    """Where the owner of an assessment came from."""
    found: Source = json.loads(assessment.source)
    return found


def where(source: Source) -> str:
    """The end of an address that keeps a page in its frame; nothing for a page that is in none."""
    kept = {name: source[name] for name in ("embed", "host") if name in source}
    return f"?{urlencode(kept)}" if kept else ""
