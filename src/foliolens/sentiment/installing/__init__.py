"""Installing FinBERT: download or export, compare int8 with fp32, put in place at once."""
