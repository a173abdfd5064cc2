"""``python -m veza_simulator``."""

from __future__ import annotations

from veza_simulator.cli import main

if __name__ == "__main__":
    main()
