"""Settings: one file, the environment, no open doors."""

from __future__ import annotations

from pathlib import Path

import pytest

from augenblick.api import read_settings, server
from augenblick.api.settings import QueryLimits, Settings
from augenblick.model.errors import BadParameter, UnreadableFile
from augenblick.pages.setting import page
from augenblick.publish.remote import RemoteStore


def test_settings_file_and_environment_give_the_environments_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "augenblick.toml"
    config.write_text("port = 9000\nquery_workers = 3\n[query_limits.analyst]\nseconds = 7\n")
    monkeypatch.setenv("AUGENBLICK_QUERY_WORKERS", "5")
    settings = read_settings(config, host="::1")
    assert (settings.port, settings.query_workers, settings.host) == (9000, 5, "::1")
    assert settings.query_limits["analyst"].seconds == 7


@pytest.mark.parametrize(
    "text", ["prot = 9000", "port = 90000", "token_algorithms = ['none']", "token_algorithms = []"]
)
def test_settings_that_are_wrong_are_refused_by_name(tmp_path: Path, text: str) -> None:
    config = tmp_path / "augenblick.toml"
    config.write_text(text)
    with pytest.raises(BadParameter, match=text.split(" ")[0]):
        read_settings(config)


def test_settings_file_that_is_no_toml_is_unreadable(tmp_path: Path) -> None:
    config = tmp_path / "augenblick.toml"
    config.write_text("port = = 3")
    with pytest.raises(UnreadableFile):
        read_settings(config)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "bank.example"])
def test_service_without_sign_in_refuses_to_listen_beyond_loopback(host: str) -> None:
    with pytest.raises(BadParameter, match="loopback"):
        server(read_settings(host=host))


def test_service_with_half_a_certificate_refuses_to_start(tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match="tls_key"):
        server(read_settings(tls_certificate=tmp_path / "cert.pem"))


@pytest.mark.parametrize("model", [Settings, QueryLimits, RemoteStore])
def test_setting_every_one_stands_on_the_page_with_its_meaning(model: type) -> None:
    text = page()
    for name, field in model.model_fields.items():
        assert field.description, name
        assert f"`{name}`" in text
        assert field.description in text


def test_remote_store_is_named_by_file_and_environment_and_its_password_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "augenblick.toml"
    addresses = "query = 'https://graphs.example/query'\nupdate = 'https://graphs.example/update'"
    config.write_text(f"[remote_store]\n{addresses}\nuser = 'anna'\n")
    monkeypatch.setenv("AUGENBLICK_REMOTE_STORE__PASSWORD", "geheim-7")
    settings = read_settings(config, port=0)
    assert settings.remote_store is not None
    assert settings.remote_store.authorization == "Basic YW5uYTpnZWhlaW0tNw=="
    assert "geheim" not in f"{settings!r} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    "address", ["http://graphs.example/query", "https://anna:geheim-7@graphs.example/query", "file:///etc/passwd"]
)
def test_remote_store_at_an_address_that_is_not_safe_is_refused(address: str) -> None:
    with pytest.raises(BadParameter, match="remote_store") as caught:
        read_settings(remote_store={"query": address, "update": "https://graphs.example/update"})
    assert "geheim" not in str(caught.value)
