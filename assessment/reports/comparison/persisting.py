"""Which findings are gone, still there or new between two outcomes, and where only one of the two could tell."""

from collections.abc import Iterator

from assessment.engine.advice import Severity
from assessment.engine.conditions import Finding
from assessment.engine.flow import State
from assessment.engine.ledger import ANY_CRITICAL
from assessment.engine.result import Certainty, FindingResult
from assessment.reports.comparison.comparison import Fate, FindingMove
from assessment.reports.comparison.matching import Half, Matching, Where
from assessment.reports.words import with_stop

CERTAINTY = {
    (Certainty.POSSIBLE, Certainty.CONFIRMED): "It was possible then. Now it is certain.",
    (Certainty.CONFIRMED, Certainty.POSSIBLE): "It was certain then. Now an answer is open.",
    (Certainty.POSSIBLE, None): "It was only possible then.",
    (None, Certainty.POSSIBLE): "It is possible: an answer is open.",
    (Certainty.POSSIBLE, Certainty.POSSIBLE): "It is possible, as it was then: an answer is open.",
}


class _Held:
    """The findings of one outcome by rule; what holds only because of another is found under that one's."""

    def __init__(self, half: Half) -> None:
        self.half = half
        self.own = {f.rule: f for f in half.outcome.findings if half.questionnaire.all_rules[f.rule].finding}
        self.by = {rule: f for f in half.outcome.findings for rule in f.covers} | self.own

    def certainty(self, rule: str) -> Certainty | None:
        return self.by[rule].certainty if rule in self.by else None

    def within(self, rule: str) -> str:
        """What it is a part of, in words; nothing where it stands alone."""
        over = self.by.get(rule)
        return "" if over is None or over.rule == rule else self.half.rule_says(over.rule).rstrip(".")

    def why_not(self, rule: str, rests_on: tuple[str, ...]) -> str:
        """Why this check could not tell whether a rule holds; nothing where it could."""
        authored = self.half.questionnaire.all_rules.get(rule)
        if authored is None:
            return f"Version {self.half.questionnaire.version} does not look at it"
        others = self._rests_on(rule)
        if {rule, *others} & set(self.half.outcome.not_looked_at):
            return f"A {self.half.outcome.depth} check does not look at it"
        behind = [q for other in sorted(others) for q in self.half.questionnaire.all_rules[other].when.questions]
        return "An answer it rests on is missing" if any(map(self._missing, [*rests_on, *behind])) else ""

    def _rests_on(self, rule: str) -> set[str]:
        """The rules a rule about findings looks at."""
        rules = self.half.questionnaire.all_rules
        named = {node.rule for node in rules[rule].when.walk() if isinstance(node, Finding)}
        critical = {one.id for one in rules.values() if one.severity is Severity.CRITICAL}
        return (named - {ANY_CRITICAL}) | critical if ANY_CRITICAL in named else named

    def _missing(self, question: str) -> bool:
        answer = self.half.given.get(question)
        unanswered = answer is not None and answer.state == State.UNANSWERED
        return unanswered or self.half.where(question) in (Where.DEEPER, Where.ABSENT)


class Persisting:
    """The findings of two outcomes, set against each other."""

    def __init__(self, matching: Matching) -> None:
        self.matching = matching
        self.was, self.now = _Held(matching.was), _Held(matching.now)

    def moves(self) -> Iterator[FindingMove]:
        """Every finding that stands by itself in at least one of the two, the gravest first."""
        found = {**self.was.own, **self.now.own}
        for rule, finding in sorted(found.items(), key=lambda pair: _order(pair[1])):
            yield self._move(rule, finding)

    def _move(self, rule: str, finding: FindingResult) -> FindingMove:
        was, now = self.was.certainty(rule), self.now.certainty(rule)
        half = (self.now if now else self.was).half
        fate, blind = self._fate(rule, finding)
        noted = [CERTAINTY.get((was, now), ""), *self._parts(rule), blind]
        return FindingMove(
            rule=rule,
            code=finding.code,
            title=half.rule_says(rule),
            fate=fate,
            critical=finding.severity is Severity.CRITICAL,
            was=was,
            now=now,
            possible=(now or was) is Certainty.POSSIBLE,
            note=" ".join(with_stop(note) for note in noted if note),
            evidence=self.matching.evidence(finding.questions),
        )

    def _fate(self, rule: str, finding: FindingResult) -> tuple[Fate, str]:
        """What became of it, and why one of the two could not tell, if so."""
        if rule in self.was.by and rule in self.now.by:
            return Fate.STILL, ""
        if rule in self.now.by:
            blind = self.was.why_not(rule, finding.questions)
            return (Fate.FIRST_SEEN, f"Then: {_small(blind)}") if blind else (Fate.NEW, "")
        blind = self.now.why_not(rule, finding.questions)
        return (Fate.NOT_SEEN, f"This time: {_small(blind)}") if blind else (Fate.GONE, "")

    def _parts(self, rule: str) -> Iterator[str]:
        for held, says in ((self.was, "Then it was"), (self.now, "Now it is")):
            if within := held.within(rule):
                yield f"{says} part of “{within}”"


def _small(says: str) -> str:
    return f"{says[:1].lower()}{says[1:]}"


def _order(finding: FindingResult) -> tuple[int, bool, str]:
    return list(Severity).index(finding.severity), finding.certainty is Certainty.POSSIBLE, finding.rule
