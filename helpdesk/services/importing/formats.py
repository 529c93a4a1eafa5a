"""The tables that can be imported, by name."""

from __future__ import annotations

from helpdesk.services.importing.agencies import AGENCIES
from helpdesk.services.importing.format import Format
from helpdesk.services.importing.lists import CHECKS, REASONS
from helpdesk.services.importing.localities import LOCALITIES
from helpdesk.services.importing.office import CALENDAR_DAYS, ROTA
from helpdesk.services.importing.routes import ROUTES
from helpdesk.services.importing.teams import TEAMS

# In the order in which an authority that begins needs them: what is named comes before what names it.
FORMATS: dict[str, Format] = {
    one.kind: one for one in (LOCALITIES, TEAMS, AGENCIES, ROUTES, REASONS, CHECKS, CALENDAR_DAYS, ROTA)
}
