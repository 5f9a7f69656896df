"""The rules: pure functions from configuration, snapshot and `now` to changes."""
