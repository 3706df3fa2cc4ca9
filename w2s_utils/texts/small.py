"""Small BERTs that this project pre-trained on texts, shipped in ``data/representations/text-small-*`` (`texts.pretraining`).

Two layers; word pieces of their own vocabulary, a part of MiniLM's. torch, transformers and tokenizers are imported when used.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from ..data import shipped_files
from ..data.shipped_files import DamagedRepresentation
from .encoder import MOST_TOKENS, Encoder

HIDDEN = (32, 64)
"""Columns of the two models."""

LAYERS, HEADS = 2, 2
WEIGHTS, VOCABULARY = "weights.safetensors", "vocabulary.json"
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
"""First in every vocabulary, in this order."""

READS = (
    "data/representations/text-small-*/provenance.json",
)  # each has the sha256 of the model's other files


def named(hidden: int) -> str:
    """Name of the folder of a model."""
    return f"text-small-{hidden}"


def blank(hidden: int, vocabulary: int) -> Any:
    """An untrained `BertForMaskedLM` of so many columns and word pieces."""
    from transformers import BertConfig, BertForMaskedLM

    return BertForMaskedLM(
        BertConfig(
            vocab_size=vocabulary,
            hidden_size=hidden,
            num_hidden_layers=LAYERS,
            num_attention_heads=HEADS,
            intermediate_size=4 * hidden,
            max_position_embeddings=MOST_TOKENS,
            type_vocab_size=1,
        )
    )


def tokenizer(vocabulary: Sequence[str]) -> Any:
    """Lower-case word pieces as BERT cuts them, from this vocabulary; texts are cut at MOST_TOKENS tokens."""
    from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
    from tokenizers.models import WordPiece

    made = Tokenizer(WordPiece({piece: place for place, piece in enumerate(vocabulary)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    around = [(piece, SPECIAL.index(piece)) for piece in ("[CLS]", "[SEP]")]
    made.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=around)
    made.enable_truncation(MOST_TOKENS)
    return made


@cache
def load(hidden: int) -> Encoder:
    """The shipped model of so many columns. Raises DamagedRepresentation where a file is missing, damaged or another's."""
    name = named(hidden)
    identity = json.dumps(shipped_files.provenance(name)["files"], sort_keys=True)
    return Encoder(name, identity, LAYERS, lambda: _loaded(name, hidden))


def _loaded(name: str, hidden: int) -> Any:
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load as tensors

    contents = {file: shipped_files.content(name, file) for file in (WEIGHTS, VOCABULARY)}
    try:
        vocabulary = json.loads(contents[VOCABULARY])
        model = blank(hidden, len(vocabulary)).bert
        model.load_state_dict({key: one.to(torch.float32) for key, one in tensors(contents[WEIGHTS]).items()})
    except (ValueError, RuntimeError, SafetensorError) as error:
        raise DamagedRepresentation(
            f"the files of {name} make no model ({error}); restore them from git"
        ) from error
    pieces = tokenizer(vocabulary)
    return model, lambda texts: [one.ids for one in pieces.encode_batch(list(texts))]
