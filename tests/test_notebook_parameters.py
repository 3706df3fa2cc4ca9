"""Bad values of a notebook's parameters end in a sentence before anything is computed.

The cells up to the check are run: the one with the parameters, and at most two after it.
"""

import ast
import math
from pathlib import Path

import jupytext
import matplotlib.pyplot as plt
import pytest

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
NAMES = [path.stem for path in sorted(FOLDER.glob("[1-8]*.py")) if path.stem[:2] != "81"]
WORDS = "abc"
MANY = {"folds": 10**6}  # more than any set has molecules
MORE = {  # what no rule below finds
    "20_figure_2abc": [{"tasks": 1}, {"few_seeds": [24, 99]}, {"seeds": [0, 1, 2]}, {"penalty": 1e-6}, {"live_epochs": 11}],
    "11_theorem_2": [{"perturbations": [0.1, 1.0]}, {"sizes": [50]}],
    "31_figure_2def_molecules": [{"fingerprint_lengths": [16, 32, 64]}, {"fingerprint_lengths": [16, 32, 64, 2**21]}, MANY],
    "32_tables_choose_weak_model": [{"fingerprint_lengths": [16, 32, 64]}, {"fingerprint_lengths": [16, 32, 64, 2**21]}, MANY],
    "33_roles_swapped_molecules": [{"label_counts": [20, 10]}, MANY],
    "34_own_rows_molecules": [{"fingerprint_lengths": [16]}, {"fingerprint_lengths": [16, 2**21]}],
    "35_stronger_representations": [{"repeats": "2"}, {"directions": [16, 16]}, MANY],
    "37_pretraining_live": [{"sample": 1}, {"live_molecules": 19}],
    "38_pretraining_seeds": [MANY],
    "40_text": [{"few": 5000}, {"validation": 5000}, {"generated_count": 59}, MANY],
    "80_gain_certificate": [{"label_counts": [10, 20]}, {"label_counts": [30, 100]}, {"refits": 5}, MANY],
    "82_which_rows_to_label": [{"label_counts": [15, 100]}, {"curve_counts": [15, 120]}, {"label_counts": [30, 301]}, MANY],
    "83_classes": [{"label_counts": [30, 301]}, {"label_counts": [100, 30]}, {"revealed": 99}, {"revealed": 1001}, MANY],
}  # fmt: skip


def cells(name):
    """The parameters cell and the code cells after it."""
    code = [cell for cell in jupytext.read(FOLDER / f"{name}.py").cells if cell.cell_type == "code"]
    start = next(k for k, cell in enumerate(code) if "parameters" in cell.metadata.get("tags", []))
    return [cell.source for cell in code[start:]]


def parameters(name):
    """Names and published values."""
    found = {}
    for node in ast.parse(cells(name)[0]).body:
        exec(compile(ast.Module([node], []), name, "exec"), found)
    return {key: value for key, value in found.items() if key != "__builtins__"}


def bad(name):
    """One dictionary for each bad value: lists that are empty, repeat or hold words; numbers that are 0, text, not finite."""
    for key, value in parameters(name).items():
        if isinstance(value, list):
            wrong = [[], [*value, value[0]], [*value, WORDS], WORDS, value[0]]
        elif isinstance(value, int):
            wrong = [-1, WORDS, "2", value + 0.5, None] + [0] * (key != "seed")
        elif isinstance(value, float):
            wrong = [0.0, WORDS, math.nan, None]
        else:
            wrong = ["no such thing", 3, None]
        yield from ({key: one} for one in wrong)
    yield from MORE.get(name, [])


@pytest.mark.parametrize("name", NAMES)
def test_bad_parameters_end_in_a_sentence_at_once(name):
    first, *after = cells(name)
    accepted = []
    for changed in bad(name):
        space = {"__name__": "__main__"}
        exec(first, space)
        space.update(changed)
        [key] = changed
        with plt.rc_context():
            try:
                for cell in after[:2]:
                    exec(cell, space)
            except ValueError as error:
                told = str(error).splitlines()
                if len(told) != 1 or key not in told[0]:
                    accepted.append((changed, str(error)))
            except Exception as error:
                accepted.append((changed, repr(error)))
            else:
                accepted.append((changed, "nothing was said"))
    assert not accepted


def test_more_directions_than_columns_are_refused_before_a_head_is_fitted():
    first, *after = cells("35_stronger_representations")
    space = {"__name__": "__main__"}
    exec(first, space)
    space |= {"directions": [100_000], "data_sets": ["FreeSolv"], "embedded_count": 30}
    with plt.rc_context(), pytest.raises(ValueError, match="directions are at most the [0-9]+ columns"):
        for cell in after[:2]:
            exec(cell, space)
