"""For the tenant's admin: API keys, and the button that makes search and figures anew."""

from lib import studio
from lib.ui.core import session
from lib.ui.keys import key_list, rebuild

key_list.show(studio.current(), session.tenant_id())
rebuild.show(studio.current(), session.tenant_id())
