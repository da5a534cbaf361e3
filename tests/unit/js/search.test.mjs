// The pure parts of the site's search, and what the copy button takes. Run by `node --test tests/unit/js/*.test.mjs`.

import assert from "node:assert/strict"
import { test } from "node:test"
import { commandsOf } from "../../../docs/assets/copy.js"
import { build, rank } from "../../../docs/assets/search/keyword.js"
import { sectionsOf } from "../../../docs/assets/search/sections.js"
import { marked, snippet } from "../../../docs/assets/search/snippet.js"
import { plain, stemOf, termsOf, tokenise } from "../../../docs/assets/search/text.js"
import { reasons } from "../../../docs/assets/search/why.js"

test("a name in capitals inside is found whole and by its parts", () => {
  assert.deepEqual(termsOf("LoraConfig"), ["loraconfig", "lora", "config"])
  assert.deepEqual(termsOf("SentenceTransformer"), ["sentencetransformer", "sentence", "transformer"])
  assert.deepEqual(termsOf("HTMLParser"), ["htmlparser", "html", "parser"])
  assert.deepEqual(termsOf("QLoRA"), ["qlora"]) // its parts say nothing
  assert.deepEqual(tokenise("McNemar's"), ["mcnemars", "mcnemar", "nemar", "s"])
})

test("a word with a hyphen is found in each of the three ways in which people write it", () => {
  assert.deepEqual(termsOf("fine-tuning"), ["finetuning", "fine", "tuning"])
  assert.deepEqual(termsOf("zero‑shot"), ["zeroshot", "zero", "shot"]) // with a hyphen that does not break
  assert.deepEqual(termsOf("max_new_tokens"), ["maxnewtokens", "max", "new", "tokens"])
})

test("numbers, names of languages, accents and scripts other than Latin are words", () => {
  assert.deepEqual(tokenise("0.45 of C++ and C#, RX-3"), ["0.45", "of", "c++", "and", "c#", "rx3", "rx", "3"])
  assert.deepEqual(tokenise("Über Zürich"), tokenise("Uber Zurich"))
  assert.deepEqual(tokenise("U\u0308ber"), tokenise("Über"))
  assert.deepEqual(tokenise("Привет мир"), ["привет", "мир"])
  assert.deepEqual(tokenise("?! … —"), [])
})

test("markup goes, and what only looks like markup stays", () => {
  assert.equal(plain("<p>if a &lt; b &amp;&amp; c &gt; d</p> <pre><code>x</code></pre>"), "if a < b && c > d x")
  assert.equal(plain("&amp;lt; stays as written"), "&lt; stays as written")
})

const INDEX = {
  docs: [
    { location: "a/", title: "Rung 3: fine-tuning", text: "<p>Opening.</p>", tags: ["weights"] },
    { location: "a/#rung-3", title: "Rung 3: fine-tuning", text: "<p>Below the title.</p>", tags: ["weights"] },
    {
      location: "a/#config",
      title: "What to set",
      text: "<p>Give <code>LoraConfig</code> a rank.</p>",
      tags: ["weights"],
    },
    { location: "a/#empty", title: "Heading alone", text: "" },
    { location: "b/", title: "Retrieval", text: "<p>A fact in the middle is lost; lost and found.</p>" },
    { location: "b/#lost", title: "Long prompts", text: "<p>What is lost in the middle of a prompt.</p>" },
    { location: "b/#hub", title: "Where from", text: "<p>The Hugging Face hub.</p>" },
  ],
}
const sections = sectionsOf(INDEX)
const index = await build(sections)
const found = (question) => rank(index, question).map(({ section }) => section.id)

test("sections are named with their page, and a page's own heading is its beginning", () => {
  assert.deepEqual(
    sections.map(({ id }) => id),
    ["a/", "a/#config", "b/", "b/#lost", "b/#hub"],
  )
  assert.equal(sections[0].text, "Opening. Below the title.")
  assert.deepEqual(sections.map(({ tags }) => tags).filter(Boolean), ["weights"])
  assert.equal(sections[1].page, "Rung 3: fine-tuning")
})

test("words are found however they are written, and by the page's tags", () => {
  for (const question of ["finetuning", "fine tuning", "fine-tuning", "Fine-Tuning", "fintuning", "weights"]) {
    assert.equal(found(question)[0], "a/", question)
  }
  for (const question of ["loraconfig", "LoraConfig", "lora config"])
    assert.equal(found(question)[0], "a/#config", question)
  assert.deepEqual(found("huggingface"), ["b/#hub"])
  assert.deepEqual(found("retreival").slice(0, 1), ["b/"])
  assert.deepEqual(found("retr").slice(0, 1), ["b/"]) // while it is being typed
})

test("small words do not decide, and words side by side count more", () => {
  assert.equal(found("lost in the middle")[0], "b/#lost")
  assert.equal(found("where is the hub")[0], "b/#hub")
  assert.ok(found("the").length > 0)
  assert.deepEqual(found("  ?! "), [])
  assert.deepEqual(found("zzzzqqq"), [])
})

test("a question with a word that no section has is answered by the others", () => {
  assert.equal(found("hub zzzzqqq")[0], "b/#hub")
})

test("forms of a word are one, and words that only look alike are not", () => {
  const same = [
    ["token", "tokens"],
    ["train", "trained", "training"],
    ["retrieve", "retrieval", "retrieving"],
    ["evaluate", "evaluation", "evaluating"],
    ["optimise", "optimization", "optimising"],
    ["label", "labelled", "labeled"],
    ["query", "queries"],
    ["judgment", "judgement"],
  ]
  for (const forms of same) assert.equal(new Set(forms.map(stemOf)).size, 1, forms.join(", "))
  const apart = [
    ["custom", "customer"],
    ["general", "generate"],
    ["bias", "bia"],
    ["embedding", "embassy"],
  ]
  for (const [one, other] of apart) assert.notEqual(stemOf(one), stemOf(other), `${one}, ${other}`)
})

test("another form of a word is found, after the word itself", async () => {
  const forms = await build([
    { id: "plural", page: "P", title: "A", text: "The tokens of a text.", tags: "", first: false },
    { id: "exact", page: "P", title: "B", text: "A token of a text.", tags: "", first: false },
  ])
  assert.deepEqual(
    rank(forms, "token ").map(({ section }) => section.id),
    ["exact", "plural"],
  )
  assert.deepEqual([...rank(forms, "token ")[1].terms], ["tokens"])
})

const guide = await build(
  [
    ["cost", "Cost", "What a month comes to."],
    ["trust", "Hallucination", "An answer that no document holds."],
    ["long", "Custom model", "Weights of your own, from nothing."],
    ["tune", "Fine-tuning", "Change the weights by examples."],
    ["price", "Vendors", "The price list of one vendor."],
  ].map(([id, title, text]) => ({ id, page: "Guide", title, text, tags: "", first: false })),
)

test("readers' words find what the guide says in others, and what says it in theirs", () => {
  const first = (question) => rank(guide, question)[0]?.section.id
  for (const question of ["making things up", "it made things up", "it makes up an answer"]) {
    assert.equal(first(question), "trust", question)
  }
  assert.equal(first("teach it"), "tune")
  assert.equal(first("how expensive is it"), "cost")
  assert.equal(first("train from scratch"), "long")
  const priced = new Map(rank(guide, "price ").map(({ section, terms }) => [section.id, terms]))
  assert.deepEqual([...priced.keys()].sort(), ["cost", "price"])
  assert.ok(priced.get("cost").has("cost")) // what is marked
})

test("no section is found twice, however many words and synonyms lead to it", () => {
  for (const question of ["price pricing cost budget", "fine tuning fine-tuning finetuning", "train teach tune"]) {
    const ids = rank(guide, question).map(({ section }) => section.id)
    assert.equal(new Set(ids).size, ids.length, question)
  }
})

test("a rare word of a question decides more than a frequent one", async () => {
  const text = (words) => ({ page: "", title: "", text: words, tags: "", first: false })
  const many = Array.from({ length: 8 }, (_, at) => ({ id: `m${at}`, ...text("model model model answers") }))
  const few = await build([...many, { id: "rare", ...text("an embargo, and other matters of trade and law") }])
  assert.equal(rank(few, "model answers embargo")[0].section.id, "rare")
})

const QUESTIONS = [
  "lost in the middle",
  "fine tuning",
  "fintuning rank hub",
  "retr",
  "huggingface zzzzqqq",
  "lora config lost lost",
]

test("a score is the sum of what its words add, times the words it has, times the words side by side", () => {
  const every = [
    ...QUESTIONS.flatMap((question) => rank(index, question)),
    ...["made up answer", "price of a model", "train from scratch"].flatMap((question) => rank(guide, question)),
  ]
  assert.ok(every.length > 12)
  for (const { section, words, coverage, phrase, score } of every) {
    const sum = words.reduce((total, one) => total + one.score, 0)
    assert.ok(Math.abs(sum * coverage * phrase - score) < 1e-9 * score, section.id)
    assert.ok(coverage > 0 && coverage <= 1 && [1, 2, 6].includes(phrase), section.id)
    for (const { best } of words) assert.ok(best.terms.length && best.fields.length, section.id)
  }
})

test("the reasons of a result are read from its score: the words, by what they were found and where, and what it lacks", () => {
  const why = (engine, question, at = 0) => {
    const found = rank(engine, question)
    return reasons(found[at], at + 1, found.length)
  }
  const sayOf = (engine, question) => why(engine, question).lines.map((line) => line.replace(/[\d.]+(?=[: ])/, "N"))
  assert.deepEqual(sayOf(index, "LoraConfig "), ["+ N: “loraconfig” (text)"])
  assert.deepEqual(sayOf(index, "retreival"), ["+ N: “retrieval”, spelt much like “retreival” (heading, page title)"])
  assert.deepEqual(sayOf(index, "retr"), ["+ N: “retrieval”, beginning with “retr” (heading, page title)"])
  assert.deepEqual(sayOf(index, "huggingface "), [
    "+ N: “hugging”, “face”, for “huggingface” written another way (text)",
  ])
  assert.deepEqual(sayOf(guide, "make up "), ["+ N: “hallucination”, a synonym of “make up” (heading)"])
  const [made] = rank(guide, "make up ")
  const sum = made.words[0].score + made.words[1].score // each word of the phrase has its part, and the line has both
  assert.match(reasons(made, 1, 1).lines[0], new RegExp(`^\\+ ${sum.toFixed(2)}: `))
  assert.deepEqual(sayOf(guide, "weight "), ["+ N: “weights”, a form of “weight” (text)"])
  assert.deepEqual(sayOf(index, "hub zzzzqqq "), ["+ N: “hub” (text)", "Left out, as no section has it: “zzzzqqq”"])
  assert.deepEqual(sayOf(index, "the middle of a prompt "), [
    "+ N: “middle” (text)",
    "+ N: “prompts”, a form of “prompt” (heading)",
    "× N: it has your words side by side",
  ])
  const lacks = rank(index, "lost hub ")
  const first = reasons(lacks[0], 1, lacks.length)
  assert.equal(first.head, `Rank 1 of ${lacks.length}, score ${lacks[0].score.toFixed(1)}`)
  assert.equal(first.lines.at(-1), `× ${lacks[0].coverage.toFixed(3)}: it lacks “lost”`)
})

test("of the many words that begin like one half typed, four are named", async () => {
  const text = "tokenise tokeniser tokenisers tokenising tokens tokenised"
  const many = await build([{ id: "m", page: "P", title: "T", text, tags: "", first: false }])
  const { lines } = reasons(rank(many, "token")[0], 1, 1)
  assert.match(lines[0], /^\+ [\d.]+: (“\w+”, ){3}“\w+” and 2 more, beginning with “token” \(text\)$/)
})

test("a snippet has the words together, marks them, and is cut between words", () => {
  const text = `${"before ".repeat(60)}LoraConfig sets the rank of an adapter. ${"after ".repeat(60)}`.trim()
  const pieces = snippet(text, new Set(["lora", "rank"]))
  const shown = pieces.map((piece) => piece.text).join("")
  assert.deepEqual(
    pieces.filter((piece) => piece.found).map((piece) => piece.text),
    ["LoraConfig", "rank"],
  )
  assert.ok(shown.length < 200, shown)
  assert.match(shown, /^… (before )+LoraConfig .*after …$/)
  assert.equal(
    marked("a rank", new Set(["rank"]))
      .map((piece) => piece.text)
      .join(""),
    "a rank",
  )
  assert.deepEqual(snippet("", new Set(["x"])), [])
})

test("of a session in a terminal the commands are copied, without prompts and output", () => {
  assert.equal(commandsOf("$ make serve   # the site\n$ make test\n"), "make serve   # the site\nmake test")
  assert.equal(commandsOf("$ python x.py 'a'\nIt says $ 5\n3 > 2\n"), "python x.py 'a'")
  assert.equal(commandsOf("$ pip install a \\\n    b\nDone\n"), "pip install a \\\n    b")
  assert.equal(commandsOf("PS> py -m venv .venv\nPS C:\\guide> dir\n"), "py -m venv .venv\ndir")
  assert.equal(commandsOf("no prompt\nat all\n"), "no prompt\nat all")
})
