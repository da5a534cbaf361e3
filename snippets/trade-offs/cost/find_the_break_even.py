"""What four ways to answer cost a month, and the volume from which tuning pays; every figure is an example."""

# Prices are in credits, so that no vendor's list price stands here as if it were a law. Replace them with yours.
INPUT = 1.0  # credits per million tokens read
OUTPUT = 4.0  # credits per million tokens written
TUNED_FACTOR = 1.5  # how much dearer the serving of a tuned model is, per token
QUESTION = 60  # tokens
ANSWER = 150
EXTRA_TOKENS = {"short prompt": 200, "few-shot": 1500, "retrieval": 1800, "tuned": 0}  # beside the question
# Per month, in credits: index and its owner; for tuning, data, runs, evaluation and a new base, spread over two years.
FIXED = {"short prompt": 0, "few-shot": 0, "retrieval": 400, "tuned": 1500}


def per_query(way: str) -> float:
    """Credits for one answer, before anything fixed."""
    factor = TUNED_FACTOR if way == "tuned" else 1.0
    return factor * ((EXTRA_TOKENS[way] + QUESTION) * INPUT + ANSWER * OUTPUT) / 1e6


def per_month(way: str, queries: float) -> float:
    """Credits a month at a volume of queries."""
    return FIXED[way] + queries * per_query(way)


print("credits a month at      10,000    1 million   20 million queries")
for way in FIXED:
    cells = [f"{per_month(way, volume):11,.0f}" for volume in (1e4, 1e6, 2e7)]
    print(f"{way:16} {''.join(f'{cell} ' for cell in cells)}")

for other in ("short prompt", "few-shot", "retrieval"):
    saved = per_query(other) - per_query("tuned")
    volume = (FIXED["tuned"] - FIXED[other]) / saved if saved > 0 else None
    print(f"tuned is cheaper than {other}: {f'from {volume:,.0f} queries a month' if volume else 'never'}")

# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
