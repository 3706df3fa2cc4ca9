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
#       seeds: [0, 1, 2, 3, 4, 5]
#       few_tasks: 1
#       few_rows: 100
#       label_counts: [8, 16, 40]
#       tasks: 4
#       rows: 150
#       released_epochs: 3
#     timeout: 600
# ---

# %% [markdown]
# # The networks of Section 5.1: few labels, and which head
#
# **Claim.** (a) With few labels a large model overfits, so that the small one can be the better of the two; with the roles swapped,
# the large model as teacher of the small one, gain = misfit continues to hold. (b) Gain and misfit are those of a class of heads, not
# of the procedure that finds the head.
#
# | | |
# | --- | --- |
# | Paper | Charikar, Pabbaraju, Shiragur (2024), arXiv 2405.15116 |
# | Where | Section 5.3, of which we know the claim from a review only, on the networks of Section 5.1; Figure 2(a)–(c) |
# | Inputs | the networks of 25 seeds, trained as released and shipped in `data/representations/figure2` |
# | Outputs | rows `22_*`, figures `22_*`, fifteen claims |
# | About | the paper's networks with few labels and swapped roles, and three other heads against notebook 20's ridge |
# | Time | about a minute on 2 cores |
#
# Notebook 20 has the networks, panels and tasks; notebooks 21 and 33 ask (a) with Gaussian features and molecules. What differs
# here: strong and weak representation have 16 features each, of which fewer are alive, and labels have no noise. "Large" means
# deeper, or nearer to the truth.
#
# **What is predicted.** Written before the first run, (a) with the ranges of notebook 33, whose results on molecules were known. With the fewest labels the strong model has the larger error (ratio
# above 1), also where a head without penalty overfits most, at as many labels as features. There, with the roles swapped, gain / misfit lies
# between 0.9 and 1.1 and above that of a student that learns nothing. For the heads: none moves gain / misfit of a panel by
# more than 0.05 in the mean over seeds. Since then the number of tasks in (b) has changed ("How many tasks?"), and "more" begins one per cent beyond a tie, as in
# notebook 33, which changed no verdict.

# %% tags=["parameters"]
seeds = list(range(25))  # each with its own truth, networks, tasks and points
label_counts = [
    8,
    12,
    16,
    24,
    40,
    80,
    200,
    600,
]  # true labels of a teacher; 16 is among them, the number of features
few_tasks = 4  # tasks of a seed for part (a), each on its own points
few_rows = 1000  # points that a teacher labels, points that judge
validation_rows = 50  # labelled points that choose a teacher's penalty
tasks = 24  # tasks of a seed for part (b): see "How many tasks?"
rows = 2000  # points for weak head, student and evaluation in part (b)
released_seeds = 6  # the first seeds: training takes long, and six are the least for a median's interval
released_epochs = 1000  # of AdamW for each head, as released

# %%
import math
from functools import partial
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from joblib import delayed

from w2s_utils import figures, judgement, results, runtime
from w2s_utils.experiments import figure_2_networks, parameters
from w2s_utils.experiments.few_labels import DIRECTIONS, NONE, VALIDATED
from w2s_utils.experiments.figure_2_few_labels import (
    cloud,
    drawn_tables,
    few_label_turns,
    live_units,
    seed_medians,
    size_of,
    solved_heads,
    tasks_needed,
    timed,
    trained_heads,
)
from w2s_utils.experiments.figure_2abc import PANELS, PREDICTED, statement
from w2s_utils.heads.linear import LeastSquaresHead, RidgeHead
from w2s_utils.heads.validated import ValidatedRidge
from w2s_utils.theory import intervals

figures.style()
ledger = results.Ledger(
    "22_few_labels_and_heads",
    claims=[
        "networks/a-few-labels",
        "networks/b-few-labels",
        "networks/c-few-labels",
        "networks/a-peak",
        "networks/b-peak",
        "networks/c-peak",
        "networks/a-overfitting",
        "networks/b-overfitting",
        "networks/c-overfitting",
        "networks/a-beyond-constant",
        "networks/b-beyond-constant",
        "networks/c-beyond-constant",
        "heads/validated",
        "heads/least-squares",
        "heads/adamw",
    ],
)
WIDTH = 16  # features of either representation
MARGIN = 0.01  # what counts as a difference
parameters.each_of(figure_2_networks.SEEDS, at_least=6, seeds=seeds)  # a median's interval takes six
parameters.each_whole(2, rising=True, label_counts=label_counts)
parameters.whole(1, few_tasks=few_tasks, validation_rows=validation_rows, released_epochs=released_epochs)
parameters.whole(20, few_rows=few_rows, rows=rows)
parameters.whole(3, tasks=tasks)
parameters.one_of(range(6, len(seeds) + 1), released_seeds=released_seeds)
if WIDTH not in label_counts:
    raise ValueError(f"{WIDTH}, the number of features, is among label_counts, not only {label_counts}")
worlds = figure_2_networks.worlds(seeds)

# %% [markdown]
# ## (a) Few labels
#
# Both *teachers*, strong and weak, are fitted to the same $n$ true labels. Each labels other points for the other model, its *student*;
# the student's number of points does not move with $n$. Heads are linear on standardised features, by two rules of notebook 33:
# *validated* ridge (the penalty does best on validation points against the labels that the head is there to predict) and *no penalty*
# (least squares, of least norm where labels are fewer than features).
#
# Beside each student stands one that learns nothing: the mean of its weak labels. A seed gives one value, the median over its tasks, since a
# head without penalty puts single tasks far outside everything; intervals are Student's t over seeds.

# %% [markdown]
# Both are 16 wide. How many units are *alive*, above 0 on more than 1 % of the points? Median, least and most over seeds:

# %%
live = pd.DataFrame(
    [
        {"panel": panel, "network": network, "live": live_units(table)}
        for panel, world in product(PANELS, worlds)
        for network, table in zip(
            ("weak", "strong"), drawn_tables(world, panel, few_rows, [0], "live units"), strict=False
        )
    ]
)
live.groupby(["panel", "network"])["live"].agg(["median", "min", "max"])

# %%
made = runtime.parallel(
    delayed(few_label_turns)(
        world, panel, (VALIDATED, NONE), label_counts, few_tasks, few_rows, validation_rows
    )
    for world in worlds
    for panel in PANELS
)
KEYS = ["panel", "rule", "direction", "labels", "seed", "task"]
turns = pd.DataFrame([row for part in made for row in part]).drop(columns="small")
results.save_rows("22_few_labels", turns, keys=KEYS)
log_ratio, by_seed = seed_medians(results.load_rows("22_few_labels", keys=KEYS))


def ratio_interval(panel, rule, labels):
    """Geometric mean over seeds of strong error / weak error."""
    return intervals.Interval(*np.exp(intervals.mean_t(log_ratio.loc[panel, rule, labels])))


def share_interval(panel, rule, direction, labels, value="share"):
    return intervals.mean_t(by_seed.loc[(panel, rule, direction, labels), value])


def in_words(found):
    return "{:.3g} [{:.3g}, {:.3g}]".format(*found)


# %% [markdown]
# **Who is better?** Error of the strong teacher / error of the weak one, geometric mean over seeds with its 95 % interval, and in how many
# seeds it is above 1. Above 1 the roles are swapped.

# %%
LOOKED_AT = [label_counts[0], WIDTH, label_counts[-1]]
pd.DataFrame(
    {
        (panel, rule): {
            f"n = {labels}": f"{in_words(ratio_interval(panel, rule, labels))}; above 1 in "
            f"{(log_ratio.loc[panel, rule, labels] > 0).sum()} of {len(seeds)}"
            for labels in LOOKED_AT
        }
        for panel, rule in product(PANELS, (VALIDATED, NONE))
    }
).T.rename_axis(["panel", "rule"])

# %%
TITLES = {"a": "(a) strong: h* itself", "b": "(b) 8 against 2 blocks", "c": "(c) h* perturbed"}
RULE_LOOKS = {
    VALIDATED: {"color": figures.BLUE, "marker": "o", "ls": "-"},
    NONE: {"color": figures.VERMILION, "marker": "^", "ls": "--"},
}


def axis_of_labels(axes):
    axes.set(xscale="log", xlabel="true labels n of a teacher")
    axes.set_xticks(label_counts, label_counts)
    axes.minorticks_off()


def curve(axes, values, shift=1.0, **look):
    """A line through estimates with bars for their intervals; ``values``: one Interval for each number of labels."""
    at, found = np.array(label_counts) * shift, np.array(values)
    axes.plot(at, found[:, 0], ms=6, lw=1.3, **look)
    axes.vlines(at, found[:, 1], found[:, 2], color=look["color"], lw=1.2)


fig, panels = plt.subplots(1, 3, figsize=(13, 4.8))
panels[2].sharey(panels[1])
for axes, panel in zip(panels, PANELS, strict=True):
    for shift, (rule, look) in zip((0.98, 1.02), RULE_LOOKS.items(), strict=True):
        curve(
            axes, [ratio_interval(panel, rule, labels) for labels in label_counts], shift, label=rule, **look
        )
    axes.axhline(1, color="black", lw=1.1, label="equally good")
    axes.axvline(WIDTH, color=figures.GREY, lw=1, ls=":", label=f"{WIDTH} features")
    axes.set(yscale="log", title=f"{TITLES[panel]}{', on a scale of its own' if panel == 'a' else ''}")
    axis_of_labels(axes)
panels[0].set_ylim(top=1e3)
panels[1].yaxis.set_major_formatter("{x:g}")
panels[0].set_ylabel("error, strong / weak (a ratio, no unit)")
figures.legend_below(fig, panels[0], columns=4)
figures.show(
    fig,
    "22_errors",
    "Error of the strong model over that of the weak one against the number of true labels, for three panels and two rules of "
    "penalty, with intervals over seeds; the line at 1 is where both are equally good. Panel (a) has a scale of its own: where the "
    "strong class holds the truth and labels exceed features the ratio falls by many powers of ten. (b) and (c) share theirs.",
)

# %%
OVER = f"95 % interval over {len(seeds)} seeds, Student's t"


def find_each(claim, prediction, predicted, statistic, measure, stated_by, interval=OVER):
    """One finding for each panel; ``measure``: panel to Interval over seeds."""
    for panel in PANELS:
        where, about = (
            f"Section 5.3 on Figure 2({panel})",
            f"{statistic}, seeds' medians over {few_tasks} tasks",
        )
        found = measure(panel)
        claim_id = f"networks/{panel}-{claim}"
        ledger.finding(
            claim_id, where, prediction, predicted, about, *found, interval=interval, stated_by=stated_by
        )


for claim, words, labels, rule in (
    (
        "few-labels",
        "with few labels the large model is the worse one: the roles swap",
        label_counts[0],
        VALIDATED,
    ),
    ("peak", "where heads overfit most the large model is the worse one", WIDTH, NONE),
):
    statistic = f"strong error / weak error, {labels} labels, {rule}, geometric mean"
    measure = partial(ratio_interval, rule=rule, labels=labels)
    find_each(
        claim, words, (1 + MARGIN, math.inf), statistic, measure, "a reading", f"{OVER} of the logarithm"
    )

# %% [markdown]
# **What to see.** With validated penalties the roles do not swap: the strong model is ahead at every number of labels, in (a) and (c) by far. In (a),
# whose scale is another, labels have no noise and the class holds the truth, so least squares becomes exact, down to round-off, once the labels have met every
# unit. That comes seed by seed and late (next cell), for some units are above 0 on few points; the curve is a mean of exact seeds and others. Without
# penalty (b) comes near a swap: its ratio is largest at about as many labels as the strong network has live units, more than the weak one has.
# That is the overfitting that the paper speaks of, but the interval reaches across 1 there. The prediction named 16, the width, and
# not the units alive; its verdict is that of 16. In (c) both have equally many live units, and overfit alike.

# %%
exact = (log_ratio.loc["a", NONE] < math.log(1e-12)).groupby("labels").sum()
print(
    f"(a), {NONE}: seeds of {len(seeds)} in which the strong error is below 1e-12 of the weak one, by labels:",
    exact.to_dict(),
)

# %% [markdown]
# **Is the gain the misfit?** Gain / misfit of the student, median over tasks and mean over seeds, and (*constant*) the same for the
# student that learns nothing.

# %%
pd.DataFrame(
    {
        (panel, direction, rule): {
            f"n = {labels}": f"{in_words(share_interval(panel, rule, direction, labels))}, constant "
            f"{share_interval(panel, rule, direction, labels, 'constant').estimate:.3g}"
            for labels in LOOKED_AT
        }
        for panel, direction, rule in product(PANELS, DIRECTIONS, (VALIDATED, NONE))
    }
).T.rename_axis(["panel", "direction", "rule"])

# %%
fig, grid = plt.subplots(2, 3, figsize=(13, 8), sharey=True)
for row, direction in zip(grid, DIRECTIONS, strict=True):
    for axes, panel in zip(row, PANELS, strict=True):
        for shift, (rule, look) in zip((0.98, 1.02), RULE_LOOKS.items(), strict=True):
            for value, mfc in (("share", None), ("constant", "white")):
                found = [share_interval(panel, rule, direction, labels, value) for labels in label_counts]
                name = f"{'student' if value == 'share' else 'constant'}, {rule}"
                ends = {"mfc": look["color"]} if mfc is None else {"mfc": mfc, "alpha": 0.6}
                curve(axes, found, shift, label=name, **{**look, **ends})
        axes.axhline(1, color="black", lw=1.1, label="gain = misfit")
        axes.axhline(0, color=figures.GREY, lw=0.8, ls=":", label="no gain")
        axes.set(ylim=(-1.7, 1.3), title=f"{TITLES[panel]}, {direction}")
        axis_of_labels(axes)
    row[0].set_ylabel("gain / misfit (a ratio, no unit)")
figures.legend_below(fig, grid[0, 0], columns=6)
figures.show(
    fig,
    "22_share",
    "Gain over misfit against the number of true labels, above for the strong student of the weak teacher, below with the roles "
    "swapped; full marks are students, open ones a student that predicts the mean of its labels.",
)

# %% [markdown]
# **What to see.** *Roles swapped* (below): nowhere near gain = misfit. With validated penalties the ratio is far below 0 in every panel, and
# without it falls towards −1 as labels grow: the teacher is nearly right, and what the student changes is mostly lost. Without penalty and with few labels
# (b) has a gain, well below its misfit. There the student is ahead of the constant, which gains too where the ratio is largest. In (a) at 16
# labels the constant does as well as the student, for both lose all they change.
#
# *Weak-to-strong* (above): with few labels and no penalty the ratio is nearer to 1 than with many, in (b) and (c), as where the
# teacher's error is mostly its own overfitting, which the strong class drops. The constant drops much of it too, in (c) at 12 and 16 labels most of it.

# %%
SWAPPED = "strong-to-weak"
AT = f"{SWAPPED}, {WIDTH} labels, {NONE}, mean"
for claim, words, predicted, statistic, value, stated_by in (
    (
        "overfitting",
        "large models overfit few labels, and gain = misfit with the roles swapped",
        (0.9, 1.1),
        f"gain / misfit, {AT}",
        "share",
        "a reading",
    ),
    (
        "beyond-constant",
        "with the roles swapped too, the student's gain comes from what it learns",
        (MARGIN, math.inf),
        f"gain / misfit less that of a student that predicts the mean of its weak labels, {AT}",
        "beyond",
        "ours",
    ),
):
    measure = partial(share_interval, rule=NONE, direction=SWAPPED, labels=WIDTH, value=value)
    find_each(claim, words, predicted, statistic, measure, stated_by)

# %% [markdown]
# ## (b) Which head?
#
# Notebook 20 solves for its heads: ridge with a fixed small penalty. Here three others take its place, for weak model and student alike:
# the validated ridge, AdamW as released (it alone on the first seeds, trained side by side), and plain least squares. All learn and are judged on the same fresh
# points, which the tasks of a seed share.

# %%
RIDGE, CHOSEN, PLAIN, RELEASED = "ridge 1e-4", "validated ridge", "least squares", "AdamW, as released"
SOLVED = {RIDGE: RidgeHead(1e-4), CHOSEN: ValidatedRidge(), PLAIN: LeastSquaresHead()}
HEADS = (*SOLVED, RELEASED)


few = worlds[:released_seeds]
jobs = [delayed(timed)(trained_heads, few, PANELS, rows, tasks, released_epochs, RELEASED)]
jobs += [
    delayed(timed)(solved_heads, world, panel, {name: SOLVED[name]}, rows, tasks)
    for world in worlds
    for panel, name in product(PANELS, SOLVED)
]
done = runtime.parallel(jobs)
found = results.save_rows(
    "22_heads",
    pd.DataFrame([row for part, _ in done for row in part]),
    keys=["head", "panel", "seed", "task"],
)
seconds = pd.DataFrame([{"head": part[0]["head"], "spent": spent} for part, spent in done])
seconds = seconds.groupby("head")["spent"].sum()
of_head = {name: released_seeds if name == RELEASED else len(seeds) for name in HEADS}
clouds = found.groupby(["head", "panel", "seed"])[["gain", "misfit"]].apply(cloud)

# %% [markdown]
# Median over seeds (5 to 95 % of the seeds; 95 % interval of the mean, Student's t). Seconds of processor time are of this run, and differ with every
# run: one seed and panel, draws of points included, without the ceiling for AdamW.


# %%
def described(values):
    middle, low, high = intervals.spread(values)
    _, least, most = intervals.mean_t(values)
    return f"{middle:.3f} ({low:.3f} to {high:.3f}; mean [{least:.3f}, {most:.3f}])"


table = {
    (panel, name): {
        "seeds": of_head[name],
        **{what: described(clouds.loc[(name, panel), what]) for what in ("gain / misfit", "correlation")},
        "seconds": f"{seconds[name] / of_head[name] / len(PANELS):.2g}",
    }
    for panel, name in product(PANELS, HEADS)
}
pd.DataFrame(table).T.rename_axis(["panel", "head"])

# %% [markdown]
# **Does a verdict of notebook 20 change?** Its three statements a panel, judged as there, with each head. For AdamW the ridge stands beside it on the same few seeds, for six seeds widen every interval.


# %%
def verdict(name, panel, what, count):
    values = clouds.loc[(name, panel), what].iloc[:count]
    return judgement.finding_verdict(PREDICTED[what], *statement(what, values).ends)


judged = {
    (panel, what): {
        (name, count): verdict(name, panel, what, count)
        for name, count in (
            *((name, len(seeds)) for name in SOLVED),
            (RIDGE, released_seeds),
            (RELEASED, released_seeds),
        )
    }
    for panel, what in product(PANELS, PREDICTED)
}
changed = [
    f"{panel}, {what}, {name} ({count} seeds): {one[RIDGE, count]} becomes {one[name, count]}"
    for (panel, what), one in judged.items()
    for name, count in one
    if one[name, count] != one[RIDGE, count]
]
print(f"{len(changed)} of {len(judged) * (len(HEADS) - 1)} verdicts differ from the ridge's")
print("\n".join(changed))
pd.DataFrame(judged).T.rename_axis(["panel", "statement"]).rename_axis(["head", "seeds"], axis=1)

# %%
MARKERS = {
    RIDGE: ("o", figures.BLUE),
    CHOSEN: ("s", figures.GREEN),
    PLAIN: ("^", figures.ORANGE),
    RELEASED: ("D", figures.VERMILION),
}
fig, rows_of = plt.subplots(1, 2, figsize=(13, 4.8))
for axes, what in zip(rows_of, ("gain / misfit", "correlation"), strict=True):
    for place, (panel, name) in enumerate(product(PANELS, HEADS)):
        marker, colour = MARKERS[name]
        values = clouds.loc[(name, panel), what].to_numpy()
        middle = place + place // len(HEADS)
        spots = middle + np.linspace(-0.3, 0.3, len(values))
        axes.plot(spots, np.clip(np.sort(values), 0, None), marker, color=colour, ms=4, alpha=0.7, label=name)
        axes.plot([middle - 0.4, middle + 0.4], [np.median(values)] * 2, color="black", lw=2)
    axes.axhline(PREDICTED[what][0], color=figures.GREY, lw=1, ls=":", label="range of notebook 20")
    if math.isfinite(PREDICTED[what][1]):
        axes.axhline(PREDICTED[what][1], color=figures.GREY, lw=1, ls=":")
    centres = [(len(HEADS) - 1) / 2 + k * (len(HEADS) + 1) for k in range(len(PANELS))]
    axes.set_xticks(centres, [f"panel {panel}" for panel in PANELS])
    axes.set(ylabel=f"{what} of a seed (no unit)", ylim=(-0.04, 1.2))
figures.legend_below(fig, rows_of[0], columns=5)
figures.show(
    fig,
    "22_heads",
    "Gain over misfit, left, and correlation, right, of every seed in three panels, with four heads side by side; black bars are "
    "medians, dotted lines the range that counts as gain = misfit, values below 0 stand at the rim.",
)


# %% [markdown]
# **What to see.** The spread is of seeds, not of heads, but for one seed of (c): by least squares it falls far, since a nearly dead unit of the strong network gets a wild
# coefficient, the trap of notebook 20 (next cell); every penalty mends it. Against notebook 20 the points are
# others and the tasks of a seed share them, so compare columns of the table above, not this table with that notebook. With six seeds
# several verdicts are mixed for either head, and could hardly differ. So here is the change within a seed.


# %%
seed = clouds.loc[PLAIN, "c"]["gain / misfit"].idxmin()
_, strong, truth = drawn_tables(worlds[seeds.index(seed)], "c", 4 * rows, range(tasks), "heads")
drawn_rows = slice(rows, 2 * rows)  # the student's, as `solved_heads` has them
pd.DataFrame(
    {"alive on": (strong[drawn_rows] > 0).mean(axis=0)}
    | {
        f"largest |coefficient|, {name}": np.abs(
            SOLVED[name].fit(strong[drawn_rows], truth[drawn_rows]).coef_
        ).max(axis=0)
        for name in (PLAIN, RIDGE)
    }
).sort_values("alive on").head(3).round(4)

# %% [markdown]
# **How many tasks?** A seed's change from the ridge varies with its tasks and, whatever their number, with its truth, networks and points. An interval over
# seeds is as long as the root of $\text{between}^2+\text{within}^2$, and only *within*, the part of the tasks, falls as they grow. *Needed*: the number from which
# on twice as many tasks shorten the interval by less than 10 %.

# %%
pieces = found.set_index(["head", "panel", "seed", "task"]).sort_index()
components = pd.DataFrame(
    {
        (name, panel): tasks_needed(
            pieces.loc[name, panel],
            pieces.loc[RIDGE, panel].loc[seeds[: of_head[name]]],
        )
        for name, panel in product(HEADS[1:], PANELS)
    }
).T.rename_axis(["head", "panel"])
print(f"most tasks needed by any of the nine: {components['needed'].max():.1f}; this run has {tasks}")
components.round(4)

# %% [markdown]
# Each number of tasks draws points of its own. A first run with 40 confirmed all three findings below; one with 24, taken to save time, made two of them
# mixed; one with 16 made one mixed. So the number may not be chosen by what comes out. It is set here with all of that seen, by a rule that knows no
# verdict: the rows of the runs with 24 and 16 gave the most *needed* as below 14 and as 20, and 24 is the larger one rounded up to a multiple of 8. What
# the verdicts hang on is mostly *between*, the points and networks of single seeds: more seeds would tell more, and more tasks hardly.

# %%
for claim, name in (("validated", CHOSEN), ("least-squares", PLAIN), ("adamw", RELEASED)):
    ratio = clouds["gain / misfit"]
    changes = {panel: (ratio.loc[name, panel] - ratio.loc[RIDGE, panel]).dropna() for panel in PANELS}
    confidence = intervals.joint(len(PANELS))
    ledger.finding(
        f"heads/{claim}",
        "Figure 2(a)-(c)",
        "gain and misfit are those of the class, whatever finds the head",
        (-math.inf, 0.05),
        f"largest of three panels of |mean change in gain / misfit| from {RIDGE} to {name}",
        *intervals.largest_of([size_of(intervals.mean_t(change, confidence)) for change in changes.values()]),
        interval=f"95 % for three panels together, Student's t over {of_head[name]} seeds",
        stated_by="ours",
    )

# %% [markdown]
# ## Verdict
#
# | | |
# | --- | --- |
# | few labels swap the roles | no, on the paper's own networks with true labels and validated penalties. Without penalty, at 16 labels: open in (b), no in (a) and (c) |
# | gain = misfit, strong-to-weak | no, in no panel |
# | against the constant | in (b) and (c) the student is ahead of it; in (a) the two are level, both lose |
# | which head | no verdict on the statements of notebook 20 differs by head. The mean change of gain / misfit is small for the validated ridge; for least squares and AdamW its interval reaches beyond 0.05 |
#
# What this does not say: that Section 5.3 is wrong. It asks other models and data, and real labels have noise, which here there
# is none of. On the networks of Section 5.1 its regime is at best a narrow one, in (b) without penalty.

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
