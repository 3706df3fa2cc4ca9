"""Somebody's own file to an answer.

A module imports only from those before it: refusal, rows, cells, text_files, frames, files, choice, joining, checks,
doubts, class_cells, class_columns, made_views, columns; roles, turning, tally, judge; streams, streamed, cluster, large;
loss_words, answer, picture, page.
"""

NEVER = ("chain", "torch", "matplotlib", "seaborn")
