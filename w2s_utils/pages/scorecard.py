"""The scorecard: what papers predict, what was found, and whether this run left the interval of the shipped one."""

from __future__ import annotations

import pandas as pd

from .. import judgement
from ..chain.claims import moved


def scorecard(ledger: pd.DataFrame, shipped: pd.DataFrame | None = None) -> pd.DataFrame:
    """The findings as text, one row each: place, prediction and whose it is, what was found, verdict; also those not measured.

    ``shipped``: the reference ledger; ``moved`` then says what it has where this run left its interval, and is empty
    elsewhere.
    """
    rows = ledger[ledger["prediction"].fillna("").astype(str).str.strip() != ""]
    away = {} if shipped is None else moved(ledger, shipped).set_index("claim").to_dict("index")
    names = [
        "paper",
        "claim",
        "where",
        "prediction",
        "stated_by",
        "statistic",
        "predicted",
        "found",
        "verdict",
    ]
    names.append("moved")
    listed = []
    for row in rows.to_dict("records"):
        was = away.get(row["claim"])
        listed.append(
            {
                **{name: row.get(name, "") for name in names if name not in ("predicted", "found", "moved")},
                "predicted": judgement.predicted(row),
                "found": f"{judgement.shown(row, 3)} {judgement.band(row)}".strip() or row["reason"],
                "moved": f"{was['reference']:.3g} [{was['low']:.3g}, {was['high']:.3g}]" if was else "",
            }
        )
    return pd.DataFrame(listed, columns=names)
