"""TeX formulas as MathML, which browsers draw themselves: no script, no font and no network is needed to read them."""

from __future__ import annotations

from math_core import LatexError, LatexToMathML


class FormulaError(ValueError):
    """A formula that cannot be written as MathML."""


def mathml(tex: str, display: bool = False) -> str:
    r"""One formula, given without its dollar signs, as a MathML Core element; ``display`` for a formula on its own line.

    Raises FormulaError for unknown commands, braces that do not match, and whatever else is not a formula.
    """
    # As in TeX, \tag numbers an equation; MathJax also takes it between plain dollars, and notebooks are read with that.
    numbered = display and r"\tag" in tex and r"\begin" not in tex
    source = rf"\begin{{equation}}{tex}\end{{equation}}" if numbered else tex
    try:
        return LatexToMathML(fancy_error=False).convert_with_local_state(source, displaystyle=display)
    except LatexError as error:
        place, _, reason = str(error).partition(": ")
        raise FormulaError(
            f"the formula {tex.strip()!r} cannot be written as MathML ({reason or place}); "
            "correct it, or write it with commands that math-core knows"
        ) from error
