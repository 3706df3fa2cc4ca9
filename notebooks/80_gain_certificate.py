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
#       problems: 60
#       label_counts: [10, 30]
#       draws: 20
#       rarities: [0.1, 0.01]
#       data_sets: [FreeSolv]
#       folds: 4
#       embedded_count: 300
#     timeout: 900
# ---

# %% [markdown]
# # The gain certificate: how much has the student gained, from a few true labels?
#
# **Claim.** Row by row, gain = misfit + cross term. The misfit needs no true label, so it can be averaged over every row that neither model was fitted on.
# Only the cross term needs labels. The result is an interval for the gain that holds near its level from some 30 random labels on, and is shorter than the one from
# the labelled rows alone where misfit tells much of the gain: on the molecules here it does not.
#
# | | |
# | --- | --- |
# | Paper | Charikar, Pabbaraju, Shiragur (2024), arXiv 2405.15116 |
# | Where | the identity behind Theorem 1; the certificate is ours, an instance of prediction-powered inference (Angelopoulos et al. 2023) |
# | Inputs | generated problems; ESOL, FreeSolv and Lipop with the transformers of notebook 30, generated molecules where they cannot be had |
# | Outputs | rows `80_*`, figures `80_*`, the claims listed below |
# | About | the gain from few true labels: does the interval hold, how short is it, where does it fail |
# | Time | about two minutes on 2 cores |

# %% tags=["parameters"]
problems = 2000  # generated problems for every number of labels
label_counts = [10, 30, 100, 300]  # true labels
unlabelled_per_label = 20  # unlabelled rows for each labelled one
train_rows = 500  # weak labels that a generated student learns from
draws = 1000  # the same for the molecules: draws of rows
rarities = [0.1, 0.03, 0.01, 0.003]  # share of rows that carry a third of the gain or cost it
data_sets = ["ESOL", "FreeSolv", "Lipop"]  # measured sets, of these three
folds = 10  # cross-fitting, for predictions on every molecule
embedded_count = 2000  # generated molecules, used only where no measured set can be had
seed = 0  # seed of the problems, the draws and the folds

# %%
import math

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown
from joblib import delayed

from w2s_utils import figures, results, runtime
from w2s_utils.experiments import parameters
from w2s_utils.experiments.crossfit import crossfit_predictions
from w2s_utils.experiments.linear_worlds import INTERVALS, judged_intervals, linear_world, taught, terms
from w2s_utils.experiments.measured import fold_turns, load_sets
from w2s_utils.molecules.views import transformers
from w2s_utils.theory import intervals
from w2s_utils.theory.certificate import certify_gain
from w2s_utils.theory.misfit import squared_distance
from w2s_utils.theory.ranking import rank_weak_models

figures.style()
LEVEL = 0.95
ledger = results.Ledger(
    "80_gain_certificate",
    claims=[
        "certificate/coverage",
        "certificate/coverage-few",
        "certificate/lower-bound",
        "certificate/width-as-predicted",
        "certificate/labels-for",
        "certificate/without-leaving-out",
        "certificate/shifted-labels",
        "certificate/ESOL-coverage",
        "certificate/FreeSolv-coverage",
        "certificate/Lipop-coverage",
        "certificate/ranking-wrong",
        "certificate/ranking-right",
    ],
)
MANY = 30  # labels from which the promise, one for many labels, is judged
parameters.whole(6, problems=problems)  # six are the least for a median's interval
parameters.each_whole(4, label_counts=label_counts)
parameters.whole(1, unlabelled_per_label=unlabelled_per_label, draws=draws)
parameters.whole(20, train_rows=train_rows)
parameters.each_number(0, at_most=1, rarities=rarities)
parameters.whole(3, folds=folds)
if max(label_counts) < MANY:
    raise ValueError(f"one of label_counts is {MANY} or more, not {label_counts}")
sets = load_sets(data_sets, embedded_count, seed, folds)

# %% [markdown]
# ## 1. The estimate
#
# With $w_i$ the teacher's label, $p_i$ the student's prediction and $y_i$ the true label of row $i$, whatever they are,
#
# $$\underbrace{(w_i-y_i)^2-(p_i-y_i)^2}_{g_i,\ \text{gain}}=\underbrace{(w_i-p_i)^2}_{\mu_i,\ \text{misfit}}+
#   \underbrace{2\,(p_i-w_i)(y_i-p_i)}_{\text{cross term}} .$$
#
# Let $m$ of $n$ rows have true labels, drawn at random. For any weight $b$,
#
# $$\hat g(b)=\underbrace{\tfrac1m\sum_{\text{labelled}}(g_i-b\,\mu_i)}_{\text{needs labels}}+\underbrace{b\,\tfrac1n\sum_{\text{all}}\mu_i}_{\text{needs none}}$$
#
# has the right mean. $b=0$ is the labelled rows alone, *naive*. $b=1$ is *the identity* as it stands. The variance is least for the slope of $g$ on $\mu$,
# and with $\rho$ their correlation the interval then shrinks by
#
# $$\sqrt{1-\rho^2\,(1-m/n)} .$$
#
# `w2s_utils.theory.certificate.certify_gain` takes that slope from the labelled rows (*best weight*). Its standard error leaves each row out
# of the line that it is compared with (HC3); section 2 shows what happens without.

# %% [markdown]
# ## 2. Does it hold? Generated problems
#
# Each problem is another world. The true function has a part that the strong class (linear in eight features) can express and one that it cannot, linear in four other
# features. The teacher errs in both. The student is a least squares head, fitted to 500 weak labels of other rows. True labels carry noise. All functions are linear in
# independent terms of variance 1, so the true gain is known exactly. The terms are Gaussian; gains, differences of squares, are not.

# %%
CHEAP = ("identity", "best weight")
BOOTSTRAPPED = 400  # problems that the bootstrap sees at most, as it takes a hundred times as long


def one_problem(number, labels):
    generator = runtime.seed_stream(seed, "certificate", labels, number)
    world = linear_world(train_rows, generator)
    table = terms(labels * (1 + unlabelled_per_label), generator)
    known = world.labels(table[:labels], generator)
    kinds = INTERVALS if number < BOOTSTRAPPED else CHEAP
    about = {"labels": labels, "problem": number, "told": world.share_told}
    made = judged_intervals(
        table @ world.weak, table @ world.student, known, world.gain, kinds, LEVEL, number
    )
    return [{**about, **row} for row in made]


made = runtime.parallel(
    delayed(one_problem)(number, labels) for labels in reversed(label_counts) for number in range(problems)
)
KEYS = ["labels", "problem", "kind"]
found = results.save_rows("80_problems", [row for part in made for row in part], keys=KEYS)
found = results.load_rows("80_problems", keys=KEYS)
coverage = found.pivot_table(index="labels", columns="kind", values="holds", aggfunc="mean")
coverage[["naive", "identity", "best weight", "bootstrap", "no row left out"]].round(3)


# %%
BAND = (0.93, 0.97)  # of a coverage of 95 %, whatever the number of problems


def off_level(column):
    """The share of successes that is farthest from LEVEL, over MANY labels and more."""
    rows = found[(found["kind"] == "best weight") & (found["labels"] >= MANY)]
    shares = rows.groupby("labels")[column].mean()
    return float(shares[abs(shares - LEVEL).idxmax()])


for claim, column, what in (
    ("certificate/coverage", "holds", "95 % intervals that hold the true gain"),
    ("certificate/lower-bound", "bound_holds", "95 % lower bounds below the true gain"),
):
    ledger.claim(
        claim,
        where="ours; Angelopoulos et al. 2023",
        statistic=f"share of {what}: the one farthest from 0.95 over the numbers of labels from {MANY} on, {problems} problems each",
        found=off_level(column),
        low=BAND[0],
        high=BAND[1],
    )


def share_of(holds, confidence=0.95):
    return intervals.share(int(holds.sum()), len(holds), confidence)


def as_found(interval):
    """What `Ledger.report` takes of an interval."""
    return {"found": interval.estimate, "low": interval.low, "high": interval.high}


least = min(label_counts)
for claim, kind, what, reason in (
    ("coverage-few", "best weight", "95 % intervals", "the level is a promise for many labels"),
    (
        "without-leaving-out",
        "no row left out",
        "95 % intervals with the textbook's variance",
        "what leaving rows out repairs",
    ),
):
    small = found[(found["kind"] == kind) & (found["labels"] == least)]["holds"]
    ledger.report(
        f"certificate/{claim}",
        where="ours",
        statistic=f"share of {what} that hold the true gain, {least} labels",
        **as_found(share_of(small)),
        reason=f"{reason}; 95 % Clopper-Pearson interval over problems",
    )

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4.4))
STYLES = {
    "best weight": (figures.BLUE, "o-"),
    "identity": (figures.ORANGE, "s-"),
    "naive": (figures.GREY, "^-"),
    "no row left out": (figures.GREEN, "v--"),
}
left.axhspan(*BAND, color=figures.GREY, alpha=0.2, lw=0, label="band of the claim")
for kind, (colour, style) in STYLES.items():
    left.plot(coverage.index, coverage[kind], style, color=colour, ms=5, label=kind)
left.set(xscale="log", xlabel="true labels m", ylabel="share of intervals that hold the true gain")
left.set_xticks(label_counts, [str(count) for count in label_counts])
left.minorticks_off()
left.legend()
many = found[(found["labels"] == max(label_counts)) & (found["kind"] == "best weight")]
look = {"color": figures.BLUE, "ms": 3, "alpha": 0.4, "label": f"problems, {max(label_counts)} labels"}
right.plot(many["told"], many["width"], ".", **look)
fraction = unlabelled_per_label / (1 + unlabelled_per_label)
grid = np.linspace(0, 1, 200)
right.plot(grid, np.sqrt(1 - grid * fraction), color="black", lw=1.5, label="sqrt(1 − ρ² (1 − m/n))")
right.axhline(1, color=figures.GREY, lw=0.8, ls=":")
right.set(xlabel="ρ², share of the gain's variance that misfit tells", ylim=(0, 1.3))
right.set(ylabel="length over naive length")
right.legend()
figures.show(
    fig,
    "80_coverage",
    "Left: share of intervals that hold the true gain against the number of true labels. The best weight stays near 95 percent, the textbook variance falls short with few "
    "labels. Right: length of the interval over the naive one, against the part of the gain's variance that the misfit tells; it follows the square root law.",
)

# %% [markdown]
# **What to see.** *Left*: from 30 labels on the certificate holds as often as it says; with ten it falls a point or two short. The naive interval falls a little short with few labels too, as Student's
# does for skewed values. Without leaving rows out the best weight would fall far short: a row of large misfit pulls the line towards itself, and its own residual then looks small. *Right*: how much is won
# depends on how much of the gain the misfit tells. In most of these worlds that is little. Where gain follows misfit, as the paper has it, it is much.

# %%
ratio = many["width"] / np.sqrt(1 - many["told"] * fraction)
typical = intervals.median(ratio.to_numpy())
ledger.report(
    "certificate/width-as-predicted",
    where="ours",
    statistic=f"median length over the naive one, relative to sqrt(1 - rho^2 (1 - m/n)), {max(label_counts)} labels",
    **as_found(typical),
    reason="1 in the limit of many labels; 95 % interval of a median over problems, from order statistics",
)
found.groupby(["labels", "kind"])["width"].median().unstack().round(2)

# %% [markdown]
# Finding the best weight has a price: with ten labels the interval is a tenth longer than the naive one. `weight=1`, the identity, costs nothing and wins
# nothing on average here: it is right where gain is misfit plus something unrelated, and too much where the student often drops what its teacher had right.
#
# ## 3. How many labels?
#
# The interval has two parts: one falls like $1/\sqrt m$, one is left by the misfit's own mean over $n$ rows. `labels_for(half_width)` solves for the further labels.
# The figure follows two problems as labels come in. Then every problem with 100 labels asks for half its half-width and gets the labels it asked for.

# %%
ROWS = 20_000
candidates = [
    linear_world(train_rows, runtime.seed_stream(seed, "certificate", "shown", number))
    for number in range(60)
]
told = np.array([world.share_told for world in candidates])
fig, panels = plt.subplots(1, 2, figsize=(11, 4.8))
counts = np.unique(np.geomspace(10, 1000, 13).astype(int))
SHOWN = 100  # labels whose interval is compared below
ENDS = {"labelled rows alone": ("naive_", figures.GREY, "^", 1.07), "certificate": ("", figures.BLUE, "o", 1)}
for axes, wanted in zip(panels, (0.1, 0.8), strict=True):
    place = int(np.argmin(abs(told - wanted)))
    world = candidates[place]
    generator = runtime.seed_stream(seed, "certificate", "shown rows", place)
    table = terms(ROWS, generator)
    y = world.labels(table, generator)
    w, p = table @ world.weak, table @ world.student
    length = 2 * certify_gain(w, p, y[:SHOWN], np.arange(SHOWN)).half_width
    curve = [certify_gain(w, p, y[:m], np.arange(m)) for m in counts]
    gains = (w - y) ** 2 - (p - y) ** 2
    alone = (m for m in range(SHOWN, ROWS, 10) if np.ptp(intervals.mean_t(gains[:m]).ends) <= length)
    print(
        f"misfit tells {told[place]:.0%}: {SHOWN} labels do what {next(alone, ROWS)} labelled rows alone do"
    )
    for label, (prefix, colour, marker, beside) in ENDS.items():
        low, high = (np.array([getattr(c, prefix + end) for c in curve]) for end in ("low", "high"))
        look = {"fmt": marker, "color": colour, "ms": 5.5, "lw": 2, "label": f"{label}, 95 % interval"}
        axes.errorbar(counts * beside, (low + high) / 2, (high - low) / 2, **look)
    axes.axhline(world.gain, color="black", lw=1.5, label="true gain", zorder=1)
    axes.axhline(curve[0].misfit, color=figures.ORANGE, lw=1.5, ls="--", label="misfit, no labels needed")
    axes.axhline(0, color=figures.GREY, lw=0.8, ls=":")
    half = 10 * curve[-1].half_width
    axes.set(xscale="log", xlim=(9, 1150), ylim=(world.gain - half, world.gain + half))
    axes.set(xlabel=f"true labels m, of {ROWS:,} rows", ylabel="gain, squared units of the target")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_title(f"the misfit tells {100 * told[place]:.0f} % of the gain's variance")
figures.legend_below(fig, panels[0], columns=4)
figures.show(
    fig,
    "80_budget",
    "Interval for the gain of two generated problems at growing numbers of true labels, with the true gain: the certificate's (circles) beside that of the labelled rows alone (triangles). "
    "Where the misfit tells much of the gain, the certificate's are far shorter; where it tells little, the two are alike. Intervals that reach the rim with few labels go on beyond it.",
)

# %% [markdown]
# **What to see.** Intervals that reach the rim go on beyond it. On the right the certificate does with 100 labels what takes the labelled rows alone several times as many (printed above the figure). On the left it is hardly shorter, and with few labels at times longer. Each interval is for a
# number of labels that was fixed before. Whoever watches it and stops when it pleases has no 95 % any more: on the left the truth lies outside
# for a stretch. Who labels more and looks again has two looks and should split the level between them, as $1-(1-0.95)/2$ at each.


# %%
def asked_for(number):
    """Achieved over wanted half-width where the labels that were asked for have come, and how many those were."""
    generator = runtime.seed_stream(seed, "certificate", "asked", number)
    world = linear_world(train_rows, generator)
    table = terms(20_000, generator)
    y = world.labels(table, generator)
    w, p = table @ world.weak, table @ world.student
    first = certify_gain(w, p, y[:100], np.arange(100))
    wanted = first.half_width / 2
    more = first.labels_for(wanted)
    if math.isinf(more):
        return math.nan
    later = certify_gain(w, p, y[: 100 + more], np.arange(100 + more))
    return later.half_width / wanted


achieved = np.array(runtime.parallel(delayed(asked_for)(number) for number in range(min(problems, 400))))
achieved = achieved[np.isfinite(achieved)]
typical = intervals.median(achieved)
ledger.report(
    "certificate/labels-for",
    where="ours",
    statistic="median of achieved over wanted half-width, after as many further labels as 100 labels asked for",
    **as_found(typical),
    reason="1 where the spread seen in 100 labels is the true one; 95 % interval of a median over problems, from order statistics",
)
print("middle nine tenths of the problems:", np.round(intervals.spread(achieved)[1:], 2))

# %% [markdown]
# ## 4. Molecules
#
# Teacher and student are transformers of notebook 31 (`ladder-8` to `ladder-96`, by hidden size, and `small`, the strongest), the middle of the ladder teaching the strongest, with predictions for every molecule by cross-fitting. The molecules of a set are
# taken for the whole population, whose gain is known. Rows are drawn from them with replacement, and the labels of $m$ of them are revealed.

# %%
Markdown(f"### {sets.heading}")

# %%
predicted = {}
for name, data in sets.loaded.items():
    family = transformers(data)
    made = crossfit_predictions(
        list(family.weak.values()), family.strong, data.targets, fold_turns(data, folds, "shared", 0, seed)
    )
    predicted[name] = {model: made[k, :2] for k, model in enumerate(family.weak)}
MODELS = list(family.weak)
TEACHER = MODELS[len(MODELS) // 2]


def one_draw(name, labels, number):
    generator = runtime.seed_stream(seed, "certificate", name, labels, number)
    truth, (weak, student) = sets.loaded[name].targets, predicted[name][TEACHER]
    rows = generator.integers(len(truth), size=labels * (1 + unlabelled_per_label))
    true = squared_distance(weak, truth) - squared_distance(student, truth)
    made = judged_intervals(weak[rows], student[rows], truth[rows[:labels]], true, CHEAP, LEVEL)
    about = {"data": name, "source": sets.loaded[name].source, "labels": labels, "draw": number}
    return [{**about, **row} for row in made]


made = runtime.parallel(
    delayed(one_draw)(name, labels, number)
    for name in predicted
    for labels in label_counts
    for number in range(draws)
)
KEYS = ["data", "labels", "draw", "kind"]
molecules = results.save_rows("80_molecules", [row for part in made for row in part], keys=KEYS)
molecules = results.load_rows("80_molecules", keys=KEYS)
print(f"{TEACHER} teaches {family.strong_name}")
held = molecules.groupby(["data", "labels", "kind"])["holds"].mean().unstack()
held[["naive", "identity", "best weight"]].round(3)

# %%
for name in ("ESOL", "FreeSolv", "Lipop"):
    rows = molecules[(molecules["data"] == name) & (molecules["kind"] == "best weight")]
    counts = rows["labels"].unique()
    # The least of several shares is chosen by its value, so all of them are stated together and its ends are read off.
    shares = [
        share_of(rows[rows["labels"] == count]["holds"], intervals.joint(len(counts))) for count in counts
    ]
    least = intervals.least_of(shares) if shares else None
    sets.report(
        ledger,
        name,
        f"certificate/{name}-coverage",
        where="ours",
        statistic="share of 95 % intervals that hold the true gain, least over the numbers of labels",
        found=least.estimate if least else None,
        interval=least.ends if least else None,
        reason="the level is a promise for many labels, and real gains have heavy tails; from Clopper-Pearson intervals over draws for "
        "every number of labels, 95 % for all together",
    )
molecules.groupby(["data", "labels", "kind"])["width"].median().unstack().round(2)

# %% [markdown]
# **What to see.** On molecules the misfit tells next to nothing of the gain, row by row: the lengths are those of the labelled rows alone, and with ten labels the search for a weight is
# paid for in full. That is what notebook 31 found by other means: with these representations gain does not follow misfit. On FreeSolv a few molecules carry most of the misfit, and
# the certificate is longer there than the naive interval and still falls short by three to four points: section 5 shows why. So for data like these one should settle on the naive interval, that is `weight=0`, and
# no unlabelled row will help. Signs of such data, seen without labels: a few rows carry most of the misfit, or fewer than 30 labels are to come. Settle *before* looking at labels: whoever takes the shorter of two intervals has neither's level.

# %% [markdown]
# ## 5. Where it fails
#
# **Rare rows that carry the cross term.** A few rows, one in ten down to three in a thousand, on which teacher and student differ widely. Together they move the gain by 0.3, however rare they are. In one
# case the student is right there and in the other the teacher is. Unlabelled rows show how often they differ, never who is right. Hard labels, right or wrong, are the extreme: teacher and student agree on
# most rows, and the misfits of labelled rows tie. Then `certify_gain` takes no slope from fewer than ten rows that differ, but the labelled rows alone, and refuses where not one differs.
#
# **Labels that are not drawn at random.** Labelled are rows on which teacher and student *agree* (the lower half by misfit), or rows on which the teacher *was caught*
# (the upper half by its error), as when labels come from complaints.

# %%
MOVED = 0.3  # of the gain, by all rare rows together
RARE = [(who, rarity) for who in ("student", "teacher") for rarity in rarities]
CASES = {f"rare rows, {100 * rarity:g} %, {who} right": (who, rarity) for who, rarity in RARE}
CASES |= {f"labels {shift}": None for shift in ("at random", "where they agree", "where it was caught")}


def failing(number, case, labels=100):
    generator = runtime.seed_stream(seed, "certificate", case, number)
    world = linear_world(train_rows, generator)
    table = terms(2 * labels * (1 + unlabelled_per_label), generator)
    y = world.labels(table, generator)
    w, p, true = table @ world.weak, table @ world.student, world.gain
    if CASES[case]:
        who, rarity = CASES[case]
        size, wrong = math.sqrt(MOVED / rarity), world.weak if who == "student" else world.student
        further = size * (generator.uniform(size=len(y)) < rarity)
        w, p = (w + further, p) if who == "student" else (w, p + further)
        true += (1 if who == "student" else -1) * rarity * (size**2 + 2 * size * (wrong - world.truth)[0])
    by = {"labels where they agree": (w - p) ** 2, "labels where it was caught": -((w - y) ** 2)}
    order = by.get(case, generator.normal(size=len(y)))
    drawn = generator.permutation(np.flatnonzero(order <= np.median(order)))[:labels]
    rest = np.setdiff1d(np.arange(len(y)), drawn)[: labels * unlabelled_per_label]
    rows = np.concatenate([drawn, rest])
    made = judged_intervals(w[rows], p[rows], y[drawn], true, CHEAP, LEVEL)
    return [{"case": case, "problem": number, **row} for row in made]


made = runtime.parallel(
    delayed(failing)(number, case) for case in CASES for number in range(min(problems, 1000))
)
KEYS = ["case", "problem", "kind"]
failures = results.save_rows("80_failures", [row for part in made for row in part], keys=KEYS)
failures = results.load_rows("80_failures", keys=KEYS)
shares = failures.groupby(["case", "kind"])["holds"].mean().unstack()[["naive", "identity", "best weight"]]
shares = shares.reindex(list(CASES))
shares.round(3)

# %%
caught = failures["case"] == "labels where it was caught"
worst = failures[caught & (failures["kind"] == "best weight")]["holds"]
ledger.report(
    "certificate/shifted-labels",
    where="ours",
    statistic="share of 95 % intervals that hold the true gain, 100 labels of rows with large weak errors only",
    **as_found(share_of(worst)),
    reason="labelled rows are not a random part of all, so nothing is promised; 95 % Clopper-Pearson interval over problems",
)
PARTS = {f"rare rows, the {who} is right there": f", {who} right" for who in ("student", "teacher")}
PARTS["which rows have labels"] = "labels"
heights = [sum(part in case for case in CASES) for part in PARTS.values()]
fig, panels = plt.subplots(3, 1, figsize=(9, 7.6), sharex=True, height_ratios=heights)
for axes, (title, part) in zip(panels, PARTS.items(), strict=True):
    cases = [case for case in CASES if part in case]
    for beside, kind in ((-0.22, "naive"), (0.0, "identity"), (0.22, "best weight")):
        rows = failures[failures["kind"] == kind].groupby("case")["holds"]
        made = [share_of(rows.get_group(case)) for case in cases]
        middle, low, high = 100 * np.array([(one.estimate, one.low, one.high) for one in made]).T
        look = {"fmt": STYLES[kind][1][0], "color": STYLES[kind][0], "ms": 6, "lw": 1.8, "label": kind}
        axes.errorbar(middle, np.arange(len(cases)) + beside, xerr=[middle - low, high - middle], **look)
    names = [c.split(", ")[1] + " of rows" if "%" in c else c[7:].replace("it", "teacher") for c in cases]
    axes.axvline(100 * LEVEL, color="black", lw=1, ls="--", label=f"{100 * LEVEL:g} %, what is promised")
    axes.set_yticks(range(len(cases)), names)
    axes.set(title=title, xlim=(0, 100), ylim=(len(cases) - 0.5, -0.5))
panels[-1].set_xlabel("95 % intervals that hold the true gain, % of the problems, 100 labels")
figures.legend_below(fig, panels[0], columns=4)
figures.show(
    fig,
    "80_failures",
    "Share of 95 percent intervals that hold the true gain, with its own interval over problems, in three panels. Where the student is right on rare rows the identity holds its level, "
    "and the naive interval falls short the most; where the teacher is right the identity falls short the most; where labels were not drawn at random, only the best weight on rows that agree holds.",
)

# %% [markdown]
# **What to see.** *Rare rows*: with 100 labels three in a thousand are seen in one draw of four. Where the student is right on them the identity is safe, as it counts every row on which the two differ as a
# gain. Where the teacher is right it is the worst of the three, for the same reason. No method sees what its labels do not hold. Label some of the rows of largest misfit before believing any of them.
# *Labels*: where labelled rows are those of small misfit the best weight survives, since in these worlds the gain is on average linear in the misfit. Where they were chosen by the teacher's error, nothing does.

# %% [markdown]
# ## 6. Which teacher? With "cannot tell yet" as an answer
#
# `rank_weak_models` compares students in pairs. The error of one student less that of another is a gain, so the same certificate applies, and the two students' disagreement
# on unlabelled rows is the misfit. All pairs hold together, with every student's gain over its teacher. The best is named only if it is ahead of every other; else the answer is about how many more labels.
# First generated problems with four teachers: how often is the wrong one named?


# %%
def chosen(number, labels):
    generator = runtime.seed_stream(seed, "certificate", "ranking", labels, number)
    world = linear_world(train_rows, generator)
    truth, weak = world.truth, world.weak
    weak_models, students, errors = {}, {}, {}
    table = terms(labels * (1 + unlabelled_per_label), generator)
    for k in range(4):
        name = f"teacher {k}"
        other = truth + (weak - truth) * generator.uniform(0.5, 1.5) + 0.1 * generator.normal(size=len(truth))
        made = taught(other, train_rows, generator)
        weak_models[name], students[name] = table @ other, table @ made
        errors[name] = float(np.sum((made - truth) ** 2))
    y = world.labels(table[:labels], generator)
    ranked = rank_weak_models(weak_models, students, y, np.arange(labels))
    right = min(errors, key=errors.get)
    answer = "cannot tell yet" if ranked.best is None else "right" if ranked.best == right else "wrong"
    naive = min(students, key=lambda name: squared_distance(students[name][:labels], y))
    return {"labels": labels, "problem": number, "answer": answer, "least_mean_right": naive == right}


KEYS = ["labels", "problem"]
answers = runtime.parallel(
    delayed(chosen)(number, labels) for labels in label_counts for number in range(min(problems, 500))
)
answers = results.save_rows("80_ranking", answers, keys=KEYS)
answers = results.load_rows("80_ranking", keys=KEYS)
rounds = int(answers.groupby("labels").size().iloc[0])
together = intervals.joint(len(label_counts))
wrong = [share_of(of_count["answer"] == "wrong", together) for _, of_count in answers.groupby("labels")]
ledger.claim(
    "certificate/ranking-wrong",
    where="ours",
    statistic=f"share of problems in which a teacher is named whose student is not the best of four: largest upper end of the Clopper-Pearson intervals over {rounds} problems for each number of labels, 95 % for all together",
    found=max(one.high for one in wrong),
    high=1 - LEVEL,
)
right = answers[answers["labels"] == max(label_counts)]["answer"] == "right"
ledger.report(
    "certificate/ranking-right",
    where="ours",
    statistic=f"share of problems in which the best of four teachers is named, {max(label_counts)} labels",
    **as_found(share_of(right)),
    reason="nothing predicts it, and a ranking that never answers is never wrong; 95 % Clopper-Pearson interval over problems",
)
shares = answers.groupby("labels")["answer"].value_counts(normalize=True).unstack(fill_value=0.0)
shares.assign(
    **{"least labelled error is right": answers.groupby("labels")["least_mean_right"].mean()}
).round(3)

# %% [markdown]
# And the molecules: the answer for each set, with a few random labels among all molecules.

# %%
for name, models in predicted.items():
    truth = sets.loaded[name].targets
    for labels in label_counts:
        if labels > len(truth) // 2:
            continue
        rows = runtime.seed_stream(seed, "certificate", "labels", name).permutation(len(truth))[:labels]
        ranked = rank_weak_models(
            {m: p[0] for m, p in models.items()}, {m: p[1] for m, p in models.items()}, truth[rows], rows
        )
        print(f"{sets.label(name)}, {labels} labels. {ranked.sentence()}")
    errors = {m: squared_distance(p[1], truth) for m, p in models.items()}
    print(f"{sets.label(name)}, all labels: the best student is that of {min(errors, key=errors.get)}\n")

# %% [markdown]
# **What to see.** Naming the model of least labelled error is right in two of three problems with ten labels, and says nothing of the third. The ranking hardly ever answers with ten labels, in somewhat more
# than half of the problems with 300, and named no wrong teacher: Bonferroni is cautious. On molecules a few hundred labels settle what to do, and the number of labels that it asks for is of the right size, no more.
#
# ## Verdict
#
# | | |
# | --- | --- |
# | the certificate holds at its level | yes on generated problems from 30 labels on, with ten a point or two less; on molecules up to four points short: FreeSolv with 30 and 100 labels, Lipop with ten |
# | it is shorter than the labelled rows alone | by $\sqrt{1-\rho^2(1-m/n)}$: much where gain follows misfit row by row, not at all on the molecules here |
# | `labels_for` | right in the middle; nine of ten problems end within about a fifth of what they wanted |
# | it fails | where rare rows carry the cross term, and where labels were not drawn at random |
# | ranking | answers when it can, says how many labels it lacks when it cannot |

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
