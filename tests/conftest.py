"""What every test may use. Fixtures live in tests/plugins/, one subject a file."""

pytest_plugins = ["tests.plugins.honesty", "tests.plugins.house", "tests.plugins.server"]
