/** The detail view in a browser, over what the analysis says of real captures. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TimelineEvent } from '../../shared/contract/analysis.ts';
import { capture, ensureBuilt, ROOT, run, STORY } from '../support/command.ts';
import { hasTool } from '../support/tools.ts';
import type { JudgedAnalysis } from './detail-host.ts';
import { builtDetailPage, detailPage, type Files } from './detail-window.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
] as const;

async function analysisOf(file: string): Promise<JudgedAnalysis> {
  const { stdout } = await run(['analyze', '--json', '--expect', `${ROOT}/examples/story/expectations.yaml`, file]);
  return JSON.parse(stdout);
}

/** The story's first session with another timeline. */
function withTimeline(analysis: JudgedAnalysis, timeline: readonly TimelineEvent[]): JudgedAnalysis {
  const [first, ...others] = analysis.sessions;
  return { ...analysis, sessions: [{ ...first, timeline }, ...others] };
}

describe.skipIf(!hasTool('chromium'))('a session in detail', () => {
  let browser: Browser;
  let files: Files;
  let story: JudgedAnalysis;

  beforeAll(async () => {
    await ensureBuilt();
    story = await analysisOf(STORY);
    files = await builtDetailPage();
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  });
  afterAll(() => browser?.close());

  const options = { name: /STARTTLS/ } as const;

  describe('the timeline', () => {
    it('is walked with arrow keys, and tells the selected message and its frame', async () => {
      const { page, errors } = await detailPage(browser, files, story);
      const timeline = page.getByRole('listbox', { name: 'Messages in order of time' });
      await timeline.getByRole('option').first().focus();
      for (let step = 0; step < 5; step++) await page.keyboard.press('ArrowDown');
      const selected = timeline.getByRole('option', { selected: true });
      expect(await selected.getAttribute('aria-label')).toMatch(
        /^client, SMTP command, STARTTLS, frame 9, at 24\.4 ms/,
      );
      expect(await selected.evaluate((element) => element === document.activeElement)).toBe(true);
      const details = page.getByRole('region', { name: 'Selected event' });
      expect(await details.textContent()).toContain('STARTTLS');
      expect(await details.textContent()).toContain('frame 9');
      await page.keyboard.press('End');
      expect(await selected.getAttribute('aria-label')).toContain('resets the connection');
      await page.keyboard.press('Home');
      expect(await selected.getAttribute('aria-posinset')).toBe('1');
      expect(errors).toEqual([]);
    });

    it('tells the message below the pointer, and the selected one again when keys move on', async () => {
      const { page } = await detailPage(browser, files, story);
      const details = page.getByRole('region', { name: 'Selected event' });
      await page.getByRole('option', options).first().click();
      await page.getByRole('option', { name: /ServerHelloDone/ }).hover();
      await expect.poll(() => details.textContent()).toContain('ServerHelloDone');
      await page.keyboard.press('ArrowUp');
      await expect.poll(() => details.textContent()).toContain('250 CO1FFO11FD042');
      await page.keyboard.press('End');
      await expect.poll(() => details.textContent()).toContain('resets the connection');
    });

    it('marks where TLS begins, and folds the wait for the greeting with its length', async () => {
      const { page } = await detailPage(browser, files, story);
      await page.getByText('TLS 1.2 begins').waitFor();
      await page.getByText('24.1 ms of silence (folded)').waitFor();
    });

    it('copies the display filter', async () => {
      const { page, clipboard } = await detailPage(browser, files, story);
      await page.getByRole('button', { name: 'Copy filter' }).click();
      await page.getByRole('status').filter({ hasText: 'Copied' }).waitFor();
      expect(await clipboard()).toBe(story.sessions[0].displayFilter);
    });

    it('opens Wireshark at the frame where it is installed, and else copies the frame number', async () => {
      const installed = await detailPage(browser, files, story, { wireshark: true });
      await installed.page.getByRole('option', options).first().click();
      await installed.page.getByRole('button', { name: 'Open in Wireshark at frame 9' }).click();
      expect(await installed.calls()).toContainEqual({
        name: 'openInWireshark',
        input: { run: 'r1', capture: 0, frame: 9 },
      });
      const absent = await detailPage(browser, files, story);
      await absent.page.getByRole('option', options).first().click();
      await absent.page.getByRole('button', { name: 'Copy frame number' }).click();
      await absent.page.getByRole('status').filter({ hasText: 'Copied' }).waitFor();
      expect(await absent.clipboard()).toBe('9');
      expect(await absent.page.getByRole('button', { name: /Open in Wireshark/ }).count()).toBe(0);
    });

    it('zooms with keys and with Ctrl and the wheel, and keeps what is looked at in view', async () => {
      const { page } = await detailPage(browser, files, story);
      const scroller = page.getByRole('listbox');
      const height = () => scroller.evaluate((element) => element.scrollHeight);
      const before = await height();
      await page.getByRole('option', { name: /ServerHelloDone/ }).click();
      await page.keyboard.press('+');
      const zoomed = await height();
      expect(zoomed).toBeGreaterThan(before);
      await page.getByRole('option', { name: /ServerHelloDone/ }).waitFor();
      await page.keyboard.down('Control');
      await page.mouse.wheel(0, -100);
      await page.keyboard.up('Control');
      await expect.poll(height).toBeGreaterThan(zoomed);
      expect(await page.evaluate(() => window.visualViewport?.scale)).toBe(1);
    });

    it('keeps only what is near the visible part of a thousand events, and reaches all by keyboard', async () => {
      const timeline = Array.from(
        { length: 1000 },
        (_, index): TimelineEvent => ({
          at: new Date(Date.UTC(2014, 8, 3) + index * 7).toISOString(),
          frame: index + 1,
          from: index % 2 === 0 ? 'client' : 'server',
          kind: index % 2 === 0 ? 'smtp-command' : 'smtp-reply',
          summary: index % 2 === 0 ? `RCPT TO:<user${index}@fabrikam.com>` : '250 2.1.5 Ok',
        }),
      );
      const { page, errors } = await detailPage(browser, files, withTimeline(story, timeline));
      const events = page.getByRole('option');
      expect(await events.count()).toBeLessThan(120);
      await events.first().focus();
      await page.keyboard.press('End');
      await page.getByRole('option', { name: /frame 1000,/, selected: true }).waitFor();
      await page.getByRole('listbox').evaluate((element) => element.scrollTo(0, 9000));
      await expect.poll(() => page.getByText(/user\d+@fabrikam/).count()).toBeGreaterThan(5);
      expect(await events.count()).toBeLessThan(120);
      expect(errors).toEqual([]);
    });

    it('shows what a peer wants obeyed: control codes, marks of direction and markup', async () => {
      const [first, second, ...rest] = story.sessions[0].timeline;
      const hostile = '220 \u001b[31mred \u202egnp.exe <img src=x onerror=alert(1)>';
      const { page, errors } = await detailPage(
        browser,
        files,
        withTimeline(story, [{ ...first, summary: hostile, kind: 'smtp-reply' }, second, ...rest]),
      );
      await page.getByRole('option').first().click();
      const text = await page.getByRole('region', { name: 'Selected event' }).textContent();
      expect(text).toContain('220 \\u{1b}[31mred \\u{202e}gnp.exe <img src=x onerror=alert(1)>');
      expect(await page.locator('img').count()).toBe(0);
      expect(errors).toEqual([]);
    });

    it('shows a gap with its size, where it happened', async () => {
      const lost = await analysisOf(capture('segment-lost-in-certificate.pcap'));
      const { page } = await detailPage(browser, files, lost);
      await page.getByRole('option', { name: /gap: 524 bytes not captured, frame 14/ }).waitFor();
      await page.getByText('What to do:').first().waitFor();
      await page.getByText('capture again with a larger buffer (dumpcap -B), or probe the server.').waitFor();
    });

    it('says that the capture tells no times', async () => {
      const { page } = await detailPage(
        browser,
        files,
        await analysisOf(capture('format-pcapng-simple-blocks.pcapng')),
      );
      await page.getByText('the capture tells no times').waitFor();
      expect(await page.getByRole('button', { name: 'Zoom in' }).isDisabled()).toBe(true);
    });
  });

  describe('certificates', () => {
    it('stand in the order sent beside the path, with the root that was not sent', async () => {
      const { page } = await detailPage(browser, files, story);
      const columns = {
        sent: page.getByRole('list', { name: 'Certificates sent' }),
        path: page.getByRole('list', { name: 'Path to a root' }),
      };
      await columns.path.getByText('trusted root, from the trust policy').waitFor();
      expect(await columns.sent.getByRole('listitem').count()).toBe(2);
      expect(await columns.path.getByRole('listitem').count()).toBe(3);
      await page
        .getByText('Expected of Fabrikam: The certificate has the name mail.fabrikam.com (TlsDomain).')
        .waitFor();
    });

    it('shows the fields of the chosen certificate, copies one and saves the file', async () => {
      const { page, calls, clipboard } = await detailPage(browser, files, story);
      await page.getByRole('list', { name: 'Certificates sent' }).getByText('TEST Microsoft IT SSL SHA2').click();
      const fields = page.getByRole('region', { name: 'Fields of TEST Microsoft IT SSL SHA2' });
      const { sha256 } = story.sessions[0].certificates.server.chain[1];
      await fields.getByRole('button', { name: sha256 }).click();
      await fields.getByText('Copied').waitFor();
      expect(await clipboard()).toBe(sha256);
      const saved = page.waitForEvent('download');
      await fields.getByRole('button', { name: 'Save DER' }).click();
      expect((await saved).suggestedFilename()).toBe('chain.pem');
      expect(await calls()).toContainEqual({
        name: 'exportCertificates',
        input: { run: 'r1', certificates: [sha256], format: 'der' },
      });
    });

    it('follows the Certificate message that is selected in the timeline', async () => {
      const { page } = await detailPage(browser, files, story);
      await page.getByRole('option', { name: /^client, TLS Certificate message/ }).click();
      await page.getByRole('list', { name: 'Certificates sent' }).getByText('mail.contoso.com').waitFor();
    });

    it('shows all of many names when asked', async () => {
      const { page } = await detailPage(browser, files, await analysisOf(capture('chain-many-names.pcap')));
      const names = page.getByRole('region', { name: 'Names in the certificate' }).getByRole('listitem');
      await expect.poll(() => names.count()).toBe(20);
      await page.getByRole('button', { name: 'Show all 253 names' }).click();
      await expect.poll(() => names.count()).toBe(253);
    });

    it('names the wrong order and what is surplus', async () => {
      const { page } = await detailPage(browser, files, await analysisOf(capture('chain-wrong-order.pcap')));
      await page.getByText('wrong order: belongs further up').first().waitFor();
      const surplus = await detailPage(browser, files, await analysisOf(capture('chain-surplus-certificates.pcap')));
      await surplus.page.getByText('surplus: sent again').waitFor();
    });
  });

  describe('checks', () => {
    it('begin with the verdict and what stops the mail, and lead to the frame', async () => {
      const { page } = await detailPage(browser, files, story);
      await page.getByRole('tab', { name: /Checks/ }).click();
      const partner = page.getByRole('region', { name: 'Fabrikam' });
      expect(await partner.getByRole('listitem').first().textContent()).toContain('not met');
      await partner.getByText('450 4.7.320 Certificate validation failed').waitFor();
      await partner.getByRole('button', { name: 'frame 13' }).first().click();
      const selected = page.getByRole('option', { selected: true });
      expect(await selected.getAttribute('aria-label')).toContain('TLS Certificate message');
    });

    it('say what to do where no expectation concerns the session', async () => {
      const { page } = await detailPage(browser, files, await analysisOf(capture('chain-expired.pcap')));
      await page.getByRole('tab', { name: /Checks/ }).click();
      await page.getByText("No partner's expectations concern this session.").waitFor();
      await page.getByRole('button', { name: 'Open Expectations' }).waitFor();
      await page.getByText('path not valid').first().waitFor();
    });
  });

  it('says what could not be asked, and asks again', async () => {
    const { page } = await detailPage(browser, files, story);
    const root = page.getByRole('list', { name: 'Path to a root' }).getByText('Baltimore');
    await root.click();
    await page.getByRole('alert').getByText('it comes from the trust policy').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('alert').waitFor();
  });

  describe.each(SIZES)('at $width × $height', (size) => {
    it.each(['light', 'dark'] as const)(
      'has no serious finding of axe in the %s theme, and nothing sticks out',
      async (theme) => {
        const { page } = await detailPage(browser, files, story, { ...size, theme });
        await page.evaluate(AXE);
        for (const tab of ['Certificates', 'Checks', 'Dialogue']) {
          await page.getByRole('tab', { name: new RegExp(tab) }).click();
          await page.getByRole('option', options).first().click();
          const findings = await page.evaluate(async () => {
            const { axe } = window as unknown as {
              axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
            };
            const { violations } = await axe.run();
            return violations
              .filter(({ impact }) => impact === 'serious' || impact === 'critical')
              .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
          });
          expect(findings).toEqual([]);
          const overflow = await page.getByRole('tabpanel').evaluate((panel) => panel.scrollWidth - panel.clientWidth);
          expect(overflow).toBeLessThanOrEqual(0);
        }
      },
    );
  });
});
