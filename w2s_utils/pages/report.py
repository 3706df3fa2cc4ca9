"""The ledger and the saved figures as one self-contained HTML page, ``build/<profile>/report.html``.

The page needs no network and no other file: its style is inline and its figures are embedded. The same ledger, figures,
tables and notes give the same bytes; only the seconds in the ledger differ between two runs.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from .. import figures as drawing
from .. import judgement, runtime
from ..chain.catalogue import NotebookEntry
from . import rendering
from .scorecard import scorecard

COLOURS = {
    "confirmed": "#005a43",
    "mixed": "#8a5a00",
    "not confirmed": "#5d3a66",
    "pass": drawing.GREEN,
    "fail": drawing.VERMILION,
    "reported": drawing.BLUE,
    "not run": "#b8b8b8",
}
HATCHES = {
    "fail": "xx",
    "not run": "//",
    "mixed": "..",
    "not confirmed": "\\\\",
}  # colour is not the only sign
BAND_COLUMNS = ("claim", "low", "high", "found", "verdict", "value", "ends")
OFF_SCALE = 0.25  # a value outside its band is drawn at most this far outside, in widths of the band


@dataclass(frozen=True)
class ReportFigure:
    """A figure of the report: ``title``, a ``sentence`` that says what to see (may be empty), ``png`` bytes (None where the
    figure was not drawn), ``alt`` text, and the ``notebook`` whose section it belongs to (empty: the top of the page).

    Raises ValueError for a drawn figure without alt text.
    """

    title: str
    sentence: str
    png: bytes | None
    alt: str
    notebook: str = ""

    def __post_init__(self) -> None:
        if self.png is not None and not self.alt.strip():
            raise ValueError(f"the figure {self.title!r} needs an alt text")


@dataclass(frozen=True)
class ReportTable:
    """A table of the report: ``title``, a ``sentence`` that says what it holds, and its ``rows`` (the index is left out)."""

    title: str
    sentence: str
    rows: pd.DataFrame


def saved_figure(name: str, title: str, sentence: str = "", notebook: str = "") -> ReportFigure:
    """The figure that `figures.show` saved as ``name`` in the profile in force; without bytes where it is missing.

    Without a ``sentence`` the alt text, which says what the figure shows, serves as the caption too.
    """
    picture = runtime.build_folder() / "figures" / f"{name}.png"
    text = picture.with_suffix(".txt")
    if not (picture.is_file() and text.is_file()):
        return ReportFigure(title, sentence, None, "", notebook)
    alt = " ".join(text.read_text(encoding="utf-8").split())
    return ReportFigure(title, sentence or alt, picture.read_bytes(), alt, notebook)


def saved_figures(entries: Sequence[NotebookEntry]) -> list[ReportFigure]:
    """Every figure that the notebooks say they save, in their order; titles from the names (``10_gain_misfit``)."""
    return [
        saved_figure(name, name[3:].replace("_", " ").capitalize(), notebook=entry.name)
        for entry in entries
        for name in entry.figures
    ]


def saved_rows() -> pd.DataFrame:
    """The row files of the profile in force: ``name``, number of ``rows``, and ``data``, where their inputs came from.

    ``data`` is what the rows' own column ``source`` says (real, generated), or ``not said`` without one.
    """
    files = sorted((runtime.build_folder() / "rows").glob("*.csv"))
    tables = [(file.stem, pd.read_csv(file)) for file in files]
    listed = [
        (
            name,
            len(rows),
            " and ".join(sorted(set(rows["source"]))) if "source" in rows else "not said",
        )
        for name, rows in tables
    ]
    return pd.DataFrame(listed, columns=["name", "rows", "data"])


def verdict_counts(ledger: pd.DataFrame, entries: Sequence[NotebookEntry]) -> pd.DataFrame:
    """Claims per notebook (index: its name, those that declare some) and verdict (columns: `judgement.VERDICTS`)."""
    verdicts = dict(zip(ledger["claim"], ledger["verdict"], strict=True))
    rows = {
        entry.name: [
            sum(verdicts.get(claim) == verdict for claim in entry.claims) for verdict in judgement.VERDICTS
        ]
        for entry in entries
        if entry.claims
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(judgement.VERDICTS)).rename_axis(
        "notebook"
    )


def banded(ledger: pd.DataFrame) -> pd.DataFrame:
    """The claims that were judged against a band (pass or fail) and found a finite value."""
    judged = ledger[ledger["verdict"].isin(["pass", "fail"])]
    return judged[np.isfinite(judged["found"].astype(float))].reset_index(drop=True)


def draw_verdicts(axes: Axes, counts: pd.DataFrame) -> Axes:
    """Stacked bars, one per notebook, from `verdict_counts`; each part carries its number."""
    start = np.zeros(len(counts))
    for verdict in judgement.VERDICTS:
        widths = counts[verdict].to_numpy(dtype=float)
        marks = {"color": COLOURS[verdict], "hatch": HATCHES.get(verdict), "edgecolor": "white"}
        bars = axes.barh(counts.index, widths, left=start, label=verdict, **marks)
        axes.bar_label(
            bars,
            [f"{width:.0f}" if width else "" for width in widths],
            label_type="center",
            color="black" if verdict == "not run" else "white",
            fontweight="bold",
            bbox={"facecolor": COLOURS[verdict], "edgecolor": "none", "pad": 2},
        )
        start += widths
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(visible=False)
    axes.set(xlabel="claims", xlim=(0, max(start.max(initial=0), 1)))
    axes.legend(ncols=4, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)
    return axes


def band_position(low: float, high: float, found: float) -> float:
    """Where ``found`` lies in its band: 0 at the lower end, 1 at the upper end, outside [0, 1] if it fails.

    A band with one end is measured in units of that end: <= h runs from 0 to h, >= l from l to 2 l (1 where the end is 0).
    A band of no width has its value at 1/2; anything else is infinitely far outside.
    """
    if low == high:
        return 0.5 if found == low else math.copysign(math.inf, found - low)
    if math.isinf(low):
        return 1 + (found - high) / (abs(high) or 1.0)
    if math.isinf(high):
        return (found - low) / (abs(low) or 1.0)
    return (found - low) / (high - low)


def folded(claims: pd.DataFrame) -> pd.DataFrame:
    """The same claims, those of `judgement.is_exact` in one row on top: how many, and the largest share of its band of any.

    ``claims``: ledger rows as `banded` gives them. Column ``value`` holds what was found, as text, ``ends`` the band.
    """
    rows = claims.to_dict("records")
    lines = [
        row | {"value": judgement.shown(row, 4), "ends": _ends(row)}
        for row in rows
        if not judgement.is_exact(row)
    ]
    if shares := [abs(row["found"]) / row["high"] for row in rows if judgement.is_exact(row)]:
        name = f"{len(shares)} check{'s' * (len(shares) > 1)} of round-off, largest"
        shown = f"{max(shares):.1g}" if max(shares) >= 1e-4 else "< 0.0001"
        first = (name, 0.0, 1.0, max(shares), "pass", shown, "≤ 1 of limit")
        lines.insert(0, dict(zip(BAND_COLUMNS, first, strict=True)))
    return pd.DataFrame(lines, columns=list(BAND_COLUMNS))


def _ends(row: Mapping[Hashable, Any]) -> str:
    """A band as text; one of no width is a value."""
    if row["low"] == row["high"]:
        return f"exactly {row['low']:g}"
    return judgement.band(row).replace("<=", "≤").replace(">=", "≥")


def draw_bands(axes: Axes, claims: pd.DataFrame) -> Axes:
    """Each found value inside its band, a claim a line but for `folded` ones, all bands equally long (see `band_position`).

    ``claims``: ledger rows as `banded` gives them. A band without an end runs out of the panel there; a value beyond the
    panel is an arrow at its rim, inside an open band as well as outside a closed one. Beside each line: value and band.
    """
    lines = folded(claims)
    rim = (-OFF_SCALE, 1 + OFF_SCALE)
    text: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center", "fontsize": 9}
    for place, row in enumerate(lines.to_dict("records")):
        low, high, found = (float(row[name]) for name in ("low", "high", "found"))
        ends = [rim[0] if math.isinf(low) else 0.0, rim[1] if math.isinf(high) else 1.0]
        if low == high:
            ends = [0.48, 0.52]
        axes.plot(ends, [place, place], color="#cfd8dc", lw=9, solid_capstyle="butt", zorder=1)
        position = band_position(low, high, found)
        if rim[0] <= position <= rim[1]:
            marker = "o" if row["verdict"] == "pass" else "X"
        else:
            marker = "<" if position < 0 else ">"
        colour = COLOURS[row["verdict"]]
        axes.plot(np.clip(position, *rim), place, marker=marker, color=colour, ms=7, clip_on=False, zorder=3)
        axes.text(1.13, place, row["value"], ha="right", **text)
        axes.text(1.15, place, row["ends"], ha="left", **text)
    for x, title, side in ((1.13, "found", "right"), (1.15, "band", "left")):
        axes.text(x, -1.1, title, ha=side, fontweight="bold", **text)
    axes.set(xlim=rim, ylim=(len(lines) - 0.4, -0.6))
    axes.set_xticks([0, 1], ["lower end, or 0", "upper end"])
    axes.set_yticks(range(len(lines)), lines["claim"], fontsize=9)
    axes.grid(axis="y", visible=False)
    shown = [verdict for verdict in ("pass", "fail") if (lines["verdict"] == verdict).any()]
    marks = [Line2D([], [], ls="", marker="oX"[v == "fail"], color=COLOURS[v], ms=7, label=v) for v in shown]
    bar = Line2D([], [], color="#cfd8dc", lw=9, label="band")
    axes.legend(handles=[*marks, bar], ncols=3, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)
    return axes


def write_report(
    ledger: pd.DataFrame,
    entries: Sequence[NotebookEntry],
    figures: Sequence[ReportFigure] = (),
    tables: Sequence[ReportTable] = (),
    notes: Sequence[str] = (),
    shipped: pd.DataFrame | None = None,
) -> Path:
    """Write the page and return its path.

    Its first part is the scorecard: what each paper predicts and what was found; the checks follow, one line a notebook.

    ``ledger``: as `claims.collect_claims` returns it, may be empty; claims are grouped by the notebook that declares
    them, claims that none of ``entries`` declares come last. ``notes``: sentences on where the data come from and the like.
    Raises `runtime.UnwritableFolder`.
    """
    claims = [_claim(row) for row in ledger.to_dict("records")]
    declared = {claim for entry in entries for claim in entry.claims}
    sections = [
        {
            "entry": entry,
            "group": entry.section if place == 0 or entries[place - 1].section != entry.section else "",
            "claims": [claim for claim in claims if claim["claim"] in entry.claims],
            "figures": [_embedded(figure) for figure in figures if figure.notebook == entry.name],
        }
        for place, entry in enumerate(entries)
        if entry.claims or entry.figures
    ]
    content = rendering.render(
        "report.html.j2",
        counts={
            verdict: sum(claim["verdict"] == verdict for claim in claims) for verdict in judgement.VERDICTS
        },
        claims=claims,
        papers=_papers(scorecard(ledger, shipped)),
        check_words=judgement.CHECKS,
        finding_words=judgement.FINDINGS,
        sections=sections,
        others=[claim for claim in claims if claim["claim"] not in declared],
        figures=[_embedded(figure) for figure in figures if not figure.notebook],
        tables=[_cells(table) for table in tables],
        notes=list(notes),
        profile=runtime.profile(),
        versions=runtime.versions(),
    )
    path = runtime.build_folder() / "report.html"
    with runtime.atomic_file(path) as file:
        file.write(content)
    return path


def _papers(card: pd.DataFrame) -> list[dict[str, Any]]:
    """The scorecard by paper, in the order of the ledger."""
    return [
        {"name": name, "rows": part.to_dict("records")} for name, part in card.groupby("paper", sort=False)
    ]


def _claim(row: Mapping[Hashable, Any]) -> dict[str, str]:
    """One ledger row as text; an empty string where there is no value."""
    return {
        **{
            name: _text(row[name])
            for name in ("claim", "where", "prediction", "stated_by", "statistic", "verdict", "reason")
        },
        "found": judgement.shown(row, 5),
        "predicted": judgement.predicted(row),
        "band": judgement.band({name: float(row[name]) for name in ("low", "high", "found")}),
        "seconds": "" if pd.isna(row["seconds"]) else f"{row['seconds']:.1f}",
    }


def _text(value: Any) -> str:
    if pd.isna(value):
        return ""
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def _embedded(figure: ReportFigure) -> dict[str, str]:
    data = "" if figure.png is None else base64.b64encode(figure.png).decode("ascii")
    return {"title": figure.title, "sentence": figure.sentence, "alt": figure.alt, "data": data}


def _cells(table: ReportTable) -> dict[str, Any]:
    rows = [[_text(value) for value in row] for row in table.rows.itertuples(index=False)]
    return {
        "title": table.title,
        "sentence": table.sentence,
        "columns": list(table.rows.columns),
        "rows": rows,
    }
