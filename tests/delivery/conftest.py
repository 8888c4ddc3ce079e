import pytest

from tests.support.certificates import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusting(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever connects knows this authority and no other: to read all those that the system knows
    takes longer than most tests."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
