"""What papers propose for weak labels: losses, filters, ensembles and pipelines, all on one bench."""

NEVER = ()
