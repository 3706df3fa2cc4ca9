"""Images of digits: their sets and their features."""

NEVER = ("molecules", "texts", "torch", "matplotlib")
