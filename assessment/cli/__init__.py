"""The `assessment` command: the group, its table of commands, and what every command shares."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from keyword import iskeyword
from typing import TYPE_CHECKING, NoReturn

import click

from assessment import __version__
from assessment.collector import loading
from assessment.settings import BadSetting, Settings, read_settings

if TYPE_CHECKING:
    from assessment.storage.session import Database

COMMANDS = {
    "check": ("checking", "Check a questionnaire: ids, rules, proofs, wording, scenarios."),
    "score": ("questionnaires", "Score an answers file."),
    "report": ("questionnaires", "Write the report of an answers file as a PDF."),
    "new": ("authoring", "Start a questionnaire of your own."),
    "import": ("authoring", "Make a questionnaire from a spreadsheet."),
    "schema": ("authoring", "Print the schema of questionnaire files, for editors."),
    "publish": ("publishing", "Keep a version of a questionnaire for good, if it is sound."),
    "versions": ("publishing", "List what was published, and how often each version was taken."),
    "rescore": ("publishing", "Score an assessment by another version, and say what moved."),
    "serve": ("serving", "Serve the app."),
    "doctor": ("doctor", "Look an instance over, and say how to mend what is wrong."),
    "worker": ("delivery", "Send mail and webhooks, apart from the server."),
    "tenant": ("tenants", "Add tenants and change what they have set."),
    "staff": ("staff", "Let somebody into the console, and end their access."),
    "audit": ("audit", "Print what staff and commands did."),
    "endpoint": ("delivery", "Say where a tenant wants its webhooks."),
    "token": ("tokens", "Give a tenant's own programs a key to the API, and end it."),
    "outbox": ("delivery", "See what was sent and what was not; send it again."),
    "privacy": ("privacy", "Export or erase what is known about somebody."),
    "demo": ("demo", "Make up assessments to look at; remove them again."),
    "db": ("database", "Upgrade, check, back up, restore and move the database."),
}
"""Every command, as the module here that holds it and what `--help` says of it."""


class LazyGroup(click.Group):
    """A group that imports the module of a command when that command is asked for, so that `--help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        function = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        with loading():
            command = getattr(import_module(f"{__name__}.{COMMANDS[cmd_name][0]}"), function)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in COMMANDS.items()])


@click.group(cls=LazyGroup)
@click.version_option(__version__)
def main() -> None:
    """An IT health self-assessment: questions, honest scores, and a plan."""


def settings_in_force() -> Settings:
    """The settings of this process; a wrong one ends the command with its sentence."""
    try:
        return read_settings()
    except BadSetting as error:
        fail(str(error))


@contextmanager
def open_database() -> Iterator["Database"]:
    """The database of the settings, closed at the end; where it cannot be used, the command ends with a sentence."""
    from assessment.storage.session import Database, Unavailable

    settings = settings_in_force()
    with failing(Unavailable, OSError):
        database = Database(settings.database, settings.busy_seconds)
        with database.closing():
            yield database


@contextmanager
def failing(*kinds: type[Exception]) -> Iterator[None]:
    """Errors of these kinds end the command with what they say."""
    try:
        yield
    except kinds as error:
        fail(str(error))


def fail(*lines: str) -> NoReturn:
    """Print the lines as errors and end with exit status 1."""
    for line in lines:
        click.echo(line, err=True)
    sys.exit(1)
