"""The one error for what somebody's file, columns or choices make impossible."""


class UnusableData(ValueError):
    """A file, a column or a choice that cannot be used, in one sentence with the remedy."""
