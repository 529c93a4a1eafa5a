"""Keep the test run honest: nothing skipped in silence, and both databases tested equally."""

from collections import Counter

import pytest

DATABASES = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("honesty")
    group.addoption("--no-skips", action="store_true", help="fail when any test was skipped")
    group.addoption("--both-databases", action="store_true", help="fail unless storage tests ran equally on both")


def database_of(test: str) -> str | None:
    """Tell which database a test runs on: the id of its parameter says so."""
    named = test.partition("[")[2].rstrip("]").split("-")
    return next((name for name in DATABASES if name in named), None)


class Honesty:
    """Judges the run as a whole: where several processes share it, in the one that hears of every test."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.is_whole = not hasattr(config, "workerinput")
        self.ran: Counter[str] = Counter(dict.fromkeys(DATABASES, 0))
        self.skipped: list[str] = []
        self.faults: list[str] = []

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            if item.get_closest_marker("storage") is not None and database_of(item.name) is None:
                raise pytest.UsageError(f"{item.nodeid} is marked storage, but runs on no named database")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skipped.append(report.nodeid)
        elif report.when == "call" and "storage" in report.keywords:
            self.ran[database_of(report.nodeid) or ""] += 1

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Fail a run that would otherwise pass for the wrong reason."""
        if not self.is_whole:
            return
        if self.config.getoption("--both-databases"):
            if len(set(self.ran.values())) > 1:
                self.faults.append("storage tests ran in unequal numbers on the two databases")
            if not any(self.ran.values()):
                self.faults.append("no storage test ran at all")
        if self.config.getoption("--no-skips") and self.skipped:
            self.faults.append(f"{len(self.skipped)} skipped")
        if self.faults and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        counts = ", ".join(f"{name} {self.ran[name]}" for name in DATABASES)
        terminalreporter.write_line(f"storage: {counts}")
        for fault in self.faults:
            terminalreporter.write_line(f"HONESTY: {fault}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Honesty(config), "honesty-of-this-run")
