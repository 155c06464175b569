"""How the embedded sentiment model is made: sentences, training, export, evaluation."""
