"""The old name of `theory.misfit`."""

import warnings

from .theory.arrays import checked_labels  # noqa: F401
from .theory.certificate import certify_gain  # noqa: F401
from .theory.error_sums import error_sums  # noqa: F401
from .theory.misfit import *  # noqa: F403

warnings.warn("w2s_utils.misfit is now w2s_utils.theory.misfit", DeprecationWarning, stacklevel=2)
