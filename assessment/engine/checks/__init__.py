"""What a sound questionnaire must satisfy: one generator per code, and its docstring is that code's documentation.

The code of a check is its name with hyphens. A check yields the part that is wrong, as `Loaded.places` names it, and a
message; the first line of its docstring is printed as the hint. Ids and references (`existence.py`) come first, and
what tries out firms comes last: a later stage relies on the ones before it, and is run once they find nothing.
"""

from assessment.engine.checks import measures
from assessment.engine.checks.conditions import (
    finding_out_of_place,
    idle_comparison,
    unfit_comparison,
    when_beyond_profile,
)
from assessment.engine.checks.depths import DEPTHS
from assessment.engine.checks.exceptions import idle_exception
from assessment.engine.checks.existence import EXIST
from assessment.engine.checks.figures import figure_without_source, unread_figure
from assessment.engine.checks.proofs import USEFUL
from assessment.engine.checks.questions import (
    assumed,
    equal_steps,
    hidden_fact,
    no_weight,
    scale,
    settled_by,
    settles_to,
)
from assessment.engine.checks.recommendations import (
    cycle,
    idle_recommendation,
    later_prerequisite,
    no_advice,
    raises,
)
from assessment.engine.checks.rules import cap_elsewhere, cap_not_downward, idle_rule
from assessment.engine.checks.subject import Check, code_of, run
from assessment.engine.checks.whole import bands, signs, too_many_firms
from assessment.engine.checks.wording import forbidden_term, reading_age
from assessment.engine.loading import Loaded
from assessment.engine.problems import Level, Problem
from assessment.engine.scenarios import run_scenarios

__all__ = ["PROVED", "STAGES", "WARNED", "check", "code_of", "examine", "prove", "run_scenarios", "warn"]

HOLD = (
    unfit_comparison,
    idle_comparison,
    when_beyond_profile,
    finding_out_of_place,
    settled_by,
    settles_to,
    scale,
    no_weight,
    assumed,
    hidden_fact,
    cap_not_downward,
    idle_rule,
    idle_recommendation,
    raises,
    no_advice,
    cycle,
    later_prerequisite,
    bands,
    signs,
    unread_figure,
    *measures.HOLD,
)

STAGES: tuple[tuple[Check, ...], ...] = (
    (*EXIST, *measures.EXIST),
    HOLD,
    (too_many_firms, cap_elsewhere, *measures.COUNT),
)
PROVED: tuple[Check, ...] = (*USEFUL, *DEPTHS, *measures.PROVED)
WARNED: tuple[Check, ...] = (equal_steps, idle_exception, figure_without_source, reading_age, forbidden_term)


def examine(loaded: Loaded) -> tuple[Problem, ...]:
    """Everything there is to say of a questionnaire: what is wrong, or where nothing is wrong, what to look at."""
    return check(loaded) or prove(loaded) or warn(loaded)


def check(loaded: Loaded) -> tuple[Problem, ...]:
    """What the first stage that finds anything finds: where none does, answers can be scored."""
    if loaded.questionnaire is None:
        return loaded.problems
    return next((found for stage in STAGES if (found := run(stage, loaded))), ())


def prove(loaded: Loaded) -> tuple[Problem, ...]:
    """What reasoning finds wrong with a questionnaire that `check` finds nothing wrong with."""
    return run(PROVED, loaded)


def warn(loaded: Loaded) -> tuple[Problem, ...]:
    """What an author should look at in a questionnaire that is sound."""
    return run(WARNED, loaded, Level.WARNING)
