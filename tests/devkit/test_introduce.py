"""Who can log in is printed where the accounts exist: in a filled demo."""

from pathlib import Path

import pytest

from accounts import demo
from devkit import run


@pytest.mark.parametrize(
    ("value", "empty", "told"),
    [(None, False, True), ("true", False, True), ("false", False, False), (None, True, False)],
)
def test_accounts_are_told_in_the_demo_only(monkeypatch, capsys, value, empty, told):
    monkeypatch.delenv("DEMO", raising=False)
    if value is not None:
        monkeypatch.setenv("DEMO", value)
    run._introduce(run.Options(port=8000, data=Path("unused"), empty=empty))
    said = capsys.readouterr().out
    assert (demo.PASSWORD in said) is told
    assert all(account.username in said for account in demo.ACCOUNTS) is told
