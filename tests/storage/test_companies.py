"""Which assessments are of one firm: of one lead, of one company if both agreed, or one carried on from the other."""

import json
import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text

from assessment.storage import assessments, companies, leads
from assessment.storage.companies import MOST, Tie, earlier_first, one_firm, related
from assessment.storage.session import Database, Session
from assessment.storage.standing import Standing, company_of, domain_of
from assessment.storage.tables import NO_SCORE, Assessment, Consent, Lead, Tenant
from assessment.tenancy.contact import Purpose
from tests.storage.conftest import NOW

HOUR = timedelta(hours=1)
MINE, OTHER = 1, 2
JANE = {"name": "Jane", "company": "Brown & Co", "email": "jane@brown.example"}


@pytest.fixture
def session(database: Database) -> Any:
    with database.writing() as session:
        for number, slug in ((MINE, "mine"), (OTHER, "other")):
            session.add(Tenant(id=number, slug=slug, profile_json="{}", created_at=NOW))
        session.flush()
        yield session


def lead(session: Session, contact: dict[str, str] = JANE, said: str = "yes", tenant: int = MINE, **more: Any) -> Lead:
    """A lead that agreed; or said no; or took it back; or agreed to news only; or first agreed, then did not."""
    number = session.scalar(select(Lead.id).order_by(Lead.id.desc()).limit(1)) or 0
    made = Lead(
        reference=f"lead{number + 1}",
        tenant_id=tenant,
        contact=json.dumps(contact),
        grade="{}",
        company=company_of(contact),
        domain=domain_of(contact),
        created_at=NOW,
        updated_at=NOW,
        **{"test": False, **more},
    )
    kinds = {"yes": [("yes", Purpose.CONTACT)], "no": [("no", Purpose.CONTACT)], "back": [("back", Purpose.CONTACT)]}
    kinds |= {"news": [("yes", Purpose.NEWS)], "no more": [("yes", Purpose.CONTACT), ("no", Purpose.CONTACT)], "": []}
    for answer, purpose in kinds[said]:
        made.consents.append(
            Consent(
                assessment_reference="",
                purpose=purpose,
                says="",
                version="",
                language="",
                controller="",
                given=answer != "no",
                at=NOW,
                withdrawn_at=NOW if answer == "back" else None,
            )
        )
    session.add(made)
    session.flush()
    return made


def sitting(session: Session, of: Lead | None = None, hours: int = 0, tenant: int = MINE, **more: Any) -> Assessment:
    """One sent in so many hours ago; names what it continues and all else by column."""
    number = session.scalar(select(Assessment.id).order_by(Assessment.id.desc()).limit(1)) or 0
    row: dict[str, Any] = {
        "reference": f"a{number + 1}",
        "tenant_id": tenant,
        "questionnaire_id": "it-health",
        "questionnaire_version": "1",
        "depth": "quick",
        "created_at": NOW - 9999 * HOUR,
        "submitted_at": NOW - hours * HOUR,
        "score": 40,
        **more,
    }
    made = Assessment(**row)
    made.lead = of
    session.add(made)
    session.flush()
    return made


def names(session: Session, of: Assessment) -> list[str]:
    return [one.reference for one in related(session, of)]


def test_the_same_lead_counts_whatever_it_agreed_to_the_newest_first(session: Session) -> None:
    jane = lead(session, said="")
    first, second, third = (sitting(session, jane, hours) for hours in (3, 1, 2))
    assert names(session, first) == [second.reference, third.reference]
    assert {one.tie for one in related(session, first)} == {Tie.PERSON}
    assert names(session, sitting(session)) == []


def test_a_row_tells_what_a_list_shows(session: Session) -> None:
    jane = lead(session)
    mine, scored = sitting(session, jane), sitting(session, jane, 5, depth="full", score=61)
    sitting(session, jane, 9, score=NO_SCORE)
    one, other = related(session, mine)
    assert (one.id, one.reference, one.taken_at, one.score, one.depth, one.tie) == (
        scored.id,
        scored.reference,
        NOW - 5 * HOUR,
        61,
        "full",
        Tie.PERSON,
    )
    assert other.score is None


@pytest.mark.parametrize(
    ("contact", "linked"),
    [
        ({"company": "BROWN and Co. Ltd", "email": "jim@green.example"}, True),
        ({"company": "Quite Another", "email": "jim@BROWN.example"}, True),
        ({"company": "Quite Another", "email": "jim@green.example"}, False),
        ({"company": "", "email": "jim@gmail.com"}, False),
        ({}, False),
    ],
    ids=repr,
)
def test_the_same_company_is_the_same_name_or_the_same_domain(
    session: Session, contact: dict[str, str], linked: bool
) -> None:
    mine, other = sitting(session, lead(session)), sitting(session, lead(session, contact))
    assert names(session, mine) == ([other.reference] if linked else [])
    assert names(session, other) == ([mine.reference] if linked else [])
    assert one_firm(session, mine, other) is one_firm(session, other, mine) is linked
    assert [one.tie for one in related(session, mine)] == [Tie.COMPANY] * linked


@pytest.mark.parametrize("nothing", [{}, {"email": "a@gmail.com"}, {"company": "Ltd"}], ids=repr)
def test_nothing_said_about_the_company_links_nobody(session: Session, nothing: dict[str, str]) -> None:
    mine = sitting(session, lead(session, nothing))
    sitting(session, lead(session, nothing))
    assert names(session, mine) == []


@pytest.mark.parametrize("said", ["no", "back", "news", "no more", ""])
def test_who_did_not_agree_to_be_contacted_is_never_linked_by_company(session: Session, said: str) -> None:
    agreed, silent = sitting(session, lead(session)), sitting(session, lead(session, said=said))
    assert names(session, agreed) == names(session, silent) == []
    assert leads.agreed(silent.lead) is False if silent.lead else False


def test_tenants_tests_questionnaires_and_unfinished_ones_stay_apart(session: Session) -> None:
    jane = lead(session)
    mine = sitting(session, jane)
    sitting(session, lead(session, tenant=OTHER), tenant=OTHER)
    sitting(session, lead(session, test=True), test=True)
    sitting(session, jane, test=True)
    sitting(session, jane, questionnaire_id="another")
    sitting(session, jane, submitted_at=None)
    sitting(session, None, tenant=OTHER, continues_id=mine.id)
    assert names(session, mine) == []


def test_what_was_carried_on_belongs_together_in_every_direction(session: Session) -> None:
    root = sitting(session, hours=9)
    one = sitting(session, hours=8, continues_id=root.id)
    other = sitting(session, hours=7, continues_id=root.id)
    unfinished = sitting(session, continues_id=one.id, submitted_at=None)
    leaf = sitting(session, hours=5, continues_id=unfinished.id)
    everything = [leaf, other, one, root]
    for mine in everything:
        assert names(session, mine) == [each.reference for each in everything if each is not mine]
    assert {each.tie for each in related(session, root)} == {Tie.CARRIED_ON}


def test_going_deeper_is_carrying_on(session: Session) -> None:
    mine = sitting(session)
    token = assessments.go_deeper(session, mine, assessments.Depth.FULL, NOW, HOUR)
    found = assessments.by_token(session, token, assessments.LinkKind.WRITE, NOW)
    assert found is not None
    assert names(session, mine) == []
    assessments.submit(session, found, "{}", token, NOW, HOUR, standing=Standing(50, "x", 0, ""))
    session.flush()
    assert names(session, mine) == [found.reference]


def test_no_more_than_so_many_are_listed(session: Session) -> None:
    jane = lead(session)
    mine = sitting(session, jane)
    for hours in range(MOST + 5):
        sitting(session, jane, hours + 1)
    found = related(session, mine)
    assert len(found) == MOST
    assert found[0].taken_at == NOW - HOUR
    assert len(related(session, mine, 3)) == 3


def test_the_earlier_one_is_first_and_at_the_same_moment_the_one_kept_first(session: Session) -> None:
    late, early, tied = sitting(session, hours=1), sitting(session, hours=2), sitting(session, hours=1)
    assert earlier_first(late, early) == earlier_first(early, late) == [early, late]
    assert earlier_first(tied, late) == [late, tied]


def test_it_is_looked_up_by_index_however_much_there_is(database: Database) -> None:
    """Not timed: no plan may read a whole table of assessments or leads."""
    asked: list[tuple[str, Any]] = []
    random_ = random.Random(3)
    with database.writing() as session:
        session.add(Tenant(id=MINE, slug="mine", profile_json="{}", created_at=NOW))
        session.flush()
        people = [
            lead(session, {"company": f"Firm {random_.randrange(200)}", "email": f"x@firm{number % 200}.example"})
            for number in range(300)
        ]
        made = [sitting(session, random_.choice(people), number) for number in range(1500)]
        reference = made[0].reference
    with database.writing() as session:
        session.execute(text("ANALYZE"))

    def overhear(*about: Any) -> None:
        asked.append((about[2], about[3]))

    with database.reading() as session:
        mine = session.scalars(select(Assessment).where(Assessment.reference == reference)).one()
        assert leads.agreed(mine.lead) if mine.lead else False
        event.listen(database.engine, "before_cursor_execute", overhear)
        assert companies.related(session, mine)
        event.remove(database.engine, "before_cursor_execute", overhear)
        if not database.is_sqlite:  # reads a table this small as a whole if it may
            session.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
        for says, values in asked:
            plan = [str(row) for row in session.connection().exec_driver_sql(explain + says, values)]
            whole = [
                line for line in plan if "SCAN assessment" in line or "SCAN lead" in line or "SCAN consent" in line
            ]
            whole += [line for line in plan if "Seq Scan on assessment" in line or "Seq Scan on lead" in line]
            assert whole == [], "\n".join(plan)
    assert len(asked) >= 2
