"""``python -m w2s_utils.benchmarks``."""

from .commands import main

if __name__ == "__main__":
    main()
