"""Frozen facts: the words of Drumbeat as types. No I/O, no clock."""
