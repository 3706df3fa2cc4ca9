"""Fine-tuning on labels that are probabilities, and asking the model that comes out: transformers' Trainer does both.

So bfloat16 on a GPU that has it, several GPUs under ``torchrun``, progress bars, and checkpoints from which a run that was
killed goes on to the same weights. The order of the rows is that in which they are given, in every epoch, as released.
"""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .. import runtime
from ..methods.confidence import confidence_loss, schedule
from ..molecules import checkpoints
from ..theory.arrays import Array
from .models import Loaded
from .settings import Settings, WrongSettings, rate_of, steps_of

CHECKPOINTS = 5
"""How often a run is saved, evenly."""
LOGGED = 4
TOO_LITTLE = re.compile("out of memory|allocate memory|ALLOC_FAILED")
"""What errors say that are no errors of their own."""


class NotEnoughMemory(MemoryError):
    """The device has too little memory for a step."""


class NotFinite(ArithmeticError):
    """What a model says are no finite numbers, because its weights are none or training has gone astray."""


@dataclass(frozen=True)
class Device:
    """What a run is computed on: ``gpu`` or not, ``bf16`` there, how many ``processes`` share a batch, and its ``name``."""

    gpu: bool
    bf16: bool
    processes: int
    name: str


def device_of(wanted: str) -> Device:
    """The device for one of `settings.DEVICES`. Raises WrongSettings where a GPU is asked for and there is none."""
    import torch

    there = torch.cuda.is_available()
    if wanted == "cuda" and not there:
        raise WrongSettings(
            "there is no GPU that torch can use here; leave --device out, or give --device cpu"
        )
    gpu = there and wanted != "cpu"
    world = _environment("WORLD_SIZE", 1)
    if not gpu:
        return Device(False, False, world, f"CPU, {torch.get_num_threads()} threads")
    count = world if world > 1 else max(torch.cuda.device_count(), 1)
    return Device(True, torch.cuda.is_bf16_supported(), count, f"{count} x {torch.cuda.get_device_name()}")


def is_first() -> bool:
    """Whether this is the one process that writes and prints."""
    return _environment("RANK", 0) == 0


def _environment(name: str, otherwise: int) -> int:
    return int(os.environ.get(name, otherwise))


@dataclass(frozen=True, eq=False)
class Recipe:
    """How one model learns: ``settings``, the ``rate`` or None, the ``method`` of its loss, the ``device``, and whether the
    bars are off, ``quiet``."""

    settings: Settings
    rate: float | None
    method: str
    device: Device
    quiet: bool = False


def fit(
    loaded: Loaded, texts: Sequence[str], labels: Array, recipe: Recipe, folder: Path, key: str
) -> list[dict[str, float]]:
    """Train ``loaded.model`` on ``texts`` (n) and ``labels (n, c)``, probabilities; returns steps with their losses.

    ``folder`` takes the checkpoints, sealed with ``key``; a run that was killed goes on from the last one there, and one that
    had ended gives its model again. Raises NotEnoughMemory and NotFinite, with the
    remedy, and UnusableCheckpoint.
    """
    latest = checkpoints.latest(runtime.make_folder(folder), key)
    data = [
        {"numbers": numbers, "labels": one}
        for numbers, one in zip(loaded.numbers(texts), labels.astype(np.float32), strict=True)
    ]

    def train() -> list[dict[str, Any]]:
        trainer = _trainer(loaded, data, recipe, folder, key)
        trainer.train(resume_from_checkpoint=str(latest) if latest else None)
        return list(trainer.state.log_history)

    log = _watched(train, recipe, "training")
    return [{"step": row["step"], "loss": row["loss"]} for row in log if "loss" in row]


def say(loaded: Loaded, texts: Sequence[str], recipe: Recipe, folder: Path) -> Array:
    """What the model says of ``texts``, probabilities ``(n, c)``. Raises NotEnoughMemory and NotFinite."""
    numbers = loaded.numbers(texts)
    order = sorted(range(len(numbers)), key=lambda row: len(numbers[row]), reverse=True)
    asked = [{"numbers": numbers[row]} for row in order]
    logits = _watched(
        lambda: _trainer(loaded, [], recipe, folder, "").predict(asked).predictions, recipe, "asking"
    )
    found = np.empty((len(numbers), logits.shape[1]))
    found[order] = logits.astype(np.float64)
    if not np.isfinite(found).all():
        raise _not_finite(loaded, recipe, "after training")
    powers = np.exp(found - found.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _not_finite(loaded: Loaded, recipe: Recipe, when: str) -> NotFinite:
    rate = rate_of(recipe.rate, loaded.parameters)
    return NotFinite(
        f"{loaded.name} says what are no finite numbers {when}, at the learning rate {rate:g}: lower --rate-weak or "
        f"--rate-strong, or check the weights of {loaded.name}"
    )


def _watched(work: Callable[[], Any], recipe: Recipe, what: str) -> Any:
    import torch

    try:
        return work()
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and not TOO_LITTLE.search(str(error)):
            raise
        at_once = recipe.settings.at_once or recipe.settings.batch
        smaller = f"--at-once {max(at_once // 4, 1)} takes fewer of the {recipe.settings.batch} texts of a step at a time"
        lora = "" if recipe.settings.lora else ", --lora trains small adapters instead of all weights"
        raise NotEnoughMemory(
            f"not enough memory on {recipe.device.name} for {what} with {at_once} texts at a time: {smaller}{lora}, and "
            f"--tokens {max(recipe.settings.tokens // 2, 2)} cuts long texts"
        ) from error
    finally:
        if recipe.device.gpu:
            gc.collect()  # a trainer holds itself, and with it what lies on the device
            torch.cuda.empty_cache()


def _trainer(loaded: Loaded, data: list[Any], recipe: Recipe, folder: Path, key: str) -> Any:
    import torch
    from torch.utils.data import SequentialSampler
    from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments
    from transformers.utils import logging

    settings, device = recipe.settings, recipe.device
    alpha = schedule(recipe.method, settings.coefficient, settings.warm_up)

    class Sealing(TrainerCallback):
        """Seals a checkpoint when all of it is written."""

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.is_world_process_zero:
                checkpoints.seal(Path(args.output_dir) / f"checkpoint-{state.global_step}", key)

    class LabelTrainer(Trainer):
        """Trainer of the losses of `methods.confidence`, which keeps the order of the rows."""

        def _get_train_sampler(self, *_: Any) -> Any:
            return SequentialSampler(data)

        def compute_loss(
            self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
        ) -> Any:
            labels = inputs.pop("labels")
            outputs = model(**inputs)
            step = self.state.global_step
            if not torch.isfinite(outputs["logits"]).all():
                raise _not_finite(loaded, recipe, f"after {step} steps")
            loss = confidence_loss(outputs["logits"], labels, alpha(step / max(self.state.max_steps, 1)))
            if self.args.world_size == 1:
                # The mean is over the rows of a step, and its last part may have fewer.
                in_epoch = step % (steps // settings.epochs)
                of_step = min(settings.batch, len(data) - in_epoch * settings.batch)
                loss = loss * (len(labels) * self.current_gradient_accumulation_steps / of_step)
            return (loss, outputs) if return_outputs else loss

    def collate(rows: list[dict[str, Any]]) -> dict[str, Any]:
        longest = max(len(row["numbers"]) for row in rows)
        ids = torch.full((len(rows), longest), loaded.pad)
        mask = torch.zeros((len(rows), longest), dtype=torch.long)
        for place, row in enumerate(rows):
            ids[place, : len(row["numbers"])] = torch.tensor(row["numbers"])
            mask[place, : len(row["numbers"])] = 1
        batch = {"input_ids": ids, "attention_mask": mask}
        if "labels" in rows[0]:
            batch["labels"] = torch.from_numpy(np.stack([row["labels"] for row in rows]))
        return batch

    on_one = at_once(settings, device.processes)
    steps = steps_of(max(len(data), 1), settings)
    if recipe.quiet:
        logging.disable_progress_bar()
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=on_one,
        per_device_eval_batch_size=on_one,
        gradient_accumulation_steps=settings.batch // (on_one * device.processes),
        learning_rate=rate_of(recipe.rate, loaded.parameters),
        lr_scheduler_type="cosine",
        warmup_steps=0,
        optim="adamw_torch",
        weight_decay=0.0,
        max_grad_norm=0.0,
        bf16=device.bf16,
        use_cpu=not device.gpu,
        seed=0,
        logging_steps=max(steps // LOGGED, 1),
        save_strategy="steps",
        save_steps=max(steps // CHECKPOINTS, 1),
        save_total_limit=2,
        report_to=[],
        disable_tqdm=recipe.quiet,
        remove_unused_columns=False,
        dataloader_pin_memory=device.gpu,
        ddp_find_unused_parameters=False,
        ddp_backend="gloo" if device.processes > 1 and not device.gpu else None,
    )
    made = LabelTrainer(
        model=loaded.model, args=arguments, train_dataset=data, data_collator=collate, callbacks=[Sealing()]
    )
    if recipe.quiet:
        made.remove_callback(PrinterCallback)
    return made


def at_once(settings: Settings, processes: int) -> int:
    """Texts that one of so many processes takes at a time. Raises WrongSettings where these do not share the batch evenly."""
    found = settings.at_once or settings.batch // processes
    if found < 1 or settings.batch % (found * processes):
        raise WrongSettings(
            f"{processes} processes with {max(found, 1)} texts at a time do not make up a batch of {settings.batch}; change "
            "--batch or --at-once"
        )
    return found
