"""The only module that touches what Pulumi's policy SDK does not document.

``tests/package/test_private_names.py`` checks every name here against the installed SDK and says what to do where one
is gone.
"""

from __future__ import annotations

from pulumi_policy.proxy import UnknownValueError

__all__ = ["UnknownValueError"]
