from __future__ import annotations

import os
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
        "host": "127.0.0.1",
        "port": 8000,
        "outdated_after_days": 730,
        "log_level": "info",
    }


def test_variables_are_read_and_an_empty_one_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROSPECTUS_PORT", "9000")
    monkeypatch.setenv("PROSPECTUS_LOG_LEVEL", "WARNING")
    monkeypatch.setenv("PROSPECTUS_CORPUS", "/srv/pages")
    monkeypatch.setenv("PROSPECTUS_HOST", "")

    assert load_settings() == Settings(port=9000, log_level="warning", corpus=Path("/srv/pages"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("PORT", "-1"),
        ("LOG_LEVEL", "loud"),
        ("HOST", "  "),
        ("OUTDATED_AFTER_DAYS", "0"),
        ("OUTDATED_AFTER_DAYS", "two years"),
    ],
)
def test_a_bad_value_is_named_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"PROSPECTUS_{name}", value)

    with pytest.raises(BadSetting, match=f"^PROSPECTUS_{name} is '{value}', but must be "):
        load_settings()


def test_all_bad_values_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROSPECTUS_PORT", "x")
    monkeypatch.setenv("PROSPECTUS_LOG_LEVEL", "y")

    with pytest.raises(BadSetting, match=r"PROSPECTUS_PORT is 'x'.+PROSPECTUS_LOG_LEVEL is 'y'"):
        load_settings()
