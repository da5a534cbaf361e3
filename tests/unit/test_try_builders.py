"""What another builder of the site loses is seen and said."""

import pytest

from scripts.try_builders import Builder, Site, compare, described, install

PAGE = """<!doctype html><html><head><title>{title}</title><meta name="description" content="What it is"></head><body>
<dialog id="search"></dialog><main><h1 id="top">A</h1><h2 id="{anchor}">B</h2><pre><code>{code}</code></pre></main>
"""


def written(folder, pages, files=()):
    """A built site with these pages (path: title, anchor, code) and empty files."""
    for path, (title, anchor, code) in pages.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(PAGE.format(title=title, anchor=anchor, code=code), encoding="utf-8")
    for path in files:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()
    return Site.read(folder)


BEFORE = {
    "index.html": ("Home", "b", "print(1)\n"),
    "labs/one/index.html": ("A lab", "b", "x = 1"),
    "rag/index.html": ("RAG", "what", "import  a\n"),
}
FILES = ["snippets/rag/a.py", "search/search_index.json", "assets/site.js", "assets/javascripts/theme.js"]


def losses(before, after):
    """What is lost, by kind."""
    return {each.kind: each.lost for each in compare(before, after) if each.lost}


def test_the_same_site_has_lost_nothing(tmp_path):
    before = written(tmp_path / "a", BEFORE, FILES)
    spaced = BEFORE | {"rag/index.html": ("RAG", "what", "import a")}
    assert losses(before, written(tmp_path / "b", spaced, [*FILES, "new.html"])) == {}


def test_each_kind_of_loss_is_named(tmp_path):
    before = written(tmp_path / "a", BEFORE, FILES)
    after = {"index.html": ("Welcome", "b", "print(1)"), "rag/index.html": ("RAG", "else", '--8&lt;-- "a.py"')}
    found = losses(before, written(tmp_path / "b", after))
    assert found == {
        "Pages": ["labs/one/index.html"],
        "Notebooks as pages": ["labs/one/index.html"],
        "Titles": ["index.html"],
        "Anchors": ["rag/index.html#what"],
        "Blocks of code, with what they include": ["rag/index.html: import a"],
        "Downloads": ["snippets/rag/a.py"],
        "Style, scripts, pictures and search index of ours": ["assets/site.js", "search/search_index.json"],
    }
    report = "\n".join(described(list(compare(before, Site.read(tmp_path / "b")))))
    assert "| Pages | 3 | 1 |" in report and "Titles lost: `index.html`." in report


def test_a_builder_that_cannot_be_installed_is_told_apart(tmp_path):
    with pytest.raises(OSError, match="pip install --no-index no-such-builder failed"):
        install(Builder("no-such-builder", [["--no-index", "no-such-builder"]]), tmp_path)
