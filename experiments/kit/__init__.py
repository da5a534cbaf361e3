"""What every experiment is built from: paths, rows, arms, models, training, units of work, statistics, drawing."""
