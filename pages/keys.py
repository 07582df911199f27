"""API keys, for the tenant's admin: made, shown once, listed, revoked."""

from lib import studio
from lib.ui.core import session
from lib.ui.keys import key_list

key_list.show(studio.current(), session.tenant_id())
