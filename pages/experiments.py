"""Experiments: variants of a brief, judged blind, and the team's prompt library."""

from lib import studio
from lib.ui.core import session
from lib.ui.experiments import page

page.show(studio.current(), session.tenant_id())
