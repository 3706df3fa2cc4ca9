"""Any model of texts that transformers loads, with a head of classes on top: logits of texts, trained whole or by LoRA.

The head is linear, without a bias, and starts at zero, so that a model that has learned nothing says all classes alike. It
reads the **last token of a text** of causal models, as Burns et al.'s released code does, and the **mean over its tokens** of
encoders, as sentence encoders are made to be read. Dropout is off, also in training. A text is padded on the right and the
padding masked, so it does not matter whether a tokenizer has a token for that.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .folders import UnusableModel
from .settings import check_installed

LAST, MEAN = "last token", "mean of tokens"
TOKENIZERS = ("tokenizer*", "vocab*", "*.model", "merges.txt", "spiece*")
UNUSED = ("pooler",)
"""Parts of a model that no head here reads."""


@dataclass(frozen=True, eq=False)
class Loaded:
    """A ``model`` whose call gives ``{"logits": (b, classes)}``, and ``numbers`` from texts to their tokens, cut; ``pad``: the
    token for padding, ``most`` tokens of a text; ``pooling``: LAST or MEAN; ``parameters`` of the model, and how many are
    ``trained``; ``name``: of its folder."""

    model: Any
    numbers: Callable[[Sequence[str]], list[list[int]]]
    pad: int
    most: int
    pooling: str
    parameters: int
    trained: int
    name: str


def load(folder: Path, classes: int, tokens: int, lora: int = 0, seed: int = 0, half: bool = False) -> Loaded:
    """The model of a folder with a new head of ``classes``; texts are cut at ``tokens``, or where the model ends.

    ``lora``: rank of adapters on every linear layer, which ``seed`` starts; the model's own weights then stay, in bfloat16
    where ``half`` is true. Raises UnusableModel.
    """
    import torch
    from transformers import AutoConfig, AutoModel
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    name = folder.name
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # a file that is none fails in nearly any way, here and below
        raise UnusableModel(
            f"the folder {name} is no model that transformers reads: {_first(error, folder)}"
        ) from error
    if config.is_encoder_decoder or not isinstance(getattr(config, "hidden_size", None), int):
        raise UnusableModel(
            f"{name} ({config.model_type}) is no causal model and no encoder of texts; take one of these"
        )
    for key, value in config.to_dict().items():
        if "drop" in key and isinstance(value, float):
            setattr(config, key, 0.0)
    config.use_cache = False
    try:
        base, about = AutoModel.from_pretrained(
            folder,
            config=config,
            local_files_only=True,
            trust_remote_code=False,
            ignore_mismatched_sizes=True,  # they are refused below
            dtype=torch.bfloat16 if half and lora else torch.float32,
            output_loading_info=True,
        )
    except Exception as error:
        raise UnusableModel(f"the weights of {name} cannot be loaded: {_first(error, folder)}") from error
    lacking = [key for key in about["missing_keys"] if key.split(".")[0] not in UNUSED]
    if lacking:
        raise UnusableModel(
            f"the weights of {name} lack {len(lacking)} of the model's tensors, such as {sorted(lacking)[0]}, which would "
            "start at random; copy the model again"
        )
    if other := sorted(one for one in about["mismatched_keys"] if one[0].split(".")[0] not in UNUSED):
        key, stored, wanted = other[0]
        raise UnusableModel(
            f"the weights of {name} do not fit its config.json: {key} has shape {tuple(stored)} instead of {tuple(wanted)}; "
            "copy the model again"
        )
    for part in UNUSED:
        if getattr(base, part, None) is not None:
            setattr(base, part, None)
    parameters = sum(one.numel() for one in base.parameters())
    pooling = _pooling(config)
    if lora:
        base = _adapted(base, name, lora, seed)
    model = _classifier()(base, config.hidden_size, classes, pooling)
    trained = sum(one.numel() for one in model.parameters() if one.requires_grad)
    most = min(tokens, _longest(config))
    numbers, pad, most = _tokenizer(folder, most, base.get_input_embeddings().num_embeddings)
    return Loaded(model, numbers, pad, most, pooling, parameters, trained, name)


def _pooling(config: Any) -> str:
    """LAST for models that see only what stands before a token."""
    from transformers.models.auto import modeling_auto as auto

    causal = config.model_type in auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    masked = config.model_type in auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES
    return LAST if getattr(config, "is_decoder", False) or (causal and not masked) else MEAN


def _adapted(base: Any, name: str, rank: int, seed: int) -> Any:
    check_installed("peft")
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(seed)
    recipe = LoraConfig(r=rank, lora_alpha=rank, lora_dropout=0.0, target_modules="all-linear")
    try:
        # Of layers whose weights lie the other way round peft says that it turns them.
        with warnings.catch_warnings(action="ignore"):
            return get_peft_model(base, recipe)
    except ValueError as error:
        raise UnusableModel(f"LoRA finds no layer to adapt in {name}; leave --lora out") from error


@cache
def _classifier() -> type:
    import torch

    class Classifier(torch.nn.Module):
        """Hidden states to one vector a text, and a linear head on it."""

        _keys_to_ignore_on_save = None  # transformers asks for it where a checkpoint holds a part of a model

        def __init__(self, base: Any, hidden: int, classes: int, pooling: str):
            super().__init__()
            self.base, self.pooling = base, pooling
            self.head = torch.nn.Linear(hidden, classes, bias=False)
            torch.nn.init.zeros_(self.head.weight)

        def forward(self, input_ids: Any, attention_mask: Any) -> dict[str, Any]:
            states = self.base(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            if self.pooling == LAST:
                rows = torch.arange(len(states), device=states.device)
                vector = states[rows, attention_mask.sum(dim=1) - 1]
            else:
                mask = attention_mask[:, :, None].to(states.dtype)
                vector = (states * mask).sum(dim=1) / mask.sum(dim=1)
            return {"logits": self.head(vector.to(self.head.weight.dtype))}

        def state_dict(self, *arguments: Any, **named: Any) -> Any:
            """What is trained alone, so that a checkpoint of LoRA holds no model."""
            whole = super().state_dict(*arguments, **named)
            frozen = {name for name, one in self.named_parameters() if not one.requires_grad}
            for name in frozen & set(whole):
                del whole[name]
            return whole

    return Classifier


def _longest(config: Any) -> int:
    """Tokens that a model has positions for."""
    found = getattr(config, "max_position_embeddings", None)
    if not isinstance(found, int) or found < 1:
        return 2**31
    offset = config.pad_token_id + 1 if config.model_type in ("roberta", "xlm-roberta", "camembert") else 0
    return found - offset


def _tokenizer(
    folder: Path, tokens: int, vocabulary: int
) -> tuple[Callable[[Sequence[str]], list[list[int]]], int, int]:
    """What turns texts into numbers below ``vocabulary``, the number for padding, and where texts are cut."""
    from transformers import AutoTokenizer

    try:
        if not any(any(folder.glob(pattern)) for pattern in TOKENIZERS):  # one without words would be made up
            raise FileNotFoundError("none of its files is there")
        made = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        made.padding_side = "right"
        most = min(tokens, made.model_max_length)
        made("a", truncation=True, max_length=most)
    except Exception as error:
        raise UnusableModel(
            f"the folder {folder.name} has no tokenizer that transformers reads ({_first(error, folder)}); save it beside the "
            "model"
        ) from error

    def numbers(texts: Sequence[str]) -> list[list[int]]:
        rows = made(list(texts), truncation=True, max_length=most, add_special_tokens=True)["input_ids"]
        empty = next((text for text, row in zip(texts, rows, strict=True) if not row), None)
        if empty is not None:
            raise UnusableModel(f"the tokenizer of {folder.name} makes no token of the text {empty[:40]!r}")
        if max(map(max, rows)) >= vocabulary:
            raise UnusableModel(
                f"the tokenizer of {folder.name} has tokens that its model lacks; they do not belong together"
            )
        return [list(row) for row in rows]

    given = [made.pad_token_id, made.eos_token_id, 0]
    return numbers, int(next(one for one in given if one is not None)), most


def _first(error: Exception, folder: Path) -> str:
    """The first line of what a library says, the folder by its name; of code that it will not run, that."""
    if "custom code" in str(error):
        return "it needs code of its own, which is never run here; take a model that transformers knows by itself"
    said = str(error).replace(str(folder), folder.name).strip().splitlines() or [type(error).__name__]
    return said[0].rstrip(".")[:160]
