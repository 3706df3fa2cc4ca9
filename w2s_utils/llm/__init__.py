"""Fine-tuning of whole language models on weak labels, from any model that transformers loads, to rows and a page."""

NEVER = ()
