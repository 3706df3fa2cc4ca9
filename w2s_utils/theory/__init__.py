"""The misfit and what the theorems say of it, certificates and rankings: mathematics, with numpy and scipy alone."""

NEVER = ("torch", "sklearn", "pandas", "matplotlib", "runtime")
