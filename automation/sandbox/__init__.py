"""The embedded GitLab: a stand-in that real GitLab clients cannot tell from the real thing.

Drumbeat can be tried, developed and tested end to end with no GitLab at hand, because
this package answers the part of GitLab's REST API (v4) that Drumbeat and its readers use.
It shares no code with the rest of Drumbeat: what is proven against it is proven by an
independent reading of GitLab's behaviour.

How a request travels, ground floor last:

- ``server``     binds a socket and runs uvicorn, in the foreground or in a thread.
- ``app``        the ASGI application: faults, limits, counting, one transaction per request.
- ``pages``      what a person sees in a browser; a client of ``api`` in the same process.
- ``control``    ``/sandbox/…``: clock, faults, limits, counters, state. Not GitLab's.
- ``api``        one file per resource, each a list of routes with small handlers.
- ``issue_params``, ``issue_filter``  what a request asks of issues.
- ``commands``, ``updates``, ``issue_edit``, ``labelling``, ``moving``  what a write does to one.
- ``shapes``     rows to JSON, in GitLab's field order and types.
- ``call``, ``access``, ``auth``  what a handler gets: who is asking, and what they may do.
- ``quick_actions``, ``tasks``, ``title_diff``  pure readers of text.
- ``incoming``, ``params``, ``paging``, ``routing``, ``errors``  the manners of Grape, the
  framework of GitLab's API.
- ``faults``, ``limits``  what can be switched on to make life harder.
- ``store``, ``saving``, ``schema…``, ``clock``  SQLite, a state as bytes, the one source of time.
- ``user_filter``, ``project_filter``, ``place_settings``, ``moving_places``, ``colors``,
  ``ci_config``  what lists of people and places are asked for, and what changes in them.

Everything runs on one thread, the server's event loop, so requests never interleave and
their order is total. What GitLab has and this has not answers 404 and says so.
"""
