"""SEN funding policy as code: reads policy/, rules/ and descriptors/, and decides a case, with reasons."""

__version__ = "0.1.0"
