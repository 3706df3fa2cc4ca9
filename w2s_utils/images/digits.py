"""The 1,797 digits of 8 x 8 pixels that come with scikit-learn: no file from outside is needed."""

from __future__ import annotations

import numpy as np

from ..data.container import Dataset, Views

CLASSES = tuple("0123456789")
SIDE, BRIGHTEST = 8, 16


def digits() -> Dataset:
    """The set: pixels from 0 to 1 as the strong view, ``(1797, 64)``, row by row; no split.

    Alpaydin and Kaynak 1998, Optical Recognition of Handwritten Digits, doi:10.24432/C50P49: the test part of it.
    """
    from sklearn.datasets import load_digits

    pixels, numbers = load_digits(return_X_y=True)
    return Dataset(
        "digits",
        "digits: small handwritten digits",
        np.asarray(numbers),
        classes=CLASSES,
        views=Views(pixels / BRIGHTEST, {}, strong_name="pixels"),
    )
