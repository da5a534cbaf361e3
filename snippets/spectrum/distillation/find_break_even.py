"""Find the number of requests after which a distilled model has paid for itself."""

# Every figure here is an example.
TEACHER = 4.00  # price of 1,000 requests to the large model, in your currency
STUDENT = 0.50  # price of 1,000 requests to the small one, hosting included
EXAMPLES = 20_000  # requests the teacher answers for training
TRAINING = 300  # runs, the failed ones too
PEOPLE = 15_000  # preparing, checking, evaluating
REPEATS_A_YEAR = 2  # new teacher, new base, changed task: the same again

once = EXAMPLES / 1000 * TEACHER + TRAINING + PEOPLE
saved = (TEACHER - STUDENT) / 1000
print(f"Once: {once:,.0f}, of which the teacher's answers are {EXAMPLES / 1000 * TEACHER:,.0f}")
print(f"Saved on each request: {saved:.4f}")
print(f"Paid back after {once / saved:,.0f} requests")
yearly = once * REPEATS_A_YEAR / saved
print(f"At {REPEATS_A_YEAR} rounds a year: {yearly:,.0f} requests a year, {yearly / 365:,.0f} a day, to break even")

# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
