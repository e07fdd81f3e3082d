/** Where the columns of the drawing stand, from left to right: time, axis, client, server, frame. */
export interface Geometry {
  readonly width: number;
  readonly timeEnd: number;
  readonly axis: number;
  readonly client: number;
  readonly server: number;
  readonly frame: number;
}

export function geometryOf(width: number): Geometry {
  return {
    width,
    timeEnd: 72,
    axis: 82,
    client: 102,
    server: Math.max(width - 62, 220),
    frame: Math.max(width - 50, 232),
  };
}
