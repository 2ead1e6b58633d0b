"""`assessment doctor`: look an instance over, say of each thing whether it is well, and how to mend what is not."""

import json
import os
import secrets
import sys
from collections.abc import Iterator
from dataclasses import asdict

import click

from assessment.cli import examining
from assessment.cli.examining import Level, Remark
from assessment.delivery import mail
from assessment.delivery.attempts import Verdict
from assessment.delivery.channels import mailer
from assessment.delivery.letters import Letter
from assessment.settings import BadSetting, Settings, read_settings
from assessment.storage.session import Unavailable

SAYS = "This mail was sent by `assessment doctor` to see whether mail arrives. It did."


@click.command()
@click.option("--mail-to", metavar="ADDRESS", help="Send a mail there now, to see whether it arrives.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def doctor(mail_to: str | None, as_json: bool) -> None:
    """Look this instance over: settings, key, database, address, mail, worker, questionnaires. Exit status 1 if ill."""
    found = list(_examined(mail_to))
    ill = any(remark.level is Level.PROBLEM for remark in found)
    if as_json:
        click.echo(json.dumps({"ok": not ill, "found": [asdict(one) for one in found]}, ensure_ascii=False, indent=2))
    else:
        for remark in found:
            click.echo(f"{remark.level:8} {remark.about}: {remark.says}{' ' if remark.mend else ''}{remark.mend}")
    sys.exit(1 if ill else 0)


def _examined(mail_to: str | None) -> Iterator[Remark]:
    try:
        settings = read_settings()
    except BadSetting as error:
        yield examining.problem("settings", str(error), "Then ask once more: nothing else was looked at.")
        return
    yield from examining.unknown(os.environ)
    well = True
    for examine in examining.ALONE:
        for remark in examine(settings):
            well = well and (remark.about != "database" or remark.level is not Level.PROBLEM)
            yield remark
    try:
        for examine in examining.WITH_DATABASE if well else ():
            yield from examine(settings)
    except Unavailable as error:
        yield examining.problem("database", f"It stopped answering: {error}.", "Ask once more in a minute.")
    if mail_to:
        yield _tried(settings, mail_to)


def _tried(settings: Settings, to: str) -> Remark:
    """Send one mail now, past the outbox, and say what came of it."""
    if not settings.smtp_host:
        return examining.problem("mail", "There is no mail server to try.", "Set ASSESSMENT_SMTP_HOST.")
    letter = Letter(to, "Mail from your instance arrives", SAYS, f"<p>{SAYS}</p>", settings.tenant_name)
    try:
        message = mail.compose(letter, settings.mail_from)
    except ValueError as error:
        return examining.problem("mail", str(error), "Write an address such as you@example.com.")
    attempt = mail.send(mailer(settings), message, f"doctor-{secrets.token_hex(8)}")
    if attempt.verdict is Verdict.DONE:
        return examining.ok("mail", f"{attempt.says} See whether it is in the letter box, and not among the spam.")
    return examining.problem("mail", attempt.says, "The settings that begin with ASSESSMENT_SMTP_ say how to reach it.")
