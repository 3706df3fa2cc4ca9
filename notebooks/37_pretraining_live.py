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
#       data_sets: [FreeSolv]
#       sample: 60
#       live_steps: 20
#       live_molecules: 200
#       timed_model: ladder-8
#       timed_rounds: 2
#       timed_steps: 2
#       embedded_count: 200
#     timeout: 900
# ---

# %% [markdown]
# # Pre-training a molecular transformer, live, and its speed
#
# **Claim.** The code that made the models of notebook 30 learns to read SMILES in a minute on a processor, and its batches, rows of one length
# without padding, train faster than padded ones by about what the padding costs.
#
# | | |
# | --- | --- |
# | Paper | Charikar, Pabbaraju, Shiragur (2024), arXiv 2405.15116 |
# | Where | Section 5.2: the representations of Figure 2(d)-(f) are pre-trained transformers |
# | Inputs | generated molecules; ESOL, FreeSolv and Lipop for the timing, generated ones where these cannot be had |
# | Outputs | rows `37_*`, figure `37_live`, three claims |
# | About | pre-training live against token counts, its speed against padded batches, the step that needs a GPU |
# | Time | about a minute on 2 cores |

# %% tags=["parameters"]
data_sets = ["ESOL", "FreeSolv", "Lipop"]  # measured sets, of these three
sample = 1500  # molecules of the sets that the timing trains on
live_model = "tiny"  # the model that is pre-trained here: tiny, or ladder-8 ... ladder-96
live_steps = 800  # its optimiser steps
live_batch_tokens = 1024  # tokens that it sees in a step
live_learning_rate = 0.01  # at its peak; lower for larger models
live_molecules = 3000  # generated molecules that it learns from, a tenth of them held out
timed_model = "ladder-32"  # the model whose training is timed
timed_rounds = 6  # turns of each of the two ways to train it
timed_steps = 8  # optimiser steps in a turn
device = "cpu"  # of live training and timing; "auto" takes a GPU where there is one
embedded_count = 2000  # generated molecules, used only where no measured set can be had
seed = 0  # seed of the sample and of the live model

# %%
import io
import tempfile
import warnings
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown

from w2s_utils import figures, results, runtime
from w2s_utils.benchmarks import throughput
from w2s_utils.experiments import parameters
from w2s_utils.experiments.measured import load_sets
from w2s_utils.experiments.resampling import bootstrap_interval
from w2s_utils.molecules import counting, generated, molbert, preparation, pretraining, shipped
from w2s_utils.molecules.held_out import measure, split
from w2s_utils.molecules.settings import DEFAULTS, STRENGTH_TARGETS, Settings

warnings.filterwarnings("ignore", message="IProgress not found")  # progress bars are not shown here
figures.style()
ledger = results.Ledger(
    "37_pretraining_live",
    claims=["pretrain/live-learns", "pretrain/throughput-ratio", "pretrain/flop-utilisation"],
)
parameters.one_of(molbert.SIZES, live_model=live_model)
parameters.one_of(DEFAULTS, timed_model=timed_model)
parameters.one_of(("cpu", "cuda", "auto"), device=device)
parameters.whole(1, live_steps=live_steps, live_batch_tokens=live_batch_tokens, timed_steps=timed_steps)
parameters.whole(2, sample=sample, timed_rounds=timed_rounds)
parameters.whole(20, live_molecules=live_molecules)
parameters.number(0, live_learning_rate=live_learning_rate)
sets = load_sets(data_sets, embedded_count, seed)
Markdown(f"### {sets.heading}")

# %% [markdown]
# ## 1. Pre-training, live
#
# The same code that made the shipped models, on molecules that this notebook enumerates: `pretraining.pretrain` with another size and
# fewer steps. Change `live_model` and `live_steps` in the parameters cell and watch.
#
# **The claim.** A model that ignores the rest of the molecule can do no better than the frequencies of the tokens:
# $-\mathbb E\log p(x_i)\ge H(x_i)$ for every fixed $p$. So once the cross-entropy on held-out molecules lies below that of the frequencies, the model
# has learned to read. The frequencies are counted on the molecules that it learns from.

# %%
live_corpus = preparation.in_memory(generated.enumerate_molecules(live_molecules, seed))
settings = Settings(
    live_model, live_steps, live_batch_tokens, accumulate=1, learning_rate=live_learning_rate, seed=seed
)
learned, held_out = split(live_corpus)
untrained = molbert.new_model(molbert.SIZES[live_model], len(live_corpus.names), settings.seed)
first = measure(untrained, held_out)
with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.StringIO()):
    trained = pretraining.pretrain(live_corpus, settings, Path(folder), device, quiet=True)
    log = pd.read_csv(Path(folder) / shipped.LOG)
last = measure(trained, held_out)
MEASURED = ["held_out_loss", "token_loss", "token_accuracy", "r2"]
start = pd.DataFrame([{"step": 0, **{column: first[column] for column in MEASURED}}])
results.save_rows("37_live", pd.concat([start, log]), keys=["step"])

rows = [learned.tokens[a : a + n] for a, n in zip(learned.starts, learned.lengths.astype(int), strict=True)]
counted = counting.judged(counting.count_tokens(rows), held_out)
counted = counted.groupby("predictor", sort=False).agg(accuracy=("right", "mean"), loss=("loss", "mean"))
results.save_rows("37_live_counting", counted.reset_index(), keys=["predictor"])
pd.DataFrame({"before": first, "after": last}).loc[MEASURED].round(3)

# %%
log = results.load_rows("37_live", keys=["step"])
counted = results.load_rows("37_live_counting", keys=["predictor"]).set_index("predictor")
fig, panels = plt.subplots(1, 3, figsize=(13, 4.3))
panels[0].plot(log["step"], log["loss"], color=figures.GREY, lw=1.2, label="training batches")
panels[0].plot(log["step"], log["held_out_loss"], color=figures.BLUE, lw=2, label="held-out molecules")
panels[0].set(ylabel="loss, both tasks", ylim=(0, None))
panels[0].legend()
for axes, column, ours in ((panels[1], "loss", "token_loss"), (panels[2], "accuracy", "token_accuracy")):
    axes.plot(log["step"], log[ours], color=figures.BLUE, lw=2)
    for name, line in zip(
        (counting.FREQUENCIES, counting.LEFT, counting.BOTH), (":", "-.", "--"), strict=True
    ):
        axes.axhline(counted.loc[name, column], color=figures.VERMILION, ls=line, lw=1.3, label=name)
panels[1].set(ylabel="cross-entropy of hidden tokens, nats", ylim=(0, None))
panels[2].set(ylabel="share of hidden tokens guessed", ylim=(0, 1))
panels[1].legend(loc="upper right")
for axes in panels:
    axes.set(xlabel="optimiser step")
figures.show(
    fig,
    "37_live",
    "A model pre-trained in this run, against the optimiser step: loss on training batches and on held-out molecules; cross-entropy and share of "
    "hidden tokens guessed, with horizontal lines for three counting predictors.",
)

# %%
ledger.claim(
    "pretrain/live-learns",
    where="Section 5.2: pre-training; the band is the cross-entropy of token frequencies",
    statistic=f"cross-entropy of hidden tokens after {live_steps} live steps of {live_model}, held-out generated molecules, nats",
    found=last["token_loss"],
    high=float(counted.loc[counting.FREQUENCIES, "loss"]),
)
for name in (counting.FREQUENCIES, counting.LEFT, counting.BOTH):
    passed = log.loc[log["token_loss"] < counted.loc[name, "loss"], "step"]
    print(f"{name}: passed {f'at step {passed.iloc[0]}' if len(passed) else 'nowhere in this run'}")

# %% [markdown]
# **What to see.** First the model learns how frequent each token is, and passes that line; then it learns to look at the left
# neighbour, and passes that line (steps above). Both neighbours together take more steps, or a larger
# model. Training and held-out loss stay together, so it is not single molecules that it learns.

# %% [markdown]
# ## 2. Throughput
#
# Most code pads: random rows are filled up to the longest of their batch and an attention mask hides the filling. Ours
# groups rows by length, so that nothing is padded and no mask is needed. `w2s_utils.benchmarks.throughput` trains one model both ways in turns, with the
# same Trainer, loss and mean number of tokens per step. It counts the tokens of molecules, not the padding, per second.
#
# If a place cost the same in both ways, the ratio would be $1/(1-\text{share of padding})$.
#
# *Model FLOP utilisation*: a token of a row of length $s$ needs $6N+12LHs$ floating-point operations, forward and back, with $N$ weights
# in $L$ layers of hidden size $H$. That, per second, over the rate at which the same device multiplies two large matrices.

# %%
of_sets = counting.usable([text for data in sets.loaded.values() for text in data.inputs], seed)
test_corpus = preparation.in_memory(of_sets[: min(sample, len(of_sets) // 2)])
TIMES = 20  # each molecule so often that batches of one length fill up, as they do from a large corpus
many = replace(
    test_corpus,
    tokens=np.tile(test_corpus.tokens, TIMES),
    lengths=np.tile(test_corpus.lengths, TIMES),
    levels=np.tile(test_corpus.levels, (TIMES, 1)),
)
timed = pd.DataFrame(  # seconds belong to one machine and one moment, so they are not among the rows
    throughput.measure(many, DEFAULTS[timed_model], device, timed_rounds, timed_steps)
)
by_side = throughput.summary(timed)
ratios = throughput.ratios(timed)
padding = by_side.loc[throughput.PLAIN, "padding"]
print(f"{timed_model} on {timed['device'][0]}, {timed_rounds} rounds of {timed_steps} steps")
print(f"ours / plain {ratios.mean():.2f}; padding alone would give {1 / (1 - padding):.2f}")
by_side[["padding", "utilisation"]].round(3)

# %%
for claim, statistic, values in (
    ("pretrain/throughput-ratio", "tokens per second, ours over a padded float32 Trainer run", ratios),
    ("pretrain/flop-utilisation", "model FLOPs over those of matrices", throughput.utilisations(timed)),
):
    sets.report(
        ledger,
        None,
        claim,
        where="pre-training, ours",
        statistic=f"{statistic}; {timed_model} on {timed['device'][0]}",
        found=values.mean(),
        interval=bootstrap_interval(values, np.mean, seed),
        reason=f"what we ask ({throughput.LEAST_RATIO:g} and {throughput.LEAST_UTILISATION:g}) is asked of 768 x 12 on a GPU; "
        "95 % bootstrap interval over rounds of one run",
    )

# %% [markdown]
# **What to see.** The ratio of this run stands beside what padding alone would give: on a processor the time goes roughly with the number of places, and
# the first column has the share of places of a random batch that are filling. These are timings of this run, on a machine that may have had other work: the
# two ways take turns, so that it meets both, but a ratio from another hour may lie outside this interval. On a GPU two things come on top, bfloat16 against float32 and an attention kernel without a
# mask; only there a factor of five can be asked for. On a processor neither bar applies, and a model as small as this one
# is far from the rate of large matrices anyway. Absolute speeds are not quoted.

# %% [markdown]
# ## 3. The step that needs a GPU
#
# ```
# make pretrain MODEL=strong DEVICE=auto                       # 768 x 12 x 12, 10,000 steps; kill it and it goes on
# python -m w2s_utils.molecules.shipped strong                           # weights, features and provenance into data/representations
# python -m w2s_utils.benchmarks.throughput --model strong --device auto  # both ways to train it, in one run
# ```
#
# After the second command every molecule notebook takes it as the strong model by itself. (Its weights, about 170 MB, are for your own
# checkout: they are not committed.) What we ask of it, and have **not** measured, is in the table.
# These are our own targets, not numbers of the paper.

# %%
strength = ", ".join(f"{name} ≤ {target:g}" for name, target in STRENGTH_TARGETS.items())
Markdown(
    f"""
| | |
| --- | --- |
| strength, test RMSE of a linear head | {strength} |
| tokens per second, bfloat16, over a plain padded float32 run on the same GPU | ≥ {throughput.LEAST_RATIO:g} |
| model FLOP utilisation, of the measured bfloat16 matrix rate | ≥ {throughput.LEAST_UTILISATION:g} |
"""
)

# %%
ledger.close()

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
