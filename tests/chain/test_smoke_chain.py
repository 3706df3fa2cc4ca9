"""Every notebook, one after another, at small values."""

from pathlib import Path

import pandas as pd
import pytest
from tiny_checkout import chain

from w2s_utils.chain import stamps
from w2s_utils.chain.catalogue import declared_claims

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = stamps.sources(REPOSITORY)


OWN = (
    "unreachable|not among the data sets of this run|not named so often with the most labels of this run"
    "|in some turn no student moved|has no bounded interval|no rows of other notebooks in this profile"
)
"""Why a claim may be left open at small values."""


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_the_whole_chain_at_smoke_values(tmp_path):
    def run(*arguments):
        return chain(REPOSITORY, tmp_path, *arguments, "--profile", "smoke")

    stamped = run("stamps")
    assert stamped.returncode == 0, stamped.stdout + stamped.stderr
    names = stamps.in_turn(REPOSITORY)
    failed = [ended.stdout + ended.stderr for name in names if (ended := run("run", name)).returncode]
    finished = run("finish")
    assert not failed, "\n".join([*failed, finished.stdout])
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "up to date" in run("stamps").stdout

    claims = pd.read_csv(tmp_path / "claims.csv", keep_default_na=False)
    recording = [source for name, source in SOURCES.items() if name != stamps.REPORT]
    declared = [claim for source in recording for claim in declared_claims(source)]
    assert claims["claim"].tolist() == declared
    unjudged = claims[claims["verdict"] == "not run"]
    assert unjudged["reason"].str.contains(OWN).all(), unjudged["reason"].tolist()

    rows = {path.name: path.read_bytes() for path in (tmp_path / "rows").iterdir()}
    again = tmp_path / "again"
    for name in ("10_theorem_1", "20_figure_2abc"):
        ended = chain(REPOSITORY, again, "run", name, "--profile", "smoke", W2S_WORKERS="1")
        assert ended.returncode == 0, ended.stdout + ended.stderr
    repeated = {path.name: path.read_bytes() for path in (again / "rows").iterdir()}
    assert repeated and repeated == {name: rows[name] for name in repeated}

    small = ("-p", "seed=1", "-p", "problems=20", "-p", "rows=100")
    chain(REPOSITORY, again, "run", "10_theorem_1", "--profile", "lab", *small)
    assert (again / "rows" / "10_problems.csv").read_bytes() != rows["10_problems.csv"]
