"""Respondents who walk whole assessments, page by page, and press the button again whenever nothing good came of it."""

import http.client
import random
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlencode

from assessment.engine.answers import Answer, parse_answer
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import NOT_SURE, Kind, Question
from assessment.storage import assessments
from assessment.storage.assessments import LinkKind
from assessment.storage.session import Database

PATIENCE = 60
"""How many seconds somebody goes on pressing the same button."""

BREATH = 0.2
"""How many seconds pass before it is pressed again."""

READING = 2.1
"""How many seconds of reading go before somebody leaves their details; quicker is taken for a machine."""

Form = Mapping[str, Any]
Connect = Callable[[], http.client.HTTPConnection]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; a status of 0 where nobody answered."""

    status: int
    location: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Try:
    """One request: when it was answered, how, and whether it was a form."""

    at: float
    status: int
    posted: bool

    @property
    def failed(self) -> bool:
        return self.status == 0 or self.status >= 500


@dataclass
class Told:
    """What one respondent was told is kept."""

    token: str
    answers: dict[str, Answer] = field(default_factory=dict)
    asked_again: list[str] = field(default_factory=list)
    """Questions that came once more after their answer was taken: it was not kept."""

    sent_in: bool = False
    left: bool = False


class Browser:
    """One visitor's connection, opened anew by `connect` when it broke; it may lead to another server then."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._connection = connect()

    def send(self, path: str, form: Form | None = None) -> Reply:
        """Ask for a page, or send a form."""
        try:
            if form is None:
                self._connection.request("GET", path)
            else:
                kind = {"Content-Type": "application/x-www-form-urlencoded"}
                self._connection.request("POST", path, urlencode(form, doseq=True), kind)
            answer = self._connection.getresponse()
            return Reply(answer.status, answer.headers.get("Location", ""), answer.read().decode())
        except (OSError, http.client.HTTPException):
            self.close()
            self._connection = self._connect()
            return Reply(0)

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass
class Crowd:
    """Respondents at work, each a new visitor for every assessment; `connect` opens the connection of visitor n."""

    questionnaire: Questionnaire
    connect: Callable[[int], Connect]
    leaves_details: bool = False
    tried: list[Try] = field(default_factory=list)
    waits: list[tuple[float, float]] = field(default_factory=list)
    """Of each step that was not taken at once: when it was, and how many seconds after it had first failed."""

    told: list[Told] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def at_work(self, respondents: int) -> Iterator[None]:
        """So many at once, until the block ends; whoever has begun finishes."""
        with ThreadPoolExecutor(respondents) as pool:
            ways = [pool.submit(self._work, lane, respondents) for lane in range(respondents)]
            try:
                yield
            finally:
                self.stopping.set()
            for way in ways:
                way.result()

    def since(self, moment: float) -> Sequence[Try]:
        """What was tried after a moment."""
        return [one for one in self.tried if one.at > moment]

    def _work(self, lane: int, lanes: int) -> None:
        visitor = lane
        while not self.stopping.is_set():
            with Browser(self.connect(visitor)) as browser:
                try:
                    self._walk(browser, visitor)
                except Refused as error:
                    self.refused.append(str(error))
            visitor += lanes

    def _walk(self, browser: Browser, visitor: int) -> None:
        chance = random.Random(visitor)
        self._insist(browser, "/q/check")
        path = self._insist(browser, "/q/check/start", {"depth": "quick"}).location
        told = Told(path.split("/")[2])
        self.told.append(told)
        while not path.endswith("/check"):
            self._insist(browser, path)
            question = self.questionnaire.questions[path.rsplit("/", 1)[1]]
            if question.id in told.answers:
                told.asked_again.append(question.id)
            answer = some_answer(question, chance)
            path = self._insist(browser, path, {"answer": answer}).location
            told.answers[question.id] = parse_answer(question, answer)
        self._insist(browser, path)
        report = self._insist(browser, f"/t/{told.token}/submit", {}).location
        told.sent_in = True
        page = self._insist(browser, report).page
        if self.leaves_details:
            self._leave(browser, report, page, visitor)
            told.left = True

    def _leave(self, browser: Browser, report: str, page: str, visitor: int) -> None:
        time.sleep(READING)
        (stamp,) = re.findall(r'name="stamp" value="([^"]+)"', page)
        form = {"email": f"owner@firm-{visitor}.example", "consent_contact": "yes", "stamp": stamp}
        self._insist(browser, f"{report}/contact", form)

    def _insist(self, browser: Browser, path: str, form: Form | None = None) -> Reply:
        """The first good reply. Raises Refused where pressing the button again cannot help, or does not for long."""
        began = 0.0
        while True:
            reply = browser.send(path, form)
            one = Try(time.monotonic(), reply.status, form is not None)
            self.tried.append(one)
            if reply.status == (200 if form is None else 303):
                if began:
                    self.waits.append((one.at, one.at - began))
                return reply
            began = began or one.at
            if not one.failed or one.at - began > PATIENCE:
                raise Refused(f"{reply.status} for {re.sub('/[^/]{43}', '/…', path)} after {one.at - began:.0f} s")
            time.sleep(BREATH)


class Refused(Exception):
    """Somebody could not go on."""


def some_answer(question: Question, chance: random.Random) -> str:
    """What somebody may press on the page of a question."""
    assert question.kind in (Kind.SINGLE, Kind.MULTIPLE)
    offered = [option.id for option in question.options]
    return chance.choice([*offered, NOT_SURE] if question.offers_not_sure else offered)


def lost(database: Database, told: Iterable[Told], now: datetime) -> list[str]:
    """Whatever somebody was told is kept, and is not there or is something else."""
    found = []
    with database.reading() as session:
        for one in told:
            kept = assessments.by_token(session, one.token, LinkKind.WRITE, now)
            if kept is None:
                found.append(f"the assessment of {one.token[:6]}… is gone")
                continue
            found += [f"{kept.reference}: {question} was asked again" for question in one.asked_again]
            answers = assessments.answers_of(session, kept)
            for question, answer in one.answers.items():
                if answers.get(question) != answer:
                    found.append(f"{kept.reference}: {question} is {answers.get(question)}, and not {answer}")
            if one.sent_in and kept.outcome is None:
                found.append(f"{kept.reference} was sent in, and has no result")
            if one.left and kept.lead is None:
                found.append(f"{kept.reference}: the details are not there")
    return found
