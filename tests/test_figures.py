"""Figures: what is drawn, and that their words travel with them."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from w2s_utils import figures, runtime
from w2s_utils.theory import misfit


@pytest.fixture(autouse=True)
def settings_and_figures_end_with_the_test():
    with matplotlib.rc_context():
        yield
    plt.close("all")


def panel(seed=0):
    rng = runtime.seed_stream(seed, "figure test")
    x = rng.uniform(0, 1, size=20)
    figure, axes = plt.subplots()
    figures.gain_misfit(axes, x, x + 0.1 * rng.normal(size=20), label="trials")
    return figure, axes, x


def diagonals(axes):
    return [line for line in axes.lines if line.get_gid() == "diagonal"]


def test_every_trial_is_a_point_and_the_diagonal_is_drawn_once():
    _, axes, x = panel()
    figures.gain_misfit(axes, x[:5], x[:5], label="more")
    first, second = axes.collections
    np.testing.assert_array_equal(first.get_offsets()[:, 0], x)
    np.testing.assert_array_equal(second.get_offsets(), np.column_stack([x[:5], x[:5]]))
    (line,) = diagonals(axes)
    across, up = line.get_data()
    np.testing.assert_array_equal(across, up)
    assert "misfit" in axes.get_xlabel() and "gain" in axes.get_ylabel()


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_limits_hold_every_point_the_origin_and_the_diagonal(scale):
    _, axes = plt.subplots()
    points = scale * np.array([0.1, 0.5, 0.9]), scale * np.array([-0.4, 0.6, 1.2])
    figures.gain_misfit(axes, *points)
    assert figures.fit_limits(axes, *points) is axes
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    assert left < 0 < right and bottom < points[1].min() and top > points[1].max() and right > points[0].max()
    (line,) = diagonals(axes)
    assert line.get_xy1() == (1, 1) and line.get_xy2() == (2, 2)


def test_the_band_is_that_of_theorem_2():
    _, axes = plt.subplots()
    figures.theorem_2_band(axes, epsilon=0.25, top=4.0)
    corners = axes.collections[0].get_paths()[0].vertices
    for x, y in corners:
        assert min(abs(y - x - 2 * np.sqrt(0.25 * x)), abs(y - x + 2 * np.sqrt(0.25 * x))) < 1e-12
    assert corners[:, 0].max() == 4.0
    at_end = corners[corners[:, 0] == 4.0][:, 1]
    assert at_end.min() == misfit.theorem_2_bound(4.0, 0.25) == 2.0 and at_end.max() == 6.0


@pytest.fixture
def displayed(monkeypatch):
    """What a notebook would be sent."""
    shell = InteractiveShell.instance()
    publisher = CapturingDisplayPublisher()
    monkeypatch.setattr(shell, "display_pub", publisher)
    yield publisher.outputs
    InteractiveShell.clear_instance()


def test_alt_text_is_saved_and_shown(tmp_path, monkeypatch, displayed):
    monkeypatch.setenv("W2S_BUILD", str(tmp_path))
    figures.style()
    figure = panel()[0]
    figures.show(figure, "gain", "Twenty points on the line gain = misfit.")
    assert (tmp_path / "figures/gain.txt").read_text() == "Twenty points on the line gain = misfit.\n"
    content = (tmp_path / "figures/gain.png").read_bytes()
    assert content.startswith(b"\x89PNG")
    (output,) = displayed
    assert output["metadata"]["image/png"]["alt"] == "Twenty points on the line gain = misfit."
    assert len(output["data"]["image/png"]) > 1000
    assert not plt.fignum_exists(figure.number)


def test_a_figure_without_words_is_refused_and_not_saved(tmp_path, monkeypatch):
    monkeypatch.setenv("W2S_BUILD", str(tmp_path))
    with pytest.raises(ValueError, match="alt text"):
        figures.show(panel()[0], "gain", "  ")
    assert not (tmp_path / "figures").exists()


def test_the_style_is_ours_whatever_a_matplotlibrc_says():
    def drawn():
        figures.style()
        figure, axes = plt.subplots()
        axes.plot([1, 2], label="words")
        axes.set(xlabel="x", title="title")
        axes.legend()
        return figures.png(figure)

    with plt.rc_context():
        expected = drawn()
    changed = {
        "text.usetex": True, "font.family": ["No Such Font"], "lines.linewidth": 9, "axes.formatter.use_locale": True,
        "figure.figsize": (2, 1), "savefig.bbox": "tight", "savefig.transparent": True, "axes.titleweight": "bold",
        "axes.xmargin": 0.4, "figure.facecolor": "pink", "image.cmap": "hot", "legend.loc": "center",
    }  # fmt: skip
    with plt.rc_context(changed):
        assert drawn() == expected


def test_same_numbers_same_bytes():
    figures.style()
    first, second, other = (figures.png(panel(seed)[0]) for seed in (0, 0, 1))
    assert first == second != other
    assert str(runtime.repository()).encode() not in first


def test_the_palette_is_told_apart_by_all():
    """Luminance of neighbouring colours, or their hue on the blue-yellow axis that most readers share, differs."""
    colours = np.array([figures.BLUE, figures.ORANGE, figures.GREEN, figures.VERMILION])
    luminance = colours @ [0.2126, 0.7152, 0.0722]
    blue_yellow = colours[:, 2] - colours[:, :2].mean(axis=1)
    for i in range(4):
        for j in range(i):
            assert abs(luminance[i] - luminance[j]) > 0.05 or abs(blue_yellow[i] - blue_yellow[j]) > 0.2


def test_shades_follow_the_order_of_names_from_dark_to_light():
    found = figures.shades([8, 16, 32])
    assert list(found) == [8, 16, 32]
    brightness = [sum(colour[:3]) for colour in found.values()]
    assert brightness == sorted(brightness) and len(set(brightness)) == 3


@pytest.mark.parametrize("words", ["line", "a line with a long name"])
@pytest.mark.parametrize("width", [3, 6.5, 13])
def test_a_legend_has_as_many_columns_as_its_figure_has_room_for(width, words):
    figure, axes = plt.subplots(figsize=(width, 3))
    for number in range(5):
        axes.plot([0, 1], [0, number], label=f"{words} {number}")
    figures.legend_below(figure, axes, columns=5)
    (legend,) = figure.legends
    assert legend.get_window_extent().width <= figure.bbox.width
    if legend._ncols < 5:
        handles, labels = axes.get_legend_handles_labels()
        wider = figure.legend(handles, labels, ncols=legend._ncols + 1)
        assert wider.get_window_extent().width > figure.bbox.width


def test_one_legend_names_each_entry_once_and_a_mark_stands_for_its_name():
    figure, (left, right) = plt.subplots(1, 2)
    for axes in (left, right):
        axes.plot([0, 1], [0, 1], "^", label="model")
        axes.plot([0, 1], [1, 0], label="line")
    marks = [figures.mark("model", color="red"), figures.mark("split", marker="s")]
    figures.legend_below(figure, left, right, columns=2, marks=marks)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["model", "line", "split"]
    first, _, last = legend.legend_handles
    assert (first.get_marker(), first.get_color()) == ("o", "red") and last.get_marker() == "s"


@pytest.mark.filterwarnings("error")
def test_a_name_is_shown_as_it_stands():
    fig, ax = plt.subplots()
    ax.set_title(figures.verbatim("$\\bad^^$"))
    ax.plot([0, 1], label=figures.verbatim("_hidden$x$"))
    fig.draw_without_rendering()
    assert [text.get_text().strip("\u200b") for text in ax.legend().get_texts()] == [r"_hidden\$x\$"]
    plt.close(fig)
