"""Forms of settings: drawn from what is stored or was typed, read, and saved without touching any other setting."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any
from unicodedata import category

from flask import abort, flash

from assessment.storage import tenants
from assessment.storage.session import Session
from assessment.storage.tables import Tenant
from assessment.tenancy.logos import Logo
from assessment.tenancy.profile import BadProfile, Profile
from assessment.web.console.assessments.pages import Choice
from assessment.web.console.entrance import sessions
from assessment.web.console.person import member
from assessment.web.console.settings.fields import Groups, Setting
from assessment.web.console.settings.pages import Input, InputGroup, SettingsForm
from assessment.web.site import site

Typed = Mapping[str, str]
Wrong = Mapping[str, tuple[str, ...]]

UNTYPED: Typed = {}
NOTHING: Wrong = {}

LONGEST = 20_000
"""As much as is read of one field: more than any may hold."""

LONGEST_NOTE = 80
"""As much as one entry of the audit log holds."""

CLASHES = {
    "fit_from": "The smallest firm that suits you is larger than the largest one.",
    "action_says": "The words and where they lead belong together: fill in both, or neither.",
    "gate": "The rest of a report can only go by e-mail where the e-mail address must be filled in.",
    "ask_email": "Either the e-mail address or the phone number must be filled in, or nobody could be answered.",
}
"""What does not go together, by the setting it is said at."""


def typed_of(profile: Profile) -> Typed:
    """Every setting as it is typed into its field."""
    stored = profile.model_dump(mode="json")
    return {name: _text(value) for name, value in stored.items()}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return "\n".join(value) if isinstance(value, list) else str(value)


def read(groups: Groups, posted: Typed) -> Typed:
    """What was typed, field by field; a box that is not ticked is not sent, and counts as typed nevertheless."""
    return {
        setting.name: visible(posted.get(setting.name, "")[:LONGEST].replace("\r\n", "\n"))
        for setting in _settings(groups)
        if setting.name in posted or setting.kind == "yes"
    }


def visible(text: str) -> str:
    """A text without what no page can hold: control characters, halves of letters, and what is no letter at all."""
    return "".join(sign for sign in text if sign == "\n" or category(sign) not in ("Cc", "Cs", "Cn"))


def changes_of(groups: Groups, typed: Typed) -> dict[str, Any]:
    """What was typed as the profile takes it."""
    return {one.name: _value(one, typed[one.name]) for one in _settings(groups) if one.name in typed}


def _value(setting: Setting, text: str) -> Any:
    if setting.kind == "yes":
        return text == "yes"
    if setting.kind == "lines":
        return list(dict.fromkeys(line.strip() for line in text.replace(",", "\n").split("\n") if line.strip()))
    return text


def _settings(groups: Groups) -> Iterator[Setting]:
    for group in groups:
        yield from group.settings


def wrong_in(profile: Profile, groups: Groups, typed: Typed) -> Wrong:
    """What is wrong with what was typed, as sentences for a field each."""
    wrong: dict[str, tuple[str, ...]] = {
        one.name: (f"There is no “{typed[one.name][:60]}” to choose. Choose one of those that are here.",)
        for one in _settings(groups)
        if one.choices and one.name in typed and typed[one.name] not in dict(one.choices)
    }
    try:
        profile.changed({name: value for name, value in changes_of(groups, typed).items() if name not in wrong})
    except BadProfile as error:
        wrong |= {name: tuple(_said(name, says) for says in found) for name, found in error.by_setting.items()}
    return wrong


def _said(name: str, says: str) -> str:
    return CLASHES[name] if says.startswith(f"{name} ") else says[:1].upper() + says[1:]


def form(action: str, groups: Groups, typed: Typed, wrong: Wrong, uploads: bool = False) -> SettingsForm:
    """A form with what was typed and what is wrong with it, which its top says once more."""
    drawn = tuple(
        InputGroup(group.title, group.says, tuple(_input(one, typed[one.name], wrong) for one in group.settings))
        for group in groups
    )
    labels = {one.name: one.label for one in _settings(groups)}
    summary = tuple((name, f"{labels.get(name, 'Logo')}: {says}") for name, all_ in wrong.items() for says in all_)
    return SettingsForm(action, drawn, summary, uploads)


def _input(setting: Setting, typed: str, wrong: Wrong) -> Input:
    choices = tuple(Choice(value, says, value == typed) for value, says in setting.choices)
    return Input(
        name=setting.name,
        label=setting.label,
        hint=setting.hint,
        kind=setting.kind,
        value=typed,
        choices=choices,
        errors=wrong.get(setting.name, ()),
    )


def save(slug: str, groups: Groups, typed: Typed, logo: Logo | None = None, remove_logo: bool = False) -> Wrong:
    """Change these settings and no others, and say so; or change nothing, and give what is wrong by now."""
    changes = changes_of(groups, typed)
    with site().database.writing() as session:
        tenant = tenants.for_change(session, slug) or abort(404)
        before, had = tenant.profile, tenant.logo_name
        if wrong := wrong_in(before, groups, typed):
            return wrong
        after = tenants.change(tenant, changes)
        if logo is not None or remove_logo:
            tenants.set_logo(session, tenant, logo)
        changed = [name for name in changes if getattr(before, name) != getattr(after, name)]
        _note(session, tenant, [*changed, *(["logo"] if tenant.logo_name != had else [])])
        unchanged = not changed and tenant.logo_name == had
    flash("Nothing was different, so nothing was changed." if unchanged else "Saved.")
    return NOTHING


def _note(session: Session, tenant: Tenant, names: Sequence[str]) -> None:
    for line in wrap(", ".join(names), LONGEST_NOTE):
        sessions.note(session, "change settings", member().person.staff_id, line, tenant.id)
