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
# | Outputs | rows `31_own_rows`, `31_splits`, `31_crossfit`, `31_halves`, `31_strength`, figures `31_*`, the claims listed below |
# | About | ESOL, FreeSolv and Lipop: transformers, and fixed formulas |
# | Time | about four minutes on 2 cores |
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
# (section 8). Descriptors taught by fingerprints, weak models of another kind, are on the
# diagonal already on ESOL and FreeSolv (section 9).

# %% tags=["parameters"]
data_sets = ["ESOL", "FreeSolv", "Lipop"]  # measured sets, of these three
fingerprint_lengths = [
    16,
    32,
    64,
    128,
    256,
    512,
]  # columns of the second family's weak representations, shortest first
folds = 10  # cross-fitting: a tenth of the rows is judged at a time, as in ChemBench's splits
repeats = 5  # cross-fitting: random partitions into folds
halves = 10  # random halves of the training rows
embedded_count = 2000  # generated molecules, used only where no measured set can be had
seed = 0  # seed of the partitions, the halves and the generated molecules

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown
from joblib import delayed

from w2s_utils import figures, results, runtime
from w2s_utils.experiments.crossfit import LIMIT, crossfit_predictions, standardise, standardised_predictions
from w2s_utils.experiments.measured import (
    GAIN,
    MISFIT,
    SHARED,
    WEAK_ERROR,
    errors_by_row,
    fold_turns,
    half_parts,
    load_sets,
    split_parts,
)
from w2s_utils.experiments.protocol import triple_rows
from w2s_utils.heads.linear import LeastSquaresHead, NormBallHead
from w2s_utils.heads.validated import ValidatedRidge
from w2s_utils.molecules import chembench, shipped
from w2s_utils.molecules.views import formulas, transformers
from w2s_utils.theory.misfit import cross_parts, cross_terms, error_triple, exact_gap, theorem_2_bound

figures.style()
ledger = results.Ledger(
    "31_figure_2def_molecules",
    claims=[
        "molecules/control-own-rows",
        "molecules/bound-violations",
        "molecules/exact-gap",
        "molecules/ball-inequality",
        "molecules/ball-bound",
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
        "figure-2d/stronger",
        "figure-2e/stronger",
        "figure-2f/stronger",
        "molecules/ESOL-correlation",
        "molecules/FreeSolv-correlation",
        "molecules/Lipop-correlation",
        "molecules/noise-of-a-split",
    ],
)
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
# - *Formulas* (a second, cheap panel, section 9): strong is RDKit's whole list of about 200 descriptors, weak are Morgan count
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


def about(model):
    """What a shipped model is and what it was pre-trained on."""
    origin = shipped.provenance(model)
    return {
        "model": model,
        "layers": origin["size"]["layers"],
        "hidden size": origin["size"]["hidden"],
        "parameters": origin["parameters"],
        "tokens seen, millions": round(origin["tokens"] / 1e6, 1),
        "masked-token accuracy": round(origin["final"]["token_accuracy"], 3),
        "device": origin["device"],
    }


pd.DataFrame([about(model) for model in [*WEAK["transformers"], STRONG["transformers"]]]).set_index("model")

# %% [markdown]
# The paper's strong model is the published MolBERT: 12 layers of hidden size 768, on a GPU. Its size is one command away where
# there is a GPU, `make pretrain MODEL=strong` and `python -m w2s_utils.molecules.shipped strong`; this notebook then takes it as the
# strong one. The weak models' sizes are ours, as the paper's are not known to us.
#
# **One scale.** Every column gets mean 0 and standard deviation 1 on the training rows of the split at hand, and is then cut
# off at ±3, for descriptors have long tails: a linear head multiplies a value of 100 standard deviations by a coefficient
# that it learned elsewhere, and one molecule then outweighs all others. The limit was chosen after a look at these data;
# section 9 has other limits.
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
# ## 3. The control: a teacher that can be imitated
#
# If the weak columns are among the strong ones, the weak model *is* an element of the strong class. The nearest element to it
# is itself: $p=w$, misfit 0, gain 0, and no number of weak labels changes that. Here the weak model has every other column of
# the strong representation. On the rows of the fit the misfit must be 0 to round-off for least squares. The last column is
# the same on test molecules with validated penalties, as they are used in the rest of the notebook.

# %%
records = []
for family, found in families.items():
    for name in sets.loaded:
        for split in SPLITS:
            parts = split_parts(sets.loaded[name], split, "shared", seed)
            own, strong = parts.student_train, found[name].strong
            full = standardise(strong, own)
            labels = LeastSquaresHead().fit(full[own, ::2], TARGETS[name][own]).predict(full[own, ::2])
            imitated = LeastSquaresHead().fit(full[own], labels).predict(full[own])
            [(teacher, student, _)] = standardised_predictions([strong[:, ::2]], strong, TARGETS[name], parts)
            variance = TARGETS[name].var()
            records.append(
                {
                    "strong": STRONG[family],
                    "data": name,
                    "misfit, own rows": np.mean((labels - imitated) ** 2) / variance,
                    "misfit, test rows, validated": np.mean((teacher - student) ** 2) / variance,
                }
            )
control = pd.DataFrame(records).groupby(["strong", "data"], sort=False).max()
control.map("{:.1e}".format)

# %%
ROUND_OFF = 1e-10  # band of every exact claim, relative to the error or variance that it is about
sets.claim(
    ledger,
    None,
    "molecules/control-own-rows",
    where="Theorem 1: a weak model inside the strong class",
    statistic="largest misfit of the control on the rows of the fit, least squares, relative to the target's variance",
    found=control["misfit, own rows"].max(skipna=False),
    high=ROUND_OFF,
)

# %% [markdown]
# **What it means.** A misfit near 0 says nothing bad about the teacher. It says that this student has nothing to add to it.

# %% [markdown]
# ## 4. Where the theorems must hold: the rows of the fit
#
# Take the student's own rows as the whole population. Then the theorems are geometry, and real molecules change nothing.
#
# *Least squares*: $p$ and $s$ are exact projections of $w$ and $g$ on a subspace, and with $\varepsilon=|g-s|^2$ theorem 2 leaves
# no room (notebook 11):
#
# $$\text{gain}-\text{misfit}=-2\,\langle w-p,\;g-s\rangle,\qquad |\text{gain}-\text{misfit}|\le 2\sqrt{\varepsilon\;\text{misfit}} .$$
#
# *A norm ball*: the ridge heads of this notebook are projections too, each on the ball $V$ of its own coefficient norm. $V$ is
# convex and no subspace, so **theorem 1 is an inequality** there. It speaks of a truth inside $V$. The measured truth is not, but the
# element $s\in V$ that is nearest to it can take its place, and with the measured truth theorem 2 has one side only:
#
# $$|w-s|^2-|p-s|^2\;\ge\;|w-p|^2,\qquad \text{gain}\ge\text{misfit}-2\sqrt{\varepsilon\;\text{misfit}},\quad \varepsilon=|g-s|^2 .$$
#
# The weak models keep their validated penalties, as they may be anything. $\varepsilon$ is partly overfit: on these rows it is far
# below the error of the same head on fresh molecules.


# %%
def of_own_rows(family, name, split, setting):
    """Both classes on the student's own rows, one row per weak model and class."""
    parts = split_parts(sets.loaded[name], split, setting, seed)
    training = np.union1d(parts.weak_train, parts.student_train)
    taught, own, choose = parts.weak_train, parts.student_train, parts.validation
    truth = TARGETS[name]
    full = standardise(families[family][name].strong, training)
    rows = []
    for model, table in families[family][name].weak.items():
        features = standardise(table, training)
        teacher = ValidatedRidge().choose(features[taught], truth[taught], features[choose], truth[choose])
        labels = teacher.predict(features)
        both = np.column_stack([labels, truth])
        student, nearest = LeastSquaresHead().fit(full[own], both[own]).predict(full[own]).T
        projections = {"subspace": (student, nearest)}
        ridge = ValidatedRidge().choose(full[own], labels[own], full[choose], labels[choose])
        ball = NormBallHead(np.linalg.norm(ridge.coef_)).fit(full[own], truth[own])
        projections["norm ball"] = ridge.predict(full[own]), ball.predict(full[own])
        for convex, (p, s) in projections.items():
            w, g = labels[own], truth[own]
            triple = error_triple(g, w, p, s)
            keys = {"family": family, "data": name, "source": sets.loaded[name].source, "split": split}
            [row] = triple_rows(triple, **keys, setting=setting, weak=model, convex=convex)
            row["exact_gap"] = exact_gap(g, w, s, p)
            row["bound"] = theorem_2_bound(triple.misfit, triple.ceiling)
            row["gain_towards_nearest"] = error_triple(s, w, p).gain
            rows.append(row)
    return rows


asked = [
    (family, name, split, setting)
    for name in sorted(sets.loaded, key=lambda name: -len(TARGETS[name]))  # the longest jobs first
    for family in families
    for split in SPLITS
    for setting in SHARED
]
made = runtime.parallel(delayed(of_own_rows)(*one) for one in asked)
made.sort(key=lambda rows: list(sets.loaded).index(rows[0]["data"]))
OWN_KEYS = ["family", "data", "setting", "split", "weak", "convex"]
results.save_rows("31_own_rows", [row for rows in made for row in rows], keys=OWN_KEYS)
own_rows = results.load_rows("31_own_rows", keys=OWN_KEYS)
subspace, ball = (own_rows[own_rows["convex"] == convex] for convex in ("subspace", "norm ball"))

# %%
slack = ROUND_OFF * subspace["weak_error"]
sets.claim(
    ledger,
    None,
    "molecules/bound-violations",
    where="Theorem 2, linear heads, constants of notebook 11",
    statistic=f"least squares fits of {len(subspace)} outside the two-sided bound |gain - misfit| <= 2 sqrt(eps misfit), rows of the fit",
    found=int((subspace["cross_term"].abs() > subspace["misfit"] - subspace["bound"] + slack).sum()),
    low=0,
    high=0,
)
sets.claim(
    ledger,
    None,
    "molecules/exact-gap",
    where="Theorem 2, linear heads, notebook 11",
    statistic="largest |gain - misfit + 2 <w - p, g - s>| on the rows of the fit, relative to the weak error",
    found=((subspace["cross_term"] - subspace["exact_gap"]).abs() / subspace["weak_error"]).max(),
    high=ROUND_OFF,
)
slack = ROUND_OFF * ball["weak_error"]
sets.claim(
    ledger,
    None,
    "molecules/ball-inequality",
    where="Theorem 1, convex class",
    statistic=f"ridge fits of {len(ball)} with |w - s|^2 - |p - s|^2 < |w - p|^2, s nearest to the truth in the student's ball",
    found=int((ball["gain_towards_nearest"] < ball["misfit"] - slack).sum()),
    low=0,
    high=0,
)
sets.claim(
    ledger,
    None,
    "molecules/ball-bound",
    where="Theorem 2, convex class, constants of notebook 11",
    statistic=f"ridge fits of {len(ball)} with gain < misfit - 2 sqrt(eps misfit), rows of the fit",
    found=int((ball["gain"] < ball["bound"] - slack).sum()),
    low=0,
    high=0,
)

# %%
COLOURS = {model: colour for models in WEAK.values() for model, colour in figures.shades(models).items()}
MARKERS = dict(zip(SPLITS, "os^", strict=True))
UNITS = {name: sets.squared_unit(name) for name in sets.loaded}
WIDTH = max(4.3 * len(sets.loaded), 6.5)  # inches of a row of panels

fig, panels = plt.subplots(2, len(sets.loaded), figsize=(WIDTH, 8.4), squeeze=False)
shown = own_rows[(own_rows["family"] == "transformers") & (own_rows["setting"] == "shared")]
for column, name in enumerate(sets.loaded):
    here = shown[shown["data"] == name]
    for axes, convex in zip(panels[:, column], ("subspace", "norm ball"), strict=True):
        part = here[here["convex"] == convex]
        x = part["misfit"] - part["bound"] if convex == "subspace" else part["misfit"]
        y = part["cross_term"] if convex == "subspace" else part["gain_towards_nearest"]
        end = 1.08 * x.max()
        if convex == "subspace":
            axes.fill_between([0, end], [0, -end], [0, end], color=figures.GREY, alpha=0.12, lw=0)
            axes.set(xlabel=f"2 sqrt(ε misfit), {UNITS[name]}", ylabel=f"gain − misfit, {UNITS[name]}")
        else:
            top = 1.05 * y.max()
            axes.fill_between([0, end], [0, end], [top, top], color=figures.GREY, alpha=0.12, lw=0)
            axes.set(xlabel=f"misfit, {UNITS[name]}", ylabel=f"gain towards s, {UNITS[name]}", ylim=(0, top))
        for model, points in part.groupby("weak", sort=False):
            axes.scatter(x[points.index], y[points.index], s=30, color=COLOURS[model], label=model, zorder=3)
        axes.set(title=f"{sets.label(name)}, {convex}", xlim=(0, end))
figures.legend_below(fig, panels[0, 0], columns=7)
figures.show(
    fig,
    "31_own_rows",
    "On the rows of the fit, one column per data set, one colour per weak transformer. Upper row, least squares: gain minus misfit "
    "against 2 sqrt(epsilon misfit); all points lie inside the grey wedge that theorem 2 allows. Lower row, norm ball: gain "
    "towards the nearest element against misfit; all points lie in the grey area above the diagonal, as theorem 1 demands.",
)

# %% [markdown]
# **What to see.** No point leaves the grey area. In the upper row it is a wedge: gain may be more or less than misfit, and the
# room that theorem 2 leaves is wide, for the strong class is far from the truth even on its own rows. In the lower row,
# against the nearest element of the class instead of the truth, the gain is never below the misfit.
#
# As a *promise* theorem 2 says something only where misfit $>4\varepsilon$, for only there its bound is above zero. The table counts.

# %%
room = subspace["misfit"] - subspace["bound"]
subspace.assign(
    promised=subspace["bound"] > 0,
    used=subspace["cross_term"].abs() / room.where(room > ROUND_OFF * subspace["weak_error"]),
).groupby(["family", "data", "setting"], sort=False).agg(
    fits=("promised", "size"),
    epsilon=("ceiling", "mean"),
    misfit=("misfit", "mean"),
    gain=("gain", "mean"),
    bound_above_zero=("promised", "sum"),
    gain_above_zero=("gain", lambda gain: (gain > 0).sum()),
    largest_share_of_bound_used=("used", "max"),
).round(3)

# %% [markdown]
# For the transformers it never is, with mean misfits of 0.02 to 0.09 against $\varepsilon$ of 0.1 to 0.6. *Theorem 2 promises nothing
# here.* It allows everything that is seen below, the absence of a gain as well. (FreeSolv with disjoint rows is empty:
# least squares has 256 features for 256 or 257 rows, meets every label, and all terms are 0 but for round-off.)
#
# ## 5. The paper's picture: the test parts of three splits
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
PARTS = {
    "student is not the projection  2<p − w, s − p>": ("no_projection", figures.BLUE),
    "not expressible by the fitted ceiling  2<p − w, g − s>": ("not_expressible", figures.ORANGE),
}


def gain_against_misfit(rows, family, setting, shapes=None):
    """The paper's picture, one column per data set, from saved rows: above gain against misfit, one colour per weak model, one
    point per split (marker from ``shapes``) or round; below gain - misfit of each weak model in its two parts, means."""
    models = WEAK[family]
    fig, panels = plt.subplots(2, len(sets.loaded), figsize=(WIDTH, 9.2), squeeze=False)
    fig.get_layout_engine().set(w_pad=0.1, h_pad=0.1)
    here = rows[(rows["family"] == family) & (rows["setting"] == setting)]
    for above, below, name in zip(*panels, sets.loaded, strict=True):
        part = here[here["data"] == name]
        for (model, turn), points in part.groupby(["weak", "split" if shapes else "repeat"], sort=False):
            marks = {"color": COLOURS[model], "marker": shapes[turn] if shapes else "o", "s": 34}
            figures.gain_misfit(above, points["misfit"], points["gain"], label=model, **marks)
        figures.fit_limits(above, part["misfit"], part["gain"])
        above.axhline(0, color=figures.GREY, lw=0.8)
        letter = {"transformers": PANELS.get(name, "").removeprefix("figure-2")}.get(family)
        title = f"({letter}) {sets.label(name)}" if letter else sets.label(name)
        above.set(
            title=f"{title}, {setting} rows", xlabel=f"misfit, {UNITS[name]}", ylabel=f"gain, {UNITS[name]}"
        )
        means = part.groupby("weak", sort=False).mean(numeric_only=True).loc[models]
        x, stacked = np.arange(len(models)), {True: np.zeros(len(models)), False: np.zeros(len(models))}
        for label, (column, colour) in PARTS.items():
            height = means[column].to_numpy()
            base = np.where(height > 0, stacked[True], stacked[False])
            below.bar(x, height, bottom=base, color=colour, width=0.7, label=label)
            stacked[True] += np.maximum(height, 0)
            stacked[False] += np.minimum(height, 0)
        below.plot(x, means["cross_term"], "D", color="black", ms=6, label="gain − misfit, their sum")
        below.axhline(0, color=figures.GREY, lw=1)
        below.set_xticks(x, [model.replace("-", " ").split()[-1] for model in models])
        size = "hidden size of the weak model" if family == "transformers" else "columns of the fingerprint"
        below.set(xlabel=size, ylabel=f"gain − misfit, {UNITS[name]}")
    # A weak model has its colour in all splits, and a split its shape for all weak models.
    marks = [figures.mark(model, color=COLOURS[model]) for model in models]
    marks += [figures.mark(split, marker=shape) for split, shape in (shapes or {}).items()]
    figures.legend_below(fig, *panels[:, 0], columns=3, marks=marks)
    return fig


fig = gain_against_misfit(on_splits, "transformers", "shared", MARKERS)
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
# ## 6. With little noise: every molecule judged
#
# The same picture from cross-fitting: each point is now a mean over all molecules, and each colour has one point per
# random partition into folds.

# %%
fig = gain_against_misfit(crossfitted, "transformers", "shared")
figures.show(
    fig,
    "31_crossfit_shared",
    "The same with all molecules judged by cross-fitting, shared rows, one point per random partition and weak model. On the measured sets the points of FreeSolv and Lipop rise below the line, those of ESOL lie around gain zero; most of each bar is not expressible.",
)

# %%
fig = gain_against_misfit(crossfitted, "transformers", "disjoint")
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
def correlation(values):
    """Of gain and misfit, across weak models."""
    means = values.mean(axis=0)
    return np.corrcoef(means[:, GAIN], means[:, MISFIT])[0, 1]


def gain_per_misfit(values):
    """All weak models' gain over all their misfit."""
    means = values.mean(axis=0).sum(axis=0)
    return means[GAIN] / means[MISFIT]


def smallest_gain(values):
    """The least gain of any weak model, relative to its weak error."""
    means = values.mean(axis=0)
    return (means[:, GAIN] / means[:, WEAK_ERROR]).min()


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
# ## 7. Does it hang on which molecules the heads learned from?
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
# Single splits are noisy (section 10). On FreeSolv the direction is what theory has for few rows: $-2|\eta|^2$ for a student that is off its
# projection by $\eta$ (notebook 21).
#
# ## 8. Does it mend with a stronger representation?
#
# Theorem 2 bounds |gain − misfit| by 2 sqrt(ε misfit). It *guarantees* that gain follows misfit only if the strong representation
# expresses the truth far better than the student disagrees with its teacher; without that it may or may not. Does the picture mend when the strong representation
# gets stronger and everything else stays? Here five strong representations are taught by the same weak models, those smaller than
# any of them (so the rows of the strong transformer differ from section 6, and a correlation over so few points is not to be read): two models from the top of the ladder, the strong transformer, RDKit's descriptors, and the last two side by side.

# %%
ladder = list(WEAK["transformers"])
KEPT = ladder[:-2]
strongs = {
    name: {model: families["transformers"][name].weak[model] for model in ladder[-2:]}
    | {
        STRONG["transformers"]: families["transformers"][name].strong,
        "descriptors": families["formulas"][name].strong,
    }
    for name in sets.loaded
}
for name in sets.loaded:
    strongs[name]["both"] = np.hstack([strongs[name][STRONG["transformers"]], strongs[name]["descriptors"]])
SERIES = list(next(iter(strongs.values())))


def with_strong(name, strong, repeat):
    """Errors by row of the kept weak models under one strong representation, and the ceiling's mean squared error."""
    data = sets.loaded[name]
    arrays = (
        [families["transformers"][name].weak[model] for model in KEPT],
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
results.save_rows("31_strength", records, keys=STRENGTH_KEYS)
strength = results.load_rows("31_strength", keys=STRENGTH_KEYS)

# %%
fig, panels = plt.subplots(1, len(sets.loaded), figsize=(WIDTH, 4.6), squeeze=False)
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
    axes.set_xlabel(f"strong representation, ceiling error {UNITS[name]}", fontsize=10)
figures.legend_below(fig, panels[0, 0], columns=2)
figures.show(
    fig,
    "31_strength",
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
# **A reading.** What the student drops of a teacher's labels, $w-p$, is *error* where the strong representation knows all that the teacher knows. Then
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
# ## 9. The second panel: fixed formulas
#
# RDKit's descriptors as strong, Morgan fingerprints as weak, everything else as before.

# %%
fig = gain_against_misfit(crossfitted, "formulas", "shared")
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
# section 6). Theorem 1 speaks of neither; notebook 12, part 4, is about this.
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
# ## 10. How much of a single split is noise?
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
# rows; medians over the ladder; molecules resampled, heads kept), two on FreeSolv; section 6 shows the sign. On one test part it is 0.6 to 1.9 times its noise: a single split of
# these sets can hardly tell gain = misfit from no gain.
#
# ## Verdict
#
# | | |
# | --- | --- |
# | exact, on the rows of the fit | a teacher that can be imitated has misfit 0; theorem 2 holds in every fit, with its exact gap; theorem 1's inequality holds in every norm ball |
# | gain = misfit on fresh molecules, transformers | no. All gain is 0.47 (FreeSolv), 0.31 (Lipop) and −0.08 (ESOL) of all misfit, shared rows |
# | gain follows misfit across the ladder | seen on FreeSolv and Lipop (correlation 0.78 and 0.68), not on ESOL (−0.21); every one of the intervals holds 0: seven points decide little |
# | where the gain goes | the part of the labels that the student drops is partly right, above all on ESOL |
# | stronger representation | gain / misfit rises to about three quarters on FreeSolv and Lipop, clear of 0 |
# | descriptors taught by fingerprints | along the diagonal on ESOL and FreeSolv (shared rows), an arch on Lipop |
# | the scatter of single splits | of the size that test parts of 65 to 420 molecules alone would give |
#
# What the paper saw with a model of 768 × 12 cannot be told from this. Where there is a GPU, one command makes that model, and this notebook
# takes it as the strong one.

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
