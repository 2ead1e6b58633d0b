"""A questionnaire beside an earlier version of itself: what may change, and what never does."""

import pytest

from assessment.engine.checks.history import since
from assessment.engine.documents import read_yaml
from assessment.engine.loading import Loaded, assemble
from tests.engine.tiny import BANKS, tiny

Change = tuple[str, str, str]

NEW: Change = ("questionnaire.yaml", 'version: "1"', 'version: "2"')
ASK: Change = ("banks/backups.yaml", "ask: Were they tested?", "ask: When did somebody last test them?")
SHORT: Change = ("banks/backups.yaml", "short: Backups tested", "short: Last test")
OPTION: Change = ("banks/backups.yaml", "id: often, says: Often", "id: often, says: Every month")
POINTS: Change = ("banks/backups.yaml", "says: Once, points: 60", "says: Once, points: 50")
LEAVERS: tuple[Change, ...] = (
    ("banks/access.yaml", "id: leavers", "id: people-who-left"),
    ("banks/access.yaml", "{leavers:", "{people-who-left:"),
    ("banks/access.yaml", "code: A2", "code: A9"),
)
ANOTHER: tuple[Change, ...] = (
    ("banks/access.yaml", "short: Leavers", "short: Visitors"),
    ("banks/access.yaml", "ask: Are leavers locked out?", "ask: Do visitors sign in?"),
    ("banks/access.yaml", "says: Never", "says: Some do"),
    ("banks/access.yaml", "says: Always", "says: All do"),
)


def changed(*changes: Change) -> Loaded:
    """The tiny questionnaire with some texts replaced, sound or not."""
    folder = BANKS / "valid" / "tiny"
    texts = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.yaml")}
    for file, before, after in changes:
        assert before in texts[file]
        texts[file] = texts[file].replace(before, after)
    return assemble({name: read_yaml(text, name) for name, text in texts.items()})


def found(*changes: Change) -> list[str]:
    return [f"{one.level} {one.code}" for one in since(tiny(), changed(*changes))]


RETIRED: Change = ("questionnaire.yaml", "rules:\n", "retired: {backups.untested: It was unfair.}\nrules:\n")
RENAMED: Change = ("banks/backups.yaml", "- id: untested", "- id: not-tested")
RECODED: Change = ("banks/backups.yaml", "code: K2", "code: K7")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ((), []),
        ((NEW,), []),
        ((POINTS,), ["problem version-taken"]),
        ((NEW, POINTS), []),
        ((NEW, ASK), []),
        ((NEW, ASK, SHORT), []),
        ((NEW, OPTION), []),
        ((NEW, RECODED), []),
        ((NEW, RENAMED), ["problem moved-code", "warning vanished"]),
        ((NEW, RENAMED, RECODED), ["warning vanished"]),
        ((NEW, RENAMED, RECODED, RETIRED), []),
        ((NEW, *LEAVERS), ["warning vanished"]),
        ((NEW, *ANOTHER), ["problem changed-meaning"]),
        ((NEW, *ANOTHER[1:]), []),
        ((NEW, *ANOTHER[:3]), []),
        ((NEW, ("questionnaire.yaml", "id: tiny", "id: other")), ["problem another-questionnaire"]),
    ],
)
def test_what_was_published_keeps_its_meaning(changes: tuple[Change, ...], expected: list[str]) -> None:
    assert found(*changes) == expected
