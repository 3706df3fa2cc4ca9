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
#     smoke: {revealed: {diabetes: 60, digits: 80}, folds: 4, draws: 3}
#     timeout: 300
# ---

# %% [markdown]
# # Your own data: will the student gain, and which weak model should label?
#
# **Claim.** Given two views of the same rows, a weak and a strong one, and true labels for some rows, this notebook says how much a student of weak labels gains over
# its teacher, with an interval, which weak model should label, or how many labels would tell. It ends with a page to send to a colleague.
#
# | | |
# | --- | --- |
# | Paper | Charikar, Pabbaraju, Shiragur (2024), arXiv 2405.15116 |
# | Where | Theorems 1 and 2, on measured data; the certificate is that of notebook 80 |
# | Inputs | your file; without one, two real sets that come with scikit-learn (diabetes, and digits as numbers) |
# | Outputs | rows `81_*`, figures `81_*`, one page `your_data_<name>.html` for each set, the claims listed below |
# | About | your file to an answer on one page; shown on two sets of scikit-learn |
# | Time | under a minute on 2 cores |
#
# For your own file there is a command, which does what this notebook explains:
#
# ```bash
# w2s judge mine.csv --target y --strong 's_*' --weak small=w1,w2 --weak tiny=w1
# ```
#
# Rows without a target count as unlabelled. A target whose words name classes is one of classes, with the share of errors as the loss, or the Brier score (notebook 83). `w2s judge --help` has the other options: texts, SMILES, labels that something gave already, a split, a second file with
# the labels. To follow the steps on your file, set the parameters in the next cell, or run the notebook with them; its page is then `build/lab/your_data_mine.html`:
#
# ```bash
# .venv/bin/python -m w2s_utils.chain run 81_your_own_data --profile lab \
#   -p path=mine.csv -p target=y -p "strong=s_*" -p 'weak={"small": ["w1", "w2"], "tiny": ["w1"]}'
# ```

# %% tags=["parameters"]
path = None  # CSV, TSV, Parquet, feather, .xlsx, .npz, or {name: .npy}; None: the embedded sets
target = "target"  # column of true labels; empty where unknown
strong = []  # columns of the strong view, also as "s_1,s_2"; * stands for any characters
weak = {}  # columns of each weak model's view: {name: columns}
weak_labels = []  # columns of labels that a weak model gave already; of classes also {name: columns of probabilities}
text = ""  # column of texts, in place of strong and weak
smiles = ""  # column of SMILES, in place of strong and weak
labelled = ""  # column of 1 and 0: whose target is a true label; empty: every target there is
ids = ""  # column of identifiers, to be unique
split = ""  # column of train, valid, test; empty: cross-fitting
group = ""  # column that is equal for rows of one thing, which count once
loss = ""  # squared; or of classes accuracy, brier; empty: accuracy where the target's words name classes
drop_bad = False  # leave rows out that cannot be used, and say so
head = "ridge"  # ridge, least squares, norm ball
radius = 0.5  # of the norm ball: standard deviations of the target per standard deviation of a feature
level = 0.95  # of all statements about one data set together, gains and who should label; 0.975 where a second look with more labels is planned
folds = 10  # of cross-fitting
revealed = {"diabetes": 150, "digits": 200}  # embedded sets: so many random true labels are used
draws = 200  # embedded sets: draws of the labelled rows, to see how often the interval holds
seed = 0  # seed of the folds, the revealed labels and the draws

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import SVG, display
from joblib import delayed

from w2s_utils import figures, results, runtime
from w2s_utils.heads.linear import LeastSquaresHead
from w2s_utils.own_data.advice import advice
from w2s_utils.own_data.answer import THE_CONSTANT, answer
from w2s_utils.own_data.columns import gather
from w2s_utils.own_data.examples import example
from w2s_utils.own_data.files import read_columns
from w2s_utils.own_data.judge import judge
from w2s_utils.own_data.page import write_page
from w2s_utils.own_data.picture import alt_text, gain_picture
from w2s_utils.own_data.tally import STUDENT, TEACHER, Candidate
from w2s_utils.theory import intervals
from w2s_utils.theory.certificate import certify_gain
from w2s_utils.theory.class_labels import one_hot
from w2s_utils.theory.class_losses import BRIER
from w2s_utils.theory.misfit import cross_terms, exact_gap, squared_distance

figures.style()
ledger = results.Ledger(
    "81_your_own_data",
    claims=[
        "own-data/exact",
        "own-data/diabetes-coverage",
        "own-data/digits-coverage",
    ],
)
ROUND_OFF = 1e-10  # band of the exact claim, relative to the errors that it is about

# %% [markdown]
# ## 1. The data
#
# What is wrong with a file is said in one sentence with the remedy, all rows that cannot be used at once. What only looks wrong is a doubt that the answer carries: values far
# from all others of their column, rows that stand twice, labelled rows that the strong view tells from the others.

# %%
if path is None:
    sets = [example(name, count, seed) for name, count in revealed.items()]
else:
    columns = read_columns(path, as_text=[text, smiles, labelled, ids, split, group])
    name = "arrays" if isinstance(path, dict) else Path(path).stem
    sets = [
        gather(
            name,
            columns,
            target,
            strong=strong,
            weak=weak,
            weak_labels=weak_labels,
            text=text,
            smiles=smiles,
            labelled=labelled,
            ids=ids,
            split=split,
            group=group,
            drop_bad=drop_bad,
            loss=loss,
        )
    ]
for data in sets:
    print(
        f"{data.name}: target {data.title}, {len(data.targets)} rows, {len(data.true_rows)} with a true label that is used, "
        f"{data.views.strong.shape[1]} strong columns; weak models: {', '.join(f'“{model}”' for model in data.views.names)}"
    )

# %% [markdown]
# ## 2. Who learns from what
#
# A certificate is worth nothing on rows whose answer has been seen. So each row has one role at a time:
#
# | role | needs a true label | who sees it |
# | --- | --- | --- |
# | weak training | yes | the weak model |
# | student training | no: the weak model labels it | the student |
# | validation | for the weak model's penalty; the student's is chosen on weak labels | both, for the penalty only |
# | judged | for the cross term; the misfit needs none | nobody |
#
# Without a split the rows take turns: each fold is judged once by heads that have not seen it, so every true label serves the weak model in most turns and the certificate in
# one. With a split, `test` rows are judged and need at least four true labels. A weak model that gave its labels already must not have learned from the true labels of this file.
# **The labelled rows must be a random part of all**: labels where labelling was easy certify the easy rows.

# %%
judged = {data.name: judge(data, head, radius, folds, seed, loss=loss) for data in sets}
answers = {name: answer(made, level) for name, made in judged.items()}
rows = [
    {
        "data": name,
        "weak_model": model,
        **{part: getattr(found.triples[model], part) for part in ("weak_error", "student_error", "misfit")},
        "gain": found.gains[model].gain,
        "low": found.gains[model].low,
        "high": found.gains[model].high,
        "kind": found.gains[model].kind,
        "loss": found.loss,
        "slope": found.gains[model].slope,
        "labels": found.gains[model].labels,
    }
    for name, found in answers.items()
    for model in found.names
]
KEYS = ["data", "weak_model"]
results.save_rows("81_answers", rows, keys=KEYS)
table = results.load_rows("81_answers", keys=KEYS)
table.round(3)

# %% [markdown]
# ## 3. What theory guarantees, on these data
#
# Three checks of this code on these data. Row by row, gain = misfit + cross term. On the *student's own rows* and with least squares (on the directions that the strong columns span, so that near copies do no harm),
# gain − misfit $=-2\langle w-p,g-s\rangle$ (Theorem 2 without its inequality), here on the rows with true labels. And if only labelled rows are looked at, the
# certificate is the plain mean of the gains, whatever the slope. Of classes all three are those of the Brier score, a column for each class.


# %%
def directions(features):
    """Orthonormal directions (n, r) that standardised columns (n, d) span, but for those too small to tell from round-off."""
    spread = features.std(axis=0)
    scaled = (features - features.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    left, sizes, _ = np.linalg.svd(scaled, full_matrices=False)
    return left[:, sizes > 1e-6 * sizes.max()]


def distance(one, other):
    """Mean squared distance, of classes added up over their columns."""
    return float(np.sum(squared_distance(one, other)))


identity, control, plain = 0.0, 0.0, 0.0
for data in sets:
    made = judged[data.name]
    truth, of_class = made.numbered(made.truth), {"loss": BRIER} if data.classes else {}
    for model in data.views.names:
        w, p = made.weak[model][made.labelled], made.student[model][made.labelled]
        y = one_hot(truth, len(data.classes)) if data.classes else truth
        scale = distance(w, y) + distance(p, y)
        by_row = (w - y) ** 2 - (p - y) ** 2 - (p - w) ** 2 - cross_terms(y, w, p)
        identity = max(identity, float(np.abs(by_row).max()) / scale)
        mean = distance(w, y) - distance(p, y)
        everything = certify_gain(w, p, truth, np.arange(len(y)), level, **of_class)
        plain = max(plain, abs(everything.gain - mean) / scale)
        own = directions(data.views.strong[made.rows[made.labelled]])
        student, nearest = (LeastSquaresHead().fit(own, labels).predict(own) for labels in (w, y))
        gap = distance(w, y) - distance(student, y) - distance(student, w)
        control = max(control, abs(gap - np.sum(exact_gap(y, w, nearest, student))) / scale)
ledger.claim(
    "own-data/exact",
    where="Theorem 2 and its identity",
    statistic="largest relative deviation of three identities: gain = misfit + cross term, row by row; gain - misfit = exact gap, "
    f"least squares on its own rows; certificate = mean gain, only labelled rows; {', '.join(judged)}",
    found=max(identity, control, plain),
    high=ROUND_OFF,
)

# %% [markdown]
# ## 4. The answer

# %%
for name, found in answers.items():
    print(f"{name}. {found.headline()}\n{found.gain_sentence(found.names[0])}")
    if found.ranking:
        print(found.ranking.sentence())
    if found_advice := advice(judged[name], found):
        print(found_advice)
    for caveat in found.caveats:
        print(f"Doubt: {caveat}")
    print()

# %% [markdown]
# Who gains nothing over a constant, or loses to the strong view with the few true labels alone, needs no weak labels. So everything that could be used stands in one table,
# with the interval of how far its error is below that of the constant, the mean true label.

# %%
pd.DataFrame(
    {
        "data": name,
        "what could be used": found.described(one),
        "mean error": error,
        "below the constant's, from": found.over_constant[one].low if one in found.over_constant else 0.0,
        "to": found.over_constant[one].high if one in found.over_constant else 0.0,
    }
    for name, found in answers.items()
    for one, error in found.errors.items()
).round(3)


# %%
def picture(name):
    """The page's picture of the answer about one set."""
    alt = {"alt": alt_text(answers[name])}
    display(SVG(gain_picture(answers[name], name)), metadata={"image/svg+xml": alt})


first, *others = answers
picture(first)

# %%
for other in others:
    picture(other)

# %% [markdown]
# **What to see.** A blue interval right of 0: the student gains, unless a doubt above says that too few labelled rows carry it; whether a constant would do as well stands above too. Across 0: more labels or more rows are needed. All statements about a set, the gains, each student beside a constant, and who should label, hold together at the level, so each interval is wider than one alone. The diamond is the misfit, which needs no
# label: where it lies far right of the gain, the teacher knows what the strong view cannot express, or rows are few, or the penalty shrinks the student; left of it, that the student errs less than the misfit alone would have it, perhaps by chance. The grey line, from labelled rows
# alone at the same level, can be *shorter*: it says nothing of misfits beyond those of the labelled rows, for which the blue one has an allowance (notebook 80). Do not pick the shorter one: the choice after the fact costs the level.
#
# ## 5. What would more labels buy?

# %%
fig, axes = plt.subplots(1, len(answers), figsize=(max(6.5, 5.2 * len(answers)), 4), squeeze=False)
for ax, (name, found) in zip(axes[0], answers.items(), strict=True):
    for model in found.names[:5]:
        gain = found.gains[model]
        if not gain.half_width > 0:
            continue
        widths = gain.half_width * np.linspace(1, 0.2, 60)
        further = np.array([gain.labels_for(width) for width in widths])
        can = np.isfinite(further)
        ax.plot(further[can], widths[can], label=figures.verbatim(model))
    ax.set(
        title=figures.verbatim(name), xlabel="further true labels", ylabel="expected half-width of the gain"
    )
    ax.set_ylim(bottom=0)
    ax.legend()
figures.show(
    fig,
    "81_labels",
    "Expected half-width of the interval for the gain against the number of further true labels, a falling line for each weak model, up to all rows of the file.",
)

# %% [markdown]
# **What to see.** Each line ends where all rows of the file would be labelled. If the half-width there is still above the gain, more *rows* are needed. The lines take the teacher as it is: without a split
# new labels train it too, and the gain itself moves. Whoever wants to keep the teacher gives its labels as `weak_labels`, or a split.
#
# ## 6. How often does the interval hold?
#
# The embedded sets have all their labels, so it can be counted: other rows are revealed, everything is fitted again, and everything that the page would state, each gain and each
# comparison with the student put first, with a constant, and which is best of all, is compared with the same on all rows. The page holds if all of it does; that is promised at the level.
# Its rows are the whole population here, so a sample of a good part of them is better than the interval says. Draws share their rows, so this shows
# that nothing is badly wrong; notebook 80 measures coverage.


# %%
def holds(name, draw):
    """For one draw of labelled rows: does all hold on all rows that the page would say of gains, of students, and of all?"""
    number = seed + 1 + draw
    data = example(name, revealed[name], number)
    made = judge(data, head, radius, folds, number)
    found, y = answer(made, level), data.targets[made.rows]
    true = {one: squared_distance(some, y) for one, some in made.made.items()}

    def held(interval, better, worse):
        return interval.low <= true[worse] - true[better] <= interval.high

    gains = [
        held(gain, Candidate(STUDENT, model), Candidate(TEACHER, model))
        for model, gain in found.gains.items()
    ]
    margins = [
        held(margin, Candidate(STUDENT, one), Candidate(STUDENT, other))
        for (one, other), margin in (found.ranking.margins.items() if found.ranking else ())
    ]
    over = [held(below, one, THE_CONSTANT) for one, below in found.over_constant.items()]
    best = found.best is None or true[found.best] <= min(true.values())
    return {
        "data": name,
        "draw": draw,
        "gains_hold": all(gains),
        "margins_hold": all(margins),
        "rest_holds": all(over) and best,
    }


if path is None:
    for data in sets:
        made, y = judged[data.name], data.targets[judged[data.name].rows]
        for model in data.views.names:
            whole = squared_distance(made.weak[model], y) - squared_distance(made.student[model], y)
            print(f"{data.name}, “{model}”: gain on all rows {whole:.3g}")
    counted = runtime.parallel(delayed(holds)(data.name, draw) for data in sets for draw in range(draws))
    counted = results.save_rows("81_coverage", counted, keys=["data", "draw"])
for name in ("diabetes", "digits"):
    claim, where = f"own-data/{name}-coverage", "ours"
    statistic = f"{name}: share of draws whose statements all hold on all rows: gains, margins, errors beside a constant, the best; level {level:g}"
    if path is not None or name not in revealed:
        ledger.not_run(claim, where, statistic, "not among the data sets of this run")
        continue
    mine = counted[counted["data"] == name]
    found = intervals.share(
        int((mine["gains_hold"] & mine["margins_hold"] & mine["rest_holds"]).sum()), len(mine)
    )
    reason = (
        "at least the level is promised, for many labels; 95 % Clopper-Pearson interval over draws of the labelled rows, "
        "from one finite set"
    )
    ledger.report(claim, where, statistic, *found, reason)

# %% [markdown]
# ## 7. The page

# %%
for data in sets:
    page = runtime.build_folder() / f"your_data_{data.name}.html"
    write_page(page, data, judged[data.name], answers[data.name], head, seed)
    print(f"written: {runtime.shown(page)}")

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
