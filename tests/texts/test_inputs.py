"""What a text may be."""

import pytest

from w2s_utils.texts import inputs
from w2s_utils.texts.inputs import UnusableText

ODD = ["None", "\U0001f600", "x" * 100_000, "a\u200b", "\x00", "日本", "a\nb", "\u0301"]


def test_odd_texts_are_texts_and_stay_as_they_are():
    assert inputs.checked(ODD) == ODD


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "row 1 is no text but NoneType"),
        (float("nan"), "row 1 is no text but float"),
        (b"bytes", "row 1 is no text but bytes"),
        ("", "row 1 is empty"),
        (" \t\n\u3000", "row 1 is empty"),
        ("one\x1f ", "half a pair"),
        ("broken \ud83d", "row 1 has half a surrogate pair.*mended"),
        ("\udc00\ud83d", "half a surrogate pair"),
    ],
)
def test_what_is_no_text_is_named_with_its_row(text, said):
    with pytest.raises(UnusableText, match=said):
        inputs.checked(["fine", text])


def test_a_broken_encoding_is_mended():
    assert inputs.mended("a\ud83db\udc00") == "a\ufffdb\ufffd"
    assert inputs.mended("\ud83d\ude00 é") == "\U0001f600 é"
    assert inputs.checked([inputs.mended("a\ud83d")]) == ["a\ufffd"]


def test_pairs():
    both = [inputs.pair("a", "b"), inputs.pair("c", "d")]
    assert inputs.halves(both) == (["a", "c"], ["b", "d"])
    assert inputs.halves(["a", "b"]) is None
    with pytest.raises(UnusableText, match="either every input is a pair"):
        inputs.halves(["a", both[0]])
    with pytest.raises(UnusableText, match="separates the two"):
        inputs.pair("a\x1f", "b")
