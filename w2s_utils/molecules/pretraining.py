"""Pre-training of the molecular transformers: ``python -m w2s_utils.molecules.pretraining`` (``make pretrain MODEL=small``).

Reads one prepared file (see `molecules.prepared`) and needs torch, transformers and accelerate, not RDKit. The loop is
transformers' Trainer: bfloat16 on a GPU that has it, several GPUs under ``torchrun``, and checkpoints from which a run that
was killed goes on by itself. What comes out is written whole at the end: weights, configuration, vocabulary, ``log.csv``
(losses and what is measured on held-out molecules) and ``provenance.json``.
"""

from __future__ import annotations

import argparse
import ast
import csv
import hashlib
import inspect
import json
import shutil
import sys
import time
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from .. import runtime
from ..data import registry
from . import batches, molbert, prepared
from .batches import PretrainingBatches
from .molbert import LADDER, SIZES
from .prepared import PreparedCorpus, PreparedFileError

HELD_OUT = 5_000
"""Molecules at the end of the prepared file that are never learned from: what is learned is measured on them."""


WATCHED = 1_000
"""How many of them are looked at during a run; all are at its end."""

KEY_FILE = "key.txt"


class NotEnoughMemory(MemoryError):
    """The device has too little memory for a training step."""


class UnusableCheckpoint(ValueError):
    """A checkpoint of an earlier run that cannot be read, or was made under other settings."""


@dataclass(frozen=True)
class Settings:
    """How one model is pre-trained; together with the prepared file it fixes the result on one kind of device."""

    model: str  # a name of molbert.SIZES
    steps: int  # optimiser steps
    batch_tokens: int = 4096  # tokens of one batch, all its rows of one length
    accumulate: int = 4  # batches, of different lengths, that one optimiser step takes together
    learning_rate: float = 1e-3  # at its peak, after a warm-up of 2 % of the steps; then down to 0 in a line
    seed: int = 0  # of the first weights, the order of the molecules and the hidden tokens
    molecules: int | None = None  # use only the first so many of the prepared file, held-out ones included

    def __post_init__(self) -> None:
        if self.model not in SIZES:
            raise ValueError(f"there is no model {self.model!r}; there are {', '.join(SIZES)}")
        whole = (
            self.steps,
            self.batch_tokens,
            self.accumulate,
            1 if self.molecules is None else self.molecules,
        )
        if min(whole) < 1 or not 0 < self.learning_rate < 1:
            raise ValueError(
                f"steps, tokens, batches and molecules are >= 1, the learning rate is in (0, 1): {self}"
            )


DEFAULTS = {
    "tiny": Settings("tiny", steps=300, batch_tokens=2048, accumulate=1, learning_rate=5e-3),
    **{
        name: Settings(name, steps=3_000, batch_tokens=1024, accumulate=4, learning_rate=2e-3)
        for name in LADDER
    },
    "small": Settings("small", steps=3_200, batch_tokens=512, accumulate=8, learning_rate=1e-3),
    "strong": Settings("strong", steps=10_000, batch_tokens=16_384, accumulate=4, learning_rate=2e-4),
}
"""What ``make pretrain`` does where nothing else is said. ``strong`` reads the corpus about ten times: it is for a GPU."""


def pretrain(
    corpus: PreparedCorpus, settings: Settings, folder: Path, device: str = "auto", quiet: bool = False
) -> Any:
    """Pre-train one model and write it into ``folder``; returns the model, on the CPU.

    ``device``: ``auto``, ``cpu`` or ``cuda``. A run that was killed goes on from its last checkpoint in
    ``folder/checkpoints``, which a finished run removes. Raises NotEnoughMemory and UnusableCheckpoint, both with the
    remedy, and ValueError for a corpus that leaves nothing to learn from.
    """
    import torch
    from transformers.utils import logging

    if device not in ("auto", "cpu", "cuda") or (device == "cuda" and not torch.cuda.is_available()):
        raise ValueError(f"the device is auto, cpu or cuda, and must be there; not {device!r}")
    learned, held_out = split(corpus, settings.molecules)
    on_gpu = device != "cpu" and torch.cuda.is_available()
    if quiet:
        logging.set_verbosity_error()
        logging.disable_progress_bar()
    checkpoints = runtime.make_folder(folder / "checkpoints")
    key = _key(corpus, settings)
    latest = _latest_checkpoint(checkpoints, key)
    model = molbert.new_model(SIZES[settings.model], len(corpus.names), settings.seed)
    trainer = _trainer(model, learned, held_out, settings, checkpoints, key, on_gpu, quiet)
    started = time.monotonic()
    try:
        trainer.train(resume_from_checkpoint=str(latest) if latest else None)
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "memory" not in str(error):
            raise
        raise NotEnoughMemory(
            f"not enough memory for batches of {settings.batch_tokens} tokens: halve --batch-tokens and double --accumulate, "
            "which gives the same steps; or take a smaller model"
        ) from error
    seconds = time.monotonic() - started
    model.cpu()
    if trainer.is_world_process_zero():
        _write(model, corpus, settings, folder, trainer, seconds, on_gpu)
        _remove(checkpoints)
    return model


def split(corpus: PreparedCorpus, molecules: int | None = None) -> tuple[PreparedCorpus, PreparedCorpus]:
    """Molecules to learn from and HELD_OUT others (a tenth of all, where they are few). Raises ValueError below 20."""
    rows = min(molecules or len(corpus), len(corpus))
    orders = int(corpus.provenance.get("orders", 1))
    kept = rows - min(HELD_OUT * orders, rows // 10 // orders * orders)
    if rows < 20 or kept == rows:
        raise ValueError(f"{rows} molecules are too few to learn from and to measure on; prepare 20 at least")
    return corpus.part(0, kept), corpus.part(kept, rows)


def measure(model: Any, corpus: PreparedCorpus, batch_tokens: int = 8192, seed: int = 1) -> dict[str, float]:
    """What a model knows of some molecules: ``held_out_loss``, the loss of pre-training; ``token_accuracy``, the share of
    hidden tokens that it guesses, and ``token_loss``, the cross-entropy of the guess in nats; ``r2`` of the descriptors, in
    quantile levels, the mean over descriptors, and ``r2_<name>`` for each."""
    import torch

    device = next(model.parameters()).device
    right, total, entropy = 0, 0, 0.0
    apart = torch.zeros(len(corpus.names), dtype=torch.float64)
    square = torch.zeros_like(apart)
    sums = torch.zeros_like(apart)
    cut = batches.cut_batches(corpus.lengths, batch_tokens, runtime.seed_stream(seed, "pass", 0))
    data = PretrainingBatches(corpus, len(cut), batch_tokens, seed)
    model.eval()
    with torch.inference_mode():
        for number in range(len(cut)):
            batch = {name: tensor.to(device) for name, tensor in data[number].items()}
            found = model(batch["input_ids"], batch["masked"])
            logits = found["logits"].float()
            right += int((logits.argmax(1) == batch["labels"]).sum())
            total += len(batch["labels"])
            entropy += float(torch.nn.functional.cross_entropy(logits, batch["labels"], reduction="sum"))
            goals, predicted = batch["goals"].double().cpu(), found["predicted"].double().cpu()
            apart += ((predicted - goals) ** 2).sum(0)
            square += (goals**2).sum(0)
            sums += goals.sum(0)
    variance = square - sums**2 / len(corpus)
    r2 = torch.where(variance > 0, 1 - apart / variance.clamp(min=1e-12), torch.nan)
    known = r2[~r2.isnan()]
    return {
        "held_out_loss": entropy / total + float(apart.mean()) / len(corpus),
        "token_accuracy": right / total,
        "token_loss": entropy / total,
        "r2": float(known.mean()),
        **{f"r2_{name}": float(value) for name, value in zip(corpus.names, r2, strict=True)},
    }


def _trainer(
    model: Any,
    learned: PreparedCorpus,
    held_out: PreparedCorpus,
    settings: Settings,
    checkpoints: Path,
    key: str,
    on_gpu: bool,
    quiet: bool,
) -> Any:
    import torch
    from torch.utils.data import SequentialSampler
    from transformers import Trainer, TrainerCallback, TrainingArguments

    class Keyed(TrainerCallback):
        """Leaves the key in a checkpoint, as the last of its files: one without it was cut off."""

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            with runtime.atomic_file(
                Path(args.output_dir) / f"checkpoint-{state.global_step}" / KEY_FILE
            ) as file:
                file.write(key)

    class MolBertTrainer(Trainer):
        """Trainer whose data are ready-made batches: nothing is shuffled or collated."""

        def _get_train_sampler(self, *_: Any) -> Any:
            return SequentialSampler(data)

        def log(self, logs: dict[str, float], *arguments: Any, **named: Any) -> None:
            if "loss" in logs:
                logs = {
                    **logs,
                    **{k: v for k, v in measure(model, watched).items() if not k.startswith("r2_")},
                }
                model.train()
            super().log(logs, *arguments, **named)

    interval = max(settings.steps // 20, 1)
    watched = held_out.part(0, min(WATCHED, len(held_out)))
    world = max(torch.cuda.device_count(), 1) if on_gpu else 1
    arguments = TrainingArguments(
        output_dir=str(checkpoints),
        max_steps=settings.steps,
        per_device_train_batch_size=1,
        gradient_accumulation_steps=settings.accumulate,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=max(settings.steps // 50, 1),
        weight_decay=0.01,
        adam_beta2=0.98,
        max_grad_norm=1.0,
        bf16=on_gpu and torch.cuda.is_bf16_supported(),
        use_cpu=not on_gpu,
        seed=settings.seed,
        logging_strategy="steps",
        logging_steps=interval,
        save_strategy="steps",
        save_steps=interval,
        save_total_limit=2,
        report_to=[],
        disable_tqdm=quiet,
        remove_unused_columns=False,
        dataloader_num_workers=4 if on_gpu else 0,
        dataloader_pin_memory=on_gpu,
        ddp_find_unused_parameters=False,
    )
    data = PretrainingBatches(
        learned, settings.steps * settings.accumulate * world, settings.batch_tokens, settings.seed
    )
    return MolBertTrainer(
        model=model, args=arguments, train_dataset=data, data_collator=_only, callbacks=[Keyed()]
    )


def _only(batch: list[Any]) -> Any:
    [one] = batch
    return one


def _key(corpus: PreparedCorpus, settings: Settings) -> str:
    """What the result depends on but for the device: the molecules, the settings, the code of model, batches and loop."""
    digest = hashlib.sha256(json.dumps([asdict(settings), corpus.provenance], sort_keys=True).encode())
    digest.update(code_sha256().encode())
    return digest.hexdigest()


def code_sha256() -> str:
    """Hexadecimal sha256 of what the modules that make a pre-trained model do: their syntax trees without docstrings, so
    that comments and layout do not count. Python writes trees differently from version to version: compare under one."""
    digest = hashlib.sha256()
    for module in (molbert, batches, sys.modules[__name__]):
        tree = ast.parse(inspect.getsource(module))
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                node.body = [part for part in node.body if not _is_text(part)]
        digest.update(ast.dump(tree).encode())
    return digest.hexdigest()


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _latest_checkpoint(folder: Path, key: str) -> Path | None:
    """The last whole checkpoint of a run with this key. Raises UnusableCheckpoint where another run's are in the way."""
    found = sorted(folder.glob("checkpoint-*"), key=lambda place: int(place.name.rpartition("-")[2]))
    whole = [place for place in found if (place / KEY_FILE).is_file()]
    if any((place / KEY_FILE).read_text(encoding="utf-8") != key for place in whole):
        raise UnusableCheckpoint(
            f"{runtime.shown(folder)} holds checkpoints of a run with other settings, another corpus or other code: "
            "finish that run, delete them, or name another --output"
        )
    if not whole:
        return None
    _check_readable(whole[-1])
    return whole[-1]


def _check_readable(checkpoint: Path) -> None:
    """Raises UnusableCheckpoint where weights or optimiser cannot be read: damaged after they were written whole."""
    import torch
    from safetensors.torch import load_file

    try:
        load_file(checkpoint / "model.safetensors")
        torch.load(checkpoint / "optimizer.pt", weights_only=True, map_location="cpu")
    except Exception as error:  # safetensors, torch and the system each have errors of their own for this
        raise UnusableCheckpoint(
            f"{runtime.shown(checkpoint)} is damaged ({type(error).__name__}): delete it to go on from the one before"
        ) from error


def _remove(checkpoints: Path) -> None:
    shutil.rmtree(checkpoints, ignore_errors=True)


def _write(
    model: Any,
    corpus: PreparedCorpus,
    settings: Settings,
    folder: Path,
    trainer: Any,
    seconds: float,
    on_gpu: bool,
) -> None:
    """The finished model with its log and where it comes from."""
    learned, held_out = split(corpus, settings.molecules)
    log = [row for row in trainer.state.log_history if "loss" in row]
    columns = (
        "step",
        "loss",
        "held_out_loss",
        "token_accuracy",
        "token_loss",
        "r2",
        "learning_rate",
        "grad_norm",
    )
    with runtime.atomic_file(folder / "log.csv") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(log)
    data = trainer.train_dataset
    tokens = sum(
        int(data.corpus.lengths[data.rows(number)].sum(dtype=np.int64)) for number in range(len(data))
    )
    provenance = {
        "key": _key(corpus, settings),
        "settings": asdict(settings),
        "size": asdict(SIZES[settings.model]),
        "parameters": molbert.parameters(SIZES[settings.model], len(corpus.names)),
        "corpus": corpus.provenance,
        "molecules_learned_from": len(learned),
        "passes": round(tokens / float(learned.lengths.sum(dtype=np.int64)), 3),
        "tokens": tokens,
        "code_sha256": code_sha256(),
        "device": device_name(on_gpu),
        "final": measure(model, held_out),
        "versions": {
            name: found for name, found in runtime.versions().items() if name in ("python", "torch")
        },
        "date": datetime.now(UTC).date().isoformat(),
        "seconds_of_last_start": round(seconds, 1),
    }
    molbert.save(model, folder)
    with runtime.atomic_file(folder / "provenance.json") as file:
        file.write(json.dumps(provenance, indent=1) + "\n")


def device_name(on_gpu: bool) -> str:
    """The device in words: the GPU by its name, or the number of threads of a CPU."""
    import torch

    if on_gpu:
        return f"{torch.cuda.device_count()} x {torch.cuda.get_device_name()}"
    return f"CPU, {torch.get_num_threads()} threads"


def main(arguments: list[str] | None = None) -> int:
    """Pre-train one model, or the ladder one after another; 1, with a sentence saying what to do, where it cannot be done."""
    parser = argparse.ArgumentParser(
        prog="python -m w2s_utils.molecules.pretraining", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--model", default="small", choices=[*SIZES, "ladder"])
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--corpus", default="public", help="name of the corpus, as `make corpus` made it")
    parser.add_argument(
        "--output", type=Path, default=registry.cache_folder() / "pretrained", help="a folder for each model"
    )
    for field in ("steps", "batch_tokens", "accumulate", "seed", "molecules"):
        parser.add_argument(f"--{field.replace('_', '-')}", type=int)
    parser.add_argument("--learning-rate", type=float)
    asked = vars(parser.parse_args(arguments))
    changed = {field.name: asked[field.name] for field in fields(Settings) if field.name != "model"}
    changed = {name: value for name, value in changed.items() if value is not None}
    try:
        corpus = prepared.load(prepared.path_of(asked["corpus"]))
        for model in LADDER if asked["model"] == "ladder" else [asked["model"]]:
            settings = replace(DEFAULTS[model], **changed)
            folder = asked["output"] / model
            if _finished(folder, _key(corpus, settings)):
                print(f"{model} is pre-trained already: {runtime.shown(folder)}")
                continue
            pretrain(corpus, settings, folder, asked["device"])
            print(f"{model}: {runtime.shown(folder)}")
    except (PreparedFileError, NotEnoughMemory, UnusableCheckpoint, ValueError, OSError) as error:
        print(f"pre-training cannot go on: {error}", file=sys.stderr)
        return 1
    return 0


def _finished(folder: Path, key: str) -> bool:
    try:
        return json.loads((folder / "provenance.json").read_text(encoding="utf-8"))["key"] == key
    except (OSError, ValueError, KeyError, TypeError):
        return False


if __name__ == "__main__":
    sys.exit(main())
