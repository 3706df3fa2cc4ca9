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
#       other_seeds: [5, 6]
#       tasks: 6
#       rows: 200
#       many_rows: 300
#       pretraining_tasks: 3
#       pretraining_rows: 250
#       epochs: 2
#       weak_epochs: [1]
#       other_penalties: [1.0e-6]
#       released_epochs: 3
#       released_seeds: [0, 1]
#     timeout: 900
# ---

# %% [markdown]
# # Figure 2(a)–(c): gain against misfit for small networks
#
# **Claim.** Over 100 tasks, the gain of the student over its weak teacher is close to its misfit: on the line gain = misfit
# where the strong class holds the truth (panel a), near it or somewhat below where it does not (panels b and c).
#
# | | |
# | --- | --- |
# | Paper | Charikar, Pabbaraju, Shiragur (2024), arXiv 2405.15116 |
# | Where | Section 5.1 and Figure 2(a)–(c) |
# | Inputs | none: every network, task and point is generated |
# | Outputs | rows `20_*`, figures `20_*`, seventeen claims |
# | About | the paper's synthetic figure, and what moves it |
# | Time | about 3 minutes on 2 cores |
#
# **The set-up, at the paper's sizes.** Inputs: 8 independent Gaussians of standard deviation 500. A representation is a stack
# of blocks (linear layer with bias, ReLU), 16 units wide; a head is linear with bias. The truth is $f^\star\circ h^\star$ with five
# blocks. Ten tasks of 2000 points serve to pre-train representations; 100 new tasks, with new heads and new points, serve
# to measure gain and misfit.
#
# | panel | strong representation | weak representation |
# | --- | --- | --- |
# | a, realizable | $h^\star$ itself | 2 blocks, pre-trained (our choice) |
# | b, not realizable | 8 blocks, pre-trained | 2 blocks, pre-trained |
# | c, not realizable | $h^\star$ + noise of sd 0.01 on every weight | $h^\star$ + noise of sd 0.05 |
#
# Four things differ from the released notebook (see DEVIATIONS.md): heads are solved for instead of trained, the weak model labels
# points that it has not seen, gain and misfit are measured on the same points, and pre-training takes fewer, larger
# steps. The first three are switched back one at a time at the end.

# %% tags=["parameters"]
seeds = [0, 1, 2, 3, 4]  # each with its own truth, networks, tasks and points
other_seeds = list(range(5, 25))  # to see how typical those five are
tasks = 100  # fine-tuning tasks
rows = 2000  # points per fine-tuning task, for the weak head, the student and the evaluation alike
many_rows = 10000  # the same in the low-noise version of panel a
pretraining_tasks = 10  # known heads that shape the representations
pretraining_rows = 2000  # points per pre-training task
epochs = 100  # of pre-training, strong and weak (batches of 250)
weak_epochs = [25, 50, 200]  # other amounts of pre-training for the weak representation
penalty = 1e-4  # ridge, relative to the mean feature variance
other_penalties = [1e-6, 1e-3]  # to see what the penalty does; plain least squares is shown as well
released_epochs = 1000  # of AdamW for each head, as released
released_seeds = [0, 1, 2]  # seeds for the comparison with the released procedure

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from joblib import delayed

from w2s_utils import figures, results, runtime
from w2s_utils.experiments import figure_2abc
from w2s_utils.experiments.networks import gaussian_inputs, random_heads
from w2s_utils.experiments.released import AdamWHead
from w2s_utils.heads.linear import LeastSquaresHead, RidgeHead
from w2s_utils.theory.misfit import theorem_2_bound

figures.style()
ledger = results.Ledger(
    "20_figure_2abc",
    claims=[
        "figure-2a/projection-equality",
        "figure-2a/correlation",
        "figure-2a/correlation-10000",
        "figure-2a/slope-10000",
        "figure-2b/correlation",
        "figure-2b/bound-violations",
        "figure-2b/gains-not-positive",
        "figure-2c/correlation",
        "figure-2c/bound-violations",
        "figure-2c/gains-not-positive",
        "figure-2b/slope-from-the-class",
        "figure-2a/other-seeds",
        "figure-2b/other-seeds",
        "figure-2c/other-seeds",
        "figure-2b/longer-weak-training",
        "figure-2/adamw-heads",
        "figure-2/as-released",
    ],
)
ridge = RidgeHead(penalty)
KEYS = ["setting", "seed", "panel", "task"]

# %% [markdown]
# ## Pre-training
#
# The heads of the ten pre-training tasks are known and stay as they are; only the representation learns. All seeds are
# trained side by side. What counts below is not the loss itself but what it does to the two distances: $\varepsilon$, how far
# the truth is from the strong class, and the misfit.

# %%
worlds, curve = figure_2abc.pretrained_worlds(seeds, epochs, tasks=pretraining_tasks, rows=pretraining_rows)
curve = results.save_rows("20_pretraining", curve, keys=["seed", "network", "epoch"])
curve[curve["epoch"] == epochs].pivot(index="network", columns="seed", values="loss").round(3)

# %% [markdown]
# Mean squared error per point in the last epoch. The released notebook's own run of panel b, one seed, ends at about 0.06
# (strong) and 0.4 (weak) per batch after 1000 epochs with batches of 32: our representations are trained less. What that does
# to panel b is measured further down.

# %% [markdown]
# ## On the rows of the projection, equality
#
# Theorem 1 speaks of the distribution on which the student is the projection. Take the student's own points as that
# distribution, and $h_s=h^\star$: gain and misfit must be *equal*, task by task, to round-off. The head is plain least squares
# here, the exact projection.


# %%
def own_points(world: figure_2abc.World) -> float:
    """Largest |gain / misfit - 1| over tasks, measured on the points the student was fitted on."""
    weak, strong = world.pair("a")
    heads = random_heads(tasks, runtime.seed_stream(world.seed, "fine-tuning heads"))
    points = gaussian_inputs(2 * rows, runtime.seed_stream(world.seed, "own points"))
    truth = heads.predict(world.target.features(points))
    weak_head = LeastSquaresHead().fit(weak.features(points[:rows]), truth[:rows])
    labels = weak_head.predict(weak.features(points[rows:]))
    features = strong.features(points[rows:])
    student = LeastSquaresHead().fit(features, labels).predict(features)
    gain = np.mean((labels - truth[rows:]) ** 2 - (student - truth[rows:]) ** 2, axis=0)
    return float(np.max(np.abs(gain / np.mean((student - labels) ** 2, axis=0) - 1)))


ledger.claim(
    "figure-2a/projection-equality",
    where="Figure 2(a), Theorem 1",
    statistic=f"largest |gain / misfit - 1| over {tasks} tasks and {len(seeds)} seeds, on the student's own points",
    found=max(own_points(world) for world in worlds),
    high=1e-8,
)

# %% [markdown]
# ## The three panels
#
# From here on everything is measured on fresh points: 2000 points train the weak head, 2000 others carry its
# labels to the student, 2000 more measure gain and misfit. Every task has points of its own. Heads are ridge with a
# penalty of $10^{-4}$ of the mean feature variance; why not plain least squares is shown further down.


# %%
def measured(world, panel, setting, rows, weak_head=ridge, strong_head=ridge, **options):
    """Rows of one panel of one seed: errors of every task on ``rows`` fresh points (keyword options as panel_outcomes)."""
    outcomes = figure_2abc.panel_outcomes(world, panel, rows, rows, weak_head, strong_head, tasks, **options)
    return figure_2abc.panel_rows(outcomes, setting=setting, seed=world.seed, panel=panel)


jobs = [
    delayed(measured)(world, panel, f"{rows} points", rows)
    for world in worlds
    for panel in figure_2abc.PANELS
]
jobs += [delayed(measured)(world, "a", f"{many_rows} points", many_rows) for world in worlds]
found = results.save_rows("20_panels", [row for part in runtime.parallel(jobs) for row in part], keys=KEYS)


# %%
def line(part: pd.DataFrame) -> pd.Series:
    """Correlation and least-squares slope of gain on misfit, and what else a reader should know of a cloud of tasks."""
    return pd.Series(
        {
            "correlation": part["gain"].corr(part["misfit"]),
            "slope": np.polyfit(part["misfit"], part["gain"], 1)[0],
            "median eps": part["ceiling"].median(),
            "mean misfit": part["misfit"].mean(),
            "sd of misfit": part["misfit"].std(),
            "gains <= 0": int((part["gain"] <= 0).sum()),
            "bound above 0": int((theorem_2_bound(part["misfit"], part["ceiling"]) > 0).sum()),
            "below the bound": int((part["gain"] < theorem_2_bound(part["misfit"], part["ceiling"])).sum()),
        }
    )


def lines(table: pd.DataFrame, *by: str) -> pd.DataFrame:
    return table.groupby(list(by))[["gain", "misfit", "ceiling"]].apply(line)


by_seed = lines(found, "setting", "panel", "seed")
by_seed.round(3)

# %%
table = results.load_rows("20_panels", keys=KEYS)
table = table[table["setting"] == f"{rows} points"]
titles = {
    "a": "(a) realizable: h_s = h*",
    "b": "(b) 8 against 2 blocks, pre-trained",
    "c": "(c) h* perturbed",
}
fig, panels = plt.subplots(1, 3, figsize=(13, 4.8))
for axes, (panel, part) in zip(panels, table.groupby("panel"), strict=True):
    top = 1.05 * part[["misfit", "gain"]].max().max()
    if panel != "a":
        figures.theorem_2_band(axes, part["ceiling"].median(), top, label="theorem 2, median ε")
    for seed, colour in zip(seeds, figures.PALETTE, strict=False):
        one = part[part["seed"] == seed]
        figures.gain_misfit(axes, one["misfit"], one["gain"], label=f"seed {seed}", color=colour, s=12)
    figures.fit_limits(axes, part["misfit"], part["gain"])
    axes.set(title=titles[panel])
panels[0].legend(loc="upper left")
panels[1].legend(*[half[:1] for half in panels[1].get_legend_handles_labels()], loc="upper left")
figures.show(
    fig,
    "20_panels",
    "Gain against misfit for 100 tasks and 5 seeds in the three panels. In (a) the points follow the line gain = misfit; in (b) "
    "and (c) they scatter around and mostly somewhat below it, inside the band of theorem 2.",
)

# %% [markdown]
# **What to see.** One point per task, one colour per seed. (a) lies on the line, up to the noise of 2000 points. In (b) and
# (c) most points lie somewhat below: the gain is less than the misfit, as it may be when $\varepsilon>0$. The shaded band is
# misfit $\pm\,2\sqrt{\varepsilon\,\text{misfit}}$ for the median $\varepsilon$; the counts below use each task's own.

# %% [markdown]
# ## What is judged, and what is shown
#
# Whatever follows from the pre-trained networks is shown with its range over the seeds, not passed or failed: single precision adds in
# another order on another processor, a hundred epochs make that large, and so each processor trains its own networks.
# Panel (c) has none. Its representations are $h^\star$ and noise, both from a random generator, and are judged against the bound of
# theorem 2 and against limits set before this code ran.

# %%
usual = by_seed.loc[f"{rows} points"]
precise = by_seed.loc[(f"{many_rows} points", "a")]
LIMITS = {"a": 0.98, "b": 0.95, "c": 0.95}
TRAINED = "follows pre-trained networks, which differ from processor to processor; the interval is the least and the largest of the seeds"


def shown(claim: str, where: str, statistic: str, values: pd.Series) -> None:
    """Report the median over the seeds, with the least and the largest."""
    statistic = f"median over {len(values)} seeds of {statistic}"
    ledger.report(claim, where, statistic, values.median(), values.min(), values.max(), reason=TRAINED)


for panel in ("a", "b"):
    shown(
        f"figure-2{panel}/correlation",
        f"Figure 2({panel})",
        f"the correlation of gain and misfit, {rows} points",
        usual.loc[panel, "correlation"],
    )
shown(
    "figure-2a/correlation-10000",
    "Figure 2(a), more points",
    f"the correlation of gain and misfit, {many_rows} points",
    precise["correlation"],
)
shown(
    "figure-2a/slope-10000",
    "Figure 2(a), more points",
    f"the slope of gain on misfit, {many_rows} points",
    precise["slope"],
)
shown(
    "figure-2b/bound-violations",
    "Figure 2(b), Theorem 2",
    f"tasks of {tasks} with gain < misfit - 2 sqrt(eps misfit), which is above 0 for {usual.loc['b', 'bound above 0'].sum():.0f} in all",
    usual.loc["b", "below the bound"],
)
shown(
    "figure-2b/gains-not-positive",
    "Figure 2(b)",
    f"the share of {tasks} tasks with gain <= 0",
    usual.loc["b", "gains <= 0"] / tasks,
)

# %%
ledger.claim(
    "figure-2c/correlation",
    where="Figure 2(c)",
    statistic=f"least correlation of gain and misfit over {len(seeds)} seeds, {rows} points",
    found=usual.loc["c", "correlation"].min(),
    low=LIMITS["c"],
)
ledger.claim(
    "figure-2c/bound-violations",
    where="Figure 2(c), Theorem 2",
    statistic=f"tasks of {tasks * len(seeds)} with gain < misfit - 2 sqrt(eps misfit), which is above 0 for {usual.loc['c', 'bound above 0'].sum():.0f}",
    found=usual.loc["c", "below the bound"].sum(),
    low=0,
    high=0,
)
ledger.claim(
    "figure-2c/gains-not-positive",
    where="Figure 2(c)",
    statistic=f"share of {tasks * len(seeds)} tasks with gain <= 0",
    found=usual.loc["c", "gains <= 0"].sum() / (tasks * len(seeds)),
    low=0,
    high=0.02,
)

# %% [markdown]
# The limits were set before this code ran, from a prototype with other code, five seeds and a penalty of $10^{-6}$: it gave
# .9984 to .9999 in (a) with 10,000 points and .970 to .9985 in (b) and (c). The penalty here was chosen while looking at
# these five seeds (further down), so the twenty further seeds are the honest test; there the limits for (a) and (b) serve
# to count.
#
# In (a) $\varepsilon=0$, and more than half of the tasks fall below the line by sampling noise alone: the bound of theorem 2 is for
# the projection on the distribution, and its finite-sample terms are what is seen there. In (b) misfit is below
# $4\varepsilon$ for every task, so that the bound is negative: there theorem 2 promises nothing, and that gain follows misfit all
# the same is an observation. In (c) the bound is above zero for most tasks.

# %% [markdown]
# ## Why the slope is not 1
#
# $\text{gain}=\text{misfit}+\text{cross term}$ holds for every task exactly, so the slope of gain on misfit is 1 plus the slope of the
# cross term on misfit. With $s$ the strong head fitted to the truth, the cross term has two parts (notebook 11):
#
# $$\underbrace{2\langle p-w,\,s-p\rangle}_{\text{the student's own: finitely many rows}}\;+\;\underbrace{2\langle p-w,\,g-s\rangle}_{\text{the class's: what it cannot express}}$$
#
# If the second part explains the slope, the departure from 1 is the $\varepsilon$ of theorem 2 at work, not noise.


# %%
def slopes(part: pd.DataFrame) -> pd.Series:
    on_misfit = {
        name: np.polyfit(part["misfit"], part[name], 1)[0]
        for name in ("gain", "cross_student", "cross_class")
    }
    return pd.Series(
        {
            "slope of gain": on_misfit["gain"],
            "from the student": on_misfit["cross_student"],
            "from the class": on_misfit["cross_class"],
        }
    )


parts = (
    found[found["setting"] == f"{rows} points"]
    .groupby(["panel", "seed"])[["misfit", "gain", "cross_student", "cross_class"]]
    .apply(slopes)
)
parts["1 + both"] = 1 + parts["from the student"] + parts["from the class"]
parts.round(3)

# %%
in_b = parts.loc["b", "from the class"].to_numpy()
ledger.report(
    "figure-2b/slope-from-the-class",
    where="Figure 2(b)",
    statistic=f"mean over {len(seeds)} seeds of the slope on misfit of 2 <p - w, g - s>, to compare with slope of gain - 1",
    found=in_b.mean(),
    low=in_b.min(),
    high=in_b.max(),
    reason="no theory for its size; the interval is the least and the largest of the seeds",
)

# %%
table = results.load_rows("20_panels", keys=KEYS)
table = table[table["setting"] == f"{rows} points"]
fig, panels = plt.subplots(1, 3, figsize=(13, 4.2), sharey=True)
for axes, (panel, part) in zip(panels, table.groupby("panel"), strict=True):
    for name, label, colour in (
        ("cross_student", "the student's part", figures.ORANGE),
        ("cross_class", "the class's part", figures.BLUE),
    ):
        axes.scatter(
            part["misfit"], part[name] / part["misfit"], s=10, lw=0, alpha=0.6, color=colour, label=label
        )
    axes.axhline(0, color=figures.GREY, lw=1)
    axes.set(title=titles[panel], xlabel="misfit  |student − weak|²", xscale="log")
panels[0].set_ylabel("cross term / misfit")
panels[0].set_ylim(-1.6, 1.6)
panels[0].legend(loc="upper right")
figures.show(
    fig,
    "20_cross_term",
    "The two parts of the cross term, divided by the misfit, against the misfit in the three panels. In (a) the class's part is "
    "zero; in (b) and (c) it is mostly negative, with more scatter at small misfit, while the student's part stays near zero.",
)

# %% [markdown]
# **What to see.** In (a) there is no class's part; the student's part scatters around zero, less so the larger the misfit. In (b)
# and (c) the class's part (blue) takes off a part of the misfit, in small and in large misfits alike; what grows towards small
# misfits is its scatter.

# %% [markdown]
# ## A trap: plain least squares on dead units
#
# Deep networks with default initial values have dead and nearly dead ReLU units: features that are zero on almost all
# points. The least-squares head may give such a feature any coefficient that the few non-zero values ask for, and on a fresh
# point where the unit is alive, the prediction is anything. A weak model with one such point among its labels hands it on.
#
# To see it, do not look at the correlation first. Look at the largest misfit and at the task that is farthest from the line.


# %%
def with_head(world, panel, head):
    """Rows of one panel of one seed with another head for the weak model and the student."""
    name = f"penalty {head.penalty:g}" if isinstance(head, RidgeHead) else "least squares"
    return measured(world, panel, name, rows, head, head)


heads = [LeastSquaresHead(), *map(RidgeHead, other_penalties)]
jobs = [delayed(with_head)(world, panel, head) for head in heads for world in worlds for panel in ("a", "b")]
trap = results.save_rows("20_penalties", [row for part in runtime.parallel(jobs) for row in part], keys=KEYS)
ours = found[(found["panel"] != "c") & (found["setting"] == f"{rows} points")].assign(
    setting=f"penalty {penalty:g}"
)
compared = pd.concat([trap, ours])
compared["distance"] = (compared["gain"] - compared["misfit"]).abs()


def farthest(part: pd.DataFrame) -> pd.Series:
    """How far off the line the worst task is and how large the largest misfit, in median misfits; the correlations."""
    return pd.Series(
        {
            "farthest task": part["distance"].max() / part["misfit"].median(),
            "largest misfit": part["misfit"].max() / part["misfit"].median(),
            "least correlation": min(one["gain"].corr(one["misfit"]) for _, one in part.groupby("seed")),
            "largest correlation": max(one["gain"].corr(one["misfit"]) for _, one in part.groupby("seed")),
        }
    )


compared.groupby(["panel", "setting"])[["seed", "gain", "misfit", "distance"]].apply(farthest).round(3)

# %% [markdown]
# **What to see.** With least squares single tasks go wild: the largest misfit is a hundred or a thousand medians, or more. Gain explodes
# with it, and one such point makes the *correlation* look perfect. With a penalty of $10^{-6}$ the largest misfit of (b) is still
# dozens of medians, and on some processors a task of (a) stays far enough off the line to ruin the correlation of its seed. From
# $10^{-4}$ on nothing changes any more: that is how the value was chosen. Training by small steps, as in the released
# notebook, acts as such a penalty; this may be why nothing of the kind shows there.

# %% [markdown]
# ## How typical are these seeds, and this much pre-training?
#
# Twenty further seeds, and the weak representation pre-trained for less and for longer. (To save time all tasks of a seed share their points
# here, which makes the clouds a little tighter and their slopes noisier.)


# %%
def panels_of_seeds(some: list[int], panels: list[str], setting: str, weak_for: int) -> list[dict]:
    """Rows of some panels of some seeds, with the weak representation pre-trained for ``weak_for`` epochs."""
    several, _ = figure_2abc.pretrained_worlds(some, epochs, weak_for, pretraining_tasks, pretraining_rows)
    return [
        row
        for world in several
        for panel in panels
        for row in measured(world, panel, setting, rows, points_per_task=False)
    ]


jobs = [delayed(panels_of_seeds)(other_seeds[k::2], ["a", "b", "c"], "other seeds", epochs) for k in (0, 1)]
jobs += [delayed(panels_of_seeds)(seeds, ["b"], f"weak {number} epochs", number) for number in weak_epochs]
jobs += [
    delayed(measured)(world, "b", f"weak {epochs} epochs", rows, points_per_task=False) for world in worlds
]
typical = results.save_rows("20_typical", [row for part in runtime.parallel(jobs) for row in part], keys=KEYS)
summary = lines(typical, "setting", "panel", "seed")

# %%
others = summary.loc["other seeds"]
print("Further seeds: least, median and largest")
others.groupby("panel")[["correlation", "slope", "gains <= 0"]].agg(["min", "median", "max"]).round(3)

# %%
for panel, limit in LIMITS.items():
    reached = (others.loc[panel, "correlation"] >= limit).to_numpy(dtype=float)
    low, high = results.bootstrap_interval(reached, np.mean, seed=0)
    ledger.report(
        f"figure-2{panel}/other-seeds",
        where=f"Figure 2({panel})",
        statistic=f"share of {len(reached)} further seeds with a correlation of at least {limit}, the limit set before",
        found=reached.mean(),
        low=low,
        high=high,
        reason="nothing predicts it; 95 % bootstrap interval over seeds",
    )

# %%
trained = summary.drop("other seeds").reset_index()
trained["weak epochs"] = trained["setting"].str.extract(r"(\d+)").astype(int)
columns = ["correlation", "slope", "median eps", "mean misfit", "sd of misfit", "gains <= 0"]
trained.groupby("weak epochs")[columns].median().round(3)

# %%
longest = trained[trained["weak epochs"] == max([*weak_epochs, epochs])]["correlation"].to_numpy()
ledger.report(
    "figure-2b/longer-weak-training",
    where="Figure 2(b)",
    statistic=f"median correlation over {len(longest)} seeds with the weak model pre-trained for {max([*weak_epochs, epochs])} epochs",
    found=np.median(longest),
    low=longest.min(),
    high=longest.max(),
    reason="nothing predicts it; the interval is the least and the largest of the seeds",
)

# %% [markdown]
# **What it means.** Panels (a) and (c) are typical: nearly every further seed reaches its limit. Panel (b) is not: about
# half of them stay below 0.95. And it depends on how well the weak model is trained. More training makes
# its misfits smaller and more alike (mean and sd fall) while $\varepsilon$ stays, and the relation loosens.

# %% [markdown]
# ## As released
#
# The released notebook (for panel b) differs in four ways; three can be switched back here, each alone and then together:
#
# 1. heads by AdamW (learning rate 1e-3, batches of 32, 1000 epochs) instead of the solution;
# 2. weak labels on the points on which the weak head was fitted;
# 3. gain and misfit measured on two different samples of 2000 points.
#
# (The fourth, pre-training by a million small steps, would take hours.) All tasks of a seed share their points, so that
# their heads can take their AdamW steps side by side.

# %%
SWITCHES = {
    "here": dict(released_heads=False, own_rows=False, two_samples=False),
    "AdamW heads": dict(released_heads=True, own_rows=False, two_samples=False),
    "own rows": dict(released_heads=False, own_rows=True, two_samples=False),
    "two samples": dict(released_heads=False, own_rows=False, two_samples=True),
    "all three": dict(released_heads=True, own_rows=True, two_samples=True),
}


def switched(world: figure_2abc.World, setting: str) -> list[dict]:
    """Panel b with some of the released procedure's choices."""
    choice = SWITCHES[setting]
    head = AdamWHead(released_epochs) if choice["released_heads"] else ridge
    (outcome,) = figure_2abc.panel_outcomes(
        world, "b", rows, 2 * rows, head, head, tasks, points_per_task=False, own_rows=choice["own_rows"]
    )
    first, second = slice(0, rows), slice(rows, 2 * rows)
    of_misfit = second if choice["two_samples"] else first
    gain = np.mean(
        (outcome.weak - outcome.truth)[first] ** 2 - (outcome.student - outcome.truth)[first] ** 2, axis=0
    )
    misfit = np.mean((outcome.student - outcome.weak)[of_misfit] ** 2, axis=0)
    ceiling = np.mean((outcome.ceiling - outcome.truth)[first] ** 2, axis=0)
    return [
        {
            "setting": setting,
            "seed": world.seed,
            "panel": "b",
            "task": task,
            "gain": gain[task],
            "misfit": misfit[task],
            "ceiling": ceiling[task],
        }
        for task in range(tasks)
    ]


chosen = [world for world in worlds if world.seed in released_seeds]
jobs = [delayed(switched)(world, setting) for setting in SWITCHES for world in chosen]
released = results.save_rows(
    "20_released", [row for part in runtime.parallel(jobs) for row in part], keys=KEYS
)
released_lines = lines(released, "setting", "seed")
released_lines.round(3)

# %%
table = results.load_rows("20_released", keys=KEYS)
fig, panels = plt.subplots(1, len(SWITCHES), figsize=(15, 3.9), sharex=True, sharey=True)
for axes, setting in zip(panels, SWITCHES, strict=True):
    part = table[table["setting"] == setting]
    for seed, colour in zip(released_seeds, figures.PALETTE, strict=False):
        one = part[part["seed"] == seed]
        figures.gain_misfit(axes, one["misfit"], one["gain"], label=f"seed {seed}", color=colour, s=12)
    figures.fit_limits(axes, table["misfit"], table["gain"])
    axes.set(title=setting, ylabel=axes.get_ylabel() if axes is panels[0] else "", xlabel="misfit")
panels[0].legend(loc="upper left")
figures.show(
    fig,
    "20_released",
    "Panel b for three seeds with the released procedure's choices switched on: none, AdamW heads, weak labels on own rows, "
    "gain and misfit on two samples, all three. The clouds look alike but for two samples, which scatter more.",
)

# %%
wide = released_lines["correlation"].unstack("setting")
for claim, setting in (("adamw-heads", "AdamW heads"), ("as-released", "all three")):
    change = (wide[setting] - wide["here"]).to_numpy()
    ledger.report(
        f"figure-2/{claim}",
        where="Figure 2(b), the released notebook",
        statistic=f"mean over {len(change)} seeds of the change in correlation: {setting}",
        found=change.mean(),
        low=change.min(),
        high=change.max(),
        reason="nothing predicts it; the interval is the least and the largest of the seeds",
    )

# %% [markdown]
# **What it means.** Heads by AdamW and labels on own rows change little: correlations by less than 0.01, slopes by less than 0.1.
# Solving for the heads gives what 1000 epochs of AdamW come to, and is far faster (`make benchmark`). Two samples cost more: they move the slope of a seed by
# a tenth or more and lower its correlation by some hundredths, because the tasks of a seed share their points here and so share the
# noise of the second sample. Labels on own rows matter where rows are few (notebook 13).

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
