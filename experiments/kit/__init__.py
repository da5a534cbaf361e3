"""What the experiments share: the model, its training, the evidence they leave, and how it is drawn."""
