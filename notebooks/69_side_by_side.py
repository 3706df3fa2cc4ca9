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
#     smoke: {least_seeds: 3}
#     timeout: 120
#     after: all
# ---

# %% [markdown]
# # All methods side by side
#
# **Claim.** Each method was published with a comparison of its own. Here they meet: same sets, same cuts of the rows, same teachers, same strong representation. Which makes fewer errors than
# plain training on the teacher's probabilities, by how much, and is any of them better than **the strong model on the few true labels alone**, which needs no teacher?
#
# | | |
# | --- | --- |
# | Paper | Burns et al. (2023), arXiv 2312.09390; Guo, Yang (2024), arXiv 2406.19032; Shi et al. (2025), arXiv 2503.04249; Xu et al. (2025), arXiv 2505.24313; Yao et al. (2025), arXiv 2502.11107 |
# | Where | their methods, on one bench; the comparison is ours |
# | Inputs | rows that notebooks 60 and 61 saved under `build/<profile>` |
# | Outputs | rows `69_methods`, figures `69_*`, ten claims |
# | About | every method on the same trials: differences to naive training and to the few labels alone |
# | Time | a few seconds on 2 cores, after all others |
#
# This notebook trains nothing. What a method is, and how it was tuned, stands in its own notebook.

# %% tags=["parameters"]
tables = ["60_students", "61_students"]  # saved rows of methods, some of these
least_seeds = 10  # that a method must share with naive training to be compared

# %%
import math

import pandas as pd

from w2s_utils import figures, results, runtime
from w2s_utils.experiments import class_sets, parameters
from w2s_utils.methods import bench, burns, label_trials, side_by_side
from w2s_utils.theory import intervals

figures.style()
CONTROLS = (burns.GRADIENT, burns.LATE, burns.ORACLE, label_trials.CHANCE)
ledger = results.Ledger(
    "69_side_by_side",
    claims=[
        "side-by-side/same-trials",
        "side-by-side/digits-best",
        "side-by-side/SST-2-best",
        "side-by-side/TREC-6-best",
        "side-by-side/digits-few-labels",
        "side-by-side/SST-2-few-labels",
        "side-by-side/TREC-6-few-labels",
        "side-by-side/digits-every-method",
        "side-by-side/SST-2-every-method",
        "side-by-side/TREC-6-every-method",
    ],
)
parameters.each_of(("60_students", "61_students"), tables=tables)
parameters.whole(2, least_seeds=least_seeds)
NAMES = ("digits", "SST-2", "TREC-6")

# %% [markdown]
# ## What is compared
#
# A method is compared on a set where it and naive training ran at least `least_seeds` seeds, on the trials, a seed and a teacher, that all methods of the set share. All differences are within a trial, then averaged over the
# teachers of a seed; the units of the intervals are the seeds. Errors are a share of the judged rows.

# %%
saved, missing = side_by_side.load(tables)
rows = side_by_side.on_common_trials(saved, least_seeds)
print("Missing in this profile:", "; ".join(missing.values()) or "nothing")
print(
    *(
        f"{name}: {some['method'].nunique()} methods, {some['seed'].nunique()} seeds, teachers {', '.join(sorted(some['teacher'].unique()))}"
        for name, some in rows.groupby("data", sort=False)
    ),
    sep="\n",
)
ledger.claim(
    "side-by-side/same-trials",
    "bench",
    "largest difference of the errors that two notebooks saved for one method of one trial",
    side_by_side.disagreement(saved),
    high=1e-9,
)
side_by_side.means(rows).round(3)

# %% [markdown]
# **How to read it.** Means over seeds and teachers of a set. Of the teacher's errors a student corrects some, inherits some, changes some into another error, and adds new ones of its own. PGR is the part of the gap between
# teacher and ceiling that is recovered, withheld where there is none; `alone` is the strong head on the teacher's few true labels.
#
# ## Beside naive training
#
# All intervals of a panel hold together at 95 %. *Better* and *worse* are said only where an interval excludes 0.

# %%
beside_naive = {
    name: side_by_side.together(table, leave=[bench.NAIVE])
    for name, table in side_by_side.by_seed(rows, bench.NAIVE).items()
}
beside_alone = {
    name: side_by_side.together(table) for name, table in side_by_side.by_seed(rows, "alone").items()
}
run, _ = class_sets.load_sets(list(beside_naive) or ["digits"])
if beside_naive:
    results.save_rows(
        "69_methods",
        [
            {"data": name, "beside": beside, "method": method, **one._asdict()}
            for beside, measured in (("naive", beside_naive), ("few labels alone", beside_alone))
            for name, of_set in measured.items()
            for method, one in of_set.items()
        ],
        keys=["data", "beside", "method"],
    )
    fig = side_by_side.forest(run, beside_naive, "naive")
    figures.show(
        fig,
        "69_naive",
        "For each set every method's share of errors less that of naive training on the teacher's probabilities, in points, with joint intervals; left of the line is better.",
    )
pd.DataFrame({name: side_by_side.verdicts(of_set) for name, of_set in beside_naive.items()}).fillna("not run")

# %% [markdown]
# **What to see.** Two kinds of method are told to make fewer errors than naive training, on the sets where any is: the confidence losses and, on TREC-6, naive training with the weak labels' class shares, which trains nothing again.
# Keeping fewer rows, relabelling, hard labels and another loss are open or worse. On SST-2 nothing is told from anything: a method that is better by two points needs more than these seeds.
# Stopping by true labels is drawn for comparison; nobody who has no true labels can do it.
#
# ## Beside the strong model on the few true labels

# %%
if beside_alone:
    fig = side_by_side.forest(run, beside_alone, "few labels alone")
    figures.show(
        fig,
        "69_alone",
        "For each set every method's share of errors less that of the strong head on the teacher's few true labels alone, in points, with joint intervals; left of the line is better.",
    )
pd.DataFrame({name: side_by_side.verdicts(of_set) for name, of_set in beside_alone.items()}).fillna("not run")

# %% [markdown]
# **What to see.** No method is told to be better on any set. On digits all are worse by far: the teacher's own true labels are enough for the strong head. On texts the best are about as good as it. Here teachers are averaged; 60 and 61 ask of the best teacher.
#
# ## By teacher
#
# Averages over teachers hide on which a method helps. Each row of the table is a teacher, by the share of its errors that the naive student inherits; each number the errors of a method less those of naive training, in points.

# %%
by_teacher = pd.DataFrame(columns=["inherited"])
if len(rows):
    wide = rows.pivot(index=["data", "teacher", "seed"], columns="method", values="student_error")
    inherited = rows[rows["method"] == bench.NAIVE].set_index(["data", "teacher", "seed"])
    inherited = (inherited["inherited"] / inherited["weak_error"]).groupby(level=[0, 1]).mean()
    by_teacher = 100 * wide.sub(wide[bench.NAIVE], axis=0).groupby(level=[0, 1]).mean().drop(
        columns=bench.NAIVE
    )
    by_teacher.insert(0, "inherited", inherited)
by_teacher.sort_values("inherited").round(2)

# %% [markdown]
# ## Findings
#
# Nobody predicts these; they are ours, and were written down before this notebook had read any row, though not before single figures of 60 and 61 had been seen.
#
# 1. *Best*: the best of all methods makes fewer errors than naive training.
# 2. *Every method*: none makes more, the worst included. Whoever takes a method without being able to try it risks that.
# 3. *Few labels*: the best of all methods, naive training among them, makes fewer errors than the strong head on the few true labels alone.
#
# Best and worst are of joint intervals, whichever method it is. Controls are no methods here: another optimiser, a half by chance, no stopping, and stopping by true labels. That was changed after a first run, in which the
# optimiser's difference of nothing, [0, 0], had made an interval of the best end at 0 and its verdict a confirmation.

# %%
SEEDS = "95 % interval of Student t over seeds, all methods together, random cuts of these rows: for their mean, not for other rows"
for name in NAMES:
    for claim, prediction, statistic, measured, of in (
        ("best", "some method beats naive training", "errors of the best method - of naive training", beside_naive, intervals.least_of),
        ("every-method", "no method is worse than naive training", "errors of the worst method - of naive training", beside_naive, intervals.largest_of),
        ("few-labels", "some method beats the strong head on the few true labels alone", "errors of the best method - of the strong head on the few labels", beside_alone, intervals.least_of),
    ):  # fmt: skip
        named, about = f"side-by-side/{name}-{claim}", f"{statistic}, means over teachers"
        if name not in measured:
            why = "no rows of other notebooks in this profile"
            ledger.not_run(named, f"side by side, {name}", about, why, prediction, stated_by="ours")
            continue
        found = of(one for method, one in measured[name].items() if method not in CONTROLS)
        told = ("side by side", prediction, (-math.inf, 0.0), about, found, SEEDS)
        run.finding(ledger, name, named, *told, stated_by="ours")

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
