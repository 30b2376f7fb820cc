"""Every page, so that the application serves them all: whatever module stands beside this one."""

import importlib
import pkgutil

from flask import Blueprint

from services.web import pages
from services.web.pages.parts import frame


def blueprint() -> Blueprint:
    """Return the pages, after each module of this package has added its own to them."""
    for module in pkgutil.iter_modules(pages.__path__, f"{pages.__name__}."):
        importlib.import_module(module.name)
    return frame.pages
