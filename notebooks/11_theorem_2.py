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
#     smoke: {draws: 3, rows: 200, fresh_blocks: 2, sizes: [50, 100, 200, 400, 800, 1600], repeats: 10}
#     timeout: 300
# ---

# %% [markdown]
# # Theorem 2: truth outside the class, finitely many rows
#
# **Claim.** If the truth is not in the strong class, and the student is found on $n$ weakly labelled rows, then with
# probability $1-\delta$
#
# $$\text{gain} \;\ge\; \text{misfit} - O(\sqrt\varepsilon) - O\big((C/n)^{1/4}\big) - O\big((\log(1/\delta)/n)^{1/4}\big),$$
#
# where $\varepsilon=d(s,g)$ is the squared distance from the truth $g$ to the nearest element $s$ of the class, and $C$
# measures the size of the class.
#
# | | |
# | --- | --- |
# | Paper | Charikar, Pabbaraju, Shiragur (2024), arXiv 2405.15116 |
# | Where | Theorem 2 |
# | Inputs | none: every problem is generated |
# | Outputs | rows `11_epsilon`, `11_rows`, figures `11_*`, ten claims |
# | About | explicit constants, eps swept, rows swept |
# | Time | under a minute on 2 cores |
#
# An $O(\cdot)$ cannot fail a test. So this notebook first replaces $O(\sqrt\varepsilon)$ by explicit constants, and checks
# those exactly; then it measures how fast the finite-sample term really falls, and holds that beside $n^{-1/4}$.

# %% tags=["parameters"]
rows = 1000  # rows of each problem in the first part: the whole population
draws = 40  # problems per perturbation in the first part
perturbations = [
    0.0,
    0.003,
    0.01,
    0.03,
    0.1,
    0.3,
    1.0,
]  # sd of the noise on the strong representation's weights
sizes = [50, 100, 200, 400, 800, 1600, 3200, 6400, 12800]  # weakly labelled rows in the second part
repeats = 500  # fits per size
fresh_blocks = 20  # blocks of 20,000 fresh rows on which the last claim is measured
seed = 0  # seed of all draws

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.stats import foldnorm, norm

from w2s_utils import figures, results, runtime
from w2s_utils.experiments import parameters
from w2s_utils.heads.linear import LeastSquaresHead, NormBallHead
from w2s_utils.theory import intervals
from w2s_utils.theory.misfit import cross_terms, error_triple, exact_gap, squared_distance, theorem_2_bound

figures.style()
ledger = results.Ledger(
    "11_theorem_2",
    claims=[
        "theorem-2/bound-violations",
        "theorem-2/two-sided-violations",
        "theorem-2/exact",
        "theorem-2/tightness",
        "theorem-2/closed-form",
        "theorem-2/shortfall",
        "theorem-2/rate-fluctuation",
        "theorem-2/rate-mean",
        "theorem-2/mean-constant",
        "theorem-2/plateau",
    ],
)
parameters.whole(0, seed=seed)
parameters.whole(20, rows=rows)
parameters.whole(2, draws=draws, repeats=repeats, fresh_blocks=fresh_blocks)
parameters.each_whole(20, at_least=2, sizes=sizes)
parameters.each_number(-1, at_least=2, perturbations=perturbations)
if min(perturbations) != 0:
    raise ValueError(
        f"the least of perturbations is 0, the truth inside the class, not {min(perturbations):g}"
    )

# %% [markdown]
# ## Explicit constants
#
# Notebook 10 left us with $\text{gain}-\text{misfit}=2\langle p-w, g-p\rangle$, and with $\langle p-w,f-p\rangle\ge0$ for every $f$
# of the class. Now $g$ is not in the class, but $s$ is. Split $g-p=(s-p)+(g-s)$:
#
# $$\text{gain}-\text{misfit} \;=\; \underbrace{2\langle p-w,\,s-p\rangle}_{\ge\,0\text{ (class convex)}} \;+\; 2\langle p-w,\,g-s\rangle
# \;\ge\; -2\,\|p-w\|\,\|g-s\| \;=\; -2\sqrt{\text{misfit}\cdot\varepsilon}.$$
#
# The last step is Cauchy-Schwarz. So, with no hidden constant,
#
# $$\boxed{\;\text{gain} \ge \text{misfit} - 2\sqrt{\varepsilon\cdot\text{misfit}}\;}$$
#
# For a **subspace** the first term is zero, and what is left is an equation:
# $\text{gain}-\text{misfit} = -2\,\langle w-p,\;g-s\rangle$. Both factors stick out of the subspace: $w-p$ is what the student
# cannot imitate, $g-s$ is what it cannot learn. The gain falls short of the misfit to the extent that **the weak model is
# right about something that the strong class cannot express**.
#
# **The experiment.** The truth is a linear head on a random ReLU representation $h^\star$ (8 inputs, 16 units). The strong
# representation is $h^\star$ with noise on its weights: none at all makes the truth realizable, more makes $\varepsilon$ grow.
# The weak model is fitted on four units of another representation that sees half of the inputs. All expectations are
# means over the same rows, hence exact. Two classes: all linear heads, and those at most half as long as the head of the
# truth, so that the truth lies outside the ball even without noise.

# %%
INPUTS, UNITS = 8, 16


def relu_units(inputs, weights, offsets):
    return np.maximum(inputs @ weights + offsets, 0.0)


def epsilon_problem(draw: int, perturbation: float):
    """Strong features, truth, weak model and the length of the truth's head, for one draw and one perturbation."""
    rng = runtime.seed_stream(seed, "epsilon", draw)
    inputs = rng.normal(size=(rows, INPUTS))
    weights, offsets = rng.normal(size=(INPUTS, UNITS)) / np.sqrt(INPUTS), 0.5 * rng.normal(size=UNITS)
    head = rng.normal(size=UNITS)
    weak_units = relu_units(inputs[:, :4], rng.normal(size=(4, 4)), rng.normal(size=4))
    noise = rng.normal(size=weights.shape), rng.normal(size=offsets.shape)
    truth = relu_units(inputs, weights, offsets) @ head
    weak = LeastSquaresHead().fit(weak_units, truth).predict(weak_units)
    strong = relu_units(inputs, weights + perturbation * noise[0], offsets + perturbation * noise[1])
    return strong, truth, weak, np.linalg.norm(head)


records = []
for perturbation in perturbations:
    for draw in range(draws):
        strong, truth, weak, length = epsilon_problem(draw, perturbation)
        for name, head in (("subspace", LeastSquaresHead()), ("ball", NormBallHead(radius=length / 2))):
            student = head.fit(strong, weak).predict(strong)
            nearest = head.fit(strong, truth).predict(strong)
            triple = error_triple(truth, weak, student)
            epsilon = squared_distance(nearest, truth)
            records.append(
                {
                    "class": name,
                    "perturbation": perturbation,
                    "draw": draw,
                    "weak_error": triple.weak_error,
                    "misfit": triple.misfit,
                    "gain": triple.gain,
                    "epsilon": epsilon,
                    "bound": theorem_2_bound(triple.misfit, epsilon),
                    "exact_gap": exact_gap(truth, weak, nearest, student),
                }
            )
table = results.save_rows("11_epsilon", records, keys=["class", "perturbation", "draw"])
table = table.assign(
    gap=table["gain"] - table["misfit"], reach=2 * np.sqrt(table["epsilon"] * table["misfit"])
)
subspace = table[table["class"] == "subspace"]

# %%
ROUND_OFF = 1e-10  # relative to the weak error: far above round-off, far below any effect
ledger.claim(
    "theorem-2/bound-violations",
    where="Theorem 2, explicit constants derived here",
    statistic=f"problems of {len(table)}, both classes, with gain < misfit - 2 sqrt(eps misfit)",
    found=int((table["gain"] < table["bound"] - ROUND_OFF * table["weak_error"]).sum()),
    low=0,
    high=0,
)
ledger.claim(
    "theorem-2/two-sided-violations",
    where="Theorem 2, linear heads, derived here",
    statistic=f"subspace problems of {len(subspace)} with |gain - misfit| > 2 sqrt(eps misfit)",
    found=int((subspace["gap"].abs() > subspace["reach"] + ROUND_OFF * subspace["weak_error"]).sum()),
    low=0,
    high=0,
)
realizable = subspace[subspace["perturbation"] == 0]
exact = {
    "|gain - misfit + 2 <w - p, g - s>| / weak error": (
        (subspace["gap"] - subspace["exact_gap"]).abs() / subspace["weak_error"]
    ).max(skipna=False),
    "|gain / misfit - 1| without perturbation": np.max(
        np.abs((realizable["gap"] / realizable["misfit"]).to_numpy())
    ),
}
ledger.claim(
    "theorem-2/exact",
    where="Theorem 2, linear heads, derived here",
    statistic=f"largest over subspace problems of: {'; '.join(exact)}",
    found=np.max(list(exact.values())),  # NaN stays NaN, and fails
    high=ROUND_OFF,
)
# Problems of one draw share their data, so the draws are the units: one median each.
moved = subspace[subspace["perturbation"] > 0]
by_draw = (moved["gap"].abs() / moved["reach"]).groupby(moved["draw"]).median()
typical = intervals.mean_t(by_draw)
ledger.report(
    "theorem-2/tightness",
    where="Theorem 2, linear heads",
    statistic="share of 2 sqrt(eps misfit) that the gap uses up, median over the perturbations of a draw, mean over draws",
    found=typical.estimate,
    low=typical.low,
    high=typical.high,
    reason=f"no theory for random problems; 95 % interval of Student's t over {draws} draws",
)

# %%
loaded = results.load_rows("11_epsilon", keys=["class", "perturbation", "draw"])
fig, panels = plt.subplots(1, 2, figsize=(11, 4.6))
for axes, (name, part) in zip(panels, loaded.groupby("class", sort=False), strict=True):
    reach = 2 * np.sqrt(part["epsilon"] * part["misfit"])
    moved = part["perturbation"] > 0
    axes.scatter(
        reach[moved], (part["gain"] - part["misfit"])[moved], s=14, lw=0, alpha=0.8, color=figures.BLUE
    )
    end = reach.max() * 1.05
    axes.fill_between([0, end], [0, -end], [0, end], color=figures.BLUE, alpha=0.10, lw=0)
    axes.plot([0, end], [0, -end], color=figures.VERMILION, lw=1.5, label="lower bound: − 2 sqrt(ε misfit)")
    axes.plot([0, end], [0, end], color=figures.GREY, lw=1.2, ls="--" if name == "ball" else "-")
    axes.axhline(0, color=figures.GREY, lw=0.8)
    axes.set(title=f"{name}", xlabel="2 sqrt(ε misfit)", ylabel="gain − misfit", xlim=(0, end))
    axes.legend(loc="upper left")
figures.show(
    fig,
    "11_epsilon",
    "Gain minus misfit against 2 sqrt(epsilon misfit). All perturbed problems, subspace on the left and ball on the right, lie inside "
    "the wedge between minus and plus that value, most of them near zero and well above the lower edge.",
)

# %% [markdown]
# **What to see.** Every problem stays above the red line, in both classes. For the subspace the upper edge is a bound too;
# for the ball (dashed) it is none: a constraint that the truth satisfies adds gain on top, as notebook 10 showed. Here the
# ball excludes the truth, and its $\varepsilon$ counts what that costs. Few points come near the red edge: Cauchy-Schwarz is
# attained only if what the student cannot imitate and what it cannot learn point the same way. Notebook 12 builds that case.

# %% [markdown]
# ## Finitely many rows
#
# Now the student is found on $n$ rows and judged on the population. To see the finite-sample term without any noise of
# evaluation, take a problem in which the population is known in closed form:
#
# - $x\sim N(0,I_{16})$; the class: linear functions with intercept; truth $g=c^\top x$, inside the class ($\varepsilon=0$);
# - weak model $w=a^\top x+q(x)$, with $q=\tfrac12(x_1^2-1)$, which no linear function can imitate. So $p=a^\top x$, misfit
#   $=\mathbb E q^2=\tfrac12$.
#
# The student found on $n$ rows is $\hat p=p+\hat\delta$, where $\hat\delta=\hat\delta_0+\hat\delta_1^\top x$ is the
# least-squares fit to $q$ on those rows. With $v=c-a$ and $q$ orthogonal to all linear functions, the population gap is
#
# $$\text{gain}-\text{misfit} \;=\; 2\langle \hat p-w,\,g-\hat p\rangle \;=\; 2\,\hat\delta_1^\top v \;-\; 2\,\|\hat\delta\|^2 .$$
#
# The first term has mean zero (flip the sign of every $x$: $\hat\delta_1$ flips too) and size $n^{-1/2}$; the second is
# always negative and of size $n^{-1}$. With $\Sigma=\mathbb E\,q^2\,\tilde x\tilde x^\top$, $\tilde x=(1,x)$, and $\hat\delta\approx
# N(0,\Sigma/n)$:
#
# $$\mathbb E\,\text{gap}\approx-\frac{2\,\mathrm{tr}\,\Sigma}{n},\qquad \mathrm{sd}\approx 2\sqrt{\frac{v^\top\Sigma_1v}{n}},\qquad
# \Sigma=\mathrm{diag}(\tfrac12,\;\tfrac52,\;\tfrac12,\dots,\tfrac12),\quad \mathrm{tr}\,\Sigma=10.5 .$$
#
# ($\tfrac52=\tfrac14\mathbb E(x_1^2-1)^2x_1^2=\tfrac14(15-6+1)$, the moments of a Gaussian.)

# %%
DIMENSION = 16
SIGMA = np.array([2.5] + [0.5] * (DIMENSION - 1))  # of the slopes; the intercept has 0.5 as well
TRACE = SIGMA.sum() + 0.5
MISFIT = 0.5

direction = runtime.seed_stream(seed, "direction")
v = direction.normal(size=DIMENSION)
v /= np.linalg.norm(v)


def quadratic(inputs):
    return 0.5 * (inputs[:, 0] ** 2 - 1)


def fitted_error(size: int, repeat: int) -> tuple[float, np.ndarray]:
    """Intercept and slopes of delta-hat: the least-squares fit to q on ``size`` rows."""
    inputs = runtime.seed_stream(seed, "rows", size, repeat).normal(size=(size, DIMENSION))
    head = LeastSquaresHead().fit(inputs, quadratic(inputs))
    return head.intercept_, head.coef_


def population_gap(intercept: float, slopes: np.ndarray) -> float:
    return 2 * slopes @ v - 2 * (intercept**2 + slopes @ slopes)


# %% [markdown]
# First a check of the closed form: one fit on 200 rows, its gap by the formula and by brute force on a million fresh rows. By row the gap
# is $-2\,q\,v^\top x$ and terms with $\hat\delta$, which are small, so its standard deviation is about $2\sqrt{v^\top\Sigma_1v}$.

# %%
intercept, slopes = fitted_error(200, 0)
fresh = runtime.seed_stream(seed, "fresh").normal(size=(1_000_000, DIMENSION))
weak = quadratic(fresh)  # a = 0, so that c = v
student = intercept + fresh @ slopes
by_row = 2 * (student - weak) * (fresh @ v - student)
by_formula = population_gap(intercept, slopes)
print(f"gap by formula {by_formula:.4f}, of which 2 |delta|^2 is {2 * (intercept**2 + slopes @ slopes):.4f}")
ledger.claim(
    "theorem-2/closed-form",
    where="Theorem 2, derived here",
    statistic="|gap by formula - gap on 1,000,000 rows|; band: 4 x 2 sqrt(v' Sigma_1 v) / 1,000",
    found=abs(by_row.mean() - by_formula),
    high=8 * np.sqrt(v**2 @ SIGMA / len(by_row)),
)
del fresh, by_row

# %%
records = []
for size in sizes:
    for repeat in range(repeats):
        intercept, slopes = fitted_error(size, repeat)
        records.append(
            {
                "rows": size,
                "repeat": repeat,
                "gap": population_gap(intercept, slopes),
                "drop": 2 * (intercept**2 + slopes @ slopes),
            }
        )
found = results.save_rows("11_rows", records, keys=["rows", "repeat"])
gaps = found.pivot(index="repeat", columns="rows", values="gap").to_numpy()
drops = found.pivot(index="repeat", columns="rows", values="drop").to_numpy()
counts = np.array(sizes, dtype=float)

# %% [markdown]
# The mean of the gap is measured as the mean of $-2\|\hat\delta\|^2$: the other term is odd in $x$ and vanishes in the mean
# exactly, so leaving it out removes its noise and nothing else.
#
# Slopes are those of straight lines through (log n, log value). An exponent that the data stay above, such as $-1/4$, would be met by
# any faster rate, so nothing here is judged against it: the claims are about the rates and constants that the theory of a linear head gives.
# With few rows those are limits; they are judged from the size on where the next term of the expansion is small.

# %%
fluctuation = 2 * np.sqrt(v**2 @ SIGMA / counts)
predicted_mean = 2 * TRACE / counts
predicted_size = foldnorm.mean(predicted_mean / fluctuation, scale=fluctuation)


def slope(values, sizes=counts):
    return np.polyfit(np.log(sizes), np.log(values), 1)[0]


def shortfall(gaps):
    return np.quantile(np.maximum(-gaps, 0), 0.95, axis=0)


large = counts >= 800
moderate = counts >= 200
summary = pd.DataFrame(
    {
        "rows": sizes,
        "mean |gap|": np.abs(gaps).mean(axis=0),
        "predicted |gap|": predicted_size,
        "- mean gap": drops.mean(axis=0),
        "predicted - mean gap": predicted_mean,
        "95 % shortfall": shortfall(gaps),
        "predicted 95 % shortfall": predicted_mean + norm.ppf(0.95) * fluctuation,
    }
)
summary.round(5)

# %%
# Shortfall: 2 |delta|^2 - 2 v' delta_1 with delta ~ N(0, D), D = Sigma / n. This is not quite Gaussian, so its 95 % point is taken by Cornish
# and Fisher's expansion from its first three cumulants, 2 tr D, 8 tr D^2 + 4 v'Dv and 64 tr D^3 + 48 v'D^2v.
diagonals = np.append(SIGMA, 0.5) / counts[:, None]
towards = np.append(v, 0.0) ** 2
variance = np.sum(8 * diagonals**2 + 4 * towards * diagonals, axis=1)
skew = np.sum(64 * diagonals**3 + 48 * towards * diagonals**2, axis=1) / variance**1.5
z = norm.ppf(0.95)
stay_below = predicted_mean + np.sqrt(variance) * (z + (z**2 - 1) * skew / 6)
judged = counts >= 1600
ledger.claim(
    "theorem-2/shortfall",
    where="Theorem 2, derived here: n^(-1/2) plus the mean",
    statistic=f"share of {repeats * judged.sum()} fits, n >= 1,600, whose shortfall misfit - gain is below its predicted 95 % point; "
    "band: 0.95 ± 0.02, four binomial standard deviations of 2,000 fits",
    found=np.mean((-gaps <= stay_below)[:, judged]),
    low=0.93,
    high=0.97,
)

# A straight line through K points, spaced log 2, whose relative errors have sd r: its slope has sd r / sqrt(sum (x - mean)^2).
spread = np.sqrt(np.sum((np.log(counts[large]) - np.log(counts[large]).mean()) ** 2))
slope_sd = np.sqrt(np.pi / 2 - 1) / np.sqrt(repeats) / spread
predicted_slope = slope(predicted_size[large], counts[large])
ledger.claim(
    "theorem-2/rate-fluctuation",
    where="Theorem 2, derived here: n^(-1/2) plus the mean",
    statistic="slope on log n of mean |gain - misfit|, n >= 800; band: Gaussian prediction ± 4 standard errors",
    found=slope(np.abs(gaps).mean(axis=0)[large], counts[large]),
    low=predicted_slope - 4 * slope_sd,
    high=predicted_slope + 4 * slope_sd,
)

# The mean of |delta|^2 has relative sd sqrt(2 tr Sigma^2) / tr Sigma per fit; (n / (n - 18)) is taken as a bound on its finite-sample factor.
relative_sd = np.sqrt(2 * (np.sum(SIGMA**2) + 0.25)) / TRACE / np.sqrt(repeats)
spread = np.sqrt(np.sum((np.log(counts[moderate]) - np.log(counts[moderate]).mean()) ** 2))
steepest = slope(1 / (counts[moderate] - DIMENSION - 2), counts[moderate])
ledger.claim(
    "theorem-2/rate-mean",
    where="Theorem 2, derived here: n^(-1)",
    statistic="slope on log n of the mean shortfall, n >= 200; band: -1 and its finite-sample form ± 4 standard errors",
    found=slope(drops.mean(axis=0)[moderate], counts[moderate]),
    low=steepest - 4 * relative_sd / spread,
    high=-1 + 4 * relative_sd / spread,
)
ledger.claim(
    "theorem-2/mean-constant",
    where="Theorem 2, derived here",
    statistic=f"n times the mean shortfall at n = {sizes[-1]}, beside 2 tr Sigma = {2 * TRACE:g}; band ± 4 standard errors",
    found=sizes[-1] * drops[:, -1].mean(),
    low=2 * TRACE * (1 - 4 * relative_sd),
    high=2 * TRACE * (1 + 4 * relative_sd) * sizes[-1] / (sizes[-1] - DIMENSION - 2),
)

# %%
loaded = results.load_rows("11_rows", keys=["rows", "repeat"])
by_size = loaded.groupby("rows")
fig, axes = plt.subplots(figsize=(7.5, 5))
curves = [
    (
        "shortfall (misfit − gain), 95th percentile",
        by_size["gap"].apply(lambda gap: np.quantile(np.maximum(-gap, 0), 0.95)),
        figures.VERMILION,
    ),
    ("mean |gain − misfit|", by_size["gap"].apply(lambda gap: gap.abs().mean()), figures.BLUE),
    ("mean of misfit − gain", by_size["drop"].mean(), figures.GREEN),
]
for label, values, colour in curves:
    axes.plot(values.index, values, "o-", color=colour, label=label)
axes.plot(counts, predicted_size, color="black", lw=1, ls=":", label="predicted")
axes.plot(counts, predicted_mean, color="black", lw=1, ls=":")
start = curves[0][1].iloc[0]
axes.plot(
    counts,
    start * (counts / counts[0]) ** -0.25,
    color=figures.GREY,
    lw=1.5,
    ls="--",
    label="the theorem's rate, n^(−1/4)",
)
axes.set(
    xscale="log",
    yscale="log",
    xlabel="weakly labelled rows n",
    ylabel="gap between gain and misfit, squared target units",
)
axes.legend()
figures.show(
    fig,
    "11_rows",
    "Finite-sample gap between gain and misfit against the number of rows, log axes: the 95 percent shortfall and the mean "
    "absolute gap fall like n to the minus one half, the mean like one over n, both much faster than n to the minus one quarter.",
)

# %% [markdown]
# **What to see.** All three curves fall faster than the dashed $n^{-1/4}$, and the theory of a linear head (dotted) is met from about $n=200$ on.
#
# **What it means.** The theorem is not contradicted: it promises *at most* $n^{-1/4}$ for any convex class of bounded
# capacity, with one argument. For linear heads the truth is $n^{-1/2}$ for a single fit and $n^{-1}$ in the mean. A
# notebook that "confirmed" the exponent $-1/4$ here would be wrong. The sign is worth a thought too: with few rows the student
# falls *short* of its misfit in the mean, because the noise $\hat\delta$ it picked up adds to the misfit and takes the
# same amount from the gain.

# %% [markdown]
# ## Both at once
#
# Add to the truth something that the class cannot express: $g=c^\top x+\kappa\,u(x)$, where $u$ has unit size, is
# orthogonal to all linear functions, and makes an angle of 60° with $q$. Then $\varepsilon=\kappa^2$, and the exact formula says where the
# gap must end: at $-2\langle w-p,g-s\rangle=-2\kappa\langle q,u\rangle=-\kappa\sqrt{\text{misfit}}$, half of what the bound allows.

# %%
kappa = 0.3
plateau = -2 * kappa * np.sqrt(MISFIT) * np.cos(np.deg2rad(60))


def inexpressible(inputs):
    """u: of unit size, orthogonal to all linear functions, at 60 degrees to q."""
    along, across = (inputs[:, 0] ** 2 - 1) / np.sqrt(2), (inputs[:, 1] ** 2 - 1) / np.sqrt(2)
    return np.cos(np.deg2rad(60)) * along + np.sin(np.deg2rad(60)) * across


# The students of the largest size, judged on fresh rows: mean over the students, then over the rows.
students = [fitted_error(sizes[-1], repeat) for repeat in range(repeats)]
intercepts, slopes = np.array([fit[0] for fit in students]), np.array([fit[1] for fit in students])
by_row = []
for block in range(fresh_blocks):
    fresh = runtime.seed_stream(seed, "plateau", block).normal(size=(20_000, DIMENSION))
    weak, truth = quadratic(fresh)[:, None], (fresh @ v + kappa * inexpressible(fresh))[:, None]
    student = intercepts + fresh @ slopes.T
    by_row.append(np.mean(cross_terms(*np.broadcast_arrays(truth, weak, student)), axis=1))
by_row = np.concatenate(by_row)
# By row the cross term is -2 q (v'x + kappa u) but for delta, with mean square 4 (v' Sigma_1 v + kappa^2 E q^2 u^2), and
# E q^2 u^2 = (cos^2 60 * 15 + sin^2 60) / 2 from the moments of a Gaussian, 15 that of (x^2 - 1)^4 / 4.
row_variance = 4 * (v**2 @ SIGMA + kappa**2 * (0.25 * 15 + 0.75) / 2) - plateau**2
standard_error = np.hypot(fluctuation[-1] / np.sqrt(repeats), np.sqrt(row_variance / len(by_row)))
print(f"sd of the cross term by row: {np.sqrt(row_variance):.3f} in theory, {by_row.std():.3f} measured")
ledger.claim(
    "theorem-2/plateau",
    where="Theorem 2, linear heads, derived here",
    statistic=f"mean gain - misfit at n = {sizes[-1]}, eps = {kappa**2:g}, on fresh rows; band: exact gap - 2 tr Sigma / n ± 4 sd of theory",
    found=by_row.mean(),
    low=plateau - predicted_mean[-1] - 4 * standard_error,
    high=plateau - predicted_mean[-1] + 4 * standard_error,
)
misfits = MISFIT + drops / 2  # of each fit, |p-hat - w|^2 on the population
below = gaps + plateau < theorem_2_bound(misfits, np.full_like(misfits, kappa**2)) - misfits
print(f"exact gap {plateau:.4f}, lower bound {-2 * kappa * np.sqrt(MISFIT):.4f} without finite-sample terms")
pd.DataFrame({"rows": sizes, "share of fits below misfit - 2 sqrt(eps misfit)": below.mean(axis=0)})

# %% [markdown]
# The table counts fits whose population gain is below $\text{misfit}-2\sqrt{\varepsilon\,\text{misfit}}$. On the rows of the fit that is impossible; on the
# population it happens with few rows, for this is what the $n$-dependent terms of the theorem are for, and it stops as $n$
# grows.

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
