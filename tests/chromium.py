"""A headless Chromium that is spoken to over a pipe (DevTools protocol), with the standard library only."""

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe"),
)
AS_3_AND_4 = f"""
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv({PROGRAM!r}, [{PROGRAM!r}, *sys.argv[3:]])
"""
"""Gives the browser its pipes under the numbers that it wants."""
PATIENCE = 60.0
"""Seconds that an answer may take."""


def _out_of_the_way(descriptor: int) -> int:
    """A copy with a high number: the browser wants the pipes as numbers 3 and 4."""
    copy = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 20)
    os.close(descriptor)
    return copy


class Browser:
    """One tab. `messages` are what pages wrote to the console and errors; `requests` are URLs that were asked for."""

    def __init__(self, folder: str) -> None:
        to_browser, self._out = map(_out_of_the_way, os.pipe())
        self._in, from_browser = map(_out_of_the_way, os.pipe())
        self._process = subprocess.Popen(
            [sys.executable, "-c", AS_3_AND_4, str(to_browser), str(from_browser), *FLAGS, f"--user-data-dir={folder}"],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._number, self._rest, self._session = 0, b"", ""
        self._events: list[dict[str, Any]] = []
        self.messages: list[str] = []
        self.requests: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **given: Any) -> dict[str, Any]:
        """Answer to one call of the protocol."""
        self._number += 1
        number = self._number
        message: dict[str, Any] = {"id": number, "method": method, "params": given}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        answer = self._wait(lambda item: item.get("id") == number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer.get("result", {})

    def _wait(self, is_it: Any) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE
        while True:
            for place, item in enumerate(self._events):
                if is_it(item):
                    del self._events[: place + 1]
                    return item
            ready, _, _ = select.select([self._in], [], [], max(0, until - time.monotonic()))
            if not ready:
                raise TimeoutError("the browser does not answer")
            piece = os.read(self._in, 1 << 20)
            if not piece:
                raise RuntimeError("the browser has gone")
            *whole, self._rest = (self._rest + piece).split(b"\0")
            for text in whole:
                item = json.loads(text)
                self._note(item)
                self._events.append(item)

    def _note(self, item: dict[str, Any]) -> None:
        method, given = item.get("method"), item.get("params", {})
        if method == "Log.entryAdded":
            self.messages.append(f"{given['entry']['level']}: {given['entry']['text']}")
        elif method == "Runtime.consoleAPICalled":
            self.messages.append(f"{given['type']}: {given['args']}")
        elif method == "Runtime.exceptionThrown":
            self.messages.append(f"exception: {given['exceptionDetails']}")
        elif method == "Network.requestWillBeSent":
            self.requests.append(given["request"]["url"])

    def open(self, page: Path | str) -> float:
        """Load a page; seconds until it has loaded, is laid out and answers a script."""
        url = page.resolve().as_uri() if isinstance(page, Path) else page
        began = time.perf_counter()
        self.call("Page.navigate", url=url)
        self._wait(lambda item: item.get("method") == "Page.loadEventFired")
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")
        return time.perf_counter() - began

    def run(self, script: str) -> Any:
        """Value of an expression on the page; a promise is awaited."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def size(self, *, width: int, height: int) -> None:
        """Set the window."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )

    def screenshot(self, path: Path, *, selector: str = "") -> None:
        """Picture of the window, or of the first element that a selector names, as PNG."""
        given: dict[str, Any] = {"format": "png"}
        if selector:
            box = self.run(
                f"(() => {{const b = document.querySelector({selector!r}).getBoundingClientRect();"
                " return [b.x + scrollX, b.y + scrollY, b.width, b.height]})()"
            )
            given |= {
                "captureBeyondViewport": True,
                "clip": dict(zip(("x", "y", "width", "height"), box, strict=True)) | {"scale": 1},
            }
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", **given)["data"]))

    def pdf(self, path: Path) -> None:
        """The page as it would be printed."""
        answer = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        path.write_bytes(base64.b64decode(answer["data"]))

    def close(self) -> None:
        """End the browser that was started here."""
        with contextlib.suppress(Exception):
            self._session = ""
            self.call("Browser.close")
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=10)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._in)
        os.close(self._out)


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """A browser with an empty profile, which is gone afterwards."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        opened = Browser(folder)
        try:
            yield opened
        finally:
            opened.close()
