"""Style sheets, scripts, and the one third-party library."""

import hashlib
import re

from catalogue.edge.checkout import assets
from catalogue.outputs.assets import SHEET, asset_files, imported_modules
from catalogue.outputs.files import File


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


def test_the_style_sheets_are_served_as_one_with_the_tokens_first() -> None:
    folder, files = asset_files(
        {"css/colours.css": b"c", SHEET: b"b", "css/tokens.css": b"a", "css/noscript.css": b"n"}
    )
    assert {file.path: file.content for file in files} == {
        f"{folder}css/noscript.css": b"n",
        f"{folder}{SHEET}": b"abc",
    }


def test_imports_of_a_module_are_followed_to_the_end() -> None:
    modules = {
        "js/a.js": b'import { b,\n  c } from "./b.js";\nimport d from "../lib/d.js";\nconst later = import("./e.js");',
        "js/b.js": b'export { x } from "./c.js";\n// import no from "./f.js"; is a word in a sentence',
        "js/c.js": b'import { a } from "./a.js";',
        "lib/d.js": b"",
    }
    assert imported_modules(["js/a.js"], modules) == ["js/b.js", "lib/d.js", "js/c.js"]
    assert imported_modules(["js/b.js", "js/c.js"], modules) == ["js/a.js", "lib/d.js"]


def test_every_page_preloads_all_modules_that_its_scripts_import(real_files: list[File]) -> None:
    scripts = {file.path.partition("/js/")[2]: file.content for file in real_files if "/js/" in file.path}
    waiting = 0
    for file in real_files:
        if file.path.endswith(".html"):
            named = set(re.findall(r'(?:src|modulepreload" href)="[^"]*/js/([^"]+)"', file.text))
            imported = {each for name in named for each in re.findall(rb'from "\./([^"]+)"', scripts[name])}
            assert {each.decode() for each in imported} <= named, file.path
            waiting += len(imported)
    assert waiting > 100
