"""The two things any part of a report may cite: an answer that was given, and a figure somebody measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quote:
    """One answer quoted: what was asked, in short, and what was said."""

    question: str
    short: str
    says: str


@dataclass(frozen=True, slots=True)
class FigureView:
    """A figure somebody measured, with where it comes from."""

    number: int
    figure: str
    source: str
    link: str
    year: int
