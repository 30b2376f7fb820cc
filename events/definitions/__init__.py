"""Every fact that may be appended: one definition each, from which all its forms are derived."""
