"""Somebody's own file to an answer.

A module imports only from those before it: refusal, rows, cells, text_files, frames, files, choice, joining, checks,
doubts, columns; roles, turning, tally, judge; streams, streamed, cluster, large; answer, picture, page.
"""

NEVER = ("chain", "torch", "matplotlib", "seaborn")
