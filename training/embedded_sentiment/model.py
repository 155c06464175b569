"""The network: the lower layers of MiniLM-L6, mean pooling, one linear layer."""

from pathlib import Path

import torch
from transformers import BertModel

from embedded_sentiment.corpus import LABELS

__all__ = ["SentimentNetwork"]


class SentimentNetwork(torch.nn.Module):
    """Logits in the order of `LABELS` for token ids and their mask.

    Args:
        encoder_folder: The published encoder: config.json and model.safetensors.
        layers: How many of its lower layers are kept.
    """

    def __init__(self, encoder_folder: Path, layers: int) -> None:
        super().__init__()
        self.encoder = BertModel.from_pretrained(
            encoder_folder, add_pooling_layer=False, num_hidden_layers=layers, attn_implementation="eager"
        )
        self.classifier = torch.nn.Linear(self.encoder.config.hidden_size, len(LABELS))
        # They hold half of the parameters, know most words better than our texts do, and are slow to update.
        self.encoder.embeddings.word_embeddings.weight.requires_grad_(False)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Map (batch, tokens) to logits (batch, labels)."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        return self.classifier((hidden * mask).sum(1) / mask.sum(1))
