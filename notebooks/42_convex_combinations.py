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
#     smoke: {problems: 4, seeds: [0, 1], heads: [1, 5, 10], drawn: [1, 4, 16], data_sets: [digits], student_rows: [100, 200]}
#     timeout: 300
# ---

# %% [markdown]
# # How many heads make a class convex
#
# **Claim.** With the log loss the strong class must be convex in probabilities, and one softmax head is not. Mulgund and Pabbaraju therefore train $k$ heads at once and mix
# their probabilities: where the truth is in the class, gain ≥ misfit up to a *violation* of $O(\sqrt{c/k})$, $c$ classes. Here $k$ is varied: with heads drawn from the certified
# optimum, where a part of the violation has an explicit bound; with heads trained jointly in a world like their synthetic one, where the truth is in the class; and on digits, where the
# labels are not and the ceiling is. Their numbers stand beside ours.
#
# | | |
# | --- | --- |
# | Paper | Mulgund, Pabbaraju (2025), arXiv 2501.19105; what was printed is from its tables and from its code, abhmul/general-misfit-gain |
# | Where | convex combinations of k heads; synthetic and vision experiments |
# | Inputs | scikit-learn's digits, MNIST; the rest is generated |
# | Outputs | rows `42_*`, figures `42_*`, nine claims |
# | About | violation of gain ≥ misfit against the number of heads, with the truth in the class and outside |
# | Time | under a minute on 2 cores |

# %% tags=["parameters"]
problems = 30  # hulls from which heads are drawn
drawn = [1, 2, 4, 8, 16, 32, 64]  # heads that are drawn
seeds = [0, 1, 2, 3, 4, 5, 6, 7]  # trials with trained heads
heads = [1, 2, 3, 5, 10, 20, 50]  # heads that are trained jointly
data_sets = ["digits", "MNIST"]  # digits are judged; of others some heads and two seeds are shown
student_rows = [500, 1000, 2000]  # rows of a synthetic world for the student, the most for its teacher

# %%
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from w2s_utils import figures, results, runtime
from w2s_utils.experiments import class_sets, parameters
from w2s_utils.experiments.divergence_worlds import half_hidden_worlds, mixture_world
from w2s_utils.experiments.k_heads import drawn_heads, trained_jointly
from w2s_utils.experiments.protocol import Parts
from w2s_utils.experiments.softmax_students import forward_kl
from w2s_utils.theory import intervals

figures.style()
ledger = results.Ledger(
    "42_convex_combinations",
    claims=[
        "heads/excess-bound",
        "heads/drawn-slope",
        "heads/drawn-outside",
        "heads/synthetic-equal",
        "heads/synthetic-falls",
        "heads/real-first-heads",
        "heads/real-plateau",
        "heads/real-gain",
        "heads/real-ceiling",
    ],
)
parameters.whole(2, problems=problems)
parameters.each_whole(1, at_least=2, rising=True, drawn=drawn)
parameters.each_whole(0, at_least=2, seeds=seeds)
parameters.each_whole(1, at_least=2, rising=True, heads=heads)
parameters.each_of(class_sets.IMAGES, data_sets=data_sets)
parameters.each_whole(50, at_least=2, rising=True, student_rows=student_rows)
CLASSES = 10
SOME_HEADS = sorted({*heads[::2], *heads[-1:]})  # large worlds are slow
PLATEAU = min(heads, key=lambda count: abs(count - 10))  # where their real sweep is lowest

# %% [markdown]
# ## Heads drawn from the optimum
#
# Why $k$ heads are enough: the nearest mixture $s=\sum_ja_jF_j$ is a mean of heads under the weights $a$. Draw $k$ heads by these weights and take their plain mean $s_k$
# (Maurey). Its mean is $s$, so by the three-point identity its mean loss exceeds the optimum by $\mathbb E\,\mathrm{KL}(s_k\|s)$ exactly; that is below $\mathbb E\,\chi^2(s_k,s)$,
# which is $\frac1k$ of one head's, and as $F_c^2\le F_c$,
#
# $$\text{mean excess}\ \le\ \frac1k\sum_c\Big(\frac{\mathbb E F_c^2}{s_c}-s_c\Big)\ \le\ \frac{c-1}{k},\tag{1}$$
#
# with an explicit constant. The excess is what the misfit grows by, and not yet the **violation**, misfit − gain, of which the paper's theorem speaks. By definition
#
# $$\text{violation}(s_k)=\text{violation}(s)+\text{excess}+\mathrm{KL}(g\|s_k)-\mathrm{KL}(g\|s),\tag{2}$$
#
# and nothing here bounds the last two terms, how much worse $s_k$ is than $s$: few heads may miss what the truth holds likely. The cell draws from the certified optimum of notebook 41's hulls, once
# with the truth in the hull, and once with **half of the heads taken away** from the student's hull but not from the truth.
#
# The check is (1). Readings, units the hulls: the slope of the log violation in $\log k$ is $-\frac12$ or steeper, as the paper's $O(\sqrt{c/k})$ suggests (an order has no constant, and its theorem is about
# other students than drawn ones); and where the truth is outside the hull a violation stays whatever $k$ is: that of the *nearest mixture itself* is larger by .01 nats at least than with the truth inside,
# in the mean over hulls. Both ranges were written down when similar quantities had been seen, the slope of the excess and the violation at the largest $k$.

# %%
measured = []
for problem in range(problems):
    stream = runtime.seed_stream(0, "drawn heads", problem)
    world = mixture_world(stream, 400, 40, 3, 400)
    for inside, hull in ((True, world), (False, replace(world, functions=world.functions[:20]))):
        measured += drawn_heads(hull, drawn, 20, stream, problem=problem, inside=inside)
by_draw = results.save_rows("42_drawn_heads", measured, keys=["problem", "inside", "heads"])

some = by_draw[by_draw["heads"] > 0]
excess = some.groupby(["inside", "heads"])["excess"].mean()
bound = 2 / excess.index.get_level_values("heads")
ledger.claim(
    "heads/excess-bound", "excess misfit of k heads over the nearest mixture, equation (1)",
    f"largest mean excess over (c - 1) / k, {problems} hulls, c = 3", (excess / bound).max(), high=1.0,
)  # fmt: skip
# Without a positive violation there is no logarithm; to leave such a row out makes the slope less steep, if anything.
violated = some[some["inside"] & (some["violation"] > 0)]
slopes = {
    column: [
        np.polyfit(np.log(one["heads"]), np.log(one[column]), 1)[0] for _, one in violated.groupby("problem")
    ]
    for column in ("violation", "excess")
}
over_hulls = f"95 % interval of Student's t over {problems} hulls"
ledger.finding(
    "heads/drawn-slope", "violation of O(sqrt(c / k))", "the violation falls as the root of k, or faster", (-np.inf, -0.5),
    "mean slope of log (misfit - gain) in log k, heads drawn from the optimum, truth in the hull", *intervals.mean_t(slopes["violation"]), over_hulls,
    stated_by="a reading",
)  # fmt: skip
nearest = by_draw[by_draw["heads"] == 0].pivot(index="problem", columns="inside", values="violation")
ledger.finding(
    "heads/drawn-outside", "gain >= misfit, where the truth is in the class",
    "with the truth outside a violation stays", (0.01, np.inf),
    "misfit - gain of the nearest mixture (nats), half of the truth's heads taken away minus none",
    *intervals.mean_t(nearest[False] - nearest[True]), over_hulls, stated_by="a reading",
)  # fmt: skip
alone = intervals.mean_t(nearest[False])
print(
    f"violation of the nearest mixture, truth outside: {alone.estimate:.3f} [{alone.low:.3f}, {alone.high:.3f}] nats"
)
print(f"mean slope of the log excess: {np.mean(slopes['excess']):.2f}")
beyond = some[some["inside"]].groupby("heads")["violation"].mean() / (2 / np.array(drawn))
print(
    "mean violation, truth in the hull, over (c - 1) / k, which bounds the excess alone:",
    beyond.round(2).to_dict(),
)
by_draw.groupby(["inside", "heads"])[["excess", "violation"]].mean().unstack(0).round(4)

# %% [markdown]
# ## Heads trained jointly: a world like their synthetic one
#
# Their networks have layers 3072-50-50, and half of the inputs are hidden from the weak one; of the rest nothing is known to us, so scales, teacher and sizes are ours (`half_hidden_worlds`
# says which). The student is one linear layer 50 → 10 k, a softmax for each head and a weighted mean, trained by reverse KL to the weak probabilities. It is trained by **L-BFGS** on all rows at once, of at most 100
# steps the one with the least loss on validation rows with weak labels; their code has AdamW with learning rate 1e-3, batches of 256 and weight decay .1. In the second world the truth is half in another network, which only the teacher sees.
#
# From their code: gain .23364 and misfit .23497. Readings of that, for a world that is not theirs: gain / misfit from .95 to 1.05 at the largest $k$; and the violation, misfit − gain, is larger with one head than with the most. Both are about the
# population; how many rows their student had is not known to us, so they are judged at the most rows of ours, and one head is shown with fewer rows too: what a student of few rows gets wrong by chance is
# misfit and no gain. The ranges were written down first; a run with fewer rows then said *not confirmed*, the rows became more, and the ranges stayed.

# %%
PRINTED = {"gain": 0.23364, "misfit": 0.23497}
most, measured, by_rows = max(student_rows), [], []
taught_rows, learnt, chosen, judged = np.split(np.arange(4 * most), [most, 2 * most, 3 * most])
for one in seeds[:5]:
    worlds = half_hidden_worlds(runtime.seed_stream(one, "half hidden"), 4 * most, CLASSES, most)
    for inside, world in worlds.items():
        given = (world.features, world.weak, {"truth": world.truth})
        measured += trained_jointly(
            *given, Parts(taught_rows, learnt, judged, chosen), SOME_HEADS, one, inside=inside
        )
        for count in student_rows[:-1]:
            few = Parts(taught_rows, learnt[:count], judged, chosen[:count])
            by_rows += trained_jointly(*given, few, heads[:1], one, inside=inside, student_rows=count)
synthetic = results.save_rows("42_synthetic", measured, keys=["seed", "inside", "heads", "truth"])
by_rows = results.save_rows("42_synthetic_rows", by_rows, keys=["seed", "inside", "student_rows", "truth"])
synthetic["violation"] = -synthetic["cross_term"]

ours = synthetic[synthetic["inside"]].pivot(index="seed", columns="heads")
over_worlds = f"95 % interval of Student's t over {len(ours)} seeds"
ledger.finding(
    "heads/synthetic-equal", "synthetic experiment, gain .23364 and misfit .23497", "gain is misfit where the truth is in the class", (0.95, 1.05),
    f"mean gain / misfit at {max(heads)} heads, a world like theirs, {most} rows", *intervals.mean_t(ours["gain"][max(heads)] / ours["misfit"][max(heads)]),
    over_worlds, stated_by="a reading",
)  # fmt: skip
ledger.finding(
    "heads/synthetic-falls", "violation against k", "more heads violate gain >= misfit less", (0.0, np.inf),
    f"mean violation with {min(heads)} head minus with {max(heads)}, a world like theirs, truth in the class, {most} rows (nats)",
    *intervals.mean_t(ours["violation"][min(heads)] - ours["violation"][max(heads)]), over_worlds, stated_by="a reading",
)  # fmt: skip
few_rows = (
    by_rows[by_rows["inside"]]
    .assign(ratio=by_rows["gain"] / by_rows["misfit"])
    .groupby("student_rows")["ratio"]
    .mean()
)
for count, ratio in few_rows.items():
    print(f"one head, {count} rows: gain / misfit {ratio:.3f}")
print(
    f"one head, {most} rows: gain / misfit {(ours['gain'][min(heads)] / ours['misfit'][min(heads)]).mean():.3f}"
)
print("printed by their code:", PRINTED)
synthetic.groupby(["inside", "heads"])[["weak_error", "gain", "misfit", "violation"]].mean().round(4)

# %% [markdown]
# ## Heads trained jointly: digits
#
# `trained_jointly` takes weak probabilities, strong features and truths of any set; here the digits of notebook 44, teacher with sensor noise .15, student on 100 random Fourier features. The truth
# is taken twice, as their code does: the **labels** (point masses, which no student reaches) and the **ceiling** (the strong head with the true labels, which is in the class of one head).
#
# What they printed for images, nats: the sweep over $k$ (CIFAR-10, ViT) and three gains. Of the sweep neither the direction of the KL divergence nor what it takes for the truth is known to us, and it is
# not the setting of the CIFAR-10 row among the gains: that row's violation at 100 heads is another (the cell prints both). Readings, with the labels for the truth; their ranges were written down before
# the published run, and after single seeds of smaller ones had been seen: the first heads help, violation at $k=1$ over that at $k\approx10$ is 1.2 or more; then it is flat, the largest $k$ has .8 to 1.25
# times the violation of $k\approx10$; and gain / misfit is below one half. The cell prints the same ratios of their numbers.
#
# One more: if what stays is what the class lacks, then little of it stays where the truth is the ceiling, which the class holds at every $k$: at the largest $k$ less than half of what stays with the
# labels. This range was written down after a value had been seen. All seeds deal out the same rows, so intervals are about these rows and not others.

# %%
SWEEP = {1: 0.110, 2: 0.091, 3: 0.085, 5: 0.075, 10: 0.067, 20: 0.081, 50: 0.073, 100: 0.071, 500: 0.069}
GAINS = pd.DataFrame(
    [("ImageNet, ViT", 100, "reverse", 0.452, 1.640), ("ImageNet, ResNet-50", 100, "forward", 0.277, 1.099), ("CIFAR-10, ViT", 100, "forward", 0.177, 0.368)],
    columns=["data", "heads", "loss", "gain", "misfit"],
)  # fmt: skip
for count in (1, 50, 500):
    print(f"printed sweep, violation over that at 10 heads, k = {count}: {SWEEP[count] / SWEEP[10]:.2f}")
cifar = GAINS.set_index("data").loc["CIFAR-10, ViT"]
print(
    f"printed violation of CIFAR-10 at 100 heads: {SWEEP[100]} in the sweep, {cifar['misfit'] - cifar['gain']:.3f} beside its gain"
)
JUDGED, noise, measured = "digits", 0.15, []
for name in dict.fromkeys([JUDGED, *data_sets]):
    if reason := class_sets.why_not(name):
        print(f"{name}: not in this run, {reason}")
        continue
    images, first = class_sets.load(name), name == JUDGED
    for one in seeds if first else seeds[:2]:
        world = images.taught([noise], 100, one)
        truths = {"labels": world.truth, "ceiling": world.ceiling}
        given = (world.strong, world.weak[f"noise {noise:g}"], truths, world.parts)
        counts = heads if first else sorted({heads[0], PLATEAU, heads[-1]})
        measured += trained_jointly(*given, counts, one, data=name, loss_name="reverse")
        measured += trained_jointly(*given, [PLATEAU], one, forward_kl, data=name, loss_name="forward")
real = pd.DataFrame(measured).rename(columns={"loss_name": "loss"})
real = results.save_rows("42_images", real, keys=["data", "seed", "loss", "heads", "truth"])
real["violation"] = -real["cross_term"]

judged_set = real[(real["data"] == JUDGED) & (real["loss"] == "reverse")]
at = judged_set[judged_set["truth"] == "labels"].pivot(index="seed", columns="heads")
at_ceiling = judged_set[judged_set["truth"] == "ceiling"].pivot(index="seed", columns="heads")
ratios = f"95 % interval of a ratio of means over {len(seeds)} seeds, of these rows, not of others"
for claim, words, predicted, statistic, upper, lower in (
    ("heads/real-first-heads", "the first heads help", (1.2, np.inf), f"violation at {min(heads)} head over that at {PLATEAU}",
     at["violation"][min(heads)], at["violation"][PLATEAU]),
    ("heads/real-plateau", "from ten heads on it is flat", (0.8, 1.25), f"violation at {max(heads)} heads over that at {PLATEAU}",
     at["violation"][max(heads)], at["violation"][PLATEAU]),
    ("heads/real-gain", "on real data gain is below half of the misfit", (-np.inf, 0.5), f"gain over misfit at {max(heads)} heads",
     at["gain"][max(heads)], at["misfit"][max(heads)]),
):  # fmt: skip
    ledger.finding(
        claim, "vision experiments, sweep over k", words, predicted, f"{statistic}, {JUDGED}, truth as labels", *intervals.ratio_of_means(upper, lower),
        ratios, stated_by="a reading",
    )  # fmt: skip
ledger.finding(
    "heads/real-ceiling", "vision experiments, the truth outside the class or in it", "what stays is what the class lacks", (-np.inf, 0.5),
    f"violation with the ceiling as truth over that with labels, {max(heads)} heads, {JUDGED}",
    *intervals.ratio_of_means(at_ceiling["violation"][max(heads)], at["violation"][max(heads)]), ratios, stated_by="a reading",
)  # fmt: skip
table = (
    real[real["heads"].isin([1, PLATEAU, max(heads)])]
    .groupby(["data", "truth", "loss", "heads"], sort=False)[["gain", "misfit"]]
    .mean()
    .reset_index()
)
shown = pd.concat(
    [
        table.assign(data=table["data"] + ", " + table["truth"]).drop(columns="truth"),
        GAINS.assign(data=GAINS["data"] + " (printed)"),
    ]
)
shown.assign(gain_over_misfit=shown["gain"] / shown["misfit"]).set_index(["data", "loss", "heads"]).round(3)

# %%
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(15, 5))
ks = np.array(drawn)
left.plot(ks, np.sqrt(3 / ks), color=figures.GREY, ls="--", label="√(c / k): order of the paper's bound")
left.plot(ks, 2 / ks, color=figures.GREY, ls=":", label="(c − 1) / k, bound of the excess")
left.plot(ks, excess[True], color=figures.BLUE, marker="o", label="excess, truth in the hull")
violation = some.groupby(["inside", "heads"])["violation"].mean()
for inside, color, label in (
    (True, figures.GREEN, "violation, truth in the hull"),
    (False, figures.VERMILION, "violation, truth outside"),
):
    left.plot(ks, violation[inside], color=color, marker="s", label=label)
left.set(
    xscale="log",
    yscale="log",
    xlabel="heads drawn from the optimum",
    ylabel="nats, mean over hulls",
    title="Drawn heads",
)
left.set_xticks(ks, map(str, ks))
left.minorticks_off()


def over_heads(axes, table, beside, **marks):
    """Mean violation against the number of heads, with intervals over seeds; ``beside``: by what factor marks are moved."""
    pivot = table.pivot(index="seed", columns="heads", values="violation")
    found = [intervals.mean_t(pivot[count]) for count in pivot]
    ends = np.array([[one.estimate - one.low, one.high - one.estimate] for one in found]).T
    axes.errorbar(
        beside * pivot.columns, [one.estimate for one in found], ends, marker="o", ms=4, capsize=2, **marks
    )


over_heads(middle, synthetic[synthetic["inside"]], 1, color=figures.BLUE, label="truth in the class")
over_heads(middle, synthetic[~synthetic["inside"]], 1, color=figures.VERMILION, label="half of it is not")
middle.set_title("Trained jointly, synthetic")
over_heads(
    right,
    judged_set[judged_set["truth"] == "labels"],
    0.96,
    color=figures.VERMILION,
    label=f"{JUDGED}, truth: labels",
)
over_heads(
    right,
    judged_set[judged_set["truth"] == "ceiling"],
    1.04,
    color=figures.BLUE,
    label=f"{JUDGED}, truth: ceiling",
)
right.plot(
    list(SWEEP), list(SWEEP.values()), color=figures.GREY, marker="x", ls="--", label="CIFAR-10, as printed"
)
right.set_title("Trained jointly, images")
for axes, counts in ((middle, SOME_HEADS), (right, sorted({*heads, *SWEEP}))):
    axes.axhline(0, color="black", lw=0.8)
    axes.set(xscale="log", xlabel="heads trained jointly", ylabel="violation: misfit − gain (nats)")
    axes.set_xticks(counts, map(str, counts))
    axes.minorticks_off()
for axes in (left, middle, right):
    axes.legend(fontsize=9)
figures.show(
    figure,
    "42_heads",
    "Three panels against the number of heads. Left, logarithmic: for drawn heads excess and violation with the truth in the hull fall about as one over k or faster, the violation from "
    "above the line that bounds the excess; with the truth outside the violation levels off. Middle: jointly trained heads in the synthetic world; near zero with the truth in the class, and high and flat with half of it outside. "
    "Right: on digits the violation falls over the first five heads and is flat from there; with the ceiling for the truth it is lower by less than half "
    "and has the same shape; the printed sweep of CIFAR-10 lies below both.",
)

# %% [markdown]
# **What to see.** Left: with heads drawn from the optimum the violation falls at least as $1/k$, steeper than the order of the paper's bound, as long as the truth is in the hull. With one head it lies above the
# bound of the excess: it has a term more, by (2). Where the truth is not in the hull, it levels off towards that of the nearest mixture.
# Middle: heads that are *trained* choose themselves, and one of them does it where the truth is one head; more heads learn more of the teacher's rows by heart and lose a little.
# There, what is missing from the class decides, hardly $k$. Right: on digits it is not so. With the ceiling for the truth, which one head can say, most of the violation is still there: the larger part of what
# stays is not what the class lacks. Students are fitted to the weak labels of few rows and judged on others, where the theorem promises nothing; how much of it is due to that is not measured here.
#
# **The sentence.** *Mixing heads repairs what is not convex; a truth that is not in the class stays out of reach, and one that is in it may still be missed.*

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
