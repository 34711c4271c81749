"""A static catalogue of research software that a reader can run."""

__version__ = "1.0.0"
