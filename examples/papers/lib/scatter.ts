/** A picture of points in the plane, coloured by class, in one panel or several beside each other with the same axes. */

export interface ScatterData {
  readonly title: string;
  /** What the axes and the classes are. */
  readonly x: string;
  readonly y: string;
  readonly classes: string;
  /** Whether a step is as long along y as along x. */
  readonly equal: boolean;
  readonly panels: readonly ScatterPanel[];
}

export interface ScatterPanel {
  readonly name: string;
  /** The points of each class, in the order of the legend. */
  readonly groups: readonly { readonly name: string; readonly x: readonly number[]; readonly y: readonly number[] }[];
}

export interface ScatterOptions {
  /** Names of the axes. */
  readonly x: string;
  readonly y: string;
  /** What the classes are, before the legend: `digit`. Default: nothing. */
  readonly classes?: string;
  /** Make a step as long along y as along x: for points whose distances mean something. Default false. */
  readonly equal?: boolean;
}

/** What is needed of a tensor. */
interface Values {
  readonly shape: readonly number[];
  toArray(): unknown;
}

/** More classes than these could not be told from each other. */
const COLOURS = ['#3b6fd4', '#e8a100', '#d9352c', '#2fa34b', '#8b46d6', '#17b8c4', '#8a5a3c', '#e86db1', '#8b939e', '#1f2937'];

export class Scatter {
  readonly #panels: ScatterPanel[] = [];

  constructor(
    readonly title: string,
    readonly options: ScatterOptions,
  ) {}

  /** A panel of points [N, 2] with class numbers [N]; colours go by class, so that they are the same in all panels. */
  add(name: string, points: Values, labels: Values): this {
    const [count, width] = points.shape;
    if (points.shape.length !== 2 || width !== 2 || labels.shape.join() !== String(count) || count === 0)
      throw new Error(`Expected points [N, 2] and labels [N] for "${this.title}" but received [${points.shape}] and [${labels.shape}]`);
    const groups = new Map<number, { x: number[]; y: number[] }>();
    const places = points.toArray() as [number, number][];
    for (const [k, label] of (labels.toArray() as (number | bigint)[]).map(Number).entries()) {
      const group = groups.get(label) ?? { x: [], y: [] };
      groups.set(label, group);
      const [x, y] = (places[k] as [number, number]).map((value) => Number(value.toPrecision(4))) as [number, number];
      group.x.push(x);
      group.y.push(y);
    }
    const sorted = [...groups].sort(([a], [b]) => a - b).map(([label, group]) => ({ name: String(label), ...group }));
    this.#panels.push({ name, groups: sorted });
    return this;
  }

  data(): ScatterData {
    const { x, y, classes = '', equal = false } = this.options;
    return { title: this.title, x, y, classes, equal, panels: this.#panels };
  }
}

type Range = readonly [low: number, high: number];

const SIDE = 380;
const LEFT = 70;
const GAP = 30;
const TOP = 80;
const FONT = 'system-ui, sans-serif';

/** The picture as SVG: the same text for the same data. */
export function scatterSvg(data: ScatterData): string {
  const { title, x, y, panels } = data;
  const names = [...new Set(panels.flatMap(({ groups }) => groups.map(({ name }) => name)))].sort((a, b) => Number(a) - Number(b));
  if (names.length === 0) throw new Error(`Expected points for "${title}" but there are none`);
  if (names.length > COLOURS.length)
    throw new Error(`Expected up to ${COLOURS.length} classes for "${title}" but there are ${names.length}`);
  const colours = new Map(names.map((name, k) => [name, COLOURS[k] as string]));
  const ranges = rangesOf(data);
  const legend = legendOf(data.classes, colours, panels.length * (LEFT + SIDE + GAP));
  const width = panels.length * (LEFT + SIDE + GAP);
  const height = TOP + SIDE + 60 + legend.height;
  const drawn = panels.map((panel, k) => panelSvg(panel, k * (LEFT + SIDE + GAP) + LEFT, ranges, colours, [x, y]));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="${FONT}" font-size="13" fill="#374151">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" fill="#fff"/>
${text(width / 2, 30, title, 'font-size="18" font-weight="600" fill="#111827" text-anchor="middle"')}
${drawn.join('\n')}
<g transform="translate(0 ${TOP + SIDE + 60})">
${legend.svg}
</g>
</svg>
`;
}

/** What both axes go over: the same in all panels, a little beyond the outermost points. */
function rangesOf({ panels, equal }: ScatterData): readonly [x: Range, y: Range] {
  const groups = panels.flatMap((panel) => panel.groups);
  const [x, y] = (['x', 'y'] as const).map((axis) => rangeOf(groups.flatMap((group) => group[axis]))) as [Range, Range];
  if (!equal) return [x, y];
  const half = Math.max(x[1] - x[0], y[1] - y[0]) / 2;
  const around = ([low, high]: Range): Range => [(low + high) / 2 - half, (low + high) / 2 + half];
  return [around(x), around(y)];
}

function rangeOf(values: readonly number[]): Range {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = (high - low) * 0.05 || 1;
  return [low - margin, high + margin];
}

function panelSvg(
  { name, groups }: ScatterPanel,
  left: number,
  [rangeX, rangeY]: readonly [Range, Range],
  colours: ReadonlyMap<string, string>,
  [x, y]: readonly [string, string],
): string {
  const along = (value: number, [low, high]: Range): number => ((value - low) / (high - low)) * SIDE;
  const placeX = (value: number) => round(along(value, rangeX));
  const placeY = (value: number) => round(SIDE - along(value, rangeY));
  const ticks = [
    ...ticksOf(rangeX).flatMap((value) => [
      `<path d="M${placeX(value)} 0V${SIDE}" stroke="#e5e7eb"/>`,
      text(placeX(value), SIDE + 18, tidy(value), 'text-anchor="middle"'),
    ]),
    ...ticksOf(rangeY).flatMap((value) => [
      `<path d="M0 ${placeY(value)}H${SIDE}" stroke="#e5e7eb"/>`,
      text(-8, placeY(value) + 4, tidy(value), 'text-anchor="end"'),
    ]),
  ];
  const points = groups.map(({ name: group, x: xs, y: ys }) => {
    const circles = xs.map((value, k) => `<circle cx="${placeX(value)}" cy="${placeY(ys[k] as number)}" r="3.5"/>`);
    return `<g fill="${colours.get(group)}" fill-opacity="0.8">${circles.join('')}</g>`;
  });
  return `<g transform="translate(${left} ${TOP})">
${text(SIDE / 2, -14, name, 'font-size="15" fill="#111827" text-anchor="middle"')}
${ticks.join('\n')}
<rect width="${SIDE}" height="${SIDE}" fill="none" stroke="#9ca3af"/>
${points.join('\n')}
${text(SIDE / 2, SIDE + 42, x, 'text-anchor="middle"')}
${text(0, 0, y, `text-anchor="middle" transform="translate(-48 ${SIDE / 2}) rotate(-90)"`)}
</g>`;
}

/** A dot and a name for each class, in as many lines as they need. */
function legendOf(classes: string, colours: ReadonlyMap<string, string>, width: number): { svg: string; height: number } {
  const wide = (word: string): number => 8 * word.length;
  let [x, y] = [LEFT, 18];
  const parts = classes === '' ? [] : [text(x, y, classes, 'fill="#111827"')];
  if (classes !== '') x += wide(classes) + 16;
  for (const [name, colour] of colours) {
    if (x + wide(name) + 16 > width) [x, y] = [LEFT, y + 22];
    parts.push(`<circle cx="${x}" cy="${y - 4}" r="5" fill="${colour}"/>`, text(x + 10, y, name, ''));
    x += wide(name) + 32;
  }
  return { svg: parts.join('\n'), height: y + 18 };
}

/** Round numbers within a range, some five of them. */
function ticksOf([low, high]: Range): number[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) as number) * power;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, k) => (first + k) * step);
}

/** Without the digits that only rounding made. */
function tidy(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x}" y="${y}"${attributes === '' ? '' : ` ${attributes}`}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
