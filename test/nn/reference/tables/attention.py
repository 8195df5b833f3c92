"""Attention with one and with several heads."""

import torch

from record import draw

L, S, N, E = 3, 5, 2, 4
INFINITY = float("inf")


def causal(size):
    return torch.full((size, size), -INFINITY, dtype=torch.float64).triu(1)


def given(value):
    return lambda: value.clone()


def fill(table):
    query, key, value = (L, N, E), (S, N, E), (S, N, E)
    padding = torch.zeros(N, S, dtype=torch.bool)
    padding[1, 3:] = True
    hidden = torch.zeros(L, S, dtype=torch.bool)
    hidden[0, 2:] = hidden[2, 1] = True
    scores, per_head = draw(L, S), draw(N * 2, L, S)

    def case(options, shapes, **keywords):
        table.layer("MultiheadAttention", [E, 2], options, shapes, keywords=keywords)

    case({}, [query, key, value])
    case({}, [query, key, value], need_weights=False)
    case({"bias": False}, [query, key, value], average_attn_weights=False)
    case({"batch_first": True}, [(N, L, E), (N, S, E), (N, S, E)], key_padding_mask=padding)
    case({}, [query, key, value], key_padding_mask=padding, attn_mask=hidden)
    case({}, [query, key, value], key_padding_mask=padding, attn_mask=hidden, need_weights=False)
    case({}, [query, key, value], attn_mask=scores, average_attn_weights=False)
    case({}, [query, key, value], attn_mask=per_head, need_weights=False)
    case({}, [(L, E), (S, E), (S, E)], key_padding_mask=padding[1])
    case({}, [(L, E), (S, E), (S, E)], attn_mask=hidden, need_weights=False)
    case({}, [(L, N, E), (L, N, E), (L, N, E)], attn_mask=causal(L).isinf(), is_causal=True, need_weights=False)
    case({"add_bias_kv": True}, [query, key, value], key_padding_mask=padding, attn_mask=hidden)
    case({"add_zero_attn": True}, [query, key, value], key_padding_mask=padding)
    case({"add_zero_attn": True, "add_bias_kv": True, "batch_first": True}, [(N, L, E), (N, S, E), (N, S, E)], attn_mask=hidden)
    case({"kdim": 3, "vdim": 6}, [query, (S, N, 3), (S, N, 6)])
    case({"vdim": 2, "add_bias_kv": True, "bias": False}, [query, key, (S, N, 2)], need_weights=False)

    for options in ({}, {"kdim": 3}, {"add_bias_kv": True}):
        table.start("MultiheadAttention", [E, 2], options)

    q, k, v = draw(N, 2, L, E), draw(N, 2, S, E), draw(N, 2, S, E)
    table.function("scaled_dot_product_attention", [q, k, v])
    table.function("scaled_dot_product_attention", [q, k, v], {"scale": 0.3})
    table.function("scaled_dot_product_attention", [q, k, v], {"is_causal": True})
    table.function("scaled_dot_product_attention", [q, k, v], {}, {"attn_mask": hidden.logical_not()})
    table.function("scaled_dot_product_attention", [q, k, v], {}, {"attn_mask": scores})
    table.function("scaled_dot_product_attention", [q, k[:, :1], v[:, :1]], {"enable_gqa": True})
    table.function("scaled_dot_product_attention", [q[0, 0], k[0, 0], v[0, 0]])
