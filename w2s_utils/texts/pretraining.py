"""Pre-training of the small BERTs of `texts.small`, into the place where they are shipped.

``python -m w2s_utils.texts.pretraining 32 64``; one core takes ten minutes a model. Masked words (Devlin and others 2019):
15 % of the tokens are hidden and guessed from the rest. The texts are those excerpts of CLEAR that the set leaves out and that
have no licence of their own, so that no text that a head ever sees is among them. EmoBank's texts are not used: its licence
and CLEAR's do not allow one work that is made of both.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import runtime
from ..data import datasets, registry, shipped_files
from . import minilm, regression, small

PIECES = 4096
"""Word pieces of the vocabulary: the single letters, then those that stand most often in the texts."""

WINDOW, BATCH, PASSES, RATE = 128, 32, 60, 2e-3
HELD_OUT = 0.05
HIDDEN_SHARE = 0.15
LICENCE = "CC BY-NC-SA 4.0, as the texts (CLEAR corpus, Crossley and others 2022)"


def corpus() -> list[str]:
    """The texts of the pre-training, in the order of their file. Raises what `datasets.load` raises."""
    held = set(datasets.load("CLEAR").inputs)
    found = regression.excerpts(registry.fetch("text/CLEAR/table"))
    free = found.loc[found["License"] == "", "Excerpt"]
    return [text for text in map(str.strip, map(str, free)) if text not in held]


def vocabulary(texts: Sequence[str]) -> list[str]:
    """`small.SPECIAL`, the single letters of MiniLM's vocabulary that the texts hold, and the most frequent other pieces."""
    from tokenizers import Tokenizer

    source = Tokenizer.from_file(str(minilm.folder() / minilm.TOKENIZER))
    source.no_padding()
    source.no_truncation()
    counts: Counter[str] = Counter()
    letters = set("".join(texts).lower())
    for one in source.encode_batch(list(texts)):
        counts.update(one.tokens)
    singles = [
        p
        for p in sorted(source.get_vocab())
        if p.removeprefix("##") in letters and len(p.removeprefix("##")) == 1
    ]
    first = [*small.SPECIAL, *singles]
    common = [piece for piece, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    return list(dict.fromkeys([*first, *common]))[:PIECES]


def windows(texts: Sequence[str], pieces: Sequence[str]) -> NDArray[np.int64]:
    """All texts as rows of WINDOW tokens, [CLS] first and [SEP] last, ``(windows, WINDOW)``; the rest of a text is dropped."""
    cut = small.tokenizer(pieces)
    cut.no_truncation()
    start, end = small.SPECIAL.index("[CLS]"), small.SPECIAL.index("[SEP]")
    inner, rows = WINDOW - 2, []
    for one in cut.encode_batch(list(texts)):
        ids = one.ids[1:-1]
        rows += [[start, *ids[at : at + inner], end] for at in range(0, len(ids) - inner + 1, inner)]
    return np.array(rows, dtype=np.int64)


def hidden(
    rows: NDArray[np.int64], generator: np.random.Generator, pieces: int
) -> tuple[Any, NDArray[np.bool_]]:
    """Rows with HIDDEN_SHARE of their inner tokens hidden, and which: 80 % as [MASK], 10 % as any piece, the rest as is."""
    chosen = generator.random(rows.shape) < HIDDEN_SHARE
    chosen[:, [0, -1]] = False
    fate = generator.random(rows.shape)
    shown = np.where(chosen & (fate < 0.8), small.SPECIAL.index("[MASK]"), rows)
    other = generator.integers(len(small.SPECIAL), pieces, size=rows.shape)
    return np.where(chosen & (fate >= 0.9), other, shown), chosen


def pretrain(size: int, seed: int = 0) -> None:
    """Pre-train the model of so many columns and write it where it is shipped, in float16."""
    import torch
    from safetensors.torch import save

    texts = corpus()
    pieces = vocabulary(texts)
    torch.manual_seed(seed)
    generator = runtime.seed_stream(seed, "pre-training of small BERTs", size)
    apart = generator.permutation(len(texts))[: int(HELD_OUT * len(texts))]
    learned = windows([text for place, text in enumerate(texts) if place not in set(apart)], pieces)
    judged = windows([texts[place] for place in apart], pieces)
    model = small.blank(size, len(pieces))
    steps = PASSES * (len(learned) // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.1)

    def loss_of(rows: NDArray[np.int64], draws: np.random.Generator) -> Any:
        shown, chosen = hidden(rows, draws, len(pieces))
        states = model.bert(input_ids=torch.from_numpy(shown)).last_hidden_state
        guesses = model.cls(states[torch.from_numpy(chosen)])
        return torch.nn.functional.cross_entropy(guesses, torch.from_numpy(rows[chosen]))

    done = 0
    for _ in range(PASSES):
        order = generator.permutation(len(learned))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            model.train()
            loss = loss_of(learned[order[start : start + BATCH]], generator)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            done += 1
            if done % 200 == 0:
                print(f"{size} columns: step {done} of {steps}, loss {loss.item():.3f}", flush=True)
    model.eval()
    with torch.inference_mode():
        measured = float(loss_of(judged, runtime.seed_stream(seed, "judged", size)))
    counts = np.bincount(learned[:, 1:-1].ravel(), minlength=len(pieces)) + 1.0
    targets = judged[:, 1:-1].ravel()
    about = {
        "settings": {
            "hidden": size,
            "layers": small.LAYERS,
            "heads": small.HEADS,
            "seed": seed,
            "passes": PASSES,
        }
        | {"window": WINDOW, "batch": BATCH, "rate": RATE, "steps": done, "pieces": len(pieces)},
        "texts": {"source": "CLEAR", "count": len(texts), "tokens": int(learned.size)}
        | {"sha256": hashlib.sha256("\n".join(texts).encode()).hexdigest()},
        "vocabulary": "word pieces of all-MiniLM-L6-v2 (Apache-2.0), those frequent in the texts",
        "licence": LICENCE,
        "held_out_loss": measured,
        "held_out_loss_of_frequencies": float(np.mean(-np.log(counts[targets] / counts.sum()))),
        "device": f"CPU, {torch.get_num_threads()} threads",
        "versions": runtime.versions(),
        "date": datetime.now(UTC).date().isoformat(),
    }
    weights = {key: one.detach().half().contiguous() for key, one in model.bert.state_dict().items()}
    files = {small.WEIGHTS: save(weights), small.VOCABULARY: json.dumps(pieces).encode() + b"\n"}
    shipped_files.ship(small.named(size), files, about)


def main(arguments: list[str] | None = None) -> int:
    """Pre-train the models of the named sizes."""
    parser = argparse.ArgumentParser(
        prog="python -m w2s_utils.texts.pretraining", description=runtime.first_line(__doc__)
    )
    parser.add_argument("sizes", nargs="*", type=int, help=f"of {small.HIDDEN}; all, if none is named")
    sizes = parser.parse_args(arguments).sizes or small.HIDDEN
    if unknown := [size for size in sizes if size not in small.HIDDEN]:
        parser.error(f"no model has {unknown[0]} columns; the sizes are {small.HIDDEN}")
    for size in sizes:
        pretrain(size)
    return 0


if __name__ == "__main__":
    sys.exit(main())
