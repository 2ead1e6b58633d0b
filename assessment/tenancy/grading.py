"""Grading a lead: how well the firm fits, how much it needs, whether it asked to be called. Apart from its score."""

from dataclasses import dataclass

from assessment.tenancy.profile import Profile

IN_NEED, IN_SOME_NEED = 50, 70
"""Scores below which a firm needs help badly, or needs some. A judgement, like every grade."""

FITS = "ABC"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a grade looks at: people at the firm if known, score, confirmed criticals, whether a call was asked for."""

    people: tuple[int, int] | None
    score: int | None
    criticals: int
    signs: int
    asked: bool


@dataclass(frozen=True, slots=True)
class Grade:
    """A to C for fit, 1 to 3 for need, and whether they asked; `reasons` has a sentence for each."""

    fit: str
    need: int
    asked: bool
    reasons: tuple[str, ...]

    @property
    def says(self) -> str:
        """Such as "A1, asked to be contacted"."""
        return f"{self.fit}{self.need}" + (", asked to be contacted" if self.asked else "")

    @property
    def rank(self) -> int:
        """The same as one number to sort by, fit before need: A1 is 33, C3 is 11."""
        return 10 * (3 - FITS.index(self.fit)) + 4 - self.need


def named(rank: int) -> str:
    """The grade that has this rank, such as "A1"; nothing for 0, the rank of who left no details."""
    return f"{FITS[3 - rank // 10]}{4 - rank % 10}" if rank else ""


def grade(profile: Profile, facts: Facts) -> Grade:
    """The grade of one lead, with its reasons."""
    fit, why_fit = _fit(profile, facts.people)
    need, why_need = _need(facts)
    asked = "They asked to be contacted." if facts.asked else "They did not ask to be contacted."
    return Grade(fit, need, facts.asked, (why_fit, why_need, asked))


def _fit(profile: Profile, people: tuple[int, int] | None) -> tuple[str, str]:
    wanted = f"{profile.fit_from} to {profile.fit_to} people"
    if people is None:
        return "B", f"Fit B: the number of people is not known; you look for {wanted}."
    low, high = people
    size = f"{low} people" if low == high else f"{low} to {high} people"
    if low <= profile.fit_to and high >= profile.fit_from:
        return "A", f"Fit A: {size}; you look for {wanted}."
    if low <= 2 * profile.fit_to and 2 * high >= profile.fit_from:
        return "B", f"Fit B: {size}, not far from the {wanted} you look for."
    return "C", f"Fit C: {size}; you look for {wanted}."


def _need(facts: Facts) -> tuple[int, str]:
    found = "critical finding" if facts.criticals == 1 else "critical findings"
    scored = f"a score of {facts.score}" if facts.score is not None else "no score"
    signs = "sign" if facts.signs == 1 else "signs"
    outgrown = f", {facts.signs} {signs} of having outgrown break/fix" if facts.signs else ""
    says = f"{scored}, {facts.criticals} {found}{outgrown}"
    low = facts.score is not None and facts.score < IN_NEED
    if facts.criticals or low:
        return 1, f"Need 1, the greatest: {says}."
    if facts.signs >= 3 or (facts.score is not None and facts.score < IN_SOME_NEED):
        return 2, f"Need 2: {says}."
    return 3, f"Need 3, the least: {says}."
