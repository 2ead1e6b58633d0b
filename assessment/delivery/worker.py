"""The worker: claims what is due, sends it outside any transaction, and writes down what came of it."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from assessment.delivery.attempts import Attempt, Verdict
from assessment.delivery.schedule import next_try
from assessment.storage import outbox
from assessment.storage.outbox import Channel, Claim, State
from assessment.storage.session import Database, Session, Unavailable
from assessment.storage.tables import Attempt as Row

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
"""Longer than any attempt may take, so that nobody tries what somebody is still trying."""

LANES = 3
"""How many things one process sends at a time: a slow endpoint holds up one of them."""

IDLE_SECONDS, TROUBLED_SECONDS = 1.0, 5.0

Send = Callable[[Claim], Attempt]
Aftermath = Callable[[Session, Claim, Attempt, datetime], None]


@dataclass
class Worker:
    """One process's hands. `senders` send by channel; `aftermath` draws conclusions in the settling transaction.

    `aside` is what takes long: one piece of it at a time, in a lane of its own; False when there is nothing to do.
    """

    database: Database
    senders: Mapping[Channel, Send]
    now: Callable[[], datetime]
    random: Callable[[], float]
    aftermath: Aftermath = lambda session, claim, attempt, now: None
    chores: Callable[[], None] = lambda: None
    aside: Callable[[], bool] = lambda: False
    stopping: threading.Event = field(default_factory=threading.Event)
    woken: threading.Event = field(default_factory=threading.Event)

    def once(self) -> bool:
        """Claim one delivery, try it, settle it; False when nothing was due. Raises Unavailable."""
        with self.database.reading() as session:
            if not outbox.waiting(session, self.now()):
                return False
        with self.database.writing() as session:
            claim = outbox.claim(session, self.now(), LEASE)
        if claim is None:
            return False
        self._settle(claim, self._try(claim))
        return True

    def _try(self, claim: Claim) -> Attempt:
        try:
            return self.senders[claim.channel](claim)
        except Unavailable:
            raise
        except Exception:
            log.exception("a mistake of ours while sending %s", claim.message_id)
            return Attempt(Verdict.AGAIN, "A mistake on our side; the log has it.")

    def _settle(self, claim: Claim, attempt: Attempt) -> None:
        now = self.now()
        state, next_at = verdict(claim, attempt, now, self.random)
        row = Row(at=now, verdict=attempt.verdict, status=attempt.status, says=attempt.says)
        with self.database.writing() as session:
            if outbox.settle(session, claim, state, row, next_at):
                self.aftermath(session, claim, attempt, now)

    def run(self) -> None:
        """Work until told to stop; what is being sent at that moment is finished first."""
        self._repeat(self.once, self.chores)

    def run_aside(self) -> None:
        """The same for what takes long."""
        self._repeat(self.aside, lambda: None)

    def _repeat(self, step: Callable[[], bool], before: Callable[[], None]) -> None:
        while not self.stopping.is_set():
            try:
                before()
                while not self.stopping.is_set() and step():
                    pass
                self._rest(IDLE_SECONDS)
            except Unavailable as error:
                log.error("the database does not answer, what is due waits: %s", error)
                self._rest(TROUBLED_SECONDS)
            except Exception:
                log.exception("a mistake of ours in the worker")
                self._rest(TROUBLED_SECONDS)

    def _rest(self, seconds: float) -> None:
        self.woken.wait(seconds * (0.75 + 0.5 * self.random()))
        self.woken.clear()

    def wake(self) -> None:
        """Something was put in the outbox: look now."""
        self.woken.set()

    def stop(self) -> None:
        """Claim nothing more."""
        self.stopping.set()
        self.woken.set()

    def finish(self, threads: list[threading.Thread]) -> None:
        """Stop, and wait for what is being sent at this moment."""
        self.stop()
        for thread in threads:
            thread.join(LEASE.total_seconds())

    def start(self, lanes: int = LANES) -> list[threading.Thread]:
        """Work in threads of this process, which end with it."""
        threads = [threading.Thread(target=self.run, name=f"delivery-{lane}", daemon=True) for lane in range(lanes)]
        threads.append(threading.Thread(target=self.run_aside, name="aside", daemon=True))
        for thread in threads:
            thread.start()
        return threads


def verdict(
    claim: Claim, attempt: Attempt, now: datetime, random: Callable[[], float]
) -> tuple[State, datetime | None]:
    """What becomes of a delivery after an attempt, and when it is tried again."""
    if attempt.verdict is Verdict.DONE:
        return State.DONE, None
    if attempt.verdict in (Verdict.DEAD, Verdict.GONE):
        return State.DEAD, None
    again = next_try(claim.attempts, now, attempt.after, random)
    return (State.PENDING, again) if again is not None else (State.DEAD, None)
