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
#     smoke: {data_sets: [FreeSolv], repeats: 2, folds: 5, embedded_count: 300}
#     timeout: 900
# ---

# %% [markdown]
# # Molecules: does the gain come to the misfit with a stronger representation?
#
# **The question.** On fresh molecules gain falls short of misfit (notebook 31). Theorem 2 bounds |gain − misfit| by 2 sqrt(ε misfit). It *guarantees* that gain follows misfit only if the strong representation
# expresses the truth far better than the student disagrees with its teacher; without that it may or may not. Does the picture mend when the strong representation
# gets stronger and everything else stays? Here five strong representations are taught by the same weak models, those smaller than
# any of them (so the strong transformer's numbers differ from those of notebook 31, and a correlation over so few points is not to be read): two models from the top of the ladder, the strong transformer, RDKit's descriptors, and the last two side by side.
#
# | | |
# | --- | --- |
# | Paper | Charikar, Pabbaraju, Shiragur (2024), arXiv 2405.15116 |
# | Where | Theorem 2, on the sets of Figure 2(d)-(f) |
# | Inputs | ESOL, FreeSolv and Lipop; where they cannot be had, generated molecules. Transformers that were pre-trained here (notebook 30), RDKit's descriptors |
# | Outputs | rows `35_strength`, figure `35_strength`, three claims |
# | About | five strong representations under the same weak models: gain / misfit against the ceiling's error |
# | Time | about a minute on 2 cores |

# %% tags=["parameters"]
data_sets = ["ESOL", "FreeSolv", "Lipop"]  # measured sets, of these three
folds = 10  # cross-fitting: a tenth of the rows is judged at a time, as in ChemBench's splits
repeats = 5  # cross-fitting: random partitions into folds
embedded_count = 2000  # generated molecules, used only where no measured set can be had
seed = 0  # seed of the partitions and the generated molecules

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown
from joblib import delayed

from w2s_utils import figures, results, runtime
from w2s_utils.experiments.crossfit import crossfit_predictions
from w2s_utils.experiments.measured import (
    MISFIT,
    correlation,
    errors_by_row,
    fold_turns,
    gain_per_misfit,
    load_sets,
)
from w2s_utils.experiments.molecule_pictures import width
from w2s_utils.molecules.views import descriptors, transformers

figures.style()
ledger = results.Ledger(
    "35_stronger_representations",
    claims=["figure-2d/stronger", "figure-2e/stronger", "figure-2f/stronger"],
)
PANELS = {"ESOL": "figure-2d", "FreeSolv": "figure-2e", "Lipop": "figure-2f"}
RESAMPLED = "95 % bootstrap interval over molecules (the heads are kept)"
if repeats < 1:
    raise ValueError(f"repeats is at least 1, not {repeats}")
sets = load_sets(data_sets, embedded_count, seed)
Markdown(f"### {sets.heading}")

# %% [markdown]
# Protocol, heads and cross-fitting are those of notebook 31, with shared rows: every molecule is judged once in each random partition, by heads
# that have not seen it. *Ceiling*: the strong head fitted to the truth.

# %%
views = {name: transformers(data) for name, data in sets.loaded.items()}
WEAK, STRONG = next((list(one.weak), one.strong_name) for one in views.values())
TARGETS = {name: data.targets for name, data in sets.loaded.items()}

# %%
ladder = list(WEAK)
KEPT = ladder[:-2]
strongs = {
    name: {model: views[name].weak[model] for model in ladder[-2:]}
    | {
        STRONG: views[name].strong,
        "descriptors": descriptors(sets.loaded[name]),
    }
    for name in sets.loaded
}
for name in sets.loaded:
    strongs[name]["both"] = np.hstack([strongs[name][STRONG], strongs[name]["descriptors"]])
SERIES = list(next(iter(strongs.values())))


def with_strong(name, strong, repeat):
    """Errors by row of the kept weak models under one strong representation, and the ceiling's mean squared error."""
    data = sets.loaded[name]
    arrays = (
        [views[name].weak[model] for model in KEPT],
        strongs[name][strong],
        data.targets,
    )
    found = crossfit_predictions(*arrays, fold_turns(data, folds, "shared", repeat, seed))
    return errors_by_row(data.targets, found), float(np.mean((found[0, 2] - data.targets) ** 2))


cases = [(name, strong) for name in sorted(sets.loaded, key=lambda n: -len(TARGETS[n])) for strong in SERIES]
with_each = [(*case, repeat) for case in cases for repeat in range(repeats)]
found_with = runtime.parallel(delayed(with_strong)(*one) for one in with_each)
rounds = {case: [] for case in cases}
for (name, strong, _), one in zip(with_each, found_with, strict=True):
    rounds[name, strong].append(one)


def stronger(values):
    """gain / misfit with the last strong representation of the series, less that with the first."""
    first, *_, last = (gain_per_misfit(values[:, place]) for place in range(values.shape[1]))
    return last - first


records, tests = [], {}
for name in sets.loaded:
    errors = {strong: np.mean([made for made, _ in rounds[name, strong]], axis=0) for strong in SERIES}
    for strong, values in errors.items():
        low, high = results.bootstrap_interval(values, gain_per_misfit, seed)
        records.append(
            {
                "data": name,
                "source": sets.loaded[name].source,
                "strong": strong,
                "without_one": gain_per_misfit(np.delete(values, values[:, :, MISFIT].sum(1).argmax(), 0)),
                "ceiling": np.mean([ceiling for _, ceiling in rounds[name, strong]]),
                "misfit": values.mean(axis=0)[:, MISFIT].mean(),
                "gain_per_misfit": gain_per_misfit(values),
                "low": low,
                "high": high,
                "correlation": correlation(values),
            }
        )
    together = np.stack(list(errors.values()), axis=1)
    tests[name] = stronger(together), results.bootstrap_interval(together, stronger, seed)
STRENGTH_KEYS = ["data", "strong"]
results.save_rows("35_strength", records, keys=STRENGTH_KEYS)
strength = results.load_rows("35_strength", keys=STRENGTH_KEYS)

# %%
fig, panels = plt.subplots(1, len(sets.loaded), figsize=(width(sets), 4.6), squeeze=False)
for axes, name in zip(panels[0], sets.loaded, strict=True):
    part = strength[strength["data"] == name]
    x = np.arange(len(part))
    reach = part["gain_per_misfit"] - part["low"], part["high"] - part["gain_per_misfit"]
    axes.errorbar(
        x, part["gain_per_misfit"], reach, fmt="o", color=figures.BLUE, capsize=4, label="gain / misfit"
    )
    axes.axhline(1, color=figures.GREY, ls="--", lw=1.2, label="gain = misfit")
    axes.axhline(0, color=figures.GREY, lw=0.8)
    names = [
        f"{strong}\n{ceiling:.2f}" for strong, ceiling in zip(part["strong"], part["ceiling"], strict=True)
    ]
    axes.set_xticks(x, names, fontsize=9, rotation=35, ha="right", rotation_mode="anchor")
    axes.set(title=sets.label(name), ylabel="all gain / all misfit", xlim=(-0.5, len(part) - 0.5))
    axes.set_xlabel(f"strong representation, ceiling error {sets.squared_unit(name)}", fontsize=10)
figures.legend_below(fig, panels[0, 0], columns=2)
figures.show(
    fig,
    "35_strength",
    "All gain over all misfit of the smaller weak transformers under five strong representations, one panel per data set, with 95 % "
    "intervals and a dashed line where gain equals misfit; the ceiling's mean squared error stands under each name. On the measured sets the ratio rises to three quarters for Lipop, and for FreeSolv but for descriptors; to a third for ESOL.",
)

# %%
for name, panel in PANELS.items():
    difference, interval = tests.get(name, (None, None))
    sets.report(
        ledger,
        name,
        f"{panel}/stronger",
        where="Theorem 2: the gap shrinks with the strong representation's distance from the truth",
        statistic="gain / misfit with transformer and descriptors side by side as strong, less that with the weakest strong one, cross-fitting, "
        "shared rows",
        found=difference,
        interval=interval,
        reason=f"the bound has both eps and misfit in it, and both fall; {RESAMPLED}",
    )
strength.set_index(["data", "strong"])[
    ["ceiling", "misfit", "gain_per_misfit", "low", "high", "without_one", "correlation"]
].rename(
    columns={"gain_per_misfit": "gain / misfit", "without_one": "gain / misfit, without one molecule"}
).round(2)

# %% [markdown]
# **What to see.** The ceiling's error falls from left to right. On Lipop the misfit hardly changes, and the share of it that turns into gain
# rises from nothing to three quarters. On FreeSolv it rises from a sixth to three quarters, with one exception. On ESOL
# the transformers give nothing and descriptors a third, and the whole rise is not decided (its interval holds 0). So strength goes with a
# gain that is nearer to the misfit, on two sets of three. It is not shown to be the cause: from transformer to descriptors the kind of
# the representation changes too, and on ESOL it is the kind that makes the step.
#
# The exception is descriptors on FreeSolv, with an interval across the panel. It is one molecule, caffeine, in one partition of five: the last column
# but one leaves out, in every row, the molecule of the largest misfit, and there this row falls into line. The next table shows that molecule, its share of all
# misfit, and gain / misfit in each partition with it.

# %%
outliers = []
for name, data in sets.loaded.items():
    made = np.array([values for values, _ in rounds[name, "descriptors"]])
    of_each = made[..., MISFIT].sum(axis=(0, 2))
    molecule = int(of_each.argmax())
    ratios = {f"partition {number}": gain_per_misfit(values) for number, values in enumerate(made, 1)}
    share = of_each[molecule] / of_each.sum()
    outliers.append({"data": name, "largest misfit": data.inputs[molecule], "share": share, **ratios})
pd.DataFrame(outliers).set_index("data").round(2)

# %% [markdown]
# ## Verdict
#
# | | |
# | --- | --- |
# | stronger representation | gain / misfit rises to about three quarters on FreeSolv and Lipop, clear of 0; to a third on ESOL |
# | the cause | not separated: strength and kind of the representation change together |

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
