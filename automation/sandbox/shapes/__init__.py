"""Rows to JSON: GitLab's entities, in their field order and types.

Pure functions of loaded rows and the base URL; none of them asks the database.
"""
