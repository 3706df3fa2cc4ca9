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
#       data_sets: [FreeSolv]
#       repeats: 2
#       folds: 5
#       halves: 2
#       fingerprint_lengths: [16, 64]
#       embedded_count: 300
#     timeout: 1500
# ---

# %% [markdown]
# # Figure 2(d)-(f): molecules
#
# **The paper's claim.** On measured properties of real molecules, with pre-trained molecular transformers, the gain of the
# student over its weak teacher follows the misfit between the two, one weak model after another.
#
# | | |
# | --- | --- |
# | Paper | Charikar, Pabbaraju, Shiragur (2024), arXiv 2405.15116 |
# | Where | Section 5.2, Figure 2(d)-(f) |
# | Inputs | ESOL, FreeSolv and Lipop with ChemBench's three random splits; where they cannot be had, generated molecules. Transformers that were pre-trained here (notebook 30) |
# | Outputs | rows `31_splits`, `31_crossfit`, `31_halves`, figures `31_*`, the claims listed below |
# | About | ESOL, FreeSolv and Lipop: transformers, and fixed formulas |
# | Time | about a minute and a half on 2 cores |
#
# Measured data differ from theorem 1 in two ways, and the notebook takes them apart: the strong class does not hold the
# truth, and there are few rows, to learn from (about 500 to 3,400) and to judge on (65 to 420).
#
# **What comes out.** The strong representation is a transformer that two processor cores pre-trained in an hour and a half; it comes
# close to RDKit's descriptors. With it *gain = misfit does not hold* on molecules that no head has seen. On FreeSolv and Lipop
# the gain over all weak models is positive, a half and a third of the misfit; that it grows with the misfit is seen, but within the
# noise of seven points. On ESOL there is no gain at all. The cross term says
# where it goes: what the student drops of its teacher's labels is partly right, and right where the ceiling is wrong. With
# stronger representations, up to this transformer with descriptors beside it, gain approaches misfit on FreeSolv and Lipop
# (notebook 35). Descriptors taught by fingerprints, weak models of another kind, are on the
# diagonal already on ESOL and FreeSolv (section 6). On the rows of the fit every theorem holds, as it must: notebook 34.

# %% tags=["parameters"]
data_sets = ["ESOL", "FreeSolv", "Lipop"]  # measured sets, of these three
fingerprint_lengths = [16, 32, 64, 128, 256, 512]  # columns of the second family's weak views, shortest first
folds = 10  # cross-fitting: a tenth of the rows is judged at a time, as in ChemBench's splits
repeats = 5  # cross-fitting: random partitions into folds
halves = 10  # random halves of the training rows
embedded_count = 2000  # generated molecules, used only where no measured set can be had
seed = 0  # seed of the partitions, the halves and the generated molecules

# %%
import numpy as np
import pandas as pd
from IPython.display import Markdown
from joblib import delayed

from w2s_utils import figures, results, runtime
from w2s_utils.experiments.crossfit import LIMIT, crossfit_predictions, standardised_predictions
from w2s_utils.experiments.measured import (
    SHARED,
    correlation,
    errors_by_row,
    fold_turns,
    gain_per_misfit,
    half_parts,
    load_sets,
    smallest_gain,
    split_parts,
)
from w2s_utils.experiments.molecule_pictures import gain_against_misfit
from w2s_utils.experiments.protocol import triple_rows
from w2s_utils.molecules import chembench, shipped
from w2s_utils.molecules.views import formulas, transformers
from w2s_utils.theory.misfit import cross_parts, cross_terms, error_triple

figures.style()
ledger = results.Ledger(
    "31_figure_2def_molecules",
    claims=[
        "molecules/identity",
        "figure-2d/correlation",
        "figure-2e/correlation",
        "figure-2f/correlation",
        "figure-2d/gain-per-misfit",
        "figure-2e/gain-per-misfit",
        "figure-2f/gain-per-misfit",
        "figure-2d/smallest-gain",
        "figure-2e/smallest-gain",
        "figure-2f/smallest-gain",
        "molecules/ESOL-correlation",
        "molecules/FreeSolv-correlation",
        "molecules/Lipop-correlation",
        "molecules/noise-of-a-split",
    ],
)
ROUND_OFF = 1e-10  # band of the exact claim, relative to the weak error
PANELS = {"ESOL": "figure-2d", "FreeSolv": "figure-2e", "Lipop": "figure-2f"}
if repeats < 1 or halves < 2:
    raise ValueError(f"repeats is at least 1 and halves at least 2, not {repeats} and {halves}")

# %% [markdown]
# ## 1. Data and representations

# %%
sets = load_sets(data_sets, embedded_count, seed)
Markdown(f"### {sets.heading}")

# %%
pd.DataFrame(
    [
        {
            "data": name,
            "title": data.title,
            "molecules": len(data.targets),
            "unit": data.unit,
            "target sd": round(data.targets.std(), 2),
            "train / valid / test": " / ".join(str(len(part)) for part in data.splits["random122"].values()),
        }
        for name, data in sets.loaded.items()
    ]
)

# %% [markdown]
# **Molecules that stand in a set twice.** ESOL's file lists eleven molecules twice, six of them with two different values,
# and a random split may put one copy into the train part and one into the test part. That is rare (last column), and the
# paper's splits are used as they are. FreeSolv and Lipop list no molecule twice.

# %%
twice = pd.concat(
    [chembench.duplicates_across_splits(data).assign(data=name) for name, data in sets.loaded.items()]
)
twice[twice["molecules"] > 0].set_index(["data", "split"])

# %% [markdown]
# **Two families of representations.** Everything after this cell sees only arrays.
#
# - *Transformers* (the figure): the weak models have two layers and hidden sizes from 8 on; the strong one is the largest model
#   that comes with the repository. All were pre-trained on one corpus, from which the molecules of these sets had been removed.
#   Their representation of a molecule is the mean over its tokens.
# - *Formulas* (a second, cheap panel, section 6): strong is RDKit's whole list of about 200 descriptors, weak are Morgan count
#   fingerprints, neighbourhoods of atoms hashed to a few columns. Nothing is trained, and the weak ones are of another kind
#   than the strong one.

# %%
families = {
    "transformers": {name: transformers(data) for name, data in sets.loaded.items()},
    "formulas": {name: formulas(data, fingerprint_lengths) for name, data in sets.loaded.items()},
}
WEAK = {family: list(next(iter(found.values())).weak) for family, found in families.items()}
STRONG = {family: next(iter(found.values())).strong_name for family, found in families.items()}
TARGETS = {name: data.targets for name, data in sets.loaded.items()}
SPLITS = list(chembench.SPLITS)

pd.DataFrame(
    [shipped.described(model) for model in [*WEAK["transformers"], STRONG["transformers"]]]
).set_index("model")

# %% [markdown]
# The paper's strong model is the published MolBERT: 12 layers of hidden size 768, on a GPU. Its size is one command away where
# there is a GPU, `make pretrain MODEL=strong` and `python -m w2s_utils.molecules.shipped strong`; this notebook then takes it as the
# strong one. The weak models' sizes are ours, as the paper's are not known to us.
#
# **One scale.** Every column gets mean 0 and standard deviation 1 on the training rows of the split at hand, and is then cut
# off at ±3, for descriptors have long tails: a linear head multiplies a value of 100 standard deviations by a coefficient
# that it learned elsewhere, and one molecule then outweighs all others. The limit was chosen after a look at these data;
# section 6 has other limits.
#
# ## 2. The protocol, and two ways to cut the train part
#
# 1. The weak head is fitted to the true targets: the weak model $w$.
# 2. The weak model labels molecules.
# 3. The strong head is fitted to those labels: the student $p$. The same head fitted to the truth $g$ is the ceiling $s$.
#
# All heads are linear. *Shared*: all three are fitted on the whole train part, so the weak model labels molecules whose
# targets it has seen, as in the released synthetic notebook; what the paper does for molecules we do not know. *Disjoint*: the
# weak model learns on one half and labels the other, the cleaner experiment with half the rows.
#
# Hundreds of columns and hundreds of rows need a penalty. It is chosen on the validation rows, for every head by the same
# rule: least squared error *against the labels that the head is there to predict*. For the student those are weak labels:
# **no true label helps the student**, neither in fitting nor in choosing.
#
# ## 3. The paper's picture: the test parts of three splits
#
# From here on everything is measured on molecules that no head has seen, with validated penalties. Each prediction is kept, so
# that the gain can be taken apart, row by row:
#
# $$\text{gain}_i=\text{misfit}_i+2(p_i-w_i)(g_i-p_i),\qquad
#   2(p_i-w_i)(g_i-p_i)=\underbrace{2(p_i-w_i)(s_i-p_i)}_{\text{student is not the projection}}
#   +\underbrace{2(p_i-w_i)(g_i-s_i)}_{\text{not expressible by the fitted ceiling}} .$$
#
# The mean of the first term is zero if $p$ is the projection of $w$ on a subspace, *on these rows*; on other rows it is what few
# rows and penalties cost. The mean of the second is what theorem 2 is about: the error of the representation, $g-s$, times what
# the student did not take over, $p-w$.
#
# Beside the paper's splits the same is done by **cross-fitting**: the molecules are cut at random into ten folds; each fold is
# the test part once, the next fold chooses the penalties, the rest trains. The ten test parts together are *all* molecules.
# And each split is done again with ten **random halves** of its training rows.


# %%
def predictions(family, name, setting, split=None, half=None, repeat=None, limit=LIMIT):
    """Weak, student and ceiling predictions (weak models, 3, rows): of one split's test part, with all or a random half of its
    training rows, or of all rows in one round of cross-fitting."""
    data, found = sets.loaded[name], families[family][name]
    arrays = list(found.weak.values()), found.strong, data.targets
    if repeat is not None:
        return crossfit_predictions(*arrays, fold_turns(data, folds, setting, repeat, seed), limit)
    if half is None:
        return standardised_predictions(*arrays, split_parts(data, split, setting, seed), limit)
    return standardised_predictions(*arrays, half_parts(data, split, setting, half, seed), limit)


turns = [
    *({"split": split} for split in SPLITS),
    *({"split": split, "half": half} for split in SPLITS for half in range(halves)),
    *({"repeat": repeat} for repeat in range(repeats)),
]
asked = [
    {"family": family, "name": name, "setting": setting, **turn}
    for name in sorted(sets.loaded, key=lambda name: -len(TARGETS[name]))
    for family in families
    for setting in SHARED
    for turn in turns
    if "half" not in turn or (family, setting) == ("transformers", "shared")
]
made = runtime.parallel(delayed(predictions)(**one) for one in asked)
jobs = sorted(zip(asked, made, strict=True), key=lambda job: list(sets.loaded).index(job[0]["name"]))


# %%
def rows_of(job, found):
    """One row per weak model of one job: the triple and the two parts of the cross term, means over the rows judged."""
    name = job["name"]
    truth = TARGETS[name]
    if "split" in job:
        truth = truth[sets.loaded[name].splits[job["split"]]["test"]]
    keys = {"data": name, "source": sets.loaded[name].source}
    keys |= {key: value for key, value in job.items() if key != "name"}
    rows = []
    for model, (teacher, student, ceiling) in zip(WEAK[job["family"]], found, strict=True):
        [row] = triple_rows(error_triple(truth, teacher, student, ceiling), **keys, weak=model)
        row["no_projection"], row["not_expressible"] = cross_parts(truth, teacher, student, ceiling)
        rows.append(row)
    return rows


KEYS = ["family", "data", "setting", "weak"]
TURN_KEYS = {"31_splits": ["split"], "31_halves": ["split", "half"], "31_crossfit": ["repeat"]}
for table, turn in TURN_KEYS.items():
    chosen = [(job, found) for job, found in jobs if job.keys() - KEYS - {"name"} == set(turn)]
    rows = [row for job, found in chosen for row in rows_of(job, found)]
    results.save_rows(table, rows, keys=KEYS + turn)
on_splits, on_halves, crossfitted = (
    results.load_rows(table, keys=KEYS + turn) for table, turn in TURN_KEYS.items()
)

# %%
everything = pd.concat([on_splits, on_halves, crossfitted])
both_parts = everything["no_projection"] + everything["not_expressible"]
sets.claim(
    ledger,
    None,
    "molecules/identity",
    where="Theorem 1, proof: holds on any rows",
    statistic="largest |gain - misfit - both parts of the cross term|, relative to the weak error",
    found=((everything["cross_term"] - both_parts).abs() / everything["weak_error"]).max(),
    high=ROUND_OFF,
)

# %%
MARKERS = dict(zip(SPLITS, "os^", strict=True))
SIZES = {"transformers": "hidden size of the weak model", "formulas": "columns of the fingerprint"}


def picture(rows, family, setting, shapes=None):
    """The paper's picture of one family and setting, see `gain_against_misfit`."""
    here = rows[(rows["family"] == family) & (rows["setting"] == setting)]
    letters = {name: panel.removeprefix("figure-2") for name, panel in PANELS.items()}
    return gain_against_misfit(
        sets, here, WEAK[family], SIZES[family], shapes, letters if family == "transformers" else None
    )


fig = picture(on_splits, "transformers", "shared", MARKERS)
figures.show(
    fig,
    "31_figure_2def",
    "Pre-trained transformers, test parts of three random splits, one column per data set. Above: gain against misfit, one colour "
    "per weak model, one marker shape per split, with the line gain = misfit. Below: gain minus misfit of each weak model, mean over the "
    "splits, as two stacked bars: student is not the projection, and not expressible by the fitted ceiling. On the measured sets points scatter on both sides of the line for FreeSolv and Lipop and lie below it for ESOL; nearly all bars are below zero.",
)

# %% [markdown]
# **What to see.** This is the paper's figure with our transformers. On ESOL most points lie near gain 0, wherever their misfit. On FreeSolv
# and Lipop gains tend to be positive and to grow with the misfit, but the three points of one colour are as far apart as the
# colours are. Is a point above the line an effect, or 65 lucky molecules? The largest weak model (yellow) lies far
# below the line in eight of nine points. The bars are means over the splits: orange is below zero; blue goes either way, most on FreeSolv.
#
# ## 4. With little noise: every molecule judged
#
# The same picture from cross-fitting: each point is now a mean over all molecules, and each colour has one point per
# random partition into folds.

# %%
fig = picture(crossfitted, "transformers", "shared")
figures.show(
    fig,
    "31_crossfit_shared",
    "The same with all molecules judged by cross-fitting, shared rows, one point per random partition and weak model. On the measured sets the points of FreeSolv and Lipop rise below the line, those of ESOL lie around gain zero; most of each bar is not expressible.",
)

# %%
fig = picture(crossfitted, "transformers", "disjoint")
figures.show(
    fig,
    "31_crossfit_disjoint",
    "The same by cross-fitting with disjoint rows: the weak model learns on one half of the training rows, the student on the other. On the measured sets gains are smaller than with shared rows, and on FreeSolv the larger part of each bar is that the student is not the projection.",
)

# %%
mean_rows = crossfitted.groupby(KEYS, sort=False).mean(numeric_only=True)
share = (mean_rows["gain"] / mean_rows["misfit"]).rename("gain / misfit").reset_index()
share["misfit / weak error"] = (mean_rows["misfit"] / mean_rows["weak_error"]).to_numpy()
share.groupby(["family", "data", "setting"], sort=False)["misfit / weak error"].agg(["min", "max"]).round(3)

# %%
share[share["family"] == "transformers"].pivot(
    index=["data", "setting"], columns="weak", values="gain / misfit"
).loc[[(name, setting) for name in sets.loaded for setting in SHARED], WEAK["transformers"]].round(2)

# %% [markdown]
# **What to see.** The points of one colour now lie much closer together, and the pictures have shapes.
#
# - *ESOL*: no gain. Students are as good as their teachers or a little worse, whatever the misfit.
# - *FreeSolv*: with shared rows the gain is about half of the misfit for most weak models, all of it for the smallest, nothing for the
#   second. With half the rows the student's own errors (blue) eat most of it.
# - *Lipop*: gain up to two thirds of the misfit, a third in all; but the misfit itself is at most 8 % of the weak error.
#
# Orange makes most of the gap, and most of all for the largest weak models: the better the teacher, the more of what it says and the student drops was
# right. The next table has correlations, all gain over all misfit, and the smallest gain of any weak model, with intervals.


# %%
by_row = {
    (family, name, setting): np.mean(
        [
            errors_by_row(TARGETS[name], found)
            for job, found in jobs
            if "repeat" in job and (job["family"], job["name"], job["setting"]) == (family, name, setting)
        ],
        axis=0,
    )
    for family in families
    for name in sets.loaded
    for setting in SHARED
}
STATISTICS = {"correlation": correlation, "gain / misfit": gain_per_misfit, "smallest gain": smallest_gain}
found = {
    (*case, what): (statistic(values), *results.bootstrap_interval(values, statistic, seed))
    for case, values in by_row.items()
    for what, statistic in STATISTICS.items()
}
measured = pd.DataFrame(found, index=["found", "from", "to"]).T
measured.index.names = ["family", "data", "setting", "statistic"]
measured.unstack("statistic").reorder_levels([1, 0], axis=1)[list(STATISTICS)].loc[
    [(family, name, setting) for family in families for name in sets.loaded for setting in SHARED]
].round(2)

# %%
RESAMPLED = "95 % bootstrap interval over molecules (the heads are kept)"


def reported(name, family, claim, what, statistic, reason):
    """A measurement on one set, shared rows, all molecules by cross-fitting."""
    value = found.get((family, name, "shared", what))
    statistic = (
        f"{statistic} {len(WEAK[family])} weak models ({family}), all molecules by cross-fitting, shared rows"
    )
    where, interval = "Figure 2(d)-(f)", value and value[1:]
    sets.report(ledger, name, claim, where, statistic, value and value[0], interval, f"{reason}; {RESAMPLED}")


for name, panel in PANELS.items():
    reported(
        name,
        "transformers",
        f"{panel}/correlation",
        "correlation",
        "correlation of gain and misfit across",
        "the paper shows a picture, and no theory fixes it for a strong class without the truth",
    )
    reported(
        name,
        "transformers",
        f"{panel}/smallest-gain",
        "smallest gain",
        "smallest gain, relative to its weak error, of",
        "theorem 2 promises a gain only where misfit > 4 eps",
    )

# %% [markdown]
# ## 5. Does it hang on which molecules the heads learned from?
#
# Each split is done again with ten random halves of its training rows, test part unchanged: three splits together give one
# value of *gain / misfit* (all gain over all misfit) and one correlation per half. The ledger has the value with all training rows beside
# the range over the ten halves. It is no band that this value must meet: half as many rows are another experiment, and even if they were not, one
# of eleven exchangeable values is the largest or the smallest of all in 2 cases of 11.


# %%
def over_splits(rows):
    """gain / misfit, and the correlation over all points, from the rows of three splits."""
    return pd.Series(
        {
            "gain / misfit": rows["gain"].sum() / rows["misfit"].sum(),
            "correlation": rows["gain"].corr(rows["misfit"]),
        }
    )


shared = on_splits[(on_splits["family"] == "transformers") & (on_splits["setting"] == "shared")]
whole = shared.groupby("data", sort=False)[["gain", "misfit"]].apply(over_splits)
spread = (
    on_halves.groupby(["data", "half"], sort=False)[["gain", "misfit"]]
    .apply(over_splits)
    .groupby("data", sort=False)
)
pd.concat(
    {
        "all rows": whole,
        "least half": spread.min(),
        "median half": spread.median(),
        "largest half": spread.max(),
    },
    axis=1,
)[
    [(kind, what) for what in whole for kind in ("all rows", "least half", "median half", "largest half")]
].round(2)

# %%
for name, panel in PANELS.items():
    here = name in sets.measured
    ends = (spread.min(), spread.max()) if here else ()
    sets.report(
        ledger,
        name,
        f"{panel}/gain-per-misfit",
        where="Figure 2(d)-(f)",
        statistic=f"all gain over all misfit, three splits and {len(WEAK['transformers'])} weak models, shared rows, all training rows",
        found=whole.loc[name, "gain / misfit"] if here else None,
        interval=tuple(end.loc[name, "gain / misfit"] for end in ends) if here else None,
        reason=f"theory gives no value where the truth is outside the class; from and to are the range of {halves} random halves of the "
        "training rows, which the value with all rows may leave",
    )

# %% [markdown]
# ESOL and Lipop lie within the range. FreeSolv's 0.66 lies above every one of its ten halves. Half of its train part is 256 rows,
# for 256 features. The table takes the gap apart, each part over all misfit: on FreeSolv more of the misfit is then the student's
# own error; on ESOL and Lipop that part goes the other way, by little.

# %%
PART_COLUMNS = ["gain", "no_projection", "not_expressible", "misfit"]
apart = (
    pd.concat({"all rows": shared, "halves": on_halves}, names=["rows"])
    .groupby(["data", "rows"], sort=False)[PART_COLUMNS]
    .sum()
)
apart.div(apart["misfit"], axis=0).drop(columns="misfit").round(2)

# %% [markdown]
# Single splits are noisy (section 7). On FreeSolv the direction is what theory has for few rows: $-2|\eta|^2$ for a student that is off its
# projection by $\eta$ (notebook 21).
#
# ## 6. The second panel: fixed formulas
#
# RDKit's descriptors as strong, Morgan fingerprints as weak, everything else as before.

# %%
fig = picture(crossfitted, "formulas", "shared")
figures.show(
    fig,
    "31_formulas",
    "Fixed representations by cross-fitting, shared rows: above gain against misfit, one colour per fingerprint length, below gain "
    "minus misfit in its two parts. On the measured sets the points follow the line for ESOL and FreeSolv; for Lipop the gain rises and falls "
    "again, and nearly all of the gap is not expressible.",
)

# %%
for name in chembench.NAMES:
    reported(
        name,
        "formulas",
        f"molecules/{name}-correlation",
        "correlation",
        "correlation of gain and misfit across",
        "no theory fixes it for a strong class without the truth",
    )

# %% [markdown]
# **What to see.** On ESOL and FreeSolv the gain follows the misfit, along the diagonal. On Lipop it is an arch: the longer the fingerprint, the
# more it knows that descriptors do not say; the student drops it, and the gain falls to a tenth of the misfit. Nearly all of that
# is orange: no amount of rows cures it, only a strong representation that holds what the weak one knows.
#
# Shared rows flatter these two sets: a weak model with long fingerprints labels rows whose targets it was fitted to, better than it
# labels fresh ones, and the gain is counted from the error on fresh ones. With disjoint rows gain is 0.64 and 0.48 of the misfit (table of
# section 4). Theorem 1 speaks of neither; notebook 13 is about this.

# %% [markdown]
# **A reading.** With both families in view: what the student drops of a teacher's labels, $w-p$, is *error* where the strong representation knows all that the teacher knows. Then
# dropping it is pure gain. It is *knowledge* where the strong representation lacks something that the teacher has; then
# the misfit counts it and the gain does not. Weak and strong transformers learned from the same molecules by the same tasks, so
# their errors may go together, and a student cannot correct an error that it shares. That can be measured: the correlation of the
# teacher's error $w-g$ with the ceiling's, $s-g$, over all molecules.

# %%
alike = []
for job, predicted in jobs:
    if "repeat" in job and job["setting"] == "shared":
        for model, (teacher, _, ceiling) in zip(WEAK[job["family"]], predicted, strict=True):
            off = np.corrcoef(teacher - TARGETS[job["name"]], ceiling - TARGETS[job["name"]])[0, 1]
            alike.append({"family": job["family"], "data": job["name"], "weak": model, "correlation": off})
pd.DataFrame(alike).groupby(["family", "data", "weak"], sort=False)["correlation"].mean().groupby(
    ["family", "data"], sort=False
).agg(["min", "median", "max"]).round(2)

# %% [markdown]
# They do: teacher and ceiling err together more among the transformers than among the formulas, on all three sets (medians 0.62, 0.52 and
# 0.75 against 0.50, 0.34 and 0.68). And together least on FreeSolv, most on Lipop, where no family comes near the diagonal.
#
# **And with another limit for the features?** The correlation, shared rows, one partition, with the columns cut off
# elsewhere or not at all.

# %%
OTHER_LIMITS = [2.0, np.inf]
cases = [(family, name, limit) for name in sets.loaded for family in families for limit in OTHER_LIMITS]
others = runtime.parallel(
    delayed(predictions)(family, name, "shared", repeat=0, limit=limit) for family, name, limit in cases
)
with_limit = dict(zip(cases, others, strict=True))
for job, predicted in jobs:
    if job["setting"] == "shared" and job.get("repeat") == 0:
        with_limit[job["family"], job["name"], LIMIT] = predicted
pd.Series(
    {
        (family, name, "none" if np.isinf(limit) else f"±{limit:g}"): correlation(
            errors_by_row(TARGETS[name], with_limit[family, name, limit])
        )
        for family in families
        for name in sets.loaded
        for limit in sorted([LIMIT, *OTHER_LIMITS])
    }
).unstack(sort=False).rename_axis(["family", "data"]).round(2)

# %% [markdown]
# The correlation across seven transformers moves as freely with the limit as its intervals are wide; nothing of it should be read
# as a property of a set. For the formulas it is clear on FreeSolv with every limit and on ESOL with the two limits; without one, values of
# up to 300 standard deviations come in. Gain over misfit, used above, asks less of seven points.
#
# ## 7. How much of a single split is noise?
#
# Gain − misfit is the mean of the cross terms $c_i=2(p_i-w_i)(g_i-p_i)$. So a point off the diagonal can mean two things:
# the mean over *all* molecules is not zero, an effect; or the mean over these few test molecules is not the mean over
# all, noise. For a random test part of $m$ out of $n$ molecules and fixed heads noise has the standard deviation
# $\mathrm{sd}(c_i)\sqrt{1/m-1/n}$. Cross-fitting gives $\mathrm{sd}(c_i)$ and the mean over all molecules. Each point of the
# splits then has a z-score: its distance from that mean in units of that noise, about 1 in root mean square if test rows
# are the only noise.

# %%
records = []
for family, name, setting in by_row:
    count, tested = len(TARGETS[name]), len(sets.loaded[name].splits[SPLITS[0]]["test"])
    terms = np.array(
        [
            [cross_terms(TARGETS[name], teacher, student) for teacher, student, _ in predicted]
            for job, predicted in jobs
            if "repeat" in job and (job["family"], job["name"], job["setting"]) == (family, name, setting)
        ]
    )  # (repeats, weak models, molecules)
    sd, mean = np.sqrt(terms.var(axis=2, ddof=1).mean(axis=0)), terms.mean(axis=(0, 2))
    for place, model in enumerate(WEAK[family]):
        records.append(
            {
                "family": family,
                "data": name,
                "setting": setting,
                "weak": model,
                "mean": mean[place],
                "noise_of_all": sd[place] / np.sqrt(count),
                "noise_of_a_split": sd[place] * np.sqrt(1 / tested - 1 / count),
            }
        )
noise = pd.DataFrame(records)
scored = on_splits.merge(noise, on=KEYS)
scored["z"] = (scored["cross_term"] - scored["mean"]) / scored["noise_of_a_split"]
mean_square = scored.assign(square=scored["z"] ** 2).groupby(["data", "split"])["square"].mean().to_numpy()


def root(values):
    return float(np.sqrt(values.mean()))


sets.report(
    ledger,
    None,
    "molecules/noise-of-a-split",
    where="Figure 2(d)-(f), derived here",
    statistic="root mean square z-score of gain - misfit on the splits' test parts, against all molecules, both families",
    found=root(mean_square),
    interval=results.bootstrap_interval(mean_square, root, seed),
    reason=f"near 1 if test rows are the only noise, but the heads differ too; 95 % bootstrap interval over {len(mean_square)} test parts",
)
noise.assign(
    effect=noise["mean"].abs() / noise["noise_of_all"],
    in_a_split=noise["mean"].abs() / noise["noise_of_a_split"],
).groupby(["family", "data", "setting"], sort=False)[["effect", "in_a_split"]].median().round(1).rename(
    columns={"effect": "|mean| / noise, all molecules", "in_a_split": "|mean| / noise, one test part"}
)

# %% [markdown]
# **Noise.** The z-scores are about 1 in root mean square: the scatter of the three splits is of the size that test parts of
# this size alone would give. **Effect.** Over all molecules gain − misfit lies some six standard errors from zero on ESOL and three on Lipop (transformers, shared
# rows; medians over the ladder; molecules resampled, heads kept), two on FreeSolv; section 4 shows the sign. On one test part it is 0.6 to 1.9 times its noise: a single split of
# these sets can hardly tell gain = misfit from no gain.
#
# ## Verdict
#
# | | |
# | --- | --- |
# | gain = misfit on fresh molecules, transformers | no. All gain is 0.47 (FreeSolv), 0.31 (Lipop) and −0.08 (ESOL) of all misfit, shared rows |
# | gain follows misfit across the ladder | seen on FreeSolv and Lipop (correlation 0.78 and 0.68), not on ESOL (−0.21); every one of the intervals holds 0: seven points decide little |
# | where the gain goes | the part of the labels that the student drops is partly right, above all on ESOL |
# | descriptors taught by fingerprints | along the diagonal on ESOL and FreeSolv (shared rows), an arch on Lipop |
# | the scatter of single splits | of the size that test parts of 65 to 420 molecules alone would give |
#
# What the paper saw with a model of 768 × 12 cannot be told from this. Where there is a GPU, one command makes that model, and this notebook
# takes it as the strong one.

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
