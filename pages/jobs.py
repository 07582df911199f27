"""A job of the pipeline: its state, its overlays over the picture area, and all its captions."""

from lib import studio
from lib.ui import frame, job_view

job_view.show(studio.current(), frame.tenant_id())
