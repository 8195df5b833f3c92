"""Transformers and their parts. Dropout is off, for it would not be the same twice."""

import warnings

import torch

from record import draw, module

L, S, N, E = 3, 5, 2, 4


def causal(size):
    return torch.nn.Transformer.generate_square_subsequent_mask(size)


def fill(table):
    warnings.filterwarnings("ignore", message="enable_nested_tensor is True")
    target, memory = (L, N, E), (S, N, E)
    padding = torch.zeros(N, S, dtype=torch.bool)
    padding[1, 3:] = True
    target_padding = torch.zeros(N, L, dtype=torch.bool)
    target_padding[0, 2:] = True
    hidden = torch.zeros(L, S, dtype=torch.bool)
    hidden[0, 2:] = hidden[2, 1] = True
    future = causal(S).isinf()
    small = {"dim_feedforward": 3, "dropout": 0.0}

    def encoder(options, shape=memory, **keywords):
        table.layer("TransformerEncoderLayer", [E, 2], {**small, **options}, [shape], keywords=keywords)

    encoder({})
    encoder({"norm_first": True, "activation": "gelu"}, src_mask=future, is_causal=True)
    encoder({"batch_first": True}, (N, S, E), src_key_padding_mask=padding)
    encoder({"bias": False, "layer_norm_eps": 0.01}, src_mask=draw(S, S), src_key_padding_mask=padding.double())
    encoder({"activation": module("PReLU")}, (S, E), src_key_padding_mask=padding[1])

    def decoder(options, shapes=(target, memory), **keywords):
        table.layer("TransformerDecoderLayer", [E, 2], {**small, **options}, [*shapes], keywords=keywords)

    decoder({})
    decoder({"norm_first": True, "activation": "gelu"}, tgt_mask=causal(L).isinf(), tgt_is_causal=True, memory_key_padding_mask=padding)
    decoder({"batch_first": True, "bias": False}, [(N, L, E), (N, S, E)], memory_mask=hidden, tgt_key_padding_mask=target_padding)
    decoder({"activation": module("ELU", alpha=0.5), "layer_norm_eps": 0.01}, [(L, E), (S, E)], memory_mask=hidden)
    decoder({}, [target, target], memory_mask=causal(L).isinf(), memory_is_causal=True)

    norm = module("LayerNorm", E)
    layer = module("TransformerEncoderLayer", E, 2, **small)
    table.layer("TransformerEncoder", [layer, 2], {"norm": norm}, [memory], keywords={"mask": future, "src_key_padding_mask": padding})
    table.layer("TransformerEncoder", [module("TransformerEncoderLayer", E, 2, activation=module("PReLU"), **small), 2], {}, [memory])
    layer = module("TransformerDecoderLayer", E, 2, **small)
    masks = {"tgt_mask": causal(L).isinf(), "memory_mask": hidden, "tgt_is_causal": True, "memory_key_padding_mask": padding}
    table.layer("TransformerDecoder", [layer, 2], {"norm": norm}, [target, memory], keywords=masks)

    sizes = {"d_model": E, "nhead": 2, "num_encoder_layers": 1, "num_decoder_layers": 2, **small}
    table.layer("Transformer", [], sizes, [memory, target], keywords={"src_mask": future, **masks})
    options = {**sizes, "batch_first": True, "norm_first": True, "bias": False, "activation": "gelu"}
    padded = {"src_key_padding_mask": padding, "tgt_key_padding_mask": target_padding}
    table.layer("Transformer", [], options, [(N, S, E), (N, L, E)], keywords=padded)

    default = module("TransformerEncoderLayer", E, 2, dim_feedforward=3)
    table.start("TransformerEncoderLayer", [E, 2], {"dim_feedforward": 3})
    table.start("TransformerDecoderLayer", [E, 2], {"dim_feedforward": 3})
    table.start("TransformerEncoder", [default, 2])
    table.start("TransformerDecoder", [module("TransformerDecoderLayer", E, 2, dim_feedforward=3), 2])
    table.start("Transformer", [], {"d_model": E, "nhead": 2, "num_encoder_layers": 2, "num_decoder_layers": 2, "dim_feedforward": 3})
