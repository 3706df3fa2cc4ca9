"""Throw-away checkouts with tiny notebooks, for the tests of the chain."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HEADER = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A tiny notebook
#
# | | |
# | --- | --- |
# | Paper | Somebody (2024) |
# | Where | Theorem 0 |
# | About | a few numbers |
# | Time | a second |
"""

PARAMETERS = """
# %% tags=["parameters"]
rows = 4  # how many
unread = 1
"""

# Draws some rows and records one claim, as every notebook of the repository does.
BODY = """
# %%
from w2s_utils import results, runtime

ledger = results.Ledger("{name}", claims=["{name}-mean"])
draws = runtime.seed_stream(0, "{name}").normal(size=rows)
frame = results.save_rows("{name}", [{{"k": k, "value": v}} for k, v in enumerate(draws)], keys=["k"])
print("rows:", rows)

# %%
ledger.claim("{name}-mean", "nowhere", "mean of the draws", frame["value"].mean(), low=-5, high=5)

# %%
ledger.close()
"""


def notebook(name: str, *more_cells: str, header: str = "") -> str:
    """Text of a tiny notebook; ``more_cells``: code of further cells; ``header``: what stands in the braces of its w2s."""
    top = (
        HEADER.replace("#     name: python3\n", f"#     name: python3\n#   w2s: {{{header}}}\n")
        if header
        else HEADER
    )
    return top + PARAMETERS + BODY.format(name=name) + "".join(f"\n# %%\n{code}\n" for code in more_cells)


def make_checkout(root: Path, **texts: str) -> Path:
    """A folder with what the chain reads: notebooks, a small package to hash, the pins."""
    files = {
        "constraints.txt": "numpy==2.4.6\n",
        "data/README.md": "Outside data\n",
        "w2s_utils/__init__.py": '"""A package that is only hashed."""\n',
        "w2s_utils/runtime.py": "",
        "w2s_utils/results.py": "from . import runtime\n",
        "w2s_utils/figures.py": "from . import runtime\n",
    }
    files |= {f"notebooks/{name}.py": text for name, text in texts.items()}
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def chain(root: Path, build: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """``python -m w2s_utils.chain`` on a checkout, in a process of its own; ``variables``: more of its environment."""
    command = [sys.executable, "-m", "w2s_utils.chain", "--root", str(root), *arguments]
    environment = {**os.environ, "W2S_BUILD": str(build), **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
