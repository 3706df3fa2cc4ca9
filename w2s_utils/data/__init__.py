"""Files from outside by name and checksum, and the checked set that is made of them, whatever its inputs are."""

NEVER = ("torch", "rdkit")
