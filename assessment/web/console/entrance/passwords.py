"""Passwords: at least twelve characters, and none of those that are tried first.

The list is our own and short, for no list is asked for over the network: common words and rows of keys, with the
digits and signs people put around them taken away, and whatever repeats itself or is made of the person's own name.
"""

import re
import unicodedata
from typing import Any

from flask_security import PasswordUtil

SHORTEST, LONGEST = 12, 200

WORDS_THAT_ARE_TRIED_FIRST = """
abcdef abcdefgh access account admin administrator adminadmin asdfgh asdfghjkl assessment bailey baseball batman
business charlie changeme company computer correcthorsebatterystaple default dragon fallout family flower football
freedom garden guest hello helloworld home iloveyou iloveyouforever internet jordan letmein letmeinplease liverpool
login love loveyou master michael monkey mustang my mypassword mysecretpassword new newpassword nothing office open
opensesame passphrase password passwort please pokemon princess qazwsx qazwsxedc qwerty qwertyui qwertyuiop qwertz
root secret server service shadow starwars strong summer sunshine superman support temp temporary test testing the
this thisismypassword top trustno user very welcome welcomehome whatever winter your zaqxsw zxcvbn zxcvbnm
"""
WORDS = frozenset(re.findall(r"\w+", WORDS_THAT_ARE_TRIED_FIRST))
ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "98765432109876543210", "qwertyuiop", "asdfghjkl")

TOO_SHORT = "A password needs at least 12 characters. Three or four words that do not belong together make a good one."
TOO_LONG = "That password is longer than 200 characters, which is more than we can take."
TOO_COMMON = "That password is among the first ones anybody would try. Three or four unrelated words make a good one."


def wrong_with(password: str, *about: str) -> str:
    """What is wrong with a password for somebody with these names and addresses; empty where nothing is."""
    if len(password) < SHORTEST:
        return TOO_SHORT
    if len(password) > LONGEST:
        return TOO_LONG
    plain = password.casefold()
    own = {part for text in about for part in re.split(r"[\W_]+", text.casefold()) if len(part) > 2}
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    parts = set(re.findall(r"[^\W\d_]+", plain))
    known = core in WORDS or _letters(core) in WORDS or (parts and parts <= own | WORDS)
    return TOO_COMMON if known or not core or _repeats(plain) or _in_a_row(plain) else ""


def _letters(core: str) -> str:
    return core.translate(str.maketrans("@013457$!", "aoieastsi"))


def _repeats(plain: str) -> bool:
    """Whether it is one short thing again and again."""
    return len(set(plain)) < 5 or any(plain in plain[:size] * len(plain) for size in range(1, len(plain) // 2 + 1))


def _in_a_row(plain: str) -> bool:
    """Whether it is one or two runs along the alphabet, the digits or the keyboard."""
    runs = 0
    while plain:
        size = max((size for size in range(1, len(plain) + 1) if any(plain[:size] in row for row in ROWS)), default=1)
        plain, runs = plain[size:], runs + 1
    return runs <= 2


class Passwords(PasswordUtil):
    """The same rules for Flask-Security. A password is compared in one Unicode form, whatever the keyboard sent."""

    def normalize(self, password: str) -> str:
        """A password as it is hashed."""
        return normal(password)

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:
        """What is wrong with a new password, and the password as it is hashed."""
        user = kwargs["user"]
        plain = normal(password)
        wrong = wrong_with(plain, user.name, user.email)
        return ([wrong] if wrong else None), plain


def normal(password: str) -> str:
    """A password in the one Unicode form it is hashed in."""
    return unicodedata.normalize("NFKD", password)
