"""Firm and brand: the form, the logo that comes with it, and a mock of the check that shows what both would do."""

import math
from base64 import b64encode
from dataclasses import dataclass, replace

from flask import current_app, request, url_for

from assessment.storage.tables import Tenant
from assessment.tenancy.colours import LEAST_CONTRAST, WHITE, contrast, palette
from assessment.tenancy.logos import BadLogo, Logo, read_logo
from assessment.web.console.drawing import frame
from assessment.web.console.settings.fields import BRAND
from assessment.web.console.settings.forms import NOTHING, UNTYPED, Typed, Wrong, form, typed_of
from assessment.web.console.settings.pages import BrandPage, Mock
from assessment.web.pages import Picture
from assessment.web.site import STANDARD_ACCENT, around_of


@dataclass(frozen=True, slots=True)
class Upload:
    """What was sent along with the form: a logo, nothing, or a file that is none; or the wish to have none."""

    logo: Logo | None = None
    wrong: str = ""
    remove: bool = False


NONE = Upload()


def uploaded() -> Upload:
    """What this request brought along."""
    file = request.files.get("logo")
    if file is None or not file.filename:
        return Upload(remove="remove_logo" in request.form)
    try:
        return Upload(read_logo(file.read()))
    except BadLogo as error:
        return Upload(wrong=str(error))


def brand_page(
    tenant: Tenant, typed: Typed = UNTYPED, wrong: Wrong = NOTHING, upload: Upload = NONE, previewed: bool = False
) -> BrandPage:
    """The page with what is stored, or with what was typed and what is wrong with it."""
    typed = {**typed_of(tenant.profile), **typed}
    wrong = {**wrong, **({"logo": (upload.wrong,)} if upload.wrong else {})}
    accent = tenant.profile.accent if "accent" in wrong else typed["accent"].strip()
    shown, colour = frame("Firm and brand"), palette(accent).accent
    css = url_for("settings.colour", slug=tenant.slug, colour=colour.removeprefix("#"))
    return BrandPage(
        frame=shown if colour == STANDARD_ACCENT else replace(shown, css=(*shown.css, css)),
        back=url_for("settings.index", slug=tenant.slug),
        form=form(url_for("settings.save_brand", slug=tenant.slug), BRAND, typed, wrong, uploads=True),
        mock=Mock(
            name=typed["name"] or tenant.name,
            contact=typed["contact"],
            action=typed["action_says"],
            logo=_logo(tenant, upload),
            contrast=_contrast(colour),
            standard=STANDARD_ACCENT,
        ),
        has_logo=tenant.logo_name is not None,
        logo_errors=wrong.get("logo", ()),
        previewed=previewed,
        script=current_app.extensions["settings_script"],
    )


def _logo(tenant: Tenant, upload: Upload) -> Picture | None:
    if upload.logo is not None:
        png = b64encode(upload.logo.png).decode()
        return Picture(f"data:image/png;base64,{png}", upload.logo.width // 2, upload.logo.height // 2)
    return None if upload.remove else around_of(tenant).logo


def _contrast(accent: str) -> str:
    """How well white letters can be read on a colour."""
    measured = math.floor(10 * contrast(accent, WHITE)) / 10
    return (
        f"White letters on it have a contrast of {measured}:1; at least {LEAST_CONTRAST}:1 is needed. "
        "In dark mode it becomes lighter, with dark letters."
    )
