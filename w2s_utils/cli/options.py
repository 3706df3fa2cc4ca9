"""Numbers that options take, each refused in a sentence of its own that has the right form in it."""

from __future__ import annotations

from typing import Any

import click

from ..runtime import MOST_SEED
from ..words import WrongWords, short


class Command(click.Command):
    """A command whose options are given once each, but for those that may be several: of two values, none is meant."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Raises WrongWords."""
        words = args[: args.index("--")] if "--" in args else args
        given = [word.partition("=")[0] for word in words]
        for option in self.params:
            once = isinstance(option, click.Option) and not (option.multiple or option.is_flag)
            if once and sum(word in option.opts for word in given) > 1:
                raise WrongWords(f"{option.opts[0]} is given twice; give it once")
        return super().parse_args(ctx, args)


class Whole(click.IntRange):
    """A whole number from ``min`` to ``max``, any where these are None."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Raises WrongWords."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            kind = "a whole number" if self.max is None else f"a whole number from {self.min} to {self.max}"
            raise _refused(param, kind, value) from error


class Number(click.types.FloatParamType):
    """Any number; what it must be besides is for those to say who use it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Raises WrongWords."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            raise _refused(param, "a number", value) from error


def _refused(param: click.Parameter | None, kind: str, value: Any) -> WrongWords:
    what = param.opts[0] if param else "the option"
    usual = f", such as {param.default}" if param and isinstance(param.default, int | float) else ""
    return WrongWords(f"{what} is {kind}{usual}, not {short(str(value))}")


COUNT, FOLDS, SEED, NUMBER = Whole(1, 10**6), Whole(), Whole(0, MOST_SEED), Number()
