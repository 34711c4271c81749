"""Similar entries: they share keywords or data that few others have."""

from catalogue.model import Software
from catalogue.outputs.similar import SIMILAR_AT_MOST, similar_entries
from catalogue.outputs.software_views import software_views
from tests.conftest import built
from tests.world import catalogue, repository, software


def tools(*keywords: str, others: int = 20) -> list[Software]:
    """Entries with these keywords, separated by blanks, named by letters; and others, each with a keyword of its own."""
    named = [
        software(letter, name=letter, keywords=tuple(each.split()))
        for letter, each in zip("abcdefg", keywords, strict=False)
    ]
    return [*named, *(software(f"x{n}", name=f"x{n}", keywords=(f"own{n}",)) for n in range(others))]


def similar(every: list[Software], slug: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return dict(similar_entries(every))[slug]


def test_an_entry_is_the_more_similar_the_more_rare_keywords_it_shares() -> None:
    every = tools("moc tables rust", "moc tables", "moc", "tables")
    assert similar(every, "a") == (("b", ("moc", "tables")), ("c", ("moc",)), ("d", ("tables",)))
    assert similar(every, "x0") == ()
    # A keyword of two entries counts for more than one of three.
    every = tools("moc tables", "tables", "tables", "moc")
    assert [slug for slug, _ in similar(every, "a")] == ["d", "b", "c"]


def test_what_many_entries_have_does_not_make_them_similar() -> None:
    assert similar(tools("astronomy", "astronomy", "astronomy", "astronomy"), "a") == ()
    assert len(similar(tools("astronomy", "astronomy", "astronomy", "astronomy", others=40), "a")) == 3


def test_keywords_are_compared_as_the_facets_do_and_data_that_both_read_count_too() -> None:
    one = software("one", keywords=("Deep Learning",), reads=("Apertif DR1",))
    other = software("other", keywords=("deep-learning",), reads=("apertif dr1",))
    assert similar([one, other, *tools()], "one") == (("other", ("Apertif DR1", "Deep Learning")),)


def test_entries_of_one_repository_are_not_listed_again() -> None:
    code = repository("https://github.com/owner/tool")
    one, two = (software(slug, keywords=("moc",), repository=code) for slug in ("one", "two"))
    third = software("third", keywords=("moc",), repository=repository("https://github.com/owner/other"))
    assert similar([one, two, third, *tools()], "one") == (("third", ("moc",)),)


def test_a_name_counts_as_a_keyword_and_of_many_shared_labels_the_rarest_are_named() -> None:
    library, example = software("gammapy"), software("example", keywords=("Gammapy",))
    assert similar([library, example, *tools()], "gammapy") == (("example", ("Gammapy",)),)
    many = " ".join(f"k{n}" for n in range(9))
    every = tools(f"{many} rare", f"{many} rare", many)
    assert dict(similar(every, "a"))["b"] == ("rare", "k0", "k1", "k2", "k3")


def test_few_are_shown_and_ties_are_in_the_order_of_names() -> None:
    every = tools(*["moc"] * 7, others=100)
    assert [slug for slug, _ in similar(every[::-1], "d")] == ["a", "b", "c", "e"]
    assert SIMILAR_AT_MOST == 4


def test_the_page_names_similar_entries_what_they_share_and_whether_they_should_run() -> None:
    own = "software:\n" + "".join(
        f"  - {{id: {slug}, name: {slug}, interfaces: [{kind}], needs_packages: false, keywords: [MOC], repository: 'https://github.com/o/{slug}'}}\n"
        for slug, kind in (("sky", "notebook"), ("table", "desktop"))
    )
    found = catalogue(notebooks=own)
    pages = {file.path: file.text for file in built(found) if file.path.endswith(".html")}
    views = {view.software.slug: view for view in software_views(found)}
    assert [(each.label, each.shared, each.runs) for each in views["table"].similar] == [("sky", ("MOC",), True)]
    runs, does_not = pages["software/table/index.html"], pages["software/sky/index.html"]
    assert (
        '<li><a href="../../software/sky/" dir="auto">sky</a> <span class="verdict verdict-yes">Should run</span> '
        '<span class="quiet">in common: <span dir="auto">MOC</span></span></li>'
    ) in runs
    assert '<span class="verdict verdict-yes">Should run</span> <span class="quiet">in common' not in does_not


def test_a_similar_web_application_should_run_too() -> None:
    own = (
        "software:\n"
        "  - {id: atlas, name: Atlas, interfaces: [web], homepage: 'https://atlas.example.org/', keywords: [MOC]}\n"
        "  - {id: table, name: Table, interfaces: [desktop], keywords: [MOC]}\n"
    )
    views = {view.software.slug: view for view in software_views(catalogue(notebooks=own))}
    assert [(each.label, each.runs) for each in views["table"].similar] == [("Atlas", True)]
    assert [(each.label, each.runs) for each in views["atlas"].similar] == [("Table", False)]
