"""How old a reader must be to follow an English text at first reading.

Flesch–Kincaid: J. P. Kincaid and others, "Derivation of New Readability Formulas", US Navy Research Branch Report 8-75,
1975; its school grade plus five is the age. Syllables are estimated by the groups of vowels. Written here because the
kept libraries for it fetch or carry dictionaries for a figure that is rough anyway.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_SENTENCE_END = re.compile(r"[.!?…](?=[\s”’)\"]|$)|[:;](?=\s)|\n")
_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]+(?:['’][A-Za-z]+)?")
_VOWELS = re.compile(r"[aeiouyà-öø-ÿ]+")
_SILENT = re.compile(r"(?<=[^aeiouyl])e$|(?<=[aeiouy]l)e$|(?<=[^aeiouytd])ed$|(?<=[^aeiouyscxzgh])es$")

AGE_AT_GRADE_0 = 5


@dataclass(frozen=True, slots=True)
class Counts:
    """How much of a text there is."""

    words: int
    sentences: int
    syllables: int

    @property
    def age(self) -> float:
        """The age at which it is read with ease."""
        if not self.words:
            return 0
        grade = 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59
        return grade + AGE_AT_GRADE_0


def count(texts: Iterable[str]) -> Counts:
    """Count several texts as one; each begins a sentence of its own."""
    found = [_WORD.findall(sentence) for sentence in sentences(texts)]
    return Counts(sum(map(len, found)), len(found), sum(_syllables(word) for words in found for word in words))


def sentences(texts: Iterable[str]) -> list[str]:
    """The sentences of several texts; what stands behind a colon or a semicolon is read as one of its own."""
    return [part.strip() for text in texts for part in _SENTENCE_END.split(text) if _WORD.search(part)]


@lru_cache(maxsize=10_000)
def _syllables(word: str) -> int:
    plain = re.split("['’]", word.lower())[0]
    return max(1, len(_VOWELS.findall(_SILENT.sub("", plain))))
