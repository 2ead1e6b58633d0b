"""One tiny questionnaire for tests that tell a story: two banks, a fact, a gate, caps and a plan."""

from functools import cache
from pathlib import Path

from assessment.engine.checks import check
from assessment.engine.documents import read_yaml
from assessment.engine.loading import assemble, load
from assessment.engine.questionnaire import Questionnaire

BANKS = Path("tests/banks")


@cache
def tiny() -> Questionnaire:
    return load(BANKS / "valid" / "tiny").or_refuse()


def tiny_with(*changes: tuple[str, str, str]) -> Questionnaire:
    """The same with some text of some file replaced; still sound."""
    folder = BANKS / "valid" / "tiny"
    texts = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.yaml")}
    for file, before, after in changes:
        assert texts[file].count(before) == 1, (file, before)
        texts[file] = texts[file].replace(before, after)
    loaded = assemble({name: read_yaml(text, name) for name, text in texts.items()})
    assert check(loaded) == ()
    return loaded.or_refuse()
