"""What `make benchmark` runs: our time and memory against that of others."""

NEVER = ("chain", "pages", "own_data")
