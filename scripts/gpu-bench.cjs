// A small benchmark for scripts/gpu-check.sh: TypeScript and, where python3 has torch, Python in turn; lines `name|ratio`.
const { spawn, spawnSync } = require('node:child_process');
const { createInterface } = require('node:readline');
const torch = require('../dist');

const device = torch.cuda.isAvailable() ? 'cuda' : 'cpu';
const wait = () => device === 'cuda' && torch.cuda.synchronize();
const ROUNDS = 15;
const PROGRAM = process.env.TORCHWRIGHT_PYTHON || 'python3';

const a = torch.randn(4, 4, { device });
const [x, target] = [torch.randn(256, 1024, { device }), torch.randint(10, [256], { device })];
const model = new torch.nn.Sequential(new torch.nn.Linear(1024, 1024), new torch.nn.ReLU(), new torch.nn.Linear(1024, 10)).to(device);
const optimizer = new torch.optim.AdamW(model.parameters(), { lr: 1e-3 });

const WORK = {
  'small add': () => torch.noGrad(() => a.add(a)),
  'MLP step': () => {
    optimizer.zeroGrad();
    torch.nn.functional.crossEntropy(model.forward(x), target).backward();
    optimizer.step();
  },
};

const PYTHON = `
import sys, time, torch
device = sys.argv[1]
wait = torch.cuda.synchronize if device == 'cuda' else (lambda: None)
a = torch.randn(4, 4, device=device)
x, target = torch.randn(256, 1024, device=device), torch.randint(10, (256,), device=device)
model = torch.nn.Sequential(torch.nn.Linear(1024, 1024), torch.nn.ReLU(), torch.nn.Linear(1024, 10)).to(device)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
def add():
    with torch.no_grad(): a.add(a)
def step():
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(model(x), target).backward()
    optimizer.step()
for line in sys.stdin:
    name, n = line.rsplit(' ', 1)
    work = {'small add': add, 'MLP step': step}[name]
    wait(); start = time.perf_counter()
    for _ in range(int(n)): work()
    wait(); print((time.perf_counter() - start) / int(n) * 1e9, flush=True)
`;

function measure(work, n) {
  wait();
  const start = process.hrtime.bigint();
  for (let i = 0; i < n; i++) torch.scope(work);
  wait();
  return Number(process.hrtime.bigint() - start) / n;
}

const median = (list) => [...list].sort((p, q) => p - q)[list.length >> 1];

async function main() {
  const hasPython = spawnSync(PROGRAM, ['-c', 'import torch']).status === 0;
  const python = hasPython ? spawn(PROGRAM, ['-c', PYTHON, device], { stdio: ['pipe', 'pipe', 'inherit'] }) : null;
  const lines = python && createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  const ask = async (name, n) => {
    python.stdin.write(`${name} ${n}\n`);
    return Number((await lines.next()).value);
  };
  for (const [name, work] of Object.entries(WORK)) {
    const n = name === 'small add' ? 2000 : 100;
    measure(work, n);
    const ratios = [];
    for (let round = 0; round < ROUNDS; round++) {
      const ours = measure(work, n);
      if (python) ratios.push(ours / (await ask(name, n)));
    }
    console.log(
      `${name} on ${device}|${python ? `${median(ratios.slice(2)).toFixed(3)} of Python's time` : 'ran (no Python torch to compare with)'}`,
    );
  }
  python?.stdin.end();
}

main();
