"""How a layer or a function is recorded: what goes in, what comes out, the gradients, the state."""

import torch
import torch.nn.functional as F
from torch import nn


def camel(name):
    head, *tail = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in tail)


def tensor(value):
    return {"dtype": str(value.dtype).removeprefix("torch."), "shape": list(value.shape), "data": value.detach().flatten().tolist()}


def weights_of(output):
    """Different numbers for each element, so that a gradient in the wrong place shows."""
    return torch.linspace(-1, 1, output.numel(), dtype=output.dtype).reshape(output.shape)


def draw(*shape):
    return torch.randn(*shape, dtype=torch.float64)


def integers(high, *shape):
    """An input of class or word numbers, for the place of a shape in a table."""
    return lambda: torch.randint(high, shape)


def flat(output):
    """The tensors of an output, also of nested tuples, in order."""
    if isinstance(output, torch.Tensor):
        return [output]
    return [leaf for part in output if part is not None for leaf in flat(part)]


def backward(outputs):
    """Each output weighted, all summed; false when nothing asks for a gradient."""
    terms = [(output * weights_of(output)).sum() for output in outputs if output.requires_grad]
    if terms:
        sum(terms).backward()


def tuples(value):
    """An argument of a layer: tuples for lists, and layers for what describes them as `module` does."""
    if isinstance(value, dict):
        return getattr(nn, value["layer"])(*map(tuples, value["args"]), **{key: tuples(v) for key, v in value["options"].items()})
    return tuple(value) if isinstance(value, list) else value


def module(name, *args, **options):
    """`nn.name(*args, **options)` as an argument of a layer."""
    return {"layer": name, "args": list(args), "options": options}


def argument(value):
    """An argument as the tests read it."""
    if isinstance(value, dict):
        return {"layer": value["layer"], "args": [*map(argument, value["args"])], "options": arguments(value["options"])}
    return value


def arguments(options):
    return {camel(key): argument(value) for key, value in options.items()}


def input_of(shape):
    """An input of a shape; for a tuple of shapes a tuple of inputs."""
    if callable(shape):
        return shape()
    return tuple(map(input_of, shape)) if shape and isinstance(shape[0], tuple) else draw(*shape)


def inputs_of(shapes):
    """Inputs for one shape, or for a list of shapes and functions that draw."""
    return [input_of(shape) for shape in (shapes if isinstance(shapes, list) else [shapes])]


def each(function, value):
    """The function of a tensor, or of those of a tuple."""
    return tuple(each(function, part) for part in value) if isinstance(value, tuple) else function(value)


def leaf(value):
    return value.requires_grad_() if is_leaf(value) else value


def gradient(value):
    return tensor(value.grad) if isinstance(value, torch.Tensor) and value.grad is not None else None


def stored(value):
    return tensor(value) if isinstance(value, torch.Tensor) else {"value": value}


def is_leaf(value):
    return isinstance(value, torch.Tensor) and value.is_floating_point()


class Table:
    """The cases of one file: layers, functions, and what else a test needs under a name of its own."""

    def __init__(self):
        self.layers, self.functions, self.initial, self.values = [], [], [], {}

    def layer(self, name, args, options, shapes, tensors=None, keywords=None):
        """
        `nn.name(*args, **options, **tensors)` on inputs of these shapes, with weights drawn at random. `tensors` are the options
        that are tensors, `keywords` are named arguments of `forward`: tensors or plain values.
        """
        tensors, keywords = tensors or {}, {key: leaf(value) for key, value in (keywords or {}).items()}
        layer = getattr(nn, name)(*map(tuples, args), **{key: tuples(value) for key, value in options.items()}, **tensors).double()
        with torch.no_grad():
            for parameter in layer.parameters():
                parameter.copy_(draw(*parameter.shape))
        state = {key: tensor(value) for key, value in layer.state_dict().items()}
        first = inputs_of(shapes)
        inputs = [each(leaf, x) for x in inputs_of(shapes)]
        layer(*first, **keywords)  # layers with running statistics change in it
        outputs = flat(layer(*inputs, **keywords))
        backward(outputs)
        after = {key: tensor(value) for key, value in layer.state_dict().items()}
        grads = {key: tensor(parameter.grad) for key, parameter in layer.named_parameters() if parameter.grad is not None}
        printed = repr(layer)
        self.layers.append(
            {
                "layer": name,
                "args": [*map(argument, args)],
                "options": arguments(options),
                **({"tensors": {camel(k): tensor(v) for k, v in tensors.items()}} if tensors else {}),
                "repr": printed,
                "state": state,
                "first": [each(tensor, x) for x in first],
                "inputs": [each(tensor, x) for x in inputs],
                **({"keywords": {camel(key): stored(value) for key, value in keywords.items()}} if keywords else {}),
                "outputs": [tensor(x) for x in outputs],
                "inputGrads": [each(gradient, x) for x in inputs],
                **({"keywordGrads": {camel(key): gradient(value) for key, value in keywords.items()}} if keywords else {}),
                "grads": grads,
                "stateAfter": after,
                "evaluated": [tensor(x) for x in flat(layer.eval()(*inputs, **keywords))],
            }
        )

    def function(self, name, inputs, options=None, tensors=None, constant=()):
        """
        `F.name(*inputs, **options, **tensors)`. Floating-point inputs get gradients, but those at the positions `constant`.
        `tensors` are the options that are tensors.
        """
        options, tensors = options or {}, tensors or {}
        leaves = [x.clone().requires_grad_() if is_leaf(x) and i not in constant else x for i, x in enumerate(inputs)]
        outputs = flat(getattr(F, name)(*leaves, **{key: tuples(value) for key, value in options.items()}, **tensors))
        backward(outputs)
        self.functions.append(
            {
                "function": camel(name),
                "inputs": [stored(x) for x in leaves],
                "options": {camel(k): v for k, v in options.items()},
                "tensors": {camel(k): tensor(v) for k, v in tensors.items()},
                "outputs": [tensor(x) for x in outputs],
                "grads": [gradient(x) for x in leaves],
            }
        )

    def start(self, name, args, options=None):
        """The values that `nn.name(*args, **options)` starts from under a seed, in float32."""
        options = options or {}
        torch.manual_seed(3)
        layer = getattr(nn, name)(*map(tuples, args), **{key: tuples(value) for key, value in options.items()})
        state = {key: tensor(value) for key, value in layer.state_dict().items()}
        self.initial.append({"layer": name, "args": [*map(argument, args)], "options": arguments(options), "state": state})

    def content(self):
        return {"layers": self.layers, "functions": self.functions, "initial": self.initial, "values": self.values}
