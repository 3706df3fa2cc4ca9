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
#       few_seeds: [0, 1]
#       tasks: 6
#       rows: 200
#       many_rows: 300
#       other_penalties: [1.0e-6]
#       released_epochs: 3
#     timeout: 600
# ---

# %% [markdown]
# # Figure 2(a)–(c): gain against misfit for small networks
#
# **Claim.** Over 100 tasks, the gain of the student over its weak teacher is close to its misfit: on the line gain = misfit
# where the strong class holds the truth (panel a), near it where it does not (panels b and c).
#
# | | |
# | --- | --- |
# | Paper | Charikar, Pabbaraju, Shiragur (2024), arXiv 2405.15116 |
# | Where | Section 5.1 and Figure 2(a)–(c) |
# | Inputs | the networks of 25 seeds, trained as released and shipped in `data/representations/figure2` |
# | Outputs | rows `20_*`, figures `20_*`, eighteen claims |
# | About | the paper's synthetic figure over 25 seeds, and how far ε explains what gain lacks of misfit |
# | Time | about a minute and a half on 2 cores |
#
# **The set-up, at the paper's sizes.** Inputs: 8 independent Gaussians of standard deviation 500. A representation is a stack of blocks (linear layer with bias, ReLU), 16 units wide; a head is linear with
# bias. The truth is $f^\star\circ h^\star$ with five blocks. Ten tasks of 2000 points serve to pre-train representations; 100 new tasks, with new heads and new points, serve to measure gain and misfit.
#
# | panel | strong representation | weak representation |
# | --- | --- | --- |
# | a, realizable | $h^\star$ itself | 2 blocks, pre-trained (our choice) |
# | b, not realizable | 8 blocks, pre-trained | 2 blocks, pre-trained |
# | c, not realizable | $h^\star$ + noise of sd 0.01 on every weight | $h^\star$ + noise of sd 0.05 |
#
# **What is predicted.** The paper reads its figure as gain ≈ misfit. Held to numbers that are round and the same for every panel
# and every notebook: over the 100 tasks of a seed, a **correlation of at least 0.9**, all gain / all misfit **between 0.9 and
# 1.1**, and a student that beats its teacher in **at least 95 %** of the tasks. The paper shows one seed; here the statement is
# about the median over seeds. (In (b) and (c) that gain *equals* misfit is a reading: Theorem 2 promises less there, and the released
# figure has less. A prototype with ten seeds had been seen when this was written; the limits were not fitted to it.)
# In most seeds the student wins every task, and a median of ones has an interval without length. So the last statement is asked in
# a form that says the same: **at least half** of the seeds have those 95 %. It was put so after results had been seen.
#
# Three things differ from the released notebook (see DEVIATIONS.md): heads are solved for instead of trained, the weak model labels
# points that it has not seen, gain and misfit are measured on the same points. They are switched back one at a time at the end.

# %% tags=["parameters"]
seeds = list(range(25))  # each with its own truth, networks, tasks and points
few_seeds = [0, 1, 2]  # for what takes long, or only illustrates
tasks = 100  # fine-tuning tasks
rows = 2000  # points per fine-tuning task, for the weak head, the student and the evaluation alike
many_rows = 10000  # the same in the low-noise version of panel a
penalty = 1e-4  # ridge, relative to the mean feature variance
other_penalties = [1e-6, 1e-3]  # to see what the penalty does; plain least squares is shown as well
released_epochs = 1000  # of AdamW for each head, as released
live_epochs = 10  # of pre-training again, here and now, for the first seed

# %%
import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from joblib import delayed

from w2s_utils import figures, results, runtime
from w2s_utils.experiments import figure_2_networks, figure_2abc, parameters
from w2s_utils.experiments.figure_2_released import ADAMW, SWITCHES, switched, with_adamw
from w2s_utils.experiments.figure_2abc import BETTER, BETTER_IN
from w2s_utils.experiments.network_training import TASK_AFTER_TASK, Schedule
from w2s_utils.experiments.networks import gaussian_inputs, random_heads
from w2s_utils.heads.linear import LeastSquaresHead, RidgeHead
from w2s_utils.theory import intervals, misfit

figures.style()
ledger = results.Ledger(
    "20_figure_2abc",
    claims=[
        "figure-2/exact",
        "figure-2a/correlation",
        "figure-2a/gain-per-misfit",
        "figure-2a/student-better",
        "figure-2b/correlation",
        "figure-2b/gain-per-misfit",
        "figure-2b/student-better",
        "figure-2c/correlation",
        "figure-2c/gain-per-misfit",
        "figure-2c/student-better",
        "figure-2b/released-correlation",
        "figure-2b/released-gain-per-misfit",
        "figure-2b/released-strong-loss",
        "figure-2b/released-weak-loss",
        "figure-2b/gap-follows-eps",
        "figure-2b/eps-across-seeds",
        "figure-2b/adamw-heads",
        "figure-2b/as-released",
    ],
)
KEYS = ["setting", "seed", "panel", "task"]
STAGES = figure_2_networks.RELEASED.epochs
AS_RELEASED = f"{STAGES[-1]} epochs"
parameters.each_of(figure_2_networks.SEEDS, at_least=6, seeds=seeds)  # a median's interval takes six
parameters.each_of(seeds, at_least=2, few_seeds=few_seeds)
parameters.whole(3, tasks=tasks)
parameters.whole(20, rows=rows)
parameters.whole(rows + 1, many_rows=many_rows)
parameters.number(0, penalty=penalty)
parameters.each_number(0, other_penalties=other_penalties)
parameters.whole(1, released_epochs=released_epochs)
parameters.one_of(STAGES, live_epochs=live_epochs)
if penalty in other_penalties:
    raise ValueError(f"other_penalties are others than penalty, {penalty:g}, not {other_penalties}")
ridge = RidgeHead(penalty)

# %% [markdown]
# ## The networks, trained as released
#
# The heads of the ten pre-training tasks are known and stay as they are; only the representation learns: task after task inside an epoch, batches of 32, AdamW with a learning
# rate of 1e-3, 1000 epochs, 630,000 steps. That carries the last bit of a processor's arithmetic into the second digit of a correlation, so the networks of 25 seeds come with
# the repository and every machine judges the same ones. `make pretrain MODEL=figure2` trains them again.
#
# The released notebook's own run of panel b ends at mean squared errors of 0.059 (strong) and 0.41 (weak). Here, 5 % quantile, median
# and 95 % quantile over the seeds at six stages:

# %%
RELEASED_LOSS = {"strong": 0.059, "weak": 0.41}
losses = pd.DataFrame(figure_2_networks.losses())
losses = losses[losses["seed"].isin(seeds)]
ends = losses[(losses["schedule"] == "released") & losses["epoch"].isin(STAGES)]
of_seeds = ends.groupby(["network", "epoch"])["loss"].quantile([0.05, 0.5, 0.95]).unstack()
of_seeds.round(3)

# %% [markdown]
# One seed is trained again here, for a few epochs, and compared with what was shipped. On the processor that trained the shipped
# networks the difference is 0; elsewhere it starts with the last bits and grows.

# %%
start = figure_2abc.start(seeds[:1])
live, _ = figure_2abc.pretrained_worlds(start, Schedule((live_epochs,), TASK_AFTER_TASK, batch_rows=32))
[shipped] = figure_2_networks.worlds(seeds[:1], live_epochs)
points = gaussian_inputs(rows, runtime.seed_stream(seeds[0], "live"))
for network in figure_2_networks.NETWORKS:
    now, then = (getattr(world, network).features(points) for world in (live[live_epochs][0], shipped))
    apart = np.abs(now - then).max() / np.abs(then).max()
    print(f"{network}, {live_epochs} epochs: features differ by {apart:.1e} of the largest")

# %% [markdown]
# ## What is exact
#
# Take the points that the student was fitted on as the distribution, and plain least squares as the head, the exact
# projection. Then three things hold to round-off for every task: in (a) gain = misfit (theorem 1 for a subspace); in every panel gain −
# misfit is the cross term $2\langle p-w,\,g-s\rangle$ with $s$ the strong head fitted to the truth; and its size is at most
# $2\sqrt{\varepsilon\cdot\text{misfit}}$ (theorem 2).


# %%
def exact_parts(world: figure_2abc.World, panel: str) -> dict[str, float]:
    """Largest departure from each of the three over the tasks, relative to misfit or (the bound) to its own size."""
    weak, strong = world.pair(panel)
    heads = random_heads(tasks, runtime.seed_stream(world.seed, "fine-tuning heads"))
    inputs = gaussian_inputs(2 * rows, runtime.seed_stream(world.seed, "own points"))
    truth = heads.predict(world.target.features(inputs))
    weak_head = LeastSquaresHead().fit(weak.features(inputs[:rows]), truth[:rows])
    labels = weak_head.predict(weak.features(inputs[rows:]))
    features, own = strong.features(inputs[rows:]), truth[rows:]
    student, nearest = (LeastSquaresHead().fit(features, goal).predict(features) for goal in (labels, own))
    triple = misfit.error_triple(own, labels, student)
    of_class = 2 * np.mean((student - labels) * (own - nearest), axis=0)
    bound = 2 * np.sqrt(np.mean((own - nearest) ** 2, axis=0) * triple.misfit)
    gap = triple.gain - triple.misfit
    found = {"gap - class's part": np.abs(gap - of_class) / triple.misfit}
    if panel == "a":
        found["gap in (a)"] = np.abs(gap) / triple.misfit
    else:
        found["gap beyond the bound"] = np.maximum(np.abs(gap) - bound, 0) / bound
    return {name: float(values.max()) for name, values in found.items()}


worlds = figure_2_networks.worlds(seeds)
jobs = [delayed(exact_parts)(world, panel) for world in worlds for panel in figure_2abc.PANELS]
exact = pd.DataFrame(runtime.parallel(jobs)).max()
ledger.claim(
    "figure-2/exact",
    where="Theorems 1 and 2 in Figure 2(a)-(c)",
    statistic=f"largest of {', '.join(exact.index)}; {tasks} tasks, {len(seeds)} seeds, own points, relative",
    found=exact.max(),
    high=1e-8,
)

# %% [markdown]
# ## The three panels
#
# From here on everything is measured on fresh points: 2000 points train the weak head, 2000 others carry its labels to the student, 2000 more measure gain and misfit. Every
# task has points of its own. Heads are ridge with a penalty of $10^{-4}$ of the mean feature variance; why not plain least squares is shown further down.


# %%
def measured(world, panel, setting, rows, weak_head=ridge, strong_head=ridge, **options):
    """Rows of one panel of one seed: errors of every task on ``rows`` fresh points (keyword options as panel_outcomes)."""
    outcomes = figure_2abc.panel_outcomes(world, panel, rows, rows, weak_head, strong_head, tasks, **options)
    return figure_2abc.panel_rows(outcomes, setting=setting, seed=world.seed, panel=panel)


jobs = [
    delayed(measured)(world, panel, AS_RELEASED, rows) for world in worlds for panel in figure_2abc.PANELS
]
found = results.save_rows("20_panels", [row for part in runtime.parallel(jobs) for row in part], keys=KEYS)


# %%
def cloud(part: pd.DataFrame) -> pd.Series:
    """What a reader should know of the tasks of one seed."""
    bound = misfit.theorem_2_bound(part["misfit"], part["ceiling"])
    return pd.Series(
        {
            "correlation": part["gain"].corr(part["misfit"]),
            "gain / misfit": part["gain"].sum() / part["misfit"].sum(),
            BETTER: (part["gain"] > 0).mean(),
            "eps / misfit": part["ceiling"].sum() / part["misfit"].sum(),
            "misfit": part["misfit"].mean(),
            "student's part": part["cross_student"].sum() / part["misfit"].sum(),
            "class's part": part["cross_class"].sum() / part["misfit"].sum(),
            "bound > 0": (bound > 0).mean(),
            "below bound": (part["gain"] < bound).mean(),
        }
    )


NEEDED = ["gain", "misfit", "ceiling", "cross_student", "cross_class"]


def clouds(table: pd.DataFrame, *by: str) -> pd.DataFrame:
    return table.groupby(list(by))[NEEDED].apply(cloud)


by_seed = clouds(found, "panel", "seed")
quantiles = by_seed.groupby("panel").quantile([0.05, 0.5, 0.95])
quantiles.round(3)

# %% [markdown]
# *bound > 0*: tasks for which misfit − 2√(ε · misfit) promises a gain at all; *below bound*: tasks with less gain than that. In (a), with ε = 0, the bound is the misfit itself: on fresh
# points, with a student of finitely many rows, about half of the tasks lie a little below it (the student's part).

# %% [markdown]
# ## The released figure
#
# The released notebook shows panel (b) for one seed. Read off the picture (77 of its about 100 marks can be told apart, the rest lie
# on others), its correlation is about 0.94 and its gain / misfit about 0.87.

# %%
RELEASED_FIGURE = {"correlation": 0.94, "gain / misfit": 0.87}
titles = {
    "a": "(a) realizable: h_s = h*",
    "b": "(b) 8 against 2 blocks, as released",
    "c": "(c) h* perturbed",
}
table = results.load_rows("20_panels", keys=KEYS)
fig, grid = plt.subplots(2, 3, figsize=(13, 8.2), height_ratios=[2.2, 1])
for (upper, lower), (panel, part) in zip(grid.T, table.groupby("panel"), strict=True):
    of_panel = by_seed.loc[panel]
    middle = of_panel["gain / misfit"].rank(method="first").sub((len(of_panel) + 1) // 2).abs().idxmin()
    one = part[part["seed"] == middle]
    if panel != "a":
        top = 1.05 * one[["misfit", "gain"]].max().max()
        figures.theorem_2_band(upper, one["ceiling"].median(), top, label="theorem 2, median ε")
    figures.gain_misfit(upper, one["misfit"], one["gain"], label=f"{tasks} tasks", s=16)
    figures.fit_limits(upper, one["misfit"], one["gain"])
    upper.set(title=f"{titles[panel]}\nthe middle seed, {middle}")
    upper.legend(loc="lower right")
    for height, name, marker, colour in (
        (1, "correlation", "o", figures.BLUE),
        (0, "gain / misfit", "D", figures.VERMILION),
    ):
        spots = height + np.linspace(-0.16, 0.16, len(of_panel))
        values = np.clip(of_panel[name].sort_values(), -0.2, None)
        lower.plot(values, spots, marker, ms=5, alpha=0.7, color=colour)
        lower.plot([of_panel[name].median()] * 2, [height - 0.3, height + 0.3], color="black", lw=2)
        if panel == "b":
            lower.plot(RELEASED_FIGURE[name], height + 0.36, "v", color="black", ms=8)
    lower.axvline(1, color=figures.GREY, lw=1, ls="--")
    lower.set(yticks=[0, 1], yticklabels=["gain / misfit", "correlation"], ylim=(-0.6, 1.6))
    lower.set(xlim=(-0.25, 1.3), xlabel=f"each of {len(of_panel)} seeds; bar: median")
figures.show(
    fig,
    "20_panels",
    "Above: gain against misfit for the 100 tasks of the middle seed in each panel. Below: correlation and gain / misfit of all "
    "seeds. In (a) both are near 1; in (b) both spread widely below 1, with the released figure (triangles) among them; (c) "
    "lies between.",
)

# %% [markdown]
# **What to see.** Above, one point per task, in squared units of the targets; the seed is the one in the middle of its panel by gain /
# misfit, and the band is misfit $\pm\,2\sqrt{\varepsilon\,\text{misfit}}$ for that seed. Below, one point per seed (values below
# −0.2 at the rim), the black triangles are the released figure. Panel (b) is a distribution, not a number.

# %%
NAMES = {"correlation": "correlation", "gain / misfit": "gain-per-misfit", BETTER: "student-better"}
WORDS = {
    "correlation": "gain follows misfit over the tasks",
    "gain / misfit": "gain = misfit, a ratio of 1",
    BETTER: "in at least half of the seeds the student beats its teacher in nearly every task",
}
STATISTICS = {"correlation": f"median over {len(seeds)} seeds of the correlation of gain and misfit"}
STATISTICS["gain / misfit"] = f"median over {len(seeds)} seeds of all gain / all misfit"
STATISTICS[BETTER] = (
    f"share of {len(seeds)} seeds with {BETTER} in {100 * BETTER_IN:g} % of the tasks or more"
)
OVER = dict.fromkeys(NAMES, f"95 % interval for the median over {len(seeds)} seeds, from order statistics")
OVER[BETTER] = "95 % interval of Clopper and Pearson over seeds"
READ_INTO = {
    ("gain / misfit", "b"),
    ("gain / misfit", "c"),
}  # Theorem 2 allows less there, and the released figure has less
for panel in figure_2abc.PANELS:
    for name, claim in NAMES.items():
        ledger.finding(
            f"figure-2{panel}/{claim}",
            f"Figure 2({panel})",
            WORDS[name],
            figure_2abc.PREDICTED[name],
            f"{STATISTICS[name]}, {tasks} tasks, {rows} points",
            *figure_2abc.statement(name, by_seed.loc[panel, name]),
            interval=OVER[name],
            stated_by="a reading" if (name, panel) in READ_INTO else "the paper",
        )

# %% [markdown]
# Is the released figure one that could come from these seeds? It is not where it lies beyond nearly all of them: the share of seeds at or below it would then be near 0 or 1.

# %%
final = ends[ends["epoch"] == STAGES[-1]].groupby("network")["loss"]
released = [("correlation", by_seed.loc["b", "correlation"], RELEASED_FIGURE["correlation"])]
released += [("gain-per-misfit", by_seed.loc["b", "gain / misfit"], RELEASED_FIGURE["gain / misfit"])]
released += [(f"{name}-loss", final.get_group(name), loss) for name, loss in RELEASED_LOSS.items()]
for claim, values, was in released:
    ledger.finding(
        f"figure-2b/released-{claim}",
        "Figure 2(b), the released notebook",
        f"its {claim.replace('-', ' ')}, {was}, is that of one seed among others",
        (0.025, 0.975),
        f"share of {len(values)} seeds at or below it",
        *intervals.share(int((values <= was).sum()), len(values)),
        interval="95 % interval of Clopper and Pearson over seeds",
        stated_by="ours",
    )

# %% [markdown]
# ## Does $\varepsilon$ set the gap?
#
# $\text{gain}=\text{misfit}+\text{cross term}$ holds for every task exactly, and the cross term has two parts (notebook 11), with $s$ the
# strong head fitted to the truth:
#
# $$\underbrace{2\langle p-w,\,s-p\rangle}_{\text{the student's own: finitely many rows}}\;+\;\underbrace{2\langle p-w,\,g-s\rangle}_{\text{the class's: what it cannot express}}$$
#
# The second is what theorem 2 bounds by $2\sqrt{\varepsilon\cdot\text{misfit}}$. So gain / misfit $\ge 1-2\sqrt{\varepsilon/\text{misfit}}$
# up to the first. Both networks are now taken at six stages of their training. (All tasks of a seed share their points here,
# to save time. As the last row the short training of earlier versions of this notebook: 100 epochs of pooled batches of 250.)


# %%
def at_stage(epochs: int, schedule: str, label: str) -> list[dict]:
    """Rows of panels a and b of all seeds with networks of a stage of a schedule."""
    return [
        row
        for world in figure_2_networks.worlds(seeds, epochs, schedule)
        for panel in ("a", "b")
        for row in measured(world, panel, label, rows, points_per_task=False)
    ]


jobs = [delayed(at_stage)(epochs, "released", f"{epochs} epochs") for epochs in STAGES]
jobs += [delayed(at_stage)(100, "short", "short")]
sweep = results.save_rows("20_stages", [row for part in runtime.parallel(jobs) for row in part], keys=KEYS)
stages = clouds(sweep, "panel", "setting", "seed")
order = [*(f"{epochs} epochs" for epochs in STAGES), "short"]
middle = stages.groupby(["panel", "setting"]).median().reindex(order, level="setting")
middle[["correlation", "gain / misfit", "eps / misfit", "class's part", "student's part"]].round(3)

# %%
table = clouds(results.load_rows("20_stages", keys=KEYS), "panel", "setting", "seed").loc["b"]
fig, (left, right) = plt.subplots(1, 2, figsize=(12.5, 4.6))
for name, marker, colour in (
    ("gain / misfit", "D-", figures.VERMILION),
    ("eps / misfit", "s--", figures.BLUE),
    ("correlation", "o:", figures.GREEN),
):
    ends_of = table[name].unstack("setting")[[f"{epochs} epochs" for epochs in STAGES]]
    left.plot(STAGES, ends_of.median(), marker, color=colour, label=f"{name}, median of seeds")
    left.fill_between(STAGES, ends_of.quantile(0.25), ends_of.quantile(0.75), color=colour, alpha=0.15, lw=0)
left.set(xscale="log", xticks=STAGES, xticklabels=STAGES, ylim=(-0.05, 3.6))
left.set(xlabel="epochs of pre-training, both networks", ylabel="of a seed, no unit")
left.minorticks_off()
left.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
for setting, marker, colour in (
    (f"{STAGES[1]} epochs", "^", figures.ORANGE),
    (f"{STAGES[-1]} epochs", "D", figures.VERMILION),
):
    part = table.xs(setting, level="setting")
    x, y = np.sqrt(part["eps / misfit"]), part["gain / misfit"]
    right.plot(x, y, marker, ms=6, color=colour, label=setting)
grid = np.linspace(0, 1, 50)
right.plot(grid, 1 - 2 * grid, color="black", lw=1.5, label="theorem 2: at least 1 − 2 √(ε / misfit)")
right.axhline(1, color=figures.GREY, lw=1, ls="--")
right.set(xlabel="√(ε / misfit) of a seed", ylabel="gain / misfit of a seed")
right.set(ylim=(-0.6, 1.3), xlim=(0, None))
right.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
figures.show(
    fig,
    "20_stages",
    "Left: as both networks of panel b train for longer, epsilon / misfit falls, and gain / misfit falls at first and rises after the second stage "
    "(median over seeds, shaded the middle half). Right: seed by seed, gain / misfit falls with the root of epsilon / misfit and stays above the "
    "bound of theorem 2.",
)

# %% [markdown]
# **What to see.** Left: from the second stage on, as the strong class comes nearer to the truth, gain comes nearer to misfit. The first
# stage does not fit: there $\varepsilon$ is largest beside the misfit, and yet gain is nearer to misfit than at any later stage, for the teacher errs mostly where the
# strong class can follow the truth. $\varepsilon$ bounds the class's part and does not set it. Right: across seeds the two go together,
# far above the bound, which is for the worst direction.
#
# The prediction, written before these stages were run, is for each seed over all six stages.

# %%
released_stages = stages.loc["b"].drop("short", level="setting")
ranks = [
    one["gain / misfit"].corr(one["eps / misfit"], method="spearman")
    for _, one in released_stages.groupby("seed")
]
ledger.finding(
    "figure-2b/gap-follows-eps",
    "Figure 2(b), Theorem 2",
    "the smaller ε beside the misfit, the nearer gain to misfit",
    (-math.inf, -0.5),
    f"mean over {len(ranks)} seeds of Spearman's correlation of gain / misfit and ε / misfit over {len(STAGES)} stages of training",
    *intervals.mean_t(ranks),
    interval="95 % interval over seeds, Student's t",
    stated_by="a reading",
)
at_end = by_seed.loc["b"]
ledger.report(
    "figure-2b/eps-across-seeds",
    "Figure 2(b), Theorem 2",
    f"correlation of gain / misfit and sqrt(eps / misfit) over {len(at_end)} seeds, {AS_RELEASED}",
    *intervals.correlation(at_end["gain / misfit"], np.sqrt(at_end["eps / misfit"])),
    reason="seen before it was written down, so no finding; 95 % interval over seeds, Fisher's z",
)

# %% [markdown]
# Which seeds stand out? Those with the least gain / misfit in (b), with the parts that explain it: 1 + student's part + class's
# part is gain / misfit, and the class's part may be as large as $2\sqrt{\varepsilon/\text{misfit}}$.

# %%
explained = at_end.sort_values("gain / misfit")
explained = explained[["gain / misfit", "student's part", "class's part", "eps / misfit", "correlation"]]
explained.insert(3, "largest class's part", 2 * np.sqrt(explained["eps / misfit"]))
pd.concat([explained.head(4), explained.tail(2)]).round(3)

# %% [markdown]
# In (a) there is no class's part, and what is left is the student's own: finitely many points. More points shrink it.

# %%
jobs = [
    delayed(measured)(world, "a", f"{number} points", number, points_per_task=False)
    for number in (rows, many_rows)
    for world in worlds
]
points = results.save_rows("20_points", [row for part in runtime.parallel(jobs) for row in part], keys=KEYS)
apart = clouds(points, "setting", "seed")["gain / misfit"].sub(1).abs()
print("Panel (a), |gain / misfit - 1| over seeds")
apart.groupby("setting").describe()[["50%", "max"]].round(4)

# %% [markdown]
# ## A trap: plain least squares on dead units
#
# Deep networks with default initial values have dead and nearly dead ReLU units: features that are zero on almost all
# points. The least-squares head may give such a feature any coefficient that the few non-zero values ask for, and on a fresh
# point where the unit is alive, the prediction is anything. A weak model with one such point among its labels hands it on.
#
# To see it, do not look at the correlation first. Look at the largest misfit. Panel (a), networks trained as released and by the short training.


# %%
def with_head(world, training, head):
    """Rows of panel (a) of one seed with another head for the weak model and the student."""
    name = f"penalty {head.penalty:g}" if isinstance(head, RidgeHead) else "least squares"
    return measured(world, "a", f"{training}, {name}", rows, head, head)


few = [world for world in worlds if world.seed in few_seeds]
short = figure_2_networks.worlds(few_seeds, 100, "short")
heads = [LeastSquaresHead(), *map(RidgeHead, [*other_penalties, penalty])]
cases = [(training, world) for training, group in (("released", few), ("short", short)) for world in group]
jobs = [delayed(with_head)(world, training, head) for head in heads for training, world in cases]
trap = results.save_rows("20_penalties", [row for part in runtime.parallel(jobs) for row in part], keys=KEYS)


def wildest(part: pd.DataFrame) -> pd.Series:
    """The largest misfit in median misfits, and the correlation, of one seed."""
    return pd.Series(
        {
            "largest misfit": part["misfit"].max() / part["misfit"].median(),
            "correlation": part["gain"].corr(part["misfit"]),
        }
    )


trap.groupby(["setting", "seed"])[["misfit", "gain"]].apply(wildest).unstack().round(3)

# %% [markdown]
# **What to see.** With the shortly trained networks and least squares single tasks go wild: their misfit is many medians, gain goes with it, and such a point can ruin the
# *correlation* of a seed or make it look perfect. With networks trained as released it is rarer. From a penalty of $10^{-4}$ on nothing changes any more: that is how the
# value was chosen, on shortly trained networks. Training by small steps, as in the released notebook, acts as such a penalty.

# %% [markdown]
# ## As released
#
# The released notebook (for panel b) differs in three ways, which are switched back here, two of them alone and together, and then the heads as well:
#
# 1. heads by AdamW (learning rate 1e-3, batches of 32, 1000 epochs) instead of the solution;
# 2. weak labels on the points on which the weak head was fitted;
# 3. gain and misfit measured on two different samples of 2000 points.
#
# All tasks of a seed share their points, so that their heads can take their AdamW steps side by side.

# %%
halves = [half.tolist() for half in np.array_split(range(len(few)), 2) if len(half)]
jobs = [delayed(with_adamw)([few[k] for k in half], rows, tasks, released_epochs) for half in halves]
jobs += [delayed(switched)(world, setting, ridge, rows, tasks) for setting in SWITCHES for world in few]
released = results.save_rows(
    "20_released", [row for part in runtime.parallel(jobs) for row in part], keys=KEYS
)
released_lines = released.groupby(["setting", "seed"])[["gain", "misfit"]].apply(
    lambda part: pd.Series(
        {
            "correlation": part["gain"].corr(part["misfit"]),
            "gain / misfit": part["gain"].sum() / part["misfit"].sum(),
        }
    )
)
released_lines.round(3)

# %%
wide = released_lines["gain / misfit"].unstack("setting")
for claim, setting, without in (
    ("adamw-heads", ADAMW, "both"),
    ("as-released", ADAMW, "here"),
):
    ledger.report(
        f"figure-2b/{claim}",
        "Figure 2(b), the released notebook",
        f"mean over {len(wide)} seeds of the change in gain / misfit from '{without}' to '{setting}'",
        *intervals.mean_t(wide[setting] - wide[without]),
        reason="nothing predicts it; 95 % interval over seeds, Student's t",
    )

# %% [markdown]
# **What it means.** The table above has the size of each switch, seed by seed. Two samples instead of one change little: the tasks of a seed share their points here, so the
# second sample moves all of them together. Labels on own rows, and heads by AdamW instead of solved ones, move single seeds in either direction; what they do on average three
# seeds do not tell (the two intervals above; notebook 22 has AdamW on more seeds, notebook 13 own rows). Solving is far faster (`make benchmark`).

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
