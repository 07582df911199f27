"""What people ask for: briefs, captions, filters, and the feeds, jobs and settings that they name."""

from __future__ import annotations

from lib.domain.errors.base import Invalid, StudioError


class InvalidBrief(Invalid):
    """A brief breaks a rule of its fields; no request is sent."""

    code = "invalid_brief"


class InvalidCaption(Invalid):
    """A caption breaks Instagram's rules, or what a person edited does."""

    code = "invalid_caption"


class InvalidFilter(Invalid):
    """A filter of captions or attempts, from an address or a program, cannot be read."""

    code = "invalid_filter"


class InvalidSettings(Invalid):
    """A tenant's settings of the metrics page break a rule."""

    code = "invalid_settings"


class FeedNotFound(StudioError):
    """The tenant has no feed with this id; a feed of another tenant is not found either."""

    code = "feed_not_found"
    status = 404


class FeedRefused(StudioError):
    """A constraint or trigger of the database's owner rejects a feed."""

    code = "feed_refused"
    status = 409


class FeedChanged(StudioError):
    """The feed was changed after the version that an edit or a move started from."""

    code = "feed_changed"
    status = 409


class ScreenChanged(StudioError):
    """A change was pressed on the screen of another team or feed than the one that it would have reached."""

    code = "screen_changed"
    status = 409


class MoveNotAllowed(StudioError):
    """The feed's status may not be followed by the status that was asked for."""

    code = "move_not_allowed"
    status = 409


class DisclosureUnconfirmed(StudioError):
    """A sponsored feed is to be approved or posted without a clear disclosure, and nobody gave the reason."""

    code = "disclosure_unconfirmed"
    status = 409


class VersionNotFound(StudioError):
    """The feed has no version with this number."""

    code = "version_not_found"
    status = 404


class RunNotFound(StudioError):
    """The tenant has no run with this id."""

    code = "run_not_found"
    status = 404


class JobNotFound(StudioError):
    """The tenant has no pipeline job with this id."""

    code = "job_not_found"
    status = 422


class OverlayNotFound(StudioError):
    """No overlay has this id."""

    code = "overlay_not_found"
    status = 422


class OverlayOfAnotherJob(StudioError):
    """An overlay and a job were chosen that do not belong together."""

    code = "overlay_of_another_job"
    status = 422


class JobRefused(StudioError):
    """A trigger of the database's owner does not let a job start the step that writes its caption."""

    code = "job_refused"
    status = 409


class PressOfAnotherTeam(StudioError):
    """A button was pressed for ``team`` while the session's page belonged to ``session_team``."""

    code = "press_of_another_team"
    status = 409


class KeyReused(StudioError):
    """An idempotency key was used before, with another brief or other options."""

    code = "key_reused"
    status = 422


class StillWriting(StudioError):
    """A generation with the same idempotency key is not finished."""

    code = "still_writing"
    status = 409
    retryable = True


class ExportStopped(StudioError):
    """A person stopped an export; its unfinished file is deleted."""

    code = "export_stopped"
    status = 499
