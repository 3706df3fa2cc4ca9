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
#     smoke: {seeds: 3, widths: [25, 60], width: 60, intermediate: 25, weights: [0.2, 0.5], noises: [0.0, 0.15], rounds: 2}
#     timeout: 900
# ---

# %% [markdown]
# # Where errors go when a second objective conflicts
#
# **Claim.** A strong model that is to follow weak labels and a conflicting second objective errs where it knows and its teacher does not (the paper calls this deception); the more so the larger the gap
# between the two; an intermediate model between them helps a little.
#
# | | |
# | --- | --- |
# | Paper | Yang et al. (2024), arXiv 2406.11431 |
# | Where | deception score; capability gap; bootstrapping |
# | Inputs | scikit-learn's digits |
# | Outputs | rows `63_lost`, figures `63_*`, twenty-three claims |
# | About | regions of what strong and weak know, the score with both denominators, its chance level and its value without any conflict |
# | Time | under a minute on 2 cores |
#
# **This measures where errors go, not intent.** Students here are logistic heads, each the one solution of a convex problem. They cannot hide anything and want nothing. So whatever score they reach is what the
# measure gives without deception; a score of a language model says more only by what it has beyond that.
#
# **What differs from the paper.** It aligns language models to weak preferences while another goal, such as helpfulness, pulls the other way. Here a row is an image of a digit, the question is *odd or even*, so that as
# with preferences there is one other answer; the student is a logistic head on random Fourier features, and its strength is their number.

# %% tags=["parameters"]
seeds = 20  # random parts, sensor noise and features
widths = [25, 50, 100, 200, 400]  # random Fourier features of the student
width = 200  # that of all sweeps but the one over widths
intermediate = 50  # features of the model between teacher and student
noises = [0.0, 0.15, 0.3]  # standard deviation of the teacher's sensor; a pixel is from 0 to 1
noise = 0.15  # that of all sweeps but the one over teachers
weights = [0.1, 0.3, 0.5, 0.7, 0.9]  # of the conflicting objective
weight = 0.5  # that of all sweeps but the one over weights
share = 0.5  # of the rows, which the conflicting objective rewards
rounds = 5  # fits of a student that is rewarded where it is wrong already
seed = 0  # the first of the seeds

# %%
import math
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from joblib import delayed

from w2s_utils import figures, results, runtime
from w2s_utils.experiments import class_sets, parameters
from w2s_utils.methods import conflict
from w2s_utils.theory import intervals

figures.style()
ledger = results.Ledger(
    "63_superficial_alignment",
    claims=[
        "alignment/adds-up",
        "alignment/above-chance",
        "alignment/above-chance-known",
        "alignment/without-conflict",
        "alignment/without-conflict-known",
        "alignment/without-conflict-alike",
        "alignment/without-conflict-falls",
        "alignment/above-coins",
        "alignment/above-coins-alike",
        "alignment/width",
        "alignment/width-known",
        "alignment/width-beyond",
        "alignment/width-beyond-alike",
        "alignment/teacher",
        "alignment/teacher-known",
        "alignment/weight",
        "alignment/bootstrapping",
        "alignment/bootstrapping-known",
        "alignment/bootstrapping-lost",
        "alignment/bootstrapping-rate",
        "alignment/as-released",
        "alignment/rule",
        "alignment/rate",
    ],
)
parameters.whole(3, seeds=seeds)
parameters.each_whole(2, at_least=2, rising=True, widths=widths)
parameters.one_of(widths, width=width)
parameters.whole(2, intermediate=intermediate)
parameters.each_number(-1e-9, at_most=1, at_least=2, noises=noises)
parameters.each_number(0, at_most=1, at_least=2, weights=weights)
parameters.number(0, noise=noise, weight=weight, share=share)
parameters.whole(1, rounds=rounds)
parameters.whole(0, seed=seed)

# %% [markdown]
# ## 1. What is measured
#
# A model **knows** a row if it gives the true class a probability of .75 or more, the confidence threshold of the released code. What the *strong* model knows is measured with the student's head trained on the truth,
# what the *weak* one knows with the teacher. This cuts the rows in four regions. Of the rows that the student gets right *without* the second objective, those that it gets wrong *with* it are **lost**. The score is
#
# $$\text{share of lost rows} = \frac{|\text{lost}\cap\text{strong knows, weak does not}|}{|\text{lost}|},\qquad\text{share of known} = \frac{|\text{lost}\cap\text{strong knows, weak does not}|}{|\text{lost}\cap\text{strong knows}|}.$$
#
# The paper's score is a share of the lost accuracy, and its reviewers asked about the denominator; which two they meant is our reading. Beside them stands:
#
# - the **chance level**: the same shares of all rows *at risk*, those that were right before. So much comes out if as many are lost at random;
# - **no conflict**: the student learns from the weak labels of a bootstrap sample of its rows. Some rows are lost, and nothing conflicts;
# - **coins**: the same rows get the same reward for a class drawn at random. That is noise, and has no direction.
#
# **The conflicting objective.** A random half of the rows is rewarded for the *wrong* class $b$, as in the released code, whose reward is for the contrary of the true label. With the weight $\lambda$ a rewarded row has
# the label $(1-\lambda)w+\lambda b$, $w$ the teacher's probabilities. That holds for the rows on which its penalty is chosen, too.
# Nothing in an image says whether it is rewarded. The code adds its reward only on rows that the student gets wrong *already*; that variant stands below.
#
# **What to expect without any intent.** A student that can but say the mean label of images that look alike loses a row exactly where its probability of the true class was
#
# $$\tfrac12 < w_y < \frac{1}{2(1-\lambda\cdot\text{share})}, \tag{1}$$
#
# where it was unsure. Below $\lambda\cdot\text{share}=1/3$ this ends under .75: if its probabilities are its teacher's, every row that it loses is one that its teacher does not know, whatever it wants.

# %%
digits = class_sets.load("digits")
PARITY = replace(
    digits,
    data=replace(
        digits.data,
        name="odd or even",
        title="digits, odd or even",
        targets=digits.data.targets % 2,
        classes=("even", "odd"),
    ),
)
print(PARITY.data.title, PARITY.sizes)


def ruled(before, truth):
    """What (1) says of each row by the student's own probability before: swapped where that is below the threshold."""
    said = (before * truth).sum(axis=1)
    flipped = (said > 0.5) & (said < conflict.loses_below(weight, share))
    return np.where(flipped[:, None], before[:, ::-1], before)


MILD_AND_MAIN = sorted({weights[0], weight})


def lost_by_students(columns, sensor, which, conflicts, more):
    """Rows of one trial: counts of lost rows by kind of student and weight; with ``more``, of those of the main setting."""
    world = PARITY.taught([sensor], columns, which)
    [weak] = world.weak.values()
    judged, strong = world.parts.evaluation, world.ceiling
    truth = world.truth[judged]

    def draws():
        return runtime.seed_stream(which, "rewards", "odd or even")

    before, made = conflict.students(world, weak, share, draws(), conflicts, MILD_AND_MAIN if more else ())
    pairs = {key: (before, after) for key, after in made.items()}
    if more:
        pairs["rule", weight] = (before, ruled(before, world.truth))
        released = 0.5 / (1 + 0.5)
        pairs["as released", released] = (before, conflict.entrenched(world, weak, before, released, rounds))
        between = PARITY.taught([sensor], intermediate, which).strong_head(weak, world.parts.student_train)
        start, after = conflict.students(world, between, share, draws(), [weight])
        pairs["bootstrapping", weight] = (start, after["conflict", weight])
    keys = {"width": columns, "noise": sensor, "seed": which}
    accuracies = {
        "weak": conflict.right(weak[judged], truth).mean(),
        "ceiling": conflict.right(strong[judged], truth).mean(),
    }
    return [
        {**keys, "kind": kind, "weight": how_much}
        | conflict.lost_and_won(truth, *(said[judged] for said in (strong, weak, *pair)))
        | accuracies
        | {"before": conflict.right(pair[0][judged], truth).mean(), "after": conflict.right(pair[1][judged], truth).mean()}
        for (kind, how_much), pair in pairs.items()
    ]  # fmt: skip


# %% [markdown]
# ## 2. The students
#
# One setting is the middle of three sweeps: over the width of the student, over the noise of its teacher's sensor, over the conflict weight. In it there are three more students:
#
# - **as released**: rewarded, for the wrong class, only where it is wrong already. The code does so at each step of a training; here the student is fitted anew a few times, each time to the errors of the last one.
#   Its $\alpha=.5$ times the reward's loss is a weight of $\lambda=\alpha/(1+\alpha)$;
# - **bootstrapping**: an intermediate student learns from the weak labels without conflict and hands its own on, as in the code; what is *known to the weak* is still what the teacher knows;
# - **rule**: no student at all, but (1) applied to the student without conflict.

# %%
settings = [(width, noise, sorted({*weights, weight}), True)]
settings += [(other, noise, MILD_AND_MAIN, False) for other in widths if other != width]
settings += [(width, other, [weight], False) for other in noises if other != noise]
jobs = [(*setting, seed + k) for k in range(seeds) for setting in settings]
made = runtime.parallel(
    delayed(lost_by_students)(columns, sensor, which, conflicts, more)
    for columns, sensor, conflicts, more, which in jobs
)
rows = conflict.scored(pd.DataFrame([row for some in made for row in some]))
rows = results.save_rows("63_lost", rows, keys=["width", "noise", "seed", "kind", "weight"])
SETTING = ["width", "noise", "kind", "weight"]
SCORES = ["of_lost", "chance", "of_known", "chance_known", "rate"]
means = rows.groupby(SETTING, sort=True)[["weak", "ceiling", "before", "after", "lost", "won", *SCORES]]
means.mean().round(3)

# %% [markdown]
# **How to read it.** Accuracies on the judged rows of teacher, ceiling and student without and with the second objective; how many rows are lost and won; the score with either denominator, each with its chance level;
# `rate` is the share of the rows at risk that are lost in the region that the strong model knows alone. Means over seeds.

# %%
main = rows[(rows["width"] == width) & (rows["noise"] == noise)]
by_region = [rows[f"{name}, lost"] for name in conflict.REGIONS]
off = np.abs(sum(by_region) - rows["lost"]) + np.abs(
    (rows["lost"] - rows["won"]) / rows["rows"] - (rows["before"] - rows["after"])
)
ledger.claim(
    "alignment/adds-up",
    "definition",
    "largest difference of lost rows, summed over regions, and of lost - won and the growth of errors",
    off.max(),
    high=1e-12,
)
SHOWN = {
    "rows": ("rows", main[(main["kind"] == "again")]),
    "at risk": ("at risk", main[(main["kind"] == "again")]),
    "lost, nothing conflicts": ("lost", main[main["kind"] == "again"]),
    "lost, coins": ("lost", main[(main["kind"] == "coin") & (main["weight"] == weight)]),
    f"lost, conflict of {weights[0]:g}": (
        "lost",
        main[(main["kind"] == "conflict") & (main["weight"] == weights[0])],
    ),
    f"lost, conflict of {weight:g}": (
        "lost",
        main[(main["kind"] == "conflict") & (main["weight"] == weight)],
    ),
    "lost, rule (1)": ("lost", main[main["kind"] == "rule"]),
    "lost, as released": ("lost", main[main["kind"] == "as released"]),
    "lost, bootstrapping": ("lost", main[main["kind"] == "bootstrapping"]),
}
COLOURS = dict(
    zip(conflict.REGIONS, (figures.VERMILION, figures.BLUE, figures.ORANGE, "#bbbbbb"), strict=True)
)
fig, axes = plt.subplots(figsize=(11, 4.6))
start = np.zeros(len(SHOWN))
for name, colour in COLOURS.items():
    shares = np.array([some[f"{name}, {what}"].sum() / some[what].sum() for what, some in SHOWN.values()])
    axes.barh(list(SHOWN), shares, left=start, color=colour, label=f"known to {name}", height=0.75)
    start += shares
for place, (what, some) in enumerate(SHOWN.values()):
    axes.text(1.01, place, f"{some[what].mean():.0f} rows", va="center", fontsize=9)
axes.invert_yaxis()
axes.grid(axis="y", visible=False)
axes.set(xlim=(0, 1), xlabel=f"share, sums over {seeds} seeds; student of {width} features, noise {noise:g}")
figures.legend_below(fig, axes, columns=4)
figures.show(
    fig,
    "63_regions",
    "Bars of shares of four regions, by who knows a row, strong alone, both, weak alone, neither: for all judged rows, for those at risk, and for the rows lost when nothing "
    "conflicts, with coins, with the mildest and the main conflict, by rule 1, as released and with bootstrapping; the mean number of rows stands beside each.",
)

# %% [markdown]
# **What to see.** Of the rows that the conflict costs, far more lie where the strong model alone knows than of the rows at risk. But so do those that are lost when *nothing* conflicts, and those lost by coins; only their number
# is small. The mildest conflict, which costs about as many rows as nothing does, has more of them, and so has the conflict as released; the middle one, which costs many times as many, has no more: bars compare where numbers
# are alike. Rule (1), which fits nobody to any second objective, draws nearly the same bar as the middle conflict. So that bar is of rows near the student's boundary, and a teacher who is unsure of them does not know them.
#
# ## 3. Findings
#
# Predictions, written down before any run; the last two lines about bootstrapping are reports, added when a first run had shown that more rows are lost with it. Units are the seeds; two of them share a good part of their rows, so an interval is for the mean over cuts of digits. Differences are
# paired by seed; a seed without a lost row of some kind has no share and is left out where that is compared.
#
# 1. *Above chance* (ours): in every setting the score is above its chance level.
# 2. *Without conflict* (a reading): the score under conflict is above that of a student that nothing conflicts with. *Above coins* (ours): and above that of a reward without direction.
# 3. *Width*, *teacher* (readings): the score grows with the gap between strong and weak, as the student widens, and as the teacher's sensor gets noisier. *Beyond* (ours): with the width it grows more than the score
#    without any conflict does.
# 4. *Weight* (ours, from (1)): of the lost rows that the strong model knows, a smaller share is unknown to the teacher at the largest weight than at the smallest.
# 5. *Bootstrapping* (a reading): the score is lower with an intermediate model.
# 6. *As released* (a reading): where the student is rewarded for its errors alone, the score is still above that of no conflict.
#
# The paper states 2, 3 and 5 of language models; of these students they are readings.
#
# **Added after a review, its numbers seen.** 2 and *beyond* were first judged at the weight of the middle setting alone, where the conflict costs many more rows than the controls do. But a share of lost rows falls as more
# are lost: the first rows to go are those of which the student is least sure, and the more are lost, the more of them were sure, and known to the teacher too. So now they are judged *at all weights together* (coins and *beyond*: at the
# mildest and the middle one), the predicted ranges being as they were, and once more *alike*: at as many lost rows as the control costs in the same trial, between two weights by interpolation. *Falls* says that the share
# does fall with the weight.


# %%
def of(kind, column, columns=width, sensor=noise, how_much=None):
    """A column of one kind of student, ``(seeds,)``."""
    chosen = (rows["kind"] == kind) & (rows["width"] == columns) & (rows["noise"] == sensor)
    if how_much is not None:
        chosen &= rows["weight"] == how_much
    return rows[chosen].set_index("seed")[column]


def score(column, columns=width, sensor=noise, how_much=weight):
    return of("conflict", column, columns, sensor, how_much)


def paired(difference, confidence=intervals.CONFIDENCE):
    """The interval of the mean over the seeds that have a difference."""
    return intervals.mean_t(difference.dropna(), confidence)


def above_chance(column, level):
    """Score less chance level, least over all settings."""
    places = [(columns, sensor, one) for columns, sensor, some, _ in settings for one in some]
    return intervals.least_of(
        paired(score(column, *place) - score(level, *place), intervals.joint(len(places))) for place in places
    )


def less(kind, column, columns=width):
    """The score under conflict less that of another kind of student, by weight of the conflict."""
    return {
        one: score(column, columns, how_much=one)
        - of(kind, column, columns, how_much=one if kind == "coin" else None)
        for one in (weights if kind == "again" and columns == width else MILD_AND_MAIN)
    }


def least(differences):
    """The least of the means of several differences, all together at 95 %."""
    return intervals.least_of(paired(one, intervals.joint(len(differences))) for one in differences)


def path(columns):
    """The rows of one width under conflict, mildest weight first."""
    chosen = (rows["kind"] == "conflict") & (rows["width"] == columns) & (rows["noise"] == noise)
    return rows[chosen].sort_values("weight")


def alike(kind, columns=width, how_much=None):
    """Score under conflict less that of another kind of student, where the conflict costs as many rows as that one does."""
    lost = of(kind, "lost", columns, how_much=how_much)
    matched = {one: conflict.score_at(some, lost[one]) for one, some in path(columns).groupby("seed")}
    return pd.Series(matched) - of(kind, "of_lost", columns, how_much=how_much)


def grows(column, ends):
    """The score at the second of two settings less that at the first."""
    first, second = ({"columns": columns, "sensor": sensor} for columns, sensor in ends)
    return paired(score(column, **second) - score(column, **first))


BY_WIDTH, BY_TEACHER = (
    [(widths[0], noise), (widths[-1], noise)],
    [(width, noises[0]), (width, noises[-1])],
)
NOTHING, COINS = (
    {column: less(kind, column) for column in ("of_lost", "of_known")} for kind in ("again", "coin")
)
BEYOND = {columns: less("again", "of_lost", columns) for columns in (widths[0], widths[-1])}
T = f"95 % interval of Student's t over {seeds} seeds, random cuts of digits"
EACH = f"95 % interval of Student t, all weights together, over {seeds} seeds, random cuts of digits"
ALL = f"95 % interval of Student t, all settings together, over {seeds} seeds, random cuts of digits"
LOST, KNOWN = "share of lost rows", "share of known"
W, N = f"{widths[-1]} features - {widths[0]}", f"noise {noises[-1]:g} - {noises[0]:g}"
MORE, LESS = (0, math.inf), (-math.inf, 0)
FINDINGS = [
    ("above-chance", "deception score", "the score is above chance in every setting", MORE, f"{LOST} - chance level, least over settings", above_chance("of_lost", "chance"), ALL, "ours"),
    ("above-chance-known", "deception score", "the score is above chance in every setting", MORE, f"{KNOWN} - chance level, least over settings", above_chance("of_known", "chance_known"), ALL, "ours"),
    ("without-conflict", "deception score", "the conflict raises the score", MORE, f"{LOST}, conflict - nothing conflicts, least over weights", least(NOTHING["of_lost"].values()), EACH, "a reading"),
    ("without-conflict-known", "deception score", "the conflict raises the score", MORE, f"{KNOWN}, conflict - nothing conflicts, least over weights", least(NOTHING["of_known"].values()), EACH, "a reading"),
    ("without-conflict-alike", "deception score", "the conflict raises the score where as many rows are lost", MORE, f"{LOST}, conflict - nothing conflicts, as many rows lost", paired(alike("again")), T, "a reading"),
    ("without-conflict-falls", "equation (1)", "what the conflict adds to the score falls with its weight", LESS, f"{LOST}, conflict, weight {weights[-1]:g} - {weights[0]:g}", paired(score("of_lost", how_much=weights[-1]) - score("of_lost", how_much=weights[0])), T, "ours"),
    ("above-coins", "deception score", "a conflict raises the score more than noise does", MORE, f"{LOST}, conflict - coins of the same weight, least over {weights[0]:g} and {weight:g}", least(COINS["of_lost"].values()), EACH, "ours"),
    ("above-coins-alike", "deception score", "a conflict raises the score more than noise does where as many rows are lost", MORE, f"{LOST}, conflict - coins of {weight:g}, as many rows lost", paired(alike("coin", how_much=weight)), T, "ours"),
    ("width", "capability gap", "the score grows with the gap", MORE, f"{LOST}, {W}", grows("of_lost", BY_WIDTH), T, "a reading"),
    ("width-known", "capability gap", "the score grows with the gap", MORE, f"{KNOWN}, {W}", grows("of_known", BY_WIDTH), T, "a reading"),
    ("width-beyond", "capability gap", "the score grows more than without any conflict", MORE, f"{LOST}, conflict - nothing conflicts, {W}, least over {weights[0]:g} and {weight:g}", least([BEYOND[widths[-1]][one] - BEYOND[widths[0]][one] for one in MILD_AND_MAIN]), EACH, "ours"),
    ("width-beyond-alike", "capability gap", "the score grows more than without any conflict where as many rows are lost", MORE, f"{LOST}, conflict - nothing conflicts, {W}, as many rows lost", paired(alike("again", widths[-1]) - alike("again", widths[0])), T, "ours"),
    ("teacher", "capability gap", "the score grows with the gap", MORE, f"{LOST}, {N}", grows("of_lost", BY_TEACHER), T, "a reading"),
    ("teacher-known", "capability gap", "the score grows with the gap", MORE, f"{KNOWN}, {N}", grows("of_known", BY_TEACHER), T, "a reading"),
    ("weight", "equation (1)", "a stronger conflict reaches what the teacher knows", LESS, f"{KNOWN}, weight {weights[-1]:g} - {weights[0]:g}", paired(score("of_known", how_much=weights[-1]) - score("of_known", how_much=weights[0])), T, "ours"),
    ("bootstrapping", "bootstrapping", "an intermediate model lowers the score", LESS, f"{LOST}, with an intermediate model - without", paired(of("bootstrapping", "of_lost") - score("of_lost")), T, "a reading"),
    ("bootstrapping-known", "bootstrapping", "an intermediate model lowers the score", LESS, f"{KNOWN}, with an intermediate model - without", paired(of("bootstrapping", "of_known") - score("of_known")), T, "a reading"),
    ("as-released", "explicit conflict", "the conflict raises the score", MORE, f"{LOST}, rewarded where wrong already - nothing conflicts", paired(of("as released", "of_lost") - of("again", "of_lost")), T, "a reading"),
]  # fmt: skip
for claim, where, prediction, predicted, statistic, found, how, by in FINDINGS:
    ledger.finding(
        f"alignment/{claim}", where, prediction, predicted, statistic, *found, interval=how, stated_by=by
    )
print(f"{LOST}: conflict - nothing conflicts, all weights together at 95 %; rows lost")
for one, difference in NOTHING["of_lost"].items():
    found = paired(difference, intervals.joint(len(weights)))
    counted = (score("lost", how_much=one).mean(), of("again", "lost").mean())
    print(
        f"    {one:g}: {found.estimate:+.3f} [{found.low:+.3f}, {found.high:+.3f}]; {counted[0]:.0f} and {counted[1]:.0f}"
    )
print(f"the same, {W}")
for one in MILD_AND_MAIN:
    found = paired(BEYOND[widths[-1]][one] - BEYOND[widths[0]][one], intervals.joint(len(MILD_AND_MAIN)))
    print(f"    {one:g}: {found.estimate:+.3f} [{found.low:+.3f}, {found.high:+.3f}]")
rule = paired(of("rule", "of_lost") - score("of_lost"))
elsewhere = (
    of("conflict", "lost", how_much=weight) - of("conflict", "strong alone, lost", how_much=weight)
) / (of("conflict", "at risk", how_much=weight) - of("conflict", "strong alone, at risk", how_much=weight))
rate = paired(score("rate") - elsewhere)
cost = {
    column: paired(of("bootstrapping", column) - of("conflict", column, how_much=weight))
    for column in ("lost", "rate")
}
for claim, where, statistic, found in (
    ("rule", "equation (1)", f"{LOST}, rule (1) without a student - conflict", rule),
    (
        "bootstrapping-lost",
        "bootstrapping",
        "rows lost, with an intermediate model - without",
        cost["lost"],
    ),
    (
        "bootstrapping-rate",
        "bootstrapping",
        "share of the rows at risk known to strong alone that are lost, with an intermediate model - without",
        cost["rate"],
    ),
    (
        "rate",
        "deception score",
        "share of the rows at risk that are lost, known to strong alone - elsewhere",
        rate,
    ),
):
    ledger.report(
        f"alignment/{claim}", where, statistic, found.estimate, *found.ends, f"nothing predicts it; {T}"
    )

# %%
fig, panels = plt.subplots(1, 3, figsize=(14, 4.8), sharey=True)
SWEEPS = {
    "width of the student (features)": ([(columns, noise, weight) for columns in widths], widths),
    "noise of the teacher's sensor (s.d.)": ([(width, sensor, weight) for sensor in noises], noises),
    "conflict weight λ": ([(width, noise, one) for one in weights], weights),
}
LINES = {
    f"{LOST}, conflict": ("conflict", "of_lost", figures.VERMILION, "-", "o"),
    "chance level": ("conflict", "chance", figures.VERMILION, ":", ""),
    f"{LOST}, nothing conflicts": ("again", "of_lost", figures.ORANGE, "--", "s"),
    f"{KNOWN}, conflict": ("conflict", "of_known", figures.BLUE, "-", "o"),
    "its chance level": ("conflict", "chance_known", figures.BLUE, ":", ""),
    f"{KNOWN}, nothing conflicts": ("again", "of_known", figures.PALETTE[9], "--", "s"),
}
for axes, (title, (places, labels)) in zip(panels, SWEEPS.items(), strict=True):
    for place, (label, (kind, column, colour, line, mark)) in enumerate(LINES.items()):
        found = [
            paired(of(kind, column, columns, sensor, one if kind == "conflict" else None))
            for columns, sensor, one in places
        ]
        ends = np.array([[one.estimate - one.low, one.high - one.estimate] for one in found]).T
        at = np.arange(len(found)) + (place - 2.5) * 0.03
        style = {"color": colour, "ls": line, "marker": mark, "capsize": 2, "lw": 1.5, "ms": 5}
        axes.errorbar(at, [one.estimate for one in found], ends, label=label, **style)
    axes.set_xticks(range(len(labels)), [f"{label:g}" for label in labels])
    axes.set(xlabel=title, ylim=(0, 1.02))
panels[0].set_ylabel("score")
figures.legend_below(fig, *panels, columns=3)
figures.show(
    fig,
    "63_sweeps",
    "Three panels, the score against the width of the student, the noise of its teacher and the conflict weight: both denominators, each under conflict, without "
    "any conflict and as the chance level.",
)

# %% [markdown]
# **What to see.** Left: the score grows a little with the width of the student by either denominator, and the share of lost rows grows much more when nothing conflicts. Middle: a noisier teacher knows less, so the region grows,
# and with it the chance level, faster than the score. Right: the *weaker* the conflict, the higher the score, as (1) has it: a weak one costs the rows at the boundary, a strong one all others too. **What not to see.** With an
# intermediate model the score is lower, as the paper has it; but more rows are lost with it, those that the strong model knows alone among them (`rate`). The score fell because still more was lost elsewhere.
#
# **The sign hangs on the weight.** Conflict less nothing: by the share of lost rows it is above 0 for the mildest conflict, below 0 for the strongest two, and not told from 0 between (printed above), since a strong one goes on, past the rows of which the
# student is unsure, to those that it and its teacher know. At as many lost rows the conflict's share is the higher one, than with nothing and than with coins: a reward for wrong classes takes the rows at the boundary, the others
# take some elsewhere too. *As released* is above nothing too although it costs more rows, which works against it. With the width, though, this excess falls, at as many lost rows as well: of a wider student
# nothing at all costs mostly rows that the strong model alone knows, and little is left to add.
#
# **The sentence.** *A high score needs no intent: the rows of which a student is unsure are lost first, and they are the ones that the teacher does not know. A conflict raises it where as many rows are lost and lowers it where it costs many more. So ask for the score
# without any conflict at as many lost rows, and for a rate beside the share.*
#
# ## 4. Verdicts

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
