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
#     smoke: {student_rows: 100, fresh_rows: 500}
#     timeout: 300
# ---

# %% [markdown]
# # Start here: what is measured, and is this machine ready
#
# **Claim.** Train a strong model on the labels of a weak one. Three distances then tell the whole story: the *weak error*,
# the *student error* and the *misfit* between the two models. If the strong class is a subspace that holds the truth, they
# are the sides of a right-angled triangle, and the student's gain over its teacher is the misfit.
#
# | | |
# | --- | --- |
# | Paper | Charikar, Pabbaraju, Shiragur (2024), arXiv 2405.15116 |
# | Where | the set-up and Theorem 1 |
# | Inputs | none; says which molecule sets can be had |
# | Outputs | rows `00_triangle`, figure `00_three_errors`, four claims |
# | About | is this machine ready; notation; the three errors in one picture |
# | Time | under 20 seconds on 2 cores |
#
# The notebook has five parts: the environment, the notation, the three errors in one picture, the map of all
# notebooks, and the data.

# %% tags=["parameters"]
weak_rows = 20  # rows with true labels, for the weak model
student_rows = 400  # rows with weak labels, for the student
fresh_rows = 2000  # rows that neither model has seen
seed = 1  # seed of all draws

# %% [markdown]
# ## 1. The environment
#
# What is needed comes from the package's own list of dependencies. Each line says `[OK]`, or `[FAIL]` with the remedy.

# %%
import sys
import tempfile
from importlib import metadata
from pathlib import Path

failed = []


def check(name: str, ok: bool, found: str, remedy: str) -> None:
    """Print one line, and keep the name of what failed."""
    print(f"[OK]    {name}: {found}" if ok else f"[FAIL]  {name}: {found}. Remedy: {remedy}")
    failed.extend([] if ok else [name])


SETUP = "run `make setup` in the top folder, then `make lab`"
try:
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

    wanted = [Requirement(line) for line in metadata.requires("w2s-utils") or []]
    wanted_python = metadata.metadata("w2s-utils")["Requires-Python"]
except (ImportError, metadata.PackageNotFoundError) as error:
    raise SystemExit(f"[FAIL]  this kernel's Python has no w2s-utils: {error}. Remedy: {SETUP}") from None

python = ".".join(map(str, sys.version_info[:3]))
check("python", python in SpecifierSet(wanted_python), f"{python}, needs {wanted_python}", SETUP)
own = sys.prefix != sys.base_prefix or (Path(sys.prefix) / "conda-meta").is_dir()
check("kernel", own, "in an environment of its own" if own else "the system's Python", SETUP)
for package in wanted:
    if package.marker and not package.marker.evaluate({"extra": "molecules"}):
        continue  # for developers, or for another platform
    try:
        version = metadata.version(package.name)
    except metadata.PackageNotFoundError:
        check(package.name, False, f"missing, needs {package.specifier}", SETUP)
        continue
    right = package.specifier.contains(version, prereleases=True)
    check(package.name, right, f"{version}, needs {package.specifier}", SETUP)

# %%
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown
from threadpoolctl import threadpool_info

from w2s_utils import figures, results, runtime
from w2s_utils.chain import stamps
from w2s_utils.chain.catalogue import catalogue
from w2s_utils.data import datasets
from w2s_utils.experiments.protocol import Parts, run_protocol, triple_rows
from w2s_utils.heads.linear import LeastSquaresHead
from w2s_utils.theory.misfit import cross_terms, error_triple

try:
    with tempfile.TemporaryFile(dir=runtime.make_folder(runtime.build_folder())):
        check("build folder", True, "takes files", "")
except OSError:
    check("build folder", False, "takes no files", "make it writable, or point W2S_BUILD at another")
threads = max((pool["num_threads"] for pool in threadpool_info()), default=1)
processors = runtime.workers()
check(
    "threads",
    threads <= processors,
    f"{threads} for linear algebra, {processors} processors for this process",
    "set OMP_NUM_THREADS=1 before Python starts (make does)",
)

figures.style()
ledger = results.Ledger(
    "00_start_here",
    claims=["start/environment", "start/pythagoras", "start/fresh-rows", "start/data"],
)
ledger.claim(
    "start/environment",
    where="set-up",
    statistic="requirements that are not met",
    found=len(failed),
    low=0,
    high=0,
)

# %% [markdown]
# ## 2. Notation
#
# Functions of an input $x$; distances are means over the distribution of $x$, or over the rows at hand.
#
# | Paper | In the code | Meaning |
# | --- | --- | --- |
# | $h^\star, h_w, h_s$ | features | representations: of the truth, the weak model, the strong model; $x \mapsto$ a vector |
# | $f$ | head | what is fitted on top of a representation, here a linear function |
# | $\mathcal F_s$, with $V_s=\{f\circ h_s\}$ | the class of a head, `linear` | everything that the strong model can be |
# | $f^\star\circ h^\star$, short $g$ | `truth` | the function to be learned |
# | $f_w\circ h_w$, short $w$ | `weak` | the weak model, fitted on true labels; its outputs are the *weak labels* |
# | $f_{sw}\circ h_s$, short $p$ | `student` | the element of the strong class that is nearest to the weak labels |
# | $f_s\circ h_s$, short $s$ | ceiling | the element of the strong class that is nearest to the truth; in tables `ceiling` is its error, $\varepsilon=d(s,g)$ |
# | PGR | `pgr` | performance gap recovered, gain / (weak error − ceiling): 0 for the teacher's error, 1 for the ceiling's |
# | $d_{\mathcal P}(a,b)$ | `squared_distance(a, b)` | $\mathbb E\,(a(x)-b(x))^2$ |
# | $d_{\mathcal P}(w,g)$ | `weak_error` | how wrong the teacher is |
# | $d_{\mathcal P}(p,g)$ | `student_error` | how wrong the student is |
# | $d_{\mathcal P}(p,w)$ | `misfit` | how far the student departs from its teacher; needs no true label |
# | gain | `gain` | weak error − student error |
# | $\varepsilon$ | `epsilon` | $d_{\mathcal P}(s,g)$: how far the truth lies outside the strong class; 0 is called *realizable* |
#
# **Theorem 1**: realizable and convex class: gain ≥ misfit. **Theorem 2**: not realizable, finite sample: the same up to
# terms in $\varepsilon$ and in the number of rows.

# %% [markdown]
# ## 3. The three errors in one picture
#
# A small example with all the parts. The input is one number. The strong representation is four waves,
# $h_s(x)=(\sin x,\cos x,\sin 2x,\cos 2x)$, and the truth is a mixture of them: realizable. The weak representation says
# only in which quarter of the axis $x$ lies, so the weak model is a staircase. It is fitted on a few rows with true labels;
# the student is fitted on its labels for other rows.


# %%
def strong(x: np.ndarray) -> np.ndarray:
    return np.column_stack([np.sin(x), np.cos(x), np.sin(2 * x), np.cos(2 * x)])


def weak_quarters(x: np.ndarray) -> np.ndarray:
    return np.eye(4)[np.digitize(x, [-np.pi / 2, 0, np.pi / 2])]


parts = Parts.consecutive(weak_rows, student_rows, fresh_rows)
x = runtime.seed_stream(seed, "inputs").uniform(-np.pi, np.pi, weak_rows + student_rows + fresh_rows)
truth = strong(x) @ np.array([1.0, 0.3, 0.6, -0.2])
outcome = run_protocol(
    weak_quarters(x), strong(x), truth, parts, LeastSquaresHead(fit_intercept=False), LeastSquaresHead()
)
weak = outcome.weak_head.predict(weak_quarters(x))
student = outcome.student_head.predict(strong(x))

# %% [markdown]
# On the rows on which it was fitted the student *is* the nearest element of the class to the weak model. The class is a
# subspace: seen from the student, the direction to the weak model is at a right angle to every direction inside the class,
# and the truth lies inside. So Pythagoras holds:
#
# $$\underbrace{|w-g|^2}_{\text{weak error}} = \underbrace{|p-g|^2}_{\text{student error}} + \underbrace{|p-w|^2}_{\text{misfit}}
# \qquad\Longleftrightarrow\qquad \text{gain} = \text{misfit}.$$

# %%
own_rows = parts.student_train
triple = error_triple(truth[own_rows], weak[own_rows], student[own_rows])
table = results.save_rows(
    "00_triangle",
    triple_rows(triple, rows="student's own") + triple_rows(outcome.triple, rows="fresh"),
    keys=["rows"],
)
ledger.claim(
    "start/pythagoras",
    where="Theorem 1, linear heads",
    statistic="|weak error - student error - misfit|, relative to the weak error",
    found=abs(triple.cross_term) / triple.weak_error,
    high=1e-12,
)
table.round(4)

# %% [markdown]
# **On fresh rows** (second line of the table) the equation holds only nearly, and that is no fault of the theorem: the rows
# are a sample. Gain minus misfit is the mean of the *cross terms* $2(p-w)(g-p)$. With their standard deviation $\sigma$ over the
# $m$ fresh rows, and $n$ rows for the student, it should stray from 0 by about $\sigma\sqrt{1/n+1/m}$: one part for the rows on which it
# is measured, one for the rows that placed the student. More than four times that would be a surprise.

# %%
cross = cross_terms(outcome.truth, outcome.weak, outcome.student)
expected = np.std(cross) * np.sqrt(1 / student_rows + 1 / fresh_rows)
ledger.claim(
    "start/fresh-rows",
    where="Theorem 2, sampling",
    statistic="gain - misfit on fresh rows, in expected standard deviations",
    found=cross.mean() / expected,
    low=-4,
    high=4,
)


# %% [markdown]
# Any three functions lie in a common plane, as any three points do. The right panel shows the plane of $g$, $w$ and $p$,
# with true lengths: the coordinates come from the inner products of the functions above, and nothing is bent into a
# right angle.


# %%
def in_their_plane(truth: np.ndarray, weak: np.ndarray, student: np.ndarray) -> dict[str, np.ndarray]:
    """Coordinates of the three functions: student at the origin, truth on the horizontal axis, weak model above it."""
    to_truth, to_weak = student - truth, weak - student
    length = np.sqrt(np.mean(to_truth**2))
    along = -np.mean(to_weak * to_truth) / length
    above = np.sqrt(np.mean(to_weak**2) - along**2)
    return {"p": np.array([0.0, 0.0]), "g": np.array([length, 0.0]), "w": np.array([along, above])}


def square_on(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Corners of the square on a side, to the right of the way from start to end."""
    side = end - start
    outward = np.array([side[1], -side[0]])
    return np.array([start, end, end + outward, start + outward])


point = in_their_plane(truth[own_rows], weak[own_rows], student[own_rows])
fig, (left, right) = plt.subplots(1, 2, figsize=(11.5, 5.2), width_ratios=[1.1, 1])
grid = np.linspace(-np.pi, np.pi, 801)
lines = {
    "truth g": (strong(grid) @ np.array([1.0, 0.3, 0.6, -0.2]), "black", "-"),
    "weak w": (outcome.weak_head.predict(weak_quarters(grid)), figures.PURPLE, "-"),
    "student p": (outcome.student_head.predict(strong(grid)), figures.BLUE, "--"),
}
for name, (values, colour, dashes) in lines.items():
    left.plot(grid, values, color=colour, ls=dashes, lw=2.2, label=name)
left.set(xlabel="input x", ylabel="output", title="three functions")
left.legend(loc="upper left")

right.axhline(0, color=figures.BLUE, lw=6, alpha=0.25)
sides = {
    "weak error": ("w", "g", triple.weak_error, figures.WEAK_ERROR),
    "student error": ("g", "p", triple.student_error, figures.STUDENT_ERROR),
    "misfit": ("p", "w", triple.misfit, figures.MISFIT),
}
for name, (start, end, area, colour) in sides.items():
    corners = square_on(point[end], point[start])
    right.fill(*corners.T, color=colour, alpha=0.18, lw=0)
    right.plot(*np.array([point[start], point[end]]).T, color=colour, lw=3)
    right.annotate(f"{name}\n{area:.3f}", corners.mean(axis=0), ha="center", va="center", color="black")
tick = 0.03
right.plot([0, tick, tick], [tick, tick, 0], color="black", lw=1.2)
for name, label, offset in (
    ("g", "truth g", (8, -16)),
    ("w", "weak w", (-8, 10)),
    ("p", "student p", (-8, -16)),
):
    right.scatter(*point[name], color="black", s=30, zorder=4)
    right.annotate(
        label,
        point[name],
        offset,
        textcoords="offset points",
        weight="bold",
        ha="left" if name == "g" else "right",
    )
right.annotate("strong class", (0.66, 0.022), ha="right", color=figures.BLUE)
right.set(
    xlim=(-0.33, 0.68), ylim=(-0.4, 0.68), aspect="equal", title="the same three as points, true lengths"
)
right.set(xlabel="root mean square, inside the strong class", ylabel="root mean square, across it")
right.grid(visible=False)
figures.show(
    fig,
    "00_three_errors",
    f"Left: the truth, a wavy curve; the weak model, a staircase of four steps; the student, a wavy curve between them. Right: "
    f"the three as corners of a triangle with a square on each side. The strong class is a line through truth and student; the "
    f"angle at the student is right. Areas: weak error {triple.weak_error:.3f} = student error {triple.student_error:.3f} + "
    f"misfit {triple.misfit:.3f}.",
)

# %% [markdown]
# **What to see.** Left: the student cannot draw steps, so it does not repeat that part of its teacher's mistakes. What it
# can draw, it repeats: it is not the truth. Right: the areas of the squares are the three errors. The line is the part of the
# strong class in this plane. The square on the long side is as large as the other two together: weak error = student error +
# misfit. The misfit is the part of the weak error that the strong class *cannot* express, and exactly this part is gained.
#
# For a convex class that is no subspace the angle at the student is right or obtuse, and the gain is the misfit or more:
# notebook 10.

# %% [markdown]
# ## 4. The map
#
# From the paper to the notebooks and their claims, read from the notebooks themselves. A *check* of our code or of exact
# mathematics has a band, from theory or from several seeds of an earlier run. A *finding* has a predicted range. What is only
# *reported* has an interval.

# %%
entries = catalogue(list(stamps.sources(runtime.repository()).values()))
lines = ["| Notebook | Where in the paper | Claims |", "| --- | --- | --- |"]
for entry in entries:
    claims = "<br>".join(f"`{claim}`" for claim in entry.claims) or "none: it collects the others'"
    where = entry.where.removeprefix("Charikar, Pabbaraju, Shiragur (2024), ")
    lines.append(f"| **{entry.name}**: {entry.title} | {where} | {claims} |")
Markdown("\n".join(lines))

# %% [markdown]
# ## 5. The data
#
# The theorems and the synthetic figures need no data. The notebooks on molecules (3x) and a part of
# 80 use three measured sets. Each file is looked for in the folder `W2S_DATA_MIRROR`, then in `data/cache`, then on the network, and its checksum must be right.

# %%
found = datasets.status()
for entry in found:
    print(f"{entry.dataset:10} {entry.source:12} {entry.message}")
missing = [entry.dataset for entry in found if entry.source == "unreachable"]
statistic = f"measured sets found with the right checksum, of {len(found)}"
if missing:
    ledger.not_run("start/data", "Section 5.2", statistic, f"data unreachable: {', '.join(missing)}")
else:
    ledger.claim("start/data", "Section 5.2", statistic, len(found), low=len(found), high=len(found))

# %% [markdown]
# ## How to go on
#
# - **Read.** The notebooks in the order of their numbers: theorems (1x), the paper's synthetic figure (2x), molecules
#   (3x). Each is committed with its results.
# - **Run by hand.** `make lab` opens JupyterLab; each notebook runs alone with *Run All*. Change a value in its second cell
#   and run it again: what it writes goes to `build/lab`, apart from the results of `make reproduce`.
# - **Run everything.** `make reproduce` runs all notebooks and writes one page with every verdict,
#   `build/full/report.html`. If a claim is not run, the page says why.
# - **Adapt.** `run_protocol` above takes any arrays: weak features, strong features, targets, and the rows of each part.
#   Replace `strong`, `weak_quarters` and `truth` of section 3 with your own features and labels; the README has a short
#   complete example.

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
