"""Fixtures that several test modules share."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fakeserver import Behaviour, FakeServer, Script
from hypothesis import HealthCheck, Phase, settings

# No law turns on how busy the machine is.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
# For mutants.py: a failure is enough, it need not be made small.
settings.register_profile("quick", phases=[Phase.explicit, Phase.generate])


@pytest.fixture(autouse=True)
def _no_settings_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test may reach the user's own key, server or journal; none needs certificates, which take long to load."""
    for name in ("EXTRACTOR_MODEL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """A failure that shows half a character must not stop xdist, which sends reports as UTF-8."""
    return _sendable((yield))


def _sendable(told: Any) -> Any:
    if isinstance(told, dict):
        return {key: _sendable(value) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return type(told)(map(_sendable, told))
    return told.encode("utf-8", "backslashreplace").decode() if isinstance(told, str) else told


@pytest.fixture
def serve() -> Iterator[Callable[..., FakeServer]]:
    """Starts a FakeServer: serve(behaviour, behaviour, …), or serve(script=function)."""
    with ExitStack() as servers:

        def start(*behaviours: Behaviour, script: Script | None = None) -> FakeServer:
            return servers.enter_context(FakeServer(script or behaviours))

        yield start
