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
#     smoke: {data_sets: [digits], seeds: 3}
#     timeout: 300
# ---

# %% [markdown]
# # What needs language models
#
# **Claim.** Four papers carry weak-to-strong beyond labels of classes: to reasoning, to pipelines of two models, to workflows, to the choice of training data. None of them has a faithful copy without
# language models. Here is what each claims, what it needs, and, where there is one, a piece that can be measured honestly.
#
# | | |
# | --- | --- |
# | Paper | Yang, Ma, Liu (2024), arXiv 2407.13647; Jiao et al. (2025), arXiv 2504.15188 (CoWest); Nie et al. (2025), arXiv 2504.04785 (W4S); Li et al. (2025), arXiv 2503.01836 (CrowdSelect) |
# | Where | agreement filtering of weak solutions; choice of training data by disagreement |
# | Inputs | scikit-learn's digits; TREC-6 where it can be had; a checkout of the reasoning paper's repository, if the parameter `solutions` names one |
# | Outputs | rows `66_agreement`, `66_crowd`, with `solutions` also `66_solutions`; figure `66_choices`; twenty-two claims |
# | About | reasoning, drafts, workflows, choice of data: what each claims and needs; agreement and disagreement as filters |
# | Time | half a minute on 2 cores |

# %% tags=["parameters"]
solutions = ""  # folder of a checkout of GAIR-NLP/weak-to-strong-reasoning at commit b0511b2; empty: none
data_sets = ["digits", "TREC-6"]  # of these two
seeds = 10  # random parts, and for digits random noise and features
seed = 0  # the first of the seeds

# %%
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from joblib import delayed

from w2s_utils import figures, results, runtime
from w2s_utils.experiments import class_sets, parameters
from w2s_utils.experiments.classification import Sizes, hardened
from w2s_utils.methods import bench, selection
from w2s_utils.methods import solutions as published
from w2s_utils.theory import intervals

figures.style()
ledger = results.Ledger(
    "66_what_needs_language_models",
    claims=[
        "language/reasoning",
        "language/audit-gemma-2b",
        "language/audit-llama2-7b",
        "language/audit-mistral-7b",
        "language/audit-two-teachers",
        "language/digits-precision",
        "language/TREC-6-precision",
        "language/digits-naive",
        "language/TREC-6-naive",
        "language/digits-same-number",
        "language/TREC-6-same-number",
        "language/digits-few-labels",
        "language/TREC-6-few-labels",
        "language/cowest",
        "language/w4s",
        "language/crowdselect",
        "language/digits-crowd-true",
        "language/TREC-6-crowd-true",
        "language/digits-crowd-weak",
        "language/TREC-6-crowd-weak",
        "language/digits-crowd-agreed",
        "language/TREC-6-crowd-agreed",
    ],
)
SIZES = {
    "digits": Sizes(taught=150, validation=100, labelled=400, judged=797),
    "TREC-6": Sizes(taught=200, validation=100, labelled=400, judged=2000),
}
parameters.each_of(SIZES, data_sets=data_sets)
parameters.whole(3, seeds=seeds)
parameters.whole(0, seed=seed)
if not isinstance(solutions, str) or (solutions and not Path(solutions).is_dir()):
    raise ValueError(f"solutions is a folder, or nothing, not {solutions!r}")

# %% [markdown]
# ## 1. Reasoning (Yang, Ma, Liu)
#
# **Claim.** A strong model that is fine-tuned on all solutions of a weak one hardly gets better at reasoning. It does if it first learns from those solutions whose answer it also finds itself when it is shown solved examples, and
# then prefers such solutions to the weak model's errors. With Llama2-70b and a teacher of 2 billion weights the paper has, on GSM8K, 25.2 % before, 29.0 % after naive training, 26.99 points more than that after the first stage and
# 8.5 more after the second.
#
# **What it needs.** A strong model that already reasons. The student's own answers are half of the filter and all of the second stage; what is learned is a chain of steps of which only the end is compared. A head on fixed features has no
# steps, and no answer of its own before it is trained. So a small copy would have the filter's name and not its object.
#
# **What can be measured without a model.** The authors publish the weak solutions of 7,000 questions by three models, and which of them were kept. Whether kept answers are more often right, how many are kept, and of which questions (by the number of
# steps of the true solution), is arithmetic on these files. They have no licence, so they are not part of this repository and nothing of them is shown; whoever has a checkout names it in `solutions`. Also measured then: two weak
# models as the two sources, which needs no strong one. Units are the questions; a share of right answers among the kept less that among the others, both Clopper and Pearson.

# %%
ledger.not_run(
    "language/reasoning",
    "two-stage training",
    "accuracy on GSM8K after stage I minus after naive training",
    "needs language models: a student of 70 billion weights that reasons before it is taught",
    "training on agreed solutions is better than on all",
    stated_by="the paper",
)
RISE = "share of right weak answers among those kept minus among the others"
AUDIT = {model: f"language/audit-{model.replace('_', '-')}" for model in published.MODELS}
AUDITS = {AUDIT[model]: f"weak solutions of {model}" for model in published.MODELS} | {
    "language/audit-two-teachers": f"answers of {published.MODELS[0]} on which {published.MODELS[1]} agrees"
}
PREDICTION = "agreement of two sources keeps answers that are more often right"
if solutions:
    found = {model: published.read(Path(solutions), model) for model in published.MODELS}
    kept = {AUDIT[model]: (one, one.kept) for model, one in found.items()}
    first, second = (found[model] for model in published.MODELS[:2])
    kept["language/audit-two-teachers"] = first, (first.weak == second.weak) & (first.weak != "")
    audited = [row for claim, (one, some) in kept.items() for row in published.rows(one, some, claim=claim)]
    shown = results.save_rows("66_solutions", audited, keys=["claim", "steps"])
    for claim, (one, some) in kept.items():
        ledger.finding(
            claim,
            "stage I, filter",
            PREDICTION,
            (0.0, np.inf),
            f"{RISE}; {AUDITS[claim]}",
            *published.rise(one.right, some),
            f"95 % interval of two shares over {len(some):,} questions, Clopper and Pearson, both at once",
            stated_by="a reading",
        )
    for one, other in combinations(published.MODELS, 2):
        print(
            f"{one} and {other} give the same answer to {np.mean((found[one].weak == found[other].weak) & (found[one].weak != '')):.3f} of the questions"
        )
    print(shown.round(3).to_string(index=False))
else:
    for claim, about in AUDITS.items():
        ledger.not_run(
            claim,
            "stage I, filter",
            f"{RISE}; {about}",
            "no folder of published solutions was given",
            PREDICTION,
            stated_by="a reading",
        )

# %% [markdown]
# ## 2. What agreement does to labels: the selection effect alone
#
# In place of the strong model's answer from solved examples stands what a head on its representation says after the teacher's few true labels. A row is kept if the teacher names the same class. This shows **only what the selection does**, nothing of
# reasoning. One thing can be seen without any measurement: on a kept row the teacher says what the student would have said itself. Every correction that the teacher could make is dropped. So a student of kept rows can differ
# from the strong head on the few labels only by learning from its own guesses where somebody agrees. That head is the control.
#
# Labels are classes, as answers are. Beside the naive student (all rows) stands one of as many rows by chance. Teachers: digits, coarse pixels through a noisy sensor; questions, mean word embeddings.
#
# **Predictions**, units the seeds, written down before the published run and after three other seeds had been seen: kept labels are more often right, the student of kept rows errs less than the naive one (readings of the paper), less
# than that of as many rows by chance, and less than the strong head on the few labels (ours). Here and in section 5 the intervals of all comparisons of a set hold together at 95 %; that was decided after a first published run, whose intervals held one by one.

# %%
run, loaded = class_sets.load_sets(data_sets)
sets = {name: replace(one, sizes=SIZES[name]) for name, one in loaded.items()}
NOISES, COLUMNS, BUDGET, CLUSTERS = [0.0, 0.15, 0.3], 100, 100, 20
JUDGED = {"digits": "noise 0.15", "TREC-6": "embedding"}
TEACHER, NAIVE, CHANCE, AGREED, FEW, CEILING = (
    "teacher",
    "naive",
    "as many by chance",
    "agreed",
    "few true labels",
    "ceiling",
)
DISAGREED, BOUGHT, CROWD = "disagreed, by cluster", "true labels", "labels of the crowd"


def trial_rows(name, turn):
    """Rows of section 2 and of section 5 for one cut of a set."""
    one = bench.trial(sets[name], NOISES, COLUMNS, turn)
    world, keys = one.taught, {"data": name, "seed": turn}
    own, few, judged = world.parts.student_train, world.parts.weak_train, world.parts.evaluation
    truth = world.truth.argmax(axis=1)

    def wrong(said, rows):
        return float(np.mean(said[rows].argmax(axis=1) != truth[rows]))

    alone, labels = world.strong_head(world.truth, few), hardened(world.weak[JUDGED[name]])
    some = {NAIVE: own, AGREED: selection.agreed(own, labels, alone)}
    some[CHANCE] = np.sort(one.draws("as many").permutation(own)[: len(some[AGREED])])
    said = {TEACHER: labels, FEW: alone, CEILING: world.ceiling} | {
        who: world.strong_head(labels, rows) for who, rows in some.items()
    }
    agreement = [
        {**keys, "who": who, "error": wrong(table, judged)}
        | (
            {"rows": len(some[who]), "precision": 1 - wrong(labels, some[who])}
            if who in some
            else {"rows": np.nan, "precision": np.nan}
        )
        for who, table in said.items()
    ]

    teachers = list(world.weak.values())
    crowd, apart = hardened(np.mean(teachers, axis=0)), selection.disagreement(selection.votes(teachers))[own]
    draw = one.draws("budget").random(len(own))
    places = selection.clusters(world.strong[own], CLUSTERS, one.draws("clusters"))
    orders = {
        CHANCE: (draw, None),
        DISAGREED: (apart + 1e-6 * draw, places),
        AGREED: (-apart + 1e-6 * draw, places),
    }
    picked = {how: own[selection.chosen(order, BUDGET, groups)] for how, (order, groups) in orders.items()}
    bought = [
        {
            **keys,
            "chosen": how,
            "labels": kind,
            "error": wrong(world.strong_head(table, rows), judged),
            "precision": 1 - wrong(table, rows),
        }
        for how, rows in picked.items()
        for kind, table in ((BOUGHT, world.truth), (CROWD, crowd))
    ]
    return agreement, bought


jobs = [(name, seed + turn) for name in sets for turn in range(seeds)]
made = runtime.parallel(delayed(trial_rows)(*job) for job in jobs)
agreement = results.save_rows(
    "66_agreement", [row for some, _ in made for row in some], keys=["data", "seed", "who"]
)
crowds = results.save_rows(
    "66_crowd", [row for _, some in made for row in some], keys=["data", "seed", "chosen", "labels"]
)
print(run.heading)
agreement.groupby(["data", "who"], sort=False)[["error", "rows", "precision"]].mean().round(3)

# %%
OF_AGREEMENT, OF_CROWD = 4, 3  # comparisons of a set, which hold together


def find(claim, where, prediction, predicted, statistic, table, column, of, one, other, together, stated_by):
    """One finding for each set: ``column`` of one way less that of another, seed by seed; ``of``: the columns that name a way.

    The intervals of so many comparisons of a set hold ``together``.
    """
    over = f"95 % intervals of Student's t, all {together} of a set together, over {seeds} seeds, random cuts of these rows"

    def measure(name):
        by_way = table[table["data"] == name].pivot(index="seed", columns=of, values=column)
        return intervals.mean_t(by_way[one] - by_way[other], intervals.joint(together))

    about = (f"language/{{}}-{claim}", where, prediction, predicted, statistic)
    run.findings(ledger, tuple(SIZES), *about, measure, over, stated_by=stated_by)


BELOW, ABOVE = (-np.inf, 0.0), (0.0, np.inf)
WHERE = "agreement, selection effect"
find(
    "precision",
    WHERE,
    "kept labels are more often right",
    ABOVE,
    "share of right labels, agreed rows minus all",
    agreement,
    "precision",
    "who",
    AGREED,
    NAIVE,
    OF_AGREEMENT,
    "a reading",
)
find(
    "naive",
    WHERE,
    "a student of kept rows errs less than a naive one",
    BELOW,
    "share of errors, agreed minus naive",
    agreement,
    "error",
    "who",
    AGREED,
    NAIVE,
    OF_AGREEMENT,
    "a reading",
)
find(
    "same-number",
    WHERE,
    "a student of kept rows errs less than one of as many by chance",
    BELOW,
    "share of errors, agreed minus as many by chance",
    agreement,
    "error",
    "who",
    AGREED,
    CHANCE,
    OF_AGREEMENT,
    "ours",
)
find(
    "few-labels",
    WHERE,
    "a student of kept rows errs less than the strong head on the few labels",
    BELOW,
    "share of errors, agreed minus few true labels",
    agreement,
    "error",
    "who",
    AGREED,
    FEW,
    OF_AGREEMENT,
    "ours",
)

# %% [markdown]
# ## 3. Drafts and refinement (CoWest)
#
# **Claim.** A specialised model of 8 billion weights writes a draft, a general model of the class of GPT-4 refines it, and the small one is then trained, by preferences, on which of its drafts helped.
#
# **What it needs.** Two generators and a judge of their texts. Nothing strong is trained on anything weak: it is a pipeline at the time of use. A stack of two classifiers with the features divided between them would be better than either
# half by construction, whatever the paper says; so it is not shown.
#
# ## 4. Workflows (W4S)
#
# **Claim.** A meta-agent of 7 billion weights learns, by offline reinforcement learning (regression weighted by reward, the best of several continuations), to write workflows in code that use a strong executor, for about one GPU hour; the paper has gains of 2.9 to
# 24.6 % on eleven benchmarks.
#
# **What it needs.** Models that write and run code. The student, if there is one, is the weak agent; the strong model stays as it is. A bandit that chooses among rules would learn which rule is best and say nothing about weak supervision.
#
# ## 5. Choice of training data (CrowdSelect)
#
# **Claim.** Instruction data that are chosen by several models' answers and reward models' scores (how difficult, how well answers can be told apart, how stable), with clustering for variety, make a better small model than other choices: 4.81 % on Arena-Hard and 11.1 % on MT-bench, for a
# model of 3 billion weights.
#
# **What it needs.** Many models' answers to many instructions, and judges. **Inspired by it**, and no more: three heterogeneous teachers; rows on which they disagree most are taken first, from each of twenty clusters of the strong representation its
# share; a hundred rows in all, against a hundred by chance. Once each row is bought with its true label, once it has the label of the crowd (largest mean probability). The opposite choice, rows on which the crowd agrees, stands beside.
#
# **Predictions**, ours, after the same three seeds: disagreement chooses better rows than chance where true labels are bought (the usual hope of active learning) and where the crowd labels (CrowdSelect's, carried over); with labels of the crowd agreement chooses
# better rows than chance.

# %%
for claim, where, statistic, reason, prediction, whose in (
    ("language/cowest", "collaboration", "quality of answers of both models together minus of either", "needs language models: two generators of text and a judge", "both together are better than either alone", "a reading"),
    ("language/w4s", "workflows", "accuracy with learned workflows minus without, eleven benchmarks", "needs language models: an agent that writes workflows and one that runs them", "a weak agent improves a strong executor", "the paper"),
    ("language/crowdselect", "data selection", "scores on Arena-Hard and MT-bench, chosen data minus other choices", "needs language models: answers of several, reward models, and one to fine-tune", "chosen data make a better model", "the paper"),
):  # fmt: skip
    ledger.not_run(claim, where, statistic, reason, prediction, stated_by=whose)
BY, WAYS = "disagreement, inspired by CrowdSelect", ["chosen", "labels"]
find(
    "crowd-true",
    BY,
    "disagreement chooses better rows to label than chance",
    BELOW,
    f"share of errors after {BUDGET} rows with true labels, disagreed by cluster minus by chance",
    crowds,
    "error",
    WAYS,
    (DISAGREED, BOUGHT),
    (CHANCE, BOUGHT),
    OF_CROWD,
    "ours",
)
find(
    "crowd-weak",
    BY,
    "disagreement chooses better rows for weak labels than chance",
    BELOW,
    f"share of errors after {BUDGET} rows with labels of the crowd, disagreed by cluster minus by chance",
    crowds,
    "error",
    WAYS,
    (DISAGREED, CROWD),
    (CHANCE, CROWD),
    OF_CROWD,
    "ours",
)
find(
    "crowd-agreed",
    BY,
    "agreement chooses better rows for weak labels than chance",
    BELOW,
    f"share of errors after {BUDGET} rows with labels of the crowd, agreed by cluster minus by chance",
    crowds,
    "error",
    WAYS,
    (AGREED, CROWD),
    (CHANCE, CROWD),
    OF_CROWD,
    "ours",
)
crowds.pivot_table(
    index=["data", "labels"], columns="chosen", values=["error", "precision"], sort=False
).round(3)

# %%
figure, grid = plt.subplots(len(sets), 2, figsize=(13, 3.3 * len(sets) + 0.6), squeeze=False, sharex="row")


def dot(axes, place, values, color, marker="o", label=None):
    found = intervals.mean_t(values)
    axes.errorbar(
        found.estimate,
        place,
        xerr=[[found.estimate - found.low], [found.high - found.estimate]],
        fmt=marker,
        ms=6,
        lw=1.6,
        color=color,
        label=label,
    )


ORDER = [TEACHER, NAIVE, CHANCE, AGREED, FEW, CEILING]
SHADES = dict(
    zip(
        ORDER,
        (figures.VERMILION, figures.ORANGE, figures.GREY, figures.BLUE, figures.PURPLE, "black"),
        strict=True,
    )
)
for name, (left, right) in zip(sets, grid, strict=True):
    for place, who in enumerate(reversed(ORDER)):
        some = agreement[(agreement["data"] == name) & (agreement["who"] == who)]
        dot(left, place, some["error"], SHADES[who])
    left.set_yticks(range(len(ORDER)), reversed(ORDER))
    for place, how in enumerate((AGREED, DISAGREED, CHANCE)):
        for shift, kind, color, marker in (
            (0.1, BOUGHT, figures.GREEN, "o"),
            (-0.1, CROWD, figures.ORANGE, "s"),
        ):
            some = crowds[(crowds["data"] == name) & (crowds["chosen"] == how) & (crowds["labels"] == kind)]
            dot(right, place + shift, some["error"], color, marker, kind if place == 0 else None)
    right.set_yticks(range(3), [AGREED, DISAGREED, "by chance"])
    right.set_ylim(-0.5, 2.5)
    for axes, title in (
        (left, "kept by agreement with the student's own guess"),
        (right, f"{BUDGET} rows chosen by a crowd"),
    ):
        axes.set(xlabel="share of errors, judged rows", title=f"{run.label(name)}: {title}")
figures.legend_below(figure, *grid.ravel(), columns=2)
figures.show(
    figure,
    "66_choices",
    "For each set two panels of shares of errors with intervals. Left: teacher, naive student, student of as many rows by chance, of agreed rows, strong head on few true labels, ceiling. Right: a hundred rows "
    "chosen by chance, by disagreement of three teachers in each cluster, or by their agreement, with true labels and with labels of the crowd.",
)

# %% [markdown]
# **What to see.** Left: the student of agreed rows errs far less than the naive one and than one of as many rows by chance, in both sets. And it errs more than the strong head on the few true labels, whose guesses chose those rows: what the filter wins back, the
# student had before it was taught. In the paper the strong model's own answers cost nothing but solved examples, too; the control to ask for is the model with these examples alone. Right: for digits none of the three differences from chance is told
# apart from zero, whichever labels are bought; that does not show that they are small. For questions rows on which the crowd disagrees are worse than chance with both kinds of labels, and with labels of the crowd, which are least often right there, rows on which it agrees are
# better. Intervals in the figure hold one by one, those of the findings together.
#
# ## 6. Papers without a notebook of their own
#
# | Paper | About | Why it is not run |
# | --- | --- | --- |
# | RAVEN, arXiv 2510.21332 | several teachers, their mixture learned, under a shift of distribution | not built: it asks for teachers and data of several distributions, which no other notebook has |
# | Selective weak-to-strong, arXiv 2511.14166 | a gate that asks whether the strong model knows the answer itself | needs a language model's sense of what it knows; section 2 has the nearest thing, a student's own guess as the filter |
# | On the Blessing of Pre-Training in weak-to-strong (2026) | single-index and spiked models | theory that was not read in full; not built |
# | Awano, Suzuki, arXiv 2605.12908 | elicitation of features, two-layer networks | theory that was not read in full; not built |
# | Co-Supervised Learning, arXiv 2402.15505 | known to us by its name | a method that was not read; not built |
# | EVE | the weak teacher evaluates demonstrations of the student | needs language models |

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
