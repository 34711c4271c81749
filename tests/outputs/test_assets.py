"""Style sheets, scripts, and the one library that the browser gets."""

import hashlib

from catalogue.edge.checkout import assets
from catalogue.outputs.assets import asset_files


def test_lunr_is_the_published_file_byte_for_byte_and_comes_with_its_licence() -> None:
    found = assets()
    digest = hashlib.sha256(found["vendor/lunr-2.3.9.js"]).hexdigest()
    assert found["vendor/lunr-2.3.9.ORIGIN"].decode().splitlines()[-1] == f"SHA-256: {digest}"
    assert digest == "9431726f05c0eae2a6e54dc197709422869f25cad44f2430d2fb7ddae80cc717"  # as published
    assert b"Permission is hereby granted, free of charge" in found["vendor/lunr-2.3.9.LICENSE"]


def test_the_served_module_holds_the_published_file_whole() -> None:
    folder, files = asset_files(assets())
    served = next(file.content for file in files if file.path == f"{folder}vendor/lunr.js")
    assert assets()["vendor/lunr-2.3.9.js"] in served


def test_a_change_of_any_asset_changes_the_folder_that_all_of_them_are_in() -> None:
    before, files = asset_files({"a.css": b"a", "b.js": b"b"})
    after, _ = asset_files({"a.css": b"a", "b.js": b"c"})
    assert before != after
    assert [file.path for file in files] == [f"{before}a.css", f"{before}b.js"]
