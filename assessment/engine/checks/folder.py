"""Everything a questionnaire folder is checked for: what it says, what follows from it, its past and its scenarios."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assessment.engine.checks import examine
from assessment.engine.checks.history import since
from assessment.engine.loading import Loaded, Scenario, load, load_scenarios
from assessment.engine.problems import Level, Problem
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.scenarios import run_scenarios


@dataclass(frozen=True)
class Examined:
    """A folder, and all that was found in it."""

    loaded: Loaded
    scenarios: tuple[Scenario, ...]
    found: tuple[Problem, ...]

    @property
    def problems(self) -> Sequence[Problem]:
        """What has to be mended before anybody takes the questionnaire."""
        return [one for one in self.found if one.level is Level.PROBLEM]

    @property
    def warnings(self) -> Sequence[Problem]:
        """What the author should look at."""
        return [one for one in self.found if one.level is Level.WARNING]


def examine_folder(folder: Path, earlier: Questionnaire | None = None) -> Examined:
    """Check a folder, beside an earlier version if there is one; scenarios are run where nothing else is wrong."""
    loaded = load(folder)
    scenarios, unread = load_scenarios(folder)
    found = [*examine(loaded), *unread]
    if earlier is not None and loaded.questionnaire is not None:
        found += since(earlier, loaded)
    if loaded.questionnaire is not None and not any(one.level is Level.PROBLEM for one in found):
        found += run_scenarios(loaded.questionnaire, scenarios)
    return Examined(loaded, scenarios, tuple(found))
