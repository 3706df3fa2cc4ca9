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
#     timeout: 300
#     after: all
# ---

# %% [markdown]
# # Report: every claim and its verdict
#
# **Claim.** None of its own. This notebook trains nothing and measures nothing: it collects what the other notebooks of this
# profile have recorded and writes it as one page that needs no network.
#
# | | |
# | --- | --- |
# | Paper | all papers of this companion |
# | Where | everything that the other notebooks check |
# | Inputs | claims, rows and figures under `build/<profile>` |
# | Outputs | `claims.csv`, figures `90_*`, `report.html`, all under `build/<profile>` |
# | About | the ledger as one page |
# | Time | under 15 seconds on 2 cores |
#
# Run it last. A notebook that has not been run shows up as *not run*, and so does a claim that it did not get to.

# %%
import matplotlib.pyplot as plt

from w2s_utils import figures, judgement, runtime
from w2s_utils.chain import stamps
from w2s_utils.chain.catalogue import catalogue
from w2s_utils.chain.claims import collect_claims, shipped_run
from w2s_utils.pages import report

figures.style()
sources = [path for name, path in stamps.sources(runtime.repository()).items() if name != stamps.REPORT]
entries = catalogue(sources)
ledger = collect_claims(sources)
print(f"Profile {runtime.profile()}: {len(ledger)} claims in {len(entries)} notebooks.")

# %% [markdown]
# ## The ledger
#
# One line per claim: verdict, what was measured, the value, its band or interval. *Checks* (pass, fail) judge our code and exact
# mathematics; *findings* (confirmed, mixed, not confirmed) hold what was found, with its interval, against what a paper
# predicts; *reported* is measured where nothing predicts a value.

# %%
by_claim = {row["claim"]: row for row in ledger.to_dict("records")}
for entry in entries:
    print(f"{entry.name}: {entry.title}")
    for claim in entry.claims:
        print(f"  {judgement.line(by_claim[claim])}")
    print()

# %% [markdown]
# ## Verdicts

# %%
counts = report.verdict_counts(ledger, entries)
fig, axes = plt.subplots(figsize=(8, 1.2 + 0.4 * len(counts)))
report.draw_verdicts(axes, counts)
figures.show(
    fig,
    "90_verdicts",
    "Number of claims per notebook by verdict. "
    + "; ".join(
        f"{name}: " + ", ".join(f"{count} {verdict}" for verdict, count in row.items() if count)
        for name, row in counts.iterrows()
    )
    + ".",
)

# %% [markdown]
# **What to see.** Hatched parts need a look: *fail* (crossed) is a value outside its band, *not run* (slanted) has a reason in
# the ledger above.
#
# ## How close to the edge
#
# A check's verdict alone does not say by how much it holds. In the next figure all two-sided bands are drawn equally long, whatever their
# units, with the value found in each. Checks of round-off share one line, for their digits mean nothing.

# %%
judged = report.banded(ledger)
if judged.empty:
    print("No claim with a band has been judged in this profile yet, so there is nothing to draw.")
else:
    fig, axes = plt.subplots(figsize=(11, 1.2 + 0.27 * len(judged)))
    report.draw_bands(axes, judged)
    inside = int((judged["verdict"] == "pass").sum())
    figures.show(
        fig,
        "90_bands",
        f"Each checked value inside its band, one line per check, those of round-off together on one: {inside} of {len(judged)} lie inside. "
        "The values stand beside the lines and in the tables of claims.",
    )

# %% [markdown]
# **What to see.** A dot in the middle is far from both ends, a dot near an end passed narrowly. A bar that runs out of the panel has no
# end there; an arrow points to a value beyond the panel. Green is inside the band, a red cross outside.
#
# ## What the numbers rest on

# %%
rows = report.saved_rows()
rows if len(rows) else print("No rows have been saved in this profile yet.")

# %%
NOTES = {
    "not said": "Where the rows do not say it, their notebook does: in 1x and 2x inputs and truth are drawn from a seed, in the others they "
    "are summaries of measured or generated molecules, or of the two sets that come with scikit-learn (81).",
    "real": "Real rows come from measured molecule sets (ESOL, FreeSolv, Lipop) whose checksums were right.",
    "generated": "Generated rows come from molecules that our own code enumerates, with a target from a formula. They stand "
    "in where measured sets cannot be had, and support no claim about measured data.",
}
notes = [note for kind, note in NOTES.items() if rows["data"].str.contains(kind).any()]
print("\n".join(notes))

# %% [markdown]
# ## The page
#
# The page holds the claims by notebook, with the figures that each notebook drew from its rows.

# %%
saved = report.saved_figures(entries)
own = [report.saved_figure("90_verdicts", "Verdicts by notebook")]
if len(judged):
    sentence = (
        "Two-sided bands are drawn equally long. A bar that runs out of the panel has no end there. Green is inside the band, red a "
        "value outside it; an arrow points to a value beyond the panel."
    )
    own.append(report.saved_figure("90_bands", "Each value inside its band", sentence))
page = report.write_report(
    ledger,
    entries,
    figures=own + saved,
    tables=[report.ReportTable("Saved rows", "Every figure was drawn from one of these files.", rows)],
    notes=notes,
    shipped=shipped_run(),
)
missing = [figure.title for figure in saved if figure.png is None]
print(f"{runtime.shown(page)}: {len(saved) - len(missing)} of {len(saved)} figures")
print("\n".join(f"not drawn in this profile: {title}" for title in missing))

# %%
print(", ".join(f"{name} {version}" for name, version in runtime.versions().items()))
