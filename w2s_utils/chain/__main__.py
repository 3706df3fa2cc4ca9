"""``python -m w2s_utils.chain``."""

import sys

from .commands import main

if __name__ == "__main__":
    sys.exit(main())
