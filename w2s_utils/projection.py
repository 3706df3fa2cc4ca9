"""The old name of `heads.linear`."""

import warnings

from .heads.linear import *  # noqa: F403

warnings.warn("w2s_utils.projection is now w2s_utils.heads.linear", DeprecationWarning, stacklevel=2)
