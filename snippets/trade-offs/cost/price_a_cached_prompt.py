"""From which call on a cached prompt is cheaper, for two published pricing rules."""

RULES = {  # (price of the call that writes the cache, price of a call that reads it), a plain call being 1
    "write 1.25, read 0.1": (1.25, 0.1),
    "write 2.00, read 0.1": (2.00, 0.1),
}

for name, (write, read) in RULES.items():
    calls = next(n for n in range(2, 100) if write + (n - 1) * read < n)
    print(f"{name}: cheaper from call {calls}")
    for hit_rate in (0.5, 0.9, 0.99):
        cost = hit_rate * read + (1 - hit_rate) * write
        print(f"  {hit_rate:.0%} of calls find it: {cost:.2f} of the plain price")

# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
