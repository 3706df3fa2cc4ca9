"""MNIST, 20,000 distinct digits of 28 x 28 pixels out of two sources: the test file, and ten files with none of its images."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..data import datasets
from ..data.container import Dataset, Views
from ..data.splits import DamagedFile
from ..theory.arrays import Array
from .digits import CLASSES

NAME = "MNIST"
SIDE, TEST_ROWS, OTHER_ROWS = 28, 10_000, 10_000
IMAGES_MAGIC, LABELS_MAGIC = 2051, 2049
"""What the files of LeCun's format begin with: unsigned bytes in three dimensions, and in one."""


def read(paths: Mapping[str, Path]) -> Dataset:
    """The set from its twelve files by registry name: pixels from 0 to 1 as the strong view, ``(20000, 784)``, row by row.

    The split ``sources``: test, the rows of the test file; train, those of the ten others. Raises `DamagedFile`.
    """
    pixels = _unpacked(paths["images/MNIST/t10k-images"], IMAGES_MAGIC, (TEST_ROWS, SIDE, SIDE))
    labels = _unpacked(paths["images/MNIST/t10k-labels"], LABELS_MAGIC, (TEST_ROWS,))
    others = [_listed(paths[f"images/MNIST/cazala-{digit}"]) for digit in range(len(CLASSES))]
    counts = [len(table) for table in others]
    if sum(counts) != OTHER_ROWS or labels.max() >= len(CLASSES):
        raise DamagedFile(f"MNIST has {sum(counts)} images beside the test file where {OTHER_ROWS} are due")
    rows = np.arange(TEST_ROWS + OTHER_ROWS)
    return Dataset(
        NAME,
        "MNIST: handwritten digits",
        np.concatenate([labels, np.repeat(np.arange(len(CLASSES)), counts)]),
        classes=CLASSES,
        splits={"sources": {"train": rows[TEST_ROWS:], "test": rows[:TEST_ROWS]}},
        views=Views(np.concatenate([pixels.reshape(TEST_ROWS, -1) / 255, *others]), {}, strong_name="pixels"),
    )


datasets.register(NAME, read)


def _unpacked(path: Path, magic: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Bytes of a gzipped file of LeCun's format: big-endian magic number and shape, then the values."""
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise DamagedFile(f"{path.name} cannot be unpacked ({error})") from error
    head = np.array([magic, *shape], dtype=">u4").tobytes()
    if not content.startswith(head) or len(content) != len(head) + np.prod(shape):
        raise DamagedFile(f"{path.name} does not hold {' x '.join(map(str, shape))} bytes")
    return np.frombuffer(content, np.uint8, offset=len(head)).reshape(shape)


def _listed(path: Path) -> Array:
    """The images ``(n, 784)`` of one digit, a flat list of numbers from 0 to 1 under ``data``."""
    try:
        flat = np.array(json.loads(path.read_text(encoding="utf-8"))["data"], dtype=np.float64)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedFile(f"{path.name} holds no list of pixels ({type(error).__name__}: {error})") from error
    if flat.ndim != 1 or not len(flat) or len(flat) % SIDE**2 or not np.all((flat >= 0) & (flat <= 1)):
        raise DamagedFile(f"{path.name} does not hold whole images of pixels from 0 to 1")
    return flat.reshape(-1, SIDE**2)
