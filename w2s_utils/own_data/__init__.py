"""Somebody's own file to an answer, in the order refusal, files, cells, choice, checks, joining, columns, judge, answer, picture, page."""

NEVER = ("chain", "torch", "matplotlib", "seaborn")
