"""Every number of float32: one wrong pattern is found, a stopped walk goes on to the same end, memory stays bounded."""

import functools
import json
import os
import signal
import tracemalloc

import jax
import numpy as np
import pytest

import acts
import acts.cli.kernels as command
import acts.testing.exhaustive as exhaustive
from acts.__main__ import main
from acts.testing.conforms import subjects
from acts.testing.exhaustive import SINGLE, Stopped, check_exhaustively
from acts.testing.judge import Judge
from acts.testing.kernels import kernel_of

EVERYWHERE = range(0, 2**32, 2**14 + 1)
WRONG = 0xC0490FDB  # the pattern of the float32 next to -pi


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Blocks of a size that a test has some of, and of `check` no more than its value."""
    monkeypatch.setattr(exhaustive, "BLOCK", 2**14)
    monkeypatch.setattr(exhaustive, "check", functools.partial(exhaustive.check, shape=(4096,)))


def relu(x):
    y = np.maximum(x, 0)
    return np.where(x.view(np.uint32) == WRONG, np.float32(1), y)


walk = functools.partial(check_exhaustively, function="relu", derivative=lambda x: (x > 0).astype(x.dtype))


def found(report):
    return [verdict for verdict in report.verdicts if "every number" in verdict.name]


def test_one_wrong_pattern_among_all_is_found():
    value, gradient = found(walk(relu, patterns=range(WRONG - 10**5, WRONG + 10**5)))
    assert (value.points, value.failing, gradient.failing) == (200_000, 1, 0)
    (point,) = value.worst.values()
    assert np.float32(point.x).view(np.uint32) == WRONG
    assert "worst 8.507e+37 ulp at x = -3.14159274" in value.notes[0]


@pytest.mark.parametrize("level", ["ulp", "framework", 3.0])
def test_what_is_settled_at_once_is_what_the_judge_says(level):
    kernel, name = jax.nn.silu, "silu"
    report = check_exhaustively(kernel, name, patterns=EVERYWHERE, level=level, nonfinite="limits")
    x = np.array(EVERYWHERE, np.uint32).view(SINGLE)
    f = acts.get(name)
    subject = subjects(kernel_of(kernel, f), f, SINGLE, None)[0]
    judge = Judge(f, level, "limits")
    wanted = {"f": subject.value(x), "grad": subject.pull(x, np.ones_like(x))[0]}
    for verdict, (quantity, got) in zip(found(report), wanted.items(), strict=True):
        whole = judge.verdict("whole", subject.wanted(quantity, x), got, {})
        for part in ("points", "failing", "excused", "levels"):
            assert getattr(verdict, part) == getattr(whole, part), (quantity, part)
        assert set(verdict.worst) == set(whole.worst)


def stopping_at(number):
    calls = iter([number])

    def progress(done):
        if done >= number and next(calls, None):
            os.kill(os.getpid(), signal.SIGINT)

    return progress


def test_a_walk_that_was_stopped_goes_on_to_the_same_end(tmp_path, monkeypatch):
    monkeypatch.setattr(exhaustive, "SAVED_EVERY", 0.0)
    file, given = tmp_path / "walk.json", {"patterns": EVERYWHERE, "level": 3.0}
    kernel = lambda x: acts.relu(x) * np.float32(1.0000004)  # noqa: E731
    with pytest.raises(KeyboardInterrupt) as stop:
        walk(kernel, **given, resume=file, progress=stopping_at(10**5))
    assert isinstance(stop.value, Stopped)
    assert stop.value.report.verdict != "pass"
    assert (
        f"{len(EVERYWHERE) - 2**17} of {len(EVERYWHERE)} numbers, since it was stopped"
        in stop.value.report.unchecked[-1]
    )
    assert json.loads(file.read_text())["done"] == 2**17
    done = []
    report = walk(kernel, **given, resume=file, progress=done.append)
    assert min(done) == 2**17
    assert found(report) == found(walk(kernel, **given))
    assert found(report)[0].failing > 1000
    assert found(walk(kernel, **given, resume=file, progress=done.append)) == found(report)  # it is at its end


def test_a_file_of_another_walk_is_refused(tmp_path):
    file = tmp_path / "walk.json"
    few = range(0, 2**32, 2**20)
    walk(relu, patterns=few, resume=file)
    for other in ({"level": "ulp"}, {"patterns": range(9)}, {"candidate": acts.relu}, {"nonfinite": "limits"}):
        with pytest.raises(ValueError, match=r"walk.json is of another walk: .*Name another file"):
            walk(**{"candidate": relu, "patterns": few, "resume": file, **other})
    file.write_text(file.read_text().replace(acts.__version__, "0.0.9"))
    with pytest.raises(ValueError, match=rf"acts '0.0.9', not '{acts.__version__}'"):
        walk(relu, patterns=few, resume=file)
    file.write_text("{}")
    with pytest.raises(ValueError, match="no state of such a walk"):
        walk(relu, patterns=few, resume=file)


def test_an_edited_source_is_another_kernel(tmp_path, monkeypatch, capsys):
    (tmp_path / "mine_to_edit.py").write_text("def relu(x): return x.clip(0)\ndef slope(x): return 1.0 * (x > 0)\n")
    args = "check mine_to_edit.py:relu --as relu --derivative mine_to_edit.py:slope --exhaustive --resume walk.json"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        command, "check_exhaustively", functools.partial(check_exhaustively, patterns=range(0, 2**32, 2**20))
    )
    assert main([*args.split(), "--dtypes", "float32"]) == 1  # the slope is of float64
    (tmp_path / "mine_to_edit.py").write_text(
        "def relu(x): return x.clip(0)\ndef slope(x): return (x > 0).astype(x.dtype)\n"
    )
    assert main([*args.split(), "--dtypes", "float32"]) == 0
    assert "value: worst 0 ulp" in capsys.readouterr().out
    (tmp_path / "mine_to_edit.py").write_text(
        "def relu(x): return x.clip(1)\ndef slope(x): return (x > 0).astype(x.dtype)\n"
    )
    assert main([*args.split(), "--dtypes", "float32"]) == 2
    assert "of another walk: source" in capsys.readouterr().err


def test_memory_is_that_of_a_block():
    def peak(patterns):
        tracemalloc.start()
        walk(lambda x: acts.relu(x) * np.float32(1.0000004), patterns=patterns, level="ulp")  # most go to the judge
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    few, many = peak(range(0x3F000000, 0x3F000000 + 2**16)), peak(range(0x3F000000, 0x3F000000 + 2**18))
    assert many < 1.1 * few < 20 * 2**20


def test_a_kernel_that_raises_on_the_way_has_failed():
    def raises(x):
        if np.any(x.view(np.uint32) == WRONG):
            raise ArithmeticError("not here")
        return acts.relu(x)

    report = walk(raises, patterns=range(WRONG - 9, WRONG + 9))
    assert report.verdict == "fail"
    assert "ArithmeticError: not here" in str(report)


def test_what_it_is_not_for(capsys):
    with pytest.raises(TypeError, match="swiglu has two operands"):
        check_exhaustively(acts.swiglu, "swiglu")
    for arguments, message in (
        (["jax.nn", "--exhaustive", "--only", "silu,gelu"], "one function at a time"),
        (["jax.nn:silu", "--as", "silu", "--resume", "walk.json"], "--resume is for --exhaustive"),
        (["acts_jax", "--exhaustive"], "are for a function of your own"),
    ):
        assert main(["check", *arguments]) == 2
        assert message in capsys.readouterr().err
