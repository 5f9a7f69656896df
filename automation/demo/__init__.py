"""The people of the demo: who they are in the embedded GitLab, and what they do there.

They act through the REST API with tokens of their own, as their browsers would; nothing
here knows how Drumbeat works.
"""
