"""Check the sums in the spoken answers; every figure that goes in is an example."""

# Labelling a test set by hand.
examples = 300
minutes_each = 5

# A long prompt for every question, in place of a search.
prompt_tokens = 100_000
questions_a_day = 10_000

# A chain of steps with nobody to correct them.
steps = 10
correct_each = 0.95

# One question in a support product: 1 and 4 credits a million tokens, and some questions that go to a person.
tokens_in = 3_000
tokens_out = 300
credits_in = 1.0
credits_out = 4.0
to_a_person = 0.30
credits_a_case = 5.0

# A bought product against one of our own: what a point more right answers is worth, and what each costs, a month.
point = 1_000
engineer = 52 / 12 * 2_000  # one person, whose week costs 2,000
fee = 2_000
unseen = 15  # points between two systems that a hundred questions may miss

model = (tokens_in * credits_in + tokens_out * credits_out) / 1_000_000
people = to_a_person * credits_a_case

print(f"labelling {examples} examples: {examples * minutes_each / 60:.0f} hours")
print(f"long prompts: {prompt_tokens * questions_a_day / 1e9:.0f} billion tokens a day")
print(f"{steps} steps, each correct {correct_each:.0%}: all correct {correct_each**steps:.0%}")
ours = (engineer - fee) / point
print(f"our own product pays from {ours:.1f} points; {unseen} points are {unseen * point:,} a month")
print(f"one question: model {model:.4f} credits, people {people:.2f} credits, {people / model:.0f} times as much")

# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
