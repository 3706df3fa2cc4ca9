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
#     smoke: {seeds: [0, 1], row_counts: [24, 96, 384], designs: 8, noise_draws: 4}
#     timeout: 300
# ---

# %% [markdown]
# # When it fails: a weak model fitted on the rows that it labels
#
# With few labels it is tempting to fit the weak model and to let it label the same $n$ rows for the student (the
# released notebook does so). Theorem 1 allows *any* function as the weak model, so what can go wrong? That depends on
# where, and against what, the errors are measured. The labels are $y=g+\sigma\xi$ with independent noise $\xi$ of variance 1.
#
# | | |
# | --- | --- |
# | Paper | Charikar, Pabbaraju, Shiragur (2024), arXiv 2405.15116 |
# | Where | Theorem 1, which allows any weak model; the bias and the limits below are ours |
# | Inputs | none: every problem is generated |
# | Outputs | rows `13_same_rows`, figure `13_same_rows`, three claims |
# | About | labels on the rows that the weak model was fitted on: a bias, a changed sign, a leak |
# | Time | under half a minute on 2 cores |

# %% tags=["parameters"]
seeds = [0, 1, 2, 3, 4]  # every part is repeated with each of them
row_counts = [24, 32, 48, 96, 192, 384, 768, 1536, 3072]  # labelled rows; 24 is the weak width
designs = 24  # draws of the rows per seed and number of rows
noise_draws = 10  # draws of the label noise per draw of the rows

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from w2s_utils import figures, results, runtime
from w2s_utils.experiments import parameters
from w2s_utils.heads.linear import LeastSquaresHead
from w2s_utils.theory.misfit import error_triple

figures.style()
ledger = results.Ledger(
    "13_same_rows",
    claims=[
        "fails/same-rows-exact",
        "fails/same-rows-labels",
        "fails/same-rows-fresh",
    ],
)
parameters.each_whole(0, seeds=seeds)
parameters.each_whole(24, row_counts=row_counts)
parameters.whole(2, designs=designs, noise_draws=noise_draws)
ROUND_OFF = 1e-10  # band of the exact claim

# %% [markdown]
# ## What theory says
#
# Equations are numbered on from notebook 12.
#
# **On these rows, against the truth: nothing goes wrong.** Take the $n$ rows as the population. The student is the projection
# of the weak labels there, the truth is in the class, so gain = misfit to round-off.
#
# **On these rows, against the labels: a bias.** The noise puts $y$ outside the class, so this is part 2 of notebook 12 with $g$ replaced by
# $y$, and the teacher has seen that very noise. With $P_w,P_s$ the projections on the weak and on the strong features,
# $w=P_wy$ and $p=P_sw$; taking the mean over the noise in its equation (2), gain − misfit $=-2\langle w-p,\,y-P_sy\rangle$,
#
# $$\mathbb E\,[\text{gain}-\text{misfit}]=-\frac{2\sigma^2}{n}\,\mathrm{tr}\big((1-P_s)P_w\big)
# =-\frac{2\sigma^2}{n}\Big(d_w-\sum_j\cos^2\theta_j\Big),\tag{4}$$
#
# with $d_w$ weak features and $\theta_j$ the angles between the two feature spaces on these rows. The teacher looks better than
# it is where it has fitted the noise, and the student, who cannot follow all of it, looks worse. A weak model that was fitted on
# other rows has no such bias. With $B=P_w(1-P_s)$, gain − misfit is $-\tfrac2n(g+\sigma\xi)^\top B\,\sigma\xi$, a linear and a quadratic
# form of the noise, uncorrelated. So given the rows its variance is known as well,
# $\frac{4\sigma^2}{n^2}\big(|B^\top g|^2+\sigma^2\sum_j\sin^2\theta_j+\sigma^2\sum_j\sin^4\theta_j\big)$, and with it the band of the claim below.
#
# **On fresh rows: the student is no longer the nearest element**, only an estimate of it, off by $\delta=\hat p-p$, and
# gain $-$ misfit $=-2\langle\delta,\,\delta+p-g\rangle$. If the weak model comes from other rows, $\delta$ has mean zero given $w$ and only
# $-2\,\mathbb E|\delta|^2$ is left. If it comes from the same rows, $\delta$ and $p-g$ share their randomness. The population below has
# independent standard normal basis functions, the first $d_s$ of them strong, and the weak features are $d_w$ fixed orthonormal mixtures
# of all, with projection matrix $P$ (blocks $P_{ss}$, $P_{rr}$; $s$ strong, $r$ the rest). With $h=(1-P)g$ the error of the best weak
# head, an expansion of $\hat p$ about the population to order $1/n$ gives (not proved here, checked below)
#
# $$n\,\mathbb E\,[\text{gain}-\text{misfit}]\to-2\,d_s|h_r|^2\ \ (\text{other rows}),\qquad
# -2\,d_s|h_r|^2+2|h_r|^2\,\mathrm{tr}P_{ss}+2|h_s|^2\,\mathrm{tr}P_{rr}-4\,h_s^\top P_{ss}h_s\ \ (\text{same rows}).\tag{5}$$
#
# Both vanish like $1/n$, but the second can have the other sign. At this order the label noise enters neither.
#
# **In the extreme, a leak.** A weak model with as many features as rows reproduces its labels, $w=y$. Its student is fitted to the
# labels themselves: it *is* the ceiling, however useless its teacher is anywhere else.

# %%
STRONG, REST, WEAK, NOISE = 8, 36, 24, 1.0  # d_s, other basis functions, d_w, sigma
ERRORS = ("weak_error", "student_error", "misfit", "ceiling", "gain", "cross_term")


def gaussian_world(seed):
    """Mixing matrix (basis, d_w) with orthonormal columns, and the truth (basis,): length 1, strong part only."""
    stream = runtime.seed_stream(seed, "gaussian world")
    mixing = np.linalg.qr(stream.normal(size=(STRONG + REST, WEAK)))[0]
    truth = np.concatenate([stream.normal(size=STRONG), np.zeros(REST)])
    return mixing, truth / np.linalg.norm(truth)


def limits(mixing, truth):
    """Equation (5): n times the mean of gain - misfit on fresh rows, weak model from other rows and from the same."""
    projection = mixing @ mixing.T
    missed = truth - projection @ truth
    strong, rest = missed[:STRONG], missed[STRONG:]
    block, other = projection[:STRONG, :STRONG], -2 * STRONG * rest @ rest
    shared = 2 * rest @ rest * np.trace(block) + 2 * strong @ strong * (WEAK - np.trace(block))
    return other, other + shared - 4 * strong @ block @ strong


def fresh(truth, weak, student, ceiling):
    """Errors on infinitely many fresh rows, from coefficients (basis, draws): the basis functions are orthonormal."""
    scale = np.sqrt(STRONG + REST)  # the mean over coefficients becomes their sum
    return error_triple(*(scale * part for part in (truth, weak, student, ceiling)))


def one_design(seed, count, design, sign):
    """Errors for one draw of the rows, averaged over draws of the noise: both weak models, each way to measure.

    ``sign`` +1 or -1 turns the basis functions that the strong model does not see. Both signs are equally likely, and the mean
    over them is free of the largest fluctuation, of order 1 / sqrt(n).
    """
    mixing, truth = gaussian_world(seed)
    stream = runtime.seed_stream(seed, "design", count, design)
    turn = np.repeat([1.0, sign], [STRONG, REST])
    own, other = (stream.normal(size=(count, STRONG + REST)) * turn for _ in range(2))
    noise, other_noise = (NOISE * stream.normal(size=(count, noise_draws)) for _ in range(2))
    clean = np.repeat((own @ truth)[:, None], noise_draws, axis=1)
    bases = [np.linalg.qr(part)[0] for part in (own[:, :STRONG], own @ mixing)]
    unseen = np.eye(WEAK) - (bases[0].T @ bases[1]).T @ (bases[0].T @ bases[1])  # 1 - P_s in the weak basis
    expected = -2 * NOISE**2 / count * np.trace(unseen)
    told = bases[1].T @ clean[:, 0]
    noise_part = NOISE**2 * (np.trace(unseen) + np.sum(unseen**2))
    variance = 4 * NOISE**2 / count**2 * (told @ unseen @ told + noise_part) / noise_draws
    found = []
    for source, basis, labels in (
        ("same rows", own, clean + noise),
        ("other rows", other, (other @ truth)[:, None] + other_noise),
    ):
        weak_head = LeastSquaresHead(fit_intercept=False).fit(basis @ mixing, labels)
        weak = mixing @ weak_head.coef_.T
        both = np.hstack([own @ weak, clean + noise])  # the student's labels, the ceiling's labels
        fitted = LeastSquaresHead(fit_intercept=False).fit(own[:, :STRONG], both).coef_.T
        student, ceiling = np.split(np.vstack([fitted, np.zeros((REST, 2 * noise_draws))]), 2, axis=1)
        on_rows = [own @ part for part in (weak, student, ceiling)]
        everywhere = np.repeat(truth[:, None], noise_draws, axis=1)
        # Round-off of least squares is that of features times coefficients, however near to collinear the features are.
        unit = np.linalg.norm(basis @ mixing, 2) * np.linalg.norm(weak, axis=0)
        apart = np.linalg.norm(own @ (student - ceiling), axis=0) / unit
        for measured, triple in (
            ("student rows, truth", error_triple(clean, *on_rows)),
            ("student rows, labels", error_triple(clean + noise, *on_rows)),
            ("fresh rows", fresh(everywhere, weak, student, ceiling)),
        ):
            averages = {name: np.mean(getattr(triple, name)) for name in ERRORS}
            found.append(
                {
                    **{"seed": seed, "n": count, "design": design, "sign": sign},
                    **{"weak_from": source, "measured": measured, **averages, "expected_bias": expected},
                    "bias_variance": variance,
                    "largest_gap": np.max(np.abs(triple.cross_term) / triple.misfit),
                    "student_minus_ceiling": np.max(apart),
                }
            )
    return found


trials = [
    row
    for seed in seeds
    for count in row_counts
    for design in range(designs)
    for sign in (1, -1)
    for row in one_design(seed, count, design, sign)
]
same = results.save_rows(
    "13_same_rows", trials, keys=["seed", "n", "design", "sign", "weak_from", "measured"]
)


# %%
def pick(weak_from, measured):
    """The rows of one kind of weak model, measured in one way; the two signs of a design make one observation."""
    chosen = same[(same["weak_from"] == weak_from) & (same["measured"] == measured)]
    return chosen.groupby(["seed", "n", "design"]).mean(numeric_only=True).reset_index()


on_truth, on_labels = pick("same rows", "student rows, truth"), pick("same rows", "student rows, labels")
fresh_same, fresh_other = pick("same rows", "fresh rows"), pick("other rows", "fresh rows")
off = {
    "|gain - misfit| / misfit on the shared rows, against the truth": on_truth["largest_gap"],
    "|student - ceiling| / (|weak features| |weak coefficients|), on the rows, as many features as rows": fresh_same.loc[
        fresh_same["n"] == WEAK, "student_minus_ceiling"
    ],
}
off = {name: np.max(values.to_numpy()) for name, values in off.items()}  # NaN stays NaN, and fails
ledger.claim(
    "fails/same-rows-exact",
    "Theorem 1 (rows as the population), and a weak model that interpolates",
    f"largest of {' and '.join(off)}",
    np.max(list(off.values())),
    high=ROUND_OFF,
)
# The two signs of a design share their noise: the variance of their mean is at most the mean of their variances.
ratio = on_labels["cross_term"] / on_labels["expected_bias"]
variances = on_labels["bias_variance"] / on_labels["expected_bias"] ** 2
allowed = 4 * np.sqrt(variances.sum()) / len(variances)
ledger.claim(
    "fails/same-rows-labels",
    "beyond the paper (noisy labels)",
    "mean of (gain - misfit) / bias of equation (4), shared rows, against the labels; band: 1 ± 4 sd, the sd known from the rows alone",
    ratio.mean(),
    low=1 - allowed,
    high=1 + allowed,
)
most = fresh_same[fresh_same["n"] == fresh_same["n"].max()]
same_limits = np.array([limits(*gaussian_world(seed)) for seed in most["seed"]])
# Its spread is of second order and not derived here. Seeds 100 to 109 give a standard error of 0.03 of `added` for 120 designs; to leave
# out |h_r|^2 tr P_ss or |h_s|^2 tr P_rr in (5) would shift the mean by 0.2 and 0.8 of it; -4 h_s' P_ss h_s, 0.04 of it, is too small for this band to tell.
added = np.mean(same_limits[:, 1] - same_limits[:, 0])
ledger.claim(
    "fails/same-rows-fresh",
    "beyond the paper (finite n)",
    "mean of n (gain - misfit) on fresh rows less its limit (5), shared rows, largest n; band: a tenth of what sharing adds in (5)",
    (most["n"] * most["cross_term"] - same_limits[:, 1]).mean(),
    low=-added / 10,
    high=added / 10,
)
print(f"mean of (gain - misfit) / bias of (4): {ratio.mean():.3f} ± {ratio.sem():.3f} (standard error)")
control = pick("other rows", "student rows, labels").query(
    "n >= 2 * @WEAK"
)  # below, a few draws rule the mean
ratio = control["cross_term"] / control["expected_bias"]
print(f"the same, weak model from other rows:  {ratio.mean():.3f} ± {ratio.sem():.3f}")
by_count = {"labels": on_labels, "truth": on_truth, "same": fresh_same, "other": fresh_other}
by_count = {
    name: frame.assign(ratio=frame["gain"] / frame["misfit"]).groupby("n") for name, frame in by_count.items()
}
pd.DataFrame(
    {
        "shared rows: misfit": by_count["truth"]["misfit"].mean(),
        "gain, truth": by_count["truth"]["gain"].mean(),
        "gain, labels": by_count["labels"]["gain"].mean(),
        "fresh rows: median gain/misfit": by_count["same"]["ratio"].median(),
        "same, weak from other rows": by_count["other"]["ratio"].median(),
    }
).round(3)

# %%
figure, (on_rows, scaled, errors) = plt.subplots(1, 3, figsize=(15, 4.9))
means = on_labels.groupby("n").mean()
counts = means.index
on_rows.plot(counts, means["misfit"], "o", mfc="none", ms=9, color=figures.BLUE, label="misfit")
on_rows.plot(
    counts, on_truth.groupby("n")["gain"].mean(), ".", color="black", label="gain, against the truth"
)
on_rows.plot(counts, means["gain"], "s", ms=5, color=figures.VERMILION, label="gain, against the labels")
on_rows.plot(
    counts,
    means["misfit"] + means["expected_bias"],
    "--",
    lw=1.2,
    color=figures.VERMILION,
    label="misfit + bias (4)",
)
on_rows.axhline(0, color="black", lw=1)
on_rows.set(ylabel="mean over draws", title="On the shared rows")

for source, frame, colour, column in (
    ("same rows", fresh_same, figures.VERMILION, 1),
    ("other rows", fresh_other, figures.BLUE, 0),
):
    tame = frame[frame["n"] >= 2 * WEAK]  # with fewer rows the mean over draws is ruled by a few of them
    groups = (tame["n"] * tame["cross_term"]).groupby(tame["n"])
    scaled.errorbar(
        groups.mean().index,
        groups.mean(),
        2 * groups.sem(),
        **{"fmt": "o", "ms": 5, "capsize": 3, "color": colour, "label": f"weak model from {source}"},
    )
    expected = np.mean([limits(*gaussian_world(seed))[column] for seed in seeds])
    scaled.axhline(expected, ls="--", lw=1.2, color=colour, label=f"limit (5), {source}")
scaled.axhline(0, color="black", lw=1)
scaled.set(ylabel="n · (gain − misfit), mean ± 2 s.e.", title="On fresh rows: gain − misfit")

for label, values, marks in (
    ("weak model", fresh_same["weak_error"], {"color": figures.GREY, "marker": "^"}),
    ("student, weak from other rows", fresh_other["student_error"], {"color": figures.BLUE, "marker": "o"}),
    (
        "student, weak from same rows",
        fresh_same["student_error"],
        {"color": figures.VERMILION, "marker": "s"},
    ),
    ("ceiling, fitted to the labels", fresh_same["ceiling"], {"color": "black", "marker": ".", "ls": "--"}),
):
    errors.plot(counts, values.groupby(fresh_same["n"]).median(), ms=5, lw=1.2, label=label, **marks)
errors.set(yscale="log", ylabel="squared error (median over draws)", title="On fresh rows: the errors")
for axes, place in ((on_rows, "lower right"), (scaled, "lower right"), (errors, "upper right")):
    axes.set(xscale="log", xlabel="n, labelled rows")
    axes.set_xticks(counts, [str(count) for count in counts], fontsize=9)
    axes.minorticks_off()
    axes.legend(loc=place)
figures.show(
    figure,
    "13_same_rows",
    "Three panels against the number of labelled rows n. On the shared rows the gain against the truth equals the misfit, "
    "while the gain against the labels falls below it as predicted and reaches minus the misfit where the weak model "
    "interpolates. On fresh rows n times gain minus misfit tends to a positive limit for a weak model from the same rows and "
    "to a negative limit for one from other rows. On fresh rows the student of a shared-row teacher meets the ceiling at the "
    "smallest n, where its teacher's error is largest.",
)

# %% [markdown]
# **What to see.** Left: against the truth, gain (dots) and misfit (rings) agree on the shared rows at every $n$; against the labels
# the gain sinks exactly as (4) says, below zero for small $n$, down to $-$misfit where $w=y$. Middle: on fresh rows
# gain = misfit survives on average up to a term of order $1/n$, for shared and for other rows alike; but sharing turns its
# sign: once $n$ is a few times $d_w$, the gain is *above* the misfit. Right: at small $n$ the student of a shared-row teacher
# is far better than the student of the same kind of teacher from other rows. At $n=d_w=24$ the teacher is useless on fresh
# rows, yet its student is the ceiling: it was fitted to the labels. The table has the trap: there gain/misfit on fresh rows
# is almost exactly 1 as well. Against a teacher that is far off, any student near the truth has gain ≈ misfit ≈ weak error, so
# this equality alone does not say that anything weak-to-strong has happened.
#
# **The sentence.** *On its own rows a weak model hands over the labels that it has seen, noise included: judge it there and the
# gain looks too small, let a student learn there and part of the gain is not weak-to-strong but the labels themselves.*
#
# So the protocol of this companion lets the weak model label rows that it has not seen, and measures on rows that nobody
# has seen, unless told otherwise. Notebook 31 shows both ways, as its sets are small.

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
