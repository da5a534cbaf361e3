"""Show that a low-rank update gives the same answer beside the frozen matrix and merged into it."""

import random

random.seed(7)
WIDTH, RANK = 12, 2


def matrix(rows, columns):
    """Small whole numbers, so that the results can be compared exactly."""
    return [[random.randint(-3, 3) for _ in range(columns)] for _ in range(rows)]


def times(a, b):
    """Matrix product."""
    return [[sum(x * y for x, y in zip(row, column, strict=True)) for column in zip(*b, strict=True)] for row in a]


def plus(a, b):
    """Matrix sum."""
    return [[x + y for x, y in zip(left, right, strict=True)] for left, right in zip(a, b, strict=True)]


frozen = matrix(WIDTH, WIDTH)
down, up = matrix(RANK, WIDTH), matrix(WIDTH, RANK)  # what LoRA trains
given = matrix(WIDTH, 1)

base = times(frozen, given)
beside = plus(base, times(up, times(down, given)))
merged = plus(frozen, times(up, down))

print(f"Frozen: {WIDTH * WIDTH} numbers. Trained: {RANK * WIDTH + WIDTH * RANK}.")
print(f"Merged matrix: {len(merged) * len(merged[0])} numbers, as many as before.")
print(f"Merged gives the same answer as beside: {times(merged, given) == beside}")
print(f"Without the adapter the answer differs: {base != beside}")
