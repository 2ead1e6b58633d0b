"""What can be set on which page: a row a setting, in words for people who never read a manual."""

from typing import NamedTuple

Choices = tuple[tuple[str, str], ...]


class Setting(NamedTuple):
    """One setting of a profile: its name there, what it is called, and how it is filled in.

    `kind`: line, email, number, colour, lines (one a line), choice (all in sight), pick (in a box), yes (to tick).
    """

    name: str
    label: str
    hint: str = ""
    kind: str = "line"
    choices: Choices = ()


class Group(NamedTuple):
    """Settings that belong together."""

    title: str
    settings: tuple[Setting, ...]
    says: str = ""


Groups = tuple[Group, ...]

LINKS = "Such as https://www.example.com; mailto: and tel: links do as well."
ASKS: Choices = (("required", "Must be filled in"), ("optional", "If they like"), ("absent", "Not on the form"))

BRAND: Groups = (
    Group(
        "Your firm",
        (
            Setting("name", "Name", "On the first page, in the report and in every mail."),
            Setting("contact", "How to reach you", "Printed beside your name, such as a phone number."),
            Setting("link", "Your website", LINKS),
        ),
    ),
    Group(
        "Colour",
        (Setting("accent", "Accent colour", "For links and buttons. Six digits, such as #1d4f7c.", "colour"),),
    ),
    Group(
        "Button after the report",
        (
            Setting("action_says", "Words on the button", "Such as: Book a call. Leave both empty for no button."),
            Setting("action_link", "Where it leads", LINKS),
        ),
    ),
    Group(
        "Mails and small print",
        (
            Setting("sender", "Mails come from", "A name; your firm’s name if left empty."),
            Setting("reply_to", "Replies go to", "An e-mail address.", "email"),
            Setting("privacy_link", "Privacy notice", "Begins with https:. It is linked from every page and form."),
            Setting("controller", "Legal name", "Consent is given to it; your firm’s name if left empty."),
            Setting(
                "currency",
                "Currency of cost ranges",
                kind="pick",
                choices=(
                    ("GBP", "Pound sterling (£)"),
                    ("USD", "US dollar ($)"),
                    ("EUR", "Euro (€)"),
                    ("AUD", "Australian dollar ($)"),
                ),
            ),
        ),
    ),
)

WEBSITE: Groups = (
    Group(
        "Websites that may show the check",
        (
            Setting(
                "origins",
                "Addresses, one a line",
                "Each as https:// and the name, such as https://www.example.com. "
                "With and without www are two addresses.",
                "lines",
            ),
        ),
        "Everywhere else, browsers leave the frame empty. A link to the check works from any website.",
    ),
)

CONTACT: Groups = (
    Group(
        "What visitors see",
        (
            Setting(
                "gate",
                "The report",
                kind="choice",
                choices=(
                    ("none", "The whole report at once"),
                    ("soft", "Score, critical findings and first steps at once; the rest by e-mail"),
                ),
            ),
            Setting(
                "depth",
                "How much is asked",
                kind="choice",
                choices=(
                    ("choose", "Visitors choose"),
                    ("quick", "Always the quick check"),
                    ("standard", "Always the standard check"),
                    ("full", "Always the full check"),
                ),
            ),
        ),
    ),
    Group(
        "Contact form",
        (
            Setting("ask_name", "Name", "", "pick", ASKS),
            Setting("ask_email", "E-mail address", "", "pick", ASKS),
            Setting("ask_company", "Company", "", "pick", ASKS),
            Setting("ask_phone", "Phone number", "", "pick", ASKS),
            Setting("ask_staff", "How many people work there", "", "pick", ASKS),
            Setting("ask_devices", "How many computers they use", "", "pick", ASKS),
            Setting("ask_message", "A message", "", "pick", ASKS),
            Setting("ask_news", "Ask, in a box of its own, if you may send news", "", "yes"),
        ),
        "It stands under the report. Nobody has to fill it in; the less you ask, the more people do.",
    ),
    Group(
        "Firms that suit you",
        (
            Setting("fit_from", "From so many people", "", "number"),
            Setting("fit_to", "To so many people", "", "number"),
        ),
        "Leads are graded by it. It changes no score.",
    ),
    Group(
        "Open or closed",
        (
            Setting(
                "state",
                "The check is",
                kind="choice",
                choices=(("live", "Open"), ("paused", "Paused: visitors see a friendly page instead")),
            ),
            Setting("test", "Test mode: what is taken meanwhile is kept out of counts and leads", "", "yes"),
        ),
    ),
)

KEEPING: Groups = (
    Group(
        "Mail to you",
        (
            Setting(
                "staff_mail",
                "Who is told about leads",
                "E-mail addresses, one a line; at most 10. Empty: nobody is mailed.",
                "lines",
            ),
            Setting(
                "notices",
                "How often",
                kind="choice",
                choices=(("each", "A mail for every lead"), ("daily", "One mail a day"), ("none", "No mail")),
            ),
        ),
        "The same addresses are told when an endpoint stays out of reach.",
    ),
    Group(
        "How long details are kept",
        (
            Setting(
                "retention_days",
                "Days",
                "From 30 to 1095, which is three years. Counted from the last time somebody sent something in.",
                "number",
            ),
        ),
    ),
)
