"""The pages of the embedded GitLab: what a person sees in a browser.

The pages are a client of the API that happens to live in the same process: whatever they
show or change goes through the API's own handlers, with the rights of whoever is signed in.
So there is no second set of rules, and what a click does is what the API does.

- ``site``      from a request to an answer: session, forgery check, route, errors, headers.
- ``visit``     what a view gets: who looks, at what, and the API to ask.
- ``session``   signed cookies: who is signed in, and one message for the next page.
- ``views``     one file per kind of page, each a list of routes with small handlers.
- ``markdown``  descriptions and comments to harmless HTML, with boxes that can be ticked.
- ``rendering``  templates to bytes; ``templates`` and ``static`` are what it works with.

There is no inline script or style and nothing comes from elsewhere, which the content
security policy holds the browser to.
"""
