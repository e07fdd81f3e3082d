/** Widths of text in the drawing's own font, each measured once. */
const widths = new Map<string, number>();
const MOST_KEPT = 20_000;
let context: CanvasRenderingContext2D | null = null;

export function measureText(text: string, weight: 400 | 650): number {
  const key = `${weight}${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  context ??= document.createElement('canvas').getContext('2d');
  if (context === null) return text.length * 7.5;
  const family = getComputedStyle(document.documentElement).getPropertyValue('--font').trim() || 'sans-serif';
  context.font = `${weight} 13px ${family}`;
  const { width } = context.measureText(text);
  if (widths.size >= MOST_KEPT) widths.clear();
  widths.set(key, width);
  return width;
}
