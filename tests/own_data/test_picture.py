"""The drawing of an answer: every mark where its number is, names as they are written, nothing that could be markup."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from w2s_utils.own_data.answer import answer
from w2s_utils.own_data.examples import example
from w2s_utils.own_data.judge import judge
from w2s_utils.own_data.picture import LEFT, WIDTH, gain_picture

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def found():
    return answer(judge(example("diabetes", 150, 0)))


def scale(drawing):
    """From pixels to values, by the ticks."""
    texts = {
        float(one.get("x")): float(one.text.replace("−", "-"))
        for one in drawing.iter(f"{SVG}text")
        if re.fullmatch(r"−?[\d.e+−]+", one.text or "")
    }
    assert len(texts) >= 3
    slope, start = np.polyfit(list(texts), list(texts.values()), 1)
    return lambda pixel: slope * float(pixel) + start


def test_marks_stand_where_the_numbers_are(found):
    drawing = ElementTree.fromstring(gain_picture(found, "diabetes"))
    value = scale(drawing)
    blue = [line for line in drawing.findall(f"{SVG}line") if line.get("stroke") == "#0173b2"]
    dots, diamonds = drawing.findall(f"{SVG}circle"), drawing.findall(f"{SVG}path")
    near = 1e-3 * (value(WIDTH) - value(LEFT))
    for name, line, dot, diamond in zip(found.names, blue, dots, diamonds, strict=True):
        gain = found.gains[name]
        assert value(line.get("x1")) == pytest.approx(gain.low, abs=near)
        assert value(line.get("x2")) == pytest.approx(gain.high, abs=near)
        assert value(dot.get("cx")) == pytest.approx(gain.gain, abs=near)
        assert value(diamond.get("d").split()[0][1:]) == pytest.approx(gain.misfit, abs=near)
        assert name in [text.text for text in drawing.iter(f"{SVG}text")]


@pytest.mark.parametrize("factor", [1e-9, 1e12])
def test_any_unit_has_ticks(found, factor):
    parts = ("gain", "low", "high", "naive_low", "naive_high", "misfit")
    gains = {
        name: replace(gain, **{part: factor * getattr(gain, part) for part in parts})
        for name, gain in found.gains.items()
    }
    drawing = ElementTree.fromstring(gain_picture(replace(found, gains=gains)))
    value, gain = scale(drawing), gains[found.names[0]]
    assert value(drawing.find(f"{SVG}circle").get("cx")) == pytest.approx(gain.gain, rel=0.02)


def test_names_are_text_and_long_ones_are_cut(found):
    first = found.names[0]
    hostile = '<script>"&{{ x }}' + "y" * 99
    renamed = replace(
        found,
        names=(hostile,),
        gains={hostile: found.gains[first]},
        triples={hostile: found.triples[first]},
        ranking=None,
    )
    text = gain_picture(renamed, "<b>")
    assert "<script" not in text and "<b>" not in text
    shown = [one.text for one in ElementTree.fromstring(text).iter(f"{SVG}text")]
    assert any(one and one.startswith('<script>"&{{ x }}') and one.endswith("…") for one in shown)
