"""A spreadsheet becomes the files an author would write; what is wrong is told cell by cell, and nothing breaks it."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from assessment.authoring.columns import COLUMNS
from assessment.authoring.importing import Made, make
from assessment.authoring.naming import apart, id_of
from assessment.authoring.sheet import empty_sheet
from assessment.authoring.yaml_text import entry, flow, listed
from assessment.engine.checks import check, prove
from assessment.engine.documents import read_yaml
from assessment.engine.loading import assemble
from assessment.engine.questionnaire import Questionnaire

HEAD = Path("templates/authoring/imported.yaml").read_text(encoding="utf-8")
EXAMPLE = Path("docs/examples/office-safety.csv").read_bytes()
HEADINGS = "question,answer 1,answer 2"
ONE = f"{HEADINGS}\nIs there a kit?,No,Yes\n"


def book(rows: Sequence[Sequence[object]], name: str = "Sheet1") -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"default_date_format": "yyyy-mm-dd"}) as written:
        sheet = written.add_worksheet(name)
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    return made.getvalue()


def imported(data: str | bytes, file: str = "safety.csv") -> Made:
    return make(data.encode() if isinstance(data, str) else data, file, HEAD)


def sound(made: Made) -> Questionnaire:
    assert [str(problem) for problem in made.problems] == []
    loaded = assemble({name: read_yaml(text, name) for name, text in made.files.items()})
    assert (*loaded.problems, *check(loaded), *prove(loaded)) == ()
    return loaded.or_refuse()


def wrong(data: str | bytes, file: str = "safety.csv") -> list[str]:
    made = imported(data, file)
    assert made.files == {} or made.problems
    return [str(problem).partition("\n")[0] for problem in made.problems]


# What is made


def test_the_example_becomes_a_sound_questionnaire() -> None:
    made = imported(EXAMPLE)
    questionnaire = sound(made)
    assert made.questions == len(questionnaire.questions) == 10
    assert [bank.title for bank in questionnaire.banks] == ["First aid", "Fire", "Practice"]
    assert [bank.weight for bank in questionnaire.banks] == [13, 17, 9]
    drill = questionnaire.recommendations["practice.hold-fire-drill-once-year"]
    assert drill.steps == ("Choose a day.", "Tell nobody but one.", "Talk about it afterwards.")
    assert questionnaire.questions["fire.smoke-alarms-every-room-people"].ladder[-1].startswith("every-room")


def test_three_columns_are_enough_and_every_default_is_said_aloud() -> None:
    made = imported(ONE)
    question = sound(made).questions["questions.kit"]
    assert [option.points for option in question.options] == [0, 100]
    assert (question.tier, question.weight, question.not_sure) == ("quick", 3, 0)
    said = {note.partition(":")[0] for note in made.notes}
    assert said == {"do", "why", "weight", "depth", "not sure", "hours", "cost", "horizon", "who", "points"}
    assert "# The sheet has no advice here" in made.files["banks/questions.yaml"]


def test_the_same_sheet_gives_the_same_files_and_a_new_row_changes_no_id() -> None:
    made, again = imported(EXAMPLE), imported(EXAMPLE)
    assert made == again
    lines = EXAMPLE.decode().split("\n")
    more = sound(imported("\n".join([lines[0], "First aid,Is there a bed?,,No,Yes", *lines[1:]])))
    assert set(sound(made).questions) < set(more.questions)
    assert set(sound(made).recommendations) < set(more.recommendations)


def test_a_workbook_and_its_csv_are_the_same_questionnaire() -> None:
    rows = [["bank", "question", "answer 1", "answer 2", "weight"], ["Fire", "Is there an alarm?", "No", "Yes", 5.0]]
    text = "\n".join(",".join(str(int(cell) if isinstance(cell, float) else cell) for cell in row) for row in rows)
    assert imported(book(rows), "a.xlsx").files == imported(text).files


def test_headings_may_stand_lower_be_called_otherwise_and_a_bank_may_have_a_row_of_its_own() -> None:
    made = imported("Our questions,,,\n,,,\nTopic,ASK:,Option 1,answer_2\nFire,,,\n,Is there an alarm?,No,Yes\n")
    assert list(sound(made).questions) == ["fire.alarm"]


def test_an_id_given_wins_and_codes_reach_the_advice() -> None:
    made = sound(imported(f"id,code,{HEADINGS}\nkit,A1,Is there a kit?,No,Yes\n"))
    assert made.questions["questions.kit"].code == "A1"
    assert [advice.code for advice in made.every_recommendation()] == ["R-A1"]


def test_points_given_are_kept_and_a_not_sure_can_be_left_out() -> None:
    made = sound(imported(f"{HEADINGS},answer 3,points 1,points 2,points 3,not sure\nA?,a,b,c,0,70,100,no\n"))
    (question,) = made.questions.values()
    assert [option.points for option in question.options] == [0, 70, 100]
    assert question.not_sure is None


def test_a_column_we_do_not_know_is_named_with_what_was_meant() -> None:
    made = imported(f"{HEADINGS},wieght\nA?,a,b,4\n")
    assert "The column “wieght” was left out: it is none we know. Did you mean “weight”?" in made.notes


def test_the_empty_sheet_has_every_column_and_takes_rows_under_its_headings() -> None:
    assert wrong(empty_sheet(), "empty.xlsx") == ["Questions!B2: cell no question stands below the headings"]
    with zipfile.ZipFile(io.BytesIO(empty_sheet())) as archive:
        strings = archive.read("xl/sharedStrings.xml").decode()
    assert [column.heading for column in COLUMNS if f">{column.heading}<" not in strings] == []


# What is told, and where


CELLS = {
    "the question is missing in this row": ("bank,question,answer 1,answer 2\nFire,,No,Yes\n", "row 2, column B"),
    "answer 2 is missing": (f"{HEADINGS}\nA?,No,\n", "row 2, column C"),
    "no whole number from 0 to 10": (f"{HEADINGS},weight\nA?,No,Yes,11\n", "row 2, column D"),
    "no number from 0 to 1000": (f"{HEADINGS},hours\nA?,No,Yes,much\n", "row 2, column D"),
    "is not one of: quick, standard or full": (f"{HEADINGS},depth\nA?,No,Yes,deep\n", "row 2, column D"),
    "the worst answer counts 0 points": (f"{HEADINGS},points 1,points 2\nA?,No,Yes,5,100\n", "row 2, column D"),
    "the best answer counts 100 points": (f"{HEADINGS},points 1,points 2\nA?,No,Yes,0,90\n", "row 2, column E"),
    "points are missing": (f"{HEADINGS},points 1,points 2\nA?,No,Yes,0,\n", "row 2, column E"),
    "counts less": (
        f"{HEADINGS},answer 3,answer 4,points 1,points 2,points 3,points 4\nA?,a,b,c,d,0,60,40,100\n",
        "row 2, column H",
    ),
    "is no id": (f"id,{HEADINGS}\nMy Id,A?,No,Yes\n", "row 2, column A"),
    "stands in “Questions” already": (f"id,{HEADINGS}\na,A?,No,Yes\na,B?,No,Yes\n", "row 3, column A"),
    "stands in row 2 already": (f"code,{HEADINGS}\nA1,A?,No,Yes\nA1,B?,No,Yes\n", "row 3, column A"),
    "is no step on the way": (f"{HEADINGS},answer 3\nA?,No,Not sure,Yes\n", "row 2, column C"),
    "may be called “profile”": (f"bank,{HEADINGS}\nProfile,A?,No,Yes\n", "row 2, column A"),
    "characters long": (f"{HEADINGS}\n{'a' * 2001},No,Yes\n", "row 2, column A"),
    "there is no column “answer 2”": ("question,answer 1\nA?,No\n", "row 1, column A"),
    "stands here a second time": (f"{HEADINGS},question\nA?,No,Yes,B?\n", "row 1, column D"),
    "no row of headings": ("a,b\nc,d\n", "row 1, column A"),
    "U+0007": (f"{HEADINGS}\nA\a?,No,Yes\n", "row 2, column A"),
}


@pytest.mark.parametrize("says", CELLS)
def test_what_is_wrong_is_named_with_its_cell(says: str) -> None:
    text, cell = CELLS[says]
    found = [line for line in wrong(text) if says in line]
    assert [line.partition(": ")[0] for line in found] == [f"safety.csv {cell}"]


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert len(wrong(f"{HEADINGS},weight,depth\n,No,Yes,,\nA?,No,,x,deep\n")) == 4


def test_cells_of_a_workbook_are_named_as_it_names_them() -> None:
    rows = [["question", "answer 1", "answer 2", "weight"], ["A?", "No", date(2026, 4, 2), 3], ["B?", "No", "Yes", "?"]]
    assert [line.partition(": cell")[0] for line in wrong(book(rows, "My sheet"), "a.xlsx")] == [
        "My sheet!C2",
        "My sheet!D3",
    ]


def test_a_formula_counts_as_its_value_and_one_without_a_value_is_a_problem() -> None:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as written:
        sheet = written.add_worksheet()
        sheet.write_row(0, 0, ["question", "answer 1", "answer 2", "weight", "mine"])
        sheet.write_row(1, 0, ["A?", "No", "Yes"])
        sheet.write_formula(1, 3, "=2+2", None, 4)
        sheet.write_formula(1, 4, "=1/0", None, "#DIV/0!")  # in a column of their own
    assert sound(imported(made.getvalue(), "a.xlsx")).questions["questions.a"].weight == 4
    unsaved = made.getvalue()
    with zipfile.ZipFile(io.BytesIO(unsaved)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").replace(b"<f>2+2</f><v>4</v>", b"<f>2+2</f>")
        changed = repacked(unsaved, {"xl/worksheets/sheet1.xml": sheet})
    assert wrong(changed, "a.xlsx") == ["Sheet1!D2: cell this formula has no value in the file"]


def test_what_check_finds_is_told_at_the_row_it_came_from() -> None:
    text = f"code,{HEADINGS}\nR2,A?,No,Yes\n,B?,No,Yes\n"  # the advice of the second row is R2 as well
    (problem,) = imported(text).problems
    assert (problem.code, str(problem.source)) == ("duplicate-code", "safety.csv row 3, column A")


def test_what_check_finds_elsewhere_keeps_its_place() -> None:
    text = f"weight,{HEADINGS}\n3,A?,No,Yes\n3,B?,No,Yes\n"
    made = make(text.encode(), "a.csv", HEAD.replace("good_enough: 85", "good_enough: x"))
    assert [str(problem.source) for problem in made.problems] == ["questionnaire.yaml:9:14"]


# Hostile and unlucky files


def repacked(workbook: bytes, parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, parts.get(part, old.read(part)))
        for part in parts.keys() - set(old.namelist()):
            new.writestr(part, parts[part])
    return made.getvalue()


SMALL = book([["question", "answer 1", "answer 2"], ["A?", "No", "Yes"]])
STRINGS = "xl/sharedStrings.xml"
SHEET = "xl/worksheets/sheet1.xml"
ENTITY = b'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


def part(name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(SMALL)) as archive:
        return archive.read(name)


HOSTILE = {
    "a bomb": repacked(SMALL, {"xl/media/image1.png": b"0" * 30_000_000}),
    "an external entity": repacked(SMALL, {STRINGS: ENTITY + part(STRINGS).partition(b"?>")[2]}),
    "an entity in the sheet": repacked(SMALL, {SHEET: ENTITY + part(SHEET).partition(b"?>")[2]}),
    "a far column": repacked(SMALL, {SHEET: part(SHEET).replace(b'r="C2"', b'r="ZZZ2"')}),
    "a far row": repacked(SMALL, {SHEET: part(SHEET).replace(b'r="2"', b'r="9999"')}),
    "a row beyond all": repacked(SMALL, {SHEET: part(SHEET).replace(b'<row r="2"', b'<row r="99999999999999"')}),
    "a string that is not there": repacked(SMALL, {SHEET: part(SHEET).replace(b"<v>0</v>", b"<v>77</v>")}),
    "no sheet": repacked(SMALL, {SHEET: b""}),
    "half of it": SMALL[: len(SMALL) // 2],
    "a picture": b"\x89PNG\r\n\x1a\n",
    "an old workbook": bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600,
    "nothing": b"",
    "too much": b"PK" + b"0" * 6_000_000,
}


@pytest.mark.parametrize("trick", HOSTILE)
def test_a_hostile_workbook_is_refused_with_a_sentence(trick: str) -> None:
    (line,) = wrong(HOSTILE[trick], "a.xlsx")
    assert line.startswith(("a.xlsx: unreadable", "Sheet1!"))


def test_what_a_sheet_claims_about_its_size_is_not_believed() -> None:
    claimed = part(SHEET).replace(b'<dimension ref="A1:C2"/>', b'<dimension ref="A1:XFD1048576"/>')
    merged = claimed.replace(b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A2:XFD1048576"/></mergeCells>')
    assert merged != part(SHEET)
    assert sound(imported(repacked(SMALL, {SHEET: merged}), "a.xlsx")).questions


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_is_read_however_it_was_saved(encoding: str, separator: str) -> None:
    text = separator.join(HEADINGS.split(",")) + f'\r\n"Café; näh, ok?"{separator}No{separator}“Yes”\r\n'
    made = imported(text.encode(encoding))
    (question,) = sound(made).questions.values()
    assert (question.ask, question.options[1].says) == ("Café; näh, ok?", "“Yes”")
    assert any("Windows-1252" in note for note in made.notes) is (encoding == "cp1252")


def test_a_first_line_that_names_the_separator_is_none_of_ours() -> None:
    assert wrong("sep=;\nquestion;answer 1;answer 2\n;No;Yes\n")[0].startswith("safety.csv row 3, column A")


UNREADABLE = {
    "NUL": ONE + "\0",
    "a quotation mark without its partner": f'{HEADINGS}\n"A?,No,Yes\n',
    "more than 2,000 rows": HEADINGS + "\nA?,No,Yes" * 2001,
    "at most 200 columns": f"{HEADINGS}{',' * 5000}x\nA?,No,Yes\n",
    "neither UTF-8 nor Windows-1252": ONE.encode() + b"\x81",
    "UTF-16": b"\xff\xfe" + ONE.encode() + b"x",
    "it is empty": "\n",
}


@pytest.mark.parametrize("says", UNREADABLE)
def test_csv_that_cannot_be_read_is_refused_with_a_sentence(says: str) -> None:
    (line,) = wrong(UNREADABLE[says])
    assert says in line


def test_another_kind_of_file_is_refused() -> None:
    assert "only .xlsx and .csv" in wrong(ONE, "a.ods")[0]


@given(st.binary(max_size=300))
def test_no_bytes_break_it(data: bytes) -> None:
    for file in ("a.csv", "a.xlsx"):
        imported(data, file)


# The YAML


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=300)
PLAIN = TEXT.map(lambda text: " ".join(text.split())).filter(
    lambda text: text and read_yaml(f'"\\u{ord(text[0]):04x}"' if ord(text[0]) < 65536 else "a", "x").problems == []
)


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), PLAIN, min_size=1), st.lists(PLAIN, max_size=3))
def test_every_text_is_read_back_as_it_was_written(texts: dict[str, str], more: list[str]) -> None:
    values = {**texts, "flow": dict(texts), **({"list": more} if more else {})}
    document = read_yaml("x:\n" + "\n".join(listed(values, ("a comment",), 2)), "x.yaml")
    if not document.problems:  # a character YAML forbids is refused, and an import names its cell
        assert document.value == {"x": [values]}


@pytest.mark.parametrize(
    "text", ["yes", "No", "null", "1e3", "0x10", "1_000", "- a", "a: b", "a #b", "~", "2-4", "'", "=", "a:"]
)
def test_what_other_readers_of_yaml_take_for_something_else_stands_in_quotation_marks(text: str) -> None:
    assert next(entry("says", text, 0)).startswith('says: "') or text in ("2-4", "1e3")
    assert read_yaml(flow({"says": text}), "x").value == {"says": text}


@given(st.text(max_size=200))
def test_ids_are_words_or_what_stands_in_for_them(text: str) -> None:
    name = id_of(text, "question-1")
    assert name == id_of(text, "question-1")
    assert len(name) <= 60
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not name.startswith("-")
    taken: set[str] = set()
    assert len({apart(name, taken) for _ in range(3)}) == 3
