# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   w2s:
#     smoke: {repeats: 40, steps: 12}
#     timeout: 300
# ---

# %% [markdown]
# # Two mechanisms: the student regularises what its teacher did not
#
# **Claim.** In ridge regression a student can repair a teacher that was regularised too little, and not one that was regularised too much; whether it can depends on how many rows it has. In
# *weighted* ridge regression a student whose penalty is better aligned with the truth beats even the best teacher. Both are one closed form, and it is held against draws here.
#
# | | |
# | --- | --- |
# | Paper | Moniri, Hassani (2025), arXiv 2505.18346 |
# | Where | the first two of the abstract's three mechanisms; we know them from the abstract, the closed form is derived here |
# | Inputs | none: every problem is generated |
# | Outputs | rows `54_cells`, `54_boundary`, figures `54_*`, eight claims |
# | About | a student repairs an under-regularised teacher, and a better aligned penalty beats the best teacher: one closed form |
# | Time | half a minute on 2 cores |
#
# **Not here.** The third mechanism, a student of a multi-index model that takes an easy direction from its teacher and has the hard ones from its pre-training: we have no
# exact form for it, and nothing is claimed of it.

# %% tags=["parameters"]
dimension = 200  # features, of covariance I
labels = 300  # n, noisy labels of the teacher
many = 400  # rows of a student that has more rows than features
few = 100  # rows of one that has fewer
support = 20  # features that the truth has a part in
repeats = 120  # independent draws of each cell
steps = 40  # of the teacher's penalty along the curves
seed = 0  # seed of all draws

# %%
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from joblib import delayed
from scipy.optimize import minimize_scalar

from w2s_utils import figures, results, runtime
from w2s_utils.experiments import parameters
from w2s_utils.experiments.protocol import triple_rows
from w2s_utils.theory import intervals
from w2s_utils.theory.agreement import BAND, FARTHEST, agreement, z_score
from w2s_utils.theory.ridge import Ridge, drawn_triple, expected_error, expected_triple, known

figures.style()
ledger = results.Ledger(
    "54_mechanisms",
    claims=[
        "mechanisms/isotropic-root",
        "mechanisms/theory",
        "mechanisms/farthest",
        "mechanisms/repaired",
        "mechanisms/too-much",
        "mechanisms/few-rows",
        "mechanisms/aligned",
        "mechanisms/misaligned",
    ],
)
parameters.whole(20, dimension=dimension)
parameters.whole(2, few=few, support=support, steps=steps)
parameters.whole(dimension + 1, labels=labels, many=many)
parameters.whole(20, repeats=repeats)
parameters.whole(0, seed=seed)
if not few < dimension:
    raise ValueError(f"few is less than the {dimension} features, not {few}")
if not support < dimension:
    raise ValueError(f"support is less than the {dimension} features, not {support}")

# %% [markdown]
# ## One closed form
#
# A learner with $m$ rows and the penalty $\lambda\sum_ic_ib_i^2$ keeps of coordinate $i$ the share $a_i=1/(1+\tau c_i)$, where $\tau(1-\frac1m\sum a_i)=\lambda$. With $\Omega=\frac1m\sum a_i^2$, labels of a function
# $w$ with noise $\sigma$ give a fit of mean $a_iw_i$ and
#
# $$\mathbb E\,b_i^2=a_i^2w_i^2+\frac{a_i^2}{m(1-\Omega)}\Big(\sum_j(1-a_j)^2w_j^2+\sigma^2\Big).\tag{1}$$
#
# The teacher is (1) with $w=\beta$, the truth, and noise; the student is (1) with the teacher for $w$ (its second moment for $w^2$) and no noise. Where all $c_i=1$, $\tau$ is a root of a quadratic, known as the Marchenko-Pastur law:
# with $\gamma=p/m$ and $s$ the positive root of $\gamma\lambda s^2+(1-\gamma+\lambda)s-1=0$, $a=1-\lambda s$ and $\sum\mathbb E\,b_i^2$ has coefficients in $s$ and $s'$. The cell checks the general solver against that
# root, on penalties from $10^{-4}$ to $10^2$ and both regimes, then (1) against draws.

# %%
BETA = np.where(np.arange(dimension) < support, 1 / np.sqrt(support), 0.0)
NOISE = np.sqrt(0.5)
EQUAL = np.ones(dimension)
BEST = dimension / labels * NOISE**2  # the penalty of least error, where |beta| = 1


def by_root(rows, penalty, noise):
    """Error of a learner with equal costs on noisy labels of a truth of length 1, by the quadratic."""
    ratio = dimension / rows
    linear = 1 - ratio + penalty
    root = (np.sqrt(linear**2 + 4 * ratio * penalty) - linear) / (2 * ratio * penalty)
    slope = (ratio * root**2 + root) / (2 * ratio * penalty * root + linear)  # -d root / d penalty
    variance = noise**2 * ratio * (root - penalty * slope)
    return penalty**2 * slope + variance


deviations = []
for rows, penalty in product((labels, many, few), np.geomspace(1e-4, 1e2, 13)):
    found = expected_error(BETA, Ridge(EQUAL, rows, penalty).expect(known(BETA), NOISE))
    deviations.append(abs(found / by_root(rows, penalty, NOISE) - 1))
ledger.claim(
    "mechanisms/isotropic-root",
    "equation (1) with equal costs, Marchenko-Pastur",
    f"largest relative deviation of the solver's error from the root's, {len(deviations)} learners",
    max(deviations),
    high=1e-9,
)


def student_of(kind, rows, penalty):
    """A student: its penalty is *flat*, *aligned* (300 times as cheap on the truth's features) or *misaligned*."""
    on = np.arange(dimension) < support
    costs = {"flat": EQUAL, "aligned": np.where(on, 0.01, 3.0), "misaligned": np.where(on, 3.0, 0.01)}[kind]
    return Ridge(costs, rows, penalty)


def best_student(teacher_penalty, kind, rows):
    """The student's best penalty for a teacher, by (1): an oracle, which knows the truth."""
    teacher = Ridge(EQUAL, labels, teacher_penalty).expect(known(BETA), NOISE)

    def error(logarithm):
        return expected_triple(BETA, teacher, student_of(kind, rows, np.exp(logarithm))).student_error

    start = min(np.linspace(np.log(1e-4), np.log(1e2), 25), key=error)
    return np.exp(minimize_scalar(error, bounds=(start - 0.6, start + 0.6), method="bounded").x)


def drawn_cell(number, relative, kind, rows, penalty):
    """All draws of one cell, and what (1) says of it."""
    stream = runtime.seed_stream(seed, "cell", number)
    teacher, student = Ridge(EQUAL, labels, relative * BEST), student_of(kind, rows, penalty)
    drawn = [
        row
        for repeat in range(repeats)
        for row in triple_rows(drawn_triple(BETA, teacher, student, stream, NOISE), repeat=repeat)
    ]
    return pd.DataFrame(drawn), expected_triple(BETA, teacher.expect(known(BETA), NOISE), student)


KEYS = ["teacher", "kind", "rows", "penalty"]
RELATIVE = [0.03, 0.1, 0.3, 1.0, 3.0]  # the teacher's penalty in units of the best one
grid = list(product(RELATIVE, ["flat"], [many, few], [0.05, 0.3]))
grid += [(relative, "flat", rows, best_student(relative * BEST, "flat", rows)) for relative, rows in product(RELATIVE[:3], [many, few])]  # fmt: skip
grid += list(product([1.0], ["aligned", "misaligned"], [many, few], [1.0]))
made = dict(
    zip(
        grid,
        runtime.parallel(delayed(drawn_cell)(number, *key) for number, key in enumerate(grid)),
        strict=True,
    )
)
measured = []
for key, (drawn, theory) in made.items():
    row = dict(zip(KEYS, key, strict=True)) | drawn.drop(columns="repeat").mean().to_dict()
    row |= {f"{name}_theory": getattr(theory, name) for name in ("weak_error", "student_error", "misfit")}
    row |= {"standard_error": drawn["student_error"].sem()}
    row |= {"z": z_score(drawn["student_error"], theory.student_error)}
    measured.append(row)
cells = results.save_rows("54_cells", measured, keys=KEYS)
found = agreement(cells["z"])
ledger.claim(
    "mechanisms/theory",
    "equation (1), ridge and weighted ridge",
    f"root mean square z of the student's error, {len(cells)} cells with draws of their own",
    found.root_mean_square,
    *BAND,
)
ledger.claim(
    "mechanisms/farthest",
    "equation (1), ridge and weighted ridge",
    f"largest |z| of the same {len(cells)} cells",
    found.largest,
    high=FARTHEST,
)
cells[[*KEYS, "weak_error", "student_error", "student_error_theory", "misfit", "gain", "z"]].round(3)

# %% [markdown]
# ## The paper's own statements
#
# Predictions, the readings with the closed form at hand. What was known when their ranges were written: a prototype in which the aligned student had half of its teacher's error, the misaligned one three times as much, and the boundary of the
# figure below fell steeply where features and rows are equally many. The statistic is always the ratio of mean errors, student over teacher; below 1 the student is better.
#
# - *Repaired* (the paper). Of a teacher with a tenth of the best penalty, the best student with many rows has a ratio below 1.
# - *Not the other way* (a reading). Of a teacher with three times the best penalty, each of the students with many rows that were drawn has a ratio above 1.
# - *The regime counts* (a reading: the abstract says that it does, not how). The same tenth of the best penalty, few rows: the best student has a ratio above 1.
# - *Aligned* (the paper). Of the best ridge teacher, the student with the aligned penalty and many rows has a ratio below 1.
# - *Misaligned* (a reading). With the penalty turned around, above 1.


# %%
def ratio(*key, confidence=intervals.CONFIDENCE):
    """Mean error of the student over that of the teacher, from the draws of a cell."""
    drawn = made[key][0]
    return intervals.ratio_of_means(drawn["student_error"], drawn["weak_error"], confidence)


def best_of(relative, rows):
    """The key of the cell with the best flat student."""
    return next(key for key in reversed(grid) if key[:3] == (relative, "flat", rows))


over_regularised = [key for key in grid if key[:3] == (3.0, "flat", many)]
each = intervals.joint(len(over_regularised))
FIELLER = f"Fieller's 95 % interval over {repeats} independent draws"
for claim, where, words, predicted, statistic, value, interval, stated_by in (
    ("repaired", "first mechanism", "a student repairs a teacher that is regularised too little", (0.0, 1.0),
     f"error ratio, teacher at a tenth of the best penalty, best student, {many} rows", ratio(*best_of(0.1, many)), FIELLER, "the paper"),
    ("too-much", "first mechanism", "it cannot repair one that is regularised too much", (1.0, np.inf),
     f"least error ratio, teacher at 3 times the best penalty, {len(over_regularised)} students, {many} rows",
     intervals.least_of(ratio(*key, confidence=each) for key in over_regularised), f"{FIELLER}, of all students together", "a reading"),
    ("few-rows", "the role of the parameterisation regime", "a student with fewer rows than features cannot repair that teacher", (1.0, np.inf),
     f"error ratio, teacher at a tenth of the best penalty, best student, {few} rows", ratio(*best_of(0.1, few)), FIELLER, "a reading"),
    ("aligned", "second mechanism", "a student with a better aligned penalty beats the best ridge teacher", (0.0, 1.0),
     f"error ratio, teacher at the best penalty, aligned student, {many} rows", ratio(1.0, "aligned", many, 1.0), FIELLER, "the paper"),
    ("misaligned", "second mechanism, turned around", "a misaligned one loses", (1.0, np.inf),
     f"error ratio, teacher at the best penalty, misaligned student, {many} rows", ratio(1.0, "misaligned", many, 1.0), FIELLER, "a reading"),
):  # fmt: skip
    ledger.finding(
        f"mechanisms/{claim}",
        where,
        words,
        predicted,
        statistic,
        *value,
        interval,
        stated_by=stated_by,
    )

# %% [markdown]
# ## How much too little?
#
# Theory alone can say for which teachers *some* student gains: for each number of student rows, the largest teacher's penalty, in units of the best one, at which the best student still has less error (by $10^{-5}$ of it and more).

# %%
rows_grid = np.unique(np.geomspace(dimension / 3, 10 * dimension, steps).astype(int))


def gains(relative, rows):
    """Whether the best flat student of a teacher has less error than it."""
    triple = expected_triple(
        BETA,
        Ridge(EQUAL, labels, relative * BEST).expect(known(BETA), NOISE),
        student_of("flat", rows, best_student(relative * BEST, "flat", rows)),
    )
    return triple.gain > 1e-5 * triple.weak_error


def boundary(rows):
    """The largest relative penalty of a teacher that some student with so many rows improves, by bisection; 0 for none."""
    low, high = 1e-3, 1.5
    if not gains(low, rows):
        return 0.0
    while high / low > 1.005:
        middle = np.sqrt(low * high)
        low, high = (middle, high) if gains(middle, rows) else (low, middle)
    return low


edges = runtime.parallel(delayed(boundary)(int(rows)) for rows in rows_grid)
edge = results.save_rows(
    "54_boundary",
    [
        {"rows": int(rows), "features_over_rows": dimension / rows, "largest": one}
        for rows, one in zip(rows_grid, edges, strict=True)
    ],
    keys=["rows"],
)

# %%
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(14, 4.6), sharex=False)
relative_grid = np.geomspace(0.01, 10, steps)
teacher_curve = [
    expected_error(BETA, Ridge(EQUAL, labels, r * BEST).expect(known(BETA), NOISE)) for r in relative_grid
]
for panel, rows, words in (
    (left, many, "more rows than features"),
    (middle, few, "fewer rows than features"),
):
    panel.plot(relative_grid, teacher_curve, color=figures.WEAK_ERROR, label="teacher")
    for kind, colour, name in (
        ("flat", figures.STUDENT_ERROR, "best ridge student"),
        ("aligned", figures.BLUE, "aligned student"),
    ):
        curve = []
        for relative in relative_grid:
            penalty = best_student(relative * BEST, "flat", rows) if kind == "flat" else 1.0
            teacher = Ridge(EQUAL, labels, relative * BEST).expect(known(BETA), NOISE)
            curve.append(expected_triple(BETA, teacher, student_of(kind, rows, penalty)).student_error)
        panel.plot(relative_grid, curve, color=colour, label=name)
    for relative in RELATIVE[:3]:
        row = cells.iloc[grid.index(best_of(relative, rows))]
        panel.plot(relative, row["weak_error"], "o", color=figures.WEAK_ERROR)
        panel.plot(relative, row["student_error"], "o", color=figures.STUDENT_ERROR)
    row = cells.iloc[grid.index((1.0, "aligned", rows, 1.0))]
    panel.plot(1.0, row["student_error"], "o", color=figures.BLUE)
    panel.axvline(1, color=figures.GREY, lw=0.8, ls=":")
    panel.set(xscale="log", xlabel="teacher's penalty / the best one", ylim=(0, None))
    panel.set_title(f"{rows} student rows:\n{words}")
left.set_ylabel("squared error")
right.plot(edge["features_over_rows"], edge["largest"], color="black", lw=1.5)
right.fill_between(
    edge["features_over_rows"], 0, edge["largest"], color=figures.STUDENT_ERROR, alpha=0.2, lw=0
)
right.text(0.25, 0.35, "some\nstudent\ngains", color="black")
right.text(1.15, 0.75, "none does", color="black")
right.axvline(1, color=figures.GREY, lw=0.8, ls=":")
right.set(
    xlabel="features / student rows", ylabel="teacher's penalty / the best one", ylim=(0, 1.1), xlim=(0, None)
)
right.set_title("The largest penalty of a teacher\nthat a ridge student repairs")
figures.legend_below(figure, left, columns=4, marks=[figures.mark("measured")])
figures.show(
    figure,
    "54_regimes",
    "Three panels. With 400 student rows the best ridge student's error lies below the teacher's left of the best penalty and meets it from there on; the aligned student lies below both "
    "throughout. With 100 rows the best ridge student lies above the teacher but for the smallest penalties, the aligned one below both. Right: the largest penalty that is repaired, near 1 "
    "while features are fewer than rows, with a steep fall where they are as many, and next to 0 beyond.",
)

# %% [markdown]
# **What to see.** Left: wherever the teacher's penalty is too small the best student is better, at the best penalty the two curves meet, and beyond it nothing is to be won: the student shrinks what it is told, it cannot
# unshrink it. That is the abstract's first mechanism. Middle: with fewer rows than features a student throws away a part of *every* function, and only teachers with next to no penalty are worse than that.
# Right: the boundary between the two has a cliff where features and rows are equally many; so much stands behind "the role of the parameterisation regime". Blue: an aligned penalty is another matter; it
# gains on the whole range shown, for the truth is where its penalty is cheap. Not beyond it without end: a teacher that is shrunk to next to nothing leaves a student nothing to repair.
#
# **What it does not say.** The best student's penalty and the aligned one know the truth. A penalty chosen from weak labels alone would be the smallest one, for imitation fits them best: **both mechanisms
# need knowledge that the weak labels do not hold.**
#
# **The sentence.** *A student gains by its own regularisation: it must shrink what is too long in its teacher, and it can shorten but not lengthen.*

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
