"""Roles of the rows, what the answer says, and the page that carries it."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from w2s_utils.data.container import Views
from w2s_utils.experiments.crossfit import standardise
from w2s_utils.heads.linear import LeastSquaresHead, NormBallHead
from w2s_utils.heads.validated import ValidatedRidge
from w2s_utils.own_data import turning
from w2s_utils.own_data.answer import answer
from w2s_utils.own_data.checks import check_values
from w2s_utils.own_data.columns import GIVEN, dataset, gather
from w2s_utils.own_data.examples import example
from w2s_utils.own_data.files import UnusableData
from w2s_utils.own_data.judge import HEADS, judge
from w2s_utils.own_data.page import shown_gain, write_page
from w2s_utils.own_data.roles import roles, turns
from w2s_utils.own_data.tally import ALONE, CONSTANT, STUDENT, TEACHER, Candidate
from w2s_utils.theory.ranking import labels_to_decide


def made(rows=600, labels=200, noise=1.0, seed=0, split=False, models=2, chosen=False):
    """Truth linear in the strong view; weak views are copies with noise. ``chosen``: labelled are rows of little noise."""
    rng = np.random.default_rng(seed)
    strong = rng.normal(size=(rows, 4))
    truth = strong @ [1.0, 2.0, -1.0, 0.5]
    weak = {f"model {k}": strong + (1 + k) * noise * rng.normal(size=(rows, 4)) for k in range(models)}
    known = np.sort(
        np.argsort(np.abs(weak["model 0"] - strong).sum(axis=1))[:labels]
        if chosen
        else rng.permutation(rows)[:labels]
    )
    words = np.arange(rows) % 5
    parts = {
        "train": np.flatnonzero(words < 3),
        "valid": np.flatnonzero(words == 3),
        "test": np.flatnonzero(words == 4),
    }
    targets = np.full(rows, np.nan)
    targets[known] = truth[known]
    return dataset("made", "y", targets, known, Views(strong, weak), parts if split else None), truth


@pytest.mark.parametrize("head", ["ridge", "least squares", "norm ball"])
@pytest.mark.parametrize("labels", [40, 600])
def test_no_row_is_judged_by_what_has_seen_it(head, labels):
    data, _ = made(labels=labels)
    parts = turns(data, head, folds=5)
    judged = np.concatenate([turn.evaluation for turn in parts])
    assert sorted(judged) == list(range(600))
    for turn in parts:
        seen = np.concatenate([turn.weak_train, turn.student_train, turn.validation])
        assert not np.intersect1d(seen, turn.evaluation).size
        assert not np.intersect1d(turn.weak_train, turn.student_train).size
        assert np.isin(turn.weak_train, data.labelled).all() and len(turn.weak_train) <= len(seen) / 2
        share = np.isin(turn.evaluation, data.labelled).sum()
        assert abs(share - labels / 5) <= 1


@pytest.mark.parametrize("head", ["ridge", "least squares", "norm ball"])
def test_the_true_label_of_a_judged_row_moves_no_prediction_there(head):
    data, _ = made(split=True)
    judged = judge(data, head)
    targets = data.targets.copy()
    targets[data.splits[GIVEN]["test"]] *= 100
    moved = judge(replace(data, targets=targets), head)
    for name in data.views.names:
        np.testing.assert_array_equal(judged.weak[name], moved.weak[name])
        np.testing.assert_array_equal(judged.student[name], moved.student[name])
    np.testing.assert_array_equal(judged.rows, data.splits[GIVEN]["test"])


@pytest.mark.parametrize("head", ["ridge", "least squares", "norm ball"])
def test_nor_does_it_in_its_own_turn_of_cross_fitting(head):
    data, _ = made(labels=200)
    judged = judge(data, head, folds=4)
    for turn in turns(data, head, folds=4):
        targets = data.targets.copy()
        targets[turn.evaluation] *= 100
        moved = judge(replace(data, targets=targets), head, folds=4)
        for name in data.views.names:
            np.testing.assert_array_equal(
                judged.weak[name][turn.evaluation], moved.weak[name][turn.evaluation]
            )
            np.testing.assert_array_equal(
                judged.student[name][turn.evaluation], moved.student[name][turn.evaluation]
            )


def test_targets_of_rows_that_are_not_labelled_are_never_used():
    data, truth = made()
    hidden = replace(data, targets=np.where(np.isnan(data.targets), 1e6, data.targets))
    one, other = judge(data, folds=5), judge(hidden, folds=5)
    for name in data.views.names:
        np.testing.assert_array_equal(one.student[name], other.student[name])
    np.testing.assert_array_equal(one.truth, other.truth)


def test_a_student_that_can_express_the_truth_gains_what_the_misfit_says():
    data, _ = made(rows=3000, labels=600)
    found = answer(judge(data, "least squares", folds=5))
    assert found.names[0] == "model 0" and found.ranking.best == "model 0"
    for name in data.views.names:
        gain, triple = found.gains[name], found.triples[name]
        assert gain.low > 0 and "is below its teacher's, by an estimated" in found.gain_sentence(name)
        assert 0.9 * triple.misfit < gain.gain < 1.1 * triple.misfit
        assert triple.gain == pytest.approx(triple.weak_error - triple.student_error)
    assert found.caveats == ()


def test_the_interval_holds_the_gain_on_all_rows_as_often_as_it_says():
    inside = []
    for seed in range(60):
        data, truth = made(rows=1500, labels=60, seed=seed, models=1)
        judged = judge(data, "least squares", folds=5, seed=seed)
        gain = answer(judged).gains["model 0"]
        w, p = judged.weak["model 0"], judged.student["model 0"]
        inside.append(gain.low <= np.mean((w - truth) ** 2 - (p - truth) ** 2) <= gain.high)
    assert np.mean(inside) >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 60)


def test_the_radius_needs_a_label_outside_what_is_judged():
    data, truth = made(split=True)
    known = np.intersect1d(data.labelled, data.splits[GIVEN]["test"])
    given = replace(data, views=Views(data.views.strong, {}, {"crowd": truth + 1.0}), labelled=known)
    with pytest.raises(UnusableData, match="norm ball takes its radius from 2 labelled rows"):
        judge(given, "norm ball")


def test_weak_labels_that_are_given_need_no_weak_training():
    data, truth = made(labels=30)
    rng = np.random.default_rng(1)
    labels = {"crowd": truth + rng.normal(size=600)}
    given = replace(data, views=Views(data.views.strong, {}, labels))
    judged = judge(given, folds=5)
    np.testing.assert_array_equal(judged.weak["crowd"], labels["crowd"])
    found = answer(judged)
    assert judged.weak_rows == 0 and found.ranking is None and found.gains["crowd"].low > 0


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("labels", [40, 600])
def test_every_turn_is_what_its_rows_alone_give(head, labels):
    """Row by row, with heads of scikit-learn's kind: nothing of the sums of other turns has a part in it."""
    data, _ = made(labels=labels)
    judged = judge(data, head, radius=0.3, folds=4)
    for turn in turns(data, head, folds=4):
        train = np.concatenate([turn.weak_train, turn.student_train])
        known = np.setdiff1d(data.labelled, turn.evaluation)
        ball = NormBallHead(0.3 * float(np.std(data.targets[known])))

        def fitted(features, labels, learn, choose, ball=ball):
            if head == "ridge":
                return ValidatedRidge().choose(
                    features[learn], labels[learn], features[choose], labels[choose]
                )
            return (LeastSquaresHead() if head == "least squares" else ball).fit(
                features[learn], labels[learn]
            )

        strong = standardise(data.views.strong, train, np.inf)
        for name, table in data.views.weak.items():
            weak = standardise(table, train, np.inf)
            choose = np.intersect1d(turn.validation, data.labelled)
            said = fitted(weak, data.targets, turn.weak_train, choose).predict(weak)
            student = fitted(strong, said, turn.student_train, turn.validation).predict(strong)
            for found, expected in ((judged.weak, said), (judged.student, student)):
                np.testing.assert_allclose(
                    found[name][turn.evaluation], expected[turn.evaluation], atol=1e-9 * judged.truth.std()
                )


def test_columns_are_not_cut_off():
    data, _ = made(models=1)
    strong = data.views.strong.copy()
    strong[5] *= 1000.0
    far = judge(replace(data, views=replace(data.views, strong=strong)), folds=5)
    strong[5] *= 2.0
    farther = judge(replace(data, views=replace(data.views, strong=strong)), folds=5)
    assert abs(farther.student["model 0"][5]) > 1.9 * abs(far.student["model 0"][5])


def test_turns_side_by_side_are_those_one_by_one(monkeypatch):
    data, told = made()[0], []
    one = judge(data, folds=5)
    monkeypatch.setattr(turning, "WIDE", 1)
    other = judge(data, folds=5, watch=lambda *seen: told.append(seen))
    for name in data.views.names:
        np.testing.assert_array_equal(one.student[name], other.student[name])
    assert sorted(done for done, of, what in told if what == "fitting") == list(range(6))


def test_an_offset_of_the_target_moves_predictions_by_itself_alone():
    """And no choice of a penalty, however flat the errors are from which it is chosen."""
    offset = 2.0**31
    for seed in range(5):
        rng = np.random.default_rng(seed)
        strong = rng.normal(size=(600, 4))
        truth = strong @ [1.0, 2.0, -1.0, 0.5] + 0.3 * rng.normal(size=600)
        crowd = truth + rng.normal(size=600)
        truth, crowd = (np.round(one * 2**10) / 2**10 for one in (truth, crowd))  # the offset costs no digit
        weak = {
            "noisy": strong + rng.normal(size=(600, 4)),
            "near": strong[:, :2] + 0.1 * rng.normal(size=(600, 2)),
        }
        near, far = (
            judge(
                dataset("moved", "y", truth + by, np.arange(200), Views(strong, weak, {"crowd": crowd + by})),
                folds=5,
            )
            for by in (0.0, offset)
        )
        for one, other in ((near.weak, far.weak), (near.student, far.student)):
            for name in one:
                np.testing.assert_allclose(other[name] - offset, one[name], rtol=0, atol=np.spacing(offset))


def test_neither_offset_nor_unit_of_a_column_matters():
    data, _ = made()
    views = Views(
        data.views.strong * [1, 1e-9, 1e6, 1] + [1e6, 0, 0, -3],
        {name: 1e-5 * table + 7 for name, table in data.views.weak.items()},
    )
    one, other = judge(data, folds=5), judge(replace(data, views=views), folds=5)
    for name in data.views.names:
        np.testing.assert_allclose(one.student[name], other.student[name], atol=1e-7)


def test_what_is_too_large_to_square_is_said():
    data, _ = made()
    views = replace(data.views, strong=data.views.strong * [1, 1e170, 1, 1])
    with pytest.raises(UnusableData, match="squares leave double precision; give it another unit"):
        judge(replace(data, views=views), folds=5)


def test_doubts_are_said():
    few, _ = made(labels=20)
    assert any("Only 20 true labels" in caveat for caveat in answer(judge(few)).caveats)
    shifted, _ = made(chosen=True)
    assert any("do not look like a random part" in caveat for caveat in answer(judge(shifted)).caveats)
    data, _ = made(models=1)
    strong = data.views.strong
    for weak, said in (
        (strong[:, :2] + 0.01 * strong[:, :2] ** 2, "nearly copies"),
        (strong[:, :2], "repeats"),
    ):
        copied = replace(data, views=Views(strong, {"copy": weak}))
        assert any(
            f"{said} its teacher" in caveat for caveat in answer(judge(copied, "least squares")).caveats
        )
    wide, _ = made(rows=120, labels=40)
    strong = np.random.default_rng(0).normal(size=(120, 300))
    noted = answer(judge(replace(wide, views=replace(wide.views, strong=strong)), folds=5)).caveats
    assert any("300 columns and only" in caveat for caveat in noted)


def test_a_student_that_repeats_its_teacher_is_said_to(tmp_path):
    data, _ = made(models=1)
    copied = replace(data, views=Views(data.views.strong, {"copy": data.views.strong[:, :2]}))
    judged = judge(copied, "least squares")
    found = answer(judged)
    assert (
        found.gain_sentence("copy")
        == "The student of “copy” repeats its teacher on every row: the gain is 0."
    )
    assert found.gains["copy"].sign == 0 and found.triples["copy"].misfit == 0
    page = write_page(tmp_path / "page.html", copied, judged, found).read_text("utf-8")
    assert "<td>repeats its teacher</td>" in page


def given(hard, rows=5000, labels=100, strong=None, seed=0):
    """Labels of a crowd, 63 % right or noisy numbers, and a strong view of noise, or of what is given."""
    rng = np.random.default_rng(seed)
    if hard:
        truth = (rng.uniform(size=rows) < 0.5).astype(float)
        weak = np.where(rng.uniform(size=rows) < 0.63, truth, 1 - truth)
    else:
        truth = rng.normal(size=rows)
        weak = 0.4 * truth + 1.2 * rng.normal(size=rows)
    view = rng.normal(size=(rows, 20))
    if strong is not None:
        view[:, 0] = strong(truth, rng)
    known = rng.permutation(rows)[:labels]
    return dataset("given", "y", truth, known, Views(view, {}, {"crowd": weak}), None)


@pytest.mark.parametrize("hard", [True, False])
def test_a_student_that_a_constant_may_replace_is_not_sold_as_one_that_knows(hard, tmp_path):
    data = given(hard, labels=300)
    judged = judge(data)
    found = answer(judged)
    assert found.gains["crowd"].low > 0 and found.over_constant[Candidate(STUDENT, "crowd")].sign == 0
    assert found.best is None and "a constant, the mean true label" in found.headline()
    assert "gains, but a constant may do as well" in found.gain_sentence("crowd")
    assert any("Not shown to do better than a constant" in caveat for caveat in found.caveats)
    text = write_page(tmp_path / "page.html", data, judged, found).read_text(encoding="utf-8")
    assert 'class="answer open"' in text and 'class="answer gains"' not in text
    assert (
        "<td>gains, as a constant may</td>" in text
        and (f"takes the misfit from all {5000:,}" in text) != hard
    )


@pytest.mark.parametrize("hard", [True, False])
def test_a_student_that_knows_more_than_a_constant_gains_without_a_word_of_it(hard, tmp_path):
    data = given(hard, labels=300, strong=lambda truth, rng: truth + 0.3 * rng.normal(size=len(truth)))
    judged = judge(data)
    found = answer(judged)
    assert found.over_constant[Candidate(STUDENT, "crowd")].sign == 1 and found.best == (ALONE, "")
    assert found.headline() == "Best of all here: the strong view with the true labels alone."
    assert found.gain_sentence("crowd").startswith("The student of “crowd” gains: ")
    assert not any("constant" in caveat for caveat in found.caveats)
    text = write_page(tmp_path / "page.html", data, judged, found).read_text(encoding="utf-8")
    assert 'class="answer open"' in text  # the student gains, and yet it is not what to use


def test_a_page_is_green_where_the_student_is_best_of_all(tmp_path):
    rng = np.random.default_rng(0)
    strong = rng.normal(size=(3000, 60))
    truth = strong @ rng.normal(size=60)
    weak = truth + 3 * rng.normal(size=3000)
    data = dataset("best", "y", truth, rng.permutation(3000)[:60], Views(strong, {}, {"w": weak}), None)
    judged = judge(data)
    found = answer(judged)
    assert found.best == (STUDENT, "w")
    assert 'class="answer gains"' in write_page(tmp_path / "page.html", data, judged, found).read_text(
        "utf-8"
    )


def test_all_statements_share_the_level():
    """Two gains, a pair of students, five candidates over the constant, what is best of six: eleven parts of the doubt."""
    two, _ = made(models=2)
    assert answer(judge(two)).gains["model 0"].level == pytest.approx(1 - 0.05 / 11)
    one, _ = made(models=1)
    assert answer(judge(one)).gains["model 0"].level == pytest.approx(1 - 0.05 / 6)


def test_the_best_of_all_may_be_the_teacher_the_true_labels_alone_or_a_constant():
    rng = np.random.default_rng(0)
    truth, noise = rng.normal(size=3000), rng.normal(size=(3000, 8))
    known, seen = rng.permutation(3000)[:300], truth[:, None] + 0.1 * noise
    for strong, weak, best in (
        (noise, truth + 0.3 * noise[:, 0], (TEACHER, "w")),
        (seen, 3 * truth + noise[:, 0], (ALONE, "")),
        (noise, 5 * rng.normal(size=3000), None),
    ):
        found = answer(judge(dataset("best", "y", truth, known, Views(strong, {}, {"w": weak}), None)))
        assert found.best == best, best
        first = next(iter(found.errors))
        assert list(found.errors.values()) == sorted(found.errors.values())
        assert found.described(first) in found.headline()
    assert first == (CONSTANT, "") or (CONSTANT, "") in found.rivals


def test_labels_that_were_chosen_are_said_in_the_headline_and_no_page_is_green(tmp_path):
    rng = np.random.default_rng(1)
    strong = rng.normal(size=(2000, 8))
    truth = strong @ rng.normal(size=8) + 0.5 * rng.normal(size=2000)
    columns = {f"s{k}": strong[:, k] for k in range(8)} | {"w": truth + rng.normal(size=2000)}
    columns["y"] = np.where(truth < np.sort(truth)[100], truth, np.nan)
    data = gather("chosen", columns, "y", strong="s*", weak_labels="w")
    judged = judge(data)
    found = answer(judged)
    assert found.chosen and found.headline().startswith("The labelled rows are no random part of all")
    assert 'class="answer open"' in write_page(tmp_path / "page.html", data, judged, found).read_text("utf-8")


def test_an_interval_counts_copies_and_groups_once():
    """Every row four times, with labels for all four: as many as one of each, where rows would halve the interval."""
    held = 0
    for draw in range(60):
        rng = np.random.default_rng(draw)
        strong = rng.normal(size=(400, 5))
        truth = strong @ [1.0, -1.0, 0.5, 0.0, 0.0] + 0.5 * rng.normal(size=400)
        weak = truth + 1.2 * rng.normal(size=400)
        again, known = np.repeat(np.arange(400), 4), rng.permutation(400)[:60]
        columns = {f"s{k}": strong[again, k] for k in range(5)}
        columns |= {"w": weak[again], "y": np.where(np.isin(again, known), truth[again], np.nan)}
        judged = judge(gather("copies", columns, "y", strong="s*", weak_labels="w"), folds=4, seed=draw)
        found = answer(judged).gains["w"]
        assert (found.rows, found.labels) == (400, 60)
        folds = roles(np.isfinite(columns["y"]), None, False, "ridge", 4, draw, again).fold
        assert (folds.reshape(400, 4) == folds[::4, None]).all()
        gain = np.mean((weak - truth) ** 2) - np.mean((judged.student["w"] - truth[again]) ** 2)
        held += found.low <= gain <= found.high
    assert held >= 57  # of 60; rows that count four times hold it in some 45
    columns["who"] = np.array([f"thing {k}" for k in again])
    columns["s0"] = columns["s0"] + 1e-3 * rng.normal(size=1600)
    grouped = judge(gather("groups", columns, "y", strong="s*", weak_labels="w", group="who"), folds=4)
    assert (answer(grouped).gains["w"].rows, answer(grouped).gains["w"].labels) == (400, 60)


def test_a_gain_that_few_labelled_rows_carry_is_doubted_and_not_told():
    data = given(True, labels=40, strong=lambda truth, rng: truth)
    judged = judge(data)
    everywhere = judged.weak["crowd"].copy()
    everywhere[judged.labelled] = judged.truth
    student = everywhere.copy()
    student[:50] = 1 - student[:50]
    student[judged.labelled[:2]] = 1 - judged.truth[:2]
    made = judged.made | {Candidate(TEACHER, "crowd"): everywhere, Candidate(STUDENT, "crowd"): student}
    found = answer(replace(judged, made=made))
    assert found.gains["crowd"].sign == 0 and found.gains["crowd"].doubt
    assert any("The gain hangs on few rows" in caveat for caveat in found.caveats)


def test_what_cannot_be_told_says_how_many_labels_would():
    found = answer(judge(example("diabetes", 150, 0)))
    said = [found.gain_sentence(name) for name in found.names]
    assert any(
        "random labels tell with an even chance, if it gains as it seems now" in sentence for sentence in said
    )
    for name in found.names:
        gain, (few, many) = found.gains[name], labels_to_decide(found.gains[name])
        assert (few == 0) == (gain.sign != 0) and few <= many


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    data = example("diabetes", 150, 0)
    hostile = replace(data, name="<script>x</script>")
    judged = judge(data)
    return write_page(tmp_path_factory.mktemp("page") / "page.html", hostile, judged, answer(judged))


def test_gains_in_any_unit_are_shown():
    data, _ = made()
    for unit, shown in ((1.0, "."), (1e-4, "e−0"), (1e5, "e+1")):
        scaled = replace(data, targets=unit * data.targets)
        gain = answer(judge(scaled, "least squares", folds=4)).gains["model 0"]
        text = shown_gain(gain).replace("−", "-").replace(",", "")
        low, high = (float(end) for end in text.split("[")[1].rstrip("]").split())
        assert shown in shown_gain(gain)
        assert (low, high) == pytest.approx((gain.low, gain.high), rel=0.1)


def test_large_gains_with_short_intervals_keep_the_digits_that_tell_the_ends_apart():
    data, _ = made()
    gain = answer(judge(data, folds=4)).gains["model 0"]
    for centre, half in ((12345678.0, 10.0), (2.5e-9, 1e-14), (3.14159265e20, 1e14)):
        text = shown_gain(replace(gain, gain=centre, low=centre - half, high=centre + half)).replace("−", "-")
        low, high = (float(end) for end in text.split("[")[1].rstrip("]").split(", "))
        assert (low, high) == pytest.approx((centre - half, centre + half), abs=0.06 * half)


def test_a_level_near_1_is_shown_as_it_was_given(tmp_path):
    data, _ = made()
    judged = judge(data, folds=4)
    found = answer(judged, level=0.9999999)
    text = write_page(tmp_path / "page.html", data, judged, found).read_text("utf-8")
    assert "at the level 0.9999999" in text and "its 99.99999% interval" in text
    with pytest.raises(UnusableData, match=r"off both ends at least, such as 0.95, not 0.999999999"):
        answer(judged, level=0.999999999)  # which five statements cannot share


def test_values_far_from_0_are_written_with_the_digits_that_they_have():
    with pytest.raises(UnusableData, match="the target is 3000000123 in every labelled row"):
        check_values(np.full(9, 3000000123.0), np.arange(9), np.empty((9, 0)), {}, {})


def test_the_page_needs_nothing_from_outside_and_escapes_names(page):
    text = page.read_text(encoding="utf-8").replace(' xmlns="http://www.w3.org/2000/svg"', "", 1)
    assert not re.search(r"<img|<link|<script|<iframe|@import|url\(|https?://", text)
    assert text.count("<svg") == 1 and re.search(
        r'<svg[^>]*role="img"\s+aria-label="Gain of the student', text
    )
    assert "prefers-color-scheme: dark" in text and "width=device-width" in text
    assert "&lt;script&gt;" in text
    for part in (
        "442 rows, of which 150",
        "form, two boxes",
        "misfit",
        "interval",
        "random part of all",
        "Head: ridge",
    ):
        assert part in text
    assert "nan" not in text.lower()


def test_the_same_answer_gives_the_same_bytes(page, tmp_path):
    data = example("diabetes", 150, 0)
    judged = judge(data)
    again = write_page(tmp_path / "x.html", replace(data, name="<script>x</script>"), judged, answer(judged))
    assert again.read_bytes() == page.read_bytes()


def test_the_page_is_drawn_without_a_screen_and_whatever_matplotlib_is_told(page, tmp_path):
    """An interactive backend cannot start here; a matplotlibrc asks for TeX, which is not installed."""
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nfigure.facecolor: pink\n")
    code = (
        "import sys; from dataclasses import replace; from pathlib import Path\n"
        "from w2s_utils.own_data import answer, examples, judge, page\n"
        "data = examples.example('diabetes', 150, 0); judged = judge.judge(data)\n"
        "data = replace(data, name='<script>x</script>')\n"
        "page.write_page(Path(sys.argv[1]), data, judged, answer.answer(judged))"
    )
    told = {**os.environ, "MPLBACKEND": "TkAgg", "MATPLOTLIBRC": str(tmp_path / "matplotlibrc")}
    told.pop("DISPLAY", None)
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "page.html")], env=told, check=True)
    assert (tmp_path / "page.html").read_bytes() == page.read_bytes()


@pytest.mark.skipif(not shutil.which("chromium"), reason="no chromium")
def test_the_page_prints_on_one_sheet(page, tmp_path):
    printed = tmp_path / "page.pdf"
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    subprocess.run(
        [*command, f"--print-to-pdf={printed}", page.as_uri()], check=True, capture_output=True, timeout=60
    )
    assert re.findall(rb"/Count (\d+)", printed.read_bytes()) == [b"1"]
