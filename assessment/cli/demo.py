"""`assessment demo`: fill a tenant with made-up assessments to look at, and take them out again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random

import click

from assessment.cli import fail, failing, settings_in_force
from assessment.cli.tenants import find, migrated
from assessment.engine.answers import Answer
from assessment.engine.assess import assess
from assessment.engine.flow import walk
from assessment.engine.loading import load
from assessment.engine.problems import Refused
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import NOT_SURE, PROFILE, Depth, Kind, Question
from assessment.engine.result import Outcome
from assessment.settings import BadSetting
from assessment.storage import demo as made_up
from assessment.storage.demo import MARK, MadeUp
from assessment.storage.questionnaires import VersionTaken, publish
from assessment.storage.standing import standing
from assessment.tenancy.contact import consents
from assessment.tenancy.grading import Facts, Grade, grade
from assessment.tenancy.profile import Profile
from assessment.web.sending import people_of

FIRMS = 300
"""How many different firms answer; of more assessments, several are of firms alike."""

BATCH = 500
YEAR = 365 * 24 * 60
DEPTHS = {Depth.QUICK: 5, Depth.STANDARD: 4, Depth.FULL: 1}
UNSURE, LEAVES_DETAILS, AGREES = 0.07, 1 / 3, 0.8
FIRST = "Jane Omar Priya Tom Zoë Marek Aisha Liam Grace Yusuf Helen Dmitri Nia Pedro Ruth Kofi Ingrid Sam"
LAST = "Brown Khan Patel Łukasz Hughes Novak Okafor Smith Fischer Rossi Evans Silva Murphy Berg Cole Diaz"
TRADES = "Dental Accounts Architects Heating Solicitors Bakery Logistics Joinery Lettings Design"
TOWNS = "Ashby Barton Corley Denby Elton Farley Gorton Hadley Ilkley Kirby Linton Marley Norton Oakley Preston Tilbury"
SOURCES: tuple[dict[str, str], ...] = (
    {},
    {"embed": "inline", "host": "www.example.com"},
    {"embed": "popup", "host": "www.example.com", "utm_source": "spring"},
    {"utm_source": "newsletter", "utm_medium": "email"},
    {"ref": "chamber-of-commerce"},
)


@dataclass(frozen=True, slots=True)
class Firm:
    """One made-up firm's answers and what came of them."""

    answers: dict[str, Answer]
    outcome: Outcome
    text: str


@click.command()
@click.option("--assessments", "count", type=click.IntRange(1, 1_000_000), default=200, show_default=True)
@click.option("--tenant", "slug", help="Whose; the default tenant without it.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes up the same firms.")
@click.option("--remove", is_flag=True, help="Take everything made up out again.")
def demo(count: int, slug: str | None, seed: int, remove: bool) -> None:
    """Fill a tenant with made-up assessments, contact details with a third of them; nothing is sent to anybody."""
    slug = slug or settings_in_force().tenant
    if remove:
        _remove(slug)
    else:
        _add(count, slug, seed)


def _remove(slug: str) -> None:
    removed = 0
    with migrated() as database:
        while True:
            with database.writing() as session:
                gone = made_up.take_out(session, find(session, slug), BATCH)
            if not gone:
                break
            removed += gone
        database.forget()
    click.echo(f"Removed {removed} made-up assessments of “{slug}”.")


def _add(count: int, slug: str, seed: int) -> None:
    settings, now = settings_in_force(), datetime.now(UTC)
    spirit, chance = Random(seed), Random(f"{seed} {slug}")  # noqa: S311  # nothing here is secret
    with migrated() as database:
        with database.reading() as session:
            tenant = find(session, slug)
            profile = tenant.profile
        with failing(Refused, BadSetting):
            questionnaire = load(settings.question_folder(profile.questionnaire)).or_refuse()
        firms = [_firm(questionnaire, spirit) for _ in range(min(count, FIRMS))]
        sittings = (_sitting(firms, profile, now, chance) for _ in range(count))
        with database.writing() as session, failing(VersionTaken):
            pin = questionnaire.id, publish(session, questionnaire, now, settings.development)
        while batch := list(islice(sittings, BATCH)):
            with database.writing() as session:
                if made_up.is_there(session, batch[0].reference):
                    fail(f"What seed {seed} makes up is there already: take another --seed, or --remove it first.")
                made_up.put_in(session, tenant, pin, batch)
    click.echo(f"Added {count} made-up assessments to “{slug}”. `assessment demo --remove` takes them out again.")


def _firm(questionnaire: Questionnaire, chance: Random) -> Firm:
    """A firm that answers everything it is asked, more or less in one spirit."""
    depth = chance.choices(list(DEPTHS), list(DEPTHS.values()))[0]
    care, answers = chance.betavariate(2, 2.6), dict[str, Answer]()
    while open_steps := walk(questionnaire, answers, depth).open_steps:
        answers |= {question.id: _answer(question, care, chance) for question in open_steps}
    outcome = assess(questionnaire, answers, depth)
    return Firm(answers, outcome, outcome.to_json())


def _answer(question: Question, care: float, chance: Random) -> Answer:
    if question.kind is Kind.TEXT:
        return "–"
    if question.kind is Kind.NUMBER:
        return max(question.at_least or 0, min(chance.randrange(1, 40), question.at_most or 40))
    if question.kind is Kind.MULTIPLE:
        plain = [option.id for option in question.options if not option.exclusive]
        return frozenset(chance.sample(plain, chance.randint(1, min(3, len(plain)))))
    if question.bank == PROFILE:
        return chance.choice(question.ladder)
    if question.offers_not_sure and chance.random() < UNSURE:
        return NOT_SURE
    last = len(question.ladder) - 1
    return question.ladder[min(last, max(0, round(chance.gauss(care * last, 0.9))))]


def _sitting(firms: list[Firm], profile: Profile, now: datetime, chance: Random) -> MadeUp:
    firm, reference = chance.choice(firms), f"{MARK}{chance.getrandbits(48):012x}"
    sent_in = now - timedelta(minutes=chance.randrange(YEAR), seconds=chance.randrange(60))
    contact = _contact(reference, chance) if chance.random() < LEAVES_DETAILS else {}
    agrees = chance.random() < AGREES
    return MadeUp(
        reference=reference,
        begun_at=sent_in - timedelta(minutes=chance.randint(3, 25)),
        sent_in_at=sent_in,
        depth=firm.outcome.depth,
        answers=firm.answers,
        outcome=firm.text,
        standing=standing(firm.outcome),
        source=chance.choice(SOURCES),
        contact=contact,
        grade=_grade(firm.outcome, profile, agrees) if contact else None,
        consents=[(text, agrees) for text in consents(profile)] if contact else (),
    )


def _contact(reference: str, chance: Random) -> dict[str, str]:
    """Somebody who is nobody: the addresses lead nowhere, and the numbers are kept free for stories."""
    first, last, trade, town = (chance.choice(words.split()) for words in (FIRST, LAST, TRADES, TOWNS))
    return {
        "name": f"{first} {last}",
        "company": f"{last} {trade} {town}",
        "email": f"{reference[len(MARK) :]}@{trade.lower()}-{town.lower()}.example",
        "phone": f"01632 960{chance.randrange(1000):03}",
    }


def _grade(outcome: Outcome, profile: Profile, asked: bool) -> Grade:
    found, score = standing(outcome), outcome.overall.score if outcome.overall else None
    signs = outcome.signs.count if outcome.signs else 0
    return grade(profile, Facts(people_of(outcome), score, found.criticals, signs, asked))
