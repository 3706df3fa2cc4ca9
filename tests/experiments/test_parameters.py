"""Each check of a parameter: what passes, and what is refused in a sentence that names the parameter."""

import numpy as np
import pytest

from w2s_utils.experiments.parameters import each_number, each_of, each_whole, number, one_of, whole


def test_what_is_right_passes():
    whole(2, tasks=2, rows=np.int64(7))
    number(0, penalty=1e-4, rate=2)
    one_of(("cpu", "auto"), device="cpu")
    one_of((10, 50), live_epochs=50)
    each_whole(0, at_least=2, seeds=[3, 0, 1], few=range(2))
    each_whole(2, at_most=9, rising=True, counts=(2, 5, 9))
    each_number(0, at_most=1, shares=[1, 0.5])
    each_of([4, 5, 6], few=[6, 4])


WRONG = {
    "too small": (lambda: whole(2, tasks=1), "tasks is a whole number, 2 or more, not 1"),
    "text": (lambda: whole(1, tasks="2"), "tasks .* not '2'"),
    "a fraction": (lambda: whole(1, tasks=1.5), "tasks .* not 1.5"),
    "a truth value": (lambda: whole(0, seed=True), "seed .* not True"),
    "the second of two": (lambda: whole(1, tasks=1, rows=0), "^rows"),
    "nothing": (lambda: number(0, penalty=None), "penalty is a number above 0, not None"),
    "zero": (lambda: number(0, penalty=0.0), "penalty is a number above 0"),
    "not a number": (lambda: number(0, penalty=float("nan")), "penalty .* not nan"),
    "unknown": (lambda: one_of(("cpu", "auto"), device="gpu"), "device is one of cpu, auto, not 'gpu'"),
    "a list for one": (lambda: one_of((1, 2), epochs=[1]), r"epochs is one of 1, 2, not \[1\]"),
    "truth for one": (lambda: one_of((1, 2), epochs=True), "epochs is one of"),
    "an empty list": (lambda: each_whole(0, seeds=[]), r"seeds is a list of whole numbers from 0 on, each once, 1 or"),
    "too few": (lambda: each_whole(0, at_least=6, seeds=[1, 2]), "6 or more of them"),
    "words": (lambda: each_whole(0, seeds=["abc"]), "seeds .*'abc'"),
    "a word for a list": (lambda: each_whole(0, seeds="abc"), "seeds .*not 'abc'"),
    "a number for a list": (lambda: each_whole(0, seeds=3), "seeds .*not 3"),
    "repeated": (lambda: each_whole(1, directions=[16, 16]), "directions .*each once"),
    "beyond the end": (lambda: each_whole(1, at_most=9, directions=[10]), "from 1 to 9"),
    "falling": (lambda: each_whole(1, rising=True, counts=[3, 2]), "counts .*rising"),
    "lists in a list": (lambda: each_whole(1, counts=[[3]]), "counts is a list"),
    "a share of 0": (lambda: each_number(0, at_most=1, shares=[0, 0.5]), "shares .*above 0 and up to 1"),
    "not among": (lambda: each_of([0, 1, 2], few=[1, 9]), "few is a list of some of 0, 1, 2, each once"),
}  # fmt: skip


@pytest.mark.parametrize(("check", "says"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named(check, says):
    with pytest.raises(ValueError, match=says):
        check()
