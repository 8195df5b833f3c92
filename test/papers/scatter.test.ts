/** Pictures of points by class, as recipes draw them. */

import { Scatter, type ScatterData, scatterSvg } from '../../examples/papers/lib/scatter';
import { measuredParts } from '../../examples/papers/lib/told';
import * as torch from '../../lib';
import { picturesOf } from '../../scripts/papers/pictures';

const AXES = { x: 'first', y: 'second', classes: 'digit' };

function picture(options = {}): ScatterData {
  const before = torch.tensor([0, 0, 2, 4, 1, 8], { dtype: 'float64' }).reshape(3, 2);
  return new Scatter('Before & after', { ...AXES, ...options })
    .add('before <training>', before, torch.tensor([7, 3, 7]))
    .add('after', before.neg(), torch.tensor([3, 10, 7]))
    .data();
}

interface Point {
  colour: string;
  x: number;
  y: number;
}

/** Centres and colours of the points of each panel, in the order of the text. */
function pointsOf(svg: string): Point[] {
  return [...svg.matchAll(/<g fill="(#\w+)"[^>]*>(.*?)<\/g>/g)].flatMap(([, colour, circles]) =>
    [...(circles as string).matchAll(/cx="([-\d.]+)" cy="([-\d.]+)"/g)].map(([, x, y]) => ({
      colour: colour as string,
      x: Number(x),
      y: Number(y),
    })),
  );
}

test('every point is drawn, by class in the order of their numbers', () => {
  const data = picture();
  expect(data.panels.map(({ groups }) => groups.map(({ name }) => name))).toEqual([
    ['3', '7'],
    ['3', '7', '10'],
  ]);
  const points = pointsOf(scatterSvg(data));
  expect(points.length).toBe(6);
  const [three, seven, ten] = ['#3b6fd4', '#e8a100', '#d9352c'];
  expect(points.map(({ colour }) => colour)).toEqual([three, seven, seven, three, seven, ten]);
});

test('a larger x is farther right and a larger y higher up, on the same axes in all panels', () => {
  const points = pointsOf(scatterSvg(picture()));
  const wanted: [number, number][] = [
    [2, 4],
    [0, 0],
    [1, 8],
    [0, 0],
    [-1, -8],
    [-2, -4],
  ];
  for (const [i, [x, y]] of wanted.entries())
    for (const [j, [otherX, otherY]] of wanted.entries()) {
      const [a, b] = [points[i], points[j]] as [Point, Point];
      expect(Math.sign(a.x - b.x)).toBe(Math.sign(x - otherX));
      expect(Math.sign(b.y - a.y)).toBe(Math.sign(y - otherY));
    }
});

test('equal axes: a step is as long along y as along x', () => {
  const [a, b] = pointsOf(scatterSvg(picture({ equal: true }))) as unknown as [Point, Point];
  // From (0, 0) to (2, 4).
  expect((a.y - b.y) / (b.x - a.x)).toBeCloseTo(2, 1);
});

test('title, names of axes, panels and classes are there, escaped', () => {
  const svg = scatterSvg(picture());
  for (const part of ['<title>Before &amp; after</title>', '>before &lt;training&gt;<', '>after<', '>digit<', '>10<'])
    expect(svg).toContain(part);
  expect(svg.match(/>first</g)).toHaveLength(2);
  expect(svg.match(/>second</g)).toHaveLength(2);
  expect(svg.match(/>Before &amp; after</g)).toHaveLength(2);
  // Nothing reaches beyond the picture.
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) as unknown as [string, string, string];
  expect(Number(width)).toBeGreaterThan(900);
  expect(Number(height)).toBeGreaterThan(450);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});

test('the same data give the same text, also after a file', () => {
  const data = picture();
  expect(scatterSvg(JSON.parse(JSON.stringify(data)) as ScatterData)).toBe(scatterSvg(data));
});

test('equal points have axes too', () => {
  const data = new Scatter('one', AXES).add('', torch.ones(2, 2), torch.tensor([0, 0])).data();
  expect(scatterSvg(data)).not.toMatch(/NaN|Infinity/);
});

test('what cannot be drawn is refused in a sentence', () => {
  const scatter = new Scatter('a', AXES);
  expect(() => scatterSvg(scatter.data())).toThrow('Expected points for "a" but there are none');
  expect(() => scatter.add('', torch.zeros(3, 3), torch.tensor([0, 1, 2]))).toThrow(
    'Expected points [N, 2] and labels [N] for "a" but received [3,3] and [3]',
  );
  expect(() => scatter.add('', torch.zeros(3, 2), torch.tensor([0]))).toThrow('but received [3,2] and [1]');
  scatter.add('', torch.zeros(11, 2), torch.arange(11));
  expect(() => scatterSvg(scatter.data())).toThrow('Expected up to 10 classes for "a" but there are 11');
});

test('a run with a picture tells of it where pictures can be shown', () => {
  const outcome = {
    paper: 8,
    title: 'Title',
    size: 'usual',
    seeds: [0],
    device: 'cpu',
    seconds: 1,
    notes: [],
    tables: [],
    claims: [],
    curves: [],
  } as const;
  expect(picturesOf('08-title', outcome)).toEqual([]);
  const drawn = { ...outcome, scatters: [picture()] };
  const pictures = picturesOf('08-title', drawn);
  expect(pictures.map(([file]) => file)).toEqual(['08-title-1.svg']);
  expect(measuredParts(drawn)).not.toContain('![');
  expect(measuredParts(drawn, ['measured/08-title-1.svg'])).toContain('![Before & after](measured/08-title-1.svg)');
});
