"""API keys, for the tenant's admin: made, shown once, listed, revoked."""

from lib import studio
from lib.ui import frame, key_view

key_view.show(studio.current(), frame.tenant_id())
