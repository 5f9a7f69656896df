"""The views: ``SITE`` for addresses of their own, ``PLACES`` below a project or a group."""

from automation.sandbox.pages.views import boards, home, issue, issues, places
from automation.sandbox.routing import Router

SITE = Router(home.ROUTES.routes)
PLACES = Router([route for part in (places, issues, issue, boards) for route in part.ROUTES.routes])
