from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from api.settings import BadSetting, Settings, load_settings


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PROSPECTUS_")]:
        monkeypatch.delenv(name)


def test_without_any_variable_the_defaults_of_the_contract_hold() -> None:
    assert load_settings().model_dump() == {
        "data_dir": Path(".prospectus"),
        "corpus": Path("corpus"),
        "embedding_model": "all-MiniLM-L6-v2",
        "chat_model": None,
        "chat_key_file": None,
        "chat_seconds": 20.0,
        "chat_first_token_seconds": 8.0,
        "chat_daily_tokens": 0,
        "chat_tasks": ("answers", "follow-ups", "languages", "search-terms"),
        "host": "127.0.0.1",
        "port": 8000,
        "allowed_origins": (),
        "api_keys": (),
        "admin_key": None,
        "session_secret": None,
        "trusted_proxies": (),
        "fetch_contact": None,
        "fetch_hosts": (),
        "fetch_networks": (),
        "fetch_ports": (),
        "fetch_pause": 1.0,
        "rate_limit": "60/minute",
        "rate_limit_address": None,
        "rate_limit_all": None,
        "database_url": None,
        "retention_days": 30,
        "outdated_after_days": 730,
        "least_confidence": 0.75,
        "most_deletions": 0.25,
        "log_level": "info",
    }


def test_variables_are_read_and_an_empty_one_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROSPECTUS_PORT", "9000")
    monkeypatch.setenv("PROSPECTUS_LOG_LEVEL", "WARNING")
    monkeypatch.setenv("PROSPECTUS_CORPUS", "/srv/pages")
    monkeypatch.setenv("PROSPECTUS_HOST", "")

    assert load_settings() == Settings(port=9000, log_level="warning", corpus=Path("/srv/pages"))


def test_lists_are_read_with_commas_between_their_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROSPECTUS_ALLOWED_ORIGINS", "https://a.example, http://b.example:8080,")
    monkeypatch.setenv("PROSPECTUS_API_KEYS", f"{'a' * 32},{'b' * 32}")
    monkeypatch.setenv("PROSPECTUS_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8 ,2001:db8::/32")
    monkeypatch.setenv("PROSPECTUS_CHAT_TASKS", "answers, search-terms")

    settings = load_settings()

    assert settings.chat_tasks == ("answers", "search-terms")

    assert settings.allowed_origins == ("https://a.example", "http://b.example:8080")
    assert [each.get_secret_value() for each in settings.api_keys] == ["a" * 32, "b" * 32]
    assert [str(each) for each in settings.trusted_proxies] == ["127.0.0.1/32", "10.0.0.0/8", "2001:db8::/32"]


def test_what_may_be_fetched_is_made_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROSPECTUS_FETCH_CONTACT", "web@example.edu")
    monkeypatch.setenv("PROSPECTUS_FETCH_HOSTS", "www.example.edu, *.Library.example.edu")
    monkeypatch.setenv("PROSPECTUS_FETCH_NETWORKS", "127.0.0.0/8,::1")
    monkeypatch.setenv("PROSPECTUS_FETCH_PORTS", "8080")
    monkeypatch.setenv("PROSPECTUS_FETCH_PAUSE", "0.5")

    rules = load_settings().fetch_rules

    assert rules.hosts == ("www.example.edu", "*.library.example.edu")
    assert [str(network) for network in rules.networks] == ["127.0.0.0/8", "::1/128"]
    assert rules.ports == {80, 443, 8080}
    assert (rules.contact, rules.pause) == ("web@example.edu", 0.5)
    assert Settings().fetch_rules.user_agent.startswith("Prospectus")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ADMIN_KEY", "Canary7319"),  # too short
        ("ADMIN_KEY", "Canary7319 with blanks in it"),
        ("ADMIN_KEY", "pk_Canary7319-Canary7319"),
        ("ADMIN_KEY", "vs_Canary7319-Canary7319"),
        ("API_KEYS", "Canary7319"),
        ("API_KEYS", f"{'a' * 32},Canary7319"),
        ("SESSION_SECRET", "Canary7319"),
    ],
)
def test_a_secret_that_cannot_be_used_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"PROSPECTUS_{name}", value)

    with pytest.raises(BadSetting, match=f"^PROSPECTUS_{name} must be ") as raised:
        load_settings()
    assert "Canary" not in str(raised.value)


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    settings = Settings.model_validate({"admin_key": "Canary7319Canary7319", "api_keys": "Canary7319" * 4})

    assert "Canary" not in repr(settings)
    assert "Canary" not in str(settings.model_dump())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RATE_LIMIT", "many"),
        ("RATE_LIMIT_ADDRESS", "0/minute"),
        ("RATE_LIMIT_ALL", "60"),
        ("FETCH_CONTACT", "a b@example.edu"),
        ("FETCH_CONTACT", "http://www.example.edu/(us)"),
        ("FETCH_PAUSE", "-1"),
        ("FETCH_PAUSE", "nan"),
        ("CHAT_SECONDS", "0.5"),
        ("CHAT_SECONDS", "inf"),
        ("CHAT_FIRST_TOKEN_SECONDS", "0"),
        ("CHAT_DAILY_TOKENS", "-1"),
        ("CHAT_DAILY_TOKENS", "many"),
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("PORT", "-1"),
        ("LOG_LEVEL", "loud"),
        ("HOST", "  "),
        ("OUTDATED_AFTER_DAYS", "0"),
        ("OUTDATED_AFTER_DAYS", "two years"),
        ("LEAST_CONFIDENCE", "1.5"),
        ("LEAST_CONFIDENCE", "nan"),
    ],
)
def test_a_bad_value_is_named_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"PROSPECTUS_{name}", value)

    with pytest.raises(BadSetting, match=f"^PROSPECTUS_{name} is '{re.escape(value)}', but must be "):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value", "entry"),
    [
        ("ALLOWED_ORIGINS", "*", "*"),
        ("ALLOWED_ORIGINS", "https://a.example,https://b.example/", "https://b.example/"),
        ("FETCH_HOSTS", "www.example.edu,https://a.example", "https://a.example"),
        ("FETCH_HOSTS", "*", "*"),
        ("FETCH_NETWORKS", "localhost", "localhost"),
        ("FETCH_NETWORKS", "10.0.0.1/8", "10.0.0.1/8"),
        ("FETCH_PORTS", "8080,0", "0"),
        ("TRUSTED_PROXIES", "proxy.example", "proxy.example"),
        ("TRUSTED_PROXIES", "127.0.0.1,10.0.0.1/8", "10.0.0.1/8"),
    ],
)
def test_of_a_list_the_bad_entry_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, entry: str
) -> None:
    monkeypatch.setenv(f"PROSPECTUS_{name}", value)

    with pytest.raises(BadSetting) as raised:
        load_settings()
    assert str(raised.value).startswith(f"PROSPECTUS_{name} has the entry {entry!r}, but must be ")


def test_all_bad_values_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROSPECTUS_PORT", "x")
    monkeypatch.setenv("PROSPECTUS_LOG_LEVEL", "y")

    with pytest.raises(BadSetting, match=r"PROSPECTUS_PORT is 'x'.+PROSPECTUS_LOG_LEVEL is 'y'"):
        load_settings()


def test_a_task_that_there_is_not_is_named_with_those_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROSPECTUS_CHAT_TASKS", "answers,poems")

    with pytest.raises(BadSetting, match=r"CHAT_TASKS has the entry 'poems', .*: answers, follow-ups, lang"):
        load_settings()
