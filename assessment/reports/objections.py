"""Objections: what an owner may say against acting, each tied to an answer they gave, with an honest reply.

Fair to whoever helps them now, and never by fear: where staying as they are is right, the reply says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from assessment.reports.quotes import Quote
from assessment.reports.quoting import Quoting

MOST = 5
WORTH_SAYING = 3
"""How many free steps are worth pointing out."""

HELP, BACKUPS, MONEY, TIME, PEOPLE, CLOUD, INSURANCE, CHANGE = range(8)
"""What an objection is about: of each, the first that fits is told."""


@dataclass(frozen=True, slots=True)
class Objection:
    """What may be said, the answer it is tied to, and an honest reply."""

    says: str
    quote: Quote
    reply: str


@dataclass(frozen=True, slots=True)
class Authored:
    """One objection: what it is about, what is said, which answers it fits, the one that is quoted, and the reply."""

    about: int
    says: str
    fits: Mapping[str, tuple[str, ...]]
    reply: str

    @property
    def tie(self) -> str:
        """The question whose answer is quoted: the last one named."""
        return list(self.fits)[-1]


SUPPORT, EVIDENCE = "profile.it-support", "provider.prevention-evidence"
UNSEEN = ("nothing-known", "told-only", "during-visits")

AUTHORED = (
    Authored(
        HELP,
        "We already pay a monthly fee for all this.",
        {"provider.payment-model": ("flat-fee", "fee-for-results"), EVIDENCE: UNSEEN},
        "The fee may well be worth its money; what is missing is the proof. Suggest that they ask for last month’s "
        "list of updates, backup checks and warnings. If it is good, nothing needs to change.",
    ),
    Authored(
        HELP,
        "We are happy with our technician.",
        {SUPPORT: ("provider",), EVIDENCE: UNSEEN},
        "Then keep them, and say so. Good repairs and prevention are two jobs, and perhaps nobody ever ordered the "
        "second one. Suggest that they ask what is done when nothing is broken, and to see last month’s work. There "
        "may be a good answer; if so, little needs to change.",
    ),
    Authored(
        HELP,
        "We have somebody for that.",
        {SUPPORT: ("provider",)},
        "Good. Take nothing away from them: many of these steps are theirs to do, and the plan says which. Offer to "
        "go through it with both at one table.",
    ),
    Authored(
        HELP,
        "A friend of ours looks after that.",
        {SUPPORT: ("volunteer",)},
        "That help is worth a lot, and it should stay welcome. Begin by writing down what the friend knows, so that "
        "nobody is stuck when they are away. Offer to take over only what the friend would gladly hand on.",
    ),
    Authored(
        HELP,
        "We manage well enough by ourselves.",
        {"profile.staff": ("1", "2-4"), SUPPORT: ("nobody", "staff-member")},
        "At this size that is normal, and no big contract is needed. The report says how to do each step without an "
        "IT company. A few hours of help where they get stuck may be all they want to buy.",
    ),
    Authored(
        HELP,
        "One of us does it on the side.",
        {SUPPORT: ("nobody", "staff-member")},
        "Whoever does it knows the business better than anybody from outside. The question is only whether there are "
        "hours set aside for it. Suggest a fixed number a week, or handing over the part they like least.",
    ),
    Authored(
        HELP,
        "We have our own people for this.",
        {SUPPORT: ("in-house",)},
        "Then they are the ones to talk to. Bring the list as help, not as an examination, and ask what keeps them "
        "from it: time, money or a decision. Outside help is only worth it for what they want to hand on.",
    ),
    Authored(
        BACKUPS,
        "Our backups run by themselves.",
        {
            "backups.schedule": ("less-than-daily", "daily", "several-a-day"),
            "backups.tested-restore": ("never", "by-chance"),
        },
        "Good: that part is done. What nobody has seen yet is whether the data comes back. There is nothing to argue "
        "about: get one file from last week back together and open it. Then both of you know.",
    ),
    Authored(
        MONEY,
        "IT costs us enough already.",
        {"five-signs.surprise-bills": ("most-months", "few-a-year")},
        "They may be right. {free} of the first {steps} steps need nothing bought, only time; begin with those. Before "
        "anybody talks of a fee, let them add up what the last twelve months really cost, and compare. A flat fee is "
        "not always the cheaper way.",
    ),
    Authored(
        MONEY,
        "There is no budget for this.",
        {"roadmap.budget": ("pay-what-turns-up", "rough-total")},
        "None is needed to begin. {free} of the first {steps} steps need nothing bought, only time. What costs money "
        "comes later in the plan, with a range beside it, and can wait for next year’s budget.",
    ),
    Authored(
        TIME,
        "I have no time for this.",
        {"five-signs.own-time": ("over-five-hours", "two-to-five-hours")},
        "Believe it: they told you how much of their week IT takes already. The first three steps ask for {hours} of "
        "their own time. Agree on those, with dates, and leave the rest for later.",
    ),
    Authored(
        PEOPLE,
        "A second step at every sign-in will annoy my people.",
        {"access.email-mfa": ("nobody", "a-few", "some-left-out")},
        "It is a change, and it should be announced. Suggest beginning with the owner and whoever pays the bills, "
        "and looking after a week at what it really took. If it is a nuisance for somebody, find the kind of second "
        "step that suits them; a small key can be easier than a code.",
    ),
    Authored(
        CLOUD,
        "Everything is in the cloud, so it is backed up.",
        {"profile.outside-cloud": ("no",), "backups.cloud-copy": ("provider-only", "sometimes")},
        "The service keeps running, and that is worth paying for. A copy of their own is another matter: it helps "
        "when somebody deletes the wrong folder or an account is locked. Read together what their service promises "
        "to bring back, and for how long.",
    ),
    Authored(
        INSURANCE,
        "We are insured against that.",
        {"roadmap.insurance": ("perhaps-included", "form-guessed")},
        "Good, if it holds. Offer to read the form with them: a claim is easier to settle when every answer on it is "
        "true. Where one is not, they decide whether to change the answer or the thing.",
    ),
    Authored(
        CHANGE,
        "It works as it is. Why change anything?",
        {"backups.tested-restore": ("last-year", "every-quarter")},
        "Perhaps they need not, and it is right to say so: this answer shows care. Go through what is left in the "
        "plan, let them choose what is worth their while, and offer to look again in a year.",
    ),
)
"""In the order they are told. Of two about the same, the more particular one stands first."""


def objections(quoting: Quoting, free: int, steps: int, hours: str) -> Iterator[Objection]:
    """At most five that fit the answers given. `free` of the first `steps` cost nothing; three take `hours`."""
    told: set[int] = set()
    for one in AUTHORED:
        if one.about in told or len(told) == MOST or not all(_said(quoting, *fit) for fit in one.fits.items()):
            continue
        if "{free}" in one.reply and free < WORTH_SAYING:
            continue
        told.add(one.about)
        reply = one.reply.format(free=free if free < steps else "All", steps=steps, hours=hours)
        yield Objection(one.says, quoting.quote(quoting.given[one.tie]), reply)


def _said(quoting: Quoting, question: str, options: tuple[str, ...]) -> bool:
    """Whether they picked one of these themselves: not assumed, not settled by another answer."""
    answer = quoting.given.get(question)
    assumed = question in quoting.outcome.assumed
    return answer is not None and answer.state == "answered" and not assumed and bool({*answer.options} & {*options})
