"""``python -m pulumi_veza.cli``."""

from __future__ import annotations

from pulumi_veza.cli import main

if __name__ == "__main__":
    main()
