"""What an owner sets in the console: shown, changed, refused with what was typed, and never more than its own form."""

import json
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from assessment.engine.questionnaire import Questionnaire
from assessment.storage import assessments, leads, tenants
from assessment.storage.questionnaires import publish
from assessment.storage.session import Session
from assessment.storage.staff import AuditEntry, Role
from assessment.storage.tables import Tenant
from assessment.tenancy.contact import Purpose, consents
from assessment.tenancy.grading import Grade
from assessment.tenancy.profile import Profile
from assessment.web.site import Site
from tests.console.conftest import HOME, Join, Worker, read, token_of
from tests.web.conftest import Page, Visitor

AREAS = ("brand", "website", "contact", "keeping", "questionnaire")
GRADE = Grade("A", 1, True, ("Fit A.", "Need 1.", "They asked."))

Save = Callable[..., Any]


def site_of(app: Flask) -> Site:
    found: Site = app.extensions["site"]
    return found


def profile_of(app: Flask, slug: str = "check") -> Profile:
    with site_of(app).database.reading() as session:
        tenant = tenants.by_slug(session, slug)
        assert tenant
        return tenant.profile


def change(app: Flask, slug: str = "check", **changes: Any) -> None:
    with site_of(app).database.writing() as session:
        tenant = tenants.by_slug(session, slug)
        assert tenant
        tenants.change(tenant, changes)


def form_of(page: Page) -> dict[str, Any]:
    """What a browser would send of the form as it stands."""
    found: dict[str, Any] = {"csrf_token": token_of(page)}
    for field in (one for form in page.all("form", id="set") for one in form.iter()):
        name, kind = field.get("name"), field.get("type")
        if name is None or kind == "file" or (kind in ("checkbox", "radio") and field.get("checked") is None):
            continue
        tag = field.tag.rpartition("}")[2]
        if tag == "select":
            found[name] = next((o.get("value") for o in field if o.get("selected") is not None), "")
        elif tag == "textarea":
            found[name] = field.text or ""
        elif tag == "input":
            found[name] = field.get("value", "")
    return found


def fill(worker: Worker, area: str, expect: int = 303, slug: str = "check", **typed: Any) -> Any:
    """Open an area, type something in, and send the form as a browser would; None takes a field out of it."""
    path = f"/{slug}/settings/{area}"
    data = {**form_of(worker.open(path)), **typed}
    data = {name: value for name, value in data.items() if value is not None}
    return worker.send(path, data, expect, data["csrf_token"])


def upload(worker: Worker, area: str, typed: dict[str, str], file: bytes, slug: str = "check") -> Any:
    """Send a form with a file; gives the answer as it is."""
    boundary, body = encode_multipart({**typed, "logo": FileStorage(BytesIO(file), "logo.png")})
    kind = f'multipart/form-data; boundary="{boundary}"'
    address = f"/console/{slug}/settings/{area}"
    return worker.client.post(address, data=body, content_type=kind, headers=worker.headers, base_url=HOME)


def audited(app: Flask) -> list[str]:
    with site_of(app).database.reading() as session:
        wanted = select(AuditEntry.object).where(AuditEntry.action == "change settings").order_by(AuditEntry.id)
        return list(session.scalars(wanted))


def png(colour: str = "#7a1f5c", size: tuple[int, int] = (300, 90)) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


def test_the_index_shows_each_member_what_they_may_open(kim: Worker, join: Join) -> None:
    owner = kim.open("/check/settings").links()
    assert [f"/console/check/settings/{area}" in owner for area in AREAS] == [True] * 5
    viewer = join("v@northgate.example", Role.VIEWER).open("/check/settings").links()
    assert [f"/console/check/settings/{area}" in viewer for area in AREAS] == [False] * 4 + [True]


def test_only_owners_open_or_change_anything(join: Join) -> None:
    join()
    for role in (Role.VIEWER, Role.EDITOR):
        worker = join(f"{role}@northgate.example", role)
        token = worker.token("/account")
        for area in AREAS:
            worker.send(f"/check/settings/{area}", {"name": "x"}, 404, token)
            assert worker.get(f"/check/settings/{area}").status_code == (200 if area == "questionnaire" else 404)
        assert worker.open("/check/settings/questionnaire").all("form", id="set") == []
    assert profile_of(worker.app).name == "Northgate Computers"


@pytest.mark.parametrize(
    ("area", "typed", "stored"),
    [
        ("brand", {"name": " North Star  IT ", "accent": " #7A1F5C"}, {"name": "North Star IT", "accent": "#7a1f5c"}),
        ("brand", {"action_says": "Call", "action_link": "tel:+44"}, {"action_says": "Call", "action_link": "tel:+44"}),
        ("brand", {"currency": "EUR", "reply_to": "a@b.example"}, {"currency": "EUR", "reply_to": "a@b.example"}),
        (
            "website",
            {"origins": "https://www.a.example\r\n\r\n https://b.example \r\nwix"},
            {"origins": ("https://www.a.example", "https://b.example", "wix")},
        ),
        ("contact", {"gate": "soft", "depth": "quick", "ask_news": "yes"}, {"gate": "soft", "ask_news": True}),
        ("contact", {"ask_email": "absent", "ask_phone": "required"}, {"ask_email": "absent"}),
        ("contact", {"fit_from": "5", "fit_to": "50", "state": "paused", "test": "yes"}, {"fit_to": 50, "test": True}),
        (
            "keeping",
            {"staff_mail": "a@b.example\nc@d.example", "notices": "daily", "retention_days": "90"},
            {"staff_mail": ("a@b.example", "c@d.example"), "notices": "daily", "retention_days": 90},
        ),
    ],
)
def test_what_is_saved_is_stored_shown_and_written_down_by_name_only(
    kim: Worker, app: Flask, area: str, typed: dict[str, str], stored: dict[str, Any]
) -> None:
    before = profile_of(app)
    page = kim.follow(fill(kim, area, **typed))
    assert "Saved." in page.says()
    after = profile_of(app)
    assert {name: getattr(after, name) for name in stored} == stored
    changed = {name for name in Profile.model_fields if getattr(before, name) != getattr(after, name)}
    assert changed == set(typed)
    assert {name for line in audited(app) for name in line.split(", ")} == changed
    again = {**form_of(page)}
    assert all(form_of(kim.open(f"/check/settings/{area}"))[name] == again[name] for name in typed)
    assert "Nothing was different" in kim.follow(fill(kim, area)).says()
    assert {name for line in audited(app) for name in line.split(", ")} == changed


def test_many_changes_at_once_fit_into_the_audit_log(kim: Worker, app: Flask) -> None:
    mine = {"name": "N", "contact": "c", "link": "https://n.example", "accent": "#7a1f5c", "sender": "s"}
    more = {"reply_to": "a@b.example", "privacy_link": "https://n.example/p", "controller": "N Ltd", "currency": "USD"}
    fill(kim, "brand", **mine, **more, action_says="Call", action_link="https://n.example/call")
    lines = audited(app)
    assert len(lines) > 1
    assert max(map(len, lines)) <= 80
    assert len(", ".join(line.rstrip(",") for line in lines).split(", ")) == 11


@pytest.mark.parametrize(
    ("area", "typed", "field", "says"),
    [
        ("brand", {"name": ""}, "name", "Must not be empty"),
        ("brand", {"name": "x" * 121}, "name", "at most 120 characters"),
        ("brand", {"name": "a\nb"}, "name", "line breaks"),
        ("brand", {"accent": "#ffee00"}, "accent", "too pale"),
        ("brand", {"accent": "#fff;}body{"}, "accent", "A colour is written"),
        ("brand", {"action_link": "javascript:alert(1)"}, "action_link", "nly https:"),
        ("brand", {"action_says": "Call us"}, "action_says", "fill in both, or neither"),
        ("brand", {"privacy_link": "http://x.example"}, "privacy_link", "https: link"),
        ("brand", {"reply_to": "nobody"}, "reply_to", "is no e-mail address"),
        ("brand", {"currency": "XXX"}, "currency", "There is no “XXX” to choose"),
        ("website", {"origins": "https://a.example/path"}, "origins", "never one page"),
        ("website", {"origins": "https://ok.example\nhttps://*.a.example"}, "origins", "a star"),
        ("website", {"origins": "\n".join(f"https://a{n}.example" for n in range(41))}, "origins", "at most 40"),
        ("contact", {"gate": "hard"}, "gate", "There is no “hard”"),
        ("contact", {"gate": "soft", "ask_email": "optional", "ask_phone": "required"}, "gate", "by e-mail where"),
        ("contact", {"ask_email": "optional"}, "ask_email", "nobody could be answered"),
        ("contact", {"fit_from": "300"}, "fit_from", "larger than the largest"),
        ("contact", {"fit_to": "many"}, "fit_to", "whole number"),
        ("contact", {"fit_to": "9" * 5000}, "fit_to", "whole number"),
        ("contact", {"fit_from": "0"}, "fit_from", "at least 1"),
        ("keeping", {"retention_days": "29"}, "retention_days", "at least 30"),
        ("keeping", {"retention_days": "1096"}, "retention_days", "at most 1095"),
        ("keeping", {"staff_mail": "a@b.example\nnobody"}, "staff_mail", "is no e-mail address"),
        ("questionnaire", {"questionnaire": "nowhere"}, "questionnaire", "There is no “nowhere” to choose"),
    ],
)
def test_what_may_not_be_set_comes_back_as_typed_with_a_sentence_at_its_field(
    kim: Worker, app: Flask, area: str, typed: dict[str, str], field: str, says: str
) -> None:
    before = profile_of(app)
    page = read(fill(kim, area, 422, **typed), 422)
    assert page.title.startswith("Error: ")
    (link,) = [a for a in page.one("div", id="errors").iter() if a.get("href")]
    assert link.get("href") == f"#field-{field}"
    assert says in "".join(link.itertext())
    assert says in "".join(page.one("p", id=f"wrong-{field}").itertext())
    described = next(e for e in page.tree.iter() if e.get("id") == f"field-{field}").get("aria-describedby", "")
    assert f"wrong-{field}" in described.split()
    kept = {name: value.replace("\n", "") if area == "brand" else value for name, value in form_of(page).items()}
    typed = {name: value.replace("\n", "") if area == "brand" else value for name, value in typed.items()}
    chosen = {"currency", "gate", "questionnaire"} & {name for name in typed if name == field and "There is no" in says}
    assert {n: kept[n] for n in typed if n not in chosen} == {n: typed[n] for n in typed if n not in chosen}
    assert profile_of(app) == before
    assert audited(app) == []


def test_every_problem_is_told_at_once(kim: Worker) -> None:
    page = read(fill(kim, "brand", 422, name="", accent="red", reply_to="nobody"), 422)
    fields = [a.get("href") for a in page.one("div", id="errors").iter() if a.get("href")]
    assert fields == ["#field-name", "#field-accent", "#field-reply_to"]


@pytest.mark.parametrize("area", AREAS)
def test_a_form_changes_none_of_the_settings_that_are_not_on_it(kim: Worker, app: Flask, area: str) -> None:
    change(
        app, controller="Stays Ltd", ask_news=True, retention_days=100, origins="https://stays.example", depth="full"
    )
    before = profile_of(app)
    others = {
        name: "quick" for name in Profile.model_fields if name not in form_of(kim.open(f"/check/settings/{area}"))
    }
    for own in {"contact": ["test"], "questionnaire": ["questionnaire"]}.get(area, ()):
        others.pop(own)
    fill(kim, area, **others, slug_="x", weights="1", profile_json="{}", logo_name="1-1-x", id="2", tenant_id="2")
    assert profile_of(app) == before
    assert audited(app) == []


def test_a_field_that_is_not_sent_stays_as_it_is(kim: Worker, app: Flask) -> None:
    change(app, contact="01234 567890", origins="https://stays.example")
    fill(kim, "brand", name="New name", contact=None, accent=None)
    fill(kim, "website", origins=None)
    after = profile_of(app)
    assert (after.name, after.contact, after.origins) == ("New name", "01234 567890", ("https://stays.example",))


def test_what_no_page_can_hold_is_left_out(kim: Worker, app: Flask) -> None:
    page = read(fill(kim, "brand", 422, name="A\x00\x07\ufffeB", accent="\x00"), 422)
    assert form_of(page)["name"] == "AB"


def test_two_people_who_save_different_forms_do_not_undo_each_other(kim: Worker, app: Flask) -> None:
    brand, keeping = (form_of(kim.open(f"/check/settings/{area}")) for area in ("brand", "keeping"))
    kim.send("/check/settings/brand", {**brand, "name": "New name"}, 303, brand["csrf_token"])
    kim.send("/check/settings/keeping", {**keeping, "retention_days": "60"}, 303, keeping["csrf_token"])
    after = profile_of(app)
    assert (after.name, after.retention_days) == ("New name", 60)


def test_another_tenant_is_neither_shown_nor_touched(kim: Worker, app: Flask, join: Join) -> None:
    other = join("o@other.example", Role.OWNER, "other")
    before = profile_of(app)
    assert fill(other, "brand", slug="other", name="Other firm").location.startswith("/console/other/")
    assert profile_of(app) == before
    assert profile_of(app, "other").name == "Other firm"
    for area in AREAS:
        assert other.get(f"/check/settings/{area}").status_code == 404
        other.send(f"/check/settings/{area}", {"name": "x"}, 404, other.token("/account"))
    assert profile_of(app) == before


def test_a_preview_without_script_shows_what_was_typed_and_saves_nothing(kim: Worker, app: Flask) -> None:
    before = profile_of(app)
    logo = (BytesIO(png()), "logo.png")
    typed = {"name": "Shown only", "accent": "#7a1f5c", "action_says": "Call", "action_link": "tel:1", "logo": logo}
    page = read(fill(kim, "brand", 200, preview="yes", **typed), 200)
    mock = "".join(page.one("div", id="mock").itertext())
    assert "Shown only" in mock
    assert "Call" in mock
    assert (page.one("img").get("src") or "").startswith("data:image/png;base64,")
    assert form_of(page)["name"] == "Shown only"
    assert "Nothing is saved yet" in page.says()
    (colours,) = [link for link in page.all("link", rel="stylesheet") if "/7a1f5c.css" in link.get("href", "")]
    style = kim.get(colours.get("href", "").removeprefix("/console"))
    assert style.mimetype == "text/css"
    assert ".mock{--accent:#7a1f5c" in style.text
    assert ":root" not in style.text
    assert profile_of(app) == before
    assert audited(app) == []
    page = read(fill(kim, "brand", 422, preview="yes", accent="#ff0"), 422)
    assert all("/settings/brand/" not in link.get("href", "") for link in page.all("link"))


@pytest.mark.parametrize("colour", ["ff0", "1d4f7", "1d4f7c;}", "red", "zzzzzz"])
def test_colours_that_cannot_be_read_or_are_none_have_no_style_sheet(kim: Worker, colour: str) -> None:
    assert kim.get(f"/check/settings/brand/{colour}.css").status_code == 404


def test_a_logo_appears_on_the_first_page_and_goes_again(kim: Worker, app: Flask) -> None:
    visitor = Visitor(app.test_client(use_cookies=False))
    fill(kim, "brand", logo=(BytesIO(png(size=(3000, 900))), "logo.png"))
    address = visitor.get("/q/check").one("img").get("src", "")
    assert visitor.client.get(address).mimetype == "image/png"
    assert audited(app) == ["logo"]
    page = kim.open("/check/settings/brand")
    assert page.one("img").get("src") == address
    fill(kim, "brand", remove_logo="yes")
    assert visitor.get("/q/check").all("img") == []
    assert audited(app) == ["logo", "logo"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "cannot be read as a PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "cannot be read as a PNG"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "picture"),
        (png() + b"<script>", "more than one still picture"),
        (png()[:200], "damaged"),
        (b"x" * (600 * 1024), "larger than 512 KiB"),
    ],
    ids=["empty", "svg", "head only", "something attached", "cut off", "too heavy"],
)
def test_a_file_that_is_no_logo_is_refused_in_a_sentence_and_nothing_else_is_saved(
    kim: Worker, app: Flask, data: bytes, says: str
) -> None:
    before = profile_of(app)
    typed = {**form_of(kim.open("/check/settings/brand")), "name": "Not yet"}
    page = read(upload(kim, "brand", typed, data), 422)
    assert says in "".join(page.one("p", id="wrong-logo").itertext())
    assert form_of(page)["name"] == "Not yet"
    assert profile_of(app) == before


def test_only_the_form_with_a_logo_may_be_large(kim: Worker) -> None:
    token = kim.token("/account")
    for area, size, expect in (("brand", 3_000_000, 413), ("keeping", 300_000, 413), ("website", 300_000, 413)):
        assert upload(kim, area, {"csrf_token": token}, b"x" * size).status_code == expect


def test_the_websites_that_are_saved_may_frame_the_check_at_once(kim: Worker, app: Flask) -> None:
    visitor = Visitor(app.test_client(use_cookies=False))
    assert visitor.get("/q/check").headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")
    fill(kim, "website", origins="https://www.north.example")
    policy = visitor.get("/q/check").headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self' https://www.north.example")


def test_only_the_page_about_websites_may_hold_a_frame_and_only_of_this_origin(kim: Worker) -> None:
    page = kim.open("/check/settings/website")
    assert page.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'; frame-src 'self'")
    frame = page.one("iframe")
    assert frame.get("src") == "/q/check?embed=plain"
    assert frame.get("sandbox") == ""
    for area in ("brand", "contact", "keeping", "questionnaire"):
        assert "frame-src" not in kim.open(f"/check/settings/{area}").headers["Content-Security-Policy"]


def test_the_snippets_are_those_the_command_prints(kim: Worker) -> None:
    page = kim.open("/check/settings/website")
    inline, popup, plain, link = (area.text or "" for area in page.all("textarea")[1:])
    assert f'<a href="{HOME}/q/check">' in inline
    assert 'data-mode="popup"' in popup
    assert f'<iframe src="{HOME}/q/check?embed=plain"' in plain
    assert link == f'<a href="{HOME}/q/check">IT health check</a>'


@pytest.mark.parametrize(
    ("asked", "allowed", "says"),
    [
        ("https://www.north.example/it?x=1#y", True, "https://www.north.example is on the list"),
        ("HTTPS://WWW.NORTH.EXAMPLE", True, "is on the list"),
        ("https://me.wixsite.com/shop", True, "as part of “wix”"),
        ("https://north.example/", False, "https://north.example is not on the list"),
        ("https://www.north.example.evil.example/", False, "is not on the list"),
        ("https://www.north.example:8443/", False, "is not on the list"),
        ("http://www.north.example/", False, "without https"),
        ("www.north.example", False, "no address of a web page"),
        ("javascript:alert(1)", False, "no address of a web page"),
        ("https://10.0.0.1/", False, "numbers"),
        ("https://x\x00y\ufffe.example/", False, "is not on the list"),
        ("https://" + "a" * 3000, False, "cannot be"),
    ],
)
def test_whether_a_page_may_show_the_check_and_why(
    kim: Worker, app: Flask, asked: str, allowed: bool, says: str
) -> None:
    change(app, origins="https://www.north.example,wix")
    response = kim.client.get("/console/check/settings/website", query_string={"page": asked}, base_url=HOME)
    told = read(response, 200).one("p", role="status")
    words = "".join(told.itertext())
    assert words.startswith("Yes" if allowed else "No")
    assert says in words


def submit(session: Session, app: Flask, tenant: Tenant, contact: dict[str, str], yes: bool = True) -> None:
    """Somebody sends an assessment in and leaves their details."""
    site = site_of(app)
    assert site.questionnaire
    sitting, _ = assessments.start(session, tenant, site.pin, "quick", site.now(), site.open_for, {})  # type: ignore[arg-type]
    sitting.submitted_at = site.now()
    boxes = [(text, yes) for text in consents(tenant.profile)]
    leads.receive(session, sitting, contact, boxes, GRADE, site.now())


def test_every_wording_people_agreed_to_is_kept_with_its_version(
    kim: Worker, app: Flask, clock: Any, join: Join
) -> None:
    join("o@other.example", Role.OWNER, "other")
    assert "Nobody has agreed to anything yet" in kim.open("/check/settings/contact/agreed").says()
    with site_of(app).database.writing() as session:
        mine, other = (tenants.by_slug(session, slug) for slug in ("check", "other"))
        assert mine
        assert other
        for name in ("ann", "bob"):
            submit(session, app, mine, {"email": f"{name}@b.example"})
        submit(session, app, mine, {"email": "no@b.example"}, yes=False)
        submit(session, app, other, {"email": "x@b.example"})
    first = consents(profile_of(app))[0]
    clock.passes(days=2)
    change(app, controller="Northgate Ltd")
    with site_of(app).database.writing() as session:
        mine = tenants.by_slug(session, "check")
        assert mine
        submit(session, app, mine, {"email": "ann@b.example"})
    kim.sign_in()
    second = consents(profile_of(app))[0]
    page = kim.open("/check/settings/contact/agreed")
    shown = " ".join(page.says().split())
    assert first.purpose is Purpose.CONTACT
    assert first.version != second.version
    assert shown.index(second.says) < shown.index(first.says)
    assert "1 person agreed" in shown
    assert "2 people agreed" in shown
    assert "Firm other" not in shown
    boxes = kim.open("/check/settings/contact").says()
    assert second.says in boxes
    assert second.version in boxes
    assert first.says not in boxes


def variant(questionnaire: Questionnaire, **changes: str) -> Questionnaire:
    return Questionnaire.model_validate({**json.loads(questionnaire.canonical_json), **changes})


def old_version(app: Flask) -> Questionnaire:
    """An older version of the questionnaire, as it was stored once."""
    site = site_of(app)
    old = variant(site.questionnaire, version="2020.1", title="The check of old")
    with site.database.writing() as session:
        publish(session, old, site.now())
    return old


def test_every_published_version_can_be_read_whoever_works_here(app: Flask, join: Join) -> None:
    old = old_version(app)
    viewer = join("v@northgate.example", Role.VIEWER)
    listed = viewer.open("/check/settings/questionnaire")
    assert "/console/check/questionnaire/it-health/2020.1" in listed.links()
    assert listed.says().count("In use now.") == 1
    page = viewer.open("/check/questionnaire/it-health/2020.1")
    assert "The check of old, version 2020.1" in page.h1
    says = page.says()
    assert old.digest in says
    for bank in old.banks:
        assert bank.title in says
        for question in bank.questions:
            assert " ".join(question.ask.split()) in says
            assert question.why_weight is None or " ".join(question.why_weight.says.split()) in says
            for option in question.options:
                assert " ".join(option.says.split()) in says
        assert all(" ".join(one.do.split()) in says for one in bank.recommendations)
    assert all(rule.finding is None or rule.finding in says for rule in old.all_rules.values())
    assert all(figure.link in page.links() for figure in old.figures)


@pytest.mark.parametrize("path", ["it-health/1999", "nowhere/2020.1", "it-health/%00", "x" * 300 + "/1"])
def test_a_version_that_is_not_there_is_not_found(kim: Worker, path: str) -> None:
    assert kim.get(f"/check/questionnaire/{path}").status_code == 404


def test_the_versions_say_how_often_this_tenant_s_visitors_took_them(app: Flask, join: Join, kim: Worker) -> None:
    join("o@other.example", Role.OWNER, "other")
    with site_of(app).database.writing() as session:
        mine = tenants.by_slug(session, "check")
        assert mine
        submit(session, app, mine, {"email": "ann@b.example"})
        submit(session, app, mine, {"email": "bob@b.example"})
    assert "2 assessments sent in" in kim.open("/check/settings/questionnaire").says()


def test_a_questionnaire_other_tenants_take_can_be_chosen(kim: Worker, app: Flask) -> None:
    site = site_of(app)
    other = variant(site.questionnaire, id="second")
    object.__setattr__(site, "others", {"second": (other, other.version)})
    fill(kim, "questionnaire", questionnaire="second")
    assert profile_of(app).questionnaire == "second"
    assert audited(app) == ["questionnaire"]


def test_a_questionnaire_that_was_published_can_be_chosen_and_is_taken_at_once(kim: Worker, app: Flask) -> None:
    site = site_of(app)
    with site.database.writing() as session:
        publish(session, variant(site.questionnaire, id="third", title="A third one"), site.now())
    assert "A third one (third)" in kim.open("/check/settings/questionnaire").says()
    fill(kim, "questionnaire", questionnaire="third")
    with site.database.reading() as session:
        tenant = tenants.by_slug(session, "check")
        assert tenant
        assert site.taken_at(session, tenant)[0].title == "A third one"


def test_nothing_is_sent_in_the_open_and_a_form_that_is_not_ours_changes_nothing(kim: Worker, app: Flask) -> None:
    before = profile_of(app)
    for area in AREAS:
        kim.send(f"/check/settings/{area}", {"name": "x"}, 403, "not-a-token")
    assert profile_of(app) == before
    assert re.fullmatch(r"#[0-9a-f]{6}", before.accent)
