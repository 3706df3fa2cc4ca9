"""A file read some rows at a time gives the numbers and the sentences of the same file read whole."""

import re

import numpy as np
import pandas as pd
import pytest

from w2s_utils.own_data import large, streams, tally
from w2s_utils.own_data.answer import answer
from w2s_utils.own_data.columns import gather
from w2s_utils.own_data.files import UnusableData, read_columns
from w2s_utils.own_data.judge import HEADS, judge
from w2s_utils.own_data.large import judge_file
from w2s_utils.own_data.page import write_page

pytest.importorskip("pyarrow", reason="pyarrow is the optional extra `parquet`")
ROWS = 900
SHAPES = {
    "features": {"weak": {"first": ["w_0", "w_1"], "second": ["w_1", "w_2"]}},
    "one model": {"weak": ["w_*"]},
    "labels": {"weak_labels": "crowd"},
    "both": {"weak": {"first": ["w_0", "w_1"], "second": "w_2"}, "weak_labels": ["crowd", "guess"]},
    "a split": {"weak": {"first": "w_0", "second": "w_2"}, "split": "part"},
    "a split without validation": {"weak": "w_*", "weak_labels": "crowd", "split": "half"},
    "marked labels": {"weak": "w_*", "labelled": "mark", "ids": "id"},
}


def table(rows=ROWS, share=0.3, seed=0):
    """Columns in different units, a few of them constant or copies, and a target that the strong ones nearly hold."""
    rng = np.random.default_rng(seed)
    strong = rng.normal(size=(rows, 5)) * [1, 1e-4, 1e3, 1, 1] + [0, 3, 1e5, -4, 0]
    units = (strong - strong.mean(axis=0)) / strong.std(axis=0)
    truth = units @ [1.0, -1.0, 0.5, 2.0, 0.0] + 0.2 * rng.normal(size=rows)
    frame = {f"s_{k}": strong[:, k] for k in range(5)} | {"s_5": strong[:, 0], "s_6": np.full(rows, 0.1)}
    frame |= {f"w_{k}": units[:, k] + rng.normal(size=rows) for k in range(3)}
    frame |= {"crowd": truth + rng.normal(size=rows), "guess": np.round(truth) + 1e-3 * units[:, 0]}
    known = rng.random(rows) < share
    frame["y"] = np.where(known, truth, np.nan)
    frame["mark"] = (known & (rng.random(rows) < 0.8)).astype(int)
    frame["id"] = np.arange(rows)[::-1]
    frame["part"] = np.array(["train", "train", "valid", "test"])[np.arange(rows) % 4]
    frame["half"] = np.array(["train", "test"])[np.arange(rows) % 2]
    return pd.DataFrame(frame)


def parquet(path, frame, rows=200):
    frame.to_parquet(path, row_group_size=rows)
    return path


def npz(path, frame):
    np.savez(path, **arrays(frame))
    return path


def arrays(frame):
    return {
        name: values.to_numpy(dtype=str if name in ("part", "half") else None)
        for name, values in frame.items()
    }


def in_memory(path, frame, head="ridge", **names):
    path = parquet(path / "whole.parquet", frame)
    return judge(gather("whole", read_columns(path), "y", strong="s_*", **names), head, folds=5)


def close(judged, found, band=1e-8):
    """What is answered from the file is what is answered from memory, to ``band`` of the target's standard deviation."""
    one, other, unit = answer(judged), answer(found), float(np.std(judged.truth))
    assert one.names == other.names and other.caveats == (large.NOT_LOOKED_FOR, *one.caveats)
    assert (judged.weak_rows, judged.student_rows) == (found.weak_rows, found.student_rows)
    for name in one.names:
        assert one.triples[name].__dict__ == pytest.approx(other.triples[name].__dict__, abs=band * unit**2)
        for part in ("gain", "low", "high", "misfit", "naive_low"):
            assert getattr(one.gains[name], part) == pytest.approx(
                getattr(other.gains[name], part), abs=band * unit**2
            )
        assert (one.gains[name].labels, one.gains[name].rows) == (
            other.gains[name].labels,
            other.gains[name].rows,
        )
    assert (one.ranking is None) == (other.ranking is None)
    if one.ranking and other.ranking:
        assert one.ranking.sentence() == other.ranking.sentence()
        assert one.ranking.rule == pytest.approx(other.ranking.rule, abs=band * unit**2)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("names", SHAPES.values(), ids=SHAPES)
def test_a_file_gives_the_numbers_of_memory(tmp_path, monkeypatch, names, head):
    frame = table()
    judged = in_memory(tmp_path, frame, head, **names)
    monkeypatch.setattr(large, "BLOCK_CELLS", 700)
    for path in (parquet(tmp_path / "a.parquet", frame), npz(tmp_path / "a.npz", frame)):
        close(judged, judge_file(path, "y", "s_*", head=head, folds=5, **names))


@pytest.mark.parametrize("cells", [15, 1000, 2**22])
@pytest.mark.parametrize("rows", [1, 130, ROWS])
def test_neither_blocks_nor_row_groups_matter(tmp_path, monkeypatch, cells, rows):
    frame = table(rows=300, share=0.6)
    judged = in_memory(tmp_path, frame, **SHAPES["both"])
    monkeypatch.setattr(large, "BLOCK_CELLS", cells)
    monkeypatch.setattr(streams, "PIECE_ROWS", 1)
    path = parquet(tmp_path / "a.parquet", frame, rows)
    close(judged, judge_file(path, "y", "s_*", folds=5, **SHAPES["both"]))


@pytest.mark.parametrize("share", [1.0, 0.7])
def test_more_labels_than_weak_models_learn_from(tmp_path, share):
    frame = table(share=share)
    judged = in_memory(tmp_path, frame, **SHAPES["features"])
    close(
        judged,
        judge_file(parquet(tmp_path / "a.parquet", frame), "y", "s_*", folds=5, **SHAPES["features"]),
    )


def test_a_row_group_without_labels_and_columns_of_float32(tmp_path):
    frame = table().astype(
        {f"s_{k}": np.float32 for k in range(7)} | {f"w_{k}": np.float32 for k in range(3)}
    )
    frame.loc[200:399, "y"] = np.nan
    judged = in_memory(tmp_path, frame, **SHAPES["features"])
    path = parquet(tmp_path / "a.parquet", frame)
    close(judged, judge_file(path, "y", "s_*", folds=5, **SHAPES["features"]))


def test_more_columns_than_rows(tmp_path):
    frame, rng = table(rows=120, share=0.8), np.random.default_rng(1)
    wide = {f"s_{k}": rng.normal(size=120) for k in range(7, 300)}
    frame = pd.concat([frame, pd.DataFrame(wide)], axis=1)
    judged = in_memory(tmp_path, frame, **SHAPES["features"])
    close(judged, judge_file(npz(tmp_path / "a.npz", frame), "y", "s_*", folds=5, **SHAPES["features"]))


def test_a_folder_of_files_is_one_table(tmp_path):
    frame = table()
    judged = in_memory(tmp_path, frame, **SHAPES["both"])
    (tmp_path / "parts").mkdir()
    for number, start in enumerate((0, 250, 700)):
        parquet(tmp_path / "parts" / f"{number}.parquet", frame[start : [250, 700, ROWS][number]])
    found = judge_file(tmp_path / "parts", "y", "s_*", folds=5, **SHAPES["both"])
    close(judged, found)
    assert (found.name, found.rows, found.columns) == ("parts", ROWS, 7)


def test_embeddings_in_one_column_and_compressed_arrays(tmp_path):
    frame = table()
    judged = in_memory(tmp_path, frame, **SHAPES["one model"])
    strong = frame[[f"s_{k}" for k in range(7)]].to_numpy()
    packed = frame.drop(columns=[f"s_{k}" for k in range(7)])
    np.savez_compressed(tmp_path / "a.npz", s_all=strong, **arrays(packed))
    packed["s_all"] = list(strong)
    for path in (tmp_path / "a.npz", parquet(tmp_path / "a.parquet", packed)):
        found = judge_file(path, "y", "s_all", folds=5, **SHAPES["one model"])
        close(judged, found)
        assert found.columns == 7


def test_pieces_side_by_side_add_up_to_the_same_digits(tmp_path, monkeypatch):
    path, found = parquet(tmp_path / "a.parquet", table(), 70), []
    monkeypatch.setattr(streams, "PIECE_ROWS", 1)
    for workers in (1, 4):
        monkeypatch.setattr(large, "workers", lambda workers=workers: workers)
        found.append(judge_file(path, "y", "s_*", folds=5, **SHAPES["both"]).sums.pairs)
    for pair, sums in found[0].items():
        other = found[1][pair]
        np.testing.assert_array_equal(sums.misfits.sums, other.misfits.sums)
        np.testing.assert_array_equal(sums.over.products, other.over.products)
        np.testing.assert_array_equal(sums.labelled, other.labelled)


def test_lists_of_two_lengths_are_said(tmp_path, monkeypatch):
    frame = table()[["y", "w_0"]]
    frame["s_all"] = [np.ones(3 if row < 600 else 4) * row for row in range(ROWS)]
    monkeypatch.setattr(large, "BLOCK_CELLS", 800)
    with pytest.raises(
        UnusableData, match="'s_all' holds lists of 3 numbers, but of others, such as 4, in rows 602, 603"
    ):
        judge_file(parquet(tmp_path / "a.parquet", frame), "y", "s_all", weak="w_0", folds=5)
    frame["s_all"] = [np.ones(4 if row % 3 else 3) * row for row in range(ROWS)]
    with pytest.raises(
        UnusableData, match="'s_all' holds lists of 4 numbers, but of others, such as 3, in rows 2, 5, 8"
    ):
        judge_file(parquet(tmp_path / "a.parquet", frame), "y", "s_all", weak="w_0", folds=5)


def test_whole_numbers_and_constants_of_some_rows(tmp_path, monkeypatch):
    frame = table()
    frame["s_3"] = (10 * frame["s_3"]).round().astype(int)
    frame["w_0"] = (frame["w_0"] > 0).astype("float32")
    frame["s_4"] = np.where(np.arange(ROWS) == 3, 1.0, 0.0)  # constant on the training rows of one turn
    judged = in_memory(tmp_path, frame, **SHAPES["features"])
    monkeypatch.setattr(large, "BLOCK_CELLS", 800)
    path = parquet(tmp_path / "a.parquet", frame)
    close(judged, judge_file(path, "y", "s_*", folds=5, **SHAPES["features"]))


def test_ranks_are_compared_on_as_many_rows_as_said(tmp_path, monkeypatch):
    frame = table()
    monkeypatch.setattr(tally, "COMPARED", 50)
    judged = in_memory(tmp_path, frame, **SHAPES["features"])
    found = judge_file(parquet(tmp_path / "a.parquet", frame), "y", "s_*", folds=5, **SHAPES["features"])
    for name, misfits in judged.tally().others.items():
        assert len(misfits) == 50
        np.testing.assert_allclose(found.sums.others[name], misfits, atol=1e-10)


def test_the_page_of_a_file_is_that_of_memory(tmp_path):
    frame = table()
    path = parquet(tmp_path / "whole.parquet", frame)
    data = gather("whole", read_columns(path), "y", strong="s_*", **SHAPES["features"])
    judged, found = judge(data, folds=5), judge_file(path, "y", "s_*", folds=5, **SHAPES["features"])
    pages = [
        write_page(tmp_path / "one.html", data, judged, answer(judged)).read_text("utf-8"),
        write_page(tmp_path / "other.html", found, found, answer(found)).read_text("utf-8"),
    ]
    one, other = pages
    advised = re.search(r"<p>To tell, label .*?</p>", one)
    one = one.replace(advised.group(), "") if advised else one  # rows are drawn from what fits in memory
    assert one == other.replace(f"<li>{large.NOT_LOOKED_FOR}</li>\n", "") and "900 rows" in one


def test_progress_is_told_to_the_end(tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(large, "BLOCK_CELLS", 1500)
    path = parquet(tmp_path / "a.parquet", table())
    judge_file(path, "y", "s_*", folds=5, watch=lambda *seen: told.append(seen), **SHAPES["features"])
    for what, total, least in (("adding up", ROWS, 8), ("fitting", 5, 6), ("predicting", ROWS, 8)):
        seen = [(done, of) for done, of, word in told if word == what]
        assert seen[0] == (0, total) and seen[-1] == (total, total)
        assert seen == sorted(seen) and len(seen) >= least


def hole(frame):
    frame.loc[[450, 800], "s_2"] = np.nan


def infinite(frame):
    frame.loc[77, "w_1"] = np.inf


def words(frame):
    frame["s_2"] = frame["s_2"].astype(object)
    frame.loc[650, "s_2"] = "much"
    frame["s_2"] = frame["s_2"].astype(str)


def constant(frame):
    frame["w_0"] = frame["w_1"] = 1.5


def copied_target(frame):
    frame["s_3"] = frame["y"].fillna(7.0)


def right_labels(frame):
    frame["crowd"] = frame["y"].fillna(7.0)


def target_in_another_unit_and_back(frame):
    frame["s_3"] = (frame["y"].fillna(7.0) / 3 + 0.1) * 3 - 0.3


def right_labels_in_another_unit_and_back(frame):
    frame["crowd"] = (frame["y"].fillna(7.0) / 3 + 0.1) * 3 - 0.3


def twins(frame):
    frame["w_2"] = frame["w_1"]
    frame["w_0"] = frame["w_1"]


def flat_target(frame):
    frame["y"] = frame["y"] * 0 + 3


def one_label(frame):
    frame.loc[frame.index[frame["y"].notna()][1:], "y"] = np.nan


def small_unit(frame):
    frame["y"] *= 1e-90


FAULTS = (
    hole,
    infinite,
    words,
    constant,
    copied_target,
    right_labels,
    target_in_another_unit_and_back,
    right_labels_in_another_unit_and_back,
    twins,
    flat_target,
    one_label,
    small_unit,
)


@pytest.mark.parametrize("change", FAULTS, ids=lambda change: change.__name__)
def test_faults_have_the_sentences_of_memory(tmp_path, monkeypatch, change):
    frame = table()
    change(frame)
    monkeypatch.setattr(large, "BLOCK_CELLS", 1500)
    path, names = parquet(tmp_path / "whole.parquet", frame), {**SHAPES["features"], "weak_labels": "crowd"}
    with pytest.raises(UnusableData) as whole:
        answer(judge(gather("whole", read_columns(path), "y", strong="s_*", **names), folds=5))
    with pytest.raises(UnusableData) as streamed:
        judge_file(path, "y", "s_*", folds=5, **names)
    assert str(streamed.value) == in_rows(whole.value)


def in_rows(error):
    """The sentence of memory, but for a remedy that a file read some rows at a time does not have."""
    return str(error).replace(
        "leave out such rows with drop_bad (w2s judge --drop-bad)", "leave such rows out beforehand"
    )


def cells(rows, cell):
    return lambda column: [cell if row in rows else old for row, old in enumerate(column)]


LISTS = {
    "an empty cell first": cells([0], []),
    "no cell first": cells([0], None),
    "none in the first rows": cells(range(300), None),
    "none in any row": cells(range(ROWS), None),
    "empty in every row": cells(range(ROWS), []),
    "empty later on": cells([400, 700], []),
    "shorter ones": cells([400, 700], [1.0, 2.0]),
    "a shorter one first": cells([0], [1.0, 2.0]),
    "as many numbers in all": lambda column: cells([401], [1.0] * 4)(cells([400], [1.0] * 2)(column)),
    "other lengths in another part": cells(range(800, 900), [1.0] * 4),
    "a hole in a list": cells([400], [1.0, None, 3.0]),
    "words": cells(range(ROWS), ["a", "b", "c"]),
    "lists of lists": cells(range(ROWS), [[1.0], [2.0], [3.0]]),
}


@pytest.mark.parametrize("change", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("side", ["s_all", "w_all"])
def test_faults_in_lists_name_their_rows_as_memory_does(tmp_path, monkeypatch, side, change):
    frame, rng = table()[["y", "w_0"]], np.random.default_rng(2)
    for name in ("s_all", "w_all"):
        frame[name] = list(rng.normal(size=(ROWS, 3)))
    frame[side] = pd.Series(change(frame[side]))
    monkeypatch.setattr(large, "BLOCK_CELLS", 800)
    monkeypatch.setattr(streams, "PIECE_ROWS", 1)
    path, weak = parquet(tmp_path / "whole.parquet", frame), {"first": "w_0", "second": "w_all"}
    with pytest.raises(UnusableData) as whole:
        answer(judge(gather("whole", read_columns(path), "y", strong="s_all", weak=weak), folds=5))
    with pytest.raises(UnusableData) as streamed:
        judge_file(path, "y", "s_all", weak=weak, folds=5)
    assert str(streamed.value) == in_rows(whole.value)


def test_what_is_no_fault_on_all_rows_is_none(tmp_path, monkeypatch):
    """A column that is constant, equal to the target or to another in one block, and not in the next."""
    frame = table()
    early = np.arange(ROWS) < 300
    frame["w_0"] = np.where(early, 2.0, frame["w_0"])
    frame["w_1"] = np.where(early, 2.0, 5.0)
    frame["s_3"] = np.where(early, frame["y"].fillna(0.0), frame["s_3"])
    frame["w_2"] = np.where(early, 2.0, frame["w_2"])
    judged = in_memory(tmp_path, frame, **SHAPES["features"])
    monkeypatch.setattr(large, "BLOCK_CELLS", 1500)
    path = parquet(tmp_path / "a.parquet", frame, 100)
    close(judged, judge_file(path, "y", "s_*", folds=5, **SHAPES["features"]))


def test_files_that_do_not_go_together_are_named(tmp_path):
    frame = table()
    one, other = parquet(tmp_path / "1.parquet", frame), tmp_path / "2.parquet"
    other.write_bytes(one.read_bytes()[: 2 * one.stat().st_size // 3])
    with pytest.raises(UnusableData, match=r"2\.parquet is no readable Parquet file .*; save it again"):
        judge_file([one, other], "y", "s_*", weak="w_*")
    middle = bytearray(one.read_bytes())
    middle[4000:9000] = bytes(5000)
    other.write_bytes(middle)
    with pytest.raises(UnusableData, match=r"2\.parquet is no readable Parquet file .*; save it again"):
        judge_file([one, other], "y", "s_*", weak="w_*")
    parquet(other, frame.rename(columns={"s_1": "t_1"}))
    with pytest.raises(UnusableData, match=r"2\.parquet has not the columns of 1\.parquet: s_1, t_1"):
        judge_file(tmp_path, "y", "s_*", weak="w_*")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({"source": "mine.csv"}, "there is no file mine.csv"),
        ({"strong": "t_*"}, "no column matches 't_\\*'"),
        ({"target": "Y"}, "did you mean 'y'"),
        ({"target": ""}, "name the target column, of s_0"),
        ({"weak": ()}, "there is no weak model"),
        ({"weak": "s_1"}, "is both strong and weak"),
        ({"strong": ["s_1", "y"]}, "the target 'y' is also among"),
        ({"weak_labels": "y"}, "the target 'y' is also among"),
        ({"head": "huge"}, "the head is one of"),
        ({"folds": 2}, "take 3 at least"),
        ({"ids": "mark"}, "ids that stand more than once"),
        ({"split": "id"}, "write train, valid or test"),
        ({"scheduler": "tcp://127.0.0.1:9"}, "no Dask scheduler answers at 'tcp://127.0.0.1:9'"),
    ],
)
def test_wrong_choices_are_said(tmp_path, monkeypatch, names, said):
    monkeypatch.setattr("w2s_utils.own_data.cluster.PATIENCE_SECONDS", 1)
    path = parquet(tmp_path / "a.parquet", table())
    with pytest.raises(UnusableData, match=said):
        judge_file(**{"source": path, "target": "y", "strong": "s_*", "weak": "w_*", **names})


def test_other_kinds_of_file_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("y,s\n1,2\n")
    with pytest.raises(UnusableData, match="save the table as Parquet"):
        judge_file(tmp_path / "a.csv", "y", "s", weak_labels="w")
    with pytest.raises(UnusableData, match="holds no .parquet file"):
        judge_file(tmp_path, "y", "s", weak_labels="w")
    np.savez(tmp_path / "b.npz", y=np.array([None, 1.0]), s=np.ones(2))
    with pytest.raises(UnusableData, match="pickled Python objects"):
        judge_file(tmp_path / "b.npz", "y", "s", weak_labels="w")
    np.savez(tmp_path / "c.npz", y=np.ones(3), s=np.ones(2))
    with pytest.raises(UnusableData, match="different numbers of rows"):
        judge_file(tmp_path / "c.npz", "y", "s", weak_labels="w")


def test_two_workers_give_the_numbers_of_one_process(tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed", reason="Dask is the optional extra `distributed`")
    dask = pytest.importorskip("dask")
    frame, told = table(), []
    judged = in_memory(tmp_path, frame, **SHAPES["both"])
    monkeypatch.setattr(streams, "PIECE_ROWS", 100)
    sources = [parquet(tmp_path / "a.parquet", frame, 150), npz(tmp_path / "a.npz", frame)]
    with (
        dask.config.set({"distributed.worker.daemon": True}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit=None
        ) as cluster,
    ):
        for source in sources:
            found = judge_file(
                source,
                "y",
                "s_*",
                folds=5,
                scheduler=cluster.scheduler_address,
                watch=lambda *seen: told.append(seen),
                **SHAPES["both"],
            )
            close(judged, found)
        hole(frame)
        with pytest.raises(
            UnusableData, match="2 of 900 rows cannot be used, rows 452 and 802 .*no number in 's_2'"
        ):
            judge_file(
                parquet(tmp_path / "b.parquet", frame, 150),
                "y",
                "s_*",
                folds=5,
                scheduler=cluster.scheduler_address,
                **SHAPES["both"],
            )
    assert {what for _, _, what in told} == {"adding up", "fitting", "predicting"}
