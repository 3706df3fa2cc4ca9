"""Somebody's own file to an answer, in the order files, checks, columns, judge, answer, picture, page."""

NEVER = ("chain", "torch", "matplotlib", "seaborn")
