"""The command ``w2s``: reads words, calls `own_data` and `theory`, prints what they say, and nothing else."""

NEVER = ("chain", "pages", "torch", "rdkit")
