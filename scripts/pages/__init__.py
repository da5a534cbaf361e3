"""What is generated from data, on pages and beside them: `make pages` writes it, `make pages check=1` checks it."""
