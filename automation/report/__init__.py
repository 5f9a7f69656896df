"""The directors' pages: a static site of what GitLab says about loops and initiatives.

Facts are gathered from a snapshot, counted, drawn and written, in files of these names. Of a
confidential issue nothing but its number in a count ever leaves the gathering.
"""
