"""What all of theory takes for numbers."""

import numpy as np
import pytest

from w2s_utils.theory.arrays import is_real, is_whole, matched, numbers


def test_numbers_come_in_float64():
    for values in ([1, 2], np.float16([1, 2]), np.array([1, 2], np.longdouble)):
        found = numbers("values", values)
        assert found.dtype == np.float64 and list(found) == [1, 2]


@pytest.mark.skipif(np.finfo(np.longdouble).max == np.finfo(float).max, reason="no longer type than float64")
def test_what_is_too_large_for_float64_is_refused_as_infinite():
    large = np.array(["1e4000", "1"], dtype=np.longdouble)
    with pytest.raises(ValueError, match="values holds NaN or infinite values"):
        numbers("values", large)
    with pytest.raises(ValueError, match="^one holds"):
        matched(one=-large, other=[1, 2])


@pytest.mark.parametrize(
    ("value", "whole", "real"),
    [
        (3, True, True),
        (np.int8(3), True, True),
        (3.0, False, True),
        (np.longdouble(3), False, True),
        (float("nan"), False, True),
        (True, False, False),
        (np.True_, False, False),
        (np.complex128(3), False, False),
        (np.timedelta64(3, "s"), False, False),
        ("3", False, False),
        (None, False, False),
        ([3], False, False),
    ],
)
def test_one_number_is_told_from_what_is_none(value, whole, real):
    assert (is_whole(value), is_real(value)) == (whole, real)
