"""Each check of a parameter: what passes, and what is refused in a sentence that names the parameter."""

import numpy as np
import pytest

from w2s_utils import runtime
from w2s_utils.experiments.parameters import (
    MOST_SEED,
    each_number,
    each_of,
    each_whole,
    number,
    one_of,
    whole,
)


def test_what_is_right_passes():
    whole(2, tasks=2, rows=np.int64(7))
    number(0, penalty=1e-4, rate=2)
    one_of(("cpu", "auto"), device="cpu")
    one_of((10, 50), live_epochs=50)
    each_whole(0, at_least=2, seeds=[3, 0, 1], few=range(2))
    each_whole(2, at_most=9, rising=True, counts=(2, 5, 9))
    each_number(0, at_most=1, shares=[1, 0.5])
    each_of([4, 5, 6], few=[6, 4])
    whole(1, rows=2**40)
    whole(-1, change=np.uint8(3))
    whole(0, seed=MOST_SEED)
    each_whole(0, seeds=[MOST_SEED, 0])
    number(0, rate=np.float32(0.5))


def test_the_largest_seed_is_that_of_the_streams():
    runtime.seed_stream(MOST_SEED)
    with pytest.raises(ValueError, match="seed"):
        runtime.seed_stream(MOST_SEED + 1)


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
    "an empty list": (lambda: each_whole(0, counts=[]), r"counts is a list of whole numbers from 0 on, each once, 1 or"),
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
    "too large a seed": (lambda: whole(0, seed=2**32), "seed is a whole number, from 0 to 4294967295, not 4294967296"),
    "too large a seed of several": (lambda: each_whole(0, seeds=[1, 2**32]), "seeds .* from 0 to 4294967295"),
    "beyond float64": (lambda: number(0, penalty=10**400), "penalty is a number above 0, not 1000"),
    "far below": (lambda: whole(1, rows=-(10**5000)), "rows .* not so large a number"),
    "beyond float64 in a list": (lambda: each_number(0, shares=[10**400]), "shares is a list of numbers above 0"),
    "too small for float64": (lambda: number(0, rate=np.longdouble("1e-4000")), "rate is a number above 0"),
    "a complex number": (lambda: number(0, penalty=np.complex128(1)), "penalty is a number above 0"),
    "complex in a list": (lambda: each_number(0, shares=[np.complex128(1)]), "shares is a list"),
    "a span of time": (lambda: number(0, rate=np.timedelta64(3, "s")), "rate is a number above 0"),
    "a whole span of time": (lambda: whole(0, rows=np.timedelta64(3, "s")), "rows is a whole number"),
    "time in a list": (lambda: each_whole(0, rows=[np.timedelta64(3, "s")]), "rows is a list"),
    "a range without end": (lambda: each_whole(0, seeds=range(10**20)), "seeds is a list of 1000000 values at most"),
    "an array": (lambda: each_of("ab", sets=np.array(["a", "b"])), r"sets .* not array\(\['a', 'b'\]"),
    "a set": (lambda: each_of("ab", sets={"a"}), r"sets .* not \{'a'\}"),
    "lists in a list of words": (lambda: each_of("ab", sets=[["a"]]), r"sets .* not \[\['a'\]\]"),
}  # fmt: skip


@pytest.mark.parametrize(("check", "says"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named(check, says):
    with pytest.raises(ValueError, match=says) as caught:
        check()
    assert len(str(caught.value).splitlines()) == 1 and len(str(caught.value)) < 400


def test_a_value_of_many_lines_is_said_on_one():
    with pytest.raises(ValueError, match="^rows is a whole number") as caught:
        whole(0, rows=np.eye(30))
    assert len(str(caught.value).splitlines()) == 1
