"""Excel workbooks as people have them: each is read right, or refused in one sentence that says what is wrong."""

import datetime
import io
import sys
import zipfile

import pytest
from reading import check

openpyxl = pytest.importorskip("openpyxl")
ID = ("id",)
DAY = datetime.datetime(2020, 1, 5)

# name: (rows of the first sheet, {column: values} or a pattern of the refusal, columns as text)
SHEETS = {
    # numbers
    "whole numbers": ([["a", "b"], [1, 2], [3, 4]], {"a": [1, 3], "b": [2, 4]}),
    "decimals": ([["a"], [0.5], [-1e-9]], {"a": [0.5, -1e-9]}),
    "whole numbers and decimals": ([["a"], [1], [0.5]], {"a": [1, 0.5]}),
    "an empty cell": ([["a", "b"], [1, 2], [None, 4]], {"a": [1, None], "b": [2, 4]}),
    "an empty column": ([["a", "b"], [1, None], [2, None]], {"a": [1, 2], "b": [None, None]}),
    "true and false": ([["a"], [True], [False]], {"a": [1, 0]}),
    "true and false with an empty cell": ([["a", "b"], [True, 1], [None, 2]], {"a": [1, None], "b": [1, 2]}),
    "true among numbers": ([["a"], [True], [3]], {"a": [1, 3]}),
    "numbers kept as text": ([["a"], ["1.5"], ["2"]], {"a": [1.5, 2]}),
    "some numbers kept as text": ([["a"], [1], ["2.5"]], {"a": [1, 2.5]}),
    "words for missing": ([["a"], ["NA"], ["n/a"], [3]], {"a": [None, None, 3]}),
    "error cells": ([["a"], ["#N/A"], ["#DIV/0!"], [3]], {"a": [None, None, 3]}),
    "true as text": ([["a"], ["true"], ["FALSE"]], {"a": [1, 0]}),
    "blanks for nothing": ([["a"], [" "], [3]], {"a": [None, 3]}),
    "a large number": ([["a"], [1e300], [2]], {"a": [1e300, 2]}),
    "a formula never computed": ([["a", "b"], ["=1+1", 1], ["=2", 2]], {"a": [None, None], "b": [1, 2]}),
    # ids and texts
    "texts for ids": ([["id"], ["007"], ["1E5"], ["NA"]], {"id": ["007", "1E5", "NA"]}, ID),
    "numbers for ids": ([["id"], [7], [1.5]], {"id": ["7", "1.5"]}, ID),
    "texts and numbers for ids": ([["id"], ["A7"], [7], [8]], {"id": ["A7", "7", "8"]}, ID),
    "an id that is empty": ([["id", "y"], ["a", 1], [None, 2]], {"id": ["a", ""], "y": [1, 2]}, ID),
    "truth for ids": ([["id"], [True]], {"id": ["True"]}, ID),
    "a day for an id": ([["id"], [DAY]], {"id": ["2020-01-05 00:00:00"]}, ID),
    "texts with commas and quotes": ([["id"], ['a, "b"; c']], {"id": ['a, "b"; c']}, ID),
    "a text over two lines": ([["id"], ["a\nb"]], {"id": ["a\nb"]}, ID),
    "blanks in texts stay": ([["id"], [" a "]], {"id": [" a "]}, ID),
    "a long text": ([["id"], ["x" * 30_000]], {"id": ["x" * 30_000]}, ID),
    "words None and null": ([["id"], ["None"], ["null"]], {"id": ["None", "null"]}, ID),
    "a name that is not there": ([["a"], [1]], {"a": [1]}, ID),
    "as text under another writing": ([[" gro\u0308ße "], ["01"]], {"größe": ["01"]}, ("größe",)),
    # names
    "blanks around a name": ([[" a ", "b"], [1, 2]], {"a": [1], "b": [2]}),
    "a decomposed name": ([["gro\u0308ße"], [1]], {"größe": [1]}),
    "names that are numbers beside words": ([["a", 2020], [1, 2]], {"a": [1], "2020": [2]}),
    "a name that is a day": ([["a", DAY], [1, 2]], {"a": [1], "2020-01-05 00:00:00": [2]}),
    "a name over two lines": ([["y\n[K]"], [1]], {"y\n[K]": [1]}),
    "no name above numbers": ([[None, "a"], [1, 2], [3, 4]], {"Unnamed: 0": [1, 3], "a": [2, 4]}),
    "formatted cells without name and value": ([["a", None, ""], [1, None, None]], {"a": [1]}),
    "a name twice": ([["a", "a"], [1, 2]], "two columns called 'a'; rename or drop one"),
    "a name twice but for a blank": ([["a", "a "], [1, 2]], "two columns called 'a'"),
    "numbers in place of names": ([[1, 2], [3, 4]], "starts with numbers; its first line must hold the names"),
    "an empty first row": ([[None, None], ["a", "b"], [1, 2]], "the first line of x.xlsx is blank"),
    "a comment above": ([["# mine", None], ["a", "b"], [1, 2]], "starts with '# mine'; delete the lines above"),
    "no rows": ([["a", "b"]], "has names but no rows; write the rows below them"),
    "nothing": ([], "the first sheet of x.xlsx is empty; put the table there"),
    # rows
    "an empty row inside keeps its place": ([["a"], [1], [None], [3]], {"a": [1, None, 3]}),
    "a short row": ([["a", "b"], [1], [3, 4]], {"a": [1, 3], "b": [None, 4]}),
    "a value beside the table": ([["a"], [1], [2, 9]], {"a": [1, 2], "Unnamed: 1": [None, 9]}),
    "a row of units": ([["a", "b"], ["mg/L", "K"], [1, 2], [3, 4]], "'mg/L' in row 2 .*units, delete the row"),
    "a remark below the table": ([["a"], [1], [2], ["as of May"]], "'as of May', which is no number, in 1 of 3 rows, row 4 "),
    # what is no number
    "days": ([["a"], [DAY], [DAY]], "'a' holds dates or times; write each as the days since a date"),
    "a day among numbers": ([["a"], [1], [DAY]], "dates or times"),
    "times of day": ([["a"], [datetime.time(10, 30)]], "dates or times"),
    "spans of time": ([["a"], [datetime.timedelta(days=40)]], "dates or times"),
    "days as text": ([["a"], ["5.1.2020"], ["6.1.2020"]], "days since a date"),
    "decimal commas as text": ([["a"], ["1,5"], ["2,5"]], "a point in place of the decimal comma"),
    "thousands as text": ([["a"], ["1,234,567"], ["2,345,678"]], "without marks between thousands"),
    "thousands with apostrophes": ([["a"], ["1'234"], ["5'678"]], "without marks between thousands"),
    "words": ([["a"], [1], ["tall"], [2], ["small"]], "'tall', which is no number, in 2 of 4 rows, rows 3 and 5 "),
    "categories": ([["a"], ["red"], ["blue"], ["red"]], "give each category a column of 1 and 0"),
    "percent as text": ([["a"], ["5%"], ["6%"]], "write 0.15 for 15 %"),
    "limits as text": ([["a"], [1], [2], ["> 5"]], "'> 5'.*where there is no exact number"),
    "yes and no": ([["a"], ["yes"], ["no"], ["yes"]], "'yes', which is no number.*a column of 1 and 0"),
}  # fmt: skip


def workbook(path, rows, more=()):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for title, others in more:
        sheet = made.create_sheet(title)
        for row in others:
            sheet.append(row)
    made.save(path)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("case", SHEETS)
def test_a_sheet_is_read_right_or_refused(case, tmp_path):
    rows, expected, *as_text = SHEETS[case]
    workbook(tmp_path / "x.xlsx", rows)
    check(tmp_path / "x.xlsx", expected, *as_text)


def test_the_first_sheet_counts(tmp_path):
    workbook(tmp_path / "x.xlsx", [["a"], [1]], [("second", [["b"], [2]])])
    check(tmp_path / "x.xlsx", {"a": [1]})


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "hello")
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content", [b"a,b\n1,2\n", zipped(), b"PK\x03\x04 and no more", b"\xd0\xcf\x11\xe0 an old one"]
)
def test_what_is_no_workbook_is_refused(content, tmp_path):
    (tmp_path / "x.xlsx").write_bytes(content)
    check(
        tmp_path / "x.xlsx",
        "no readable Excel workbook; save it again as .xlsx without a password, or as CSV in UTF-8",
    )


def test_without_openpyxl_its_install_line_is_said(tmp_path, monkeypatch):
    workbook(tmp_path / "x.xlsx", [["a"], [1]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    check(
        tmp_path / "x.xlsx",
        "needs openpyxl, which is not installed: pip install openpyxl, or save the sheet as CSV",
    )
