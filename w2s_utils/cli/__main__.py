"""``python -m w2s_utils.cli``, the same as ``w2s``."""

import sys

from .app import main

sys.exit(main())
