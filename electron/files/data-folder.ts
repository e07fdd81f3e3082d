import { join } from 'node:path';
import type { TrustHost } from './trust-host.ts';

/** Where the application keeps what belongs to this user. The folder need not be there. */
export function dataFolder({
  platform,
  environment,
  home,
}: Pick<TrustHost, 'platform' | 'environment' | 'home'>): string {
  switch (platform) {
    case 'win32':
      return join(environment['APPDATA'] || join(home, 'AppData', 'Roaming'), 'starttrace');
    case 'darwin':
      return join(environment['XDG_DATA_HOME'] || join(home, 'Library', 'Application Support'), 'starttrace');
    default:
      return join(environment['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'starttrace');
  }
}
