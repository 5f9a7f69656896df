"""Drumbeat keeps the operating rhythm of a support organisation in GitLab.

Policies and templates in a git repository say what should happen how often; scheduled
pipelines compare that with what GitLab says now, plan the difference and apply it.
"""

__version__ = "0.1.0"
