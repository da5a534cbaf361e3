"""The tasks that several experiments share: their data, prompts and scoring. No experiment imports another."""
