// The arithmetic of snippets/trade-offs/cost/reckon_the_cost.py, line by line, so that a test can hold one to the other.
// A case is an object with the inputs of inputs.json by name; their units are there, and in the names.

export const WAYS = ["prompting", "retrieval", "tuned", "combined"]
const SEARCHES = ["retrieval", "combined"]
const TUNED = ["tuned", "combined"]
/** Evaluations for each version of the model: retrieval has two halves, tuning has baselines, combined both. */
const EVALUATIONS = { prompting: 1, retrieval: 2, tuned: 2, combined: 3 }

/** Credits for one query: tokens read and written, thinking among them, cache, batches, search. */
export function perQuery(way, c) {
  const hit = c.cache_hit_percent / 100
  const cache = c.cached ? hit * c.cache_read_factor + (1 - hit) * c.cache_write_factor : 1
  let tokensRead = (TUNED.includes(way) ? c.tuned_prompt_tokens : c.prompt_tokens) * cache + c.question_tokens
  tokensRead += SEARCHES.includes(way) ? c.passage_tokens : 0
  const tokensWritten = c.thinking_tokens + c.answer_tokens
  let credits = (tokensRead * c.input_price + tokensWritten * c.output_price) / 1e6
  credits *= 1 - (c.batch_percent / 100) * (1 - c.batch_price_factor)
  const search = c.search_price / 1e3 + (c.question_tokens * c.embedding_price) / 1e6
  return credits * (TUNED.includes(way) ? c.tuned_price_factor : 1) + (SEARCHES.includes(way) ? search : 0)
}

/** Credits before the first query, and credits a month at any volume, rare events being spread over the year. */
export function fixed(way, c) {
  const embedding = c.corpus_million_tokens * c.embedding_price
  const tuning = c.runs_per_tuning * c.training_million_tokens * c.training_price + c.tuning_days * c.day_price
  const evaluation = EVALUATIONS[way] * c.evaluation_days * c.day_price
  const events = (c.withdrawals_per_year + (way === "tuned" ? c.fact_changes_per_year : 0)) / 12
  let setup = c.prompt_setup_days * c.day_price + evaluation
  let month = c.prompt_days_per_month * c.day_price + events * evaluation
  if (SEARCHES.includes(way)) {
    setup += c.retrieval_setup_days * c.day_price + embedding
    month += c.retrieval_days_per_month * c.day_price + c.index_price + (c.reembedded_per_year / 12) * embedding
  }
  if (TUNED.includes(way)) {
    setup += c.tuning_setup_days * c.day_price + tuning
    month += c.tuned_hosting_price + c.tuned_hour_price * c.tuned_hours_per_month + events * tuning
  }
  return [setup, month]
}

/**
 * What a way costs in one month: credits for the query alone, for the first month, for the last, and for a query of the
 * first month with its share of all that is paid at any volume; infinite without queries.
 */
export function bills(way, c) {
  const query = perQuery(way, c)
  const [, month] = fixed(way, c)
  const first = month + c.queries_per_month * query
  const growth = (1 + c.growth_percent_per_month / 100) ** (c.months - 1)
  const last = month + c.queries_per_month * growth * query
  return { query, first, last, shared: c.queries_per_month ? first / c.queries_per_month : Infinity }
}

/** Credits spent by the end of month 0 (setup), 1, 2 ... of the months looked ahead. */
export function cumulative(way, c) {
  const [setup, month] = fixed(way, c)
  const spent = [setup]
  const growth = 1 + c.growth_percent_per_month / 100
  for (let past = 0; past < c.months; past++) {
    spent.push(spent[past] + month + c.queries_per_month * growth ** past * perQuery(way, c))
  }
  return spent
}

/** The month from whose end on a way has cost less than another; infinite if it has not by the last. */
export function breakEvenMonth(way, other, c) {
  const here = cumulative(way, c)
  const there = cumulative(other, c)
  const last = here.findLastIndex((spent, month) => spent >= there[month])
  return last < c.months ? last + 1 : Infinity
}

/** Queries in the first month from which on a way costs less over all months than another; infinite if never. */
export function breakEvenQueries(way, other, c) {
  let served = 0
  for (let past = 0; past < c.months; past++) served += (1 + c.growth_percent_per_month / 100) ** past
  const [setup, month] = fixed(way, c)
  const [otherSetup, otherMonth] = fixed(other, c)
  const dearer = setup - otherSetup + c.months * (month - otherMonth)
  const saved = perQuery(other, c) - perQuery(way, c)
  if (saved <= 1e-12 * perQuery(other, c)) {
    return dearer < 0 && saved >= -1e-12 * perQuery(other, c) ? 0 : Infinity
  }
  return Math.max(0, dearer / (saved * served))
}

/**
 * What moves that break-even: [by what factor, input, queries with a quarter less of it, with a quarter more], the
 * largest move first.
 * @param {Object} inputs  the inputs of inputs.json, for their names and ranges
 */
export function sensitivity(way, other, c, inputs) {
  const rows = []
  for (const [name, about] of Object.entries(inputs)) {
    const values = [0.75, 1, 1.25].map((by) => Math.min(Math.max(c[name] * by, about.lowest), about.highest))
    const ends = values.map((value) => {
      return breakEvenQueries(way, other, { ...c, [name]: name === "months" ? Math.floor(value) : value })
    })
    rows.push([Math.max(...ends) / (Math.min(...ends) || 1e-300), name, ends[0], ends[2]])
  }
  return rows.filter((row) => row[0] > 1 + 1e-9).sort((one, two) => (two[0] === one[0] ? 0 : two[0] - one[0]))
}
