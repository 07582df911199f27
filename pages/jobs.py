"""A job of the pipeline: its state, its overlays over the picture area, and all its captions."""

from lib import studio
from lib.ui.core import session
from lib.ui.jobs import job

job.show(studio.current(), session.tenant_id())
