import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt, STORY } from '../support/command.ts';
import { ServedCommand, WindowBrowser } from '../support/served-window.ts';
import { hasTool } from '../support/tools.ts';
import { expectQuiet, rowOf } from './window.ts';

describe.skipIf(!hasTool('chromium'))('the window and its token', () => {
  let served: ServedCommand;
  let browser: WindowBrowser;
  beforeAll(async () => {
    await ensureBuilt();
    [served, browser] = await Promise.all([ServedCommand.start([STORY]), WindowBrowser.launch()]);
  });
  afterAll(async () => {
    await browser?.close();
    expect(await served?.stop()).toMatchObject({ code: 0, stderr: '' });
  });

  it('the address works once it is typed in, and again after a reload, without its code', async () => {
    const page = await browser.page(served.address);
    await rowOf(page, 's1').waitFor();
    expect(page.url()).toBe(`${served.origin}/`);
    await page.reload();
    await rowOf(page, 's1').waitFor();
    expectQuiet(browser);
  });

  it('two windows of one command see the same run', async () => {
    const [one, other] = await Promise.all([browser.page(served.address), browser.page(served.address)]);
    await Promise.all([rowOf(one, 's12').waitFor(), rowOf(other, 's12').waitFor()]);
    expectQuiet(browser);
  });

  it('the page without the code shows nothing of the capture, and says what to do', async () => {
    const page = await browser.page(`${served.origin}/`);
    await page
      .getByText(/Open the address again that StartTrace shows in its terminal/)
      .first()
      .waitFor();
    expect(await page.locator('body').innerText()).not.toContain('contoso');
    const statuses = await page.evaluate(async () => {
      const call = (headers: Record<string, string>) =>
        fetch('api/recentFiles', { method: 'POST', headers, body: '{}' }).then(({ status }) => status);
      const json = { 'Content-Type': 'application/json' };
      return [
        await call(json),
        await call({ ...json, Authorization: 'Bearer guessed' }),
        await fetch('events').then(({ status }) => status),
        await fetch('upload?name=a.pcap', { method: 'PUT', body: 'x' }).then(({ status }) => status),
      ];
    });
    expect(statuses).toEqual([401, 401, 401, 401]);
  });

  it('a wrong code is refused', async () => {
    const page = await browser.page(`${served.origin}/#code=${'A'.repeat(43)}`);
    await page.locator('.notice').waitFor();
    expect(await page.locator('body').innerText()).not.toContain('contoso');
  });

  it('another site can neither read it nor frame it, not even with the token', async () => {
    const page = await browser.page(served.address);
    await rowOf(page, 's1').waitFor();
    const token = await page.evaluate(() => sessionStorage.getItem('starttrace-token') ?? '');
    expect(token.length).toBeGreaterThan(40);
    // The same machine under another name is another site.
    const foreign = await ServedCommand.start([]);
    try {
      const other = await browser.page(foreign.address);
      const read = await other.evaluate(
        async ([address, secret]) => {
          const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${secret}` };
          try {
            return await (await fetch(`${address}/api/recentFiles`, { method: 'POST', headers, body: '{}' })).text();
          } catch {
            return 'refused';
          }
        },
        [served.origin, token],
      );
      expect(read).toBe('refused');
    } finally {
      await foreign.stop();
    }
  });
});
