"""From a measured gain to money: what it is worth a month and when it has paid; every figure is an example."""

from math import sqrt

# Two measurements with the same rates: how many items only the new system got right, and how many only the old one.
MEASURED = {120: (20, 8), 480: (80, 32)}  # test examples: (only new correct, only old correct)

# The product, in credits.
QUESTIONS = 40_000  # a month
ELSE_A_PERSON = 0.5  # of the answers that become correct, the share a person would otherwise have dealt with
CASE = 5.0  # one case dealt with by a person
WEEK = 2_000  # one person, one week
ONCE = 20 * WEEK  # person-weeks to build it
RUNNING = 0.5 * 52 / 12 * WEEK  # half a person stays on; per month
AGAIN = 12 * WEEK  # to tune once more on another base: the examples are there
LASTS = 24  # months until a base is withdrawn

worth = QUESTIONS * ELSE_A_PERSON * CASE  # if every answer went from incorrect to correct
print(f"once {ONCE:,.0f}, then {RUNNING:,.0f} a month; one point is worth {worth / 100:,.0f} a month")
print(f"to pay back within a year: {100 * (ONCE / 12 + RUNNING) / worth:.1f} points")
print(f"to be worth keeping once it is live: {100 * RUNNING / worth:.1f} points")
print(f"to be worth fine-tuning again when its base model goes: {100 * (AGAIN / LASTS + RUNNING) / worth:.1f} points")

for examples, (only_new, only_old) in MEASURED.items():
    gain = (only_new - only_old) / examples
    # The textbook interval of a paired difference: close enough for a plan, a little narrow on few examples.
    spread = 1.96 * sqrt(only_new + only_old - examples * gain**2) / examples
    print(f"measured on {examples} test examples: {only_new} won, {only_old} lost")
    for name, points in (("low end", gain - spread), ("as measured", gain), ("high end", gain + spread)):
        net = points * worth - RUNNING
        paid = f"paid back in {ONCE / net:.0f} months" if net > 0 else "never paid back"
        print(f"  {name:11} {100 * points:4.1f} points, net {net:6,.0f} a month, {paid}")

# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
