// Readers' words for what the guide says in others, so that "price" also finds "cost". Pure.
//
// A line to add: on the left what readers type, on the right what the guide writes for it, both parted by "|". Forms of a word
// need no line of their own: "teach" is "teaching" too. The right side is looked for besides the reader's own words, never
// in their place. The glossary's "Also:" lines were tried as well: on the questions of `dev` they found nothing more.

import { stemOf, termsOf, wordsOf } from "./text.js"

const LIST = `
train | teach | retrain | customise | adapt = fine-tuning
own model | own llm | build a model | pretrain | from scratch = custom model
make up | made up | make things up | made things up | make stuff up | lie | fabricate | invent | nonsense | wrong facts = hallucination
unsure | not sure | don't know | refuse | decline | unanswerable = abstention
knowledge base | company data | internal documents | look up | search engine = retrieval
similarity search | nearest neighbour | similar meaning = embedding
instruction | wording | rephrase = prompt
demonstration | sample answer | examples in the prompt = few-shot
json | schema | structured | formatting = structured output
tone | brand | sound like | personality | persona = style | voice
long prompt | big context | huge context | token limit = context window
split | segment | chunk size = chunk
imitate | imitation | teacher | student | compress | shrink = distillation
layer | freeze | adapter = lora
human feedback | thumbs up | ratings from users = preferences | thumbs
rule based | regex | traditional machine learning | without llm | simple model = no language model
classify | classification | categorise | sort emails = classifier | labels
combine | together | both = combining
fallback | router = cascade | routing
open source | llama | mistral = open-weight
self host | on premises | local | laptop | edge | phone = on-device
which model | best model | choose a model = choosing the model

price | pricing | expensive | cheap | money | budget | bill | spend | fee | dollar | afford = cost
pay off | roi | return on investment | convince | justify | boss | executive | ceo | stakeholder | pitch = business case
how long | timeline | schedule | deadline | weeks | months = time
hire | staff | people | skills | headcount | engineers = team
slow | speed | fast | response time | quick | delay | throughput = latency
up to date | outdated | out of date | stale | new information | real time data | recent = freshness
maintain | maintenance | keep running | ongoing = upkeep
deprecated | discontinued | sunset | retire | shut down = withdrawn
deploy | deployment | host | inference = served
roll out | canary | go live = pilot
monitor | degrade | get worse | decay | after launch = drift
audit log | logging | log | audit = record | replay
hardware | graphics card | gpu = vram | memory

privacy | private | confidential | sensitive | gdpr | pii = personal data
legal | copyright | lawyer | liability | compliance | regulation = law
hack | hacker | malicious | attack | jailbreak = prompt injection | poisoned
tampered | planted | backdoor = poisoned
exfiltrate | data leak | leakage = leaks
permission | access rights | access control | allowed to see | authorised = permissions
erase | remove | right to erasure = deletion
unlearn | lost skill | lose skill = forgetting
cite | citation | reference = sources | citations

metric | score | benchmark | quality | accuracy = evaluation
relevance judgement | annotate | ground truth | answer key = gold passage
test data | test question | validation set | gold standard = test set | held-out
how many examples | enough examples | enough data = sample size | how many
little data | small dataset | not enough data = too few examples
synthetic data | generated data | augment = model write examples
significant | significance | by chance | luck | coincidence = mcnemar | p-value
error bar | margin of error | uncertainty = interval
comparison | versus | compare = compared | two systems
randomness | variance = seed
temperature | deterministic | reproducible = greedy decoding
memorise | overfit | early stopping = overfitting
grader | grade | rate answers | gpt as judge = judge
distractor | irrelevant | noise = does not hold the answer

chatbot | assistant | customer service | helpdesk | help desk = support bot
doctor | hospital | medical | healthcare | patient = clinical
toxic | hate speech | spam | abuse = moderation
copilot | programming | autocomplete = code assistant
excel | csv | spreadsheet = tables
scan | ocr | photo | image | screenshot = pictures of pages
translate | german | french | spanish | foreign language = languages
analogy | metaphor | explain simply | eli5 | simple words | intuition = picture
summary | one pager | cheatsheet = cheat sheet
elevator pitch | short answer = two minutes
use case | case study | example project = scenario
pitfall | trap | anti-pattern = mistakes
definition | terminology | jargon | acronym = glossary
study | literature | research = papers | published
prepare | exercise | rehearse | quiz = practice
job | hiring | recruiter | candidate = interview
flowchart | decision tree | questionnaire | wizard = decide
`

/**
 * @typedef {Object} Synonym
 * @property {string[]} stems  of the words a reader types, in their order
 * @property {string[][]} terms  what to look for besides: each a row of terms, all of which a section must have
 */

/** The stem of a word as it stands in a text. */
const stemOfWord = (word) => stemOf(termsOf(word)[0])

const parted = (text, by) => text.split(by).map((part) => part.trim())

/** Each word of a phrase made something else. */
const wordsAs = (phrase, made) => wordsOf(phrase).map(({ word }) => made(word))

/**
 * What readers may type, each with what to look for besides.
 * @returns {Map<string, Synonym[]>}  by the first stem
 */
function synonyms() {
  const known = new Map()
  for (const line of LIST.split("\n").filter(Boolean)) {
    const [typed, written] = parted(line, " = ").map((side) => parted(side, "|"))
    const terms = written.map((phrase) => wordsAs(phrase, (word) => termsOf(word)[0]))
    for (const stems of typed.map((phrase) => wordsAs(phrase, stemOfWord))) {
      known.set(stems[0], [...(known.get(stems[0]) ?? []), { stems, terms }])
    }
  }
  return known
}

const KNOWN = synonyms()

/**
 * The synonyms of the phrases in a row of words, each with where the phrase stands.
 * @param {string[]} words
 * @returns {{ start: number, end: number, terms: string[][] }[]}
 */
export function synonymsIn(words) {
  const stems = words.map(stemOfWord)
  return stems.flatMap((first, start) => {
    const fitting = (KNOWN.get(first) ?? []).filter((one) => one.stems.every((stem, at) => stems[start + at] === stem))
    return fitting.map(({ stems: row, terms }) => ({ start, end: start + row.length, terms }))
  })
}
