"""The areas of a tenant's settings, in the order of their page: a row each, so that whoever adds one adds a line."""

from typing import NamedTuple

from assessment.storage.staff import Role


class Area(NamedTuple):
    """One page of settings: its endpoint, what it is called, a sentence about it, and who may open it."""

    endpoint: str
    title: str
    says: str
    role: Role


AREAS: tuple[Area, ...] = (
    Area("settings.brand", "Firm and brand", "Name, logo, colour, and what stands under every report.", Role.OWNER),
    Area("settings.website", "Website", "Which websites may show the check, and what to paste into them.", Role.OWNER),
    Area(
        "settings.contact",
        "Results and contact form",
        "What visitors see at once, and what they may leave.",
        Role.OWNER,
    ),
    Area("settings.keeping", "Mail and keeping", "Who is told about leads, and how long details are kept.", Role.OWNER),
    Area("settings.questionnaire", "Questionnaire", "Which one visitors take, and every version of it.", Role.VIEWER),
    Area("endpoints.listed", "Endpoints", "Where your own tools are told at once what happens here.", Role.OWNER),
    Area("tokens.listed", "API tokens", "Keys for programs of yours that read what stands here.", Role.OWNER),
    Area("colleagues.listed", "Staff", "Who works here and as what, and who is invited.", Role.OWNER),
    Area("activity.listed", "Activity", "Who did what here, and when.", Role.OWNER),
)
