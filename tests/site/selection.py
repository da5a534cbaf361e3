"""A plugin of the runs that tests start: `-k` has to mean something, so that a test of another name is not left out.

pytest itself says nothing of `-k "one or another"` while there is one.
"""

import re

import pytest


def selecting_nothing(expression: str, tests: list[str]) -> list[str]:
    """The names in an expression of `-k` that fit none of these tests."""
    names = set(re.findall(r"[^\s()]+", expression)) - {"and", "or", "not"}
    return sorted(name for name in names if not any(name.lower() in test.lower() for test in tests))


@pytest.hookimpl(tryfirst=True)  # before pytest leaves out what does not fit
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """End the run where a name fits no test."""
    if unknown := selecting_nothing(config.option.keyword, [item.nodeid for item in items]):
        raise pytest.UsageError(f"-k names {', '.join(unknown)}, and no test that was collected is called so.")
