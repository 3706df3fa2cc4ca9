"""Texts: their sets, their features, and transformers that read them, from a package, from a hub, or pre-trained here."""

NEVER = ("molecules", "images", "matplotlib")
