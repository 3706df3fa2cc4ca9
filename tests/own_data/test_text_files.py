"""Text files as people have them: each is read right, or refused in one sentence that says what is wrong."""

import gzip

import pytest
from reading import check

ID = ("id",)
# name: (file name, content, {column: values} or a pattern of the refusal, columns as text)
CASES = {
    # delimiters
    "commas": ("x.csv", "a,b\n1,2\n3,4\n", {"a": [1, 3], "b": [2, 4]}),
    "semicolons": ("x.csv", "a;b\n1;2\n3;4\n", {"a": [1, 3], "b": [2, 4]}),
    "tabs": ("x.tsv", "a\tb\n1\t2\n3\t4\n", {"a": [1, 3], "b": [2, 4]}),
    "tabs in a file called csv": ("x.csv", "a\tb\n1\t2\n", {"a": [1], "b": [2]}),
    "vertical bars": ("x.txt", "a|b\n1|2\n", {"a": [1], "b": [2]}),
    "commas in a file called tsv": ("x.tsv", "a,b\n1,2\n", {"a": [1], "b": [2]}),
    "a comma in a name between semicolons": ("x.csv", "a;y, dry;c\n1;2;3\n", {"a": [1], "y, dry": [2], "c": [3]}),
    "a quoted comma in a name": ("x.csv", 'a,"y, dry"\n1,2\n', {"a": [1], "y, dry": [2]}),
    "two delimiters as often, told by the next line": ("x.csv", "a,b;c\n1;2\n", {"a,b": [1], "c": [2]}),
    "commas in texts between tabs": ("x.tsv", "id\ty\nred, green, blue\t1\n", {"id": ["red, green, blue"], "y": [1]}, ID),
    "one column": ("x.csv", "a\n1\n2\n", {"a": [1, 2]}),
    "blanks between columns": ("x.txt", "a b c\n1 2 3\n", "have blanks between them; save it with commas"),
    "several blanks between columns": ("x.txt", "a    b\n1.5  2\n", "have blanks between them"),
    # decimal commas
    "decimal commas": ("x.csv", "a;b\n1,5;2\n0,25;3\n", {"a": [1.5, 0.25], "b": [2, 3]}),
    "decimal commas with a gap and a power": (
        "x.csv", "a;b\n1,5;2\n;3\n-2,5E-1;4\n", {"a": [1.5, None, -0.25], "b": [2, 3, 4]}),
    "decimal commas between tabs": ("x.tsv", "a\tb\n1,5\t2,25\n", {"a": [1.5], "b": [2.25]}),
    "three decimals, told by another column": ("x.csv", "a;b\n1,234;0,5\n", {"a": [1.234], "b": [0.5]}),
    "three decimals, told by a leading zero": ("x.csv", "a\tb\n0,234\t1\n1,500\t2\n", {"a": [0.234, 1.5], "b": [1, 2]}),
    "three decimals, told by nothing": (
        "x.csv", "a;b\n1,234;2\n5,678;3\n", "'1,234', which is no number.*marks between thousands"),
    "decimal commas beside thousands with points": (
        "x.csv", "a;b\n1,5;1.234\n2,5;5.678\n", "decimal comma in 'a', so '1.234' in 'b' may be thousands"),
    "decimal commas beside decimal points": ("x.csv", "a;b\n1,5;1.25\n2,5;5.6\n", {"a": [1.5, 2.5], "b": [1.25, 5.6]}),
    "both marks in one number": (
        "x.csv", "a;b\n1.234,5;1\n2,5;3\n", "'1.234,5', which is no number.*without marks between thousands"),
    "commas and points in one column": (
        "x.csv", "a;b\n1.5;1\n2,5;3\n", "'2,5', which is no number.*row 3 .*in place of the decimal comma"),
    "a quoted decimal comma between commas": (
        "x.csv", 'a,b\n1,"2,5"\n1,3\n2,4\n',
        "'2,5', which is no number, in 1 of 3 rows, row 2 .*with a point in place of the decimal"),
    "texts with commas stay texts": ("x.csv", "id;y\n1,5;0,5\n", {"id": ["1,5"], "y": [0.5]}, ID),
    # ids and texts
    "ids as written": ("x.csv", "id,y\n007,1\n7,2\n1E5,3\nNA,4\nTrue,5\n1.50,6\n", {
        "id": ["007", "7", "1E5", "NA", "True", "1.50"], "y": [1, 2, 3, 4, 5, 6]}, ID),
    "long ids": ("x.csv", "id,y\n12345678901234567890,1\n12345678901234567891,2\n", {
        "id": ["12345678901234567890", "12345678901234567891"], "y": [1, 2]}, ID),
    "an empty id": ("x.csv", "id,y\n,1\nb,2\n", {"id": ["", "b"], "y": [1, 2]}, ID),
    "words for missing in the other columns": ("x.csv", "id,y\na,NA\nb,null\nc,\nd,n/a\ne,2\n", {
        "id": list("abcde"), "y": [None, None, None, None, 2]}, ID),
    "a name that the file has not": ("x.csv", "a\n1\n", {"a": [1]}, ("id", "a b")),
    "a text over two lines": ("x.csv", 'id,y\n"a\nb",1\nc,2\n', {"id": ["a\nb", "c"], "y": [1, 2]}, ID),
    "a quote in a text": ("x.csv", 'id,y\n"say ""a"", b",1\n', {"id": ['say "a", b'], "y": [1]}, ID),
    "a text of 200,000 characters": ("x.csv", f'id,y\n"{"word " * 40_000}",1\n', {"id": ["word " * 40_000], "y": [1]}, ID),
    "an open quote": (
        "x.csv", 'a,b\n1,"2\n3,4\n',
        "a double quote opens a text and none closes it; write a double quote inside a text twice"),
    "Greek and Chinese": ("x.csv", "größe,名\n1,2\n", {"größe": [1], "名": [2]}),
    "dates as ids": ("x.csv", "id,y\n2020-01-05,1\n", {"id": ["2020-01-05"], "y": [1]}, ID),
    # headers
    "blanks around names": ("x.csv", " a , b\n1,2\n", {"a": [1], "b": [2]}),
    "a decomposed name": ("x.csv", "gro\u0308ße\n1\n", {"größe": [1]}),
    "a name twice but for a blank": ("x.csv", "a, a\n1,2\n", "two columns called 'a'"),
    "a byte-order mark": ("x.csv", "\ufeffa,b\n1,2\n", {"a": [1], "b": [2]}),
    "an unnamed index": ("x.csv", ",a\n0,1\n1,2\n", {"Unnamed: 0": [0, 1], "a": [1, 2]}),
    "a delimiter at the end of each line": ("x.csv", "a,b,\n1,2,\n3,4,\n", {"a": [1, 3], "b": [2, 4]}),
    "a delimiter at the end of each row alone": ("x.csv", "a,b\n1,2,\n3,4,\n", "take the last delimiter of each line out"),
    "names of rows without a name": ("x.csv", "a,b\nr1,1,2\nr2,3,4\n", "name the first column if it names the rows"),
    "a comment above": ("x.csv", "# made by me\na,b\n1,2\n", "starts with '# made by me'; delete the lines above"),
    "Excel's sep": ("x.csv", "sep=;\na;b\n1;2\n", "starts with 'sep="),
    "no names": ("x.csv", "1.5;2\n3;4\n", "starts with numbers"),
    "no rows": ("x.tsv", "a\tb\n", "names but no rows"),
    # lines
    "Windows' line ends": ("x.csv", "a,b\r\n1,2\r\n", {"a": [1], "b": [2]}),
    "no end of the last line": ("x.csv", "a,b\n1,2", {"a": [1], "b": [2]}),
    "blank lines at the end": ("x.csv", "a,b\n1,2\n\n\n", {"a": [1], "b": [2]}),
    "a blank line inside keeps its place": ("x.csv", "a,b\n1,2\n\n3,4\n", {"a": [1, None, 3], "b": [2, None, 4]}),
    "all lines that do not fit": (
        "x.csv", "a,b\n1\n2,3\n4\n5\n6\n7\n8\n9,9\n",
        "6 lines another number of values: line 2, 4, 5, 6, 7 and 1 more, with 1 in"),
    "a longer line": (
        "x.csv", "a;b\n1;2\n1;2;3\n",
        "1 line another number of values: line 3, with 3 in line 3; text with a semicolon in it"),
    # cells
    "true and false": ("x.csv", "a,b\nTrue,false\nFALSE,true\n", {"a": [1, 0], "b": [0, 1]}),
    "true and false with a gap": ("x.csv", "a,b\ntrue,1\n,2\nfalse,3\n", {"a": [1, None, 0], "b": [1, 2, 3]}),
    "a row of units": (
        "x.csv", "a,b\nmg/L,K\n1,2\n3,4\n", "'a' holds 'mg/L' in row 2 .*and numbers below it; .*units, delete the row"),
    "dates": ("x.csv", "a\n2020-01-05\n2020-01-06\n", "'2020-01-05', which is no number.*days since a date"),
    "German dates": ("x.csv", "a;b\n5.1.2020;1\n6.1.2020;2\n", "days since a date"),
    "categories": ("x.csv", "a\nred\nblue\nred\nblue\n", "give each category a column of 1 and 0"),
    "words": ("x.csv", "a\n1\n2\nn.d.\n3\n<0.5\n", "'n.d.', which is no number, in 2 of 5 rows, rows 4 and 6 "),
    "a limit of detection": ("x.csv", "a\n1\n2\n<0.5\n", "'<0.5'.*where there is no exact number"),
    "percent": ("x.csv", "a\n15%\n20%\n", "write 0.15 for 15 %"),
    "a list in a cell": ("x.csv", 'a\n"[1, 2]"\n"[3, 4]"\n', "give each number of a list a column of its own"),
    "thousands with commas": ("x.csv", 'a\n"1,234"\n"5,678"\n', "without marks between thousands"),
    "infinity": ("x.csv", "a\ninf\n1\n", {"a": [float("inf"), 1]}),
    "powers of ten": ("x.csv", "a\n1e-3\n2E+2\n", {"a": [1e-3, 200]}),
    "an integer beyond 64 bits": ("x.csv", "a\n123456789012345678901234\n1\n", {"a": [123456789012345678901234.0, 1]}),
    "underscores are no number": ("x.csv", "a\n1_000\n2\n3\n", "'1_000', which is no number, in 1 of 3 rows"),
    "numbers in quotes": ("x.csv", 'a,b\n"1","2"\n', {"a": [1], "b": [2]}),
    "blanks around numbers": ("x.csv", "a, b\n 1, 2\n 3 ,4 \n", {"a": [1, 3], "b": [2, 4]}),
    # bytes
    "gzip": ("x.csv.gz", gzip.compress(b"id,y\n007,1\n"), {"id": ["007"], "y": [1]}, ID),
    "gzip of tabs": ("x.tsv.gz", gzip.compress(b"a\tb\n1,5\t2\n"), {"a": [1.5], "b": [2]}),
    "gz that is none": ("x.csv.gz", b"a,b\n1,2\n", "no gzip archive; take .gz off its name"),
    "gzip cut off": ("x.csv.gz", gzip.compress(b"a,b\n" + b"1,2\n" * 999)[:-20], "damaged gzip archive"),
    "Latin-1 in gzip": (
        "x.csv.gz", gzip.compress("größe\n1\n".encode("latin-1")),
        "not UTF-8.*unpack it .gunzip., then convert it: iconv .* x.csv >"),
    "Latin-1": ("x.tsv", "größe\ta\n1\t2\n".encode("latin-1"), "not UTF-8 but looks like WINDOWS-1252"),
    "UTF-16": ("x.txt", "a\tb\n1\t2\n".encode("utf-16"), "looks like UTF-16"),
    "Parquet called csv": ("x.csv", b"PAR1\x00\x00PAR1", "a Parquet file; rename it to .parquet"),
    "an old workbook called csv": ("x.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
    "UTF-16 without a mark": ("x.csv", "a,b\n1,2\n".encode("utf-16-le"), "many of its bytes are 0; if it is UTF-16, convert"),
    "NUL bytes": ("x.csv", b"a,b\n1,\x00\n", r"'\\x00', which is no number"),
}  # fmt: skip


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("case", CASES)
def test_a_text_file_is_read_right_or_refused(case, tmp_path):
    name, content, expected, *as_text = CASES[case]
    path = tmp_path / name
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    check(path, expected, *as_text)
