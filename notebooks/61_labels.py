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
#     smoke: {data_sets: [digits], seeds: 3, noises: [0.0, 0.25], columns: 20}
#     timeout: 900
# ---

# %% [markdown]
# # Which weak labels to trust: filters, weights, relabelling, other losses
#
# **Claim.** A teacher that is asked several times gives itself away: rows on which its answers agree are labelled better, so a student should be given these alone (Guo and Yang; Shi et al., stage I), or the others at a lower
# weight (Guo and Yang), and what was thrown away can come back with the student's own labels (Shi et al., stage II). Or the loss is to be changed instead: reversed (Yao et al.), or reversed where the teacher is unsure (Xu et al.).
#
# | | |
# | --- | --- |
# | Paper | Guo, Yang (2024), arXiv 2406.19032; Shi et al. (2025), arXiv 2503.04249; Yao et al. (2025), arXiv 2502.11107; Xu et al. (2025), arXiv 2505.24313 |
# | Where | reliability-aware alignment; filtering and relabelling in two stages; reverse KL; confidence-adaptive cross-entropy |
# | Inputs | scikit-learn's digits; SST-2 and TREC-6 where they can be had |
# | Outputs | rows `61_students`, `61_lessons`, `61_thirds`, `61_penalties`, `61_entropies`; figures `61_*`; the claims listed below |
# | About | filters by confidence and by entropy of answers, weights, relabelling, reversed losses: gain against precision and balance of what is kept |
# | Time | a minute or two on 2 cores, plus the features of two sets of texts the first time |
#
# **What differs from the papers.** They fine-tune language models and ask them in several wordings, or sample several answers. Here heads on fixed features learn; a teacher's *views* are heads of the same features, each taught on a bootstrap resample of the same few true labels, with their teacher's penalty.
# So these are readings of the papers' claims for a student that is a convex fit, with a penalty chosen on validation rows against weak labels. What a long fine-tuning does to noisy labels is not tested here, but one part of it is: section 5 takes the penalty away.

# %% tags=["parameters"]
data_sets = ["digits", "SST-2", "TREC-6"]  # of these three
seeds = 10  # random parts, and for digits random noise and features
noises = [0.0, 0.15, 0.25]  # standard deviation of a weak model's sensor, digits only; a pixel is from 0 to 1
columns = 100  # random Fourier features of the strong side, digits only
seed = 0  # the first of the seeds

# %%
import math
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown
from joblib import delayed

from w2s_utils import figures, results, runtime
from w2s_utils.experiments import class_sets, parameters
from w2s_utils.experiments.classification import ERRORS, PENALTIES, hardened
from w2s_utils.methods import bench, label_trials, lessons, method_pictures, method_tables
from w2s_utils.methods.bench import HARD, NAIVE
from w2s_utils.methods.label_trials import (
    ADAPTIVE,
    BY_CLASS,
    CHANCE,
    CONFIDENT,
    ENTROPY,
    FIFTHS,
    METHODS,
    OF_CLASSES,
    REVERSED,
    STAGE_2,
    WEIGHTS,
)
from w2s_utils.methods.method_tables import over_teachers
from w2s_utils.theory import intervals

figures.style()
ledger = results.Ledger(
    "61_labels",
    claims=[
        "labels/kinds-add-up",
        "labels/one-solver",
        "labels/digits-told",
        "labels/SST-2-told",
        "labels/TREC-6-told",
        "labels/digits-hard-rows",
        "labels/SST-2-hard-rows",
        "labels/TREC-6-hard-rows",
        "labels/digits-entropy-filter",
        "labels/SST-2-entropy-filter",
        "labels/TREC-6-entropy-filter",
        "labels/digits-weights",
        "labels/SST-2-weights",
        "labels/TREC-6-weights",
        "labels/digits-stage-two",
        "labels/SST-2-stage-two",
        "labels/TREC-6-stage-two",
        "labels/digits-stage-two-hard",
        "labels/SST-2-stage-two-hard",
        "labels/TREC-6-stage-two-hard",
        "labels/digits-confident-noise",
        "labels/digits-confident-clean",
        "labels/SST-2-confident",
        "labels/TREC-6-confident",
        "labels/digits-which-half",
        "labels/SST-2-which-half",
        "labels/TREC-6-which-half",
        "labels/digits-by-class",
        "labels/SST-2-by-class",
        "labels/TREC-6-by-class",
        "labels/digits-by-class-hard",
        "labels/SST-2-by-class-hard",
        "labels/TREC-6-by-class-hard",
        "labels/digits-by-class-soft",
        "labels/SST-2-by-class-soft",
        "labels/TREC-6-by-class-soft",
        "labels/digits-best-soft",
        "labels/SST-2-best-soft",
        "labels/TREC-6-best-soft",
        "labels/digits-reverse-kl",
        "labels/SST-2-reverse-kl",
        "labels/TREC-6-reverse-kl",
        "labels/digits-adaptive",
        "labels/SST-2-adaptive",
        "labels/TREC-6-adaptive",
        "labels/digits-least-penalty",
        "labels/SST-2-least-penalty",
        "labels/TREC-6-least-penalty",
        "labels/digits-few-labels",
        "labels/SST-2-few-labels",
        "labels/TREC-6-few-labels",
    ],
)
parameters.each_of(bench.SIZES, data_sets=data_sets)
parameters.whole(3, seeds=seeds)
parameters.whole(0, seed=seed)
parameters.whole(2, columns=columns)
parameters.each_number(-1e-9, at_most=1, at_least=2, noises=noises)

# %% [markdown]
# ## 1. What is done with the labels
#
# The bench is that of notebook 44: a teacher learns a few true labels and labels other rows for its student; all are judged on rows that nobody has seen. Of the $V = 8$ views of a teacher let $q_k$ be the share that names class $k$;
# the *entropy* of a row's answers is $-\sum_k q_k\log q_k$, 0 where all agree. Behind every method stand two uses of true labels and no other: the teacher's own few teach it and its views, and those of the validation rows choose its penalty, which is the views' too. A student's own penalty is chosen by weak labels.
#
# | student | is given |
# | --- | --- |
# | naive, soft labels | all rows, the teacher's probabilities |
# | naive, hard labels | all rows, the class that the teacher names; so have the next six |
# | half by chance | a random half of the rows: the control for fewer rows |
# | confident half | the half with the largest probabilities of the named class |
# | confident half of each class | the same, for each class that the teacher names |
# | entropy filter | rows whose entropy is its median or less, all that tie: Guo and Yang; with two classes this is also the consistency of Shi et al., stage I |
# | weights by entropy | all rows, with weights $e^{-\text{entropy}}$ |
# | relabelled (stage II) | what the entropy filter keeps, and half of the rest with the classes of *its* student: the half of which that one is surest |
# | reverse KL | all rows, probabilities, $\mathrm{KL}(s\,\|\,w)$ |
# | confidence-adaptive CE | all rows, probabilities: cross-entropy on the half the teacher is surer of, reversed on the other half |
#
# A head that draws its answer gives the first one with the share of its largest probability; so confidence is the consistency of one head that is asked many times, entropy that of several heads. Where to cut, the papers leave to be tuned; here it is the median throughout.
# All students but the first are fitted by one solver, and each chooses its own penalty by its own loss on validation rows, against the teacher's labels of all of them.

# %%
run, sets = class_sets.load_sets(data_sets)
sets = {name: replace(one, sizes=bench.SIZES[name]) for name, one in sets.items()}
jobs = [(name, seed + k) for name in sets for k in range(seeds)]
made = runtime.parallel(
    delayed(label_trials.label_rows)(sets[name], noises, columns, one) for name, one in jobs
)
KEYS = ["data", "seed", "teacher"]


def saved(part, *keys):
    together = [row for found in made for row in getattr(found, part)]
    return results.save_rows(f"61_{part}", together, keys=[*KEYS, *keys])


rows = saved("students", "method", "loss")
errors = rows[rows["loss"] == ERRORS]
quality = saved("lessons", "method")
by_third = saved("thirds", "method", "third")
by_penalty = saved("penalties", "method", "penalty")
entropies = saved("entropies", "fifth")
print({name: (one.sizes, label_trials.teachers_of(one, noises)) for name, one in sets.items()})
Markdown(f"### {run.heading}")

# %% [markdown]
# Two checks: kinds of errors add up, and the solver of weighted and reversed losses gives what Newton's method of notebook 44 gives where both can be used.

# %%
add_up = np.abs(errors[["corrected", "inherited", "changed"]].sum(axis=1) - errors["weak_error"])
add_up += np.abs(errors[["inherited", "changed", "new"]].sum(axis=1) - errors["student_error"])
ledger.claim(
    "labels/kinds-add-up",
    "definition",
    "largest difference of shares of kinds and errors",
    add_up.max(),
    high=1e-12,
)
apart = []
for one in sets.values():
    cut = bench.trial(one, noises, columns, seed)
    labels = hardened(cut.taught.weak[label_trials.teachers_of(one, noises)[0]])
    alike = lessons.whole(labels)
    given = alike.chosen(cut, alike.students(cut))
    newton = cut.taught.strong_head(labels, cut.taught.parts.student_train)
    apart.append(np.abs(given - newton).max())
ledger.claim(
    "labels/one-solver",
    "100 steps of L-BFGS against Newton's",
    "largest difference of a naive student's probabilities, first seed of each set",
    max(apart),
    high=0.02,
)

# %% [markdown]
# ## 2. Does agreement tell right labels from wrong ones?


# %%
fig, panels = plt.subplots(1, len(sets), figsize=(max(4.4 * len(sets), 6), 4.2), sharey=True, squeeze=False)
for axes, name in zip(panels[0], sets, strict=True):
    of_set = entropies[entropies["data"] == name]
    for teacher, colour, shape in zip(dict.fromkeys(of_set["teacher"]), figures.PALETTE, "os^", strict=False):
        means = of_set[of_set["teacher"] == teacher].groupby("fifth")[["entropy", "right"]].mean()
        axes.plot(means["entropy"], means["right"], color=colour, marker=shape, label=f"{name}: {teacher}")
    axes.set(title=run.label(name), xlabel="entropy of 8 answers (nats), mean of a fifth", ylim=(0, 1.03))
panels[0, 0].set_ylabel("share of right labels")
figures.legend_below(fig, *panels[0], columns=3)
figures.show(
    fig,
    "61_entropy",
    f"For each set the share of right labels against the mean entropy of the answers, rows in {FIFTHS} fifths from the least entropy on, a line for each teacher: from the first fifth to the last every line falls, though not at every step.",
)
entropies.groupby(["data", "teacher"], sort=False)[["told", "told by confidence"]].mean().round(3)

# %% [markdown]
# **What to see.** From the first fifth to the last every line falls: where answers differ, labels are worse. Not at every step: near entropy 0, where rows tie, a line can rise first, that of SST-2's *layer 3* the most. The table has the area under the ROC curve, the chance that of a right and a wrong label the right one has the smaller entropy (ties count half), or the larger probability: 0.5 is a coin.
#
# What is kept, mean over teachers and seeds. `precision` is the share of right labels, `imbalance` the total variation between the classes (by true labels) of what is kept and of all rows; the thirds are those of the *ceiling's* margin between its first two classes.

# %%
quality.groupby(["data", "method"], sort=False)[
    ["kept", "precision", "imbalance", "kept, hard", "kept, easy", "precision, hard", "precision, easy"]
].mean().round(3)

# %% [markdown]
# **What to see.** Every filter but chance keeps better labels than all rows have. In these means confidence tells right labels better than the entropy of eight answers does, with every teacher. What filters keep is short of hard rows and of some classes; halving each class apart keeps the classes nearer to balance and costs little precision or none, but of texts it keeps as few hard rows.
# Relabelling brings rows back with the labels of a student of stage I, and on texts these are worse than what was kept.
#
# ## 3. What it does to the student
#
# PGR, the part of the gap between teacher and ceiling that is recovered, is withheld where the ceiling does not beat the teacher by a 95 % interval of the gap.

# %%
by_student = errors.groupby(["data", "teacher", "method"], sort=False)
shown = by_student[
    ["weak_error", "student_error", "ceiling", "alone", "corrected", "inherited", "changed", "new"]
].mean()
shown.insert(4, "pgr", by_student[["gain", "weak_error", "ceiling"]].apply(method_tables.recovered))
shown.round(3)

# %% [markdown]
# **How to read it.** Shares of errors, mean over seeds; `alone` is the strong head on the teacher's few true labels; `inherited` are the teacher's errors that the student makes too, with the same class, `changed` those that it turns into another one, `new` its own.


# %%
def by(name, method, column="student_error", table=errors):
    """A column of one method's rows on one set: seeds by teachers."""
    return method_tables.by(table, column, name, method)


def less(name, method, other, column="student_error", table=errors):
    """A column of one method less that of another: seeds by teachers."""
    return method_tables.less(table, column, name, method, other)


def base(method):
    """The naive student that is given the same kind of labels."""
    return HARD if method in OF_CLASSES else NAIVE


ADDED = [method for method in METHODS if method != NAIVE]
differences = {name: {method: less(name, method, base(method)) for method in ADDED} for name in sets}
by_title = {run.label(name): of_set for name, of_set in differences.items()}
fig = method_pictures.added_figure(by_title, "errors, less those of the naive student")
figures.show(
    fig,
    "61_added",
    "For each set a panel with a row for each method: its errors less those of the naive student of the same kind of labels (of naive hard labels: less those of soft ones), by teacher, with intervals that hold together.",
)

# %% [markdown]
# **What to see.** Left of zero a method beats the naive student of the same kind of labels, classes or probabilities; the naive student of classes itself stands beside that of probabilities. All intervals of a panel hold together at 95 %. Those that do not hold zero:

# %%
for name, of_set in differences.items():
    together = intervals.joint(sum(table.shape[1] for table in of_set.values()))
    for method, table in of_set.items():
        for teacher in table:
            found = intervals.mean_t(table[teacher], together)
            if found.low > 0 or found.high < 0:
                verdict = "helps" if found.high < 0 else "hurts"
                print(
                    f"{name}, {teacher}: {method} {verdict}, {found.estimate:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"
                )

# %% [markdown]
# Do better labels make a better student? For each lesson its labels, beside those of all rows, and its student, beside the naive one.

# %%
SHADES = dict(zip(OF_CLASSES, (figures.GREY, figures.VERMILION, figures.BLUE, figures.ORANGE, figures.GREEN, figures.PURPLE), strict=True))  # fmt: skip
SHAPES = dict(zip(bench.SIZES, "os^", strict=True))
fig, panels = plt.subplots(1, 2, figsize=(11, 4.6), sharey=True)
for axes, column, title in zip(panels, ("precision", "imbalance"), ("right labels, less those of all rows", "imbalance of classes (total variation)"), strict=True):  # fmt: skip
    for name in sets:
        for method, colour in SHADES.items():
            labels = less(name, method, HARD, column=column, table=quality).mean()
            axes.scatter(labels, less(name, method, HARD).mean(), color=colour, marker=SHAPES[name], s=50)
    axes.axhline(0, color="black", lw=0.8)
    axes.set(xlabel=f"{title}, mean over seeds")
panels[0].set_ylabel("errors, less those of the naive student")
marks = [figures.mark(method, color=colour) for method, colour in SHADES.items()]
marks += [figures.mark(run.label(name), marker=SHAPES[name]) for name in sets]
figures.legend_below(fig, columns=5, marks=marks)
figures.show(
    fig,
    "61_precision",
    "Errors of each student less those of the naive one, against the share of right labels that its lesson has more than all rows, and against the imbalance of its classes; a point for each teacher and method, colours for methods, shapes for sets.",
)

# %% [markdown]
# **What to see.** Precision alone does not order the students. Chance betters no label and costs errors on every set: a filter first has to earn the rows that it throws away. The confident half has about as many right labels as the confident half of each class, and its student is the worse one on digits and SST-2, where the classes of what it keeps are more out of balance. So they are on TREC-6; there it is the worse one with *layer 3* and the better one with *hashed 32*, in these means.
# Weights throw nothing away, better labels a little, and change next to nothing.
#
# ## 4. Findings
#
# Units are the seeds; where nothing else is said a set's teachers are averaged within a seed. Two seeds share a good part of their rows, so an interval is for the mean over cuts of these rows. The ranges are the papers' claims, or what we hoped for before any run of this notebook
# (the hope about confidence and noise rests on a smaller prototype, whose student had one fixed penalty); they were written down before the published run, but after three other seeds (100 to 102) had been looked at, which spoke against several of them, and the one about the least penalty was written *because* of them. One published run was made without *layer 3* of TREC-6, left out for time after an earlier one had shown its numbers; it was put back, for both teachers are what stood when the predictions were written.
#
# 1. *Told*: with every teacher, entropy tells right labels from wrong (Guo and Yang's figure). *Hard rows*: a filter by it loses hard rows (Shi et al.).
# 2. *Entropy filter*, *weights*: each makes a better student than naive training (Guo and Yang).
# 3. *Stage two*: no worse than stage I, which is the entropy filter, and better on the hard third (Shi et al.).
# 4. *Confident half*: helps where errors cannot be imitated, the noisiest digits and texts, and hurts where they can, digits without noise. *Which half*: the confident half is better than half by chance. *By class*: it is better to keep the shares of the classes. All ours.
# 5. *Reverse KL*: better than cross-entropy (Yao et al. for language models: in most of their comparisons the reversed loss wins, in all twelve of GPT-2; Qwen's 7B that teaches its 14B is a draw). *Adaptive*: so is the confidence-adaptive loss (Xu et al.). Both against probabilities.
# 6. *Few labels*: with the best of all methods and teachers a student beats the strong head on the few true labels. Ours.


# %%
def find(
    claim,
    where,
    prediction,
    predicted,
    statistic,
    measure,
    stated_by,
    names=tuple(bench.SIZES),
    interval="Student t",
):
    """One finding for each set: ``measure`` of its name, an interval over seeds; not run where the set is not in this run."""
    how = f"95 % interval of {interval} over {seeds} seeds, random cuts of these rows: for their mean, not for other rows"
    about = (f"labels/{{}}-{claim}", where, prediction, predicted, statistic)
    run.findings(ledger, names, *about, measure, how, stated_by=stated_by)


def compare(claim, where, prediction, method, other, stated_by, names=tuple(bench.SIZES)):
    """A finding on errors of one method less those of another, mean over teachers."""
    statistic = f"errors, {method} - {other}, mean over teachers"
    about = (claim, where, prediction, (-math.inf, 0), statistic)
    find(*about, lambda name: over_teachers(less(name, method, other)), stated_by, names)


def told(name):
    one = entropies[(entropies["data"] == name) & (entropies["fifth"] == 0)]
    table = one.pivot(index="seed", columns="teacher", values="told")
    return intervals.least_of(intervals.mean_t(table[k], intervals.joint(table.shape[1])) for k in table)


def hard_rows(name):
    hard, easy = (by(name, ENTROPY, f"kept, {third}", quality) for third in ("hard", "easy"))
    return over_teachers(hard - easy)


def hard_third(name):
    return over_teachers(less(name, STAGE_2, ENTROPY, table=by_third[by_third["third"] == "hard"]))


find(
    "told",
    "figure: entropy against correctness",
    "a small entropy of answers tells a right label",
    (0.5, math.inf),
    "area under the ROC curve, least over teachers",
    told,
    "a reading",
    interval="Student t, all teachers together,",
)
find(
    "hard-rows",
    "stage I",
    "filtering by consistency loses hard rows",
    (-math.inf, 0),
    "share kept of the hard third - of the easy third, by the ceiling's margin",
    hard_rows,
    "a reading",
)
ROWS = (
    ("entropy-filter", "entropy filter", "a student of the rows with little entropy is better", ENTROPY, HARD, "a reading"),
    ("weights", "weights by entropy", "weights by entropy make a better student", WEIGHTS, HARD, "a reading"),
    ("stage-two", "stage II", "relabelling the rest makes a better student than the filter", STAGE_2, ENTROPY, "a reading"),
    ("which-half", "filter by confidence", "the confident half is better than half by chance", CONFIDENT, CHANCE, "ours"),
    ("by-class", "filter by confidence", "keeping the shares of the classes is better", BY_CLASS, CONFIDENT, "ours"),
    ("reverse-kl", "reverse KL", "the reversed loss makes a better student", REVERSED, NAIVE, "a reading"),
    ("adaptive", "confidence-adaptive CE", "the adaptive loss makes a better student", ADAPTIVE, NAIVE, "a reading"),
)  # fmt: skip
for about in ROWS:
    compare(*about)
find(
    "stage-two-hard",
    "stage II",
    "relabelling the rest makes a better student on hard rows",
    (-math.inf, 0),
    f"errors on the hard third, {STAGE_2} - {ENTROPY}, mean over teachers",
    hard_third,
    "a reading",
)
first, last = f"noise {noises[0]:g}", f"noise {noises[-1]:g}"
find(
    "confident-noise",
    "filter by confidence",
    "the confident half is better where errors cannot be imitated",
    (-math.inf, 0),
    f"errors, {CONFIDENT} - {HARD}, {last}",
    lambda name: intervals.mean_t(less(name, CONFIDENT, HARD)[last]),
    "ours",
    names=("digits",),
)
find(
    "confident-clean",
    "filter by confidence",
    "the confident half is worse where errors can be imitated",
    (0, math.inf),
    f"errors, {CONFIDENT} - {HARD}, {first}",
    lambda name: intervals.mean_t(less(name, CONFIDENT, HARD)[first]),
    "ours",
    names=("digits",),
)
compare(
    "confident",
    "filter by confidence",
    "the confident half makes a better student",
    CONFIDENT,
    HARD,
    "ours",
    names=("SST-2", "TREC-6"),
)
find(
    "few-labels",
    "control",
    "with the best of these methods and teachers a student beats the strong head on the few true labels",
    (-math.inf, 0),
    "errors - errors of the strong head on the few labels alone, least over methods and teachers",
    lambda name: method_tables.beside_few_labels(errors, name, METHODS),
    "ours",
    interval="Student t, all methods and teachers together,",
)

# %% [markdown]
# Against which naive student? So far methods that hand on classes stand beside the naive student of classes. Whoever has a teacher's probabilities can hand on these, for nothing. So the main four methods, beside both naive students, and these beside each other; all intervals of this table hold together at 95 %, those of sets that are not in this run counted.
# The three findings, ours, answer a referee: they were written after the numbers had been seen. *By class, hard* and *soft*: the confident half of each class is better than naive training on classes, and on probabilities. *Best, soft*: with the best of the four methods a student is better than naive training on probabilities.

# %%
TABLE = "Student t, all differences of the table together,"
MAIN = (ENTROPY, CONFIDENT, BY_CLASS, STAGE_2)
JOINTLY = intervals.joint(len(bench.SIZES) * (2 * len(MAIN) + 1))


def beside(name, method, other):
    return over_teachers(less(name, method, other), JOINTLY)


shown = {
    (name, method, f"less {other}"): "{:+.3f} [{:+.3f}, {:+.3f}]".format(*beside(name, method, other))
    for name in sets
    for method in (*MAIN, HARD)
    for other in (HARD, NAIVE)
    if method != other
}
for claim, which, other in (("hard", "classes", HARD), ("soft", "probabilities", NAIVE)):
    find(
        f"by-class-{claim}",
        "filter by confidence",
        f"the confident half of each class is better than naive training on {which}",
        (-math.inf, 0),
        f"errors, {BY_CLASS} - {other}, mean over teachers",
        lambda name, other=other: beside(name, BY_CLASS, other),
        "ours",
        interval=TABLE,
    )
find(
    "best-soft",
    "filters and relabelling",
    "with the best of four methods a student is better than one of the teacher's probabilities",
    (-math.inf, 0),
    f"errors - those of {NAIVE}, mean over teachers, least over {', '.join(MAIN)}",
    lambda name: intervals.least_of(beside(name, method, NAIVE) for method in MAIN),
    "ours",
    interval=TABLE,
)
pd.Series(shown).unstack().reindex(pd.MultiIndex.from_product([sets, [*MAIN, HARD]])).fillna("")

# %% [markdown]
# **What to see.** Told from zero, all counted: classes make a worse student than probabilities on TREC-6; so do the entropy filter and stage II there, and stage II is worse than naive classes too. The confident half of each class beats naive classes on SST-2. Nothing in this table, whose rows are means over teachers, is told to beat probabilities.
#
# ## 5. A filter and a penalty do the same work
#
# A wrong label does harm when the student fits it. A large penalty keeps it from that, and so does leaving the label out. If the two do the same work, a filter adds much to a student with hardly any penalty and little, or less than nothing, to one whose penalty is chosen.
# Prediction, ours: *least penalty*: the confident half of each class gains more over naive hard labels at the least penalty than where each chooses its own.

# %%
at_least = by_penalty[by_penalty["penalty"] == min(PENALTIES)]


def least_penalty(name):
    return over_teachers(less(name, BY_CLASS, HARD, table=at_least) - less(name, BY_CLASS, HARD))


find(
    "least-penalty",
    "filter and penalty",
    "a filter adds more to a student with the least penalty",
    (-math.inf, 0),
    f"errors, {BY_CLASS} - {HARD}, at the least penalty less with chosen ones, mean over teachers",
    least_penalty,
    "ours",
)
fig, panels = plt.subplots(1, len(sets), figsize=(max(4.4 * len(sets), 6), 4.2), squeeze=False)
STYLES = {HARD: ("black", "o"), CHANCE: (figures.GREY, "x"), CONFIDENT: (figures.VERMILION, "s"), BY_CLASS: (figures.BLUE, "^")}  # fmt: skip
for axes, name in zip(panels[0], sets, strict=True):
    teacher = by(name, HARD, "weak_error").mean().idxmax()
    for method, (colour, shape) in STYLES.items():
        chosen = by_penalty[(by_penalty["data"] == name) & (by_penalty["teacher"] == teacher)]
        means = chosen[chosen["method"] == method].groupby("penalty")["student_error"].mean()
        axes.plot(means.index, means, color=colour, marker=shape, label=method)
        axes.axhline(by(name, method)[teacher].mean(), color=colour, ls=":", lw=1.2)
    axes.set(xscale="log", xlabel="penalty (no unit)", title=f"{run.label(name)}, {teacher}")
panels[0, 0].set_ylabel("errors of the student, mean over seeds")
figures.legend_below(fig, *panels[0], columns=4)
figures.show(
    fig,
    "61_penalties",
    "For the weakest teacher of each set, errors of the student against its penalty for all hard labels, half by chance, the confident half and the confident half of each class; dotted lines: with chosen penalties.",
)

# %% [markdown]
# **What to see.** From left to right the student is held back more. Dotted: the student of the same colour with the penalty that it chooses. At the least penalty the confident halves are far better than all rows; with chosen penalties little or nothing of that is left for the confident half. So a paper whose students fit every label, and one whose students are held back, can report opposite things of one filter.
# In the panel of TREC-6 the filtered students choose penalties that are too large for them, for their dotted lines lie above the least points of their curves: all validation rows, by weak labels, are a poor judge of a student that was spared the worst of these labels.
#
# Is it the rule for penalties that decides? All students chose theirs on *all* validation rows, by the teacher's labels. The same errors less those of the naive student, where the lesson chooses too (validation rows filtered or weighted as the others are), and where true labels do:


# %%
def by_rule(rule):
    """Errors of each student with the penalty that has the least loss by a rule; of several that tie, the smallest."""
    ordered = by_penalty.sort_values([rule, "penalty"], kind="stable")
    return ordered.drop_duplicates([*KEYS, "method"])


tried = {}
for rule in lessons.RULES:
    table = by_rule(rule)
    for name in sets:
        for method in OF_CLASSES:
            found = over_teachers(less(name, method, HARD, table=table))
            tried[name, method, rule] = "{:+.3f} [{:+.3f}, {:+.3f}]".format(*found)
pd.Series(tried).unstack()[list(lessons.RULES)].reindex(pd.MultiIndex.from_product([sets, OF_CLASSES]))

# %% [markdown]
# **What to see.** Each interval stands for itself, at 95 %. By no rule is the entropy filter or stage II told to help; where their sign is told, they hurt. The confident half is undecided on every set by every rule. The confident half of each class helps on SST-2 by every rule, on digits by weak and by true labels, and on TREC-6 only where the lesson chooses: there, whoever filters rows should filter validation rows as well.
#
# Fragile are verdicts that hang on an end of an interval within 0.002 of 0: other seeds may turn these.

# %%
judged = ledger.table()
told_so = judged["verdict"].isin(["confirmed", "not confirmed"])
near = judged[["low", "high"]].abs().min(axis=1) < 0.002
judged[told_so & near][["claim", "low", "high", "verdict"]]

# %% [markdown]
# **The sentence.** *On this bench agreement does tell right labels, and a student of them alone is still no better: fewer rows, skewed classes and a penalty that did the same work already take it back. Being confident within each class is told to help, all comparisons counted, on SST-2 alone, by little, and beside hard labels; beside a teacher's probabilities, which cost nothing, none of the four filters and relabellings is told to help on any set, in the mean over its teachers.*

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
