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
#     smoke: {data_sets: [EmoBank, STS-B], partitions: 1}
#     timeout: 900
# ---

# %% [markdown]
# # When the misfit tells the gain on text
#
# **Claim.** With convex heads, gain ≥ misfit, and = misfit for linear heads, *if the strong representation expresses the truth*. Here the truth is what people say of texts, and
# the strong representation a transformer that nobody made for these targets. When does the misfit still tell the gain? The cross term answers, layer by layer.
#
# | | |
# | --- | --- |
# | Paper | Charikar, Pabbaraju, Shiragur (2024), arXiv 2405.15116 |
# | Where | the appendix on language; its Figure 6 is on French reviews, as we know second-hand |
# | Inputs | EmoBank, CLEAR, ASAP essays, French book reviews, STS-B; all-MiniLM-L6-v2, small BERTs of our own, a lexicon |
# | Outputs | rows `40_turns`, `40_rules`, figures `40_*`, forty claims |
# | About | when misfit tells the gain on text: five sets, twelve teachers of several kinds |
# | Time | under a minute on 2 cores; the features, once, some minutes more |
#
# The paper's language models, sets but one and numbers are not known to us. So this is no reproduction of its figure; it asks the same question of other models and sets.

# %% tags=["parameters"]
data_sets = ["EmoBank", "CLEAR", "ASAP", "French books", "STS-B"]  # of these five
strong_model = "all-MiniLM-L6-v2"  # or owner/name@revision of a hub, 40 hexadecimal digits
few = 200  # true labels that teach a weak model
validation = 100  # true labels more, on which penalties are chosen
folds = 6  # parts of a random partition of the rows; each is judged in one turn
partitions = 3  # random partitions, seeds of the split
generated_count = 2000  # sentences of a grammar, used only where no set or no model can be had
seed = 0  # seed of all draws

# %%
import math

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import Markdown

from w2s_utils import figures, results, runtime
from w2s_utils.experiments import fine_tuned, parameters, text_pictures, text_trials
from w2s_utils.experiments.choosing_rules import RANDOM, RULE
from w2s_utils.experiments.text_trials import ALONE, over_turns
from w2s_utils.texts import regression
from w2s_utils.theory import intervals

figures.style()
ledger = results.Ledger(
    "40_text",
    claims=[
        "text/identity",
        "text/EmoBank-gain-per-misfit",
        "text/CLEAR-gain-per-misfit",
        "text/ASAP-gain-per-misfit",
        "text/French-books-gain-per-misfit",
        "text/STS-B-gain-per-misfit",
        "text/EmoBank-slack",
        "text/CLEAR-slack",
        "text/ASAP-slack",
        "text/French-books-slack",
        "text/STS-B-slack",
        "text/EmoBank-correlation",
        "text/CLEAR-correlation",
        "text/ASAP-correlation",
        "text/French-books-correlation",
        "text/STS-B-correlation",
        "text/EmoBank-layers",
        "text/CLEAR-layers",
        "text/ASAP-layers",
        "text/French-books-layers",
        "text/STS-B-layers",
        "text/EmoBank-rule",
        "text/CLEAR-rule",
        "text/ASAP-rule",
        "text/French-books-rule",
        "text/STS-B-rule",
        "text/EmoBank-rival",
        "text/CLEAR-rival",
        "text/ASAP-rival",
        "text/French-books-rival",
        "text/STS-B-rival",
        "text/EmoBank-alone",
        "text/CLEAR-alone",
        "text/ASAP-alone",
        "text/French-books-alone",
        "text/STS-B-alone",
        "text/EmoBank-tuned",
        "text/CLEAR-tuned",
        "text/EmoBank-moved",
        "text/CLEAR-moved",
    ],
)
ROUND_OFF = 1e-10  # band of the exact claim, relative to the weak error
parameters.whole(1, few=few, validation=validation, partitions=partitions)
parameters.whole(3, folds=folds)

# %% [markdown]
# ## 1. Texts
#
# A transformer reads some 30 to 300 texts a second on one core, so each set is a random part of its source, the same for everybody; notes say what was left out.


# %%
def turns_of(data, partition=0):
    """Which rows each turn of a partition uses for what, see section 3."""
    return text_trials.turns(data, folds, few, validation, partition, seed)


sets = text_trials.load_sets(data_sets, generated_count, seed, strong_model, turns_of)
Markdown(f"### {sets.heading}")

# %%
pd.DataFrame(
    [
        {
            "data": name,
            "target": data.title,
            "rows": len(data.targets),
            "unit": data.unit,
            "mean": round(data.targets.mean(), 2),
            "sd": round(data.targets.std(), 2),
        }
        for name, data in sets.loaded.items()
    ]
).set_index("data")

# %%
for name, data in sets.loaded.items():
    print(f"{name}: {'; '.join(data.notes) or data.title}")

# %% [markdown]
# STS-B has pairs of sentences. A pair's features are $(|u-v|,\,u\odot v)$ of its sentences' vectors $u$, $v$, scaled to length 1; the sum of the second half is their cosine.
#
# ## 2. Representations
#
# *Strong*: the last of MiniLM's six layers, mean over the tokens of a text, 384 columns. A text is cut at 128 tokens, the length that the model was trained at: of an essay or a
# long review it sees the beginning. *Weak*, twelve of several kinds:
#
# - **MiniLM's own lower layers**, from the embedding (a mean of word vectors, no context) to layer 5;
# - **small BERTs** of two layers, 32 and 64 columns, pre-trained by us on excerpts of CLEAR that no set here holds;
# - **hashed words** of the whole text, reduced to 8, 32 and 256 columns;
# - **a lexicon**: VADER's four scores, which people made and no transformer.
#
# Where data or weights cannot be had, a grammar writes sentences with a known target, and hashed words and letters take the place of all these.

# %%
VIEWS = text_trials.load_views(sets, strong_model)
some = next(iter(VIEWS.values()))
WEAK = list(some.weak)
DEEP = [model for model in WEAK if model == "embedding" or model.startswith("layer")]
print(f"strong: {some.strong_name}; weak: {', '.join(WEAK)}")
pd.DataFrame(
    {
        name: {"strong": views.strong.shape[1]} | {m: t.shape[1] for m, t in views.weak.items()}
        for name, views in VIEWS.items()
    }
).rename_axis("columns")

# %% [markdown]
# ## 3. Who sees which row
#
# The rows are cut at random into `folds` parts. In each turn one part is judged and the next one has true labels; the rest is the student's. So two turns share *neither a judged row nor
# a true label* (the student's rows they do share). All of it again for other random partitions.
#
# | rows | labels | used for |
# | --- | --- | --- |
# | `few`, 200 | true | the weak head; **the strong head on the few labels alone** |
# | `validation`, 100 | true for weak heads, the ceiling and the strong head alone; weak for the student | choosing penalties |
# | the student's, two thirds of the set | weak (true for the ceiling) | the student, the ceiling |
# | judged, one sixth | true, seen by no head | all errors |
#
# All heads are ridge heads, penalties by the least squared error on the validation rows against the labels that the head is there to predict, as in notebook 31; columns are
# standardised on the training rows and cut off at ±3.
#
# **Intervals.** Student's $t$ (for ratios Fieller's) over the turns of a partition, 95 %; partitions use the same rows, so their intervals are *averaged*: a mean of estimates varies
# no more than one of them. The interval says what other rows of the same source would give.

# %%
PARTS = {
    name: [turns_of(data, partition) for partition in range(partitions)] for name, data in sets.loaded.items()
}
made = text_trials.all_predictions(sets, VIEWS, PARTS)
records = [
    row
    for name, data in sets.loaded.items()
    for row in text_trials.rows_of(data, [*VIEWS[name].weak, ALONE], PARTS[name], made[name])
]
rows = results.save_rows("40_turns", records, keys=text_trials.KEYS)

# %%
rows = results.load_rows("40_turns", keys=text_trials.KEYS)
of_set = {name: some for name, some in rows.groupby("data", sort=False)}
both_parts = rows["no_projection"] + rows["not_expressible"]
sets.claim(
    ledger,
    None,
    "text/identity",
    where="Theorem 1, proof: holds on any rows",
    statistic="largest |gain - misfit - both parts of the cross term|, relative to the weak error",
    found=((rows["cross_term"] - both_parts).abs() / rows["weak_error"]).max(),
    high=ROUND_OFF,
)

# %% [markdown]
# ## 4. What is predicted, before anything is seen
#
# 1. *Gain = misfit* (the paper's theorem, read into this setting): all gain / all misfit between 0.9 and 1.1, and a correlation of gain and misfit over the twelve weak models of at least
#    0.9. The numbers are those of notebooks 20 and 31. Where teachers know next to nothing, there is hardly any misfit and the ratio has no bounded interval. So the same is asked in a
#    form that always has one: all (gain − misfit) within 1 % of all weak error. (Added after the first run had stopped at the French reviews for that reason.)
# 2. *Layers* (ours): the nearer a layer is to the strong one, the less gain per misfit; what a near layer knows and the student drops was mostly right. The embedding and
#    layers 1 and 2 together have more gain per misfit than layers 3 to 5 together.
# 3. *The rule* (the paper's, for molecules; a reading here): the weak model with the least weak error − misfit has the best student; 1 % of a student error is let pass, as in
#    notebook 32. Beside it stands the trivial rival, the least weak error.
# 4. *The few labels alone* (ours): no student beats the strong representation with a head on the same few true labels. If so, nobody needs these teachers.
#
# ## 5. Gain against misfit

# %%
LOOKS = text_pictures.looks(WEAK, DEEP)
means = {name: text_trials.relative_means(some) for name, some in of_set.items()}
figures.show(
    text_pictures.gain_against_misfit(sets, means, LOOKS),
    "40_gain_misfit",
    "Gain against misfit of the student of each weak model, means over turns and partitions, relative to the variance of the targets, one panel for each set, with the line gain = misfit.",
)

# %%
figures.show(
    text_pictures.cross_terms(sets, means, LOOKS),
    "40_cross_term",
    "Gain minus misfit of each weak model, relative to the variance of the targets, as two stacked bars, student is not the projection and, hatched, not expressible by the fitted ceiling; one panel for each set.",
)

# %%
T_OVER = f"95 % interval over {folds} turns without a common judged row or true label, averaged over {partitions} partitions"
SLACK = 0.01  # of the weak error
FIELLER, STUDENT = f"{T_OVER} (Fieller)", f"{T_OVER} (Student's t)"
WHERE = "Theorem 1; appendix on language"


def find_each(claim, prediction, predicted, statistic, measure, interval, stated_by, where=WHERE):
    """A finding on each of the five sets; ``measure``: of its rows, an interval, or ValueError where there is none."""
    about = (f"text/{{}}-{claim}", where, prediction, predicted, statistic)
    sets.findings(
        ledger,
        regression.NAMES,
        *about,
        lambda name: measure(of_set[name]),
        interval,
        stated_by=stated_by,
    )


def correlation_of(some):
    """Of gain and misfit over the weak models, in each turn by itself."""
    sides = zip(text_trials.by_turn(some, "gain"), text_trials.by_turn(some, "misfit"), strict=True)
    return text_trials.over_turns([gain[WEAK].corrwith(misfit[WEAK], axis=1) for gain, misfit in sides])


find_each(
    "gain-per-misfit",
    "gain = misfit",
    (0.9, 1.1),
    f"all gain / all misfit of the {len(WEAK)} weak models",
    lambda some: text_trials.gain_per_misfit(some, WEAK),
    FIELLER,
    "a reading",
)
find_each(
    "slack",
    "gain = misfit",
    (-SLACK, SLACK),
    f"all (gain - misfit) / all weak error of the {len(WEAK)} weak models",
    lambda some: text_trials.slack(some, WEAK),
    FIELLER,
    "a reading",
)
find_each(
    "correlation",
    "gain grows with misfit",
    (0.9, math.inf),
    f"correlation of gain and misfit over the {len(WEAK)} weak models, mean over turns",
    correlation_of,
    STUDENT,
    "a reading",
)

# %% [markdown]
# **What to see.** No set has gain = misfit. On STS-B the points follow a line below the diagonal, and the misfit tells the gain up to a factor. On EmoBank gains are small whatever the misfit.
# On CLEAR and ASAP they are *negative* for most teachers, most so for those of MiniLM's own layers: the student is worse than its teacher. On the French reviews nobody knows anything (section 9).
#
# The bars say why: most of the gap is *not expressible* (hatched), what the teacher got right and the fitted ceiling does not say, because the representation cannot or because its own rows are few. On STS-B it grows with the misfit and stays below it, so gains still grow with
# the misfit. On the other sets it is mostly of the misfit's size or larger, and nothing is left to tell.
#
# ## 6. Layer by layer, kind by kind


# %%
each = {name: text_trials.each_gain_per_misfit(some, WEAK) for name, some in of_set.items()}
figures.show(
    text_pictures.ratios(sets, each, LOOKS),
    "40_layers",
    "Gain over misfit of each weak model with 95 percent intervals, MiniLM's layers first, from the embedding up, then the other kinds; one panel for each set, with the line gain = misfit.",
)


# %%
find_each(
    "layers",
    "nearer layers give less gain per misfit",
    (0, math.inf),
    "all gain / all misfit of MiniLM's embedding, layers 1 and 2, less that of layers 3 to 5, mean over turns",
    lambda some: text_trials.lower_less_upper(some, DEEP),
    STUDENT,
    "ours",
)

# %% [markdown]
# Why? A student drops what its representation cannot express of the teacher. That is a gain where it was wrong, and a loss where it was right. So it should matter how much the strong representation can express,
# the ceiling's error beside the teacher's, and how alike the two err: the correlation of $w-g$ with $s-g$ over the judged texts. Both take many true labels to see, so they explain and do not choose.

# %%
figures.show(
    text_pictures.when(sets, means, LOOKS),
    "40_when",
    "Gain over misfit of each weak model of each set, one marker for each set. Left against the ceiling's error over the teacher's, with a dotted line where both are equal: near the line gain = misfit on the left, and below zero right of the dotted line. Right against the correlation of the teacher's errors with those of the ceiling. Dashed: gain = misfit.",
)

# %%
table = {}
for name, found in means.items():
    found = found.loc[WEAK]
    ratio, size = found["gain"] / found["misfit"], found["misfit"] / found["weak_error"]
    table[sets.label(name)] = {
        "rank correlation of gain / misfit with ceiling / teacher": ratio.corr(
            found["ceiling"] / found["weak_error"], method="spearman"
        ),
        "with shared error": ratio.corr(found["shared_error"], method="spearman"),
        "misfit / weak error, least": size.min(),
        "largest": size.max(),
    }
pd.DataFrame(table).T.round(2)

# %% [markdown]
# **What to see.** On EmoBank and CLEAR the gain per misfit falls with the layer, as predicted; on ASAP and STS-B early and late layers are not told apart, and the French reviews cannot say. Teachers of another kind
# (hashed words, small BERTs) lose less, but where they know next to nothing, their misfit is not told from 0 and the ratio has no interval (open points).
#
# The left panel puts all sets on one scale: **what counts is whether the strong representation is stronger**. The ceiling is the best that a head on it can do. Where it errs far less than the teacher (STS-B),
# most of the misfit is gain; where both err alike, the student loses; where the "strong" representation is the weaker one (right of the dotted line: lower layers as teachers on CLEAR and ASAP, perhaps because the last layer
# was trained to tell what a text says and not how it is written), it loses nearly all of the misfit. Theorem 2 says this much: gain ≥ misfit − 2√(ε · misfit) is of use where ε, the ceiling's error, is small beside the misfit. How
# alike the two err (right) orders teachers within EmoBank and CLEAR and says little across sets. This explanation was read off the picture; nobody predicted it.
#
# ## 7. Which teacher should label?
#
# The rule takes the least *weak error − misfit*, its trivial rival the least *weak error*. Both see one half of the judged texts, and the students are compared on the other half, then the
# other way round. *Regret*: the student error of the teacher that is picked less that of the best one, in percent of the best.

# %%
records = [
    row
    for name, data in sets.loaded.items()
    for row in text_trials.rule_rows(data, WEAK, PARTS[name], made[name])
]
RULE_KEYS = ["data", "partition", "turn", "rule"]
by_rule = results.save_rows("40_rules", records, keys=RULE_KEYS)
regret = by_rule.pivot_table(index="data", columns="rule", values="regret", sort=False)
regret[[RULE, "weak error", "largest misfit", RANDOM]].round(1)


# %%
def regrets(name):
    """Of each rule, for each partition: a row for each turn."""
    return [
        some.pivot(index="turn", columns="rule", values="regret")
        for _, some in by_rule[by_rule["data"] == name].groupby("partition")
    ]


MARGIN = 1.0  # % of a student error that is let pass, as in notebook 32
find_each(
    "rule",
    "the weak model with the least weak error - misfit has the best student",
    (-math.inf, MARGIN),
    f"top-1 regret of weak error - misfit, % of the best student error, {len(WEAK)} weak models, rule and truth on other rows",
    lambda some: over_turns([one[RULE] for one in regrets(some["data"].iloc[0])]),
    STUDENT,
    "a reading",
    where="Section 5.2's rule, on text",
)
for name in regression.NAMES:
    found = (
        over_turns([one[RULE] - one["weak error"] for one in regrets(name)])
        if name in sets.measured
        else (None, None, None)
    )
    sets.report(
        ledger,
        name,
        f"text/{name.replace(' ', '-')}-rival",
        "Section 5.2's rule, on text",
        "top-1 regret of weak error - misfit less that of the weak error alone, % of the best student error",
        found[0],
        found[1:],
        f"below 0 where the rule costs less than its trivial rival; {STUDENT}",
    )

# %% [markdown]
# **What to see.** On no set is the prediction confirmed; on EmoBank the rule costs more than is let pass, on the others the interval holds both. The trivial rival costs less in the mean on all five sets, though no single difference
# is told from 0 (`text/*-rival`). Here cross terms vary as much as misfits, so subtracting the misfit adds noise: it favours teachers with whom the student disagrees, and on text these are often right. The
# largest misfit alone is no rule at all.
#
# ## 8. Who needs the teacher? The strong model on the few labels alone

# %%
figures.show(
    text_pictures.alone(sets, means, LOOKS),
    "40_alone",
    "Error relative to the variance of the targets of each weak model, open, and its student, filled, with the error of the strong model on the few labels alone as a line and that of the ceiling dotted, one panel for each set.",
)

# %%
find_each(
    "alone",
    "no student beats the strong model on the few labels alone",
    (0, math.inf),
    f"least of (student error - error of the strong model on the few labels alone) / the latter, over {len(WEAK)} weak models",
    lambda some: text_trials.behind_alone(some, WEAK),
    f"95 % interval of a least value: all {len(WEAK)} hold together (Bonferroni), each Fieller's over {folds} turns, averaged over {partitions} partitions",
    "ours",
    where="not asked by the paper",
)
beaten = {}
for name, found in means.items():
    few_alone, teachers = found.loc[ALONE, "weak_error"], found.loc[WEAK]
    beaten[sets.label(name)] = {
        "students that beat it": f"{sum(teachers['student_error'] < few_alone)} of {len(WEAK)}",
        "weak models that beat it": f"{sum(teachers['weak_error'] < few_alone)} of {len(WEAK)}",
        "error, strong alone": round(few_alone, 3),
        "error, best student": round(teachers["student_error"].min(), 3),
        "error, ceiling": round(teachers["ceiling"].mean(), 3),
    }
pd.DataFrame(beaten).T

# %% [markdown]
# **What to see.** The answer depends on the set. On STS-B no student reaches the strong model on the few labels, which is close to the ceiling: these teachers are of no use. On EmoBank and the French reviews the best students and it
# are not told apart. On ASAP, and nearly so on CLEAR, the best students beat it: their teachers, MiniLM's lower layers, learn more from the same few labels than its last layer does, *and are better than their
# students*. So on STS-B, CLEAR and ASAP weak-to-strong training is not the thing to do: the strong model does better on the few labels alone, or the teacher does better without a student. On the two others nothing is told from it.
#
# ## 9. French reviews, read by an English model
#
# The paper's Figure 6 is on French reviews, with weak models of the CamemBERT and FlauBERT families [second-hand]. Ours is the honest hard case: MiniLM read English, the lexicon is English, and
# our small BERTs never saw French. One point per weak model and turn.

# %%
hard = "French books" if "French books" in sets.loaded else next(iter(sets.loaded))
points = of_set[hard][of_set[hard]["partition"] == 0].set_index("weak").drop(index=ALONE)
fig, axes = plt.subplots(figsize=(8, 5.6))
text_pictures.scatter(axes, points, LOOKS, s=40)
unit = sets.squared_unit(hard)
axes.set(title=sets.label(hard), xlabel=f"misfit, {unit}", ylabel=f"gain, {unit}")
text_pictures.legend(fig, axes, LOOKS, 5)
figures.show(
    fig,
    "40_french",
    "French book reviews: gain against misfit, one point per weak model and turn of the first partition, with the line gain = misfit.",
)

# %%
shown = means[hard].copy()
shown["gain / misfit"] = shown["gain"] / shown["misfit"]
shown[["weak_error", "student_error", "ceiling", "misfit", "gain", "gain / misfit"]].round(3)

# %% [markdown]
# **What to see.** Every error is near the variance of the targets: neither MiniLM nor anything else here learns from 200 labels how many stars a French review gives, and with all true labels of the student's rows the
# ceiling hardly more. Misfit and gain are noise around a small mean, on both sides of the line. The paper's figure we have not seen; its models were made for French. Ours
# shows what the theory does not promise anything about, a strong class without the truth *and* teachers without knowledge.
#
# ## 10. When the representation moves too
#
# So far the transformer was frozen and only a head learned. Here the whole of it is fine-tuned on the weak labels: 300 texts, cut at 32 tokens, two epochs from the frozen student on, the
# epoch chosen by the validation rows' *weak* labels (teachers read as before). Two sets, two teachers, three turns; it takes a quarter of an hour of a core, so predictions are shipped
# (`python -m w2s_utils.experiments.fine_tuned` makes them again). A network that moves is no convex class: no theorem promises anything.
#
# **Predicted before the run** (as a reading; ours): gain = misfit, (gain − misfit) within 1 % of the weak error, for fine-tuned students as for frozen ones. How much fine-tuning helps nothing predicts.

# %%
records = [
    row
    for name in fine_tuned.SETS
    if name in sets.measured
    for row in fine_tuned.tuned_rows(sets.loaded[name])
]
MEASURED = ["error", "weak_error", "misfit", "gain", "cross_term"]
tuned = pd.DataFrame(records, columns=["data", "turn", "learned", "kind", "moved", *MEASURED])
tuned[MEASURED] = tuned[MEASURED].astype(float)
tuned.groupby(["data", "learned", "kind"], sort=False)[MEASURED].mean().round(3)

# %%
OVER_THREE = f"95 % interval over {fine_tuned.TURNS} turns without a common judged row or true label"
of_students = tuned[tuned["learned"].isin(fine_tuned.TEACHERS)]
for name in fine_tuned.SETS:
    about = (f"text/{name}-tuned", "beyond the paper: no convex class")
    statistic = "all (gain - misfit) / all weak error of the students that fine-tuning moved, two teachers"
    beside = "error of fine-tuned students that moved less that of frozen ones, % of the latter, same rows and labels"
    found, better, how = None, (None, None, None), f"{OVER_THREE} (Fieller)"
    if name in sets.measured:
        students = of_students[of_students["data"] == name]
        moved = students[students["moved"].astype(bool)]
        by_kind = moved.groupby(["kind", "turn"])[["cross_term", "weak_error", "error"]].mean()
        count = f"{len(moved) // 2} of {len(students) // 2} students"
        print(f"{name}: fine-tuning moved {count}; for the others the validation rows kept the frozen start")
        try:
            if moved["turn"].nunique() < fine_tuned.TURNS:
                raise ValueError("in some turn no student moved")
            after, before = by_kind.loc["tuned"], by_kind.loc["frozen"]
            found = intervals.ratio_of_means(after["cross_term"], after["weak_error"])
            better = intervals.ratio_of_means(100 * (after["error"] - before["error"]), before["error"])
        except ValueError as error:
            reason = f"fine-tuning moved {count}; {error}"
            ledger.not_run(
                about[0], f"{about[1]}, {name}", statistic, reason, "gain = misfit", stated_by="a reading"
            )
            ledger.not_run(f"text/{name}-moved", about[1], beside, reason)
            continue
    predicted = ("gain = misfit", (-SLACK, SLACK), statistic, found, how)
    sets.finding(ledger, name, *about, *predicted, stated_by="a reading")
    about = (f"text/{name}-moved", about[1], beside, better[0], better[1:], f"nothing predicts it; {how}")
    sets.report(ledger, name, *about)

# %% [markdown]
# **What to see.** On EmoBank there is hardly anything to see: by the validation rows no epoch was better than the frozen start for most students, and those are the frozen ones. On CLEAR the students that
# moved are as far from gain = misfit as the frozen ones, a little better, and still worse than their teachers. In the mean it is the strong model on the few labels alone that gains most. These are some dozen
# steps of a small model on few texts, with one recipe (its learning rate was not the first that was tried); it says nothing of what long fine-tuning of a large model does.
#
# ## Verdict
#
# | | |
# | --- | --- |
# | gain = misfit on text | on no set of five; most of it where the strong representation expresses the target (STS-B), a loss where its own lower layers know more (CLEAR, ASAP) |
# | layer by layer | nearer layers give less gain per misfit on two sets; on the others all alike, or nothing to see |
# | which teacher | least weak error − misfit is no better than least weak error; not confirmed on any set |
# | who needs a teacher | nobody on STS-B; elsewhere the teacher itself, or a tie |
# | when the representation moves too | on CLEAR the same picture, from a little fine-tuning of a small model; on EmoBank it hardly moved |
# | when to trust the misfit | where a ceiling fitted on some true labels errs far less than the teacher |

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
