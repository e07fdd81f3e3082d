import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ExpectationFiles } from '../../electron/service/expectation-documents.ts';
import { NO_DIALOGS } from '../../electron/service/host-services.ts';
import { temporaryFolder } from '../support/application.ts';

describe('an expectation file', () => {
  it('that is a pipe, a device or a folder is refused, not waited for', async () => {
    const files = new ExpectationFiles(NO_DIALOGS);
    const pipe = join(temporaryFolder(), 'pipe.yaml');
    execFileSync('mkfifo', [pipe]);
    for (const file of [pipe, '/dev/zero', temporaryFolder()]) {
      await expect(files.open(file)).rejects.toMatchObject({
        code: 'not-an-expectation-file',
        message: expect.stringContaining(file),
      });
    }
  });

  it('that was private stays private when it is saved', async () => {
    const files = new ExpectationFiles(NO_DIALOGS);
    const file = join(temporaryFolder(), 'mine.yaml');
    writeFileSync(file, 'old');
    chmodSync(file, 0o600);
    await files.open(file);
    await files.save(file, 'new');
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('behind a link is saved where the link leads, and the link stays', async () => {
    const files = new ExpectationFiles(NO_DIALOGS);
    const folder = temporaryFolder();
    const [file, link] = [join(folder, 'mine.yaml'), join(folder, 'link.yaml')];
    writeFileSync(file, 'old');
    symlinkSync(file, link);
    await files.open(link);
    await files.save(link, 'new');
    expect(readFileSync(file, 'utf8')).toBe('new');
  });
});
