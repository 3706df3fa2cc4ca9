"""How fast pre-training is: ``python -m w2s_utils.benchmarks.throughput --model strong --device auto``.

Two ways to train the same model on the same molecules take turns in one run, so that other load on the machine falls on both.

- *ours*: the batches of `molecules.batches`, rows of one length and no padding, the forward pass of `molecules.molbert`,
  bfloat16 on a GPU that has it;
- *plain*, the usual way: random rows padded to the longest of their batch, an attention mask, guesses made at every place,
  float32.

Loop, optimiser and loss are the same, and nearly the mean number of tokens per step (lengths that few molecules have do not
fill a batch); the loop is transformers' Trainer. A token counts as one
of a molecule, padding does not. Seconds are those of the wall on a GPU, and processor seconds on a CPU.

*Model FLOP utilisation* is what those tokens need, 6 N + 12 L H s floating-point operations each, over what the device does
in that time when it multiplies large matrices. N: weights of the encoder's layers, L of them with hidden size H; s: the row's
length.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .. import runtime
from ..experiments.resampling import bootstrap_interval
from ..molecules import molbert, prepared, pretraining
from ..molecules.batches import PretrainingBatches
from ..molecules.molbert import SIZES, Size
from ..molecules.prepared import PreparedCorpus, PreparedFileError
from ..molecules.settings import DEFAULTS, Settings
from .padded import PaddedBatches, padded_model

OURS, PLAIN = "ours", "plain"
CPU = "CPU"
LEAST_RATIO, LEAST_UTILISATION = 5.0, 0.40
"""What we ask of the 768 x 12 model on a GPU: tokens per second over those of the plain way, and model FLOP utilisation in
bfloat16. On a CPU neither is asked."""


def measure(
    corpus: PreparedCorpus,
    settings: Settings,
    device: str = "auto",
    rounds: int = 5,
    steps: int = 20,
    warm: int = 3,
) -> list[dict[str, Any]]:
    """One row per round and side: ``device``, ``tokens``, ``places`` (padding included) and ``seconds`` of ``steps`` optimiser
    steps after ``warm`` uncounted ones; ``flops`` that the tokens need, ``matrix_flops_per_second`` of the device in that
    round and the number format of its ``matrices``.

    Of the ``settings`` model, tokens and batches per step and seed count. Raises ValueError for numbers below 1 or a device
    that is not there, `pretraining.NotEnoughMemory`.
    """
    import torch

    if min(rounds, steps, warm) < 1:
        raise ValueError(f"rounds and steps are >= 1, not {rounds} rounds of {warm} + {steps} steps")
    if device not in ("auto", "cpu", "cuda") or (device == "cuda" and not torch.cuda.is_available()):
        raise ValueError(f"the device is auto, cpu or cuda, and must be there; not {device!r}")
    on_gpu = device != "cpu" and torch.cuda.is_available()
    half = on_gpu and torch.cuda.is_bf16_supported()
    count = (warm + steps) * settings.accumulate
    rows = max(round(settings.batch_tokens / float(corpus.lengths.mean())), 1)
    data: dict[str, PretrainingBatches | PaddedBatches] = {
        OURS: PretrainingBatches(corpus, count, settings.batch_tokens, settings.seed),
        PLAIN: PaddedBatches(corpus, count, rows, settings.seed),
    }
    size = SIZES[settings.model]
    model = molbert.new_model(size, len(corpus.names), settings.seed)
    models = {OURS: model, PLAIN: padded_model(model)}
    found = []
    for number in range(rounds):
        rate = matrix_flops_per_second(on_gpu, half)
        for side in (OURS, PLAIN) if number % 2 == 0 else (PLAIN, OURS):
            try:
                seconds = _seconds(
                    models[side], data[side], settings, (warm, steps), on_gpu, half and side == OURS
                )
            except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
                if isinstance(error, RuntimeError) and "memory" not in str(error):
                    raise
                raise pretraining.NotEnoughMemory(
                    f"not enough memory for the {side} batches of {settings.batch_tokens} tokens; ask for smaller ones "
                    "with --batch-tokens"
                ) from error
            timed = [data[side].rows(place) for place in range(warm * settings.accumulate, count)]
            lengths = [corpus.lengths[chosen].astype(np.int64) for chosen in timed]
            found.append(
                {
                    "round": number,
                    "side": side,
                    "device": torch.cuda.get_device_name() if on_gpu else CPU,
                    "matrices": "bfloat16" if half else "float32",
                    "tokens": int(sum(length.sum() for length in lengths)),
                    "places": int(sum(length.max() * len(length) for length in lengths)),
                    "seconds": seconds,
                    "flops": float(sum(flops(size, length) for length in lengths)),
                    "matrix_flops_per_second": rate,
                }
            )
    return found


def flops(size: Size, lengths: NDArray[np.integer]) -> float:
    """Floating-point operations of one training step on rows of these lengths: 6 N + 12 L H s for each token.

    Embeddings, biases, norms and the two heads are left out, padding too.
    """
    weights = size.layers * (4 * size.hidden**2 + 2 * size.hidden * size.intermediate)
    tokens = lengths.astype(np.float64)
    return float(6 * weights * tokens.sum() + 12 * size.layers * size.hidden * (tokens**2).sum())


def matrix_flops_per_second(on_gpu: bool, half: bool, least_seconds: float = 0.2) -> float:
    """The best rate at which the device multiplies two large square matrices, in bfloat16 (``half``) or float32."""
    import torch

    width = 8192 if on_gpu else 1024
    options: dict[str, Any] = {
        "device": "cuda" if on_gpu else "cpu",
        "dtype": torch.bfloat16 if half else torch.float32,
    }
    left, right = torch.randn(width, width, **options), torch.randn(width, width, **options)
    clock = _clock(on_gpu)
    torch.matmul(left, right)
    best, spent = np.inf, 0.0
    while spent < least_seconds:
        start = clock()
        torch.matmul(left, right)
        best = min(best, clock() - start)
        spent += clock() - start
    return 2 * width**3 / best


def summary(rows: list[dict[str, Any]] | pd.DataFrame) -> pd.DataFrame:
    """The rows of `measure` as one line per side: tokens per second, share of padding, model FLOP utilisation; medians."""
    return _rates(rows).groupby("side")[["tokens_per_second", "padding", "utilisation"]].median()


def ratios(rows: list[dict[str, Any]] | pd.DataFrame) -> NDArray[np.float64]:
    """Tokens per second of ours over those of the plain way, one number per round."""
    speed = _rates(rows).pivot(index="round", columns="side", values="tokens_per_second")
    return (speed[OURS] / speed[PLAIN]).to_numpy()


def utilisations(rows: list[dict[str, Any]] | pd.DataFrame) -> NDArray[np.float64]:
    """Model FLOP utilisation of ours, one number per round."""
    table = _rates(rows)
    return table.loc[table["side"] == OURS, "utilisation"].to_numpy()


def _rates(rows: list[dict[str, Any]] | pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame(rows)
    return table.assign(
        tokens_per_second=table["tokens"] / table["seconds"],
        padding=1 - table["tokens"] / table["places"],
        utilisation=table["flops"] / table["seconds"] / table["matrix_flops_per_second"],
    )


def _seconds(
    model: Any, data: Any, settings: Settings, numbers: tuple[int, int], on_gpu: bool, half: bool
) -> float:
    """Seconds of the last steps of a Trainer run; ``numbers``: steps before the clock starts, steps that it counts."""
    from torch.utils.data import SequentialSampler
    from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments
    from transformers.utils import logging

    logging.set_verbosity_error()
    warm, steps = numbers
    clock = _clock(on_gpu)
    times = {}

    class Clock(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.global_step in (warm, warm + steps):
                times[state.global_step] = clock()

    class ReadyTrainer(Trainer):
        """Trainer whose data are ready-made batches: nothing is shuffled or collated."""

        def _get_train_sampler(self, *_: Any) -> Any:
            return SequentialSampler(data)

    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            max_steps=warm + steps,
            per_device_train_batch_size=1,
            gradient_accumulation_steps=settings.accumulate,
            learning_rate=settings.learning_rate,
            weight_decay=0.01,
            max_grad_norm=1.0,
            bf16=half,
            use_cpu=not on_gpu,
            seed=settings.seed,
            logging_strategy="no",
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
            remove_unused_columns=False,
            dataloader_num_workers=4 if on_gpu else 0,
            dataloader_pin_memory=on_gpu,
        )
        trainer = ReadyTrainer(
            model=model, args=arguments, train_dataset=data, data_collator=_only, callbacks=[Clock()]
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    return times[warm + steps] - times[warm]


def _only(batch: list[Any]) -> Any:
    [one] = batch
    return one


def _clock(on_gpu: bool) -> Callable[[], float]:
    """Seconds of the wall, read when the GPU has done its work; on a CPU processor seconds, which no other load stretches."""
    import torch

    def when_done() -> float:
        torch.cuda.synchronize()
        return time.perf_counter()

    return when_done if on_gpu else time.process_time


def main(arguments: list[str] | None = None) -> int:
    """Measure one model and print both sides, their ratio and what is asked of a 768 x 12 model; 1 where it cannot be done."""
    import torch

    parser = argparse.ArgumentParser(
        prog="python -m w2s_utils.benchmarks.throughput", description=runtime.first_line(__doc__)
    )
    parser.add_argument("--model", default="small", choices=SIZES)
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--corpus", default="public", help="name of the corpus, as `make corpus` made it")
    parser.add_argument("--rounds", type=int, default=5, help="times that the two ways take turns")
    parser.add_argument("--steps", type=int, default=20, help="optimiser steps that are timed in each turn")
    parser.add_argument(
        "--batch-tokens", type=int, help="tokens of a batch, where the model's own do not fit"
    )
    asked = parser.parse_args(arguments)
    settings = DEFAULTS[asked.model]
    try:
        if asked.model == "strong" and asked.device == "auto" and not torch.cuda.is_available():
            raise ValueError(
                "the strong model takes about a day without a GPU; --device cpu if that is meant"
            )
        if asked.batch_tokens is not None:
            settings = replace(settings, batch_tokens=asked.batch_tokens)
        corpus = prepared.load(prepared.path_of(asked.corpus))
        rows = measure(corpus, settings, asked.device, asked.rounds, asked.steps)
    except (PreparedFileError, pretraining.NotEnoughMemory, ValueError) as error:
        print(f"nothing was measured: {error}", file=sys.stderr)
        return 1
    on_gpu = rows[0]["device"] != CPU
    found = ratios(rows)
    interval = bootstrap_interval(found, np.mean, settings.seed) if len(found) > 1 else (np.nan, np.nan)
    best = float(np.median([row["matrix_flops_per_second"] for row in rows]))
    print(f"{asked.model} on {rows[0]['device']}, {asked.rounds} rounds of {asked.steps} steps, "
          f"matrices {best / 1e12:.3g} TFLOP/s in {rows[0]['matrices']}")  # fmt: skip
    print(summary(rows).to_string(float_format="{:.3g}".format))
    print(f"tokens per second, ours / plain: {found.mean():.2f} [{interval[0]:.2f}, {interval[1]:.2f}]")
    asked_for = (
        f"asked of the strong model on a GPU: ratio >= {LEAST_RATIO:g}, utilisation >= {LEAST_UTILISATION:g}"
    )
    if on_gpu and asked.model == "strong":
        reached = found.mean() >= LEAST_RATIO, summary(rows)["utilisation"][OURS] >= LEAST_UTILISATION
        print(f"{asked_for}: {' and '.join('reached' if yes else 'NOT reached' for yes in reached)}")
    else:
        print(f"{asked_for}; this is another model or device, of which nothing is asked")
    return 0


if __name__ == "__main__":
    sys.exit(main())
