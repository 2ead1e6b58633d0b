"""What a standstill costs, from somebody's own figures and nothing else: people, pay, lost margin and hours."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from assessment.reports.guidance import StandstillView


@dataclass(frozen=True, slots=True)
class Standstill:
    """The figures: people who cannot work, what each costs an hour, margin lost an hour, and least and most hours."""

    people: int
    pay: Decimal
    margin: Decimal
    least: Decimal
    most: Decimal

    @property
    def hour(self) -> Decimal:
        """What one hour costs: (people × pay) + margin."""
        return self.people * self.pay + self.margin

    def view(self, symbol: str) -> StandstillView:
        """The sum in words; a range where the hours are one."""
        least, most = sorted((self.least, self.most))
        pay, margin, hour = (_money(amount, symbol) for amount in (self.pay, self.margin, self.hour))
        low, high = (_money(self.hour * hours, symbol) for hours in (least, most))
        ranged = least != most
        return StandstillView(
            formula=f"{self.people:,} × {pay} for people who cannot work, and {margin} of lost margin",
            hour=hour,
            hours=f"{_hours(least)} to {_hours(most)} hours" if ranged else f"{_hours(most)} hour{'s' * (most != 1)}",
            total=f"between {low} and {high}" if ranged else high,
        )


def _money(amount: Decimal, symbol: str) -> str:
    """To the whole unit from a hundred on: more would pretend to know more."""
    rounded = amount.quantize(Decimal(1) if amount >= 100 else Decimal("0.01"), ROUND_HALF_UP)
    return f"{symbol}{rounded:,.0f}" if rounded == rounded.to_integral_value() else f"{symbol}{rounded:,.2f}"


def _hours(amount: Decimal) -> str:
    return f"{amount:,.2f}".rstrip("0").removesuffix(".")
