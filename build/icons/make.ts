/**
 * Draws icon.svg in all sizes and packs them for each platform: `npx tsx build/icons/make.ts`. Run it after a change of
 * the drawing and commit what it writes; CHROMIUM names the browser where it is not /usr/bin/chromium.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { type IconImage, writeIcns, writeIco } from './containers.ts';

const FOLDER = import.meta.dirname;
const SIZES = [16, 24, 32, 48, 64, 128, 256, 512, 1024];

const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium' });
try {
  const page = await browser.newPage();
  const drawing = readFileSync(join(FOLDER, 'icon.svg'), 'utf8');
  const images: IconImage[] = [];
  for (const size of SIZES) {
    await page.setViewportSize({ width: size, height: size });
    await page.setContent(`<style>*{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${drawing}`);
    const png = await page.screenshot({ omitBackground: true });
    writeFileSync(join(FOLDER, `${size}x${size}.png`), png);
    images.push({ size, png });
  }
  writeFileSync(join(FOLDER, 'icon.ico'), writeIco(images.filter(({ size }) => size <= 256)));
  writeFileSync(join(FOLDER, 'icon.icns'), writeIcns(images));
} finally {
  await browser.close();
}
