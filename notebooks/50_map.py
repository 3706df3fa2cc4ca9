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
#     smoke: {least_trials: 8}
#     timeout: 120
#     after: all
# ---

# %% [markdown]
# # One map for all notebooks
#
# **Claim.** *Gain exists exactly where the student cannot imitate its teacher, and the misfit it is forced into points towards the truth.* No paper says it
# so; it is what ties them together. For squared loss two numbers place any trial of any paper on one map, and the gain follows from the two without a rest.
# This notebook trains nothing: it reads the rows that all others have saved, places every trial, and asks which half of that sentence holds where.
#
# | | |
# | --- | --- |
# | Paper | all papers of this companion whose loss is squared, or the share of wrong classes |
# | Where | the law of cosines; the map is ours |
# | Inputs | rows under `build/<profile>`, those that `experiments.map_rows` lists |
# | Outputs | rows `50_units`, figures `50_*`, eleven claims |
# | About | every trial with squared errors on common axes: imitability, direction, gain |
# | Time | under 20 seconds on 2 cores, after all others |

# %% tags=["parameters"]
least_trials = 20  # trials with a direction from which on a notebook counts as a unit
drawn = 300  # points of a notebook that are drawn
seed = 0  # of the choice of drawn points

# %%
import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from w2s_utils import figures, results, runtime
from w2s_utils.experiments import map_rows, parameters
from w2s_utils.experiments.map_pictures import (
    SECTIONS,
    WHO,
    colour,
    draw_conditions,
    draw_map,
    draw_path,
    dust,
    panels,
)
from w2s_utils.theory import intervals

figures.style()
ledger = results.Ledger(
    "50_map",
    claims=[
        "map/complete",
        "map/surface",
        "map/triangles",
        "map/theorem-1",
        "map/theorem-2",
        "map/misfit-orders",
        "map/direction-orders-better",
        "map/forced-misfit-gains",
        "map/towards-the-truth",
        "map/direction-is-used",
        "map/measured-on-the-circle",
    ],
)
parameters.whole(4, least_trials=least_trials)
parameters.whole(1, drawn=drawn)
parameters.whole(0, seed=seed)
# notebooks on measured molecules, texts and images
MEASURED = ("31", "32", "33", "34", "35", "38", "40", "44", "60", "61", "62")

# %% [markdown]
# ## Three errors are a triangle
#
# Truth $g$, teacher $w$ and student $p$ are three points, and the three errors are the squared sides between them. The shape of a triangle has two numbers:
#
# $$m=\frac{|p-w|^2}{|w-g|^2}\ \text{(imitability: 0 imitates)},\qquad c=\cos(p-w,\;g-w)\ \text{(direction of what the student changed)}.$$
#
# From gain = misfit + $2\langle p-w,g-p\rangle$ and $g-p=(g-w)-(p-w)$ follows gain $=2\langle p-w,g-w\rangle-$ misfit, so
#
# $$\frac{\text{gain}}{\text{weak error}}=2c\sqrt m-m.\tag{1}$$
#
# That is the law of cosines; no theorem, class or fit is in it. It says at once: a student that imitates ($m\to0$) gains nothing, at most $2\sqrt m$. One gains exactly
# if $c>\sqrt m/2$. At a given direction the best that can be had is $c^2$, at $m=c^2$: go exactly as far as the direction is worth.
#
# Put the teacher at $(0,0)$ and the truth at $(1,0)$; the student's corner is at distance $\sqrt m$ from the teacher, under the angle whose cosine is $c$. Then
# *circles round the truth* are lines of equal gain, the one through the teacher is gain 0, and the half circle **over** the line from teacher to truth (Thales) is gain = misfit,
# $c=\sqrt m$, which is also where every direction is used best.
#
# Classes have a place too: of two functions with values ±1 the share of points on which they differ is a quarter of their squared distance, and a common factor leaves $m$ and $c$ as they are.
#
# ## What is read

# %%
found, missing = map_rows.load_all()
trials = pd.concat(
    [rows[[*map_rows.PLACE]].assign(rows=name, notebook=name[:2]) for name, rows in found.items()]
    or [pd.DataFrame(columns=[*map_rows.PLACE, "rows", "notebook"])],
    ignore_index=True,
)
of_rows = trials.groupby("rows").agg(
    trials=("rows", "size"),
    imitate=("direction", lambda one: one.isna().sum()),
    m=("imitability", "median"),
    c=("direction", "median"),
    gain=("gain_share", "median"),
)
print(f"{len(trials)} trials from {len(found)} files of {trials['notebook'].nunique()} notebooks.")
print("Missing in this profile:", "; ".join(missing.values()) or "nothing")
print("Left out:", "; ".join(f"{name} ({why})" for name, why in map_rows.LEFT_OUT.items()))
print(
    "Students that are the weaker model, in 21, 22 and 33, are not on the map; conditions below show those of 21 and 33. "
    "Nor are other losses of the same trials, in 44, or models without a teacher, in 57."
)
unlisted = map_rows.unlisted() + map_rows.unread(missing)
print("With a misfit and not on the map:", ", ".join(unlisted) or "none")
ledger.claim(
    "map/complete",
    "all rows of this profile",
    "files of saved rows with a misfit that are not on the map, nor left out for a reason",
    len(unlisted),
    high=0,
)
of_rows.astype({"imitate": int}).round(3) if found else print("Nothing to place.")

# %% [markdown]
# **What can fail.** $c$ is computed from the three errors. Where a notebook saved its gain on its own, (1) must give that gain; and three numbers are squared sides of a
# triangle only if $|c|\le1$. Rows that mix two sets of rows, two scales or two losses would show. Of 11, 21 and 32 one of the four numbers was not saved, so (1) holds there
# by definition and only $|c|\le1$ can fail. It did show: at the first run 13 stood out with its errors against noisy labels, where a teacher of the same rows has none, and 81 with a gain that
# is an estimate. Neither is a triangle with the truth; both were left out then.

# %%
NOTHING = "no rows of other notebooks in this profile"
off = pd.DataFrame({name: map_rows.inconsistency(rows) for name, rows in found.items()}).T
for claim, column, statistic, high in (
    ("map/surface", "surface", "largest |gain / weak error - (2 c sqrt(m) - m)|", 1e-6),
    ("map/triangles", "cosine", "largest excess of |c| over 1", 1e-6),
):  # fmt: skip
    where = "the law of cosines, equation (1)"
    if off.empty:
        ledger.not_run(claim, where, statistic, NOTHING)
    else:
        words = f"{statistic}, over {len(trials)} trials of {len(off)} files; {off['negative'].sum():.0f} negative errors"
        ledger.claim(
            claim, where, words, off[column].max() if not off["negative"].any() else math.inf, high=high
        )

# %% [markdown]
# ## Which theorem asks for which place
#
# | Statement | asks of the student's corner | drop it and |
# | --- | --- | --- |
# | Theorem 1, subspace that holds the truth | **on** the circle, $c=\sqrt m$ | it may lie anywhere |
# | Theorem 1, convex class that holds the truth | on or **inside** it, $c\ge\sqrt m$ | not convex: outside too |
# | Theorem 2, truth at squared distance $\varepsilon$ | $c\ge\sqrt m-\sqrt{\varepsilon/\text{weak error}}$ | – |
# | all three, on the rows of the fit | | fresh rows: outside by sampling error |
#
# *Inside* means a gain above the misfit. The next cell measures $c-\sqrt m$, 0 on the circle, for students of whom one condition was taken away.

# %%
BELOW = 1e-6
ON = {"measured": ("student rows, truth",), "weak_from": ("same rows",)}
EQUAL, AT_LEAST = "c = √m", "c ≥ √m"  # what Theorem 1 asks of those that meet all its conditions
CONDITIONS = (
    ("subspace, truth inside", "10_problems", {"class": ("subspace",)}, EQUAL),
    ("the same, teacher of the same rows", "13_same_rows", ON, EQUAL),
    ("ball and hull, truth inside", "10_problems", {"class": ("ball", "hull")}, AT_LEAST),
    ("mixtures, truth inside", "41_mixtures", {"divergence": ("squared distance",), "loss": ("reverse",)}, AT_LEAST),
    ("not convex: 2-sparse heads", "12_non_convex", {"student_class": ("2-sparse heads",)}, ""),
    ("truth outside, any direction", "12_outside", {"kind": ("random direction",)}, ""),
    ("truth outside, the teacher knows more", "12_outside", {"kind": ("teacher knows more",)}, ""),
    ("truth outside: molecules, rows of the fit", "34_own_rows", {"convex": ("subspace",)}, ""),
    ("fresh rows, linear", "13_same_rows", {"measured": ("fresh rows",), "weak_from": ("other rows",)}, ""),
    ("fresh rows, networks", "20_panels", {}, ""),
    ("fresh rows, truth outside: molecules", "31_crossfit", {}, ""),
    ("fresh rows, truth outside: texts", "40_turns", {}, ""),
    ("roles swapped, linear", "21_synthetic", map_rows.SWAPPED, ""),
    ("roles swapped, molecules", "33_molecules", map_rows.SWAPPED, ""),
)  # fmt: skip
BY_ROWS = {source.rows: source for source in map_rows.SOURCES}
met, lines = {}, {}
for label, name, only, asked in CONDITIONS:
    some = map_rows.load(BY_ROWS[name], only).dropna(subset=["direction"]) if name in found else []
    if len(some):
        met[label, asked] = inside = some["direction"] - np.sqrt(some["imitability"])
        lines[label] = {
            "asked": asked,
            "trials": len(some),
            **{f"{q:.0%}": inside.quantile(q) for q in (0.05, 0.5, 0.95)},
            "outside": (inside < -BELOW).mean(),
            "lose": (some["gain_share"] < -BELOW).mean(),
        }
table = pd.DataFrame(lines).T
whole = {key: inside for key, inside in met.items() if key[1]}
statistic = "largest violation of c = sqrt(m) (subspace) and c >= sqrt(m) (convex)"
if whole:
    worst = max(
        inside.abs().max() if asked == EQUAL else -inside.min() for (_, asked), inside in whole.items()
    )
    words = f"{statistic}, {sum(map(len, whole.values()))} trials of {len(whole)} classes"
    ledger.claim("map/theorem-1", "Theorem 1", words, worst, high=BELOW)
else:
    ledger.not_run("map/theorem-1", "Theorem 1", statistic, NOTHING)
statistic = "largest violation of c >= sqrt(m) - sqrt(eps / weak error)"
if "11_epsilon" in found:
    some = found["11_epsilon"].dropna(subset=["direction"])
    least = np.sqrt(some["imitability"]) - np.sqrt(some["epsilon"] / some["weak_error"])
    words = f"{statistic}, {len(some)} trials"
    ledger.claim("map/theorem-2", "Theorem 2", words, (least - some["direction"]).max(), high=BELOW)
else:
    ledger.not_run("map/theorem-2", "Theorem 2", statistic, NOTHING)
table.infer_objects().round(3)

# %%
if len(table):
    fig, axes = plt.subplots(figsize=(10, 1.4 + 0.36 * len(table)))
    draw_conditions(axes, table)
    figures.show(
        fig,
        "50_conditions",
        "Where students lie relative to the circle of Theorem 1, median and middle nine tenths, with the share outside: "
        + "; ".join(
            f"{label}: median {row['50%']:.2f}, {row['outside']:.0%} outside"
            for label, row in table.iterrows()
        )
        + ".",
    )

# %% [markdown]
# **What to see.** Blue: all conditions of Theorem 1 are met, and no student is left of the line, however bad its teacher. Orange: a condition is lost, and with it the promise; worst is a teacher
# that knows what the strong class cannot express, and a student that is the weaker model. To be left of it is not yet to lose: the gain is then below the misfit, and negative only from $c<\sqrt m/2$ on.
#
# ## The map


# %%
clouds = dust(trials, drawn, runtime.seed_stream(seed, "drawn points"))
fig, axes = plt.subplots(figsize=(12.5, 6.6))
draw_map(axes, clouds)
marks = [figures.mark(words, color=of_section) for words, of_section in SECTIONS.values()]
figures.legend_below(fig, columns=5, marks=marks)
medians = "; ".join(f"{n} ({cloud.median[0]:.2f}, {cloud.median[1]:.2f})" for n, cloud in clouds.items())
figures.show(
    fig,
    "50_map",
    "All trials as corners of triangles with the teacher at (0, 0) and the truth at (1, 0), coloured by section, with a named dot at the median of each notebook's "
    f"trials: {medians or 'no rows'}. The half circle over teacher and truth is gain = misfit, dotted circles round the truth are equal gains.",
)
shares = ", ".join(f"{n} {cloud.beyond:.0%}" for n, cloud in clouds.items() if cloud.beyond >= 0.005)
print(f"Share of trials beyond the picture: {shares or 'none'}")

# %% [markdown]
# **What to see.** The large dot is the median of a notebook's trials, the dust is the trials. A student at the teacher imitates; on the way to the truth it gains; upwards it changed
# what is no help. Students of Theorem 1 (10) sit on the black half circle or inside it, most others outside: they changed more than their direction was worth. Highest
# stand 53, 57 and 56. All three change much; in the median 53 loses, 57 comes out even and 56 gains more than half: how much was changed does not tell.
#
# ## Which paper lives where

# %%
if clouds:
    fig, places = panels(len(clouds), 6, 1.5)
    for axes, (notebook, cloud) in zip(places, clouds.items(), strict=True):
        axes.scatter(cloud.x, cloud.y, s=7, color=colour(notebook), alpha=0.45, lw=0, zorder=3)
        axes.set_title(f"{notebook}  {WHO[notebook]}", fontsize=9)
    gains = trials.groupby("notebook")["gain_share"].median()
    figures.show(
        fig,
        "50_papers",
        "The map once for each notebook. Black: gain = misfit; the solid grey circle is gain 0. Median gain / weak error: "
        + "; ".join(f"{n} {WHO[n]} {gains[n]:.2f}" for n in clouds)
        + ".",
    )

# %% [markdown]
# **What to see.** Where the dust follows the black half circle, misfit tells the gain (10, and 20 with networks). On molecules and texts the dust lies beside
# the teacher and on both sides of the circle of gain 0: small gains of either sign. In 56 it follows a circle round the *teacher*: one misfit, and any gain.
#
# ## What moves a point
#
# Each panel turns one knob and keeps the rest; the line joins the medians, from the open dot to the full one. The knobs are those that notebooks already turn. Of the methods (60 to 62)
# four are shown where they move most, on digits whose teacher has a noisy sensor, and bootstrapping on TREC-6; all of them, with intervals, stand in 69. Of early stopping 49 has every step.

# %%
SQUARED = {"loss": ("Brier score",)}
NOISY = {**SQUARED, "data": ("digits",), "teacher": ("noise 0.25",)}
EPOCHS = tuple(f"{count} epochs" for count in (10, 50, 100, 300, 600, 1000))
MOVES = (
    ("49  more steps of training", "49_trials", {"setting": ("both",)}, "step", None),
    ("12  student gets the teacher's features", "12_imitation_columns", {}, "columns", None),
    ("11  truth leaves the class", "11_epsilon", {"class": ("subspace",)}, "perturbation", None),
    ("20  longer pre-training of both", "20_stages", {"panel": ("a",), "setting": EPOCHS}, "setting", EPOCHS),
    ("22  more labels for the teacher, networks", "22_few_labels",
     {**map_rows.WEAK_TO_STRONG, "panel": ("a",), "rule": ("validated",)}, "labels", None),
    ("33  more labels for the teacher, ESOL", "33_molecules",
     {**map_rows.WEAK_TO_STRONG, "data": ("ESOL",), "rule": ("validated",)}, "labels", None),
    ("35  stronger classes, ESOL", "35_pairs", {"data": ("ESOL",), "setting": ("disjoint",)}, "strong",
     ("small", "medium", "MiniMol", "MiniMol + descriptors")),
    ("52  larger teacher, endless student", "52_relu", {"student": ("endless",), "dimension": (16,)}, "factor", None),
    ("53  more unlabelled rows", "53_cells",
     {"features": ("Gaussian",), "overlap": ("axes",), "truth": ("inside",), "shared": (5,)}, "unlabelled", None),
    ("54  heavier penalty of the student", "54_cells",
     {"kind": ("flat",), "teacher": (0.03,), "rows": (400,)}, "penalty", None),
    ("60  confidence loss, digits", "60_students", NOISY, "method", ("naive, soft labels", "confidence, paper")),
    ("60  bootstrapping, TREC-6", "60_students", {**SQUARED, "data": ("TREC-6",)}, "method", ("naive, soft labels", "bootstrapping")),
    ("61  surest half of each class, digits", "61_students", NOISY, "method",
     ("naive, hard labels", "confident half of each class")),
    ("62  more boosted trees, digits", "62_students", {**SQUARED, "data": ("digits",), "family": ("boosted trees",)}, "rounds", None),
)  # fmt: skip
paths = {}
for label, name, only, knob, order in MOVES:
    if name not in found:
        continue
    some = map_rows.load(BY_ROWS[name], only)
    x, y = map_rows.plane(some)
    medians = some.assign(x=x, y=y).groupby(knob)[["x", "y", "gain_share"]].median()
    medians = medians.loc[[value for value in order or medians.index if value in medians.index]]
    if len(medians) > 1:
        paths[label] = medians
if paths:
    fig, places = panels(len(paths), 3, 2.75)
    for axes, (label, path) in zip(places, paths.items(), strict=True):
        ends = [one if isinstance(one, str) else f"{round(float(one), 2):g}" for one in path.index[[0, -1]]]
        draw_path(axes, path, colour(label)).set_title(f"{label}\n{ends[0]} → {ends[1]}", fontsize=9.5)
    moved = {label: path["gain_share"].iloc[[0, -1]].to_list() for label, path in paths.items()}
    figures.show(
        fig,
        "50_moves",
        "Paths of median students on the map while one knob is turned, with gain / weak error at both ends: "
        + "; ".join(f"{label} {first:.2f} to {last:.2f}" for label, (first, last) in moved.items())
        + ".",
    )

# %% [markdown]
# **What to see.** Handing the student its teacher's features walks it down the circle into imitation (12). Longer pre-training (20) and more labels for the teacher (22) walk it up. When the
# truth leaves the class the student leaves the circle, outwards (11). More unlabelled rows take off what is no help and keep the way made (53); a heavier penalty buys way at the
# price of change that is no help (54). On ESOL it climbs along the circle of gain 0 with more labels for the teacher (33).
# The confidence loss moves the student of a noisy teacher towards the truth (60), the surest half of each class a little (61); bootstrapping leaves it where it was (60).
# More boosted trees take the teacher, and so the student beside it, through imitation and out on the other side of the circle (62).
#
# ## Does the sentence hold?
#
# Equation (1) is no finding, nor is "all trials with $c>\sqrt m/2$ gain". What may say no: whether *misfit alone* orders gains, whether students that are forced to differ do gain,
# and whether they go as far as their direction is worth. The units are the notebooks with enough trials, each once, however many trials it has. They are no random sample: they were built to
# test papers, some to fail, and several share the same molecules, so an interval says how much notebooks *such as these* differ. Every range was written down before the rows were placed;
# rows of 44, 49, 51, 56, 57 and 58 were entered later, and the ranges stayed.
#
# - *Misfit orders gains* (a reading of the main paper: the gain is quantified by the misfit): mean rank correlation of $m$ with gain / weak error, in [.5, 1].
# - *Direction orders them better* (ours): mean difference to the rank correlation of $c$, above 0.
# - *Forced misfit gains* (ours): share with gain > 0 of trials with $m\ge.1$, above .8. *It points towards the truth* (ours): share of trials with $c>0$, above .9.
# - *Directions are used* (ours): median of gain / weak error over the best at that direction, $c^2$, trials with $c>0$, above .75.
# - *Measured data lie on the circle* (a reading: gain ≈ misfit on molecules): median of (gain − misfit) / weak error within ±.05, over notebooks with measured data.


# %%
def unit(some):
    """What a notebook says, from its trials with a direction."""
    m, c, gain = (some[name].to_numpy() for name in map_rows.PLACE)
    forced, towards = m >= 0.1, c > 0
    varied = len(np.unique(m)) > 1 and len(np.unique(gain)) > 1
    return pd.Series(
        {
            "trials": len(some),
            "m": np.median(m),
            "c": np.median(c),
            "gain": np.median(gain),
            "misfit_orders": spearmanr(m, gain).statistic if varied else np.nan,
            "direction_orders": spearmanr(c, gain).statistic if varied else np.nan,
            "forced": forced.sum(),
            "forced_gain": np.mean(gain[forced] > 0) if forced.sum() >= least_trials else np.nan,
            "towards": np.mean(towards),
            "used": np.median(gain[towards] / c[towards] ** 2) if towards.sum() >= least_trials else np.nan,
            "off_circle": np.median(gain - m),
        }
    )


placed = trials.dropna(subset=["direction"]).astype({name: float for name in map_rows.PLACE})
units = {n: unit(some) for n, some in placed.groupby("notebook") if len(some) >= least_trials}
units = pd.DataFrame(units).T.rename_axis("notebook").reset_index()
if len(units):
    units["direction_better"] = units["direction_orders"] - units["misfit_orders"]
    units["who"] = units["notebook"].map(WHO).fillna("")
    results.save_rows("50_units", units.assign(notebook="nb " + units["notebook"]), keys=["notebook"])
FINDINGS = (
    ("map/misfit-orders", "misfit_orders", "misfit alone orders gains", (0.5, 1.0), "a reading",
     "mean over notebooks of the rank correlation of misfit / weak error with gain / weak error"),
    ("map/direction-orders-better", "direction_better", "direction orders gains better than misfit does", (0.0, math.inf), "ours",
     "mean over notebooks of the rank correlation with the direction less that with the misfit"),
    ("map/forced-misfit-gains", "forced_gain", "a student that is forced to differ gains", (0.8, math.inf), "ours",
     "mean over notebooks of the share with gain > 0, of trials with misfit >= .1 weak error"),
    ("map/towards-the-truth", "towards", "misfit points towards the truth", (0.9, math.inf), "ours",
     "mean over notebooks of the share of trials with c > 0"),
    ("map/direction-is-used", "used", "students go about as far as their direction is worth", (0.75, math.inf), "ours",
     "mean over notebooks of the median of gain / weak error over c^2"),
    ("map/measured-on-the-circle", "off_circle", "gain is about the misfit on measured data", (-0.05, 0.05), "a reading",
     "mean over notebooks with measured data of the median (gain - misfit) / weak error"),
)  # fmt: skip
for claim, column, words, predicted, whose, statistic in FINDINGS:
    where = "the claim on top" if whose == "ours" else "gain = misfit, Theorem 1 and Figure 2"
    some = (
        units
        if claim != "map/measured-on-the-circle" or units.empty
        else units[units["notebook"].isin(MEASURED)]
    )
    values = some[column].dropna() if len(some) else pd.Series(dtype=float)
    if len(values) < 2:
        ledger.not_run(
            claim,
            where,
            statistic,
            "fewer than two notebooks have enough rows in this profile",
            words,
            stated_by=whose,
        )
        continue
    over = f"95 % interval of Student's t over {len(values)} notebooks"
    ledger.finding(
        claim, where, words, predicted, statistic, *intervals.mean_t(values), over, stated_by=whose
    )
if len(units):
    ranks = units.set_index("notebook")[["misfit_orders", "direction_orders"]]
    for words, some in (
        ("Misfit orders gains, rank correlation .5 or more", ranks["misfit_orders"] >= 0.5),
        ("Neither way", ranks["misfit_orders"].between(-0.25, 0.5, inclusive="neither")),
        ("The other way round, −.25 or less", ranks["misfit_orders"] <= -0.25),
    ):
        print(f"{words}: {', '.join(ranks.index[some])}")
    print(f"Least rank correlation of the direction: {ranks['direction_orders'].min():.2f}")
units.set_index("notebook").round(2) if len(units) else print("No notebook has enough rows in this profile.")

# %%
# Notebooks of a section share data and designs: the same with sections as units, as a mean over their notebooks.
judged = [column for _, column, *_ in FINDINGS]
if len(units):
    named = units["notebook"].str[0].map({number: words for number, (words, _) in SECTIONS.items()})
    units = units.groupby(named.rename("section"), sort=False)[judged].mean()
units.round(2)

# %% [markdown]
# **Reading the verdicts.** The first half of the sentence is algebra: no gain without misfit. Of the second, misfit does point towards the truth nearly always, but that is not enough: many
# students go further than their direction is worth. So the sentence on top does not hold as it stands: students that are forced to differ gain less often than was predicted, and misfit alone does not order gains.
# It does where the class is convex and holds the truth, or nearly (10, 11, 13, 41), in the networks of Figure 2 (20, 22) and for a student that is stopped early or well penalised (52, 59); in the notebooks of the third list the largest misfits belong to
# the worst students. The direction orders gains in all. (In 55 labels are made to be better *for their student* than the truth: it is not asked to beat them.) So the sentence that holds is: *no gain without misfit; where a misfit
# points says what it can gain, how far it goes says how much of that is kept, and what theorems buy is the direction.*
#
# ## For practice
#
# Everything here is (1), read for somebody who has no truth but a few labels. On the straight line $w+t\,(p-w)$ from teacher to student the gain is $t\,(\text{gain}+\text{misfit})-t^2\,\text{misfit}$,
# largest at
#
# $$t^\star=\frac{c}{\sqrt m}=\frac12\Big(1+\frac{\text{gain}}{\text{misfit}}\Big).$$
#
# | You have | You see | Expect | Check with one number |
# | --- | --- | --- | --- |
# | teacher and student, no labels | misfit near 0 | nothing: \|gain\| ≤ 2 √(misfit · weak error) + misfit | misfit |
# | a student whose features hold the teacher's | misfit goes to 0 with more rows | imitation (12) | misfit on fresh rows |
# | a convex strong class that you believe holds the truth, plenty of rows | a misfit | gain ≥ misfit, = for a subspace (10) | gain / misfit from few labels (80) |
# | a few labels | gain ≥ misfit | all of the change is good; more of it may be better | $t^\star\ge1$ |
# | a few labels | gain between 0 and the misfit | the student went too far; a mean of both beats both | $t^\star$ in (½, 1) |
# | a few labels | gain below 0, above −misfit | the student loses, and still a bit of its change helps | $t^\star$ in (0, ½) |
# | a few labels | gain below −misfit | its change points away: keep the teacher | $t^\star\le0$ |
#
# $t^\star$ from few labels is uncertain as the gain is: take the interval of notebook 80 or 81 for the gain, and its ends for $t^\star$. The cell counts how often each line was met here, the mean over a
# section's notebooks, and what $t^\star$ would have added, **known from the truth**, so at most that.

# %%
CASES = ("gain ≥ misfit", "0 < gain < misfit", "−misfit < gain ≤ 0", "gain ≤ −misfit")


def met_cases(some):
    """Shares of a notebook's trials in each case, and median gains of the student, and of the best mean with its teacher."""
    m, c, gain = (some[name].to_numpy() for name in map_rows.PLACE)
    steps = [c >= np.sqrt(m) - BELOW, gain > 0, c > 0, np.full(len(c), True)]
    case = np.argmax(steps, axis=0)
    shares = {name: np.mean(case == place) for place, name in enumerate(CASES)}
    best = np.maximum(c, 0) ** 2
    return pd.Series(
        {"m < .01": np.mean(m < 0.01), **shares, "gain": np.median(gain), "best mean": np.median(best)}
    )


cases = {n: met_cases(some) for n, some in placed.groupby("notebook") if len(some) >= least_trials}
if cases:
    cases = pd.DataFrame(cases).T
    named = cases.index.str[0].map({number: words for number, (words, _) in SECTIONS.items()})
    by_section = cases.groupby(named, sort=False).mean().rename_axis("section")
    by_section.insert(0, "notebooks", cases.groupby(named, sort=False).size())
by_section.round(2) if len(cases) else print("No notebook has enough rows in this profile.")

# %% [markdown]
# **What the map does not say.** It has squared loss alone: for other divergences (in 41 to 45) the three errors are no triangle. It shows where students were, not why; the trials of
# one notebook are no sample of all problems. A median of a mixture of settings, as 12 is, stands for none of them: the panels above show the dust.

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
