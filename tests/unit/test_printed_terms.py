"""What a program prints is in the field's words, or the reason why not is written down."""

from scripts import printed_terms
from scripts.printed_terms import Found, complaints, printed_lines, stale_words, strings_of


def words(text: str, printed: bool = True) -> list[str]:
    """The stale words that are found in one line."""
    return [found.words for found in stale_words("a/program.py", [(1, text)], printed)]


def test_a_stale_word_is_found_with_what_to_write_instead():
    (found,) = stale_words("a/program.out", [(7, "trained 9,216 numbers")], printed=True)
    assert (found.line, found.words) == (7, "numbers") and "parameters" in found.instead
    assert words("fetched    1 right,  32 wrong") == ["fetched", "right", "wrong"]
    assert words("As it came: 32/40") == ["As it came"]
    (filled,) = stale_words("a/program.out", [(1, "nearest chunks")], printed=True)
    assert filled.instead == "most similar chunks"


def test_the_fields_own_words_are_not_minded():
    assert not words("retrieved 41 correct, 59 incorrect; the right passage; 134,515,008 parameters; 2 epochs")


def test_in_code_a_word_with_other_senses_may_stand_and_a_stale_one_may_not():
    assert not words("reads the numbers in a file", printed=False)
    assert words("download both, or mend yours", printed=False) == ["mend"]
    assert (3, "mend it") in strings_of('"""Add."""\n\nprint("mend it")  # mend\n')


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
