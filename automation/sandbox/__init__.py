"""The embedded GitLab: a stand-in that real GitLab clients cannot tell from the real thing.

Drumbeat can be tried, developed and tested end to end with no GitLab at hand, because
this package answers the part of GitLab's REST API (v4) that Drumbeat and its readers use.
It shares no code with the rest of Drumbeat: what is proven against it is proven by an
independent reading of GitLab's behaviour.

How a request travels, ground floor last:

- ``server``     binds a socket and runs uvicorn, in the foreground or in a thread.
- ``app``        the ASGI application: faults, limits, counting, one transaction per request.
- ``control``    ``/sandbox/…``: the clock, faults, limits, counters. Not GitLab's.
- ``api``        one file per resource, each a list of routes with small handlers.
- ``commands``, ``issue_edit``, ``labelling``, ``moving``  what a write does to an issue.
- ``shapes``     rows to JSON, in GitLab's field order and types.
- ``access``, ``auth``  who may do what, and who is asking.
- ``quick_actions``, ``tasks``, ``title_diff``  pure readers of text.
- ``paging``, ``params``, ``routing``, ``errors``  the manners of Grape, GitLab's API framework.
- ``store``, ``schema``, ``clock``  SQLite, and the one source of time.

Everything runs on one thread, the server's event loop, so requests never interleave and
their order is total. What GitLab has and this has not answers 404 and says so.
"""
