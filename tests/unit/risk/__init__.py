"""The risk report: its metrics, score, sentences and laws."""
