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
import sys
import time
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from .. import runtime
from ..data import registry
from . import batches, checkpoints, held_out, molbert, prepared
from .batches import PretrainingBatches
from .checkpoints import UnusableCheckpoint
from .held_out import WATCHED, measure, split
from .molbert import LADDER, SIZES
from .prepared import PreparedCorpus, PreparedFileError
from .settings import DEFAULTS, Settings, named


class NotEnoughMemory(MemoryError):
    """The device has too little memory for a training step."""


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
    learned, others = split(corpus, settings.molecules)
    on_gpu = device != "cpu" and torch.cuda.is_available()
    if quiet:
        logging.set_verbosity_error()
        logging.disable_progress_bar()
    kept = runtime.make_folder(folder / "checkpoints")
    key = _key(corpus, settings)
    latest = checkpoints.latest(kept, key)
    model = molbert.new_model(SIZES[settings.model], len(corpus.names), settings.seed)
    trainer = _trainer(model, learned, others, settings, kept, key, on_gpu, quiet)
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
        checkpoints.remove(kept)
    return model


def _trainer(
    model: Any,
    learned: PreparedCorpus,
    others: PreparedCorpus,
    settings: Settings,
    kept: Path,
    key: str,
    on_gpu: bool,
    quiet: bool,
) -> Any:
    import torch
    from torch.utils.data import SequentialSampler
    from transformers import Trainer, TrainerCallback, TrainingArguments

    class Keyed(TrainerCallback):
        """Seals a checkpoint, as its last file: one without a seal was cut off."""

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.is_world_process_zero:
                checkpoints.seal(Path(args.output_dir) / f"checkpoint-{state.global_step}", key)

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
    watched = others.part(0, min(WATCHED, len(others)))
    world = max(torch.cuda.device_count(), 1) if on_gpu else 1
    arguments = TrainingArguments(
        output_dir=str(kept),
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
    for module in (molbert, batches, held_out, sys.modules[__name__]):
        tree = ast.parse(inspect.getsource(module))
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                node.body = [part for part in node.body if not _is_text(part)]
        digest.update(ast.dump(tree).encode())
    return digest.hexdigest()


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


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
    learned, others = split(corpus, settings.molecules)
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
        "final": measure(model, others),
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
        prog="python -m w2s_utils.molecules.pretraining", description=runtime.first_line(__doc__)
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
            folder = asked["output"] / named(model, settings.seed)
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
