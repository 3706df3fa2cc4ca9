"""The grammar and its views, which need neither a model nor data."""

import numpy as np
import pytest

from w2s_utils.texts import generated


def test_every_sentence_once_with_the_target_that_its_words_say():
    data, known = generated.sentences(2000, 1)
    assert len(set(data.inputs)) == 2000 and data.source == "generated" and "generated" in data.title
    for text, value in zip(data.inputs[:300], known[:300], strict=True):
        words = text.split()
        judgement = generated.JUDGEMENTS[words[-1]]
        degree = generated.DEGREES.get(words[-2], 1.0)
        assert value == pytest.approx(
            judgement * degree * (-0.4 if "not" in words else 0.8 if "seemed" in words else 1.0)
        )
    assert (data.targets - known).std() == pytest.approx(generated.NOISE_SD, rel=0.1)
    again, _ = generated.sentences(2000, 1)
    assert again.inputs == data.inputs and np.array_equal(again.targets, data.targets)
    assert generated.sentences(2000, 2)[0].inputs != data.inputs


@pytest.mark.parametrize("count", [59, 10**6])
def test_no_more_sentences_than_the_grammar_gives(count):
    with pytest.raises(ValueError, match="the grammar gives 60 to 18000 different sentences"):
        generated.sentences(count)


def test_views_of_words_and_letters(tmp_path, monkeypatch):
    monkeypatch.setenv("W2S_CACHE", str(tmp_path))
    data, known = generated.sentences(300)
    views = generated.views(data)
    assert len(views.weak) == 8 and views.strong.shape == (300, generated.STRONG_WIDTH)
    fitted = views.strong @ np.linalg.lstsq(views.strong, known, rcond=None)[0]
    assert 0.3 < np.corrcoef(fitted, known)[0, 1] < 0.999  # a product of words is no sum of them
