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
#     smoke: {draws: 12, rows: 500, label_counts: [15, 30], curve_counts: [15, 30, 120], teacher_counts: [2, 3], rank_counts: [25, 100, 400],
#       rank_rows: 500, rank_problems: 6, looks: 5, data_sets: [FreeSolv], folds: 4, embedded_count: 300}
#     timeout: 240
# ---

# %% [markdown]
# # Which rows to label? Those where teacher and student differ
#
# **Claim.** True labels cost money, and a row on which teacher and student agree cannot move the gain. Rows that are drawn where the two differ, with chances that are
# known, give the gain without bias, and an interval that is far shorter than from as many random labels where the two agree on most rows, as hard labels do.
#
# | | |
# | --- | --- |
# | Paper | Charikar, Pabbaraju, Shiragur (2024), arXiv 2405.15116 |
# | Where | the identity behind Theorem 1; the draw is that of Hansen and Hurwitz (1943), its chances are ours, near Sawade, Landwehr and Scheffer (2012) |
# | Inputs | generated rows; digits and breast cancer of scikit-learn; ESOL, FreeSolv and Lipop with the transformers of notebook 30, generated molecules where they cannot be had |
# | Outputs | rows `82_*`, figures `82_*`, the claims listed below |
# | About | which rows deserve a true label: drawn beside random ones, how many labels that saves, where it fails |
# | Time | under a minute on 2 cores |

# %% tags=["parameters"]
batches = 10  # independent batches of draws, over which lengths have their intervals
draws = 100  # draws of rows in each batch
rows = 1000  # rows of a draw, in generated worlds
label_counts = [15, 30, 100, 300]  # labels in generated worlds
long_rows = 4000  # rows of a draw where lengths are judged
curve_counts = [15, 30, 60, 120, 240, 480, 960, 1920]  # labels on real rows; then all rows
teacher_counts = [2, 4, 8]  # weak models to choose among
rank_counts = [25, 50, 100, 200, 400, 800, 1600, 3200]  # labels for that choice
rank_rows = 4000  # rows of a problem of choice
rank_problems = 25  # such problems in each batch
looks = 20  # looks of who does not wait, one after every 15 labels
data_sets = ["ESOL", "FreeSolv", "Lipop"]  # measured sets, of these three
folds = 10  # cross-fitting, for predictions on every row
embedded_count = 2000  # generated molecules, used only where no measured set can be had
seed = 0  # seed of the worlds, the draws and the folds

# %%
from dataclasses import replace
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown, display
from joblib import delayed
from matplotlib.ticker import LogLocator
from scipy.special import ndtri
from sklearn.datasets import load_breast_cancer, load_digits

from w2s_utils import figures, results, runtime
from w2s_utils.experiments import parameters
from w2s_utils.experiments.crossfit import crossfit_predictions
from w2s_utils.experiments.drawing_trials import drawn_interval, enumerated, ever_told, trial
from w2s_utils.experiments.drawn_choice import labels_to_name, named
from w2s_utils.experiments.drawn_real import labels_at, misused, population, rows_to_pay, taught_classes
from w2s_utils.experiments.label_coverage import certified, plain, tried
from w2s_utils.experiments.label_worlds import WORLDS
from w2s_utils.experiments.measured import fold_turns, load_sets
from w2s_utils.molecules.views import transformers
from w2s_utils.theory import drawn_terms, intervals
from w2s_utils.theory.drawing import OtherPredictions, rows_to_label
from w2s_utils.theory.drawn import drawn_gain

figures.style()
LEVEL, MANY = 0.95, 30
ledger = results.Ledger(
    "82_which_rows_to_label",
    claims=[
        "label-rows/unbiased-exact",
        "label-rows/coverage-hard",
        "label-rows/coverage-worlds",
        "label-rows/coverage-these-rows",
        "label-rows/coverage-least",
        "label-rows/coverage-one-sided",
        "label-rows/length-gaussian",
        "label-rows/length-hard",
        "label-rows/length-probabilities",
        "label-rows/coverage-real",
        "label-rows/digits-saved",
        "label-rows/cancer-saved",
        "label-rows/ESOL-length",
        "label-rows/FreeSolv-length",
        "label-rows/Lipop-length",
        "label-rows/ESOL-saved",
        "label-rows/FreeSolv-saved",
        "label-rows/Lipop-saved",
        "label-rows/ranking-saved-few",
        "label-rows/ranking-saved-many",
        "label-rows/as-if-random",
        "label-rows/looks",
    ],
)
parameters.whole(2, batches=batches, looks=looks, rank_problems=rank_problems)
parameters.whole(10, draws=draws)
parameters.whole(300, rows=rows, long_rows=long_rows, rank_rows=rank_rows)
parameters.each_whole(15, at_most=300, rising=True, label_counts=label_counts)
parameters.each_whole(15, at_least=2, rising=True, curve_counts=curve_counts)
parameters.each_whole(2, at_most=20, rising=True, teacher_counts=teacher_counts)
parameters.each_whole(15, at_least=2, rising=True, rank_counts=rank_counts)
parameters.whole(3, folds=folds)
for name, counts in {"label_counts": label_counts, "curve_counts": curve_counts}.items():
    if MANY not in counts:
        raise ValueError(f"{name} holds {MANY}, the labels at which lengths are compared, not {counts}")
sets = load_sets(data_sets, embedded_count, seed, folds)

# %% [markdown]
# ## 1. The draw, and why it is fair
#
# With $w$ the teacher's prediction of a row, $p$ the student's and $y$ its true label,
#
# $$g=(w-y)^2-(p-y)^2=(w-p)\,(w+p-2y),\qquad \text{gain}=\tfrac1n\sum_i g_i .$$
#
# Where $w=p$ that is 0 whatever $y$ is. So rows are drawn, with replacement, with chances $q_i$ that grow with $|w_i-p_i|$, which is known before any label. Each label's term is divided by what
# its row was favoured with:
#
# $$\hat g=\frac1m\sum_{k=1}^m \frac{g_{i_k}}{n\,q_{i_k}},\qquad \mathrm E\,\hat g=\sum_i q_i\,\frac{g_i}{n\,q_i}=\text{gain}.$$
#
# `w2s_utils.theory.drawing` has the chances, `drawn_terms` the variance, which has two parts: that of the labels, and that of the $n$ rows, which are themselves a sample.
# Five rows and three labels have few enough draws to go through all of them: estimate, both parts of the variance, the interval's estimate for labels between known ends, and the estimate with one
# random label joined must be right in the mean over all draws, to round-off.

# %%
off = enumerated(runtime.seed_stream(seed, "enumeration"))
print({name: f"off by {value:.0e}" for name, value in off.items()})
ledger.claim(
    "label-rows/unbiased-exact",
    where="ours; Hansen and Hurwitz 1943",
    statistic="largest relative deviation of estimates and variances from the truth, in the mean over all draws of three labels from five rows: "
    "drawn, between known ends, one random label joined, variance of labels, variance of rows",
    found=max(off.values()),
    high=1e-10,
)

# %% [markdown]
# ## 2. Does it hold?
#
# All worlds of `w2s_utils.experiments.label_worlds`: normal errors, heavy tails, rare blunders, students that copy, ties, classes, probabilities. Two questions are asked of each draw. Does the interval hold the gain
# on **rows like these**, of which the rows are a sample? And, without the variance from row to row, the mean gain of **these rows**? Labels of 0 and 1 lie between known ends, which the interval is told.
#
# Five worlds are set apart by theory. In three the gain of a row has no variance, so no interval by Student's t has its level for long: errors of a student, of both, or of a
# teacher have tails as those of $t$ with 3 degrees of freedom or heavier. In two the rows that carry the gain are too few in a thousand, or their errors too uneven (lognormal): the rows do not hold what decides it, and no label of them can say so.

# %%
ENDS = {name: world.classes if world.classes == (0, 1) else None for name, world in WORLDS.items()}
APART = ["heavy student", "heavy both", "Pareto teacher", "lognormal teacher", "copies 99 %"]
KNOWN = {name: replace(world, exact=world.gain()) for name, world in WORLDS.items()}
HARD = [name for name in WORLDS if name.startswith("hard")]
FIELDS = ["two", "one", "here", "plain_two", "plain_one"]


def in_world(name, labels, count):
    """Batches of draws from a world: how many intervals hold, and the ratio of median lengths."""
    found = []
    for batch in range(batches):
        generator = runtime.seed_stream(seed, "worlds", name, labels, count, batch)
        made = trial(KNOWN[name], count, labels, draws, generator, ENDS[name])
        about = {"world": name, "rows": count, "labels": labels, "batch": batch}
        held = {field: round(getattr(made, field) * made.draws) for field in FIELDS}
        found.append({**about, "draws": made.draws, "length": made.length, **held})
    return found


LENGTHS = {"gaussian": "misfit tells much", "hard": "hard, agree 95 %", "probabilities": "probabilities"}
places = [(name, labels, rows) for labels in label_counts for name in WORLDS]
places += [(name, MANY, long_rows) for name in LENGTHS.values() if long_rows != rows]
made = [row for part in runtime.parallel(delayed(in_world)(*place) for place in places) for row in part]
KEYS = ["world", "rows", "labels", "batch"]
found = results.save_rows("82_worlds", made, keys=KEYS)
summed = found[found["rows"] == rows].groupby(["world", "labels"], sort=False)[["draws", *FIELDS]].sum()
shares = summed[FIELDS].div(summed["draws"], axis=0)
shares["two"].unstack().round(3)


# %%
def least_share(held):
    """Of {where: (successes, trials)} the share of least upper end, from Clopper-Pearson intervals that hold together."""
    each = intervals.joint(len(held))
    shares = {where: intervals.share(*map(int, counts), each) for where, counts in held.items()}
    where = min(shares, key=lambda one: shares[one].high)
    print(f"least of {len(held)}: {where}, {shares[where].estimate:.3f}")
    return shares[where]


def of_worlds(worlds, counts, fields):
    return {
        (world, labels, field): summed.loc[(world, labels), [field, "draws"]]
        for world, labels, field in product(worlds, counts, fields)
    }


TOGETHER = "Clopper-Pearson interval, 95 % for all together"
promised = [labels for labels in label_counts if labels >= MANY]
usual = [name for name in WORLDS if name not in APART]
for claim, worlds, counts, fields, bar, what in (
    ("hard", HARD, label_counts, ["two", "one"], 0.94, "hard labels, from 15 labels on, rows like these"),
    ("worlds", usual, promised, ["two"], 0.92, "two-sided, all worlds but five, 30 labels and more"),
    ("these-rows", list(WORLDS), promised, ["here"], 0.92, "all worlds, from 30 labels on, these rows"),
):
    shares_of = of_worlds(worlds, counts, fields)
    ledger.claim(
        f"label-rows/coverage-{claim}",
        where="ours",
        statistic=f"share of 95 % intervals that hold the gain, {what}: least upper end of {len(shares_of)} Clopper-Pearson intervals, 95 % for all together",
        found=least_share(shares_of).high,
        low=bar,
    )
for claim, worlds, counts, side, why in (
    ("least", list(WORLDS), label_counts, "two", "nothing is promised where few rows decide"),
    ("one-sided", usual, promised, "one", "for skewed gains one side gets more than its half"),
):
    shares_of = of_worlds(worlds, counts, [side])
    what = f"share of 95 % intervals, {side}-sided, that hold the gain on rows like these"
    about = (
        f"label-rows/coverage-{claim}",
        "ours",
        f"{what}, least of {len(worlds)} worlds, {counts} labels",
    )
    ledger.report(*about, *least_share(shares_of), f"{why}; {TOGETHER}")

# %%
most = max(label_counts)
at_many, at_most = (shares.xs(labels, level="labels") for labels in (MANY, most))
order = at_most["two"].sort_values().index
height = np.arange(len(order))
fig, (left, right) = plt.subplots(1, 2, figsize=(12, 8), sharey=True, width_ratios=[3, 2])
for held, label, look in (
    (at_many["plain_two"], f"{MANY} random labels, Student's t", {"color": figures.GREY, "marker": "^"}),
    (at_most["here"], f"{most} drawn labels, for these rows", {"color": figures.ORANGE, "marker": "s"}),
    (at_many["two"], f"{MANY} drawn labels, for rows like these", {"color": figures.BLUE, "marker": "o"}),
    (at_most["two"], f"{most} drawn labels, for rows like these", {"color": figures.GREEN, "marker": "v"}),
):
    left.plot(100 * held.loc[order], height, ls="", label=label, **look)
left.axvline(100 * LEVEL, color="black", lw=1, ls="--", label="what is promised")
left.set(xlabel=f"95 % intervals that hold the gain, %, {rows:,} rows")
left.set_yticks(height, order)
ratios = found[found["rows"] == rows].groupby(["world", "labels"])["length"].mean().unstack()
for labels, colour, marker in ((MANY, figures.BLUE, "o"), (most, figures.GREEN, "v")):
    right.plot(ratios.loc[order, labels], height, marker, color=colour)
right.axvline(1, color="black", lw=1, ls=":")
right.set(xlabel="length over that of as many random labels", xlim=(0, None))
figures.legend_below(fig, left, columns=3)
figures.show(
    fig,
    "82_worlds",
    "Left: share of intervals that hold the gain, for every world: from random labels, from drawn ones for the rows at hand, and for rows like these. The drawn ones lie near 95 percent "
    "but for a few worlds at the bottom where few rows decide, in which random labels fall far shorter. Right: length of the drawn interval over the random one; below one in most worlds.",
)

# %% [markdown]
# **What to see.** *Left*: for the rows at hand (orange) drawn labels keep their level everywhere. For rows like these (blue, green) they do but for worlds at the bottom, where few rows of a thousand carry the gain or it has no
# variance: the sample is the trouble there, no longer the labels, and *more rows* are the remedy. One-sided bounds are not in the figure: where a student blunders they hold less often than they say, as the claim above has it. In some of them more labels make it worse, as the interval shrinks to the rows at hand. Random labels fall short sooner, and by
# more. *Right*: with more labels the gap to random ones closes, as the part of the rows remains. Where the drawn interval is clearly the longer one, the random one is too short for its level.

# %%
OVER = f"95 % Student's t interval over {batches} batches of {draws} draws"


def shorter(bar):
    """What a finding on lengths says of its prediction."""
    words = f"drawn labels make the interval {bar:g} times as long or less"
    return {"prediction": words, "predicted": (0, bar), "interval": OVER, "stated_by": "ours"}


for claim, bar in {"gaussian": 0.45, "hard": 0.3, "probabilities": 0.9}.items():
    here = (found["world"] == LENGTHS[claim]) & (found["rows"] == long_rows) & (found["labels"] == MANY)
    typical = intervals.mean_t(found[here]["length"])
    ledger.finding(
        f"label-rows/length-{claim}",
        where="ours",
        statistic=f"median length over that of as many random labels, Student's t; {LENGTHS[claim]}, {MANY} labels of {long_rows:,} rows",
        **{"found": typical.estimate, "low": typical.low, "high": typical.high},
        **shorter(bar),
    )

# %% [markdown]
# ## 3. Real rows: how many labels are saved?
#
# Molecules with transformers as in notebook 80, the middle of the ladder teaching the strongest. And two sets of classes that come with scikit-learn, **digits** (is it 5 or more?) and **breast cancer**, with logistic heads: in
# each of the folds a teacher learns from true labels of half of the other rows and sees every second (digits) or third column; its student sees all columns and learns the other half's weak labels. They are judged as hard
# labels, 0 or 1, and as probabilities. Rows of a set are the population, whose gain is known. Each draw takes as many rows as the set has, with replacement, and labels some.

# %%
display(Markdown(f"### {sets.heading}"))
predicted, units = {}, {}
for name, data in sets.loaded.items():
    family = transformers(data)
    teacher = list(family.weak)[len(family.weak) // 2]
    made = crossfit_predictions(
        [family.weak[teacher]], family.strong, data.targets, fold_turns(data, folds, "shared", 0, seed)
    )
    predicted[sets.label(name)] = (np.asarray(data.targets, dtype=float), *made[0, :2])
    units[sets.label(name)] = f"half-width, {sets.squared_unit(name)}"
    print(f"{sets.label(name)}: {teacher} teaches {family.strong_name}")
MOLECULES = list(predicted)
digits, cancer = load_digits(), load_breast_cancer()
CLASSES = {"digits": (digits, digits.target >= 5, 2), "breast cancer": (cancer, cancer.target == 1, 3)}
for name, (loaded, wanted, step) in CLASSES.items():
    truth = wanted.astype(float)
    odds = taught_classes(loaded.data, truth, step, folds, runtime.seed_stream(seed, "heads", name))
    predicted[f"{name}, hard"] = (truth, *(odds > 0.5).astype(float))
    predicted[f"{name}, probabilities"] = (truth, *odds)
POPULATIONS = {
    name: population(sides, None if name in MOLECULES else (0.0, 1.0)) for name, sides in predicted.items()
}
pd.DataFrame(
    {
        "set": name,
        "rows": len(weak),
        "teacher and student differ, share": np.mean(np.abs(weak - student) > 1e-9),
        "rows that carry the gain": float(drawn_terms.carrying(weak, student)),
        "weak error": np.mean((weak - truth) ** 2),
        "gain": POPULATIONS[name].gain(),
    }
    for name, (truth, weak, student) in predicted.items()
).set_index("set").round(3)

# %%
RANDOM, PLAIN, DRAWN = "random, certificate", "random, plain", "drawn"


def on_real_rows(name, batch):
    world, count = POPULATIONS[name], len(predicted[name][0])
    generator = runtime.seed_stream(seed, "real rows", name, batch)
    kinds = {RANDOM: certified(world), PLAIN: plain, DRAWN: drawn_interval(generator, world.classes)}
    counts = [labels for labels in curve_counts if labels < count] + [count]
    made = tried(world, kinds, counts, draws, generator, LEVEL, lambda _: count)
    return [{"set": name, "batch": batch, **row} for row in made]


made = runtime.parallel(delayed(on_real_rows)(name, batch) for name in predicted for batch in range(batches))
KEYS = ["set", "labels", "kind", "batch"]
real = results.save_rows("82_real_rows", [row for part in made for row in part], keys=KEYS)
real["half_width"] = real["length"] / 2
widths = real.groupby(["set", "labels", "kind"])["half_width"].mean().unstack()
pay = {}
for name, world in POPULATIONS.items():
    counts, generator = widths.loc[name].index, runtime.seed_stream(seed, "labels to pay", name)
    met = rows_to_pay(world, len(predicted[name][0]), counts, generator)
    pay |= {(name, labels): count for labels, count in zip(counts, met, strict=True)}


def times_fewer(name, curve, draws):
    """Random labels that give the half-width of so many draws, over those that are paid for: certificate, plain."""
    wanted = curve.loc[draws, DRAWN]
    return [labels_at(curve.index, curve[kind], wanted) / pay[name, draws] for kind in (RANDOM, PLAIN)]


# %%
SHOWN = [*MOLECULES, "digits, hard", "breast cancer, hard", "digits, probabilities"]
fig, panels = plt.subplots(2, 3, figsize=(11.5, 7.6))
CURVES = {RANDOM: (figures.ORANGE, "s-"), PLAIN: (figures.GREY, "^--"), DRAWN: (figures.BLUE, "o-")}
for axes in panels.flat[len(SHOWN) :]:
    axes.remove()
for axes, name in zip(panels.flat, SHOWN, strict=False):
    curve = widths.loc[name]
    for kind, (colour, style) in CURVES.items():
        at = [pay[name, labels] if kind == DRAWN else labels for labels in curve.index]
        axes.plot(at, curve[kind].where(curve[kind] > 0), style, color=colour, ms=5, label=kind)
    wanted, start, (times, beside) = curve.loc[MANY, DRAWN], pay[name, MANY], times_fewer(name, curve, MANY)
    look = {"arrowstyle": "-|>", "color": "black", "lw": 1.6, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", (times * start, wanted), (start, wanted), arrowprops=look)
    axes.set(xscale="log", yscale="log")
    axes.set_title(f"{name}:\n{times:.1f} times fewer labels (plain: {beside:.1f})")
    axes.set(xlabel="true labels that are paid for", ylabel=units.get(name, "half-width, share of rows"))
    ticks = [count for count in (15, 60, 240, 960, 3840) if count <= curve.index[-1]]
    axes.set_xticks(ticks, [str(count) for count in ticks])
    axes.minorticks_off()
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
figures.legend_below(fig, panels[0, 0], columns=3)
figures.show(
    fig,
    "82_half_widths",
    "Half-width of the interval for the gain against the number of true labels, both logarithmic, a panel for each set: random labels with the certificate and with the plain interval, and "
    f"drawn labels, whose line lies below with few labels, far below for hard labels. An arrow goes from {MANY} draws to the number of random labels that give the same half-width.",
)

# %% [markdown]
# **What to see.** Read along the arrow: so many random labels do what the drawn ones do at its start. On hard labels most random ones fall on rows where both say the same, and tell nothing; drawn ones never do. A row that is drawn
# again is not paid again, so the blue line ends where all rows that differ are labelled: no further label can tell anything. On molecules predictions differ everywhere, and what is saved is modest; on probabilities it is nothing
# beside the plain interval, which the table shows to hold less often with few labels. How often intervals hold there, and what is paid:

# %%
held = real.groupby(["set", "labels", "kind"])[["held", "draws"]].sum()
holds = (held["held"] / held["draws"]).unstack()
table = []
for name, labels in product(predicted, [labels for labels in curve_counts if labels in (MANY, 120)]):
    curve, paid = widths.loc[name], pay[name, labels]
    times, beside = times_fewer(name, curve, labels)
    about = {"set": name, "draws": labels, "labels paid": paid, "half-width": curve.loc[labels, DRAWN]}
    about |= {"times fewer, certificate": times, "times fewer, plain": beside}
    table.append(about | holds.loc[(name, labels)].add_prefix("holds, ").to_dict())
table = pd.DataFrame(table).set_index(["set", "draws"])
table.round({"labels paid": 0, "times fewer, certificate": 1, "times fewer, plain": 1}).round(3)

# %%
many = {where: counts for where, counts in held.iterrows() if where[1] >= MANY and where[2] == DRAWN}
ledger.report(
    "label-rows/coverage-real",
    "ours",
    f"share of 95 % intervals that hold the gain, from {MANY} drawn labels on, least over numbers of labels and {', '.join(predicted)}",
    *least_share(many),
    f"the level is a promise where rows that carry the gain are not few; {TOGETHER}",
)
SAVED = f"random labels for each drawn one that is paid for, same half-width as {MANY} draws, the fewer of certificate and plain"
saved, lengths = {}, {}
for name in predicted:
    of_set = real[real["set"] == name].pivot_table(index="labels", columns=["batch", "kind"], values="length")
    curves = [of_set[batch] for batch in range(batches)]
    saved[name] = intervals.mean_t([min(times_fewer(name, curve, MANY)) for curve in curves])
    lengths[name] = intervals.mean_t([curve.loc[MANY, DRAWN] / curve.loc[MANY, PLAIN] for curve in curves])
for name in CLASSES:
    about = (f"label-rows/{name.split()[-1]}-saved", "ours", f"{SAVED}; {name}, hard")
    ledger.report(*about, *saved[f"{name}, hard"], f"nothing predicts it; {OVER}")
for name in ("ESOL", "FreeSolv", "Lipop"):
    times = saved.get(name)
    about = (SAVED, times and times.estimate, times and times.ends, f"nothing predicts it; {OVER}")
    sets.report(ledger, name, f"label-rows/{name}-saved", "ours", *about)
    sets.finding(
        ledger,
        name,
        f"label-rows/{name}-length",
        where="ours",
        statistic=f"median length over that of as many random labels, Student's t, {MANY} draws",
        **shorter(0.75) | {"found": lengths.get(name)},
    )

# %% [markdown]
# ## 4. Random labels that exist are not lost
#
# $m_u$ random labels that are there already and $m_d$ drawn ones are one sample from the mixture of both chances; each term is divided by the mixture's. `rows_to_label(..., labelled=...)` is told of them.


# %%
def joined(name):
    """Median half-widths and coverage with 30 random labels, 30 drawn ones, and both together."""
    world, count = POPULATIONS[name], len(predicted[name][0])
    generator = runtime.seed_stream(seed, "joined", name)
    alone = {"random": certified(world), "drawn": drawn_interval(generator, world.classes)}
    both = {"random and drawn": drawn_interval(generator, world.classes, MANY)}
    made = tried(world, alone, [MANY], batches * draws, generator, LEVEL, lambda _: count)
    made += tried(world, both, [2 * MANY], batches * draws, generator, LEVEL, lambda _: count)
    return [{"set": name, **row} for row in made]


made = runtime.parallel(delayed(joined)(name) for name in predicted)
KEYS = ["set", "kind"]
both = results.save_rows("82_joined", [row for part in made for row in part], keys=KEYS)
both["half-width"], both["holds"] = both["length"] / 2, both["held"] / both["draws"]
both.pivot_table(index="set", columns="kind", values=["half-width", "holds"], sort=False).round(3)

# %% [markdown]
# **What to see.** Of hard labels the random ones add next to nothing, as hardly one falls on a row that counts. Elsewhere both together are shorter than either, and hold.
#
# ## 5. Which weak model should label?
#
# The difference of two students' errors is a gain, so rows where students differ tell which is better, and one draw can serve all pairs: $q_i$ is the mean of theirs. Generated problems, in which the best of several students
# is known (`w2s_utils.experiments.drawn_choice`): how many labels until it is told from each other one, all pairs at 95 % together, in nine problems of ten?

# %%
PROBLEMS = [(kind, models) for kind in ("hard", "numbers") for models in teacher_counts]


def choices(kind, models, batch):
    generator = runtime.seed_stream(seed, "choice", kind, models, batch)
    told = named(kind, models, rank_counts, rank_problems, rank_rows, generator, LEVEL)
    about = {"labels of": kind, "weak models": models, "batch": batch}
    return [{**about, "way": way, "labels": labels, "right": right} for (way, labels), right in told.items()]


made = runtime.parallel(delayed(choices)(*one, batch) for one in PROBLEMS for batch in range(batches))
KEYS = ["labels of", "weak models", "batch", "way", "labels"]
chosen = results.save_rows("82_choice", [row for part in made for row in part], keys=KEYS)
right = chosen.groupby(["labels of", "weak models", "way", "labels"])["right"].sum()
table, count = {}, batches * rank_problems
for kind, models in PROBLEMS:
    random, drawn = (
        labels_to_name(rank_counts, right[kind, models, way], count) for way in ("random", "drawn")
    )
    table[kind, models] = {"random": random[0], "drawn": drawn[0], "times fewer": random[0] / drawn[0]}
    claim = {min(teacher_counts): "few", max(teacher_counts): "many"}.get(models)
    if kind != "hard" or not claim:
        continue
    what = f"random draws for each drawn one, until the best of {models} students is named in 90 % of problems, hard labels"
    about = (f"label-rows/ranking-saved-{claim}", "ours", what)
    ratio = np.array([random[0] / drawn[0], random[1] / drawn[2], random[2] / drawn[1]])
    if np.isfinite(ratio).all():
        ledger.report(*about, *ratio, "nothing predicts it; from Clopper-Pearson intervals, 95 % together")
    else:
        ledger.not_run(*about, "not named so often with the most labels of this run")
table = pd.DataFrame(table).T.rename_axis(["labels of", "weak models"])
table.round({"random": 0, "drawn": 0, "times fewer": 1})

# %% [markdown]
# **What to see.** Between two weak models drawn labels save about what they save for a gain. The more share one draw, the less: each pair differs on rows of its own, a label serves few of the pairs, and of
# numbers, on which many students differ everywhere, next to nothing is left. So drop the hopeless ones first, by labels that exist, and draw for two or three.
#
# ## 6. What must not be done
#
# **Take labels of drawn rows for random ones.** They are of rows where the two differ; a mean over them is the gain of such rows, not of all. What the plain interval and the certificate of notebook 80 make of them:


# %%
MISUSED = max(label_counts)
TRIED = {name: KNOWN[name] for name in ("misfit tells much", "hard, agree 95 %")} | POPULATIONS


def as_if_random(name, number):
    generator = runtime.seed_stream(seed, "as if random", name, number)
    return {"rows of": name, "draw": number} | misused(TRIED[name], rows, MISUSED, number, generator)


made = runtime.parallel(delayed(as_if_random)(name, number) for name in TRIED for number in range(2 * draws))
told = results.save_rows("82_as_if_random", made, keys=["rows of", "draw"])
ledger.report(
    "label-rows/as-if-random",
    "ours",
    f"share of 95 % intervals of Student's t that hold the gain, labels of {MISUSED} draws taken for random ones; misfit tells much",
    *intervals.share(int(told[told["rows of"] == "misfit tells much"]["plain holds"].sum()), 2 * draws),
    reason="nothing is promised; 95 % Clopper-Pearson interval over draws",
)
told.drop(columns="draw").groupby("rows of", sort=False).mean().round(3)

# %% [markdown]
# **What to see.** The plain mean is about other rows, and its interval may never hold the gain. The certificate, which looks at how far each row differs, survives where gains are a line in the misfit, and for 0/1 predictions, where only
# the share of rows counts on which the student is right. That is luck of the kind of labels: on FreeSolv it is off by far.
#
# **Train on them, and judge what comes out.** The labels judge the predictions that they were drawn for, frozen, and no others; others are refused. So the file of `w2s label` keeps the predictions.

# %%
truth, weak, student = predicted["digits, hard"]
drawing = rows_to_label({"mine": weak}, {"mine": student}, 40, seed, bounded=True)
some = drawing.to_label
print(drawn_gain(drawing, weak, student, truth[some], some, ends=(0, 1)).interval)
better = np.where(np.isin(np.arange(len(truth)), some), truth, student)  # it has learned these by heart
try:
    drawn_gain(drawing, weak, better, truth[some], some, ends=(0, 1))
except OtherPredictions as error:
    print("refused:", error)

# %% [markdown]
# **Look after each batch and stop when it pleases.** A world without any gain: teacher and student err alike. After every 15 labels someone looks, and stops as soon as the interval says a sign. How often is none ever
# said, as would be right? Splitting the level over planned looks repairs it, at the price of longer intervals. A sequence that holds at all times (the normal mixture of Robbins) has a half-width of
# $\sqrt{2\,\tfrac{x+1}{x}\log\tfrac{\sqrt{x+1}}{\alpha}}$ standard errors, with $x$ in proportion to the labels: its least value over $x$ is its price at the one number of labels that it is tuned for.

# %%
table, sequences, normal = [], batches * draws, ndtri((1 + LEVEL) / 2)
for planned in sorted({1, 2, 5, looks}):
    stops = np.linspace(15 * looks / planned, 15 * looks, planned).round().astype(int)
    right = []
    for level in (LEVEL, intervals.joint(planned, LEVEL)):
        generator = runtime.seed_stream(seed, "looks")
        told = ever_told(WORLDS["misfit tells nothing"], rows, stops, sequences, level, generator)
        right.append(sequences - int(told.sum()))
    about = {"looks": planned, "never wrong, each at 95 %": right[0], "never wrong, level split": right[1]}
    table.append(about | {"length with the level split": ndtri((1 + level) / 2) / normal})
table = pd.DataFrame(table).set_index("looks")
x = np.linspace(1, 50, 5000)
anytime = np.sqrt(2 * (x + 1) / x * np.log(np.sqrt(x + 1) / (1 - LEVEL))).min() / normal
ledger.report(
    "label-rows/looks",
    "ours",
    f"share of sequences that never say a sign where there is no gain, {looks} looks at 95 % each, one after every 15 drawn labels",
    *intervals.share(int(table.loc[looks, "never wrong, each at 95 %"]), sequences),
    reason="each look is at the level, all together are not; 95 % Clopper-Pearson interval over sequences",
)
print(f"always valid: {anytime:.2f} times the length, at best; of {sequences} sequences:")
table.round(3)

# %% [markdown]
# ## 7. The command
#
# ```bash
# w2s label mine.csv --count 40 --target y --strong 's_*' --weak small=w1,w2   # writes mine_to_label.csv: fill it in
# w2s judge mine_to_label.csv                                                   # the gain, and who should label
# ```
#
# In short: draw where classes are judged and the two agree on most rows, or where two weak models compete. Where predictions are numbers that differ everywhere, expect little. Decide the number of labels first, keep the predictions,
# and where few rows carry the gain (`DrawnGain.carrying`), get more rows before more labels.

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
