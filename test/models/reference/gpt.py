"""GPT-2 in plain PyTorch: the parts, their names and the order of their initial draws are nanoGPT's."""

import math

import torch
import torch.nn.functional as F
from torch import nn


class CausalSelfAttention(nn.Module):
    def __init__(self, width, heads, dropout, bias):
        super().__init__()
        self.heads = heads
        self.c_attn = nn.Linear(width, 3 * width, bias=bias)
        self.c_proj = nn.Linear(width, width, bias=bias)
        self.resid_dropout = nn.Dropout(dropout)

    def forward(self, x):
        def split(part):
            return part.unflatten(-1, (self.heads, -1)).transpose(1, 2)

        query, key, value = (split(part) for part in self.c_attn(x).chunk(3, -1))
        scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
        future = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)
        weights = F.dropout(weights, self.resid_dropout.p, self.training)
        return self.resid_dropout(self.c_proj((weights @ value).transpose(1, 2).flatten(2)))


class FeedForward(nn.Module):
    def __init__(self, width, dropout, bias, approximate):
        super().__init__()
        self.c_fc = nn.Linear(width, 4 * width, bias=bias)
        self.gelu = nn.GELU(approximate)
        self.c_proj = nn.Linear(4 * width, width, bias=bias)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        return self.dropout(self.c_proj(self.gelu(self.c_fc(x))))


class GPTBlock(nn.Module):
    def __init__(self, width, heads, dropout, bias, approximate):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width, bias=bias)
        self.attn = CausalSelfAttention(width, heads, dropout, bias)
        self.ln_2 = nn.LayerNorm(width, bias=bias)
        self.mlp = FeedForward(width, dropout, bias, approximate)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT(nn.Module):
    def __init__(self, vocabulary, length, layers, heads, width, dropout=0.0, bias=True, tied=True, approximate="none"):
        super().__init__()
        self.length = length
        parts = {
            "wte": nn.Embedding(vocabulary, width),
            "wpe": nn.Embedding(length, width),
            "drop": nn.Dropout(dropout),
            "h": nn.ModuleList(GPTBlock(width, heads, dropout, bias, approximate) for _ in range(layers)),
            "ln_f": nn.LayerNorm(width, bias=bias),
        }
        self.transformer = nn.ModuleDict(parts)
        self.lm_head = nn.Linear(width, vocabulary, bias=False)
        if tied:
            self.lm_head.weight = parts["wte"].weight
        self.apply(self.start)
        for name, parameter in self.named_parameters():
            if name.endswith("c_proj.weight"):
                nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * layers))

    @staticmethod
    def start(module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)

    def forward(self, tokens):
        parts = self.transformer
        x = parts["drop"](parts["wte"](tokens) + parts["wpe"].weight[: tokens.shape[1]])
        for block in parts["h"]:
            x = block(x)
        return self.lm_head(parts["ln_f"](x))

    @torch.no_grad()
    def generate(self, tokens, count, temperature=1.0, top=None, generator=None):
        for _ in range(count):
            logits = self(tokens[:, -self.length :])[:, -1] / temperature
            if top is not None:
                logits[logits < logits.sort(descending=True).values[:, top - 1 : top]] = -math.inf
            tokens = torch.cat([tokens, torch.multinomial(logits.softmax(-1), 1, generator=generator)], 1)
        return tokens
