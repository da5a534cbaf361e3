"""What a program prints is in the field's words, or the reason why not is written down."""

from scripts import printed_terms
from scripts.printed_terms import Found, Text, complaints, printed_lines, stale_words, strings_of, words_in


def words(line: str, text: Text = Text.OUTPUT) -> list[str]:
    """The stale words that are found in one line."""
    return [found.words for found in stale_words("a/program.py", [(1, line)], text)]


def test_a_stale_word_is_found_with_what_to_write_instead():
    (found,) = stale_words("a/program.out", [(7, "trained 9,216 numbers")], Text.OUTPUT)
    assert (found.line, found.words) == (7, "numbers") and "parameters" in found.instead
    assert words("fetched    1 right,  32 wrong") == ["fetched", "right", "wrong"]
    assert words("As it came: 32/40") == ["As it came"]
    (filled,) = stale_words("a/program.out", [(1, "nearest chunks")], Text.OUTPUT)
    assert filled.instead == "most similar chunks"


def test_the_fields_own_words_are_not_minded():
    assert not words("retrieved 41 correct, 59 incorrect; the right passage; 134,515,008 parameters; 2 epochs")


def test_in_code_a_word_with_other_senses_may_stand_and_a_stale_one_may_not():
    assert not words("reads the numbers in a file", Text.STRINGS)
    assert words("download both, or mend yours", Text.STRINGS) == ["mend"]
    assert (3, "mend it") in strings_of('"""Add."""\n\nprint("mend it")  # mend\n')


SPOKEN = """# A page

!!! quote "Thirty seconds"

    If the form still fails, [I tune for form](../facts or form.md).

> What is wrong, facts or form?
"""


def test_an_answer_to_be_said_aloud_is_read_though_it_is_indented(tmp_path, monkeypatch):
    (tmp_path / "spoken.md").write_text(SPOKEN, encoding="utf-8")
    monkeypatch.setattr(printed_terms, "all_pages", lambda: [tmp_path / "spoken.md"])
    monkeypatch.setattr(printed_terms, "page_name", lambda page: page.name)
    found = {(one.line, one.words) for one in printed_terms.in_pages()}
    assert found == {(5, "the form still fails"), (5, "tune for form"), (7, "facts or form")}


def test_what_a_script_says_is_read_and_its_own_names_are_not(tmp_path, monkeypatch):
    (tmp_path / "tool.js").write_text("// the voice\nconst form = show('With facts, the form still fails.')\n", "utf-8")
    printed_terms.terms()  # kept from here on: they lie in the repository's own root
    monkeypatch.setattr(printed_terms, "OTHERS", [tmp_path / "tool.js"])
    monkeypatch.setattr(printed_terms, "ROOT", tmp_path)
    assert [(one.line, one.words) for one in printed_terms.around_pages()] == [(2, "the form still fails")]


def test_of_a_tools_data_the_words_are_read_and_not_the_ids_and_addresses():
    data = {"id": "tune-for-form", "point": "[Tune](facts or form.md) for style.", "phrasings": ["Tuned for form."]}
    assert [found for text in words_in(data) for found in words(text, Text.STRINGS)] == ["Tuned for form"]


def test_form_and_voice_stay_where_they_mean_something_else():
    assert not words(
        "other forms of a word, on the form, in its strongest form, the brand's own voice, booked by voice"
    )


def test_neither_the_command_nor_what_a_model_worded_is_read():
    text = "$ python answer.py --items 3\nAnswer:   It is right.\nTruth:    30 items"
    assert printed_lines(text, "ladder/rag/answer_without_documents.py") == [(3, "Truth:    30 items")]


def test_an_exception_keeps_its_words_alone_and_is_told_when_it_keeps_nothing():
    found = [Found("a.out", 2, "right", "correct"), Found("b.out", 2, "right", "correct")]
    assert complaints(found, {("a.out", "right"): "a reason"}) == ["b.out:2: “right”, where the field says: correct."]
    (idle,) = complaints([], {("a.out", "right"): "a reason"})
    assert "no longer in a.out: take the exception out" in idle


def test_every_exception_has_a_reason():
    assert all(len(reason.split()) > 3 for reason in printed_terms.exceptions().values())
