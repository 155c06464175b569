"""Writes the trained network as the package ships it: int8 ONNX, tokenizer, manifest."""

import hashlib
import json
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process

from embedded_sentiment.corpus import LABELS
from embedded_sentiment.model import SentimentNetwork

__all__ = ["export"]


def export(network: SentimentNetwork, tokenizer: Path, output: Path) -> None:
    """Write fp32.onnx (to compare with), model.onnx, tokenizer.json and manifest.json."""
    example = torch.ones(2, 9, dtype=torch.long)
    axes = {0: "batch", 1: "tokens"}
    torch.onnx.export(
        network,
        (example, example),
        str(output / "fp32.onnx"),
        input_names=["input_ids", "attention_mask"],
        output_names=["logits"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "logits": {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )
    quant_pre_process(str(output / "fp32.onnx"), str(output / "prepared.onnx"), skip_symbolic_shape=True)
    quantize_dynamic(
        output / "prepared.onnx",
        output / "model.onnx",
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
    )
    (output / "prepared.onnx").unlink()
    onnx.checker.check_model(str(output / "model.onnx"))
    write_tokenizer(tokenizer, output / "tokenizer.json")
    write_manifest(output)


def write_tokenizer(source: Path, target: Path) -> None:
    """The tokenizer without padding and truncation, which the engine decides, and without white space."""
    content = json.loads(source.read_text(encoding="utf-8"))
    content["padding"] = content["truncation"] = None
    target.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def write_manifest(folder: Path) -> None:
    """What the files are and the hash of each, so that a damaged installation is noticed."""
    files = {}
    for name in ("model.onnx", "tokenizer.json"):
        content = (folder / name).read_bytes()
        files[name] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest = {
        "model": "embedded",
        "version": str(files["model.onnx"]["sha256"])[:12],
        "precision": "int8",
        "labels": list(LABELS),
        "files": files,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
