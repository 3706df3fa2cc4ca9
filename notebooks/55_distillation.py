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
#     smoke: {repeats: 40, batches: 6}
#     timeout: 300
# ---

# %% [markdown]
# # Labels that are better than the truth
#
# **Claim.** A target model interpolates $n$ labels in $p>n$ dimensions. Labels of a *surrogate*, a weak model that keeps what the target can learn and drops the rest, make it strictly better than as many true
# labels do. The best surrogate is known in closed form: it amplifies principal directions and shrinks the tail; the best mask drops the tail. But the exponent with which the error falls in $n$ stays that of true labels.
#
# | | |
# | --- | --- |
# | Paper | Ildiz, Gozeten, Taga, Mondelli, Oymak (2024), arXiv 2410.18837 |
# | Where | Figure 1 and the abstract's two statements on weak-to-strong; the setting from the figure's caption, which we know from reviews |
# | Inputs | none: every problem is generated |
# | Outputs | rows `55_cells`, `55_batches`, `55_learned`, figures `55_*`, eight claims |
# | About | the best surrogate, the best mask, a strict gain over true labels at the same budget, and an exponent that stays |
# | Time | half a minute on 2 cores |
#
# **Two meanings.** Elsewhere in these notebooks a student gains if it is better than its *teacher*. Here it gains if it is better than a student of *true labels*; both are printed.

# %% tags=["parameters"]
features = 500  # p
counts = [40, 60, 100, 140, 200, 280, 350, 420]  # n, labels of the target; all below p
shown = 200  # the n of the paper's caption, one of the counts
repeats = 100  # independent draws of each cell
batches = 16  # of draws, for the exponents
seed = 0  # seed of all draws

# %%
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from joblib import delayed

from w2s_utils import figures, results, runtime
from w2s_utils.experiments import parameters
from w2s_utils.experiments.protocol import triple_rows
from w2s_utils.theory import intervals
from w2s_utils.theory.agreement import BAND, FARTHEST, agreement, z_score
from w2s_utils.theory.ridge import Ridge, drawn_triple, expected_error, expected_triple, fit, known

figures.style()
ledger = results.Ledger(
    "55_distillation",
    claims=[
        "distillation/optimal",
        "distillation/theory",
        "distillation/farthest",
        "distillation/better-than-truth",
        "distillation/mask",
        "distillation/exponent",
        "distillation/learned",
        "distillation/learned-noisy",
    ],
)
parameters.whole(50, features=features)
parameters.each_whole(10, at_least=3, at_most=features - 1, rising=True, counts=counts)
parameters.one_of(counts, shown=shown)
parameters.whole(20, repeats=repeats)
parameters.whole(2, batches=batches)
parameters.whole(0, seed=seed)

# %% [markdown]
# ## The best surrogate
#
# Features have the variances $\lambda_i=i^{-\alpha}$, and the truth has $\lambda_i\beta_i^2=i^{-b}$; the caption's values are $\alpha=2$, $b=1.5$. The target is the interpolating fit of least norm, without noise. By the
# equivalent that notebook 54 uses, without a penalty, it keeps of coordinate $i$ the share $1-\zeta_i$, with $\zeta_i=\tau/(\lambda_i+\tau)$, $\sum(1-\zeta_i)=n$ and
# $\Omega=\frac1n\sum(1-\zeta_i)^2$. Labels of a surrogate $s$ give it the error
#
# $$R(s)=\sum_i\lambda_i\big(\beta_i-(1-\zeta_i)s_i\big)^2+\frac{\Omega}{1-\Omega}\sum_i\lambda_i\zeta_i^2s_i^2.\tag{1}$$
#
# The second sum is the price of every part of $s$ that the target cannot fit: it acts as noise on all that it can. (1) is a sum over coordinates, so that each can be minimised by itself:
#
# $$s_i^\star=\beta_i\,\frac{1-\zeta_i}{(1-\zeta_i)^2+\frac{\Omega}{1-\Omega}\zeta_i^2},\qquad s_i^\star>\beta_i\iff\zeta_i<1-\Omega,\qquad\text{best mask: keep }i\iff\zeta_i^2<1-\Omega.\tag{2}$$
#
# With more rows than features $\zeta=0$, and nothing is better than the truth. The cell tries (2) by brute force on the general code for (1): each coordinate of $s^\star$ is moved both ways, each entry of the mask is flipped, and the rule
# of amplification is looked at in each coordinate.


# %%
def world(size, decay=2.0, energy=1.5):
    """Costs 1 / lambda_i and the truth sqrt(lambda_i) beta_i, both ``(size,)``."""
    index = np.arange(1, size + 1.0)
    return index**decay, index ** (-energy / 2)


COSTS, BETA = world(features)


def surrogates(truth, target):
    """The truth, the best mask of it and the best surrogate, by (2), for a target."""
    missed, share = 1 - target.kept, target.freedom
    best = truth * target.kept / (target.kept**2 + share / (1 - share) * missed**2)
    return {"truth": truth, "mask": np.where(missed**2 < 1 - share, truth, 0.0), "optimal": best}


def risk(surrogate, target):
    """Equation (1)."""
    return expected_triple(BETA, known(surrogate), target).student_error


failures, tried = 0, 0
for count in counts:
    target = Ridge(COSTS, count)
    options = surrogates(BETA, target)
    least, masked = risk(options["optimal"], target), risk(options["mask"], target)
    for i in range(features):
        moves = [
            np.where(np.arange(features) == i, factor, 1.0) * options["optimal"] for factor in (0.9, 1.1)
        ]
        flipped = options["mask"].copy()
        flipped[i] = BETA[i] - flipped[i]
        amplified = options["optimal"][i] > BETA[i]
        failures += sum(risk(move, target) <= least * (1 - 1e-14) for move in moves)
        failures += (risk(flipped, target) < masked * (1 - 1e-14)) + (
            amplified != (1 - target.kept[i] < 1 - target.freedom)
        )
        tried += 4
plenty = surrogates(BETA, Ridge(COSTS, 2 * features))
failures += sum(int((plenty[name] != BETA).sum()) for name in plenty)
ledger.claim(
    "distillation/optimal",
    "equation (2): optimal surrogate, amplification, optimal mask; the truth where rows are more than features",
    f"violations in {tried + 3 * features} trials",
    int(failures),
    high=0,
)

# %% [markdown]
# ## Draws
#
# Each cell has a number of labels and a surrogate, and draws of its own.


# %%
def drawn_cell(number, count, teacher, noise=0.0):
    """All draws of one cell: a target with ``count`` labels of a teacher, a function or one that learns first."""
    stream = runtime.seed_stream(seed, "cell", number)
    target = Ridge(COSTS, count)
    return pd.DataFrame(
        row
        for repeat in range(repeats)
        for row in triple_rows(drawn_triple(BETA, teacher, target, stream, noise), repeat=repeat)
    )


grid = list(product(counts, ["truth", "mask", "optimal"]))
jobs = [
    delayed(drawn_cell)(number, count, surrogates(BETA, Ridge(COSTS, count))[name])
    for number, (count, name) in enumerate(grid)
]
made = dict(zip(grid, runtime.parallel(jobs), strict=True))
measured = []
for (count, name), drawn in made.items():
    target = Ridge(COSTS, count)
    theory = expected_triple(BETA, known(surrogates(BETA, target)[name]), target)
    row = {"labels": count, "surrogate": name} | drawn.drop(columns="repeat").mean().to_dict()
    row |= {"student_error_theory": theory.student_error, "standard_error": drawn["student_error"].sem()}
    measured.append(row | {"z": z_score(drawn["student_error"], theory.student_error)})
cells = results.save_rows("55_cells", measured, keys=["labels", "surrogate"])
found = agreement(cells["z"])
ledger.claim(
    "distillation/theory",
    "equation (1)",
    f"root mean square z of the target's error, {len(cells)} cells with draws of their own",
    found.root_mean_square,
    *BAND,
)
ledger.claim(
    "distillation/farthest",
    "equation (1)",
    f"largest |z| of the same {len(cells)} cells",
    found.largest,
    high=FARTHEST,
)
cells.pivot(
    index="labels", columns="surrogate", values=["weak_error", "student_error", "student_error_theory"]
).round(4)

# %% [markdown]
# **Reading the table.** `weak_error` is the surrogate's own: the optimal one may be closer to the truth than its student. Gain over *true labels* is not gain over the teacher.
#
# ## The paper's own statements
#
# Predictions. What was known when their ranges were written: the closed form, and a prototype at the $n$ of the caption, so that the first two say that it comes back with other draws. Ratios are of mean errors at that $n$, exponents of the error in $n$ from fits over four sizes ($\alpha=1.5$, $b=2$, 1000 features, one fit to each batch of draws).
#
# - *Better than the truth* (the paper). Labels of the best surrogate over true labels: below 1.
# - *Discarding weak features* (the paper). The same for the best mask.
# - *The exponent stays* (the paper). Exponent with the best surrogate less that with true labels: within .05 of 0.
# - *A surrogate must be known, not learned* (ours). (2) needs the truth. A surrogate that is learned, by least squares (the shortest fit, where $k>n$) on its first $k$ features with the best $k$ (all $p$ among them) and as many labels as the target gets, is no better than true labels, if these have no noise: ratio above 1.
# - *But noise changes that* (ours). With noise of standard deviation .7 on the labels, which a surrogate averages and an interpolating target cannot, the ratio is below 1.

# %%
SIZE, EXPONENT_COUNTS, IN_BATCH = 1000, [25, 50, 100, 200], 6


def batch_slopes(number):
    """Exponents with each surrogate, from the means of a batch; the surrogates share the rows of each draw."""
    costs, truth = world(SIZE, 1.5, 2.0)
    stream, errors = runtime.seed_stream(seed, "batch", number), []
    for count in EXPONENT_COUNTS:
        options = np.column_stack(list(surrogates(truth, Ridge(costs, count)).values()))
        drawn = []
        for _ in range(IN_BATCH):
            rows = stream.normal(size=(count, SIZE))
            learned = fit(rows, rows @ options, costs, 0.0)
            drawn.append(np.sum((learned - truth[:, None]) ** 2, axis=0))
        errors.append(np.mean(drawn, axis=0))
    slopes = np.polyfit(np.log(EXPONENT_COUNTS), np.log(errors), 1)[0]
    return dict(zip(("truth", "mask", "optimal"), map(float, slopes), strict=True))


slopes = pd.DataFrame(runtime.parallel(delayed(batch_slopes)(number) for number in range(batches)))
slopes = results.save_rows("55_batches", slopes.assign(batch=range(batches)), keys=["batch"])


def learned_surrogate(noise):
    """A teacher on the first k features with as many labels as the target, the k of least target error by theory."""
    target = Ridge(COSTS, shown)
    sizes = [k for k in (*range(5, features, 5), features) if k != shown]
    teachers = [Ridge(np.where(np.arange(features) < k, COSTS, np.inf), shown) for k in sizes]
    return min(
        teachers, key=lambda one: expected_triple(BETA, one.expect(known(BETA), noise), target).student_error
    )


def true_labels(noise):
    """Draws of the error of the target on true labels with noise, independent of all others."""
    stream, target = runtime.seed_stream(seed, "true labels", str(noise)), Ridge(COSTS, shown)
    return [np.sum((target.draw(BETA, stream, noise) - BETA) ** 2) for _ in range(repeats)]


HIGH_NOISE = 0.7
FIELLER = f"Fieller's 95 % interval over {repeats} independent draws of each"
for claim, where, name, words in (
    ("better-than-truth", "abstract (i), Figure 1", "optimal", "labels of the best surrogate are better than true labels"),
    ("mask", "abstract, discarding weak features; Figure 1", "mask", "so are those of the best mask"),
):  # fmt: skip
    ledger.finding(
        f"distillation/{claim}",
        where,
        words,
        (0.0, 1.0),
        f"error with labels of the {name} surrogate / with true labels, n = {shown}",
        *intervals.ratio_of_means(made[shown, name]["student_error"], made[shown, "truth"]["student_error"]),
        FIELLER,
        stated_by="the paper",
    )
ledger.finding(
    "distillation/exponent",
    "abstract (ii)",
    "the best surrogate does not change the exponent",
    (-0.05, 0.05),
    f"exponent with the best surrogate - with true labels, n from {EXPONENT_COUNTS[0]} to {EXPONENT_COUNTS[-1]}",
    *intervals.mean_t(slopes["optimal"] - slopes["truth"]),
    f"95 % interval of Student's t over {batches} independent batches",
    stated_by="the paper",
)
LEARNED = (
    ("learned", 0.0, (1.0, np.inf), "a surrogate learned from as many noiseless labels is no better than them"),
    ("learned-noisy", HIGH_NOISE, (0.0, 1.0), "a surrogate learned from as many noisy labels is better than them"),
)  # fmt: skip
teachers = {noise: learned_surrogate(noise) for _, noise, *_ in LEARNED}
jobs = [
    delayed(drawn_cell)(len(grid) + k, shown, one, noise) for k, (noise, one) in enumerate(teachers.items())
]
*by_learned, first, second = runtime.parallel([*jobs, *(delayed(true_labels)(noise) for noise in teachers)])
learned = pd.concat(drawn.assign(noise=noise) for noise, drawn in zip(teachers, by_learned, strict=True))
results.save_rows("55_learned", learned, keys=["noise", "repeat"])
for (claim, noise, predicted, words), drawn, direct in zip(LEARNED, by_learned, (first, second), strict=True):
    teacher = teachers[noise]
    ledger.finding(
        f"distillation/{claim}",
        "beyond abstract (i): where the surrogate comes from",
        words,
        predicted,
        f"error with labels of a learned surrogate / with true labels, noise {noise:g}, n = {shown}",
        *intervals.ratio_of_means(drawn["student_error"], direct),
        FIELLER,
        stated_by="ours",
    )
    print(
        f"   noise {noise:g}: surrogate with {int(np.isfinite(teacher.costs).sum())} features, its error {drawn['weak_error'].mean():.4f}, "
        f"its student's {drawn['student_error'].mean():.4f}, by theory "
        f"{expected_triple(BETA, teacher.expect(known(BETA), noise), Ridge(COSTS, shown)).student_error:.4f}; true labels {np.mean(direct):.4f}, "
        f"by theory {expected_error(BETA, Ridge(COSTS, shown).expect(known(BETA), noise)):.4f}"
    )
print("exponents, mean over batches:", slopes.drop(columns="batch").mean().round(3).to_dict())

# %% [markdown]
# A real exponent needs more range than draws can have. Theory alone, with 200,000 features:

# %%
FAR = [50, 100, 200, 400, 800, 1600, 3200]
curves = []
for decay, energy in ((1.5, 2.0), (2.0, 1.5)):
    costs, truth = world(200_000, decay, energy)
    for count in FAR:
        target = Ridge(costs, count)
        for name, one in surrogates(truth, target).items():
            error = expected_triple(truth, known(one), target).student_error
            curves.append(
                {"decay": decay, "energy": energy, "labels": count, "surrogate": name, "error": error}
            )
curves = pd.DataFrame(curves)
by_world = curves.groupby(["decay", "energy", "surrogate"])
table = by_world.apply(
    lambda c: pd.Series({"exponent": np.polyfit(np.log(c["labels"]), np.log(c["error"]), 1)[0]})
)
wide = curves.pivot(index=["decay", "energy", "labels"], columns="surrogate", values="error")
print(
    "optimal / truth, error:",
    (wide["optimal"] / wide["truth"]).groupby(level=[0, 1]).agg(["min", "max"]).round(4).to_dict("index"),
)
table.unstack("surrogate").round(3)

# %%
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(14, 4.8))
target = Ridge(COSTS, shown)
options = surrogates(BETA, target)
index = np.arange(1, features + 1)
COLOURS = {"truth": figures.VERMILION, "mask": figures.BLUE, "optimal": figures.GREEN}
NAMES = {"truth": "true labels", "mask": "best mask", "optimal": "best surrogate"}
for name, one in options.items():
    left.plot(index, one / BETA, color=COLOURS[name], lw=2 if name == "optimal" else 1.3)
crossing = int((options["optimal"] > BETA).sum())
left.axvline(crossing + 0.5, color=figures.GREY, ls=":", lw=1)
left.annotate("amplified", (crossing, 1.22), xytext=(-6, 0), textcoords="offset points", ha="right")
left.annotate("shrunk", (crossing, 1.22), xytext=(6, 0), textcoords="offset points")
left.set(
    xscale="log",
    xlabel="coordinate i, by falling variance",
    ylabel="surrogate / truth",
    ylim=(-0.04, 1.3),
    title=f"Labels for n = {shown}",
)
fine = np.unique(np.geomspace(counts[0], counts[-1], 60).astype(int))
for name in options:
    line = [risk(surrogates(BETA, Ridge(COSTS, int(n)))[name], Ridge(COSTS, int(n))) for n in fine]
    middle.plot(fine, line, color=COLOURS[name], label=NAMES[name])
    some = cells[cells["surrogate"] == name]
    middle.errorbar(
        some["labels"],
        some["student_error"],
        2 * some["standard_error"],
        fmt="o",
        ms=5,
        color=COLOURS[name],
        capsize=2,
    )
    far = curves[(curves["surrogate"] == name) & (curves["decay"] == 1.5)]
    right.plot(far["labels"], far["error"], "-", color=COLOURS[name])
middle.set(
    xlabel="n, labels of the target",
    ylabel="squared error of the target",
    ylim=(0, None),
    title=f"{features} features",
)
right.set(
    xscale="log",
    yscale="log",
    xlabel="n, labels of the target",
    ylabel="squared error of the target",
    title="200,000 features, α = 1.5, b = 2",
)
figures.legend_below(
    figure,
    middle,
    columns=5,
    marks=[figures.mark("measured, ± 2 standard errors"), figures.mark("theory", marker="", ls="-")],
)
figures.show(
    figure,
    "55_surrogates",
    "Three panels. Left, surrogate over truth by coordinate: the best surrogate starts at 1, rises above it for a hump of middle coordinates, and falls below 1 in the tail towards 0; the mask falls from 1 to 0 in the tail. "
    "Middle, error against n: measured points on theory lines, true labels highest, then the mask, then the best surrogate, the three coming together towards n = 420. Right, on log axes to n = 3200: three straight parallel lines.",
)

# %% [markdown]
# **What to see.** Left: what the target keeps well is amplified, for the fit shrinks it a little; what it cannot keep is shrunk, for it would come back as noise. Middle, the caption's setting: both kinds of surrogate lie below
# true labels at each $n$, and the measured dots lie on the lines. So far this is the figure as reviews describe it: markers on theory lines, principal directions amplified, the tail shrunk. Right: three parallel lines; a better constant and the
# same exponent, the abstract's second statement.
#
# **What it does not say.** The best surrogate and mask know the truth and its spectrum, and the exponents come from 1,000 features at sizes that draws allow. A surrogate that has to learn first pays for it: see the two last findings. Reviews report that on
# CIFAR-10 the paper's own students did *not* beat true labels; nothing here contradicts that.
#
# **The sentence.** *Where a student must interpolate, labels without what it cannot fit are better than true ones; what it cannot fit comes back as noise.*

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
