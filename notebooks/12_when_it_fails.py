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
#     smoke:
#       seeds: [0, 1]
#       rows: 120
#       tasks: 20
#       steps: 5
#     timeout: 300
# ---

# %% [markdown]
# # When it fails: ways to lose gain = misfit
#
# **Claim.** Theorem 1 asks for three things: the strong class is convex, it holds the truth, and the student is the element
# of the class that is nearest to the weak labels *on the rows where gain and misfit are measured*. Take any one away and
# the promise "gain ≥ misfit" goes with it. And where all three hold, the promise may still be empty: a student that can
# imitate its teacher has misfit 0 and gain 0. Here each failure is made to happen, measured, and explained in a sentence; the fourth,
# a weak model that labels the rows it was fitted on, has a notebook of its own (13).
#
# | | |
# | --- | --- |
# | Paper | Charikar, Pabbaraju, Shiragur (2024), arXiv 2405.15116 |
# | Where | Theorem 1 (parts 1, 3) and Theorem 2 (part 2); counterexamples and exact constants are ours |
# | Inputs | none: every problem is generated |
# | Outputs | rows `12_*`, figures `12_*`, two claims |
# | About | a class that is not convex, a truth outside it, a student that can imitate its teacher |
# | Time | under a minute on 2 cores |

# %% tags=["parameters"]
seeds = [0, 1, 2, 3, 4]  # every part is repeated with each of them
rows = 400  # rows of the population
tasks = 100  # truths per seed
steps = 21  # part 3: angles between 0 and 90 degrees

# %%
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from w2s_utils import figures, judgement, results, runtime
from w2s_utils.experiments import parameters
from w2s_utils.experiments.protocol import triple_rows
from w2s_utils.heads.linear import LeastSquaresHead
from w2s_utils.theory import intervals
from w2s_utils.theory.misfit import error_triple, squared_distance, theorem_2_bound

figures.style()
ledger = results.Ledger(
    "12_when_it_fails",
    claims=[
        "fails/non-convex-below-diagonal",
        "fails/exact",
    ],
)
parameters.each_whole(0, at_least=2, seeds=seeds)
parameters.whole(20, rows=rows)
parameters.whole(2, tasks=tasks, steps=steps)
ROUND_OFF = 1e-10  # band of the exact claim, relative to the error or gap that it is about
exact = {}  # largest relative deviation of each identity; part 3 records the largest of all

# %% [markdown]
# ## One equation behind everything
#
# Write $g$ for the truth, $w$ for the weak model, $p$ for the student, all as functions on the same rows, with
# $\langle a,b\rangle$ the mean of $ab$ over the rows and $|a|^2=\langle a,a\rangle$. Always, whatever the class and the fit,
#
# $$\text{gain}-\text{misfit}=\big(|w-g|^2-|p-g|^2\big)-|p-w|^2=2\,\langle p-w,\;g-p\rangle .\tag{1}$$
#
# If $p$ is the nearest element to $w$ in a *convex* class, then $\langle p-w,f-p\rangle\ge 0$ for **every** $f$ in the class.
# This is the certificate that the package computes for each head. If also $g$ is in the class, put $f=g$: (1) is not
# negative. **Everything below is about this one product.** Parts 1 and 2, and notebook 13, make it negative, each by breaking another
# link of the argument; part 3 breaks nothing and leaves nothing to win.
#
# All parts share one small world. The rows are the whole population there, so nothing is due to sampling. The strong
# representation has 8 correlated columns, the weak one has 6 columns that are bent mixtures of them (tanh). The weak model
# is the best linear head on the weak columns.


# %%
def small_world(seed):
    """Strong features (rows, 8), weak features (rows, 6), and the stream that drew them."""
    stream = runtime.seed_stream(seed, "small world")
    strong = stream.normal(size=(rows, 8)) + 0.8 * stream.normal(size=(rows, 1))
    weak = np.tanh(strong @ stream.normal(size=(8, 6)) / 2)
    return strong, weak, stream


def nearest_linear(features, labels):
    """The nearest element to the labels among all linear heads without intercept, as predictions on the same rows."""
    return LeastSquaresHead(fit_intercept=False).fit(features, labels).predict(features)


# %% [markdown]
# ## 1. A class that is not convex
#
# A practical class that is not convex: heads that use **at most two of the eight features** ("2-sparse"). The mean of two such
# heads uses up to four features, so the class is not convex: it is a union of $\binom82=28$ planes. The nearest element is
# found exactly, by trying all 28. The truths are 2-sparse too, so the truth *is* in the class. All that is missing is
# convexity.
#
# On its own plane the student is an ordinary projection, so $\langle p-w,p\rangle=0$ and (1) becomes
#
# $$\text{gain}-\text{misfit}=-2\,\langle w-p,\;g\rangle .$$
#
# If the student chose the plane of the truth, $g$ is orthogonal to $w-p$ and gain = misfit. If it chose another plane, what
# it left out of $w$ may well contain a piece of $g$, and then the gain falls below the misfit.
#
# The remedy is to make the class convex: the smallest convex class that holds all 2-sparse heads is the set of *all* linear
# heads. The table splits the problems by whether the sparse student chose the two features of the truth.


# %%
def nearest_sparse(features, labels, size):
    """Nearest element among linear heads on ``size`` of the features, by trying all; and the features it uses."""
    supports = list(combinations(range(features.shape[1]), size))
    candidates = np.stack([nearest_linear(features[:, support], labels) for support in supports])
    best = np.argmin(np.mean((candidates - labels) ** 2, axis=1), axis=0)
    nearest = candidates[best, :, np.arange(labels.shape[1])].T
    return nearest, np.array(supports)[best]


measured = []
for seed in seeds:
    strong, weak_features, stream = small_world(seed)
    true_supports = np.sort(np.argsort(stream.random((tasks, 8)), axis=1)[:, :2], axis=1)
    coefficients = np.zeros((8, tasks))
    np.put_along_axis(coefficients, true_supports.T, stream.normal(size=(2, tasks)), axis=0)
    truth = strong @ coefficients
    weak = nearest_linear(weak_features, truth)
    sparse_student, found_supports = nearest_sparse(strong, weak, size=2)
    right = (found_supports == true_supports).all(axis=1)
    for student, name in (
        (sparse_student, "2-sparse heads"),
        (nearest_linear(strong, weak), "all linear heads"),
    ):
        table = pd.DataFrame(triple_rows(error_triple(truth, weak, student), seed=seed, student_class=name))
        measured.append(table.assign(right_features=right))
sparse = results.save_rows("12_non_convex", pd.concat(measured), keys=["seed", "student_class", "task"])
relative_gap = sparse["cross_term"] / sparse["weak_error"]
groups = sparse.assign(
    below=relative_gap < -ROUND_OFF, above=relative_gap > ROUND_OFF, worse_than_teacher=sparse["gain"] < 0
).groupby(["student_class", "right_features"])
groups.agg(
    problems=("task", "size"),
    gain_below_misfit=("below", "mean"),
    gain_above_misfit=("above", "mean"),
    gain_negative=("worse_than_teacher", "mean"),
    mean_gain=("gain", "mean"),
).round(3)

# %% [markdown]
# Why must this happen? Take a closed class that is not convex (in finitely many dimensions). Then some $w$ has **two nearest
# elements** $p_1\ne p_2$ (a theorem of Bunt and Motzkin). Let the student be $p_1$ and let the truth be $p_2$. The two
# distances to $w$ are equal, so weak error = misfit, student error = $|p_1-p_2|^2$, and
#
# $$\text{gain}-\text{misfit}=-\,|p_1-p_2|^2<0 .$$
#
# Move $w$ a little towards $p_1$ and the tie is gone, but not the failure. So convexity is not a convenience of the proof:
# *every* class that is closed and not convex breaks Theorem 1 for some truth and some teacher. One thing survives: the truth
# is in the class, so the student is at least as near to $w$ as the truth is, $|p-w|\le|w-g|$, and by the triangle inequality
# $|p-g|\le2\,|w-g|$: the student's error is **at most four times** its teacher's.
#
# The check takes two random features $u,v$ of unit length and the class "a multiple of $u$, or a multiple of $v$". The teacher
# $w=u+v$ is equally far from both lines.

# %%
deviations = []
for seed in seeds:
    stream = runtime.seed_stream(seed, "two nearest")
    for _ in range(tasks):
        pair = stream.normal(size=(rows, 2))
        pair /= np.sqrt(np.mean(pair**2, axis=0))
        teacher = pair.sum(axis=1, keepdims=True)
        student, chosen = nearest_sparse(pair, teacher, size=1)
        truth = nearest_linear(pair[:, 1 - chosen[0]], teacher)
        gap = error_triple(truth, teacher, student).cross_term
        deviations.append(np.abs(gap / -squared_distance(student, truth) - 1).item())

ours = sparse[sparse["student_class"] == "2-sparse heads"]
below = (ours["cross_term"] / ours["weak_error"] < -ROUND_OFF).groupby(ours["seed"]).mean()
share = intervals.mean_t(below)  # the problems of a seed share their features, so seeds are the units
ledger.report(
    "fails/non-convex-below-diagonal",
    "beyond the paper (Theorem 1 without convexity)",
    "share of realizable problems with gain < misfit, 2-sparse heads",
    *share,
    f"one such problem refutes the inequality, and nothing predicts how many there are; 95 % interval of Student's t over {len(seeds)} seeds",
)
exact["(gain - misfit) / -|p1 - p2|^2 = 1 where the teacher has two nearest elements"] = max(deviations)
print(
    "largest student error / weak error:",
    round((ours["student_error"] / ours["weak_error"]).max(), 2),
    "(at most 4)",
)

# %%
figure, (plane, scatter) = plt.subplots(1, 2, figsize=(11.5, 4.8), width_ratios=[0.9, 1])
directions = np.array([[np.cos(a), np.sin(a)] for a in np.deg2rad([10, 80])]).T  # two rows, two features
teacher = np.array([[np.cos(np.deg2rad(47))], [np.sin(np.deg2rad(47))]])
student, chosen = nearest_sparse(directions, teacher, size=1)
truth = 1.05 * directions[:, [1 - chosen[0, 0]]]
for direction in directions.T:
    plane.plot(*np.outer(direction, [-0.1, 1.35]), color=figures.GREY, lw=1.5)
plane.plot(*np.hstack([teacher, student]), color=figures.MISFIT, lw=2, label="misfit")
plane.plot(*np.hstack([teacher, truth]), color=figures.WEAK_ERROR, lw=2, label="weak error")
plane.plot(*np.hstack([student, truth]), color=figures.STUDENT_ERROR, lw=2, ls="--", label="student error")
for point, name, shift in (
    (teacher, "w  weak", (8, 4)),
    (student, "p  student", (-70, 2)),
    (truth, "g  truth", (6, -16)),
):
    plane.plot(*point, "o", color="black", ms=6, zorder=4)
    plane.annotate(name, point[:, 0], xytext=shift, textcoords="offset points")
plane.set(
    aspect="equal", xlim=(-0.45, 1.45), ylim=(-0.2, 1.5), xlabel="value on row 1", ylabel="value on row 2"
)
plane.set_title("The class: two lines. The truth is on one of them")
plane.legend(loc="upper right")

hull = sparse[sparse["student_class"] == "all linear heads"]
wrong, right = ours[~ours["right_features"]], ours[ours["right_features"]]
figures.gain_misfit(
    scatter, wrong["misfit"], wrong["gain"], label="2-sparse, other features", color=figures.VERMILION
)
figures.gain_misfit(
    scatter, right["misfit"], right["gain"], label="2-sparse, true features", color=figures.BLUE
)
figures.gain_misfit(
    scatter, hull["misfit"], hull["gain"], label="all linear heads", color="black", marker="+", linewidths=0.8
)
figures.fit_limits(scatter, ours["misfit"], ours["gain"])
scatter.axhline(0, color=figures.GREY, lw=0.8)
scatter.set_title("Same teachers, same truths, two classes")
scatter.legend(loc="upper left")
figures.show(
    figure,
    "12_non_convex",
    "Left: two lines through the origin; the weak model lies between them, a little nearer to the line that does not hold "
    "the truth, so the student goes to that line and ends farther from the truth than its teacher. Right: gain against "
    "misfit; students with the true features and students of the linear class lie on the diagonal, students with other "
    "features mostly lie below it, some with negative gain.",
)

# %% [markdown]
# **What to see.** Left: the teacher is a hair nearer to the wrong line, and the student goes there; its error (dashed) is longer
# than its teacher's. Right: students that picked the true features, and all students of the convex class, sit on the
# diagonal. Of the students that picked other features most lie below it, some with negative gain; some lie above.
#
# **The sentence.** *In a class that is not convex, "nearest to the weak labels" can be far across a gap from the truth; in a
# convex class there is no gap to jump.* It is the equation that is lost, not always the gain: the table shows that a sparse
# student with the true features gains *more* than the student of the larger, convex class. But no inequality protects it.

# %% [markdown]
# ## 2. A truth outside the class
#
# Now the class is a subspace $V$ (all linear heads), but the truth is not in it. Let $s$ be the element of $V$ nearest to $g$,
# and $\varepsilon=|g-s|^2$. Both $w-p$ and $g-s$ are orthogonal to $V$, so (1) becomes exactly
#
# $$\text{gain}-\text{misfit}=-2\,\langle w-p,\;g-s\rangle=-2\cos\theta\,\sqrt{\varepsilon\cdot\text{misfit}},\tag{2}$$
#
# where $\theta$ is the angle between what the student drops from its teacher and what the class cannot say of the truth. The
# paper's Theorem 2 covers this with a term of order $\sqrt\varepsilon$; (2) gives the constant, and shows that it **cannot be improved**: put
# $g-s=t\,(w-p)$ with $t\ge0$. Then $\cos\theta=1$, $\varepsilon=t^2\,\text{misfit}$, and
#
# $$\text{gain}=\text{misfit}-2\sqrt{\varepsilon\cdot\text{misfit}}=\text{misfit}\,(1-2t),$$
#
# which is negative as soon as $\varepsilon>\tfrac14\,\text{misfit}$.
#
# This worst case is ordinary. Let the truth hold a feature $q$ that the strong representation lacks, and let the weak
# representation be $q$ and a few of the strong columns. Then $q$ is all that separates the two, the student drops exactly
# what only its teacher knows, and $\cos\theta=1$. The cell builds this case with ordinary fits, beside truths in chosen and
# random directions.


# %%
def judged(truth, weak, features, **keys):
    """Rows of errors with epsilon and the cosine of equation (2); student and nearest element by least squares."""
    student, nearest = nearest_linear(features, weak), nearest_linear(features, truth)
    table = pd.DataFrame(triple_rows(error_triple(truth, weak, student), **keys))
    left_out, unsaid = weak - student, truth - nearest
    table["epsilon"] = squared_distance(truth, nearest)
    table["cosine"] = np.mean(left_out * unsaid, axis=0) / np.sqrt(table["misfit"] * table["epsilon"])
    return table


measured = []
for seed in seeds:
    strong, weak_features, stream = small_world(seed)
    inside = strong @ stream.normal(size=(8, tasks))
    weak = nearest_linear(weak_features, inside)
    dropped = weak - nearest_linear(strong, weak)
    chance = stream.normal(size=(rows, tasks))
    chance -= nearest_linear(strong, chance)
    across = chance - dropped * np.mean(chance * dropped, axis=0) / np.mean(dropped**2, axis=0)
    length = np.sqrt(np.mean(dropped**2, axis=0))
    dropped, chance, across = (v / np.sqrt(np.mean(v**2, axis=0)) for v in (dropped, chance, across))
    cosine = stream.uniform(-1, 1, tasks)
    tilted = cosine * dropped + np.sqrt(1 - cosine**2) * across
    size = length * np.sqrt(stream.uniform(0, 1.5, tasks))  # epsilon between 0 and 1.5 misfits
    for unsaid, kind in ((dropped, "aligned"), (tilted, "chosen angle"), (chance, "random direction")):
        measured.append(judged(inside + size * unsaid, weak, strong, seed=seed, kind=kind))
    missing = strong[:, [0]] * strong[:, [1]]
    knowing = nearest_linear(np.hstack([strong[:, :3], missing]), inside + missing)
    measured.append(judged(inside + missing, knowing, strong, seed=seed, kind="teacher knows more"))
outside = results.save_rows("12_outside", pd.concat(measured), keys=["seed", "kind", "task"])

worst = outside[outside["kind"].isin(["aligned", "teacher knows more"])]
bound = theorem_2_bound(worst["misfit"], worst["epsilon"])
exact["gain = misfit - 2 sqrt(eps misfit) for aligned truths and teachers that know more"] = (
    np.abs(worst["gain"] - bound) / worst["misfit"]
).max()
outside = outside.assign(
    eps_over_misfit=outside["epsilon"] / outside["misfit"],
    gain_over_misfit=outside["gain"] / outside["misfit"],
)
outside.groupby("kind")[["cosine", "eps_over_misfit", "gain_over_misfit"]].agg(
    ["min", "median", "max"]
).round(3)

# %%
figure, panels = plt.subplots(1, 2, figsize=(12.5, 5.6), sharey=True)
ratio = np.linspace(0, 1.55, 200)
lower = theorem_2_bound(np.ones_like(ratio), ratio)
for axes in panels:
    band = {
        "color": figures.BLUE,
        "alpha": 0.12,
        "lw": 0,
        "label": "1 ± 2 √(ε / misfit): all that (2) allows",
    }
    axes.fill_between(ratio, lower, 2 - lower, **band)
    axes.axhline(0, color="black", lw=1)
    axes.set(xlabel="ε / misfit (a ratio, no unit)", xlim=(0, 1.55), ylim=(-1.7, 3.6))
chosen, worst_case = panels
tilted = outside[outside["kind"] == "chosen angle"]
for few, label, marks in (
    (tilted["cosine"] > 0, "chosen angle, cos θ > 0", {"marker": "o", "s": 16, "color": figures.BLUE}),
    (tilted["cosine"] <= 0, "chosen angle, cos θ < 0", {"marker": "^", "s": 20, "color": figures.VERMILION}),
):
    points = tilted[few]
    chosen.scatter(
        points["eps_over_misfit"], points["gain_over_misfit"], label=label, alpha=0.8, lw=0, **marks
    )
for cosine in (-1, -0.5, 0, 0.5, 1):
    curve = 1 - 2 * cosine * np.sqrt(ratio)
    chosen.plot(ratio, curve, color="black", lw=0.9, ls="--")
    chosen.text(1.57, curve[-1], f"cos θ = {cosine:g}".replace("-", "−"), va="center", fontsize=10)
chosen.set(ylabel="gain / misfit (a ratio, no unit)", title="Truths at chosen angles; dashed, equation (2)")
for kind, label, step, marks in (
    (
        "random direction",
        "in a random direction",
        1,
        {"color": figures.GREEN, "marker": "x", "s": 18, "lw": 1},
    ),
    ("aligned", "along w − p", 1, {"color": figures.VERMILION, "marker": "o", "s": 12}),
    (
        "teacher knows more",
        "teacher with one feature more (every tenth drawn)",
        10,
        {"facecolors": "none", "edgecolors": "black", "marker": "^", "s": 60, "lw": 1.1, "zorder": 3},
    ),
):
    some = outside[outside["kind"] == kind].iloc[::step]
    worst_case.scatter(some["eps_over_misfit"], some["gain_over_misfit"], label=label, **marks)
worst_case.axvline(0.25, color=figures.GREY, lw=1, ls=":")
worst_case.text(0.27, -1.5, "ε = misfit / 4", color=figures.GREY)
worst_case.set(title="Truths along w − p, and in random directions")
figures.legend_below(figure, *panels, columns=3)
figures.show(
    figure,
    "12_outside",
    "Two panels of gain over misfit against epsilon over misfit, both with the band 1 plus or minus twice the root of the ratio. Left: truths at "
    "chosen angles fill the band; those with positive cosine lie below 1, those with negative cosine above, between the curves of equation "
    "(2). Right: truths along w - p lie on the lower edge, which crosses zero at one quarter; teachers with one feature more lie on the "
    "same edge, around gain = -misfit; truths in random directions stay close to 1.",
)

# %% [markdown]
# **What to see.** Left: nothing leaves the band, and where a point lies in it is a matter of the angle alone. A teacher that is right
# about what the class cannot say ($\cos\theta>0$, dots) lifts its student by less than the misfit; one that is wrong about it (triangles) by more.
# Right: the lower edge is reached. Along $w-p$ (dots) the gain turns negative at
# $\varepsilon=\tfrac14\,\text{misfit}$. The open triangles are ordinary least-squares teachers that know one feature more; there
# $\varepsilon\approx\text{misfit}$ and gain $\approx-$misfit. Truths outside in a *random* direction (crosses) stay near gain = misfit: in
# many dimensions two random directions are almost orthogonal.
#
# **The sentence.** *The student throws away what it cannot express; that is a gain while it is the teacher's error, and a
# loss where it is the truth.*

# %% [markdown]
# ## 3. A student that can imitate its teacher
#
# Here all conditions of Theorem 1 hold, so gain = misfit. But if the weak model's function is itself in the strong class,
# for instance because the weak features are among the strong ones, then the nearest element to $w$ is $w$:
# misfit 0, gain 0. Nothing is broken; there is only nothing to win.
#
# How does one get there? Write $u$ for the direction of $w-p$, the part of the teacher that the student cannot say. Give the student one
# more feature $q_\varphi=\cos\varphi\;u+\sin\varphi\;z$, with $z$ a direction orthogonal to $w$ and to the class. The new
# student also keeps the piece of $w-p$ along $q_\varphi$, of squared size $\cos^2\varphi\;\text{misfit}$, so
#
# $$\text{gain}(\varphi)=\text{misfit}(\varphi)=\sin^2\varphi\;\cdot\text{misfit}(90°).\tag{3}$$
#
# A second way is the one met in practice: the strong representation contains more and more of the weak one's columns.

# %%
angles, by_angle, by_column, departures = np.linspace(0, 90, steps), [], [], []
for seed in seeds:
    strong, weak_features, stream = small_world(seed)
    truth = strong @ stream.normal(size=(8, tasks))
    weak = nearest_linear(weak_features, truth)
    alone = error_triple(truth, weak, nearest_linear(strong, weak))
    for columns in range(weak_features.shape[1] + 1):
        student = nearest_linear(np.hstack([strong, weak_features[:, :columns]]), weak)
        by_column += triple_rows(error_triple(truth, weak, student), seed=seed, columns=columns)
    # Each task has its own direction w - p, so the sweep over the angle takes the tasks one by one.
    for task in range(min(tasks, 5)):  # a few are enough
        teacher, answer = weak[:, [task]], truth[:, [task]]
        dropped = teacher - nearest_linear(strong, teacher)
        other = stream.normal(size=(rows, 1))
        other -= nearest_linear(np.hstack([strong, dropped]), other)
        unit, other = dropped / np.linalg.norm(dropped), other / np.linalg.norm(other)
        for angle in np.deg2rad(angles):
            student = nearest_linear(
                np.hstack([strong, np.cos(angle) * unit + np.sin(angle) * other]), teacher
            )
            triple = error_triple(answer, teacher, student)
            by_angle += triple_rows(
                triple, seed=seed, of_task=task, degrees=np.rad2deg(angle), misfit_at_90=alone.misfit[task]
            )
            predicted = np.sin(angle) ** 2 * alone.misfit[task]
            departures += [
                abs(value - predicted).item() / alone.misfit[task] for value in (triple.gain, triple.misfit)
            ]
by_angle = results.save_rows("12_imitation_angle", by_angle, keys=["seed", "of_task", "degrees"])
by_column = results.save_rows("12_imitation_columns", by_column, keys=["seed", "columns", "task"])

nested = by_column[by_column["columns"] == by_column["columns"].max()]
exact["misfit = gain = 0 where the weak features are among the strong ones"] = (
    nested[["misfit", "gain"]].abs().max(axis=1) / nested["weak_error"]
).max()
exact["gain = misfit = sin^2(angle) x misfit at 90 degrees"] = max(departures)
for identity, deviation in exact.items():
    print(f"{identity}: {judgement.EXACT if deviation < ROUND_OFF else deviation}")
ledger.claim(
    "fails/exact",
    "Theorems 1 and 2, with explicit constants",
    f"largest relative deviation of {len(exact)} identities: {'; '.join(exact)}",
    max(exact.values()),
    high=ROUND_OFF,
)

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(11.5, 4.6))
curve = np.linspace(0, 90, 200)
left.plot(curve, np.sin(np.deg2rad(curve)) ** 2, color=figures.GREY, lw=1.2, label="sin² φ, equation (3)")
for name, marks in (
    ("misfit", {"s": 44, "facecolors": "none", "edgecolors": figures.BLUE}),
    ("gain", {"s": 12, "color": figures.VERMILION}),
):
    left.scatter(
        by_angle["degrees"], by_angle[name] / by_angle["misfit_at_90"], label=name, zorder=3, **marks
    )
left.set(
    xlabel="φ, angle between w − p and the added feature (degrees)", ylabel="divided by the misfit at 90°"
)
left.set_title("One more feature, turned towards the teacher")
left.legend(loc="upper left")
means = by_column.groupby(["seed", "columns"])[["weak_error", "gain", "misfit"]].mean().reset_index()
for seed, one in means.groupby("seed"):
    first = seed == seeds[0]
    right.plot(
        one["columns"],
        one["misfit"] / one["weak_error"],
        "o",
        mfc="none",
        ms=8,
        color=figures.BLUE,
        label="misfit" if first else None,
    )
    right.plot(
        one["columns"],
        one["gain"] / one["weak_error"],
        ".-",
        lw=1,
        color=figures.VERMILION,
        label="gain, one line per seed" if first else None,
    )
right.set(
    xlabel="weak columns among the strong ones",
    ylabel="divided by the weak error (mean over tasks)",
    ylim=(-0.03, None),
)
right.set_title("The strong representation swallows the weak one")
right.legend(loc="upper right")
figures.show(
    figure,
    "12_imitation",
    "Left: gain and misfit fall together along sine squared as the added feature turns towards the part of the teacher that "
    "the student could not express, and both are zero at angle zero. Right: gain and misfit divided by the weak error fall "
    "together, seed by seed, as weak columns join the strong representation, and are zero when all six have joined.",
)

# %% [markdown]
# **What to see.** Gain (red) and misfit (blue rings) are one number all the way down. Left, they fall along $\sin^2\varphi$. Right,
# each weak column that joins the strong representation takes some of the gain with it, and with the last one the gain is zero.
#
# **The sentence.** *What the student gains is exactly what it cannot copy: a small misfit does not say that the teacher is good,
# it says that the student followed.*

# %% [markdown]
# ## The four failures in one table
#
# | what is missing | what $2\langle p-w,g-p\rangle$ becomes | what one sees |
# | --- | --- | --- |
# | convexity | $-\lvert p_1-p_2\rvert^2$ where $w$ has two nearest elements | gain below misfit, even negative |
# | the truth in the class | $-2\cos\theta\sqrt{\varepsilon\,\text{misfit}}$ | up to misfit $-\,2\sqrt{\varepsilon\,\text{misfit}}$, attained |
# | anything to disagree about | 0, and so is the misfit | gain 0 |
# | labels that the teacher has not seen | $-\frac{2\sigma^2}{n}\mathrm{tr}((1-P_s)P_w)$ on its rows | gain that looks too small there, a leak elsewhere |

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
