"""Fixtures that several test modules share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fakeserver import Behaviour, FakeServer, Script
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # no law turns on how busy the machine is
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _no_settings_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test may reach the user's own key, server or journal; none needs certificates, which take long to load."""
    for name in ("EXTRACTOR_MODEL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))


@pytest.fixture
def serve() -> Iterator[Callable[..., FakeServer]]:
    """Starts a FakeServer: serve(behaviour, behaviour, …), or serve(script=function)."""
    with ExitStack() as servers:

        def start(*behaviours: Behaviour, script: Script | None = None) -> FakeServer:
            return servers.enter_context(FakeServer(script or behaviours))

        yield start
