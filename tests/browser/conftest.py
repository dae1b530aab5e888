"""The real product in its processes, and headless Chromium to use it with. Without Chromium these tests fail.

``live_product``: started once by `make run`'s own runner, with the demo practice, on a free port.
``page``: 1440 px wide · ``phone``: 390 px, touch. ``axe(page)``: its accessibility faults, an empty list at best.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from config.env import make_local_secrets

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
ARTIFACTS = ROOT / ".artifacts"
CHROMIUM_ARGUMENTS = [
    *("--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
READY_SECONDS = 240


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True)
class Product:
    """The running product: its address, data directory, and environment for commands against the same data."""

    url: str
    data_dir: Path
    log: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes]

    def manage(self, *arguments: str) -> str:
        """Run a management command on the product's data; its output."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def mails(self) -> list[str]:
        """Messages sent so far, oldest first, as text."""
        return [path.read_text() for path in sorted((self.data_dir / "mail").glob("*"))]

    def processes(self, word: str) -> list[int]:
        """Ids of the product's processes whose command holds ``word``, such as `` worker ``."""
        found = subprocess.run(["pgrep", "-f", "--", word], capture_output=True, text=True, check=False).stdout.split()
        mine = f"DATA_DIR={self.data_dir}".encode()
        return [int(pid) for pid in found if mine in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")]


def start_product(folder: Path, **extra: str) -> Product:
    """Start the runner on a free port and wait until it says where it is. The caller ends it with ``stop_product``."""
    data_dir, log = folder / "data", folder / "product.log"
    make_local_secrets(data_dir)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    for name in ("DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL"):
        environment.pop(name, None)
    environment |= {"DJANGO_SETTINGS_MODULE": "config.settings", "DATA_DIR": str(data_dir), "PORT": str(port), **extra}
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.run"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    product = Product(f"http://127.0.0.1:{port}", data_dir, log, environment, process)
    deadline = time.monotonic() + READY_SECONDS
    while "Ctrl-C stops everything" not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            stop_product(product)
            pytest.fail(f"the product did not start:\n{log.read_text()}")
        time.sleep(0.2)
    return product


def stop_product(product: Product) -> None:
    if product.process.poll() is None:
        os.killpg(product.process.pid, signal.SIGINT)
        product.process.wait(30)


@pytest.fixture(scope="session")
def live_product() -> Iterator[Product]:
    """The product with its demo practice, once for all browser tests."""
    folder = Path(tempfile.mkdtemp(prefix="trestle-browser-"))
    product = start_product(folder)
    try:
        yield product
    finally:
        stop_product(product)
        ARTIFACTS.mkdir(exist_ok=True)
        shutil.copy(product.log, ARTIFACTS / "browser-product.log")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright_driver: Playwright) -> Iterator[Browser]:
    """Headless Chromium; a machine without it fails these tests, it does not skip them."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        pytest.fail(
            "Chromium is not installed (Debian: apt-get install chromium); or name it: CHROMIUM=/path", pytrace=False
        )
    started = playwright_driver.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
    yield started
    started.close()


def _context(browser: Browser, product: Product, **options: object) -> BrowserContext:
    # bypass_csp lets axe be put into the page; that the policy holds is tested without it (strict_page).
    context = browser.new_context(base_url=product.url, bypass_csp=True, locale="en-US", **options)  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    return context


def _watched(context: BrowserContext) -> Page:
    """A page whose script errors and failed requests are kept in ``page.faults``."""
    page = context.new_page()
    faults: list[str] = []
    page.faults = faults  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    page.on("console", lambda message: faults.append(f"console: {message.text}") if message.type == "error" else None)
    return page


@pytest.fixture
def page(browser: Browser, live_product: Product) -> Iterator[Page]:
    context = _context(browser, live_product, viewport={"width": 1440, "height": 900})
    yield _watched(context)
    context.close()


@pytest.fixture
def phone(browser: Browser, live_product: Product) -> Iterator[Page]:
    context = _context(
        browser,
        live_product,
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        device_scale_factor=2,
    )
    yield _watched(context)
    context.close()


@pytest.fixture
def new_page(browser: Browser, live_product: Product) -> Iterator[object]:
    """Makes further pages, each a person of their own: ``new_page(width=320, height=640, color_scheme="dark")``."""
    contexts: list[BrowserContext] = []

    def make(width: int = 1440, height: int = 900, **options: object) -> Page:
        contexts.append(_context(browser, live_product, viewport={"width": width, "height": height}, **options))
        return _watched(contexts[-1])

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def strict_page(browser: Browser, live_product: Product) -> Iterator[Page]:
    """A page on which the Content Security Policy is in force: what it blocks is in ``page.faults``."""
    context = browser.new_context(base_url=live_product.url)
    context.set_default_timeout(15_000)
    yield _watched(context)
    context.close()


@pytest.fixture(scope="session")
def axe() -> object:
    """``axe(page)``: accessibility faults as lines ``rule: help (how many): first place``."""
    assert AXE.is_file(), f"{AXE} is missing"
    source = AXE.read_text()

    def faults(page: Page, *, exclude: tuple[str, ...] = ()) -> list[str]:
        page.evaluate(source)
        context = {"include": [["html"]], "exclude": [[selector] for selector in exclude]}
        found = page.evaluate(
            "([context, tags]) => axe.run(context, {runOnly: {type: 'tag', values: tags}})", [context, WCAG]
        )
        return [
            f"{fault['id']}: {fault['help']} ({len(fault['nodes'])}): {fault['nodes'][0]['target']}"
            for fault in found["violations"]
        ]

    return faults
