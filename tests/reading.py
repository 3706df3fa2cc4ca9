"""What the tests of files share: a file is read and its columns used, as `gather` would, to values or to one sentence."""

import re

import numpy as np
import pytest

from w2s_utils.own_data.cells import numbers
from w2s_utils.own_data.files import UnusableData, read_columns

INTERNALS = re.compile(
    r"\bnp\.(?!save|asarray)|numpy\.|pandas\.(?!read_csv|get_dummies)|pyarrow\.|C error|Traceback|object at 0x|<class|\n"
)


def check(source, expected, as_text=()):
    """``expected``: {column: values}, texts for ``as_text``, None for a missing number; or a pattern of the refusal."""
    if isinstance(expected, str):
        with pytest.raises(UnusableData, match=expected) as caught:
            for name, values in read_columns(source, as_text).items():
                if name not in as_text:
                    numbers(name, values)
        said = str(caught.value)
        assert not INTERNALS.search(said) and len(said) < 500, said
        return
    found = read_columns(source, as_text)
    for name, values in expected.items():
        if name in as_text:
            assert found[name].reshape(-1).tolist() == values
        else:
            right = np.array(
                [[np.nan if v is None else v for v in np.atleast_1d(row)] for row in values], dtype=float
            )
            np.testing.assert_array_equal(numbers(name, found[name]).reshape(right.shape), right)
    assert set(found) == set(expected)
