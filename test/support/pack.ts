/**
 * Packs the application as far as a folder, without any network: `tsx test/support/pack.ts PLATFORM DIST OUTPUT [JSON]`, where
 * JSON changes the configuration. A process of its own, because electron-builder listens for signals and changes the environment.
 */
import { join } from 'node:path';
import { Arch, build, Platform } from 'electron-builder';
import config from '../../build/electron-builder.config.ts';

const [, , platform, electronDist, output, change = '{}'] = process.argv;
const projectDir = join(import.meta.dirname, '../..');
await build({
  projectDir,
  targets: Platform.fromString(platform).createTarget('dir', Arch.x64),
  publish: 'never',
  config: { ...config, electronDist, directories: { ...config.directories, output }, ...JSON.parse(change) },
});
