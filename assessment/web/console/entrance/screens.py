"""Flask-Security's pages as ours: each of its templates has one function here that makes a page of its forms."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, g, request, session, url_for

from assessment.web.console.drawing import draw, frame
from assessment.web.console.pages import CodesPage, Entry, Field, FormPage

CODE_HINT = "Six digits. Each code works once, and a new one comes every 30 seconds."
NEW_HINT = "At least 12 characters. Three or four words that do not belong together make a good one."
LOST = "Lost your phone? Use one of your recovery codes. Without those, ask whoever runs this instance to reset it."

SECOND_STEP_BEGINS = (
    "From now on, signing in asks for your password and a code from an app on your phone. "
    "So a stolen password alone opens nothing.",
    "You need an authenticator app. If you have none, install one first: any that shows six digits will do.",
)
SECOND_STEP_CHANGES = (
    "Your app goes on working until the new one is set up. Then it stops, and everywhere else you are signed out."
)


def show(template: str, **context: Any) -> Response:
    """The page Flask-Security wants to show; 422 where something is wrong with a form, 429 after too many tries."""
    page = SCREENS[template](context)
    if isinstance(page, CodesPage):
        return draw("console/codes.html", page)
    return draw("console/form.html", page, 429 if g.get("limited") else 422 if page.wrong else 200)


def field(bound: Any, label: str, kind: str = "text", hint: str = "", **more: Any) -> Field:
    """One field of a form: what was typed comes back, passwords and codes never."""
    value = str(bound.data or "") if kind == "email" else ""
    wrong = tuple(str(error) for error in bound.errors)
    return Field(bound.name, label, kind, value, hint=hint, errors=wrong, **more)


def _code(bound: Any) -> Field:
    return field(bound, "Code", hint=CODE_HINT, autocomplete="one-time-code", numeric=True)


def _next(form: Any = None) -> tuple[tuple[str, str], ...]:
    """Where to go on to, as a hidden field; access.refuse_detours has looked at it before."""
    wanted = form.next.data if form else _wanted()
    return (("next", wanted),) if wanted else ()


def _wanted() -> str | None:
    return request.values.get("next") or None


def _sign_in(context: Mapping[str, Any]) -> FormPage:
    form = context["login_user_form"]
    return FormPage(
        frame=frame("Sign in"),
        says=("For the people who run this check. Answering it needs no account.",),
        action=url_for("security.login"),
        button="Continue",
        fields=(
            field(form.email, "E-mail address", "email", autocomplete="username"),
            field(form.password, "Password", "password", autocomplete="current-password"),
        ),
        hidden=_next(form),
        errors=tuple(str(error) for error in form.form_errors),
    )


def _confirm(context: Mapping[str, Any]) -> FormPage:
    form = context["verify_form"]
    return FormPage(
        frame=frame("Confirm that it is you"),
        says=("What comes next matters, so please give your password once more.",),
        action=url_for("security.verify"),
        button="Continue",
        fields=(field(form.password, "Password", "password", autocomplete="current-password"),),
        hidden=_next(form),
    )


def _change_password(context: Mapping[str, Any]) -> FormPage:
    form = context["change_password_form"]
    return FormPage(
        frame=frame("Change your password"),
        says=("Everywhere else you are signed in, you will be signed out.",),
        action=url_for("security.change_password"),
        button="Change it",
        fields=(
            field(form.password, "Password you have now", "password", autocomplete="current-password"),
            field(form.new_password, "New password", "password", NEW_HINT, autocomplete="new-password"),
            field(form.new_password_confirm, "New password again", "password", autocomplete="new-password"),
        ),
    )


def _second_step(context: Mapping[str, Any]) -> FormPage:
    if context.get("authr_qrcode"):
        return _scan(context)
    changing = context["changing"]
    title = "Change your second step" if changing else "Set up your second step"
    return FormPage(
        frame=frame(title),
        says=(SECOND_STEP_CHANGES,) if changing else SECOND_STEP_BEGINS,
        action=url_for("security.two_factor_setup"),
        button="Show me the picture to scan",
        hidden=(("setup", "authenticator"),),
        links=(Entry("Leave it as it is", url_for("account.account")),) if changing else (),
    )


def _scan(context: Mapping[str, Any]) -> FormPage:
    token = context.get("state_token")
    to = "security.two_factor_setup_validate" if token else "security.two_factor_token_validation"
    return FormPage(
        frame=frame("Scan this with your authenticator app"),
        says=("Add an account in the app and point your camera at the picture, or type the key in by hand.",),
        action=url_for(to, token=token) if token else url_for(to),
        button="Finish",
        fields=(_code(context["two_factor_verify_code_form"].code),),
        picture=context["authr_qrcode"],
        key=context["authr_key"],
    )


def _enter_code(context: Mapping[str, Any]) -> FormPage:
    usual = session.get("tf_state") == "ready"
    recovery = Entry("Use a recovery code", url_for("security.mf_recovery", next=_wanted()))
    again = Entry("Start the set-up again", url_for("security.two_factor_setup"))
    return FormPage(
        frame=frame("Enter the code from your app"),
        says=(LOST,) if usual else (),
        action=url_for("security.two_factor_token_validation"),
        button="Sign in" if usual else "Finish",
        hidden=_next(),
        fields=(_code(context["two_factor_verify_code_form"].code),),
        links=(recovery if usual else again,),
    )


def _recovery(context: Mapping[str, Any]) -> FormPage:
    return FormPage(
        frame=frame("Enter a recovery code"),
        says=("Each of them works once.",),
        action=url_for("security.mf_recovery"),
        button="Sign in",
        hidden=_next(),
        fields=(field(context["mf_recovery_form"].code, "Recovery code"),),
        links=(Entry("Use the app instead", url_for("security.two_factor_token_validation", next=_wanted())),),
    )


def _recovery_codes(context: Mapping[str, Any]) -> CodesPage:
    left = len((g.user.mf_recovery_codes or "").split())
    codes = tuple(context["recovery_codes"])
    title = "Keep these recovery codes" if codes else "Recovery codes"
    return CodesPage(frame(title), codes, left, url_for("security.mf_recovery_codes"))


SCREENS: Mapping[str, Callable[[Mapping[str, Any]], FormPage | CodesPage]] = {
    "security/login_user.html": _sign_in,
    "security/verify.html": _confirm,
    "security/change_password.html": _change_password,
    "security/two_factor_setup.html": _second_step,
    "security/two_factor_verify_code.html": _enter_code,
    "security/mf_recovery.html": _recovery,
    "security/mf_recovery_codes.html": _recovery_codes,
}
