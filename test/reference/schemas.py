"""Where each operator lives in JavaScript, from the function list in the torch wheel."""

import re
from pathlib import Path

import torch
import torchgen

from encode import camel_case

NAMESPACES = {'': ('', ''), 'fft': ('fft.', 'fft_'), 'linalg': ('linalg.', 'linalg_'), 'special': ('special.', 'special_'),
              'nn': ('nn.functional.', ''), 'sparse': ('sparse.', 'sparse_'), 'nested': ('nested.', 'nested_')}

# Methods of Tensor that are written by hand and take other arguments than the operator of that name.
HANDWRITTEN_METHODS = {'index', 'to', 'item', 'size', 'stride', 'type', 'data', 'isLeaf', 'dim', 'numel', 'storageOffset', 'isContiguous'}

# Functions that are written by hand under the name of an operator: `slice` makes a range for `index`.
HANDWRITTEN_FUNCTIONS = {'slice'}


class Place:
    """The dotted name of a function, and whether the operator is a function, a method or both."""

    def __init__(self, name, module, variants):
        prefix, lost = NAMESPACES[module]
        base = name.removeprefix(lost)
        self.function = prefix + camel_case(base)
        self.method = camel_case(name)
        self.forms = [form for form in ('function', 'method') if form in variants]
        if self.method in HANDWRITTEN_METHODS and 'method' in self.forms:
            self.forms.remove('method')
        if self.function in HANDWRITTEN_FUNCTIONS and 'function' in self.forms:
            self.forms.remove('function')


def read_places():
    path = Path(torchgen.__file__).parent / 'packaged/ATen/native/native_functions.yaml'
    places, derived = {}, {}
    for entry in re.split(r'^- func: ', path.read_text(), flags=re.M)[1:]:
        full_name = entry[: entry.index('(')]
        module = re.search(r'^  python_module: (\w+)', entry, re.M)
        variants = re.search(r'^  variants: (.*)$', entry, re.M)
        listed = [part.strip() for part in (variants.group(1).split('#')[0] if variants else 'function').split(',')]
        place_of = lambda name, forms: Place(name.split('.')[0], module.group(1) if module else '', forms)
        places[full_name] = place_of(full_name, listed)
        # Forms that libtorch derives are functions only.
        autogen = re.search(r'^  autogen: (.*)$', entry, re.M)
        for name in autogen.group(1).split(',') if autogen else []:
            derived.setdefault(name.strip(), place_of(name.strip(), ['function']))
    return {**derived, **places}


PLACES = read_places()


def overload_of(full_name):
    name, _, overload = full_name.partition('.')
    return getattr(getattr(torch.ops.aten, name), overload or 'default')


def full_name(overload):
    schema = overload._schema
    return schema.name.removeprefix('aten::') + (f'.{schema.overload_name}' if schema.overload_name else '')


def overloads_of(name):
    if not hasattr(torch.ops.aten, name):
        return []
    packet = getattr(torch.ops.aten, name)
    return [getattr(packet, overload) for overload in packet.overloads()]


def same_arguments(a, b):
    return len(a) == len(b) and all(p.name == q.name and str(p.type) == str(q.type) and p.kwarg_only == q.kwarg_only for p, q in zip(a, b))


def out_overload(overload):
    """The form of the same operator that writes to `out`."""
    options = {'dtype', 'layout', 'device', 'pin_memory'}
    schema = overload._schema
    names = {arg.name for arg in schema.arguments}
    args = [arg for arg in schema.arguments if not (options <= names and arg.name in options)]
    for other in overloads_of(schema.name.removeprefix('aten::')):
        if full_name(other) not in PLACES:
            continue
        outs = [arg for arg in other._schema.arguments if arg.is_out]
        if outs and same_arguments(args, [arg for arg in other._schema.arguments if not arg.is_out]):
            return other
    return None


def in_place_overload(overload):
    """The form of the same operator that writes to its first argument."""
    schema = overload._schema
    for other in overloads_of(schema.name.removeprefix('aten::') + '_'):
        if full_name(other) in PLACES and same_arguments(schema.arguments, other._schema.arguments):
            return other
    return None
