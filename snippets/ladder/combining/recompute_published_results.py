"""What retrieval adds to a fine-tuned model, recomputed from the tables of two papers that disagree."""

# Ovadia et al., 2023: share of current-events questions answered, as the paper tabulates it.
OVADIA = {  # model: (base, retrieval, fine-tuned, fine-tuned on paraphrases, the last two with retrieval)
    "Mistral 7B": (0.481, 0.875, 0.504, 0.588, 0.810, 0.830),
    "Llama 2 7B": (0.353, 0.585, 0.219, 0.392, 0.326, 0.520),
    "Orca 2 7B": (0.456, 0.876, 0.511, 0.566, 0.820, 0.826),
}
# Zhang et al. (RAFT), 2024, Llama 2 7B: retrieval; domain tuning; that with retrieval; fine-tuned on retrieved context.
RAFT = {
    "PubMed": (58.8, 59.7, 71.6, 73.30),
    "HotpotQA": (0.03, 6.38, 4.41, 35.28),
    "HuggingFace": (26.43, 61.06, 42.59, 74.00),
    "Torch Hub": (8.60, 84.94, 82.80, 84.95),
    "TensorFlow": (43.06, 86.56, 60.29, 86.86),
}

print("Fine-tuned on the facts, then retrieval: points against retrieval alone")
for model, (_, rag, *_, tuned_rag, paraphrased_rag) in OVADIA.items():
    print(f"  {model:11} {100 * (tuned_rag - rag):+6.1f}   with paraphrases {100 * (paraphrased_rag - rag):+6.1f}")
cells = [both < row[1] for row in OVADIA.values() for both in row[4:]]
print(f"  below retrieval alone in {sum(cells)} of {len(cells)} cells")

print("Fine-tuned on the domain: points that adding retrieval brings")
for dataset, (_, tuned, tuned_rag, raft) in RAFT.items():
    print(f"  {dataset:11} {tuned_rag - tuned:+6.1f}   fine-tuned on retrieved context instead {raft - tuned:+6.1f}")
hurt = sum(tuned_rag < tuned for _, tuned, tuned_rag, _ in RAFT.values())
print(f"  retrieval hurt the naively fine-tuned model on {hurt} of {len(RAFT)} sets")

# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
