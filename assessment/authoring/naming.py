"""Ids made from texts: words, the same for the same text, so that a sheet read again gives the same questionnaire."""

import re
import unicodedata

LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
FILLING = re.compile(
    "an?|and|any|are|as|at|be|been|by|can|did|do|does|each|for|from|had|has|have|how|i|if|in|into|is|its?|me|my|of|on|"
    "or|our|so|some|that|the|their|them|there|they|this|to|us|was|we|were|what|when|where|which|who|will|with|you|your"
)
"""Words that say nothing of what a text is about."""

MOST_WORDS = 5
LONGEST = 48


def id_of(text: str, otherwise: str) -> str:
    """The first words of a text that say something, with hyphens; `otherwise` where it has no Latin letters."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(LETTERS))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).replace("’", "").replace("'", "")
    words = re.findall(r"[a-z0-9]+", plain)
    telling = [word for word in words if not FILLING.fullmatch(word)] or words
    return "-".join(telling[:MOST_WORDS])[:LONGEST].strip("-") or otherwise


def apart(name: str, taken: set[str]) -> str:
    """The name, with a number behind it where it is taken; taken from now on."""
    found, n = name, 1
    while found in taken:
        n += 1
        found = f"{name}-{n}"
    taken.add(found)
    return found
