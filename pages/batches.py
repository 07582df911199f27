"""Batches: a sheet of briefs in, its captions out; one sheet, one batch, its review, or the list of all."""

from lib import studio
from lib.ui.batches import page
from lib.ui.core import session

page.show(studio.current(), session.tenant_id())
