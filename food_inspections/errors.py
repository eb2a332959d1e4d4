"""Errors a user may meet: each names the thing, the value and what to do.

The command line prints them in one line; assets turn them into failures.
Programming errors stay what they are and keep their traceback.
"""


class FoodInspectionsError(Exception):
    """Something a user can act on; the message says how."""


class SettingsError(FoodInspectionsError):
    """A setting has a value the program cannot use."""


class PortalError(FoodInspectionsError):
    """The portal did not hand out what was asked; a retry may help."""


class PermanentPortalError(PortalError):
    """The portal's answer will not change by asking again (unknown data set, missing column, ...)."""


class StorageError(FoodInspectionsError):
    """The database or the object store refused or lost something."""


class DataError(FoodInspectionsError):
    """Data cannot be used as they are: missing columns, too few rows, one class only, ..."""


class ModelError(FoodInspectionsError):
    """A model is missing, was fitted with other library versions, or is not to be trusted."""
