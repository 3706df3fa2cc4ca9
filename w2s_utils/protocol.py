"""The old name of `experiments.protocol`."""

import warnings

from .experiments.protocol import *  # noqa: F403

warnings.warn("w2s_utils.protocol is now w2s_utils.experiments.protocol", DeprecationWarning, stacklevel=2)
