"""Build the catalogue. `python build.py --help` lists what else it can do."""

import sys

try:
    from catalogue.cli import main
except ModuleNotFoundError as error:
    sys.exit(f"{error.name} is not installed: run `make build`, or use .venv/bin/python build.py")

if __name__ == "__main__":
    main()
