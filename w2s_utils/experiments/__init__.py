"""The protocol and what several notebooks measure with it."""

NEVER = ()
