"""What the tests of the explorer share: drawn points, what acts says there, and Chromium over its own protocol."""

import base64
import functools
import itertools
import json
import os
import re
import select
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np

from acts.explorer import curves, page
from acts.testing import parameter_sets

CURVES = {f.__name__: f for f in curves()}
NAMES = list(CURVES)
RELATIVE, OF_THE_LARGEST = 1e-10, 1e-13  # of the value, or of the largest among the points and 1: the page's doubles
NEAR = np.linspace(-2, 2, 9).tolist()
PROBE = """
(cases => Object.entries(cases).flatMap(([name, {params, points}]) => points.map(x => [
  valueAt(FUNCTIONS[name], params, x), ...at(FUNCTIONS[name], params, x),
  ...Object.keys(params).map(key => partial(FUNCTIONS[name], params, key, x)),
].map(String))))
"""  # strings, so that infinities and NaN arrive


@functools.cache
def text():
    return page()


def script():
    return re.search(r"<script>(.*)</script>", text(), re.S)[1]


def drawn_cases(seed, count=16):
    """For every function, admitted parameters by chance, points in [-9, 9], some near 0, and the kinks."""
    rng, cases = np.random.default_rng(seed), {}
    for f in CURVES.values():
        sets = [params for params in parameter_sets(f) if np.isfinite(list(params.values())).all()]
        params = sets[rng.integers(len(sets))] if sets else {"negative_slope": 0.1, "max_value": 5.0, "threshold": -1.0}
        cases[f.__name__] = {"params": params, "points": [*rng.uniform(-9, 9, count), *NEAR, *f.kinks_at(**params)]}
    return cases


def failures(cases, answers):
    """Where the page's numbers are not those of acts: f, f', f'' and every partial."""
    answers, found = iter(answers), []
    for name, case in cases.items():
        f, params, x = CURVES[name], case["params"], np.array(case["points"])
        got = np.array([[float(number) for number in row] for row in itertools.islice(answers, len(x))]).T
        value = f(x, **params)
        partials = [f.partial(key, x, **params) for key in params]
        wanted = [value, value, f.derivative(x, **params), f.second_derivative(x, **params), *partials]
        labels = ["f", "f of the jet", "f'", "f''", *(f"df/d{key}" for key in params)]
        for label, have, want in zip(labels, got, wanted, strict=True):
            finite = np.isfinite(want) & ~np.isnan(value)
            size = np.abs(want[finite]).max(initial=1)
            near = np.abs(have[finite] - want[finite]) <= RELATIVE * np.abs(want[finite]) + OF_THE_LARGEST * size
            if not (near.all() and not np.isfinite(have[~finite]).any()):
                found.append((name, label, params, x[finite][~near], have[finite][~near], want[finite][~near]))
    return found


def chromium():
    """The browser, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe"),
]


class Browser:
    """One page in headless Chromium, driven through the pipe of its DevTools protocol."""

    def __init__(self, profile: Path):
        to_browser, self.write_end = os.pipe()
        self.read_end, from_browser = os.pipe()
        command = 'exec 3<&"$1" 4>&"$2"; shift 2; exec "$@"'  # the browser reads 3 and writes 4
        arguments = [chromium(), *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        self.process = subprocess.Popen(
            ["/bin/bash", "-c", command, "bash", str(to_browser), str(from_browser), *arguments],
            pass_fds=(to_browser, from_browser), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_browser)
        os.close(from_browser)
        self.number, self.rest, self.events, self.session = 0, b"", [], None
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Performance.enable", timeDomain="threadTicks")

    def call(self, method, seconds=600, **params):
        """The result of a command of the protocol; what happens meanwhile is kept in events."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        message |= {"sessionId": self.session} if self.session else {}
        os.write(self.write_end, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + seconds
        while True:
            answer = self._next(until)
            if answer.get("id") == self.number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self.events.append(answer)

    def _next(self, until):
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.read_end], [], [], max(0, until - time.monotonic()))
            assert ready, "Chromium does not answer"
            part = os.read(self.read_end, 2**20)
            assert part, "Chromium has ended"
            self.rest += part
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)

    def run(self, expression):
        """The value of an expression in the page, awaited if it is a promise."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def frames(self):
        """Wait until what was asked for is drawn."""
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0))))")

    def open(self, url):
        """Load a page; what it took of the page's thread, in seconds of that thread, whatever else the machine does."""
        before = self._thread_seconds()
        self.call("Page.navigate", url=url)
        self.run("new Promise(done => document.readyState === 'complete' ? done() : addEventListener('load', done))")
        self.frames()
        return self._thread_seconds() - before

    def _thread_seconds(self):
        metrics = self.call("Performance.getMetrics")["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")

    def window(self, width=1280, height=900, phone=False, dark=False):
        """The size of the window, whether it is a phone's, with fingers, and which theme its owner prefers."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        self.call("Emulation.setTouchEmulationEnabled", enabled=phone)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.frames()

    def complaints(self):
        """Errors and warnings of the console, uncaught ones, and requests for anything but the file itself."""
        found = []
        for event in self.events:
            method, params = event.get("method"), event.get("params", {})
            if method in ("Runtime.exceptionThrown", "Log.entryAdded"):
                found.append(params)
            if method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
                found.append(params)
            url = params["request"]["url"] if method == "Network.requestWillBeSent" else "about:blank"
            if not url.startswith(("file:", "data:", "about:")):
                found.append(url)
        return found

    def screenshot(self, file):
        picture = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        Path(file).write_bytes(base64.b64decode(picture["data"]))

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.write_end)
        os.close(self.read_end)
