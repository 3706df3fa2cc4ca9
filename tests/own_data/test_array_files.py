"""Arrays as people save them, in .npz and .npy: each is read right, or refused in one sentence that says what is wrong."""

import io
import pickle
import zipfile

import numpy as np
import pytest
from reading import check

ID = ("id",)
STEPS = np.arange(6.0)
LONG = 1234567890123456789

# name: (arrays by name, {name: values} or a pattern of the refusal, names as text)
ARRAYS = {
    # kinds of numbers
    "doubles": ({"a": STEPS[:2]}, {"a": [0, 1]}),
    "single precision": ({"a": np.float32([0.5, 2])}, {"a": [0.5, 2]}),
    "half precision": ({"a": np.float16([0.5, 2])}, {"a": [0.5, 2]}),
    "long doubles": ({"a": np.longdouble([0.5, 2])}, {"a": [0.5, 2]}),
    "other byte order": ({"a": np.array([1, 2], dtype=">f4")}, {"a": [1, 2]}),
    "whole numbers": ({"a": np.array([1, -2])}, {"a": [1, -2]}),
    "whole numbers of 8 bits": ({"a": np.uint8([0, 255])}, {"a": [0, 255]}),
    "whole numbers of 64 bits": ({"a": np.uint64([2**63])}, {"a": [2**63]}),
    "true and false": ({"a": np.array([True, False])}, {"a": [1, 0]}),
    "a table of true and false": ({"a": np.eye(2, dtype=bool)}, {"a": [[1, 0], [0, 1]]}),
    "missing": ({"a": np.array([np.nan, 1])}, {"a": [None, 1]}),
    "infinity": ({"a": np.array([-np.inf, 1])}, {"a": [-np.inf, 1]}),
    # shapes
    "a table": ({"a": STEPS.reshape(3, 2)}, {"a": [[0, 1], [2, 3], [4, 5]]}),
    "a table by columns": ({"a": np.asfortranarray(STEPS.reshape(3, 2))}, {"a": [[0, 1], [2, 3], [4, 5]]}),
    "a table of one column": ({"a": STEPS[:2, None]}, {"a": [[0], [1]]}),
    "a table and a column": ({"a": STEPS.reshape(2, 3), "y": STEPS[:2]}, {"a": [[0, 1, 2], [3, 4, 5]], "y": [0, 1]}),
    "every second row": ({"a": STEPS[::2]}, {"a": [0, 2, 4]}),
    "one row": ({"a": np.ones((1, 3))}, {"a": [[1, 1, 1]]}),
    "no columns": (
        {"a": np.ones((3, 0)), "b": np.ones(3)}, "a has no column; an array is .n,. or .n, d. with d of 1 at least"),
    "no rows": ({"a": np.ones((0, 3))}, "names but no rows"),
    "three axes": ({"a": np.ones((2, 2, 2))}, r"shape \(2, 2, 2\); an array is"),
    "a number": ({"a": np.float64(1)}, r"shape \(\); an array is"),
    "other numbers of rows": ({"a": np.ones(3), "b": np.ones((4, 2))}, "different numbers of rows .a 3, b 4.: row i must be"),
    "a table lying on its side": ({"a": np.ones((3, 5)), "y": np.ones(5)}, "different numbers of rows .a 3, y 5."),
    # texts
    "texts": ({"id": np.array(["007", "1E5", "NA"])}, {"id": ["007", "1E5", "NA"]}, ID),
    "bytes": ({"id": np.array([b"007", b"x"])}, {"id": ["007", "x"]}, ID),
    "bytes in UTF-8": ({"id": np.array(["ä".encode(), b"b"])}, {"id": ["ä", "b"]}, ID),
    "whole numbers for ids": ({"id": np.array([7, LONG])}, {"id": ["7", str(LONG)]}, ID),
    "decimals for ids": ({"id": np.array([7.0, 1.5, np.nan])}, {"id": ["7", "1.5", ""]}, ID),
    "truth for ids": ({"id": np.array([True, False])}, {"id": ["True", "False"]}, ID),
    "days for ids": ({"id": np.array(["2020-01-05", "NaT"], dtype="datetime64[D]")}, {"id": ["2020-01-05", ""]}, ID),
    "ids in a column of a table": ({"id": np.array([["a"], ["b"]])}, {"id": ["a", "b"]}, ID),
    "empty texts": ({"id": np.array(["", "b"])}, {"id": ["", "b"]}, ID),
    "a name that is not there": ({"a": STEPS[:1]}, {"a": [0]}, ID),
    "numbers as texts": ({"a": np.array(["1.5", " 2 "])}, {"a": [1.5, 2]}),
    "numbers as bytes": ({"a": np.array([b"1.5", b"2"])}, {"a": [1.5, 2]}),
    "words for missing": ({"a": np.array(["1", "NA", "nan", ""])}, {"a": [1, None, None, None]}),
    "true and false as texts": ({"a": np.array(["true", "False"])}, {"a": [1, 0]}),
    "a table of texts": ({"a": np.array([["1", "2"], ["3", "NA"]])}, {"a": [[1, 2], [3, None]]}),
    # what is no number
    "words": ({"a": np.array(["1", "tall", "2"])}, "'tall', which is no number, in 1 of 3 rows, row 3 "),
    "words in a table": ({"a": np.array([["1", "x"], ["3", "y"]])}, "'x', which is no number, in 2 of 2 rows, rows 2 and 3 "),
    "a row of units": ({"a": np.array(["K", "1", "2"])}, "'K' in row 2 .*units, delete the row"),
    "decimal commas": ({"a": np.array(["1,5", "2,5"])}, "a point in place of the decimal comma"),
    "complex numbers": ({"a": np.array([1j, 2])}, "complex numbers; give the real and the imaginary part"),
    "days": ({"a": np.array(["2020-01-05"], dtype="datetime64[D]")}, "dates or times"),
    "times": ({"a": np.array(["2020-01-05T10:00"], dtype="datetime64[s]")}, "dates or times"),
    "spans of time": ({"a": np.array([1, 2], dtype="timedelta64[D]")}, "dates or times"),
    "records": (
        {"a": np.array([(1, 2.0)], dtype=[("x", int), ("y", float)])}, "records; give each part a column"),
    "Python objects": ({"a": np.array([1, "b"], dtype=object)}, "pickled Python objects, which can run code"),
    "lists of several lengths": ({"a": np.array([[1], [2, 3]], dtype=object)}, "pickled Python objects"),
    # names
    "blanks around a name": ({" a ": STEPS[:1]}, {"a": [0]}),
    "a decomposed name": ({"gro\u0308ße": STEPS[:1]}, {"größe": [0]}),
    "a name twice but for a blank": ({"a": STEPS[:1], "a ": STEPS[:1]}, "two columns called 'a'"),
    "a name with a slash": ({"views/a": STEPS[:1]}, {"views/a": [0]}),
    "a name that is a number": ({"0": STEPS[:1]}, {"0": [0]}),
}  # fmt: skip


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("case", ARRAYS)
def test_an_archive_is_read_right_or_refused(case, packed, tmp_path):
    arrays, expected, *as_text = ARRAYS[case]
    (np.savez_compressed if packed else np.savez)(tmp_path / "x.npz", **arrays)
    check(tmp_path / "x.npz", expected, *as_text)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("case", ARRAYS)
def test_arrays_of_their_own_are_read_right_or_refused(case, tmp_path):
    arrays, expected, *as_text = ARRAYS[case]
    named = {}
    for place, (name, array) in enumerate(arrays.items()):
        named[name] = tmp_path / f"{place}.npy"
        np.save(named[name], array)
    check(named, expected, *as_text)


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def zipped(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


BROKEN = {
    "text": ("x.npz", b"a,b\n1,2\n", "no archive of arrays; save it again with np.savez"),
    "one array called archive": ("x.npz", npy(STEPS), "no archive of arrays"),
    "an archive cut off": ("x.npz", npz(a=np.ones(1000))[:-30], "no archive of arrays"),
    "an archive with a changed byte": (
        "x.npz", npz(a=np.ones(9)).replace(b"\xf0\x3f", b"\xf0\x3e", 1), "damaged or no array file"),
    "an archive of texts": ("x.npz", zipped(readme="hello"), "readme is no array; save each array"),
    "an archive of nothing": ("x.npz", zipped(), "names but no rows"),
    "an array cut off": ({"a": "a.npy"}, npy(np.ones(1000))[:-30], "damaged or no array file"),
    "an array of text": ({"a": "a.npy"}, b"a,b\n1,2\n", "a.npy is damaged or no array file"),
    "a pickle called array": ({"a": "a.npy"}, pickle.dumps([1, 2]), "pickled Python objects, which can run code"),
    "an archive called array": ({"a": "a.npy"}, npz(a=STEPS), "is no array; save each array"),
    "a CSV among arrays": ({"a": "a.csv"}, b"a\n1\n", "a.csv is no .npy file; save the array with np.save"),
    "one array alone": ("a.npy", npy(STEPS), "holds one array, and several are needed: give them by name"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_no_array_is_refused(case, tmp_path):
    source, content, expected = BROKEN[case]
    name = source if isinstance(source, str) else next(iter(source.values()))
    (tmp_path / name).write_bytes(content)
    check(tmp_path / name if isinstance(source, str) else {"a": tmp_path / name}, expected)
