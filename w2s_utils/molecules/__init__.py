"""Molecules: their sets, their features, and transformers pre-trained on them."""

NEVER = ("texts", "images", "matplotlib")
