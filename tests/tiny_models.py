"""Language models so small that a test trains them, with a tokenizer trained on what they read, saved as folders.

Texts are generated: a class is shown by a word or two among others, so that there is something to learn in seconds.
"""

from __future__ import annotations

import functools
import gc
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, decoders, pre_tokenizers, processors, trainers
from tokenizers.models import BPE, WordPiece

SIGNS = (("good", "fine", "bright"), ("bad", "poor", "dull"), ("wide", "long", "tall"))
"""Words that show each class."""
OTHERS = (
    "the",
    "a",
    "film",
    "book",
    "road",
    "house",
    "was",
    "is",
    "seems",
    "very",
    "quite",
    "and",
    "of",
    "to",
    "this",
    "day",
)
TOKENS = 32


def texts(count: int, classes: int = 2, seed: int = 0) -> tuple[list[str], list[int]]:
    """Sentences and their classes, 0 to ``classes`` - 1: each sentence has two words of its class and no other's."""
    draws = np.random.default_rng(seed)
    labels = [int(one) for one in draws.integers(classes, size=count)]
    found = []
    for place, label in enumerate(labels):
        words = [*draws.choice(OTHERS, 5), *draws.choice(SIGNS[label], 2), f"no{place}"]
        found.append(" ".join(draws.permutation(words)))
    return found, labels


def write_csv(path: Path, count: int, classes: int = 2, seed: int = 0) -> Path:
    """The same as a file with the columns text and label."""
    names = ("negative", "positive", "neither")
    rows = [f"{text},{names[label]}" for text, label in zip(*texts(count, classes, seed), strict=True)]
    path.write_text("\n".join(["text,label", *rows]) + "\n", encoding="utf-8")
    return path


def causal(folder: Path, hidden: int = 16, layers: int = 1, seed: int = 0) -> Path:
    """A GPT-2 with byte pairs, which has no token for padding."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    _quick_collections()
    torch.manual_seed(seed)
    tokens = _byte_pairs()
    config = GPT2Config(
        vocab_size=tokens.get_vocab_size(),
        n_positions=TOKENS,
        n_embd=hidden,
        n_layer=layers,
        n_head=2,
        bos_token_id=0,
        eos_token_id=0,
    )
    GPT2LMHeadModel(config).save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=tokens, eos_token="<end>").save_pretrained(folder)
    return folder


def encoder(folder: Path, hidden: int = 32, layers: int = 1, seed: int = 0) -> Path:
    """A BERT with word pieces, saved with the head of its pre-training and a pooler."""
    import torch
    from transformers import BertConfig, BertForPreTraining, PreTrainedTokenizerFast

    _quick_collections()
    torch.manual_seed(seed)
    tokens = _word_pieces()
    config = BertConfig(
        vocab_size=tokens.get_vocab_size(),
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=2 * hidden,
        max_position_embeddings=TOKENS,
    )
    BertForPreTraining(config).save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokens, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(folder)
    return folder


@functools.cache
def _quick_collections() -> None:
    """Each training collects garbage; what was loaded before, some million objects, is none and need not be looked at."""
    import transformers.trainer  # noqa: F401

    gc.freeze()


@functools.cache
def _byte_pairs() -> Tokenizer:
    made = Tokenizer(BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    recipe = trainers.BpeTrainer(
        vocab_size=400, special_tokens=["<end>"], initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator(texts(300, 3)[0], recipe)
    return made


@functools.cache
def _word_pieces() -> Tokenizer:
    made = Tokenizer(WordPiece(unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    made.train_from_iterator(
        texts(300, 3)[0],
        trainers.WordPieceTrainer(vocab_size=300, special_tokens=special, show_progress=False),
    )
    around = [(one, made.token_to_id(one)) for one in ("[CLS]", "[SEP]")]
    made.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=around)
    return made
