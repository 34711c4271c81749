"""A checkout whose YAML files are split into folders passes the tests, too."""

import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from catalogue.sources.schemas import schema_line

from .conftest import PROJECT, YAML_FILES, our_texts

# The tests that read these files, without those that build. Of test_content.py, one variant is split.
READ_THEM = (
    "tests/test_documentation.py",
    "tests/sources/test_schemas.py",
)
_NOT_COPIED = (".git", ".venv", ".cache", ".*_cache", ".hypothesis", "site", "golden", "corpora")


def test_a_file_may_be_split_into_a_folder_in_its_place(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns(*_NOT_COPIED))
    for file, folder in YAML_FILES.items():
        if folder is None:
            continue
        for path, text in our_texts(file).items():
            ((key, items),) = yaml.safe_load(text).items()
            if not items:  # git keeps no empty folder
                continue
            (copy / path).unlink()
            (copy / folder).mkdir(exist_ok=True)
            for number, item in enumerate(items):
                part = yaml.safe_dump({key: [item]})
                name = f"{Path(path).stem}-{number:03}.yaml"
                (copy / folder / name).write_text(f"{schema_line(file, '../')}\n{part}", "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *READ_THEM]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
