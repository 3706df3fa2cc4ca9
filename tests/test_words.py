"""What people write on a command line."""

import pytest

from w2s_utils import words

VALUES = {
    "null": None, "None": None, "": "", "true": True, "True": True, "0.5": 0.5, "1e-3": 1e-3, "007": "007",
    "mine.csv": "mine.csv", "[1, 2]": [1, 2], "['a', 'b']": ["a", "b"],
    '{"small": ["w1"]}': {"small": ["w1"]}, "{'small': ['w1']}": {"small": ["w1"]},
    "s_*": "s_*", "s_1,s_2": "s_1,s_2", "[" * 9999: "[" * 9999, "1 +": "1 +",
}  # fmt: skip


@pytest.mark.parametrize("text", VALUES, ids=lambda text: text[:12])
def test_a_value_is_what_json_or_python_read_and_else_the_text(text):
    found = words.value(text)
    assert found == VALUES[text] and type(found) is type(VALUES[text])


def test_names_are_words_with_commas_or_a_list():
    assert words.names("columns", "s_1, s_2,,") == ["s_1", "s_2"]
    assert words.names("columns", '["a, b", "c"]') == words.names("columns", "['a, b', 'c']") == ["a, b", "c"]
    assert words.names("columns", "null") == words.names("columns", "") == []
    for wrong in ("[1, 2]", "[]", '["a"', '{"a": 1}'):
        with pytest.raises(words.WrongWords, match=r"columns are words such as s_1,s_2 or a JSON list"):
            words.names("columns", wrong)


def test_names_or_groups_are_groups_where_one_is():
    found = words.names_or_groups
    assert found("labels", []) == found("labels", [""]) == [] and found("labels", ["a,b", '["c=d"]']) == [
        "a",
        "b",
        "c=d",
    ]
    assert found("labels", ["a,b", "soft=p_*"]) == {"a": ["a"], "b": ["b"], "soft": ["p_*"]}
    assert found("labels", ['{"soft": ["p", "q"]}']) == {"soft": ["p", "q"]}
    with pytest.raises(words.WrongWords, match="'a' is named twice"):
        found("labels", ["a", "a=p_*"])


def test_groups_have_a_name_each():
    expected = {"small": ["w1", "w2"], "tiny": ["w1"]}
    assert words.groups("a weak model", ["small=w1,w2", "tiny=w1"]) == expected
    assert words.groups("a weak model", ['{"small": ["w1", "w2"], "tiny": "w1"}']) == expected
    assert words.groups("a weak model", []) == {}
    assert words.groups("a weak model", ["odd=a=b"]) == {"odd": ["a=b"]}
    for wrong in ("w1,w2", "=w1", "small=", "small", '{"small": 3}', '{"small"', '{"small": [1]}'):
        with pytest.raises(words.WrongWords, match=r"small=w1,w2|s_1,s_2"):
            words.groups("a weak model", [wrong])
    with pytest.raises(words.WrongWords, match="'small' is named twice"):
        words.groups("a weak model", ["small=w1", "small=w2"])
