"""Weeks and people for each rung, added up from its steps; every figure is a guess to replace with yours."""

STEPS = {  # rung: (step, weeks, people at work in them)
    "1 prompting": [("real questions with answers", 1, 1), ("write and measure", 1, 1), ("release and log", 1, 1)],
    "2 retrieval": [("documents and index", 3, 2), ("measure both halves", 1, 2), ("pilot", 2, 2)],
    "3 fine-tuning": [
        ("choose and clean examples", 4, 2),
        ("test set and best prompt", 2, 2),
        ("runs and seeds", 2, 1),
        ("serve and roll back", 2, 1),
        ("pilot", 2, 2),
    ],
    "4 custom model": [
        ("gather and license data", 26, 4),
        ("pilot at a hundredth", 12, 4),
        ("train", 12, 6),
        ("evaluate, make safe", 12, 5),
        ("serve", 8, 4),
    ],
}
KEPT = {"1 prompting": 0.1, "2 retrieval": 0.5, "3 fine-tuning": 0.5, "4 custom model": 5.0}  # people after launch

print("rung            weeks  people  person-weeks  kept on")
total_weeks = 0
total_work = 0
for rung, steps in STEPS.items():
    weeks = sum(step[1] for step in steps)
    work = sum(step[1] * step[2] for step in steps)
    print(f"{rung:14} {weeks:6} {max(step[2] for step in steps):7} {work:13} {KEPT[rung]:8}")
    if rung < "4":
        total_weeks += weeks
        total_work += work

print(f"from 1 up to 3, in turn: {total_weeks} weeks, {total_work} person-weeks")
name, weeks, people = max(STEPS["3 fine-tuning"], key=lambda step: step[1] * step[2])
work = sum(step[1] * step[2] for step in STEPS["3 fine-tuning"])
print(f"largest part of fine-tuning: {name}, {weeks * people} of {work} person-weeks")

# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
