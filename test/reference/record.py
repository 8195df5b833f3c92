"""One case of the operator table: evaluates an operator in every form that PyTorch offers and keeps what the tests compare."""

import warnings

import torch

from encode import camel_case, data, encode, dtype_name
from schemas import PLACES, full_name, in_place_overload, out_overload, overload_of

# Gradients are those of the outputs weighted by (i % 5 + 1) / 4 at flat position i: a plain sum would hide what softmax does.
# Complex outputs get the same weight in their imaginary part, halved.
def cotangent(output):
    weight = (torch.arange(output.numel(), dtype=torch.float64) % 5 + 1) / 4
    weight = weight.reshape(output.shape)
    return (torch.complex(weight, weight / 2) if output.is_complex() else weight).to(output.dtype)


class Table:
    """Collects cases. The options of `add` that start with an underscore are about the case, all others are the operator's."""

    def __init__(self):
        self.cases = []
        self.notes = []
        self.group = ''

    def add(self, name, *args, _seed=None, _sign_free=(), _grad=True, _strided=True, _out=True, _in_place=True, _only=None, **kwargs):
        """
        _seed       seeds the default generator before the call
        _sign_free  results (by name or position) whose sign is arbitrary: compared by absolute value, kept out of the gradient
        _only       results that are compared, where the others are arbitrary
        _grad, _strided, _out, _in_place   False leaves out gradients, non-contiguous inputs, the out and the in-place form
        """
        overload = overload_of(name)
        place = PLACES[full_name(overload)]
        call = Call(overload, args, kwargs, _seed)
        result, mutated = call.run()
        outputs = mutated if call.written else result

        case = {'group': self.group, 'op': full_name(overload), 'name': place.function if 'function' in place.forms else place.method}
        case['as'] = place.forms
        if case['name'].split('.')[-1] != place.method and 'method' in place.forms:
            case['method'] = place.method
        at = next((i for i, arg in enumerate(call.positional) if arg.name == 'self'), 0)
        if at > 0 and 'method' in place.forms:
            case['self'] = at
        if not place.forms:
            raise ValueError(f'{name} is neither function nor method')
        forms = call.inputs()
        gradients = call.gradients(_sign_free, _only) if _grad else None
        case['args'] = [encode(value) for value in forms['required']]
        if forms['by_name']:
            case['options'] = {camel_case(key): encode(value) for key, value in forms['by_name'].items()}
        if forms['in_place']:
            case['positional'] = {camel_case(key): encode(value) for key, value in forms['in_place'].items()}
        if call.spread(method=False) and 'function' in place.forms:
            case['spread'] = True
        if call.spread(method=True) and 'method' in place.forms:
            case['spreadMethod'] = True
        if _seed is not None:
            case['seed'] = _seed
        if call.written:
            case['writes'] = call.written
        case['result'] = self.encode_result(overload, outputs, call)
        if _sign_free:
            case['signFree'] = [key if isinstance(key, int) else camel_case(key) for key in _sign_free]
        if _only is not None:
            case['only'] = [key if isinstance(key, int) else camel_case(key) for key in _only]
        if gradients is not None:
            case['grads'] = gradients
        compare = not _sign_free and _only is None
        if _out and not call.written and compare and 'function' in place.forms:
            dropped = call.fits_out(result)
            if dropped is not None:
                case['out'] = [camel_case(name) for name in dropped]
                returns = out_overload(overload)._schema.returns
                if len(returns) > 1 and not all(item.name for item in returns):
                    case['outUnnamed'] = True
        if _in_place and not call.written and call.fits_in_place(result):
            twin = PLACES[full_name(in_place_overload(overload))]
            case['inPlace'] = {'name': twin.function if 'function' in twin.forms else twin.method, 'as': twin.forms}
            if twin.function != twin.method and 'method' in twin.forms and 'function' in twin.forms:
                case['inPlace']['method'] = twin.method
        if not _strided or not call.fits_strided(outputs, compare):
            case['contiguousOnly'] = True
        self.cases.append(case)

    def each(self, names, *args, **kwargs):
        for name in names.split():
            self.add(name, *args, **kwargs)

    @staticmethod
    def encode_result(overload, outputs, call):
        if call.written:
            return encode_plain(outputs[0] if len(outputs) == 1 else outputs)
        returns = overload._schema.returns
        if len(returns) == 1 and str(getattr(returns[0], 'real_type', '')) == 'ScalarType':
            return DTYPES[outputs] if isinstance(outputs, int) else dtype_name(outputs)
        names = [item.name for item in returns]
        if len(names) > 1 and all(names) and len(set(names)) == len(names):
            return {'named': {camel_case(name): encode_plain(value) for name, value in zip(names, outputs)}}
        return encode_plain(outputs)


DTYPES = ['uint8', 'int8', 'int16', 'int32', 'int64', 'float16', 'float32', 'float64', 'complex32', 'complex64', 'complex128', 'bool',
          'qint8', 'quint8', 'qint32', 'bfloat16']


def encode_plain(value):
    """Results carry no requiresGrad."""
    if isinstance(value, torch.Tensor):
        return encode(value.detach())
    if isinstance(value, (list, tuple)):
        return [encode_plain(item) for item in value]
    return encode(value)


class Call:
    def __init__(self, overload, args, kwargs, seed):
        self.overload, self.seed = overload, seed
        schema = overload._schema
        self.arguments = [arg for arg in schema.arguments if not arg.is_out]
        self.positional = [arg for arg in self.arguments if not arg.kwarg_only]
        self.given = {}
        for arg, value in zip(self.positional, args, strict=False):
            self.given[arg.name] = self.normal(arg, value)
        if len(args) > len(self.positional):
            raise TypeError(f'{schema}: too many arguments')
        known = {arg.name: arg for arg in self.arguments}
        for key, value in kwargs.items():
            self.given[key] = self.normal(known[key], value)
        for arg in self.arguments:
            if arg.name not in self.given and not arg.has_default_value():
                raise TypeError(f'{schema}: {arg.name} is missing')
        self.written = [i for i, arg in enumerate(self.arguments) if arg.alias_info is not None and arg.alias_info.is_write]

    @staticmethod
    def normal(arg, value):
        """JavaScript has one kind of number: a whole one is an integer where the schema takes either."""
        if isinstance(value, list) and any(isinstance(item, torch.Tensor) for item in value):
            return [owned(item) for item in value]
        if isinstance(value, torch.Tensor):
            return owned(value)
        if 'number' in str(arg.type):
            if isinstance(value, float) and value.is_integer():
                return int(value)
            if isinstance(value, list):
                return [int(item) if isinstance(item, float) and item.is_integer() else item for item in value]
        return value

    def tensors(self):
        """The tensors among the arguments, in order, those of lists too."""
        found = []
        for arg in self.arguments:
            value = self.given.get(arg.name)
            found += [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, torch.Tensor)]
        return found

    def run(self, values=None, overload=None, extra=None):
        """Calls with copies; returns the result and the arguments that were written to."""
        values = values if values is not None else {key: copied(value) for key, value in self.given.items()}
        if self.seed is not None:
            torch.manual_seed(self.seed)
        kwargs = {**{key: self.listed(key, value) for key, value in values.items()}, **(extra or {})}
        result = (overload or self.overload)(**kwargs)
        return result, [values[self.arguments[i].name] for i in self.written]

    def listed(self, name, value):
        """`int[2] stride` takes a lone number in JavaScript as in Python's own functions, but not through torch.ops."""
        arg = next(arg for arg in self.arguments if arg.name == name)
        lone = isinstance(value, int) and not isinstance(value, bool) and str(arg.type) in ('List[int]', 'Optional[List[int]]') and arg.N
        return [value] * arg.N if lone else value

    def inputs(self):
        """Arguments by how a caller may give them: required ones in place, the rest by name, defaulted positional ones either way."""
        required = [self.given[arg.name] for arg in self.positional if not arg.has_default_value()]
        by_name = {arg.name: self.given[arg.name] for arg in self.arguments
                   if arg.name in self.given and (arg.kwarg_only or arg.has_default_value())}
        defaulted = [arg for arg in self.positional if arg.has_default_value()]
        last = max((i for i, arg in enumerate(defaulted) if arg.name in self.given), default=-1)
        in_place = {arg.name: self.given.get(arg.name, arg.default_value) for arg in defaulted[: last + 1]}
        return {'required': required, 'by_name': by_name, 'in_place': in_place}

    def spread(self, method):
        """As in PyTorch: an unsized list of integers that is the only positional argument may be spread."""
        positional = [arg for arg in self.positional if not (method and arg.name == 'self')]
        value = self.given.get(positional[0].name) if positional else None
        return isinstance(value, list) and len(value) > 0 and len(positional) == 1 and str(positional[0].type) == 'List[int]' and positional[0].N is None and not positional[0].has_default_value()

    def gradients(self, sign_free, only):
        """Gradients in the order of the tensors that require them; null where an output does not depend on one."""
        leaves = [t for t in self.tensors() if t.dtype in (torch.float64, torch.complex128) and not getattr(t, 'is_const', False)]
        if not leaves or self.overload._schema.name.split('::')[1].endswith('_out'):
            return None
        for leaf in leaves:
            leaf.requires_grad_(True)
        try:
            # A leaf is not written to in place, so the call gets copies that remember where they came from.
            result, mutated = self.run({key: tracked(value) for key, value in self.given.items()})
            outputs = self.differentiable(mutated if self.written else result, sign_free, only)
            if not outputs:
                raise NotDifferentiable
            grads = torch.autograd.grad(outputs, leaves, [cotangent(out) for out in outputs], allow_unused=True)
            return [None if grad is None else data(grad) for grad in grads]
        except (NotDifferentiable, RuntimeError, NotImplementedError) as error:
            if not isinstance(error, NotDifferentiable):
                print(f'  no gradient: {self.overload._schema.name} {str(error).splitlines()[0][:120]}')
            for leaf in leaves:
                leaf.requires_grad_(False)
            return None

    def differentiable(self, outputs, sign_free, only):
        names = [item.name for item in self.overload._schema.returns]
        flat = []
        for i, item in enumerate(outputs if isinstance(outputs, (list, tuple)) else [outputs]):
            name = names[i] if i < len(names) and names[i] else i
            if name in sign_free or i in sign_free or (only is not None and name not in only and i not in only):
                continue
            flat += item if isinstance(item, (list, tuple)) else [item]
        return [item for item in flat if isinstance(item, torch.Tensor) and item.requires_grad]

    def fits_out(self, result):
        """The options that the out form does not take, when it gives the same into empty tensors; otherwise None."""
        other = out_overload(self.overload)
        if other is None:
            return None
        outs = [arg for arg in other._schema.arguments if arg.is_out]
        results = list(result) if isinstance(result, (list, tuple)) else [result]
        lists = 'List' in str(outs[0].type)
        if not all(isinstance(item, torch.Tensor) for item in results) or (len(outs) != len(results) and not lists):
            return None
        empties = [torch.empty_like(item) if lists else torch.empty(0, dtype=item.dtype) for item in results]
        extra = {outs[0].name: empties} if lists else {arg.name: empty for arg, empty in zip(outs, empties)}
        dropped = {'dtype', 'layout', 'device', 'pin_memory'} - {arg.name for arg in other._schema.arguments}
        values = {key: copied(value) for key, value in self.given.items() if key not in dropped}
        try:
            with torch.no_grad(), warnings.catch_warnings():
                warnings.simplefilter('error')
                self.run(values, other, extra)
        except (RuntimeError, UserWarning, NotImplementedError):
            return None
        return sorted(dropped & set(self.given)) if all(same(a, b) for a, b in zip(empties, results)) else None

    def fits_in_place(self, result):
        other = in_place_overload(self.overload)
        if other is None:
            return False
        values = {key: copied(value) for key, value in self.given.items()}
        first = values[self.arguments[0].name]
        try:
            with torch.no_grad():
                self.run(values, other)
        except (RuntimeError, NotImplementedError):
            return False
        if isinstance(first, list):
            return all(same(a, b) for a, b in zip(first, result))
        return isinstance(result, torch.Tensor) and same(first, result)

    def fits_strided(self, outputs, compare):
        """Does PyTorch take the inputs in another memory layout, with the same results?"""
        if all(t.dim() == 0 or t.numel() < 2 for t in self.tensors()):
            return False
        values = {key: strided(value) for key, value in self.given.items()}
        try:
            with torch.no_grad():
                result, mutated = self.run(values)
        except (RuntimeError, NotImplementedError):
            return False
        again = mutated if self.written else result
        return not compare or all(same(a, b) for a, b in zip(flatten(again), flatten(outputs)))


class NotDifferentiable(Exception):
    pass


def mapped(value, change):
    if isinstance(value, list):
        return [mapped(item, change) for item in value]
    return change(value) if isinstance(value, torch.Tensor) else value


def owned(tensor):
    """A copy of the table's tensor that this case may mark as requiring gradients."""
    if tensor is None:
        return None
    copy = tensor.detach().clone()
    copy.is_const = getattr(tensor, 'is_const', False)
    return copy


def copied(value):
    return mapped(value, lambda t: t.detach().clone())


def tracked(value):
    return mapped(value, lambda t: t.clone())


def strided(value):
    """The same values with gaps between them or in transposed order."""
    def change(t):
        t = t.detach()
        if t.dim() >= 2:
            return t.transpose(0, -1).contiguous().transpose(0, -1)
        return torch.stack([t, t], -1).select(-1, 0) if t.dim() == 1 else t.clone()
    return mapped(value, change)


def flatten(value):
    return [leaf for item in value for leaf in flatten(item)] if isinstance(value, (list, tuple)) else [value]


def same(a, b):
    if not isinstance(a, torch.Tensor):
        return a == b
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    loose = a.dtype in (torch.float16, torch.bfloat16)
    return torch.allclose(a.detach(), b.detach(), rtol=1e-2 if loose else 1e-5, atol=1e-2 if loose else 1e-6, equal_nan=True)
