"""What the tests of the edge share: doubles of Zenodo and of other hosts, and retries that do not wait."""

from collections.abc import Iterator

import pytest
import stamina

from .web_double import Web
from .web_double import running as web_running
from .zenodo_double import Zenodo, running


@pytest.fixture
def zenodo() -> Iterator[Zenodo]:
    """A double of Zenodo with an empty community."""
    with running() as double:
        yield double


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """New tries come at once, and no proxy of the environment stands before this machine."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    stamina.set_testing(True, attempts=5, cap=True)
    yield
    stamina.set_testing(False)


@pytest.fixture
def web() -> Iterator[Web]:
    """Hosts on this machine that say nothing yet."""
    with web_running() as double:
        yield double
