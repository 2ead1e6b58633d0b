"""What pages are given about last time's answers and about somebody else's suggestions: frozen values, no markup."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EarlierView:
    """What was said last time; `values` is what “Still so” sends, empty where it is not offered any more."""

    says: str
    on: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskView:
    """The link for somebody who knows, if there is one, and the forms that make and stop it.

    `helper` is what the questionnaire calls whoever is paid to help; `elsewhere`: there is one whose address this link
    of the owner cannot know.
    """

    action: str
    stop: str
    unsure: int
    unanswered: int
    helper: str
    address: str = ""
    elsewhere: bool = False
    until: str = ""
    named: str = ""
    letter: str = ""
    mail: str = ""


@dataclass(frozen=True, slots=True)
class SuggestionView:
    """One suggestion: what was asked, what the owner said, what is suggested, and where to decide on it."""

    id: str
    ask: str
    yours: str
    theirs: str
    note: str
    stamp: str
    action: str


@dataclass(frozen=True, slots=True)
class SuggestedView:
    """The suggestions to decide on, those to be used in the next check, and those the owner left."""

    waiting: tuple[SuggestionView, ...]
    chosen: tuple[SuggestionView, ...]
    left: tuple[SuggestionView, ...]
    begin: str
