/** The line search of L-BFGS: numbers only, it asks for values and slopes along a direction. */

/** A point on the line: the step, the value there, the slope there, and what the caller wants back. */
export interface LinePoint<Extra> {
  readonly step: number;
  readonly value: number;
  readonly slope: number;
  readonly extra: Extra;
}

export interface LineSearchOptions {
  /** Armijo's constant: how much of the decrease that the slope promises must be had. Default 1e-4. */
  readonly c1?: number;
  /** By how much the slope must have flattened. Default 0.9. */
  readonly c2?: number;
  /** The search ends when no parameter would change by more. Default 1e-9. */
  readonly toleranceChange?: number;
  /** The most values it may ask for after the first. Default 25. */
  readonly maxEvaluations?: number;
}

/**
 * The minimum of the cubic that has these values and slopes, within bounds (Nocedal and Wright, 2006, equation 3.59); the middle
 * of the bounds where it has none.
 */
export function cubicMinimum(
  first: Omit<LinePoint<unknown>, 'extra'>,
  second: Omit<LinePoint<unknown>, 'extra'>,
  bounds?: readonly [number, number],
): number {
  const [a, b] = first.step <= second.step ? [first, second] : [second, first];
  const [low, high] = bounds ?? [a.step, b.step];
  const d1 = first.slope + second.slope - (3 * (first.value - second.value)) / (first.step - second.step);
  const square = d1 * d1 - first.slope * second.slope;
  if (!(square >= 0)) return (low + high) / 2;
  const d2 = Math.sqrt(square);
  const at = b.step - (b.step - a.step) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2));
  return Math.min(Math.max(at, low), high);
}

/**
 * A step that fulfils the strong Wolfe conditions, or the best that was found (Nocedal and Wright, 2006, algorithms 3.5 and 3.6):
 * `f(t) <= f(0) + c1 t f'(0)` and `|f'(t)| <= c2 |f'(0)|`.
 *
 * @param origin the point of step 0
 * @param at evaluates a step
 * @param step the first step to try
 * @param size the largest absolute element of the direction
 */
export function strongWolfe<Extra>(
  origin: LinePoint<Extra>,
  at: (step: number) => LinePoint<Extra>,
  step: number,
  size: number,
  { c1 = 1e-4, c2 = 0.9, toleranceChange = 1e-9, maxEvaluations = 25 }: LineSearchOptions = {},
): { readonly point: LinePoint<Extra>; readonly evaluations: number } {
  const steep = -c2 * origin.slope;
  const tooHigh = (point: LinePoint<Extra>): boolean => point.value > origin.value + c1 * point.step * origin.slope;

  // Bracketing: larger and larger steps until a minimum must lie between two of them.
  let previous = origin;
  let current = at(step);
  let evaluations = 1;
  let tries = 0;
  let bracket: [LinePoint<Extra>, LinePoint<Extra>] | null = null;
  while (tries < maxEvaluations) {
    if (tooHigh(current) || (tries > 1 && current.value >= previous.value)) {
      bracket = [previous, current];
      break;
    }
    if (Math.abs(current.slope) <= steep) return { point: current, evaluations };
    if (current.slope >= 0) {
      bracket = [previous, current];
      break;
    }
    const bounds = [current.step + 0.01 * (current.step - previous.step), 10 * current.step] as const;
    const next = cubicMinimum(previous, current, bounds);
    previous = current;
    current = at(next);
    evaluations++;
    tries++;
  }
  bracket ??= [origin, current];

  // Zooming: the bracket becomes smaller until a point in it fulfils the conditions.
  let low = bracket[0].value <= bracket[1].value ? 0 : 1;
  let stalled = false;
  while (tries < maxEvaluations) {
    const [least, most] = [Math.min(bracket[0].step, bracket[1].step), Math.max(bracket[0].step, bracket[1].step)];
    if ((most - least) * size < toleranceChange) break;
    let next = cubicMinimum(bracket[0], bracket[1]);
    const margin = 0.1 * (most - least);
    if (Math.min(most - next, next - least) < margin) {
      // Close to an end: once is tolerated, then a point a tenth away from it is tried.
      if (stalled || next >= most || next <= least) {
        next = Math.abs(next - most) < Math.abs(next - least) ? most - margin : least + margin;
        stalled = false;
      } else stalled = true;
    } else stalled = false;

    const point = at(next);
    evaluations++;
    tries++;
    const best = bracket[low] as LinePoint<Extra>;
    const other = bracket[1 - low] as LinePoint<Extra>;
    if (tooHigh(point) || point.value >= best.value) {
      bracket[1 - low] = point;
      low = bracket[0].value <= bracket[1].value ? 0 : 1;
    } else {
      if (Math.abs(point.slope) <= steep) return { point, evaluations };
      if (point.slope * (other.step - best.step) >= 0) bracket[1 - low] = best;
      bracket[low] = point;
    }
  }
  return { point: bracket[low] as LinePoint<Extra>, evaluations };
}
