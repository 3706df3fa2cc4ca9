"""Fine-tuning of whole language models on weak labels, from any model that transformers loads, to rows and a page.

A module imports only from those before it: settings; hub_sets, reading; folders, models, training, stages,
intervals, answer, page, command.
"""

NEVER = ("chain", "matplotlib", "seaborn")
