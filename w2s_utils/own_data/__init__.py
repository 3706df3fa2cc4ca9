"""Somebody's own file to an answer, in the order refusal, rows, cells, files, choice, joining, checks, columns, judge, answer, page."""

NEVER = ("chain", "torch")
