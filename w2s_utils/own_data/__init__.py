"""Somebody's own file to an answer, in the order refusal, files, rows, cells, choice, joining, checks, columns, judge, answer,
picture, page.
"""

NEVER = ("chain", "torch", "matplotlib", "seaborn")
