"""Notebooks run, resumed, judged and published: nothing here knows what a notebook is about."""

NEVER = ("theory", "heads", "figures", "molecules", "experiments", "torch")
