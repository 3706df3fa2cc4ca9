"""Which saved rows stand on the map of all notebooks, and where on it each trial lies.

With truth g, teacher w, student p and squared loss the three errors are the squared sides of a triangle (`theory.misfit`). Two
numbers give its shape: the *imitability* m = |p - w|^2 / |w - g|^2, 0 for a student that imitates, and the *direction*
c = cos(p - w, g - w), the cosine between what the student changed and what its teacher lacks. By the law of cosines

    gain / weak error = 2 c sqrt(m) - m,                                                                   (1)

whatever the class, the fit and the rows. For means over rows, tasks or draws, all three over the same ones, it holds as well.

Shares of wrong classes are squared distances too: of two functions with values ±1 the share of points on which they differ is
|p - w|^2 / 4, and a factor that all three errors have leaves m and c as they are.

A file of rows is entered here, once, in SOURCES; `load` gives its trials with the three columns of PLACE.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .. import results, runtime
from ..theory.arrays import Array

ERRORS = ("weak_error", "student_error", "misfit")
PLACE = ("imitability", "direction", "gain_share")
IMITATES = 1e-12
"""Misfit / weak error up to which a student imitates: of rounding alone no direction can be read."""

WEAK_TO_STRONG, SWAPPED = {"direction": ("weak-to-strong",)}, {"direction": ("strong-to-weak",)}


@dataclass(frozen=True)
class Source:
    """A file of saved rows with the three errors in squared loss.

    ``rows``: its name, which begins with its notebook's number; ``keys``: its key columns; ``only``: by column the values of
    the rows that are taken, all others being of another loss, of errors against noisy labels in the place of the truth, of
    students that are the weaker model, or of models that no teacher taught.
    """

    rows: str
    keys: tuple[str, ...]
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def notebook(self) -> str:
        """The number of its notebook."""
        return self.rows[:2]


NETWORKS = ("setting", "seed", "panel", "task")
MOLECULES = ("family", "data", "setting", "weak")
BENCH, BRIER = ("data", "seed", "teacher", "method", "loss"), {"loss": ("Brier score",)}
SOURCES = (
    Source("00_triangle", ("rows",)),
    Source("10_problems", ("class", "problem")),
    Source("11_epsilon", ("class", "perturbation", "draw")),
    Source("12_imitation_angle", ("seed", "of_task", "degrees")),
    Source("12_imitation_columns", ("seed", "columns", "task")),
    Source("12_non_convex", ("seed", "student_class", "task")),
    Source("12_outside", ("seed", "kind", "task")),
    Source(
        "13_same_rows",
        ("seed", "n", "design", "sign", "weak_from", "measured"),
        {"measured": ("student rows, truth", "fresh rows")},
    ),
    Source("20_panels", NETWORKS),
    Source("20_penalties", NETWORKS),
    Source("20_points", NETWORKS),
    Source("20_stages", NETWORKS),
    Source("21_synthetic", ("world", "direction", "labels", "repeat"), WEAK_TO_STRONG),
    Source("22_few_labels", ("panel", "rule", "direction", "labels", "seed", "task"), WEAK_TO_STRONG),
    Source("22_heads", ("head", "panel", "seed", "task")),
    Source("31_crossfit", (*MOLECULES, "repeat")),
    Source("31_halves", (*MOLECULES, "split", "half")),
    Source("31_splits", (*MOLECULES, "split")),
    Source("32_crossfit", ("data", "kind", "setting", "round", "weak")),
    Source("32_parts", ("data", "kind", "setting", "split", "half", "weak")),
    Source("33_molecules", ("data", "rule", "direction", "small", "labels", "turn"), WEAK_TO_STRONG),
    Source("34_own_rows", (*MOLECULES, "split", "convex")),
    Source("35_pairs", ("data", "setting", "strong", "weak", "repeat")),
    Source("38_crossfit", ("data", "family", "weak", "repeat")),
    Source("40_turns", ("data", "partition", "turn", "weak")),
    Source(
        "41_mixtures",
        ("problem", "divergence", "loss"),
        {"divergence": ("squared distance", "Brier score")},
    ),
    Source("44_students", ("data", "seed", "teacher", "handed", "loss"), BRIER),
    Source("49_trials", ("setting", "rows", "run", "step")),
    Source("51_trained", ("world",)),
    Source("52_linear", ("power", "draw")),
    Source("52_relu", ("student", "dimension", "factor", "draw")),
    Source("53_cells", ("features", "overlap", "truth", "shared", "unlabelled")),
    Source("54_cells", ("teacher", "kind", "rows", "penalty")),
    Source("55_cells", ("labels", "surrogate")),
    Source("55_learned", ("noise", "repeat")),
    Source("56_sweep", ("point", "n", "pseudo", "repeat")),
    Source("56_trials", ("point", "n", "pseudo", "repeat")),
    Source("57_trials", ("points", "run", "model"), {"model": ("selected", "all points", "no penalty")}),
    Source("58_students", ("trial", "kept", "leaning", "examples")),
    Source("59_scaling", ("labels", "batch", "repeat")),
    Source("60_students", BENCH, BRIER),
    Source("60_tuned", ("run", *BENCH[1:]), BRIER),
    Source("61_students", BENCH, BRIER),
    Source("62_students", BENCH, BRIER),
    Source("62_hard", BENCH, BRIER),
)
"""The rows on the map. Of 53, 54 and 55 a row is a mean over draws, of the others one trial; of 49, 51, 56 and 57 errors are
shares of wrong classes. Of 44 and 60 to 62, where each trial is judged by three losses, the squared one is taken."""

LEFT_OUT = {
    "20_released": "no weak error was saved",
    "35_ladder": "means of 35_pairs",
    "41_mixtures_reversed_risk": "of a KL divergence",
    "41_one_head": "of a KL divergence",
    "42_images": "of a KL divergence",
    "42_synthetic": "of a KL divergence",
    "42_synthetic_rows": "of a KL divergence",
    "43_width": "no weak error was saved",
    "81_answers": "its gain is estimated from drawn labels",
}
"""Saved rows with a misfit that cannot stand on the map, and why."""


def gain_share(imitability: ArrayLike, direction: ArrayLike) -> Array:
    """Gain / weak error at a place of the map, equation (1): at most c^2, where m = c^2. Any shapes that broadcast."""
    kept = np.sqrt(np.asarray(imitability, dtype=float))
    return 2 * np.asarray(direction) * kept - kept**2


def placed(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with a weak error, and in three more columns, PLACE, where each lies on the map.

    ``rows``: with weak_error, misfit and student_error, or gain where there is none. A student that imitates (IMITATES) has no
    direction, NaN. Raises KeyError for a missing column.
    """
    rows = rows[rows["weak_error"] > 0]
    gain = rows["weak_error"] - rows["student_error"] if "student_error" in rows else rows["gain"]
    imitability = rows["misfit"] / rows["weak_error"]
    # gain = misfit + cross term, so 2 <p - w, g - w> = gain + misfit
    cosine = (gain + rows["misfit"]) / (2 * np.sqrt(rows["misfit"] * rows["weak_error"]))
    direction = cosine.where(imitability > IMITATES)
    return rows.assign(imitability=imitability, direction=direction, gain_share=gain / rows["weak_error"])


def load(source: Source, only: Mapping[str, Sequence[str]] | None = None) -> pd.DataFrame:
    """The trials of one source, `placed`; ``only`` in the place of its own. Raises `results.RowError`."""
    rows = results.load_rows(source.rows, list(source.keys))
    for column, values in (source.only if only is None else only).items():
        rows = rows[rows[column].isin(values)]
    return placed(rows)


def load_all(sources: Iterable[Source] = SOURCES) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """By name of rows: the trials of each source that can be read, and why the others cannot."""
    found, missing = {}, {}
    for source in sources:
        try:
            found[source.rows] = load(source)
        except results.RowError as error:
            missing[source.rows] = str(error)
    return found, missing


def unlisted() -> list[str]:
    """Saved rows of the profile in force that hold a misfit and stand neither in SOURCES nor in LEFT_OUT."""
    known = {source.rows for source in SOURCES} | set(LEFT_OUT)
    files = sorted((runtime.build_folder() / "rows").glob("*.csv"))
    return [
        path.stem
        for path in files
        if path.stem not in known and "misfit" in pd.read_csv(path, nrows=0).columns
    ]


def unread(missing: Mapping[str, str]) -> list[str]:
    """Of the sources that `load_all` found ``missing``, those whose file is there."""
    return [name for name in missing if (runtime.build_folder() / "rows" / f"{name}.csv").is_file()]


def inconsistency(rows: pd.DataFrame) -> dict[str, float]:
    """How far `placed` rows are from being those of a triangle, which only a wrong row can be; 0 for none.

    ``surface``: the largest |gain / weak error - (2 c sqrt(m) - m)|, the gain as its notebook saved it where it did;
    ``cosine``: the largest excess of |c| over 1; ``negative``: how many errors are below 0.
    """
    some = rows[rows["direction"].notna()]
    saved = some["gain"] / some["weak_error"] if "gain" in some else some["gain_share"]
    off = (saved - gain_share(some["imitability"], some["direction"])).abs()
    errors = rows[[name for name in ERRORS if name in rows]]
    return {
        "surface": float(off.max()) if len(off) else 0.0,
        "cosine": float(max(some["direction"].abs().max() - 1, 0.0)) if len(some) else 0.0,
        "negative": float((errors < 0).to_numpy().sum()),
    }


def plane(rows: pd.DataFrame) -> tuple[Array, Array]:
    """The student's corner of the triangle with the teacher at (0, 0) and the truth at (1, 0), ``(trials,)`` each.

    Its distance from the teacher is sqrt(m), the angle at the teacher has cosine c; one that imitates lies on the teacher.
    """
    away = np.sqrt(rows["imitability"].to_numpy())
    along = away * rows["direction"].fillna(0.0).to_numpy()
    return along, np.sqrt(np.maximum(away**2 - along**2, 0.0))
