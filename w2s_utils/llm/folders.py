"""A model's name to the folder of its files, and a text that stands for what is in it.

A name is a folder, one of OURS, which come with this repository or its packages, or ``owner/name`` of a hub, perhaps with
``@`` and a revision. Code that comes with a model is never run.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from .. import runtime
from ..data import shipped_files
from ..texts import minilm, small
from ..texts.encoder import MOST_TOKENS
from .settings import check_installed

CONFIG = "config.json"
WEIGHTS = ("*.safetensors", "*.bin")
FILES = ("*.json", "*.txt", "*.model", "*.safetensors")
"""What is taken from a hub; weights in the older ``*.bin`` where there are no others."""
OURS = (*(small.named(hidden) for hidden in small.HIDDEN), minilm.PACKAGE)
"""Models that need no hub: our small BERTs and MiniLM."""
HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?(@[\w./-]+)?")
SECONDS = 10


class UnusableModel(ValueError):
    """A model that is not there, or cannot be used here, in one sentence with the remedy."""


def located(name: str) -> Path:
    """The folder of a model. Raises UnusableModel, and as `minilm.folder` and `small.load` for OURS."""
    check_installed("torch", "transformers", "tokenizers", "safetensors", "accelerate")
    if name in OURS:
        return our_folder(name)
    folder = Path(os.path.abspath(Path(name).expanduser()))  # so that '.' has a name
    if folder.is_dir():
        return _checked(folder)
    if folder.exists():
        raise UnusableModel(
            f"{folder.name} is a file; a model is the folder that holds {CONFIG} and the weights"
        )
    if not HUB_NAME.fullmatch(name) or name.startswith("."):
        raise UnusableModel(
            f"there is no folder {name}; give a folder, owner/name of a hub, or {', '.join(OURS)}"
        )
    return _checked(_of_hub(name))


def _checked(folder: Path) -> Path:
    if not (folder / CONFIG).is_file():
        raise UnusableModel(
            f"the folder {folder.name} is no model: it has no {CONFIG}, which save_pretrained writes"
        )
    if not any(any(folder.glob(pattern)) for pattern in WEIGHTS):
        raise UnusableModel(
            f"the folder {folder.name} has no weights ({' or '.join(WEIGHTS)}); copy the model again"
        )
    return folder


def _of_hub(name: str) -> Path:
    """The newest commit where a hub answers, what was kept of an earlier download where it does not."""
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

    repository, _, revision = name.partition("@")
    patterns, found = [*FILES, "*.bin"], revision or None
    try:
        about = HfApi().model_info(repository, revision=found, timeout=SECONDS)
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise UnusableModel(
            f"neither a folder nor a model of the hub is called {name}; check the name, and the access where it is private"
        ) from error
    except Exception:  # no network, in one of many ways
        about = None
    if about is not None:
        found = about.sha
        if any(one.rfilename.endswith(".safetensors") for one in about.siblings or ()):
            patterns = list(FILES)
    try:
        place = snapshot_download(
            repository, revision=found, allow_patterns=patterns, local_files_only=about is None
        )
    except Exception as error:  # likewise
        raise UnusableModel(
            f"{name} is no folder here and cannot be had from a hub ({type(error).__name__}); give a folder, or download it "
            f"where there is a network (hf download {repository}) and copy it; without one there are {', '.join(OURS)}"
        ) from error
    return Path(place)


@cache
def identity(folder: Path) -> str:
    """A sha256 of the files of a model, equal where a model and its tokens are; computed once for each folder."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in (*FILES, "*.bin") for path in folder.glob(pattern)}):
        with path.open("rb") as file:
            digest.update(f"{path.name} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return digest.hexdigest()


def our_folder(name: str) -> Path:
    """One of OURS as a folder of transformers', configuration, weights and tokenizer; made on first use in ``models/``."""
    from transformers.utils import logging

    folder = runtime.build_folder() / "models" / name
    if not (folder / CONFIG).is_file():
        logging.disable_progress_bar()
        with _appearing(folder) as partial:
            if name == minilm.PACKAGE:
                save_minilm(partial)
            else:
                save_small(int(name.rpartition("-")[2]), partial)
    return folder


@contextmanager
def _appearing(folder: Path) -> Iterator[Path]:
    """A folder that is under its name only when all is in it."""
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=runtime.make_folder(folder.parent)))
    try:
        yield partial
        with suppress(OSError):  # another process was first
            partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def save_small(hidden: int, folder: Path) -> Path:
    """Write our BERT of so many columns (`texts.small`) as `AutoModel` and `AutoTokenizer` read it. Raises as `small.load`."""
    model, _ = small.load(hidden).loaded
    pieces = json.loads(shipped_files.content(small.named(hidden), small.VOCABULARY))
    model.save_pretrained(folder)
    _save_tokenizer(small.tokenizer(pieces), folder)
    return folder


def save_minilm(folder: Path) -> Path:
    """Write all-MiniLM-L6-v2 (`texts.minilm`) the same way. Raises as `minilm.folder`."""
    from tokenizers import Tokenizer

    place = minilm.folder()
    for name in (CONFIG, minilm.WEIGHTS):
        shutil.copyfile(place / name, runtime.make_folder(folder) / name)
    _save_tokenizer(Tokenizer.from_file(str(place / minilm.TOKENIZER)), folder)
    return folder


def _save_tokenizer(made: object, folder: Path) -> None:
    """A tokenizer with BERT's special tokens, which neither pads nor cuts by itself."""
    from transformers import PreTrainedTokenizerFast

    names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
    made.no_padding()  # type: ignore[attr-defined]
    made.no_truncation()  # type: ignore[attr-defined]
    PreTrainedTokenizerFast(
        tokenizer_object=made, model_max_length=MOST_TOKENS, **dict(zip(names, small.SPECIAL, strict=True))
    ).save_pretrained(folder)
