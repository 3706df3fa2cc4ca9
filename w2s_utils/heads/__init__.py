"""Heads as convex classes: scikit-learn estimators that find the nearest element of a class to given labels."""

NEVER = ("torch", "pandas", "matplotlib")
