"""One plan, many renderers: each is a pure function to text.

What a confidential issue says is left out everywhere: plans and outcomes end up in job
logs and artifacts that more people may read than the issue.
"""
