"""The report and the site: what notebooks and ledger hold, as pages that need no network."""

NEVER = ("theory", "heads", "molecules", "experiments")
