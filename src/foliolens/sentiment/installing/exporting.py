"""`models pull finbert --export`: from the PyTorch weights to an installed model.

Needs the extra `finbert-export` (torch, transformers, onnx), which nothing else does.
"""

import shutil
import warnings
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from foliolens.sentiment.engine import ModelUnusable
from foliolens.sentiment.installation import FINBERT, TOKENIZER_FILE, finbert_folder
from foliolens.sentiment.installing.hub import Hub, OnBytes
from foliolens.sentiment.installing.placing import Candidate, place
from foliolens.sentiment.installing.pulling import (
    OnStep,
    Pulled,
    alone,
    best_of,
    downloaded,
    labels_of,
    published,
)

__all__ = ["ORIGINAL", "export_finbert", "missing_packages", "quantise", "to_onnx"]

ORIGINAL = "ProsusAI/finbert"
"""FinBERT as its authors published it."""

_FILES = ("config.json", "vocab.txt", "pytorch_model.bin")
_PACKAGES = ("torch", "transformers", "onnx")
_OPSET = 17


def missing_packages() -> list[str]:
    """What of the extra is not installed."""
    return [name for name in _PACKAGES if find_spec(name) is None]


def export_finbert(data: Path, hub: Hub, on_bytes: OnBytes, on_step: OnStep) -> Pulled:
    """Download the PyTorch weights, export and quantise them, compare, and install the best form.

    Args:
        data: The data folder.
        hub: Where from.
        on_bytes: Told of the download's progress.
        on_step: Told of the steps.

    Raises:
        HubProblem: The files cannot be had; what is there of them stays for the next attempt.
        ModelUnusable: What the hub has is no such model.
        OSError: No space or no permission.
    """
    with alone(data) as staging:
        folder = staging / "original"
        files, source = published(hub, ORIGINAL, _FILES, on_step)
        downloaded(hub, files, folder, on_bytes)
        labels = labels_of(folder / "config.json")
        on_step("Exporting to ONNX ...")
        exported = staging / "exported"
        exported.mkdir(exist_ok=True)
        to_onnx(folder, exported)

        def form(name: str, precision: str) -> Candidate:
            facts = {"source": source}
            return Candidate(exported / name, exported / TOKENIZER_FILE, labels, precision, facts)

        def quantised(name: str, precision: str, *, outputs_in_fp32: bool) -> Candidate:
            on_step(f"Quantising ({precision}) and comparing with fp32 ...")
            quantise(exported / "fp32.onnx", exported / name, outputs_in_fp32=outputs_in_fp32)
            return form(name, precision)

        chosen, comparison = best_of(
            [
                partial(quantised, "int8.onnx", "int8", outputs_in_fp32=False),
                partial(quantised, "mixed.onnx", "int8-mixed", outputs_in_fp32=True),
            ],
            form("fp32.onnx", "fp32"),
        )
        installation = place(chosen, finbert_folder(data))
        shutil.rmtree(staging)
        return Pulled(installation, comparison)


def to_onnx(folder: Path, output: Path) -> None:
    """Write fp32.onnx and tokenizer.json of a BERT classifier in the Hugging Face format.

    Raises:
        ModelUnusable: The folder holds no such model.
    """
    import torch  # noqa: PLC0415
    from transformers import BertForSequenceClassification, BertTokenizerFast  # noqa: PLC0415

    try:
        model = BertForSequenceClassification.from_pretrained(
            folder, attn_implementation="eager", return_dict=False
        ).eval()
        BertTokenizerFast(str(folder / "vocab.txt"), do_lower_case=True).save_pretrained(output)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelUnusable(
            FINBERT, f"{folder} holds no BERT classifier ({error}).", "Pull it again."
        ) from error
    names = ["input_ids", "attention_mask", "token_type_ids"]
    example = torch.ones(2, 9, dtype=torch.long)
    with warnings.catch_warnings():
        # Tracing warns that it records one path through the code; the result is compared with the original.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            (example, example, torch.zeros_like(example)),
            str(output / "fp32.onnx"),
            input_names=names,
            output_names=["logits"],
            dynamic_axes={name: {0: "batch", 1: "tokens"} for name in names} | {"logits": {0: "batch"}},
            opset_version=_OPSET,
            dynamo=False,
        )


def quantise(source: Path, target: Path, *, outputs_in_fp32: bool) -> None:
    """Write the int8 form: weights per channel, in a range that does not overflow without VNNI.

    Args:
        source: The fp32 form.
        target: The file to write.
        outputs_in_fp32: Leave out the second layer of each feed-forward block, which suffers most.
    """
    import onnx  # noqa: PLC0415
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415
    from onnxruntime.quantization.shape_inference import quant_pre_process  # noqa: PLC0415

    prepared = target.with_name("prepared.onnx")
    quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    nodes = [node.name for node in onnx.load(str(prepared)).graph.node if node.op_type == "MatMul"]
    kept = [name for name in nodes if _is_feed_forward_output(name)] if outputs_in_fp32 else []
    quantize_dynamic(
        prepared,
        target,
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        nodes_to_exclude=kept,
    )
    prepared.unlink()


def _is_feed_forward_output(node: str) -> bool:
    # The exporter names nodes after modules: /bert/encoder/layer.0/output/dense/MatMul
    return "/output/dense/" in node and "/attention/" not in node
