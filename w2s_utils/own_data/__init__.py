"""Somebody's own file to an answer, in the order files, checks, columns, judge, answer, page."""

NEVER = ("chain", "torch")
