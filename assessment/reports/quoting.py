"""Finds the words for parts of an outcome: answers as they were offered, rules by name, figures with a number."""

from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Kind, Question
from assessment.engine.result import AnswerResult, Outcome
from assessment.reports.quotes import FigureView, Quote
from assessment.reports.words import with_stop


def answer_says(question: Question, answer: AnswerResult) -> str:
    """An answer in the words it was offered in."""
    if answer.state == "not-sure" and not answer.options:
        return question.not_sure_says
    if answer.state == "does-not-apply":
        return question.does_not_apply.says if question.does_not_apply else "Does not apply"
    if answer.number is not None:
        return f"{answer.number} {question.unit or ''}".strip()
    if answer.text is not None:
        return answer.text
    if not answer.options:
        return "Not answered"
    if question.kind is Kind.NUMBER:  # a number nobody told, as it was assumed
        return f"{answer.options[0]} {question.unit or ''}".strip()
    return "; ".join(question.option(option).says for option in answer.options)


class Quoting:
    """The words of one questionnaire version for one outcome; remembers which figures were cited, and numbers them."""

    def __init__(self, outcome: Outcome, questionnaire: Questionnaire) -> None:
        self.outcome = outcome
        self.questionnaire = questionnaire
        self.given = {answer.question: answer for answer in outcome.answers}
        self.bank_titles = {bank.id: bank.title for bank in questionnaire.banks}
        self.band_names = {band.id: band.name for band in questionnaire.bands}
        self.figures: dict[str, FigureView] = {}

    def rule_says(self, rule_id: str) -> str:
        """What a rule has found, as a sentence."""
        rule = self.questionnaire.all_rules[rule_id]
        return with_stop(rule.finding or rule.code)

    def quote(self, answer: AnswerResult) -> Quote:
        question = self.questionnaire.questions[answer.question]
        return Quote(question.id, question.short, self.says(answer))

    def says(self, answer: AnswerResult) -> str:
        """An answer in the words it was offered in."""
        return answer_says(self.questionnaire.questions[answer.question], answer)

    def quotes(self, questions: tuple[str, ...]) -> tuple[Quote, ...]:
        return tuple(self.quote(self.given[question]) for question in questions if question in self.given)

    def answered(self, questions: tuple[str, ...]) -> tuple[Quote, ...]:
        """The same, without those nobody answered."""
        return tuple(quote for quote in self.quotes(questions) if self.given[quote.question].state != "unanswered")

    def figure(self, source: str | None) -> FigureView | None:
        found = self.questionnaire.figure_by_id.get(source or "")
        if found is None or found.status != "read":
            return None
        if found.id not in self.figures:
            source_says = f"{found.publisher}, “{found.title}”, {found.year}"
            number = len(self.figures) + 1
            self.figures[found.id] = FigureView(number, found.figure, source_says, found.link, found.year)
        return self.figures[found.id]
