"""Parquet and feather files as people have them: each is read right, or refused in one sentence that says what is wrong."""

import datetime
import sys
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from reading import check

pyarrow = pytest.importorskip("pyarrow")
ID = ("id",)
DAY = datetime.date(2020, 1, 5)
LONG = 1234567890123456789


def arrow(kind, values):
    return pyarrow.array(values, type=kind)


# name: (columns, {column: values} or a pattern of the refusal, columns as text)
TABLES = {
    # numbers
    "whole numbers": ({"a": [1, 2]}, {"a": [1, 2]}),
    "decimals": ({"a": [0.5, 1e-300]}, {"a": [0.5, 1e-300]}),
    "whole numbers with a gap": ({"a": arrow("int64", [1, None, 3])}, {"a": [1, None, 3]}),
    "small whole numbers": ({"a": arrow("int8", [-128, 127])}, {"a": [-128, 127]}),
    "numbers without sign": ({"a": arrow("uint64", [0, 2**63])}, {"a": [0, 2**63]}),
    "single precision": ({"a": arrow("float32", [0.5, None])}, {"a": [0.5, None]}),
    "half precision": ({"a": np.array([0.5, 2], dtype=np.float16)}, {"a": [0.5, 2]}),
    "decimals of fixed point": ({"a": [Decimal("1.50"), None, Decimal("2")]}, {"a": [1.5, None, 2]}),
    "true and false": ({"a": [True, False]}, {"a": [1, 0]}),
    "true and false with a gap": ({"a": arrow("bool", [True, None])}, {"a": [1, None]}),
    "numbers as texts": ({"a": ["1.5", " 2 ", "NA", ""]}, {"a": [1.5, 2, None, None]}),
    "true and false as texts": ({"a": ["true", "False", None]}, {"a": [1, 0, None]}),
    "nothing but gaps": ({"a": arrow("null", [None, None]), "b": [1, 2]}, {"a": [None, None], "b": [1, 2]}),
    "infinity": ({"a": [np.inf, 1.0]}, {"a": [np.inf, 1]}),
    "categories that are numbers": ({"a": pd.Categorical([3, 1, 3])}, {"a": [3, 1, 3]}),
    "texts kept once": ({"a": arrow("string", ["1", "2"]).dictionary_encode()}, {"a": [1, 2]}),
    "large texts": ({"a": arrow("large_string", ["1", None])}, {"a": [1, None]}),
    # ids and texts
    "ids": ({"id": ["007", "1E5", "NA"], "y": [1, 2, 3]}, {"id": ["007", "1E5", "NA"], "y": [1, 2, 3]}, ID),
    "ids with a gap": ({"id": ["a", None]}, {"id": ["a", ""]}, ID),
    "whole numbers for ids": ({"id": [7, LONG]}, {"id": ["7", str(LONG)]}, ID),
    "long ids with a gap": ({"id": arrow("int64", [LONG, None, LONG + 1])}, {"id": [str(LONG), "", str(LONG + 1)]}, ID),
    "decimals for ids": ({"id": [7.0, 1.5]}, {"id": ["7", "1.5"]}, ID),
    "decimals for ids with a gap": ({"id": [7.0, None]}, {"id": ["7", ""]}, ID),
    "categories for ids": ({"id": pd.Categorical(["b", "a", None])}, {"id": ["b", "a", ""]}, ID),
    "days for ids": ({"id": [DAY, None]}, {"id": ["2020-01-05", ""]}, ID),
    "truth for ids": ({"id": [True, False]}, {"id": ["True", "False"]}, ID),
    "bytes for ids": ({"id": [b"ab", b"\xc3\xa4"]}, {"id": ["ab", "ä"]}, ID),
    "an endless text": ({"id": ["x" * 300_000]}, {"id": ["x" * 300_000]}, ID),
    "large texts for ids": ({"id": arrow("large_string", ["01", None])}, {"id": ["01", ""]}, ID),
    "a name that the file has not": ({"a": [1]}, {"a": [1]}, ("id",)),
    "as text under another writing": ({" gro\u0308ße ": ["01"]}, {"größe": ["01"]}, ("größe",)),
    # lists
    "embeddings": ({"a": [[1.0, 2.0], [3.0, 4.0]]}, {"a": [[1, 2], [3, 4]]}),
    "embeddings of fixed length": (
        {"a": pyarrow.array([[1, 2], [3, 4]], pyarrow.list_(pyarrow.int32(), 2))}, {"a": [[1, 2], [3, 4]]}),
    "an embedding that is missing": ({"a": [[1.0, 2.0], None, [3.0, 4.0]]}, {"a": [[1, 2], [None, None], [3, 4]]}),
    "an embedding that is empty": ({"a": [[], [1.0, 2.0]]}, {"a": [[None, None], [1, 2]]}),
    "a number that is missing in an embedding": ({"a": [[1.0, None], [3.0, 4.0]]}, {"a": [[1, None], [3, 4]]}),
    "truth in embeddings": ({"a": [[True, False], [False, False]]}, {"a": [[1, 0], [0, 0]]}),
    "embeddings of several lengths": (
        {"a": [[1.0, 2.0], [1.0], [3.0, 4.0]]}, "lists of 2 numbers, but of others, such as 1, in row 3 "),
    "embeddings of several lengths with a gap": ({"a": [None, [1.0, 2.0], [3.0, 4.0], [1.0] * 3]}, "such as 3, in row 5 "),
    "lists of texts": (
        {"a": [["p"], ["q"]]}, "lists of other things than numbers; write lists of equally many numbers"),
    "nested lists": ({"a": [[[1.0]], [[2.0]]]}, "lists of other things than numbers"),
    "records": ({"a": [{"x": 1}, {"x": 2}]}, "values of the kind dict; write numbers"),
    "maps": (
        {"a": pyarrow.array([[("x", 1)], [("y", 2)]], pyarrow.map_(pyarrow.string(), pyarrow.int64()))},
        "lists of other things"),
    # what is no number
    "days": ({"a": [DAY, DAY]}, "dates or times; write each as the days since a date"),
    "times": ({"a": pd.date_range("2020", periods=2)}, "dates or times"),
    "times with a zone": ({"a": pd.date_range("2020", periods=2, tz="UTC")}, "dates or times"),
    "spans of time": ({"a": pd.to_timedelta([1, 2], unit="D")}, "dates or times"),
    "times of day": ({"a": [datetime.time(1), datetime.time(2)]}, "dates or times"),
    "bytes": ({"a": [b"ab", b"cd"]}, "values of the kind bytes"),
    "words": ({"a": ["1", "tall", "2"]}, "'tall', which is no number, in 1 of 3 rows, row 3 "),
    "a row of units": ({"a": ["mg/L", "1", "2"]}, "'mg/L' in row 2 .*units, delete the row"),
    "categories that are words": ({"a": pd.Categorical(["red", "blue", "red"])}, "give each category a column of 1 and 0"),
    "days as texts": ({"a": ["2020-01-05", "2020-01-06"]}, "days since a date"),
    "decimal commas as texts": ({"a": ["1,5", "2,5"]}, "a point in place of the decimal comma"),
    # names and rows
    "blanks around a name": ({" a ": [1]}, {"a": [1]}),
    "a name twice but for a blank": ({"a": [1], "a ": [2]}, "two columns called 'a'"),
    "no rows": ({"a": arrow("float64", [])}, "names but no rows"),
    "no columns": ({}, "names but no rows"),
}  # fmt: skip


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("ending", ["parquet", "feather"])
@pytest.mark.parametrize("case", TABLES)
def test_a_table_is_read_right_or_refused(case, ending, tmp_path):
    columns, expected, *as_text = TABLES[case]
    table, path = pyarrow.table(columns), tmp_path / f"x.{ending}"
    if ending == "parquet":
        from pyarrow import parquet

        parquet.write_table(table, path)
    else:
        from pyarrow import feather

        feather.write_feather(table, str(path))
    check(path, expected, *as_text)


FRAMES = {
    "ids in the index": (
        pd.DataFrame({"y": [1.0, 2]}, index=pd.Index(["01", "02"], name="id")), {"id": ["01", "02"], "y": [1, 2]}),
    "whole numbers in the index": (
        pd.DataFrame({"y": [1.0, 2]}, index=pd.Index([7, 8], name="id")), {"id": ["7", "8"], "y": [1, 2]}),
    "an index without a name": (pd.DataFrame({"y": [1.0, 2]}, index=["a", "b"]), {"y": [1, 2]}),
    "names that are numbers": (pd.DataFrame({0: [1.0, 2], 1: [3.0, 4]}), {"0": [1, 2], "1": [3, 4]}),
    "names of two levels": (
        pd.DataFrame([[1.0, 2.0]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")])),
        {"('a', 'x')": [1], "('a', 'y')": [2]}),
}  # fmt: skip


@pytest.mark.parametrize("case", FRAMES)
def test_a_frame_with_an_index_is_read(case, tmp_path):
    frame, expected = FRAMES[case]
    frame.to_parquet(tmp_path / "x.parquet")
    check(tmp_path / "x.parquet", expected, ID)


@pytest.mark.parametrize(
    "content", [b"PAR1 and no more", b"a,b\n1,2\n", b"\x00" * 40, b"PAR1" + b"\xff" * 40 + b"PAR1"]
)
@pytest.mark.parametrize("ending", ["parquet", "feather"])
def test_what_is_no_such_file_is_refused(content, ending, tmp_path):
    (tmp_path / f"x.{ending}").write_bytes(content)
    check(
        tmp_path / f"x.{ending}",
        f"no readable {'Parquet' if ending == 'parquet' else 'feather'} file; save it again",
    )


@pytest.mark.parametrize("ending", ["parquet", "feather"])
def test_without_pyarrow_its_install_line_is_said(ending, tmp_path, monkeypatch):
    (tmp_path / f"x.{ending}").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    check(
        tmp_path / f"x.{ending}",
        "needs pyarrow, which is not installed: pip install pyarrow, or save the table as CSV",
    )
