"""Digits: what their files hold, damaged ones, and representations worked out by hand. MNIST's own files need the mirror."""

import gzip
import json
import os

import numpy as np
import pytest

from w2s_utils.data import datasets
from w2s_utils.data.splits import DamagedFile
from w2s_utils.images import mnist, views
from w2s_utils.images.digits import CLASSES, digits


def packed(magic: int, values: np.ndarray) -> bytes:
    head = np.array([magic, *values.shape], dtype=">u4").tobytes()
    return gzip.compress(head + values.astype(np.uint8).tobytes(), mtime=0)


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Twelve files of a small MNIST: six test images, two others of each digit."""
    monkeypatch.setattr(mnist, "TEST_ROWS", 6)
    monkeypatch.setattr(mnist, "OTHER_ROWS", 20)
    images = np.random.default_rng(0).integers(0, 256, (6, 28, 28))
    paths = {"images/MNIST/t10k-images": tmp_path / "images", "images/MNIST/t10k-labels": tmp_path / "labels"}
    paths["images/MNIST/t10k-images"].write_bytes(packed(2051, images))
    paths["images/MNIST/t10k-labels"].write_bytes(packed(2049, np.arange(6)))
    for digit in range(10):
        path = paths[f"images/MNIST/cazala-{digit}"] = tmp_path / f"{digit}.json"
        path.write_text(json.dumps({"data": [digit / 10] * (2 * 784)}))
    return paths, images


def test_test_images_come_first_then_the_others_by_digit(files):
    paths, images = files
    data = mnist.read(paths)
    assert data.targets.tolist() == [*range(6), *np.repeat(np.arange(10), 2)]
    assert np.array_equal(data.views.strong[:6], images.reshape(6, 784) / 255)
    assert np.array_equal(data.views.strong[6:, 0], np.repeat(np.arange(10) / 10, 2))
    assert data.splits["sources"]["test"].tolist() == list(range(6)) and data.classes == CLASSES


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t10k-images", b"no gzip", "cannot be unpacked"),
        ("t10k-images", packed(2051, np.zeros((5, 28, 28))), "does not hold 6 x 28 x 28 bytes"),
        ("t10k-images", packed(2049, np.zeros((6, 28, 28))), "does not hold"),
        ("t10k-labels", packed(2049, np.arange(6))[:-9], "cannot be unpacked"),
        ("t10k-labels", packed(2049, np.arange(5, 11)), "20 images beside the test file where 20 are due"),
        ("cazala-3", b"{", "holds no list of pixels"),
        ("cazala-3", b'{"images": []}', "holds no list of pixels"),
        ("cazala-3", b'{"data": [0.5, "x"]}', "holds no list of pixels"),
        ("cazala-3", b'{"data": []}', "whole images"),
        ("cazala-3", json.dumps({"data": [0.5] * 785}).encode(), "whole images"),
        ("cazala-3", json.dumps({"data": [1.5] * 784}).encode(), "from 0 to 1"),
        ("cazala-3", json.dumps({"data": [0.5] * 783 + [float("nan")]}).encode(), "from 0 to 1"),
        ("cazala-3", json.dumps({"data": [0.5] * 784}).encode(), "19 images beside the test file"),
    ],
)
def test_a_damaged_file_is_named(files, name, content, said):
    paths, _ = files
    paths[f"images/MNIST/{name}"].write_bytes(content)
    with pytest.raises(DamagedFile, match=said):
        mnist.read(paths)


@pytest.mark.skipif(not os.environ.get("W2S_DATA_MIRROR"), reason="W2S_DATA_MIRROR is not set")
def test_real_mnist_holds_no_image_twice():
    data = datasets.load("MNIST")
    counts = np.bincount(data.targets.astype(int))
    assert data.views.strong.shape == (20000, 784) and len(np.unique(data.views.strong, axis=0)) == 20000
    assert (counts.sum(), counts[0], counts[1]) == (20000, 1001 + 980, 1127 + 1135)


def test_digits_need_no_file():
    data = digits()
    assert data.views.strong.shape == (1797, 64) and (data.views.strong.min(), data.views.strong.max()) == (
        0,
        1,
    )


def test_blocks_are_averaged():
    image = np.zeros((4, 4))
    image[:2, 2:] = [[1, 2], [3, 4]]
    assert views.pooled(image.reshape(1, 16), side=2).tolist() == [[0, 2.5, 0, 0]]
    assert np.array_equal(views.pooled(image.reshape(1, 16), side=4), image.reshape(1, 16))


@pytest.mark.parametrize("table", [np.zeros((3, 15)), np.zeros((3, 25)), np.zeros(16)])
def test_pictures_that_are_not_square_or_have_no_whole_blocks_are_refused(table):
    with pytest.raises(ValueError, match="multiple of 4"):
        views.pooled(table)


def test_the_kernel_is_that_of_the_features():
    pixels = digits().views.strong[:40]
    features = views.fourier(pixels, 20_000, seed=3)
    apart = ((pixels[:, None] - pixels[None]) ** 2).sum(axis=2)
    assert np.abs(features @ features.T - np.exp(-apart / apart.mean())).max() < 0.03
    with pytest.raises(ValueError, match="all images are the same"):
        views.fourier(np.ones((3, 16)), 4, seed=0)


def test_weak_models_differ_by_their_noise_alone():
    data = digits()
    made = views.views(data, [0, 0.2], columns=30, seed=1)
    clean, blurred = made.weak.values()
    assert made.names == ("noise 0", "noise 0.2") and made.strong.shape == (1797, 30)
    assert np.array_equal(clean, views.pooled(data.views.strong))
    assert abs((blurred - clean).std() - 0.2) < 0.003
