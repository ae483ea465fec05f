"""Say in plain words whether this Python can make the environment.

Written so that a Python that is too old can still read it and say so.
"""

import os
import sys
import sysconfig

OLDEST, NEWEST = (3, 11), (3, 13)
OTHER = "Name another one, as in: make .venv PYTHON=python3.12"
INSTALL = "On Debian or Ubuntu: apt-get install python3-venv python3-dev gcc"


def fault():
    """Return what is the matter with this Python and what to do about it, or None."""
    python = "Python %d.%d (%s)" % (sys.version_info[0], sys.version_info[1], sys.executable)
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        return "%s will not do: 3.11, 3.12 or 3.13 is needed." % python, OTHER
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return "%s cannot make an environment: it has no venv module." % python, INSTALL
    if not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")):
        return "%s has no headers: the rule engine is built from source." % python, INSTALL
    import shutil

    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    if not shutil.which(compiler):
        return "The C compiler '%s' is missing: the rule engine is built from source." % compiler, INSTALL
    return None


found = fault()
if found:
    sys.exit("%s\n  help: %s" % found)
