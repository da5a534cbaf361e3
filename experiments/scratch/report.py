"""What the experiment with a model from nothing amounts to: metrics, a table, samples, how far from useful it is."""

from statistics import median

from kit.arm import Arm
from kit.rows import Rows
from kit.statistics import by_arm, over_seeds, proportion_words, spread
from kit.tables import table

TOKENS_PER_PARAMETER = 20  # compute-optimal, roughly: Hoffmann et al., 2022
SMOLLM2_TOKENS = 2e12  # what SmolLM2-135M was trained on, by its model card


def label(arm: Arm) -> str:
    """What an arm is called in the table."""
    return "from scratch" if arm.method == "from scratch" else "SmolLM2, off the shelf"


def measure(rows: Rows) -> dict:
    """Bits per byte on documents kept apart, answers, settings tried, one seed's samples, and the distance in data."""
    tested = [row for row in rows if "test_bits" in row]
    mine = [row for row in tested if "evaluations" in row]
    company = {name: mine[0][name] for name in ("words", "bytes", "tokens")}
    return {
        "arms": {
            label(arm): {"parameters": part[0]["weights"], "bits per byte": sorted(row["test_bits"] for row in part)}
            for arm, part in by_arm(tested).items()
        },
        "answers": {
            wording: over_seeds([row for row in rows if row.get("wording") == wording], "correct")
            for wording in ("direct", "paraphrase")
        },
        "tried": {f"{row['arm'].learning_rate:g}": row["dev_bits"] for row in rows if "dev_bits" in row},
        "took_s": sorted(row["took_s"] for row in mine),
        "an adapter took": next(row["took_s"] for row in rows if row["arm"].method == "lora"),
        "evaluations": mine[0]["evaluations"],
        "samples": {row["opening"]: row["continuation"] for row in rows if "opening" in row and row["arm"].seed == 0},
        "company": company,
        "could feed": round(company["tokens"] / TOKENS_PER_PARAMETER),
        "times more for 135M": round(TOKENS_PER_PARAMETER * 135e6 / company["tokens"]),
        "times more for what SmolLM2 had": round(SMOLLM2_TOKENS / company["tokens"]),
        "times the computing": round(135e6 * SMOLLM2_TOKENS / (mine[0]["weights"] * mine[0]["tokens_seen"])),
    }


def seconds(took: list[float]) -> str:
    """The median of the seeds' seconds, and their range."""
    low, of_the_median, high = spread(took, 1)
    return f"{of_the_median:.0f} ({low:.0f} to {high:.0f})"


def fragments(metrics: dict) -> dict[str, str]:
    """The tables of bits, answers, evaluations and times, the samples and the distance, by file name."""
    lines = []
    for arm, one in metrics["arms"].items():
        bits = one["bits per byte"]
        range_of_seeds = f" ({bits[0]:.2f} to {bits[-1]:.2f})" if len(bits) > 1 else ""
        lines.append([arm, f"{one['parameters']:,}", f"{median(bits):.2f}{range_of_seeds}"])
    evaluations = [
        [str(one["steps"]), f"{one['train_loss']:.2f}", f"{one['dev_bits']:.2f}"] for one in metrics["evaluations"]
    ]
    company = metrics["company"]
    reach = [
        ["The text it read", f"{company['words']:,} words, {company['tokens']:,} tokens"],
        ["The model it could feed, at 20 tokens per parameter", f"{metrics['could feed']:,} parameters"],
        [
            "Text for 135M parameters, at 20 tokens per parameter",
            f"{metrics['times more for 135M']:,} times the company's",
        ],
        ["Text that SmolLM2-135M had", f"{metrics['times more for what SmolLM2 had'] / 1e6:.0f} million times"],
        ["Compute that SmolLM2-135M took", f"{metrics['times the computing'] / 1e6:.0f} million times this model's"],
    ]
    samples = "".join(f"- **{opening}** {text.replace(chr(10), ' ')}\n" for opening, text in metrics["samples"].items())
    asked = [
        [name, proportion_words(metrics["answers"][wording])]
        for wording, name in (("direct", "as trained"), ("paraphrase", "paraphrased"))
    ]
    times = [
        ["from scratch", seconds(metrics["took_s"])],
        ["LoRA, rank 4, on 40 examples of structured output", f"{metrics['an adapter took']:.0f} (one run)"],
    ]
    return {
        "table.md": table(["", "Parameters", "Bits per byte, unseen documents"], lines, right=2),
        "answers.md": table(["Asked", "Correct"], asked),
        "evaluations.md": table(["Steps", "Train loss", "Bits per byte, dev documents"], evaluations, right=3),
        "reach.md": table(["What", "How much"], reach),
        "times.md": table(["Trained", "Seconds of one core, median (range) of three runs"], times, right=1),
        "samples.md": samples,
    }
