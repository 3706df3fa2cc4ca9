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
#     smoke: {data_sets: [FreeSolv], repeats: 2, folds: 5, directions: [8, 64], embedded_count: 300}
#     timeout: 900
# ---

# %% [markdown]
# # Molecules: the gap closes as the strong class comes to hold the truth
#
# **The question.** On fresh molecules gain falls short of misfit (notebook 31). Theorem 2 says what a shortfall is made of: the strong class does not hold the
# truth, and $\varepsilon$ is its squared distance from it. Here everything stays but the strong representation, which goes from a few random
# directions to four representations and their sums. Does gain come to the misfit as $\varepsilon$ falls?
#
# | | |
# | --- | --- |
# | Paper | Charikar, Pabbaraju, Shiragur (2024), arXiv 2405.15116 |
# | Where | Theorem 2, on the sets of Figure 2(d)-(f) |
# | Inputs | ESOL, FreeSolv and Lipop; where they cannot be had, generated molecules. Transformers that were pre-trained here (notebook 30), MiniMol's features, RDKit's descriptors |
# | Outputs | rows `35_pairs`, `35_ladder`, figures `35_disjoint`, `35_bound`, `35_shared`, ten claims |
# | About | a ladder of strong representations under the same weak models: gain / misfit against the distance from the truth |
# | Time | about a minute and a half on 2 cores |

# %% tags=["parameters"]
data_sets = ["ESOL", "FreeSolv", "Lipop"]  # measured sets, of these three
folds = 10  # cross-fitting: a tenth of the rows is judged at a time, as in ChemBench's splits
repeats = 2  # cross-fitting: random partitions into folds
directions = [16, 32, 64, 128, 256]  # random directions of MiniMol and descriptors together, fewest first
embedded_count = 2000  # generated molecules, used only where no measured set can be had
seed = 0  # seed of the partitions, the directions and the generated molecules

# %%
from functools import partial
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown
from joblib import delayed

from w2s_utils import figures, results, runtime
from w2s_utils.experiments import parameters
from w2s_utils.experiments.measured import PANELS, SHARED, fold_turns, load_sets
from w2s_utils.experiments.molecule_pictures import gain_against_epsilon, width
from w2s_utils.experiments.strong_ladder import (
    EPSILON,
    GAIN,
    MISFIT,
    STUDENT_ERROR,
    WEAK_ERROR,
    Strong,
    jackknife,
    sums_by_fold,
)
from w2s_utils.molecules import minimol, shipped
from w2s_utils.molecules.views import descriptors, transformers
from w2s_utils.theory import intervals
from w2s_utils.theory.misfit import theorem_2_bound

figures.style()
ledger = results.Ledger(
    "35_stronger_representations",
    claims=[
        "figure-2d/epsilon-rank",
        "figure-2e/epsilon-rank",
        "figure-2f/epsilon-rank",
        "figure-2d/epsilon-rank-all",
        "figure-2e/epsilon-rank-all",
        "figure-2f/epsilon-rank-all",
        "figure-2d/strongest-gain",
        "figure-2e/strongest-gain",
        "figure-2f/strongest-gain",
        "molecules/below-bound",
    ],
)
parameters.each_whole(1, directions=directions)
parameters.whole(1, repeats=repeats)
parameters.whole(3, folds=folds)
sets = load_sets(data_sets, embedded_count, seed, folds)
Markdown(f"### {sets.heading}")

# %% [markdown]
# ## 1. The ladder
#
# Four representations, none of which was fitted to any target of these sets:
#
# - `small` and `medium`: transformers that were pre-trained here, on a corpus without the molecules of the three sets.
# - `MiniMol` (Kläser and others 2024, arXiv 2404.14986): a graph network that Graphcore pre-trained on gene expression, 1,328 assays and quantum properties.
#   By the configuration that comes with it no solubility, hydration free energy or lipophilicity is among its tasks, but the assays were not
#   read one by one, and it may have seen molecules of these sets with other labels (`data/README.md`).
# - `descriptors`: RDKit's list of about 200 formulas, some of them fitted by others to measured lipophilicity.
#
# To them come sums, the columns side by side: a sum's linear functions contain those of its parts. And to go the other way without changing
# the kind of thing, **random directions**: MiniMol and descriptors together, reduced to a few Gaussian combinations of their columns. Fewer
# directions are among more, so these classes are nested. The weak models are the seven small transformers of notebook 31 throughout.


# %%
NAMED = {
    "small": ["small"],
    "medium": ["medium"],
    "MiniMol": ["MiniMol"],
    "descriptors": ["descriptors"],
    "MiniMol + descriptors": ["MiniMol", "descriptors"],
    "MiniMol + descriptors + small": ["MiniMol", "descriptors", "small"],
    "MiniMol + descriptors + medium": ["MiniMol", "descriptors", "medium"],
}
views = {name: transformers(data) for name, data in sets.loaded.items()}
WEAK = list(next(iter(views.values())).weak)
# Features of generated molecules: MiniMol needs its optional package, and `medium` its weights, which are too large to come along.
SOURCES = {"MiniMol": minimol.reachable, "medium": partial(shipped.reachable, "medium")}
without = {part for part, reachable in SOURCES.items() if not all(map(reachable, sets.loaded.values()))}


def blocks_of(name):
    """The strong tables of a set by name, row i for molecule i."""
    data = sets.loaded[name]
    found = {model: shipped.features(model, data) for model in ("small", "medium") if model not in without}
    if "MiniMol" not in without:
        found["MiniMol"] = minimol.features(data)
    return found | {"descriptors": descriptors(data)}


blocks = {name: blocks_of(name) for name in sets.loaded}
STRONGS = {label: Strong(tuple(parts)) for label, parts in NAMED.items() if not without & set(parts)}
REDUCED = tuple(part for part in NAMED["MiniMol + descriptors"] if part not in without)
mixed = sum(next(iter(blocks.values()))[part].shape[1] for part in REDUCED)
DIRECTIONS = {f"{number} directions": number for number in directions if number <= mixed}
if not DIRECTIONS or (len(DIRECTIONS) < len(directions) and "MiniMol" not in without):
    raise ValueError(f"directions are at most the {mixed} columns that they combine, not {directions}")
STRONGS |= {label: Strong(REDUCED, number) for label, number in DIRECTIONS.items()}
WIDEST = list(NAMED)[-1] if not without else "descriptors"  # named here, before anything is measured
pd.DataFrame(
    {
        name: {part: table.shape[1] for part, table in tables.items()}
        | {"molecules": len(views[name].strong)}
        for name, tables in blocks.items()
    }
)

# %% [markdown]
# ## 2. What is predicted, before the run
#
# The strong head fitted to the truth is the ceiling, and its squared error on molecules that it has not seen is what we take for $\varepsilon$. Theorem 2,
# with the constants of notebook 11, says for a convex class
#
# $$\text{gain}\ \ge\ \text{misfit}-2\sqrt{\varepsilon\;\text{misfit}},\qquad\text{so}\qquad
#   \frac{\text{gain}}{\text{misfit}}\ \ge\ 1-2\sqrt{\frac{\varepsilon}{\text{misfit}}} .$$
#
# 1. *The bound.* No pair of strong representation and weak model has a gain below it. (It is a theorem on the rows of the fit, notebook 34; on fresh
#    rows, and with the ceiling's error for $\varepsilon$, it is a prediction.)
# 2. *The direction.* As $\varepsilon$ goes to 0, gain / misfit goes to 1. If the sizes in between follow the bound, gain / misfit falls as $\varepsilon$
#    grows: their rank correlation over the representations is near −1. The theorem does not promise that, for it bounds gain from below and the misfit moves too; and
#    few representations cannot tell it, so it is reported, not judged.
# 3. *The end.* With the strongest representation gain / misfit lies between 0.9 and 1.1, as for the paper's own figure. The theorem
#    asks for less: its bound is above 0 only where $\varepsilon$ is below a quarter of the misfit.
#
# **Two settings.** *Disjoint* rows come first: the weak model is fitted on one half of the training rows and labels the other half, as in the paper's
# setting, where the weak labels are those of a fixed function. *Shared* rows, second: the weak model labels the rows that it was fitted on. Heads, penalties and
# cross-fitting are those of notebook 31: every molecule is judged once in each random partition, by heads that have not seen it.

# %%
tasks = [
    (name, setting, repeat)
    for name in sorted(sets.loaded, key=lambda one: -len(sets.loaded[one].targets))  # the longest first
    for setting in ("disjoint", "shared")
    for repeat in range(repeats)
]
made = runtime.parallel(
    delayed(sums_by_fold)(
        list(views[name].weak.values()),
        blocks[name],
        list(STRONGS.values()),
        sets.loaded[name].targets,
        fold_turns(sets.loaded[name], folds, setting, repeat, seed),
        seed,
    )
    for name, setting, repeat in tasks
)
# Sums over the molecules of a fold, (strong representations, folds, weak models, 5), by set, setting and partition.
sums = dict(zip(tasks, made, strict=True))

# %%
PLACES = {"gain": GAIN, "misfit": MISFIT, "weak_error": WEAK_ERROR, "student_error": STUDENT_ERROR}
PLACES["epsilon"] = EPSILON
records = []
for name, data in sets.loaded.items():
    for setting in SHARED:
        for repeat in range(repeats):
            means = sums[name, setting, repeat].sum(axis=1) / len(data.targets)
            for k, strong in enumerate(STRONGS):
                for j, weak in enumerate(WEAK):
                    keys = {"data": name, "source": data.source, "setting": setting, "strong": strong}
                    found = {column: means[k, j, place] for column, place in PLACES.items()}
                    records.append({**keys, "weak": weak, "repeat": repeat, **found})
CASE = ["data", "setting", "strong"]
results.save_rows("35_pairs", records, keys=[*CASE, "weak", "repeat"])
pairs = results.load_rows("35_pairs", keys=[*CASE, "weak", "repeat"])
pairs["bound"] = theorem_2_bound(pairs["misfit"], pairs["epsilon"])
pairs["below"] = pairs["gain"] < pairs["bound"]

# %% [markdown]
# **Intervals.** Gain / misfit of a representation: all weak models' gain over all their misfit. Its interval is Student's t over the folds of a partition, which are
# disjoint molecules, each fold with heads of its own; the training rows of two folds overlap, which this interval does not know.
#
# *Rank correlation* of gain / misfit with $\varepsilon$: the units are strong representations. The weak models are none, as all of them meet the same
# representations on the same molecules. Nor are random directions: they are combinations of one table, nested, and put in order by us. There remain
# the seven that somebody made, and three of those are sums of others. No interval that holds is short enough to decide with so few, so both correlations are *reported*, without a
# verdict. Their interval (Fisher's z with Spearman's variance, `intervals.rank_correlation`) is as if the classes were independent draws, so it is rather too short. (Before,
# this was a finding, with Student's t over the weak models: far too short, and "confirmed" on all three sets.)

# %%
BY_FOLDS = f"95 % Student t over {folds} folds of a partition, jackknife; mean of {repeats} partitions"
records = []
for name in sets.loaded:
    for setting in SHARED:
        here = pairs[(pairs["data"] == name) & (pairs["setting"] == setting)]
        for k, strong in enumerate(STRONGS):
            part = here[here["strong"] == strong]
            of_folds = [sums[name, setting, repeat][k].sum(axis=1) for repeat in range(repeats)]
            ratio, low, high = np.mean([jackknife(one) for one in of_folds], axis=0)
            means = part[["epsilon", "weak_error", "misfit"]].mean()
            promised = theorem_2_bound(means["misfit"], means["epsilon"]) / means["misfit"]
            over = part.groupby("weak", sort=False)[["gain", "bound"]].mean()
            records.append(
                {
                    **{"data": name, "setting": setting, "strong": strong, **means},
                    **{"gain_per_misfit": ratio, "low": low, "high": high, "promised": promised},
                    "pairs_below": int((over["gain"] < over["bound"]).sum()),
                }
            )
results.save_rows("35_ladder", records, keys=CASE)
ladder = results.load_rows("35_ladder", keys=CASE)
SHOWN = {
    "epsilon": "ε",
    "weak_error": "weak error",
    "misfit": "misfit",
    "gain_per_misfit": "gain / misfit",
    "low": "low",
    "high": "high",
    "promised": "1 − 2 √(ε / misfit)",
    "pairs_below": f"pairs of {len(WEAK)} below the bound",
}


def table(setting):
    """The ladder of every set in one setting, strongest last."""
    part = ladder[ladder["setting"] == setting].sort_values("epsilon", ascending=False)
    part = pd.concat([part[part["data"] == name] for name in sets.loaded])
    return part.set_index(["data", "strong"])[list(SHOWN)].rename(columns=SHOWN).round(2)


# %% [markdown]
# ## 3. Disjoint rows

# %%
table("disjoint")


# %%
def picture(setting):
    """Gain / misfit against ε in one setting."""
    return gain_against_epsilon(sets, ladder[ladder["setting"] == setting], DIRECTIONS, " + ".join(REDUCED))


figures.show(
    picture("disjoint"),
    "35_disjoint",
    "Disjoint rows, one panel per data set: all gain over all misfit of the weak transformers, with 95 % intervals, against the squared error of "
    "the strong head fitted to the truth, one point per strong representation. Random directions come from the lower right, where a dashed line "
    "far above marks gain = misfit; the sums of representations lie at the upper left.",
)


# %% [markdown]
# **What to see.** From right to left the strong class comes nearer to the truth, and gain / misfit rises towards the dashed line; no representation's point
# reaches it. Right of the dotted line the strong class is further from the truth than the teachers are: roles are swapped, most of what the student
# changes is wrong, and the ratio goes to −1, which is what a teacher without any error would see. Gain is lost well to the left of that line too.
#
# The random directions show it with the kind of the representation held fixed, and their classes are nested. Between representations of
# different kinds order and distance do not agree everywhere, and neighbours lie within each other's intervals.


# %%
REPRESENTATIONS = [strong for strong in STRONGS if strong not in DIRECTIONS]
LEAST = 4  # units of a correlation


def rank_interval(setting, name, chosen):
    """Rank correlation of gain / misfit with ε over the chosen strong classes, its interval as if they were independent draws."""
    part = ladder[(ladder["setting"] == setting) & (ladder["data"] == name) & ladder["strong"].isin(chosen)]
    return intervals.rank_correlation(part["gain_per_misfit"], part["epsilon"])


RANK = "rank correlation of gain / misfit with eps over {}, all weak models, cross-fitting, disjoint rows"
OVER_STRONGS = "95 % interval of Fisher's z, Spearman's variance (Bonett and Wright 2000), as if they were independent draws; the molecules stay"
UNITS = {
    "": (REPRESENTATIONS, "representations, sums among them", "seven units, three of them sums of others, are too few for a verdict"),
    "-all": (STRONGS, "strong classes, random directions among them", "random directions of one table are no draws of representations"),
}  # fmt: skip
for (name, panel), (claim, (chosen, of_what, why)) in product(PANELS.items(), UNITS.items()):
    found = rank_interval("disjoint", name, chosen) if name in sets.measured else None
    sets.report(
        ledger,
        name,
        f"{panel}/epsilon-rank{claim}",
        where="Theorem 2, its bound taken as the size",
        statistic=RANK.format(f"{len(chosen)} {of_what}"),
        found=found.estimate if found else None,
        interval=found.ends if found else None,
        reason=f"{why}; {OVER_STRONGS}",
    )
for name, panel in PANELS.items():
    row = ladder[(ladder["data"] == name) & (ladder["setting"] == "disjoint") & (ladder["strong"] == WIDEST)]
    sets.finding(
        ledger,
        name,
        f"{panel}/strongest-gain",
        where=f"Figure 2({panel[-1]}), with the strongest representation at hand",
        prediction="gain = misfit, a ratio of 1",
        predicted=(0.9, 1.1),
        statistic=f"gain / misfit with {WIDEST} as strong, cross-fitting, disjoint rows",
        found=tuple(row[["gain_per_misfit", "low", "high"]].to_numpy()[0]) if len(row) else None,
        interval=BY_FOLDS,
        stated_by="a reading",
    )
measured = pairs[(pairs["setting"] == "disjoint") & (pairs["source"] == "real")]
means = measured.groupby(["data", "strong", "weak"])[["gain", "bound"]].mean()
each = measured.groupby("repeat")["below"].sum()
sets.report(
    ledger,
    None,
    "molecules/below-bound",
    where="Theorem 2, convex class, constants of notebook 11",
    statistic=f"pairs of strong representation and weak model, of {len(means)}, with gain < misfit - 2 sqrt(eps misfit), fresh molecules, "
    "disjoint rows",
    found=(means["gain"] < means["bound"]).sum(),
    interval=(each.min(), each.max()),
    reason="0 is predicted, but the theorem holds on the rows of the fit; low and high: fewest and most in one partition",
)

# %% [markdown]
# The same correlations in both settings, for the representations, for the directions alone, and for all. Along the directions the order is nearly without
# exception, which is the nesting; among the representations it is looser, and their few leave wide intervals.

# %%
FAMILIES = {"representations": REPRESENTATIONS, "directions": DIRECTIONS, "all": STRONGS}
pd.DataFrame(
    {
        (name, setting): {
            f"{label} ({len(chosen)})": "{:.2f} [{:.2f}, {:.2f}]".format(
                *rank_interval(setting, name, chosen)
            )
            for label, chosen in FAMILIES.items()
            if len(chosen) >= LEAST
        }
        for name in sets.loaded
        for setting in ("disjoint", "shared")
    }
).T.rename_axis(["data", "rows"])

# %% [markdown]
# ## 4. The bound
#
# Every pair of strong representation and weak model, against $\sqrt{\varepsilon/\text{misfit}}$: there the bound is one straight line for all sets, through 1 at the left end.

# %%
fig, panels = plt.subplots(1, len(sets.loaded), figsize=(width(sets), 4.6), squeeze=False)
for axes, name in zip(panels[0], sets.loaded, strict=True):
    part = pairs[(pairs["data"] == name) & (pairs["setting"] == "disjoint")]
    points = part.groupby(["strong", "weak"], sort=False)[["gain", "misfit", "epsilon"]].mean().reset_index()
    x, y = np.sqrt(points["epsilon"] / points["misfit"]), points["gain"] / points["misfit"]
    end, bottom, top = 1.05 * x.max(), min(-2.5, 1.1 * y.min()), max(1.5, 1.1 * y.max())
    line = np.array([0, end])
    axes.fill_between(
        line, 1 - 2 * line, bottom, color=figures.GREY, alpha=0.15, lw=0, label="excluded by the bound"
    )
    axes.plot(line, 1 - 2 * line, color="black", lw=1.3, label="the bound, 1 − 2 √(ε / misfit)")
    few = points["strong"].isin(DIRECTIONS)
    axes.plot(x[few], y[few], "x", color=figures.GREY, ms=5, label="random directions")
    axes.plot(x[~few], y[~few], "o", color=figures.BLUE, ms=5, mec="white", label="representations and sums")
    axes.axhline(1, color=figures.GREY, ls="--", lw=1.2, label="gain = misfit")
    axes.axhline(0, color=figures.GREY, lw=0.8)
    axes.set(title=f"{sets.label(name)}, disjoint rows", xlim=(0, end), ylim=(bottom, top))
    axes.set(xlabel="√(ε / misfit)", ylabel="gain / misfit")
figures.legend_below(fig, panels[0, 0], columns=3)
figures.show(
    fig,
    "35_bound",
    "Disjoint rows, one panel per data set: gain over misfit of every pair of strong representation and weak model against the root of epsilon over "
    "misfit. The bound is a line that falls from 1; the grey area under it is excluded, and the points lie above it, far to the right of where "
    "it is above zero.",
)

# %%
nearest = np.sqrt(pairs["epsilon"] / pairs["misfit"]).groupby(pairs["setting"]).min()
promise = pairs.groupby("setting").agg(
    pairs=("gain", "size"), gain_promised=("bound", lambda b: (b > 0).sum())
)
promise["least √(ε / misfit)"] = nearest.round(2)
promise.loc[["disjoint", "shared"]]

# %% [markdown]
# **What to see.** The bound allows all that is seen, and asks for little: it is above 0 only left of one half, and the table counts the pairs, partition by
# partition, where it promises any gain. The ladder moves in the direction in which the theorem points, at distances where the theorem is silent. As $\varepsilon$ falls
# the misfit falls with it, and their ratio, which is what the bound reads, hardly falls or even grows along the ladder.
#
# ## 5. Shared rows
#
# The weak model now labels the rows that it was fitted on, and both models have all training rows.

# %%
table("shared")

# %%
figures.show(
    picture("shared"),
    "35_shared",
    "The same with shared rows: the weak models and the student are fitted on the same training molecules. The points have the same shape, random directions at the "
    "lower right and sums of representations at the upper left.",
)

# %% [markdown]
# **What to see.** The same shape: nothing in it hangs on the halves. $\varepsilon$ is smaller throughout, as each head has twice the rows.
#
# ## Verdict

# %%
best = ladder[ladder["strong"] == WIDEST]
first = ladder[ladder["strong"] == "small"]
lines = [
    "| set, rows | gain / misfit, `small` | with " + WIDEST + " | rank correlation with ε, representations |",
    "| --- | --- | --- | --- |",
]
for name in sets.loaded:
    for setting in ("disjoint", "shared"):
        start, end = (
            rows[(rows["data"] == name) & (rows["setting"] == setting)].iloc[0] for rows in (first, best)
        )
        cells = ["{gain_per_misfit:.2f} [{low:.2f}, {high:.2f}]".format(**one) for one in (start, end)]
        chosen = REPRESENTATIONS if len(REPRESENTATIONS) >= LEAST else STRONGS
        rank = "{:.2f} [{:.2f}, {:.2f}]".format(*rank_interval(setting, name, chosen))
        lines.append(f"| {sets.label(name)}, {setting} | {' | '.join(cells)} | {rank} |")
Markdown("\n".join(lines))

# %% [markdown]
# Gain comes nearer to the misfit as the strong class comes nearer to the truth along the nested directions. Among the representations the order is the same but for one
# pair on ESOL, and looser on FreeSolv and Lipop; seven, three of them sums of others, do not decide. It does not get there: no representation at hand is near enough to the
# truth for theorem 2 to promise a gain. Which representation is strong is read here from all labels; whoever has few can measure their own $\varepsilon$, gain and misfit as in notebook 80.

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
