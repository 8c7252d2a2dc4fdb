"""Two processes train as one does; and if one fails, no other is left behind."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
sys.path.insert(0, str(EXAMPLES))

import multi_host  # noqa: E402

pytestmark = pytest.mark.programs


def test_two_processes_have_the_losses_of_one():
    done = subprocess.run(
        [sys.executable, EXAMPLES / "multi_host.py"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONWARNINGS": "error", "XLA_FLAGS": ""},
        timeout=2 * multi_host.SECONDS,  # it gives up before, and kills its own processes
    )
    assert done.returncode == 0, done.stderr
    assert "loss after 42 steps: the largest difference is" in done.stdout
    rows = [line.split("│")[2:4] for line in done.stdout.splitlines() if line.startswith("│")]
    assert len(rows) == 8
    assert all(float(last) < float(first) for first, last in zip(rows[0], rows[-1], strict=True))


@pytest.mark.parametrize("wrong", [1.0001, float("nan")])
def test_other_losses_are_an_error(wrong, capsys):
    multi_host.compare([2.0, 1.0], [2.0, 1.0 + 1e-6])
    with pytest.raises(SystemExit, match="do not train as one"):
        multi_host.compare([2.0, 1.0], [2.0, wrong])
    assert capsys.readouterr().out.count("allowed are 1.5e-05") == 2


@pytest.fixture
def started(monkeypatch):
    """The processes that asyncio starts."""
    processes, start = [], asyncio.create_subprocess_exec

    async def start_and_note(*arguments, **options):
        processes.append(await start(*arguments, **options))
        return processes[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start_and_note)
    return processes


def test_when_one_process_fails_the_other_is_killed(started):
    fails = [sys.executable, "-c", "import time; time.sleep(1); raise SystemExit('no coordinator')"]
    with pytest.raises(ExceptionGroup) as raised:
        asyncio.run(multi_host.outputs([["sleep", "1000"], fails]))
    assert [process.returncode for process in started] == [-signal.SIGKILL, 1]
    (error,) = raised.value.exceptions
    assert str(error).endswith("ended with status 1:\nno coordinator\n")


def test_processes_that_take_too_long_are_killed(started, monkeypatch):
    monkeypatch.setattr(multi_host, "SECONDS", 1)
    with pytest.raises(TimeoutError):
        asyncio.run(multi_host.outputs([["sleep", "1000"], ["sleep", "1000"]]))
    assert [process.returncode for process in started] == [-signal.SIGKILL] * 2


@pytest.mark.parametrize(
    ("patched", "value", "message"),
    [("SECONDS", 0.1, "took more than 0.1 seconds"), ("__file__", "nowhere.py", "ended with status 2:.*nowhere.py")],
)
def test_what_went_wrong_is_said(patched, value, message, monkeypatch):
    monkeypatch.setattr(multi_host, patched, value)
    with pytest.raises(SystemExit, match=f"(?s){message}"):
        multi_host.losses_of_two_processes()


@pytest.mark.parametrize("given", [["--process", "0"], ["--coordinator", "a:1"], ["--process", "2"], ["what"]])
def test_nonsense_on_the_command_line(given, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["multi_host.py", *given])
    with pytest.raises(SystemExit, match="2"):
        multi_host.main()
    assert capsys.readouterr().err.splitlines()[-1].startswith("multi_host.py: error: ")
