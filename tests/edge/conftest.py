"""What the tests of the edge share: a double of Zenodo, and retries that do not wait."""

import ssl
import subprocess
from collections.abc import Iterator

import pytest
import stamina

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


@pytest.fixture(scope="session")
def self_signed(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """TLS with a certificate for git.example.org and 127.0.0.1 that nobody vouches for."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=git.example.org",
         "-addext", "subjectAltName=DNS:git.example.org,IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
