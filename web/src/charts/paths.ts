/** Outlines of SVG shapes. */

/** A part of a ring around the origin; angles in radians, from the top, clockwise. */
export function ring(inner: number, outer: number, from: number, to: number): string {
  // An arc from a point to itself is nothing, so a whole ring ends just before it began.
  const end = Math.min(to, from + 2 * Math.PI - 1e-4);
  const large = end - from > Math.PI ? 1 : 0;
  const point = (radius: number, angle: number) =>
    `${(Math.sin(angle) * radius).toFixed(3)} ${(-Math.cos(angle) * radius).toFixed(3)}`;
  return (
    `M${point(outer, from)}A${outer} ${outer} 0 ${large} 1 ${point(outer, end)}` +
    `L${point(inner, end)}A${inner} ${inner} 0 ${large} 0 ${point(inner, from)}Z`
  );
}

/** A line through points. */
export function polyline(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

const STEPS = [1, 2, 5, 10];

/** Round numbers between two others, about `wanted` of them. */
export function ticks(low: number, high: number, wanted: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (STEPS.find((each) => each * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, index) => (first + index) * step);
}
