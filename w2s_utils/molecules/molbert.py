"""Molecular transformers in the manner of MolBERT: SMILES tokens in, a pooled representation out.

An encoder of transformers' (`BertModel`) with two tasks for pre-training. *Masked tokens*: 15 % of the tokens are hidden and
guessed from the rest. *Descriptors*: a linear head on the pooled representation predicts RDKit descriptors, given as quantiles
of the corpus. The pooled representation h(x) is the mean of the last layer over all tokens of a molecule.

Rows of one batch have one length, so that nothing is padded, no mask is needed, and the representation of a molecule does not
depend on its neighbours in a batch. torch and transformers are imported when a model is made.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import runtime
from .tokenizer import MOST_TOKENS, SmilesTokenizer, UnknownVocabulary

if TYPE_CHECKING:
    import torch

WEIGHTS, CONFIG, VOCABULARY_FILE = "weights.safetensors", "config.json", "vocabulary.json"

LADDER_SIZES = (8, 12, 16, 32, 48, 64, 96)
"""Hidden sizes of the weak models, weakest first."""


class CheckpointError(ValueError):
    """A saved model that is missing, cut off, damaged, or does not fit its configuration."""


@dataclass(frozen=True)
class Size:
    """The size of one encoder: ``hidden`` features (a multiple of ``heads``), ``layers``, attention ``heads``,
    ``intermediate`` width of the feed-forward part."""

    hidden: int
    layers: int
    heads: int
    intermediate: int

    def __post_init__(self) -> None:
        values = asdict(self)
        if (
            any(not isinstance(value, int) or value < 1 for value in values.values())
            or self.hidden % self.heads
        ):
            raise ValueError(f"sizes are integers >= 1, and hidden a multiple of heads, not {values}")


LADDER = {f"ladder-{hidden}": Size(hidden, 2, 2, 4 * hidden) for hidden in LADDER_SIZES}
SIZES = {
    "tiny": Size(16, 2, 2, 32),
    **LADDER,
    "small": Size(256, 6, 8, 1024),
    "medium": Size(512, 8, 8, 2048),
    "strong": Size(768, 12, 12, 3072),
}
"""Every model by name. ``strong``: the size of the paper's strong model. ``ladder-8`` ... ``ladder-96``: the weak models, two
layers and two heads each. ``small``: what two processor cores can pre-train in the strong model's place. ``medium``: what one
GPU does in some minutes. ``tiny``: MolBERT's own tiny setting, for tests and demonstrations."""


def new_model(size: Size, descriptors: int, seed: int, vocabulary: Sequence[str] | None = None) -> Any:
    """An untrained model in float32 with weights drawn under ``seed``, as `MolBert`. ``descriptors``: how many it predicts."""
    import torch

    tokens = len(vocabulary if vocabulary is not None else SmilesTokenizer().vocabulary)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _model_class()(_config(size, tokens), descriptors)


def represent(
    model: Any, smiles: Sequence[str], tokenizer: SmilesTokenizer | None = None, batch_tokens: int = 8192
) -> NDArray[np.float32]:
    """Pooled representations ``(n, hidden)`` of SMILES in the form of `standard_smiles`; no gradient, no dropout.

    Rows beyond the positions that the model has are cut. The result does not depend on the order of the rows. Raises
    `tokenizer.UnusableSmiles` for a text that is no SMILES.
    """
    import torch

    tokenizer = tokenizer or SmilesTokenizer()
    rows = [tokenizer.encode(text, cut=True) for text in smiles]
    by_length: dict[int, list[int]] = {}
    for place, row in enumerate(rows):
        by_length.setdefault(len(row), []).append(place)
    device = next(model.parameters()).device
    found = np.empty((len(rows), model.config.hidden_size), dtype=np.float32)
    model.eval()
    with torch.inference_mode():
        for length, places in by_length.items():
            step = max(batch_tokens // length, 1)
            for start in range(0, len(places), step):
                chosen = places[start : start + step]
                ids = torch.tensor([rows[place] for place in chosen], device=device)
                found[chosen] = model.pooled(ids)[1].float().cpu().numpy()
    return found


def save(model: Any, folder: Path, half: bool = False) -> None:
    """Write weights (float16 with ``half``, else float32), configuration and vocabulary into ``folder``."""
    from safetensors.torch import save as tensors_to_bytes

    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    if half:
        weights = {name: tensor.half() for name, tensor in weights.items()}
    config = model.config
    size = Size(
        config.hidden_size, config.num_hidden_layers, config.num_attention_heads, config.intermediate_size
    )
    with runtime.atomic_file(folder / WEIGHTS, "wb") as file:
        file.write(tensors_to_bytes(weights))
    with runtime.atomic_file(folder / CONFIG) as file:
        file.write(json.dumps({**asdict(size), "descriptors": model.descriptors.out_features}) + "\n")
    SmilesTokenizer().save(folder / VOCABULARY_FILE)


def load(folder: Path) -> Any:
    """The model that `save` wrote, in float32 on the CPU, ready for `represent`. Nothing is unpickled.

    Raises CheckpointError (missing, damaged, cut off, weights of another size), `tokenizer.UnknownVocabulary` where the
    model was made for another vocabulary.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load as tensors_from_bytes

    try:
        about = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        size = Size(**{field.name: about[field.name] for field in fields(Size)})
        weights = tensors_from_bytes((folder / WEIGHTS).read_bytes())
        if SmilesTokenizer.load(folder / VOCABULARY_FILE).vocabulary != SmilesTokenizer().vocabulary:
            raise UnknownVocabulary(
                f"the model in {runtime.shown(folder)} was pre-trained with another vocabulary; pre-train it again"
            )
        model = new_model(size, int(about["descriptors"]), seed=0)
        model.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
    except UnknownVocabulary:
        raise
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise CheckpointError(
            f"the model in {runtime.shown(folder)} cannot be loaded ({str(error).splitlines()[0]}); "
            "restore it from git, or pre-train it again"
        ) from error
    return model.eval()


def parameters(size: Size, descriptors: int = 50, tokens: int | None = None) -> int:
    """Number of parameters of a model, all tasks included."""
    import torch

    with torch.device("meta"):
        model = _model_class()(_config(size, tokens or len(SmilesTokenizer())), descriptors)
    return sum(parameter.numel() for parameter in model.parameters())


def _config(size: Size, tokens: int) -> Any:
    from transformers import BertConfig

    return BertConfig(  # type: ignore[call-arg]
        vocab_size=tokens,
        hidden_size=size.hidden,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        intermediate_size=size.intermediate,
        max_position_embeddings=MOST_TOKENS,
        type_vocab_size=1,
        hidden_dropout_prob=0.0,  # few passes over a million molecules: there is nothing to overfit
        attention_probs_dropout_prob=0.0,
        attn_implementation="sdpa",
    )


@cache
def _model_class() -> Any:
    """The class, made when it is first needed so that importing this module costs no torch."""
    import torch
    from transformers import BertModel
    from transformers.utils.generic import ModelOutput

    class MolBert(torch.nn.Module):
        """Encoder and two heads. ``forward`` takes token numbers ``(rows, length)``, all rows of one length."""

        def __init__(self, config: Any, descriptors: int):
            super().__init__()
            self.config = config
            self.encoder = BertModel(config, add_pooling_layer=False)
            self.transform = torch.nn.Sequential(
                torch.nn.Linear(config.hidden_size, config.hidden_size),
                torch.nn.GELU(),
                torch.nn.LayerNorm(config.hidden_size),
            )
            self.token_bias = torch.nn.Parameter(torch.zeros(config.vocab_size))
            self.descriptors = torch.nn.Linear(config.hidden_size, descriptors)

        def pooled(self, input_ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            """Last layer ``(rows, length, hidden)`` and its mean over the tokens ``(rows, hidden)``."""
            hidden = self.encoder(input_ids=input_ids).last_hidden_state
            return hidden, hidden.mean(dim=1)

        def forward(
            self,
            input_ids: torch.Tensor,
            masked: torch.Tensor | None = None,
            labels: torch.Tensor | None = None,
            goals: torch.Tensor | None = None,
        ) -> Any:
            """``masked``: places of the hidden tokens in the flattened rows; ``labels``: their true numbers; ``goals``
            ``(rows, d)``: descriptors, each of mean 0 and variance 1 over the corpus. The loss is the mean cross-entropy of
            the hidden tokens plus the mean squared error of the descriptors."""
            hidden, pooled = self.pooled(input_ids)
            predicted = self.descriptors(pooled)
            found = ModelOutput(predicted=predicted)
            if masked is not None:
                chosen = self.transform(hidden.flatten(0, 1)[masked])
                logits = chosen @ self.encoder.embeddings.word_embeddings.weight.T + self.token_bias
                found["logits"] = logits
            if labels is not None and goals is not None:
                token_loss = torch.nn.functional.cross_entropy(logits.float(), labels)
                found["loss"] = token_loss + torch.nn.functional.mse_loss(predicted.float(), goals)
            return found

    return MolBert
