"""Writes operators.json and tensors.json: what Python torch answers, for tests that need no Python. See README.md."""

import importlib
import json
import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from record import Table  # noqa: E402

GROUPS = ['unary', 'binary', 'comparison', 'reductions', 'shapes', 'indexing', 'sorting', 'creation', 'random', 'matrices', 'linalg', 'fft',
          'special', 'activations', 'losses', 'layers', 'pooling', 'resampling', 'foreach', 'dtypes']


def operators():
    table = Table()
    for group in GROUPS:
        table.group = group
        print(f'{group}:')
        before = len(table.cases)
        importlib.import_module(f'operators.{group}').cases(table)
        print(f'  {len(table.cases) - before} cases')
    return table.cases


def tensors():
    from tensors import broadcasting, conversion, indexing, printing, promotion, views

    return {
        'indexing': indexing.reading(), 'assignment': indexing.writing(), 'broadcasting': broadcasting.shapes(), 'views': views.layouts(),
        'promotion': promotion.rows(), 'printing': printing.texts(), 'conversion': conversion.conversions(), 'constants': conversion.constants(),
    }


def write(name, tables):
    """One case a line, so that a change shows as a line."""
    parts = [f'"torch": {json.dumps(torch.__version__.split("+")[0])}']
    for table, cases in tables.items():
        lines = ',\n'.join(json.dumps(case, separators=(',', ':'), ensure_ascii=False, allow_nan=False) for case in cases)
        parts.append(f'"{table}": [\n{lines}\n]')
    text = '{' + ',\n'.join(parts) + '}\n'
    (HERE / name).write_text(text)
    print(f'{name}: {sum(map(len, tables.values()))} cases, {len(text) / 1e6:.2f} MB')


def main():
    torch.set_num_threads(1)
    cases = operators()
    names = {case['name'] for case in cases} | {case['inPlace']['name'] for case in cases if 'inPlace' in case}
    print(f'{len(names)} distinct names')
    write('operators.json', {'cases': cases})
    write('tensors.json', tensors())


if __name__ == '__main__':
    main()
