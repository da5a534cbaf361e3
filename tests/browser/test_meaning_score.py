"""The practice page's comparison by meaning: what it fetches and when, and that it agrees with Python.

The files that the browser runs are laid out by `make vendor`.
"""

import hashlib
import json
import random
import re
import unicodedata

import numpy as np
import pytest

from scripts.pages import rubric_points
from scripts.paths import HF_HOME, RESULTS
from tests.browser.fuzz_corpus import fuzz_inputs

PAGE = "tools/practice/"
MODULE = "assets/tools/embed/meaning_score.js"

TEXTS = [
    "",
    "   \t\r\n ",
    "Résumé, naïve, Ångström, ÀÉÎÕÜ, ﬁne",
    "日本語のテキスト 中文混合English テキスト",
    "👩‍👩‍👧‍👦 family 😀🏳️‍🌈 🇬🇧 👍🏽",
    "a" * 100 + " " + "b" * 101,
    "ΣΊΣΥΦΟΣ İstanbul ẞ Ǆ",
    "العربية עברית \u202etfel\u202c",
    "[SEP] hello [CLS] [sep] [MASK]x [UNK][PAD]",
    "don't—stop…“quoted” £5 €6 50% a_b c++ $x",
    "\0\ufffd\u200b\u00ad\x07 x\ty\r\nz\x0b\x0cq\x85w\u2028v",
    "हिन्दी ไทย 한국어 ガギグ",
    "①②③ ½ ™ ℃ \U0001d4ef\U0001d4ea\U0001d4f7",
    "<script>alert(1)</script>",
    "word " * 1000,
    "x" * 100_000,
]

browser_test = pytest.mark.browser


@pytest.fixture(scope="module")
def python_model():
    """The same model with its full weights, as the programs use it."""
    from sentence_transformers import SentenceTransformer

    found = list(HF_HOME.glob("hub/models--sentence-transformers--all-MiniLM-L6-v2/snapshots/*"))
    assert found, "The models are not here: run `make models`."
    return SentenceTransformer(str(found[0]), device="cpu")


def call(page, address: str, body: str, argument=None):
    """Run the body of a function in the page: `it` is the module meaning_score.js, `argument` what is given."""
    script = f"async ([url, argument]) => {{ const it = await import(url); {body} }}"
    return page.evaluate(script, [address + MODULE, argument])


@pytest.fixture(scope="module")
def loaded(browser, site_address, manifest):
    """A practice page on which the model has been loaded once; with what that took."""
    from tests.browser.chromium import Tab, open_context

    tab = Tab(open_context(browser, "desktop", "light"), site_address)
    page = tab.show(PAGE)
    took = call(
        page,
        site_address,
        """const parts = [], from = performance.now()
        await it.load(part => parts.push(part.done))
        return { milliseconds: performance.now() - from, parts }""",
    )
    yield tab, page, took
    page.context.close()


@browser_test
def test_nothing_is_fetched_before_the_reader_asks(browser, site_address, manifest):
    from tests.browser.chromium import Tab, open_context

    tab = Tab(open_context(browser, "desktop", "light"), site_address)
    asked = []
    tab.page.on("request", lambda request: asked.append(request.url.removeprefix(site_address)))
    page = tab.show(PAGE)
    page.wait_for_load_state("networkidle")
    said = {"assets/tools/embed/kept_models.js", "assets/tools/embed/models.js"}  # what says whether the model is kept
    heavy = {url for url in asked if "vendor/" in url or "tools/embed/" in url or url == MODULE}
    assert heavy == said
    state = call(page, site_address, "return it.available()")
    assert state == {"ready": True, "bytes": manifest["bytes"], "kept": False, "reason": ""}
    fetched = [url for url in asked if ("vendor/" in url or "tools/embed/" in url) and url not in said]
    small = [
        "assets/tools/embed/kept_files.js",
        "assets/tools/embed/worker_model.js",
        "assets/vendor/embedding/manifest.json",
    ]
    assert fetched == [MODULE, *small]
    assert not tab.found
    page.context.close()


@browser_test
def test_the_pieces_are_those_of_the_python_tokenizer(loaded, site_address, python_model):
    _, page, _ = loaded
    # Characters as old as Unicode 3.2: a browser and a library of different age may sort later ones differently.
    rng, old = random.Random(7), unicodedata.ucd_3_2_0
    known = [chr(code) for code in range(0x20, 0x30000) if old.category(chr(code)) not in ("Cn", "Cs")]
    known = [one for one in known if old.category(one) == unicodedata.category(one)]
    parts = ["a", "e ", " ", ".", "re", "ing", "un"]
    words = ["".join(rng.choice([*parts, *rng.choices(known, k=4)]) for _ in range(20)) for _ in range(1500)]
    texts = [*TEXTS, *words, *(text for text in fuzz_inputs(5000) if not re.search(r"[\ud800-\udfff]", text))]
    assert len(texts) > 1700
    wanted = python_model.tokenizer(texts, truncation=True, max_length=256)["input_ids"]
    found = call(page, site_address, "return it.piecesOf(argument)", texts)
    wrong = [ascii(text[:60]) for text, one, other in zip(texts, wanted, found, strict=True) if one != other]
    assert not wrong, f"{len(wrong)} of {len(texts)} texts come out in other pieces: {wrong[:5]}"


@browser_test
def test_vectors_agree_with_python(loaded, site_address, python_model, manifest):
    _, page, took = loaded
    answers = [answer["answer"] for answer in rubric_points.answers()[::9]]
    points = [texts[1] for texts in rubric_points.phrasings().values()][::8]
    odd = [TEXTS[2], TEXTS[3], TEXTS[4], TEXTS[9], " ".join(answers)]
    texts = [*answers, *points, *odd]
    assert len(answers) + len(odd) >= 40
    found = call(
        page,
        site_address,
        """const from = performance.now()
        const vectors = await it.vectorsOf(argument)
        return { milliseconds: performance.now() - from, vectors: vectors.map(one => Array.from(one)) }""",
        texts,
    )
    here, there = np.array(found["vectors"]), python_model.encode(texts, normalize_embeddings=True)
    cosines = (here * there).sum(axis=1)
    assert np.allclose(np.linalg.norm(here, axis=1), 1, atol=1e-5)
    assert cosines.min() >= 0.99, f"{texts[int(cosines.argmin())][:80]!r}: {cosines.min():.4f}"

    first, last = len(answers), len(answers) + len(points)
    nearest = [(part[:first] @ part[first:last].T) for part in (here, there)]
    same = nearest[0].argmax(axis=1) == nearest[1].argmax(axis=1)
    gaps = np.sort(nearest[1], axis=1)
    clear = gaps[:, -1] - gaps[:, -2] > 0.02  # nearer than that, rounding the weights may turn the order
    assert same[clear].all(), [answers[index] for index in np.flatnonzero(clear & ~same)]

    measured = {
        "bytes": manifest["bytes"],
        "milliseconds to fetch and start": round(took["milliseconds"]),
        "milliseconds a sentence": round(found["milliseconds"] / len(texts), 1),
        "texts": len(texts),
        "lowest cosine": round(float(cosines.min()), 4),
        "same nearest point": f"{int(same.sum())} of {len(same)}, {int(clear.sum())} of them clear",
    }
    (RESULTS / "meaning_score.json").write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    print(measured)


@browser_test
def test_scores_agree_with_the_program(loaded, site_address, python_model):
    _, page, _ = loaded
    answers = [answer for answer in rubric_points.answers() if answer["split"] == "test"][::11]
    phrasings = rubric_points.phrasings()
    asked = []
    for answer in answers:
        text, *others = phrasings[f"{answer['prompt']} {answer['point']}"]
        asked.append({"answer": answer["answer"], "point": {"id": answer["point"], "text": text, "phrasings": others}})
    found = call(
        page,
        site_address,
        """const found = []
        for (const { answer, point } of argument) found.push(...await it.score(answer, [point]))
        return found""",
        asked,
    )
    for answer, scored in zip(answers, found, strict=True):
        sentences = re.split(r"(?<=[.!?])\s+|\n+", answer["answer"])
        parts = sentences + [" ".join(sentences[at : at + 2]) for at in range(len(sentences) - 1)]
        wanted = phrasings[f"{answer['prompt']} {answer['point']}"]
        encode = python_model.encode
        similarity = (encode(parts, normalize_embeddings=True) @ encode(wanted, normalize_embeddings=True).T).max()
        assert scored["similarity"] == pytest.approx(similarity, abs=0.03)
        assert scored["sentence"] in parts
        thresholds = json.loads(rubric_points.THRESHOLDS.read_text(encoding="utf-8"))
        order = ["missed", "unsure", "covered"]
        place = sum(scored["similarity"] >= thresholds[name] for name in ("unsure", "covered"))
        assert scored["verdict"] == order[place]


@browser_test
def test_fuzzed_answers_are_scored_like_any_other(loaded, site_address):
    tab, page, _ = loaded
    tab.found.clear()
    texts = fuzz_inputs()
    assert len(texts) >= 200
    sizes = call(page, site_address, "return (await it.piecesOf(argument)).map(one => one.length)", texts)
    assert all(2 <= size <= 256 for size in sizes)
    found = call(
        page,
        site_address,
        """const points = [{ id: "__proto__", text: "Say what it costs.", phrasings: [] }], found = []
        for (const text of argument) found.push((await it.score(text, points))[0])
        return found""",
        [*texts[::9], "no. " * 50_000, "x" * 1_000_000, "\ud83d a \udc00. b"],
    )
    for one in found:
        assert one["id"] == "__proto__"
        assert 0 <= one["similarity"] <= 1
        assert one["verdict"] in ("covered", "unsure", "missed")
    assert call(page, site_address, "return it.score('', [])") == []
    assert not tab.found


@browser_test
def test_once_loaded_it_needs_no_connection(loaded, site_address, manifest):
    tab, page, took = loaded
    assert took["parts"] == sorted(took["parts"])
    assert took["parts"][-1] == manifest["bytes"]
    points = [{"id": "cost", "text": "It costs money.", "phrasings": ["The price is high."]}]
    page.context.set_offline(True)
    try:
        (scored,) = call(page, site_address, "return it.score('The price is really high.', argument)", points)
        assert scored["verdict"] == "covered"
        assert call(page, site_address, "return it.available()") == {
            "ready": True,
            "bytes": manifest["bytes"],
            "kept": True,
            "reason": "",
        }
    finally:
        page.context.set_offline(False)

    # The next visit takes the files from the device: the site's own may be out of reach.
    page.route("**/vendor/embedding/*.*?*", lambda route: route.abort())
    page = tab.show(PAGE)
    call(page, site_address, "await it.load(); return 0")
    (scored,) = call(page, site_address, "return it.score('The price is really high.', argument)", points)
    assert scored["verdict"] == "covered"
    page.unroute("**/vendor/embedding/*.*?*")


LOAD = "return it.load().then(() => 'loaded', error => error.message)"


WRONG = {
    "no manifest": ("**/manifest.json", {"status": 404, "body": "<h1>Not found</h1>"}, "built without the model"),
    "a page for a manifest": ("**/manifest.json", {"body": "<!doctype html>"}, "built without the model"),
    "no model": ("**/model.onnx?*", {"status": 500}, "does not have model.onnx"),
    "half a model": ("**/model.onnx?*", {"body": "x" * 1000}, "did not arrive whole"),
    "too much": ("**/*.wasm?*", {"body": "x" * 15_000_000}, "longer than it should be"),
    "blocked": ("**/model.onnx?*", None, "The connection broke"),
}


@browser_test
@pytest.mark.parametrize("wrong", WRONG)
def test_what_goes_wrong_is_told_in_one_sentence_and_can_be_tried_again(browser, site_address, manifest, wrong):
    from tests.browser.chromium import Tab, open_context

    pattern, answer, told = WRONG[wrong]
    tab = Tab(open_context(browser, "desktop", "light"), site_address)
    page = tab.show(PAGE)
    page.route(pattern, lambda route: route.fulfill(**answer) if answer else route.abort())
    if "manifest" in pattern:
        state = call(page, site_address, "return it.available()")
        assert not state["ready"]
        assert told in state["reason"]
    said = call(page, site_address, LOAD)
    assert told in said
    assert said.endswith(".")
    refused = call(page, site_address, "return it.score('x', []).then(() => '', error => error.message)")
    assert refused == "The model is not loaded."
    if wrong == "blocked":
        page.unroute(pattern)
        assert call(page, site_address, LOAD) == "loaded"
    assert not [one for one in tab.found if "error in a script" in one]
    page.context.close()


@browser_test
def test_a_device_that_cannot_start_it_is_told_in_one_sentence(browser, site_address, manifest):
    from tests.browser.chromium import Tab, open_context

    tab = Tab(open_context(browser, "desktop", "light"), site_address)
    page = tab.show(PAGE)
    text = b"not a model"
    false = {"bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}
    files = [file | false if file["name"] == "model.onnx" else file for file in manifest["files"]]
    page.route("**/manifest.json", lambda route: route.fulfill(json=manifest | {"files": files}))
    page.route("**/model.onnx?*", lambda route: route.fulfill(body=text))
    said = call(page, site_address, LOAD)
    assert said == "The model is here, and this device cannot start it. It may lack the memory."
    page.context.close()


@browser_test
def test_a_reader_agrees_compares_and_judges(loaded):
    tab, page, _ = loaded
    tab.found.clear()
    page = tab.show(PAGE + "?prompt=architect-rag")
    page.locator("[data-tool=practice] textarea").fill("Cut at the headings, with the title in front. No citations.")
    page.get_by_role("button", name="Show the rubric").click()
    page.get_by_role("button", name="Compare my words").click()  # kept on the device by now: it need not ask
    page.get_by_role("button", name="Compare again").wait_for()
    rubric = page.locator("[data-tool=practice]").inner_text()
    assert "Spoken of" in rubric
    assert "Cut at the headings, with the title in front." in rubric
    assert not page.locator("[data-tool=practice] input:checked").count(), "The reader judges."
    assert not tab.found


@browser_test
@pytest.mark.parametrize("how", ["declined", "blocked", "built without"])
def test_without_the_model_readers_score_themselves(browser, site_address, manifest, how):
    from tests.browser.chromium import Tab, open_context

    tab = Tab(open_context(browser, "desktop", "light"), site_address)
    asked = []
    tab.page.on("request", lambda request: asked.append(request.url))
    page = tab.show(PAGE + "?prompt=architect-rag")
    if how == "blocked":
        page.route("**/model.onnx?*", lambda route: route.abort())
    if how == "built without":
        page.route("**/manifest.json", lambda route: route.fulfill(status=404))
    page.locator("[data-tool=practice] textarea").fill("Cut at the headings.")
    page.get_by_role("button", name="Show the rubric").click()
    page.get_by_role("button", name="Compare my words").click()
    words = page.locator("[data-tool=practice] [role=status]", has_text="You score yourself")
    if how == "declined":
        page.get_by_role("button", name="No, I score myself").click()
    if how == "blocked":
        page.get_by_role("button", name="Fetch 37 MB").click()
    words.wait_for()
    assert ("The connection broke" in words.inner_text()) == (how == "blocked")
    assert ("built without the model" in words.inner_text()) == (how == "built without")
    assert not [url for url in asked if ".onnx" in url] or how == "blocked"
    page.get_by_label("I said it").first.check()
    page.context.close()


@browser_test
def test_offline_before_the_first_load_it_says_so(browser, site_address, manifest):
    from tests.browser.chromium import Tab, open_context

    tab = Tab(open_context(browser, "desktop", "light"), site_address)
    page = tab.show(PAGE)
    call(page, site_address, "return 0")
    page.context.set_offline(True)
    state = call(page, site_address, "return it.available()")
    assert state == {
        "ready": False,
        "bytes": 0,
        "kept": False,
        "reason": "You are offline, and the model is not on this device yet.",
    }
    assert call(page, site_address, LOAD) == state["reason"]
    page.context.close()


@browser_test
def test_loading_can_be_stopped(browser, site_address, manifest):
    from tests.browser.chromium import Tab, open_context

    tab = Tab(open_context(browser, "desktop", "light"), site_address)
    page = tab.show(PAGE)
    said = call(
        page,
        site_address,
        """const loading = it.load(() => it.unload("You stopped it.")).then(() => "", error => error.message)
        return loading""",
    )
    assert said == "You stopped it."
    assert not tab.found
    page.context.close()


@browser_test
def test_a_worker_that_dies_in_silence_is_noticed_at_once(browser, site_address):
    from tests.browser.chromium import Tab, open_context

    context = open_context(browser, "desktop", "light")
    files = [{"name": "vocab.txt", "bytes": 10, "sha256": "0" * 64}]
    context.route("**/manifest.json", lambda route: route.fulfill(json={"bytes": 10, "files": files}))
    context.route("**/vocab.txt?*", lambda route: None)  # never answered: the worker waits
    page = Tab(context, site_address).show(PAGE)
    with page.expect_worker() as started, page.expect_request("**/vocab.txt?*"):
        loading = "window.loading = it.load().then(() => 'loaded', error => error.message)"
        call(page, site_address, f"{loading}; return ''")
    started.value.evaluate("self.close()")
    assert page.evaluate("window.loading").startswith("The model stopped without a word")
    remove = "const { removeModel } = await import(argument); await removeModel('prompt-retrieve-tune-embedding')"
    call(page, site_address, remove, site_address + "assets/tools/embed/models.js")
    assert page.evaluate("caches.keys()") == []
    context.close()


@browser_test
def test_a_load_that_is_cancelled_before_it_has_its_list_of_files_fetches_nothing_more(browser, site_address):
    from tests.browser.chromium import Tab, open_context

    context = open_context(browser, "desktop", "light")
    lists, workers = [], []

    def hold(route) -> None:
        lists.append(route)

    context.route("**/manifest.json", hold)
    context.route("**/vocab.txt?*", lambda route: None)  # never answered: the worker waits
    page = Tab(context, site_address).show(PAGE)
    page.on("worker", lambda worker: workers.append(worker.url))
    begin = "window.%s = it.load().then(() => 'loaded', error => error.message); return 0"
    with page.expect_request("**/manifest.json"):
        call(page, site_address, begin % "first")
    assert call(page, site_address, "it.unload('Cancelled.'); return window.first") == "Cancelled."
    with page.expect_request("**/manifest.json"):
        call(page, site_address, begin % "second")
    files = {"bytes": 10, "files": [{"name": "vocab.txt", "bytes": 10, "sha256": "0" * 64}]}
    with page.expect_request("**/vocab.txt?*"):
        for route in lists:
            route.fulfill(json=files)
    assert len(workers) == 1, "the load that was cancelled started a worker"
    assert call(page, site_address, "it.unload('Enough.'); return window.second") == "Enough."
    context.close()


@browser_test
@pytest.mark.parametrize("script", ["worker", "tokenizer"])
def test_a_connection_that_breaks_before_the_worker_is_here_is_no_unfit_browser(
    browser, site_address, manifest, script
):
    from tests.browser.chromium import Tab, open_context

    page = Tab(open_context(browser, "desktop", "light"), site_address).show(PAGE)
    page.route(f"**/embed/{script}.js", lambda route: route.abort())
    assert call(page, site_address, LOAD).startswith("What runs the model could not be fetched.")
    page.unroute(f"**/embed/{script}.js")
    assert call(page, site_address, LOAD) == "loaded"
    page.context.close()


@browser_test
def test_a_worker_that_fails_as_it_starts_is_an_unfit_browser(browser, site_address, manifest):
    from tests.browser.chromium import Tab, open_context

    page = Tab(open_context(browser, "desktop", "light"), site_address).show(PAGE)
    script = {"body": "throw new Error('It lacks something.')", "content_type": "text/javascript"}
    page.route("**/embed/worker.js", lambda route: route.fulfill(**script))
    assert call(page, site_address, LOAD) == "This browser cannot run the model."
    page.context.close()


@browser_test
def test_without_the_limits_vectors_come_and_the_score_says_that_the_connection_broke(browser, site_address, manifest):
    from tests.browser.chromium import Tab, open_context

    page = Tab(open_context(browser, "desktop", "light"), site_address).show(PAGE)
    page.route("**/thresholds.json", lambda route: route.abort())
    assert call(page, site_address, LOAD) == "loaded"
    assert call(page, site_address, "return (await it.vectorsOf(['A text.'])).length") == 1
    points = [{"id": "cost", "text": "It costs money.", "phrasings": ["The price is high."]}]
    score = "return it.score('The price is high.', argument).then(([one]) => one.verdict, error => error.message)"
    assert call(page, site_address, score, points).startswith("The connection broke.")
    page.unroute("**/thresholds.json")
    assert call(page, site_address, score, points) == "covered"
    page.context.close()


TWO_RUNS = """
  const { ModelRun } = await import(argument)
  const given = {}
  const run = (name, many) =>
    new ModelRun("Go", () => Array(many).fill("A text."), async (vectors) => { given[name] = vectors.length })
  const one = run("one", 800), other = run("other", 40)
  const ends = [one.start(), other.start()]
  const atWork = (run) => run.words.textContent.startsWith("Read")
  while (!atWork(one) || !atWork(other)) await new Promise(requestAnimationFrame)
  one.stop()
  await Promise.all(ends)
  return { given, said: [one.words.textContent, other.words.textContent] }
"""


@browser_test
def test_cancel_in_one_part_leaves_the_other_at_work(loaded, site_address):
    _, page, _ = loaded
    found = call(page, site_address, TWO_RUNS, site_address + "assets/tools/measure/model.js")
    assert found == {"given": {"other": 40}, "said": ["Cancelled. What was fetched whole is kept.", ""]}
