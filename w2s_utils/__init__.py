"""Shared code of the reference companion to *Quantifying the Gain in Weak-to-Strong Generalization*.

A room, a module or a folder of modules, imports only from rooms before it in `ROOMS`, and there is no circle inside one. The
first sentence of a room's ``__init__`` says what may stand there, its ``NEVER`` what no module there may import besides.
"""

ROOMS = (
    "runtime", "words", "theory", "heads", "data", "judgement", "results", "figures", "molecules", "texts", "images",
    "experiments", "methods", "chain", "pages", "own_data", "llm", "benchmarks", "cli",
)  # fmt: skip
