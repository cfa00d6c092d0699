"""Parameters of encoders beside their layers, and of those that stand beside a decoder.

Which tensors there are is in transformers' `modeling_*.py` of each family.
"""

from __future__ import annotations

from qtui.compute.memory.architecture import Counts
from qtui.models.architecture import ConfigFields
from qtui.models.config.families import family

_WITH_HEAD = ("ForCausalLM", "ForMaskedLM", "ForPreTraining", "LMHeadModel", "Decoder")  # else a pooler
COUNTED = ("t5", "umt5", "bart", "whisper")  # families whose encoder is counted where it stands beside a decoder


def variant(whole: ConfigFields, kind: str) -> str:
    """The family by its layout: T5 and its kin with gates or without, the encoder alone or both halves."""
    if kind == "nomic_bert" and whole.count("num_experts", default=0):
        return "nomic_bert_moe"
    if kind not in ("t5", "umt5"):
        return kind
    gated = whole.flag("is_gated_act", default=whole.text("feed_forward_proj").startswith("gated"))
    names = whole.items("architectures", str) or []
    alone = any(name.endswith("EncoderModel") for name in names)
    return f"{kind}{'_gated' if gated else ''}{'_encoder' if alone else ''}"


def has_encoder(whole: ConfigFields, kind: str) -> bool:
    """Whether the checkpoint holds an encoder beside the decoder that is read."""
    names = whole.items("architectures", str) or []
    return family(kind).cross and not any(name.endswith("ForCausalLM") for name in names)


def encoder_extras(f: ConfigFields, whole: ConfigFields, kind: str, layers: int) -> Counts:
    """What an encoder has beside its `layers`, or a decoder with an encoder beside it."""
    if kind.startswith(("t5", "umt5")):
        return _t5(f, whole, kind, layers)
    if family(kind).encoder:
        return _bert(f, whole, kind)
    if kind == "bart" and has_encoder(whole, kind):
        return (("encoder", _bart_encoder(f)),)
    if kind == "whisper" and has_encoder(whole, kind):
        return (("encoder", _whisper_encoder(f)),)
    return ()


def _t5(f: ConfigFields, whole: ConfigFields, kind: str, layers: int) -> Counts:
    """T5: biases of relative positions, in umT5 for every layer; the encoder where it stands beside the decoder."""
    heads = f.positive("num_attention_heads")
    biases = f.count("relative_attention_num_buckets", default=32) * heads
    in_every_layer = kind.startswith("umt5")
    counts = [("relative_positions", biases * (layers if in_every_layer else 1))]
    if has_encoder(whole, kind):
        hidden, number = f.positive("hidden_size"), f.positive("num_layers")
        matrices = 3 if family(kind).gated else 2
        layer = 4 * hidden * heads * f.positive("head_dim") + matrices * hidden * f.positive("intermediate_size")
        counts.append(
            ("encoder", number * (layer + 2 * hidden) + hidden + biases * (number if in_every_layer else 1))
        )
    return tuple(counts)


def _layer(hidden: int, inner: int) -> int:
    """A layer of BART's encoder: attention and MLP with biases, two norms."""
    return 4 * (hidden * hidden + hidden) + 2 * hidden * inner + inner + hidden + 4 * hidden


def _bart_encoder(f: ConfigFields) -> int:
    hidden, number = f.positive("hidden_size"), f.positive("encoder_layers")
    positions = (f.positive("max_position_embeddings") + 2) * hidden
    return number * _layer(hidden, f.positive("encoder_ffn_dim")) + positions + 2 * hidden


def _whisper_encoder(f: ConfigFields) -> int:
    """Two convolutions over sound and positions first; keys have no bias."""
    hidden, number = f.positive("hidden_size"), f.positive("encoder_layers")
    convolutions = 3 * hidden * (f.positive("num_mel_bins", default=80) + hidden) + 2 * hidden
    positions = f.positive("max_source_positions", default=1500) * hidden
    layer = _layer(hidden, f.positive("encoder_ffn_dim")) - hidden
    return number * layer + convolutions + positions + 2 * hidden


def _bert(f: ConfigFields, whole: ConfigFields, kind: str) -> Counts:
    """BERT and its kin: types of tokens, a second norm, and a pooler or a head."""
    hidden, vocab = f.positive("hidden_size"), f.positive("vocab_size")
    names = whole.items("architectures", str) or []
    head = any(name.endswith(_WITH_HEAD) for name in names)
    if kind == "bert_generation":
        return (("head_bias", vocab),)
    if kind == "modernbert":
        return (("head", hidden * hidden + hidden), ("head_bias", vocab)) if head else ()
    if kind == "distilbert":
        return (("head", hidden * hidden + 3 * hidden), ("head_bias", vocab)) if head else ()
    if kind in ("albert", "electra"):
        return _narrow(f, kind, names)
    if kind == "nomic_bert":
        return (("token_types", f.count("type_vocab_size", default=2) * hidden),)
    if kind == "mpnet":
        biases = f.count("relative_attention_num_buckets", default=32) * f.positive("num_attention_heads")
        counts = [("relative_positions", biases)]
    else:
        counts = [("token_types", f.count("type_vocab_size", default=2) * hidden)]
    if kind == "roberta_prelayernorm":
        counts.append(("embedding_norm", 2 * hidden))
    elif kind == "roformer":
        heads = f.positive("num_attention_heads")
        counts.append(("positions", f.positive("max_position_embeddings") * (hidden // heads)))
    elif kind == "roc_bert":
        sound, shape = f.count("pronunciation_embed_dim", default=768), f.count("shape_embed_dim", default=512)
        tables = f.count("pronunciation_vocab_size", default=910) * sound
        tables += f.count("shape_vocab_size", default=24858) * shape
        counts += [("sound_and_shape", tables), ("mapped_inputs", (hidden + sound + shape) * hidden + hidden)]
    if not head or kind == "big_bird":
        counts.append(("pooler", hidden * hidden + hidden))
    if head:
        counts += [("head", hidden * hidden + 3 * hidden), ("head_bias", vocab)]
    return tuple(counts)


def _narrow(f: ConfigFields, kind: str, names: list[str]) -> Counts:
    """ALBERT and ELECTRA: embeddings that may be narrower than the layers, made as wide by a matrix."""
    hidden, vocab = f.positive("hidden_size"), f.positive("vocab_size")
    width = f.positive("embedding_size", default=hidden)
    masked = any(name.endswith(("ForMaskedLM", "ForCausalLM")) for name in names)
    trained = any(name.endswith("ForPreTraining") for name in names)
    counts = [("token_types", f.count("type_vocab_size", default=2) * width), ("embedding_norm", 2 * width)]
    if kind == "albert" or width != hidden:
        counts.append(("embedding_projection", width * hidden + hidden))
    if masked or (trained and kind == "albert"):
        counts += [("head", hidden * width + 3 * width), ("head_bias", vocab)]
    if kind == "albert" and not masked:
        counts.append(("pooler", hidden * hidden + hidden))
    if trained:  # are two sentences in order; is a word replaced
        counts.append(("judgement", 2 * hidden + 2 if kind == "albert" else hidden * hidden + 2 * hidden + 1))
    return tuple(counts)
